"""From a document to a model of partitioned survival."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ruamel.yaml.comments import CommentedSeq

from sapar.hta.engine.model import parts
from sapar.hta.engine.model.partitioned import CROSSINGS, Partitioned
from sapar.hta.engine.model.read_shared import SHARED_KEYS, finished, read_common, read_states
from sapar.hta.engine.model.yaml import BadModelError

if TYPE_CHECKING:
    from sapar.hta.engine.model.model import AnyModel, State
    from sapar.hta.engine.model.reader import Reader
    from sapar.hta.engine.model.yaml import Place

SCHEMA = "sapar.hta.partitioned/1"


def _curves(r: Reader, place: Place, known: tuple[str, ...]) -> tuple[str, ...]:
    """The curves in their order, each once."""
    if not isinstance(place.value, CommentedSeq) or not place.value:
        r.note("psm_curves", place, place.value, known=", ".join(known))
        return ()
    found: list[str] = []
    for k, each in enumerate(place.value):
        if str(each) not in known or str(each) in found:
            r.note("psm_curves", place.at(k), each, known=", ".join(known))
        found.append(str(each))
    return tuple(found)


def _states(r: Reader, place: Place, curves: tuple[str, ...]) -> tuple[State, ...]:
    """One state more than curves; the last is death, and only those between have a memory."""
    states = read_states(r, place)
    if curves and len(states) != len(curves) + 1:
        r.note("psm_states", place, len(states), wanted=len(curves) + 1)
    for k, state in enumerate(states):
        if state.memory > 1 and k in {0, len(states) - 1}:
            r.note("psm_memory", place, state.name)
    return (*states[:-1], *(replace(state, dead=True) for state in states[-1:]))


def _arrows(r: Reader, place: Place, model: Partitioned) -> None:
    """Only two flows are known: out of the first state, and into death."""
    known = {(model.states[0].name, "*"), ("*", model.states[-1].name)}
    for name, reward in model.rewards.items():
        for arrow in reward.transitions:
            if arrow not in known:
                wanted = "; ".join(f"{origin} -> {to}" for origin, to in sorted(known))
                r.note("psm_arrow", place.at("rewards").at(name), " -> ".join(arrow), known=wanted)


def partitioned(r: Reader, place: Place) -> AnyModel:
    """A model of partitioned survival from its document."""
    needed = ("schema", "id", "settings", "strategies", "states", "survival", "curves", "rewards")
    if not r.mapping(place, (*SHARED_KEYS, "states", "curves", "crossing"), needed):
        raise BadModelError(tuple(r.problems))
    settings = parts.settings(r, place.at("settings"), ("cycles", "cycle"))
    section = place.at("survival")
    known = tuple(key for key, _ in section.items()) if r.mapping(section, None) else ()
    curves = _curves(r, place.at("curves"), known)
    states = _states(r, place.at("states"), curves)
    names = tuple(each.name for each in states)
    model = Partitioned(
        states=states,
        curves=curves,
        crossing=r.choice(place, "crossing", CROSSINGS, "refuse"),
        **read_common(r, place, names, settings),
    )
    if states:
        _arrows(r, place, model)
    found = finished(r, model)
    return replace(found, unused=tuple(name for name in found.unused if name not in curves))
