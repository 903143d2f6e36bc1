"""An ordinary department's three semicolon tables as a `book` document.

Ten linacs without a shared beam; columns of the protocols' table say for each machine 1 preferred,
0 possible, -1 not. What the tables do not say is chosen here and named in `CHOICES`.
"""

from __future__ import annotations

import csv
import re
from datetime import date, datetime, timedelta
from typing import Any

CHOICES = (
    "Opening hours are 08:00-17:00 on weekdays; dates without any booking are not taken as closed.",
    "Each machine is only matched with itself: a course stays on one.",
    "A course that follows another one of the arrivals becomes its second phase.",
    "A second session time of 0 minutes is like the first.",
    "Of bookings of one machine that overlap the first is kept; the rest of the later is closed.",
    "Two bookings of a course on one day are kept: bookings are fixed.",
    "Weights by priority 1, 2, 3 are 10, 3, 1: made up for demonstration.",
)
"""What was decided where the tables are silent or contradict each other."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
OPENS, CLOSES = "08:00", "17:00"
WEIGHTS = {"1": 10, "2": 3, "3": 1}
LONGEST_GAP = 7
TAIL_DAYS = 130
"""Days after the last arrival until the end of the horizon, so that long courses can end."""


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.lstrip("\ufeff").splitlines(), delimiter=";"))


def _number(text: str, default: int = 0) -> int:
    found = re.match(r"\s*(\d+)", text or "")
    return int(found[1]) if found else default


def _per_week(text: str) -> tuple[int, int]:
    """Least and most treatment days a week; "3 x week (1 day rest …)" is exactly three."""
    found = re.search(r"(\d+)", text or "")
    least = min(5, max(1, int(found[1]))) if found else 1
    fixed = "rest between" in (text or "") or "Mon - Tue - Wed" in (text or "")
    return least, least if fixed else 5


def machines(protocols: str) -> tuple[str, ...]:
    """The machine columns of the protocols' table, as they stand."""
    rows = _rows(protocols)
    return tuple(name for name in (rows[0] if rows else {}) if re.fullmatch(r"M\d+", name or ""))


def preference(protocols: str, booked: str) -> dict[str, int]:
    """How many bookings lie on machines that are preferred ("1"), possible ("0"), or not ("-1")."""
    by_name = {row["RTTreatment"]: row for row in _rows(protocols)}
    found: dict[str, int] = {}
    for row in _rows(booked):
        mark = by_name.get(row["RTTreatment"], {}).get(row["MachineID"], "?")
        found[mark] = found.get(mark, 0) + 1
    return found


def _phase(row: dict[str, str], course: dict[str, str], names: tuple[str, ...]) -> dict[str, Any]:
    first = max(1, _number(course["SessionTimeFirst"]))
    second = _number(course["SessionTimeSecond"]) or first
    usual = min(first, second) if second < first else second
    phase: dict[str, Any] = {
        "fractions": _number(course["NoFractions"], 1),
        "setup_min": 0,
        "beam_min": usual,
        "leaving_min": 0,
        "rooms": [name for name in names if row.get(name) in {"0", "1"}],
        "preferred": [name for name in names if row.get(name) == "1"],
    }
    if first > usual:
        phase["first_extra_min"] = first - usual
    return phase


def _fits(row: dict[str, str] | None, names: tuple[str, ...]) -> bool:
    return row is not None and any(row.get(name) in {"0", "1"} for name in names)


