"""What a day problem says of rooms, beams and jobs, in minutes."""

from __future__ import annotations

from datetime import date
from typing import Any

from sapar.proton.engine.scheduling.verify import clock
from sapar.proton.engine.scheduling.verify.uses import Use

EPOCH = date(2000, 1, 3)
"""Any date: a day problem knows only times of day."""


def allowed_rooms(problem: dict[str, Any], job: dict[str, Any]) -> list[str]:
    """The rooms that a job may have: `room`, else `rooms`, else those of `kinds`, else all."""
    if job.get("room") is not None:
        return [job["room"]]
    if job.get("rooms") is not None:
        return list(job["rooms"])
    rooms = problem["rooms"]
    if job.get("kinds") is not None:
        return [room["id"] for room in rooms if room.get("kind") in job["kinds"]]
    return [room["id"] for room in rooms]


def use_of(problem: dict[str, Any], job: dict[str, Any], room: str, start: int, where: str) -> Use:
    """A job in a room from a minute on."""
    beams = {entry["id"]: entry.get("beam") for entry in problem["rooms"]}
    return Use(
        who=job["id"],
        where=where,
        day=EPOCH,
        room=room,
        beam=beams[room],
        start=start,
        setup=job["setup_min"],
        beam_min=job["beam_min"],
        leaving=job["leaving_min"],
        team=bool(job.get("anaesthesia")),
        rank=job.get("fasting_rank", 0) if job.get("anaesthesia") else None,
    )


def room_minutes(problem: dict[str, Any], room: str) -> int:
    """The open minutes of a room."""
    entry = next(entry for entry in problem["rooms"] if entry["id"] == room)
    return clock.bits_of(entry["open"])


def beam_minutes(problem: dict[str, Any], beam: str) -> int:
    """The minutes at which a beam is there."""
    entry = next(entry for entry in problem["beams"] if entry["id"] == beam)
    return clock.bits(0, clock.DAY) & ~clock.bits_of(entry.get("closed") or [])


def origin(problem: dict[str, Any]) -> int:
    """The earliest opening of a room: the makespan counts from there."""
    return min(
        (clock.minute(low) for room in problem["rooms"] for low, _ in room["open"]), default=0
    )
