"""Foretold against observed: intervals, slope and small cells, against slow independent checks."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.proton.engine.outcomes.calibration import Z95, calibrate, wilson

Pairs = list[tuple[float, int]]
COHORTS = st.lists(st.tuples(st.floats(0.01, 0.99), st.integers(0, 1)), min_size=1, max_size=120)


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def logit(p: float) -> float:
    return math.log(p / (1 - p))


def cohort(count: int, intercept: float, slope: float, seed: int) -> Pairs:
    """Patients whose true risk is intercept + slope · logit(prediction), by a fixed seed."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    found = []
    for _patient in range(count):
        p = sigmoid(chance.gauss(-1.0, 1.2))
        true = sigmoid(intercept + slope * logit(p))
        found.append((p, int(chance.random() < true)))
    return found


def by_bisection(events: int, count: int) -> tuple[float, float]:
    """Independent: where the score test is just not significant, found by halving."""

    def beyond(p: float) -> bool:
        share = events / count
        return abs(share - p) > Z95 * math.sqrt(p * (1 - p) / count)

    ends = []
    for outer, inner in ((0.0, events / count), (1.0, events / count)):
        a, b = outer, inner
        for _step in range(200):
            middle = (a + b) / 2
            a, b = (middle, b) if beyond(middle) else (a, middle)
        ends.append((a + b) / 2)
    return ends[0], ends[1]


@pytest.mark.parametrize(("events", "count"), [(1, 10), (5, 10), (3, 7), (40, 200), (199, 200)])
def test_wilsons_interval_is_where_the_score_test_turns(events: int, count: int) -> None:
    found = wilson(events, count)
    low, high = by_bisection(events, count)
    assert found.low == pytest.approx(low, abs=1e-9)
    assert found.high == pytest.approx(high, abs=1e-9)


def test_wilsons_interval_of_nobody_and_of_everybody_has_its_known_end() -> None:
    none, everybody = wilson(0, 10), wilson(10, 10)
    assert none.low == 0.0
    assert none.high == pytest.approx(Z95**2 / (10 + Z95**2), abs=1e-12)
    assert everybody.low == pytest.approx(1 - none.high, abs=1e-12)
    assert everybody.high == 1.0


