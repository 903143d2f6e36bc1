"""Curves in a model's document: what expressions ask, in every draw, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sapar.hta.engine.cohort.trace import trace
from sapar.hta.engine.cohort.worth import worth_of
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.model.placeholders import placeholders, unverified
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.survival.combined import LifeTable, Relative, Waning
from sapar.hta.engine.survival.laws import GeneralisedGamma, Gompertz, LogNormal, WeibullPH
from sapar.hta.engine.survival.spline import Spline
from sapar.hta.engine.uncertainty.sample import sample
from sapar.hta.phrases import PHRASES

if TYPE_CHECKING:
    from sapar.values.statements import Problem

GOOD = """\
schema: sapar.hta.model/1
id: curves
settings: {cycles: 10, cycle: 6 months, start_age: 60, within_cycle: half-cycle}
strategies: {a: Usual care, b: The new one}
parameters:
  g: {value: 1.3, distribution: "lognormal(meanlog=0.26, sdlog=0.1)"}
  l: {value: 0.15, distribution: "gamma(mean=0.15, sd=0.02)"}
  m: {by_strategy: {a: 1, b: 1.5}}
  long: {value: 5, unit: year}
  hundred: {value: 100, unit: year}
tables:
  mortality: {unit: 1/year, until: 110, rows: {60: 0.01, 61: 0.012, 62: 0.015, 63: 0.02}}
let:
  dying: event(os, time)
  twice: 2 * l
survival:
  base: "weibull_ph(shape=g, rate=l)"
  os: {by_strategy: {a: base, b: "relative(lognormal(meanlog=m, sdlog=0.9), table=mortality)"}}
  pfs: {law: "waning(base, hr=0.5, since=1, until=3)", source: made up, mark: demonstration}
  bent: "spline_hazard(knot1=-1, knot2=0.5, knot3=2, gamma0=-2, gamma1=1.2, gamma2=0.05)"
states: {alive: , dead: {dead: true}}
start: {alive: 1}
transitions:
  alive: {dead: dying}
rewards:
  cost:
    discount: costs
    states: {alive: "hazard(pfs, time + 0.25) * hundred + survival(bent, time) + twice"}
  life: {discount: effects, per: year, states: {alive: 1}}
"""


def problems(text: str) -> list[Problem]:
    with pytest.raises(BadModelError) as found:
        sample(read_model(text), 3, 1)
    return list(found.value.problems)


def test_a_cohort_that_dies_by_a_curve_lives_as_the_curve_says() -> None:
    found = trace(read_model(GOOD))
    times = np.arange(11) / 2
    table = LifeTable(np.array([60.0, 61, 62, 63]), np.array([0.01, 0.012, 0.015, 0.02]), 60.0)
    one = WeibullPH(1.3, 0.15)
    other = Relative(LogNormal(1.5, 0.9), table)
    assert found.shares[0, :, 0] == pytest.approx(one.survival(times), rel=1e-12)
    assert found.shares[1, :, 0] == pytest.approx(other.survival(times), rel=1e-12)


def test_arguments_are_drawn_and_curves_follow_every_draw() -> None:
    model = read_model(GOOD)
    drawn = {"g": np.array([0.8, 1.3, 2.0]), "l": np.array([0.3, 0.15, 0.05])}
    worth = worth_of(model, drawn)
    dying = worth.names["dying"]
    assert dying.shape == (2, 3, 11, 1)
    for k in range(3):
        law = WeibullPH(drawn["g"][k], drawn["l"][k])
        times = np.arange(11) / 2
        assert dying[0, k, :, 0] == pytest.approx(law.event(times, 0.5), rel=1e-13)
    assert np.ptp(dying[1], axis=0).max() == 0
    paid = worth.of(next(iter(model.rewards.values())).states["alive"])
    bent = Spline("hazard", (-1.0, 0.5, 2.0), (-2.0, 1.2, 0.05))
    pfs = Waning(WeibullPH(2.0, 0.05), 0.5, 1.0, 3.0)
    wanted = pfs.hazard(1.75) * 100 + bent.survival(1.5) + 0.1
    assert paid[0, 2, 3, 0] == pytest.approx(float(wanted), rel=1e-12)


def test_a_sample_gives_what_each_draw_alone_gives() -> None:
    model = read_model(GOOD)
    many = sample(model, 5, 3)
    for k in range(5):
        alone = evaluate(model, {n: v[k : k + 1] for n, v in many.parameters.items()})
        assert alone.discounted["cost"][:, 0] == pytest.approx(many.costs[:, k], rel=1e-13)


def test_a_tree_asks_curves_too() -> None:
    text = """
