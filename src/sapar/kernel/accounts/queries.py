"""Reads of accounts for pages and other rooms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.kernel import policy
from sapar.kernel.accounts.models import Membership, Organisation
from sapar.kernel.accounts.policy import Permission
from sapar.kernel.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from uuid import UUID

    from django.db.models import QuerySet
    from django.utils.functional import _StrPromise

    from sapar.kernel.actors import Actor

SOON = timedelta(days=60)
"""A licence is called soon to expire this long before."""


@dataclass(frozen=True, slots=True)
class MembershipView:
    """A membership as pages show it; names are in the reader's language."""

    id: UUID
    version: int
    user_id: UUID
    full_name: str
    email: str
    organisation_id: UUID
    organisation: str
    country: str
    role: str
    role_label: str | _StrPromise
    state: str
    state_label: str | _StrPromise
    valid_from: date | None
    valid_to: date | None
    licence_number: str
    licence_authority: str
    licence_expires: date | None
    licence_document_id: UUID | None
    licence_seen: bool
    vetted_at: str
    approved_by: str
    approved_at: datetime | None
    ended_reason: str | _StrPromise
    ended_at: datetime | None
    requested_at: datetime
    renewal: bool
    in_force: bool
    expires_soon: bool


@dataclass(frozen=True, slots=True)
class OrganisationChoice:
    """An organisation that can be chosen in a form or as the place where one acts."""

    id: UUID
    code: str
    name: str
    country: str
    kind: str


_REASONS = {
    **dict(Membership.EndReason.choices),
    **dict(Membership.RefusalReason.choices),
}


def _view(record: Membership, today: date) -> MembershipView:
    expires = record.licence_expires
    return MembershipView(
        id=record.pk,
        version=record.version,
        user_id=record.user_id,
        full_name=record.user.full_name,
        email=record.user.email,
        organisation_id=record.organisation_id,
        organisation=record.organisation.name,
        country=record.organisation.country,
        role=record.role,
        role_label=Role(record.role).label,
        state=record.state,
        state_label=Membership.State(record.state).label,
        valid_from=record.valid_from,
        valid_to=record.valid_to,
        licence_number=record.licence_number,
        licence_authority=record.licence_authority,
        licence_expires=expires,
        licence_document_id=record.licence_document_id,
        licence_seen=record.licence_seen,
        vetted_at=record.vetted_at_organisation.name if record.vetted_at_organisation else "",
        approved_by=record.approved_by.full_name if record.approved_by else "",
        approved_at=record.approved_at,
        ended_reason=_REASONS.get(record.ended_reason, ""),
        ended_at=record.ended_at,
        requested_at=record.created_at,
        renewal=record.follows_id is not None,
        in_force=record.valid_on(today),
        expires_soon=record.state == Membership.State.APPROVED
        and expires is not None
        and expires <= today + SOON,
    )


def _views(rows: QuerySet[Membership]) -> list[MembershipView]:
    today = timezone.localdate()
    with_names = rows.select_related(
        "user", "organisation", "vetted_at_organisation", "approved_by"
    )
    return [_view(record, today) for record in with_names]


def own_memberships(by: Actor) -> list[MembershipView]:
    """The actor's own, all organisations, newest first; ended and refused ones too."""
    return _views(Membership.objects.filter(user=by.user_id).order_by("-created_at"))


def members(by: Actor) -> list[MembershipView]:
    """The members of the actor's organisation, those whose role ended last."""
    rows = policy.visible_to(by, Permission.MEMBERS, Membership.objects.all())
    found = _views(rows.order_by("created_at"))
    return sorted(found, key=lambda m: (m.state not in {"approved", "requested"}, m.full_name))


def requests(by: Actor) -> list[MembershipView]:
    """The open requests that the actor may decide, oldest first; never their own."""
    rows = policy.visible_to(by, Permission.DECIDE, Membership.objects.all())
    opened = rows.filter(state=Membership.State.REQUESTED).exclude(user=by.user_id)
    return _views(opened.order_by("created_at"))


def licences_expiring(by: Actor, *, on: date, within: timedelta = SOON) -> list[MembershipView]:
    """Live roles whose licence ends within a time or has ended: whom to remind, soonest first.

    Args:
        by: who asks; sees those they vet and their own.
        on: the day it is.
        within: how long before.
    """
    vetted = policy.visible_to(by, Permission.END, Membership.objects.all())
    rows = vetted.filter(state=Membership.State.APPROVED, licence_expires__lte=on + within)
    return _views(rows.order_by("licence_expires"))


def request_of(by: Actor, membership: UUID) -> MembershipView | None:
    """One request that the actor may decide."""
    rows = policy.visible_to(by, Permission.DECIDE, Membership.objects.filter(pk=membership))
    return next(iter(_views(rows)), None)


def membership_of(by: Actor, membership: UUID) -> MembershipView | None:
    """One membership that the actor may end: their own, of their organisation, vetted there."""
    rows = policy.visible_to(by, Permission.END, Membership.objects.filter(pk=membership))
    return next(iter(_views(rows)), None)


def organisations(kinds: Iterable[str] | None = None) -> list[OrganisationChoice]:
    """All organisations, or those of some kinds, by country and name."""
    rows = Organisation.objects.all() if kinds is None else Organisation.objects.filter(
        kind__in=list(kinds)
    )  # fmt: skip
    found = [OrganisationChoice(o.pk, o.code, o.name, o.country, o.kind) for o in rows]
    return sorted(found, key=lambda o: (o.country, o.name))


def places_of(by: Actor) -> list[OrganisationChoice]:
    """Where the actor has a role in force today, by name."""
    today = timezone.localdate()
    rows = Membership.objects.filter(user=by.user_id).select_related("organisation")
    found = {
        m.organisation_id: OrganisationChoice(
            m.organisation_id,
            m.organisation.code,
            m.organisation.name,
            m.organisation.country,
            m.organisation.kind,
        )
        for m in rows
        if m.valid_on(today)
    }
    return sorted(found.values(), key=lambda o: o.name)
