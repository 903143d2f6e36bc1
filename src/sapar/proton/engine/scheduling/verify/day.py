"""Checks the answer of `day`: one day's sequence, its figures, its bound, its reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.verify import clock, uses
from sapar.proton.engine.scheduling.verify.findings import (
    ENDED,
    REASON,
    Findings,
    Shape,
    look,
    near,
    shown,
)
from sapar.proton.engine.scheduling.verify.refute import quick_plan, relaxed
from sapar.proton.engine.scheduling.verify.sheet import (
    allowed_rooms,
    beam_minutes,
    origin,
    room_minutes,
    use_of,
)

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.verify.uses import Use

ROW: Shape = {
    "job": "text",
    "room": "text",
    "start": "time",
    "beam_start": "time",
    "beam_end": "time",
    "end": "time",
}
BOUND = {"resource": "text", "makespan_min": "number", "by": "text"}
SHAPE: Shape = {
    **ENDED,
    "status": "text",
    "plan": [ROW],
    "makespan_min": "integer?",
    "beam_idle_min": "integer?",
    "beam_idle_bound_min?": "integer?",
    "bound": "any",
    "bounds": [BOUND],
    "gap": "number?",
    "reasons": [REASON],
    "reasons_minimal?": "text?",
    "reasons_open?": "integer",
    "says?": [REASON],
}
SOLVED = ("optimal", "feasible")

JOB_KEYS = ("job", "other", "before", "after", "first", "second")


def check_day(problem: dict[str, Any], answer: dict[str, Any], found: Findings) -> None:
    """Find all faults of a day's answer."""
    look(answer, SHAPE, "", found)
    if answer.get("bound") is not None:
        look(answer["bound"], BOUND, "bound", found)
    if found:
        return
    status = answer["status"]
    if status not in (*SOLVED, "infeasible", "unknown"):
        found.add("proton.verify.status_unknown", "status", status)
        return
    if status in SOLVED:
        planned = _plan(problem, answer, found)
        _resources(problem, planned, found)
        _rules(problem, planned, found)
        _figures(problem, answer, planned, found)
        if answer["reasons"]:
            found.add("proton.verify.reasons_without_need", "reasons", len(answer["reasons"]))
    else:
        _without_plan(problem, answer, found)
    _bounds(problem, answer, found)


def _plan(problem: dict[str, Any], answer: dict[str, Any], found: Findings) -> dict[str, Use]:
    """The jobs as planned, by id; notes what is missing, double, unknown or does not add up."""
    jobs = {job["id"]: job for job in problem["jobs"]}
    known = {room["id"] for room in problem["rooms"]}
    planned: dict[str, Use] = {}
    for index, row in enumerate(answer["plan"]):
        where, name, room = f"plan[{index}]", row["job"], row["room"]
        if name not in jobs:
            found.add("proton.verify.job_unknown", f"{where}.job", name)
            continue
        if name in planned:
            found.add("proton.verify.job_repeated", f"{where}.job", name, job=name)
            continue
        if room not in known:
            found.add("proton.verify.room_unknown", f"{where}.room", room)
            continue
        if room not in allowed_rooms(problem, jobs[name]):
            found.add("proton.verify.room_not_allowed", f"{where}.room", room, who=name, room=room)
        use = use_of(problem, jobs[name], room, clock.minute(row["start"]), where)
        planned[name] = use
        for key, true in (
            ("beam_start", use.beam_start),
            ("beam_end", use.beam_end),
            ("end", use.end),
        ):
            if clock.minute(row[key]) != true:
                wanted = clock.time_text(true)
                found.add("proton.verify.times_wrong", f"{where}.{key}", row[key], wanted=wanted)
    for name in jobs:
        if not any(row["job"] == name for row in answer["plan"]):
            found.add("proton.verify.job_missing", "plan", name, job=name)
    return planned


