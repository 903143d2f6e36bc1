"""Deciding on requests for a role, ending roles, changing and giving them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.kernel import policy
from sapar.kernel.accounts.actions._checks import (
    Licence,
    Newcomer,
    check_licence,
    check_role,
    new_user,
    noted,
    organisation_of,
)
from sapar.kernel.accounts.models import Membership, User
from sapar.kernel.accounts.policy import Permission
from sapar.kernel.actions import action
from sapar.kernel.errors import InvalidInputError, RefusedError
from sapar.kernel.roles import Role
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from sapar.kernel.actors import Actor

State = Membership.State


def _open_request(by: Actor, membership: UUID, version: int) -> Membership:
    record = Membership.objects.claim(membership, version)
    policy.require(by, Permission.DECIDE, record)
    if record.user_id == by.user_id:
        raise RefusedError(Problem.of("accounts.not_yourself", where=f"membership:{membership}"))
    if record.state != State.REQUESTED:
        raise RefusedError(Problem.of("accounts.not_open", where=f"membership:{membership}"))
    return record


@action("accounts.approve_membership")
def approve_membership(
    *,
    by: Actor,
    membership: UUID,
    version: int,
    licence_seen: bool = False,
    valid_to: date | None = None,
) -> None:
    """Give the role that was asked for; a licence that is renewed replaces the old one.

    Args:
        by: a colleague with the right to decide; never the person themselves.
        membership: the request.
        version: the version they looked at.
        licence_seen: they saw the licence or asked the authority; a referring doctor's must be.
        valid_to: the last day of the role; None is open. A licence ends it anyway.
    """
    record = _open_request(by, membership, version)
    if record.role == Role.REFERRER:
        if record.licence_expires is None or not record.vetted_at_organisation_id:
            raise RefusedError(Problem.of("accounts.licence_incomplete", where="licence"))
        check_licence(
            Licence(record.licence_number, record.licence_authority, record.licence_expires)
        )
        if not licence_seen:
            raise RefusedError(Problem.of("accounts.licence_not_seen", where="licence_seen"))
    held = Membership.objects.filter(
        user=record.user_id,
        organisation=record.organisation_id,
        role=record.role,
        state=State.APPROVED,
    )
    for old in held.select_for_update():
        _end(old, Membership.EndReason.LICENCE_RENEWED)
    record.state = State.APPROVED
    record.licence_seen = licence_seen
    record.valid_from, record.valid_to = timezone.localdate(), valid_to
    record.approved_by_id, record.approved_at = by.user_id, timezone.now()
    record.save()
    noted(record, licence_seen=licence_seen, valid_to=valid_to.isoformat() if valid_to else None)


@action("accounts.refuse")
def refuse(*, by: Actor, membership: UUID, version: int, reason: str) -> None:
    """Refuse a request, with a reason from `Membership.RefusalReason`."""
    record = _open_request(by, membership, version)
    record.state = State.REFUSED
    record.ended_reason = Membership.RefusalReason(reason)
    record.ended_at = timezone.now()
    record.save()
    noted(record, reason=record.ended_reason)


def _end(record: Membership, reason: Membership.EndReason) -> None:
    record.state = State.ENDED
    record.ended_reason = reason
    record.ended_at = timezone.now()
    record.save()
    noted(record, reason=reason.value, ended=True)


def _keep_an_administrator(record: Membership) -> None:
    if record.role != Role.ADMINISTRATOR:
        return
    others = Membership.objects.select_for_update().filter(
        organisation=record.organisation_id, role=Role.ADMINISTRATOR, state=State.APPROVED
    )
    if all(other.pk == record.pk for other in others):
        raise RefusedError(
            Problem.of("accounts.last_administrator", where=f"membership:{record.pk}")
        )


@action("accounts.end")
def end(*, by: Actor, membership: UUID, version: int, reason: str) -> None:
    """End a role, with a reason from `Membership.EndReason`. It is lost with the next request.

    People may leave by themselves; the last administrator of an organisation may not.
    """
    record = Membership.objects.claim(membership, version)
    policy.require(by, Permission.END, record)
    if record.state not in {State.APPROVED, State.REQUESTED}:
        raise RefusedError(Problem.of("accounts.not_open", where=f"membership:{membership}"))
    if record.state == State.APPROVED:
        _keep_an_administrator(record)
    _end(record, Membership.EndReason(reason))


@action("accounts.change_role")
def change_role(*, by: Actor, membership: UUID, version: int, role: Role) -> UUID:
    """End one role and give another in the same organisation; the history is kept.

    A person who becomes a referring doctor asks for it with a licence, as everybody does.

    Returns:
        The new membership's id.
    """
    record = Membership.objects.claim(membership, version)
    policy.require(by, Permission.CHANGE_ROLE, record)
    where = f"membership:{membership}"
    if record.user_id == by.user_id:
        raise RefusedError(Problem.of("accounts.not_yourself", where=where))
    if record.state != State.APPROVED:
        raise RefusedError(Problem.of("accounts.not_open", where=where))
    check_role(record.organisation, role)
    if role is Role.REFERRER:
        raise InvalidInputError(Problem.of("accounts.licence_incomplete", where="role"))
    live = Membership.objects.filter(
        user=record.user_id,
        organisation=record.organisation_id,
        role=role,
        state__in=[State.APPROVED, State.REQUESTED],
    )
    if live.exists():
        raise RefusedError(Problem.of("accounts.already_member", where="role", value=role))
    given = Membership(user=record.user, organisation=record.organisation, role=role)
    policy.require(by, Permission.DECIDE, given)
    _keep_an_administrator(record)
    _end(record, Membership.EndReason.ROLE_CHANGED)
    new = Membership(
        user_id=record.user_id,
        organisation_id=record.organisation_id,
        role=role,
        state=State.APPROVED,
        valid_from=timezone.localdate(),
        approved_by_id=by.user_id,
        approved_at=timezone.now(),
        follows=record,
    )
    new.save()
    noted(new, follows=str(record.pk))
    return new.pk


@action("accounts.appoint")
def appoint(
    *, by: Actor, email: str, full_name: str, organisation: str, role: Role, password: str = ""
) -> UUID:
    """Give somebody a role without a request: the first administrator of an organisation.

    Only the system itself may, from the command line. Referring doctors are always vetted.

    Returns:
        The membership's id.
    """
    place = organisation_of(organisation)
    policy.require(by, Permission.APPOINT, place)
    check_role(place, role)
    if role is Role.REFERRER:
        raise RefusedError(Problem.of("accounts.licence_not_seen", where="role", value=role))
    user = User.objects.filter(email__iexact=email).first()
    if user is None and password:
        user = new_user(Newcomer(email, full_name, password))
    elif user is None:
        user = User.objects.create_user(email.lower(), None, full_name=full_name)
    if Membership.objects.filter(
        user=user, organisation=place, role=role, state=State.APPROVED
    ).exists():
        raise RefusedError(Problem.of("accounts.already_member", where="role", value=role))
    membership = Membership(
        user=user,
        organisation=place,
        role=role,
        state=State.APPROVED,
        valid_from=timezone.localdate(),
        approved_at=timezone.now(),
    )
    membership.save()
    noted(membership)
    return membership.pk
