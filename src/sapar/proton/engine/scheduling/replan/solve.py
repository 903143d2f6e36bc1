"""`solve_replan`: a first repair, a better one by search, others that make room, the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.replan.eject import Ejector
from sapar.proton.engine.scheduling.replan.greedy import first_repair
from sapar.proton.engine.scheduling.replan.ground import Ground
from sapar.proton.engine.scheduling.replan.model import Model
from sapar.proton.engine.scheduling.replan.report import report
from sapar.proton.engine.scheduling.replan.state import make, polish, relays

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.problem.books import ReplanProblem
    from sapar.proton.engine.scheduling.replan.answer import ReplanAnswer
    from sapar.proton.engine.scheduling.replan.tasks import Chosen, Work
    from sapar.proton.engine.scheduling.watch import Watch

WORK = 400
"""Deterministic milliseconds of search where the document does not say how much."""

SLICE = 500
"""Of them at once; then the search begins anew from the best, with another order of trials."""


@dataclass(slots=True)
class Search:
    """One repair as it goes on: what has been found, and how much work it took."""

    problem: ReplanProblem
    watch: Watch
    limit: int
    used: float = 0.0
    proven: bool = False

    def improve(self, work: Work, chosen: Chosen, share: float, batch: int) -> Chosen:
        """Search from a decision with a share of the work that is left; `batch`: `Model.solve`."""
        end = self.used + (self.limit - self.used) * share
        rounds = 0
        while self.used < end and not self.proven and not self.watch.stop():
            model = Model(work)
            model.hint(chosen)
            part = min(SLICE, end - self.used) / 1000.0
            seed = self.problem.seed + rounds
            found = model.solve(part, seed, batch, self.watch.stop, self._tell)
            self.used += max(1.0, found.used * 1000.0)
            self.proven = found.proven
            rounds += 1
            if found.chosen is not None:
                better = polish(work, found.chosen)
                if work.value(better) <= work.value(chosen):
                    chosen = better
        return chosen

    def _tell(self, value: float, bound: float) -> None:
        self.watch.tell(value, bound, int(self.used), self.limit)


def solve_replan(problem: ReplanProblem, *, watch: Watch) -> ReplanAnswer:
    """A new plan after a loss that moves as few people as it can.

    Args:
        problem: read by `read_replan`; its `work` counts deterministic milliseconds.
        watch: asked between solutions; told of each better one.

    Returns:
        A plan that keeps every rule of `docs/reference/proton-problems.md`, "replan". What no means
        gives a place is given up with its reasons.
    """
    ground = Ground(problem)
    search = Search(problem, watch, problem.work or WORK)
    movable = relays(ground)
    work = make(ground, movable)
    chosen = first_repair(work)
    if work.value(chosen) > work.least():
        chosen = search.improve(work, chosen, 0.5, 1)
    else:
        search.proven = True
    if work.troubled(chosen) and not watch.stop():
        work, chosen = _make_room(search, work, chosen)
    return report(search, work, chosen)


def _make_room(search: Search, work: Work, chosen: Chosen) -> tuple[Work, Chosen]:
    """Let others move inside their promises: one after the other, then all at once."""
    ejector = Ejector(work, chosen, search.watch)
    work, chosen = ejector.run()
    search.proven = False
    others = ejector.yielding()
    if not others or not work.troubled(chosen):
        return work, chosen
    movable = [task.piece for task in work.tasks if not task.must]
    more = make(work.ground, movable, others)
    start: Chosen = dict(chosen)
    for task in more.tasks:
        if task.piece.key not in start:
            start[task.piece.key] = (task.options[0], task.piece.booking.start)
    better = search.improve(more, start, 1.0, 0)
    search.proven = False
    return (more, better) if more.value(better) < work.value(chosen) else (work, chosen)
