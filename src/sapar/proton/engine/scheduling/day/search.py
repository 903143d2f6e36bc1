"""Runs of the beam search, narrow ones first, until the bound is met or the work is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.scheduling.day import kernel
from sapar.proton.engine.scheduling.day.arrays import whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from sapar.proton.engine.scheduling.day.arrays import Arrays, Whole
    from sapar.proton.engine.scheduling.watch import Watch

SHARES = (
    0.0005,
    0.002,
    0.005,
    0.01,
    0.02,
    0.03,
    0.03,
    0.06,
    0.06,
    0.1,
    0.1,
    0.12,
    0.12,
    0.15,
    0.15,
)
"""What each run may take of the work: narrow and quick ones first."""
GUIDES = ((1.0, 1.0), (0.5, 1.1), (2.0, 1.1), (1.0, 0.9), (0.5, 1.0), (1.0, 1.15), (2.0, 0.95))
"""Weight of the idle beam and usual set-up (a share of the mean), in turn."""
MOST_CHILDREN = 4_000_000
"""Children kept in memory at once (20 bytes each)."""
NARROWEST = 12


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole day: start (minutes after midnight) and room (number) of each job."""

    start: Whole
    room: Whole


def _nobody(found: Found) -> None:
    """Tell nobody of a better plan."""


@dataclass(slots=True)
class Found:
    """The best plan so far, and the work that was done.

    Attributes:
        plan: None while none was found.
        end: minute at which its last job ends.
        idle: minutes between first and last use that the beams are not used.
        steps: children made so far.
    """

    plan: Plan | None = None
    end: int = kernel.FAR
    idle: int = kernel.FAR
    steps: int = 0
    on_better: Callable[[Found], None] = field(default=_nobody)

    def offer(self, a: Arrays, plan: Plan) -> None:
        """Take a plan if it is better."""
        end, idle = figures(a, plan)
        if (end, idle) < (self.end, self.idle):
            self.plan, self.end, self.idle = plan, end, idle
            self.on_better(self)


def figures(a: Arrays, plan: Plan) -> tuple[int, int]:
    """The minute at which a plan ends, and its idle beam in minutes."""
    idle = 0
    beam_start = plan.start + a.setup
    for beam in range(a.real_beams):
        here = (a.beam_of[plan.room] == beam) & (a.beam > 0)
        if here.any():
            last = (beam_start + a.beam)[here].max()
            idle += int(last - beam_start[here].min() - a.beam[here].sum())
    end = int((plan.start + a.total).max()) if a.n else a.origin
    return end, idle


def day_of(a: Arrays) -> kernel.Day:
    """A problem as the kernel takes it."""
    keys = np.random.Generator(np.random.PCG64(20240)).integers(1, 2**62, a.n, dtype=np.int64)
    teams = max(a.teams, 1)
    least = int(a.leaving.min()) if a.n else 0
    sizes = (a.n, a.rooms, a.beams, teams, len(a.groups), a.induction, a.recovery)
    after = (a.after, a.after_min, a.twin, keys, a.only_beam)
    jobs = (a.setup, a.beam, a.leaving, a.total, a.asleep, a.rank, a.lower, *after)
    rooms = np.full((max(a.rooms, a.beams), 4), -1, np.int64)
    rooms[: a.rooms, 0], rooms[: a.beams, 1] = a.beam_of, a.switch
    rooms[: a.rooms, 2], rooms[:, 3] = a.room_twin, least
    members = np.zeros((len(a.groups), a.rooms + 1), np.int64)
    for group, row in zip(a.groups, members, strict=True):
        inside = np.flatnonzero(group)
        row[0], row[1 : len(inside) + 1] = len(inside), inside
    root = [
        *(_opening(a, room) for room in range(a.rooms)),
        *[-kernel.FAR] * a.beams,
        *[-1] * (2 * a.beams),
        *[-kernel.FAR] * teams,
        *(-1, -1, -1, 0),
        *(a.in_group * a.total[:, None]).sum(0),
        *(int(a.beam[a.only_beam == beam].sum()) for beam in range(a.beams)),
        *a.allowed.sum(0),
        int(a.total.sum()),
        0,
    ]
    return kernel.Day(
        sizes=whole(sizes),
        jobs=np.ascontiguousarray(whole(jobs).T),
        rooms=rooms,
        allowed=a.allowed,
        first=a.first,
        low=a.low,
        high=a.high,
        inside=a.in_group,
        members=members,
        root=whole(root),
    )


