"""Weights, delays and costs of courses, as the document defines them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.verify import clock

if TYPE_CHECKING:
    from datetime import date

    from sapar.proton.engine.scheduling.verify.calendar import Calendar
    from sapar.proton.engine.scheduling.verify.courses import Course, Placed

UNPLACED_DAYS = 20
"""Working days that a course which is not placed costs beyond the end of the horizon."""


def weight(problem: dict[str, Any], course: Course) -> float:
    """Urgency × child × anaesthesia × foreign × (1 + waiting)."""
    block, weights = course.block, problem.get("weights") or {}
    found = next(
        float(entry["weight"]) for entry in problem["urgencies"] if entry["id"] == block["urgency"]
    )
    if block.get("age") is not None and block["age"] < weights.get("child_age", 18):
        found *= weights.get("child", 1)
    if block.get("anaesthesia"):
        found *= weights.get("anaesthesia", 1)
    if block.get("country") is not None and block["country"] != weights.get("home_country", "KZ"):
        found *= weights.get("foreign", 1)
    waited = clock.day(problem["today"]) - clock.day(block["referred"])
    return float(found * (1 + weights.get("waiting_per_week", 0) * max(0, waited.days // 7)))


def late(course: Course, calendar: Calendar, when: date) -> int:
    """Working days after the deadline up to and including a day; 0 for a course that continues."""
    deadline = course.block.get("deadline")
    if deadline is None or course.continues:
        return 0
    return calendar.working_between(clock.day(deadline), when)


def cost(
    problem: dict[str, Any],
    course: Course,
    new: list[Placed],
    delay: int,
    days_late: int,
) -> float:
    """What a placed course costs."""
    weights = problem.get("weights") or {}
    away = 0
    for placed in new:
        preferred = course.phase(placed.number).get("preferred")
        away += 1 if preferred and placed.room not in preferred else 0
    waiting = delay + weights.get("late", 0) * days_late
    return float(weight(problem, course) * waiting + weights.get("preferred_room", 0) * away)


def cost_unplaced(
    problem: dict[str, Any], course: Course, calendar: Calendar, first: date | None, end: date
) -> float:
    """What a course costs that is not placed; `first` is its earliest day."""
    weights = problem.get("weights") or {}
    days = 0 if first is None else calendar.working_between(first, end)
    days_late = late(course, calendar, end)
    waiting = days + UNPLACED_DAYS + weights.get("late", 0) * days_late
    return float(weight(problem, course) * waiting)