def _resources(problem: dict[str, Any], planned: dict[str, Use], found: Findings) -> None:
    everyone = list(planned.values())
    uses.closed_rooms(everyone, lambda _, room: room_minutes(problem, room), found)
    uses.room_overlaps(everyone, found)
    uses.closed_beams(everyone, lambda _, beam: beam_minutes(problem, beam), found)
    switch = {beam["id"]: beam["switch_min"] for beam in problem["beams"]}
    uses.beam_overlaps(everyone, switch, found)
    team = problem.get("anaesthesia") or {
        "teams": 0,
        "open": [],
        "induction_min": 0,
        "recovery_min": 0,
    }
    levels = [clock.bits_of(team["open"])] * team["teams"]
    around = team["induction_min"], team["recovery_min"]
    uses.teams(everyone, lambda _: levels, around, found)


def _rules(problem: dict[str, Any], planned: dict[str, Use], found: Findings) -> None:
    for job in problem["jobs"]:
        use = planned.get(job["id"])
        if use is None:
            continue
        window = job.get("window")
        if window and not clock.minute(window[0]) <= use.start <= clock.minute(window[1]):
            found.add(
                "proton.verify.window_missed",
                f"{use.where}.start",
                clock.time_text(use.start),
                who=use.who,
                low=window[0],
                high=window[1],
            )
        after = job.get("after")
        other = planned.get(after["job"]) if after else None
        if after and other is not None and use.start < other.start + after["min"]:
            found.add(
                "proton.verify.sessions_too_close",
                f"{use.where}.start",
                clock.time_text(use.start),
                who=use.who,
                minutes=after["min"],
            )
    uses.fasting(planned.values(), found)


def _figures(
    problem: dict[str, Any], answer: dict[str, Any], planned: dict[str, Use], found: Findings
) -> None:
    makespan = max((use.end for use in planned.values()), default=origin(problem)) - origin(problem)
    if answer["makespan_min"] != makespan:
        found.add(
            "proton.verify.makespan_wrong", "makespan_min", answer["makespan_min"], wanted=makespan
        )
    idle = 0
    for beam in problem["beams"]:
        here = [use for use in planned.values() if use.beam == beam["id"] and use.beam_min]
        if here:
            span = max(use.beam_end for use in here) - min(use.beam_start for use in here)
            idle += span - sum(use.beam_min for use in here)
    if answer["beam_idle_min"] != idle:
        found.add("proton.verify.idle_wrong", "beam_idle_min", answer["beam_idle_min"], wanted=idle)
    least = answer.get("beam_idle_bound_min")
    if least is not None and least > idle:
        found.add("proton.verify.bound_above", "beam_idle_bound_min", least, best=idle)


def _bounds(problem: dict[str, Any], answer: dict[str, Any], found: Findings) -> None:
    """The bound against the makespan, its parts and the plans that the checker can build itself."""
    solved, bound = answer["status"] in SOLVED, answer["bound"]
    for index, part in enumerate(answer["bounds"]):
        _resource(problem, part["resource"], f"bounds[{index}].resource", found)
    if bound is None:
        if solved:
            found.add("proton.verify.bound_missing", "bound")
    else:
        _resource(problem, bound["resource"], "bound.resource", found)
        parts = [part["makespan_min"] for part in answer["bounds"]]
        if parts and bound["makespan_min"] < max(parts) - 1e-6:
            value = bound["makespan_min"]
            found.add("proton.verify.bound_not_best", "bound.makespan_min", value)
        if solved and answer["makespan_min"] is not None:
            _gap(answer, found)
    if not found:
        _refute(problem, answer, found)


def _gap(answer: dict[str, Any], found: Findings) -> None:
    """No bound above the makespan; the gap between them; "optimal" only without one."""
    makespan, bound = answer["makespan_min"], answer["bound"]["makespan_min"]
    stated = {"bound": bound}
    for index, part in enumerate(answer["bounds"]):
        stated[f"bounds[{index}]"] = part["makespan_min"]
    for where, value in stated.items():
        if value > makespan + 1e-6:
            found.add("proton.verify.bound_above", f"{where}.makespan_min", value, best=makespan)
    gap = (makespan - bound) / makespan if makespan else 0.0
    if answer["gap"] is None or not near(answer["gap"], gap, 1e-4):
        found.add("proton.verify.gap_wrong", "gap", answer["gap"], wanted=shown(gap))
    if answer["status"] == "optimal" and makespan > bound + 1e-6:
        found.add("proton.verify.not_optimal", "status", bound)


