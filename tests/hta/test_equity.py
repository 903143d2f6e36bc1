"""Who gains and who loses: closed forms by hand, and what must hold for every distribution."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from sapar.cli.main import sapar
from sapar.hta.engine.equity.impact import distribution, flips_at, sweep
from sapar.hta.engine.equity.report import report
from sapar.hta.engine.equity.welfare import (
    atkinson_ede,
    ede,
    gini,
    inequality,
    kolm_ede,
    mean,
    slope,
)
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError

if TYPE_CHECKING:
    from sapar.hta.engine.equity.impact import Distribution
    from sapar.hta.engine.model.model import AnyModel

HALVES = np.array([0.5, 0.5])
LIVES = np.array([60.0, 80.0])


def test_equivalents_are_the_means_that_textbooks_name() -> None:
    assert atkinson_ede(LIVES, HALVES, 0) == pytest.approx(70)
    assert atkinson_ede(LIVES, HALVES, 1) == pytest.approx(4_800**0.5, rel=1e-14)
    assert atkinson_ede(LIVES, HALVES, 2) == pytest.approx(2 / (1 / 60 + 1 / 80), rel=1e-14)
    ten = ((60.0**-9 + 80.0**-9) / 2) ** (-1 / 9)
    assert atkinson_ede(LIVES, HALVES, 10) == pytest.approx(ten, rel=1e-13)
    by_hand = -np.log((np.exp(-6) + np.exp(-8)) / 2) / 0.1
    assert kolm_ede(LIVES, HALVES, 0.1) == pytest.approx(by_hand, rel=1e-13)
    assert kolm_ede(LIVES, HALVES, 0) == 70
    assert kolm_ede(np.array([6.0, 49.0]), np.array([2.0, 1.0]) / 3, 5e-324) == pytest.approx(
        61 / 3
    )


def test_indices_are_those_of_the_equivalents() -> None:
    index = inequality("atkinson", LIVES, HALVES, 2)
    assert index == pytest.approx(1 - 2 / (1 / 60 + 1 / 80) / 70)
    assert inequality("kolm", LIVES, HALVES, 0.1) == pytest.approx(
        70 - float(kolm_ede(LIVES, HALVES, 0.1))
    )
    # Of two halves: a quarter of the difference by the mean.
    assert gini(LIVES, HALVES) == pytest.approx(20 / 4 / 70)
    # Ranks 1/4 and 3/4: 20 years over half of society are 40 over all of it.
    assert slope(LIVES, HALVES, np.array([1.0, 2.0])) == pytest.approx(40)
    assert slope(LIVES, HALVES, np.array([1.0, 1.0])) == 0


def test_near_one_the_power_mean_loses_no_digits() -> None:
    shares, health = np.array([0.2, 0.3, 0.5]), np.array([55.0, 66.0, 77.0])
    values = [float(atkinson_ede(health, shares, 1 + each)) for each in (-1e-6, -1e-12, 0, 1e-9)]
    assert values == sorted(values, reverse=True)
    assert np.ptp(values) < 1e-4
    edge = [float(atkinson_ede(health, shares, 1 + each)) for each in (0.00999999, 0.01000001)]
    assert edge[0] == pytest.approx(edge[1], rel=1e-8)
    assert edge[0] > edge[1]


@st.composite
def distributions(draw: Any) -> tuple[np.ndarray, np.ndarray]:
    number = draw(st.integers(1, 8))
    health = draw(st.lists(st.floats(1, 100), min_size=number, max_size=number))
    weight = draw(st.lists(st.floats(0.05, 1), min_size=number, max_size=number))
    return np.array(health), np.array(weight) / sum(weight)


@given(distributions(), st.floats(0, 60), st.sampled_from(["atkinson", "kolm"]))
def test_an_equivalent_is_between_the_least_and_the_mean(
    given_: tuple[np.ndarray, np.ndarray], aversion: float, index: str
) -> None:
    health, shares = given_
    found = float(ede(index, health, shares, aversion))
    assert health.min() - 1e-9 <= found <= mean(health, shares) + 1e-9
    assert 0 - 1e-12 <= gini(health, shares) < 1


@given(distributions(), st.floats(0, 30), st.floats(0.01, 10))
def test_an_equivalent_falls_with_aversion_and_scales_as_its_index_says(
    given_: tuple[np.ndarray, np.ndarray], aversion: float, by: float
) -> None:
    health, shares = given_
    for index in ("atkinson", "kolm"):
        less, more = (float(ede(index, health, shares, each)) for each in (aversion, aversion + by))
        assert more <= less + 1e-9
    relative = float(atkinson_ede(health * by, shares, aversion))
    assert relative == pytest.approx(by * float(atkinson_ede(health, shares, aversion)), rel=1e-9)
    absolute = float(kolm_ede(health + by, shares, aversion))
    assert absolute == pytest.approx(by + float(kolm_ede(health, shares, aversion)), rel=1e-9)


MODEL = """
schema: sapar.hta.tree/1
id: two-groups
strategies: {old: Old, new: New}
parameters:
  gain: {by_strategy: {old: 0, new: better}}
  better: {value: 2, distribution: "normal(mean=2, sd=0.5)"}
  price: {by_strategy: {old: 0, new: 20000}, unit: KZT}
