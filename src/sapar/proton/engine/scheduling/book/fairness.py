"""Who waits how long, by group, and what each protection costs the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.proton.engine.scheduling.book.protections import compare, countable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sapar.proton.engine.scheduling.book.courses import Case
    from sapar.proton.engine.scheduling.book.master import Relaxed
    from sapar.proton.engine.scheduling.book.plan import Plan
    from sapar.proton.engine.scheduling.book.prepare import Prepared
    from sapar.proton.engine.scheduling.book.protections import Effect, Ends
    from sapar.proton.engine.scheduling.book.state import State
    from sapar.proton.engine.scheduling.watch import Watch


def _figures(values: list[int]) -> dict[str, Any]:
    if not values:
        return {"n": 0, "mean": None, "median": None, "p90": None}
    found = np.array(values, dtype=np.float64)
    return {
        "n": len(values),
        "mean": round(float(found.mean()), 3),
        "median": round(float(np.median(found)), 3),
        "p90": round(float(np.percentile(found, 90)), 3),
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
    """For each group: delay in working days, days from referral to the first fraction.

    Only courses with a place have these figures; `unplaced` says how many have none.
    """
    found: dict[str, Any] = {}
    for kind, group_of in groups(made).items():
        members: dict[str, list[int]] = {}
        for c, case in enumerate(made.cases):
            name = group_of(case)
            if name is not None:
                members.setdefault(name, []).append(c)
        found[kind] = {}
        for name in sorted(members):
            delays, days = [], []
            for c in members[name]:
                if not state.placed[c]:
                    continue
                first = int(state.day[made.table.unit_at[c]])
                delays.append(first - int(made.table.earliest[c]))
                begins: date = made.days.dates[first]
                days.append((begins - made.cases[c].course.referred).days)
            found[kind][name] = {
                "working_days": _figures(delays),
                "calendar_days": _figures(days),
                "unplaced": len(members[name]) - len(delays),
            }
    return found


def _pair(pair: tuple[Ends, Ends]) -> dict[str, Any] | None:
    """The two intervals, and that of their difference; None where there is nothing to say."""
    ours, theirs = pair
    if ours is None or theirs is None:
        return None
    change = (ours[0] - theirs[1], ours[1] - theirs[0])
    return {
        name: [round(end, 4) + 0.0 for end in ends]
        for name, ends in (("with", ours), ("without", theirs), ("change", change))
    }


def _effect(effect: Effect | None, courses: int) -> dict[str, Any]:
    if effect is None:
        return {"courses": courses, "delay": None, "within_target": None}
    return {
        "courses": courses,
        "delay": _pair(effect.delay),
        "within_target": _pair(effect.target),
    }


def protections(made: Prepared, relaxed: Relaxed, watch: Watch) -> dict[str, Any]:
    """What each protection brings and costs, as the reference documents it."""
    report = compare(made, relaxed, watch)
    counted = countable(made)
    return {
        "protections": [
            {
                "protection": each.protection.name,
                "value": each.protection.value,
                "state": each.state,
                "gap_per_course": None if each.gap is None else round(each.gap, 6),
                "protected": _effect(each.protected, int(each.protection.protected.sum())),
                "others": _effect(each.others, int((counted & ~each.protection.protected).sum())),
            }
            for each in report.compared
        ],
        "relaxation": {
            "value": None if report.value is None else round(report.value, 4),
            "bound": None if report.bound is None else round(report.bound, 4),
            "rounds": report.rounds,
        },
    }


def fairness_of(made: Prepared, state: State, plan: Plan, watch: Watch) -> dict[str, Any]:
    """The whole report: waiting in the plan, protections in the relaxation."""
    return {"waiting": waiting(made, state), **protections(made, plan.relaxed, watch)}
