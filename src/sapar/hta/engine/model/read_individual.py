"""From a document to a model of people one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ruamel.yaml.comments import CommentedMap

from sapar.hta.engine.expressions.parse import Call, Name
from sapar.hta.engine.individual.bands import constant_in_bands
from sapar.hta.engine.individual.laws import LAWS
from sapar.hta.engine.model import parts
from sapar.hta.engine.model.individual import (
    CLOCKS,
    Attribute,
    Individual,
    Population,
    Timed,
    moving_names,
)
from sapar.hta.engine.model.model import Expression
from sapar.hta.engine.model.names import ordered, uses
from sapar.hta.engine.model.read_shared import SHARED_KEYS, finished, read_common, read_states
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.distributions import DISTRIBUTIONS, law_of
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sapar.hta.engine.model.model import AnyModel, State
    from sapar.hta.engine.model.reader import Reader
    from sapar.hta.engine.model.yaml import Place

SCHEMA = "sapar.hta.individual/1"
MOST_PEOPLE, MOST_YEARS, MOST_TIMES = 10_000_000, 200.0, 1_000
YES = "bernoulli"
"""An attribute that a share of the people has: 1, and 0 for the others."""


def read_attribute(r: Reader, place: Place, name: str) -> Attribute:
    """What a person brings along: a distribution, or an expression, perhaps with a unit."""
    unit, inside = "", place
    if isinstance(place.value, CommentedMap):
        r.mapping(place, ("value", "unit", "label", "source", "date", "mark"), ("value",))
        unit = r.text(place, "unit")
        inside = r.part(place, "value") or place
    found = r.expression(inside)
    call = found.node
    drawn = isinstance(call, Call) and (call.name in DISTRIBUTIONS or call.name == YES)
    if drawn and isinstance(call, Call) and call.name != YES:
        try:
            law_of(found)
        except BadModelError as error:
            r.problems.extend(error.problems)
    elif drawn and isinstance(call, Call) and (len(call.args) != 1 or call.named):
        r.note("distribution_arguments", inside, found.text, known="p")
    return Attribute(name, found, drawn, unit)


def read_population(r: Reader, place: Place) -> Population:
    """Who is followed."""
    known = ("people", "people_a_draw", "seed", "age", "attributes")
    if not r.mapping(place, known, ("people", "seed")):
        return Population(1, 1, 0, None, {})
    people = r.whole(place.at("people"), 1, MOST_PEOPLE)
    a_draw, age, inside = (r.part(place, key) for key in ("people_a_draw", "age", "attributes"))
    attributes = {}
    if inside is not None and r.mapping(inside, None):
        for name, each in inside.items():
            r.name(each, name)
            attributes[name] = read_attribute(r, each, name)
    return Population(
        people=people,
        people_a_draw=people if a_draw is None else r.whole(a_draw, 1, MOST_PEOPLE),
        seed=r.whole(place.at("seed"), 0, 2**62),
        age=None if age is None else replace(read_attribute(r, age, "age"), unit="year"),
        attributes=attributes,
    )


def read_timed(r: Reader, place: Place, tables: Iterable[str]) -> Timed | None:
    """A law of time: `weibull_aft(shape=a, scale=b)`, `life_table(mortality, ratio=hr)`."""
    found = r.expression(place)
    call = found.node
    known = ", ".join((*LAWS, "life_table"))
    if not isinstance(call, Call) or call.name not in {*LAWS, "life_table"}:
        r.note("time_law", place, found.text, known=known)
        return None
    named = {key: Expression(found.text, node, found.where) for key, node in call.named}
    if call.name == "life_table":
        name = call.args[0].name if len(call.args) == 1 and isinstance(call.args[0], Name) else ""
        if name not in tables or not named.keys() <= {"ratio"}:
            r.note("time_law_arguments", place, found.text, known="life_table(table, ratio=…)")
            return None
        return Timed("life_table", named, name, place.where)
    wanted = LAWS[call.name][0]
    if call.args or named.keys() != set(wanted):
        r.note("time_law_arguments", place, found.text, known=", ".join(wanted))
        return None
    return Timed(call.name, named, "", place.where)


def _times(
    r: Reader, place: Place, states: tuple[str, ...], tables: Iterable[str]
) -> dict[tuple[str, str], Timed]:
    found: dict[tuple[str, str], Timed] = {}
    if not r.mapping(place, states):
        return found
    for origin, inside in place.items():
        if not r.mapping(inside, states):
            continue
        for to, each in inside.items():
            timed = read_timed(r, each, tables)
            if to == origin:
                r.note("stays", each, to)
            elif timed is not None:
                found[origin, to] = timed
    return found


def _chances(r: Reader, place: Place, states: tuple[str, ...]) -> dict[tuple[str, str], Expression]:
    found: dict[tuple[str, str], Expression] = {}
    if not r.mapping(place, states):
        return found
    for origin, inside in place.items():
        if r.mapping(inside, states):
            for to, each in inside.items():
                if to == origin:
                    r.note("stays", each, to)
                else:
                    found[origin, to] = r.expression(each)
    return found


def _traps(r: Reader, place: Place, states: tuple[State, ...], leaves: set[str]) -> None:
    """A state that nothing leaves, in which nobody dies and that is not meant so."""
    for state in states:
        if state.name not in leaves and not (state.dead or state.absorbing):
            inside = place.at(state.name) if isinstance(place.value, CommentedMap) else place
            r.note("trap", inside, state.name)


def _still(r: Reader, model: Individual) -> None:
    """What is worked out once for a person may not ask for the time."""
    moving = moving_names(model.lets)
    named = moving & model.lets.keys()
    fixed = [*model.start.values(), *model.entry.values()]
    fixed += [each.expression for each in model.population.attributes.values() if not each.drawn]
    if model.clock != "cycle":
        for reward in model.rewards.values():
            # What a table says of the age or the time is constant in bands, and may be asked.
            fixed += [
                each
                for each in reward.states.values()
                if not constant_in_bands(each, model.tables) or uses(each) & named
            ]
            fixed += reward.transitions.values()
    for each in fixed:
        for name in sorted(uses(each) & moving):
            r.problems.append(
                Problem.of("hta.input.moving", where=each.where, value=name, text=each.text[:120])
            )


def with_attributes(
    r: Reader, population: Population, lets: dict[str, Expression]
) -> dict[str, Expression]:
    """Attributes and named expressions in an order in which each needs only earlier ones."""
    known = {
        name: replace(each.expression, unit=each.unit)
        for name, each in population.attributes.items()
    }
    return ordered({**known, **lets}, r.problems)


def individual(r: Reader, place: Place) -> AnyModel:
    """A model of people from its document."""
    own = ("clock", "population", "states", "start", "transitions", "entry", "horizon", "max_age",
           "grid")  # fmt: skip
    needed = ("schema", "id", "clock", "population", "settings", "strategies", "states", "start",
              "transitions", "rewards")  # fmt: skip
    if not r.mapping(place, (*SHARED_KEYS, *own), needed):
        raise BadModelError(tuple(r.problems))
    clock = r.choice(place, "clock", CLOCKS, "reset")
    by_cycle = clock == "cycle"
    settings = parts.settings(r, place.at("settings"), ("cycles", "cycle") if by_cycle else ())
    states = read_states(r, place.at("states"))
    names = tuple(each.name for each in states)
    population = read_population(r, place.at("population"))
    start = place.at("start")
    if r.mapping(start, names) and not start.value:
        r.note("empty", start, "start")
    shared = read_common(r, place, names, settings)
    for name in population.attributes.keys() & {*shared["parameters"], *shared["lets"]}:
        r.note("twice", place.at("population").at("attributes").at(name), name)
    shared["lets"] = with_attributes(r, population, shared["lets"])
    inside = place.at("transitions")
    times = {} if by_cycle else _times(r, inside, names, shared["tables"])
    chances = _chances(r, inside, names) if by_cycle else {}
    _traps(r, place.at("states"), states, {origin for origin, _ in (*times, *chances)})
    horizon, oldest, grid = (r.part(place, key) for key in ("horizon", "max_age", "grid"))
    for each in (horizon, oldest, grid):
        if by_cycle and each is not None:
            r.note("clock_only", each, each.value)
    entry = r.part(place, "entry")
    if entry is not None:
        r.mapping(entry, tuple(shared["rewards"]))
    if not by_cycle and horizon is None and oldest is None:
        r.note("missing", place, "horizon")
    if oldest is not None and not any(each.dead for each in states):
        r.note("nobody_dies", oldest, oldest.value)
    years = MOST_YEARS if horizon is None else r.number(horizon, 1e-6, MOST_YEARS)
    model = Individual(
        clock=clock,
        population=population,
        states=states,
        start=r.by_name(start),
        times=times,
        transitions=chances,
        entry=r.by_name(entry),
        horizon=years,
        max_age=None if oldest is None else r.number(oldest, 1, MOST_YEARS),
        grid=0.0 if grid is None else r.number(grid, years / MOST_TIMES, MOST_YEARS),
        **shared,
    )
    _still(r, model)
    return finished(r, model)
