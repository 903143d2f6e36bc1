"""Partitioned survival against plain lists, a cohort and formulas in continuous time."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.hta.engine import report
from sapar.hta.engine.cohort.trace import trace
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.model.model import WITHIN_CYCLE
from sapar.hta.engine.model.partitioned import Partitioned
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.partitioned.partition import follow
from sapar.hta.engine.uncertainty.sample import sample
from sapar.hta.phrases import PHRASES

if TYPE_CHECKING:
    from sapar.values.statements import Problem

GOOD = """\
schema: sapar.hta.partitioned/1
id: three
settings: {cycles: 40, cycle: 3 months, start_age: 60, discount: {costs: 0.035, effects: 0.015}}
strategies: {old: Usual care, new: The new one}
parameters:
  l: {value: 0.2, unit: 1/year, distribution: "gamma(mean=0.2, sd=0.01)"}
  hr: {by_strategy: {old: 1, new: 0.6}}
survival:
  base: "exponential(rate=l)"
  os: {by_strategy: {old: base, new: "accelerated(base, time_ratio=1.6)"}}
  pfs: "weibull_ph(shape=1.2, rate=0.7 * hr)"
curves: [pfs, os]
states: {stable: , worse: {memory: 6}, dead: }
rewards:
  cost:
    discount: costs
    states: {stable: 100, worse: "if(sojourn <= 2, 900, 300)"}
    transitions: {"* -> dead": 5000, "stable -> *": 40 + 2 * cycle}
  qaly: {discount: effects, per: year, states: {stable: "0.8 - 0.001 * time", worse: 0.5}}
"""


def problems(text: str) -> list[Problem]:
    with pytest.raises(BadModelError) as found:
        sample(read_model(text), 3, 1)
    return list(found.value.problems)


N, LENGTH = 40, 0.25


def followed(pfs: list[float], alive: list[float]) -> list[list[float]]:
    """Those between the curves by the cycles spent there, at each point."""
    found = [[0.0] * 6]
    for k in range(1, N + 1):
        before = found[-1]
        there, lost = sum(before), alive[k - 1] - alive[k]
        direct = max(0.0, lost - there)
        stay = 1 - (lost - direct) / there if there else 1.0
        moved = [0.0] * 6
        for cell, people in enumerate(before):
            moved[min(cell + 1, 5)] += people * stay
        moved[0] = pfs[k - 1] - pfs[k] - direct
        found.append(moved)
    return found


def counts(rule: str) -> tuple[list[tuple[float, int, int, int]], list[tuple[float, int, int]]]:
    """Weight, time of discounting, point and row of states; weight, time and cycle of flows."""
    cycles = range(1, N + 1)
    if rule == "begin":
        return [(1.0, k - 1, k - 1, k - 1) for k in cycles], [(1.0, k - 1, k) for k in cycles]
    if rule == "end":
        return [(1.0, k, k, k - 1) for k in cycles], [(1.0, k, k) for k in cycles]
    if rule == "life-table":
        first = [(0.5, k - 1, k - 1, k - 1) for k in cycles]
        second = [(0.5, k - 1, k, k - 1) for k in cycles]
        return first + second, [(1.0, k - 1, k) for k in cycles]
    weights: dict[str, Any] = {
        "both": lambda _: 1.0,
        "half-cycle": lambda k: 0.5 if k in {0, N} else 1.0,
        "simpson": lambda k: 1 / 3 if k in {0, N} else 4 / 3 if k % 2 else 2 / 3,
        "darth": lambda k: 1 / 3 if k in {0, N} else 2 / 3 if k % 2 else 4 / 3,
    }
    of = weights[rule]
    return [(of(k), k, k, k) for k in range(N + 1)], [(of(k), k, k) for k in cycles]


def plain(rule: str, strategy: str) -> dict[str, float]:
    """The same model with plain lists: nothing of the engine is used."""
    hr, ratio = (1.0, 1.0) if strategy == "old" else (0.6, 1.6)
    pfs = [math.exp(-0.7 * hr * (k * LENGTH) ** 1.2) for k in range(N + 1)]
    alive = [math.exp(-0.2 * k * LENGTH / ratio) for k in range(N + 1)]
    worse = followed(pfs, alive)
    cost = qaly = 0.0
    states, flows = counts(rule)
    for weight, at, k, row in states:
        paid = sum(x * (900 if cell < 2 else 300) for cell, x in enumerate(worse[k]))
        cost += weight * (100 * pfs[k] + paid) / 1.035 ** (at * LENGTH)
        gained = ((0.8 - 0.001 * row * LENGTH) * pfs[k] + 0.5 * sum(worse[k])) * LENGTH
        qaly += weight * gained / 1.015 ** (at * LENGTH)
    for weight, at, k in flows:
        gone = 5000 * (alive[k - 1] - alive[k]) + (40 + 2 * k) * (pfs[k - 1] - pfs[k])
        cost += weight * gone / 1.035 ** (at * LENGTH)
    return {"cost": cost, "qaly": qaly}


@pytest.mark.parametrize("rule", WITHIN_CYCLE)
def test_every_convention_gives_what_plain_lists_give(rule: str) -> None:
    text = GOOD.replace("start_age: 60", f"start_age: 60, within_cycle: {rule}")
    found = evaluate(read_model(text)).discounted
    for s, strategy in enumerate(("old", "new")):
        for reward, wanted in plain(rule, strategy).items():
            assert found[reward][s, 0] == pytest.approx(wanted, rel=1e-12), (rule, reward)


def test_shares_lie_between_the_curves() -> None:
    model = read_model(GOOD)
    assert model.unused == ()
    assert isinstance(model, Partitioned)
    shares = follow(model).shares
    times = np.arange(41) / 4
    pfs, alive = np.exp(-0.7 * times**1.2), np.exp(-0.2 * times)
    assert shares[0] == pytest.approx(np.stack([pfs, alive - pfs, 1 - alive], axis=-1), abs=1e-14)
    assert shares.sum(axis=-1) == pytest.approx(np.ones((2, 41)))


@pytest.mark.parametrize("rule", ["half-cycle", "life-table", "simpson"])
def test_shorter_cycles_go_to_the_formula_in_continuous_time(rule: str) -> None:
    """Exponential curves: discounted life in a state is a difference of 1 / (rate + force)."""
    text = """
