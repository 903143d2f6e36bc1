"""The families of the benchmark: how ours is run, who its peers are, how values compare."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.proton import judge_replan, peers_book, peers_day, peers_replan
from sapar.proton.engine.scheduling.book.solve import solve_book
from sapar.proton.engine.scheduling.day.solve import solve_day
from sapar.proton.engine.scheduling.problem.books import read_book, read_replan
from sapar.proton.engine.scheduling.problem.day import read_day
from sapar.proton.engine.scheduling.replan import solve_replan
from sapar.proton.engine.scheduling.verify import check
from sapar.proton.engine.scheduling.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Value = tuple[float, ...]
Ours = tuple[Value | None, float | None, str, dict[str, Any]]
Outcome = tuple[Value | None, float | None, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Family:
    """One family of rows.

    Attributes:
        ours: document, seconds of the safety clock and whether small budgets do; gives the value,
            the bound, by what, and more.
        peers: by name; document and seconds; None where they find no plan.
        seconds: safety clock of a full run.
        quick_seconds: of a quick run.
        summary: one sentence over the rows.
    """

    ours: Callable[..., Ours]
    peers: dict[str, Callable[[dict[str, Any], float], Value | None]]
    seconds: float
    quick_seconds: float
    summary: Callable[[Sequence[Outcome]], str]


def watch(seconds: float) -> Watch:
    """A watch whose safety clock ends after so many seconds."""
    ends = time.monotonic() + seconds
    return Watch(expired=lambda: time.monotonic() > ends)


def refuse(document: dict[str, Any], answer: dict[str, Any]) -> None:
    """Stop the benchmark where the checker finds an answer of ours wrong."""
    wrong = check(document, answer)
    if wrong:
        message = f"our answer is wrong: {wrong[:3]}"
        raise AssertionError(message)


def _day(document: dict[str, Any], seconds: float, *, quick: bool) -> Ours:
    given = {**document, **({"work": 60_000_000} if quick else {})}
    answer = solve_day(read_day(given), watch=watch(seconds)).as_json()
    refuse(given, answer)
    if not answer["plan"]:
        return None, None, answer["status"], {}
    value = (answer["makespan_min"], answer["beam_idle_min"])
    bound = answer["bound"]
    return value, bound["makespan_min"], f"{bound['resource']} by {bound['by']}", answer["work"]


def _idle(document: dict[str, Any], plan: peers_day.Plan) -> int:
    problem = read_day(document)
    jobs = {job.id: job for job in problem.jobs}
    beams = {room.id: room.beam for room in problem.rooms}
    idle = 0
    for beam in problem.beams:
        uses = [
            (start + jobs[name].setup, start + jobs[name].setup + jobs[name].beam)
            for name, (room, start) in plan.items()
            if beams[room] == beam.id and jobs[name].beam
        ]
        if uses:
            whole = max(end for _, end in uses) - min(begin for begin, _ in uses)
            idle += whole - sum(end - begin for begin, end in uses)
    return idle


def _judged(document: dict[str, Any], plan: peers_day.Plan | None) -> Value | None:
    """A peer's plan as a value, None where the checker refuses it."""
    problem = read_day(document)
    given = peers_day.answer(problem, plan)
    if plan is None or given is None:
        return None
    made = int(given["makespan_min"])
    idle = _idle(document, plan)
    answer = {
        "schema": "sapar.proton.day.answer/1", "status": "feasible", **given,
        "beam_idle_min": idle, "bound": {"makespan_min": 0, "resource": "search", "by": "none"},
        "bounds": [], "gap": 1.0, "reasons": [], "reasons_minimal": None, "seed": 0,
        "work": {"unit": "none", "used": 0, "limit": 0}, "stopped_by": "work",
    }  # fmt: skip
    return None if check(document, answer) else (made, idle)


def _gaps(rows: Sequence[Outcome]) -> str:
    gaps = sorted(
        (value[0] - bound) / value[0]
        for value, bound, _ in rows
        if value is not None and bound is not None
    )
    within = sum(gap <= 0.01 for gap in gaps)
    proven = sum(gap <= 1e-9 for gap in gaps)
    return (
        f"Gap at most 1 % on {within} of {len(gaps)}, largest {100 * gaps[-1]:.2f} %, "
        f"proven best on {proven}."
        if gaps
        else "No plan."
    )