schema: sapar.hta.tree/1
id: small
strategies: {a: One, b: Other}
parameters: {q: {by_strategy: {a: 0.5, b: -0.5}}}
survival: {os: "cure(gengamma(mu=1, sigma=0.6, Q=q), cured=0.2)"}
rewards: {cost: {}, life: {}}
tree:
  branches:
    alive: {chance: "survival(os, 5)", pays: {life: 1}}
    dead: {chance: rest, pays: {cost: "event(os, 0, 5)"}}
"""
    found = evaluate(read_model(text)).discounted
    for s, q in enumerate((0.5, -0.5)):
        alive = 0.2 + 0.8 * float(GeneralisedGamma(1.0, 0.6, q).survival(5.0))
        assert found["life"][s, 0] == pytest.approx(alive, rel=1e-12)
        assert found["cost"][s, 0] == pytest.approx((1 - alive) ** 2, rel=1e-12)


@pytest.mark.parametrize(
    "law",
    [
        "exponential(rate=l)",
        "weibull_aft(shape=g, scale=long)",
        "gompertz(shape=0.1, rate=l)",
        "loglogistic(shape=g, scale=4)",
        "spline_odds(knot1=0, knot2=2, gamma0=-2, gamma1=g)",
        "spline_normal(knot1=0, knot2=1, knot3=2, gamma0=-2, gamma1=g, gamma2=0.1)",
        "piecewise(rate1=l, until1=1, rate2=twice, until2=3, rate3=0.1)",
        "life_table(table=mortality)",
        "life_table(table=mortality, age=62)",
        "relative(cure(base, cured=0.3), table=mortality, age=61)",
        "proportional(base, hr=0.7)",
        "odds(base, ratio=1.3)",
        "accelerated(base, time_ratio=1.2)",
        "then(base, life_table(table=mortality), at=2)",
    ],
)
def test_every_law_can_be_written_and_drawn(law: str) -> None:
    spline = GOOD[GOOD.index('"spline_hazard(') : GOOD.index('gamma2=0.05)"') + 13]
    found = sample(read_model(GOOD.replace(spline, f'"{law}"')), 4, 1)
    assert np.isfinite(found.costs).all()


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "value"),
    [
        ("weibull_ph(shape=g, rate=l)", "weibul(shape=g, rate=l)", "law", 17, "weibul"),
        (
            "weibull_ph(shape=g, rate=l)",
            "weibull_ph(shape=g, scale=l)",
            "law_arguments",
            17,
            "scale",
        ),
        ("weibull_ph(shape=g, rate=l)", "weibull_ph(shape=g)", "law_arguments", 17, "rate"),
        ("weibull_ph(shape=g, rate=l)", "weibull_ph(g, l)", "law_inside", 17, "weibull_ph"),
        ("weibull_ph(shape=g, rate=l)", "weibull_ph(shape=gg, rate=l)", "unknown", 17, "gg"),
        ("weibull_ph(shape=g, rate=l)", "weibull_ph(shape=g, rate=time)", "unsteady", 17, "time"),
        ("weibull_ph(shape=g, rate=l)", "weibull_ph(shape=g, rate=dying)", "unsteady", 17, "dying"),
        ("weibull_ph(shape=g, rate=l)", "os", "curve", 17, "os"),
        ("weibull_ph(shape=g, rate=l)", "exponential(rate=long)", "unit_wanted", 17, "year"),
        ("{a: base, b:", "{a: base, c:", "key", 18, "c"),
        ("table=mortality", "table=mort", "law_table", 18, "mort"),
        (", table=mortality", "", "law_table", 18, "relative"),
        ("61: 0.012", "61: -0.012", "law_table_negative", 18, "mortality"),
        ("waning(base,", "waning(base, base,", "law_inside", 19, "waning"),
        ('{law: "waning', '{label: "waning', "one_law", 19, "pfs"),
        ("gamma2=0.05", "gamma3=0.05", "law_arguments", 20, "spline_hazard"),
        ("gamma1=1.2, gamma2=0.05", "gamma1=1.2", "law_arguments", 20, "spline_hazard"),
        ("event(os, time)", "event(oss, time)", "curve_unknown", 14, "oss"),
        ("event(os, time)", "event(time)", "curve_unknown", 14, "time"),
        ("event(os, time)", "event(os)", "arguments", 14, "event"),
        ("event(os, time)", "event(os, 1, 2, 3)", "arguments", 14, "event"),
        ("event(os, time)", "event(os, g)", "unit_wanted", 14, "1"),
        ("event(os, time)", "os + 1", "unknown", 14, "os"),
        ("  base:", "  age:", "reserved", 17, "age"),
        ("  bent:", "  g:", "twice", 20, "g"),
    ],
)
def test_a_wrong_curve_is_named_with_its_line(
    old: str, new: str, code: str, line: int, value: str
) -> None:
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1))
    first = next(each for each in found if each.code == f"hta.input.{code}")
    assert re.search(rf":{line}$", first.where), first.where
    assert first.value == value
    assert f"hta.input.{code}.remedy" in PHRASES


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "strategy"),
    [
        ("rate=l)", "rate=l - 0.2)", "law_argument", 17, "a"),
        ("sdlog=0.9", "sdlog=1.2 - m", "law_argument", 18, "b"),
        ("gamma2=0.05", "gamma2=3", "law_falls", 20, "a"),
        ("knot2=0.5", "knot2=-1.5", "law_argument", 20, "a"),
        ("until: 110", "until: 64", "outside", 18, None),
        ("table=mortality)", "table=mortality, age=40)", "law_argument", 18, "b"),
    ],
)
def test_a_law_outside_its_support_is_named_before_the_cohort_starts(
    old: str, new: str, code: str, line: int, strategy: str | None
) -> None:
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1))[0]
    assert found.code == f"hta.run.{code}"
    assert re.search(rf":{line}$", found.where), found.where
    assert found.params.get("strategy") == strategy
    assert f"hta.run.{code}.remedy" in PHRASES


def test_a_table_may_be_called_as_a_function_of_curves() -> None:
    """Names of tables come first, so that no older document changes its meaning."""
    text = GOOD.replace("  mortality: {", "  hazard: {rows: {0: 7}}\n  mortality: {").replace(
        "hazard(pfs, time + 0.25) * hundred", "hazard(cycle)"
    )
    model = read_model(text)
    assert worth_of(model, {}).of(model.rewards["cost"].states["alive"])[
        0, 0, 0, 0
    ] == pytest.approx(8.3)


def test_a_curve_with_numbers_of_its_own_needs_a_source_as_an_input_does() -> None:
    model = read_model(GOOD)
    assert set(placeholders(model)) & {"base", "os", "pfs", "bent"} == {"os", "bent"}
    assert "pfs" in unverified(model)


def test_a_curve_that_nothing_asks_is_said_to_be_unused() -> None:
    assert read_model(GOOD).unused == ("long",)
    spare = GOOD.replace("  bent:", '  spare: "exponential(rate=l)"\n  bent:')
    assert read_model(spare).unused == ("long", "spare")


def test_a_clock_that_begins_anew_in_a_state_asks_the_curve_by_the_time_spent_there() -> None:
    text = """
schema: sapar.hta.model/1
id: anew
settings: {cycles: 8, cycle: 3 months, within_cycle: both}
strategies: {one: One}
survival: {os: "gompertz(shape=0.8, rate=0.2)"}
states: {ill: {memory: 8}, dead: {dead: true}}
start: {ill: 1}
transitions: {ill: {dead: "event(os, (sojourn - 1) * cycle_length)"}}
rewards: {cost: {discount: costs}, life: {discount: effects, states: {ill: 1}}}
"""
    shares = trace(read_model(text)).shares[0, :, 0]
    assert shares == pytest.approx(Gompertz(0.8, 0.2).survival(np.arange(9) / 4), rel=1e-12)


def test_models_of_people_one_by_one_refuse_curves_before_they_run() -> None:
    shelf = Path(__file__).parents[2] / "data" / "hta"
    for name in ("illness-death.yaml", "proton-queue.yaml"):
        text = (shelf / name).read_text(encoding="utf-8")
        curves = text + '\nsurvival: {spare: "exponential(rate=0.1)"}\n'
        assert "hta.input.curve_kind" in {each.code for each in problems(curves)}
