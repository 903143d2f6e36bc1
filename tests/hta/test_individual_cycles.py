"""People cycle by cycle: a million of them, a cohort, and a loop by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import special

from sapar.hta.engine.cohort.trace import trace
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.individual.run import follow
from sapar.hta.engine.model.individual import Individual
from sapar.hta.engine.model.model import WITHIN_CYCLE, Model
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError
from tests.hta import plain_people as plain

MODELS = Path(__file__).parents[2] / "data" / "hta"


def published(name: str) -> Individual:
    found = read_model((MODELS / f"{name}.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, Individual)
    return found


def refused(text: str) -> list[tuple[str, str]]:
    with pytest.raises(BadModelError) as caught:
        evaluate(read_model(text))
    return [(each.code, each.where) for each in caught.value.problems]


# Krijkamp et al., MDM 2018;38:400-22: the closed form of their model (acceptance list, 2026-11-25).
KRIJKAMP = {"cost": (75_976.149140, 141_623.028188), "qaly": (15.838847815, 16.400405589)}


def test_a_million_people_come_within_three_errors_of_the_closed_form() -> None:
    found = follow(published("microsimulation-sick-sicker"), people=1_000_000)
    for name, expected in KRIJKAMP.items():
        error = found.error[name][:, 0]
        assert (error < 2e-3 * np.array(expected)).all()
        assert (np.abs(found.discounted[name][:, 0] - expected) < 3 * error).all()


def test_the_closed_form_is_a_cohorts() -> None:
    """The same document read as a cohort gives the published closed form to nine digits."""
    text = (MODELS / "microsimulation-sick-sicker.yaml").read_text(encoding="utf-8")
    lines = [x for x in text.splitlines() if not x.startswith(("clock:", "population:"))]
    found = read_model("\n".join(lines).replace("hta.individual/1", "hta.model/1"))
    assert isinstance(found, Model)
    totals = trace(found).totals
    for name, expected in KRIJKAMP.items():
        assert totals[name][:, 0] == pytest.approx(expected, rel=1e-9)


CYCLES = """
schema: sapar.hta.individual/1
id: test
clock: cycle
settings: {{cycles: 12, cycle: 6 months, start_age: 50, within_cycle: {rule},
           discount: {{costs: 0.03, effects: 0.015}}}}
population:
  people: {people}
  seed: 5
  attributes: {{frail: bernoulli(0.3), weight: {{value: "normal(mean=70, sd=10)", unit: kg}}}}
strategies: {{a: A, b: B}}
parameters:
  p: 0.2
  fee: {{value: 1, unit: EUR}}
  good: {{by_strategy: {{a: 0, b: 1}}}}
tables:
  dying: {{rows: {{50: 0.01, 53: 0.03}}, unit: "1"}}
let:
  p_ill: p * (1 - 0.3 * good)
states: {{well: {{}}, ill: {{memory: 12}}, dead: {{dead: true}}}}
start: {{well: 0.9, ill: 0.1}}
transitions:
  well: {{ill: p_ill, dead: dying(age)}}
  ill: {{well: "if({sojourn} > 2, 0.1, 0.3)", dead: "0.05 + 0.02 * {sojourn}"}}
rewards:
  cost: {{unit: EUR, discount: costs, per: cycle,
         states: {{well: fee * (10 + cycle), ill: "fee * (100 + 5 * {sojourn})"}},
         transitions: {{"* -> dead": 500, "well -> ill": 40}}}}
  years: {{unit: LY, discount: effects, per: year, states: {{well: 1, ill: 0.8}}}}
