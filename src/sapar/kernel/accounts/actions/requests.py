"""Asking for a role or a renewed licence, by those who have an account and by newcomers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.kernel import policy
from sapar.kernel.accounts.actions._checks import (
    Licence,
    Newcomer,
    check_licence,
    check_role,
    checked,
    noted,
    organisation_of,
)
from sapar.kernel.accounts.models import Membership, Organisation, User
from sapar.kernel.accounts.policy import Permission
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, RefusedError
from sapar.kernel.roles import Role
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from sapar.kernel.actors import Actor

State = Membership.State


@dataclass(frozen=True, slots=True)
class Requested:
    """What a request for access made: ids; `membership` is None if the e-mail was known.

    Who is not signed in does not learn whether an address has an account; its owner is written to.
    """

    user: UUID
    membership: UUID | None


def _vetting_centre(code: str) -> Organisation:
    centre = organisation_of(code) if code else None
    if centre is None or centre.kind != Organisation.Kind.CENTRE:
        raise InvalidInputError(Problem.of("accounts.no_vetting_centre", where="vetted_at"))
    return centre


def _refuse_twice(same: QuerySet[Membership], role: Role) -> Membership | None:
    """The live membership that a renewed licence would replace, if the request makes sense."""
    if same.filter(state=State.REQUESTED).exists():
        raise RefusedError(Problem.of("accounts.already_requested", where="role", value=role))
    held = same.filter(state=State.APPROVED).first()
    if held is not None and role is not Role.REFERRER:
        raise RefusedError(Problem.of("accounts.already_member", where="role", value=role))
    return held


@action("accounts.request_access")
def request_access(
    *,
    by: Actor,
    organisation: str,
    role: Role,
    newcomer: Newcomer | None = None,
    vetted_at: str = "",
    licence: Licence | None = None,
) -> Requested:
    """Ask for a role in an organisation, or for a renewed licence where one has it already.

    Args:
        by: who asks; nobody, if they have no account yet.
        organisation: code of the organisation they work for.
        role: the role they ask for.
        newcomer: who they are, if they have no account yet.
        vetted_at: code of the centre that checks the licence; a referring doctor needs one.
        licence: a referring doctor's.

    Raises:
        InvalidInputError: the role does not exist there, or the licence is missing or expired.
        RefusedError: the same request is open already, or nothing would change.
    """
    policy.require(by, Permission.REQUEST)
    place = organisation_of(organisation)
    check_role(place, role)
    centre = None
    if role is Role.REFERRER:
        licence, centre = check_licence(licence), _vetting_centre(vetted_at)
    if by.user_id is not None:
        user = User.objects.get(pk=by.user_id)
    elif newcomer is None:
        raise InvalidInputError(Problem.of("kernel.not_allowed", where="email"))
    else:
        user = checked(newcomer)  # before the look: an error or the time it takes tells nothing
        known = User.objects.filter(email__iexact=newcomer.email).first()
        if known is not None:
            note(root=("user", known.pk), what={"known": True})
            return Requested(known.pk, None)
        user.save()
    held = _refuse_twice(Membership.objects.filter(user=user, organisation=place, role=role), role)
    membership = Membership(
        user=user,
        organisation=place,
        role=role,
        vetted_at_organisation=centre,
        licence_number=licence.number.strip() if licence else "",
        licence_authority=licence.authority.strip() if licence else "",
        licence_expires=licence.expires if licence else None,
        follows=held,
    )
    membership.save()
    noted(membership, renewal=held is not None)
    return Requested(user.pk, membership.pk)


@action("accounts.attach_licence")
def attach_licence(*, by: Actor, membership: UUID, document: UUID) -> None:
    """Name the stored document that shows the licence, while the request is open."""
    record = Membership.objects.claim(membership)
    policy.require(by, Permission.END, record)
    if record.state != State.REQUESTED:
        raise RefusedError(Problem.of("accounts.not_open", where=f"membership:{membership}"))
    record.licence_document_id = document
    record.save()
    noted(record, document=str(document))
