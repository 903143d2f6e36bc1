"""Checks what a booking answer says of fairness: waiting from its plan, protections by their form.

The figures of protections are those of linear programmes, which the checker does not solve again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.verify import clock
from sapar.proton.engine.scheduling.verify.findings import Shape, look, near, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sapar.proton.engine.scheduling.verify.courses import Course
    from sapar.proton.engine.scheduling.verify.entries import Checked, Ground
    from sapar.proton.engine.scheduling.verify.findings import Findings

FIGURES: Shape = {"n": "integer", "mean": "number?", "median": "number?", "p90": "number?"}
GROUP: Shape = {"working_days": FIGURES, "calendar_days": FIGURES, "unplaced": "integer"}
PAIR: dict[str, Shape] = {"with": ["number"], "without": ["number"], "change": ["number"]}
EFFECT: Shape = {"courses": "integer"}
SHAPE: Shape = {
    "waiting?": "object",
    "protections?": [
        {
            "protection": "text",
            "value": "number",
            "state": "text",
            "gap_per_course": "number?",
            "protected": EFFECT,
            "others": EFFECT,
        }
    ],
    "relaxation?": {"value": "number?", "bound": "number?", "rounds": "integer"},
}
SLACK = 2e-3
"""Figures are rounded to no fewer than three decimals."""


def check_fairness(
    ground: Ground, answer: dict[str, Any], checked: list[Checked], found: Findings
) -> None:
    """Find all faults in `fairness`; nothing where the answer has none."""
    block = answer.get("fairness")
    if not block:
        return
    before = len(found.problems)
    look(block, SHAPE, "fairness", found)
    if len(found.problems) > before:
        return
    if "waiting" in block:
        _waiting(ground, block["waiting"], checked, found)
    seen: set[str] = set()
    for index, line in enumerate(block.get("protections") or []):
        where = f"fairness.protections[{index}]"
        if line["protection"] in seen or line["state"] not in {"closed", "open", "left_out"}:
            found.add("proton.verify.status_unknown", where, line["protection"])
        seen.add(line["protection"])
        _value(ground.problem, line, where, found)
        for key in ("protected", "others"):
            for figure in ("delay", "within_target"):
                _pair(line[key].get(figure), f"{where}.{key}.{figure}", found)


def _groups(problem: dict[str, Any], course: Course) -> Iterator[tuple[str, str]]:
    """The groups that a course belongs to, by kind."""
    weights, block = problem.get("weights") or {}, course.block
    yield "urgency", block["urgency"]
    if block.get("age") is not None:
        yield "child", "child" if block["age"] < weights.get("child_age", 18) else "adult"
    yield "anaesthesia", "yes" if block.get("anaesthesia") else "no"
    if block.get("country") is not None:
        home = block["country"] == weights.get("home_country", "KZ")
        yield "origin", "home" if home else "foreign"
        yield "country", block["country"]
    if block.get("payer") is not None:
        yield "payer", block["payer"]


def _waiting(
    ground: Ground, stated: dict[str, Any], checked: list[Checked], found: Findings
) -> None:
    """Every group with its waiting, worked out anew from the plan."""
    placed = {item.course.name: item for item in checked if item.new}
    true: dict[tuple[str, str], tuple[list[int], list[int], list[int]]] = {}
    for name, course in ground.courses.items():
        if not course.remaining:
            continue
        for key in _groups(ground.problem, course):
            delays, days, unplaced = true.setdefault(key, ([], [], []))
            item, earliest = placed.get(name), ground.earliest(course)
            if item is None or earliest is None:
                unplaced.append(1)
                continue
            first = item.new[0].day
            delays.append(ground.calendar.working_between(earliest, first))
            days.append((first - clock.day(course.block["referred"])).days)
    given = {(kind, name) for kind, lines in stated.items() for name in lines}
    for kind, name in sorted(given ^ set(true)):
        found.add("proton.verify.shape", f"fairness.waiting.{kind}", name, wanted="given")
    for (kind, name), (delays, days, unplaced) in true.items():
        if (kind, name) not in given:
            continue
        where, line = f"fairness.waiting.{kind}.{name}", stated[kind][name]
        before = len(found.problems)
        look(line, GROUP, where, found)
        if len(found.problems) > before:
            continue
        _figures(line["working_days"], delays, f"{where}.working_days", found)
        _figures(line["calendar_days"], days, f"{where}.calendar_days", found)
        if line["unplaced"] != len(unplaced):
            path = f"{where}.unplaced"
            found.add("proton.verify.sum_wrong", path, line["unplaced"], wanted=len(unplaced))


def _figures(line: dict[str, Any], values: list[int], where: str, found: Findings) -> None:
    true: dict[str, float | None] = {"n": len(values), "mean": None, "median": None, "p90": None}
    if values:
        ordered = sorted(values)
        true["mean"] = sum(ordered) / len(ordered)
        true["median"], true["p90"] = _quantile(ordered, 0.5), _quantile(ordered, 0.9)
    for key, value in true.items():
        stated = line[key]
        if value is None or stated is None:
            wrong = value is not stated
        else:
            wrong = not near(stated, value, SLACK)
        if wrong:
            wanted = None if value is None else shown(value)
            found.add("proton.verify.sum_wrong", f"{where}.{key}", stated, wanted=wanted)


def _quantile(ordered: list[int], share: float) -> float:
    """A quantile, between two values in proportion."""
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def _value(problem: dict[str, Any], line: dict[str, Any], where: str, found: Findings) -> None:
    """What the document says of a protection."""
    kind, _, which = line["protection"].partition(":")
    true: float | None
    if kind == "urgency":
        true = next((u["weight"] for u in problem["urgencies"] if u["id"] == which), None)
    elif kind == "quota":
        quotas = problem.get("quotas") or []
        true = next((quota["courses"] for quota in quotas if quota["id"] == which), None)
    else:
        true = (problem.get("weights") or {}).get(kind)
    if true is None:
        found.add("proton.verify.status_unknown", f"{where}.protection", line["protection"])
    elif not near(line["value"], true):
        found.add(
            "proton.verify.sum_wrong", f"{where}.value", line["value"], wanted=shown(float(true))
        )


def _pair(pair: Any, where: str, found: Findings) -> None:
    """Two intervals in order, and the interval of their difference."""
    if pair is None:
        return
    before = len(found.problems)
    look(pair, PAIR, where, found)
    if len(found.problems) > before:
        return
    for name in PAIR:
        if len(pair[name]) != len(("least", "most")) or pair[name][0] > pair[name][1] + SLACK:
            found.add("proton.verify.interval_wrong", f"{where}.{name}", str(pair[name]))
            return
    ours, theirs = pair["with"], pair["without"]
    for stated, true in zip(
        pair["change"], (ours[0] - theirs[1], ours[1] - theirs[0]), strict=True
    ):
        if not near(stated, true, SLACK):
            found.add("proton.verify.sum_wrong", f"{where}.change", stated, wanted=shown(true))
