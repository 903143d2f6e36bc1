"""The answer: what is said of one patient, as JSON and as sentences in code form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sapar.values.statements import Statement

SCHEMA = "sapar.selection.assessment/1"
INDICATED, NOT_INDICATED, WORTH_A_PLAN = "indicated", "not-indicated", "worth-a-plan"
NEVER, TO_BE_DECIDED, NOT_BY_RULE = "never-qualifies", "to-be-decided", "not-by-this-rule"
VERDICTS = (INDICATED, NOT_INDICATED, WORTH_A_PLAN, NEVER, TO_BE_DECIDED, NOT_BY_RULE)


@dataclass(frozen=True, slots=True)
class Assessment:
    """An answer; `document` is the whole of it, the rest what is asked for most.

    Attributes:
        verdict: one of `VERDICTS`.
        points_to: the verdict that the numbers would give whatever their marks, or None.
        confidence: share of draws in which the rule says the same, or None where not stated.
        chance: that the rule is met by a plan, coefficients as published; None without draws.
        reasons: in order of weight.
        document: as docs/reference/proton-selection.md describes it.
    """

    verdict: str
    points_to: str | None
    confidence: float | None
    chance: float | None
    reasons: tuple[Statement, ...]
    document: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The document."""
        return self.document


def said(statement: Statement) -> dict[str, Any]:
    """A sentence in code form, as JSON."""
    return {"code": statement.code, "params": {k: str(v) for k, v in statement.params.items()}}


def percent(share: float, digits: int = 1) -> str:
    """A share as per cent or percentage points, for a sentence."""
    return f"{100.0 * share:.{digits}f}"


MOST_DIGITS = 6


def digits_beside(share: float, limit: float, digits: int = 1) -> int:
    """So many digits as leave a share on its own side of a limit: 1.998 is not "2.0 of 2 needed".

    Args:
        share: 0 to 1.
        limit: the same; reaching it, but for the last bit, is enough.
        digits: at least.
    """
    reached = share >= limit - 1e-12
    for count in range(digits, MOST_DIGITS):
        if (round(100.0 * share, count) >= 100.0 * limit - 1e-10) is reached:
            return count
    return MOST_DIGITS


def for_hta(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The differences of an answer in the form in which one patient's benefit is judged.

    Returns one entry for each complication that counts and whose difference is known: `name`
    (id), `difference`, `low` and `high` (95 % interval; the difference itself where none is
    stated, and `stated` False), all −1 to 1. Of a complication with several grades only the lowest
    is given: the severe cases are among the milder.
    """
    found: dict[str, dict[str, Any]] = {}
    for each in document["endpoints"]:
        if not each["counts"] or each["difference"] is None:
            continue
        kept = found.get(each["endpoint"])
        if kept is not None and (kept["grade"] or 0) <= (each["grade"] or 0):
            continue
        middle = each["difference"]
        low, high = each["interval_95"] or (middle, middle)
        found[each["endpoint"]] = {
            "name": each["id"],
            "grade": each["grade"],
            "difference": middle,
            "low": min(low, middle),
            "high": max(high, middle),
            "stated": each["interval_95"] is not None,
        }
    return list(found.values())
