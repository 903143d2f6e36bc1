"""The families of the benchmark: how ours is run, who its peers are, how values compare."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.proton import peers_day
from sapar.proton.engine.scheduling.day.solve import solve_day
from sapar.proton.engine.scheduling.problem.day import read_day
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
}
