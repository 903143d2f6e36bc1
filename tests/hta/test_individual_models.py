"""Models of people from their documents: published figures, cohorts, hands, and bad input."""

from __future__ import annotations

import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sapar.hta.engine import report
from sapar.hta.engine.decision.sensitivity import one_way
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.individual import run
from sapar.hta.engine.individual.run import follow
from sapar.hta.engine.model.individual import Individual
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.sample import sample

MODELS = Path(__file__).parents[2] / "data" / "hta"


def published(name: str) -> Individual:
    found = read_model((MODELS / f"{name}.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, Individual)
    return found


def refused(text: str) -> list[tuple[str, str]]:
    with pytest.raises(BadModelError) as caught:
        evaluate(read_model(text))
    return [(each.code, each.where) for each in caught.value.problems]


def test_illness_and_death_come_out_as_published_within_the_error_of_both() -> None:
    """hesim's vignette, 1000 people and draws: the published run has an error like ours."""
    found = sample(published("illness-death"), 1_000, 3)
    for values, expected in ((found.effects, (4.128, 4.712)), (found.costs, (36_592, 77_101))):
        error = values.std(axis=1, ddof=1) / math.sqrt(1_000)
        assert (np.abs(values.mean(axis=1) - expected) < 3 * math.sqrt(2) * error).all()
    more = found.effects[1] - found.effects[0]
    error = more.std(ddof=1) / math.sqrt(1_000)
    assert abs(more.mean() - 0.584) < 3 * math.sqrt(2) * error


def test_both_walks_give_the_same_model_the_same_figures() -> None:
    found = published("illness-death")
    one, other = (follow(found, people=3_000, compiled=way) for way in (True, False))
    for name in found.rewards:
        assert one.discounted[name] == pytest.approx(other.discounted[name], rel=1e-12)
        assert one.undiscounted[name] == pytest.approx(other.undiscounted[name], rel=1e-12)


def test_without_a_compiler_the_plain_walk_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    found = published("illness-death")
    expected = follow(found, people=100, compiled=False)
    monkeypatch.setattr(run, "find_spec", lambda _name: None)
    monkeypatch.setitem(sys.modules, "sapar.hta.engine.individual.kernel", None)
    alone = follow(found, people=100)
    assert (alone.discounted["cost"] == expected.discounted["cost"]).all()


def test_reading_models_needs_no_compiler() -> None:
    words = "import sys, sapar.hta.engine.report; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", words], check=False).returncode == 0


def test_pieces_and_workers_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    found = replace(
        published("illness-death"),
        population=replace(published("illness-death").population, people_a_draw=40),
    )
    alone = sample(found, 60, 1)
    with ThreadPoolExecutor(3) as workers:
        shared = sample(found, 60, 1, executor=workers)
    monkeypatch.setattr(run, "PIECE", 500)
    pieces = sample(found, 60, 1)
    for other in (shared, pieces):
        assert (other.costs == alone.costs).all()
        assert (other.effects == alone.effects).all()


def test_draw_seven_is_the_same_alone_and_among_others() -> None:
    found = published("illness-death")
    values = {"u_H": np.full(9, 0.6)}
    among = follow(found, values, 0, people=50)
    alone = follow(found, {"u_H": np.full(1, 0.6)}, 7, people=50)
    assert among.discounted["qaly"][:, 7] == pytest.approx(
        alone.discounted["qaly"][:, 0], rel=1e-14
    )
    assert among.discounted["qaly"][0, 6] != among.discounted["qaly"][0, 7]


def test_values_of_a_parameter_are_compared_on_the_same_people() -> None:
    found = published("illness-death")
    same = follow(found, {"u_H": np.array([0.6, 0.6])}, people=50)
    assert (same.discounted["qaly"][:, 0] == same.discounted["qaly"][:, 1]).all()
    small = replace(found, population=replace(found.population, people=300))
    swings = {each.name: each for each in one_way(small)}
    assert swings["c_H"].moves
    assert swings["new_HS"].moves


