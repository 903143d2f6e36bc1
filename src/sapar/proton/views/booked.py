"""What a booking of the waiting list proposes: who begins when, and who finds no place."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sapar.kernel.audit import chain
from sapar.kernel.languages import formats
from sapar.proton.queries import people
from sapar.proton.views import solves

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.proton.queries.people import Who
    from sapar.proton.views.desk import Desk


def proposal(desk: Desk, answer: Mapping[str, Any], called: Mapping[str, str]) -> dict[str, Any]:
    """The proposed calendars, the earliest first, and the courses without one, with reasons.

    Courses bear the ids of their cases; the names shown are noted as read. `called` says what
    sentences call them.
    """
    courses, unplaced = answer.get("courses", ()), answer.get("unplaced", ())
    known = people.known(desk.actor, [UUID(e["course"]) for e in (*courses, *unplaced)])
    chain.note_reads(by=desk.actor, roots=people.roots(known.values()), page="booking-run")
    return {
        "booked": [_line(each, known) for each in sorted(courses, key=lambda c: c["first"])],
        "unplaced": [
            {
                "who": known.get(UUID(each["course"])),
                "why": solves.said(each.get("reasons", ()), called),
            }
            for each in unplaced
        ],
    }


def _line(course: Mapping[str, Any], known: Mapping[UUID, Who]) -> dict[str, Any]:
    rooms = dict.fromkeys(str(each["room"]) for each in course.get("fractions", ()))
    return {
        "who": known.get(UUID(course["course"])),
        "first": formats.short_day(date.fromisoformat(course["first"])),
        "window": "–".join(course["window"]),
        "rooms": ", ".join(rooms),
        "fractions": len(course.get("fractions", ())),
        "late": int(course.get("late") or 0),
    }
