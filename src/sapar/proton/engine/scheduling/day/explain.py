"""A day's answer in sentences: how good it is, and which resource binds."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sapar.values.statements import Statement

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.day.answer import DayAnswer
    from sapar.proton.engine.scheduling.problem.day import DayProblem


def _highest(answer: DayAnswer, *kinds: str) -> int:
    """The highest bound of some kinds of resources, 0 where there is none."""
    found = [b.minutes for b in answer.bounds if b.resource.partition(":")[0] in kinds]
    return max(found, default=0)


def binds(answer: DayAnswer) -> Statement | None:
    """The resource that gives the bound; None where there is no bound."""
    if not answer.bounds:
        return None
    best = answer.bounds[0]
    kind, _, name = best.resource.partition(":")
    if kind in {"room", "rooms"}:
        other = _highest(answer, "beam")
        return Statement("proton.day.binds_rooms", {"minutes": best.minutes, "other": other})
    if kind == "beam":
        other = _highest(answer, "room", "rooms")
        return Statement("proton.day.binds_beam", {"minutes": best.minutes, "other": other})
    if kind == "window":
        return Statement("proton.day.binds_window", {"minutes": best.minutes, "job": name})
    return Statement(f"proton.day.binds_{kind}", {"minutes": best.minutes})


def explain(problem: DayProblem, answer: DayAnswer) -> tuple[Statement, ...]:
    """The answer in sentences, the most important first; reasons stand in the answer itself."""
    if answer.status in {"infeasible", "unknown"}:
        return (Statement(f"proton.day.{answer.status}"),)
    if answer.status == "optimal":
        found = [Statement("proton.day.optimal", {"minutes": answer.makespan})]
    else:
        percent = Decimal(100 * (answer.gap or 0)).quantize(Decimal("0.01"))
        bound = answer.bounds[0].minutes if answer.bounds else 0
        found = [
            Statement(
                "proton.day.gap", {"minutes": answer.makespan, "bound": bound, "percent": percent}
            )
        ]
    said = binds(answer)
    if said is not None:
        found.append(said)
    if said is not None and said.code in {"proton.day.binds_rooms", "proton.day.binds_beam"}:
        found.append(_another_room(problem, answer))
    return tuple(found)


def _another_room(problem: DayProblem, answer: DayAnswer) -> Statement:
    """What one more room could bring at best: an equal share of the work, or the other bounds."""
    shared = -(-sum(job.total for job in problem.jobs) // (len(problem.rooms) + 1))
    least = max(shared, _highest(answer, "beam", "anaesthesia", "window"))
    if answer.makespan is None or least >= answer.makespan:
        return Statement("proton.day.no_other_room")
    return Statement("proton.day.another_room", {"minutes": least})
