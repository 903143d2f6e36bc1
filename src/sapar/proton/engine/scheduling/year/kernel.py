"""The compiled inner loop of the fast mode: minutes by the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.scheduling.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]
    Real = NDArray[np.float64]

# Columns of `who`.
REF, EARLIEST, LEAST, UNITS, MIN_WEEK, MAX_WEEK, MAX_GAP, NO_START, KEPT = range(9)
# Columns of `need`, `capacity`, `there`, `used` and `kept`: minutes.
ROOMS, BEAMS, TEAM = range(3)
# Columns of `days`.
ORDINAL, WEEKDAY, WEEK, WEEK_DAYS = range(4)


@compiled
def place(  # noqa: C901, PLR0912, PLR0917 - one compiled loop
    begin: int,
    who: Whole,
    need: Real,
    days: Whole,
    capacity: Real,
    used: Real,
    kept: Real,
    today: int,
    row: Whole,
) -> int:
    """Find the first day from `begin` on from which a whole course fits, and take its minutes.

    Treats on each working day that has room; leaves days out as far as the rules of the week and
    the longest gap allow. `row` gets the day of each unit.

    Returns:
        The first day, or -1.
    """
    total = who[UNITS]
    for start in range(begin, len(days)):
        if (who[NO_START] >> days[start, WEEKDAY]) & 1:
            continue
        number, day, count, gaps = 0, start, 0, 0
        last = -1
        while number < total and day < len(days):
            if last >= 0 and days[day, WEEK] != days[last, WEEK]:
                count, gaps = 0, 0
            lead = min(day - today, kept.shape[1] - 1)
            fits = count < who[MAX_WEEK]
            for each in range(3):
                left = capacity[day, each] - used[day, each] - need[each]
                if need[each] > 0 and left < kept[who[KEPT], lead, each]:
                    fits = False
            if fits:
                gap = days[day, ORDINAL] - days[last, ORDINAL]
                if last >= 0 and last + 1 < day and gap > who[MAX_GAP]:
                    break
                row[number] = day
                number += 1
                count += 1
                last = day
            else:
                if last < 0:
                    break
                gaps += 1
                # In a whole week at least MIN_WEEK of its working days are treated.
                first_week = days[row[0], WEEK] == days[day, WEEK]
                least = min(who[MIN_WEEK], days[day, WEEK_DAYS])
                if not first_week and days[day, WEEK_DAYS] - gaps < least:
                    break
            day += 1
        if number == total:
            for unit in range(total):
                for each in range(3):
                    used[row[unit], each] += need[each]
            return start
    return -1


@compiled
def another_day(after: int, need: Real, capacity: Real, used: Real) -> int:
    """The first day after a day that has the minutes for one fraction more; takes them."""
    for day in range(after + 1, len(capacity)):
        fits = True
        for each in range(3):
            if need[each] > 0 and capacity[day, each] - used[day, each] < need[each]:
                fits = False
        if fits:
            for each in range(3):
                used[day, each] += need[each]
            return day
    return -1


@compiled
def live(  # noqa: C901, PLR0912, PLR0917 - one compiled loop
    until: int,
    who: Whole,
    need: Real,
    comes: Real,
    share: float,
    patience: Whole,
    days: Whole,
    capacity: Real,
    there: Real,
    kept: Real,
    rows: Whole,
    first: Whole,
    planned: Whole,
    last: Whole,
    given: Whole,
    moved: Whole,
    tally: Whole,
    used: Real,
    done: Real,
) -> None:
    """Live through the days up to `until`.

    Args:
        until: number of days that are lived through.
        who: patients in the order of referral, columns as above.
        need: minutes of a unit, by patient.
        comes: draws for each unit; below `share` nobody comes.
        share: of no-shows.
        patience: days from referral after which a patient goes elsewhere, by patient; -1: stays.
        days: working days, columns as above.
        capacity: minutes that can be sold.
        there: minutes that can be used on the day, outages taken off and overtime added.
        kept: minutes kept, by urgency, lead and resource.
        rows: out: the days of each patient's units.
        first: out: -1 no date, -2 went elsewhere.
        planned: out: the last day as promised.
        last: out: the last day.
        given: out: units given.
        moved: out: 1 where a unit had to move.
        tally: out: by day: given, no-shows, lost.
        used: out: minutes sold by day.
        done: out: minutes given by day.
    """
    number = len(who)
    count = np.zeros(number, np.int64)
    at = np.zeros(number, np.int64)
    retry = np.full(number, -1, np.int64)
    coming, open_from = 0, 0
    for day in range(until):
        while coming < number and who[coming, REF] <= day:
            retry[coming] = day
            coming += 1
        while open_from < coming and (
            first[open_from] == -2 or (first[open_from] >= 0 and at[open_from] >= count[open_from])
        ):
            open_from += 1
        for p in range(open_from, coming):
            if first[p] == -1 and retry[p] == day:
                begin = max(who[p, EARLIEST], day)
                found = place(begin, who[p], need[p], days, capacity, used, kept, day, rows[p])
                retry[p] = day + 5
                if found >= 0:
                    waits = days[found, ORDINAL] - days[who[p, REF], ORDINAL]
                    if patience[p] >= 0 and waits > patience[p]:
                        for unit in range(who[p, UNITS]):
                            for each in range(3):
                                used[rows[p, unit], each] -= need[p, each]
                        first[p] = -2
                    else:
                        first[p] = found
                        count[p] = who[p, UNITS]
                        planned[p] = last[p] = rows[p, count[p] - 1]
        # Treatment; those who come first in a turn that changes from day to day go first.
        left = there[day].copy()
        width = coming - open_from
        for turn in range(width):
            p = open_from + (turn * 1 + day * 7) % width
            if first[p] < 0 or at[p] >= count[p] or rows[p, at[p]] != day:
                continue
            unit = at[p]
            at[p] += 1
            fits = True
            for each in range(3):
                if need[p, each] > 0 and left[each] < need[p, each]:
                    fits = False
            absent = comes[p, min(unit, comes.shape[1] - 1)] < share
            if fits and not absent:
                for each in range(3):
                    left[each] -= need[p, each]
                    done[day, each] += need[p, each]
                given[p] += 1
                tally[day, 0] += 1
                continue
            tally[day, 1 if absent else 2] += 1
            moved[p] = max(moved[p], day + 1)
            later = another_day(rows[p, count[p] - 1], need[p], capacity, used)
            if later >= 0 and count[p] < rows.shape[1]:
                rows[p, count[p]] = later
                count[p] += 1
                last[p] = later
            if given[p] == 0 and at[p] < count[p]:
                first[p] = rows[p, at[p]]
