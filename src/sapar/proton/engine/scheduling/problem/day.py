"""One day: its beams, rooms, anaesthesia team and jobs, read from JSON.

All minutes count from local midnight. Beams, rooms and jobs are sorted by id, so that the order of
the document changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.problem.minutes import (
    LAST_MINUTE,
    Interval,
    bits,
    starts,
)
from sapar.proton.engine.scheduling.problem.reading import Reader, unique

if TYPE_CHECKING:
    from datetime import date

SCHEMA = "sapar.proton.day/1"
MOST_JOBS = 2_000
"""More treatments than any day of any centre has."""
DEFAULT_WORK = 400_000_000
"""Steps of the search unless the document says otherwise: about 30 s on one core."""


@dataclass(frozen=True, slots=True)
class After:
    """Start at least `minutes` after the start of another job (a second session of the day)."""

    job: str
    minutes: int


@dataclass(frozen=True, slots=True)
class DayBeam:
    """A beam: minutes between uses in different rooms, and when it is closed."""

    id: str
    switch: int
    closed: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class DayRoom:
    """A room, its beam (None for an ordinary linac) and when it is open."""

    id: str
    kind: str
    beam: str | None
    open: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Team:
    """The anaesthesia teams: how many, when, minutes before the set-up and after the leaving."""

    teams: int
    open: tuple[Interval, ...]
    induction: int
    recovery: int


@dataclass(frozen=True, slots=True)
class Job:
    """One treatment.

    Attributes:
        rooms: ids of the rooms that it may have, sorted.
        setup, beam, leaving: minutes; the room is held for their sum, the beam for the middle.
        window: earliest and latest minute of its start, both included; None: free.
        rank: place in the fasting order; of use only under anaesthesia.
    """

    id: str
    rooms: tuple[str, ...]
    setup: int
    beam: int
    leaving: int
    window: Interval | None = None
    anaesthesia: bool = False
    rank: int = 0
    after: After | None = None

    @property
    def total(self) -> int:
        """Minutes in the room."""
        return self.setup + self.beam + self.leaving


@dataclass(frozen=True, slots=True)
class DayProblem:
    """A day to be sequenced; see `read_day`."""

    beams: tuple[DayBeam, ...]
    rooms: tuple[DayRoom, ...]
    jobs: tuple[Job, ...]
    anaesthesia: Team | None = None
    day: date | None = None
    seed: int = 0
    work: int = DEFAULT_WORK
    clock_s: float | None = None

    @property
    def origin(self) -> int:
        """The earliest opening of a room: the makespan counts from there."""
        return min((room.open[0][0] for room in self.rooms if room.open), default=0)


def _beams(reader: Reader) -> tuple[DayBeam, ...]:
    found = []
    for each in reader.items("beams"):
        if each.is_object():
            switch = each.whole("switch_min", most=LAST_MINUTE)
            found.append(DayBeam(each.text("id"), switch, each.intervals("closed", optional=True)))
            each.done()
    return unique(found, lambda beam: beam.id, reader, "beams")


def _rooms(reader: Reader, beams: tuple[DayBeam, ...]) -> tuple[DayRoom, ...]:
    known = {beam.id for beam in beams}
    found = []
    for each in reader.items("rooms"):
        if not each.is_object():
            continue
        name, beam = each.text("id"), each.text("beam", None)
        each.needs("beam")
        if beam is not None and beam not in known:
            each.note("unknown_beam", at="beam", value=beam, known=", ".join(sorted(known)))
        found.append(DayRoom(name, each.text("kind", ""), beam, each.intervals("open")))
        each.done()
    if not found:
        reader.note("no_room", at="rooms")
    return unique(found, lambda room: room.id, reader, "rooms")


def _team(reader: Reader) -> Team | None:
    inside = reader.inside("anaesthesia")
    if inside is None:
        return None
    made = Team(
        inside.whole("teams", least=1, most=50),
        inside.intervals("open"),
        inside.whole("induction_min", most=LAST_MINUTE),
        inside.whole("recovery_min", most=LAST_MINUTE),
    )
    inside.done()
    return made


def _allowed(each: Reader, rooms: tuple[DayRoom, ...]) -> tuple[str, ...]:
    """The rooms that a job may have."""
    known = {room.id for room in rooms}
    kinds = {room.kind for room in rooms if room.kind}
    one, some, wanted = each.text("room", None), each.words("rooms"), each.words("kinds")
    for name in (*(() if one is None else (one,)), *some):
        if name not in known:
            at = "room" if name == one else "rooms"
            each.note("unknown_room", at=at, value=name, known=", ".join(sorted(known)))
    for kind in wanted:
        if kind not in kinds:
            each.note("unknown_kind", at="kinds", value=kind, known=", ".join(sorted(kinds)))
    if one is not None:
        return (one,) if one in known else ()
    if "rooms" in each:
        return tuple(sorted(set(some) & known))
    if "kinds" in each:
        return tuple(room.id for room in rooms if room.kind in wanted)
    return tuple(room.id for room in rooms)


def _after(each: Reader) -> After | None:
    inside = each.inside("after")
    if inside is None:
        return None
    made = After(inside.text("job"), inside.whole("min", most=LAST_MINUTE))
    inside.done()
    return made


def _fits(job: Job, rooms: dict[str, DayRoom], each: Reader) -> None:
    """Note a job that no opening of its rooms can hold, and a window outside of them."""
    if not job.rooms:
        if "rooms" in each or "kinds" in each:
            each.note("no_room_fits")
        return
    held = [starts(bits(rooms[name].open), job.total) for name in job.rooms if name in rooms]
    if held and not any(held):
        longest = max((b - a for name in job.rooms for a, b in rooms[name].open), default=0)
        each.note("job_too_long", value=job.total, longest=longest)
    elif held and job.window is not None:
        within = bits([(job.window[0], job.window[1] + 1)])
        if not any(mask & within for mask in held):
            each.note("window_closed", at="window", value=each.value["window"])


def _job(each: Reader, rooms: tuple[DayRoom, ...], team: Team | None) -> Job:
    """Read one job and what can be said about it alone."""
    asleep = each.yes("anaesthesia")
    made = Job(
        id=each.text("id"),
        rooms=_allowed(each, rooms),
        setup=each.whole("setup_min", most=LAST_MINUTE),
        beam=each.whole("beam_min", most=LAST_MINUTE),
        leaving=each.whole("leaving_min", most=LAST_MINUTE),
        window=each.window("window"),
        anaesthesia=asleep,
        rank=each.whole("fasting_rank", 0),
        after=_after(each),
    )
    if made.total == 0:
        each.note("no_duration")
    if asleep and team is None:
        each.note("no_anaesthesia_team", at="anaesthesia", value=made.id)
    if "fasting_rank" in each and not asleep:
        each.note("rank_awake", at="fasting_rank", value=made.rank)
    _fits(made, {room.id: room for room in rooms}, each)
    each.done()
    return made


def _circles(jobs: list[tuple[Job, Reader]]) -> None:
    """Note jobs that come after nobody known, after themselves, or after each other in a circle."""
    by_id = {job.id: job for job, _ in jobs}
    for job, each in jobs:
        if job.after is None:
            continue
        if job.after.job not in by_id:
            each.note("unknown_job", at="after.job", value=job.after.job)
            continue
        seen, here = [job.id], job
        while here.after is not None and here.after.job in by_id:
            here = by_id[here.after.job]
            if here.id in seen:
                break
            seen.append(here.id)
        else:
            continue
        if here.id == job.id:
            code = "after_itself" if len(seen) == 1 else "after_circle"
            each.note(code, at="after.job", value=job.after.job, circle=", ".join(sorted(seen)))


def read_day(document: dict[str, Any]) -> DayProblem:
    """A day's problem from its JSON document (`docs/reference/proton-problems.md`, "day").

    Raises:
        BadProblemError: with every mistake: each names its place, its value and a remedy.
    """
    reader = Reader.of(document)
    reader.schema(SCHEMA)
    beams = _beams(reader)
    rooms = _rooms(reader, beams)
    team = _team(reader)
    found = [(_job(each, rooms, team), each) for each in reader.items("jobs") if each.is_object()]
    if len(found) > MOST_JOBS:
        reader.note("too_many", at="jobs", value=len(found), most=MOST_JOBS)
    _circles(found)
    made = DayProblem(
        beams=beams,
        rooms=rooms,
        jobs=unique([job for job, _ in found], lambda job: job.id, reader, "jobs"),
        anaesthesia=team,
        day=reader.day("date", None),
        seed=reader.whole("seed", 0, most=2**62),
        work=reader.whole("work", DEFAULT_WORK, most=10**12),
        clock_s=reader.number("clock_s", None),
    )
    reader.done()
    reader.finish()
    return made
