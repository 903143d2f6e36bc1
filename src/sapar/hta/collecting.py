"""What the platform knows by itself of a decision's parameters: counts of a month, and no person.

A decision names, for a parameter, a collector and what it asks for:

    {"parameter": "p_stopped", "collector": "proton.stopped", "centre": "proton-astana"}
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sapar.hta import actions
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.actors import Actor
from sapar.kernel.registry import Registry
from sapar.proton.queries import outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sapar.hta.models import Decision

    Collected = tuple[str, dict[str, float]]
    Collect = Callable[[Mapping[str, Any], date, date], Collected | None]

MACHINE = Actor.machine("tick")
YEAR_DAYS = 365.25

collectors: Registry[Collect] = Registry("collectors of outcomes")


def _centre(asked: Mapping[str, Any]) -> Organisation | None:
    return Organisation.objects.filter(code=asked.get("centre", "")).first()


def stopped(asked: Mapping[str, Any], first: date, last: date) -> Collected | None:
    """The share of a centre's ended courses that were stopped early."""
    centre = _centre(asked)
    if centre is None:
        return None
    found = outcomes(centre.pk, first, last, str(asked.get("protocol", "")))
    people = found.finished + found.stopped
    return ("share", {"events": found.stopped, "people": people}) if people else None


def volume(asked: Mapping[str, Any], first: date, last: date) -> Collected | None:
    """How many courses a centre begins, as a rate for a year."""
    centre = _centre(asked)
    if centre is None:
        return None
    found = outcomes(centre.pk, first, last, str(asked.get("protocol", "")))
    return "rate", {"events": found.began, "years": ((last - first).days + 1) / YEAR_DAYS}


collectors.add("proton.stopped", stopped)
collectors.add("proton.volume", volume)


def month_before(today: date) -> tuple[date, date]:
    """The first and last day of the last month that is over."""
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def collect(decision: Decision, today: date) -> int:
    """Keep what the platform counted for a decision in the last whole month. Returns how many."""
    first, last = month_before(today)
    kept = 0
    for asked in decision.living:
        name = asked.get("collector", "")
        known = decision.observations.filter(
            parameter=asked["parameter"], came_from=name, period_from=first
        )
        if name not in collectors or first < decision.valid_from or known.exists():
            continue
        found = collectors.get(name)(asked, first, last)
        if found is None:
            continue
        kind, data = found
        made = actions.observe(
            by=MACHINE, decision=decision.pk, parameter=asked["parameter"], kind=kind, data=data,
            period=(first, last), came_from=name,
        )  # fmt: skip
        kept += made is not None
    return kept
