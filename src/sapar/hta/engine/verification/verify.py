"""A model put to every test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.verification import (  # noqa: F401 - each module adds its tests
    answer,
    arms,
    branches,
    change,
    conventions,
    costs,
    discounting,
    distributions,
    draws,
    effects,
    horizon,
    parameters,
    sources,
    structure,
)
from sapar.hta.engine.verification.kinds import (
    FAILED,
    GROUPS,
    STATUSES,
    TESTS,
    Outcome,
    Test,
    gettext_noop,
    skipped,
)
from sapar.hta.engine.verification.subject import NEEDS, Engine, Subject

if TYPE_CHECKING:
    from sapar.hta.engine.model.model import AnyModel

PEOPLE, PEOPLE_A_DRAW = 2_000, 100
"""People in the base case and in a draw, where a model draws people."""
_REFUSED = gettext_noop("The model cannot be worked out as this test asks: {problem}")


@dataclass(frozen=True, slots=True)
class Result:
    """A test and what it found."""

    test: Test
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Verification:
    """What all tests found on one model.

    Attributes:
        model, version: which model it was.
        results: in the order of the groups.
    """

    model: str
    version: str
    results: tuple[Result, ...]

    @property
    def sound(self) -> bool:
        """Whether no test failed."""
        return not self.of(FAILED)

    def of(self, status: str) -> tuple[Result, ...]:
        """The results with a status."""
        return tuple(each for each in self.results if each.outcome.status == status)

    @property
    def counts(self) -> dict[str, int]:
        """How many tests have each status."""
        return {status: len(self.of(status)) for status in STATUSES}


def look(test: Test, subject: Subject) -> Outcome:
    """Put a model to one test."""
    try:
        for need in test.needs:
            has, why = NEEDS[need]
            if not has(subject):
                return skipped(why)
        return test.check(subject)
    except BadModelError as error:
        problem = error.problems[0]
        said = f"{problem.code} {problem.where} {problem.value}".strip()
        return skipped(_REFUSED, problem=said)


def all_tests() -> tuple[Test, ...]:
    """All tests, group by group."""
    order = list(GROUPS)
    return tuple(sorted(TESTS.values(), key=lambda each: order.index(each.group)))


def subject_of(model: AnyModel, engine: Engine | None = None) -> Subject:
    """A model as the tests take it: smaller where people are drawn, for speed."""
    return Subject(change.lighter(model, PEOPLE, PEOPLE_A_DRAW), engine or Engine())


def verify(model: AnyModel, engine: Engine | None = None) -> Verification:
    """Put a model to every test; the same model always gives the same result.

    Args:
        model: of any kind.
        engine: what works it out; ours by default.
    """
    subject = subject_of(model, engine)
    results = tuple(Result(each, look(each, subject)) for each in all_tests())
    return Verification(model.id, model.version, results)


def as_document(found: Verification) -> dict[str, Any]:
    """A verification as a `sapar.hta.verification/1` document.

    Its sentences are English and can be looked up in the catalogues; `why` has places for `params`.
    """
    return {
        "schema": "sapar.hta.verification/1",
        "model": found.model,
        "version": found.version,
        "sound": found.sound,
        "counts": found.counts,
        "tests": [
            {
                "id": each.test.id,
                "group": each.test.group,
                "says": each.test.says,
                "status": each.outcome.status,
                "why": each.outcome.why,
                "params": dict(each.outcome.params),
                "found": each.outcome.found,
                "expected": each.outcome.expected,
                "names": list(each.outcome.names),
            }
            for each in found.results
        ],
    }