schema: sapar.hta.partitioned/1
id: exponential
settings: {cycles: 2600, cycle: 1 week, within_cycle: RULE, discounting: continuous,
           discount: {costs: 0.03, effects: 0.03}}
strategies: {one: One}
survival: {pfs: "exponential(rate=0.9)", os: "exponential(rate=0.3)"}
curves: [pfs, os]
states: [stable, worse, dead]
rewards:
  cost: {discount: costs, transitions: {"* -> dead": 1}}
  life: {discount: effects, per: year, states: {worse: 1}}
"""
    found = evaluate(read_model(text.replace("RULE", rule))).discounted
    years = 2600 * 7 / 365.25

    def area(rate: float) -> float:
        return -math.expm1(-rate * years) / rate

    close = 3e-3 if rule == "life-table" else 1e-5
    assert found["life"][0, 0] == pytest.approx(area(0.33) - area(0.93), rel=close)
    assert found["cost"][0, 0] == pytest.approx(0.3 * area(0.33), rel=1e-2)


@settings(max_examples=25, deadline=None)
@given(
    shape=st.floats(0.4, 3),
    scale=st.floats(0.5, 20),
    rule=st.sampled_from(WITHIN_CYCLE),
    rate=st.floats(0, 0.1),
)
def test_one_curve_is_a_cohort_that_dies_by_its_events(
    shape: float, scale: float, rule: str, rate: float
) -> None:
    head = f"""
id: one
settings: {{cycles: 12, cycle: 6 months, within_cycle: {rule},
            discount: {{costs: {rate}, effects: 0.02}}}}
strategies: {{one: One}}
survival: {{os: "weibull_aft(shape={shape!r}, scale={scale!r})"}}
states: {{alive: , dead: {{dead: true}}}}
rewards:
  cost:
    discount: costs
    states: {{alive: "10 + cycle"}}
    transitions: {{"* -> dead": "100 + cycle"}}
  life: {{discount: effects, per: year, states: {{alive: 1}}}}
