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
# Columns of `state`: day of the first unit (-1 no date, -2 went elsewhere), last day as promised,
# last day now, units given, 1 + day of the last move, units booked, units past, day of a new try.
FIRST, PLANNED, LAST, GIVEN, MOVED, COUNT, AT, RETRY = range(8)
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
def refer(  # noqa: PLR0917 - one compiled loop
    day: int,
    patients: tuple[int, int],
    who: Whole,
    need: Real,
    patience: Whole,
    days: Whole,
    capacity: Real,
    kept: Real,
    state: Whole,
    rows: Whole,
    used: Real,
) -> None:
    """Book those who have no date yet and are due on this day; arguments as in `live`."""
    for p in range(patients[0], patients[1]):
        if state[p, FIRST] != -1 or state[p, RETRY] != day:
            continue
        state[p, RETRY] = day + 5
        begin = max(who[p, EARLIEST], day)
        found = place(begin, who[p], need[p], days, capacity, used, kept, day, rows[p])
        if found < 0:
            continue
        waits = days[found, ORDINAL] - days[who[p, REF], ORDINAL]
        if patience[p] >= 0 and waits > patience[p]:
            for unit in range(who[p, UNITS]):
                for each in range(3):
                    used[rows[p, unit], each] -= need[p, each]
            state[p, FIRST] = -2
        else:
            state[p, FIRST] = found
            state[p, COUNT] = who[p, UNITS]
            state[p, PLANNED] = rows[p, who[p, UNITS] - 1]
            state[p, LAST] = state[p, PLANNED]


@compiled
def treat(  # noqa: PLR0917 - one compiled loop
    day: int,
    patients: tuple[int, int],
    need: Real,
    comes: Real,
    share: float,
    capacity: Real,
    left: Real,
    state: Whole,
    rows: Whole,
    tally: Whole,
    used: Real,
    done: Real,
) -> None:
    """Treat those who are booked on this day, as far as its minutes go; `left` is used up.

    Those who come first in a turn that changes from day to day go first.
    """
    width = patients[1] - patients[0]
    for turn in range(width):
        p = patients[0] + (turn + day * 7) % width
        unit = state[p, AT]
        if state[p, FIRST] < 0 or unit >= state[p, COUNT] or rows[p, unit] != day:
            continue
        state[p, AT] += 1
        fits = True
        for each in range(3):
            if need[p, each] > 0 and left[each] < need[p, each]:
                fits = False
        absent = comes[p, min(unit, comes.shape[1] - 1)] < share
        if fits and not absent:
            for each in range(3):
                left[each] -= need[p, each]
                done[day, each] += need[p, each]
            state[p, GIVEN] += 1
            tally[day, 0] += 1
            continue
        tally[day, 1 if absent else 2] += 1
        state[p, MOVED] = max(state[p, MOVED], day + 1)
        later = -1
        if state[p, COUNT] < rows.shape[1]:
            later = another_day(rows[p, state[p, COUNT] - 1], need[p], capacity, used)
        if later >= 0:
            rows[p, state[p, COUNT]] = later
            state[p, COUNT] += 1
            state[p, LAST] = later
        if state[p, GIVEN] == 0 and state[p, AT] < state[p, COUNT]:
            state[p, FIRST] = rows[p, state[p, AT]]


@compiled
def live(  # noqa: PLR0917 - one compiled loop
    until: int,
    who: Whole,
    need: Real,
    comes: Real,
    share: float,
    patience: Whole,
    days: Whole,
    capacity: Real,
    there: Real,
    early: Real,
    broken: Whole,
    whole: Real,
    kept: Real,
    rows: Whole,
    state: Whole,
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
        patience: days from referral after which a patient goes elsewhere; -1: stays.
        days: working days, columns as above.
        capacity: minutes that can be sold.
        there: minutes that can be used on the day, outages taken off and overtime added.
        early: those of them before the day's first outage.
        broken: rooms, beams and teams that an outage stops in the middle of the day.
        whole: minutes that are open, with outages.
        kept: minutes kept, by urgency, lead and resource.
        rows: out: the days of each patient's units.
        state: out: columns as above; comes in with -1 for FIRST and RETRY, else 0.
        tally: out: by day: given, no-shows, lost.
        used: out: minutes sold by day.
        done: out: minutes given by day.
    """
    mean = np.zeros(3)
    for each in range(3):
        mean[each] = need[:, each].sum() / max(1, (need[:, each] > 0).sum())
    coming, begin = 0, 0
    for day in range(until):
        while coming < len(who) and who[coming, REF] <= day:
            state[coming, RETRY] = day
            coming += 1
        while begin < coming and (
            state[begin, FIRST] == -2
            or (state[begin, FIRST] >= 0 and state[begin, AT] >= state[begin, COUNT])
        ):
            begin += 1
        span = (begin, coming)
        refer(day, span, who, need, patience, days, capacity, kept, state, rows, used)
        left = there[day].copy()
        for each in range(3):
            # Before an outage the day goes as booked: what was not sold then cannot be used later.
            if early[day, each] > 0:
                sold = min(1.0, used[day, each] / whole[day, each])
                left[each] -= early[day, each] * (1.0 - sold)
                # The fraction that it stops is half done on average, and begins anew.
                left[each] -= broken[day, each] * sold * mean[each] / 2
        treat(day, span, need, comes, share, capacity, left, state, rows, tally, used, done)
