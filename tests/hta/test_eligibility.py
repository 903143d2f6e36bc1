"""Whom to treat: closed forms, simulation beside them, one patient, and a published frontier."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import assume, given
from hypothesis import strategies as st

from sapar.cli.main import sapar
from sapar.hta.engine.eligibility.laws import Beta, Normal, Patients, beta_of
from sapar.hta.engine.eligibility.patient import Complication, judge
from sapar.hta.engine.eligibility.report import report
from sapar.hta.engine.eligibility.rule import (
    Prediction,
    Stakes,
    best_rule,
    net_benefit,
    noisy_benefit,
)
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError
from sapar.kernel.languages import phrases

if TYPE_CHECKING:
    from sapar.hta.engine.eligibility.laws import Law

STAKES = Stakes(cost=10_000, loss=2.0, threshold=50_000, saving=25_000)
LAWS: list[Any] = [Normal(0.08, 0.05), Beta(2, 18), beta_of(0.1, 0.06)]


def test_the_best_limit_is_the_cost_by_the_worth_of_a_complication() -> None:
    assert STAKES.value == 125_000
    assert pytest.approx(0.08) == STAKES.limit
    assert best_rule(Beta(2, 18), STAKES).limit == pytest.approx(0.08)
    assert Stakes(1, 0, 50_000).limit == float("inf")


@pytest.mark.parametrize("law", LAWS)
def test_a_law_is_its_patients(law: Law) -> None:
    nodes = Patients(law.nodes())
    assert nodes.mean == pytest.approx(law.mean, rel=1e-3)
    for least in (0.0, 0.05, 0.08, 0.2):
        at = np.asarray(least)
        assert float(nodes.share_above(at)) == pytest.approx(float(law.share_above(at)), abs=3e-4)
        assert float(nodes.part_above(at)) == pytest.approx(float(law.part_above(at)), abs=3e-4)


@pytest.mark.parametrize("law", LAWS)
def test_no_limit_is_better_than_the_best_one(law: Law) -> None:
    rule = best_rule(law, STAKES)
    limits = np.linspace(-0.2, 1, 4_001)
    curve = net_benefit(law, STAKES, limits)
    assert curve.max() <= rule.best + 1e-9
    assert limits[curve.argmax()] == pytest.approx(STAKES.limit, abs=4e-4)
    assert rule.best >= max(rule.all_treated, 0)
    assert rule.individual == pytest.approx(rule.best - max(rule.all_treated, 0))
    assert curve[0] == pytest.approx(rule.all_treated, abs=1)
    assert curve[-1] == pytest.approx(0, abs=1e-6)
    assert rule.best == pytest.approx(STAKES.threshold * rule.health - rule.cost)


@given(st.lists(st.floats(-0.3, 0.9), min_size=1, max_size=40), st.floats(100, 1e5))
def test_patients_are_treated_as_each_alone_would_be(benefits: list[float], cost: float) -> None:
    stakes = Stakes(cost, 1.0, 100_000)
    assume(all(abs(each - stakes.limit) > 1e-9 for each in benefits))
    rule = best_rule(Patients(np.array(benefits)), stakes)
    each = [max(0.0, 100_000 * benefit - cost) for benefit in benefits]
    assert rule.best == pytest.approx(sum(each) / len(each), abs=1e-6)
    assert rule.share == pytest.approx(sum(1 for one in each if one > 0) / len(each))
    assert rule.knowing == pytest.approx(0, abs=1e-6)


def test_a_calibrated_prediction_keeps_its_limit_and_leaves_something_to_know() -> None:
    sd = 0.04
    rule = best_rule(Normal(0.08, 0.03), STAKES, Prediction(sd))
    assert rule.limit == pytest.approx(STAKES.limit)
    # Truth is then normal with both variances: a closed form for what perfect knowledge is worth.
    truth = best_rule(Normal(0.08, 0.05), STAKES)
    assert rule.perfect == pytest.approx(truth.best, rel=1e-3)
    assert rule.knowing == pytest.approx(truth.best - rule.best, rel=5e-3)
    rng = np.random.default_rng(3)
    predicted = rng.normal(0.08, 0.03, 400_000)
    true = predicted + rng.normal(0, sd, 400_000)
    worth = STAKES.value * true - STAKES.cost
    assert (worth * (predicted >= rule.limit)).mean() == pytest.approx(rule.best, rel=0.02)
    assert np.maximum(worth, 0).mean() == pytest.approx(rule.perfect, rel=0.02)


def test_a_noisy_prediction_moves_the_limit_as_bayes_says() -> None:
    mean, spread, sd = 0.1, 0.05, 0.04
    law = Normal(mean, spread)
    rule = best_rule(law, STAKES, Prediction(sd, "noisy"))
    kept = spread**2 / (spread**2 + sd**2)
    assert rule.limit == pytest.approx(mean + (STAKES.limit - mean) / kept, rel=2e-3)
    limits = np.linspace(-0.3, 0.5, 801)
    assert noisy_benefit(law, STAKES, limits, sd).max() <= rule.best + 1e-6
    assert rule.perfect == pytest.approx(best_rule(law, STAKES).best)
    assert rule.knowing > 0


@pytest.mark.parametrize("cost", [1e-3, 1e6])
def test_a_noisy_prediction_is_not_asked_where_all_or_none_is_best(cost: float) -> None:
    law = Patients(np.array([0.05, 0.1, 0.2]))
    rule = best_rule(law, Stakes(cost, 2, 50_000), Prediction(0.02, "noisy"))
    assert rule.treats == ("all" if cost < 1 else "none")
    assert rule.individual == 0


def one(difference: float = 0.15, width: float = 0.02, loss: float = 2.0) -> Complication:
    return Complication("xerostomia", difference, difference - width, difference + width, loss)


def test_one_patient_gets_a_verdict_with_its_chance_and_its_reasons() -> None:
    found = judge([one()], 10_000, 50_000)
    assert found.verdict == "treat"
    assert found.limit == pytest.approx(0.2)
    assert found.net_benefit == pytest.approx(5_000)
    assert found.chance > 0.999
    assert judge([one(0.05)], 10_000, 50_000).verdict == "not"
    close = judge([one(0.1, 0.05)], 10_000, 50_000)
    assert close.verdict == "uncertain"
    assert close.chance == pytest.approx(0.5)
    sd = 100_000 * 0.05 / 1.959963984540054
    assert close.at_stake == pytest.approx(sd / (2 * np.pi) ** 0.5)
    codes = [each.code for each in close.reasons]
    assert codes == [
        "hta.eligibility.above",
        "hta.eligibility.less",
        "hta.eligibility.uncertain",
    ]
    said = [phrases.text(each) for each in judge([one()], 10_000, 50_000).reasons]
    assert said[1] == "Most of it: xerostomia becomes 15.0 of 100 less likely."


def test_several_complications_count_together_and_a_harm_counts_against() -> None:
    harm = Complication("fibrosis", -0.05, -0.06, -0.04, 1.0, 1_000)
    found = judge([one(0.15), harm], 10_000, 50_000)
    assert found.net_benefit == pytest.approx(15_000 - 50_000 * 0.05 - 50 - 10_000)
    assert found.health == pytest.approx(0.25)
    apart = judge([one(0.15), harm], 10_000, 50_000, correlation=0)
    assert apart.at_stake < found.at_stake
    assert judge([harm], 10_000, 50_000).reasons[1].code == "hta.eligibility.more"


def test_what_is_at_stake_for_a_patient_is_what_simulation_finds() -> None:
    found = judge([one(0.11, 0.04)], 10_000, 50_000)
    true = np.random.default_rng(5).normal(0.11, 0.04 / 1.959963984540054, 500_000)
    worth = 100_000 * true - 10_000
    assert found.at_stake == pytest.approx(np.maximum(worth, 0).mean() - 1_000, rel=0.03)
    assert found.chance == pytest.approx((worth >= 0).mean(), abs=3e-3)


@pytest.mark.parametrize("low", [0.2, -1.5])
def test_a_difference_outside_its_interval_is_refused(low: float) -> None:
    with pytest.raises(ValueError, match="no interval"):
        judge([Complication("x", 0.1, low, 0.3, 1)], 1, 1)
    with pytest.raises(ValueError, match="at least one"):
        judge([], 1, 1)


MODEL = """
schema: sapar.hta.tree/1
id: by-benefit
strategies: {photon: Photons, proton: Protons}
parameters:
  dear: {by_strategy: {photon: 0, proton: extra}, unit: EUR}
  extra: {value: 10000, unit: EUR, distribution: "gamma(mean=10000, sd=1000)"}
