"""What can be done with intake places: open, close, hold for a case, confirm, release, expire."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from sapar.booking.models import Hold, Place
from sapar.booking.policy import Permission
from sapar.cases import actions as cases
from sapar.cases.models import Case
from sapar.cases.policy import Permission as CasePermission
from sapar.kernel import policy
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, NotAllowedError, RefusedError
from sapar.network.queries import snapshot
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.db.models import QuerySet

    from sapar.kernel.actors import Actor

HOLD_FOR = timedelta(days=7)
"""How long a place is held unless the action says otherwise: our default, not a rule."""

MOST_PLACES_A_DAY = 100
LONGEST_PERIOD = timedelta(days=366)
LIVE = (Hold.State.HELD, Hold.State.CONFIRMED)


def taken_now(at: datetime) -> Q:
    """Holds that keep others away: confirmed, or held and not yet run out."""
    return Q(state=Hold.State.CONFIRMED) | Q(state=Hold.State.HELD, until__gt=at)


def free_places(programme: str, at: datetime) -> QuerySet[Place]:
    """Open places of a programme that nobody has, in the order of days."""
    taken = Hold.objects.filter(taken_now(at), place=OuterRef("pk"))
    return Place.objects.filter(~Exists(taken), programme=programme, closed=False).order_by(
        "day", "ordinal"
    )


def _require_own(by: Actor, centre: UUID, programme: str) -> None:
    """The actor manages this centre, and the programme is not another centre's."""
    policy.require(by, Permission.MANAGE, Place(centre_id=centre, programme=programme))
    known = snapshot(timezone.localdate()).programmes.get(programme)
    if known and not Organisation.objects.filter(pk=centre, code=known.centre).exists():
        name = f"programme:{programme}"
        raise NotAllowedError(
            Problem.of(
                "booking.other_centre", where="programme", value=programme, programme_name=name
            )
        )


@action("booking.open_places")
def open_places(
    *,
    by: Actor,
    centre: UUID,
    programme: str,
    days: Iterable[date],
    per_day: int,
) -> int:
    """Open places on days; days that are open already are filled up to the number.

    Returns:
        How many places were opened.

    Raises:
        InvalidInputError: the number is not 1 to 100, or the days span more than a year.
        NotAllowedError: not their centre, or the programme is another centre's.
    """
    _require_own(by, centre, programme)
    if not 1 <= per_day <= MOST_PLACES_A_DAY:
        raise InvalidInputError(Problem.of("booking.bad_count", where="per_day", value=per_day))
    wanted = sorted(set(days))
    if wanted and wanted[-1] - wanted[0] > LONGEST_PERIOD:
        raise InvalidInputError(Problem.of("booking.bad_period", where="days"))
    # Whoever else opens places of this centre waits: both would make the same ones.
    Organisation.objects.select_for_update().filter(pk=centre).first()
    Place.objects.filter(programme=programme, day__in=wanted, ordinal__lte=per_day).update(
        closed=False
    )
    known = set(
        Place.objects.filter(programme=programme, day__in=wanted).values_list("day", "ordinal")
    )
    new = [
        Place(centre_id=centre, programme=programme, day=day, ordinal=ordinal)
        for day in wanted
        for ordinal in range(1, per_day + 1)
        if (day, ordinal) not in known
    ]
    Place.objects.bulk_create(new, batch_size=500)
    note(
        root=("organisation", centre),
        what={"programme": programme, "days": len(wanted), "opened": len(new)},
    )
    return len(new)


@action("booking.close_day")
def close_day(*, by: Actor, centre: UUID, programme: str, day: date) -> int:
    """Close the free places of a day; returns how many. Held and confirmed ones stay."""
    _require_own(by, centre, programme)
    free = free_places(programme, timezone.now()).filter(day=day, centre_id=centre)
    ids = [place.pk for place in free.select_for_update(of=("self",))]
    closed = Place.objects.filter(pk__in=ids).update(closed=True)
    note(
        root=("organisation", centre),
        what={"programme": programme, "day": day.isoformat(), "closed": closed},
    )
    return closed


def _lock_free(programme: str, day: date, at: datetime) -> Place | None:
    """A free place, locked.

    On PostgreSQL clients pass by each other's locked rows; on SQLite the whole transaction is
    alone. The unique constraint stands behind both.
    """
    rows = free_places(programme, at).filter(day=day)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return rows.first()


