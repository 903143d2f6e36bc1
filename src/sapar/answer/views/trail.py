"""Who did and who read what: the trail of a case and of its patient, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.answer.views import words
from sapar.cases import queries
from sapar.cases.models import Case
from sapar.kernel.audit.queries import history, reads
from sapar.people.queries import same_people

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor
    from sapar.kernel.audit.queries import Entry

LIMIT = 200


def _row(entry: Entry, what: str) -> dict[str, Any]:
    return {
        "at": entry.at,
        "who": words.actor(entry.actor, entry.name),
        "where": words.organisation(entry.organisation),
        "what": what,
        "why": words.purpose(entry.purpose),
        "emergency": entry.purpose == "emergency",
    }


def of_roots(roots: list[tuple[str, UUID]], limit: int = LIMIT) -> dict[str, Any]:
    """What was done to these records and who read them, the newest first."""
    return {
        "done": [_row(entry, words.action(entry.action)) for entry in history(roots, limit=limit)],
        "read": [_row(entry, words.page(entry.action)) for entry in reads(roots, limit=limit)],
    }


def roots_of(case: Case) -> list[tuple[str, UUID]]:
    """The case, and its patient with all of their cases and records that are the same human."""
    if case.person_id is None:
        return [("case", case.pk)]
    same = same_people(case.person_id)
    cases = Case.objects.filter(person_id__in=same).values_list("pk", flat=True)
    return [*(("case", pk) for pk in cases), *(("patient", pk) for pk in sorted(same))]


def of_case(actor: Actor, case: Case) -> dict[str, Any]:
    """The trail of one case with its patient, and its broken glass."""
    return {**of_roots(roots_of(case)), "glass": glass(actor, case.pk)}


def glass(actor: Actor, case: UUID | None = None) -> list[dict[str, Any]]:
    """Emergency accesses that the reader may know of, in words."""
    return [
        {
            "case": row.case_id,
            "number": row.number,
            "who": row.by,
            "where": words.organisation(row.organisation),
            "reason": row.reason,
            "at": row.at,
            "until": row.expires_at,
        }
        for row in queries.broken_glass(actor, case)
    ]
