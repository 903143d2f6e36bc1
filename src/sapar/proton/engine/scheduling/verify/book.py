"""Checks the answer of `book`: every course, every minute, every figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.verify import clock
from sapar.proton.engine.scheduling.verify.entries import ENTRY, Ground
from sapar.proton.engine.scheduling.verify.fairness import check_fairness
from sapar.proton.engine.scheduling.verify.findings import ENDED, REASON, Shape, look, near, shown

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.verify.entries import Checked
    from sapar.proton.engine.scheduling.verify.findings import Findings

SHAPE: Shape = {
    **ENDED,
    "status": "text",
    "courses": [ENTRY],
    "unplaced": [{"course": "text", "earliest": "date?", "cost": "number", "reasons": [REASON]}],
    "objective": "number?",
    "bound": "number?",
    "gap_per_course": "number?",
    "load?": [{"resource": "text", "share": "number"}],
    "fairness?": "object",
    "reasons?": [REASON],
}


def check_book(problem: dict[str, Any], answer: dict[str, Any], found: Findings) -> None:
    """Find all faults of a booking answer."""
    look(answer, SHAPE, "", found)
    if found:
        return
    status = answer["status"]
    if status not in ("optimal", "feasible", "infeasible"):
        found.add("proton.verify.status_unknown", "status", status)
        return
    if status == "infeasible":
        if not answer.get("reasons"):
            found.add("proton.verify.reasons_missing", "reasons")
        if answer["courses"]:
            found.add("proton.verify.plan_unexpected", "courses", len(answer["courses"]))
        return
    ground = Ground(problem, problem["courses"])
    checked = _courses(ground, answer, found)
    _unplaced(ground, answer, found)
    ground.check_together(checked, found)
    _quotas(ground, checked, found)
    _sums(ground, answer, checked, found)
    check_fairness(ground, answer, checked, found)
    for index, line in enumerate(answer.get("load") or []):
        if line["share"] < 0:
            found.add("proton.verify.share_wrong", f"load[{index}].share", line["share"])


def _courses(ground: Ground, answer: dict[str, Any], found: Findings) -> list[Checked]:
    """Each course once, placed or not; courses with nothing left to place in neither list."""
    checked: list[Checked] = []
    seen: set[str] = set()
    for key in ("courses", "unplaced"):
        for index, entry in enumerate(answer[key]):
            where, name = f"{key}[{index}]", entry["course"]
            course = ground.courses.get(name)
            if course is None or not course.remaining:
                found.add("proton.verify.course_unknown", f"{where}.course", name)
            elif name in seen:
                found.add("proton.verify.course_repeated", f"{where}.course", name, course=name)
            else:
                seen.add(name)
                if key == "courses":
                    checked.append(ground.check_entry(course, entry, where, found))
    for name, course in ground.courses.items():
        if name not in seen and course.remaining:
            found.add("proton.verify.course_missing", "courses", name, course=name)
    return checked


def _unplaced(ground: Ground, answer: dict[str, Any], found: Findings) -> None:
    for index, entry in enumerate(answer["unplaced"]):
        course = ground.courses.get(entry["course"])
        if course is None or not course.remaining:
            continue
        where, first = f"unplaced[{index}]", ground.earliest(course)
        if entry["earliest"] != (first.isoformat() if first else None):
            found.add(
                "proton.verify.earliest_wrong",
                f"{where}.earliest",
                entry["earliest"],
                course=course.name,
                wanted=first,
            )
        true = ground.cost_unplaced(course)
        if not near(entry["cost"], true):
            found.add(
                "proton.verify.cost_wrong",
                f"{where}.cost",
                entry["cost"],
                course=course.name,
                wanted=shown(true),
            )
        if not entry["reasons"]:
            found.add("proton.verify.reasons_missing", f"{where}.reasons")
        for number, reason in enumerate(entry["reasons"]):
            if not reason["code"].startswith("proton."):
                path = f"{where}.reasons[{number}].code"
                found.add("proton.verify.reason_code", path, reason["code"])


def _quotas(ground: Ground, checked: list[Checked], found: Findings) -> None:
    for quota in ground.problem.get("quotas") or []:
        low, high = clock.day(quota["from"]), clock.day(quota["to"])
        count, last = 0, None
        for name, course in ground.courses.items():
            if any(
                quota.get(key) is not None and course.block.get(key) != quota[key]
                for key in ("country", "payer")
            ):
                continue
            entry = next((item for item in checked if item.course.name == name), None)
            if entry is None or course.continues or not entry.new:
                continue
            if low <= entry.new[0].day <= high:
                count, last = count + 1, entry.where
        if count > quota["courses"] and last is not None:
            found.add(
                "proton.verify.quota_exceeded",
                last,
                count,
                quota=quota["id"],
                limit=quota["courses"],
            )


def _sums(ground: Ground, answer: dict[str, Any], checked: list[Checked], found: Findings) -> None:
    """The objective from the costs, the bound below it, and the gap."""
    objective, bound, gap = answer["objective"], answer["bound"], answer["gap_per_course"]
    if objective is None or bound is None or gap is None:
        found.add("proton.verify.bound_missing", "objective" if objective is None else "bound")
        return
    true = sum(item.cost for item in checked)
    for entry in answer["unplaced"]:
        course = ground.courses.get(entry["course"])
        if course is not None and course.remaining:
            true += ground.cost_unplaced(course)
    count = len(ground.problem["courses"])
    slack = 1e-4 * (1 + count)
    if not near(objective, true, slack):
        found.add("proton.verify.objective_wrong", "objective", objective, wanted=shown(true))
    if bound > objective + slack:
        found.add("proton.verify.bound_above", "bound", bound, best=shown(objective))
    if answer["status"] == "optimal" and objective > bound + slack:
        found.add("proton.verify.not_optimal", "status", bound)
    wanted = (objective - bound) / count if count else 0.0
    if not near(gap, wanted):
        found.add("proton.verify.gap_wrong", "gap_per_course", gap, wanted=shown(wanted))
