"""What our day is compared with: first come first served, fixed slots, plain CP-SAT, an annealer.

Each takes a `sapar.proton.day/1` document and returns an answer document that the same checker
judges. None of them knows a bound.
"""

from __future__ import annotations

import math
import random
import time
from dataclasses import dataclass
from typing import Any

from ortools.sat.python import cp_model

from sapar.proton.engine.scheduling.problem.day import DayProblem, Job, read_day
from sapar.proton.engine.scheduling.problem.minutes import LAST_MINUTE, bits, clock, starts

Plan = dict[str, tuple[str, int]]
"""Job to room and start minute."""


@dataclass(slots=True)
class _Free:
    """What is still free on the day, as sets of minutes."""

    rooms: dict[str, int]
    beams: dict[tuple[str, str], int]
    team: list[int]
    ranks: list[tuple[int, int]]


def _begin(problem: DayProblem) -> _Free:
    rooms = {room.id: bits(room.open) for room in problem.rooms}
    beams = {}
    everything = (1 << LAST_MINUTE) - 1
    for room in problem.rooms:
        for beam in problem.beams:
            if beam.id == room.beam:
                beams[beam.id, room.id] = everything & ~bits(beam.closed)
    team = problem.anaesthesia
    return _Free(rooms, beams, [bits(team.open)] * team.teams if team else [], [])


def _possible(problem: DayProblem, free: _Free, job: Job, room: str) -> int:
    """The minutes at which a job can begin in a room now."""
    whole = job.total
    found = starts(free.rooms[room], whole)
    beam = next(r.beam for r in problem.rooms if r.id == room)
    if beam is not None and job.beam:
        found &= starts(free.beams[beam, room], job.beam) >> job.setup
    if job.window is not None:
        found &= bits([(job.window[0], job.window[1] + 1)])
    if job.anaesthesia and problem.anaesthesia is not None:
        before, after = problem.anaesthesia.induction, problem.anaesthesia.recovery
        held = [starts(each, before + whole + after) << before for each in free.team]
        found &= _union(held)
        # The fasting order: after every lower rank that has its time, before every higher one.
        low = max((start + 1 for rank, start in free.ranks if rank < job.rank), default=0)
        high = min((start for rank, start in free.ranks if rank > job.rank), default=LAST_MINUTE)
        found &= bits([(low, high)])
    return found


