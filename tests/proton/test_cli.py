"""`sapar proton` on a terminal: examples in, checked answers out, and what is said of bad files."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from django.conf import settings
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from sapar.cli.main import sapar
from sapar.proton.engine.scheduling import verify

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

FOLDER = settings.ROOT / "docs" / "reference" / "proton"
SCHEMAS = {path.name: json.loads(path.read_text()) for path in FOLDER.glob("*.schema.json")}
REGISTRY: Registry[Any] = Registry().with_resources(
    [(name, Resource.from_contents(schema)) for name, schema in SCHEMAS.items()]
    + [(schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()]
)


def call(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(sapar, ["--language", "en", "proton", *arguments], input=given)


@lru_cache
def shown(kind: str) -> str:
    """The example of a kind as the command prints it; its books take seconds to fill."""
    found = call("example", kind)
    assert found.exit_code == 0, found.output
    return found.stdout


def fits(document: dict[str, Any], name: str) -> list[str]:
    validator = Draft202012Validator(SCHEMAS[f"{name}.schema.json"], registry=REGISTRY)
    return [f"{list(e.absolute_path)}: {e.message[:200]}" for e in validator.iter_errors(document)]


def small(kind: str, document: dict[str, Any]) -> dict[str, Any]:
    """The same kind of document, with a small budget."""
    if kind == "capacity":
        return {**document, "draws": 8}
    if kind == "year":
        return {**document, "days": 60, "warm_up_days": 20, "mode": "fast"}
    if kind == "day":
        return {**document, "work": 400_000}
    if kind == "book":
        return {**document, "courses": document["courses"][:8], "work": 40}
    return document


@pytest.mark.parametrize("kind", ["capacity", "year", "day", "book", "offer", "replan"])
def test_an_example_goes_in_and_an_answer_that_passes_the_checker_comes_out(
    kind: str, tmp_path: Path
) -> None:
    document = small(kind, json.loads(shown(kind)))
    assert fits(document, kind) == []
    given = json.dumps(document)
    found = call(kind, "-", given=given)
    assert found.exit_code == 0, found.output[-2000:]
    answer = json.loads(found.stdout)
    assert fits(answer, f"{kind}.answer") == []
    assert verify.check(document, answer) == []
    problem_file, answer_file = tmp_path / "problem.json", tmp_path / "answer.json"
    problem_file.write_text(given)
    answer_file.write_text(found.stdout)
    assert call("check", str(problem_file), str(answer_file)).exit_code == 0


def test_an_answer_that_was_touched_is_refused_with_its_place(tmp_path: Path) -> None:
    document = small("day", json.loads(shown("day")))
    answer = json.loads(call("day", "-", given=json.dumps(document)).stdout)
    answer["plan"][0]["start"] = answer["plan"][1]["start"]
    problem_file, answer_file = tmp_path / "problem.json", tmp_path / "answer.json"
    problem_file.write_text(json.dumps(document))
    answer_file.write_text(json.dumps(answer))
    found = call("check", str(problem_file), str(answer_file))
    assert found.exit_code == 1
    assert "plan[0]" in found.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{", "JSON"),
        ("[1, 2]", "another kind"),
        ('{"schema": "sapar.proton.book/1"}', "sapar.proton.day/1"),
    ],
)
def test_a_file_that_is_no_problem_is_refused_with_a_remedy(given: str, said: str) -> None:
    found = call("day", "-", given=given)
    assert found.exit_code == 3
    assert found.stdout == ""
    assert said in found.stderr
    assert "Remedy" in found.stderr


def test_many_years_do_not_depend_on_the_number_of_workers() -> None:
    document = small("year", json.loads(shown("year")))
    given = json.dumps(document)
    one, two = (call("year", "-", "--years", "6", "--workers", str(n), given=given) for n in (1, 2))
    assert one.exit_code == 0, one.output[-2000:]
    assert one.stdout == two.stdout
    assert json.loads(one.stdout)["years"] == 6
