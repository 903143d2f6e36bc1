"""Whether the complication that a model foretells has happened: 1, 0, or not known.

Looked for around the model's time point. It happened where a visit in the window has the grade or
more; it did not where a visit in the window looked for it and found less. Where nobody looked it is
not known, and the patient does not count: an empty chart is no proof of health.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sapar.proton.engine.outcomes.schedule import months_after

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sapar.proton.engine.outcomes.library import Endpoint


@dataclass(frozen=True, slots=True)
class Seen:
    """A grade as it was recorded.

    Attributes:
        day: of the visit.
        term: of CTCAE.
        grade: 0 to 5.
    """

    day: date
    term: str
    grade: int


@dataclass(frozen=True, slots=True)
class Foretold:
    """One patient, one endpoint.

    Attributes:
        endpoint: as `Endpoint.id`.
        predicted: NTCP of what was given, 0 to 1.
        observed: 1, 0, or None where it is not known.
        group: the group of sites.
        model: the name of the model that said it, or "".
    """

    endpoint: str
    predicted: float
    observed: int | None
    group: str = "general"
    model: str = ""


def observed(endpoint: Endpoint, seen: Iterable[Seen], *, end: date | None) -> int | None:
    """Whether the endpoint was met.

    Args:
        endpoint: what is looked for.
        seen: every grade of the patient.
        end: the day of the last fraction; None while treatment goes on: then nothing is known.
    """
    if end is None:
        return None
    middle = months_after(end, endpoint.months)
    reach = timedelta(days=endpoint.window_days)
    within = [
        each.grade
        for each in seen
        if each.term == endpoint.term and middle - reach <= each.day <= middle + reach
    ]
    if not within:
        return None
    return int(max(within) >= endpoint.grade)
