"""Why a course has no place: a set of reasons none of which can be left out."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.scheduling.book.fields import ground_cells
from sapar.proton.engine.scheduling.book.improve import try_alone
from sapar.proton.engine.scheduling.book.state import most_sessions, new_state
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.book.prepare import Prepared
    from sapar.proton.engine.scheduling.book.tables import Ground
    from sapar.values.statements import Param


def _say(code: str, **params: Param) -> Statement:
    return Statement(f"proton.reason.{code}", MappingProxyType(params))


def _can(made: Prepared, ground: Ground, c: int, *, quotas: bool) -> bool:
    """Whether a course finds a place on a ground without any other course, minute by minute."""
    places = made.quotas.copy()
    if not quotas and len(places):
        places[:, 0] = 1 << 30
    state = new_state(ground, made.table, places, most_sessions(ground, made.table))
    return bool(try_alone(ground_cells(ground), made.t, state.cells, c, made.between))


def _open_more(ground: Ground, what: str) -> Ground:
    """A ground without one of its limits."""
    days, rooms, minutes = ground.run.shape
    if what == "team_hours":
        return ground._replace(
            team_free=np.full_like(ground.team_free, 200),
            team_cap=np.full_like(ground.team_cap, 1 << 30),
            rank_lo=np.full_like(ground.rank_lo, -1),
            rank_hi=np.full_like(ground.rank_hi, 1 << 30),
        )
    if what == "device":
        return ground._replace(
            use_cap=np.full_like(ground.use_cap, 1 << 30),
            use_open=np.full_like(ground.use_open, 1 << 30),
        )
    run = np.tile(np.arange(minutes, 0, -1, dtype=np.int16), (days, rooms, 1))
    return ground._replace(
        run=run,
        room_cap=np.full_like(ground.room_cap, 1440),
        class_cap=np.full_like(ground.class_cap, 1440 * rooms),
        beam_base=np.zeros_like(ground.beam_base),
        beam_cap=np.full_like(ground.beam_cap, 1440 * rooms),
    )


LIMITS = ("quota", "device", "team_hours", "rooms")


def _names(made: Prepared, c: int, limit: str) -> Statement:
    case = made.cases[c]
    course = case.course.id
    if limit == "quota":
        table = made.table
        ids = [
            made.problem.books.quotas[int(table.quota_of[i])].id
            for i in range(int(table.quota_at[c]), int(table.quota_at[c + 1]))
        ]
        return _say("quota", course=course, quota=", ".join(ids))
    if limit == "device":
        uses = sorted({step.use for step in case.protocol.during if step.use is not None})
        return _say("device", course=course, device=", ".join(uses))
    if limit == "team_hours":
        return _say("anaesthesia_open", course=course)
    rooms = sorted({room for phase in case.protocol.phases for room in phase.rooms})
    return _say("room_open", course=course, room=", ".join(rooms))


def reasons_for(made: Prepared, c: int, *, full: bool = True) -> tuple[Statement, ...]:
    """Why course `c` is not in the plan; without `full` only what is cheap to see.

    First what holds without any other course: limits are given up one after another (a deletion
    filter), so that what is named cannot be left out; the horizon and the course's own rules
    always remain. Where the course would find a place alone, others take its minutes.
    """
    case = made.cases[c]
    course = case.course.id
    last = made.problem.books.last
    if case.chain.blocked is not None:
        return (_say("chain", course=course, device=case.chain.blocked, until=last),)
    if case.earliest is None:
        return (_say("no_day", course=course, until=last),)
    if not case.history.in_order:
        return (_say("booked_order", course=course),)
    ground = made.ground
    if not full or _can(made, ground, c, quotas=True):
        return (_say("others", course=course),)
    kept: list[str] = []
    given_up: list[str] = []
    for limit in LIMITS:
        opened = ground
        for each in (*given_up, limit):
            if each != "quota":
                opened = _open_more(opened, each)
        if _can(made, opened, c, quotas="quota" not in (*given_up, limit)):
            kept.append(limit)
        else:
            given_up.append(limit)
    if not kept:
        number = len(case.history.remaining)
        return (_say("horizon", course=course, fractions=number, until=last),)
    return tuple(_names(made, c, limit) for limit in kept)