rewards: {cost: {unit: EUR}, qaly: {unit: QALY}}
tree: {pays: {cost: dear, qaly: 1}}
eligibility:
  difference: beta(mean=0.08, sd=0.05)
  cost: extra
  loss: 2
  saving: 25000
  threshold: 50000
  patients: 800
  prediction: {sd: 0.03}
"""


def test_a_section_of_a_model_is_answered_with_intervals() -> None:
    found = report(read_model(MODEL), draws=200, seed=1)
    rule = best_rule(beta_of(0.08, 0.05), STAKES, Prediction(0.03))
    assert found["limit"] == pytest.approx(0.08)
    assert found["individual"] == pytest.approx(rule.individual)
    assert found["yearly"]["treated"] == pytest.approx(800 * rule.share)
    assert found["yearly"]["knowing"] == pytest.approx(800 * rule.knowing)
    limit = found["uncertainty"]["limit"]
    assert limit["low"] < 0.08 < limit["high"]
    best = max(found["curve"], key=lambda each: each["net_benefit"])
    assert best["limit"] == pytest.approx(0.08, abs=0.01)
    json.dumps(found)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("beta(mean=0.08, sd=0.05)", "beta(mean=0.08, sd=0.5)", "run.eligibility_value"),
        ("beta(mean=0.08, sd=0.05)", "beta(mean=0.08, b=0.5)", "input.distribution_arguments"),
        ("beta(mean=0.08, sd=0.05)", "uniform(least=0, most=1)", "input.distribution"),
        ("beta(mean=0.08, sd=0.05)", "beta(mean=unknown, sd=0.05)", "input.unknown"),
        ("beta(mean=0.08, sd=0.05)", "[0.1, 1.2]", "input.range"),
        ("beta(mean=0.08, sd=0.05)", "[]", "input.eligibility_patients"),
        ("cost: extra", "cost: 0", "run.eligibility_value"),
        ("  loss: 2\n", "", "input.missing"),
        ("{sd: 0.03}", "{sd: 0.03, kind: vague}", "input.choice"),
        ("{sd: 0.03}", "{sd: 5}", "input.range"),
        ("{sd: 0.03}", "{sd: -0.1}", "input.range"),
        ("{sd: 0.03}", "{sd: extra}", "run.limit_range"),
        ("beta(mean=0.08, sd=0.05)", "normal(mean=0.08, sd=5)", "input.above"),
        ("beta(mean=0.08, sd=0.05)", "normal(mean=2, sd=0.1)", "input.range"),
        ("beta(mean=0.08, sd=0.05)", "normal(mean=extra, sd=0.1)", "run.limit_range"),
    ],
)
def test_a_mistake_in_the_section_is_named(old: str, new: str, code: str) -> None:
    assert old in MODEL
    with pytest.raises(BadModelError) as found:
        report(read_model(MODEL.replace(old, new)))
    assert f"hta.{code}" in {each.code for each in found.value.problems}


def test_the_rule_is_told_on_the_terminal() -> None:
    asked = ["--language", "en", "hta", "eligibility", "-"]
    found = CliRunner().invoke(sapar, asked, input=MODEL)
    assert found.exit_code == 0, found.output
    assert "Treat from a benefit of 8.00 of 100 on" in found.stdout
    assert "For 800 patients a year" in found.stdout
    none = CliRunner().invoke(sapar, asked, input=MODEL.replace("threshold: 50000", "threshold: 0")
                              .replace("saving: 25000", "saving: 0"))  # fmt: skip
    assert "Nobody should be treated" in none.stdout
    listed = MODEL.replace("beta(mean=0.08, sd=0.05)", "[0.02, 0.09, 0.3]")
    answer = json.loads(CliRunner().invoke(sapar, [*asked, "--json"], input=listed).stdout)
    assert answer["share"] == pytest.approx(2 / 3)
