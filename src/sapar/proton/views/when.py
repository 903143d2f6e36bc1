"""Days that addresses name."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.http import Http404

if TYPE_CHECKING:
    from sapar.proton.views.desk import Desk

DAY = timedelta(days=1)
FARTHEST = 3660
"""Days from today; a plan lies nearer than that."""


def day_in(desk: Desk, text: str) -> date:
    """The day that an address names.

    Raises:
        Http404: it is no day, or too far away.
    """
    try:
        asked = date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
    if abs((asked - desk.today).days) > FARTHEST:
        raise Http404
    return asked


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - day.weekday() * DAY
