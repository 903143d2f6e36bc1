"""Problems as JSON and back: what was found in a study, kept once and read in five languages."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sapar.values.statements import Param

MOST = 200
"""So many findings of one delivery are kept: the fatal ones first."""


def as_json(problem: Problem) -> dict[str, Any]:
    """One problem; decimals and days are kept as such."""
    return {
        "code": problem.code,
        "where": problem.where,
        "value": problem.value,
        "fatal": problem.fatal,
        "params": {name: _out(value) for name, value in problem.params.items()},
    }


def all_as_json(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Problems, the fatal ones first, each once, at most `MOST`."""
    once: dict[str, Problem] = {}
    for each in sorted(problems, key=lambda problem: not problem.fatal):
        once.setdefault(repr((each.code, each.where, each.value, dict(each.params))), each)
    return [as_json(each) for each in list(once.values())[:MOST]]


def from_json(document: Mapping[str, Any]) -> Problem:
    """The problem that `as_json` wrote."""
    return Problem.of(
        str(document["code"]),
        where=str(document.get("where", "")),
        value=document.get("value", ""),
        fatal=bool(document.get("fatal", True)),
        **{name: _in(value) for name, value in document.get("params", {}).items()},
    )


def _out(value: Param) -> Any:
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, date) and not isinstance(value, datetime):
        return {"day": value.isoformat()}
    return value if value is None or isinstance(value, str | int) else str(value)


def _in(value: Any) -> Param:
    if not isinstance(value, dict):
        kept: Param = value
        return kept
    if "decimal" in value:
        return Decimal(value["decimal"])
    return date.fromisoformat(value["day"])
