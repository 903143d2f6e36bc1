"""The day as a constraint program: for days full of promises, and to prove what can be proven."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from ortools.sat.python import cp_model

from sapar.proton.engine.scheduling.day.arrays import whole
from sapar.proton.engine.scheduling.day.search import Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sapar.proton.engine.scheduling.day.arrays import Arrays

STEPS_A_UNIT = 100_000_000
"""Steps of the beam search for one unit of the solver's deterministic time: about as long."""
LEAST_UNITS = 0.01

Said = Literal["optimal", "feasible", "infeasible", "unknown"]

SAID: dict[Any, Said] = {
    cp_model.OPTIMAL: "optimal",
    cp_model.FEASIBLE: "feasible",
    cp_model.INFEASIBLE: "infeasible",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the constraint solver said.

    Attributes:
        said: about this model, with its limits on end and idle beam.
        plan: the best plan, if any.
        bound: no plan of this model has a smaller objective.
        steps: its deterministic time in steps of the beam search.
    """

    said: Said
    plan: Plan | None
    bound: int
    steps: int


class Model:
    """A day's rules as constraints on starts and rooms.

    Args:
        a: the day.
        pairs: who starts before whom because of fasting; None: as the ranks say.
    """

    def __init__(self, a: Arrays, pairs: Sequence[tuple[int, int]] | None = None) -> None:
        self.a = a
        self.model = cp_model.CpModel()
        self.start: list[Any] = []
        self.inside: list[dict[int, Any]] = []
        self.possible = True
        for j in range(a.n):
            self._job(j)
        if self.possible:
            for room in range(a.rooms):
                self.model.add_no_overlap(
                    [
                        self._interval(j, room, 0, int(a.total[j]))
                        for j in range(a.n)
                        if room in self.inside[j]
                    ]
                )
            for beam in range(a.real_beams):
                self._beam(beam)
            self._order(self._fasting() if pairs is None else pairs)

    def _job(self, j: int) -> None:
        """Its start, and one literal for each room that it may have."""
        a, model = self.a, self.model
        spans = {r: span for r in range(a.rooms) if (span := a.domain(j, r))}
        if not spans:
            self.possible = False
            return
        flat = sorted({each for span in spans.values() for each in span})
        domain = cp_model.Domain.from_intervals([list(each) for each in flat])
        start = model.new_int_var_from_domain(domain, f"start{j}")
        self.start.append(start)
        if len(spans) == 1:
            self.inside.append(dict.fromkeys(spans))
            return
        chosen = {r: model.new_bool_var(f"in{j}_{r}") for r in spans}
        model.add_exactly_one(chosen.values())
        for r, literal in chosen.items():
            if sorted(spans[r]) != flat:
                own = cp_model.Domain.from_intervals([list(each) for each in spans[r]])
                model.add_linear_expression_in_domain(start, own).only_enforce_if(literal)
        self.inside.append(chosen)

    def _interval(self, j: int, room: int, shift: int, minutes: int) -> Any:
        """So many minutes from `shift` after the start of a job, if it is in the room."""
        literal = self.inside[j][room]
        name = f"{j}_{room}_{shift}_{minutes}"
        begin = self.start[j] + shift
        if literal is None:
            return self.model.new_fixed_size_interval_var(begin, minutes, name)
        return self.model.new_optional_fixed_size_interval_var(begin, minutes, literal, name)

    def _beam(self, beam: int) -> None:
        """Uses of a beam: one at a time; those in different rooms `switch` minutes apart.

        Uses in one room are apart anyway by a leaving and a set-up. Where that is never less than
        the switch, every use simply holds the beam for the switch as well.
        """
        a = self.a
        here = [
            (j, r)
            for j in range(a.n)
            for r in self.inside[j]
            if a.beam_of[r] == beam and a.beam[j] > 0
        ]
        if not here:
            return
        between = min(int(a.setup[j]) for j, _ in here) + min(int(a.leaving[j]) for j, _ in here)
        switch = int(a.switch[beam])
        pause = min(switch, between)
        self.model.add_no_overlap(
            [self._interval(j, r, int(a.setup[j]), int(a.beam[j]) + pause) for j, r in here]
        )
        if switch > between:
            self._switches(here, switch)

    def _switches(self, here: list[tuple[int, int]], switch: int) -> None:
        """Pair by pair: two uses in different rooms, one a switch before the other."""
        a, model = self.a, self.model
        for at, (j, r) in enumerate(here):
            for k, q in here[at + 1 :]:
                if j == k or r == q:
                    continue
                first = model.new_bool_var(f"first{j}_{r}_{k}_{q}")
                literals = [x for x in (self.inside[j][r], self.inside[k][q]) if x is not None]
                j_start, k_start = self.start[j] + int(a.setup[j]), self.start[k] + int(a.setup[k])
                model.add(k_start >= j_start + int(a.beam[j]) + switch).only_enforce_if(
                    [first, *literals]
                )
                model.add(j_start >= k_start + int(a.beam[k]) + switch).only_enforce_if(
                    [first.negated(), *literals]
                )

    def _fasting(self) -> list[tuple[int, int]]:
        """Pairs of neighbouring ranks; the others follow."""
        a = self.a
        asleep = [j for j in range(a.n) if a.asleep[j]]
        ranks = sorted({int(a.rank[j]) for j in asleep})
        following = dict(pairwise(ranks))
        return [
            (j, k)
            for j in asleep
            for k in asleep
            if following.get(int(a.rank[j])) == int(a.rank[k])
        ]

    def _order(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Teams, fasting, second sessions, and twins in their order."""
        a, model = self.a, self.model
        asleep = [j for j in range(a.n) if a.asleep[j]]
        held = a.induction + a.recovery
        if len(asleep) > a.teams:
            teams = [
                model.new_fixed_size_interval_var(
                    self.start[j] - a.induction, int(a.total[j]) + held, f"team{j}"
                )
                for j in asleep
            ]
            model.add_cumulative(teams, [1] * len(asleep), a.teams)
        for j, k in pairs:
            model.add(self.start[j] + 1 <= self.start[k])
        for j in range(a.n):
            if a.after[j] >= 0:
                model.add(self.start[j] >= self.start[int(a.after[j])] + int(a.after_min[j]))
            if a.twin[j] >= 0 and not a.asleep[j]:
                model.add(self.start[int(a.twin[j])] <= self.start[j])

    def minimise_end(self, least: int, most: int) -> None:
        """The end of the day, which lies between two minutes, is to be early."""
        end = self.model.new_int_var(least, most, "end")
        for j in range(self.a.n):
            self.model.add(end >= self.start[j] + int(self.a.total[j]))
        self.model.minimize(end)

    def minimise_idle(self, end: int) -> None:
        """The day ends by `end`; from first to last beam use is to be short."""
        a, model = self.a, self.model
        spans = []
        for j in range(a.n):
            model.add(self.start[j] + int(a.total[j]) <= end)
        for beam in range(a.real_beams):
            first = model.new_int_var(0, end, f"first{beam}")
            last = model.new_int_var(0, end, f"last{beam}")
            used = False
            for j in range(a.n):
                literals = [x for r, x in self.inside[j].items() if a.beam_of[r] == beam]
                if not literals or a.beam[j] == 0:
                    continue
                used = True
                begin = self.start[j] + int(a.setup[j])
                for literal in literals:
                    asked = [] if literal is None else [literal]
                    model.add(first <= begin).only_enforce_if(asked)
                    model.add(last >= begin + int(a.beam[j])).only_enforce_if(asked)
                    if literal is not None:
                        spans.append(-int(a.beam[j]) * literal)
                    else:
                        spans.append(-int(a.beam[j]))
            if used:
                model.add(last >= first)
                spans.append(last - first)
        model.minimize(sum(spans))

    def hint(self, plan: Plan) -> None:
        """Begin at a plan that is known."""
        for j in range(self.a.n):
            self.model.add_hint(self.start[j], int(plan.start[j]))
            for room, literal in self.inside[j].items():
                if literal is not None:
                    self.model.add_hint(literal, int(plan.room[j]) == room)

    def solve(self, steps: int, seed: int) -> Outcome:
        """Run the solver for about so many steps; one worker: it does the same each time."""
        if not self.possible:
            return Outcome("infeasible", None, 0, 0)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = seed % (2**31 - 1)
        solver.parameters.max_deterministic_time = max(LEAST_UNITS, steps / STEPS_A_UNIT)
        status = solver.solve(self.model)
        used = int(solver.response_proto.deterministic_time * STEPS_A_UNIT)
        said = SAID.get(status, "unknown")
        plan = None
        if said in {"optimal", "feasible"}:
            start = [solver.value(each) for each in self.start]
            room = [
                next(r for r, x in inside.items() if x is None or solver.boolean_value(x))
                for inside in self.inside
            ]
            plan = Plan(whole(start), whole(room))
        has_bound = said in {"optimal", "feasible", "unknown"} and self.model.has_objective()
        bound = math.ceil(solver.best_objective_bound - 1e-6) if has_bound else 0
        return Outcome(said, plan, bound, used)
