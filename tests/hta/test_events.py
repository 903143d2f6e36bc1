"""People who share resources: queueing theory, hands, and what may not be lost."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.hta.engine import report
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.events import run as runs
from sapar.hta.engine.events.calendar import OVER, Calendar
from sapar.hta.engine.events.queues import queue
from sapar.hta.engine.events.system import arrivals_of
from sapar.hta.engine.model.events import Events
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.sample import sample

SHELF = Path(__file__).parents[2] / "data" / "hta"

QUEUE = """
schema: sapar.hta.events/1
id: test
settings: {discounting: continuous, discount: {costs: 0.03, effects: 0}}
population: {runs: 16, seed: 3, attributes: {urgent: bernoulli(0.3)}}
strategies: {one: One place, some: Some places}
parameters:
  comes: {by_strategy: {one: 80, some: 250}, unit: 1/year}
  served: {value: 100, unit: 1/year}
  places: {by_strategy: {one: 1, some: 3}}
  first: 0
  price: {value: 10, unit: EUR, distribution: "gamma(mean=10, sd=1)"}
arrivals: {rate: comes, warm_up: 1, until: 9, after: 0.5}
horizon: 200
resources: {place: {capacity: places, held: {cost: 1000}, standing: {cost: 50}}}
steps:
  care:
    resource: place
    priority: first * urgent
    time: exponential(rate=served)
    waiting: {per_year: {waits: 1, urgent_waits: urgent / 0.3}}
    pays: {cost: price}
rewards:
  cost: {unit: EUR, discount: costs}
  waits: {unit: year, discount: effects}
  urgent_waits: {unit: year, discount: effects}
