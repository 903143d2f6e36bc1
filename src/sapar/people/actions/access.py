"""Accounts of patients and guardians."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from sapar.kernel import policy
from sapar.kernel.accounts.models import User
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError
from sapar.people.actions.editing import claim
from sapar.people.models import PatientAccess
from sapar.people.policy import Permission
from sapar.values.names import tidy
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor


def _link(by: Actor, person: UUID, user: User, relation: str) -> UUID:
    row = claim(by, person, Permission.INVITE)
    if relation not in PatientAccess.Relation.values:
        raise InvalidInputError(
            Problem.of("people.access_relation", where="relation", value=relation)
        )
    access = PatientAccess.objects.filter(user=user, person=row, ended_at__isnull=True).first()
    if access is None:
        access = PatientAccess(user=user, person=row, relation=relation)
        access.save()
    note(
        root=("patient", person),
        about=("user", user.pk),
        what={"relation": relation, "access": str(access.pk)},
    )
    return access.pk


@action("people.give_access")
def give_access(*, by: Actor, person: UUID, user: UUID, relation: str) -> UUID:
    """Let a known account speak for a patient.

    The relation is "self" or "guardian".

    Returns:
        The id of the access.

    Raises:
        InvalidInputError: the relation is unknown.
        NotAllowedError: the actor may not invite for this patient.
    """
    return _link(by, person, User.objects.get(pk=user), relation)


@action("people.invite")
def invite(
    *, by: Actor, person: UUID, email: str, full_name: str, relation: str, language: str = "ru"
) -> UUID:
    """Give a patient or guardian an account by e-mail address; it has no password yet.

    They set one with "I forgot my password", which proves that the address is theirs. The account
    of somebody who works in an organisation cannot be used: staff do not become patients unseen.

    Returns:
        The id of the access.

    Raises:
        InvalidInputError: no e-mail address, an unknown relation, or an account of staff.
    """
    email = tidy(email)
    try:
        validate_email(email)
    except ValidationError:
        raise InvalidInputError(Problem.of("people.email", where="email", value=email)) from None
    user = User.objects.filter(email__iexact=email).first()
    if user is not None and user.memberships.exists():
        policy.require(by, Permission.INVITE)
        raise InvalidInputError(Problem.of("people.access_staff", where="email", value=email))
    if user is None:
        claim(by, person, Permission.INVITE)
        user = User.objects.create_user(
            email, None, full_name=tidy(full_name)[:200], language=language
        )
    return _link(by, person, user, relation)


@action("people.end_access")
def end_access(*, by: Actor, access: UUID) -> None:
    """Take back the right of an account to speak for a patient."""
    row = PatientAccess.objects.claim(access)
    policy.require(by, Permission.INVITE, row.person)
    if row.ended_at is None:
        row.ended_at = timezone.now()
        row.save()
    note(root=("patient", row.person_id), about=("user", row.user_id), what={"ended": True})
