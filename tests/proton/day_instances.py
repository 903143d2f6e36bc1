"""Days of the public benchmark: the generator of the reference figures, and days with promises.

Durations are made up from published ranges and stand for no centre: set-up 8-16 min, beam 3-9 min
(6 % of the jobs 12-18) and 1 min of switching that is part of the beam and of the room, leaving
3-6 min, 8 % under anaesthesia with 12 min more before and 6 min more after.
"""

from __future__ import annotations

import random
from typing import Any

ROWS = ((45, 3, 1), (60, 3, 1), (60, 3, 2), (60, 3, 3), (60, 4, 1), (80, 3, 1), (100, 4, 1))
"""Jobs, rooms and seed of the seven rows whose best values are known."""


def durations(jobs: int, seed: int) -> list[tuple[int, int, int]]:
    """Set-up, beam and leaving minutes of so many jobs, drawn in the order of the reference."""
    draw = random.Random(seed)  # noqa: S311 (a benchmark, not a secret)
    made = []
    for _ in range(jobs):
        asleep = draw.random() < 0.08
        setup = draw.randint(8, 16) + (12 if asleep else 0)
        beam = (draw.randint(3, 9) if draw.random() > 0.06 else draw.randint(12, 18)) + 1
        leaving = draw.randint(3, 6) + (6 if asleep else 0)
        made.append((setup, beam, leaving))
    return made


def plain_day(jobs: int, rooms: int, seed: int, *, fixed: bool = True) -> dict[str, Any]:
    """A day without windows; rooms fixed by longest first to the least loaded, or free."""
    made = durations(jobs, seed)
    load = [0] * rooms
    room_of = [0] * jobs
    for job in sorted(range(jobs), key=lambda j: -sum(made[j])):
        room = load.index(min(load))
        room_of[job] = room
        load[room] += sum(made[job])
    return {
        "schema": "sapar.proton.day/1",
        "beams": [{"id": "beam", "switch_min": 0}],
        "rooms": [
            {"id": f"G{room + 1}", "beam": "beam", "open": [["06:00", "30:00"]]}
            for room in range(rooms)
        ],
        "jobs": [
            {
                "id": f"j{job:03d}",
                **({"room": f"G{room_of[job] + 1}"} if fixed else {}),
                "setup_min": setup,
                "beam_min": beam,
                "leaving_min": leaving,
            }
            for job, (setup, beam, leaving) in enumerate(made)
        ],
    }
