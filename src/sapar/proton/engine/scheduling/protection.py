"""Minutes kept for the urgent who have not come yet: learned from years that could come.

The rule is nested protection levels as in airline seats: Littlewood's rule (K. Littlewood, 1972,
reprinted in J. Revenue Pricing Manag. 4, 2005) for two classes, and for more classes EMSR-b (P. P.
Belobaba, 1992; see van Ryzin and McGill, Management Science 46, 2000), which takes all classes
above one together with their mean weight. A course of weight w leaves so many minutes free that
the more urgent, of mean weight W, will want more than that with the probability w / W only.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.proton.engine.scheduling.offer.chain import earliest_of
from sapar.proton.engine.scheduling.offer.kept import (
    NOTHING,
    Protection,
    protection_of,
    read_protection,
)
from sapar.proton.engine.scheduling.offer.prepared import Prepared
from sapar.proton.engine.scheduling.offer.search import units_of
from sapar.proton.engine.scheduling.problem.books import Books
from sapar.proton.engine.scheduling.problem.course import Course, Weights
from sapar.proton.engine.scheduling.scenario import arrivals

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.problem.centre import Centre
    from sapar.proton.engine.scheduling.problem.course import Protocol, Urgency
    from sapar.proton.engine.scheduling.problem.demand import Demand
    from sapar.proton.engine.scheduling.scenario import Arrival

__all__ = ["NOTHING", "Protection", "learn", "protection_of", "read_protection"]

LEADS = 90
"""Working days ahead for which levels are learned; longer leads have the last one."""

SETTLED = 100
"""Working days at the beginning of a scenario that are not looked at: nobody had come before."""


def _requests(
    prepared: Prepared, coming: list[Arrival], days: list[date], names: list[str]
) -> NDArray[np.float64]:
    """Minutes that would be asked for: by urgency, day, lead at which they are asked, resource."""
    index = {day: number for number, day in enumerate(days)}
    found = np.zeros((len(names), len(days), LEADS, 2))
    known: dict[tuple[object, ...], date | None] = {}
    for each in coming:
        protocol = prepared.books.protocols[each.protocol]
        course = Course(
            each.id,
            each.protocol,
            each.fractions,
            each.urgency,
            each.referred,
            arrival=each.arrival,
        )
        key = (each.protocol, each.referred, each.arrival)
        if key not in known:
            known[key] = earliest_of(prepared, course, protocol)
        first = known[key]
        if first is None:
            continue
        row, begin, asked = names.index(each.urgency), index[first], index[each.referred]
        for number, unit in enumerate(units_of(protocol, course)):
            day = begin + number
            if day < len(days) and day - asked < LEADS:
                found[row, day, day - asked, 0] += sum(map(sum, unit.times))
                found[row, day, day - asked, 1] += sum(times[1] for times in unit.times)
    return found


def learn(
    demand: Demand,
    centre: Centre,
    protocols: dict[str, Protocol],
    urgencies: dict[str, Urgency],
    *,
    first: date,
    seed: int = 0,
    scenarios: int = 20,
    scale: float = 1.0,
) -> dict[str, Any]:
    """Learn how many minutes to keep, by urgency of who asks and by lead.

    Args:
        demand: who will come.
        centre: the centre; its calendar gives the working days and the most that can be kept.
        protocols: by id.
        urgencies: by id; their weights decide how much is kept from whom.
        first: the day from which scenarios run, for 1.5 years.
        seed: of the scenarios.
        scenarios: how many years are drawn.
        scale: all levels times this number; 1 is the rule as it stands.

    Returns:
        A `protection` block of kind "learned". A level falls to zero as its day comes near.
    """
    end = first + timedelta(days=545)
    books = Books(centre, first, first, end, urgencies, Weights(), (), protocols, (), ())
    prepared = Prepared(books)
    days = prepared.working_days(first, end)
    per_year = len(prepared.working_days(first, first + timedelta(days=364)))
    names = sorted(urgencies)
    # By scenario and day: minutes still to be asked for by each urgency at each lead.
    table = []
    for number in range(scenarios):
        coming = arrivals(demand, protocols, days, per_year, seed + number)
        table.append(_requests(prepared, coming, days, names)[:, SETTLED:])
    asked = np.concatenate(table, axis=1)
    later = np.cumsum(asked, axis=2) - asked
    mean = asked.sum(axis=(1, 2))[:, 0]
    most = np.median(
        [(prepared.day(day).room_min, prepared.day(day).beam_min) for day in days], axis=0
    )
    levels = _levels(urgencies, names, mean, later, most, scale=scale)
    return {
        "kind": "learned",
        "levels": levels,
        "rule": "EMSR-b",
        "seed": seed,
        "scenarios": scenarios,
        "scale": scale,
    }


def _levels(
    urgencies: dict[str, Urgency],
    names: list[str],
    mean: NDArray[np.float64],
    later: NDArray[np.float64],
    most: NDArray[np.float64],
    *,
    scale: float,
) -> dict[str, Any]:
    """EMSR-b for each urgency but the highest: minutes by lead.

    Args:
        urgencies: by id.
        names: the rows of `mean` and `later`.
        mean: minutes in all that each urgency asks for.
        later: minutes that are still asked for, by urgency, day, lead and resource.
        most: nothing above this is kept, by resource.
        scale: all levels times this number.
    """
    levels: dict[str, Any] = {}
    for name in names:
        weight = urgencies[name].weight
        above = [row for row, other in enumerate(names) if urgencies[other].weight > weight]
        total = sum(mean[row] for row in above)
        if not above or total <= 0:
            continue
        better = sum(urgencies[names[row]].weight * mean[row] for row in above) / total
        level = scale * np.quantile(later[above].sum(axis=0), 1.0 - weight / better, axis=0)
        level = np.minimum(level, 0.9 * most)
        levels[name] = {
            "rooms": [int(minutes) for minutes in level[:, 0]],
            "beams": [int(minutes) for minutes in level[:, 1]],
        }
    return levels
