"""Budget impact: cohorts by hand, nothing from nothing, and one cohort as the model's own total."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.cli.main import sapar
from sapar.hta.engine.budget.flow import yearly, years_of_cycles
from sapar.hta.engine.budget.impact import impact, spread
from sapar.hta.engine.budget.plan import Plan, Rebate, spent
from sapar.hta.engine.budget.report import report
from sapar.hta.engine.cohort.trace import trace
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.model.model import WITHIN_CYCLE, Model
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError

if TYPE_CHECKING:
    from sapar.hta.engine.model.model import AnyModel

MODELS = Path(__file__).parents[2] / "data" / "hta"
SMALL = """
schema: sapar.hta.model/1
id: small
settings:
  {cycles: 4, cycle: 1 year, within_cycle: begin, discount: {costs: 0.05, effects: 0.05},
   currency: KZT}
strategies: {old: Old, new: New}
parameters:
  c_ill: {value: 100, unit: KZT/year, distribution: "gamma(mean=100, sd=10)"}
  c_new: {by_strategy: {old: 0, new: 40}, unit: KZT/year}
  cured: {by_strategy: {old: 0.1, new: 0.5}}
  people: {value: 200, distribution: "normal(mean=200, sd=20)"}
states: {ill: , well: , gone: {dead: true}}
start: {ill: 1}
transitions: {ill: {well: cured}, well: {gone: 0.1}}
rewards:
  cost: {unit: KZT, discount: costs, per: year, states: {ill: c_ill + c_new}}
  qaly: {unit: QALY, discount: effects, per: year, states: {ill: 0.5, well: 1}}
budget:
  first_year: 2027
  years: 5
  population: {incident: people}
  without: {old: 1}
  with: {new: {2027: 0.25, 2029: 0.5}, old: rest}
"""


def small(*changes: tuple[str, str], more: str = "") -> AnyModel:
    text = SMALL
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read_model(text + more)


def person(*, new: bool) -> list[float]:
    """What one person costs in each year since the start, by hand."""
    yearly_cost, stays = (140.0, 0.5) if new else (100.0, 0.9)
    return [yearly_cost * stays**k for k in range(4)]


UPTAKE = [0.25, 0.25, 0.5, 0.5, 0.5]


def by_hand(uptake: list[float], people: float = 200.0) -> list[float]:
    """Every cohort counted on its own, with plain lists."""
    found = [0.0] * 5
    for entered, share in enumerate(uptake):
        for since in range(4):
            if entered + since < 5:
                found[entered + since] += people * share * person(new=True)[since]
                found[entered + since] += people * (1 - share) * person(new=False)[since]
    return found


def test_cohorts_that_enter_over_time_are_summed_as_by_hand() -> None:
    found = impact(small())
    assert found.years == (2027, 2028, 2029, 2030, 2031)
    assert found.without.total[0, 0] == pytest.approx(by_hand([0.0] * 5))
    assert found.with_new.total[0, 0] == pytest.approx(by_hand(UPTAKE))
    assert found.difference[0, 0] == pytest.approx(np.subtract(by_hand(UPTAKE), by_hand([0.0] * 5)))


def test_an_uptake_of_zero_has_no_impact_at_all() -> None:
    found = impact(small(("with: {new: {2027: 0.25, 2029: 0.5}, old: rest}", "with: {old: 1}")))
    assert (found.difference == 0).all()
    assert (found.without.total > 0).any()


def sick(rule: str, cycle_years: float = 1.0) -> Model:
    text = (MODELS / "sick-sicker.yaml").read_text(encoding="utf-8")
    text += """
budget:
  first_year: 2027
  years: 5
  population: {prevalent: 1}
  without: {soc: 1}
  with: {ab: 1}