def _opening(a: Arrays, room: int) -> int:
    """The first minute at which any job may start in a room; the day's where none may."""
    found = [span[0][0] for job in range(a.n) if (span := a.domain(job, room))]
    return min(found, default=a.origin)


def usual_setup(a: Arrays, share: float) -> Whole:
    """The mean set-up of the jobs that may have each room times a share, whole minutes, (R,)."""
    found = [
        float(a.setup[a.allowed[:, room] == 1].mean()) if a.allowed[:, room].any() else 0.0
        for room in range(a.rooms)
    ]
    return whole([round(minutes * share) for minutes in found])


@dataclass(slots=True)
class Runner:
    """Runs of the kernel on one problem, each with the next guide and the next random numbers."""

    a: Arrays
    day: kernel.Day
    seed: int
    latest: int
    runs: int = 0

    def run(self, found: Found, limit: int, steps: int, *, idle: float = 1.0) -> None:
        """Search with about so many steps for a day that ends by `limit`; offer what is found."""
        a = self.a
        each = max(float(a.allowed.sum()) * (a.n + 1) / 2 / max(a.n, 1) * a.n, 1.0)
        most = MOST_CHILDREN // max(int(a.allowed.sum()), 1)
        width = int(max(NARROWEST, min(steps / each, most)))
        beam, usual = GUIDES[self.runs % len(GUIDES)]
        noise = 3 if self.runs < len(GUIDES) else 7
        weights = whole([round(8 * beam * idle), 32, noise])
        guide = kernel.Guide(limit, weights, usual_setup(a, usual))
        draw = (self.seed * 1_000_003 + self.runs * 7919 + 12345) % (2**61) or 1
        self.runs += 1
        # The first run goes to its end: there is no plan yet.
        most = 2 * steps if found.plan is not None else kernel.FAR
        placed, done = kernel.beam_search(width, self.day, guide, draw, most)
        found.steps += int(done)
        if a.n == 0 or placed[0] >= 0:
            whole_day = placed.astype(np.int64)
            found.offer(a, Plan(whole_day // kernel.PLACE, whole_day % kernel.PLACE))


def runner_of(a: Arrays, seed: int) -> Runner:
    """A runner for a problem; its latest end is that of the last start of any job."""
    latest = max(
        (int(a.high[k] + a.total[j]) for j in range(a.n) for r in range(a.rooms)
         for k in range(a.first[j * a.rooms + r], a.first[j * a.rooms + r + 1])),
        default=a.origin,
    )  # fmt: skip
    return Runner(a, day_of(a), seed, latest)


def search(
    runner: Runner, found: Found, bound: int, work: int, watch: Watch, *, until: float = 1.0
) -> None:
    """Look for shorter days until one ends at `bound` or a share of `work` steps is done.

    Called again, it goes on with the next run.
    """
    while runner.runs < len(SHARES):
        number = runner.runs
        done = found.steps >= until * work and number > 0
        if found.end <= bound or done or watch.stop():
            return
        limit = min(found.end - 1, runner.latest)
        if number % 3 == 2 and found.plan is not None:
            limit = (bound + limit) // 2
        runner.run(found, limit, max(int(SHARES[number] * work), 1))
        tell(runner, found, bound, work, watch)


def tell(runner: Runner, found: Found, bound: int, work: int, watch: Watch) -> None:
    """Say how far the search is."""
    origin = runner.a.origin
    value = float(found.end - origin) if found.plan else None
    watch.tell(value, float(bound - origin), min(found.steps, work), work)
