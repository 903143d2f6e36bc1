"""From a document to a cohort model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ruamel.yaml.comments import CommentedMap

from sapar.hta.engine.model import parts
from sapar.hta.engine.model.model import Model
from sapar.hta.engine.model.read_shared import SHARED_KEYS, finished, read_common, read_states
from sapar.hta.engine.model.yaml import BadModelError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.hta.engine.model.model import AnyModel, Expression, State
    from sapar.hta.engine.model.reader import Reader
    from sapar.hta.engine.model.yaml import Place

SCHEMA = "sapar.hta.model/1"
MOST_WORK = 2_000_000
"""Transitions times cycles, and cycles times the longest memory, of one draw of one strategy."""


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


def _traps(
    r: Reader,
    place: Place,
    states: tuple[State, ...],
    transitions: Mapping[tuple[str, str], Expression],
) -> None:
    """A state that nothing leaves, in which nobody dies and that is not meant so."""
    leaves = {origin for origin, _ in transitions}
    for (origin, _to), expression in transitions.items():
        if any(state.name == origin and state.dead for state in states):
            r.problems.append(Problem.of("hta.input.risen", where=expression.where, value=origin))
    for state in states:
        if state.name not in leaves and not (state.dead or state.absorbing):
            inside = place.at(state.name) if isinstance(place.value, CommentedMap) else place
            r.note("trap", inside, state.name)


def _work(
    r: Reader, place: Place, cycles: int, states: tuple[State, ...], transitions: int
) -> None:
    """Refuse what a machine would follow for minutes."""
    longest = max((state.memory for state in states), default=1)
    if transitions * cycles > MOST_WORK or longest * cycles > MOST_WORK:
        r.note("work", place, cycles, most=MOST_WORK, transitions=transitions, memory=longest)


def cohort(r: Reader, place: Place) -> AnyModel:
    """A cohort model from its document."""
    needed = ("schema", "id", "settings", "strategies", "states", "start", "transitions", "rewards")
    if not r.mapping(place, (*SHARED_KEYS, "states", "start", "transitions"), needed):
        raise BadModelError(tuple(r.problems))
    settings = parts.settings(r, place.at("settings"), ("cycles", "cycle"))
    states = read_states(r, place.at("states"))
    names = tuple(each.name for each in states)
    start = place.at("start")
    if r.mapping(start, names) and not start.value:
        r.note("empty", start, "start")
    transitions = _transitions(r, place.at("transitions"), names)
    _traps(r, place.at("states"), states, transitions)
    said = r.part(place.at("settings"), "cycles") or place.at("settings")
    _work(r, said, settings.cycles, states, len(transitions))
    model = Model(
        states=states,
        start=r.by_name(start),
        transitions=transitions,
        **read_common(r, place, names, settings),
    )
    return finished(r, model)
