"""The walk of `walk.walk`, person after person, compiled. Imported only where numba is there."""
# ruff: noqa: C901, FBT001, PLR0917 - compiled loops: arrays by position, kept together

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

import numba
import numpy as np

from sapar.hta.engine.individual.course import AGE, MOST_EVENTS, SOJOURN, Walked
from sapar.hta.engine.individual.laws import GOMPERTZ, LOGNORMAL, TABLE, WEIBULL
from sapar.hta.engine.individual.stream import FIRST, GOLDEN, SECOND, UNIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sapar.hta.engine.individual.course import Course

    Numbers = NDArray[np.float64]
    Whole = NDArray[np.int64]
    Words = NDArray[np.uint64]

F = TypeVar("F", bound="Callable[..., Any]")
_GOLDEN, _FIRST, _SECOND = np.uint64(GOLDEN), np.uint64(FIRST), np.uint64(SECOND)
KEPT = 16
"""Events of which the standard times are kept."""
_12, _27, _30, _31, _ONE = (np.uint64(each) for each in (12, 27, 30, 31, 1))


def _compiled(function: F) -> F:
    """Compile, kept on disk between runs; no fast-math, no threads: the same bits everywhere."""
    made: Any = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    return made  # type: ignore[no-any-return] # numba's dispatcher is called as the function is


def _inside(function: F) -> F:
    """Compile as a part of the caller: so many arrays take longer to hand over than to use."""
    compiler: Any = numba.njit
    made: Any = compiler(cache=True, nogil=True, error_model="numpy", inline="always")(function)
    return made  # type: ignore[no-any-return] # numba's dispatcher is called as the function is


@_compiled
def uniform_of(key: np.uint64, place: int) -> float:
    """A number of a stream, see `stream.uniform`."""
    word = key + (np.uint64(place) + _ONE) * _GOLDEN
    word = (word ^ (word >> _30)) * _FIRST
    word = (word ^ (word >> _27)) * _SECOND
    word ^= word >> _31
    return (float(word >> _12) + 0.5) * UNIT


_NEAR = (
    (
        2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4,
        4.5921953931549871457e4, 1.3731693765509461125e4, 1.9715909503065514427e3,
        1.3314166789178437745e2, 3.3871328727963666080e0,
    ),
    (
        5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4,
        2.1213794301586595867e4, 5.3941960214247511077e3, 6.8718700749205790830e2,
        4.2313330701600911252e1, 1.0,
    ),
)  # fmt: skip
_FAR = (
    (
        7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
        1.27045825245236838258e0, 3.64784832476320460504e0, 5.76949722146069140550e0,
        4.63033784615654529590e0, 1.42343711074968357734e0,
    ),
    (
        1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
        1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e0,
        2.05319162663775882187e0, 1.0,
    ),
)  # fmt: skip
_FARTHEST = (
    (
        2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
        2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e0,
        5.46378491116411436990e0, 6.65790464350110377720e0,
    ),
    (
        2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
        7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
        5.99832206555887937690e-1, 1.0,
    ),
)  # fmt: skip


@_compiled
def _ratio(above: Any, below: Any, r: float) -> float:
    """One polynomial over another, coefficients from the highest power."""
    a = b = 0.0
    for k in range(8):
        a, b = a * r + above[k], b * r + below[k]
    return a / b


@_compiled
def normal_quantile(p: float) -> float:
    """Φ⁻¹(p): the approximations of Wichura, Applied Statistics 1988;37:477-84 (AS 241)."""
    q = p - 0.5
    if abs(q) <= 0.425:
        return q * _ratio(_NEAR[0], _NEAR[1], 0.180625 - q * q)
    r = math.sqrt(-math.log(p if q < 0 else 1.0 - p))
    far = (
        _ratio(_FAR[0], _FAR[1], r - 1.6)
        if r <= 5.0
        else _ratio(_FARTHEST[0], _FARTHEST[1], r - 5.0)
    )
    return -far if q < 0 else far


@_compiled
def _standard(kind: int, u: float) -> float:
    """`laws._standard` of one."""
    if kind == WEIBULL:
        return math.log(-math.log(u))
    if kind == LOGNORMAL:
        return -normal_quantile(u)
    return math.log((1 - u) / u)


@_compiled
def _later(kind: int, mu: float, sigma: float, u: float, now: float) -> float:
    """`laws._later` of one."""
    z = (math.log(now) - mu) / sigma if now > 0 else -math.inf
    if kind == WEIBULL:
        return mu + sigma * math.log(math.exp(z) - math.log(u))
    if kind == LOGNORMAL:
        return mu - sigma * normal_quantile(u * 0.5 * math.erfc(z * math.sqrt(0.5)))
    return mu + sigma * math.log((1 + math.exp(z)) / u - 1)


