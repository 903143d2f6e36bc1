"""`sapar hta replay`: the public record of a decision on any machine, without a database."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sapar.cli.main import sapar
from sapar.hta import queries
from sapar.hta.lock import engine_digest, lock
from sapar.hta.models import Decision
from sapar.hta.replay import SCHEMA, Difference, replay
from sapar.hta.work import answer
from sapar.kernel.rerun.canonical import digest, numbers, text_digest
from tests.hta import process_world as world

SICK = (Path(__file__).parents[2] / "data" / "hta" / "sick-sicker.yaml").read_text("utf-8")


@functools.cache
def _kept() -> str:
    """A record as the public register gives it, made without one."""
    runs = []
    for kind, options, seed in (
        ("base", {}, 0),
        ("psa", {"draws": 60, "thresholds": [100_000]}, 5),
    ):
        found = answer(SICK, kind, options, seed)
        runs.append(
            {
                "id": kind, "kind": kind, "options": options, "seed": seed,
                "engine": engine_digest(), "lock": lock(), "digest": digest(found),
                "numbers": numbers(found),
            }
        )  # fmt: skip
    record = {
        "schema": SCHEMA, "number": "KZ-1", "verdict": "recommended", "threshold": 100_000.0,
        "currency": "USD", "digest": text_digest(SICK), "document": SICK, "runs": runs,
    }  # fmt: skip
    return json.dumps(record)


def record() -> dict[str, Any]:
    return dict(json.loads(_kept()))


def asked(kept: object, *more: str) -> Result:
    text = kept if isinstance(kept, str) else json.dumps(kept)
    return CliRunner().invoke(sapar, ["--language", "en", "hta", "replay", "-", *more], input=text)


def test_every_published_number_comes_back_and_the_exit_code_is_0() -> None:
    found = asked(record())
    assert found.exit_code == 0, found.output
    wanted = sum(len(run["numbers"]) for run in record()["runs"])
    assert wanted > 200
    assert f"{wanted} numbers were compared." in found.output


def test_a_number_that_is_another_is_named_with_its_run_and_its_place() -> None:
    kept = record()
    kept["runs"][1]["numbers"]["psa.means[2].cost"] += 0.01
    found = asked(kept)
    assert found.exit_code == 1
    assert "psa psa.means[2].cost" in found.output
    told = json.loads(asked(kept, "--json").stdout)
    assert [each["where"] for each in told["differences"]] == ["psa psa.means[2].cost"]
    assert (told["same"], told["as_published"]) == (False, False)


def test_a_published_number_that_does_not_come_back_counts_as_another() -> None:
    kept = record()
    kept["runs"][0]["numbers"] |= {"strategies[0].cost": 1.0, "strategies[99].cost": 1.0}
    found = asked(kept, "--json")
    assert found.exit_code == 1
    differ = json.loads(found.stdout)["differences"]
    assert [each["now"] is None for each in differ] == [False, True]


def test_a_record_without_a_single_number_shows_nothing() -> None:
    kept = record()
    for run in kept["runs"]:
        run["numbers"] = {}
    assert asked(kept).exit_code == 1


def test_the_last_digits_of_another_processor_are_told_and_leave_the_number_as_published() -> None:
    kept = record()
    kept["runs"][0]["numbers"]["strategies[0].cost"] *= 1 + 2**-50
    kept["runs"][0]["lock"] = {**kept["runs"][0]["lock"], "machine": "aarch64"}
    found = asked(kept)
    assert found.exit_code == 0
    assert "1 number differs in its last digits only" in found.output
    assert "Libraries or machine are others" in found.output
    assert not replay(kept).same
    assert replay(kept).as_published


@pytest.mark.parametrize(
    ("published", "now", "visible"),
    [(1.0, 1.0 + 1e-12, False), (1.0, 1.0 + 1e-6, True), (0.0, 1e-30, False), (0.0, 1e-6, True),
     (None, 0.0, True),
     (5.0, None, True), (-1e6, -1e6 - 1e-5, False)],
)  # fmt: skip
def test_only_what_nobody_can_read_counts_as_the_last_digits(
    published: float | None, now: float | None, *, visible: bool
) -> None:
    assert Difference("x", published, now).visible is visible


@pytest.mark.parametrize(
    "broken",
    ["{", "[]", "null", "[" * 100_000, '{"schema": "sapar.hta.record/1"}'],
    ids=["no json", "a list", "nothing", "deep", "empty"],
)
def test_what_is_no_record_is_refused_before_anything_runs(broken: str) -> None:
    found = asked(broken)
    assert found.exit_code == 3
    assert "Traceback" not in found.output


@pytest.mark.parametrize("wrong", ["kind", "options", "numbers", "runs", "document"])
def test_a_record_with_something_missing_or_changed_is_refused(wrong: str) -> None:
    kept = record()
    if wrong == "runs":
        kept["runs"] = "none"
    elif wrong == "document":
        kept["document"] = kept["document"].replace("0.002", "0.003")
    elif wrong == "kind":
        kept["runs"][0]["kind"] = "something"
    else:
        kept["runs"][0].pop(wrong)
    assert asked(kept).exit_code == 3


@pytest.mark.django_db
def test_the_record_of_the_public_register_is_what_the_command_takes() -> None:
    number = Decision.objects.get(pk=world.published()).number
    found = asked(json.dumps(queries.published_record(number)))
    assert found.exit_code == 0, found.output
