"""Who waits how long, by group, and what each protection costs the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sapar.proton.engine.scheduling.book.courses import Case
    from sapar.proton.engine.scheduling.book.plan import Plan
    from sapar.proton.engine.scheduling.book.prepare import Prepared
    from sapar.proton.engine.scheduling.book.state import State
    from sapar.proton.engine.scheduling.watch import Watch


def _figures(values: list[int]) -> dict[str, Any]:
    if not values:
        return {"n": 0, "mean": None, "median": None, "p90": None}
    found = np.array(values, dtype=np.float64)
    return {
        "n": len(values),
        "mean": round(float(found.mean()), 3),
        "median": float(np.median(found)),
        "p90": float(np.percentile(found, 90)),
    }


def groups(made: Prepared) -> dict[str, Callable[[Case], str | None]]:
    """How courses are grouped; None: in no group of this kind."""
    weights = made.problem.books.weights

    def child(case: Case) -> str | None:
        age = case.course.age
        return None if age is None else ("child" if age < weights.child_age else "adult")

    def home(case: Case) -> str | None:
        country = case.course.country
        if country is None:
            return None
        return "home" if country == weights.home_country else "foreign"

    return {
        "urgency": lambda case: case.course.urgency,
        "child": child,
        "anaesthesia": lambda case: "yes" if case.course.anaesthesia else "no",
        "origin": home,
        "country": lambda case: case.course.country,
        "payer": lambda case: case.course.payer,
    }


def waiting(made: Prepared, state: State) -> dict[str, Any]:
    """For each group: delay in working days, and days from referral to the first fraction."""
    found: dict[str, Any] = {}
    for kind, group_of in groups(made).items():
        members: dict[str, list[int]] = {}
        for c, case in enumerate(made.cases):
            name = group_of(case)
            if name is not None and state.placed[c]:
                members.setdefault(name, []).append(c)
        found[kind] = {}
        for name in sorted(members):
            delays, days = [], []
            for c in members[name]:
                first = int(state.day[made.table.unit_at[c]])
                delays.append(first - int(made.table.earliest[c]))
                begins: date = made.days.dates[first]
                days.append((begins - made.cases[c].course.referred).days)
            found[kind][name] = {
                "working_days": _figures(delays),
                "calendar_days": _figures(days),
            }
    return found


def fairness_of(made: Prepared, state: State, plan: Plan, watch: Watch) -> dict[str, Any]:
    """The whole report."""
    del plan, watch
    return {"waiting": waiting(made, state)}