def _expire(holds: Iterable[Hold], at: datetime) -> int:
    count = 0
    for hold in holds:
        hold.state, hold.ended_at, hold.ended_reason = Hold.State.EXPIRED, at, "expired"
        hold.save()
        count += 1
    return count


def take(*, case: UUID, programme: str, day: date, until: datetime) -> Hold:
    """Take a free place for a case, inside a running action.

    A place that the case has already is given back first, so that a move is one step.

    Raises:
        RefusedError: no place is free, or somebody was quicker.
    """
    at = timezone.now()
    if day < timezone.localdate():
        raise RefusedError(Problem.of("booking.day_past", where="day", value=day, day=day))
    let_go(case, "moved")
    place = _lock_free(programme, day, at)
    if place is None:
        raise RefusedError(
            Problem.of(
                "booking.none_free",
                where="day",
                value=day,
                day=day,
                programme_name=f"programme:{programme}",
            )
        )
    _expire(Hold.objects.filter(place=place, state=Hold.State.HELD, until__lte=at), at)
    try:
        with transaction.atomic():
            hold = Hold(place=place, case_id=case, until=until)
            hold.save()
    except IntegrityError as error:
        raise RefusedError(Problem.of("booking.place_taken", where="day", value=day)) from error
    return hold


def let_go(case: UUID, why: str) -> int:
    """End what a case holds, inside a running action; returns how many places came free."""
    at = timezone.now()
    count = 0
    for hold in Hold.objects.select_for_update().filter(case_id=case, state__in=LIVE):
        hold.state, hold.ended_at, hold.ended_reason = Hold.State.RELEASED, at, why[:60]
        hold.save()
        count += 1
    return count


def release_for(case: UUID, by: Actor, why: str) -> None:  # noqa: ARG001 - a holder's signature
    """Let the case's place go: what `cases` calls, in its transaction, when a track fails."""
    let_go(case, why)


@action("booking.hold")
def hold(
    *, by: Actor, case: UUID, version: int | None, day: date, until: datetime | None = None
) -> int:
    """Hold a place on a day for a case, for a while. Returns the case's new version.

    Raises:
        RefusedError: no place is free that day, or somebody was quicker.
    """
    record = Case.objects.get(pk=case)
    policy.require(by, CasePermission.BOOK, record)
    new = cases.hold_place(by=by, case=case, version=version)
    ends = until or timezone.now() + HOLD_FOR
    held = take(case=case, programme=record.programme, day=day, until=ends)
    note(root=("case", case), about=("booking.hold", held.pk), what={"day": day.isoformat()})
    return new


@action("booking.confirm")
def confirm(*, by: Actor, case: UUID, version: int | None) -> int:
    """Confirm the place that is held. Returns the case's new version.

    Raises:
        RefusedError: nothing is held, or the hold has run out.
    """
    policy.require(by, CasePermission.BOOK, Case.objects.get(pk=case))
    held = Hold.objects.select_for_update().filter(case_id=case, state=Hold.State.HELD).first()
    if held is None:
        raise RefusedError(Problem.of("booking.nothing_held", where=f"case:{case}"))
    if held.until is not None and held.until <= timezone.now():
        raise RefusedError(
            Problem.of("booking.hold_expired", where=f"case:{case}", until=held.until)
        )
    new = cases.confirm_place(by=by, case=case, version=version)
    held.state, held.until = Hold.State.CONFIRMED, None
    held.save()
    note(root=("case", case), about=("booking.hold", held.pk))
    return new


@action("booking.expire")
def expire(*, by: Actor, hold: UUID) -> bool:
    """End a hold that has run out and release its case's booking; False if it was not due.

    The tick calls this for each; a place whose hold ran out is free at once, even before.
    """
    policy.require(by, Permission.TICK)
    at = timezone.now()
    row = Hold.objects.claim(hold)
    due = row.state == Hold.State.HELD and row.until is not None and row.until <= at
    if due:
        _expire([row], at)
        if Case.objects.get(pk=row.case_id).booking == "held":
            cases.release_place(by=by, case=row.case_id, version=None, reason="hold-expired")
    note(root=("case", row.case_id), about=("booking.hold", hold), what={"expired": due})
    return due
