"""A small proton centre in the records, and cases that want to be treated there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from sapar.proton import actions, demonstration
from sapar.proton.engine.promise import Asked, CourseOffer, Promise, PromisedFraction
from sapar.proton.queries.configuration import require_planning
from sapar.values.marks import Mark, Source
from tests import cast, factories
from tests.network import loading

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.cases.models import Case
    from sapar.proton.queries.configuration import Planning

DAY = timedelta(days=1)
SOURCE = Source("a test", None, Mark.DEMONSTRATION)
PROTOCOL = "lymphoma"
PHASE = "main"


def centre(*, with_network: bool = False) -> UUID:
    """The proton centre with its shipped configuration, and the network around it if asked."""
    pk = cast.organisation("proton-astana").pk
    if with_network:
        loading.load()
    demonstration.load_centre()
    return pk


def planning(pk: UUID) -> Planning:
    return require_planning(pk, timezone.localdate())


def working_days(pk: UUID, count: int, *, after: int = 7) -> list[date]:
    """So many working days from a Monday on, at least `after` days from today."""
    calendar = planning(pk).calendar
    day = timezone.localdate() + after * DAY
    day += (7 - day.weekday()) % 7 * DAY
    found: list[date] = []
    while len(found) < count:
        if calendar.working(day):
            found.append(day)
        day += DAY
    return found


def offer(
    days: list[date], *, start: int = 600, room: str = "G1", window: int = 30, **asked: Any
) -> CourseOffer:
    """An offer of one fraction a day at one time in one room."""
    promise = Promise(
        first=days[0],
        earliest=days[0],
        delay=0,
        late=0,
        window_from=start - window,
        window_to=start + window,
        fractions=tuple(
            PromisedFraction(n, PHASE, day, room, start, start - window, start + window)
            for n, day in enumerate(days, start=1)
        ),
    )
    wanted = Asked(**{"protocol": PROTOCOL, "urgency": "urgent", "referred": days[0], **asked})
    return CourseOffer(wanted, SOURCE, (promise,))


def waiting_case() -> Case:
    """An accepted, paid case of the centre that has no place yet."""
    return factories.make_case(state="visa-settled", programme="protons")


def held(case: Case, offered: CourseOffer, **given: Any) -> int:
    return actions.hold(by=cast.actor("timur"), case=case.pk, version=None, offer=offered, **given)
