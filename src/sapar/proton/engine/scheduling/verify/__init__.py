"""The independent checker: a problem and an answer in, every rule that the answer breaks out.

Written from `docs/reference/proton-problems.md` alone. It shares no code with the solvers and none
with the readers of their problems, so that a misreading of one is found by the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.verify.book import check_book
from sapar.proton.engine.scheduling.verify.day import check_day
from sapar.proton.engine.scheduling.verify.findings import STOPPED_BY, Findings
from sapar.proton.engine.scheduling.verify.numbers import check_capacity
from sapar.proton.engine.scheduling.verify.offer import check_offer
from sapar.proton.engine.scheduling.verify.replan import check_replan
from sapar.proton.engine.scheduling.verify.year import check_year

if TYPE_CHECKING:
    from collections.abc import Callable

    from sapar.values.statements import Problem

__all__ = ["check"]

CHECKS: dict[str, Callable[[dict[str, Any], dict[str, Any], Findings], None]] = {
    "sapar.proton.day/1": check_day,
    "sapar.proton.book/1": check_book,
    "sapar.proton.offer/1": check_offer,
    "sapar.proton.replan/1": check_replan,
    "sapar.proton.capacity/1": check_capacity,
    "sapar.proton.year/1": check_year,
}
"""By the `schema` of a problem; its answer has the same name with `.answer` before the slash."""

UNREADABLE = (
    RecursionError,
    ArithmeticError,
    AttributeError,
    LookupError,
    StopIteration,
    TypeError,
    ValueError,
)


def check(problem: dict[str, Any], answer: dict[str, Any]) -> list[Problem]:
    """All faults of an answer; an empty list says that the answer is right.

    Args:
        problem: a problem document as read from JSON, already found readable.
        answer: the answer to it, as written to JSON.

    Returns:
        Problems with a code `proton.verify.…`, the path in the answer (`plan[3].start`) and the
        value there. A document that cannot be read at all gives one problem, never an error.
    """
    found = Findings()
    schema, given = _schema(problem), _schema(answer)
    if schema not in CHECKS:
        found.add("proton.verify.schema_unknown", "schema", schema)
        return found.problems
    wanted = schema.replace("/", ".answer/")
    if given != wanted:
        found.add("proton.verify.schema_differs", "schema", given, wanted=wanted)
        return found.problems
    try:
        problem = _given(problem)
        CHECKS[schema](problem, answer, found)
    except UNREADABLE as error:
        # What no rule expects: a problem that no reader would take.
        found.add("proton.verify.unreadable", "", f"{type(error).__name__}: {error}")
    ended = answer.get("stopped_by")
    if isinstance(ended, str) and ended not in STOPPED_BY:
        found.add("proton.verify.status_unknown", "stopped_by", ended)
    seed = problem.get("seed", 0)
    if "seed" in answer and answer["seed"] != seed:
        found.add("proton.verify.seed_differs", "seed", answer["seed"], wanted=seed)
    return found.problems


def _given(value: Any) -> Any:
    """A document without the keys whose value is null: they count as left out."""
    if isinstance(value, dict):
        return {key: _given(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_given(inner) if isinstance(inner, dict | list) else inner for inner in value]
    return value


def _schema(document: Any) -> str:
    """What a document says it is; nothing where it is no document."""
    found = document.get("schema") if isinstance(document, dict) else None
    return found if isinstance(found, str) else ""
