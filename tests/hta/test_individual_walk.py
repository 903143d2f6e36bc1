"""People in continuous time: against a loop by hand, closed forms, and one walk by the other."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.hta.engine.individual import kernel, laws
from sapar.hta.engine.individual.course import (
    AGE,
    MOST_EVENTS,
    SOJOURN,
    TIME,
    Course,
    discounts,
    worth_at,
)
from sapar.hta.engine.individual.stream import keys, stream_of, uniform
from sapar.hta.engine.individual.walk import walk
from tests.hta import plain_people as plain

STATES = ["a", "b", "c", "dead"]
NAMES = list(laws.LAWS)


def world(edges: list[tuple[str, str, str, float, float]], **changes: Any) -> plain.World:
    made = plain.World(
        STATES, edges, {"a": 1000.0, "b": 1700.0, "c": 2500.0},
        {("a", "b"): 300.0, ("b", "dead"): 77.0}, discount=0.03, until=40.0, dies=True, dead="dead",
    )  # fmt: skip
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def course(of: plain.World, grid: Any = ()) -> Course:
    """The same for the engine: one strategy of numbers."""
    given_laws = [laws.LAWS[law][1](**arguments(law, one, two)) for _, _, law, one, two in of.edges]
    number = {name: k for k, name in enumerate(of.states)}
    tables = laws.hazards([])
    arrows = [(o, t) for o, t, *_ in of.edges] + [(state, of.dead) for state in of.states]
    law = np.array([[float(x.first), float(x.second)] for x in given_laws]).reshape(-1, 2, 1, 1, 1)
    rate = [of.rate.get(state, 0.0) for state in of.states]
    origins = [number[o] for o, *_ in of.edges]
    return Course(
        first=np.searchsorted(origins, np.arange(len(of.states) + 1)),
        to=np.array([number[t] for _, t, *_ in of.edges]),
        kind=np.array([each.kind for each in given_laws]),
        table=np.zeros(len(of.edges), dtype=np.int64),
        law=law,
        forward=False,
        ages=tables.ages,
        hazard=tables.hazard,
        summed=tables.summed,
        rate=np.array(rate).reshape(1, -1, 1, 1, 1, 1),
        cuts=np.tile([-np.inf, np.inf], (1, len(of.states), 1)),
        scale=np.zeros((1, len(of.states)), dtype=np.int64),
        age=np.zeros((1, 1)),
        once=np.array([of.once.get(a, 0.0) for a in arrows]).reshape(1, -1, 1, 1, 1),
        entry=np.zeros((1, 1, 1, 1)),
        schedule=np.zeros(1, dtype=np.int64),
        discounts=discounts([((0.0, of.discount),)], "continuous"),
        until=np.full((1, 1), of.until),
        dies=np.full((1, 1), of.dies),
        dead=number[of.dead],
        grid=np.array(grid, dtype=np.float64),
    )


def arguments(law: str, one: float, two: float) -> dict[str, float]:
    return dict(zip(laws.LAWS[law][0], (one, two), strict=False))


THREE = [
    ("a", "b", "weibull_aft", 0.8, 4.0), ("a", "c", "gompertz", 0.1, 0.05),
    ("a", "dead", "lognormal", 2.5, 0.7), ("b", "a", "loglogistic", 1.5, 3.0),
    ("b", "dead", "weibull_ph", 1.2, 0.1), ("c", "dead", "exponential", 0.2, 0.0),
    ("c", "a", "gompertz", -0.2, 0.1),
]  # fmt: skip


@pytest.mark.parametrize("way", [walk, kernel.walk])
def test_people_are_worth_what_a_loop_by_hand_finds_with_the_same_luck(way: Any) -> None:
    of = world(THREE)
    luck = keys(11, [0, 5], range(20))
    found = way(course(of), luck, np.zeros((1, 2, 20), dtype=np.int64))
    for k, draw in enumerate((0, 5)):
        for n in range(20):
            stream = plain.key(11, draw, n)
            assert found.worth[0, 0, 0, k, n] == pytest.approx(
                plain.one_life(of, stream, "a"), rel=1e-10
            )


@pytest.mark.parametrize("way", [walk, kernel.walk])
def test_people_are_counted_where_a_loop_by_hand_has_them(way: Any) -> None:
    grid = np.arange(0, 45, 2.5)
    of = world(THREE)
    found = way(course(of, grid), keys(3, [0], range(50)), np.ones((1, 1, 50), dtype=np.int64))
    expected = np.zeros((4, len(grid)))
    for n in range(50):
        plain.one_life(of, plain.key(3, 0, n), "b")
        for g, t in enumerate(grid):
            state = next((name for name, since, until in of.path if since <= t < until), "dead")
            expected[STATES.index(state), g] += 1
    assert (found.counts[0, 0] == expected).all()
    assert (found.counts.sum(axis=2) == 50).all()


def test_who_is_followed_no_longer_without_dying_stays_where_he_was() -> None:
    of = world([("a", "b", "exponential", 0.5, 0.0)], dies=False, until=3.0)
    for way in (walk, kernel.walk):
        found = way(
            course(of, [0, 2.9, 3.0, 9.0]),
            keys(1, [0], range(400)),
            np.zeros((1, 1, 400), dtype=int),
        )
        counts = found.counts[0, 0]
        assert counts[3].sum() == 0
        assert counts[0, 0] == 400
        assert counts[0, 1] > counts[0, 2] - 1e-9
        assert (counts[:, 2] == counts[:, 3]).all()


def test_the_compiled_walk_agrees_with_the_plain_one() -> None:
    """Two strategies, draws, people of different ages, a life table, both clocks, all laws."""
    rng = np.random.default_rng(2)
    table = laws.hazards([([0.0, 40.0, 60.0, 80.0], np.array([0.001, 0.005, 0.02, 0.1]))])
    edges = [*THREE, ("c", "dead", "exponential", 0.1, 0.0)]
    base = course(world(sorted(edges, key=lambda each: each[0])), np.arange(0, 45, 0.5))
    shape = (2, 3, 40)
    law = np.broadcast_to(base.law, (8, 2, *shape)) * rng.uniform(0.8, 1.2, (8, 2, *shape))
    # State a has bands of years in it, b of the age, c of the time; the dead none.
    cuts = np.tile([-np.inf, np.inf, np.inf, np.inf], (1, 4, 1))
    cuts[0, :3, 1:3] = [[0.5, 2.0], [45.0, 60.0], [3.0, np.inf]]
    bands: dict[str, Any] = {
        "rate": rng.uniform(0, 100, (1, 4, 3, *shape)), "cuts": cuts,
        "scale": np.array([[SOJOURN, AGE, TIME, TIME]]), "age": rng.uniform(30, 70, (3, 40)),
    }  # fmt: skip
    kind = base.kind.copy()
    kind[-1], law[-1, 0], law[-1, 1] = laws.TABLE, 1.5, rng.uniform(30, 70, (1, 1, 40))
    for forward in (False, True):
        whole = base._replace(
            law=law, kind=kind, forward=forward, ages=table.ages, hazard=table.hazard,
            summed=table.summed, until=rng.uniform(10, 60, (3, 40)),
            discounts=discounts([((0.0, 0.035), (5.0, 0.0), (30.0, 0.0001))], "discrete"),
            **bands,
        )  # fmt: skip
        luck = keys(4, range(3), range(40))
        start = rng.integers(0, 3, shape)
        one, other = walk(whole, luck, start), kernel.walk(whole, luck, start)
        assert one.events == other.events > 5
        assert np.allclose(one.worth, other.worth, rtol=1e-12, atol=1e-9)
        assert (one.counts == other.counts).all()


def test_constant_competing_risks_give_their_expected_discounted_time_and_costs() -> None:
    """Exponential times to b at 0.3 and to death at 0.1: 1 / (0.4 + r) discounted years in a."""
    of = world(
        [("a", "b", "exponential", 0.3, 0.0), ("a", "dead", "exponential", 0.1, 0.0)],
        rate={"a": 1.0}, once={("a", "b"): 1.0}, until=1e4, dies=False,
    )  # fmt: skip
    number = 200_000
    found = kernel.walk(
        course(of), keys(1, [0], range(number)), np.zeros((1, 1, number), dtype=int)
    )
    expected = 1 / 0.43 + 0.3 / 0.43
    worth = found.worth[0, 0].ravel()
    assert abs(worth.mean() - expected) < 3 * worth.std() / math.sqrt(number)
    assert abs(found.worth[1, 0].mean() - (2.5 + 0.75)) < 3 * found.worth[1, 0].std() / math.sqrt(
        number
    )


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(STATES), st.sampled_from(NAMES),
                  st.floats(0.2, 3.0), st.floats(0.2, 3.0)).filter(lambda e: e[0] != e[1]),
        min_size=1, max_size=6, unique_by=lambda e: (e[0], e[1]),
    ),
    st.floats(0.5, 30.0), st.integers(0, 2**62),
)  # fmt: skip
def test_the_time_in_all_states_is_the_time_that_people_are_followed(
    edges: list[tuple[str, str, str, float, float]], until: float, seed: int
) -> None:
    of = world(
        sorted(edges),
        rate=dict.fromkeys(STATES, 1.0),
        once={},
        discount=0.0,
        until=until,
        dies=False,
    )
    luck, start = keys(seed, [0], range(7)), np.zeros((1, 1, 7), dtype=np.int64)
    found = walk(course(of), luck, start)
    assert found.worth[1, 0] == pytest.approx(np.full((1, 1, 7), until), rel=1e-9)
    other = kernel.walk(course(of), luck, start)
    assert other.worth == pytest.approx(found.worth, rel=1e-9)


def test_a_circle_without_time_is_given_up() -> None:
    of = world([("a", "b", "exponential", 1e9, 0.0), ("b", "a", "exponential", 1e9, 0.0)])
    for way in (walk, kernel.walk):
        found = way(course(of), keys(1, [0], [0]), np.zeros((1, 1, 1), dtype=int))
        assert found.events > MOST_EVENTS


def test_times_have_the_survival_of_their_law() -> None:
    u = np.linspace(0.01, 0.99, 50)
    none = laws.hazards([])
    for name in NAMES:
        one, two = (0.1, 0.2) if name == "gompertz" else (1.3, 0.6)
        law = laws.LAWS[name][1](**arguments(name, one, two))
        found = laws.when(law, none, u, np.zeros(50))
        assert found == pytest.approx(
            [plain.time_of(name, one, two, each) for each in u], rel=1e-10
        )


@pytest.mark.parametrize("name", NAMES)
def test_a_forward_clock_forgets_nothing(name: str) -> None:
    """Who has lasted until 2 lasts until t with the chance S(t) / S(2)."""
    one, two = (0.1, 0.2) if name == "gompertz" else (1.3, 0.6)
    law, none = laws.LAWS[name][1](**arguments(name, one, two)), laws.hazards([])
    u, now = np.linspace(0.02, 0.98, 30), np.full(30, 2.0)
    found = laws.when(law, none, u, now, forward=True)

    def survival(t: float) -> float:
        low, high = 0.0, 1.0
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (
                (middle, high) if plain.time_of(name, one, two, middle) > t else (low, middle)
            )
        return low

    for t, chance in zip(found, u, strict=True):
        assert survival(float(t)) / survival(2.0) == pytest.approx(chance, rel=1e-6)


def test_a_life_table_gives_the_hazard_of_the_age() -> None:
    given_table = laws.hazards([([20.0, 50.0, 60.0], np.array([0.01, 0.02, 0.5]))])
    law = laws.Law(laws.TABLE, np.array(2.0), np.array(45.0))
    u, now = np.array([0.99, 0.8, 0.6, 0.1, 0.001]), np.full(5, 3.0)
    found = laws.when(law, given_table, u, now)

    def cumulative(t: float) -> float:
        step = 1e-4
        ages = 45 + 3 + np.arange(0, t - 3, step) + step / 2
        return 2 * step * float(np.where(ages < 50, 0.01, np.where(ages < 60, 0.02, 0.5)).sum())

    for t, chance in zip(found, u, strict=True):
        assert math.exp(-cumulative(float(t))) == pytest.approx(chance, rel=1e-3)


def test_luck_is_the_same_by_hand_and_for_whoever_asks() -> None:
    luck = keys(9, [2, 3], [0, 7, 8])
    assert [int(each) for each in luck[1]] == [plain.key(9, 3, n) for n in (0, 7, 8)]
    assert uniform(luck, 4)[1, 2] == plain.uniform(plain.key(9, 3, 8), 4)
    assert kernel.uniform_of(luck[1, 2], 4) == uniform(luck, 4)[1, 2]
    assert stream_of(1, "age") != stream_of(1, "sex")


def test_luck_is_uniform_and_independent() -> None:
    u = uniform(keys(1, range(300), range(300)), 0)
    for values in (u.ravel(), uniform(keys(1, [0], [0])[0, 0], np.arange(90_000))):
        counts = np.histogram(values, bins=100, range=(0, 1))[0]
        chi = float(((counts - 900.0) ** 2 / 900.0).sum())
        # A chi-square with 99 degrees of freedom: above 160 once in ten thousand times.
        assert 50 < chi < 160
    both = np.corrcoef(u[:-1].ravel(), u[1:].ravel())[0, 1]
    side = np.corrcoef(u[:, :-1].ravel(), u[:, 1:].ravel())[0, 1]
    assert max(abs(both), abs(side)) < 4 / math.sqrt(u.size)


def test_discounting_by_steps_is_its_own_integral() -> None:
    steps = [((0.0, 0.035), (10.0, 0.0), (20.0, 0.01))]
    for how in ("discrete", "continuous"):
        given_steps = discounts(steps, how)
        t = np.array([0.0, 4.0, 10.0, 15.0, 33.0])
        factor, summed = worth_at(given_steps, 0, t)
        fine = np.linspace(0, 33, 330_001)
        values = worth_at(given_steps, 0, fine)[0]
        integral = np.concatenate([[0], np.cumsum((values[1:] + values[:-1]) / 2 * np.diff(fine))])
        assert summed == pytest.approx(np.interp(t, fine, integral), rel=1e-8, abs=1e-12)
        one = math.log1p(0.035) if how == "discrete" else 0.035
        other = math.log1p(0.01) if how == "discrete" else 0.01
        assert factor[-1] == pytest.approx(math.exp(-10 * one - 13 * other), rel=1e-12)


def test_quantiles_of_the_normal_law_are_right_to_the_last_digits() -> None:
    from scipy.special import ndtri

    p = np.concatenate([np.linspace(0.001, 0.999, 200), 10.0 ** -np.arange(3, 15.0)])
    assert [kernel.normal_quantile(each) for each in p] == pytest.approx(list(ndtri(p)), rel=1e-14)