def test_the_error_of_a_difference_is_smaller_than_that_of_its_parts() -> None:
    found = published("illness-death")
    small = replace(found, population=replace(found.population, people=2_000))
    rows = {each["strategy"]: each for each in report.run(small)["strategies"]}
    new, soc = rows["new"], rows["soc"]
    assert 0 < new["more_effect_error"] < 0.5 * soc["error"]["qaly"]
    # People anew, a hundred times: the errors are what they say.
    several = follow(found, {"u_H": np.full(100, 0.65)}, 0, people=2_000)
    costs, effects = several.discounted["cost"], several.discounted["qaly"]
    more_cost, more_effect = costs[1] - costs[0], effects[1] - effects[0]
    assert more_cost.std() == pytest.approx(new["more_cost_error"], rel=0.3)
    assert more_effect.std() == pytest.approx(new["more_effect_error"], rel=0.3)
    assert (more_cost / more_effect).std() == pytest.approx(new["icer_error"], rel=0.3)
    assert effects[0].std() == pytest.approx(soc["error"]["qaly"], rel=0.3)


def test_the_error_of_a_sample_is_divided_between_people_and_draws() -> None:
    found = published("illness-death")
    same = follow(found, {"u_H": np.full(200, 0.65)}, 0, people=400).parts()["qaly"]
    assert same[0] == pytest.approx(same[1], rel=0.2)
    drawn = sample(found, 200, 1).parameters
    whole, people, draws = follow(found, drawn, 0, people=400).parts()["qaly"]
    assert (draws > 2 * people).all()
    assert whole == pytest.approx(np.hypot(people, draws))


def test_attributes_and_named_expressions_may_need_each_other_in_any_order() -> None:
    text = CLOCK.replace("frail: bernoulli(0.25)", "tall: 1 + many * frail, frail: bernoulli(few)")
    text = text.replace("tables:", "  few: 0.25\nlet: {many: 2 * few}\ntables:")
    model = read_model(text.replace("(1 + frail)", "tall^0 * (1 + frail)"))
    plain_one, other = evaluate(read_model(CLOCK)), evaluate(model)
    for name in ("cost", "years"):
        assert other.discounted[name] == pytest.approx(plain_one.discounted[name], rel=1e-12)
    circle = text.replace("bernoulli(few)", "tall * 2")
    assert "hta.input.circle" in [code for code, _ in refused(circle)]


def test_shares_of_states_are_counted_over_time() -> None:
    found = replace(published("illness-death"), grid=1.0, horizon=30.0)
    shares = follow(found, people=2_000).shares
    assert shares.shape == (2, 1, 3, 31)
    assert shares.sum(axis=2) == pytest.approx(np.ones((2, 1, 31)))
    assert shares[:, 0, :, 0].tolist() == [[1, 0, 0], [1, 0, 0]]
    assert (np.diff(shares[:, 0, 2]) >= 0).all()
    said = report.run(replace(found, population=replace(found.population, people=500)))
    assert said["people"]["people"] == 500
    assert len(said["shares"]["by_strategy"]["new"]["S"]) == len(said["shares"]["years"]) == 31
    assert "shares" not in report.run(replace(found, grid=0.0))


CLOCK = """
schema: sapar.hta.individual/1
id: test
clock: reset
horizon: 30
settings: {discount: {costs: 0.03, effects: 0.03}, discounting: continuous}
population: {people: 4000, seed: 5, age: 60, attributes: {frail: bernoulli(0.25)}}
strategies: {a: A, b: B}
parameters:
  r: {value: 0.1, unit: 1/year, distribution: "gamma(mean=0.1, sd=0.02)"}
  hr: {by_strategy: {a: 1, b: 0.5}}
tables:
  dying: {rows: {60: 0.02, 70: 0.2}, unit: 1/year}
states: [well, ill, dead]
start: {well: 1}
transitions:
  well: {ill: exponential(rate=r * hr * (1 + frail)), dead: life_table(dying)}
  ill: {dead: "life_table(dying, ratio=2)"}
rewards:
  cost: {unit: EUR, discount: costs, per: year, states: {ill: 1000},
         transitions: {"well -> ill": 50}}
  years: {unit: LY, discount: effects, per: year, states: {well: 1, ill: 1}}
entry: {cost: 7}
"""
CLOCK = CLOCK.replace("[well, ill, dead]", "{well: {}, ill: {}, dead: {dead: true}}")