def _courses(
    rows: list[dict[str, str]], by_name: dict[str, dict[str, str]], names: tuple[str, ...]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Protocols, one for each pair of treatment and session times, and courses."""
    known = {row["CourseID"] for row in rows}
    after: dict[str, list[dict[str, str]]] = {}
    leading = []
    for row in rows:
        before = row["FollowsCourseID"].split(".")[0]
        if before and before != row["CourseID"] and before in known:
            after.setdefault(before, []).append(row)
        else:
            leading.append(row)
    made: dict[str, dict[str, Any]] = {}
    courses = []
    for row in leading:
        parts = [row, *after.get(row["CourseID"], [])]
        parts = [part for part in parts if _fits(by_name.get(part["RTTreatment"]), names)]
        if not parts:
            continue
        times = [
            f"{p['RTTreatment']} {p['SessionTimeFirst']}/{p['SessionTimeSecond']}" for p in parts
        ]
        name = " + ".join(times)
        lead = by_name[parts[0]["RTTreatment"]]
        if name not in made:
            least, most = _per_week(lead["Minimum number of fractions per week"])
            phases = [_phase(by_name[p["RTTreatment"]], p, names) for p in parts]
            for k, phase in enumerate(phases):
                phase["id"] = f"p{k + 1}"
            made[name] = {
                "id": name,
                "category": int(lead["Priority"]),
                "phases": phases,
                "min_per_week": least,
                "max_per_week": most,
                "max_gap_days": LONGEST_GAP,
                "preparation": [
                    {
                        "step": "pre-treatment",
                        "duration_min": 0,
                        "lead_days": _number(lead["Minimum number of days for pre-treatment"]),
                    }
                ],
            }
        courses.append(
            {
                "id": row["CourseID"],
                "protocol": name,
                "fractions": [_number(part["NoFractions"], 1) for part in parts],
                "urgency": f"P{lead['Priority']}",
                "referred": row["CreationDate"][:10],
            }
        )
    return [made[name] for name in sorted(made)], courses


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.strip()[:16])


def _booked(rows: list[dict[str, str]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Bookings that do not contradict each other, and closures for the minutes of the others."""
    bookings: list[dict[str, Any]] = []
    closures: list[dict[str, Any]] = []
    until: dict[tuple[str, date], datetime] = {}
    order = sorted(
        rows, key=lambda r: (r["Start time of appointment"], r["MachineID"], r["CourseID"])
    )
    for row in order:
        begin = _moment(row["Start time of appointment"])
        end = _moment(row["End time of appointment"])
        key = (row["MachineID"], begin.date())
        free = until.get(key, begin)
        if end <= begin:
            continue
        if free > begin:
            if end > free:
                closures.append(
                    {
                        "resource": row["MachineID"],
                        "from": free.isoformat()[:16],
                        "to": end.isoformat()[:16],
                        "why": "other",
                    }
                )
        else:
            bookings.append(
                {
                    "course": f"booked {row['CourseID']}",
                    "date": begin.date().isoformat(),
                    "room": row["MachineID"],
                    "start": f"{begin:%H:%M}",
                    "setup_min": 0,
                    "beam_min": int((end - begin) / timedelta(minutes=1)),
                    "leaving_min": 0,
                }
            )
        until[key] = max(free, end)
    return bookings, closures


def convert(protocols: str, arrivals: str, booked: str) -> dict[str, Any]:
    """The `book` document of an ordinary department.

    Args:
        protocols: treatment, priority, minutes, least fractions a week, days of pre-treatment, and
            a column for each machine.
        arrivals: courses with their creation date, fractions and session minutes.
        booked: appointments that are fixed.

    Returns:
        A document for `read_book`; `CHOICES` says what was decided. Courses none of whose
        treatments has a machine are left out.
    """
    names = machines(protocols)
    by_name = {row["RTTreatment"]: row for row in _rows(protocols)}
    rows = _rows(arrivals)
    made, courses = _courses(rows, by_name, names)
    bookings, closures = _booked(_rows(booked))
    dates = sorted(course["referred"] for course in courses)
    first = date.fromisoformat(dates[0]) if dates else date(2000, 1, 1)
    last = date.fromisoformat(dates[-1]) if dates else first
    return {
        "schema": "sapar.proton.book/1",
        "centre": {
            "schema": "sapar.proton.centre/1",
            "name": "An ordinary department",
            "beams": [],
            "rooms": [{"id": name, "kind": "linac", "beam": None} for name in names],
            "hours": {day: [[OPENS, CLOSES]] for day in WEEKDAYS},
            "closures": closures,
        },
        "today": first.isoformat(),
        "horizon": {
            "from": first.isoformat(),
            "to": (last + timedelta(days=TAIL_DAYS)).isoformat(),
        },
        "urgencies": [
            {"id": f"P{number}", "weight": weight} for number, weight in sorted(WEIGHTS.items())
        ],
        "weights": {"preferred_room": 0.1},
        "protocols": made,
        "courses": courses,
        "bookings": bookings,
    }
