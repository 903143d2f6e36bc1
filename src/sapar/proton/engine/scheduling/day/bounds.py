"""How short a day can be at best, and which resource says so.

Each bound is a relaxation: it forgets some rules, never adds one, so that no plan is shorter.
Makespans are minutes from the earliest opening of a room.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.day import ends
from sapar.proton.engine.scheduling.day.relaxed import NEVER, pooled, preemptive
from sapar.proton.engine.scheduling.problem.minutes import LAST_MINUTE, bits, intervals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sapar.proton.engine.scheduling.day.arrays import Arrays
    from sapar.proton.engine.scheduling.problem.day import DayProblem


@dataclass(frozen=True, slots=True)
class Bound:
    """No plan has a makespan below `minutes`.

    Attributes:
        resource: `room:<id>`, `beam:<id>`, `rooms`, `anaesthesia`, `window:<job>` or `search`.
        by: the key of the phrase that says why.
    """

    resource: str
    minutes: int
    by: str


def earliest(a: Arrays) -> list[int]:
    """The earliest start of each job in any of its rooms, after the jobs that it follows; (n,)."""
    domains = [sorted(span for r in range(a.rooms) for span in a.domain(j, r)) for j in range(a.n)]
    found = [domain[0][0] if domain else NEVER for domain in domains]
    changed = True
    while changed:
        changed = False
        for j in range(a.n):
            if a.after[j] >= 0 and found[j] < NEVER:
                least = max(found[j], found[int(a.after[j])] + int(a.after_min[j]))
                least = min((max(x, least) for x, y in domains[j] if y >= least), default=NEVER)
                changed |= least != found[j]
                found[j] = least
    return found


def _rooms(problem: DayProblem, a: Arrays, first: list[int]) -> Iterable[Bound]:
    """Each room: its own jobs one after the other in its open minutes."""
    for r, room in enumerate(problem.rooms):
        own = [j for j in range(a.n) if a.allowed[j, r] and a.allowed[j].sum() == 1]
        if own:
            work = [(first[j], int(a.total[j]), 0) for j in own]
            yield Bound(f"room:{room.id}", preemptive(work, room.open) - a.origin, "room_load")


def _beams(problem: DayProblem, a: Arrays, first: list[int]) -> Iterable[Bound]:
    """Each beam: uses one after the other, with the least pause that any two have between them.

    Two uses in different rooms are `switch` apart, two in one room the leaving of one and the
    set-up of the other; so each use and the smaller of the two following it hold the beam alone. A
    pause may
    reach into a closure: closures begin that much later here.
    """
    for b, beam in enumerate(problem.beams):
        own = [j for j in range(a.n) if a.only_beam[j] == b and a.beam[j] > 0]
        if not own:
            continue
        between = min(int(a.setup[j]) for j in own) + min(int(a.leaving[j]) for j in own)
        pause = min(beam.switch, between)
        closed = [(x + pause, y) for x, y in beam.closed if x + pause < y]
        free = intervals(bits([(0, LAST_MINUTE + beam.switch)]) & ~bits(closed))
        work = [
            (first[j] + int(a.setup[j]), int(a.beam[j]) + pause, int(a.leaving[j]) - pause)
            for j in own
        ]
        yield Bound(f"beam:{beam.id}", preemptive(work, free) - a.origin, "beam_load")


def _pools(problem: DayProblem, a: Arrays) -> Iterable[Bound]:
    """Groups of rooms: the work that only they can do, spread over all their open minutes."""
    for g, group in enumerate(a.groups):
        if group.sum() > 1:
            work = int(a.total[a.in_group[:, g] == 1].sum())
            calendars = [problem.rooms[r].open for r in range(a.rooms) if group[r]]
            yield Bound("rooms", pooled(work, calendars) - a.origin, "rooms_load")


def _team(problem: DayProblem, a: Arrays, first: list[int]) -> Iterable[Bound]:
    """The anaesthesia teams: held from induction to recovery, which may end after the day."""
    team = problem.anaesthesia
    own = [j for j in range(a.n) if a.asleep[j]]
    if team is None or not own:
        return
    held = team.induction + team.recovery
    if team.teams == 1:
        work = [(first[j] - team.induction, int(a.total[j]) + held, -team.recovery) for j in own]
        end = preemptive(work, team.open)
    else:
        minutes = sum(int(a.total[j]) + held for j in own)
        end = pooled(minutes, [team.open] * team.teams)
        end = end if end == NEVER else end - team.recovery
    yield Bound("anaesthesia", end - a.origin, "anaesthesia_load")


def _windows(problem: DayProblem, a: Arrays, first: list[int]) -> Iterable[Bound]:
    """The job that can end last of all, alone: because of its window or the job that it follows."""
    if a.n:
        last = max(range(a.n), key=lambda j: (first[j] + int(a.total[j]), -j))
        job = problem.jobs[last]
        by = "window_end" if job.window is not None else "job_end"
        yield Bound(f"window:{job.id}", first[last] + int(a.total[last]) - a.origin, by)


def bounds_of(problem: DayProblem, a: Arrays) -> tuple[Bound, ...]:
    """All bounds, the highest first; a bound of `NEVER` or nearly so says that no plan exists."""
    first = earliest(a)
    found = [
        *_rooms(problem, a, first),
        *_beams(problem, a, first),
        *_pools(problem, a),
        *_team(problem, a, first),
        *_windows(problem, a, first),
    ]
    if not found:
        found = [Bound("rooms", 0, "rooms_load")]
    found += [Bound("rooms", m, "rooms_ends") for m in ends.shared(problem, a)]
    best = max(bound.minutes for bound in found)
    if best < NEVER // 2:
        found += [Bound("rooms", m, "rooms_ends") for m in ends.bounds(problem, a, best)]
    found = [Bound(b.resource, b.minutes, f"proton.bound.{b.by}") for b in found]
    return tuple(sorted(found, key=lambda b: (-b.minutes, b.resource, b.by)))


def idle_bound(a: Arrays) -> int:
    """Minutes of idle beam that no plan avoids.

    The jobs of a room follow each other: from its first beam start to its last beam end lie at
    least all its minutes less the first set-up and the last leaving. What of that the beam's uses
    do not fill is idle. Only rooms whose jobs have no other room are looked at.
    """
    idle = 0
    for beam in range(a.real_beams):
        if any(a.only_beam[j] != beam and a.allowed[j] @ (a.beam_of == beam) for j in range(a.n)):
            continue
        uses = sum(int(a.beam[j]) for j in range(a.n) if a.only_beam[j] == beam)
        span = 0
        for r in range(a.rooms):
            own = [j for j in range(a.n) if a.allowed[j, r] and a.allowed[j].sum() == 1]
            if a.beam_of[r] == beam and len(own) > 1 and all(a.beam[j] > 0 for j in own):
                spare = max(int(a.setup[j] + a.leaving[k]) for j in own for k in own if j != k)
                span = max(span, sum(int(a.total[j]) for j in own) - spare)
        idle += max(0, span - uses)
    return idle
