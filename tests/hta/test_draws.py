"""Draws and what they say: the same ones everywhere, and right against closed forms."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sapar.hta.engine.decision.frontier import DOMINATED, EXTENDED, best, frontier
from sapar.hta.engine.expressions.parse import parse
from sapar.hta.engine.model.model import Expression
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.uncertainty import sample as sampling
from sapar.hta.engine.uncertainty.draws import draw, drawing
from sapar.hta.engine.uncertainty.sample import Sample, at_threshold, sample

MODELS = Path(__file__).parents[2] / "data" / "hta"
SICK = read_model((MODELS / "sick-sicker.yaml").read_text(encoding="utf-8"))


def test_a_draw_is_the_same_in_a_sample_of_any_size_and_from_any_place() -> None:
    whole = draw(SICK, 3_500, 7)
    for since, number in ((0, 10), (990, 20), (1_000, 1_000), (2_345, 1_155)):
        part = draw(SICK, number, 7, since=since)
        for name, values in part.items():
            assert np.array_equal(values, whole[name][since : since + number])


def test_other_seeds_and_other_names_are_other_draws() -> None:
    one, two = draw(SICK, 200, 1), draw(SICK, 200, 2)
    assert all(not np.array_equal(one[name], two[name]) for name in one)
    pairs = np.corrcoef(np.array(list(draw(SICK, 20_000, 3).values())))
    assert np.abs(pairs - np.eye(len(pairs))).max() < 5 / np.sqrt(20_000)


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_the_same_bits_come_from_any_number_of_workers(
    workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = sample(SICK, 2_500, 5)
    monkeypatch.setattr(sampling, "PIECE", 700)
    with ThreadPoolExecutor(workers) as executor:
        found = sample(SICK, 2_500, 5, executor=executor)
    assert np.array_equal(found.costs, alone.costs)
    assert np.array_equal(found.effects, alone.effects)


@pytest.mark.parametrize(
    ("text", "law"),
    [
        ("gamma(shape=20, rate=10000)", stats.gamma(20, scale=1e-4)),
        ("gamma(shape=73.5, scale=163.3)", stats.gamma(73.5, scale=163.3)),
        ("gamma(mean=5294, sd=1487)", stats.gamma((5294 / 1487) ** 2, scale=1487**2 / 5294)),
        ("beta(a=130, b=45)", stats.beta(130, 45)),
        ("lognormal(meanlog=ln(0.6), sdlog=0.02)", stats.lognorm(0.02, scale=0.6)),
        ("normal(mean=-1, sd=2)", stats.norm(-1, 2)),
        ("uniform(least=1, most=3)", stats.uniform(1, 2)),
        ("triangular(least=0, mode=1, most=4)", stats.triang(0.25, 0, 4)),
    ],
)
def test_a_distribution_is_the_one_that_it_says(text: str, law: stats.rv_continuous) -> None:
    values = drawing(Expression(text, parse(text), ""))(np.random.default_rng(11), 20_000)
    assert stats.kstest(values, law.cdf).pvalue > 1e-4


def test_a_beta_by_mean_and_deviation_has_them() -> None:
    text = "beta(mean=0.85, sd=0.03)"
    values = drawing(Expression(text, parse(text), ""))(np.random.default_rng(1), 100_000)
    assert values.mean() == pytest.approx(0.85, abs=4e-4)
    assert values.std() == pytest.approx(0.03, rel=0.02)


# Alarid-Escudero et al. 2023 with R's own draws (n = 1000): these are 1,000 draws of theirs and
# 20,000 of ours; so they meet within four standard errors of both.
EVPI = {50_000: 41.437, 75_000: 6_790.028, 100_000: 2_882.614, 125_000: 7_737.762}


def test_the_published_analysis_of_uncertainty_is_met_within_its_error() -> None:
    found = sample(SICK, 20_000, 1)
    for threshold, published in EVPI.items():
        here = at_threshold(found, float(threshold))
        error = here.evpi_error * np.sqrt(1 + 20_000 / 1_000)
        assert abs(here.evpi - published) < 4 * error
    chances = at_threshold(found, 100_000.0).chances
    assert chances == pytest.approx((0.052, 0, 0.765, 0.183), abs=4 * np.sqrt(0.25 / 1_000))


def test_information_is_worth_what_the_closed_form_says() -> None:
    # Net benefit (0, p1 - p2), p1 ~ N(1, 1), p2 ~ N(0, 2): E max(0, x) - 1, x ~ N(1, sqrt 5).
    rng = np.random.default_rng(3)
    gain = rng.normal(1, 1, 200_000) - rng.normal(0, 2, 200_000)
    nothing = np.zeros_like(gain)
    found = Sample(SICK, 0, {}, np.stack([nothing, -gain]), np.stack([nothing, nothing]))
    here = at_threshold(found, 0.0)
    assert here.best == 1
    assert abs(here.evpi - 0.4798107063) < 4 * here.evpi_error
    assert here.evpi == pytest.approx(here.loss[here.best])
    assert min(here.loss) == here.evpi


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=7, unique=True
    ),
    st.floats(0, 200),
)
def test_what_is_best_at_any_threshold_lies_on_the_frontier(
    pairs: list[tuple[int, int]], threshold: float
) -> None:
    costs, effects = [float(cost) for cost, _ in pairs], [float(effect) for _, effect in pairs]
    ranked = {each.number: each for each in frontier(costs, effects)}
    assert sorted(ranked) == list(range(len(pairs)))
    most = max(e * threshold - c for c, e in zip(costs, effects, strict=True))
    on = [k for k, each in ranked.items() if each.status == "frontier"]
    assert max(effects[k] * threshold - costs[k] for k in on) == pytest.approx(most, abs=1e-9)
    assert effects[best(costs, effects, threshold)] * threshold - costs[
        best(costs, effects, threshold)
    ] == pytest.approx(most, abs=1e-9)
    icers = [ranked[k].icer for k in sorted(on, key=lambda k: costs[k]) if ranked[k].icer]
    assert icers == sorted(icers)
    for k, each in ranked.items():
        if each.status == DOMINATED:
            assert any(costs[j] <= costs[k] and effects[j] >= effects[k] for j in ranked if j != k)
        elif each.status == EXTENDED:
            assert not any(costs[j] <= costs[k] and effects[j] >= effects[k] for j in on)
