"""Courses onto days, rooms and minutes over a horizon, with a lower bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.book.alone import Alone
from sapar.proton.engine.scheduling.book.answer import (
    BookAnswer,
    Unplaced,
    load_of,
    placed_of,
)
from sapar.proton.engine.scheduling.book.explain import reasons_for
from sapar.proton.engine.scheduling.book.fairness import fairness_of
from sapar.proton.engine.scheduling.book.plan import make_plan
from sapar.proton.engine.scheduling.book.prepare import prepare
from sapar.proton.engine.scheduling.watch import Watch

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.problem.books import BookProblem

USUAL_WORK = 900
"""Units of work where the document does not say: see `plan.make_plan`."""

EXPLAINED = 50
"""For more unplaced courses than these no reasons are looked for, and the answer says so."""


def solve_book(problem: BookProblem, *, watch: Watch | None = None) -> BookAnswer:
    """Place the courses of a booking problem.

    Args:
        problem: as read by `read_book`.
        watch: told of progress; may end the search with the best so far.

    Returns:
        A plan that holds minute by minute, its bound, and the courses without a place with reasons.
    """
    watch = watch or Watch()
    made = prepare(problem)
    limit = problem.work or USUAL_WORK
    plan = make_plan(made, limit, problem.seed, watch)
    state = plan.state
    placed = tuple(
        placed_of(made, state, c) for c in range(len(made.cases)) if state.placed[c] == 1
    )
    left = [c for c in range(len(made.cases)) if state.placed[c] == 0]
    alone = Alone(made)
    unplaced = tuple(
        Unplaced(made.cases[c], reasons_for(alone, c, full=k < EXPLAINED))
        for k, c in enumerate(left)
    )
    objective = float(sum(each.cost for each in placed))
    objective += float(sum(each.case.cost_unplaced for each in unplaced))
    bound = min(plan.bound, objective)
    return BookAnswer(
        placed=placed,
        unplaced=unplaced,
        objective=objective,
        bound=bound,
        courses=len(problem.courses),
        bound_by=plan.bound_by,
        load=load_of(made, state),
        fairness=fairness_of(made, state, plan, watch),
        seed=problem.seed,
        used=plan.used,
        limit=limit,
        stopped_by=watch.stopped_by or ("proof" if objective <= bound + 1e-6 else "work"),
    )
