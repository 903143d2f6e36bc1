"""The planted faults put to the tests: what finds each one."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.verification.kinds import FAILED, WARNED
from sapar.hta.engine.verification.verify import all_tests, look, subject_of, verify
from tests.hta.faults import FAULTS, Fault

if TYPE_CHECKING:
    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.engine.verification.subject import Subject
    from sapar.hta.engine.verification.verify import Test, Verification

SHELF = Path(__file__).parents[2] / "data" / "hta"
BY_READER = "the reader of documents"
QUICK = (
    "structure", "sources", "distributions", "conventions", "arms", "parameters", "effects",
    "costs", "discounting", "horizon", "draws", "answer",
)  # fmt: skip
"""Groups in the order in which they are asked; the first that finds a fault ends the search."""
_WORSE = {WARNED: 1, FAILED: 2}


@cache
def document(name: str) -> str:
    """A model of the shelf, as it is published."""
    return (SHELF / f"{name}.yaml").read_text(encoding="utf-8")


@cache
def model_of(name: str) -> AnyModel:
    """A model of the shelf, read."""
    return read_model(document(name))


@cache
def edited(name: str, edits: tuple[tuple[str, str], ...]) -> AnyModel:
    """A model of the shelf with other texts, each of which stands in it once."""
    text = document(name)
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return read_model(text)


@cache
def verified(name: str) -> Verification:
    """A model of the shelf put to every test."""
    return verify(model_of(name))


@cache
def statuses(name: str) -> dict[str, int]:
    """By test how bad it finds a model of the shelf: 2 where it fails, 1 where it warns."""
    return {each.test.id: _WORSE.get(each.outcome.status, 0) for each in verified(name).results}


@cache
def finder(fault: Fault) -> str:
    """The first test that finds a fault worse than the original; empty where none does.

    A fault that the reader refuses is not counted as found by a test: it says `BY_READER`.
    """
    try:
        model = edited(fault.model, fault.edits)
    except BadModelError:
        return BY_READER
    before, subject = statuses(fault.model), subject_of(model)
    quick = sorted(all_tests(), key=lambda each: QUICK.index(each.group))
    return next((each.id for each in quick if _worse(each, subject) > before[each.id]), "")


def _worse(test: Test, subject: Subject) -> int:
    return _WORSE.get(look(test, subject).status, 0)


@cache
def finders() -> dict[str, str]:
    """By fault the test that finds it."""
    return {fault.name: finder(fault) for fault in FAULTS}
