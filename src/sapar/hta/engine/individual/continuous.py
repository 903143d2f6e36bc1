"""From a model to what the walks take, for some people of some draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.individual import laws
from sapar.hta.engine.individual.bands import rates_of, stacked
from sapar.hta.engine.individual.course import MOST_EVENTS, Course, discounts
from sapar.hta.engine.individual.stream import keys, stream_of, uniform
from sapar.hta.engine.individual.walk import walk
from sapar.hta.engine.model.individual import moving_names
from sapar.hta.engine.model.names import uses
from sapar.hta.engine.model.yaml import BadModelError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.individual.course import Walked
    from sapar.hta.engine.individual.people import People
    from sapar.hta.engine.model.individual import Individual, Timed
    from sapar.hta.engine.model.model import AnyModel, Expression

    Numbers = NDArray[np.float64]
    Whole = NDArray[np.int64]


def law_of(model: AnyModel, timed: Timed, given: Mapping[str, Numbers], age: Any) -> laws.Law:
    """A law with its parameters, which were looked at.

    Args:
        model: names strategies where something is wrong.
        timed: the law.
        given: its arguments.
        age: years at the start, for a life table.

    Raises:
        BadModelError: an argument outside its support.
    """
    for name, values in given.items():
        least_is_fine = (timed.law, name) in laws.MAY_BE_ZERO or name == "ratio"
        wrong = values < 0 if least_is_fine else values <= 0
        if (timed.law, name) not in laws.ANY and wrong.any():
            s = int(np.nonzero(wrong)[0][0]) if values.ndim == 3 else 0
            problem = Problem.of(
                "hta.run.time_law",
                where=timed.where,
                value=f"{float(values[wrong].flat[0]):.6g}",
                name=name,
                strategy=model.strategies[s].name,
            )
            raise BadModelError((problem,))
    if timed.table:
        number = list(model.tables).index(timed.table)
        return laws.Law(laws.TABLE, given.get("ratio", np.ones((1, 1, 1))), age, number)
    return laws.LAWS[timed.law][1](**given)


def _moving_laws(model: Individual, people: People, order: list[Timed]) -> dict[int, Any]:
    """Laws that ask for the time or the age at the entry into the state, by transition."""
    moving = moving_names(model.lets)
    found = {}
    for t, timed in enumerate(order):
        if any(uses(each) & moving for each in timed.given.values()):
            found[t] = _asked(model, people, timed)
    return found


def _asked(model: Individual, people: People, timed: Timed) -> Callable[..., laws.Law]:
    def law(who: tuple[Whole, Whole, Whole], now: Numbers) -> laws.Law:
        age = people.age
        place = tuple(each if size > 1 else 0 for each, size in zip(who, age.shape, strict=True))
        at = {"time": now, "age": age[place] + now}
        given = {name: people.of_some(each, who, at) for name, each in timed.given.items()}
        return law_of(model, timed, given, age[place])

    return law


def _once(
    model: Individual, people: People, edges: list[tuple[str, str]], dead: str
) -> list[list[Numbers]]:
    """What every transition is worth, and then what dying of age is worth in each state."""
    arrows = [*edges, *((state.name, dead) for state in model.states)]
    rows = []
    for reward in model.rewards.values():
        row = []
        for origin, to in arrows:
            matching = [
                people.of(each)
                for (one, other), each in reward.transitions.items()
                if one in {"*", origin} and other in {"*", to}
            ]
            row.append(np.asarray(sum(matching, np.zeros((1, 1, 1)))))
        rows.append(row)
    return rows


def course_of(model: Individual, people: People) -> tuple[Course, dict[int, Any]]:
    """What people of a model meet, and the laws that depend on the time of the entry."""
    names = [each.name for each in model.states]
    edges = sorted(model.times, key=lambda edge: names.index(edge[0]))
    order = [model.times[edge] for edge in edges]
    moving = _moving_laws(model, people, order)
    fixed = [
        laws.Law(laws.WEIBULL, np.zeros((1, 1, 1)), np.ones((1, 1, 1)))
        if t in moving
        else law_of(model, timed, {n: people.of(e) for n, e in timed.given.items()}, people.age)
        for t, timed in enumerate(order)
    ]
    tables = [(np.array(t.keys), np.array(t.values)) for t in model.tables.values()]
    given = laws.hazards(tables)
    dead = next((k for k, state in enumerate(model.states) if state.dead), -1)
    schedules = list(dict.fromkeys(model.settings.discount.values()))
    oldest = np.inf if model.max_age is None else model.max_age - people.age[0]
    until = np.atleast_2d(np.minimum(model.horizon, oldest))
    nothing = np.zeros((1, 1, 1))
    rate, cuts, scale = rates_of(model, people)
    course = Course(
        first=np.searchsorted([names.index(o) for o, _ in edges], np.arange(len(names) + 1)),
        to=np.array([names.index(to) for _, to in edges], dtype=np.int64),
        kind=np.array([law.kind for law in fixed], dtype=np.int64),
        table=np.array([law.table for law in fixed], dtype=np.int64),
        law=stacked([[law.first, law.second] for law in fixed]),
        forward=model.clock == "forward",
        ages=given.ages,
        hazard=given.hazard,
        summed=given.summed,
        rate=rate,
        cuts=cuts,
        scale=scale,
        age=people.age[0],
        once=stacked(_once(model, people, edges, names[dead])),
        entry=stacked(
            [[people.of(model.entry[n]) if n in model.entry else nothing] for n in model.rewards]
        )[:, 0],
        schedule=np.array(
            [schedules.index(model.settings.discount[r.discount]) for r in model.rewards.values()]
        ),
        discounts=discounts(schedules, model.settings.discounting),
        until=np.maximum(until, 0.0),
        dies=np.atleast_2d(until == oldest) if model.max_age is not None else until > np.inf,
        dead=dead,
        grid=np.arange(0.0, model.horizon + 1e-9, model.grid) if model.grid else np.empty(0),
    )
    return course, moving


def started(people: People, shares: Mapping[str, Expression], names: list[str]) -> Whole:
    """The state of everybody at the start, (S, K, N)."""
    given = [people.of(shares[name]) if name in shares else np.zeros((1, 1, 1)) for name in names]
    total = np.asarray(sum(given))
    first = next(iter(shares.values()))
    wrong = np.abs(total - 1) > 1e-9
    if wrong.any() or any((each < 0).any() for each in given):
        value = f"{float(total[wrong].flat[0]) if wrong.any() else -1:.6g}"
        raise BadModelError((Problem.of("hta.run.start", where=first.where, value=value),))
    u = uniform(keys(stream_of(people.seed, "start:"), people.draws, people.people), 0)[None]
    state = np.zeros(people.shape, dtype=np.int64)
    below = np.zeros((1, 1, 1))
    for each in given[:-1]:
        below = below + each
        state += u >= below - 1e-15
    return state


def followed(model: Individual, people: People, *, compiled: bool) -> Walked:
    """Walk people of a model.

    Args:
        model: in continuous time.
        people: some of them.
        compiled: where nothing hinders it; laws that ask for the time go the plain way.
    """
    course, moving = course_of(model, people)
    start = started(people, model.start, [each.name for each in model.states])
    if compiled and not moving:
        # Here, so that nobody who only reads models needs a compiler.
        from sapar.hta.engine.individual.kernel import walk as quick  # noqa: PLC0415

        found = quick(course, people.luck, start)
    else:
        found = walk(course, people.luck, start, moving)
    if found.events > MOST_EVENTS:
        raise BadModelError(
            (Problem.of("hta.run.endless", where="transitions", value=MOST_EVENTS),)
        )
    return found
