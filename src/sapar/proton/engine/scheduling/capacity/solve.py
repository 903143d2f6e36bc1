"""`capacity_of`: random years, the program of each, and what the changes bring."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from sapar.proton.engine.scheduling.capacity.answer import (
    Arithmetic,
    CapacityAnswer,
    Change,
    Resource,
    Spread,
)
from sapar.proton.engine.scheduling.capacity.changes import Trial, gain, trials
from sapar.proton.engine.scheduling.capacity.program import (
    Program,
    Solved,
    limits_of,
    room_minutes,
    rows_of,
)
from sapar.proton.engine.scheduling.capacity.supply import supply_of, unstaffed
from sapar.proton.engine.scheduling.capacity.years import draw, mean_year
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.capacity.supply import Supply
    from sapar.proton.engine.scheduling.capacity.years import Year
    from sapar.proton.engine.scheduling.problem.capacity import CapacityProblem
    from sapar.proton.engine.scheduling.watch import Watch
    from sapar.values.statements import Param

SURE = 0.95
MOST_ROOMS = 30
SMALL = 1e-6


def _spread(values: list[float]) -> Spread:
    low, high = np.quantile(values, [0.05, 0.95])
    return Spread(float(np.mean(values)), float(low), float(high))


def _mean(pairs: list[tuple[float, float]]) -> float:
    """The mean of values with weights; 0 where there is no weight."""
    whole = sum(weight for _, weight in pairs)
    return sum(value * weight for value, weight in pairs) / whole if whole else 0.0


def _arithmetic(problem: CapacityProblem, supply: Supply, year: Year) -> Arithmetic:
    weights = [(stream, stream.share * stream.fractions) for stream in year.streams]
    fractions = sum(weight for _, weight in weights)
    slot = _mean([(room_minutes(problem, year, s), weight) for s, weight in weights])
    per_fraction = _mean([(float(s.phase.beam_min), weight) for s, weight in weights])
    days = supply.working or 1.0
    beam = None
    if supply.beams:
        switch = max(
            (b.switch_min for b in problem.centre.beams if _shared(problem, b.id)), default=0
        )
        beam = float(supply.beam.sum()) / days / max(1.0, per_fraction + switch)
    uptime = min((problem.uptime[b].share for b in supply.beams if b in problem.uptime), default=1)
    asleep = sum(weight for s, weight in weights if s.asleep) * problem.target
    return Arithmetic(
        working_days=supply.working,
        fractions_per_course=fractions,
        slots_per_day=float(supply.rooms.sum()) / days / slot if slot else 0.0,
        beam_fractions_per_day=beam,
        needed_per_day=problem.target * fractions / days / uptime,
        children=problem.target * year.children,
        anaesthesia_courses=problem.target * year.asleep,
        anaesthesia_slots_per_day=asleep / days / uptime if asleep else None,
    )


def _shared(problem: CapacityProblem, beam: str) -> bool:
    return sum(room.beam == beam for room in problem.centre.rooms) > 1


def _resources(supply: Supply, solved: list[Solved]) -> tuple[Resource, ...]:
    """Rows of weekdays and groups put together to resources, and the random years to a mean."""
    rows = rows_of(supply)
    hour = np.zeros(len(rows))
    scale = supply.working / max(1.0, float(supply.days.sum()))
    for index, (_, day) in enumerate(rows):
        days = supply.days[day] if day >= 0 else supply.days.sum()
        hour[index] = 60.0 * scale * float(days)
    found = []
    for name in dict.fromkeys(name for name, _ in rows):
        here = np.array([each == name for each, _ in rows])
        minutes = float(np.mean([s.limits[here].sum() for s in solved]))
        if not minutes:
            continue
        used = float(np.mean([s.used[here].sum() for s in solved])) / minutes
        # A year in which nobody can be treated has no prices.
        some = [s for s in solved if s.courses > SMALL] or solved
        binds = [float((s.prices * s.limits)[here].sum()) / max(s.courses, SMALL) for s in some]
        per_hour = [float((s.prices * hour * (s.limits > 0))[here].sum()) for s in solved]
        found.append(Resource(name, minutes, used, float(np.mean(binds)), float(np.mean(per_hour))))
    return tuple(found)


def _binding(resources: tuple[Resource, ...], away: dict[str, float]) -> str:
    """What limits the centre most; people where rooms bind that nobody can staff."""
    if not any(each.binds > 0 for each in resources):
        return "none"
    most = max(resources, key=lambda each: (each.binds, each.name))
    if most.name.startswith("rooms:") and any(minutes > 0 for minutes in away.values()):
        return f"staff:{max(sorted(away), key=lambda role: away[role])}"
    return most.name


def _rooms_needed(problem: CapacityProblem, supply: Supply, year: Year) -> int | None:
    """Add rooms of the kind that binds until the mean year reaches the target."""
    kinds = [group.kind for group in supply.groups]
    numbers = np.array([float(len(group.rooms)) for group in supply.groups])
    program, now, width = Program(problem, supply, year), supply, len(supply.weekdays)
    for _ in range(MOST_ROOMS):
        solved = program.solve(limits_of(problem, now, year.up))
        if solved.courses >= problem.target * (1 - 1e-9):
            return int(numbers.sum())
        size = len(kinds) * width
        worth = (solved.prices[:size] * solved.limits[:size]).reshape(len(kinds), width).sum(axis=1)
        best = int(np.argmax(worth / numbers))
        if worth[best] <= 1e-6:
            return None
        rooms = np.array(now.rooms)
        rooms[best] *= (numbers[best] + 1) / numbers[best]
        numbers[best] += 1
        now = replace(now, rooms=rooms)
    return None


def _says(answer: CapacityAnswer) -> tuple[Statement, ...]:
    shown: dict[str, Param] = {
        "target": round(answer.target),
        "mean": round(answer.patients.mean),
        "low": round(answer.patients.low),
        "high": round(answer.patients.high),
        "percent": round(100 * answer.probability),
    }
    found = [Statement(f"proton.capacity.reached_{answer.reached}", shown)]
    rooms = sum(answer.per_kind.values())
    if rooms == 1 and answer.reached == "no":
        found.append(Statement("proton.capacity.one_room", {"target": shown["target"]}))
    kind, _, name = answer.binding.partition(":")
    found.append(Statement(f"proton.capacity.binds_{kind}", {"name": name}))
    if answer.reached != "yes":
        if answer.rooms_needed is None:
            found.append(
                Statement("proton.capacity.rooms_do_not_help", {"target": shown["target"]})
            )
        elif answer.rooms_needed > rooms:
            params: dict[str, Param] = {"rooms": answer.rooms_needed, "target": shown["target"]}
            found.append(Statement("proton.capacity.rooms_needed", params))
    best = max(answer.changes, key=lambda each: each.patients.mean, default=None)
    if best is not None and best.patients.mean >= 1:
        name = best.resource.partition(":")[2] or best.resource
        params_of: dict[str, Param] = {"patients": round(best.patients.mean), "name": name}
        found.append(Statement(f"proton.capacity.change_{best.what}", params_of))
    return tuple(found)


@dataclass(slots=True)
class _Drawn:
    """The random years so far: optima, gains of each change, programs solved."""

    solved: list[Solved]
    gains: list[list[float]]
    programs: int = 0


def _draw_all(
    problem: CapacityProblem, supply: Supply, tried: tuple[Trial, ...], watch: Watch
) -> _Drawn:
    found = _Drawn([], [[] for _ in tried])
    for number in range(problem.draws):
        if found.solved and watch.stop():
            break
        year = draw(problem, supply, number)
        program = Program(problem, supply, year)
        base = program.solve(limits_of(problem, supply, year.up))
        found.programs += 1
        found.solved.append(base)
        for index, trial in enumerate(tried):
            value, more = gain(problem, trial, number, year, (base, program))
            found.gains[index].append(value)
            found.programs += more
        mean = float(np.mean([each.courses for each in found.solved]))
        watch.tell(mean, None, number + 1, problem.draws)
    return found


def _reached(probability: float) -> Literal["yes", "no", "perhaps"]:
    if probability >= SURE:
        return "yes"
    return "no" if probability <= 1 - SURE else "perhaps"


def capacity_of(problem: CapacityProblem, *, watch: Watch) -> CapacityAnswer:
    """Patients a year, with a 90 % interval, what binds and what changes would bring.

    Args:
        problem: read by `read_capacity`.
        watch: told after each random year; a stop gives the answer of the years so far, at least
            of one.
    """
    supply = supply_of(problem, slot_min=problem.slot_min)
    middle = mean_year(problem, supply)
    tried = trials(problem, supply, middle)
    drawn = _draw_all(problem, supply, tried, watch)
    courses = [each.courses for each in drawn.solved]
    probability = sum(each >= problem.target for each in courses) / len(courses)
    resources = _resources(supply, drawn.solved)
    away = {role: unstaffed(problem, role) for role in sorted(problem.centre.per_room)}
    per_kind: dict[str, int] = {}
    for group in supply.groups:
        per_kind[group.kind] = per_kind.get(group.kind, 0) + len(group.rooms)
    answer = CapacityAnswer(
        patients=_spread(courses),
        target=problem.target,
        reached=_reached(probability),
        probability=probability,
        binding=_binding(resources, away),
        resources=resources,
        changes=tuple(
            Change(trial.what, trial.resource, _spread(values))
            for trial, values in zip(tried, drawn.gains, strict=True)
        ),
        arithmetic=_arithmetic(problem, supply, middle),
        rooms_needed=_rooms_needed(problem, supply, middle),
        unstaffed=away,
        says=(),
        seed=problem.seed,
        draws=len(courses),
        programs=drawn.programs,
        stopped_by=watch.stopped_by or "work",
        per_kind=per_kind,
    )
    return replace(answer, says=_says(answer))