"""
    found = read_model(text)
    assert isinstance(found, Model)
    return replace(
        found, settings=replace(found.settings, within_cycle=rule, cycle_years=cycle_years)
    )


@pytest.mark.parametrize("rule", [each for each in WITHIN_CYCLE if each != "simpson"])
@pytest.mark.parametrize("cycle_years", [1.0, 0.25, 1.5])
def test_years_have_the_sum_of_the_models_own_undiscounted_total(
    rule: str, cycle_years: float
) -> None:
    model = sick(rule, cycle_years)
    flows = yearly(model)
    for name, total in evaluate(model).undiscounted.items():
        assert flows[name].sum(axis=2) == pytest.approx(total, rel=1e-12)
        assert (flows[name] >= 0).all()


@pytest.mark.parametrize("rule", ["half-cycle", "life-table", "darth"])
def test_one_cohort_at_once_costs_the_models_undiscounted_total(rule: str) -> None:
    model = sick(rule)
    budget = model.sections["budget"]
    longer = replace(budget, value=replace(budget.value, years=75))
    found = impact(replace(model, sections={"budget": longer}))
    undiscounted = evaluate(model).undiscounted["cost"][:, 0]
    assert found.without.total.sum() == pytest.approx(undiscounted[0], rel=1e-12)
    assert found.with_new.total.sum() == pytest.approx(undiscounted[3], rel=1e-12)


def test_half_cycles_of_a_trapezoid_fall_into_the_year_in_which_they_lie() -> None:
    model = sick("half-cycle")
    shares = trace(model).shares[0]
    worth = shares @ np.array([2_000.0, 4_000.0, 15_000.0, 0.0])
    assert yearly(model)["cost"][0, 0] == pytest.approx((worth[1:] + worth[:-1]) / 2, rel=1e-12)


@given(st.integers(1, 400), st.sampled_from([1 / 12, 7 / 365.25, 0.25, 0.5, 1.0, 1.5, 5.0]))
def test_cycles_are_divided_among_years_without_loss(cycles: int, length: float) -> None:
    spread_ = years_of_cycles(cycles, length)
    assert spread_.sum(axis=1) == pytest.approx(1)
    assert spread_.sum() == pytest.approx(cycles)
    assert (spread_.sum(axis=0)[:-1] == pytest.approx(1 / length)) or length > 1
    assert spread_.shape[1] == pytest.approx(cycles * length, abs=1)


CURVES = """
schema: sapar.hta.partitioned/1
id: three
settings: {cycles: 40, cycle: 3 months, within_cycle: RULE}
strategies: {old: Usual care, new: The new one}
parameters:
  hr: {by_strategy: {old: 1, new: 0.6}}
survival: {os: exponential(rate=0.2 * hr), pfs: exponential(rate=0.7 * hr)}
curves: [pfs, os]
states: {stable: , worse: {memory: 6}, dead: }
rewards:
  cost: {discount: costs, states: {stable: 100, worse: 300}, transitions: {"* -> dead": 5000}}
  qaly: {discount: effects, per: year, states: {stable: 0.8, worse: 0.5}}
"""


@pytest.mark.parametrize("rule", ["begin", "half-cycle", "life-table"])
def test_partitioned_survival_is_divided_by_years_too(rule: str) -> None:
    model = read_model(CURVES.replace("RULE", rule))
    flows = yearly(model)
    for name, total in evaluate(model).undiscounted.items():
        assert flows[name].shape == (2, 1, 10)
        assert flows[name].sum(axis=2) == pytest.approx(total, rel=1e-12)
    if rule == "begin":
        points = np.arange(4) / 4
        alive, stable = np.exp(-0.2 * points), np.exp(-0.7 * points)
        first = (100 * stable + 300 * (alive - stable)).sum() + 5_000 * (1 - np.exp(-0.2))
        assert flows["cost"][0, 0, 0] == pytest.approx(first)


def test_people_one_by_one_are_divided_by_years_as_their_cohort_would_be() -> None:
    text = (MODELS / "microsimulation-sick-sicker.yaml").read_text(encoding="utf-8")
    text = text.replace("people: 100000", "people: 20000").replace("cycles: 30", "cycles: 4")
    model = read_model(text)
    flows = yearly(model)
    for name, total in evaluate(model).undiscounted.items():
        assert flows[name].sum(axis=2) == pytest.approx(total, rel=1e-12)
    # Points 0 to 4 count whole; the first year is that of point 0, when everybody is healthy.
    assert flows["cost"].shape == (2, 1, 5)
    assert flows["cost"][:, 0, 0] == pytest.approx([2_000, 2_000])
    # Of a healthy person 0.15 fall sick and 0.005 die in a cycle.
    sick = 0.15 * np.array([4_000, 16_000]) + (1 - 0.15 - 0.005) * 2_000
    error = 0.35 * np.array([2_000, 14_000]) / 20_000**0.5
    assert (np.abs(flows["cost"][:, 0, 1] - sick) < 4 * error + 5).all()
    assert yearly(model, years=2)["cost"] == pytest.approx(flows["cost"][:, :, :2])


def test_draws_of_a_model_of_people_have_people_of_their_own() -> None:
    text = (MODELS / "microsimulation-sick-sicker.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("cycles: 30", "cycles: 3"),
        ("people_a_draw: 1000", "people_a_draw: 50"),
        ("{value: 4000, ", '{value: 4000, distribution: "gamma(mean=4000, sd=40)", '),
    ):
        assert old in text
        text = text.replace(old, new)
    text += """
