"""What knowing a parameter is worth, on models whose answer is known: none silently wrong."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import integrate, stats

from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.uncertainty.evppi import Evppi, evppi
from sapar.hta.engine.uncertainty.sample import Sample, at_threshold, sample

if TYPE_CHECKING:
    from collections.abc import Callable

SICK = read_model(
    (Path(__file__).parents[2] / "data" / "hta" / "sick-sicker.yaml").read_text(encoding="utf-8")
)
TRUTH = Path(__file__).parents[2] / "benchmarks" / "hta" / "evppi_truth.json"
DRAWS = 10_000


def drawn(
    benefit: Callable[..., np.ndarray], deviations: dict[str, tuple[float, float]], seed: int
) -> Sample:
    """Normal parameters, and net benefits with nothing as the first strategy."""
    rng = np.random.default_rng(seed)
    parameters = {name: rng.normal(m, sd, DRAWS) for name, (m, sd) in deviations.items()}
    gains = np.atleast_2d(benefit(**parameters))
    costs = np.concatenate([np.zeros((1, DRAWS)), -gains])
    return Sample(SICK, seed, parameters, costs, np.zeros_like(costs))


def expected(gain: Callable[[float], float]) -> float:
    """Mean of max(0, gain(z)) for a standard normal z."""
    found, _ = integrate.quad(
        lambda z: max(0.0, gain(z)) * stats.norm.pdf(z), -9, 9, limit=400, points=[-1, 0, 1]
    )
    return float(found)


UNIT = (0.0, 1.0)
ROOT = float(np.sqrt(2 / np.pi))
BANK: dict[str, tuple[Any, dict[str, tuple[float, float]], tuple[str, ...], float]] = {
    "linear, the first": (
        lambda p, q: p - q, {"p": (1.0, 1.0), "q": (0.0, 2.0)}, ("p",), 0.0833154706,
    ),
    "linear, the second": (
        lambda p, q: p - q, {"p": (1.0, 1.0), "q": (0.0, 2.0)}, ("q",), 0.3955931148,
    ),
    "linear, both": (
        lambda p, q: p - q, {"p": (1.0, 1.0), "q": (0.0, 2.0)}, ("p", "q"),
        stats.norm.cdf(np.sqrt(0.2)) + np.sqrt(5) * stats.norm.pdf(np.sqrt(0.2)) - 1,
    ),
    "a product, both": (lambda p, q: p * q, {"p": UNIT, "q": UNIT}, ("p", "q"), 1 / np.pi),
    "a product, one alone": (lambda p, q: p * q, {"p": UNIT, "q": UNIT}, ("p",), 0.0),
    "a product of three": (
        lambda p, q, r: p * q * r, {"p": UNIT, "q": UNIT, "r": UNIT}, ("p", "q", "r"), ROOT**3 / 2,
    ),
    "a square": (
        lambda p, q: p**2 - 1 + q, {"p": UNIT, "q": UNIT}, ("p",), 2 * stats.norm.pdf(1.0),
    ),
    "a maximum": (
        lambda p, q: np.maximum(p, 0) - 0.4 + q, {"p": UNIT, "q": UNIT}, ("p",),
        expected(lambda z: max(z, 0) - 0.4) - max(0.0, stats.norm.pdf(0) - 0.4),
    ),
    "a threshold": (
        lambda p, q: 3.0 * (p > 0.5) - 1 + q, {"p": UNIT, "q": UNIT}, ("p",),
        2 * stats.norm.sf(0.5) - max(0.0, 3 * stats.norm.sf(0.5) - 1),
    ),
    "signs of two": (
        lambda p, q: np.sign(p) * np.sign(q), {"p": UNIT, "q": UNIT}, ("p", "q"), 0.5,
    ),
    "a threshold on a sum of two": (
        lambda p, q: 3.0 * (p + q > 1) - 1, {"p": UNIT, "q": UNIT}, ("p", "q"),
        2 * stats.norm.sf(np.sqrt(0.5)),
    ),
    "three ways to act, two unknowns": (
        lambda p, q: np.stack([p, q]), {"p": UNIT, "q": UNIT}, ("p", "q"),
        integrate.quad(lambda t: 1 - stats.norm.cdf(t) ** 2, 0, 9)[0],
    ),
    "three ways to act, one known": (
        lambda p, q: np.stack([p, q]), {"p": UNIT, "q": UNIT}, ("p",), stats.norm.pdf(0),
    ),
    "a sign times a product": (
        lambda p, q, r: np.sign(p) * q * r, {"p": UNIT, "q": UNIT, "r": UNIT}, ("p", "q", "r"),
        1 / np.pi,
    ),
    "nothing at all": (lambda p, q: p - 0.1 + 0 * q, {"p": UNIT, "q": UNIT}, ("q",), 0.0),
}  # fmt: skip


ROUGH = {"a threshold on a sum of two", "a sign times a product"}
"""Steps askew to the axes, which 10,000 draws follow only to 5 of 100 or worse: to be warned of."""


def near(found: Evppi, truth: float) -> bool:
    return abs(found.value - truth) <= 3 * found.error + 0.02 * truth + 0.003


@pytest.mark.parametrize("name", BANK)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_model_with_a_known_answer_is_right_or_warned_of(name: str, seed: int) -> None:
    benefit, deviations, names, truth = BANK[name]
    found = evppi(drawn(benefit, deviations, seed), names, 0.0)
    assert near(found, truth) or not found.adequate, found
    # With the error that it gives, it is right even where it warns.
    assert near(found, truth), found


@pytest.mark.parametrize("name", sorted(set(BANK) - ROUGH))
def test_a_good_value_is_not_warned_of(name: str) -> None:
    benefit, deviations, names, truth = BANK[name]
    for seed in range(3, 8):
        found = evppi(drawn(benefit, deviations, seed), names, 0.0)
        assert found.adequate, found
        assert near(found, truth), found


@pytest.mark.parametrize("name", sorted(ROUGH))
def test_a_value_that_comes_out_too_low_is_warned_of(name: str) -> None:
    benefit, deviations, names, truth = BANK[name]
    for seed in range(3, 6):
        found = evppi(drawn(benefit, deviations, seed), names, 0.0)
        assert found.value < truth
        assert not found.adequate, found


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("within", "most"), [(0.0, 0.2), (1.0, 0.7)])
def test_a_surface_that_no_regression_here_can_follow_is_warned_of(
    seed: int, within: float, most: float
) -> None:
    def benefit(p: np.ndarray, q: np.ndarray) -> np.ndarray:
        # Alone it is worth 1 / pi; with a slope, which every regression sees, 0.72.
        if within:
            return np.asarray(p + 2 * np.sin(9 * p) * np.sign(q))
        return np.asarray(np.sin(25 * p) * np.sign(q))

    found = evppi(drawn(benefit, {"p": UNIT, "q": UNIT}, seed), ("p", "q"), 0.0)
    assert found.value < most
    assert not found.adequate


def test_knowing_more_is_never_worth_less_and_never_more_than_everything() -> None:
    draws = sample(SICK, DRAWS, 3)
    everything = at_threshold(draws, 100_000.0)
    one = evppi(draws, ["u_S1"], 100_000.0)
    two = evppi(draws, ["u_S1", "hr_B"], 100_000.0)
    five = evppi(draws, ["u_S1", "c_A", "c_B", "u_A", "hr_B"], 100_000.0)
    rows = [one, two, five]
    for less, more in pairwise(rows):
        assert less.value <= more.value + 2 * np.hypot(less.error, more.error)
    assert five.value <= everything.evpi + 2 * np.hypot(five.error, everything.evpi_error)
    assert all(each.adequate for each in rows)
    # The published value of the five together is 2,196 to 2,205 on the authors' 1,000 draws.
    assert abs(five.value - 2_200) < 3 * five.error * np.sqrt(1 + DRAWS / 1_000)


def test_what_nested_simulation_found_is_met_within_three_percent() -> None:
    # Made by benchmarks/hta/evppi_truth.py: two million runs of the model for each set.
    kept = json.loads(TRUTH.read_text(encoding="utf-8"))
    found = sample(SICK, 20_000, 5)
    assert len(kept[0]["names"]) == 5
    for each in kept:
        here = evppi(found, each["names"], each["threshold"])
        assert abs(here.value - each["value"]) < 3 * np.hypot(here.error, each["error"])
        assert here.adequate
        if each["value"] > 500:
            assert here.value == pytest.approx(each["value"], rel=0.03)


def test_knowing_one_of_two_that_are_drawn_together_tells_of_the_other() -> None:
    model = read_model(
        """schema: sapar.hta.tree/1
id: pair
strategies: {none: None, some: Something}
parameters: {p: {value: 0}, q: {value: 0}, on: {by_strategy: {none: 0, some: 1}}}
joint: {pair: {kind: normal, of: [p, q], se: [1, 2], correlations: {"p, q": -0.6}}}
tree: {pays: {cost: on * q}}
rewards: {cost: {}, qaly: {}}
decision: {cost: cost, effect: qaly}
"""
    )
    found = sample(model, DRAWS, 1)
    # E(q | p) is normal with the sd 0.6 · 2; E max(0, x) of it is sd / sqrt(2 pi).
    for name, sd in (("p", 1.2), ("q", 2.0)):
        here = evppi(found, [name], 0.0)
        truth = sd / np.sqrt(2 * np.pi)
        assert abs(here.value - truth) < 3 * here.error
        assert here.value == pytest.approx(truth, rel=0.02)


def test_a_parameter_that_was_not_drawn_is_no_answer() -> None:
    with pytest.raises(KeyError):
        evppi(sample(SICK, 200, 1), ["on_A"], 1.0)
