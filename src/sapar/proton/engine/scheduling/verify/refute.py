"""A quick plan of one day, to refute a bound that is too high and a wrong "infeasible".

Far from the best: each job, in a few plain orders, at the first minute at which it disturbs nobody.
Where no such plan is found nothing is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.verify import clock
from sapar.proton.engine.scheduling.verify.sheet import allowed_rooms, beam_minutes, use_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sapar.proton.engine.scheduling.verify.uses import Use

    Order = Callable[[dict[str, Any]], tuple[int, ...]]

ALL_DAY = [["00:00", "47:59"]]
LARGEST = 150
"""More jobs than this are not tried: the checker stays quick."""


def _latest(job: dict[str, Any]) -> int:
    return int(clock.minute(job["window"][1])) if job.get("window") else clock.DAY


def _rank(job: dict[str, Any]) -> int:
    return int(job.get("fasting_rank", 0)) if job.get("anaesthesia") else 0


def _after(job: dict[str, Any]) -> int:
    return 1 if job.get("after") else 0


def _length(job: dict[str, Any]) -> int:
    return int(job["setup_min"] + job["beam_min"] + job["leaving_min"])


ORDERS: list[Order] = [
    lambda job: (_after(job), not job.get("anaesthesia"), _rank(job), _latest(job), -_length(job)),
    lambda job: (_after(job), _latest(job), not job.get("anaesthesia"), _rank(job), -_length(job)),
    lambda job: (_after(job), _rank(job), _latest(job), -job["leaving_min"], job["beam_min"]),
]


def _all_of(minutes: int, length: int) -> int:
    """The minutes with which so many minutes in a row begin."""
    have = 1
    while have < length:
        step = min(have, length - have)
        minutes &= minutes >> step
        have += step
    return minutes


class _Sheet:
    """The free minutes of everything, as bits."""

    def __init__(self, problem: dict[str, Any]) -> None:
        self.problem = problem
        self.room = {room["id"]: clock.bits_of(room["open"]) for room in problem["rooms"]}
        self.switch = {beam["id"]: beam["switch_min"] for beam in problem["beams"]}
        # For each room the minutes at which its beam may be on: others' uses and switching are off.
        self.lit: dict[str, int] = {}
        for room in problem["rooms"]:
            beam = room.get("beam")
            self.lit[room["id"]] = clock.bits(0, clock.DAY)
            if beam is not None:
                self.lit[room["id"]] = beam_minutes(problem, beam)
        self.team: dict[str, Any] = problem.get("anaesthesia") or {}
        self.taken: list[int] = []
        self.ranked: list[tuple[int, int]] = []

    def starts(self, job: dict[str, Any], room: str) -> int:
        """The minutes, as bits, at which a job may start in a room."""
        setup, beam, leaving = (int(job[key]) for key in ("setup_min", "beam_min", "leaving_min"))
        found = _all_of(self.room[room], setup + beam + leaving)
        found &= _all_of(self.lit[room], beam) >> setup
        if not job.get("anaesthesia"):
            return found
        if not self.team:
            return 0
        before, after = int(self.team["induction_min"]), int(self.team["recovery_min"])
        free = clock.bits_of(self.team["open"]) & ~clock.level(self.taken, self.team["teams"])
        found &= _all_of(free, before + setup + beam + leaving + after) << before
        rank = job.get("fasting_rank", 0)
        for other, start in self.ranked:
            if other < rank:
                found &= ~clock.bits(0, start + 1)
            elif other > rank:
                found &= clock.bits(0, start)
        return found

    def _held(self, use: Use) -> int:
        return clock.bits(
            use.start - self.team["induction_min"], use.end + self.team["recovery_min"]
        )

    def take(self, use: Use) -> None:
        self.room[use.room] &= ~clock.bits(use.start, use.end)
        if use.beam is not None and use.beam_min:
            pause = self.switch[use.beam]
            off = clock.bits(use.beam_start - pause, use.beam_end + pause)
            for room in self.problem["rooms"]:
                if room.get("beam") == use.beam and room["id"] != use.room:
                    self.lit[room["id"]] &= ~off
        if use.team:
            clock.pile(self.taken, self._held(use))
            self.ranked.append((use.rank or 0, use.start))


def quick_plan(problem: dict[str, Any]) -> list[Use] | None:
    """The shortest of a few plain plans that keep all rules; None if none was found."""
    if len(problem["jobs"]) > LARGEST:
        return None
    plans = [plan for order in ORDERS if (plan := _in_order(problem, order)) is not None]
    return min(plans, key=lambda plan: max((use.end for use in plan), default=0), default=None)


def _in_order(problem: dict[str, Any], order: Order) -> list[Use] | None:
    sheet = _Sheet(problem)
    begun: dict[str, int] = {}
    plan: list[Use] = []
    for job in sorted(problem["jobs"], key=order):
        low, high = 0, clock.DAY
        if job.get("window"):
            low, high = clock.minute(job["window"][0]), clock.minute(job["window"][1])
        if job.get("after"):
            if job["after"]["job"] not in begun:
                return None
            low = max(low, begun[job["after"]["job"]] + job["after"]["min"])
        best: Use | None = None
        for room in allowed_rooms(problem, job):
            starts = sheet.starts(job, room) & clock.bits(low, high + 1)
            if starts:
                first = (starts & -starts).bit_length() - 1
                use = use_of(problem, job, room, first, "")
                if best is None or use.end < best.end:
                    best = use
        if best is None:
            return None
        sheet.take(best)
        begun[job["id"]] = best.start
        plan.append(best)
    return plan


def relaxed(problem: dict[str, Any], reasons: list[dict[str, Any]]) -> dict[str, Any]:
    """The problem with everything given up that the reasons do not name.

    Where the reasons name jobs that have to be done, the jobs that no reason names are left out.
    """
    named: dict[str, set[str]] = {}
    mentioned: set[str] = set()
    for reason in reasons:
        kind = reason["code"].removeprefix("proton.reason.")
        for key, value in (reason.get("params") or {}).items():
            if key in {"job", "other", "room", "beam"}:
                named.setdefault(kind, set()).add(str(value))
                mentioned |= {str(value)} if key in {"job", "other"} else set()
    codes = {reason["code"].removeprefix("proton.reason.") for reason in reasons}
    jobs = []
    for job in problem["jobs"]:
        if "job" in codes and job["id"] not in mentioned:
            continue
        kept = dict(job)
        if job["id"] not in named.get("window", ()):
            kept.pop("window", None)
        after = job.get("after")
        if not after or not {job["id"], after["job"]} & named.get("after", set()):
            kept.pop("after", None)
        if "fasting" not in codes:
            kept["fasting_rank"] = 0
        jobs.append(kept)
    team = problem.get("anaesthesia")
    if team and "anaesthesia_open" not in codes:
        team = {**team, "teams": len(jobs), "open": ALL_DAY}
    rooms = [
        room if room["id"] in named.get("room_open", ()) else {**room, "open": ALL_DAY}
        for room in problem["rooms"]
    ]
    beams = [
        beam if beam["id"] in named.get("beam_closed", ()) else {**beam, "closed": []}
        for beam in problem["beams"]
    ]
    return {**problem, "jobs": jobs, "anaesthesia": team, "rooms": rooms, "beams": beams}
