"""Every law against the integral of its hazard, its inverse, SciPy, and the laws it contains."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from sapar.hta.engine.survival.combined import (
    Accelerated,
    Cure,
    LifeTable,
    PiecewiseExponential,
    Proportional,
    ProportionalOdds,
    Relative,
    Then,
    Waning,
)
from sapar.hta.engine.survival.law import Law, outside
from sapar.hta.engine.survival.laws import (
    Exponential,
    GeneralisedGamma,
    Gompertz,
    LogLogistic,
    LogNormal,
    WeibullAFT,
    WeibullPH,
)
from sapar.hta.engine.survival.spline import Spline

TABLE = LifeTable(np.arange(50.0, 111.0), 0.004 * 1.09 ** np.arange(61.0), 60.5)
KNOTS = (-1.0, 0.5, 1.4, 3.0)
BENT = (-2.0, 1.3, 0.12, -0.15)

SIMPLE: dict[str, Law] = {
    "exponential": Exponential(0.3),
    "weibull by hazards": WeibullPH(1.4, 0.1),
    "weibull with a falling hazard": WeibullPH(0.6, 0.4),
    "weibull by time": WeibullAFT(2.5, 4.0),
    "gompertz": Gompertz(0.2, 0.05),
    "gompertz with survivors": Gompertz(-0.4, 0.2),
    "log-normal": LogNormal(1.2, 0.8),
    "log-logistic": LogLogistic(1.7, 3.0),
    "log-logistic with a falling hazard": LogLogistic(0.8, 3.0),
    "generalised gamma": GeneralisedGamma(1.2, 0.7, 0.5),
    "generalised gamma, Q below 0": GeneralisedGamma(1.2, 0.7, -0.8),
    "generalised gamma, Q = 0": GeneralisedGamma(1.2, 0.7, 0.0),
    "generalised gamma, a large Q": GeneralisedGamma(1.2, 0.7, 3.0),
    "spline on hazards": Spline("hazard", KNOTS, BENT),
    "spline on odds": Spline("odds", KNOTS, BENT),
    "spline on normal": Spline("normal", KNOTS, BENT),
    "piecewise": PiecewiseExponential((0.1, 0.5, 0.2), (1.5, 4.0)),
}
COMBINED: dict[str, Law] = {
    "life table": TABLE,
    "cure": Cure(SIMPLE["weibull by time"], 0.3),
    "relative": Relative(SIMPLE["log-normal"], TABLE),
    "relative with cure": Relative(Cure(SIMPLE["log-normal"], 0.4), TABLE),
    "hazard ratio": Proportional(SIMPLE["log-logistic"], 0.6),
    "odds ratio": ProportionalOdds(SIMPLE["weibull by hazards"], 0.6),
    "time ratio": Accelerated(SIMPLE["generalised gamma"], 1.5),
    "waning": Waning(SIMPLE["log-normal"], 0.5, 2.0, 5.0),
    "waning at once": Waning(SIMPLE["log-normal"], 0.5, 3.0, 3.0),
    "one after the other": Then(SIMPLE["piecewise"], SIMPLE["gompertz"], 3.0),
}
ALL = SIMPLE | COMBINED
EXTREME = np.array([0.0, 5e-324, 1e-300, 1e-12, 1.0, 50.0, 1e4, 1e8, 1e300, np.inf])


@pytest.mark.parametrize("name", ALL)
def test_the_integral_of_the_hazard_is_the_cumulative_hazard(name: str) -> None:
    law = ALL[name]
    breaks = [2.0, 3.0, 4.0, 5.0, 1.5, *(k + 0.5 for k in range(10)), *np.exp(KNOTS)]
    for low, high in ((0.2, 1.0), (1.0, 7.0)):
        inside = sorted({each for each in breaks if low < each < high})
        wanted, _ = integrate.quad(
            lambda t: float(law.hazard(t)), low, high, points=inside, limit=200
        )
        assert float(law.cumulative(high) - law.cumulative(low)) == pytest.approx(wanted, rel=1e-7)
        assert float(law.event(low, high - low)) == pytest.approx(-math.expm1(-wanted), rel=1e-7)
        area, _ = integrate.quad(
            lambda t: float(law.density(t)), low, high, points=inside, limit=200
        )
        assert float(law.survival(low) - law.survival(high)) == pytest.approx(area, rel=1e-7)


@pytest.mark.parametrize("name", ALL)
def test_a_quantile_is_the_time_by_which_so_many_had_the_event(name: str) -> None:
    law = ALL[name]
    shares = np.array([1e-9, 0.01, 0.25, 0.5, 0.75, 0.99, 1 - 1e-12])
    times = law.quantile(shares)
    most = -np.expm1(-law.cumulative(1e300))
    known = shares < most
    assert np.isinf(times[~known]).all()
    assert np.isfinite(times[known]).all()
    gone = -np.expm1(-law.cumulative(times[known]))
    assert gone == pytest.approx(shares[known], rel=1e-8)
    assert float(law.quantile(0.0)) == 0.0
    assert np.isinf(law.quantile(1.0))


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_undefined_however_early_or_late(name: str) -> None:
    law = ALL[name]
    with np.errstate(all="raise", under="ignore"):
        gone, hazard = law.cumulative(EXTREME), law.log_hazard(EXTREME)
        density, event = law.log_density(EXTREME), law.event(EXTREME, 1.0)
        times = law.inverse(np.array([0.0, 1e-300, 1e-12, 1.0, 700.0, 1e5, np.inf]))
    for each in (gone, hazard, density, event, times):
        assert not np.isnan(each).any()
    assert gone[0] == 0
    assert (np.diff(gone[np.isfinite(gone)]) >= 0).all()
    assert ((event >= 0) & (event <= 1)).all()
    assert (times[1:] >= times[:-1]).all()


@pytest.mark.parametrize(
    ("law", "theirs"),
    [
        (Exponential(0.3), stats.expon(scale=1 / 0.3)),
        (WeibullAFT(2.5, 4.0), stats.weibull_min(2.5, scale=4.0)),
        (WeibullPH(1.4, 0.1), stats.weibull_min(1.4, scale=0.1 ** (-1 / 1.4))),
        (Gompertz(0.2, 0.05), stats.gompertz(0.05 / 0.2, scale=1 / 0.2)),
        (LogNormal(1.2, 0.8), stats.lognorm(0.8, scale=math.exp(1.2))),
        (LogLogistic(2.7, 3.0), stats.fisk(2.7, scale=3.0)),
        (
            GeneralisedGamma(1.2, 0.7, 0.5),
            stats.gengamma(4.0, 0.5 / 0.7, scale=math.exp(1.2) * 4.0 ** (-1.4)),
        ),
        (
            GeneralisedGamma(1.2, 0.3, -0.8),
            stats.gengamma(0.8**-2, -0.8 / 0.3, scale=math.exp(1.2) * 0.8 ** (-2 * 0.3 / 0.8)),
        ),
    ],
)
def test_scipy_has_the_same_laws(law: Law, theirs: stats.rv_continuous) -> None:
    times = np.array([0.05, 0.5, 1.0, 3.0, 8.0])
    assert law.survival(times) == pytest.approx(theirs.sf(times), rel=1e-10)
    assert law.density(times) == pytest.approx(theirs.pdf(times), rel=1e-10)
    assert law.quantile([0.1, 0.5, 0.9]) == pytest.approx(theirs.ppf([0.1, 0.5, 0.9]), rel=1e-9)
    assert float(law.mean()) == pytest.approx(theirs.mean(), rel=1e-7)
    wanted, _ = integrate.quad(theirs.sf, 0, 5.0)
    assert float(law.restricted_mean(5.0)) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize(
    "name", ["cure", "gompertz with survivors", "log-logistic with a falling hazard"]
)
def test_the_mean_is_infinite_where_some_never_have_the_event_or_the_tail_is_too_long(
    name: str,
) -> None:
    assert np.isinf(ALL[name].mean())


@pytest.mark.parametrize("name", ["piecewise", "spline on hazards", "relative", "time ratio"])
def test_the_mean_is_the_area_under_survival(name: str) -> None:
    law = ALL[name]
    points = [1.5, 4.0, *(k + 0.5 for k in range(40))]
    wanted, _ = integrate.quad(lambda t: float(law.survival(t)), 0, 60, points=points, limit=500)
    rest, _ = integrate.quad(lambda t: float(law.survival(t)), 60, 400, limit=500)
    assert float(law.mean()) == pytest.approx(wanted + rest, rel=1e-5)


TIMES = np.array([0.01, 0.3, 1.0, 4.0, 20.0, 300.0])


@settings(max_examples=40, deadline=None)
@given(mu=st.floats(-2, 3), sigma=st.floats(0.1, 2), q=st.sampled_from([1.0, 0.0, 1e-7, "sigma"]))
def test_the_generalised_gamma_contains_weibull_lognormal_and_gamma(
    mu: float, sigma: float, q: float | str
) -> None:
    law = GeneralisedGamma(mu, sigma, sigma if q == "sigma" else q)
    if q == 1.0:
        inside: Law = WeibullAFT(1 / sigma, math.exp(mu))
    elif q == "sigma":
        theirs = stats.gamma(sigma**-2, scale=math.exp(mu) * sigma**2)
        assert law.survival(TIMES) == pytest.approx(theirs.sf(TIMES), rel=1e-9, abs=1e-290)
        return
    else:
        inside = LogNormal(mu, sigma)
    assert law.cumulative(TIMES) == pytest.approx(inside.cumulative(TIMES), rel=1e-8, abs=1e-300)
    assert law.log_hazard(TIMES) == pytest.approx(inside.log_hazard(TIMES), rel=1e-8, abs=1e-8)


@settings(max_examples=40, deadline=None)
@given(sigma=st.floats(0.2, 1.5), q=st.floats(1e-5, 3e-3), side=st.sampled_from([1.0, -1.0]))
def test_a_small_q_goes_over_into_the_lognormal(sigma: float, q: float, side: float) -> None:
    near, normal = GeneralisedGamma(1.0, sigma, side * q), LogNormal(1.0, sigma)
    times = np.exp(1.0 + sigma * np.linspace(-3, 3, 9))
    difference = np.abs(near.survival(times) - normal.survival(times))
    assert difference.max() < q
    assert np.abs(near.log_hazard(times) - normal.log_hazard(times)).max() < 20 * q


def test_far_tails_keep_their_digits() -> None:
    """ln S of the gamma law far out, by integrating the density scaled by its value there."""
    for k, start in ((2.0, 900.0), (0.5, 1200.0), (900.0, 4000.0)):
        law = GeneralisedGamma(math.log(k), 1 / math.sqrt(k), 1 / math.sqrt(k))
        scaled, _ = integrate.quad(
            lambda x, k=k, s=start: math.exp((k - 1) * math.log1p(x / s) - x), 0, 400
        )
        wanted = (k - 1) * math.log(start) - start - math.lgamma(k) + math.log(scaled)
        assert float(-law.cumulative(start)) == pytest.approx(wanted, rel=1e-7)
    for k in (2.0, 0.5, 900.0):
        # The lower tail: P(k, u) = u^k exp(-u) / Gamma(k + 1) * 1F1(1; k + 1; u).
        law = GeneralisedGamma(0.0, 1 / math.sqrt(k), -1 / math.sqrt(k))
        t = 1e200 if k < 10 else 20.0
        u = k / t
        series = math.fsum(
            math.exp(n * math.log(u) - sum(math.log(k + i) for i in range(1, n + 1)))
            for n in range(150)
        )
        wanted = k * math.log(u) - u - math.lgamma(k + 1) + math.log(series)
        assert float(-law.cumulative(t)) == pytest.approx(wanted, rel=1e-7)


@pytest.mark.parametrize("gammas", [(-2.0, 1.3), (-2.0, 1.3, 0.0, 0.0)])
def test_a_spline_without_bends_is_weibull_loglogistic_or_lognormal(
    gammas: tuple[float, ...],
) -> None:
    knots = KNOTS if len(gammas) == 4 else (KNOTS[0], KNOTS[-1])
    shape = gammas[1]
    laws = {
        "hazard": WeibullPH(shape, math.exp(gammas[0])),
        "odds": LogLogistic(shape, math.exp(-gammas[0] / shape)),
        "normal": LogNormal(-gammas[0] / shape, 1 / shape),
    }
    for scale, law in laws.items():
        spline = Spline(scale, knots, gammas)
        assert spline.cumulative(TIMES) == pytest.approx(law.cumulative(TIMES), rel=1e-10)
        assert spline.log_hazard(TIMES) == pytest.approx(
            law.log_hazard(TIMES), rel=1e-10, abs=1e-12
        )


def test_a_spline_is_a_straight_line_beyond_its_knots_and_says_where_it_falls() -> None:
    law = Spline("hazard", KNOTS, BENT)
    late = np.exp(np.array([3.0, 4.0, 5.0]))
    steps = np.diff(np.log(law.cumulative(late)))
    assert steps[0] == pytest.approx(steps[1], rel=1e-12)
    assert not law.falls()
    many = Spline("hazard", KNOTS, (-2.0, 1.3, np.array([0.12, 0.6, -0.9]), -0.15))
    x = np.linspace(-1, 3, 4001)
    slopes = [
        np.gradient(
            np.log(Spline("hazard", KNOTS, (-2.0, 1.3, each, -0.15)).cumulative(np.exp(x))), x
        ).min()
        for each in (0.12, 0.6, -0.9)
    ]
    assert list(many.falls()) == [slope < 0 for slope in slopes]


def test_a_spline_of_one_inner_knot_is_what_its_formula_says() -> None:
    low, knot, high = 0.0, 1.0, 2.0
    law = Spline("hazard", (low, knot, high), (-1.0, 1.1, 0.2))
    for x in (-1.0, 0.3, 1.4, 2.0, 5.0):
        share = (high - knot) / (high - low)
        bent = (
            max(x - knot, 0) ** 3
            - share * max(x - low, 0) ** 3
            - (1 - share) * max(x - high, 0) ** 3
        )
        assert float(np.log(law.cumulative(math.exp(x)))) == pytest.approx(
            -1.0 + 1.1 * x + 0.2 * bent
        )


def test_simple_relations_between_combined_laws() -> None:
    law = SIMPLE["log-normal"]
    s = law.survival(TIMES)
    assert Cure(law, 0.3).survival(TIMES) == pytest.approx(0.3 + 0.7 * s)
    assert Cure(law, 0.0).log_hazard(TIMES) == pytest.approx(law.log_hazard(TIMES))
    assert Proportional(law, 0.5).survival(TIMES) == pytest.approx(s**0.5)
    odds = ProportionalOdds(law, 2.0).survival(TIMES)
    assert (1 - odds) / odds == pytest.approx(2 * (1 - s) / s)
    assert Accelerated(law, 2.0).survival(TIMES) == pytest.approx(law.survival(TIMES / 2))
    both = Relative(law, TABLE).survival(TIMES)
    assert both == pytest.approx(s * TABLE.survival(TIMES))
    assert Waning(law, 1.0, 2.0, 5.0).survival(TIMES) == pytest.approx(s)
    assert Waning(law, 0.5, 1e9, 1e9).survival(TIMES) == pytest.approx(s**0.5)


def test_a_life_table_sums_the_hazards_of_the_years_lived() -> None:
    law = LifeTable(
        np.array([60.0, 61.0, 62.0]), np.array([0.1, 0.2, 0.4]), np.array([60.0, 61.25])
    )
    assert law.cumulative(1.5) == pytest.approx([0.1 + 0.5 * 0.2, 0.75 * 0.2 + 0.75 * 0.4])
    assert law.hazard(1.0) == pytest.approx([0.2, 0.4])


def test_arguments_and_times_meet_as_arrays() -> None:
    law = Relative(
        Cure(
            GeneralisedGamma(np.ones((2, 1, 1)), 0.5, np.linspace(-1, 1, 5).reshape(1, 5, 1)), 0.2
        ),
        TABLE,
    )
    assert law.survival(np.arange(7.0)).shape == (2, 5, 7)
    for k in range(5):
        alone = Relative(Cure(GeneralisedGamma(1.0, 0.5, -1 + k / 2), 0.2), TABLE)
        assert law.survival(np.arange(7.0))[1, k] == pytest.approx(alone.survival(np.arange(7.0)))


@pytest.mark.parametrize(
    ("law", "name", "wrong"),
    [
        (Exponential(np.array([0.1, -0.1])), "rate", [False, True]),
        (WeibullPH(np.array([0.0, 1.0]), 1.0), "shape", [True, False]),
        (Cure(Exponential(1.0), np.array([0.5, 1.5])), "cured", [False, True]),
        (LogNormal(np.array([np.nan, 1.0]), 1.0), "meanlog", [True, False]),
    ],
)
def test_arguments_outside_their_support_are_found(law: Law, name: str, wrong: list[bool]) -> None:
    found = outside(law)
    assert found is not None
    assert found[0] == name
    assert found[1].tolist() == wrong
    assert outside(SIMPLE["gompertz"]) is None
