"""From a document to a model of people who share resources."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from sapar.hta.engine.expressions.parse import Call
from sapar.hta.engine.individual.laws import LAWS
from sapar.hta.engine.model import parts
from sapar.hta.engine.model.events import FIXED, Arrivals, Events, Resource, Step
from sapar.hta.engine.model.individual import Population, Timed, moving_names
from sapar.hta.engine.model.names import uses
from sapar.hta.engine.model.read_individual import read_attribute, read_timed, with_attributes
from sapar.hta.engine.model.read_shared import SHARED_KEYS, finished, read_common
from sapar.hta.engine.model.yaml import BadModelError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sapar.hta.engine.model.individual import Attribute
    from sapar.hta.engine.model.model import AnyModel, Expression
    from sapar.hta.engine.model.reader import Reader
    from sapar.hta.engine.model.yaml import Place

SCHEMA = "sapar.hta.events/1"
MOST_RUNS, MOST_YEARS, MOST_STEPS = 100_000, 200.0, 200
STEP = (
    "label", "resource", "time", "leaves", "waiting", "priority", "pays", "per_year", "then",
)  # fmt: skip


def _population(r: Reader, place: Place) -> tuple[Population, int, int]:
    nobody = Population(1, 1, 0, None, {}), 2, 2
    known = ("runs", "runs_a_draw", "seed", "age", "attributes")
    if not r.mapping(place, known, ("runs", "seed")):
        return nobody
    runs = r.whole(place.at("runs"), 2, MOST_RUNS)
    a_draw, age, inside = (r.part(place, key) for key in ("runs_a_draw", "age", "attributes"))
    attributes: dict[str, Attribute] = {}
    if inside is not None and r.mapping(inside, None):
        for name, each in inside.items():
            r.name(each, name)
            attributes[name] = read_attribute(r, each, name)
    years = None if age is None else replace(read_attribute(r, age, "age"), unit="year")
    population = Population(1, 1, r.whole(place.at("seed"), 0, 2**62), years, attributes)
    return population, runs, 1 if a_draw is None else r.whole(a_draw, 1, MOST_RUNS)


def _by_year(r: Reader, place: Place) -> tuple[tuple[float, Expression], ...]:
    """A value, or values by the year from which each counts."""
    if not isinstance(place.value, CommentedMap):
        return ((0.0, r.expression(place)),)
    found = []
    for since, each in place.items():
        if re.fullmatch(r"\d+(\.\d+)?", since) is None:
            r.note("number", each, since)
            continue
        found.append((float(since), r.expression(each)))
    years = [since for since, _ in found]
    if not years or years[0] != 0 or years != sorted(set(years)):
        r.note("steps", place, ", ".join(f"{since:g}" for since in years))
    return tuple(found)


def _arrivals(r: Reader, place: Place) -> Arrivals:
    if not r.mapping(place, ("rate", "times", "warm_up", "until", "after"), ("until",)):
        return Arrivals((), (), 0.0, 1.0, 0.0, place.where)
    rate, times = r.part(place, "rate"), r.part(place, "times")
    if (rate is None) == (times is None):
        r.note("rate_or_times", place, "rate, times")
    found: list[float] = []
    if times is not None and isinstance(times.value, CommentedSeq):
        found = [r.number(times.at(k), 0, MOST_YEARS) for k in range(len(times.value))]
        if found != sorted(found):
            r.note("order", times, "times", before=f"{max(found):g}")
    elif times is not None:
        r.note("list", times, times.value)
    warm_up, after = r.part(place, "warm_up"), r.part(place, "after")
    until = r.number(place.at("until"), 1e-6, MOST_YEARS)
    return Arrivals(
        rate=() if rate is None else _by_year(r, rate),
        times=tuple(found),
        warm_up=0.0 if warm_up is None else r.number(warm_up, 0, until),
        until=until,
        after=0.0 if after is None else r.number(after, 0, MOST_YEARS),
        where=place.where,
    )


def _worth(r: Reader, place: Place, key: str, rewards: tuple[str, ...]) -> dict[str, Expression]:
    inside = r.part(place, key)
    if inside is None or not r.mapping(inside, rewards):
        return {}
    return r.by_name(inside)


def _resources(r: Reader, place: Place | None, rewards: tuple[str, ...]) -> dict[str, Resource]:
    found: dict[str, Resource] = {}
    if place is None or not r.mapping(place, None):
        return found
    for name, inside in place.items():
        if not r.mapping(inside, ("label", "capacity", "held", "standing"), ("capacity",)):
            continue
        found[name] = Resource(
            name=name,
            label=r.text(inside, "label", name),
            capacity=_by_year(r, inside.at("capacity")),
            held=_worth(r, inside, "held", rewards),
            standing=_worth(r, inside, "standing", rewards),
            where=inside.where,
        )
    return found


class _Steps:
    """Reads steps, which may name each other in any order."""

    def __init__(self, r: Reader, place: Place, rewards: tuple[str, ...]) -> None:
        self.r, self.rewards = r, rewards
        self.names = tuple(name for name, _ in place.items())
        self.tables: Iterable[str] = ()
        self.resources: tuple[str, ...] = ()

    def step(self, place: Place, name: str) -> Step:
        """One step."""
        r = self.r
        if place.value is not None:
            r.mapping(place, STEP)
        waiting, time = r.part(place, "waiting"), r.part(place, "time")
        resource = r.part(place, "resource")
        if resource is not None and str(resource.value) not in self.resources:
            r.note("choice", resource, resource.value, known=", ".join(self.resources))
        for key in ("waiting", "priority"):
            extra = r.part(place, key)
            if extra is not None and resource is None:
                r.note("no_queue", extra, key)
        if waiting is not None:
            r.mapping(waiting, ("leaves", "per_year"))
        priority = r.part(place, "priority")
        in_queue = {} if waiting is None else _worth(r, waiting, "per_year", self.rewards)
        return Step(
            name=name,
            label=r.text(place, "label", name),
            resource="" if resource is None else str(resource.value),
            time=None if time is None else self.timed(time),
            leaves=self.laws(place),
            waiting_leaves={} if waiting is None else self.laws(waiting),
            priority=None if priority is None else r.expression(priority),
            pays=_worth(r, place, "pays", self.rewards),
            per_year=_worth(r, place, "per_year", self.rewards),
            waiting_per_year=in_queue,
            then=self.then(place),
            where=place.where,
        )

    def timed(self, place: Place) -> Timed | None:
        """A law of time, or a time."""
        found = self.r.expression(place)
        call = found.node
        if isinstance(call, Call) and call.name in {*LAWS, "life_table"}:
            return read_timed(self.r, place, self.tables)
        return Timed(FIXED, {"time": found}, "", place.where)

    def laws(self, place: Place) -> dict[str, Timed]:
        """Laws by the step to which they lead."""
        inside = self.r.part(place, "leaves")
        if inside is None or not self.r.mapping(inside, self.names):
            return {}
        found = {name: self.timed(each) for name, each in inside.items()}
        return {name: each for name, each in found.items() if each is not None}

    def then(self, place: Place) -> tuple[tuple[str, Expression | None], ...]:
        """The next step, or next steps with their chances, the rest last."""
        r, inside = self.r, self.r.part(place, "then")
        if inside is None:
            return ()
        if not isinstance(inside.value, CommentedMap):
            return ((r.choice(place, "then", self.names, self.names[0]), None),)
        r.mapping(inside, self.names)
        rests = [name for name, each in inside.items() if each.value == "rest"]
        if len(rests) > 1:
            r.note("rest", inside, ", ".join(rests))
        known = [(n, r.expression(each)) for n, each in inside.items() if each.value != "rest"]
        return (*known, *((name, None) for name in rests))


def _still(r: Reader, model: Events) -> None:
    """Everything is worked out once for a person."""
    moving = moving_names(model.lets)
    for use in model.uses():
        named = uses(use.expression) & moving
        if named and use.expression.text not in model.tables:
            where, text = use.expression.where, use.expression.text[:120]
            value = ", ".join(sorted(named))
            r.problems.append(Problem.of("hta.input.moving", where=where, value=value, text=text))


def events(r: Reader, place: Place) -> AnyModel:
    """A model of people who share resources from its document."""
    own = ("population", "arrivals", "first", "steps", "resources", "horizon")
    needed = ("schema", "id", "population", "settings", "strategies", "arrivals", "steps",
              "rewards", "horizon")  # fmt: skip
    if not r.mapping(place, (*SHARED_KEYS, *own), needed):
        raise BadModelError(tuple(r.problems))
    settings = parts.settings(r, place.at("settings"), ())
    shared = read_common(r, place, (), settings)
    population, runs, runs_a_draw = _population(r, place.at("population"))
    for name in population.attributes.keys() & {*shared["parameters"], *shared["lets"]}:
        r.note("twice", place.at("population").at("attributes").at(name), name)
    shared["lets"] = with_attributes(r, population, shared["lets"])
    rewards = tuple(shared["rewards"])
    for name in rewards:
        r.mapping(place.at("rewards").at(name), None, ("discount",))
    resources = _resources(r, r.part(place, "resources"), rewards)
    inside = place.at("steps")
    steps: dict[str, Step] = {}
    if r.mapping(inside, None) and inside.value:
        reading = _Steps(r, inside, rewards)
        reading.tables, reading.resources = shared["tables"], tuple(resources)
        steps = {name: reading.step(each, name) for name, each in inside.items()}
    if not 1 <= len(steps) <= MOST_STEPS:
        r.note("states", inside, len(steps), most=MOST_STEPS)
        raise BadModelError(tuple(r.problems))
    model = Events(
        population=population,
        runs=runs,
        runs_a_draw=runs_a_draw,
        arrivals=_arrivals(r, place.at("arrivals")),
        first=r.choice(place, "first", tuple(steps), next(iter(steps))),
        steps=steps,
        resources=resources,
        horizon=r.number(place.at("horizon"), 1e-6, MOST_YEARS),
        **shared,
    )
    _still(r, model)
    return finished(r, model)