"""
    curves = read_model("schema: sapar.hta.partitioned/1\ncurves: [os]" + head)
    cohort = read_model(
        "schema: sapar.hta.model/1\nstart: {alive: 1}\n"
        "transitions: {alive: {dead: 'event(os, time)'}}" + head
    )
    mine, theirs = evaluate(curves).discounted, trace(cohort).totals
    for reward in ("cost", "life"):
        assert mine[reward] == pytest.approx(theirs[reward], rel=1e-9)


def test_every_draw_is_what_it_is_alone_and_the_time_in_a_state_counts() -> None:
    model = read_model(GOOD)
    many = sample(model, 6, 2)
    for k in range(6):
        alone = evaluate(model, {n: v[k : k + 1] for n, v in many.parameters.items()})
        assert alone.discounted["cost"][:, 0] == pytest.approx(many.costs[:, k], rel=1e-13)
    flat = read_model(GOOD.replace('"if(sojourn <= 2, 900, 300)"', "300"))
    assert (evaluate(model).discounted["cost"] > evaluate(flat).discounted["cost"]).all()


def test_four_states_and_a_report() -> None:
    text = (
        GOOD.replace("curves: [pfs, os]", "curves: [pfs, mid, os]")
        .replace("states: {stable: , worse:", "states: {stable: , middle: , worse:")
        .replace("curves:", '  mid: "exponential(rate=0.25)"\ncurves:')
    )
    model = read_model(text)
    found = report.run(model)
    assert found["conventions"]["within_cycle"] == "half-cycle"
    rows = report.convention_diff(model)
    assert len(rows) == 14
    assert len({round(row["strategies"]["old"]["cost"], 6) for row in rows}) == 14
    assert isinstance(model, Partitioned)
    shares = follow(model).shares
    assert (shares >= -1e-15).all()
    assert shares[0, 8, 1] == pytest.approx(math.exp(-0.5) - math.exp(-0.7 * 2**1.2))


CROSSING = GOOD.replace("0.7 * hr", "0.05 * hr")


def test_curves_that_cross_are_refused_with_strategy_and_time_or_capped() -> None:
    found = problems(CROSSING)[0]
    assert found.code == "hta.run.crossing"
    assert re.search(r":11$", found.where)
    assert found.params == {"curve": "pfs", "next": "os", "strategy": "old", "time": "0.25"}
    assert "hta.run.crossing.remedy" in PHRASES
    capped = read_model(CROSSING.replace("curves:", "crossing: cap\ncurves:"))
    assert isinstance(capped, Partitioned)
    shares = follow(capped).shares
    times = np.arange(41) / 4
    alive = np.exp(-0.2 * times)
    assert shares[0, :, 0] == pytest.approx(np.minimum(np.exp(-0.05 * times**1.2), alive))
    assert shares[0, :, 2] == pytest.approx(1 - alive)


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "value"),
    [
        ("curves: [pfs, os]", "curves: [pfs, od]", "psm_curves", 12, "od"),
        ("curves: [pfs, os]", "curves: [os, os]", "psm_curves", 12, "os"),
        ("curves: [pfs, os]", "curves: os", "psm_curves", 12, "os"),
        ("curves: [pfs, os]", "curves: [os]", "psm_states", 13, "3"),
        ("stable: ,", "stable: {memory: 3},", "psm_memory", 13, "stable"),
        ("* -> dead", "worse -> dead", "psm_arrow", 15, "worse -> dead"),
        ("curves:", "crossing: swap\ncurves:", "choice", 12, "swap"),
        ("stable: 100", 'stable: "100 * sojourn"', "sojourn", 17, "stable"),
        ("  hr:", "  hz:", "unknown", 11, "hr"),
    ],
)
def test_a_wrong_model_is_named_with_its_line(
    old: str, new: str, code: str, line: int, value: str
) -> None:
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1))
    first = next(each for each in found if each.code == f"hta.input.{code}")
    assert re.search(rf":{line}$", first.where), first.where
    assert first.value == value
