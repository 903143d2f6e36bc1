"""Runs of the beam search, narrow ones first, until the bound is met or the work is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.scheduling.day import kernel
from sapar.proton.engine.scheduling.day.arrays import whole
from sapar.proton.engine.scheduling.day.rules import holds

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.day.arrays import Arrays, Whole
    from sapar.proton.engine.scheduling.watch import Watch

SHARES = (0.0005, 0.002, 0.005, 0.01, 0.02)
"""What each of the first runs may take of the work: narrow and quick ones first."""
GUIDES = ((8, 1.0), (12, 1.2), (8, 1.25), (16, 1.1), (12, 1.0), (6, 1.3), (10, 1.1))
"""Weight of the idle beam (eighths) and usual set-up (a share of the mean), in turn: no one is
best everywhere."""
WIDTHS = (60, 120, 300, 300, 800)
"""Nodes a step of the runs that change the best plan, at random."""
OVER = 32
"""Weight of minutes that no longer fit before the limit, in eighths."""
MOST_CHILDREN = 4_000_000
"""Children kept in memory at once (20 bytes each)."""
NARROWEST = 12
PATIENCE = 2_000
"""Steps for each pair of a job and a room that it may have, without anything better."""
SLACK = 3
"""Minutes by which a plan that is begun with again may be worse than the best."""
MOST_ANEW = 2_000_000
"""Steps of a run that begins again."""
STEPS_A_RUN = 5_000
"""What it takes to begin a run, in steps: about as long. So every run uses up some of the work."""
NOTHING = np.zeros((0, 2), np.int32)


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
        if (end, idle) < (self.end, self.idle) and holds(a, plan.start, plan.room):
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
    """Runs of the kernel on one problem.

    Attributes:
        sides: the problem and, where `runner_of` was given it, the same day backwards, as arrays
            and as the kernel takes them; each finds other plans.
        draw: the random numbers.
        latest: no job ends after this minute.
        now, end: the plan that is changed, and its end; not always the best.
        since: steps when the last plan was found that is better than the one changed then.
        runs, anew: runs so far, and those that began again; every third of these is a wide one that
            only looks for a plan better than the best.
    """

    a: Arrays
    sides: tuple[tuple[Arrays, kernel.Day], ...]
    draw: np.random.Generator
    latest: int
    now: Plan | None = None
    end: int = kernel.FAR
    since: int = 0
    anew: int = 0
    runs: int = 0

    def run(
        self, found: Found, limit: int, steps: int, *, idle: int = 1, less: Less | None = None
    ) -> None:
        """Search from the start, with about so many steps, for a day that ends by `limit`.

        Args:
            found: takes the plan and counts the steps.
            limit: minutes after midnight.
            steps: sets how many nodes are kept.
            idle: how much more than usual idle beam weighs.
            less: when the beam may be used.
        """
        a = self.a
        each = max(float(a.allowed.sum()) * (a.n + 1) / 2, 1.0)
        most = MOST_CHILDREN // max(int(a.allowed.sum()), 1)
        width = int(max(NARROWEST, min(steps / each, most)))
        beam, usual = GUIDES[self.runs % len(GUIDES)]
        side = self.sides[self.runs % len(self.sides)]
        guide = kernel.Guide(limit, whole([beam * idle, OVER, 3]), usual_setup(side[0], usual))
        # The first run goes to its end: there is no plan yet.
        allowed = 2 * steps if found.plan is not None else kernel.FAR
        self._search(found, side, guide, NOTHING, (width, allowed), less)

    def again(self, found: Found, work: int) -> None:
        """Keep the first part of a plan, of a length at random, and search the rest anew.

        Backwards it is the last part that is kept. A plan that is as good is gone on with, so that
        the search does not stand still. Where nothing better came for a while it begins again with
        another plan, which may be a little worse than the best.
        """
        if found.steps - self.since > PATIENCE * self.a.n * int(self.a.allowed.sum()):
            self.now, self.end, self.since = None, kernel.FAR, found.steps
            self.anew += 1
            if self.anew % 3 == 0:
                self.run(found, found.end - 1, work // 30)
            else:
                self.run(found, min(found.end + SLACK, self.latest), min(work // 100, MOST_ANEW))
        if self.now is None:
            self.now, self.end = found.plan, found.end
        side = self.sides[int(self.draw.integers(len(self.sides)))]
        width = WIDTHS[int(self.draw.integers(len(WIDTHS)))]
        beam, usual = GUIDES[int(self.draw.integers(len(GUIDES)))]
        kept = self._part(side[0])
        limit = self.end - int(self.draw.integers(2))
        guide = kernel.Guide(limit, whole([beam, OVER, 7]), usual_setup(side[0], usual))
        self._search(found, side, guide, kept, (width, kernel.FAR), None)

    def _part(self, a: Arrays) -> NDArray[np.int32]:
        """The first part of the plan on one side, as the kernel takes it.

        It ends before a job that the kernel could not have placed in the order of the beam: one
        whose team, or whose place in the order of fasting or of sessions, depends on a later one.
        """
        if self.now is None:
            return NOTHING
        start = self._turned(self.now.start) if a is not self.a else self.now.start
        order = np.argsort(start + a.setup, kind="stable")
        order = order[: int(self.draw.integers(max(int(0.85 * a.n), 1)))]
        free = [-kernel.FAR] * a.teams
        kept: list[tuple[int, int]] = []
        placed: set[int] = set()
        asleep = 0
        for j in map(int, order):
            if a.after[j] >= 0 and int(a.after[j]) not in placed:
                break
            if a.asleep[j]:
                fits = [t for t in free if t + a.induction <= start[j]]
                if not fits or asleep < a.lower[j]:
                    break
                free.remove(max(fits))
                free.append(int(start[j] + a.total[j]) + a.recovery)
                asleep += 1
            placed.add(j)
            kept.append((j, int(start[j]) * kernel.PLACE + int(self.now.room[j])))
        return np.array(kept, np.int32).reshape(-1, 2)

    def _turned(self, start: Whole) -> Whole:
        """Starts read from the end of the day on."""
        ends = start + self.a.total
        return whole(self.a.origin + ends.max() - ends)

    def _search(  # noqa: PLR0917 - all that one run is made of
        self,
        found: Found,
        side: tuple[Arrays, kernel.Day],
        guide: kernel.Guide,
        kept: NDArray[np.int32],
        size: tuple[int, int],
        less: Less | None,
    ) -> None:
        """One run; offers its plan."""
        a, day = side
        if less is not None:
            day = less.of(day, guide.limit, backwards=a is not self.a)
        self.runs += 1
        seed = int(self.draw.integers(1, 2**61))
        placed, done = kernel.beam_search(size[0], day, guide, kept, (seed, size[1]))
        found.steps += int(done) + STEPS_A_RUN
        if len(placed) == 0 or placed[0] >= 0:
            start, room = np.divmod(placed.astype(np.int64), kernel.PLACE)
            plan = Plan(self._turned(start) if a is not self.a and len(start) else start, room)
            end = figures(self.a, plan)[0]
            if end <= self.end and holds(self.a, plan.start, plan.room):
                if end < self.end:
                    self.since = found.steps
                self.now, self.end = plan, end
            found.offer(self.a, plan)


@dataclass(frozen=True, slots=True)
class Less:
    """Uses of the one beam of a day begin at `first` at the earliest, and end by `last`."""

    first: int
    last: int

    def of(self, day: kernel.Day, limit: int, *, backwards: bool) -> kernel.Day:
        """The day with these limits; backwards from `limit`, first and last change places."""
        root, rooms = day.root.copy(), day.rooms.copy()
        opening = int(root[: day.sizes[kernel.R]].min())
        before, after = self.first - opening, limit - self.last
        if backwards:
            before, after = after, before
        root[day.sizes[kernel.R]] = opening + before
        rooms[:, 3] = np.maximum(rooms[:, 3], after)
        return day._replace(root=root, rooms=rooms)


def runner_of(a: Arrays, seed: int, backwards: Arrays | None = None) -> Runner:
    """A runner for a problem; its latest end is that of the last start of any job.

    Args:
        a: the problem.
        seed: for the random numbers.
        backwards: the same day with leaving and set-up exchanged. Only where all rooms have the
            same one opening and nothing else restricts the day: then each plan of it, read from its
            end on, is a plan of the problem.
    """
    ends = [
        int(a.high[k] + a.total[j])
        for j in range(a.n)
        for k in range(a.first[j * a.rooms], a.first[(j + 1) * a.rooms])
    ]
    sides = tuple((side, day_of(side)) for side in (a, backwards) if side is not None)
    draw = np.random.Generator(np.random.PCG64(seed))
    return Runner(a, sides, draw, max(ends, default=a.origin))


def search(
    runner: Runner, found: Found, bound: int, work: int, watch: Watch, *, until: float = 1.0
) -> None:
    """Look for shorter days until one ends at `bound` or a share of `work` steps is done.

    First some runs from the start, then runs that change the best plan. Called again, it goes on.
    """
    told = found.steps
    while found.end > bound and not watch.stop():
        if runner.runs and found.steps >= until * work:
            return
        if runner.runs < len(SHARES) or found.plan is None:
            share = SHARES[min(runner.runs, len(SHARES) - 1)]
            runner.run(found, min(found.end - 1, runner.latest), max(int(share * work), 1))
        else:
            runner.again(found, work)
        if found.steps - told > work // 100:
            told = found.steps
            tell(runner, found, bound, work, watch)


def tell(runner: Runner, found: Found, bound: int, work: int, watch: Watch) -> None:
    """Say how far the search is."""
    origin = runner.a.origin
    value = float(found.end - origin) if found.plan else None
    watch.tell(value, float(bound - origin), min(found.steps, work), work)
