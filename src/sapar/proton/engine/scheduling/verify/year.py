"""Checks the answer of `year`: everybody is counted once, and no room gave more than it has."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.verify import clock
from sapar.proton.engine.scheduling.verify.calendar import Calendar
from sapar.proton.engine.scheduling.verify.findings import ENDED, Shape, look, near, shown

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.verify.findings import Findings

WAITING: Shape = {
    "courses": "integer",
    "mean_days": "number?",
    "median_days": "number?",
    "p90_days": "number?",
    "within_target": "number?",
    "breaches": "integer",
}
COUNTS = (
    "arrived",
    "started",
    "completed",
    "waiting",
    "waiting_without_date",
    "withdrawn",
    "fractions",
    "overtime_min",
)
SHAPE: Shape = {
    **ENDED,
    "mode": "text",
    "from": "date",
    "days": "integer",
    "counts": dict.fromkeys(COUNTS, "number"),
    "waiting": {"all": WAITING},
    "groups": "object",
    "prolongation": "object",
    "utilisation": "object",
}
PROLONGED: Shape = {"courses": "integer", "over_2_days": "number?", "over_5_days": "number?"}


def check_year(problem: dict[str, Any], answer: dict[str, Any], found: Findings) -> None:
    """Find all faults of a simulated year."""
    look(answer, SHAPE, "", found)
    for part, shape in (("waiting", WAITING), ("groups", WAITING), ("prolongation", PROLONGED)):
        for name, line in (answer[part] if not found else {}).items():
            look(line, shape, f"{part}.{name}", found)
    for name, share in ({} if found else answer["utilisation"]).items():
        look(share, "number", f"utilisation.{name}", found)
    if found:
        return
    for key, true in (
        ("mode", problem.get("mode", "full")),
        ("from", problem["from"]),
        ("days", problem.get("days", 365)),
    ):
        if answer[key] != true:
            found.add("proton.verify.sum_wrong", key, answer[key], wanted=true)
    _counts(answer, found)
    _waiting(answer, found)
    _shares(problem, answer, found)
    _ceiling(problem, answer, found)


def _counts(answer: dict[str, Any], found: Findings) -> None:
    """Who arrived has started, waits or went elsewhere; nobody completes who has not started."""
    counts = answer["counts"]
    for key in COUNTS:
        if counts[key] < 0:
            found.add("proton.verify.sum_wrong", f"counts.{key}", counts[key], wanted=0)
    known = counts["started"] + counts["waiting"] + counts["withdrawn"]
    if counts["arrived"] != known:
        found.add("proton.verify.sum_wrong", "counts.arrived", counts["arrived"], wanted=known)
    for part, whole in (
        ("completed", "started"),
        ("waiting_without_date", "waiting"),
        ("started", "arrived"),
    ):
        if counts[part] > counts[whole]:
            value, limit = counts[part], counts[whole]
            found.add("proton.verify.sum_wrong", f"counts.{part}", value, wanted=limit)
    if answer["waiting"]["all"]["courses"] > counts["arrived"]:
        value = answer["waiting"]["all"]["courses"]
        found.add("proton.verify.sum_wrong", "waiting.all", value, wanted=counts["arrived"])


def _waiting(answer: dict[str, Any], found: Findings) -> None:
    """Urgencies, and home and foreign, make up all; quantiles are in order."""
    everyone = {f"waiting.{key}": line for key, line in answer["waiting"].items()}
    everyone |= {f"groups.{key}": line for key, line in answer["groups"].items()}
    for where, line in everyone.items():
        median, high = line["median_days"], line["p90_days"]
        if median is not None and high is not None and median > high:
            found.add("proton.verify.interval_wrong", where, f"{median}–{high}")
        if line["breaches"] > line["courses"]:
            found.add("proton.verify.sum_wrong", where, line["breaches"], wanted=line["courses"])
    whole = answer["waiting"]["all"]
    urgencies = [line for key, line in answer["waiting"].items() if key != "all"]
    pairs = [("waiting", urgencies)] if urgencies else []
    for one, two in (("home", "foreign"), ("child", "adult")):
        if one in answer["groups"] and two in answer["groups"]:
            pairs.append((f"groups.{one}", [answer["groups"][one], answer["groups"][two]]))
    for where, parts in pairs:
        for key in ("courses", "breaches"):
            total = sum(line[key] for line in parts)
            if total != whole[key]:
                found.add("proton.verify.sum_wrong", f"{where}.{key}", total, wanted=whole[key])
        mean = sum(line["courses"] * (line["mean_days"] or 0) for line in parts)
        true = whole["courses"] * (whole["mean_days"] or 0)
        if not near(mean, true, 1e-3 * (1 + whole["courses"])):
            found.add(
                "proton.verify.sum_wrong", f"{where}.mean_days", shown(mean), wanted=shown(true)
            )


def _shares(problem: dict[str, Any], answer: dict[str, Any], found: Findings) -> None:
    """Prolongation by category counts those who completed; shares lie between 0 and 1."""
    lines = answer["prolongation"]
    total = sum(line["courses"] for line in lines.values())
    if total > answer["counts"]["completed"]:
        true = answer["counts"]["completed"]
        found.add("proton.verify.sum_wrong", "prolongation", total, wanted=true)
    for name, line in lines.items():
        more, most = line["over_2_days"] or 0, line["over_5_days"] or 0
        if not 0 <= most <= more <= 1:
            found.add("proton.verify.share_wrong", f"prolongation.{name}", f"{more}, {most}")
    policy = problem.get("policy") or {}
    longer = policy.get("overtime_min") or policy.get("means")
    for name, share in answer["utilisation"].items():
        if share < 0 or (share > 1 + 1e-6 and not longer):
            found.add("proton.verify.share_wrong", f"utilisation.{name}", share)


def _ceiling(problem: dict[str, Any], answer: dict[str, Any], found: Findings) -> None:
    """No more fractions than the shortest of them would fit into all open minutes of all rooms."""
    policy = problem.get("policy") or {}
    if policy.get("means"):  # weekends and longer days: no plain ceiling
        return
    calendar, overtime = Calendar(problem["centre"]), policy.get("overtime_min", 0)
    shortest = min(
        phase["setup_min"] + phase["beam_min"] + phase["leaving_min"]
        for protocol in problem["protocols"]
        for phase in protocol["phases"]
    )
    first = clock.day(problem["from"])
    minutes = 0
    for step in range(problem.get("warm_up_days", 0) + problem.get("days", 365)):
        day = first + timedelta(days=step)
        for room in calendar.rooms:
            open_minutes = calendar.room(day, room).bit_count()
            minutes += open_minutes + (overtime if open_minutes else 0)
    most = minutes // max(1, shortest)
    if answer["counts"]["fractions"] > most:
        value = answer["counts"]["fractions"]
        found.add("proton.verify.bound_above", "counts.fractions", value, best=most)
