"""The steps of a solve: bound, columns to a plan by minutes a day, then minute by minute.

What the minutes of a day do not hold after all is learned: the plan by minutes a day is made again
with a little less on the days that could not be put in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.proton.engine.scheduling.book.improve import anneal, place_all
from sapar.proton.engine.scheduling.book.master import relax
from sapar.proton.engine.scheduling.book.round import dive
from sapar.proton.engine.scheduling.book.state import most_sessions, new_state
from sapar.proton.engine.scheduling.book.times import (
    give_back,
    place_as_counted,
    settle,
    take_days,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.book.master import Relaxed
    from sapar.proton.engine.scheduling.book.prepare import Prepared
    from sapar.proton.engine.scheduling.book.state import State
    from sapar.proton.engine.scheduling.watch import Watch

    Ints = NDArray[np.int64]

SHARES = ((0.996, 0.95, 0.93), (0.991, 0.93, 0.92), (0.999, 0.96, 0.96))
"""Shares of the minutes of rooms, beams and the team that plans by minutes a day may use, one plan
after another: a beam that several rooms wait for, or a team in fasting order, is seldom full."""

DIVES = (4, 4, 4, 60, 60, 60, 8, 8, 8)
"""How many linear programmes a dive solves before the rest is put in one by one."""

ORDERS = 3000
"""Neighbourhoods of the annealing that count as one unit of work."""

PIECE = 5
"""Units of annealing between two looks at the stop signal."""

WARM, MILD, COLD = 0.3, 0.1, 0.02
"""Temperatures, in units of the objective: warmer loses what the linear programme knows."""

BUILD = 8
"""Units of work of one plan minute by minute."""

SWEEPS, OTHERS, PATIENCE = 4, 10, 60
"""How often times of day are chosen anew, how many others are tried, how often a day is packed."""

CUT, ALL_CUT, BREATH = 5, 3, 1
"""Minutes that a day which could not be put in order loses, those that every day loses with it at
most, and those that it gets back when all went well."""

FEW, TRIES = 2, 40
"""Plans minute by minute from one dive, and from the best of the dives."""


@dataclass(slots=True)
class Plan:
    """What a solve found.

    Attributes:
        state: the best plan, minute by minute.
        bound: no plan costs less; `bound_by` how it was found.
        relaxed: the relaxation.
        used: units of work.
    """

    state: State
    bound: float
    bound_by: str
    relaxed: Relaxed
    used: int


@dataclass(slots=True)
class Built:
    """A plan minute by minute.

    Attributes:
        state: the plan.
        missed: courses that did not find minutes on the days of the counted plan.
        failed: D×(classes + 1), how often a day and class (last: the team) held no more.
    """

    state: State
    missed: Ints
    failed: Ints


def _spare(number: int) -> Any:
    return np.zeros(number, dtype=np.int32), np.zeros(number, dtype=np.int32)


def _put_in(made: Prepared, state: State, *, minutes: bool) -> None:
    """Insert what has no place: what has begun, then the heavier, then the earlier."""
    table = made.table
    left = [c for c in range(len(made.cases)) if not state.placed[c]]
    left.sort(key=lambda c: (-table.past[c], -table.weight[c], table.ready[c]))
    place_all(
        made.g,
        made.t,
        state.cells,
        np.array(left, dtype=np.int64),
        np.zeros(len(made.cases), dtype=np.int64),
        made.between,
        minutes,
        60 if minutes else 1 << 40,
        np.zeros(len(made.days), dtype=np.int64),
        _spare(state.cells.grid.shape[2] if minutes else 1),
    )


def by_minutes_a_day(
    made: Prepared, relaxed: Relaxed, shares: tuple[float, float, float], rounds: int
) -> State:
    """A plan that keeps the minutes of each day, made from the columns of a relaxation."""
    ground = made.ground
    state = new_state(ground, made.table, made.quotas, 0)
    state.class_left[:] = np.floor(ground.class_cap * shares[0]).astype(np.int64)
    state.beam_left[:] = np.floor(ground.beam_cap * shares[1]).astype(np.int64)
    state.team_left[:] = np.floor(ground.team_cap * shares[2]).astype(np.int64)
    if relaxed.master is not None:
        dive(made, relaxed.master, state, rounds)
        relaxed.master = None
    _put_in(made, state, minutes=False)
    return state


def minute_by_minute(made: Prepared, counted: State) -> Built:
    """A plan with rooms and times of day on the days of a counted plan, as far as they hold it.

    What finds no minutes on its days is put in afterwards, on other days.
    """
    ground, table = made.ground, made.table
    sessions = most_sessions(ground, table)
    state = new_state(ground, table, made.quotas, sessions)
    take_days(made.g, made.t, state.cells, counted.cells)
    there = [c for c in range(len(made.cases)) if counted.placed[c]]
    firsts = {c: int(counted.day[table.unit_at[c]]) for c in there}
    by_day = sorted(there, key=lambda c: (-table.past[c], -table.under[c], firsts[c], c))
    settle(made.g, made.t, state.cells, np.array(by_day, dtype=np.int64), made.between, SWEEPS)
    by_weight = sorted(there, key=lambda c: (-table.past[c], -table.under[c], -table.weight[c], c))
    failed = np.zeros((len(made.days), ground.class_cap.shape[1] + 1), dtype=np.int64)
    place_as_counted(
        made.g,
        made.t,
        state.cells,
        np.array(by_weight, dtype=np.int64),
        made.between,
        OTHERS,
        PATIENCE,
        failed,
        _spare(sessions),
    )
    missed = np.array([c for c in there if not state.placed[c]], dtype=np.int64)
    _put_in(made, state, minutes=True)
    return Built(state, missed, failed)


def learn(made: Prepared, counted: State, built: Built, cuts: Ints) -> None:
    """Take what the minutes did not hold out of a counted plan, and make its days a little smaller.

    Args:
        made: the problem as arrays.
        counted: changed.
        built: the plan that was made from it.
        cuts: D×(classes + beams + 1), minutes that were taken from each day so far; changed.
    """
    classes = made.ground.class_cap.shape[1]
    if len(built.missed):
        give_back(made.g, made.t, counted.cells, built.missed)
        # Which day fails is chance where all are as full: each loses a little.
        every = min(ALL_CUT, len(built.missed))
        more = np.where(_with_beams(made, built.failed) > 0, CUT, every)
    else:
        more = -np.minimum(cuts, BREATH)
    cuts += more
    counted.class_left[:] -= more[:, :classes]
    counted.beam_left[:] -= more[:, classes:-1]
    counted.team_left[:] -= more[:, -1]
    _put_in(made, counted, minutes=False)


def _with_beams(made: Prepared, failed: Ints) -> Ints:
    """D×(classes + beams + 1): the failures of classes are also those of their beams."""
    ground = made.ground
    beams = np.zeros_like(ground.beam_cap)
    for k, rooms in enumerate(made.class_rooms):
        if (b := int(ground.beam_of[rooms[0]])) >= 0:
            beams[:, b] += failed[:, k]
    return np.concatenate([failed[:, :-1], beams, failed[:, -1:]], axis=1)


def _first_cuts(made: Prepared, shares: tuple[float, float, float]) -> Ints:
    """The minutes that shares leave out on each day, as `learn` counts them."""
    ground = made.ground
    caps = (ground.class_cap, ground.beam_cap, ground.team_cap[:, None])
    cut = [c - np.floor(c * share).astype(np.int64) for c, share in zip(caps, shares, strict=True)]
    return np.concatenate(cut, axis=1)


@dataclass(slots=True)
class Trial:
    """A plan by minutes a day that is being mended.

    Attributes:
        counted: the plan; `cuts` the minutes that were taken from its days (see `learn`).
        cost: of the best plan minute by minute that came of it; `kept` what that was made from.
    """

    counted: State
    cuts: Ints
    cost: float = float("inf")
    kept: tuple[State, Ints] | None = None

    def note(self, cost: float) -> None:
        """Keep what a plan was made from if it is the best."""
        if cost < self.cost:
            self.cost, self.kept = cost, (self.counted.clone(), self.cuts.copy())

    def step_back(self) -> None:
        """Go on from the best where minutes a day alone already cost more than it."""
        if self.kept is not None and float(self.counted.cost.sum()) > self.cost:
            self.counted, self.cuts = self.kept[0].clone(), self.kept[1].copy()


@dataclass(slots=True)
class Run:
    """A solve under way.

    Attributes:
        made: the problem as arrays.
        work: units that may be used; `used` so far.
        seed: state of the random numbers.
        watch: told of every piece of work.
        relaxed: the relaxation, `best` the best plan so far.
        least: no plan with these chains of preparation costs less; at least the bound.
    """

    made: Prepared
    work: int
    seed: Ints
    watch: Watch
    relaxed: Relaxed
    used: int
    least: float
    best: State | None = None

    @property
    def cost(self) -> float | None:
        """The objective of the best plan."""
        return None if self.best is None else float(self.best.cost.sum())

    @property
    def done(self) -> bool:
        """Whether no plan with these chains can be better than the best."""
        return self.cost is not None and self.cost <= self.least + 1e-6

    @property
    def over(self) -> bool:
        """Whether there is a plan, and nothing more to do or to be done."""
        return self.best is not None and (self.done or self.used >= self.work or self.watch.stop())

    def spend(self, units: int) -> None:
        """Count work, and tell how things stand."""
        self.used += units
        self.watch.tell(self.cost, self.relaxed.bound, self.used, self.work)

    def anneal(self, state: State, units: int, warm: float) -> None:
        """Improve a plan by minutes a day for some units of work, at most until none is better."""
        done = 0
        while done < units and float(state.cost.sum()) > self.least + 1e-6:
            piece = min(PIECE, units - done)
            ends = (done / units, (done + piece) / units)
            anneal(
                self.made.g,
                self.made.t,
                state.cells,
                state.clone().cells,
                self.made.between,
                ORDERS * piece,
                (warm * (COLD / warm) ** ends[0], warm * (COLD / warm) ** ends[1]),
                self.seed,
                _spare(1),
            )
            done += piece
            self.spend(piece)
            if self.watch.stop():
                break

    def build(self, counted: State) -> Built:
        """The plan minute by minute of a counted one; kept where it is the best."""
        built = minute_by_minute(self.made, counted)
        if self.cost is None or float(built.state.cost.sum()) < self.cost:
            self.best = built.state
        self.spend(BUILD)
        return built

    def dive(self, number: int) -> Trial:
        """A plan by minutes a day from the linear programme at one share, built a few times."""
        shares = SHARES[number % len(SHARES)]
        rounds = 1 if self.watch.stop() else max(1, min(20, self.work // 8))
        columns = relax(self.made, rounds, self.watch, share=shares[0], start=self.relaxed)
        self.spend(columns.rounds)
        counted = by_minutes_a_day(self.made, columns, shares, DIVES[number % len(DIVES)])
        self.anneal(counted, max(1, min(50 * (1 + number // len(SHARES)), self.work // 6)), WARM)
        trial = Trial(counted, _first_cuts(self.made, shares))
        self.mend(trial, FEW)
        return trial

    def mend(self, trial: Trial, tries: int) -> None:
        """Build a plan by minutes a day again and again, each time a little wiser."""
        for _ in range(tries):
            if self.over:
                return
            built = self.build(trial.counted)
            trial.note(float(built.state.cost.sum()))
            if self.over:
                return
            learn(self.made, trial.counted, built, trial.cuts)
            self.anneal(trial.counted, max(1, min(12, self.work // 25)), MILD)
            trial.step_back()


def _least(made: Prepared) -> float:
    """What the plan costs in which everybody begins as soon as the planned preparation is done."""
    table, weekday = made.table, made.ground.weekday
    total = 0.0
    for c in range(len(made.cases)):
        day, last = int(table.ready[c]), min(int(table.until[c]), len(weekday) - 1)
        while day <= last and (int(table.no_start[c]) >> int(weekday[day])) & 1:
            day += 1
        if table.unit_at[c] == table.unit_at[c + 1] or day > last:
            total += float(table.unplaced[c])
            continue
        late = max(0, day - int(table.deadline[c]))
        cost = float(table.weight[c]) * (day - int(table.earliest[c])) + float(table.late[c]) * late
        total += min(cost, float(table.unplaced[c]))
    return total


def make_plan(made: Prepared, work: int, seed: int, watch: Watch) -> Plan:
    """Bound, then plans at several shares of the rooms' minutes; the best is mended.

    The unit of work is a linear programme, or three thousand neighbourhoods by minutes a day; a
    whole plan minute by minute is eight. A quarter at most goes to the bound.
    """
    relaxed = relax(made, max(2, work // 4), watch)
    numbers = np.array([seed * 2 + 1], dtype=np.int64)
    least = max(relaxed.bound, _least(made))
    run = Run(made, work, numbers, watch, relaxed, relaxed.rounds, least)
    number = 0
    while not run.over:
        trials = []
        for _ in SHARES:
            if not run.over:
                trials.append(run.dive(number))
                number += 1
        run.mend(min(trials, key=lambda trial: trial.cost), TRIES)
    assert run.best is not None  # noqa: S101 - an epoch builds at least one plan
    return Plan(run.best, relaxed.bound, "column-generation", relaxed, run.used)
