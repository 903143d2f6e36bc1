"""Whether the complication that a model foretells has happened: 1, 0, or not known.

Looked for around the model's time point. It happened where a visit in the window has the grade or
more; it did not where a visit in the window looked for it and found less. Where nobody looked it is
not known, and the patient does not count: an empty chart is no proof of health.

Who has the complication before treatment cannot get it from the treatment. A model that takes the
baseline as a predictor foretells of such patients, too, and they stay; from the comparison with any
other model they are left out, and counted beside it (`at_baseline`). Where nobody looked before
treatment that is not known: the patient counts, and it is said how many those are.
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
        baseline: the grade of the term before treatment; None where nobody looked.
        asks: whether the model takes the complication at baseline as a predictor.
        told: whether it was told that there is one.
    """

    endpoint: str
    predicted: float
    observed: int | None
    group: str = "general"
    model: str = ""
    baseline: int | None = None
    asks: bool = False
    told: bool = False


NEW, KEPT, LEFT_OUT, UNKNOWN = "new", "kept", "left-out", "unknown"


def baseline(endpoint: Endpoint, seen: Iterable[Seen], *, start: date) -> int | None:
    """The grade of the endpoint's term before treatment; None where nobody looked.

    Args:
        endpoint: what is looked for.
        seen: every grade of the patient.
        start: the day of the first fraction, which is still before the dose. The latest day on
            which somebody looked counts, and the worst grade of that day.
    """
    before = [each for each in seen if each.term == endpoint.term and each.day <= start]
    latest = max((each.day for each in before), default=None)
    return max((each.grade for each in before if each.day == latest), default=None)


def at_baseline(one: Foretold, grade: int) -> str:
    """How a patient stands in the comparison, by what they had before treatment.

    Args:
        one: the patient.
        grade: from which on the complication counts.

    Returns:
        `NEW`: they had it not, or less. `KEPT`: they had it, and the model was told of it.
        `LEFT_OUT`: they had it, and the model does not ask, or was told that they had it not.
        `UNKNOWN`: nobody looked, and the model does not ask.
    """
    if one.baseline is None:
        return NEW if one.asks else UNKNOWN
    if one.baseline < grade:
        return NEW
    return KEPT if one.asks and one.told else LEFT_OUT


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
