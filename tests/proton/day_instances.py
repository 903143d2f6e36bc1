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


def clock(minute: int) -> str:
    """Minutes after midnight as "HH:MM"."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def promised_day(
    jobs: int, rooms: int, seed: int, *, window: int = 60, ahead: int = 6, children: int = 6
) -> dict[str, Any]:
    """A day on which every patient has a promise and that can be done: made from a plain plan.

    Children under anaesthesia come as soon as the one team can, the youngest first. Else, of
    the next `ahead` patients, always the one whose beam use can begin first. The beam is closed for
    quality assurance from 12:00 to 12:20. Each promise is a window of so many minutes that
    holds the start of that plan at random. Every tenth patient may have any room.
    """
    draw = random.Random(seed * 7919 + jobs)  # noqa: S311 (a benchmark, not a secret)
    day = plain_day(jobs, rooms, seed)
    shut = 12 * 60, 12 * 60 + 20
    closed = [[clock(shut[0]), clock(shut[1])]]
    day["beams"] = [{"id": "beam", "switch_min": 1, "closed": closed}]
    day["anaesthesia"] = {
        "teams": 1,
        "open": [["06:00", "18:00"]],
        "induction_min": 5,
        "recovery_min": 5,
    }
    asleep = [job for job in day["jobs"] if job["setup_min"] > 16][:children]
    for rank, job in enumerate(asleep):
        job.update(anaesthesia=True, fasting_rank=rank // 3)
    waiting = asleep + [job for job in day["jobs"] if job not in asleep]
    free = {room["id"]: 6 * 60 for room in day["rooms"]}
    beam, last, team = 0, "", 0
    fasting: dict[int, int] = {}

    def earliest(job: dict[str, Any]) -> int:
        start = max(free[job["room"]], beam + (job["room"] != last) - job["setup_min"])
        if job.get("anaesthesia"):
            before = [s for rank, s in fasting.items() if rank < job["fasting_rank"]]
            start = max([start, team + 5, 365, *(s + 1 for s in before)])
        use = start + job["setup_min"]
        if use < shut[1] and shut[0] < use + job["beam_min"]:
            start = shut[1] - job["setup_min"]
        return int(start)

    while waiting:
        job = min(waiting[:ahead], key=lambda j: (earliest(j) + j["setup_min"], j["id"]))
        child = next((j for j in waiting if j in asleep), job)
        if earliest(child) <= earliest(job) + 15:
            job = child
        start = earliest(job)
        waiting.remove(job)
        beam = start + job["setup_min"] + job["beam_min"]
        last, free[job["room"]] = job["room"], beam + job["leaving_min"]
        if job.get("anaesthesia"):
            team = free[job["room"]] + 5
            fasting[job["fasting_rank"]] = max(fasting.get(job["fasting_rank"], 0), start)
        low = max(6 * 60, start - draw.randint(0, window))
        job["window"] = [clock(low), clock(low + window)]
    for job in day["jobs"][::10]:
        job.pop("room")
    return day