rewards: {cost: {unit: KZT}, qaly: {unit: QALY}}
tree: {pays: {cost: price, qaly: gain}}
groups:
  threshold: 20000
  population: 1000
  aversion: {value: 2, source: "assumed, for demonstration", date: 2026-11-25, mark: demonstration}
  members:
    poor: {share: 0.5, baseline: 60, eligible: 0.1, uptake: 0.2, income: 1, region: north, distance: far}
    rich: {share: 0.5, baseline: 80, eligible: 0.1, uptake: 0.6, income: 2, region: south, distance: near}
"""  # noqa: E501 - a document is not broken in its lines


def changed(*changes: tuple[str, str]) -> AnyModel:
    text = MODEL
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read_model(text)


def by_hand(aversion: float = 2.0) -> tuple[float, float]:
    """Net health and welfare of a thousand people."""
    cost = 0.5 * 0.02 * 20_000 + 0.5 * 0.06 * 20_000
    lost = cost / 20_000
    poor, rich = 60 + 0.02 * 2 - lost, 80 + 0.06 * 2 - lost
    health = 1_000 * ((poor + rich) / 2 - 70)
    power = 1 - aversion
    before = ((60.0**power + 80.0**power) / 2) ** (1 / power)
    after = ((poor**power + rich**power) / 2) ** (1 / power)
    return health, 1_000 * (after - before)


def test_two_groups_are_counted_as_by_hand() -> None:
    found = distribution(changed())
    health, welfare = by_hand()
    assert found.health[0] == pytest.approx(health, rel=1e-9)
    assert found.welfare()[0] == pytest.approx(welfare, rel=1e-9)
    assert found.equity[0] == pytest.approx(welfare - health, rel=1e-9)
    # The rich have more of it: the plain sum hides that inequality grows.
    assert found.health[0] > 0 > found.equity[0]
    assert found.net.sum() == pytest.approx(found.health[0])


def equal(found: Distribution) -> bool:
    return bool(np.abs(found.equity).max() < 1e-8)


def test_groups_that_are_alike_have_no_equity_effect() -> None:
    alike = changed(("baseline: 80", "baseline: 60"), ("uptake: 0.6", "uptake: 0.2"))
    assert equal(distribution(alike))
    assert distribution(alike).health[0] != 0
    assert not equal(distribution(changed()))


def test_without_aversion_welfare_is_health() -> None:
    found = distribution(changed(("value: 2, source", "value: 0, source")))
    assert found.welfare()[0] == pytest.approx(found.health[0], rel=1e-9)


def test_who_bears_the_cost_is_said_by_the_document() -> None:
    found = distribution(
        changed(
            ("baseline: 60", "bears: 1, baseline: 60"), ("baseline: 80", "bears: 0, baseline: 80")
        )
    )
    assert found.displaced[0, 1] == 0
    assert found.health[0] == pytest.approx(by_hand()[0])
    assert found.equity[0] < distribution(changed()).equity[0]


def test_a_group_may_have_its_own_inputs_and_effect() -> None:
    model = changed(("income: 1,", "income: 1, inputs: {better: 3}, effect: 0.5, cost: 2,"))
    found = distribution(model)
    assert found.gained[0] == pytest.approx([0.02 * 3 * 0.5, 0.06 * 2])
    assert found.cost[0] == pytest.approx([0.02 * 40_000, 0.06 * 20_000])


def test_the_aversion_that_flips_a_decision_is_found() -> None:
    # What the rich gain is more than what all lose; the poor lose.
    unfair = changed(("uptake: 0.2", "uptake: 0"), ("threshold: 20000", "threshold: 11000"))
    found = distribution(unfair)
    assert found.health[0] > 0
    turns = flips_at(found)
    assert turns is not None
    below, above = sweep(found, [turns * 0.99, turns * 1.01])
    assert below > 0 > above
    less = flips_at(distribution(changed()))
    assert less is not None
    assert less > turns
    fair = changed(("uptake: 0.2", "uptake: 0.9"), ("uptake: 0.6", "uptake: 0.1"))
    assert flips_at(distribution(fair)) is None


def test_the_report_has_the_plane_the_sums_and_where_the_aversion_comes_from() -> None:
    found = report(changed(), draws=600, seed=1)
    assert found["sums"]["region"] == {
        "north": found["groups"][0]["net_health"],
        "south": found["groups"][1]["net_health"],
    }
    assert set(found["sums"]) == {"region", "income", "distance"}
    assert found["aversion"]["mark"] == "demonstration"
    assert found["indices"]["after"]["slope"] > found["indices"]["before"]["slope"]
    assert found["welfare"] == pytest.approx(found["health"] + found["equity"])
    uncertain = found["uncertainty"]
    assert sum(uncertain["plane"].values()) == pytest.approx(1)
    assert uncertain["health"]["low"] < found["health"] < uncertain["health"]["high"]
    assert uncertain["welfare"]["mean"] == pytest.approx(
        uncertain["health"]["mean"] + uncertain["equity"]["mean"]
    )
    assert found["sweep"][0] == {"aversion": 0.0, "welfare": pytest.approx(found["health"])}
    json.dumps(found)


def test_draws_of_the_aversion_have_each_their_own_welfare() -> None:
    model = changed(
        (
            "  better: {",
            '  averse: {value: 2, distribution: "uniform(least=1, most=3)"}\n  better: {',
        ),
        ("aversion: {value: 2,", "aversion: {value: averse,"),
    )
    drawn = {"averse": np.array([1.5, 3.0, 1.5]), "better": np.array([2.0, 2.0, 2.0])}
    found = distribution(model, drawn).welfare()
    assert found == pytest.approx([by_hand(1.5)[1], by_hand(3.0)[1], by_hand(1.5)[1]])


def test_a_whole_population_of_equal_recipients_is_the_plain_net_benefit() -> None:
    model = changed(
        ("eligible: 0.1, uptake: 0.2", "uptake: 1"), ("eligible: 0.1, uptake: 0.6", "uptake: 1")
    )
    totals = evaluate(model).discounted
    net = float(totals["qaly"][1, 0]) - float(totals["cost"][1, 0]) / 20_000
    assert distribution(model).health[0] == pytest.approx(1_000 * net)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("share: 0.5, baseline: 60", "share: 0.6, baseline: 60", "run.groups_sum"),
        ("share: 0.5, baseline: 60", "bears: 0.4, share: 0.5, baseline: 60", "run.groups_sum"),
        ("baseline: 60", "baseline: 0", "run.groups_health"),
        ("aversion: {value: 2,", "aversion: {value: -1,", "input.range"),
        ("aversion: {value: 2,", "aversion: {value: 1 - better,", "run.limit_range"),
        ("threshold: 20000", "threshold: 0", "input.above"),
        ("threshold: 20000", "threshold: better - 2", "run.limit_above"),
        ("population: 1000", "population: -1", "input.above"),
        ("uptake: 0.2", "uptake: 1.2", "input.range"),
        ("uptake: 0.2", "uptake: better", "run.limit_range"),
        ("income: 1,", "income: 1, inputs: {gain: 3},", "input.groups_input"),
        ("baseline: 60, ", "", "input.missing"),
        ("threshold: 20000", "threshold: tresh", "input.unknown"),
        ("threshold: 20000", "index: theil\n  threshold: 20000", "input.choice"),
        ("eligible: 0.1, uptake: 0.2", "eligible: gain / 4", "run.budget_strategy"),
        ("date: 2026-11-25", "date: yesterday", "input.date"),
    ],
)
def test_a_mistake_in_the_groups_is_named(old: str, new: str, code: str) -> None:
    with pytest.raises(BadModelError) as found:
        distribution(changed((old, new)))
    assert f"hta.{code}" in {each.code for each in found.value.problems}
    assert all(re.search(r":\d+$", each.where) for each in found.value.problems)


def test_a_plain_aversion_below_zero_is_named_with_its_line() -> None:
    plain = re.sub(r"aversion: \{.*", "aversion: -1", MODEL)
    with pytest.raises(BadModelError) as found:
        read_model(plain)
    (problem,) = found.value.problems
    assert problem.code == "hta.input.range"
    assert problem.where == "groups.aversion:14"


def test_groups_are_told_on_the_terminal() -> None:
    asked = ["--language", "en", "hta", "equity", "-"]
    found = CliRunner().invoke(sapar, asked, input=MODEL)
    assert found.exit_code == 0, found.output
    for words in ("poor", "rich", "Atkinson", "0.04000"):
        assert words in found.stdout
    answer = json.loads(CliRunner().invoke(sapar, [*asked, "--json"], input=MODEL).stdout)
    assert answer["schema"] == "sapar.hta.equity/1"
    text = (Path(__file__).parents[2] / "data" / "hta" / "hiv.yaml").read_text(encoding="utf-8")
    wrong = CliRunner().invoke(sapar, asked, input=text)
    assert wrong.exit_code == 3
    assert "Add a section “groups”" in wrong.stderr
