"""What was offered to a patient: a first day, a window, and every fraction of the course.

The planning engines answer in JSON (docs/reference/proton-problems.md); this is the same in frozen
dataclasses, for the answer to a case and for the records.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.problem.minutes import minute_of
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sapar.values.marks import Source


@dataclass(frozen=True, slots=True)
class PromisedFraction:
    """One fraction; times in minutes after local midnight, the window with both ends.

    Attributes:
        number: from 1, over all phases.
        phase: id of the protocol's phase.
        day, room, start: where it is planned.
        window_from, window_to: what is promised for `start`.
    """

    number: int
    phase: str
    day: date
    room: str
    start: int
    window_from: int
    window_to: int


@dataclass(frozen=True, slots=True)
class PromisedStep:
    """A step before or beside the course: `use` is a device or role, "" where it needs none."""

    step: str
    day: date
    use: str
    duration_min: int


@dataclass(frozen=True, slots=True)
class Promise:
    """A calendar that a course could have.

    Attributes:
        first: day of the first fraction.
        earliest: the first day that the chain before and the arrival allow on empty rooms.
        delay: working days between the two.
        late: working days after the deadline, 0 when inside it or where there is none.
        window_from, window_to: the promised window, minutes after midnight.
        fractions: in order.
        before: the chain before.
        during: checks beside the fractions.
    """

    first: date
    earliest: date | None
    delay: int
    late: int
    window_from: int
    window_to: int
    fractions: tuple[PromisedFraction, ...]
    before: tuple[PromisedStep, ...] = ()
    during: tuple[PromisedStep, ...] = ()

    @property
    def last(self) -> date:
        """Day of the last fraction."""
        return max(fraction.day for fraction in self.fractions)

    @property
    def rooms(self) -> tuple[str, ...]:
        """The rooms, in the order in which the course uses them."""
        return tuple(dict.fromkeys(fraction.room for fraction in self.fractions))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a centre is asked for: a course, as the planning documents know it.

    Attributes:
        protocol, urgency: codes of the centre's configuration.
        referred: the day from which the chain before can begin.
        arrival: the patient is not there before; None where that does not bind.
        deadline: the last day wished for the first fraction, or None.
        age: in whole years on the day asked about, or None.
        anaesthesia: whether every fraction is given under anaesthesia.
        country, payer: where the patient comes from, who pays; "" where unknown.
    """

    protocol: str
    urgency: str
    referred: date
    arrival: date | None = None
    deadline: date | None = None
    age: int | None = None
    anaesthesia: bool = False
    country: str = ""
    payer: str = ""

    def plain(self, course: str) -> dict[str, Any]:
        """As a course of the planning documents, under an id."""
        found: dict[str, Any] = {
            "id": course,
            "protocol": self.protocol,
            "urgency": self.urgency,
            "referred": self.referred.isoformat(),
        }
        for name, day in (("arrival", self.arrival), ("deadline", self.deadline)):
            if day is not None:
                found[name] = day.isoformat()
        if self.age is not None:
            found["age"] = self.age
        if self.anaesthesia:
            found["anaesthesia"] = True
        words = (("country", self.country), ("payer", self.payer))
        return {**found, **{name: word for name, word in words if word}}


@dataclass(frozen=True, slots=True)
class CourseOffer:
    """The outcome of asking a proton centre when a patient could begin.

    Attributes:
        asked: what was asked for.
        source: where the configuration comes from, and its mark.
        promises: calendars, best first; empty where none was found.
        why: why it is not earlier, or why there is none.
        configuration: the number of the configuration's version.
    """

    asked: Asked
    source: Source
    promises: tuple[Promise, ...] = ()
    why: tuple[Statement, ...] = ()
    configuration: int = 0

    @property
    def best(self) -> Promise | None:
        """The first calendar, or None."""
        return self.promises[0] if self.promises else None


def _minute(text: Any) -> int:
    found = minute_of(str(text))
    if found is None:
        message = f"{text!r} is no time of day"
        raise ValueError(message)
    return found


def _steps(plain: Sequence[Mapping[str, Any]]) -> tuple[PromisedStep, ...]:
    return tuple(
        PromisedStep(
            step=str(each["step"]),
            day=date.fromisoformat(each["date"]),
            use=str(each.get("use") or ""),
            duration_min=int(each["duration_min"]),
        )
        for each in plain
    )


def promise_of(plain: Mapping[str, Any]) -> Promise:
    """A course of an answer of `book` or `offer`.

    Args:
        plain: in the JSON form of "courses" of `sapar.proton.book.answer/1`.

    Raises:
        KeyError, ValueError: it is not of that form; an engine's fault, never a user's.
    """
    fractions = tuple(
        PromisedFraction(
            number=int(each["fraction"]),
            phase=str(each["phase"]),
            day=date.fromisoformat(each["date"]),
            room=str(each["room"]),
            start=_minute(each["start"]),
            window_from=_minute((each.get("window") or plain["window"])[0]),
            window_to=_minute((each.get("window") or plain["window"])[1]),
        )
        for each in plain["fractions"]
    )
    earliest = plain.get("earliest")
    return Promise(
        first=date.fromisoformat(plain["first"]),
        earliest=date.fromisoformat(earliest) if earliest else None,
        delay=int(plain.get("delay") or 0),
        late=int(plain.get("late") or 0),
        window_from=_minute(plain["window"][0]),
        window_to=_minute(plain["window"][1]),
        fractions=tuple(sorted(fractions, key=lambda f: (f.number, f.day))),
        before=_steps(plain.get("preparation") or ()),
        during=_steps(plain.get("during") or ()),
    )


def named(said: Sequence[Statement]) -> tuple[Statement, ...]:
    """Statements about a step of the preparation, with step and device as codes of phrases."""
    return tuple(
        Statement(
            f"{each.code}.named",
            {
                **each.params,
                "step_phrase": f"proton.step.{each.params['step']}",
                "use_phrase": f"proton.use.{each.params['use']}" if each.params.get("use") else "",
            },
        )
        if "step" in each.params
        else each
        for each in said
    )


def reasons_of(plain: Sequence[Mapping[str, Any]]) -> tuple[Statement, ...]:
    """The reasons of an answer as statements; parameters that are no text or number as text."""
    return tuple(
        Statement(
            str(each["code"]),
            {
                name: value if isinstance(value, str | int) or value is None else str(value)
                for name, value in (each.get("params") or {}).items()
            },
        )
        for each in plain
    )
