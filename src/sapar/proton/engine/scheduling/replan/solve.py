"""`solve_replan`: a first repair, a better one by search, others that make room, the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.replan.eject import Ejector
from sapar.proton.engine.scheduling.replan.greedy import first_repair, polish
from sapar.proton.engine.scheduling.replan.ground import Ground
from sapar.proton.engine.scheduling.replan.model import Model
from sapar.proton.engine.scheduling.replan.report import report
from sapar.proton.engine.scheduling.replan.rework import Rework
from sapar.proton.engine.scheduling.replan.state import make, relays

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.problem.books import ReplanProblem
    from sapar.proton.engine.scheduling.replan.answer import ReplanAnswer
    from sapar.proton.engine.scheduling.replan.tasks import Chosen, Work
    from sapar.proton.engine.scheduling.watch import Watch

WORK = 800
"""Units of work where the document does not say how many."""

PLACES = 250
"""Places that are looked at for one unit; a deterministic millisecond of CP-SAT is one as well."""

EACH_PLACE = 200
"""Looks at a place, on average, after which a repair of few places is searched no further."""

PROVABLE = 500
"""Places up to which CP-SAT is asked whether a better decision exists; it has `PROOF` units."""
PROOF = 60

HELP_SHARE, ROOM_SHARE = 0.35, 0.25
"""Of all work, before and after the search for all: where others may make room for some."""


@dataclass(slots=True)
class Search:
    """One repair as it goes on: what has been found, and how much work it took."""

    problem: ReplanProblem
    watch: Watch
    limit: int
    used: float = 0.0
    proven: bool = False

    def improve(self, work: Work, chosen: Chosen, end: float) -> Chosen:
        """Search from a decision until so much work has been used."""
        self.proven = work.value(chosen) <= work.least()
        left = end - self.used
        if self.proven or left <= 0 or self.watch.stop():
            return chosen
        options = sum(len(task.options) for task in work.tasks)
        rework = Rework(work, chosen, self.problem.seed)
        places = int(min(left * PLACES, EACH_PLACE * options))
        chosen = self._better(work, chosen, rework.run(places, self.watch, self._tell))
        self.used += max(1.0, rework.live.tried / PLACES)
        self.proven = work.value(chosen) <= work.least()
        if options <= PROVABLE and not self.proven and not self.watch.stop():
            chosen = self._prove(work, chosen, min(float(PROOF), left))
        return chosen

    def _prove(self, work: Work, chosen: Chosen, units: float) -> Chosen:
        """Ask the constraint solver whether a better decision exists; it may find it."""
        model = Model(work)
        model.hint(chosen)
        found = model.solve(units / 1000.0, self.problem.seed, self.watch.stop)
        self.used += max(1.0, found.used * 1000.0)
        self.proven = found.proven
        return chosen if found.chosen is None else self._better(work, chosen, found.chosen)

    @staticmethod
    def _better(work: Work, chosen: Chosen, found: Chosen) -> Chosen:
        found = polish(work, found)
        return found if work.value(found) <= work.value(chosen) else chosen

    def _tell(self, people: int, hit: int, places: int) -> None:
        self.watch.tell(people, hit, int(self.used + places / PLACES), self.limit)


def solve_replan(problem: ReplanProblem, *, watch: Watch) -> ReplanAnswer:
    """A new plan after a loss that moves as few people as it can.

    Args:
        problem: read by `read_replan`; its `work` counts units of 250 places looked at.
        watch: asked between trials; told how many people move and how many were hit.

    Returns:
        A plan that keeps every rule of `docs/reference/proton-problems.md`, "replan". What no means
        gives a place is given up with its reasons.
    """
    ground = Ground(problem)
    search = Search(problem, watch, problem.work or WORK)
    work, given = _helped(search, make(ground, relays(ground)))
    end = search.limit * (1 - ROOM_SHARE)
    chosen = search.improve(work, first_repair(work, given), end)
    if work.troubled(chosen) and not watch.stop():
        work, chosen = _make_room(search, work, chosen)
    return report(search, work, polish(work, chosen))


def _helped(search: Search, work: Work) -> tuple[Work, Chosen]:
    """Before all others: those who find no place unless somebody makes room."""
    helpless = work.helpless()
    if not helpless or search.watch.stop():
        return work, {}
    nothing: Chosen = {task.piece.key: None for task in work.tasks}
    for task in work.tasks:
        if not task.must:
            nothing[task.piece.key] = (task.options[0], task.piece.booking.start)
    ejector = Ejector(work, nothing, search.limit * HELP_SHARE, search.watch)
    work, found = ejector.run(helpless)
    search.used += ejector.used
    return work, {key: taken for key, taken in found.items() if taken is not None}


def _make_room(search: Search, work: Work, chosen: Chosen) -> tuple[Work, Chosen]:
    """Let others move inside their promises: one after the other, then all at once."""
    ejector = Ejector(work, chosen, (search.limit - search.used) / 2, search.watch)
    work, chosen = ejector.run()
    search.used += ejector.used
    search.proven = False
    others = ejector.yielding()
    if not others or not work.troubled(chosen):
        return work, chosen
    movable = relays(work.ground)
    already = {piece.key for piece in movable}
    others += tuple(t.piece for t in work.tasks if not t.must and t.piece.key not in already)
    more = make(work.ground, movable, others)
    start: Chosen = dict(chosen)
    for task in more.tasks:
        if task.piece.key not in start:
            start[task.piece.key] = (task.options[0], task.piece.booking.start)
    better = search.improve(more, start, search.limit)
    search.proven = False
    return (more, better) if more.value(better) < work.value(chosen) else (work, chosen)
