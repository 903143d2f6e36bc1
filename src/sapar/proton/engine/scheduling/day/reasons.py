"""Why a day cannot be: a set of promises and hours that exclude every plan, none of them needless.

What can be given up is a *demand*: a job's window, a room's hours, a beam's closures, the
anaesthesia team, a fasting order of two, the interval between two sessions, or a job as such. A
demand that names a job asks for the job as well; jobs that no demand names are not done. Fewer
demands never exclude more plans, so that leaving them out one by one ends in an irreducible set
(Chinneck, "Feasibility and Infeasibility in Optimization", 2008). A smallest one is searched for
where there are few demands, by hitting sets (Ignatiev et al., "Smallest MUS extraction", 2015),
and called so only when proven.

What the bounds of the resources exclude is made small by these bounds alone first: they cost next
to nothing. Only then is each demand that is left asked for a plan without it. A question that the
budget leaves open keeps its demand, and the answer says how many there are.
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
    from collections.abc import Callable, Iterable

    from sapar.proton.engine.scheduling.day.arrays import Arrays
    from sapar.proton.engine.scheduling.problem.day import DayProblem, Job
    from sapar.proton.engine.scheduling.watch import Watch

    Excludes = Callable[[Iterable["Demand"], Iterable["Demand"]], bool]

Kind = Literal["job", "window", "room", "beam", "anaesthesia", "fasting", "after"]
Minimal = Literal["irreducible", "smallest"] | None
ALL_DAY = ((0, LAST_MINUTE),)
FEW = 40
"""Up to so many demands a smallest set is searched for."""
MOST_ROUNDS = 80
TRIES = (1, 200_000, 1_000_000)
"""Steps of the runs that look for a plan, before the constraint program is asked."""
ONE_QUESTION = 12
"""No question takes more than this part of the budget in the constraint program."""
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
        spared: sets of demands without which there is a plan for those that were left.
    """

    problem: DayProblem
    watch: Watch
    steps: int
    used: int = 0
    sure: bool = True
    said: dict[frozenset[Demand], bool | None] = field(default_factory=dict)
    spared: list[frozenset[Demand]] = field(default_factory=list)

    def excludes(self, kept: Iterable[Demand], gone: Iterable[Demand] = ()) -> bool:
        """True only where it is proven that no plan meets the demands.

        Args:
            kept: the demands.
            gone: what was left out of a set that excludes every plan, to ask this.
        """
        wanted = frozenset(kept)
        if wanted not in self.said:
            self.said[wanted] = self._judge(wanted)
            self.sure &= self.said[wanted] is not None
        if self.said[wanted] is False:
            self.spared.append(frozenset(gone))
        return bool(self.said[wanted])

    def bounded(self, kept: Iterable[Demand], _gone: Iterable[Demand] = ()) -> bool:
        """Whether the bounds alone say that no plan meets the demands."""
        small = relaxed(self.problem, kept)
        if self.watch.stop() or not small.jobs:
            return False
        self.used += STEPS_A_JOB * len(small.jobs)
        return _bounded(small, arrays_of(small))

    def needed(self, found: list[Demand]) -> list[Demand]:
        """Those of the reasons without which there is a plan for the others, as was proven."""
        whole = frozenset(found)
        alone = {next(iter(both)) for each in self.spared if len(both := whole & each) == 1}
        return [demand for demand in found if demand in alone]

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
        if _bounded(small, a):
            return True
        # The kernel keeps all fasting orders: what it finds is a plan, what it does not says
        # nothing.
        runner, found = runner_of(a, 0), Found()
        for steps in TRIES:
            runner.run(found, runner.latest, steps)
            if found.plan is not None:
                break
        self.used += found.steps
        if found.plan is not None:
            return False
        most = min((self.steps - self.used) // 2, self.steps // ONE_QUESTION)
        outcome = Model(a, pairs).solve(max(most, 1), 0)
        self.used += outcome.steps
        return None if outcome.said == "unknown" else outcome.said == "infeasible"


def _bounded(small: DayProblem, a: Arrays) -> bool:
    """Whether a job has no start, or a bound lies after the last minute of the day."""
    if not all(any(a.domain(j, r) for r in range(a.rooms)) for j in range(a.n)):
        return True
    latest = runner_of(a, 0).latest
    return any(a.origin + bound.minutes > latest for bound in bounds_of(small, a))


def _without(excludes: Excludes, kept: list[Demand], blocks: list[list[Demand]]) -> list[Demand]:
    """Leave out blocks of demands that are not needed: many at once first, then fewer."""
    size = max(len(blocks) // 2, 1)
    while blocks:
        rest: list[list[Demand]] = []
        for at in range(0, len(blocks), size):
            some = blocks[at : at + size]
            gone = {demand for block in some for demand in block}
            less = [demand for demand in kept if demand not in gone]
            if excludes(less, gone):
                kept = less
            elif size > 1:
                rest += some
        blocks = rest
        size = max(size // 2, 1)
    return kept


def _fewer(excludes: Excludes, kept: list[Demand], jobs: list[str]) -> list[Demand]:
    """First whole jobs with all that is asked of them, then each demand; `jobs` in this order."""
    about = [block for name in jobs if (block := [d for d in kept if name in d.jobs()])]
    kept = _without(excludes, kept, about)
    return _without(excludes, kept, [[d] for d in kept if d.kind != "job"])


def irreducible(judge: Judge, demands: list[Demand]) -> list[Demand]:
    """A part of the demands that still excludes every plan; no one of it can be left out.

    A job stays by itself only where no other demand names it. Short jobs are given up first: then
    fewer stay where their minutes are too many.
    """
    jobs = [job.id for job in sorted(judge.problem.jobs, key=lambda job: (job.total, job.id))]
    kept = demands
    if judge.bounded(kept):
        kept = _fewer(judge.bounded, kept, jobs)
    # Without a long job there is a plan sooner: the questions that are easy come first.
    found = _only_needed(_fewer(judge.excludes, kept, jobs[::-1]))
    # What was left open then may be known of the smaller set.
    sure = judge.needed(found)
    return _without(judge.excludes, found, [[d] for d in found if d not in sure])


def _only_needed(kept: list[Demand]) -> list[Demand]:
    """Without the jobs that another demand asks for anyway."""
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
    judge.sure = True  # what was left open on the way says nothing of the set that was found
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


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a day cannot be.

    Attributes:
        reasons: no plan meets all of them.
        minimal: what is proven of them.
        left_open: how many of them may be needless, for all that is known.
        used: steps.
    """

    reasons: tuple[Statement, ...]
    minimal: Minimal
    left_open: int
    used: int


def reasons_of(problem: DayProblem, watch: Watch, steps: int) -> Reasons:
    """Why a problem without any plan has none, found within so many steps."""
    judge = Judge(problem, watch, steps)
    demands = demands_of(problem)
    judge.said[frozenset(demands)] = True
    found = irreducible(judge, demands)
    left_open = len(found) - len(judge.needed(found))
    minimal: Minimal = None if left_open else "irreducible"
    least = None if left_open else _proven_smallest(judge, demands, found)
    if least is not None:
        found, minimal = _only_needed(least), "smallest"
    jobs = {job.id: job for job in problem.jobs}
    said = tuple(_statement(demand, jobs) for demand in found)
    return Reasons(said, minimal, left_open, judge.used)


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