@_compiled
def _gompertz(shape: float, rate: float, u: float, now: float) -> float:
    """`laws._gompertz` of one."""
    if rate == 0:
        return math.inf
    due = -math.log(u) / (rate * math.exp(shape * now))
    if shape == 0:
        return due
    inner = shape * due
    return math.inf if inner <= -1.0 else math.log1p(inner) / shape


@_compiled
def _place(values: Any, asked: float) -> int:
    """The last place of an ascending list whose value is not above what is asked; at least 0."""
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        if values[middle] <= asked:
            low = middle + 1
        else:
            high = middle
    return max(low - 1, 0)


@_compiled
def _from_table(
    ages: Any, hazard: Any, summed: Any, ratio: float, age: float, u: float, now: float
) -> float:
    """`laws._from_table` of one."""
    if ratio == 0:
        return math.inf
    place = _place(ages, age + now)
    due = summed[place] + hazard[place] * (age + now - ages[place]) - math.log(u) / ratio
    place = _place(summed, due)
    rest = due - summed[place]
    found: float = ages[place] + (rest / hazard[place] if rest > 0 else 0.0) - age
    return found


@_compiled
def _worth_at(
    since: Any, force: Any, factor: Any, summed: Any, years: float
) -> tuple[float, float]:
    """`course.worth_at` of one time."""
    j = 0
    while j + 1 < len(since) and since[j + 1] <= years:
        j += 1
    length, here = years - since[j], force[j]
    if here == 0:
        return factor[j], summed[j] + factor[j] * length
    # Close to zero 1 - exp(-x) has too few digits left.
    gone = 1 - math.exp(-here * length) if here > 1e-3 else -math.expm1(-here * length)
    return factor[j] * (1 - gone), summed[j] + factor[j] * gone / here


@_compiled
def _at(sizes: tuple[int, int, int], s: int, k: int, n: int) -> tuple[int, int, int]:
    """The place in an array over (S, K, N), of length 1 where nothing changes."""
    return s if sizes[0] > 1 else 0, k if sizes[1] > 1 else 0, n if sizes[2] > 1 else 0


@_inside
def _leave(
    place: Any,
    first: Any,
    laws: Any,
    law: Any,
    forward: bool,
    ages: Any,
    hazard: Any,
    summed: Any,
    key: np.uint64,
    kept: Any,
) -> tuple[float, int]:
    """When somebody leaves a state, and by which transition; `place` says who, where and when."""
    s, k, n, state, now, event = place
    edges = laws.shape[1]
    i, j, m = _at(law.shape[2:], s, k, n)
    shortest, quick, soonest, edge = math.inf, -1, math.inf, -1
    for t in range(first[state], first[state + 1]):
        one, two, kind = law[t, 0, i, j, m], law[t, 1, i, j, m], laws[0, t]
        if kind < GOMPERTZ and not forward:
            z = kept[event, t] if event < KEPT else np.nan
            if math.isnan(z):
                z = _standard(kind, uniform_of(key, event * edges + t))
                if event < KEPT:
                    kept[event, t] = z
            # Logarithms compare as well: one exponential, for the winner.
            if one + two * z < shortest:
                shortest, quick = one + two * z, t
            continue
        u = uniform_of(key, event * edges + t)
        if kind == TABLE:
            row = laws[1, t]
            found = _from_table(ages[row], hazard[row], summed[row], one, two, u, now)
        elif kind == GOMPERTZ:
            found = now + _gompertz(one, two, u, now if forward else 0.0)
        else:
            found = max(math.exp(_later(kind, one, two, u, now)), now)
        if found < soonest:
            soonest, edge = found, t
    if quick >= 0 and now + math.exp(shortest) < soonest:
        soonest, edge = now + math.exp(shortest), quick
    return soonest, edge


