"""Long work of the proton room: the planning engines, and holds that run out."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from sapar.kernel.actors import Actor
from sapar.kernel.jobs.progress import progress, stop_asked
from sapar.kernel.jobs.registry import job
from sapar.proton import actions
from sapar.proton.actions import erasing
from sapar.proton.actions.books import LIVE
from sapar.proton.actions.calendar import kept_for
from sapar.proton.models import Course, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

    from sapar.proton.engine.scheduling.watch import Watch
    from sapar.values.statements import Problem

BATCH = 200
SCALE = 1000
"""Work is shown in thousandths of its limit: engines count in units of their own."""
LONGEST_S = 3600.0
"""The safety stop of a job that gives no limit of its own; budgets are counted in work."""
PATIENCE_S = 20.0
"""A search that was asked to stop and has nothing yet goes on so long for a first plan."""
BEST = ("makespan_min", "objective", "moved_courses")
"""What each engine's answer makes small."""

Document = dict[str, Any]
Answer = dict[str, Any]


class _Teller:
    """What ties an engine to its job: progress, the stop that a person asks for, a safety clock."""

    def __init__(self, problem: Document) -> None:
        self.ends = time.monotonic() + float(problem.get("clock_s") or LONGEST_S)
        self.found = False
        self.asked_at: float | None = None

    def tell(self, value: float | None, bound: float | None, done: int, total: int) -> None:
        """Show how far the search is."""
        self.found = self.found or value is not None
        share = min(SCALE, SCALE * done // total) if total > 0 else 0
        progress(share, SCALE if total > 0 else 0, "proton.searching", best=value, bound=bound)

    def stop(self) -> bool:
        """Whether a person wants the best so far, and there is one or none came for a while."""
        if not stop_asked():
            return False
        if self.asked_at is None:
            self.asked_at = time.monotonic()
        return self.found or time.monotonic() - self.asked_at > PATIENCE_S

    def expired(self) -> bool:
        """Whether the safety clock has run out."""
        return time.monotonic() > self.ends


def _watch(problem: Document) -> Watch:
    from sapar.proton.engine.scheduling.watch import Watch  # noqa: PLC0415 - only where it solves

    teller = _Teller(problem)
    return Watch(expired=teller.expired, asked_to_stop=teller.stop, tell=teller.tell)


def _refused(problems: Iterable[Problem]) -> Answer:
    return {
        "status": "refused",
        "problems": [
            {"code": p.code, "where": p.where, "value": p.value,
             "params": {k: v if isinstance(v, str | int) or v is None else str(v)
                        for k, v in p.params.items()}}
            for p in problems
        ],
    }  # fmt: skip


def _answer(run: str, solve: Callable[[Document, Watch], Any]) -> Answer:
    """Put a run's question to an engine; a question with mistakes is an answer that names them."""
    from sapar.proton.engine.scheduling.problem.reading import (  # noqa: PLC0415 - as above
        BadProblemError,
    )

    problem = Run.objects.values_list("problem", flat=True).get(pk=run)
    progress(0, 0, "proton.reading")
    try:
        answer: Answer = solve(problem, _watch(problem)).as_json()
    except BadProblemError as error:
        return _refused(error.problems)
    values = (_number(answer.get(name)) for name in BEST)
    best = next((value for value in values if value is not None), None)
    progress(SCALE, SCALE, "proton.searching", best=best, bound=_number(answer.get("bound")))
    return answer


def _number(value: Any) -> float | None:
    """A number of an answer; the bound of a day stands in an object."""
    if isinstance(value, dict):
        value = value.get("makespan_min")
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if known else None


def _keep(answer: Answer, run: str) -> None:
    actions.keep_answer(
        by=Actor.machine("worker"),
        run=Run.objects.values_list("pk", flat=True).get(pk=run),
        answer=answer,
        refused=answer.get("status") == "refused",
    )


@job("proton.solve_day", limit=3)
def solve_day(*, run: str) -> Answer:
    """The best order of a day."""

    def solve(problem: Document, watch: Watch) -> Any:
        from sapar.proton.engine.scheduling.day.solve import (  # noqa: PLC0415 - heavy
            solve_day,
        )
        from sapar.proton.engine.scheduling.problem.day import read_day  # noqa: PLC0415

        return solve_day(read_day(problem), watch=watch)

    return _answer(run, solve)


@solve_day.commit
def keep_day(answer: Answer, *, run: str) -> None:
    """Keep the order."""
    _keep(answer, run)


@job("proton.solve_book", limit=3)
def solve_book(*, run: str) -> Answer:
    """Waiting courses onto days and rooms."""

    def solve(problem: Document, watch: Watch) -> Any:
        from sapar.proton.engine.scheduling.book.solve import (  # noqa: PLC0415 - heavy
            solve_book,
        )
        from sapar.proton.engine.scheduling.problem.books import read_book  # noqa: PLC0415

        return solve_book(read_book(problem), watch=watch)

    return _answer(run, solve)


@solve_book.commit
def keep_book(answer: Answer, *, run: str) -> None:
    """Keep the bookings that it proposes."""
    _keep(answer, run)


@job("proton.replan", limit=3)
def replan(*, run: str) -> Answer:
    """A repair after a loss."""

    def solve(problem: Document, watch: Watch) -> Any:
        from sapar.proton.engine.scheduling.problem.books import read_replan  # noqa: PLC0415
        from sapar.proton.engine.scheduling.replan import solve_replan  # noqa: PLC0415 - heavy

        return solve_replan(read_replan(problem), watch=watch)

    return _answer(run, solve)


@replan.commit
def keep_replan(answer: Answer, *, run: str) -> None:
    """Keep the repair that it proposes."""
    _keep(answer, run)


@job("proton.capacity", limit=3)
def capacity(*, run: str) -> Answer:
    """How many patients a year a configuration can treat."""

    def solve(problem: Document, watch: Watch) -> Any:
        from sapar.proton.engine.scheduling.capacity import capacity_of  # noqa: PLC0415 - heavy
        from sapar.proton.engine.scheduling.problem.capacity import read_capacity  # noqa: PLC0415

        return capacity_of(read_capacity(problem), watch=watch)

    return _answer(run, solve)


@capacity.commit
def keep_capacity(answer: Answer, *, run: str) -> None:
    """Keep the capacity."""
    _keep(answer, run)


@job("proton.year", limit=3)
def year(*, run: str) -> Answer:
    """A simulated year."""

    def solve(problem: Document, watch: Watch) -> Any:
        from sapar.proton.engine.scheduling.problem.year import read_year  # noqa: PLC0415
        from sapar.proton.engine.scheduling.year import simulate_year  # noqa: PLC0415 - heavy

        return simulate_year(read_year(problem), watch=watch)

    return _answer(run, solve)


@year.commit
def keep_year(answer: Answer, *, run: str) -> None:
    """Keep the year."""
    _keep(answer, run)


@job("proton.expire_holds", every=timedelta(minutes=1))
def expire_holds() -> None:
    """End the holds that have run out, the oldest first; their cases are released."""
    due = Course.objects.filter(state=Course.State.HELD, until__lte=timezone.now())
    courses = list(due.order_by("until").values_list("pk", flat=True)[:BATCH])
    for course in [*courses, *_left()]:
        actions.expire(by=Actor.machine("tick"), course=course)


def _left() -> list[UUID]:
    """Courses that ended elsewhere, one for each case that is still said to have a day."""
    rows = Course.objects.filter(state=Course.State.EXPIRED, case__booking="held")
    by_case = dict(rows.order_by("until").values_list("case_id", "pk"))
    return [pk for case, pk in by_case.items() if not kept_for(case)][:BATCH]


@job("proton.end_treated", every=timedelta(minutes=1))
def end_treated() -> None:
    """End the courses whose cases are treated: what lay ahead of them gives its minutes back."""
    due = Course.objects.filter(state__in=LIVE, case__journey__in=actions.TREATED)
    for course in due.order_by("pk").values_list("pk", flat=True)[:BATCH]:
        actions.end_treated(by=Actor.machine("tick"), course=course)


@job("proton.forget_runs", every=timedelta(days=1))
def forget_runs() -> None:
    """Remove questions and answers that are no longer needed, some of each centre a day."""
    centres = erasing.old_runs().order_by("centre_id").values_list("centre_id", flat=True)
    for centre in centres.distinct():
        erasing.forget_runs(by=Actor.machine("tick"), centre=centre)
