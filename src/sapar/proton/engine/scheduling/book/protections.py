"""What each protection brings those whom it protects, and what it costs the others.

A protection is a factor of the weight, the price of lateness, an urgency above the lowest, or a
quota. The relaxation of `master.py` is solved with all of them, and once for each without it; the
mean delays of both groups are compared. A linear programme may have several solutions that are
equally good, so each figure is an interval: the least and the most over all of these (among the
calendars that column generation has made).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sapar.proton.engine.scheduling.book.fields import table_cells
from sapar.proton.engine.scheduling.book.master import Column, Relaxed, relax
from sapar.proton.engine.scheduling.book.prepare import BEYOND_END
from sapar.proton.engine.scheduling.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.book.courses import Case
    from sapar.proton.engine.scheduling.book.prepare import Prepared
    from sapar.proton.engine.scheduling.problem.course import Urgency, Weights

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

ROUNDS = 40
"""Linear programmes for one protection at most."""

EFFORT = 100_000
"""Rounds × courses for all protections together: 125 rounds for 800 courses."""

SMALL = 5_000
"""Rounds × courses of a relaxation that is small."""

FEWEST = 4
"""With fewer rounds left a protection is left out, and this is said."""

CLOSE = 1e-6
"""Value and bound of a relaxation are the same if they differ by less for each course."""

REDUCED = 1e-4
"""Weighted days: a reduced cost above it is one."""

NO_QUOTA = 1 << 30

Ends = tuple[float, float] | None
"""The least and the most; None where nobody is counted or no solution was found."""


@dataclass(frozen=True, slots=True)
class Protection:
    """One protection of the document.

    Attributes:
        name: `child`, `anaesthesia`, `foreign`, `waiting_per_week`, `late`, `urgency:<id>`
            or `quota:<id>`.
        value: what the document says: a factor, a price, a number of courses.
        protected: C, the courses that it protects; a quota protects those that it does not count.
    """

    name: str
    value: float
    protected: Flags


class Effect(NamedTuple):
    """The figures of one group with all protections and without this one.

    `delay`: mean working days after the earliest day. `target`: share of those with a
    target who begin within it. Both (with, without).
    """

    courses: int
    delay: tuple[Ends, Ends]
    target: tuple[Ends, Ends]


@dataclass(frozen=True, slots=True)
class Compared:
    """A protection and its effects; None for both where it was left out.

    `gap` is the larger of (value − bound) ÷ courses of the two relaxations: 0 when both are solved.
    """

    protection: Protection
    protected: Effect | None = None
    others: Effect | None = None
    gap: float | None = None

    @property
    def state(self) -> str:
        """`closed`: both are solved to the end; `open`: not; `left_out`: not begun."""
        if self.gap is None:
            return "left_out"
        return "closed" if self.gap <= CLOSE else "open"


@dataclass(frozen=True, slots=True)
class Report:
    """All protections, with value, bound and rounds of the relaxations."""

    compared: tuple[Compared, ...]
    value: float | None
    bound: float | None
    rounds: int


def countable(made: Prepared) -> Flags:
    """The courses that could have a place at all; only these are compared."""
    return np.diff(made.table.unit_at) > 0


def _weeks(made: Prepared, case: Case) -> int:
    return max(0, (made.problem.books.today - case.course.referred).days // 7)


def protections_of(made: Prepared) -> list[Protection]:
    """The protections that the document has and that touch at least one course."""
    books, found = made.problem.books, []
    weights, lowest = books.weights, _lowest(made)
    named: list[tuple[str, float, bool, Callable[[Case], bool]]] = [
        ("child", weights.child, weights.child != 1, lambda case: _is_child(case, weights)),
        ("anaesthesia", weights.anaesthesia, weights.anaesthesia != 1, _is_under),
        ("foreign", weights.foreign, weights.foreign != 1, lambda case: _is_foreign(case, weights)),
        ("waiting_per_week", weights.waiting_per_week, weights.waiting_per_week != 0,
         lambda case: _weeks(made, case) > 0),
        ("late", weights.late, weights.late != 0, _has_deadline),
    ]  # fmt: skip
    for name, urgency in sorted(books.urgencies.items()):
        named.append(
            (f"urgency:{name}", urgency.weight, urgency.weight > lowest,
             lambda case, name=name: case.course.urgency == name)  # type: ignore[misc]
        )  # fmt: skip
    for name, value, there, who in named:
        protected = np.array([who(case) for case in made.cases], dtype=np.bool_) & countable(made)
        if there and protected.any():
            found.append(Protection(name, value, protected))
    for number, quota in enumerate(books.quotas):
        counted = _counted(made, number)
        if counted.any():
            protected = ~counted & countable(made)
            found.append(Protection(f"quota:{quota.id}", float(quota.courses), protected))
    return found


def _is_child(case: Case, weights: Weights) -> bool:
    return case.course.age is not None and case.course.age < weights.child_age


def _is_foreign(case: Case, weights: Weights) -> bool:
    return case.course.country is not None and case.course.country != weights.home_country


def _is_under(case: Case) -> bool:
    return case.course.anaesthesia


def _has_deadline(case: Case) -> bool:
    return case.course.deadline is not None and not case.history.continues


def _lowest(made: Prepared) -> float:
    """The least weight of the urgencies that courses have."""
    urgencies = made.problem.books.urgencies
    return min((urgencies[case.course.urgency].weight for case in made.cases), default=0.0)


def _counted(made: Prepared, quota: int) -> Flags:
    """The courses that a quota counts."""
    table = made.table
    found = np.zeros(len(table.weight), dtype=np.bool_)
    for c in range(len(found)):
        found[c] = quota in table.quota_of[int(table.quota_at[c]) : int(table.quota_at[c + 1])]
    return found & countable(made)


def without(made: Prepared, name: str) -> Prepared:
    """The same problem without one protection: other prices, or one quota less.

    All else stays, also the days of the preparation, which were planned in the order of weight.
    """
    kind, _, which = name.partition(":")
    books = made.problem.books
    if kind == "quota":
        quotas = made.quotas.copy()
        quotas[[quota.id == which for quota in books.quotas], 0] = NO_QUOTA
        return replace(made, quotas=quotas)
    weights, urgencies = books.weights, dict(books.urgencies)
    if kind == "urgency":
        urgencies[which] = replace(urgencies[which], weight=_lowest(made))
    else:
        neutral: dict[str, Any] = {kind: 0.0 if kind in {"waiting_per_week", "late"} else 1.0}
        weights = replace(weights, **neutral)
    return _priced(made, weights, urgencies)


def _priced(made: Prepared, weights: Weights, urgencies: dict[str, Urgency]) -> Prepared:
    """The same problem at other prices of delay and lateness."""
    table, today = made.table, made.problem.books.today
    weight = np.array(
        [weights.of(case.course, urgencies[case.course.urgency], today) for case in made.cases]
    )
    beyond = np.maximum(0, len(made.days) - 1 - table.deadline)
    changed = table._replace(
        weight=weight,
        late=weight * weights.late,
        unplaced=weight * (unplaced_delay(made) + weights.late * beyond),
    )
    return replace(made, table=changed, t=table_cells(changed))


def unplaced_delay(made: Prepared) -> Floats:
    """C: the working days that a course without a place counts as delayed, as in its cost."""
    waited = len(made.days) - 1 - made.table.earliest
    known = np.array([case.earliest is not None for case in made.cases], dtype=np.bool_)
    return (np.where(known, waited, 0) + BEYOND_END).astype(np.float64)


def _again(made: Prepared, columns: list[Column]) -> Iterator[Column]:
    """The same columns at the prices of another problem."""
    table = made.table
    for column in columns:
        c, first = column.course, column.days[0]
        late = max(0, first - int(table.deadline[c]))
        cost = float(table.weight[c]) * (first - int(table.earliest[c]))
        yield replace(column, cost=cost + float(table.late[c]) * late + _away(made, column))


def _away(made: Prepared, column: Column) -> float:
    """The price of the fractions of a column in rooms that are not preferred."""
    table, total = made.table, 0
    if table.away[column.course] == 0:
        return 0.0
    first = int(table.unit_at[column.course])
    for k, a in enumerate(column.classes):
        liked = int(table.preferred[table.unit_phase[first + k]])
        if liked and not any(liked >> room & 1 for room in made.class_rooms[a]):
            total += int(table.sessions[first + k])
    return float(table.away[column.course]) * total


def _solve(made: Prepared, base: Relaxed, rounds: int, watch: Watch) -> Relaxed:
    """The relaxation of a problem, begun with the columns and prices of another."""
    known = base.master.columns if base.master is not None else []
    quota = np.where(made.quotas[:, 0] >= NO_QUOTA, 0.0, base.quota)
    start = replace(base, quota=quota, columns=[])
    seeds = list(_again(made, known))
    return relax(made, rounds, watch, start=start, seeds=seeds, close=CLOSE)


class _Face:
    """All solutions of a relaxation's last linear programme that are equally good."""

    def __init__(self, found: Relaxed) -> None:
        assert found.master is not None  # noqa: S101 - `relax` always keeps it
        self.master = found.master
        solver = self.master.solver
        courses = len(self.master.made.table.weight)
        self.free = solver.variables()[:courses]
        self.solved = self.master.solve() is not None
        if not self.solved:
            return
        value = self.master.objective.Value()
        every = [*self.free, *self.master.variables]
        # What has a reduced cost is in none of these solutions. Asked before anything is changed.
        closed = [variable.reduced_cost() > REDUCED for variable in every]
        row = solver.Constraint(-solver.infinity(), value * (1 + 1e-9) + 1e-6)
        for variable, out in zip(every, closed, strict=True):
            row.SetCoefficient(variable, self.master.objective.GetCoefficient(variable))
            if out:
                variable.SetUb(0.0)

    def ends(self, worth: Callable[[int, int], float], left: Floats, who: Flags) -> Ends:
        """The least and the most of a mean over some courses.

        Args:
            worth: of a course that begins on a day.
            left: C, of a course without a place.
            who: C, the courses.
        """
        count = int(who.sum())
        if not count or not self.solved:
            return None
        objective: Any = self.master.objective
        objective.Clear()
        for c in np.flatnonzero(who):
            objective.SetCoefficient(self.free[c], float(left[c]) / count)
        for column, variable in zip(self.master.columns, self.master.variables, strict=True):
            if who[column.course]:
                worth_here = worth(column.course, column.days[0]) / count
                objective.SetCoefficient(variable, worth_here)
        found = []
        for highest in (False, True):
            objective.SetOptimizationDirection(highest)
            if self.master.solver.Solve() != self.master.solver.OPTIMAL:
                return None
            found.append(float(objective.Value()))
        return min(found), max(found)