budget:
  first_year: 2027
  years: 2
  population: {incident: 10}
  without: {none: 1}
  with: {treatment: 1}
"""
    found = report(read_model(text), draws=30, seed=4)
    uncertain = found["payers"][0]["uncertainty"]
    # Hardly any of it comes from the cost: fifty people fall sick or not.
    assert uncertain["high"][1] - uncertain["low"][1] > 5_000
    assert uncertain["low"][1] < found["payers"][0]["difference"][1] < uncertain["high"][1]
    assert found["payers"][0]["difference"][0] == 0


def test_people_in_continuous_time_are_divided_by_years() -> None:
    text = (MODELS / "illness-death.yaml").read_text(encoding="utf-8")
    model = read_model(re.sub(r"people: \d+", "people: 2000", text))
    flows = yearly(model, years=200)
    for name, total in evaluate(model).undiscounted.items():
        assert flows[name].sum(axis=2) == pytest.approx(total, rel=1e-9)
        assert (flows[name] >= -1e-9).all()


def test_a_tree_is_paid_in_its_first_year() -> None:
    text = (MODELS / "migraine.yaml").read_text(encoding="utf-8")
    text += """
budget:
  first_year: 2027
  years: 2
  population: {incident: {2027: 1000, 2028: 2000}}
  without: {caffeine: 1}
  with: {sumatriptan: 0.5, caffeine: 0.5}
"""
    found = impact(read_model(text))
    more = (22.0580573600 - 4.7149724400) / 2
    assert found.difference[0, 0] == pytest.approx([1_000 * more, 2_000 * more], rel=1e-9)


LIMITED = "\n  capacity: {new: {2027: 10, 2029: 1000}}\n"


def test_whoever_is_above_the_capacity_waits_and_comes_first() -> None:
    found = impact(small(more=LIMITED)).with_new.started
    assert found.starts[1, 0] == pytest.approx([10, 10, 180, 100, 100])
    assert found.waiting[1, 0] == pytest.approx([40, 80, 0, 0, 0])
    assert found.starts[0, 0] == pytest.approx([150, 150, 100, 100, 100])


def test_whoever_is_above_the_capacity_gets_the_old_one_where_that_is_the_rule() -> None:
    found = impact(small(more=LIMITED + "  above: old\n")).with_new.started
    assert found.starts[1, 0] == pytest.approx([10, 10, 100, 100, 100])
    assert found.starts[0, 0] == pytest.approx([190, 190, 100, 100, 100])
    assert found.displaced[1, 0] == pytest.approx([40, 40, 0, 0, 0])
    assert found.starts.sum(axis=0)[0] == pytest.approx([200] * 5)


def test_waiting_costs_what_the_model_says() -> None:
    found = impact(small(more=LIMITED + "  waiting: {cost: 7}\n"))
    assert found.with_new.waiting[0, 0] == pytest.approx([280, 560, 0, 0, 0])


def test_prices_grow_from_the_models_year_to_the_payers() -> None:
    more = (
        "\n  prices: {year: 2026, growth: {2027: 0.1, 2029: 0.2}, source: x, mark: demonstration}\n"
    )
    plain, grown = impact(small()), impact(small(more=more))
    factors = [1.1, 1.21, 1.21 * 1.2, 1.21 * 1.44, 1.21 * 1.728]
    assert grown.with_new.total == pytest.approx(plain.with_new.total * factors)
    same = "\n  prices: {year: 2027, growth: 0.5}\n"
    assert impact(small(more=same)).with_new.total[0, 0, 0] == pytest.approx(
        plain.with_new.total[0, 0, 0]
    )


def test_people_who_are_already_there_enter_over_so_many_years() -> None:
    more = """
  population: {prevalent: 90, prevalent_years: 3, incident: 5, eligible: {2027: 1, 2030: 0.5}}"""
    found = impact(small(("\n  population: {incident: people}", more)))
    assert found.without.started.starts[0, 0] == pytest.approx([35, 35, 35, 2.5, 2.5])


def test_payers_share_the_cost_and_what_is_paid_once_has_its_year_and_payer() -> None:
    more = """
  payers: {fund: {share: 0.9, label: Fund}, patient: {share: 0.1}}
  once: {training: {cost: 5000, year: 2028, payer: fund}}
