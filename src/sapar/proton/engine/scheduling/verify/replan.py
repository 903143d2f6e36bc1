"""Checks the answer of `replan`: every future fraction once, what moved, and what was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.verify import clock
from sapar.proton.engine.scheduling.verify.findings import ENDED, REASON, Shape, look, near, shown
from sapar.proton.engine.scheduling.verify.moved import Future, Moved
from sapar.proton.engine.scheduling.verify.repaired import check_course, check_resources

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.verify.findings import Findings

PLACE: dict[str, Any] = {"date": "date", "room": "text", "start": "time"}
SHAPE: Shape = {
    **ENDED,
    "status": "text",
    "plan": [{**PLACE, "course": "text", "fraction?": "integer?"}],
    "moves": [{"course": "text", "fraction": "integer", "from": PLACE, "to": "any", "by": "text?"}],
    "moved_courses": "integer",
    "kept": "integer",
    "bound": "number?",
    "gap?": "number?",
    "given_up?": "integer",
    "hit_fractions?": "integer",
    "by?": "object",
    "prolonged": [{"course": "text", "days": "integer", "gap_days?": "integer?"}],
    "reasons?": [REASON],
}
BY = {
    "same-day",
    "matched-room",
    "weekend",
    "second-daily",
    "photon",
    "later",
    "extended-hours",
}


def check_replan(problem: dict[str, Any], answer: dict[str, Any], found: Findings) -> None:
    """Find all faults of a repaired plan."""
    look(answer, SHAPE, "", found)
    for index, move in enumerate([] if found else answer["moves"]):
        if move["to"] is not None:
            look(move["to"], PLACE, f"moves[{index}].to", found)
    if found:
        return
    status = answer["status"]
    if status not in {"optimal", "feasible", "infeasible", "unknown"}:
        found.add("proton.verify.status_unknown", "status", status)
        return
    if status in {"infeasible", "unknown"}:
        if answer["plan"]:
            found.add("proton.verify.plan_unexpected", "plan", len(answer["plan"]))
        if status == "infeasible" and not answer.get("reasons"):
            found.add("proton.verify.reasons_missing", "reasons")
        return
    future = Future(problem)
    _plan(future, answer, found)
    _moves(future, answer, found)
    _counts(future, answer, found)
    for name in future.courses:
        check_course(future, name, answer, found)
    check_resources(future, found)
    _prolonged(future, answer, found)


def _plan(future: Future, answer: dict[str, Any], found: Findings) -> None:
    """Reads the plan into `future`: each future fraction once, there or given up."""
    dropped = {(move["course"], move["fraction"]) for move in answer["moves"] if move["to"] is None}
    for index, row in enumerate(answer["plan"]):
        where, key = f"plan[{index}]", (row["course"], row.get("fraction"))
        if row["course"] not in future.courses:
            if not future.stays(row):
                found.add("proton.verify.course_unknown", f"{where}.course", row["course"])
            continue
        if key not in future.before:
            found.add(
                "proton.verify.fraction_unknown",
                f"{where}.fraction",
                row.get("fraction"),
                course=row["course"],
            )
        elif key in future.now or key in dropped:
            found.add(
                "proton.verify.fraction_repeated",
                f"{where}.fraction",
                row["fraction"],
                course=row["course"],
            )
        else:
            future.now[key] = Moved.of(row, where)
            booking = future.before[key]
            for part in ("setup_min", "beam_min", "leaving_min"):
                if (
                    not future.is_photon(row["room"])
                    and row.get(part, booking[part]) != booking[part]
                ):
                    found.add("proton.verify.minutes_differ", f"{where}.{part}", row[part])
    for key in future.before:
        if key not in future.now and key not in dropped:
            found.add("proton.verify.fraction_missing", "plan", key[1], course=key[0])


def _moves(future: Future, answer: dict[str, Any], found: Findings) -> None:
    """The moves are the true difference between the bookings and the plan."""
    told: set[tuple[str, int | None]] = set()
    for index, move in enumerate(answer["moves"]):
        where, key = f"moves[{index}]", (move["course"], move["fraction"])
        booking = future.before.get(key)
        if booking is None or key in told:
            found.add("proton.verify.move_unknown", where, move["fraction"], course=move["course"])
            continue
        told.add(key)
        if any(move["from"][part] != booking[part] for part in ("date", "room", "start")):
            found.add("proton.verify.move_wrong", f"{where}.from", move["from"], course=key[0])
        row = future.now.get(key)
        if move["to"] is None or row is None:
            continue
        if Moved.of(move["to"], "") != row.placed():
            found.add("proton.verify.move_wrong", f"{where}.to", move["to"], course=key[0])
        elif key not in future.moved():
            found.add("proton.verify.move_wrong", where, move["to"], course=key[0])
        elif move["by"] not in BY or not _by(future, key, move["by"]):
            found.add("proton.verify.move_by", f"{where}.by", move["by"], course=key[0])
    for key in future.moved():
        if key not in told:
            found.add("proton.verify.move_missing", future.now[key].where, key[1], course=key[0])


def _by(future: Future, key: tuple[str, int | None], by: str) -> bool:
    """Whether a move is of the kind that it says it is."""
    booking, row = future.before[key], future.now[key]
    day = clock.day(booking["date"])
    rooms = future.calendar.rooms
    both: bool = booking["room"] in rooms and row.room in rooms
    if future.is_photon(row.room) != (by == "photon"):
        return bool(row.room == booking["room"])
    others = [other for other in future.days_of(key[0], without=key) if other == row.day]
    fits: dict[str, bool] = {
        "same-day": row.day == day,
        "matched-room": both
        and row.room != booking["room"]
        and future.calendar.group(row.room) == future.calendar.group(booking["room"]),
        "weekend": future.calendar.is_weekend(row.day),
        "second-daily": bool(others),
        "photon": True,
        "later": row.day > day or (row.day == day and row.start > clock.minute(booking["start"])),
        "extended-hours": both and future.calendar.is_extended(row.day, row.room, row.end(booking)),
    }
    return fits[by]


def _counts(future: Future, answer: dict[str, Any], found: Findings) -> None:
    """Kept bookings, moved courses and the bound on them."""
    moved = {key[0] for key in future.before if key in future.moved() or key not in future.now}
    kept = len(future.now) - len(future.moved())
    if answer["kept"] != kept:
        found.add("proton.verify.kept_wrong", "kept", answer["kept"], wanted=kept)
    if answer["moved_courses"] != len(moved):
        value = answer["moved_courses"]
        found.add("proton.verify.moved_wrong", "moved_courses", value, wanted=len(moved))
    _further(future, answer, len(moved), found)
    bound = answer["bound"]
    if bound is None:
        found.add("proton.verify.bound_missing", "bound")
    elif bound > len(moved) + 1e-6:
        found.add("proton.verify.bound_above", "bound", bound, best=len(moved))
    elif answer["status"] == "optimal" and bound < len(moved) - 1e-6:
        found.add("proton.verify.not_optimal", "status", bound)


def _further(future: Future, answer: dict[str, Any], moved: int, found: Findings) -> None:
    """Counts that an answer may state besides: only what is there is looked at."""
    hit = [key for key, entry in future.before.items() if future.hit(key, Moved.of(entry, ""))]
    counts = {
        "given_up": sum(1 for move in answer["moves"] if move["to"] is None),
        "hit_fractions": len(hit),
    }
    for key, true in counts.items():
        if answer.get(key, true) != true:
            found.add("proton.verify.sum_wrong", key, answer[key], wanted=true)
    kinds = [move["by"] for move in answer["moves"] if move["to"] is not None]
    by = {kind: kinds.count(kind) for kind in kinds}
    if answer.get("by", by) != by:
        text = ", ".join(f"{kind}: {count}" for kind, count in sorted(by.items()))
        found.add("proton.verify.sum_wrong", "by", answer["by"], wanted=text)
    if answer.get("gap") is not None and answer["bound"] is not None:
        gap = (moved - answer["bound"]) / moved if moved else 0.0
        if not near(answer["gap"], gap):
            found.add("proton.verify.gap_wrong", "gap", answer["gap"], wanted=shown(gap))


def _prolonged(future: Future, answer: dict[str, Any], found: Findings) -> None:
    """Exactly the courses that end later, or that lost a fraction, with the days."""
    told: dict[str, dict[str, Any]] = {}
    for index, entry in enumerate(answer["prolonged"]):
        where, name = f"prolonged[{index}]", entry["course"]
        if name in told or name not in future.courses:
            found.add("proton.verify.course_unknown", f"{where}.course", name)
            continue
        told[name] = entry
        days = future.prolongation(name)
        gaps = future.broken_gaps(name)
        if days <= 0 and not future.gave_up(name) and not gaps:
            found.add("proton.verify.prolonged_unknown", where, name, course=name)
        elif entry["days"] != max(0, days):
            found.add(
                "proton.verify.prolonged_days", f"{where}.days", entry["days"], wanted=max(0, days)
            )
        if days > 0 and not isinstance(entry.get("compensation"), dict):
            found.add("proton.verify.compensation_missing", f"{where}.compensation", course=name)
    for name in future.courses:
        if name not in told and (future.prolongation(name) > 0 or future.gave_up(name)):
            found.add("proton.verify.prolonged_missing", "prolonged", name, course=name)