"""


def as_cohort(text: str) -> Model:
    start = text.index("clock:")
    end = text.index("settings:")
    first = text.index("population:")
    last = text.index("strategies:")
    cut = text[:start] + text[end:first] + text[last:]
    found = read_model(cut.replace("hta.individual/1", "hta.model/1"))
    assert isinstance(found, Model)
    return found


@pytest.mark.parametrize("rule", WITHIN_CYCLE)
def test_people_by_cycle_are_on_average_the_cohort_under_every_convention(rule: str) -> None:
    text = CYCLES.format(rule=rule, people=20_000, sojourn="sojourn")
    found, expected = evaluate(read_model(text)), trace(as_cohort(text))
    for name in ("cost", "years"):
        far = np.abs(found.discounted[name] - expected.totals[name])
        assert (far < 4 * found.error[name]).all()
        assert (found.error[name] < 0.01 * expected.totals[name]).all()
        assert (found.undiscounted[name] > found.discounted[name]).all()


def test_people_by_cycle_go_where_a_loop_by_hand_sends_them() -> None:
    text = CYCLES.format(rule="both", people=300, sojourn="(sojourn * (1 + frail))")
    text = text.replace("p: 0.2", "p: 0.2\n  heavy: {value: 70, unit: kg}")
    model = read_model(text.replace("p * (1 - 0.3 * good)", "p * weight / heavy"))
    assert isinstance(model, Individual)
    found = follow(model)
    total = 0.0
    for person in range(300):
        frail, weight = brought(person)
        total += by_hand(person, frail, weight)
    assert found.discounted["cost"][0, 0] == pytest.approx(total / 300, rel=1e-12)


def brought(person: int) -> tuple[int, float]:
    """The attributes of a person, by the names' own streams."""

    def stream(name: str) -> int:
        word = 0xCBF29CE484222325
        for byte in f"5/{name}".encode():
            word = (word ^ byte) * 0x100000001B3 % 2**64
        return plain.key(word, 0, person)

    frail = int(plain.uniform(stream("frail"), 0) < 0.3)
    return frail, 70 + 10 * float(special.ndtri(plain.uniform(stream("weight"), 0)))


def by_hand(person: int, frail: int, weight: float) -> float:
    """What a person costs, all points whole."""
    word = 0xCBF29CE484222325
    for byte in b"5/start:":
        word = (word ^ byte) * 0x100000001B3 % 2**64
    state = "well" if plain.uniform(plain.key(word, 0, person), 0) < 0.9 else "ill"
    stream, sojourn, cost = plain.key(5, 0, person), 1, 0.0
    for point in range(13):
        if point:
            u, age = plain.uniform(stream, point - 1), 50 + (point - 1) / 2
            grown = sojourn * (1 + frail)
            if state == "well":
                chances = [("ill", 0.2 * weight / 70), ("dead", 0.01 if age < 53 else 0.03)]
            elif state == "ill":
                chances = [("well", 0.1 if grown > 2 else 0.3), ("dead", 0.05 + 0.02 * grown)]
            else:
                chances = []
            before, below = state, 0.0
            for to, chance in chances:
                if below <= u < below + chance:
                    state = to
                below += chance
            sojourn = 1 if state != before else sojourn + 1
            factor = 1.03 ** (-point / 2)
            if state == "dead" != before:
                cost += 500 * factor
            if (before, state) == ("well", "ill"):
                cost += 40 * factor
        worth = {"well": 11 + point, "ill": 100 + 5 * sojourn * (1 + frail), "dead": 0}[state]
        cost += worth * 1.03 ** (-point / 2)
    return cost


def test_chances_above_one_are_refused_for_those_who_are_there() -> None:
    text = CYCLES.format(rule="both", people=2_000, sojourn="sojourn")
    ((code, where),) = refused(text.replace("ill: p_ill", "ill: p_ill + 0.9 * frail"))
    assert (code, where[:21]) == ("hta.run.above_one", "transitions.well.ill:")
    ((code, where),) = refused(text.replace("ill: p_ill", "ill: p_ill - 0.9 * frail"))
    assert (code, where[:21]) == ("hta.run.negative", "transitions.well.ill:")


def test_a_horizon_beside_cycles_is_refused() -> None:
    text = CYCLES.format(rule="both", people=2_000, sojourn="sojourn")
    found = refused(text.replace("clock: cycle", "clock: cycle\nhorizon: 30"))
    assert found == [("hta.input.clock_only", "horizon:5")]
