"""Which visa: the route by citizenship, the length of stay, and the latest date to apply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sapar.network.engine.snapshot import Snapshot, VisaRoute
    from sapar.values.marks import Source

ORDER = ("visa-free", "digital", "consular")
"""From the route that asks least of a family to the one that asks most."""

APPLY_MARGIN_DAYS = 3
"""Days kept free between the visa's expected issue and travel: our planning margin, no rule."""


class VisaState(StrEnum):
    """What can be said of the visa."""

    NOT_NEEDED = "not-needed"
    NEEDED = "needed"
    NO_ROUTE = "no-route"
    UNVERIFIED = "unverified"
    UNKNOWN_CITIZENSHIP = "unknown-citizenship"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class VisaAdvice:
    """What the family must do about entry.

    Attributes:
        state: the outcome.
        kind: "visa-free", "digital", "consular" or "".
        route: code of the network's entry, or "".
        processing_days: calendar days from application to decision; None if not known.
        max_days: allowed stay; None if not known.
        stay_too_long: the expected stay exceeds `max_days`; None if that cannot be said.
        documents: codes of what must be shown.
        source: of the route.
    """

    state: VisaState
    kind: str = ""
    route: str = ""
    processing_days: int | None = None
    max_days: int | None = None
    stay_too_long: bool | None = None
    documents: tuple[str, ...] = ()
    source: Source | None = None

    def ready_by(self, applied: date) -> date | None:
        """When the family can travel if it applies on a day; None if not known."""
        if self.state in (VisaState.NOT_NEEDED, VisaState.HOME):
            return applied
        if self.state is not VisaState.NEEDED or self.processing_days is None:
            return None
        return applied + timedelta(days=self.processing_days + APPLY_MARGIN_DAYS)

    def apply_by(self, travel: date) -> date | None:
        """The latest day to apply for travel on a day; None where nothing is applied for."""
        if self.state is not VisaState.NEEDED or self.processing_days is None:
            return None
        return travel - timedelta(days=self.processing_days + APPLY_MARGIN_DAYS)


def visa_advice(
    snapshot: Snapshot, *, citizenship: str, destination: str, stay_days: tuple[int, int] | None
) -> VisaAdvice:
    """The best route for one citizen.

    Args:
        snapshot: the network on the day asked about.
        citizenship: ISO 3166-1 alpha-2, or "".
        destination: the centre's country.
        stay_days: expected stay, from and to; None if not known.

    Returns:
        The advice. A route with an unverified source never decides.
    """
    if citizenship and citizenship == destination:
        return VisaAdvice(VisaState.HOME)
    if not citizenship:
        return VisaAdvice(VisaState.UNKNOWN_CITIZENSHIP)
    routes = [
        r
        for r in snapshot.visa_routes
        if r.citizenship == citizenship
        and r.destination == destination
        and r.valid_on(snapshot.day)
    ]
    if not routes:
        return VisaAdvice(VisaState.NO_ROUTE)
    usable = [r for r in routes if r.source.mark.decides(demonstration=snapshot.demonstration)]

    def key(route: VisaRoute) -> tuple[bool, int, str]:
        short = (
            stay_days is not None and route.max_days is not None and stay_days[1] > route.max_days
        )
        return (short, ORDER.index(route.kind), route.code)

    best = min(usable or routes, key=key)
    if not usable:
        state = VisaState.UNVERIFIED
    else:
        state = VisaState.NOT_NEEDED if best.kind == "visa-free" else VisaState.NEEDED
    known = stay_days is not None and best.max_days is not None
    return VisaAdvice(
        state=state,
        kind=best.kind,
        route=best.code,
        processing_days=best.processing_days,
        max_days=best.max_days,
        stay_too_long=(stay_days[1] > best.max_days)
        if known and stay_days and best.max_days
        else None,
        documents=best.documents,
        source=best.source,
    )
