"""What `solve_day` says, and its JSON (`docs/reference/proton-problems.md`, "day")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sapar.proton.engine.scheduling.problem.minutes import clock
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.day.bounds import Bound
    from sapar.proton.engine.scheduling.problem.day import Job
    from sapar.proton.engine.scheduling.watch import StoppedBy

SCHEMA = "sapar.proton.day.answer/1"
UNIT = "steps"
"""One step: one treatment placed on one half-finished day, or as long in the constraint solver."""

Status = Literal["optimal", "feasible", "infeasible", "unknown"]


@dataclass(frozen=True, slots=True)
class Placed:
    """A job's room and start, in minutes after midnight."""

    job: Job
    room: str
    start: int

    @property
    def end(self) -> int:
        """The minute at which it leaves the room."""
        return self.start + self.job.total

    def as_json(self) -> dict[str, Any]:
        """The row of the plan."""
        beam = self.start + self.job.setup
        return {
            "job": self.job.id,
            "room": self.room,
            "start": clock(self.start),
            "beam_start": clock(beam),
            "beam_end": clock(beam + self.job.beam),
            "end": clock(self.end),
        }


@dataclass(frozen=True, slots=True)
class DayAnswer:
    """The sequence of a day, or why there is none.

    Attributes:
        status: "optimal": no plan is shorter; "infeasible": proven; "unknown": neither a plan nor
        a proof.
        plan: by start, then job.
        makespan, beam_idle: minutes; None without a plan.
        beam_idle_bound: no plan with this makespan has less idle beam; None without a plan.
        bounds: the highest first; the first is the bound.
        reasons: what excludes every plan together; reasons_minimal says what is proven of them, and
        reasons_open how many of them may be needless: the budget ended before it was known.
        used, limit: steps.
    """

    status: Status
    plan: tuple[Placed, ...]
    makespan: int | None
    beam_idle: int | None
    beam_idle_bound: int | None
    bounds: tuple[Bound, ...]
    reasons: tuple[Statement, ...]
    reasons_minimal: Literal["irreducible", "smallest"] | None
    seed: int
    used: int
    limit: int
    stopped_by: StoppedBy
    reasons_open: int = 0

    @property
    def says(self) -> tuple[Statement, ...]:
        """What is proven of the reasons, in a sentence; nothing where there are none."""
        if not self.reasons:
            return ()
        if self.reasons_minimal is not None:
            return (Statement(f"proton.day.reasons_{self.reasons_minimal}", {}),)
        params = {"open": self.reasons_open, "count": len(self.reasons)}
        return (Statement("proton.day.reasons_open", params),)

    @property
    def gap(self) -> float | None:
        """(makespan - bound) / makespan; None without a plan."""
        if self.makespan is None:
            return None
        if not self.bounds or not self.makespan:
            return 0.0
        return (self.makespan - self.bounds[0].minutes) / self.makespan

    def as_json(self) -> dict[str, Any]:
        """The answer as a document; each key stands in the reference."""
        bounds = [
            {"resource": b.resource, "makespan_min": b.minutes, "by": b.by} for b in self.bounds
        ]
        return {
            "schema": SCHEMA,
            "status": self.status,
            "plan": [placed.as_json() for placed in self.plan],
            "makespan_min": self.makespan,
            "beam_idle_min": self.beam_idle,
            "beam_idle_bound_min": self.beam_idle_bound,
            "bound": bounds[0] if bounds else None,
            "bounds": bounds,
            "gap": None if self.gap is None else round(self.gap, 6),
            "reasons": [{"code": r.code, "params": dict(r.params)} for r in self.reasons],
            "reasons_minimal": self.reasons_minimal,
            "reasons_open": self.reasons_open,
            "says": [{"code": s.code, "params": dict(s.params)} for s in self.says],
            "seed": self.seed,
            "work": {"unit": UNIT, "used": self.used, "limit": self.limit},
            "stopped_by": self.stopped_by,
        }
