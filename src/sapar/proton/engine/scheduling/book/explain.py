"""Why a course has no place: a set of reasons none of which can be left out."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.book.alone import LIMITS, Alone
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sapar.values.statements import Param


def _say(code: str, **params: Param) -> Statement:
    return Statement(f"proton.reason.{code}", MappingProxyType(params))


def _names(alone: Alone, c: int, limit: str) -> Statement:
    """The reason for a limit that cannot be left out."""
    made = alone.made
    case = made.cases[c]
    course = case.course.id
    if limit == "chain":
        return _chain(alone, c)
    rooms = {room for phase in case.protocol.phases for room in phase.rooms}
    beams = {made.problem.books.centre.room(room).beam for room in rooms}
    uses = {step.use for step in case.protocol.during}
    said: dict[str, tuple[str, dict[str, str]]] = {
        "quota": ("quota", {"quota": _listed(_quotas(alone, c))}),
        "device": ("device", {"device": _listed(uses)}),
        "team": ("anaesthesia_open", {}),
        "booked": ("booked", {}),
        "beam": ("beam_closed", {"beam": _listed(beams)}),
        "rooms": ("room_open", {"room": _listed(rooms)}),
    }
    code, params = said[limit]
    return _say(code, course=course, **params)


def _chain(alone: Alone, c: int) -> Statement:
    chain, last = alone.chain(c), alone.made.problem.books.last
    course = alone.made.cases[c].course.id
    if chain.blocked is not None:
        return _say("chain", course=course, device=chain.blocked, until=last)
    return _say("chain_late", course=course, day=chain.after, until=last)


def _quotas(alone: Alone, c: int) -> list[str]:
    table, quotas = alone.made.table, alone.made.problem.books.quotas
    first, last = int(table.quota_at[c]), int(table.quota_at[c + 1])
    return [quotas[int(q)].id for q in table.quota_of[first:last]]


def _touches(alone: Alone, c: int, limit: str) -> bool:
    """Whether a limit stands in the way of a course at all; cheap, and never wrongly False."""
    made = alone.made
    case, books = made.cases[c], made.problem.books
    steps = () if case.history.continues else case.protocol.preparation
    asked = {
        "quota": _quotas(alone, c),
        "device": case.protocol.during,
        "chain": steps,
        "team": case.course.anaesthesia,
        "booked": books.bookings,
        "beam": (*books.centre.closures, *books.centre.recurring),
    }
    return bool(asked.get(limit, True))


def _listed(names: Iterable[str | None]) -> str:
    return ", ".join(sorted(name for name in names if name is not None))


def smallest(alone: Alone, c: int) -> tuple[str, ...] | None:
    """The limits that a course meets alone; of these none can be left out. None: it has a place.

    A deletion filter: limits are given up one after another, and those without which there would
    be a place are kept. Exact, because `Alone.possible` is. Empty: the course does not fit into
    the horizon under its own rules.
    """
    if alone.possible(c):
        return None
    given_up: frozenset[str] = frozenset()
    kept = []
    for limit in LIMITS:
        if not _touches(alone, c, limit):
            continue
        if alone.possible(c, given_up | {limit}):
            kept.append(limit)
        else:
            given_up |= {limit}
    return tuple(kept)


def reasons_for(alone: Alone, c: int, *, full: bool = True) -> tuple[Statement, ...]:
    """Why course `c` is not in the plan.

    First what holds without any other course of the document; the horizon and the course's own
    rules always remain. Where the course would have a place alone, others take its minutes.

    Args:
        alone: the problem.
        c: the course.
        full: False says only that nothing was looked for.
    """
    made = alone.made
    case = made.cases[c]
    course, last = case.course.id, made.problem.books.last
    if not case.history.in_order:
        return (_say("booked_order", course=course),)
    if not full:
        return (_say("not_examined", course=course),)
    kept = smallest(alone, c)
    if kept is None:
        return (_say("others", course=course),)
    if not kept and case.earliest is None:
        return (_say("no_day", course=course, until=last),)
    if not kept:
        number = len(case.history.remaining)
        return (_say("horizon", course=course, fractions=number, until=last),)
    return tuple(_names(alone, c, limit) for limit in kept)
