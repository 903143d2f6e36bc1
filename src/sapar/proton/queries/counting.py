"""How many courses began, ended and were stopped in a period: counts, and nobody's course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from sapar.proton.models import Course

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Counts of one period.

    Attributes:
        began: courses whose first fraction lies in the period.
        finished: courses that were finished, by the day of their last fraction.
        stopped: courses that ended early, the same.
    """

    began: int
    finished: int
    stopped: int


def outcomes(centre: UUID, first: date, last: date, protocol: str = "") -> Outcomes:
    """The courses of a centre in a period.

    Args:
        centre: the centre.
        first: day of the period.
        last: day of the period.
        protocol: only courses of this protocol; "" for all.
    """
    rows = Course.objects.filter(centre_id=centre)
    if protocol:
        rows = rows.filter(protocol=protocol)
    treated = [Course.State.TREATING, Course.State.FINISHED, Course.State.STOPPED]
    ended = Q(last__range=(first, last))
    found = rows.aggregate(
        began=Count("pk", filter=Q(first__range=(first, last), state__in=treated)),
        finished=Count("pk", filter=ended & Q(state=Course.State.FINISHED)),
        stopped=Count("pk", filter=ended & Q(state=Course.State.STOPPED)),
    )
    return Outcomes(found["began"], found["finished"], found["stopped"])
