"""Pricing: the cheapest way to give a course, when days and rooms have prices.

A dynamic programme over units and working days. Its state is the day of the last unit, how many
treatment days its week has had, and whether that week is the one in which the course began (which
asks for no least number). Exact for every rule of days: weeks, gaps, starts, phases, rooms.
"""

# ruff: noqa: C901, D417, PLR0912, PLR0917 - compiled loops: arrays by position, kept together

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sapar.proton.engine.scheduling.book.inner import inner
from sapar.proton.engine.scheduling.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

STATES = 16
"""Treatment days in the week (0-7), twice: in a later week, in the first week."""

NONE = 1e17
FIRST_LOOK = 16
"""Start days that are looked at first; more where delay might pay."""


class Calendar(NamedTuple):
    """Days D and what they hold, as pricing needs it; see `tables.Ground`.

    `numbers` has the rows ordinal, week, need_days, weekday; `caps` D×K the minutes of the K rows
    of the master problem (classes, then beams, then the team) and `class_beam` the beam row of a
    class or -1; `bits` C the rooms of each class.
    """

    numbers: Ints
    caps: Ints
    class_beam: Ints
    class_switch: Ints
    bits: Ints
    open_units: NDArray[np.uint8]


class Wanted(NamedTuple):
    """Courses, units, phases and options in few arrays (columns named where they are read).

    `units`: U×6 phase, sessions, room_min, beam_tot, team_min, 1 with a beam. `phases`: P×3 first
    option, one past the last, preferred bits. `options`: O. `courses`: C×16. `prices`: C×4 weight,
    late, away, unplaced.
    """

    units: Ints
    phases: Ints
    options: Ints
    courses: Ints
    prices: Floats


@inner
def _unit_prices(
    k: Calendar, w: Wanted, duals: Floats, u: int, c: int, option: int, low: int, out: Floats
) -> None:
    """The price of a unit in the rooms of an option on each day from `low` on."""
    classes = len(k.bits)
    liked = w.phases[w.units[u, 0], 2]
    beam_need = w.units[u, 3]
    team_row = duals.shape[1] - 1
    for i in range(len(out)):
        d = low + i
        best = NONE
        if k.open_units[u, d] == 1 and w.units[u, 4] <= k.caps[d, team_row]:
            for a in range(classes):
                if k.bits[a] & w.options[option] == 0 or w.units[u, 2] > k.caps[d, a]:
                    continue
                price = duals[d, a] * w.units[u, 2]
                b = k.class_beam[a]
                if b >= 0 and w.units[u, 5] == 1:
                    need = beam_need + w.units[u, 1] * k.class_switch[a]
                    if need > k.caps[d, b]:
                        continue
                    price += duals[d, b] * need
                if liked != 0 and liked & k.bits[a] == 0:
                    price += w.prices[c, 2] * w.units[u, 1]
                best = min(best, price)
            best += duals[d, team_row] * w.units[u, 4]
        out[i] = best


@inner
def _closes_well(k: Calendar, d: int, later: int) -> bool:
    """Whether no whole week with working days lies between two days' weeks."""
    i = later - 1
    while i > d and k.numbers[1, i] == k.numbers[1, later]:
        i -= 1
    return bool(k.numbers[1, i] == k.numbers[1, d])


@inner
def _begin(
    k: Calendar, w: Wanted, starts: Floats, c: int, low: int, size: int, price: Floats, v: Floats
) -> None:
    """Values after the first unit."""
    past, past_week, past_count = w.courses[c, 5], w.courses[c, 6], w.courses[c, 7]
    opening, need, no_start = w.courses[c, 8], w.courses[c, 9], w.courses[c, 10]
    last = min(low + size - 1, w.courses[c, 4])
    for d in range(low, last + 1):
        i = d - low
        if (no_start >> k.numbers[3, d]) & 1 or price[i] >= NONE:
            continue
        state = 8 + 1
        if past == 1:
            if k.numbers[1, d] == past_week:
                if past_count >= w.courses[c, 2]:
                    continue
                state = opening * 8 + min(7, past_count + 1)
            else:
                first = d
                while first > 0 and k.numbers[1, first - 1] == k.numbers[1, d]:
                    first -= 1
                whole = first > 0 and k.numbers[1, first - 1] > past_week
                if whole or (opening == 0 and past_count < need):
                    continue
                state = 1
        late = max(0, d - w.courses[c, 11])
        cost = w.prices[c, 0] * (d - w.courses[c, 12]) + w.prices[c, 1] * late
        v[i, state] = cost + starts[d] + price[i]


