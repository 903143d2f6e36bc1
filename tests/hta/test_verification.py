"""A model put to every test: that each test can fail, that they are quick, and what is shown."""

from __future__ import annotations

import importlib
import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from sapar.cli.main import sapar
from sapar.hta import verification_words as words
from sapar.hta.engine.verification.kinds import FAILED, GROUPS, PASSED, SKIPPED, TESTS, WARNED
from sapar.hta.engine.verification.verify import all_tests, as_document, look, subject_of, verify
from tests.hta.faults import HIP, HIV, MIGRAINE, RESIDENCE, SICK
from tests.hta.planted import SHELF, document, edited, model_of, verified
from tests.hta.provoked import PROVOKED, SOUND
from tests.hta.verification_page import EXPLAINED, PAGE, page

if TYPE_CHECKING:
    from pathlib import Path

    from sapar.hta.engine.verification.kinds import Outcome
    from tests.hta.provoked import Provoked

# One worker, so that no model is put to the tests twice.
pytestmark = pytest.mark.xdist_group("verification")
SECONDS = 10.0


def found_by(name: str, made: Provoked) -> Outcome:
    model = edited(made.model, made.edits) if made.edits else model_of(made.model)
    return look(TESTS[name], subject_of(made.change(model), made.engine()))


def test_there_are_at_least_sixty_tests_for_cohorts_and_a_fair_number_for_trees() -> None:
    assert len(all_tests()) == len(TESTS) >= 60
    for name, least in ((SICK, 60), (RESIDENCE, 60), (HIP, 60), (HIV, 60), (MIGRAINE, 40)):
        counts = verified(name).counts
        assert len(TESTS) - counts[SKIPPED] >= least


@pytest.mark.parametrize("name", [SICK, RESIDENCE])
def test_all_tests_together_take_less_than_ten_seconds(name: str) -> None:
    model = model_of(name)
    since = time.process_time()
    verify(model)
    assert time.process_time() - since < SECONDS


def test_every_test_has_something_that_it_must_find() -> None:
    assert set(PROVOKED) == set(TESTS)


@pytest.mark.parametrize("name", list(TESTS))
def test_it_finds_what_it_looks_for_and_passes_what_is_sound(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = PROVOKED[name]
    sound = SOUND.get(name, replace(made, edits=(), engine=type(made).engine, patch=None))
    sound = replace(sound, change=SOUND[name].change if name in SOUND else lambda model: model)
    assert found_by(name, sound).status in {PASSED, SKIPPED}
    if made.patch is not None:
        module = importlib.import_module(
            f"sapar.hta.engine.verification.{name.split('.', maxsplit=1)[0]}"
        )
        monkeypatch.setattr(module, *made.patch)
    assert found_by(name, made).status in {FAILED, WARNED}


@pytest.mark.parametrize(
    "path",
    [*sorted(SHELF.glob("*.yaml")), *sorted(SHELF.glob("packs/*.yaml"))],
    ids=lambda path: path.stem,
)
def test_every_model_of_the_shelf_can_be_put_to_the_tests(path: Path) -> None:
    found = verified(str(path.relative_to(SHELF).with_suffix("")))
    assert not found.of(FAILED)
    assert len(found.of(PASSED)) >= 30


@pytest.mark.parametrize("name", list(EXPLAINED))
def test_each_warning_about_a_published_model_is_explained(name: str) -> None:
    found = {each.test.id for each in verified(name).of(WARNED)}
    assert found <= set(EXPLAINED[name])


def test_the_same_model_gives_the_same_result() -> None:
    one, other = as_document(verified(HIP)), as_document(verify(model_of(HIP)))
    assert one == other
    assert json.loads(json.dumps(one)) == one
    assert sum(one["counts"].values()) == len(one["tests"]) == len(TESTS)


def test_the_reference_page_is_what_the_tests_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "the tests have changed: SAPAR_MODE=test python -m tests.hta.verification_page"
    )


def call(*arguments: str, given: str | None = None) -> Any:
    return CliRunner().invoke(sapar, ["--language", "en", "hta", "verify", *arguments], input=given)


def test_a_sound_model_ends_with_0_and_its_warnings() -> None:
    found = call(str(SHELF / "hip-replacement.yaml"))
    assert found.exit_code == 0, found.output
    assert "failed" not in found.stdout.splitlines()[0]
    assert found.stdout.splitlines()[0].strip() == "warning"
    assert "17.3015538 in place of 18.3015538" in found.stdout
    assert " 0 failed" in found.stdout.splitlines()[-1]


def test_a_wrong_model_ends_with_1_and_what_failed_first() -> None:
    found = call("--all", "-", given=document(SICK).replace("value: 0.75", "value: 7.5"))
    assert found.exit_code == 1
    lines = [line.strip() for line in found.stdout.splitlines()]
    places = [lines.index(word) for word in ("failed", "warning", "passed", "not applicable")]
    assert places == sorted(places)
    assert any(
        "No year is worth more than 1." in line and "7.5 in place of 1" in line for line in lines
    )


def test_json_has_every_test_and_what_was_found() -> None:
    found = call("--json", "-", given=document(SICK).replace("value: 4000,", "value: -4000,"))
    assert found.exit_code == 1
    made = json.loads(found.stdout)
    assert (made["schema"], made["model"], made["sound"]) == (
        "sapar.hta.verification/1", "sick-sicker", False,
    )  # fmt: skip
    by_id = {each["id"]: each for each in made["tests"]}
    assert by_id["costs.prices_not_negative"]["names"] == ["c_S1"]
    assert words.sentence(by_id["costs.prices_not_negative"]) == "c_S1"


def test_a_document_with_mistakes_is_refused_before_any_test() -> None:
    found = call("-", given=document(SICK).replace("probability(r_HD)", "probability(r_XX)"))
    assert found.exit_code == 3
    assert "r_XX" in found.stderr


def test_every_sentence_of_a_test_can_be_shown() -> None:
    for each in as_document(verified(RESIDENCE))["tests"]:
        assert words.says(each).endswith(".")
        assert words.status(each["status"])
        assert words.group(each["group"]) == GROUPS[each["group"]]
        assert "{" not in words.sentence(each)