def _union(masks: list[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found


def _take(problem: DayProblem, free: _Free, job: Job, room: str, start: int) -> None:
    whole = job.total
    free.rooms[room] &= ~bits([(start, start + whole)])
    own = next(r.beam for r in problem.rooms if r.id == room)
    if own is not None and job.beam:
        switch = next(b.switch for b in problem.beams if b.id == own)
        begin = start + job.setup
        for beam, other in free.beams:
            if beam == own:
                gap = 0 if other == room else switch
                free.beams[beam, other] &= ~bits([(max(0, begin - gap), begin + job.beam + gap)])
    if job.anaesthesia and problem.anaesthesia is not None:
        free.ranks.append((job.rank, start))
        span = (start - problem.anaesthesia.induction, start + whole + problem.anaesthesia.recovery)
        for index, mask in enumerate(free.team):
            if mask & bits([span]) == bits([span]):
                free.team[index] = mask & ~bits([span])
                break


def greedy(problem: DayProblem, order: list[Job]) -> Plan | None:
    """Each job in the given order at the earliest free minute, in the room that has it first."""
    free = _begin(problem)
    plan: Plan = {}
    for job in order:
        best: tuple[int, str] | None = None
        for room in job.rooms:
            found = _possible(problem, free, job, room)
            if found:
                first = (found & -found).bit_length() - 1
                if best is None or first < best[0]:
                    best = (first, room)
        if best is None:
            return None
        _take(problem, free, job, best[1], best[0])
        plan[job.id] = (best[1], best[0])
    return plan


def length(problem: DayProblem, plan: Plan) -> int:
    """The makespan of a plan in minutes."""
    opens = problem.origin
    jobs = {job.id: job for job in problem.jobs}
    return max(start + jobs[name].total for name, (_, start) in plan.items()) - opens


def answer(problem: DayProblem, plan: Plan | None) -> dict[str, Any] | None:
    """A plan as an answer document without a bound of its own."""
    if plan is None:
        return None
    jobs = {job.id: job for job in problem.jobs}
    rows = []
    for name, (room, start) in sorted(plan.items()):
        job = jobs[name]
        beam = start + job.setup
        rows.append(
            {
                "job": name,
                "room": room,
                "start": clock(start),
                "beam_start": clock(beam),
                "beam_end": clock(beam + job.beam),
                "end": clock(beam + job.beam + job.leaving),
            }
        )
    return {"plan": rows, "makespan_min": length(problem, plan)}


def first_come(document: dict[str, Any]) -> Plan | None:
    """In the order in which they were booked: by promised time if there is one, else by id."""
    problem = read_day(document)
    order = sorted(problem.jobs, key=lambda job: (job.window or (0, 0), job.id))
    return greedy(problem, order)


def fixed_slots(document: dict[str, Any]) -> Plan | None:
    """The usual template: slots of one length in each room, one job a slot, rooms staggered.

    The slot fits nine jobs of ten; a longer job takes two. Slots of the rooms begin one after the
    other, so that the beam is asked for in turn; where two still meet the later job waits.
    """
    problem = read_day(document)
    lengths = sorted(job.total for job in problem.jobs)
    slot = 5 * math.ceil(lengths[int(0.9 * (len(lengths) - 1))] / 5)
    rooms = [room.id for room in problem.rooms]
    free = _begin(problem)
    after = {
        room.id: room.open[0][0] + index * slot // len(rooms)
        for index, room in enumerate(problem.rooms)
    }
    plan: Plan = {}
    for job in sorted(problem.jobs, key=lambda job: (job.window or (0, 0), job.id)):
        room = min(job.rooms, key=lambda name: (after[name], name))
        found = _possible(problem, free, job, room) & ~((1 << after[room]) - 1)
        if not found:
            return None
        start = (found & -found).bit_length() - 1
        _take(problem, free, job, room, start)
        plan[job.id] = (room, start)
        whole = job.total
        after[room] = max(after[room], start) + slot * math.ceil(whole / slot)
    return plan


def anneal(document: dict[str, Any], seconds: float, seed: int = 0) -> Plan | None:
    """Simulated annealing over the order of the greedy rule, for so many seconds of pure Python."""
    problem = read_day(document)
    draw = random.Random(seed)  # noqa: S311 - an annealer, not a secret
    order = sorted(problem.jobs, key=lambda job: (job.window or (0, 0), job.id))
    ends = time.monotonic() + seconds

    def cost(plan: Plan | None) -> float:
        if plan is None:
            return 10_000.0
        return length(problem, plan) + 1e-4 * sum(start for _, start in plan.values())

    now_plan = greedy(problem, order)
    now, best_plan, best = cost(now_plan), now_plan, cost(now_plan)
    began = time.monotonic()
    while time.monotonic() < ends:
        heat = 8.0 * (1 - (time.monotonic() - began) / seconds) + 0.05
        trial = order.copy()
        one, other = draw.randrange(len(trial)), draw.randrange(len(trial))
        if draw.random() < 0.5:
            trial[one], trial[other] = trial[other], trial[one]
        else:
            trial.insert(other, trial.pop(one))
        plan = greedy(problem, trial)
        found = cost(plan)
        if found <= now or draw.random() < math.exp((now - found) / heat):
            order, now = trial, found
            if found < best:
                best, best_plan = found, plan
    return best_plan


def plain_cp_sat(
    document: dict[str, Any], seconds: float, seed: int = 0
) -> tuple[Plan | None, float]:
    """The same problem as intervals in CP-SAT on two workers; returns its bound as well."""
    problem = read_day(document)
    model = cp_model.CpModel()
    opens = problem.origin
    horizon = max(end for room in problem.rooms for _, end in room.open)
    finish = model.new_int_var(opens, horizon, "finish")
    in_room: dict[str, list[cp_model.IntervalVar]] = {room.id: [] for room in problem.rooms}
    on_beam: dict[str, list[cp_model.IntervalVar]] = {beam.id: [] for beam in problem.beams}
    begins, chosen = {}, {}
    team: list[cp_model.IntervalVar] = []
    for job in sorted(problem.jobs, key=lambda job: job.rank):
        whole = job.total
        low, high = job.window or (opens, horizon - whole)
        begin = model.new_int_var(low, high, f"begin {job.id}")
        begins[job.id] = begin
        model.add(finish >= begin + whole)
        for name in job.rooms:
            here = model.new_bool_var(f"{job.id} in {name}")
            chosen[job.id, name] = here
            in_room[name].append(
                model.new_optional_fixed_size_interval_var(begin, whole, here, "room")
            )
            beam = next(room.beam for room in problem.rooms if room.id == name)
            if beam is not None and job.beam:
                switch = next(b.switch for b in problem.beams if b.id == beam)
                on_beam[beam].append(
                    model.new_optional_fixed_size_interval_var(
                        begin + job.setup, job.beam + switch, here, "beam"
                    )
                )
        model.add_exactly_one(chosen[job.id, name] for name in job.rooms)
        if job.anaesthesia and problem.anaesthesia is not None:
            for other in problem.jobs:
                if other.anaesthesia and other.rank < job.rank:
                    model.add(begins[other.id] < begin)
            held = problem.anaesthesia.induction + whole + problem.anaesthesia.recovery
            team.append(
                model.new_fixed_size_interval_var(
                    begin - problem.anaesthesia.induction, held, "team"
                )
            )
    _close(model, problem, (in_room, on_beam, team), horizon)
    model.minimize(finish)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.random_seed = seed
    status = solver.solve(model)
    bound = solver.best_objective_bound - opens
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return None, bound
    return {
        job.id: (
            next(name for name in job.rooms if solver.value(chosen[job.id, name])),
            solver.value(begins[job.id]),
        )
        for job in problem.jobs
    }, bound


def _close(
    model: cp_model.CpModel,
    problem: DayProblem,
    held: tuple[
        dict[str, list[cp_model.IntervalVar]],
        dict[str, list[cp_model.IntervalVar]],
        list[cp_model.IntervalVar],
    ],
    horizon: int,
) -> None:
    in_room, on_beam, team = held

    def gaps(spans: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
        free = ((1 << horizon) - 1) & ~bits(spans)
        found, position = [], 0
        while free >> position:
            rest = free >> position
            position += (rest & -rest).bit_length() - 1
            rest = free >> position
            size = (~rest & (rest + 1)).bit_length() - 1
            found.append((position, size))
            position += size
        return found

    for room in problem.rooms:
        closed = [model.new_fixed_size_interval_var(a, n, "closed") for a, n in gaps(room.open)]
        model.add_no_overlap(in_room[room.id] + closed)
    for beam in problem.beams:
        closed = [model.new_fixed_size_interval_var(a, b - a, "closed") for a, b in beam.closed]
        model.add_no_overlap(on_beam[beam.id] + closed)
    if problem.anaesthesia is not None and team:
        closed = [
            model.new_fixed_size_interval_var(a, n, "closed")
            for a, n in gaps(problem.anaesthesia.open)
        ]
        model.add_cumulative(
            team + closed,
            [1] * len(team) + [problem.anaesthesia.teams] * len(closed),
            problem.anaesthesia.teams,
        )