@inner
def _step(
    k: Calendar,
    w: Wanted,
    c: int,
    low: int,
    size: int,
    price: Floats,
    before: Floats,
    after: Floats,
    came: NDArray[np.int32],
) -> None:
    """Values after one more unit; `came` says from which day and state."""
    least, most, gap = w.courses[c, 1], w.courses[c, 2], w.courses[c, 3]
    for i in range(1, size):
        d = low + i
        if price[i] >= NONE:
            continue
        j = i - 1
        while j >= 0:
            e = low + j
            if j < i - 1 and k.numbers[0, d] - k.numbers[0, e] > gap:
                break
            same = k.numbers[1, d] == k.numbers[1, e]
            asks = min(least, k.numbers[2, e])
            open_way = same or _closes_well(k, e, d)
            for s in range(1, STATES):
                found = before[j, s]
                if found >= NONE or not open_way:
                    continue
                count = s & 7
                if same:
                    if count >= most:
                        continue
                    state = s + 1 if count < 7 else s
                else:
                    if s < 8 and count < asks:
                        continue
                    state = 1
                if found + price[i] < after[i, state]:
                    after[i, state] = found + price[i]
                    came[i, state] = j * STATES + s
            j -= 1


@inner
def _one(
    k: Calendar,
    w: Wanted,
    duals: Floats,
    starts: Floats,
    c: int,
    low: int,
    looks: int,
    size: int,
    work: Any,
    days: Ints,
    options: Ints,
) -> float:
    """The cheapest column of a course that begins in its first `looks` days."""
    values, came, chosen, price = work
    first, last = w.courses[c, 13], w.courses[c, 14]
    number = last - first
    opened = -1
    for n in range(number):
        u = first + n
        p = w.units[u, 0]
        fresh = n == 0 or w.units[u - 1, 0] != p
        opened = n if fresh else opened
        here = 0
        for o in range(w.phases[p, 0], w.phases[p, 1]):
            _unit_prices(k, w, duals, u, c, o, low, price[:size])
            values[n, here, :size] = NONE
            if n == 0:
                _begin(k, w, starts, c, low, min(looks, size), price, values[n, here])
            elif fresh:
                _step(k, w, c, low, size, price, values[n - 1, 15], values[n, here], came[n, here])
            else:
                _step(
                    k, w, c, low, size, price, values[n - 1, here], values[n, here], came[n, here]
                )
            here += 1
        ends = n == number - 1 or w.units[u + 1, 0] != p
        if ends:
            # The last slot holds the best over the options of the phase.
            values[n, 15, :size] = NONE
            for o in range(here):
                for i in range(size):
                    for s in range(STATES):
                        if values[n, o, i, s] < values[n, 15, i, s]:
                            values[n, 15, i, s] = values[n, o, i, s]
                            chosen[n, i, s] = o
    best, at, state = NONE, 0, 0
    for i in range(size):
        for s in range(STATES):
            if values[number - 1, 15, i, s] < best:
                best, at, state = values[number - 1, 15, i, s], i, s
    if best >= NONE:
        return NONE
    n = number - 1
    option = 0
    while n >= 0:
        u = first + n
        ends = n == number - 1 or w.units[u + 1, 0] != w.units[u, 0]
        if ends:
            option = chosen[n, at, state]
        days[u] = low + at
        options[u] = w.phases[w.units[u, 0], 0] + option
        if n > 0:
            link = came[n, option, at, state]
            at, state = link // STATES, link % STATES
        n -= 1
    return float(best)


