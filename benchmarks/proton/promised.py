"""Days on which everybody has been promised a window: made from a hidden plan, so one exists."""

from __future__ import annotations

import random
from typing import Any

from benchmarks.proton.peers_day import greedy
from sapar.proton.engine.scheduling.problem.day import read_day
from sapar.proton.engine.scheduling.problem.minutes import clock
from tests.proton.day_instances import durations

OPENS = 7 * 60
NOMINAL = 14 * 60
"""A load of 100 % asks every minute of 14 hours of the room that is asked most."""


def promised_day(rooms: int, load: int, seed: int, window: int = 60) -> dict[str, Any]:
    """A day whose rooms (or beam) are asked for `load` per cent of 14 hours, with promised windows.

    A hidden plan in a shuffled order gives each job its time; the promise is a window of `window`
    minutes around it on the grid of five minutes. Jobs under anaesthesia come first, youngest
    band first. The rooms stay open as long as the hidden plan needs, the overtime of a day over
    100 %.
    """
    draw = random.Random(1_000 + seed)  # noqa: S311 - a benchmark, not a secret
    made: list[tuple[int, int, int]] = []
    switch = 1
    for setup, beam, leaving in durations(400, seed):
        trial = [*made, (setup, beam - 1, leaving)]
        room_share = sum(map(sum, trial)) / (rooms * NOMINAL)
        beam_share = sum(job[1] + switch for job in trial) / NOMINAL
        if max(room_share, beam_share) > load / 100:
            break
        made = trial
    minutes = [0] * rooms
    jobs: list[dict[str, Any]] = []
    for index in sorted(range(len(made)), key=lambda j: -sum(made[j])):
        room = minutes.index(min(minutes))
        minutes[room] += sum(made[index])
        setup, beam, leaving = made[index]
        jobs.append(
            {"id": f"j{index:03d}", "room": f"G{room + 1}", "setup_min": setup, "beam_min": beam,
             "leaving_min": leaving}
        )  # fmt: skip
    asleep = [job for job in jobs if job["setup_min"] > 16][:6]
    for job in asleep:
        job.update(anaesthesia=True, fasting_rank=draw.randrange(3))
    document: dict[str, Any] = {
        "schema": "sapar.proton.day/1",
        "beams": [{"id": "beam", "switch_min": switch, "closed": []}],
        "rooms": [
            {"id": f"G{room + 1}", "beam": "beam", "open": [[clock(OPENS), "44:00"]]}
            for room in range(rooms)
        ],
        "anaesthesia": {"teams": 1, "open": [[clock(OPENS), "16:00"]], "induction_min": 5,
                        "recovery_min": 5},
        "jobs": jobs,
    }  # fmt: skip
    problem = read_day(document)
    by_id = {job.id: job for job in problem.jobs}
    children = sorted((j for j in problem.jobs if j.anaesthesia), key=lambda j: (j.rank, j.id))
    others = [job["id"] for job in jobs if not job.get("anaesthesia")]
    draw.shuffle(others)
    hidden = greedy(problem, [*children, *(by_id[name] for name in others)])
    if hidden is None:
        message = f"no hidden plan for {rooms} rooms at {load} %, seed {seed}"
        raise ValueError(message)
    last = 0
    for job in jobs:
        _, start = hidden[job["id"]]
        low = max(OPENS, (start - draw.randint(10, window - 10)) // 5 * 5)
        job["window"] = [clock(low), clock(low + window)]
        last = max(last, start + by_id[job["id"]].total)
    closes = max(OPENS + NOMINAL, -(-last // 15) * 15)
    for room_row in document["rooms"]:
        room_row["open"] = [[clock(OPENS), clock(closes)]]
    return document
