"""What-ifs: the same random years with one more hour, room, team or shift."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.scheduling.capacity.program import Program, limits_of, room_minutes
from sapar.proton.engine.scheduling.capacity.supply import supply_of, with_shift
from sapar.proton.engine.scheduling.capacity.years import draw

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.capacity.program import Solved
    from sapar.proton.engine.scheduling.capacity.supply import Supply
    from sapar.proton.engine.scheduling.capacity.years import Year
    from sapar.proton.engine.scheduling.problem.capacity import CapacityProblem
    from sapar.proton.engine.scheduling.problem.demand import Uptime

SMALL = 1e-7


@dataclass(frozen=True, slots=True)
class Trial:
    """One change: what it does to the supply, to uptime, or to the minutes of a fraction."""

    what: str
    resource: str
    supply: Supply
    uptime: dict[str, Uptime] | None = None
    less: int = 0


def _more_rooms(supply: Supply, kind: str) -> Supply:
    """One more room of a kind, like the mean of those that are there; the beam has no more."""
    rooms = np.array(supply.rooms)
    here = [i for i, group in enumerate(supply.groups) if group.kind == kind]
    best = max(here, key=lambda i: (len(supply.groups[i].rooms), -i))
    number = len(supply.groups[best].rooms)
    rooms[best] *= (number + 1) / number
    groups = list(supply.groups)
    return replace(supply, rooms=rooms, groups=tuple(groups))


def anaesthesia_slot(problem: CapacityProblem, year: Year) -> float:
    """Minutes of the team for a mean fraction under anaesthesia; 0 where there is none."""
    asleep = problem.centre.anaesthesia
    streams = [s for s in year.streams if s.asleep]
    weight = sum(s.share * s.fractions for s in streams)
    if asleep is None or not weight:
        return 0.0
    room = sum(room_minutes(problem, year, s) * s.share * s.fractions for s in streams) / weight
    return asleep.induction_min + room + asleep.recovery_min


def _team(supply: Supply, minutes: float) -> Supply:
    """So many more team minutes on every working day on which a team is there."""
    factor = supply.working / max(1.0, float(supply.days.sum()))
    return replace(supply, team=supply.team + (supply.team > 0) * supply.days * factor * minutes)


def trials(problem: CapacityProblem, supply: Supply, year: Year) -> tuple[Trial, ...]:
    """The changes that are tried, in the order of the answer.

    Args:
        problem: the problem.
        supply: of the configuration as it is.
        year: the mean year.
    """
    slot = problem.slot_min
    found = [Trial("hour", "rooms", supply_of(problem, slot_min=slot, extra_min=60))]
    found += [
        Trial("room", f"rooms:{kind}", _more_rooms(supply, kind))
        for kind in sorted({group.kind for group in supply.groups})
    ]
    if problem.centre.anaesthesia is not None and supply.team.sum():
        slot_min = anaesthesia_slot(problem, year)
        teams = problem.centre.anaesthesia.teams
        found.append(Trial("anaesthesia_slot", "anaesthesia", _team(supply, slot_min)))
        found.append(Trial("anaesthesia_hour", "anaesthesia", _team(supply, 60)))
        more = replace(supply, team=supply.team * (teams + 1) / teams)
        found.append(Trial("anaesthesia_team", "anaesthesia", more))
    counts = {device.id: device.count for device in problem.centre.devices}
    of_chain = {use for use in supply.uses if use not in counts}
    for role in sorted({*problem.centre.per_room, *problem.centre.per_centre, *of_chain}):
        centre = with_shift(problem.centre, role)
        found.append(Trial("shift", role, supply_of(problem, centre=centre, slot_min=slot)))
    for beam in supply.beams:
        if beam in problem.uptime and problem.uptime[beam].share < 1:
            now = problem.uptime[beam]
            better = dict(problem.uptime)
            better[beam] = replace(now, share=min(1.0, now.share + 0.01))
            found.append(Trial("uptime", f"beam:{beam}", supply, uptime=better))
    if slot is not None and slot > 1:
        shorter = supply_of(problem, slot_min=slot - 1)
        found.append(Trial("slot_minute", "rooms", shorter, less=1))
    elif slot is None:
        found.append(Trial("slot_minute", "rooms", supply, less=1))
    for index, use in enumerate(supply.uses):
        if use in counts:
            minutes = np.array(supply.use)
            minutes[index] *= (counts[use] + 1) / counts[use]
            found.append(Trial("device", f"use:{use}", replace(supply, use=minutes)))
    return tuple(found)


def gain(
    problem: CapacityProblem, trial: Trial, number: int, year: Year, known: tuple[Solved, Program]
) -> tuple[float, int]:
    """Patients a year that a change brings in one random year, and programs solved for it.

    The optimum is concave in the minutes, so that price times minutes bounds the gain: where the
    price is zero nothing has to be solved. `known` is the optimum without the change, and its
    program.
    """
    base, program = known
    if trial.uptime is not None:
        year = draw(problem, trial.supply, number, trial.uptime)
    limits = limits_of(problem, trial.supply, year.up)
    if trial.less:
        solved = Program(problem, trial.supply, year, trial.less).solve(limits)
        return solved.courses - base.courses + 0.0, 1
    if float(base.prices @ np.maximum(0.0, limits - base.limits)) < SMALL:
        return 0.0, 0
    return max(0.0, program.solve(limits).courses - base.courses), 1
