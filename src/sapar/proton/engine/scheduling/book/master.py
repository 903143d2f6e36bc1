"""The lower bound: column generation, with GLOP's duals pulled towards the best prices so far.

Prices between GLOP's and the best known ones (Wentges 1997) keep the first rounds from jumping. The
bound is the best Lagrangian one of all rounds, so stopping early leaves a valid bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from ortools.linear_solver import pywraplp

from sapar.proton.engine.scheduling.book.relax import Pricer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.book.prepare import Prepared
    from sapar.proton.engine.scheduling.watch import Watch

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

FEW = 40
"""Below so many new columns in a round, GLOP's own prices are tried as well."""


@dataclass(frozen=True, slots=True)
class Column:
    """One way to give a course: day and class of each unit, and its cost."""

    course: int
    days: tuple[int, ...]
    classes: tuple[int, ...]
    cost: float


@dataclass(slots=True)
class Relaxed:
    """What column generation found.

    Attributes:
        bound: no plan costs less (for a share of 1).
        value: of the linear programme of the columns.
        duals, quota: prices at the best bound.
        columns: those that the linear programme uses, with their shares.
        rounds: how often the linear programme was solved.
        closed: bound and value have met.
        master: the last linear programme, to go on from.
    """

    bound: float
    value: float
    duals: Floats
    quota: Floats
    columns: list[tuple[Column, float]]
    rounds: int
    closed: bool
    master: Master | None = None


class Master:
    """The linear programme of the columns found so far."""

    def __init__(self, made: Prepared, pricer: Pricer) -> None:
        self.made, self.pricer = made, pricer
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.solver.SetSolverSpecificParametersAsString("use_preprocessing: false")
        self.objective = self.solver.Objective()
        self.objective.SetMinimization()
        far = self.solver.infinity()
        table = made.table
        self.one = [self.solver.Constraint(1, 1) for _ in table.weight]
        self.rows: dict[tuple[int, int], Any] = {}
        self.places = [self.solver.Constraint(-far, float(max(0, row[0]))) for row in made.quotas]
        self.columns: list[Column] = []
        self.variables: list[Any] = []
        self.known: set[tuple[int, tuple[int, ...], tuple[int, ...]]] = set()
        for c, cost in enumerate(table.unplaced):
            free = self.solver.NumVar(0, far, "")
            self.objective.SetCoefficient(free, float(cost))
            self.one[c].SetCoefficient(free, 1)

    def _row(self, d: int, k: int) -> Any:
        row = self.rows.get((d, k))
        if row is None:
            cap = float(self.pricer.caps[d, k])
            row = self.rows[d, k] = self.solver.Constraint(-self.solver.infinity(), cap)
        return row

    def add(self, column: Column) -> bool:
        """Add a column unless it is known."""
        key = (column.course, column.days, column.classes)
        if key in self.known:
            return False
        self.known.add(key)
        table, pricer = self.made.table, self.pricer
        variable = self.solver.NumVar(0, self.solver.infinity(), "")
        self.objective.SetCoefficient(variable, column.cost)
        self.one[column.course].SetCoefficient(variable, 1)
        used: dict[tuple[int, int], int] = {}
        first = int(table.unit_at[column.course])
        for k, (d, a) in enumerate(zip(column.days, column.classes, strict=True)):
            u = first + k
            used[d, a] = used.get((d, a), 0) + int(table.room_min[u])
            b = int(pricer.calendar.class_beam[a])
            if b >= 0 and table.beam[u] > 0:
                switch = int(table.sessions[u] * pricer.calendar.class_switch[a])
                used[d, b] = used.get((d, b), 0) + int(table.beam_tot[u]) + switch
            if table.team_min[u]:
                team = pricer.caps.shape[1] - 1
                used[d, team] = used.get((d, team), 0) + int(table.team_min[u])
        for (d, a), minutes in used.items():
            self._row(d, a).SetCoefficient(variable, float(minutes))
        for i in range(int(table.quota_at[column.course]), int(table.quota_at[column.course + 1])):
            q = int(table.quota_of[i])
            if self.made.quotas[q, 1] <= column.days[0] <= self.made.quotas[q, 2]:
                self.places[q].SetCoefficient(variable, 1)
        self.columns.append(column)
        self.variables.append(variable)
        return True

    def add_priced(self) -> int:
        """Add the columns of the last pricing; how many are new."""
        pricer, table = self.pricer, self.made.table
        found = 0
        for c in range(len(table.weight)):
            first, last = int(table.unit_at[c]), int(table.unit_at[c + 1])
            if first < last and pricer.days[first] >= 0:
                days = tuple(int(d) for d in pricer.days[first:last])
                classes = tuple(int(a) for a in pricer.classes[first:last])
                found += self.add(Column(c, days, classes, self.cost_of(c, days, classes)))
        return found

    def cost_of(self, c: int, days: tuple[int, ...], classes: tuple[int, ...]) -> float:
        """The cost of a column in the objective."""
        table = self.made.table
        late = max(0, days[0] - int(table.deadline[c]))
        cost = float(table.weight[c]) * (days[0] - int(table.earliest[c]))
        cost += float(table.late[c]) * late
        first = int(table.unit_at[c])
        for k, a in enumerate(classes):
            liked = int(table.preferred[table.unit_phase[first + k]])
            if liked and not liked & int(self.pricer.calendar.bits[a]):
                cost += float(table.away[c]) * int(table.sessions[first + k])
        return cost

    def solve(self) -> tuple[float, Floats, Floats] | None:
        """Solve; value, duals of rows and of quotas. None where GLOP gave up."""
        if self.solver.Solve() != pywraplp.Solver.OPTIMAL:
            return None
        duals = np.zeros(self.pricer.used.shape)
        for (d, k), row in self.rows.items():
            duals[d, k] = max(0.0, -row.dual_value())
        quota = np.array([max(0.0, -row.dual_value()) for row in self.places])
        return self.objective.Value(), duals, quota

    def used_variables(self) -> list[tuple[Column, float, Any]]:
        """Columns, values and variables that the last solution uses."""
        pairs = zip(self.columns, self.variables, strict=True)
        return [
            (column, value, variable)
            for column, variable in pairs
            if (value := variable.solution_value()) > 1e-6
        ]

    def used_columns(self) -> list[tuple[Column, float]]:
        """The columns that the last solution uses."""
        return [(column, value) for column, value, _ in self.used_variables()]


