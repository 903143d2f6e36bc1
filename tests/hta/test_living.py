"""A model that learns from outcomes, and looks at its decision again by itself."""

from __future__ import annotations

import functools
import math
from datetime import date
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from sapar.hta.engine.living.posterior import Observed, moments, posterior, recent, updated
from sapar.hta.engine.living.watch import Decided, look
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.distributions import beta, gamma, lognormal, normal

EXAMPLE = """
schema: sapar.hta.tree/1
id: example
title: A treatment that six of ten people answer to
version: "1"
strategies: {usual: Usual care, new: New treatment}
parameters:
  p_usual: {value: 0.3, unit: "1", source: example, mark: demonstration}
  p_new:
    {value: 0.6, unit: "1", distribution: "beta(a=60, b=40)", source: example, mark: demonstration}
  c_new: {value: 12000, unit: USD, source: example, mark: demonstration}
  on: {by_strategy: {usual: 0, new: 1}}
rewards:
  cost: {label: Costs, unit: USD}
  qaly: {label: QALYs, unit: QALY}
tree:
  branches:
    well: {chance: "if(on, p_new, p_usual)", pays: {cost: c_new * on, qaly: 1}}
    ill: {chance: rest, pays: {cost: c_new * on, qaly: 0}}
decision: {cost: cost, effect: qaly}
"""
"""At 50,000 for a QALY the new treatment pays from an effect of 0.54; a drop of a fifth is 0.48."""
example = functools.cache(lambda: read_model(EXAMPLE))
DECIDED = Decided("new", 50_000.0, chance=0.8, months=12, draws=400)
PEOPLE = 33
"""A month: some 400 people a year."""


def test_a_share_is_updated_as_integration_says() -> None:
    law = posterior(beta(3, 5), "share", {"events": 7, "people": 11})
    weight = lambda p: stats.beta.pdf(p, 3, 5) * stats.binom.pmf(7, 11, p)  # noqa: E731
    whole = integrate.quad(weight, 0, 1)[0]
    mean = integrate.quad(lambda p: p * weight(p), 0, 1)[0] / whole
    assert moments(law)[0] == pytest.approx(mean, rel=1e-9)


def test_a_rate_is_updated_as_integration_says() -> None:
    law = posterior(gamma(4, 0.5), "rate", {"events": 9, "years": 3.5})
    weight = lambda r: stats.gamma.pdf(r, 4, scale=0.5) * stats.poisson.pmf(9, r * 3.5)  # noqa: E731
    whole = integrate.quad(weight, 0, 20)[0]
    mean = integrate.quad(lambda r: r * weight(r), 0, 20)[0] / whole
    assert moments(law)[0] == pytest.approx(mean, rel=1e-8)


def test_a_mean_is_updated_as_integration_says() -> None:
    values = np.array([9.0, 12.0, 13.5, 8.0, 11.0])
    sums = {"people": 5, "sum": float(values.sum()), "squares": float((values**2).sum())}
    law = posterior(normal(10, 2), "mean", sums)
    error = values.std(ddof=1) / math.sqrt(5)
    weight = lambda m: stats.norm.pdf(m, 10, 2) * stats.norm.pdf(values.mean(), m, error)  # noqa: E731
    whole = integrate.quad(weight, 0, 25)[0]
    mean = integrate.quad(lambda m: m * weight(m), 0, 25)[0] / whole
    assert moments(law)[0] == pytest.approx(mean, rel=1e-8)


@pytest.mark.parametrize("prior", [gamma(25, 400.0), lognormal(9.2, 0.2)])
def test_a_cost_keeps_its_family_and_takes_the_moments_of_the_normal_update(prior) -> None:
    mean, sd = moments(prior)
    sums = {"people": 100, "sum": 900_000.0, "squares": 100 * (9_000.0**2 + 2_000.0**2)}
    law = posterior(prior, "mean", sums)
    error = math.sqrt((sums["squares"] - 100 * 9_000.0**2) / 99 / 100)
    want = (mean / sd**2 + 9_000 / error**2) / (1 / sd**2 + 1 / error**2)
    assert law.name == prior.name
    assert moments(law)[0] == pytest.approx(want, rel=1e-12)
    assert moments(law)[1] < sd


