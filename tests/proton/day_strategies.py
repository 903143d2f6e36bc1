"""Random small days, and the best plan of each by trying everything."""

from __future__ import annotations

from itertools import permutations, product
from typing import Any

from hypothesis import strategies as st

OPENS = 8 * 60


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def minute(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


@st.composite
def spans(draw: st.DrawFn, length: int) -> list[list[str]]:
    """One or two openings within so many minutes from eight o'clock."""
    begin = draw(st.sampled_from([0, 0, 0, 3]))
    if draw(st.integers(0, 3)):
        return [[clock(OPENS + begin), clock(OPENS + length)]]
    gap = draw(st.integers(begin + 8, length - 10))
    return [
        [clock(OPENS + begin), clock(OPENS + gap)],
        [clock(OPENS + gap + 2), clock(OPENS + length)],
    ]


@st.composite
def days(
    draw: st.DrawFn, *, most: int = 4, promised: bool = True, length: int = 60
) -> dict[str, Any]:
    """A day of few short jobs; `promised` adds windows, closures, anaesthesia, second sessions."""
    rooms = draw(st.integers(1, 3))
    beams = draw(st.integers(1, 2)) if promised else 1
    made: dict[str, Any] = {
        "schema": "sapar.proton.day/1",
        "beams": [{"id": f"B{b}", "switch_min": draw(st.integers(0, 2))} for b in range(beams)],
        "rooms": [
            {
                "id": f"G{r}",
                "kind": draw(st.sampled_from(["gantry", "fixed"])),
                "beam": draw(
                    st.sampled_from(
                        [None, *(f"B{b}" for b in range(beams))] if promised else ["B0"]
                    )
                ),
                "open": draw(spans(length))
                if promised
                else [[clock(OPENS), clock(OPENS + length)]],
            }
            for r in range(rooms)
        ],
        "jobs": [],
        "work": 2_000_000,
    }
    if promised and draw(st.booleans()):
        made["anaesthesia"] = {
            "teams": draw(st.integers(1, 2)),
            "open": [[clock(OPENS), clock(OPENS + length)]],
            "induction_min": draw(st.integers(0, 2)),
            "recovery_min": draw(st.integers(0, 2)),
        }
    if promised and draw(st.integers(0, 2)) == 0:
        at = OPENS + draw(st.integers(2, 20))
        made["beams"][0]["closed"] = [[clock(at), clock(at + draw(st.integers(1, 5)))]]
    for number in range(draw(st.integers(1, most))):
        made["jobs"].append(draw(jobs(made, number, promised=promised)))
    return made


@st.composite
def jobs(draw: st.DrawFn, day: dict[str, Any], number: int, *, promised: bool) -> dict[str, Any]:
    """One job for a day that is being made."""
    rooms = [room["id"] for room in day["rooms"]]
    job: dict[str, Any] = {
        "id": f"j{number}",
        "setup_min": draw(st.integers(0, 3)),
        "beam_min": draw(st.integers(1, 3)),
        "leaving_min": draw(st.integers(0, 2)),
    }
    tied = draw(st.integers(0, 2))
    if tied == 0:
        job["room"] = draw(st.sampled_from(rooms))
    elif tied == 1:
        job["rooms"] = sorted(draw(st.sets(st.sampled_from(rooms), min_size=1)))
    if not promised:
        return job
    if draw(st.integers(0, 2)) == 0:
        at = OPENS + draw(st.integers(3, 6))
        job["window"] = [clock(at), clock(at + draw(st.integers(0, 12)))]
    if "anaesthesia" in day and draw(st.booleans()):
        job["anaesthesia"] = True
        job["fasting_rank"] = draw(st.integers(0, 2))
    if number and draw(st.integers(0, 4)) == 0:
        job["after"] = {
            "job": f"j{draw(st.integers(0, number - 1))}",
            "min": draw(st.integers(0, 9)),
        }
    return job


class Brute:
    """The shortest day by trying every room and every start up to a minute."""

    def __init__(self, day: dict[str, Any], latest: int) -> None:
        self.day, self.latest = day, latest
        self.rooms = {room["id"]: room for room in day["rooms"]}
        self.beams = {beam["id"]: beam for beam in day["beams"]}
        self.jobs = day["jobs"]
        self.best: tuple[int, int] | None = None
        self.origin = min(minute(a) for room in day["rooms"] for a, _ in room["open"])

    def _allowed(self, job: dict[str, Any]) -> list[str]:
        return [job["room"]] if "room" in job else job.get("rooms", list(self.rooms))

    def _alone(self, job: dict[str, Any], room: str, start: int) -> bool:
        end = start + job["setup_min"] + job["beam_min"] + job["leaving_min"]
        if not any(minute(a) <= start and end <= minute(b) for a, b in self.rooms[room]["open"]):
            return False
        if "window" in job and not minute(job["window"][0]) <= start <= minute(job["window"][1]):
            return False
        lit = start + job["setup_min"]
        beam = self.rooms[room]["beam"]
        for a, b in self.beams[beam].get("closed", []) if beam else []:
            if lit < minute(b) and minute(a) < lit + job["beam_min"]:
                return False
        if job.get("anaesthesia"):
            team = self.day["anaesthesia"]
            held = start - team["induction_min"], end + team["recovery_min"]
            return any(minute(a) <= held[0] and held[1] <= minute(b) for a, b in team["open"])
        return True

    def _together(self, first: tuple[Any, str, int], second: tuple[Any, str, int]) -> bool:
        (j, r, s), (k, q, t) = first, second
        if r == q:
            long = [sum(x[m] for m in ("setup_min", "beam_min", "leaving_min")) for x in (j, k)]
            if s < t + long[1] and t < s + long[0]:
                return False
        elif self.rooms[r]["beam"] and self.rooms[r]["beam"] == self.rooms[q]["beam"]:
            pause = self.beams[self.rooms[r]["beam"]]["switch_min"]
            a, b = s + j["setup_min"], t + k["setup_min"]
            if a < b + k["beam_min"] + pause and b < a + j["beam_min"] + pause:
                return False
        if j.get("anaesthesia") and k.get("anaesthesia"):
            if j["fasting_rank"] < k["fasting_rank"] and s >= t:
                return False
            if k["fasting_rank"] < j["fasting_rank"] and t >= s:
                return False
        for x, y, u, v in ((j, k, s, t), (k, j, t, s)):
            if x.get("after", {}).get("job") == y["id"] and u < v + x["after"]["min"]:
                return False
        return True

    def _teams(self, placed: list[tuple[Any, str, int]]) -> bool:
        if "anaesthesia" not in self.day:
            return True
        team = self.day["anaesthesia"]
        held = []
        for job, _, start in placed:
            if job.get("anaesthesia"):
                end = start + job["setup_min"] + job["beam_min"] + job["leaving_min"]
                held.append((start - team["induction_min"], end + team["recovery_min"]))
        return all(sum(a <= x < b for a, b in held) <= team["teams"] for x, _ in held)

    def _idle(self, placed: list[tuple[Any, str, int]]) -> int:
        idle = 0
        for beam in self.beams:
            uses = [
                (start + job["setup_min"], start + job["setup_min"] + job["beam_min"])
                for job, room, start in placed
                if self.rooms[room]["beam"] == beam
            ]
            if uses:
                span = max(b for _, b in uses) - min(a for a, _ in uses)
                idle += span - sum(b - a for a, b in uses)
        return idle

    def run(self) -> tuple[int, int] | None:
        """The least makespan and, with it, the least idle beam; None where there is no plan."""
        self._place(0, [], self.origin)
        return None if self.best is None else (self.best[0] - self.origin, self.best[1])

    def _place(self, at: int, placed: list[tuple[Any, str, int]], end: int) -> None:
        if self.best is not None and end > self.best[0]:
            return
        if at == len(self.jobs):
            found = end, self._idle(placed)
            self.best = found if self.best is None else min(self.best, found)
            return
        job = self.jobs[at]
        long = job["setup_min"] + job["beam_min"] + job["leaving_min"]
        for room, start in product(self._allowed(job), range(self.origin, self.latest - long + 1)):
            here = (job, room, start)
            if (
                self._alone(job, room, start)
                and all(self._together(here, other) for other in placed)
                and self._teams([*placed, here])
            ):
                self._place(at + 1, [*placed, here], max(end, start + long))


def shortest_sequence(day: dict[str, Any]) -> int:
    """The least makespan without promises: every order of the beam, every choice of rooms."""
    (beam,) = day["beams"]
    jobs = day["jobs"]
    rooms = [room["id"] for room in day["rooms"]]
    best = 1 << 30
    may = [[job["room"]] if "room" in job else job.get("rooms", rooms) for job in jobs]
    for order in permutations(range(len(jobs))):
        for choice in product(*may):
            free = dict.fromkeys(rooms, 0)
            lit, last = 0, choice[order[0]]
            for j in order:
                pause = beam["switch_min"] if choice[j] != last else 0
                start = max(free[choice[j]], lit + pause - jobs[j]["setup_min"])
                lit, last = start + jobs[j]["setup_min"] + jobs[j]["beam_min"], choice[j]
                free[choice[j]] = lit + jobs[j]["leaving_min"]
            best = min(best, max(free.values()))
    return best
