"""The sequence of one day: shortest first, then the least idle beam, with a bound.

Two engines work in turn. The beam search (`kernel`) finds short days quickly; the constraint
program (`exact`) finds plans where promises leave little room, and proves that there is none, or
none shorter. Bounds of the resources (`bounds`) prove most days without it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.day.answer import DayAnswer, Placed
from sapar.proton.engine.scheduling.day.arrays import arrays_of
from sapar.proton.engine.scheduling.day.bounds import Bound, bounds_of, idle_bound
from sapar.proton.engine.scheduling.day.exact import Model
from sapar.proton.engine.scheduling.day.polish import compress
from sapar.proton.engine.scheduling.day.reasons import reasons_of
from sapar.proton.engine.scheduling.day.search import (
    Found,
    Less,
    Runner,
    runner_of,
    search,
    tell,
)
from sapar.proton.engine.scheduling.watch import Watch

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.day.arrays import Arrays
    from sapar.proton.engine.scheduling.day.exact import Outcome
    from sapar.proton.engine.scheduling.problem.day import DayProblem
    from sapar.proton.engine.scheduling.watch import StoppedBy

SMALL = 14
"""Days of up to so many jobs are given to the constraint program in any case."""
IDLE_RUNS = 12
"""Runs for less idle beam; each may take a fiftieth of the work."""
LEAST_FOR_REASONS = 5_000_000
"""Steps that reasons may take even where the work was less: without them nobody is helped."""
IDLE_SHARE = 0.2
"""Share of the work that the constraint program may take for the idle beam."""


class _Solver:
    """One day's work: the best plan, the bound, and what is left of the budget."""

    def __init__(self, problem: DayProblem, watch: Watch) -> None:
        self.problem, self.watch, self.work = problem, watch, problem.work
        self.a: Arrays = arrays_of(problem)
        self.runner: Runner = runner_of(self.a, problem.seed, self._backwards())
        self.found = Found()
        self.bounds = list(bounds_of(problem, self.a))
        self.infeasible = any(
            not any(self.a.domain(j, r) for r in range(self.a.rooms)) for j in range(self.a.n)
        )
        self.infeasible |= self.low > self.runner.latest
        self.least_idle = 0

    def _backwards(self) -> Arrays | None:
        """The day from its end on, where that is a day of the same kind."""
        rooms = self.problem.rooms
        if self.promised or any(room.open != rooms[0].open for room in rooms):
            return None
        jobs = tuple(
            replace(job, setup=job.leaving, leaving=job.setup) for job in self.problem.jobs
        )
        return arrays_of(replace(self.problem, jobs=jobs))

    @property
    def low(self) -> int:
        """No plan ends before this minute after midnight."""
        return self.a.origin + max((bound.minutes for bound in self.bounds), default=0)

    @property
    def promised(self) -> bool:
        """Whether anything but rooms and beam restricts the day."""
        return (
            any(job.window or job.after or job.anaesthesia for job in self.problem.jobs)
            or any(len(room.open) != 1 for room in self.problem.rooms)
            or any(beam.closed for beam in self.problem.beams)
        )

    def done(self) -> bool:
        """Whether the makespan is settled, or a person or the clock said stop."""
        return self.infeasible or self.found.end <= self.low or self.watch.stop()

    def search(self, until: float) -> None:
        """The beam search up to a share of the work."""
        if not self.done():
            search(self.runner, self.found, self.low, self.work, self.watch, until=until)

    def prove(self, share: float) -> None:
        """The constraint program, in parts so that a stop is heard, each longer than the last."""
        for part in (0.1, 0.2, 0.3, 0.4):
            steps = int(share * part * self.work)
            if self.done() or steps <= 0:
                return
            model = Model(self.a)
            # A plan that ends at the same minute is allowed, so that "infeasible" is never said of
            # a day that has a plan.
            model.minimise_end(self.low, min(self.found.end, self.runner.latest))
            self._take(self._solve(model, steps))

    def _solve(self, model: Model, steps: int) -> Outcome:
        if self.found.plan is not None:
            model.hint(self.found.plan)
        outcome = model.solve(steps, self.problem.seed)
        self.found.steps += outcome.steps
        return outcome

    def _take(self, outcome: Outcome) -> None:
        """Keep the plan and the bound of an outcome."""
        if outcome.said == "infeasible":
            self.infeasible = self.found.plan is None
        elif outcome.plan is not None:
            self.found.offer(self.a, outcome.plan)
        if outcome.said in {"optimal", "feasible", "unknown"} and outcome.bound > self.low:
            minutes = min(outcome.bound, self.found.end) - self.a.origin
            self.bounds.append(Bound("search", minutes, "proton.bound.search"))
            self.bounds.sort(key=lambda b: (-b.minutes, b.resource, b.by))
        tell(self.runner, self.found, self.low, self.work, self.watch)

    def polish(self) -> None:
        """Less idle beam without a longer day."""
        if self.found.plan is None:
            return
        self.found.offer(self.a, compress(self.a, self.found.plan))
        self.least_idle = idle_bound(self.a)
        if self.a.n <= SMALL or self.promised:
            self._prove_idle()
        elif self.a.beams == 1:
            self._less_idle()

    def _less_idle(self) -> None:
        """The beam search with a later first or an earlier last use of the beam."""
        a, found = self.a, self.found
        step = 8
        for number in range(IDLE_RUNS):
            left = self.work - found.steps
            plan = found.plan
            done = found.idle <= self.least_idle or left <= 0 or self.watch.stop()
            if plan is None or done or step == 0:
                return
            begin = plan.start + a.setup
            first, last = int(begin.min()), int((begin + a.beam).max())
            by = min(step, found.idle - self.least_idle)
            less = Less(first + by, last) if number % 2 == 0 else Less(first, last - by)
            other = Found()
            self.runner.run(other, found.end, max(self.work // 50, 1), idle=2, less=less)
            found.steps += other.steps
            before = found.idle
            if other.plan is not None:
                found.offer(a, compress(a, other.plan))
            if found.idle == before and number % 2 == 1:
                step //= 2

    def _prove_idle(self) -> None:
        """The constraint program for the idle beam of a day of this length."""
        steps = min(self.work - self.found.steps, int(IDLE_SHARE * self.work))
        if self.found.idle <= self.least_idle or steps <= 0 or self.watch.stop():
            return
        model = Model(self.a)
        model.minimise_idle(self.found.end)
        outcome = self._solve(model, steps)
        if outcome.plan is not None:
            self.found.offer(self.a, compress(self.a, outcome.plan))
        if outcome.said in {"optimal", "feasible", "unknown"}:
            self.least_idle = max(self.least_idle, min(outcome.bound, self.found.idle))

    def answer(self) -> DayAnswer:
        """What was found."""
        if self.infeasible:
            return self._infeasible()
        a, plan, found = self.a, self.found.plan, self.found
        rows: list[Placed] = []
        if plan is not None:
            rows = [
                Placed(job, self.problem.rooms[int(plan.room[j])].id, int(plan.start[j]))
                for j, job in enumerate(self.problem.jobs)
            ]
        rows.sort(key=lambda row: (row.start, row.job.id))
        proven = plan is not None and found.end <= self.low
        stopped: StoppedBy = self.watch.stopped_by or ("proof" if proven else "work")
        return DayAnswer(
            status="optimal" if proven else "unknown" if plan is None else "feasible",
            plan=tuple(rows),
            makespan=None if plan is None else found.end - a.origin,
            beam_idle=None if plan is None else found.idle,
            beam_idle_bound=None if plan is None else self.least_idle,
            bounds=tuple(self.bounds),
            reasons=(),
            reasons_minimal=None,
            seed=self.problem.seed,
            used=found.steps,
            limit=self.work,
            stopped_by=stopped,
        )

    def _infeasible(self) -> DayAnswer:
        why = reasons_of(self.problem, self.watch, max(self.work // 2, LEAST_FOR_REASONS))
        return DayAnswer(
            status="infeasible",
            plan=(),
            makespan=None,
            beam_idle=None,
            beam_idle_bound=None,
            bounds=(),
            reasons=why.reasons,
            reasons_minimal=why.minimal,
            seed=self.problem.seed,
            used=self.found.steps + why.used,
            limit=self.work,
            stopped_by=self.watch.stopped_by or ("work" if why.left_open else "proof"),
            reasons_open=why.left_open,
        )


def solve_day(problem: DayProblem, *, watch: Watch | None = None) -> DayAnswer:
    """Sequence a day.

    Args:
        problem: the day, as `read_day` gives it; its `work` is the budget in steps.
        watch: progress, the safety clock and a stop; nobody by default.

    Returns:
        A plan with its bound, or why there is none. "optimal" is said only where the bound is met,
        "infeasible" only where it is proven; a budget that ended before says "unknown" or
        "feasible".
    """
    solver = _Solver(problem, watch or Watch())
    if solver.promised:
        solver.search(0.1)
        solver.prove(0.45)
        solver.search(0.85)
    else:
        solver.search(0.02)
        if solver.a.n <= SMALL:
            solver.prove(0.3)
        solver.search(0.85)
    if not solver.infeasible:
        solver.polish()
    return solver.answer()
