"""The chain before the first fraction, what is done during a course, and the earliest day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.verify import clock

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.verify.calendar import Calendar
    from sapar.proton.engine.scheduling.verify.courses import Course, Placed
    from sapar.proton.engine.scheduling.verify.findings import Findings

Horizon = tuple[date, date]


def things(step: dict[str, Any]) -> list[str]:
    """What a step uses: its device, its role, both or none."""
    return [step[key] for key in ("device", "role") if step.get(key) is not None]


def open_minutes(calendar: Calendar, when: date, use: str) -> int:
    """The minutes of a date at which at least one of a device or role is there."""
    levels = calendar.supply(when, use)
    return (calendar.centre(when) if levels is None else clock.level(levels, 1)).bit_count()


def is_possible(calendar: Calendar, when: date, step: dict[str, Any]) -> bool:
    """Whether a step could be done on a date with empty resources."""
    if not calendar.is_working(when):
        return False
    return all(open_minutes(calendar, when, use) >= step["duration_min"] for use in things(step))


def steps_of(course: Course) -> list[dict[str, Any]]:
    """The chain that is still to be planned: none once it is done or the course continues."""
    if course.continues or course.block.get("ready") is not None:
        return []
    return course.protocol.get("preparation") or []


def room_is_long_enough(course: Course, number: int, calendar: Calendar, when: date) -> bool:
    """Whether a room of a fraction's phase is open long enough in a row on a date."""
    need = sum(course.parts(number))
    return any(
        clock.longest_run(calendar.room(when, room)) >= need
        for room in course.rooms(number, calendar)
    )


def earliest(course: Course, calendar: Calendar, horizon: Horizon) -> date | None:
    """The earliest feasible day as the document defines it; None where the horizon has none."""
    begin, end = horizon
    begins_after: date | None = None
    if course.continues:
        begins_after = course.known_days[-1] if course.known_days else None
    else:
        for key in ("referred", "ready", "arrival"):
            if course.block.get(key) is not None:
                begin = max(begin, clock.day(course.block[key]))
        before = clock.day(course.block["referred"])
        for step in steps_of(course):
            when = max(before, horizon[0])
            while calendar.working_between(before, when) < step["lead_days"] or not is_possible(
                calendar, when, step
            ):
                when += timedelta(days=1)
                if when > end:
                    return None
            before = begins_after = when
    when = begin
    if begins_after is not None:
        when = max(when, begins_after + timedelta(days=1))
    number = course.remaining[0]
    no_start = [] if course.continues else course.protocol.get("no_start") or []
    while when <= end:
        if (
            calendar.is_working(when)
            and clock.weekday(when) not in no_start
            and room_is_long_enough(course, number, calendar, when)
        ):
            return when
        when += timedelta(days=1)
    return None


def check_start(course: Course, entry: dict[str, Any], first: Placed, found: Findings) -> None:
    """The day of the first fraction: not before the patient can, not on a wrong weekday."""
    if course.continues:
        return
    for key in ("referred", "ready", "arrival"):
        if course.block.get(key) is not None and first.day < clock.day(course.block[key]):
            found.add(
                "proton.verify.start_too_early",
                f"{first.where}.date",
                first.day.isoformat(),
                course=course.name,
                day=clock.day(course.block[key]),
            )
            break
    if clock.weekday(first.day) in (course.protocol.get("no_start") or []):
        found.add(
            "proton.verify.start_weekday",
            f"{first.where}.date",
            first.day.isoformat(),
            course=course.name,
        )
    done = [clock.day(step["date"]) for step in entry["preparation"]]
    if steps_of(course) and done and first.day <= max(done):
        found.add(
            "proton.verify.before_chain",
            f"{first.where}.date",
            first.day.isoformat(),
            course=course.name,
        )


