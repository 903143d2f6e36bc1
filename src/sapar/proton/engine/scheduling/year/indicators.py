"""What a simulated year is judged by, from what became of each patient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sapar.proton.engine.scheduling.problem.year import YearProblem
    from sapar.proton.engine.scheduling.scenario import Arrival


@dataclass(slots=True)
class Outcome:
    """What became of one patient.

    Attributes:
        arrival: who.
        status: "completed", "started", "promised" (has a date that lies later), "waiting" (has
            none) or "withdrawn".
        first: the day of the first fraction, given or promised.
        delay: working days from the earliest feasible day to `first`.
        planned_last: the day of the last fraction as promised.
        last: as it is now.
        delivered: fractions given.
    """

    arrival: Arrival
    status: str = "waiting"
    first: date | None = None
    delay: int = 0
    planned_last: date | None = None
    last: date | None = None
    delivered: int = 0


@dataclass(slots=True)
class Tally:
    """What is counted beside the patients, over the counted days.

    Attributes:
        fractions: fractions given.
        no_shows: fractions to which nobody came.
        lost: fractions that an outage took from their day.
        late_same_day: fractions given on their day, but after their window.
        replans: new plans that were made during treatment.
        moved: patients with at least one fraction on another day than promised.
        overtime_min: minutes by which the last room closed later than open hours say.
        used: minutes used, by resource.
        open: minutes in which it should have been there, by resource.
        down: minutes of outages, by resource.
    """

    fractions: int
    no_shows: int
    lost: int
    late_same_day: int
    replans: int
    moved: int
    overtime_min: int
    used: dict[str, float]
    open: dict[str, float]
    down: dict[str, float]


def _rounded(value: float | np.floating[Any]) -> float:
    return round(float(value), 4)


def _waiting(problem: YearProblem, outcomes: list[Outcome]) -> dict[str, Any]:
    """Waiting of those who did not go elsewhere: days from referral to the first fraction."""
    days, delays, breaches, judged = [], [], 0, 0
    for each in outcomes:
        if each.status == "withdrawn":
            continue
        target = problem.urgencies[each.arrival.urgency].target_days
        # Who has no date has waited until the end of the year, at least.
        wait = ((each.first or problem.end) - each.arrival.referred).days
        days.append(wait)
        if each.first is not None:
            delays.append(each.delay)
        if target is not None and (each.first is not None or wait > target):
            judged += 1
            breaches += wait > target
    shown = np.array(days, dtype=np.float64)
    return {
        "courses": len(days),
        "mean_days": _rounded(shown.mean()) if days else None,
        "median_days": _rounded(np.median(shown)) if days else None,
        "p90_days": _rounded(np.percentile(shown, 90)) if days else None,
        "mean_delay": _rounded(np.mean(delays)) if delays else None,
        "within_target": _rounded(1 - breaches / judged) if judged else None,
        "breaches": int(breaches),
    }


def _prolongation(outcomes: list[Outcome]) -> dict[str, Any]:
    """Days by which courses that are completed ended later than promised."""
    days = [
        (each.last - each.planned_last).days
        for each in outcomes
        if each.status == "completed" and each.last is not None and each.planned_last is not None
    ]
    shown = np.array(days, dtype=np.float64)
    return {
        "courses": len(days),
        "mean_days": _rounded(shown.mean()) if days else None,
        "over_2_days": _rounded((shown > 2).mean()) if days else None,
        "over_5_days": _rounded((shown > 5).mean()) if days else None,
    }


def _groups(problem: YearProblem, outcomes: list[Outcome]) -> dict[str, list[Outcome]]:
    """Groups whose waiting is compared: by age, anaesthesia, origin, payer and protocol."""
    found: dict[str, list[Outcome]] = {}
    for each in outcomes:
        who = each.arrival
        names = ["child" if who.age < problem.weights.child_age else "adult"]
        if who.anaesthesia:
            names.append("anaesthesia")
        home = who.country in (None, problem.weights.home_country)
        names.append("home" if home else "foreign")
        names += [f"country:{who.country}"] if who.country else []
        names += [f"payer:{who.payer}"] if who.payer else []
        names.append(f"protocol:{who.protocol}")
        for name in names:
            found.setdefault(name, []).append(each)
    return dict(sorted(found.items()))


def summary(problem: YearProblem, outcomes: Iterable[Outcome], tally: Tally) -> dict[str, Any]:
    """All indicators of a year, ready for JSON; only patients referred in the counted days."""
    ours = [each for each in outcomes if problem.first <= each.arrival.referred <= problem.end]
    number = {
        status: sum(1 for each in ours if each.status == status)
        for status in ("completed", "started", "promised", "waiting", "withdrawn")
    }
    by_urgency = {
        name: [each for each in ours if each.arrival.urgency == name] for name in problem.urgencies
    }
    by_category: dict[str, list[Outcome]] = {}
    for each in ours:
        category = str(problem.protocols[each.arrival.protocol].category)
        by_category.setdefault(category, []).append(each)
    return {
        "counts": {
            "arrived": len(ours),
            "started": number["completed"] + number["started"],
            "completed": number["completed"],
            "waiting": number["promised"] + number["waiting"],
            "waiting_without_date": number["waiting"],
            "withdrawn": number["withdrawn"],
            "fractions": tally.fractions,
            "no_shows": tally.no_shows,
            "lost_fractions": tally.lost,
            "late_same_day": tally.late_same_day,
            "replans": tally.replans,
            "moved_patients": tally.moved,
            "overtime_min": tally.overtime_min,
        },
        "waiting": {
            "all": _waiting(problem, ours),
            **{name: _waiting(problem, some) for name, some in by_urgency.items() if some},
        },
        "groups": {name: _waiting(problem, some) for name, some in _groups(problem, ours).items()},
        "prolongation": {name: _prolongation(some) for name, some in sorted(by_category.items())},
        "utilisation": {
            name: _rounded(tally.used.get(name, 0.0) / whole) if whole else 0.0
            for name, whole in sorted(tally.open.items())
        },
        "downtime_min": {name: _rounded(minutes) for name, minutes in sorted(tally.down.items())},
    }


def flat(found: dict[str, Any], before: str = "") -> dict[str, float]:
    """All numbers of a summary by their path, for instance `waiting.U1.mean_days`."""
    numbers: dict[str, float] = {}
    for key, value in found.items():
        path = f"{before}.{key}" if before else key
        if isinstance(value, dict):
            numbers.update(flat(value, path))
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            numbers[path] = float(value)
    return numbers