@pytest.mark.parametrize(("events", "count"), [(0, 0), (3, 2), (-1, 2)])
def test_a_share_that_is_none_is_refused(events: int, count: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(events, count)


def likelihood(pairs: Pairs, a: float, b: float) -> float:
    total = 0.0
    for p, y in pairs:
        eta = a + b * logit(p)
        total += y * eta - (max(eta, 0.0) + math.log1p(math.exp(-abs(eta))))
    return total


def by_search(pairs: Pairs, *, fixed: float | None = None) -> tuple[float, float]:
    """Independent: the maximum of the likelihood by narrowing steps in plain loops."""
    a, b, step = 0.0, 1.0 if fixed is None else fixed, 1.0
    best = likelihood(pairs, a, b)
    while step > 1e-7:
        moved = False
        sides = [(step, 0.0), (-step, 0.0)]
        if fixed is None:
            sides += [(da, db) for da in (-step, 0.0, step) for db in (-step, step)]
        for da, db in sides:
            now = likelihood(pairs, a + da, b + db)
            if now > best + 1e-13:
                a, b, best, moved = a + da, b + db, now, True
                break
        if not moved:
            step /= 2
    return a, b


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_slope_and_intercept_are_the_maximum_that_a_slow_search_finds(seed: int) -> None:
    pairs = cohort(80, 0.3, 0.8, seed)
    found = calibrate(pairs)
    assert found.slope is not None
    assert found.in_the_large is not None
    _a, b = by_search(pairs)
    assert found.slope.value == pytest.approx(b, abs=1e-4)
    a, _one = by_search(pairs, fixed=1.0)
    assert found.in_the_large.value == pytest.approx(a, abs=1e-5)


@pytest.mark.parametrize(("intercept", "slope"), [(0.0, 1.0), (0.0, 0.6), (-0.7, 1.4), (0.5, 1.0)])
def test_a_made_cohort_gives_its_slope_back_within_the_interval(
    intercept: float, slope: float
) -> None:
    found = calibrate(cohort(20_000, intercept, slope, 11))
    assert found.slope is not None
    assert found.slope.low < slope < found.slope.high
    assert found.slope.high - found.slope.low < 0.12


def test_the_intervals_hold_the_truth_in_about_95_of_100_cohorts() -> None:
    inside = {"slope": 0, "large": 0}
    for seed in range(200):
        found = calibrate(cohort(250, 0.0, 1.0, seed))
        assert found.slope is not None
        assert found.in_the_large is not None
        inside["slope"] += found.slope.low <= 1.0 <= found.slope.high
        inside["large"] += found.in_the_large.low <= 0.0 <= found.in_the_large.high
    # Binomial(200, 0.95): 180 to 199 holds more than 99.9 % of it.
    assert all(180 <= count <= 199 for count in inside.values()), inside


def test_one_prediction_for_all_has_the_analytic_intercept_and_no_slope() -> None:
    pairs = [(0.25, 1)] * 12 + [(0.25, 0)] * 18
    found = calibrate(pairs)
    assert found.slope is None
    assert found.in_the_large is not None
    assert found.in_the_large.value == pytest.approx(logit(0.4) - logit(0.25), abs=1e-9)
    width = Z95 / math.sqrt(30 * 0.4 * 0.6)
    assert found.in_the_large.high - found.in_the_large.value == pytest.approx(width, abs=1e-9)
    assert len(found.bins) == 1


def test_what_has_no_value_has_none() -> None:
    assert calibrate([]).in_the_large is None
    nobody = calibrate([(0.1, 0), (0.6, 0)])
    assert (nobody.in_the_large, nobody.slope) == (None, None)
    parted = calibrate([(0.1, 0), (0.2, 0), (0.3, 0), (0.7, 1), (0.8, 1), (0.9, 1)])
    assert parted.slope is None
    assert parted.in_the_large is not None
    certain = calibrate([(0.0, 0), (0.0, 1), (1.0, 1), (1.0, 0)])
    assert certain.in_the_large is not None


@pytest.mark.parametrize("pair", [(1.2, 0), (-0.1, 1), (0.5, 2)])
def test_what_is_no_prediction_is_refused(pair: tuple[float, int]) -> None:
    with pytest.raises(ValueError, match="no prediction"):
        calibrate([pair])


@settings(max_examples=60)
@given(COHORTS, st.integers(1, 8))
def test_bins_hold_everybody_once_in_order_and_part_no_equal_predictions(
    pairs: Pairs, bins: int
) -> None:
    found = calibrate(pairs, bins=bins)
    assert sum(b.count for b in found.bins) == len(pairs)
    assert sum(b.events for b in found.bins) == sum(y for _p, y in pairs)
    assert len(found.bins) <= bins
    for one, other in zip(found.bins, found.bins[1:], strict=False):
        assert one.highest < other.lowest
    for b in found.bins:
        inside = [p for p, _y in pairs if b.lowest <= p <= b.highest]
        assert len(inside) == b.count
        assert b.predicted == pytest.approx(math.fsum(inside) / len(inside))
        assert b.observed.low <= b.observed.value <= b.observed.high


@settings(max_examples=60)
@given(COHORTS)
def test_others_see_no_cell_with_fewer_than_five(pairs: Pairs) -> None:
    found = calibrate(pairs, shared=True)
    events = sum(y for _p, y in pairs)
    if min(events, len(pairs) - events) < 5:
        assert found.as_json() == {"suppressed": True}
        assert (found.count, found.bins) == (0, ())
        return
    assert sum(b.count for b in found.bins) == len(pairs)
    assert all(min(b.events, b.count - b.events) >= 5 for b in found.bins)
