"""Checks the answer of `capacity`: figures that must agree with each other and the problem."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.verify.calendar import Calendar
from sapar.proton.engine.scheduling.verify.findings import ENDED, REASON, Shape, look, near, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sapar.proton.engine.scheduling.verify.findings import Findings

SPREAD: Shape = {"mean": "number", "low": "number", "high": "number"}
CAPACITY: Shape = {
    **ENDED,
    "patients": SPREAD,
    "target": {"patients": "number", "reached": "text", "probability": "number"},
    "binding": "text",
    "resources": [
        {"resource": "text", "minutes_per_year": "number", "used": "number", "binds": "number"}
    ],
    "changes": [{"change": "text", "resource": "text?", "patients": SPREAD}],
    "arithmetic": {
        "working_days": "number?",
        "fractions_per_course": "number?",
        "children": "number?",
        "anaesthesia_courses": "number?",
    },
    "rooms": "object",
    "rooms_needed": "integer?",
    "says": [REASON],
    "draws": "integer",
}
TENTH = 0.051
"""Figures that are shown with one decimal differ by at most this."""

SAMPLE = 1.05
"""How far a few random years may lie from what mean lengths of courses allow."""


def spreads(value: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every interval in an answer, with its path."""
    if isinstance(value, dict):
        if isinstance(value.get("low"), int | float) and isinstance(value.get("high"), int | float):
            yield where, value
        for key, inner in value.items():
            yield from spreads(inner, f"{where}.{key}" if where else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from spreads(inner, f"{where}[{index}]")


def _intervals(answer: dict[str, Any], found: Findings) -> None:
    for where, spread in spreads(answer, ""):
        if not spread["low"] <= spread["high"]:
            found.add("proton.verify.interval_wrong", where, f"{spread['low']}–{spread['high']}")


def check_capacity(problem: dict[str, Any], answer: dict[str, Any], found: Findings) -> None:
    """Find all faults of a capacity answer."""
    look(answer, CAPACITY, "", found)
    if found:
        return
    _intervals(answer, found)
    _target(problem, answer, found)
    _binding(answer, found)
    _counts(problem, answer, found)
    _arithmetic(problem, answer, found)


def _target(problem: dict[str, Any], answer: dict[str, Any], found: Findings) -> None:
    """Whether the target is reached follows from the share of years that reach it."""
    target = answer["target"]
    wanted = problem.get("target", problem["demand"]["courses_per_year"])
    if not near(target["patients"], wanted):
        value = target["patients"]
        found.add("proton.verify.sum_wrong", "target.patients", value, wanted=shown(wanted))
    probability = target["probability"]
    if not 0 <= probability <= 1:
        found.add("proton.verify.share_wrong", "target.probability", probability)
        return
    # A share that is shown rounded may stand on the edge.
    right = {
        "yes": probability >= 0.95 - 1e-3,
        "no": probability <= 0.05 + 1e-3,
        "perhaps": 0.05 - 1e-3 <= probability <= 0.95 + 1e-3,
    }
    if not right.get(target["reached"], False):
        says = "yes" if probability >= 0.95 else "no" if probability <= 0.05 else "perhaps"
        value = target["reached"]
        found.add("proton.verify.sum_wrong", "target.reached", value, wanted=says)


def _binding(answer: dict[str, Any], found: Findings) -> None:
    """The shares of what binds have the sum 1, and the largest is the one that is named."""
    shares = {line["resource"]: line["binds"] for line in answer["resources"]}
    for index, line in enumerate(answer["resources"]):
        if not -1e-6 <= line["binds"] <= 1 + 1e-6 or not -1e-6 <= line["used"] <= 1 + 1e-3:
            found.add("proton.verify.share_wrong", f"resources[{index}]", line["resource"])
    total, slack = sum(shares.values()), 1e-3 * (1 + len(shares))
    if answer["binding"] == "none":
        if total > slack:
            found.add("proton.verify.sum_wrong", "binding", "none", wanted=max(shares, default=""))
        return
    if not near(total, 1.0, slack):
        found.add("proton.verify.sum_wrong", "resources", shown(total), wanted="1")
    staff = answer["binding"].startswith("staff:")  # people may bind through the rooms they open
    if not staff and shares.get(answer["binding"], 0.0) < max(shares.values(), default=0.0) - slack:
        best = max(shares, key=lambda name: shares[name])
        found.add("proton.verify.sum_wrong", "binding", answer["binding"], wanted=best)


def _counts(problem: dict[str, Any], answer: dict[str, Any], found: Findings) -> None:
    rooms: dict[str, int] = {}
    for room in problem["centre"]["rooms"]:
        rooms[room["kind"]] = rooms.get(room["kind"], 0) + 1
    if answer["rooms"] != rooms:
        text = ", ".join(f"{kind}: {count}" for kind, count in sorted(rooms.items()))
        found.add("proton.verify.sum_wrong", "rooms", answer["rooms"], wanted=text)
    if not 1 <= answer["draws"] <= problem.get("draws", 100):
        value = problem.get("draws", 100)
        found.add("proton.verify.sum_wrong", "draws", answer["draws"], wanted=value)
    # The mean year may reach a target that hardly any random year does: then no room is missing.
    needed, there = answer["rooms_needed"], sum(rooms.values())
    if needed is not None and needed < there:
        found.add("proton.verify.sum_wrong", "rooms_needed", needed, wanted=there)


def mean_fractions(problem: dict[str, Any]) -> float:
    """Fractions of a mean course of the mix."""
    protocols = {protocol["id"]: protocol for protocol in problem["protocols"]}
    total = weight = 0.0
    for line in problem["demand"]["mix"]:
        if line.get("fractions"):
            shares = sum(share for _, share in line["fractions"])
            mean = sum(number * share for number, share in line["fractions"]) / shares
        else:
            mean = sum(phase["fractions"] for phase in protocols[line["protocol"]]["phases"])
        total, weight = total + line["share"] * mean, weight + line["share"]
    return total / weight


def _year(problem: dict[str, Any]) -> tuple[Calendar, list[date]]:
    calendar = Calendar(problem["centre"])
    first = date(problem["year"], 1, 1)
    count = (date(problem["year"] + 1, 1, 1) - first).days
    every = [first + timedelta(days=step) for step in range(count)]
    return calendar, [when for when in every if calendar.is_working(when)]


def _arithmetic(problem: dict[str, Any], answer: dict[str, Any], found: Findings) -> None:
    """Mean values that follow from the problem alone, and a ceiling in whole slots."""
    calendar, working = _year(problem)
    days = problem.get("days", len(working))
    courses, mix = problem["demand"]["courses_per_year"], problem["demand"]["mix"]
    shares = sum(line["share"] for line in mix)
    children = sum(line["share"] * line.get("child_share", 0) for line in mix) / shares
    asleep = sum(
        line["share"] * line.get("child_share", 0) * line.get("anaesthesia_share_of_children", 0)
        for line in mix
    )
    fractions = mean_fractions(problem)
    true = {
        "working_days": days,
        "fractions_per_course": fractions,
        "children": courses * children,
        "anaesthesia_courses": courses * asleep / shares,
    }
    for key, value in true.items():
        stated = answer["arithmetic"].get(key)
        if not isinstance(stated, int | float) or not near(stated, value, TENTH):
            found.add("proton.verify.sum_wrong", f"arithmetic.{key}", stated, wanted=shown(value))
    slot = problem.get("slot_min")
    if slot and working and fractions:
        minutes = sum(
            calendar.room(when, room).bit_count() for when in working for room in calendar.rooms
        )
        most = minutes * days / len(working) / slot / fractions
        if answer["patients"]["mean"] > most * SAMPLE + 1:
            value = answer["patients"]["mean"]
            found.add("proton.verify.bound_above", "patients.mean", value, best=shown(most))
