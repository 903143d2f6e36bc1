"""What several actions of accounts look at, and how they are noted. Inside running actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from sapar.kernel.accounts.models import Membership, Organisation, User, roles_in
from sapar.kernel.actions import note
from sapar.kernel.errors import InvalidInputError, NotFoundError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from datetime import date

    from sapar.kernel.roles import Role


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence to practise, as the doctor states it.

    Attributes:
        number: as printed.
        authority: who issued it.
        expires: the last day on which it holds.
    """

    number: str
    authority: str
    expires: date


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who has no account yet and asks for one."""

    email: str
    full_name: str
    password: str
    language: str = "ru"


def organisation_of(code: str) -> Organisation:
    """The organisation with this code.

    Raises:
        NotFoundError: there is none.
    """
    found = Organisation.objects.filter(code=code).first()
    if found is None:
        raise NotFoundError(Problem.of("kernel.not_found", where="organisation", value=code))
    return found


def check_role(organisation: Organisation, role: Role) -> None:
    """Refuse a role that an organisation of this kind does not have."""
    if role not in roles_in(organisation.kind):
        raise InvalidInputError(Problem.of("accounts.role_not_here", where="role", value=role))


def check_licence(licence: Licence | None) -> Licence:
    """The licence, if it is complete and holds today; refused otherwise."""
    if licence is None or not (licence.number.strip() and licence.authority.strip()):
        raise InvalidInputError(Problem.of("accounts.licence_incomplete", where="licence"))
    if licence.expires < timezone.localdate():
        raise InvalidInputError(
            Problem.of(
                "accounts.licence_expired",
                where="licence_expires",
                value=licence.expires,
                expires=licence.expires,
            )
        )
    return licence


def checked(newcomer: Newcomer) -> User:
    """A user that is not saved yet, with a password that is good enough."""
    user = User(
        email=User.objects.normalize_email(newcomer.email).lower(),
        full_name=newcomer.full_name.strip(),
        language=newcomer.language,
    )
    try:
        validate_password(newcomer.password, user)
    except ValidationError as weak:
        raise InvalidInputError(Problem.of("accounts.weak_password", where="password")) from weak
    user.set_password(newcomer.password)
    return user


def new_user(newcomer: Newcomer) -> User:
    """A user that is saved."""
    user = checked(newcomer)
    user.save()
    return user


def noted(membership: Membership, **what: str | int | bool | None) -> None:
    """Write what happened to a membership in its organisation's trail."""
    note(
        root=("organisation", membership.organisation_id),
        about=("membership", membership.pk),
        what={"user": str(membership.user_id), "role": membership.role, **what},
    )