"""
    found = impact(small(more=more))
    plain = impact(small()).with_new.total[0, 0]
    assert found.with_new.total[1, 0] == pytest.approx(0.1 * plain)
    assert found.with_new.total[0, 0] == pytest.approx(0.9 * plain + [0, 5_000, 0, 0, 0])
    assert found.without.once.sum() == 0


def test_what_did_not_work_is_paid_back_a_year_later() -> None:
    more = "\n  rebates: {outcome: {strategy: new, amount: 30, chance: 0.5, after: 1}}\n"
    found = impact(small(more=more))
    starts = found.with_new.started.starts[1, 0]
    assert found.with_new.rebates[0, 0] == pytest.approx([0, *(-15 * starts[:-1])])
    assert (found.without.rebates == 0).all()


def test_who_starts_in_the_middle_of_a_year_pays_half_of_it_in_the_next() -> None:
    one = ("population: {incident: people}", "population: {prevalent: 1}")
    none = ("with: {new: {2027: 0.25, 2029: 0.5}, old: rest}", "with: {new: 1}")
    found = impact(small(one, none, more="\n  entry: middle\n"))
    whole = person(new=True)
    halves = [(a + b) / 2 for a, b in zip([0.0, *whole], [*whole, 0.0], strict=True)]
    assert found.with_new.total[0, 0] == pytest.approx(halves)
    assert sum(halves) == pytest.approx(sum(whole))


def test_draws_give_the_same_as_each_draw_alone() -> None:
    model = small()
    found = spread(model, 300, 5)
    rng = np.random.default_rng(1)
    from sapar.hta.engine.uncertainty.draws import draw

    drawn = draw(model, 300, 5)
    for k in rng.integers(0, 300, 5):
        one = impact(model, {name: each[k : k + 1] for name, each in drawn.items()})
        assert found.difference[:, k] == pytest.approx(one.difference[:, 0], rel=1e-12)


def test_the_report_has_an_interval_and_the_year_that_exceeds_the_budget() -> None:
    more = "\n  stated: {amount: {2027: 6000, 2031: 100}, source: a law, mark: demonstration}\n"
    found = report(small(more=more), draws=800, seed=2)
    row = found["payers"][0]
    assert len(found["payers"]) == 1
    uncertain = row["uncertainty"]
    for low, base, high in zip(uncertain["low"], row["difference"], uncertain["high"], strict=True):
        assert low < base < high
    assert uncertain["mean"] == pytest.approx(row["difference"], rel=0.03, abs=60)
    parts = np.sum([row["parts"][key] for key in row["parts"]], axis=0)
    assert parts == pytest.approx(row["difference"])
    stated = found["stated"]
    over = [year for year, a, b in zip(
        found["years"], stated["needed"], stated["budget"], strict=True) if a > b]  # fmt: skip
    assert stated["exceeded_in"] == (over[0] if over else None)
    assert stated["share"][0] == pytest.approx(row["difference"][0] / 6_000)
    assert 0 <= stated["chance_exceeded_ever"] <= 1
    assert {each["strategy"] for each in found["beside"]} == {"old", "new"}
    json.dumps(found)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_random_plan_is_counted_as_with_plain_lists(data: Any) -> None:
    number = st.floats(0, 100)
    years, lasts = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 5))
    entering = data.draw(st.lists(number, min_size=years, max_size=years))
    share = data.draw(st.lists(st.floats(0, 1), min_size=years, max_size=years))
    limit = data.draw(st.lists(number, min_size=years, max_size=years))
    flow = [data.draw(st.lists(number, min_size=lasts, max_size=lasts)) for _ in range(2)]
    back = data.draw(number)
    plan = Plan(
        entering=np.array([entering]),
        uptake=np.array([[[1 - s for s in share]], [share]]),
        capacity=np.array([[[np.inf] * years], [limit]]),
        above=None,
        index=np.ones((1, years)),
        once=np.zeros((1, 1, years)),
        waiting_cost=np.array([[3.0]]),
        rebates=(Rebate(1, 0, np.array([back]), np.array([0.5]), 1),),
    )
    found = spent(plan, np.array([[[each] for each in flow]]))
    money, queue = [0.0] * (years + lasts + 1), 0.0
    for year in range(years):
        wants = entering[year] * share[year] + queue
        gets = min(wants, limit[year])
        queue = wants - gets
        money[year] += 3 * queue
        money[year + 1] -= gets * back / 2
        for since in range(lasts):
            money[year + since] += gets * flow[1][since]
            money[year + since] += entering[year] * (1 - share[year]) * flow[0][since]
    assert found.total[0, 0] == pytest.approx(money[:years], rel=1e-9, abs=1e-7)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (", 2029: 0.5}, old: rest}", "}}", "run.budget_uptake"),
        ("with: {new: {2027: 0.25, 2029: 0.5}", "with: {new: 1.2", "run.budget_range"),
        ("incident: people", "incident: -people", "run.budget_range"),
        ("incident: people", "incident: c_new", "run.budget_strategy"),
        ("incident: people", "incidence: 3", "input.key"),
        ("2029: 0.5", "2099: 0.5", "input.budget_year"),
        ("2027: 0.25, 2029: 0.5", "2029: 0.5, 2027: 0.2", "input.budget_order"),
        ("without: {old: 1}", "without: {older: 1}", "input.key"),
        ("without: {old: 1}", "without: {old: rest, new: rest}", "input.rest"),
        ("years: 5", "years: 5\n  above: new\n  capacity: {new: 3}", "input.budget_above"),
        ("years: 5", "years: 500", "input.range"),
        ("incident: people", "incident: peple", "input.unknown"),
        ("years: 5", "years: 5\n  once: {x: {cost: 3, payer: nobody}}", "input.choice"),
        ("years: 5", "years: 5\n  once: {x: {cost: 3, year: 2050}}", "input.range"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_budget_is_named(old: str, new: str, code: str) -> None:
    with pytest.raises(BadModelError) as found:
        impact(small((old, new)))
    assert f"hta.{code}" in {each.code for each in found.value.problems}
    assert all(each.where for each in found.value.problems)


def test_a_model_without_a_budget_says_so() -> None:
    with pytest.raises(BadModelError, match=r"hta\.input\.budget_missing"):
        impact(read_model((MODELS / "hiv.yaml").read_text(encoding="utf-8")))


def call(*arguments: str, given: str) -> Any:
    return CliRunner().invoke(sapar, ["--language", "en", "hta", *arguments], input=given)


def test_the_budget_is_told_on_the_terminal_with_its_interval_and_its_limit() -> None:
    more = "\n  stated: {amount: 2000}\n  payers: {fund: {share: 0.8}, patient: {share: 0.2}}\n"
    found = call("bia", "-", "--psa", "200", "--seed", "3", given=SMALL + more)
    assert found.exit_code == 0, found.output
    for words in ("fund", "patient", "All payers together", "95 % interval", "2031"):
        assert words in found.stdout
    assert "The stated budget" in found.stdout
    assert "in some year in" in found.stdout
    assert "placeholder" in found.stderr
    answer = json.loads(call("bia", "-", "--json", given=SMALL).stdout)
    assert answer["schema"] == "sapar.hta.budget/1"
    assert answer["payers"][0]["with"] == pytest.approx(by_hand(UPTAKE))


def test_a_model_without_a_budget_is_told_so_with_the_remedy() -> None:
    text = (MODELS / "hiv.yaml").read_text(encoding="utf-8")
    found = call("bia", "-", given=text)
    assert found.exit_code == 3
    assert "Add a section “budget”" in found.stderr