@_inside
def _pay(
    place: Any,
    span: Any,
    rate: Any,
    cuts: Any,
    scale: Any,
    once: Any,
    schedule: Any,
    discounts: Any,
    before: Any,
    after: Any,
    worth: Any,
) -> None:
    """The years in a state, and what is paid when it ends; an edge of -1: nothing."""
    s, k, n, state = place
    now, leaves, age, edge = span
    i, j, m = _at(rate.shape[3:], s, k, n)
    a, b, c = _at(once.shape[2:], s, k, n)
    since, force, factor, so_far = discounts
    for r in range(len(schedule)):
        q = schedule[r]
        if cuts[r, state, 0] == -math.inf and cuts[r, state, 1] == math.inf:
            each = rate[r, state, 0, i, j, m]
            worth[0, r, s, k, n] += each * (after[q, 1] - before[q, 1])
            worth[1, r, s, k, n] += each * (leaves - now)
        else:
            zero = 0.0
            if scale[r, state] == SOJOURN:
                zero = now
            elif scale[r, state] == AGE:
                zero = -age
            for band in range(rate.shape[2]):
                begin = max(now, zero + cuts[r, state, band])
                end = min(leaves, zero + cuts[r, state, band + 1])
                if begin < end:
                    each = rate[r, state, band, i, j, m]
                    one = _worth_at(since[q], force[q], factor[q], so_far[q], begin)[1]
                    two = _worth_at(since[q], force[q], factor[q], so_far[q], end)[1]
                    worth[0, r, s, k, n] += each * (two - one)
                    worth[1, r, s, k, n] += each * (end - begin)
        if edge >= 0:
            worth[0, r, s, k, n] += once[r, edge, a, b, c] * after[q, 0]
            worth[1, r, s, k, n] += once[r, edge, a, b, c]


@_compiled
def _walk(
    first: Any,
    to: Any,
    laws: Any,
    law: Any,
    forward: bool,
    ages: Any,
    hazard: Any,
    summed: Any,
    rate: Any,
    cuts: Any,
    scale: Any,
    once: Any,
    schedule: Any,
    discounts: Any,
    age: Any,
    until: Any,
    dies: Any,
    dead: int,
    grid: Any,
    keys: Any,
    start: Any,
    worth: Any,
    counts: Any,
) -> int:
    """Everybody; see `course.Course` for the arrays, here with all their people."""
    strategies, draws, people = start.shape
    edges = len(to)
    since, force, factor, so_far = discounts
    kept = np.empty((KEPT, edges))
    before, after = np.empty((len(since), 2)), np.empty((len(since), 2))
    most = 0
    for k in range(draws):
        for n in range(people):
            # The standard times of a person's first events serve all strategies.
            kept[:] = np.nan
            for s in range(strategies):
                state, now, point, event = start[s, k, n], 0.0, 0, 0
                end = until[_at((1, *until.shape), s, k, n)[1:]]
                mortal = dies[_at((1, *dies.shape), s, k, n)[1:]]
                years = age[_at((1, *age.shape), s, k, n)[1:]]
                before[:, 0], before[:, 1] = 1.0, 0.0
                while event <= MOST_EVENTS:
                    leaves, edge = _leave(
                        (s, k, n, state, now, event), first, laws, law, forward,
                        ages, hazard, summed, keys[k, n], kept,
                    )  # fmt: skip
                    event += 1
                    ends = leaves >= end
                    forced = ends and mortal and state != dead
                    if ends:
                        leaves, edge = end, edges + state if forced else -1
                    for q in range(len(since)):
                        after[q, 0], after[q, 1] = _worth_at(
                            since[q], force[q], factor[q], so_far[q], leaves
                        )
                    _pay(
                        (s, k, n, state), (now, leaves, years, edge), rate, cuts, scale, once,
                        schedule, discounts, before, after, worth,
                    )  # fmt: skip
                    while point < len(grid) and (grid[point] < leaves or (ends and not forced)):
                        counts[s, k, state, point] += 1
                        point += 1
                    if ends:
                        break
                    state, now = to[edge], leaves
                    before[:] = after
                for rest in range(point, len(grid)):
                    counts[s, k, dead, rest] += 1
                most = max(most, event)
                if event > MOST_EVENTS:
                    return event
    return most


def walk(course: Course, keys: Words, start: Whole) -> Walked:
    """As `walk.walk`, with the same numbers to 1e-12."""
    shape = start.shape
    worth = np.zeros((2, len(course.schedule), *shape))
    worth += course.entry
    counts = np.zeros((*shape[:2], len(course.first) - 1, len(course.grid)))
    # One kind of array whoever calls: compiled once.
    law, rate, once, age, until, dies = (
        np.ascontiguousarray(each)
        for each in (
            course.law, course.rate, course.once, course.age, course.until, course.dies,
        )
    )  # fmt: skip
    most = _walk(
        course.first, course.to, np.stack([course.kind, course.table]), law, course.forward,
        course.ages, course.hazard, course.summed, rate, course.cuts, course.scale, once,
        course.schedule, tuple(course.discounts), age, until, dies, course.dead, course.grid,
        np.ascontiguousarray(keys), np.ascontiguousarray(start), worth, counts,
    )  # fmt: skip
    return Walked(worth, counts, int(most))
