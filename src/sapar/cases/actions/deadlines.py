"""Clocks over the tracks: started, stopped and due in the working calendar of the side awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sapar.cases.engine.waiting import TARGETS, due
from sapar.cases.models import Case, Clock
from sapar.kernel.clocks.published import published_holidays
from sapar.values.dates import MAJORITY_YEARS, age

if TYPE_CHECKING:
    from datetime import date, datetime

    from sapar.cases.engine.waiting import Target
    from sapar.kernel.accounts.models import Organisation


def _side(case: Case, side: str) -> Organisation:
    organisation = {
        "referrer": case.referring_organisation,
        "payer": case.payer or case.centre,
    }.get(side, case.centre)
    return organisation or case.referring_organisation


def is_child(born: date | None, day: date) -> bool:
    """Whether a person is a child on a day; a person of unknown age is not taken for one."""
    if born is None:
        return False
    return age(born, day) < MAJORITY_YEARS


def due_at(case: Case, target: Target, start: datetime) -> datetime:
    """When a target that starts now is due, in UTC."""
    organisation = _side(case, target.side)
    zone = ZoneInfo(organisation.time_zone)
    year = start.year
    days_off = frozenset(h.day for h in published_holidays(organisation.country, (year, year + 1)))
    born = case.person.birth_date if case.person else None
    local = start.astimezone(zone)
    child = is_child(born, local.date())
    return due(target, local, child=child, days_off=days_off).astimezone(start.tzinfo)


def run(case: Case, at: datetime) -> None:
    """Stop the clocks whose state has been left, start those whose state was entered.

    Sets `next_due_at`; the caller saves the case.
    """
    states = case.states
    stopped = states.whole in {"cancelled", "died", "entered-in-error"}
    wanted = {
        target.code: target
        for target in TARGETS
        if not stopped and states.of(target.track) in target.states
    }
    running = list(Clock.objects.filter(case=case, stopped_at=None))
    dues: list[datetime] = []
    for clock in running:
        if clock.target in wanted:
            del wanted[clock.target]
            dues.append(clock.due_at)
        else:
            clock.stopped_at, clock.met = at, at <= clock.due_at
            clock.save()
    for target in wanted.values():
        clock = Clock(case=case, target=target.code, started_at=at, due_at=due_at(case, target, at))
        clock.save()
        dues.append(clock.due_at)
    case.next_due_at = min(dues, default=None)
