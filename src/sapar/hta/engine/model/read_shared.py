"""What documents of every kind have alike: strategies, states, rewards, decision, sections."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ruamel.yaml.comments import CommentedSeq

from sapar.hta.engine.model import parts
from sapar.hta.engine.model.model import Reward, State, Strategy
from sapar.hta.engine.model.names import ordered, resolve
from sapar.hta.engine.model.section import Known
from sapar.hta.engine.model.sections import SECTIONS
from sapar.hta.engine.model.units import check_units
from sapar.hta.engine.model.yaml import BadModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.hta.engine.model.model import AnyModel, Expression, Settings
    from sapar.hta.engine.model.reader import Reader
    from sapar.hta.engine.model.yaml import Place

SHARED_KEYS = (
    "schema", "id", "title", "version", "settings", "strategies", "parameters", "tables", "let",
    "rewards", "decision", *SECTIONS,
)  # fmt: skip
MOST_STATES, MOST_MEMORY = 200, 2_000
ARROW = re.compile(r"\s*(\S+)\s*->\s*(\S+)\s*")


def read_states(r: Reader, place: Place) -> tuple[State, ...]:
    """The states."""
    found = []
    if isinstance(place.value, CommentedSeq):
        return tuple(State(str(each), str(each), 1, False) for each in place.value)
    if not r.mapping(place, None):
        return ()
    for name, inside in place.items():
        if inside.value is None:
            found.append(State(name, name, 1, False))
            continue
        r.mapping(inside, ("label", "memory", "dead", "absorbing"))
        memory = r.part(inside, "memory")
        found.append(
            State(
                name,
                r.text(inside, "label", name),
                1 if memory is None else r.whole(memory, 1, MOST_MEMORY),
                r.yes(inside, "dead"),
                r.yes(inside, "absorbing"),
            )
        )
    if not 1 <= len(found) <= MOST_STATES:
        r.note("states", place, len(found), most=MOST_STATES)
    return tuple(found)


def read_rewards(
    r: Reader, place: Place | None, states: tuple[str, ...], discount: Mapping[str, Any]
) -> dict[str, Reward]:
    """The rewards."""
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
            unit=r.text(inside, "unit"),
            discount=r.choice(inside, "discount", known, known[0]),
            per_year=r.choice(inside, "per", ("cycle", "year"), "cycle") == "year",
            states=r.by_name(here),
            transitions=flows,
            where=inside.where,
        )
    return found


def read_common(
    r: Reader, place: Place, names: tuple[str, ...], settings: Settings
) -> dict[str, Any]:
    """What models of every kind have alike, by the names of their dataclasses.

    Args:
        r: notes mistakes.
        place: the document.
        names: its states.
        settings: how it is counted.
    """
    strategies = read_strategies(r, place.at("strategies"))
    parameters = parts.parameters(r, r.part(place, "parameters"), strategies)
    lets = r.by_name(r.part(place, "let"))
    for name in lets:
        r.name(place.at("let").at(name), name)
        if name in parameters:
            r.note("twice", place.at("let").at(name), name)
    rewards = read_rewards(r, place.at("rewards"), names, settings.discount)
    cost, effect = read_decision(r, place, rewards)
    tables = parts.tables(r, r.part(place, "tables"))
    known = Known(
        settings=settings,
        strategies=tuple(each.name for each in strategies),
        states=names,
        rewards=tuple(rewards),
        parameters=parameters,
        tables=tables,
    )
    sections = {}
    for key, read in SECTIONS.items():
        inside = r.part(place, key)
        if inside is not None:
            sections[key] = read(r, inside, known)
            for name in sections[key].lets.keys() & {*parameters, *lets}:
                r.note("twice", inside, name)
            lets.update(sections[key].lets)
    return {
        "id": r.text(place, "id"),
        "title": r.text(place, "title", r.text(place, "id")),
        "version": r.text(place, "version", "1"),
        "settings": settings,
        "strategies": strategies,
        "parameters": parameters,
        "tables": tables,
        "lets": ordered(lets, r.problems),
        "rewards": rewards,
        "cost": cost,
        "effect": effect,
        "sections": sections,
    }


def finished(r: Reader, model: AnyModel) -> AnyModel:
    """A model whose names and units were checked.

    Raises:
        BadModelError: with all that was noted.
    """
    used = resolve(model, r.problems)
    if not r.problems:
        check_units(model, r.problems)
    if r.problems:
        raise BadModelError(tuple(r.problems))
    curves = model.sections["survival"].value if "survival" in model.sections else ()
    names = (*model.parameters, *model.tables, *model.lets, *curves)
    return replace(model, unused=tuple(name for name in names if name not in used))


def read_strategies(r: Reader, place: Place) -> tuple[Strategy, ...]:
    """The strategies."""
    if not r.mapping(place, None):
        return ()
    found = []
    for name, inside in place.items():
        label = str(inside.value) if isinstance(inside.value, str) else name
        found.append(Strategy(name, label))
    if not found:
        r.note("empty", place, "strategies")
    return tuple(found)


def read_decision(r: Reader, place: Place, rewards: Mapping[str, Reward]) -> tuple[str, str]:
    """The rewards that decide: a cost and an effect."""
    inside = r.part(place, "decision")
    names = tuple(rewards) or ("",)
    if inside is None:
        return names[0], names[-1]
    r.mapping(inside, ("cost", "effect"), ("cost", "effect"))
    cost = r.choice(inside, "cost", names, names[0])
    effect = r.choice(inside, "effect", names, names[-1])
    if cost == effect:
        r.note("same_reward", inside, cost)
    return cost, effect