def _refute(problem: dict[str, Any], answer: dict[str, Any], found: Findings) -> None:
    """A bound above the makespan of any plan, "infeasible" where there is one, idle reasons."""
    makespan = _makespan_of_quick_plan(problem)
    if answer["status"] == "infeasible":
        if makespan is not None:
            found.add("proton.verify.infeasible_refuted", "status", "infeasible", best=makespan)
        elif _makespan_of_quick_plan(relaxed(problem, answer["reasons"])) is not None:
            found.add("proton.verify.reasons_too_few", "reasons", len(answer["reasons"]))
    elif makespan is not None and answer["bound"] is not None:
        value = answer["bound"]["makespan_min"]
        if value > makespan + 1e-6:
            found.add("proton.verify.bound_refuted", "bound.makespan_min", value, best=makespan)


def _makespan_of_quick_plan(problem: dict[str, Any]) -> int | None:
    """The makespan of a plan that the checker builds itself, and checks before it is believed."""
    plan = quick_plan(problem)
    if plan is None:
        return None
    probe, by_name = Findings(), {use.who: use for use in plan}
    _resources(problem, by_name, probe)
    _rules(problem, by_name, probe)
    begin = origin(problem)
    return None if probe else max((use.end for use in plan), default=begin) - begin


def _resource(problem: dict[str, Any], resource: str, where: str, found: Findings) -> None:
    kind, _, name = resource.partition(":")
    known = {
        "room": [room["id"] for room in problem["rooms"]],
        "beam": [beam["id"] for beam in problem["beams"]],
        "window": [job["id"] for job in problem["jobs"]],
        "rooms": [""],
        "anaesthesia": [""],
        "search": [""],
    }
    if name not in known.get(kind, []):
        found.add("proton.verify.resource_unknown", where, resource)


def _without_plan(problem: dict[str, Any], answer: dict[str, Any], found: Findings) -> None:
    if answer["plan"]:
        found.add("proton.verify.plan_unexpected", "plan", len(answer["plan"]))
    for key in ("makespan_min", "beam_idle_min", "beam_idle_bound_min", "gap"):
        if answer.get(key) is not None:
            found.add("proton.verify.figure_unexpected", key, answer[key])
    if answer["status"] == "infeasible":
        _reasons(problem, answer, found)
    elif answer["reasons"]:
        found.add("proton.verify.reasons_without_need", "reasons", len(answer["reasons"]))


def _reasons(problem: dict[str, Any], answer: dict[str, Any], found: Findings) -> None:
    """Reasons of an infeasible day: there are some, each once, about things that exist."""
    if not answer["reasons"]:
        found.add("proton.verify.reasons_missing", "reasons")
    if answer.get("reasons_minimal") not in {"irreducible", "smallest", None}:
        found.add("proton.verify.reasons_minimal", "reasons_minimal", answer["reasons_minimal"])
    left_open = answer.get("reasons_open")
    if left_open is not None:
        proven = answer.get("reasons_minimal") is not None
        if not (left_open == 0 if proven else 0 < left_open <= len(answer["reasons"])):
            found.add("proton.verify.reasons_minimal", "reasons_open", left_open)
    seen: list[dict[str, Any]] = []
    for index, reason in enumerate(answer["reasons"]):
        where = f"reasons[{index}]"
        if not reason["code"].startswith("proton."):
            found.add("proton.verify.reason_code", f"{where}.code", reason["code"])
        if reason in seen:
            found.add("proton.verify.reason_repeated", where, reason["code"])
        seen.append(reason)
        for key, value in (reason.get("params") or {}).items():
            kind = "window" if key in JOB_KEYS else key
            if kind in {"window", "room", "beam"} and isinstance(value, str):
                _resource(problem, f"{kind}:{value}", f"{where}.params.{key}", found)