def test_a_life_table_and_an_attribute_give_their_integral() -> None:
    """Discounted years in both states: the survival of each by small steps."""
    found = evaluate(read_model(CLOCK))
    t = np.linspace(0, 30, 30_001)
    step, factor = t[1], np.exp(-0.03 * t)
    dying = np.where(t < 10, 0.02, 0.2)
    once = np.exp(-np.concatenate([[0], np.cumsum(dying[:-1] * step)]))
    for s, hr in enumerate((1.0, 0.5)):
        years = cost = 0.0
        for frail, share in ((0, 0.75), (1, 0.25)):
            rate = 0.1 * hr * (1 + frail)
            well = np.exp(-rate * t) * once
            falling = rate * well
            # Who fell ill at t and lives: falling(t) * (once(u) / once(t)) ** 2.
            ill = once**2 * np.concatenate([[0], np.cumsum((falling / once**2)[:-1] * step)])
            years += share * float(((well + ill) * factor).sum() * step)
            cost += share * float(((1000 * ill + 50 * falling) * factor).sum() * step)
        for name, expected in (("years", years), ("cost", cost + 7)):
            far = abs(found.discounted[name][s, 0] - expected)
            assert far < 4 * found.error[name][s, 0]


def test_a_law_that_asks_for_the_time_takes_that_of_the_entry() -> None:
    """Who falls ill at t dies at the rate 0.1 + 0.02 t from then on."""
    text = CLOCK.replace('"life_table(dying, ratio=2)"', "exponential(rate=r + slope * time)")
    text = text.replace("tables:", "  slope: {value: 0.02, unit: 1/year^2}\ntables:")
    text = text.replace("life_table(dying)", "exponential(rate=0)")
    model = read_model(text)
    assert isinstance(model, Individual)
    found = follow(model)
    step = 0.01
    t = np.arange(0, 30, step) + step / 2
    dies = 0.1 + 0.02 * t
    gone = (1 - np.exp(-(dies + 0.03) * (30 - t))) / (dies + 0.03)
    expected = 7.0
    for frail, share in ((0, 0.75), (1, 0.25)):
        rate = 0.1 * (1 + frail)
        falling = rate * np.exp(-(rate + 0.03) * t)
        expected += share * float((falling * (1000 * gone + 50)).sum() * step)
    assert abs(found.discounted["cost"][0, 0] - expected) < 4 * found.error["cost"][0, 0]


def test_rewards_may_change_with_age_time_and_years_in_the_state() -> None:
    """Against small steps: a norm by age, a cost of the first year ill, one until a year."""
    tables = """tables:
  norms: {rows: {20: 0.9, 65: 0.8, 70: 0.5}, unit: "1"}
  early: {rows: {0: 3000, 1: 200}, unit: EUR/year}
  prices: {rows: {0: 10, 4: 70}, unit: EUR/year}
"""
    text = CLOCK.replace("tables:\n", tables).replace("years: {unit: LY", "years: {unit: QALY")
    text = text.replace("states: {ill: 1000}", "states: {ill: early(sojourn), well: prices(time)}")
    both = 'states: {well: norms(age), ill: "0.5 * norms(age)"}'
    text = text.replace("states: {well: 1, ill: 1}", both)
    model = read_model(text)
    assert isinstance(model, Individual)
    found, other = follow(model), follow(model, compiled=False)
    for name in found.discounted:
        assert found.discounted[name] == pytest.approx(other.discounted[name], rel=1e-12)
    step = 0.005
    t = np.arange(0, 30, step) + step / 2
    factor, norm = np.exp(-0.03 * t), np.where(t < 5, 0.9, np.where(t < 10, 0.8, 0.5))
    once = np.exp(-np.minimum(t, 10) * 0.02 - np.maximum(t - 10, 0) * 0.2)
    years, cost = 0.0, 7.0
    for frail, share in ((0, 0.75), (1, 0.25)):
        rate = 0.1 * (1 + frail)
        well = np.exp(-rate * t) * once
        falling = rate * well * step
        ill = once**2 * np.cumsum(falling / once**2)
        # Of those who fell ill at t, who is ill for less than a year: a window of 1 / step.
        summed = np.cumsum(falling / once**2)
        before = np.concatenate([np.zeros(round(1 / step)), summed[: -round(1 / step)]])
        fresh = once**2 * (summed - before)
        years += share * float(((well + 0.5 * ill) * norm * factor).sum() * step)
        paid = fresh * 3000 + (ill - fresh) * 200 + well * np.where(t < 4, 10, 70)
        cost += share * float((paid * factor).sum() * step + (50 * falling * factor).sum())
    for name, expected in (("years", years), ("cost", cost)):
        assert abs(found.discounted[name][0, 0] - expected) < 4 * found.error[name][0, 0]
        assert found.error[name][0, 0] < 0.03 * expected