def _book(document: dict[str, Any], seconds: float, *, quick: bool) -> Ours:
    given = {**document, **({"work": 150} if quick else {})}
    answer = solve_book(read_book(given), watch=watch(seconds)).as_json()
    refuse(given, answer)
    value = (round(answer["objective"], 4),)
    more = {"courses": len(document["courses"]), "unplaced": len(answer["unplaced"])}
    return value, answer["bound"], f"{answer['bound_by']}, {answer['stopped_by']}", more


def _judged_book(document: dict[str, Any], courses: list[dict[str, Any]] | None) -> Value | None:
    """A peer's year as a value, None where it is none or the checker refuses it."""
    if courses is None:
        return None
    cost = round(sum(row["cost"] for row in courses), 4)
    answer = {
        "schema": "sapar.proton.book.answer/1", "status": "feasible", "courses": courses,
        "unplaced": [], "objective": cost, "bound": 0, "bound_by": "none", "load": [],
        "gap_per_course": cost / max(1, len(document["courses"])), "fairness": {},
        "seed": document.get("seed", 0), "work": {"unit": "none", "used": 0, "limit": 0},
        "stopped_by": "work",
    }  # fmt: skip
    return None if check(document, answer) else (cost,)


def _gaps_of_courses(rows: Sequence[Outcome]) -> str:
    gaps = [
        (value[0] - bound) / more["courses"]
        for value, bound, more in rows
        if value is not None and bound is not None
    ]
    within = sum(gap <= 0.5 for gap in gaps)
    return (
        f"Within 0.5 weighted working days a course of the bound on {within} of {len(gaps)}, "
        f"largest {max(gaps):.2f}."
        if gaps
        else "No plan."
    )


def _replan(document: dict[str, Any], seconds: float, *, quick: bool) -> Ours:  # noqa: ARG001 - families are called alike
    began = time.process_time()
    answer = solve_replan(read_replan(document), watch=watch(seconds)).as_json()
    spent = time.process_time() - began
    refuse(document, answer)
    fewest = answer["bound"]
    said = f"{answer['status']}, at least {fewest} people, {spent:.1f} CPU s"
    if answer["moved_courses"] > fewest:
        others = answer["moved_courses"] - fewest
        said += f", {others} more moved so that fewer are given up or keep too long a gap"
    if not fewest:
        said += ", nobody was hit"
    more = {
        "moved": answer["moved_courses"],
        "bound": fewest,
        "cpu": spent,
        "proven": answer["proven_among_options"],
    }
    return judge_replan.value_of(document, answer), None, said, more


def _people(rows: Sequence[Outcome]) -> str:
    fewest = sum(more.get("moved") == more.get("bound") for _, _, more in rows)
    longest = max((more.get("cpu", 0.0) for _, _, more in rows), default=0.0)
    return (
        f"The fewest people move on {fewest} of {len(rows)}; on the others more move, inside their "
        f"promises, so that nobody is given up or fewer gaps break. At most {longest:.1f} CPU s."
    )


FAMILIES: dict[str, Family] = {
    "day": Family(
        ours=_day,
        peers={
            "first-come": lambda d, _s: _judged(d, peers_day.first_come(d)),
            "fixed-slots": lambda d, _s: _judged(d, peers_day.fixed_slots(d)),
            "cp-sat": lambda d, s: _judged(d, peers_day.plain_cp_sat(d, s)[0]),
            "annealer": lambda d, s: _judged(d, peers_day.anneal(d, s)),
        },
        seconds=30,
        quick_seconds=6,
        summary=_gaps,
    ),
    "book": Family(
        ours=_book,
        peers={
            "first-come": lambda d, _s: _judged_book(d, peers_book.first_come(d)),
            "fixed-slots": lambda d, _s: _judged_book(d, peers_book.fixed_slots(d)),
            "cp-sat": lambda d, s: _judged_book(d, peers_book.plain_cp_sat(d, s)),
            "annealer": lambda d, s: _judged_book(d, peers_book.anneal(d, s)),
        },
        seconds=300,
        quick_seconds=60,
        summary=_gaps_of_courses,
    ),
    "replan": Family(
        ours=_replan,
        peers=dict(peers_replan.PEERS),
        seconds=10,
        quick_seconds=10,
        summary=_people,
    ),
}
