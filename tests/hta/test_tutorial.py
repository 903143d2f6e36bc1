"""The tutorial is true: every command on the page says what the page shows."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.hta.tutorial import BLOCK, PAGE, Said, run, steps

NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
AGAIN = (
    "the page is old: SAPAR_MODE=test DJANGO_SETTINGS_MODULE=sapar.site.settings "
    "python -m tests.hta.tutorial"
)


@cache
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


@cache
def said() -> list[Said]:
    with TemporaryDirectory() as folder:
        return run(page(), Path(folder))


def numbers(text: str) -> list[tuple[float, float]]:
    """Every number with the step to which it was rounded."""
    found = [each.replace(",", "") for each in NUMBER.findall(text)]
    return [(float(each), 10.0 ** -len(each.partition(".")[2])) for each in found]


def words(text: str) -> list[str]:
    return NUMBER.sub("#", text).split()


def test_every_command_of_the_page_says_what_the_page_shows() -> None:
    assert len(said()) >= 15
    for each in said():
        assert words(each.shown) == words(each.given), (each.command, AGAIN)
        for (shown, step), (given, _) in zip(numbers(each.shown), numbers(each.given), strict=True):
            # The last digit may differ where another machine adds in another order.
            assert given == pytest.approx(shown, rel=2e-3, abs=1.01 * step), (each.command, AGAIN)


def one(command: str) -> str:
    (found,) = {each.given for each in said() if each.command.startswith(command)}
    return found


def test_the_sketch_is_not_assessable_and_the_end_is() -> None:
    first, *_, last = [each for each in said() if " run " in each.command]
    assert "Not assessable: 6 inputs have no source" in first.given
    assert "Not assessable" not in last.given
    assert "At 10,000: best Zidovudine and lamivudine, in 9" in last.given
    middle = next(each.given for each in said() if "hiv.yaml" in each.command)
    assert "Not assessable: 1 input has no source: c_lamivudine." in middle


def test_yaml_and_python_give_the_same_numbers() -> None:
    told = {row.partition(":")[0]: numbers(row) for row in one("python first.py").splitlines()}
    for label, [(cost, _), (years, _)] in list(told.items())[:2]:
        row = next(each for each in said()[0].given.splitlines() if each.startswith(label + "  "))
        assert numbers(row)[:2] == [(cost, 0.01), (years, 0.0001)]


def test_the_base_case_is_the_published_one_and_the_study_was_worked_out_twice() -> None:
    found = [each.given for each in said() if each.command.startswith("sapar hta run hiv")]
    assert all("6,275.96" in each for each in found)
    rows = one("sapar hta voi hiv.yaml --threshold 6000 --draws 2000 --seed 1 --study").splitlines()
    for row in rows[2:5]:
        people, one_way, error, other, other_error, *_ = [value for value, _ in numbers(row)]
        assert people >= 100
        assert abs(one_way - other) < 3 * (error**2 + other_error**2) ** 0.5
    assert "disagree" not in "".join(rows)


def test_the_page_walks_through_everything_that_it_promises() -> None:
    asked = " ".join(
        command for kind, text in BLOCK.findall(page()) if kind == "console"
        for command, _ in steps(text)
    )  # fmt: skip
    for word in ("run", "sensitivity", "convention-diff", "--until-stable", "voi", "--study",
                 "bia", "verify", "dossier", "python first.py"):  # fmt: skip
        assert word in asked
    headings = re.findall(r"^## (\d+)\.", page(), re.MULTILINE)
    assert headings == [str(k) for k in range(1, len(headings) + 1)]


def test_packs_that_the_page_names_exist() -> None:
    for name in re.findall(r"data/hta/packs/[\w-]+\.yaml", page()):
        assert (PAGE.parents[2] / name).exists()
