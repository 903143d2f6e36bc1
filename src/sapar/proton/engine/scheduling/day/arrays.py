"""A day's problem as arrays of whole numbers, for the kernel, the bounds and the proofs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.proton.engine.scheduling.problem.minutes import (
    LAST_MINUTE,
    Interval,
    bits,
    intervals,
    starts,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.problem.day import DayProblem, Job

    Whole = NDArray[np.int64]

ALWAYS = ((0, LAST_MINUTE),)


@dataclass(frozen=True, slots=True)
class Arrays:
    """Jobs (n), rooms (R), beams (B) and groups of rooms (G) by number, in the order of their ids.

    Attributes:
        setup, beam, leaving, total: minutes of each job, (n,).
        beam_of: the beam of each room, (R,); rooms without one get one of their own, after the
        real.
        switch: minutes between uses in different rooms, (B,).
        real_beams: how many beams the document has.
        allowed: whether a job may have a room, (n, R).
        first, low, high: the starts of job j in room r that hours, closures, team and window leave
            are the intervals low[k]..high[k], both ends included, for k from first[j*R+r] to
            first[j*R+r+1]; (n*R+1,) and two of the same length.
        asleep: 1 under anaesthesia, (n,); rank: its fasting rank, else 0.
        lower: jobs under anaesthesia with a lower rank, (n,).
        after, after_min: the job that lies before and the minutes from start to start; -1: none.
        teams, induction, recovery: the anaesthesia.
        groups: members of each group of rooms, (G, R): the sets of rooms that some job is tied to.
        in_group: whether all rooms of a job lie in a group, (n, G).
        only_beam: the beam that a job uses in any case, -1 where rooms of several are allowed.
        twin: the job before in order that is the same in everything, -1: none. Twins may be
            exchanged, so only the first that is not placed yet is looked at.
        room_twin: the room before in order that is the same in everything, -1: none.
        origin: the earliest opening of a room.
    """

    n: int
    rooms: int
    setup: Whole
    beam: Whole
    leaving: Whole
    total: Whole
    beam_of: Whole
    switch: Whole
    real_beams: int
    allowed: Whole
    first: Whole
    low: Whole
    high: Whole
    asleep: Whole
    rank: Whole
    lower: Whole
    after: Whole
    after_min: Whole
    teams: int
    induction: int
    recovery: int
    groups: Whole
    in_group: Whole
    only_beam: Whole
    twin: Whole
    room_twin: Whole
    origin: int

    def domain(self, job: int, room: int) -> list[Interval]:
        """The intervals of starts of a job in a room, both ends included."""
        at = job * self.rooms + room
        return [
            (int(self.low[k]), int(self.high[k])) for k in range(self.first[at], self.first[at + 1])
        ]

    @property
    def beams(self) -> int:
        """Number of beams, those of rooms without a shared beam included."""
        return len(self.switch)


def whole(values: Any) -> Whole:
    """An array of whole numbers."""
    return np.asarray(values, dtype=np.int64)


def start_bits(problem: DayProblem, job: Job, room: int) -> int:
    """The minutes, as bits, at which a job alone may start in a room."""
    place = problem.rooms[room]
    found = starts(bits(place.open), job.total)
    closed = next((b.closed for b in problem.beams if b.id == place.beam), ())
    if closed and job.beam:
        lit = bits(ALWAYS) & ~bits(closed)
        found &= starts(lit, job.beam) >> job.setup
    if job.anaesthesia:
        team = problem.anaesthesia
        if team is None:
            return 0
        held = team.induction + job.total + team.recovery
        found &= starts(bits(team.open), held) << team.induction
    if job.window is not None:
        found &= bits([(job.window[0], job.window[1] + 1)])
    return found


def _twins(keys: list[Any], barred: list[bool]) -> list[int]:
    """For each the last before it with the same key, -1 where there is none or it is barred."""
    seen: dict[Any, int] = {}
    found = []
    for index, key in enumerate(keys):
        found.append(-1 if barred[index] else seen.get(key, -1))
        if not barred[index]:
            seen[key] = index
    return found


def _groups(allowed: list[tuple[int, ...]], rooms: int) -> list[tuple[int, ...]]:
    """The different sets of rooms that jobs are tied to, and all rooms; small sets first.

    Where each job has one room the set of all says nothing more and is left out.
    """
    everything = tuple(range(rooms))
    found = sorted(set(allowed) - {(), everything}, key=lambda group: (len(group), group))
    if all(len(may) <= 1 for may in allowed):
        return found
    return [*found[:23], everything]


def arrays_of(problem: DayProblem) -> Arrays:
    """The arrays of a problem."""
    jobs, rooms = problem.jobs, problem.rooms
    number = {job.id: index for index, job in enumerate(jobs)}
    place = {room.id: index for index, room in enumerate(rooms)}
    known = {beam.id: index for index, beam in enumerate(problem.beams)}
    beam_of, switch = [], [beam.switch for beam in problem.beams]
    for room in rooms:
        beam_of.append(len(switch) if room.beam is None else known[room.beam])
        if room.beam is None:
            switch.append(0)
    allowed = [tuple(place[name] for name in job.rooms) for job in jobs]
    domains: list[tuple[Interval, ...]] = []
    for job, may in zip(jobs, allowed, strict=True):
        for number_of_room in range(len(rooms)):
            mask = start_bits(problem, job, number_of_room) if number_of_room in may else 0
            domains.append(tuple((a, b - 1) for a, b in intervals(mask)))
    groups = _groups(allowed, len(rooms))
    team = problem.anaesthesia
    rank = [job.rank if job.anaesthesia else 0 for job in jobs]
    linked = {job.after.job for job in jobs if job.after} | {job.id for job in jobs if job.after}
    keys = [
        (allowed[j], job.setup, job.beam, job.leaving, job.window, job.anaesthesia, rank[j])
        for j, job in enumerate(jobs)
    ]
    room_keys = [
        (beam_of[r], room.open, tuple(r in may for may in allowed)) for r, room in enumerate(rooms)
    ]
    only = [{beam_of[r] for r in may} for may in allowed]
    flat = [each for found in domains for each in found]
    return Arrays(
        n=len(jobs),
        rooms=len(rooms),
        setup=whole([job.setup for job in jobs]),
        beam=whole([job.beam for job in jobs]),
        leaving=whole([job.leaving for job in jobs]),
        total=whole([job.total for job in jobs]),
        beam_of=whole(beam_of),
        switch=whole(switch),
        real_beams=len(problem.beams),
        allowed=whole([[int(r in may) for r in range(len(rooms))] for may in allowed]).reshape(
            len(jobs), len(rooms)
        ),
        first=np.cumsum(whole([0, *map(len, domains)])),
        low=whole([a for a, _ in flat]),
        high=whole([b for _, b in flat]),
        asleep=whole([int(job.anaesthesia) for job in jobs]),
        rank=whole(rank),
        lower=whole(
            [
                sum(o.anaesthesia and o.rank < job.rank for o in jobs) if job.anaesthesia else 0
                for job in jobs
            ]
        ),
        after=whole([number[job.after.job] if job.after else -1 for job in jobs]),
        after_min=whole([job.after.minutes if job.after else 0 for job in jobs]),
        teams=team.teams if team else 0,
        induction=team.induction if team else 0,
        recovery=team.recovery if team else 0,
        groups=whole([[int(r in group) for r in range(len(rooms))] for group in groups]).reshape(
            len(groups), len(rooms)
        ),
        in_group=whole([[int(set(may) <= set(g)) for g in groups] for may in allowed]).reshape(
            len(jobs), len(groups)
        ),
        only_beam=whole([min(beams) if len(beams) == 1 else -1 for beams in only]),
        twin=whole(_twins(keys, [job.id in linked for job in jobs])),
        room_twin=whole(_twins(room_keys, [False] * len(rooms))),
        origin=problem.origin,
    )
