"""When a patient is asked: occasions counted from the start or the end of treatment.

Months are calendar months: 31 August and six months is the last of February. Effects up to 90 days
after the end of treatment are acute, later ones late: the usual convention of radiotherapy.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ACUTE_DAYS = 90
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Occasion:
    """One time of asking.

    Attributes:
        id: "baseline", "end", "m3", …
        anchor: "start" or "end" of treatment.
        months: calendar months after the anchor.
        before_days, after_days: how long before and after its day a form is open.
    """

    id: str
    anchor: str
    months: int
    before_days: int
    after_days: int


@dataclass(frozen=True, slots=True)
class Yearly:
    """The yearly occasions from the second year on: "y2" to "y<years>"."""

    years: int
    before_days: int
    after_days: int


@dataclass(frozen=True, slots=True)
class Due:
    """An occasion with its days; the first and the last day of the window are both in it."""

    occasion: str
    due: date
    opens: date
    closes: date


def months_after(day: date, months: int) -> date:
    """The same day so many calendar months later, or the last day of a shorter month."""
    count = day.month - 1 + months
    year, month = day.year + count // MONTHS, count % MONTHS + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def dues(
    occasions: Iterable[Occasion], yearly: Yearly, *, start: date, end: date | None
) -> tuple[Due, ...]:
    """All times of asking of a course, in their order.

    Args:
        occasions: the single ones.
        yearly: those of each further year.
        start: the day of the first fraction.
        end: the day of the last one; None while it is not known: what is counted from it waits.
    """
    every = [
        *occasions,
        *(
            Occasion(f"y{n}", "end", n * MONTHS, yearly.before_days, yearly.after_days)
            for n in range(2, yearly.years + 1)
        ),
    ]
    found = []
    for each in every:
        anchor = start if each.anchor == "start" else end
        if anchor is None:
            continue
        due = months_after(anchor, each.months)
        found.append(
            Due(
                each.id,
                due,
                due - timedelta(days=each.before_days),
                due + timedelta(days=each.after_days),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.due, one.occasion)))


def standing(due: Due, today: date, *, done: bool) -> str:
    """Where a form stands: "done", "ahead", "open" or "missed"."""
    if done:
        return "done"
    if today < due.opens:
        return "ahead"
    return "open" if today <= due.closes else "missed"


def phase(day: date, *, start: date, end: date | None) -> str:
    """When an effect was seen: "baseline", "acute" or "late".

    Args:
        day: of the visit.
        start: the day of the first fraction; that day itself is still before the dose.
        end: the day of the last fraction; None while treatment goes on.
    """
    if day <= start:
        return "baseline"
    if end is None or day <= end + timedelta(days=ACUTE_DAYS):
        return "acute"
    return "late"