def test_everybody_dies_at_the_highest_age_and_is_paid_for() -> None:
    text = CLOCK.replace("horizon: 30", "horizon: 30\nmax_age: 65").replace(
        '"well -> ill": 50', '"* -> dead": 100'
    )
    found = follow(read_model(text))  # type: ignore[arg-type]
    assert found.undiscounted["years"].max() < 5
    assert found.undiscounted["years"].min() > 4.5
    assert (found.undiscounted["cost"] >= 107 - 1e-9).all()


def test_so_many_people_are_refused_before_anything_runs() -> None:
    text = CLOCK.replace("people: 4000", "people: 10000000")
    model = read_model(text)
    with pytest.raises(BadModelError) as caught:
        evaluate(model, {"r": np.full(1_000, 0.1)})
    assert [each.code for each in caught.value.problems] == ["hta.run.lives"]


# What is wrong: what is replaced by what, and where the mistake is named.
WRONG: dict[str, tuple[str, str, str]] = {
    "time_law": ("exponential(rate=r * hr * (1 + frail))", "r * hr", "transitions.well.ill"),
    "time_law_arguments": ("life_table(dying)", "life_table(living)", "transitions.well.dead"),
    "unknown": ("ratio=2", "ratio=tall", "transitions.ill.dead"),
    "moving": ("ill: 1000", "ill: 1000 * age", "rewards.cost.states.ill"),
    "nobody_dies": ("dead: {dead: true}", "dead: {absorbing: true}", "max_age"),
    "trap": ("dead: {dead: true}", "dead: {}", "states.dead"),
    "distribution_arguments": ("oulli(0.25)", "oulli(p=0.25)", "population.attributes.frail"),
    "unit_wanted": ("rate=r * hr", "rate=1 / r * hr", "transitions.well.ill"),
    "range": ("people: 4000", "people: 0", "population.people"),
    "arrow": ("well -> ill", "well to ill", "rewards.cost.transitions.well to ill"),
    "twice": ("frail: b", "r: b", "population.attributes.r"),
}


@pytest.mark.parametrize("code", WRONG)
def test_bad_input_is_named_with_its_place(code: str) -> None:
    old, new, path = WRONG[code]
    assert old in CLOCK
    text = CLOCK.replace("horizon: 30", "horizon: 30\nmax_age: 100").replace(old, new)
    mark = "max_age" if code == "nobody_dies" else new
    line = next(k for k, each in enumerate(text.splitlines(), 1) if mark in each)
    assert (f"hta.input.{code}", f"{path}:{line}") in refused(text)


def test_a_reward_by_two_scales_at_once_is_refused() -> None:
    text = CLOCK.replace("ill: 1000", "ill: dying(age) * dying(time)")
    assert ("hta.input.moving", "rewards.cost.states.ill:20") in refused(text)


def test_more_than_a_thousand_times_at_which_states_are_counted_are_refused() -> None:
    found = refused(CLOCK.replace("horizon: 30", "horizon: 30\ngrid: 0.02"))
    assert found == [("hta.input.range", "grid:6")]


def test_people_who_are_followed_for_ever_are_refused() -> None:
    assert refused(CLOCK.replace("horizon: 30\n", "")) == [("hta.input.missing", ":1")]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("rate=r * hr", "rate=r * (hr - 0.7)", "time_law"),
        ("bernoulli(0.25)", "bernoulli(1.25)", "chance_of"),
        ("start: {well: 1}", "start: {well: 0.5}", "start"),
        ("start: {well: 1}", "start: {well: 1 / (hr - 1)}", "undefined"),
        ("ratio=2", "ratio=0 - 2", "time_law"),
    ],
)
def test_values_that_a_model_cannot_have_are_refused(old: str, new: str, code: str) -> None:
    assert old in CLOCK
    assert [each for each, _ in refused(CLOCK.replace(old, new))] == [f"hta.run.{code}"]


def test_a_million_events_of_one_person_are_given_up() -> None:
    text = CLOCK.replace('dead: "life_table(dying, ratio=2)"', "well: exponential(rate=1e9)")
    text = text.replace("rate=r * hr * (1 + frail)", "rate=1e9")
    assert [code for code, _ in refused(text.replace("people: 4000", "people: 3"))] == [
        "hta.run.endless"
    ]


@pytest.mark.parametrize("name", ["illness-death", "microsimulation-sick-sicker"])
def test_a_published_model_uses_all_that_it_names(name: str) -> None:
    assert published(name).unused == ()
