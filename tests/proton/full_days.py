"""Days full of fractions in the records, packed as a clinic packs them; for tests of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.kernel import context
from sapar.proton.models import Books, Course, Fraction
from tests.proton import worlds

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

SHAPES = ((12, 5, 4), (13, 5, 5), (12, 4, 4), (15, 7, 5))
"""Set-up, beam and leaving of the fractions in turn, in minutes; made up."""
ROOMS = ("G1", "G2", "G3")
FIRST = 8 * 60


def fill(centre: UUID, day: date, count: int, *, case: UUID | None = None) -> list[Fraction]:
    """Book `count` fractions on a day, one course each, three rooms, none in another's way.

    Args:
        centre: with its shipped configuration (`worlds.centre`).
        day: a working day.
        count: how many.
        case: the case of the first course.
    """
    free = dict.fromkeys(ROOMS, FIRST)
    beam_free = FIRST
    courses, rows = [], []
    for number in range(count):
        setup, beam, leaving = SHAPES[number % len(SHAPES)]
        room = min(ROOMS, key=lambda each: free[each])
        start = max(free[room], beam_free - setup)
        beam_free = start + setup + beam + 1
        free[room] = start + setup + beam + leaving
        window = (max(0, start - 10 * (number % 5)), start + 30)
        course = Course(
            centre_id=centre,
            case_id=case if number == 0 else None,
            label=f"P-{number + 1:04}",
            protocol=worlds.PROTOCOL,
            urgency="urgent",
            state=Course.State.CONFIRMED,
            first=day,
            last=day,
            window_from=window[0],
            window_to=window[1],
            fractions_planned=15,
        )
        courses.append(course)
        rows.append(
            Fraction(
                course=course,
                centre_id=centre,
                number=1 + number % 15,
                phase=worlds.PHASE,
                date=day,
                room=room,
                start=start,
                setup_min=setup,
                beam_min=beam,
                leaving_min=leaving,
                window_from=window[0],
                window_to=window[1],
            )
        )
    with context.writing_as("fixture"):
        Course.objects.bulk_create(courses)
        Fraction.objects.bulk_create(rows)
        Books.objects.get_or_create(centre_id=centre)
    return rows