@inner
def _class_of_unit(k: Calendar, w: Wanted, duals: Floats, u: int, c: int, o: int, d: int) -> int:
    best, found = NONE, -1
    liked = w.phases[w.units[u, 0], 2]
    for a in range(len(k.bits)):
        if k.bits[a] & w.options[o] == 0 or w.units[u, 2] > k.caps[d, a]:
            continue
        price = duals[d, a] * w.units[u, 2]
        b = k.class_beam[a]
        if b >= 0 and w.units[u, 5] == 1:
            price += duals[d, b] * (w.units[u, 3] + w.units[u, 1] * k.class_switch[a])
        if liked != 0 and liked & k.bits[a] == 0:
            price += w.prices[c, 2] * w.units[u, 1]
        if price < best:
            best, found = price, a
    return found


@inner
def _use(
    k: Calendar,
    w: Wanted,
    duals: Floats,
    c: int,
    days: Ints,
    options: Ints,
    classes: Ints,
    used: Floats,
) -> None:
    """Count the minutes of the column of a course."""
    team_row = duals.shape[1] - 1
    for u in range(w.courses[c, 13], w.courses[c, 14]):
        d = days[u]
        if d < 0:
            continue
        a = _class_of_unit(k, w, duals, u, c, options[u], d)
        classes[u] = a
        used[d, a] += w.units[u, 2]
        b = k.class_beam[a]
        if b >= 0 and w.units[u, 5] == 1:
            used[d, b] += w.units[u, 3] + w.units[u, 1] * k.class_switch[a]
        used[d, team_row] += w.units[u, 4]


@compiled
def price_all(
    k: Calendar,
    w: Wanted,
    duals: Floats,
    quota_starts: Floats,
    most: int,
    week: int,
    best: Floats,
    days: Ints,
    classes: Ints,
    used: Floats,
) -> float:
    """The cheapest column of every course at the prices `duals`, and their sum.

    Args:
        k, w: days and courses.
        duals: D×K, the price of a minute of each row.
        quota_starts: C×D, what quotas add to a start on a day.
        most: the most units of a course; `week`: the most working days of a week.
        best: C, filled: the value of the column, or of not placing.
        days, classes: U, filled: day and class of each unit, -1 where not placed.
        used: D×K, filled: the minutes that these columns take.

    Returns:
        The sum of `best`.
    """
    total_days = k.numbers.shape[1]
    slots = total_days
    values = np.full((most, 16, slots, STATES), NONE, dtype=np.float64)
    came = np.zeros((most, 15, slots, STATES), dtype=np.int32)
    chosen = np.zeros((most, slots, STATES), dtype=np.int64)
    price = np.zeros(slots, dtype=np.float64)
    options = np.zeros(len(days), dtype=np.int64)
    used[:] = 0.0
    total = 0.0
    for c in range(len(w.prices)):
        first, last = w.courses[c, 13], w.courses[c, 14]
        best[c] = w.prices[c, 3]
        days[first:last] = -1
        low = w.courses[c, 0]
        until = min(w.courses[c, 4], total_days - 1)
        if last > first and low <= until:
            looks = FIRST_LOOK
            least = w.courses[c, 1]
            # All weeks but the first and the last hold at least `least` units, and no step is
            # longer than the gap: no column is longer than this.
            longest = (last - first + least - 1) // least * week + 2 * week
            longest = min(longest, (last - first) * max(1, w.courses[c, 3]))
            while True:
                size = min(total_days - low, looks + longest)
                found = _one(
                    k,
                    w,
                    duals,
                    quota_starts[c],
                    c,
                    low,
                    looks,
                    size,
                    (values, came, chosen, price),
                    days,
                    options,
                )
                value = min(found, w.prices[c, 3])
                beyond = low + looks
                late = max(0, beyond - w.courses[c, 11])
                floor = w.prices[c, 0] * (beyond - w.courses[c, 12]) + w.prices[c, 1] * late
                if beyond > until or floor >= value:
                    break
                looks *= 2
            if found < w.prices[c, 3]:
                best[c] = found
            else:
                days[first:last] = -1
        total += best[c]
        _use(k, w, duals, c, days, options, classes, used)
    return total