def relax(  # noqa: C901 - one loop with its ends
    made: Prepared,
    rounds: int,
    watch: Watch,
    *,
    share: float = 1.0,
    start: Relaxed | None = None,
    seeds: list[Column] | None = None,
    close: float = 1e-3,
) -> Relaxed:
    """Column generation for at most `rounds` rounds.

    Args:
        made: the problem as arrays.
        rounds: linear programmes at most.
        watch: asked between two rounds.
        share: of the rooms' minutes; see `Pricer`.
        start: prices and columns to begin with.
        seeds: more columns to begin with.
        close: ends when value and bound differ by less than that share of the number of courses.
    """
    pricer = Pricer(made, share)
    master = Master(made, pricer)
    shape = pricer.used.shape
    best = start.duals.copy() if start is not None else np.zeros(shape)
    best_quota = start.quota.copy() if start is not None else np.zeros(len(made.quotas))
    bound, _, _ = pricer.price(best, best_quota)
    master.add_priced()
    if start is not None:
        zero, _, _ = pricer.price(np.zeros(shape), np.zeros(len(made.quotas)))
        master.add_priced()
        if zero > bound:
            bound, best, best_quota = zero, np.zeros(shape), np.zeros(len(made.quotas))
        for column, _ in start.columns:
            master.add(column)
    for column in seeds or []:
        master.add(column)
    found = Relaxed(bound, 0.0, best, best_quota, [], 0, closed=False, master=master)
    count = max(1, len(made.cases))
    for turn in range(rounds):
        solved = master.solve()
        if solved is None:
            break
        found.rounds += 1
        found.value, duals, quota = solved
        found.columns = master.used_columns()
        pulled = 0.5 * found.duals + 0.5 * duals
        fresh = _try(found, master, pulled, 0.5 * found.quota + 0.5 * quota)
        if fresh < FEW or turn % 3 == 0:
            fresh += _try(found, master, duals, quota)
        if start is None:
            # The value of a linear programme is no plan's; nobody should take it for one.
            watch.tell(None, found.bound, found.rounds, rounds)
        if found.value - found.bound <= close * count or fresh == 0:
            found.closed = True
            break
        if watch.stop():
            break
    return found


def _try(found: Relaxed, master: Master, duals: Floats, quota: Floats) -> int:
    bound, _, _ = master.pricer.price(duals, quota)
    if bound > found.bound:
        found.bound, found.duals, found.quota = bound, duals.copy(), quota.copy()
    return master.add_priced()