def check_preparation(
    course: Course,
    entry: dict[str, Any],
    calendar: Calendar,
    horizon: Horizon,
    *,
    where: str,
    found: Findings,
) -> None:
    """The chain: its steps in order, each long enough after the one before, on a possible day."""
    wanted = steps_of(course)
    given = entry["preparation"]
    if [step["step"] for step in given] != [step["step"] for step in wanted]:
        found.add(
            "proton.verify.chain_steps",
            f"{where}.preparation",
            ", ".join(step["step"] for step in given),
            course=course.name,
            wanted=", ".join(step["step"] for step in wanted),
        )
        return
    before = clock.day(course.block["referred"])
    for index, (step, line) in enumerate(zip(wanted, given, strict=True)):
        path, when = f"{where}.preparation[{index}]", clock.day(line["date"])
        _line(step, line, path, course, found)
        if when < before or calendar.working_between(before, when) < step["lead_days"]:
            found.add(
                "proton.verify.chain_too_early",
                f"{path}.date",
                line["date"],
                course=course.name,
                step=step["step"],
                days=step["lead_days"],
            )
        if not horizon[0] <= when <= horizon[1]:
            found.add(
                "proton.verify.outside_horizon", f"{path}.date", line["date"], course=course.name
            )
        elif not is_possible(calendar, when, step):
            found.add(
                "proton.verify.step_not_possible",
                f"{path}.date",
                line["date"],
                course=course.name,
                step=step["step"],
            )
        before = when


def _line(
    step: dict[str, Any], line: dict[str, Any], path: str, course: Course, found: Findings
) -> None:
    """Whether an answer's line says what the step of the protocol uses."""
    use = things(step)[0] if things(step) else None
    if line.get("use") != use or line["duration_min"] != step["duration_min"]:
        found.add(
            "proton.verify.step_differs", path, line["step"], course=course.name, step=step["step"]
        )


def check_during(
    course: Course,
    entry: dict[str, Any],
    new: list[Placed],
    calendar: Calendar,
    *,
    where: str,
    found: Findings,
) -> None:
    """What is done every so many fractions: exactly on the days of those fractions."""
    wanted: list[tuple[str, str, dict[str, Any]]] = []
    for step in course.protocol.get("during") or []:
        wanted += [
            (step["step"], placed.day.isoformat(), step)
            for placed in new
            if placed.number % step["every_fractions"] == 0
        ]
    for index, line in enumerate(entry["during"]):
        path = f"{where}.during[{index}]"
        match = next((w for w in wanted if w[:2] == (line["step"], line["date"])), None)
        if match is None:
            found.add("proton.verify.during_unknown", path, line["step"], course=course.name)
            continue
        wanted.remove(match)
        _line(match[2], line, path, course, found)
        if not is_possible(calendar, clock.day(line["date"]), match[2]):
            found.add(
                "proton.verify.step_not_possible",
                f"{path}.date",
                line["date"],
                course=course.name,
                step=line["step"],
            )
    for name, text, _ in wanted:
        found.add(
            "proton.verify.during_missing", f"{where}.during", text, course=course.name, step=name
        )


class Load:
    """Minutes of devices and roles that were asked for, by day."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.asked: dict[tuple[str, date], int] = {}
        self.lines: dict[tuple[str, date], list[str]] = {}

    def fixed(self, line: dict[str, Any]) -> None:
        """Count a line of the problem's `uses`."""
        key = (line["use"], clock.day(line["date"]))
        self.asked[key] = self.asked.get(key, 0) + line["duration_min"]

    def new(self, step: dict[str, Any], when: date, where: str) -> None:
        """Count a step of the answer, on its device and on its role."""
        for use in things(step):
            key = (use, when)
            self.asked[key] = self.asked.get(key, 0) + step["duration_min"]
            self.lines.setdefault(key, []).append(where)

    def add_entry(self, course: Course, entry: dict[str, Any], where: str) -> None:
        """Count everything that an answer's course uses."""
        kinds = (
            ("preparation", course.protocol.get("preparation") or []),
            ("during", course.protocol.get("during") or []),
        )
        for key, steps in kinds:
            known = {step["step"]: step for step in steps}
            for index, line in enumerate(entry[key]):
                if line["step"] in known:
                    path = f"{where}.{key}[{index}]"
                    self.new(known[line["step"]], clock.day(line["date"]), path)

    def check(self, found: Findings) -> None:
        """Days on which more minutes are asked than there are, if anything new is among them."""
        for (use, when), lines in self.lines.items():
            levels = self.calendar.supply(when, use)
            asked = self.asked[use, when]
            if levels and asked > clock.total(levels) > 0:  # a closed device was reported
                found.add(
                    "proton.verify.device_overload",
                    lines[-1],
                    asked,
                    use=use,
                    day=when,
                    limit=clock.total(levels),
                )