@given(
    parts=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=6),
)
def test_many_periods_say_the_same_as_one_long_one(parts: list[tuple[int, int]]) -> None:
    model, day = example(), date(2027, 3, 31)
    rows = [Observed("p_new", "share", {"events": a, "people": a + b}, day) for a, b in parts]
    events, people = sum(a for a, _ in parts), sum(a + b for a, b in parts)
    once = [Observed("p_new", "share", {"events": events, "people": people}, day)]
    assert updated(model, rows)[1]["p_new"].given == updated(model, once)[1]["p_new"].given


def test_the_base_value_moves_with_the_distribution() -> None:
    row = Observed("p_new", "share", {"events": 0, "people": 100}, date(2027, 3, 31))
    model, _laws = updated(example(), [row])
    assert float(model.parameters["p_new"].values[""].text) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("nobody", "share"), ("c_new", "mean"), ("p_new", "rate"), ("p_new", "mean"), ("on", "share")],
)
def test_what_no_parameter_can_take_is_refused_by_name(name: str, kind: str) -> None:
    data = {"events": 1, "people": 2, "years": 1.0, "sum": 1.0, "squares": 1.0}
    with pytest.raises(BadModelError) as caught:
        updated(example(), [Observed(name, kind, data, date(2027, 1, 31))])
    assert [(p.code, p.value) for p in caught.value.problems] == [("hta.run.observed", name)]


def test_only_the_last_months_count() -> None:
    rows = [
        Observed("p_new", "share", {"events": 1, "people": 2}, date(2027, month, 28))
        for month in range(1, 13)
    ]
    kept = recent(rows, date(2027, 12, 31), 3)
    assert [each.ends.month for each in kept] == [10, 11, 12]
    assert [each.ends.month for each in recent(rows, date(2027, 4, 1), 12)] == [1, 2, 3]


def test_without_observations_a_look_says_what_the_model_said() -> None:
    found = look(example(), DECIDED, [], date(2027, 1, 31))
    exact = stats.beta.cdf(0.54, 60, 40)
    assert found.wrong == pytest.approx(exact, abs=4 * found.wrong_error)
    assert (found.best, found.fires, found.observed) == ("new", False, 0)


def test_the_chance_to_be_wrong_is_the_posteriors() -> None:
    row = Observed("p_new", "share", {"events": 180, "people": 360}, date(2027, 1, 31))
    decided = Decided("new", 50_000.0, chance=0.7, draws=20_000)
    found = look(example(), decided, [row], date(2027, 2, 1))
    assert found.wrong == pytest.approx(stats.beta.cdf(0.54, 240, 220), abs=4 * found.wrong_error)
    assert found.fires
    assert found.best == "usual"


def year_of(rng: np.random.Generator, shares: list[float]) -> int | None:
    """Months of outcomes with these true shares; the first month in which the look fires."""
    model, rows = example(), []
    for month, share in enumerate(shares):
        day = date(2027 + month // 12, month % 12 + 1, 28)
        events = int(rng.binomial(PEOPLE, share))
        rows.append(Observed("p_new", "share", {"events": events, "people": PEOPLE}, day))
        if look(model, DECIDED, rows, day).fires:
            return month
    return None


def test_a_drop_of_a_fifth_is_found_within_a_year_and_few_years_give_a_false_alarm() -> None:
    rng = np.random.default_rng(20261125)
    before, after = [0.6] * 12, [0.48] * 18
    found = [year_of(rng, before + after) for _ in range(60)]
    months = [18 if each is None else each - 11 for each in found]
    assert median(months) <= 12
    years = 2
    false = [year_of(rng, before * years) for _ in range(60)]
    assert sum(each is not None for each in false) / (60 * years) <= 0.05