class _Groups:
    """Delay and target of groups in a relaxation."""

    def __init__(self, made: Prepared) -> None:
        self.made = made
        self.delayed = unplaced_delay(made)
        targets = []
        for case in made.cases:
            target = made.problem.books.urgencies[case.course.urgency].target_days
            targets.append(-1 if target is None else target)
        self.target = np.array(targets, dtype=np.int64)

    def delay(self, c: int, day: int) -> float:
        return float(day - self.made.table.earliest[c])

    def in_target(self, c: int, day: int) -> float:
        waited = self.made.days.dates[day] - self.made.cases[c].course.referred
        return float(waited.days <= self.target[c])

    def of(self, face: _Face, who: Flags) -> tuple[Ends, Ends]:
        """Mean delay of some courses, and the share of those with a target who meet it."""
        nothing = np.zeros(len(who))
        delay = face.ends(self.delay, self.delayed, who)
        return delay, face.ends(self.in_target, nothing, who & (self.target >= 0))


def _rounds(made: Prepared, relaxed: Relaxed, wanted: int) -> int:
    """How many linear programmes may be solved in all.

    In proportion to those that the relaxation itself took; none where a large one was not solved to
    the end, for then a comparison would cost as much again and say little.
    """
    count = max(1, len(made.cases))
    if not relaxed.closed and relaxed.rounds * count > SMALL:
        return 0
    found = min(EFFORT // count, 3 * relaxed.rounds + FEWEST * (wanted + 1))
    return found if made.problem.work is None else min(found, made.problem.work)


def compare(made: Prepared, relaxed: Relaxed, watch: Watch) -> Report:
    """Compare the relaxation with all protections and without each.

    Args:
        made: the problem as arrays.
        relaxed: its relaxation, to begin with.
        watch: asked between two rounds; what is not done by then is named as left out.
    """
    wanted = protections_of(made)
    quiet = replace(watch, tell=Watch().tell)
    left = _rounds(made, relaxed, len(wanted))
    if not wanted or left < FEWEST or watch.stop():
        return Report(tuple(Compared(each) for each in wanted), None, None, 0)
    base = _solve(made, relaxed, min(left, ROUNDS), quiet)
    rounds = base.rounds
    count, groups, face = len(made.cases), _Groups(made), _Face(base)
    found = []
    for each in wanted:
        budget = min(ROUNDS, left - rounds)
        if budget < FEWEST or watch.stop():
            found.append(Compared(each))
            continue
        other = _solve(without(made, each.name), base, budget, quiet)
        rounds += other.rounds
        gap = max(base.value - base.bound, other.value - other.bound) / count
        there = _Face(other)
        pair = []
        for who in (each.protected, ~each.protected & countable(made)):
            ours, theirs = groups.of(face, who), groups.of(there, who)
            pair.append(Effect(int(who.sum()), (ours[0], theirs[0]), (ours[1], theirs[1])))
        found.append(Compared(each, pair[0], pair[1], max(0.0, gap)))
    watch.stop()
    return Report(tuple(found), base.value, base.bound, rounds)
