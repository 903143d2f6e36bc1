"""`sapar hta` on a terminal: a model in, a comparison out, mistakes in the reader's language."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from django.conf import settings

from sapar.cli.main import sapar
from sapar.hta.cli_input import sized

if TYPE_CHECKING:
    from click.testing import Result

MODELS = settings.ROOT / "data" / "hta"
SICK = str(MODELS / "sick-sicker.yaml")


def call(*arguments: str, given: str | None = None, language: str = "en") -> Result:
    return CliRunner().invoke(sapar, ["--language", language, "hta", *arguments], input=given)


def test_a_model_is_compared_on_the_terminal() -> None:
    found = call("run", SICK)
    assert found.exit_code == 0, found.output
    lines = [line.split() for line in found.stdout.splitlines()]
    assert lines[0] == ["Sick-Sicker,", "a", "teaching", "example"]
    assert ["Treatment", "B", "259,100.41", "22.1845", "72,987.64"] in lines
    assert ["Treatment", "A", "284,804.51", "21.4987", "dominated"] in lines


def test_the_whole_answer_is_json_and_the_same_for_the_same_seed() -> None:
    arguments = ("run", SICK, "--psa", "300", "--seed", "4", "--threshold", "100000", "--json")
    first, second = call(*arguments), call(*arguments)
    assert first.stdout == second.stdout
    found = json.loads(first.stdout)
    assert found["schema"] == "sapar.hta.answer/1"
    assert found["conventions"]["within_cycle"] == "darth"
    by_name = {each["strategy"]: each for each in found["strategies"]}
    assert by_name["ab"]["icer"] == pytest.approx(125_763.786, rel=1e-8)
    assert by_name["soc"]["undiscounted"]["cost"] > by_name["soc"]["cost"]
    at = found["psa"]["thresholds"][0]
    assert sum(at["chances"].values()) == pytest.approx(1)
    assert at["loss"][at["best"]] == pytest.approx(at["evpi"])
    other = call(*arguments[:5], "5", *arguments[6:])
    assert json.loads(other.stdout)["psa"]["means"] != found["psa"]["means"]


def test_the_difference_that_conventions_make_is_a_table() -> None:
    said = json.loads(call("convention-diff", SICK, "--json").stdout)
    assert said["schema"] == "sapar.hta.convention-diff/1"
    found = said["conventions"]
    costs = {
        (each["within_cycle"], each["discounting"]): each["strategies"]["soc"]["cost"]
        for each in found
    }
    for rule, cost in (
        ("darth", 151_579.866),
        ("half-cycle", 152_262.291),
        ("life-table", 154_535.412),
    ):
        assert costs[rule, "discrete"] == pytest.approx(cost, abs=5e-4)
    assert [each["within_cycle"] for each in found if each["of_the_model"]] == ["darth"]
    shown = call("convention-diff", SICK).stdout
    assert "darth, discrete *" in shown
    assert "152,262.291" in shown


def test_mistakes_are_told_with_line_value_and_remedy_in_the_readers_language() -> None:
    text = (MODELS / "hiv.yaml").read_text(encoding="utf-8").replace("cycles: 20", "cycles: many")
    found = call("run", "-", given=text, language="ru")
    assert found.exit_code == 3
    assert "Это не целое число." in found.stderr
    assert "settings.cycles:9" in found.stderr
    assert "many" in found.stderr
    assert "Напишите целое число." in found.stderr


def test_an_input_that_moves_nothing_is_warned_of() -> None:
    text = (MODELS / "hiv.yaml").read_text(encoding="utf-8")
    text = text.replace("parameters:\n", "parameters:\n  forgotten: 3\n")
    found = call("run", "-", given=text)
    assert found.exit_code == 0
    assert "Nothing uses the input forgotten." in found.stderr


@pytest.mark.parametrize("given", ["\udcff", "a: &b 1", "", "{", "[" * 5000])
def test_hostile_input_is_a_mistake_and_no_traceback(given: str) -> None:
    content = given.encode("utf-8", "surrogateescape")
    found = CliRunner().invoke(sapar, ["--language", "en", "hta", "run", "-"], input=content)
    assert found.exit_code == 3
    assert "Remedy:" in found.stderr


def test_what_knowing_is_worth_is_told_with_its_error() -> None:
    arguments = ("voi", SICK, "--threshold", "100000", "--draws", "2000", "--known", "u_S1, c_A")
    found = json.loads(call(*arguments, "--json").stdout)
    by_name = {",".join(each["names"]): each for each in found["evppi"]}
    assert len(by_name) == 17
    assert found["schema"] == "sapar.hta.voi/1"
    assert by_name["u_S1"]["value"] <= by_name["u_S1,c_A"]["value"] + 300
    assert by_name["u_S1,c_A"]["value"] <= found["evpi"] + 2 * found["evpi_error"]
    assert found["falling"] == []
    shown = call(*arguments)
    assert "Knowing everything would be worth" in shown.stdout
    assert "u_S1, c_A" in shown.stdout
    wrong = call(*arguments[:-1], "u_S1, on_A")
    assert wrong.exit_code == 2
    assert "on_A" in wrong.stderr


SMALL = """schema: sapar.hta.tree/1
id: small
strategies: {none: None, some: Something}
parameters:
  p: {value: 1, distribution: "normal(mean=1, sd=1)"}
  on: {by_strategy: {none: 0, some: 1}}
