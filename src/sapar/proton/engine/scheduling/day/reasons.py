"""Why a day cannot be: a set of promises and hours that exclude every plan, none of them needless.

What can be given up is a *demand*: a job's window, a room's hours, a beam's closures, the
anaesthesia team, a fasting order of two, the interval between two sessions, or a job as such. A
demand that names a job asks for the job as well; jobs that no demand names are not done. Fewer
demands never exclude more plans, so that leaving them out one by one ends in an irreducible set
(Chinneck, "Feasibility and Infeasibility in Optimization", 2008). A smallest one is searched for
where there are few demands, by hitting sets (Ignatiev et al., "Smallest MUS extraction", 2015),
and called so only when proven.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from ortools.sat.python import cp_model

from sapar.proton.engine.scheduling.day.arrays import arrays_of
from sapar.proton.engine.scheduling.day.bounds import bounds_of
from sapar.proton.engine.scheduling.day.exact import Model
from sapar.proton.engine.scheduling.day.search import Found, runner_of
from sapar.proton.engine.scheduling.problem.minutes import LAST_MINUTE, clock
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sapar.proton.engine.scheduling.problem.day import DayProblem, Job
    from sapar.proton.engine.scheduling.watch import Watch

Kind = Literal["job", "window", "room", "beam", "anaesthesia", "fasting", "after"]
Minimal = Literal["irreducible", "smallest"] | None
ALL_DAY = ((0, LAST_MINUTE),)
FEW = 40
"""Up to so many demands a smallest set is searched for."""
MOST_ROUNDS = 80
TRIES = (1, 200_000, 1_000_000)
"""Steps of the runs that look for a plan, before the constraint program is asked."""
STEPS_A_JOB = 2_000
"""What a question takes for each job before any search, in steps: about as long."""


@dataclass(frozen=True, slots=True, order=True)
class Demand:
    """Something that can be given up: what, and its ids (a job's first)."""

    kind: Kind
    name: str = ""
    other: str = ""

    def jobs(self) -> tuple[str, ...]:
        """The jobs that it asks for."""
        if self.kind in {"job", "window"}:
            return (self.name,)
        return (self.name, self.other) if self.kind in {"fasting", "after"} else ()


def demands_of(problem: DayProblem) -> list[Demand]:
    """Everything that can be given up."""
    found = [Demand("room", room.id) for room in problem.rooms]
    found += [Demand("beam", beam.id) for beam in problem.beams if beam.closed]
    asleep = [job for job in problem.jobs if job.anaesthesia]
    if asleep:
        found.append(Demand("anaesthesia"))
    found += [Demand("fasting", j.id, k.id) for j in asleep for k in asleep if j.rank < k.rank]
    for job in problem.jobs:
        found.append(Demand("job", job.id))
        if job.window is not None:
            found.append(Demand("window", job.id))
        if job.after is not None:
            found.append(Demand("after", job.id, job.after.job))
    return found


def relaxed(problem: DayProblem, kept: Iterable[Demand]) -> DayProblem:
    """The problem with nothing asked but the demands that are kept (fasting orders apart)."""
    wanted = frozenset(kept)
    asked = frozenset(name for demand in wanted for name in demand.jobs())
    team = problem.anaesthesia
    if team is not None and Demand("anaesthesia") not in wanted:
        team = replace(team, teams=max(len(problem.jobs), 1), open=ALL_DAY, induction=0, recovery=0)

    def less(job: Job) -> Job:
        window = job.window if Demand("window", job.id) in wanted else None
        after = job.after
        if after is not None and Demand("after", job.id, after.job) not in wanted:
            after = None
        return replace(job, window=window, after=after)

    return replace(
        problem,
        anaesthesia=team,
        rooms=tuple(
            room if Demand("room", room.id) in wanted else replace(room, open=ALL_DAY)
            for room in problem.rooms
        ),
        beams=tuple(
            beam if Demand("beam", beam.id) in wanted else replace(beam, closed=())
            for beam in problem.beams
        ),
        jobs=tuple(less(job) for job in problem.jobs if job.id in asked),
    )


@dataclass(slots=True)
class Judge:
    """Says whether a set of demands excludes every plan, within a budget of steps.

    Attributes:
        sure: False once a question had to be left open.
    """

    problem: DayProblem
    watch: Watch
    steps: int
    used: int = 0
    sure: bool = True
    said: dict[frozenset[Demand], bool] = field(default_factory=dict)

    def excludes(self, kept: Iterable[Demand]) -> bool:
        """True only where it is proven that no plan meets the demands."""
        wanted = frozenset(kept)
        if wanted not in self.said:
            answer = self._judge(wanted)
            self.sure &= answer is not None
            self.said[wanted] = bool(answer)
        return self.said[wanted]

    def _judge(self, wanted: frozenset[Demand]) -> bool | None:
        if self.used >= self.steps or self.watch.stop():
            return None
        small = relaxed(self.problem, wanted)
        self.used += STEPS_A_JOB * len(small.jobs)
        number = {job.id: index for index, job in enumerate(small.jobs)}
        pairs = sorted((number[d.name], number[d.other]) for d in wanted if d.kind == "fasting")
        a = arrays_of(small)
        if not a.n:
            return False
        if not all(any(a.domain(j, r) for r in range(a.rooms)) for j in range(a.n)):
            return True
        runner = runner_of(a, 0)
        if any(a.origin + bound.minutes > runner.latest for bound in bounds_of(small, a)):
            return True
        # The kernel keeps all fasting orders: what it finds is a plan, what it does not says
        # nothing.
        found = Found()
        for steps in TRIES:
            runner.run(found, runner.latest, steps)
            if found.plan is not None:
                break
        self.used += found.steps
        if found.plan is not None:
            return False
        outcome = Model(a, pairs).solve(max((self.steps - self.used) // 8, 1), 0)
        self.used += outcome.steps
        return None if outcome.said == "unknown" else outcome.said == "infeasible"


def _without(judge: Judge, kept: list[Demand], blocks: list[list[Demand]]) -> list[Demand]:
    """Leave out blocks of demands that are not needed: many at once first, then fewer."""
    size = max(len(blocks) // 2, 1)
    while blocks:
        rest: list[list[Demand]] = []
        for at in range(0, len(blocks), size):
            some = blocks[at : at + size]
            gone = {demand for block in some for demand in block}
            less = [demand for demand in kept if demand not in gone]
            if judge.excludes(less):
                kept = less
            elif size > 1:
                rest += some
        blocks = rest
        size = max(size // 2, 1)
    return kept


def irreducible(judge: Judge, demands: list[Demand]) -> list[Demand]:
    """A part of the demands that still excludes every plan; no one of it can be left out.

    First whole jobs with all that is asked of them, then each demand; a job stays by itself only
    where no other demand names it.
    """
    names = sorted({d.name for d in demands if d.kind == "job"})
    about = [[d for d in demands if name in d.jobs()] for name in names]
    kept = _without(judge, demands, about)
    kept = _without(judge, kept, [[d] for d in kept if d.kind != "job"])
    named = {name for d in kept if d.kind != "job" for name in d.jobs()}
    return [d for d in kept if d.kind != "job" or d.name not in named]


def smallest(judge: Judge, demands: list[Demand], known: list[Demand]) -> list[Demand] | None:
    """A smallest set that excludes every plan, None where it could not be proven.

    Every such set has a member in each set of demands whose giving up allows a plan. A smallest set
    with a member in each of those that are known either excludes every plan, and is a smallest one,
    or shows another of them.
    """
    corrections: list[list[Demand]] = []
    for _ in range(MOST_ROUNDS):
        chosen = _hitting(demands, corrections)
        if len(chosen) >= len(known):
            return known if judge.sure else None
        if judge.excludes(chosen):
            return chosen
        grown = list(chosen)
        for demand in demands:
            if demand not in grown and not judge.excludes([*grown, demand]):
                grown.append(demand)
        if not judge.sure:
            return None
        corrections.append([d for d in demands if d not in grown])
    return None


def _proven_smallest(
    judge: Judge, demands: list[Demand], found: list[Demand]
) -> list[Demand] | None:
    """A smallest set, given an irreducible one; None where it is too much work to prove.

    Nothing asked is always possible, so that one reason is a smallest set, and two are one unless
    one of all demands excludes every plan alone.
    """
    if len(found) <= 1:
        return found
    if len(found) == 2:
        alone = [[demand] for demand in demands if judge.excludes([demand])]
        return (alone or [found])[0] if judge.sure else None
    return smallest(judge, demands, found) if len(demands) <= FEW else None


def _hitting(demands: list[Demand], sets: list[list[Demand]]) -> list[Demand]:
    """A smallest choice of demands with a member in each set."""
    model = cp_model.CpModel()
    take = {demand: model.new_bool_var(str(n)) for n, demand in enumerate(demands)}
    for each in sets:
        model.add_bool_or([take[demand] for demand in each])
    model.minimize(sum(take.values()))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.solve(model)
    return [demand for demand, var in take.items() if solver.boolean_value(var)]


def reasons_of(
    problem: DayProblem, watch: Watch, steps: int
) -> tuple[tuple[Statement, ...], Minimal, int]:
    """Why a problem without any plan has none.

    Returns:
        The reasons, what is proven of them, and the steps used.
    """
    judge = Judge(problem, watch, steps)
    demands = demands_of(problem)
    judge.said[frozenset(demands)] = True
    found = irreducible(judge, demands)
    minimal: Minimal = "irreducible" if judge.sure else None
    least = _proven_smallest(judge, demands, found) if judge.sure else None
    if least is not None:
        named = {name for d in least if d.kind != "job" for name in d.jobs()}
        found = [d for d in least if d.kind != "job" or d.name not in named]
        minimal = "smallest"
    jobs = {job.id: job for job in problem.jobs}
    return tuple(_statement(demand, jobs) for demand in found), minimal, judge.used


PLAIN: dict[str, tuple[str, str]] = {
    "room": ("proton.reason.room_open", "room"),
    "beam": ("proton.reason.beam_closed", "beam"),
    "job": ("proton.reason.job", "job"),
}
"""Reasons that name one thing: the code and the word for it."""


def _statement(demand: Demand, jobs: dict[str, Job]) -> Statement:
    """A demand as a reason."""
    name = demand.name
    if demand.kind == "window":
        window = jobs[name].window or (0, 0)
        params = {"job": name, "from": clock(window[0]), "to": clock(window[1])}
        return Statement("proton.reason.window", params)
    if demand.kind == "after":
        after = jobs[name].after
        minutes = after.minutes if after else 0
        return Statement(
            "proton.reason.after", {"job": name, "other": demand.other, "minutes": minutes}
        )
    if demand.kind == "fasting":
        return Statement("proton.reason.fasting", {"job": name, "other": demand.other})
    if demand.kind == "anaesthesia":
        return Statement("proton.reason.anaesthesia_open", {})
    code, word = PLAIN[demand.kind]
    return Statement(code, {word: name})
