"""State machines as tables. A track is data; nobody sets a state, an event moves it.

The rooms declare their tracks in `states.py`; `cases` holds them. Clocks lie over the tracks
and change no state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.kernel.errors import IllegalTransitionError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class State:
    """One state of a track, with the codes FHIR wants for it.

    Attributes:
        code: the business status, kebab-case.
        label: in the reader's language.
        task_status: FHIR R4 Task.status.
        request_status: FHIR R4 ServiceRequest.status this state asks for, or "" if it has no say.
        final: nothing follows.
        meaning: which of the four colours: "done", "waiting", "act" or "stopped".
    """

    code: str
    label: str | _StrPromise
    task_status: str
    request_status: str = ""
    final: bool = False
    meaning: str = "waiting"


@dataclass(frozen=True, slots=True)
class Transition:
    """An event leads from one of the source states to the target.

    Attributes:
        event: what happened, a verb in the imperative ("accept").
        sources: codes of the states it may happen in.
        target: the state it leads to.
        reason: the name of the list a coded reason must come from, or "".
    """

    event: str
    sources: frozenset[str]
    target: str
    reason: str = ""


@dataclass(frozen=True)
class Track:
    """A state machine, checked when it is declared.

    Attributes:
        name: "review", "funding", "visa", "booking", "journey" or "whole".
        states: the first is where it starts.
        transitions: at most one for an event and a source.
    """

    name: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]

    def __post_init__(self) -> None:
        """Refuse a table that contradicts itself.

        Raises:
            ValueError: an unknown state, two ways for one event, or a way out of a final state.
        """
        codes = [state.code for state in self.states]
        seen: set[tuple[str, str]] = set()
        for transition in self.transitions:
            for code in (*transition.sources, transition.target):
                if code not in codes:
                    message = f"track {self.name}: {transition.event} names no state {code!r}"
                    raise ValueError(message)
            for source in transition.sources:
                if self.state(source).final:
                    message = f"track {self.name}: {transition.event} leaves the final {source!r}"
                    raise ValueError(message)
                if (transition.event, source) in seen:
                    message = f"track {self.name}: two ways for {transition.event} in {source!r}"
                    raise ValueError(message)
                seen.add((transition.event, source))

    @property
    def start(self) -> str:
        """The code of the first state."""
        return self.states[0].code

    def state(self, code: str) -> State:
        """The state with this code.

        Raises:
            KeyError: there is none.
        """
        for state in self.states:
            if state.code == code:
                return state
        message = f"track {self.name} has no state {code!r}"
        raise KeyError(message)

    def events(self, code: str) -> tuple[Transition, ...]:
        """What may happen in this state."""
        return tuple(t for t in self.transitions if code in t.sources)

    def step(self, code: str, event: str) -> Transition:
        """The transition for an event.

        Raises:
            IllegalTransitionError: the event may not happen in this state.
        """
        for transition in self.transitions:
            if transition.event == event and code in transition.sources:
                return transition
        raise IllegalTransitionError(
            Problem.of(
                "kernel.illegal_transition", where=f"track:{self.name}", value=event, state=code
            )
        )