tree: {pays: {cost: on * p}}
rewards: {cost: {}, qaly: {}}
decision: {cost: cost, effect: qaly}
"""


def test_a_small_worth_has_the_digits_that_its_error_allows_and_each_set_one_row() -> None:
    found = call("voi", "-", "--threshold", "0", "--known", "p", "--known", "p,p", given=SMALL)
    assert found.exit_code == 0, found.output
    # E max(0, -p) for p normal with mean and deviation 1.
    assert "worth 0.08" in found.stdout
    rows = [line for line in found.stdout.splitlines() if line.startswith("p ")]
    assert len(rows) == 1
    value, error = (float(each) for each in rows[0].split()[1::2])
    assert abs(value - 0.0833) < 3 * error < 0.05


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [
        (0.49, 0.0123, "0.490 ± 0.012"),
        (2_204.6, 61.2, "2,205 ± 61"),
        (12.34, 4.32, "12.3 ± 4.3"),
        (0.4567, 0.0, "0.457 ± 0"),
        (0.0, 0.0, "0 ± 0"),
    ],
)
def test_a_value_is_shown_as_exactly_as_its_error_allows(
    value: float, error: float, said: str
) -> None:
    assert sized(value, error) == said


@pytest.mark.parametrize("threshold", ["nan", "inf", "-1"])
@pytest.mark.parametrize(
    "asked",
    ["run -", "voi -", "sensitivity -", "dossier -", "two-way - --inputs p,on", "xlsx - --out x"],
)
def test_a_threshold_that_is_no_finite_number_is_wrong_use(asked: str, threshold: str) -> None:
    found = call(*asked.split(), "--threshold", threshold, given=SMALL)
    assert found.exit_code == 2
    assert "--threshold" in found.stderr


def test_draws_without_a_threshold_give_means_with_their_errors() -> None:
    found = call("run", "-", "--psa", "400", given=SMALL)
    assert found.exit_code == 0, found.output
    assert "Means over 400 draws; ± is one Monte-Carlo standard error." in found.stdout
    row = next(
        line for line in found.stdout.splitlines() if line.count("±") == 2 and "Some" in line
    )
    mean, error = (float(each) for each in row.split()[1:4:2])
    assert abs(mean - 1) < 4 * error < 0.3
    assert "--threshold" in found.stdout
    fixed = SMALL.replace(', distribution: "normal(mean=1, sd=1)"', "")
    assert "No input has a distribution." in call("run", "-", "--psa", "400", given=fixed).stdout


def test_of_very_many_warnings_and_mistakes_the_first_ones_are_told() -> None:
    many = "\n".join(f"  idle_{k}: {{value: 1}}" for k in range(80))
    text = SMALL.replace("  on:", f"{many}\n  on:")
    found = call("run", "-", given=text)
    assert found.stderr.count("Nothing uses") == 50
    assert "… and 30 others" in found.stderr
    found = call(
        "run",
        "-",
        given=text.replace("{value: 1}}", "{value: many}}").replace("{value: 1}", "{value: [a]}"),
    )
    assert found.exit_code == 3
    assert found.stderr.count("Remedy:") == 50
    assert "… and " in found.stderr
