"""Checks the answer of `offer`: each calendar alone, their order, the minutes kept for others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.verify import clock
from sapar.proton.engine.scheduling.verify.entries import ENTRY, Ground
from sapar.proton.engine.scheduling.verify.findings import ENDED, REASON, Shape, look, shown

if TYPE_CHECKING:
    from datetime import date

    from sapar.proton.engine.scheduling.verify.entries import Checked
    from sapar.proton.engine.scheduling.verify.findings import Findings

SHAPE: Shape = {
    **ENDED,
    "status": "text",
    "offers": [{**ENTRY, "kind": "text"}],
    "reasons": [REASON],
    "protected": {"kind": "text", "days": [{"date": "date", "minutes": "number"}]},
}
KINDS = {"earliest", "another-room", "another-time", "later"}


def check_offer(problem: dict[str, Any], answer: dict[str, Any], found: Findings) -> None:
    """Find all faults of an offer's answer."""
    look(answer, SHAPE, "", found)
    if found:
        return
    status, offers = answer["status"], answer["offers"]
    if status not in {"optimal", "feasible", "infeasible"}:
        found.add("proton.verify.status_unknown", "status", status)
        return
    if status == "infeasible":
        if offers:
            found.add("proton.verify.plan_unexpected", "offers", len(offers))
        if not answer["reasons"]:
            found.add("proton.verify.reasons_missing", "reasons")
        return
    limit = 1 + problem.get("alternatives", 2)
    if not 1 <= len(offers) <= limit:
        found.add("proton.verify.offers_number", "offers", len(offers), limit=limit)
    ground = Ground(problem, [problem["course"]])
    for index, entry in enumerate(offers):
        _one(ground, entry, f"offers[{index}]", found)
    _together(answer, found)


def _one(ground: Ground, entry: dict[str, Any], where: str, found: Findings) -> None:
    """One calendar, as if it were the only one."""
    course = ground.courses.get(entry["course"])
    if course is None or not course.remaining:
        found.add("proton.verify.course_unknown", f"{where}.course", entry["course"])
        return
    if entry["kind"] not in KINDS:
        found.add("proton.verify.offer_kind", f"{where}.kind", entry["kind"])
    item = ground.check_entry(course, entry, where, found)
    ground.check_together([item], found)
    if item.new:
        _windows(ground, item, found)
        _protection(ground, item, found)
        _quota(ground, item, found)


def _windows(ground: Ground, item: Checked, found: Findings) -> None:
    """Windows no wider than asked for, and all of a course's first sessions within its span."""
    wanted = ground.problem.get("window_min", 60)
    lines = {line["fraction"]: line["window"] for line in item.entry["fractions"]}
    firsts: dict[date, tuple[int, int]] = {}
    for placed in item.new:
        low, high = (clock.minute(text) for text in lines[placed.number])
        if high - low > wanted:
            found.add(
                "proton.verify.window_wide",
                f"{placed.where}.window",
                high - low,
                course=item.course.name,
                limit=wanted,
            )
        firsts.setdefault(placed.day, (low, high))
    span = item.course.protocol.get("same_time_min")
    width = max(high for _, high in firsts.values()) - min(low for low, _ in firsts.values())
    if span is not None and width > max(span, 0) and len(firsts) > 1:
        found.add(
            "proton.verify.time_of_day",
            f"{item.where}.window",
            width,
            course=item.course.name,
            limit=span,
        )


def _quota(ground: Ground, item: Checked, found: Findings) -> None:
    block, first = item.course.block, item.new[0].day
    for quota in ground.problem.get("quotas") or []:
        ours = all(
            quota.get(key) is None or block.get(key) == quota[key] for key in ("country", "payer")
        )
        inside = clock.day(quota["from"]) <= first <= clock.day(quota["to"])
        if ours and inside and quota["courses"] < 1 and not item.course.continues:
            found.add("proton.verify.quota_exceeded", item.where, 1, quota=quota["id"], limit=0)


def _kept(ground: Ground, item: Checked, day: date, of: str) -> float:
    """The minutes of rooms or beams that must be left on a day after this course took its place."""
    protection = ground.problem.get("protection") or {"kind": "none"}
    urgency = item.course.block["urgency"]
    lead = ground.calendar.working_between(clock.day(ground.problem["today"]), day)
    if protection["kind"] == "fixed" and of == "rooms":
        released = lead < protection.get("release_days", 1)
        spared = urgency in (protection.get("for") or [])
        return 0.0 if released or spared else float(protection["minutes_per_day"])
    if protection["kind"] == "learned":
        levels = (protection["levels"].get(urgency) or {}).get(of) or [0]
        return float(levels[min(lead, len(levels) - 1)])
    return 0.0


def _protection(ground: Ground, item: Checked, found: Findings) -> None:
    """On each day at least the kept minutes are left.

    A room that is booked beyond what is usable does not count against the others, and a beam offers
    all minutes in which it is there and the centre open: what the rule surely asks, and no more.
    """
    if (ground.problem.get("protection") or {}).get("kind", "none") == "none":
        return
    calendar = ground.calendar
    days = sorted({placed.day for placed in item.new})
    uses = [*ground.fixed_uses(days), *ground.new_uses(item)]
    for day in days:
        here = [use for use in uses if use.day == day]
        rooms = 0.0
        for name, room in calendar.rooms.items():
            usable = room.get("usable", 1) * calendar.room(day, name).bit_count()
            rooms += max(0.0, usable - sum(use.end - use.start for use in here if use.room == name))
        beams = 0.0
        for beam in calendar.switch:
            there = (calendar.beam(day, beam) & calendar.centre(day)).bit_count()
            beams += max(0, there - sum(use.beam_min for use in here if use.beam == beam))
        for of, left in (("rooms", rooms), ("beams", beams)):
            kept = _kept(ground, item, day, of)
            if kept > 0 and left < kept - 1e-6:
                found.add(
                    "proton.verify.protection",
                    next(placed.where for placed in item.new if placed.day == day),
                    shown(left),
                    course=item.course.name,
                    day=day,
                    limit=shown(kept),
                )


def _together(answer: dict[str, Any], found: Findings) -> None:
    """The first offer begins first; no calendar is offered twice; a later start has its reasons."""
    offers = answer["offers"]
    for index, entry in enumerate(offers):
        if entry["first"] < offers[0]["first"]:
            found.add("proton.verify.offer_order", f"offers[{index}].first", entry["first"])
        calendar = [(line["date"], line["room"], line["start"]) for line in entry["fractions"]]
        for other in offers[:index]:
            if calendar == [(x["date"], x["room"], x["start"]) for x in other["fractions"]]:
                found.add("proton.verify.offer_repeated", f"offers[{index}]", entry["kind"])
    if offers and offers[0]["delay"] > 0 and not answer["reasons"]:
        found.add("proton.verify.reasons_missing", "reasons")
