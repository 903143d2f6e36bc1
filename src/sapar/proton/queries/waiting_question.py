"""All who wait and have no calendar, at once: the question to `book`."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.promise import Asked
from sapar.proton.queries.configuration import require_planning
from sapar.proton.queries.documents import book_document
from sapar.proton.queries.waiting import Waiting, waiting_list

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sapar.proton.queries.configuration import Planning

HORIZON = timedelta(days=270)
DAY = timedelta(days=1)


def _there(known: Planning, entry: Waiting, today: date) -> date:
    """The day on which the patient can be there: the chain before ends on `ready`."""
    protocol = known.protocols.get(entry.protocol)
    chain = sum(step.lead_days for step in protocol.preparation) + 1 if protocol else 0
    day = entry.ready
    while chain > 0 and day > today:
        day -= DAY
        chain -= known.calendar.working(day)
    return max(day, today)


def waiting_document(centre: UUID, *, today: date, work: int | None = None) -> dict[str, Any]:
    """Place all waiting cases on the books together, the heaviest first in doubt.

    Args:
        centre: whose waiting list.
        today: the day from which it is planned.
        work: the budget, in the engine's own units; its usual one if None.

    Returns:
        A document of `book`; a course bears the id of its case.
    """
    known = require_planning(centre, today)
    courses = [
        Asked(
            protocol=entry.protocol,
            urgency=entry.urgency,
            referred=_there(known, entry, today),
            deadline=entry.deadline,
            age=entry.age,
            anaesthesia=entry.anaesthesia,
            country=entry.country,
        ).plain(str(entry.case))
        for entry in waiting_list(known, centre, today)
        if entry.case is not None
        and not entry.state
        and entry.protocol in known.protocols
        and entry.urgency in known.urgencies
    ]
    document = book_document(centre, courses, today=today, horizon=HORIZON)
    return {**document, "work": work} if work is not None else document


def asked_of(course: Mapping[str, Any]) -> Asked:
    """What was asked for, from a course of a document."""

    def day(key: str) -> date | None:
        return date.fromisoformat(course[key]) if course.get(key) else None

    return Asked(
        protocol=course["protocol"],
        urgency=course["urgency"],
        referred=date.fromisoformat(course["referred"]),
        arrival=day("arrival"),
        deadline=day("deadline"),
        age=course.get("age"),
        anaesthesia=bool(course.get("anaesthesia")),
        country=course.get("country") or "",
        payer=course.get("payer") or "",
    )