decision: {cost: cost, effect: waits}
"""


def model(text: str) -> Events:
    found = read_model(text)
    assert isinstance(found, Events)
    return found


def refused(text: str) -> list[tuple[str, str]]:
    with pytest.raises(BadModelError) as caught:
        evaluate(read_model(text))
    return [(each.code, each.where.rpartition(":")[0]) for each in caught.value.problems]


def erlang_c(servers: int, load: float) -> float:
    """The chance to wait with so many servers (Erlang 1917)."""
    full = load**servers / math.factorial(servers) / (1 - load / servers)
    others = sum(load**k / math.factorial(k) for k in range(servers))
    return float(full / (others + full))


def test_one_server_and_three_give_the_waits_of_erlangs_formula() -> None:
    found = evaluate(model(QUEUE))
    for s, (name, servers, comes) in enumerate((("one", 1, 80.0), ("some", 3, 250.0))):
        waits = erlang_c(servers, comes / 100)
        mean = waits / (100 * servers - comes)
        expected = {
            "waited": waits, "mean_wait": mean, "length": comes * mean,
            "used": comes / 100 / servers, "joined": 8 * comes,
            "ninety": math.log(waits / 0.1) / (100 * servers - comes),
        }  # fmt: skip
        figures = found.more["queues"][name]["place"]
        for key, value in expected.items():
            error = figures["error"][key]
            assert error < 0.12 * value
            assert abs(figures[key] - value) < 4 * error
        error = found.error["waits"][s, 0]
        assert abs(found.discounted["waits"][s, 0] - mean) < 4 * error


def test_urgent_ones_wait_as_cobhams_formula_says() -> None:
    """Priorities without interruption: Cobham, Operations Research 1954;2:70-6."""
    text = QUEUE.replace("first: 0", "first: 1").replace("one: 80", "one: 90")
    found = evaluate(model(text))
    urgent, all_ = 0.27, 0.9
    left = all_ / 100
    expected = left / (1 - urgent)
    error = found.error["urgent_waits"][0, 0]
    assert error < 0.1 * expected
    assert abs(found.discounted["urgent_waits"][0, 0] - expected) < 4 * error
    # Nobody's work is lost: the mean over both classes is that of one queue.
    mean = 0.3 * expected + 0.7 * left / (1 - urgent) / (1 - all_)
    assert mean == pytest.approx(all_ / (100 - 90))
    assert abs(found.discounted["waits"][0, 0] - mean) < 4 * found.error["waits"][0, 0]


def test_impatient_people_leave_as_the_chain_of_births_and_deaths_says() -> None:
    text = QUEUE.replace("{per_year", "{leaves: {care_not: exponential(rate=60)}, per_year")
    text = text.replace("rewards:", "  care_not: {}\nrewards:").replace("some: 250", "some: 350")
    found = evaluate(model(text)).more["queues"]
    for name, servers, comes in (("one", 1, 80.0), ("some", 3, 350.0)):
        chances = [1.0]
        for k in range(1, 200):
            leaves = 100 * min(k, servers) + 60 * max(k - servers, 0)
            chances.append(chances[-1] * comes / leaves)
        shares = np.array(chances) / sum(chances)
        waiting = float((shares * np.maximum(np.arange(200) - servers, 0)).sum())
        figures = found[name]["place"]
        for key, value in (("length", waiting), ("gave_up", 60 * waiting / comes)):
            assert figures["error"][key] < 0.1 * value
            assert abs(figures[key] - value) < 4 * figures["error"][key]


def test_without_a_queue_people_are_worth_their_integral() -> None:
    text = QUEUE.replace("capacity: places", "capacity: 100000").replace("standing: {cost: 50}", "")
    text = text.replace("held: {cost: 1000},", "held: {cost: 1000}")
    found = evaluate(model(text))
    assert (found.discounted["waits"] == 0).all()
    expected = 10 + 1000 / (100 + 0.03)
    assert (np.abs(found.discounted["cost"] - expected) < 4 * found.error["cost"]).all()
    assert found.undiscounted["cost"] == pytest.approx(20, rel=0.02)


def test_a_part_of_a_place_serves_nobody() -> None:
    short = QUEUE.replace("until: 9", "until: 2")
    whole = evaluate(model(short))
    part = evaluate(model(short.replace("capacity: places", "capacity: places + 0.9")))
    assert (whole.discounted["cost"] == part.discounted["cost"]).all()


def test_what_stands_is_paid_by_all_who_count() -> None:
    short = QUEUE.replace("until: 9", "until: 3")
    with_, without = (
        evaluate(model(short.replace("standing: {cost: 50}", f"standing: {{cost: {each}}}")))
        for each in (50, 0)
    )
    people = [with_.more["queues"][name]["place"]["joined"] for name in ("one", "some")]
    more = with_.discounted["cost"] - without.discounted["cost"]
    assert more[:, 0] == pytest.approx([50 * 2 / people[0], 150 * 2 / people[1]], rel=0.02)


class Plan:
    """A system of given times, for the calendar alone."""

    first = 0

    def __init__(self, times: list[float], capacity: Any, **more: Any) -> None:
        self.times, self.capacity, self.resources = times, [capacity], more.get("resources", [0])
        self.ranks = more.get("ranks", [0.0] * len(times))
        self.patience = more.get("patience", [math.inf] * len(times))

    def priority(self, step: int, person: int) -> float:
        return float(self.ranks[person])

    def lasts(self, step: int, person: int, visit: int, now: float) -> tuple[float, int]:
        return self.times[person], OVER

    def waits(self, step: int, person: int, visit: int, now: float) -> tuple[float, int]:
        return self.patience[person], OVER


def test_a_day_by_hand() -> None:
    """One place until 5, then two; the third gives up after 2, the fourth is urgent."""
    plan = Plan(
        [4.0, 4.0, 1.0, 3.0, 1.0], [(0.0, 1), (5.0, 2)],
        ranks=[0, 0, 0, 1, 0], patience=[math.inf, math.inf, 2.0, math.inf, math.inf],
    )  # fmt: skip
    log = Calendar(plan, [0.0, 0.5, 1.0, 1.5, 2.0]).run()
    assert log.began == [0.0, 5.0, math.inf, 4.0, 7.0]
    assert log.ended == [4.0, 9.0, 3.0, 7.0, 8.0]
    figures = queue(log, [0], plan.capacity[0], (0.0, 10.0))
    assert figures.used == pytest.approx((4 + 4 + 3 + 1) / (5 + 2 * 5))
    assert figures.mean_wait == pytest.approx((0 + 4.5 + 2 + 2.5 + 5) / 5)
    assert figures.length == pytest.approx((4.5 + 2 + 2.5 + 5) / 10)
    assert (figures.joined, figures.waited, figures.gave_up) == (5, 0.8, 0.2)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 3), st.floats(0.01, 5)), min_size=1, max_size=25),
    st.integers(1, 4),
)
def test_the_first_come_is_served_as_the_recursion_of_kiefer_and_wolfowitz_says(
    people: list[tuple[float, float]], servers: int
) -> None:
    arrivals = np.cumsum([gap for gap, _ in people]).tolist()
    log = Calendar(Plan([time for _, time in people], [(0.0, servers)]), arrivals).run()
    free = [0.0] * servers
    for k, (arrival, (_, time)) in enumerate(zip(arrivals, people, strict=True)):
        free.sort()
        begins = max(arrival, free[0])
        free[0] = begins + time
        assert log.began[log.person.index(k)] == pytest.approx(begins)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 2), st.floats(0.01, 5), st.integers(0, 2), st.floats(0.1, 9)),
        min_size=1, max_size=25,
    ),
    st.lists(st.tuples(st.floats(0.1, 5), st.integers(1, 4)), min_size=1, max_size=3),
)  # fmt: skip
def test_nobody_is_lost_and_no_place_is_used_twice(
    people: list[tuple[float, float, int, float]], changes: list[tuple[float, int]]
) -> None:
    since, capacity = 0.0, []
    for length, places in changes:
        capacity.append((since, places))
        since += length
    capacity.append((since, 1))
    arrivals = np.cumsum([each[0] for each in people]).tolist()
    plan = Plan(
        [each[1] for each in people], capacity, ranks=[each[2] for each in people],
        patience=[each[3] for each in people],
    )  # fmt: skip
    log = Calendar(plan, arrivals).run()
    assert sorted(log.person) == list(range(len(people)))
    assert all(math.isfinite(each) for each in log.ended)
    rows = list(zip(log.person, log.joined, log.began, log.ended, strict=True))
    for person, joined, began, ended in rows:
        if math.isfinite(began):
            assert joined <= began <= joined + people[person][3] + 1e-9
            assert ended == pytest.approx(began + people[person][1])
            # Whoever is served now was let in at a moment with room, himself among the served.
            busy = sum(each[2] <= began < each[3] for each in rows)
            assert busy <= max(places for when, places in capacity if when <= began)
            waiting = [
                plan.ranks[each[0]] for each in rows
                if each[1] < began and min(each[2], each[3]) > began
            ]  # fmt: skip
            assert not waiting or max(waiting) <= plan.ranks[person]
        else:
            assert ended == pytest.approx(joined + people[person][3])


def test_arrivals_follow_their_rate() -> None:
    rng = np.random.default_rng(1)
    gaps = rng.exponential(size=40_000)
    found = arrivals_of({0.0: 1_000.0, 2.0: 0.0, 3.0: 4_000.0, 50.0: 7.0}, 6.0, gaps)
    counts = np.histogram(found, bins=[0, 1, 2, 3, 4, 5, 6])[0]
    expected = np.array([1_000, 1_000, 0, 4_000, 4_000, 4_000])
    assert (np.abs(counts - expected) <= 4 * np.sqrt(expected)).all()
    assert (np.diff(found) >= 0).all()


def test_the_same_person_has_the_same_times_in_every_strategy() -> None:
    """Where nothing differs but the number of places, what does not wait is the same."""
    text = QUEUE.replace("some: 250", "some: 80").replace("standing: {cost: 50}", "")
    text = text.replace("held: {cost: 1000},", "held: {cost: 1000}")
    found = evaluate(model(text))
    assert found.undiscounted["cost"][0] == pytest.approx(found.undiscounted["cost"][1], rel=1e-12)
    assert found.discounted["waits"][0, 0] > 5 * found.discounted["waits"][1, 0]


def test_draws_and_workers_change_no_bit() -> None:
    found = model(QUEUE.replace("until: 9", "until: 2"))
    alone = sample(found, 12, 1)
    with ThreadPoolExecutor(2) as workers:
        shared = sample(found, 12, 1, executor=workers)
    assert (alone.costs == shared.costs).all()
    assert (alone.effects == shared.effects).all()
    assert len(set(alone.effects[0])) == 12
    later = runs.run(found, {"price": alone.parameters["price"][7:8]}, 7)
    assert later.discounted["cost"][:, 0] == pytest.approx(alone.costs[:, 7], rel=1e-12)
    same = runs.run(found, {"price": np.array([9.0, 9.0])})
    assert (same.discounted["cost"][:, 0] == same.discounted["cost"][:, 1]).all()


def test_a_life_table_takes_the_age_at_which_a_step_is_reached() -> None:
    table = "tables: {dying: {unit: 1/year, rows: {0: 0.01, 64: 0.2, 70: 0.5}}}\narrivals:"
    old = "  old: {time: life_table(dying), per_year: {waits: 1}}\nrewards:"
    text = QUEUE.replace("time: exponential(rate=served)", "time: 5\n    then: {old: 1}")
    text = text.replace("capacity: places", "capacity: 100000").replace("until: 9", "until: 3")
    text = text.replace("rewards:", old).replace("arrivals:", table)
    text = text.replace("population: {", "population: {age: 60, ")
    found = evaluate(model(text))
    # From 65 on: 0.2 a year for five years, then 0.5.
    expected = (1 - math.exp(-1)) / 0.2 + math.exp(-1) / 0.5
    assert (np.abs(found.discounted["waits"] - expected) < 4 * found.error["waits"]).all()


def test_a_third_room_shortens_the_wait_and_nothing_may_be_concluded() -> None:
    found = read_model((SHELF / "proton-queue.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, Events)
    assert found.unused == ()
    answer = report.run(replace(found, runs=3))
    waits = {name: each["place"]["mean_wait"] for name, each in answer["queues"].items()}
    assert waits["third"] < 0.1 * waits["equal"]
    assert answer["verdict"]["assessable"] is False
    rows = {each["strategy"]: each for each in answer["strategies"]}
    assert rows["third"]["effect"] > rows["equal"]["effect"]
    assert all(each["error"]["cost"] > 0 for each in rows.values())


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("resource: place", "resource: plce", ("choice", "steps.care.resource")),
        ("resource: place\n", "label: x\n", ("no_queue", "steps.care.waiting")),
        ("rate: comes, ", "", ("rate_or_times", "arrivals")),
        ("rate: comes", "rate: 1 / comes", ("unit_wanted", "arrivals.rate")),
        ("rate: comes", "times: 3", ("list", "arrivals.times")),
        ("rate: comes", "times: [2, 1]", ("order", "arrivals.times")),
        ("(rate=served)", "(scale=served)", ("time_law_arguments", "steps.care.time")),
        ("urgent / 0.3", "age", ("moving", "steps.care.waiting.per_year.urgent_waits")),
        ("horizon: 200", "horizon: 2000", ("range", "horizon")),
        ("runs: 16", "runs: 1", ("range", "population.runs")),
        ("{unit: year, discount: effects}\n  u", "{unit: year}\n  u", ("missing", "rewards.waits")),
        ("capacity: places", "capacity: {1: places}", ("steps", "resources.place.capacity")),
    ],
)
def test_bad_input_is_named_with_its_place(old: str, new: str, expected: tuple[str, str]) -> None:
    assert old in QUEUE
    assert (f"hta.input.{expected[0]}", expected[1]) in refused(QUEUE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("capacity: places", "capacity: places - 2", "capacity"),
        ("(rate=served)", "(rate=served * (1 - places))", "time_law"),
        ("time: exponential(rate=served)", "time: 0.5 - places", "time"),
        ("until: 9", "until: 150", "people"),
        ("rate: comes", "times: [0.5]", "nobody"),
        ("pays: {cost: price}", "then: {care: 0.5, end: 0.4}", "sum_of"),
        ("pays: {cost: price}", "then: {care: 1.5, end: rest}", "sum_of"),
        ("pays: {cost: price}", "then: {care: 0 - 0.5, end: rest}", "chance_of"),
        ("time: exponential(rate=served)", "then: care", "endless"),
    ],
)
def test_values_that_a_model_cannot_have_are_refused(old: str, new: str, code: str) -> None:
    assert old in QUEUE
    text = QUEUE.replace(old, new).replace("rewards:", "  end: {}\nrewards:")
    if code == "people":
        text = text.replace("one: 80", "one: 8000")
    assert [each for each, _ in refused(text)] == [f"hta.run.{code}"]
