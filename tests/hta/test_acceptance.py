"""Published models from their documents: every figure to nine digits, and by convention alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sapar.hta.engine.cohort.trace import trace
from sapar.hta.engine.decision.frontier import frontier
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.model.read import read_model

if TYPE_CHECKING:
    from sapar.hta.engine.model.model import AnyModel

MODELS = Path(__file__).parents[2] / "data" / "hta"


def model(name: str) -> AnyModel:
    return read_model((MODELS / f"{name}.yaml").read_text(encoding="utf-8"))


def totals(found: AnyModel) -> dict[str, tuple[float, float]]:
    """Cost and effect of each strategy."""
    made = evaluate(found).discounted
    return {
        strategy.name: (float(made[found.cost][k, 0]), float(made[found.effect][k, 0]))
        for k, strategy in enumerate(found.strategies)
    }


def with_settings(found: AnyModel, **changes: Any) -> Any:
    return replace(found, settings=replace(found.settings, **changes))


# Alarid-Escudero et al., MDM 2023;43:3-20, the group's own code; Briggs et al. 2006 as two R
# packages reproduce them (figures of the acceptance list, read 2026-11-25).
PUBLISHED = {
    "sick-sicker": {
        "soc": (151_579.865957, 20.7113314643),
        "a": (284_804.513371, 21.4986628084),
        "b": (259_100.410617, 22.1844651408),
        "ab": (378_875.198394, 23.1368441350),
    },
    "sick-sicker-residence": {
        "soc": (103_112.077097, 20.0048468152),
        "a": (198_058.145085, 20.8818441591),
        "b": (186_262.233602, 21.1035793081),
        "ab": (274_408.034177, 22.0976903996),
    },
    "hiv": {
        "mono": (44_663.4535637, 7.99120664584),
        "combined": (50_601.6513312, 8.93738889164),
    },
    "migraine": {
        "sumatriptan": (22.0580573600, 0.4168609120 / 365),
        "caffeine": (4.7149724400, 0.2012759560 / 365),
    },
    "hip-replacement": {
        "standard": (512.432666524, 14.6528301065),
        "np1": (610.311245514, 14.6973410607),
    },
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_model_gives_its_published_figures(name: str) -> None:
    found = totals(model(name))
    assert found.keys() == PUBLISHED[name].keys()
    for strategy, (cost, effect) in PUBLISHED[name].items():
        assert found[strategy][0] == pytest.approx(cost, rel=1e-9)
        assert found[strategy][1] == pytest.approx(effect, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "pairs"),
    [
        ("sick-sicker", {"b": 72_987.636, "ab": 125_763.786}),
        ("sick-sicker-residence", {"b": 75_678.254, "ab": 88_667.958}),
        ("hiv", {"combined": 6_275.95560353}),
        ("hip-replacement", {"np1": 2_198.97732464}),
        ("migraine", {"sumatriptan": (22.05805736 - 4.71497244) / (0.215584956 / 365)}),
    ],
)
def test_ratios_and_dominance_are_the_published_ones(name: str, pairs: dict[str, float]) -> None:
    found = model(name)
    both = totals(found)
    ranked = frontier([cost for cost, _ in both.values()], [effect for _, effect in both.values()])
    names = list(both)
    icers = {names[each.number]: each.icer for each in ranked if each.icer is not None}
    assert icers == pytest.approx(pairs, rel=1e-8)
    dominated = {names[each.number] for each in ranked if each.status == "dominated"}
    assert dominated == ({"a"} if name.startswith("sick") else set())


@pytest.mark.parametrize(
    ("rule", "cost"),
    [("darth", 151_579.865957), ("half-cycle", 152_262.290718), ("life-table", 154_535.411912)],
)
def test_one_model_gives_three_published_answers_by_its_convention_alone(
    rule: str, cost: float
) -> None:
    found = totals(with_settings(model("sick-sicker"), within_cycle=rule))
    assert found["soc"][0] == pytest.approx(cost, rel=1e-9)


def test_simpson_is_the_textbooks_and_refuses_an_odd_number_of_cycles() -> None:
    found = with_settings(model("sick-sicker"), within_cycle="simpson")
    with pytest.raises(Exception, match=r"hta\.input\.simpson"):
        trace(found)
    even = with_settings(found, cycles=76)
    weights = np.array([4 / 3 if k % 2 else 2 / 3 for k in range(77)])
    weights[[0, -1]] = 1 / 3
    traced = trace(even)
    shares = traced.shares[0]
    worth = shares @ np.array([2000.0, 4000.0, 15000.0, 0.0])
    expected = float((weights * worth * 1.03 ** -np.arange(77.0)).sum())
    assert traced.totals["cost"][0, 0] == pytest.approx(expected, rel=1e-12)


def test_continuous_discounting_at_the_force_of_a_rate_is_the_discrete_one() -> None:
    force = {"costs": ((0.0, float(np.log(1.03))),), "effects": ((0.0, float(np.log(1.03))),)}
    plain = totals(model("sick-sicker"))
    other = totals(with_settings(model("sick-sicker"), discounting="continuous", discount=force))
    for name, pair in plain.items():
        assert other[name] == pytest.approx(pair, rel=1e-12)


def test_a_rate_that_changes_by_year_counts_from_its_year_on() -> None:
    steps = {"costs": ((0.0, 0.03), (30.0, 0.0)), "effects": ((0.0, 0.03),)}
    found = trace(with_settings(model("sick-sicker"), discount=steps, within_cycle="both"))
    worth = found.shares[0] @ np.array([2000.0, 4000.0, 15000.0, 0.0])
    factor = 1.03 ** -np.minimum(np.arange(76.0), 30.0)
    assert found.totals["cost"][0, 0] == pytest.approx(float((worth * factor).sum()), rel=1e-12)


def test_every_published_model_uses_all_that_it_names() -> None:
    assert {name: model(name).unused for name in PUBLISHED} == dict.fromkeys(PUBLISHED, ())
