"""What can be done with accounts: asking for a role, vetting, ending, changing, one's settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from sapar.kernel import policy
from sapar.kernel.accounts.models import Membership, Organisation, User, roles_in
from sapar.kernel.accounts.policy import Permission
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, NotFoundError, RefusedError
from sapar.kernel.roles import Role
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet

    from sapar.kernel.actors import Actor

State = Membership.State


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


@dataclass(frozen=True, slots=True)
class Requested:
    """What a request for access made: ids; `membership` is None if the e-mail was known.

    Who is not signed in does not learn whether an address has an account; its owner is written to.
    """

    user: UUID
    membership: UUID | None


def _organisation(code: str) -> Organisation:
    found = Organisation.objects.filter(code=code).first()
    if found is None:
        raise NotFoundError(Problem.of("kernel.not_found", where="organisation", value=code))
    return found


def _check_role(organisation: Organisation, role: Role) -> None:
    if role not in roles_in(organisation.kind):
        raise InvalidInputError(Problem.of("accounts.role_not_here", where="role", value=role))


def _check_licence(licence: Licence | None) -> Licence:
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


def _vetting_centre(code: str) -> Organisation:
    centre = _organisation(code) if code else None
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


def _checked(newcomer: Newcomer) -> User:
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


def _new_user(newcomer: Newcomer) -> User:
    user = _checked(newcomer)
    user.save()
    return user


def _note(membership: Membership, **what: str | int | bool | None) -> None:
    note(
        root=("organisation", membership.organisation_id),
        about=("membership", membership.pk),
        what={"user": str(membership.user_id), "role": membership.role, **what},
    )


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
    place = _organisation(organisation)
    _check_role(place, role)
    centre = None
    if role is Role.REFERRER:
        licence, centre = _check_licence(licence), _vetting_centre(vetted_at)
    if by.user_id is not None:
        user = User.objects.get(pk=by.user_id)
    elif newcomer is None:
        raise InvalidInputError(Problem.of("kernel.not_allowed", where="email"))
    else:
        user = _checked(newcomer)  # before the look: an error or the time it takes tells nothing
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
    _note(membership, renewal=held is not None)
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
    _note(record, document=str(document))


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
        _check_licence(
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
    _note(record, licence_seen=licence_seen, valid_to=valid_to.isoformat() if valid_to else None)


@action("accounts.refuse")
def refuse(*, by: Actor, membership: UUID, version: int, reason: str) -> None:
    """Refuse a request, with a reason from `Membership.RefusalReason`."""
    record = _open_request(by, membership, version)
    record.state = State.REFUSED
    record.ended_reason = Membership.RefusalReason(reason)
    record.ended_at = timezone.now()
    record.save()
    _note(record, reason=record.ended_reason)


def _end(record: Membership, reason: Membership.EndReason) -> None:
    record.state = State.ENDED
    record.ended_reason = reason
    record.ended_at = timezone.now()
    record.save()
    _note(record, reason=reason.value, ended=True)


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
    _check_role(record.organisation, role)
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
    _note(new, follows=str(record.pk))
    return new.pk


@action("accounts.update_settings")
def update_settings(
    *, by: Actor, user: UUID, language: str, time_zone: str, shortcuts: bool, theme: str
) -> None:
    """Change one's own language, time zone, single-key shortcuts and colours."""
    record = User.objects.select_for_update().get(pk=user)
    policy.require(by, Permission.EDIT_SELF, record)
    if time_zone not in available_timezones():
        raise InvalidInputError(
            Problem.of("accounts.unknown_time_zone", where="time_zone", value=time_zone)
        )
    record.language, record.time_zone = language, time_zone
    record.shortcuts, record.theme = shortcuts, User.Theme(theme)
    record.save(update_fields=["language", "time_zone", "shortcuts", "theme"])
    note(root=("user", user), what={"language": language, "shortcuts": shortcuts, "theme": theme})


@action("accounts.appoint")
def appoint(
    *, by: Actor, email: str, full_name: str, organisation: str, role: Role, password: str = ""
) -> UUID:
    """Give somebody a role without a request: the first administrator of an organisation.

    Only the system itself may, from the command line. Referring doctors are always vetted.

    Returns:
        The membership's id.
    """
    place = _organisation(organisation)
    policy.require(by, Permission.APPOINT, place)
    _check_role(place, role)
    if role is Role.REFERRER:
        raise RefusedError(Problem.of("accounts.licence_not_seen", where="role", value=role))
    user = User.objects.filter(email__iexact=email).first()
    if user is None and password:
        user = _new_user(Newcomer(email, full_name, password))
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
    _note(membership)
    return membership.pk
