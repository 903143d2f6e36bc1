"""From a document to a model: every name resolved and every mistake named before anything runs."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ruamel.yaml.comments import CommentedSeq

from sapar.hta.engine.model import parts
from sapar.hta.engine.model.model import (
    Branch,
    Expression,
    Model,
    Reward,
    Settings,
    State,
    Strategy,
    Tree,
)
from sapar.hta.engine.model.names import ordered, resolve
from sapar.hta.engine.model.reader import Reader
from sapar.hta.engine.model.yaml import BadModelError, Place, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.hta.engine.model.model import AnyModel

SCHEMA, TREE_SCHEMA = "sapar.hta.model/1", "sapar.hta.tree/1"
SHARED_KEYS = (
    "schema", "id", "title", "version", "settings", "strategies", "parameters", "tables", "let",
    "rewards", "decision",
)  # fmt: skip
MOST_STATES, MOST_MEMORY = 200, 2_000
ARROW = re.compile(r"\s*(\S+)\s*->\s*(\S+)\s*")


def _states(r: Reader, place: Place) -> tuple[State, ...]:
    found = []
    if isinstance(place.value, CommentedSeq):
        return tuple(State(str(each), str(each), 1, False) for each in place.value)
    if not r.mapping(place, None):
        return ()
    for name, inside in place.items():
        if inside.value is None:
            found.append(State(name, name, 1, False))
            continue
        r.mapping(inside, ("label", "memory", "dead"))
        memory = r.part(inside, "memory")
        dead = r.part(inside, "dead")
        found.append(
            State(
                name,
                r.text(inside, "label", name),
                1 if memory is None else r.whole(memory, 1, MOST_MEMORY),
                dead is not None and dead.value is True,
            )
        )
    if not 1 <= len(found) <= MOST_STATES:
        r.note("states", place, len(found), most=MOST_STATES)
    return tuple(found)


def _transitions(
    r: Reader, place: Place | None, states: tuple[str, ...]
) -> dict[tuple[str, str], Expression]:
    found: dict[tuple[str, str], Expression] = {}
    if place is None or not r.mapping(place, states):
        return found
    for origin, inside in place.items():
        if r.mapping(inside, states):
            for to, each in inside.items():
                if to == origin:
                    r.note("stays", each, to)
                else:
                    found[origin, to] = r.expression(each)
    return found


def _rewards(
    r: Reader, place: Place | None, states: tuple[str, ...], discount: Mapping[str, Any]
) -> dict[str, Reward]:
    found: dict[str, Reward] = {}
    if place is None or not r.mapping(place, None):
        return found
    for name, inside in place.items():
        r.mapping(
            inside,
            ("label", "unit", "discount", "per", "states", "transitions"),
            ("discount",) if states else (),
        )
        known = tuple(discount)
        here = r.part(inside, "states")
        if here is not None:
            r.mapping(here, states)
        flows: dict[tuple[str, str], Expression] = {}
        arrows = r.part(inside, "transitions")
        if arrows is not None and r.mapping(arrows, None):
            for key, each in arrows.items():
                arrow = ARROW.fullmatch(key)
                if arrow is None or any(end not in (*states, "*") for end in arrow.groups()):
                    r.note("arrow", each, key, known=", ".join(states))
                    continue
                flows[arrow[1], arrow[2]] = r.expression(each)
        found[name] = Reward(
            name=name,
            label=r.text(inside, "label", name),
            unit=r.text(inside, "unit", "1"),
            discount=r.choice(inside, "discount", known, known[0]),
            per_year=r.choice(inside, "per", ("cycle", "year"), "cycle") == "year",
            states=r.by_name(here),
            transitions=flows,
            where=inside.where,
        )
    return found


def read_model(text: str) -> AnyModel:
    """Read a model.

    Args:
        text: the YAML document, see docs/reference/hta-models.md.

    Returns:
        A cohort model or a decision tree, as its schema says; every name in it is known, nothing
        was worked out yet.

    Raises:
        BadModelError: with every mistake, its line, the value and what is allowed.
    """
    r, place = Reader(), read_yaml(text)
    if r.text(place, "schema") == TREE_SCHEMA:
        return _tree(r, place)
    return _cohort(r, place)


def _shared(r: Reader, place: Place, names: tuple[str, ...], settings: Settings) -> dict[str, Any]:
    """What cohort models and trees have alike, by the names of their dataclasses."""
    strategies = _strategies(r, place.at("strategies"))
    parameters = parts.parameters(r, r.part(place, "parameters"), strategies)
    lets = r.by_name(r.part(place, "let"))
    for name in lets:
        r.name(place.at("let").at(name), name)
        if name in parameters:
            r.note("twice", place.at("let").at(name), name)
    rewards = _rewards(r, place.at("rewards"), names, settings.discount)
    cost, effect = _decision(r, place, rewards)
    return {
        "id": r.text(place, "id"),
        "title": r.text(place, "title", r.text(place, "id")),
        "version": r.text(place, "version", "1"),
        "settings": settings,
        "strategies": strategies,
        "parameters": parameters,
        "tables": parts.tables(r, r.part(place, "tables")),
        "lets": ordered(lets, r.problems),
        "rewards": rewards,
        "cost": cost,
        "effect": effect,
    }


def _finished(r: Reader, model: AnyModel) -> AnyModel:
    used = resolve(model, r.problems)
    if r.problems:
        raise BadModelError(tuple(r.problems))
    names = (*model.parameters, *model.tables, *model.lets)
    return replace(model, unused=tuple(name for name in names if name not in used))


def _cohort(r: Reader, place: Place) -> AnyModel:
    needed = ("schema", "id", "settings", "strategies", "states", "start", "transitions", "rewards")
    if not r.mapping(place, (*SHARED_KEYS, "states", "start", "transitions"), needed):
        raise BadModelError(tuple(r.problems))
    if r.text(place, "schema") != SCHEMA:
        r.note("schema", place.at("schema"), place.value["schema"], wanted=SCHEMA)
    settings = parts.settings(r, place.at("settings"), ("cycles", "cycle"))
    states = _states(r, place.at("states"))
    names = tuple(each.name for each in states)
    start = place.at("start")
    r.mapping(start, names)
    model = Model(
        states=states,
        start=r.by_name(start),
        transitions=_transitions(r, place.at("transitions"), names),
        **_shared(r, place, names, settings),
    )
    return _finished(r, model)


def _tree(r: Reader, place: Place) -> AnyModel:
    needed = ("schema", "id", "strategies", "rewards", "tree")
    if not r.mapping(place, (*SHARED_KEYS, "tree"), needed):
        raise BadModelError(tuple(r.problems))
    inside = r.part(place, "settings")
    settings = Settings(0, 1.0, 0.0, "both", "discrete", {"none": ((0.0, 0.0),)})
    if inside is not None:
        settings = replace(parts.settings(r, inside, ()), cycles=0, discount=settings.discount)
    shared = _shared(r, place, (), settings)
    root = _branch(r, place.at("tree"), tuple(shared["rewards"]), "tree")
    return _finished(r, Tree(root=root, **shared))


def _branch(r: Reader, place: Place, rewards: tuple[str, ...], name: str) -> Branch:
    root = name == "tree"
    keys = ("label", "pays", "branches") if root else ("label", "chance", "pays", "branches")
    r.mapping(place, keys, () if root else ("chance",))
    pays = r.part(place, "pays")
    if pays is not None:
        r.mapping(pays, rewards)
    chance = r.part(place, "chance")
    inside = r.part(place, "branches")
    branches = []
    if inside is not None and r.mapping(inside, None):
        branches = [_branch(r, each, rewards, key) for key, each in inside.items()]
        rests = [key for key, each in inside.items() if r.text(each, "chance") == "rest"]
        if len(rests) > 1:
            r.note("rest", inside, ", ".join(rests))
    return Branch(
        name=name,
        label=r.text(place, "label", name),
        chance=None if chance is None or chance.value == "rest" else r.expression(chance),
        pays=r.by_name(pays),
        branches=tuple(branches),
        where=place.where,
    )


def _strategies(r: Reader, place: Place) -> tuple[Strategy, ...]:
    if not r.mapping(place, None):
        return ()
    found = []
    for name, inside in place.items():
        label = str(inside.value) if isinstance(inside.value, str) else name
        found.append(Strategy(name, label))
    if not found:
        r.note("empty", place, "strategies")
    return tuple(found)


def _decision(r: Reader, place: Place, rewards: Mapping[str, Reward]) -> tuple[str, str]:
    inside = r.part(place, "decision")
    names = tuple(rewards) or ("",)
    if inside is None:
        return names[0], names[-1]
    r.mapping(inside, ("cost", "effect"), ("cost", "effect"))
    return r.choice(inside, "cost", names, names[0]), r.choice(inside, "effect", names, names[-1])
