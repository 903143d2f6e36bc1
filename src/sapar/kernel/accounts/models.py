"""Records of accounts: who may sign in, for whom they act, and with which roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from sapar.kernel.actors import Actor
from sapar.kernel.records import Record, new_id
from sapar.kernel.roles import Role

if TYPE_CHECKING:
    from datetime import date


class UserManager(BaseUserManager["User"]):
    """Makes users from an e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        """Make a user; a None password cannot be used to sign in."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in. What they may do hangs on their memberships, not on the account."""

    class Theme(models.TextChoices):
        """The colours of the pages; empty follows the device."""

        DEVICE = "", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    privacy: ClassVar[dict[str, str]] = {
        "email": "personal",
        "full_name": "personal",
        "password": "secret",
        "last_login": "operational",
        "language": "personal",
        "time_zone": "personal",
        "shortcuts": "operational",
        "theme": "operational",
        "is_active": "operational",
        "is_demonstration": "operational",
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    full_name = models.CharField(_("full name"), max_length=200)
    language = models.CharField(_("language"), max_length=5, default="ru")
    time_zone = models.CharField(_("time zone"), max_length=60, default="Asia/Almaty")
    shortcuts = models.BooleanField(_("single-key shortcuts"), default=True)
    theme = models.CharField(
        _("colours"), max_length=10, choices=Theme.choices, default="", blank=True
    )
    is_active = models.BooleanField(default=True)
    is_demonstration = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    def __str__(self) -> str:
        """The full name."""
        return self.full_name

    def get_short_name(self) -> str:
        """The full name; names of our region have no safe short form."""
        return self.full_name


class Organisation(Record):
    """A hospital, centre, sanatorium, ministry or payer. `code` links it to the network's files."""

    class Kind(models.TextChoices):
        """What an organisation is."""

        HOSPITAL = "hospital", _("Hospital")
        CENTRE = "centre", _("Centre")
        SANATORIUM = "sanatorium", _("Sanatorium")
        MINISTRY = "ministry", _("Ministry")
        PAYER = "payer", _("Payer")

    code = models.SlugField(max_length=60, unique=True)
    names = models.JSONField(default=dict)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    country = models.CharField(max_length=2)
    city = models.JSONField(default=dict)
    time_zone = models.CharField(max_length=60, default="Asia/Almaty")

    privacy: ClassVar[dict[str, str]] = dict.fromkeys(
        ("code", "names", "kind", "country", "city", "time_zone"), "operational"
    )

    def __str__(self) -> str:
        """The code."""
        return self.code

    @property
    def name(self) -> str:
        """The name in the reader's language, else in Russian or English, else the code."""
        language = translation.get_language() or "ru"
        for wanted in (language, "ru", "en"):
            if name := self.names.get(wanted):
                return str(name)
        return self.code


class Membership(Record):
    """A person's role in an organisation, for a time, approved by somebody.

    A referrer's membership is vetted: the licence was seen, by whom, and until when it holds.
    `vetted_at_organisation` is the centre that was asked to vet it; None where the organisation's
    own administrator decides.
    """

    class State(models.TextChoices):
        """Where the vetting stands."""

        REQUESTED = "requested", _("Requested")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        ENDED = "ended", _("Ended")

    class EndReason(models.TextChoices):
        """Why a membership ended."""

        LEFT = "left", _("Left the organisation")
        ROLE_CHANGED = "role-changed", _("The role changed")
        LICENCE_RENEWED = "licence-renewed", _("Replaced by a renewed licence")
        LICENCE_WITHDRAWN = "licence-withdrawn", _("The licence was withdrawn")
        MISUSE = "misuse", _("Misuse")
        MISTAKE = "mistake", _("Given by mistake")

    class RefusalReason(models.TextChoices):
        """Why a request was refused."""

        LICENCE_NOT_FOUND = "licence-not-found", _("The authority does not know the licence")
        LICENCE_EXPIRED = "licence-expired", _("The licence has expired")
        NOT_EMPLOYED = "not-employed", _("Does not work at this organisation")
        INCOMPLETE = "incomplete", _("The papers are incomplete")
        DUPLICATE = "duplicate", _("The person has this role already")

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(max_length=40, choices=Role.choices)
    state = models.CharField(max_length=20, choices=State.choices, default=State.REQUESTED)
    vetted_at_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    licence_number = models.CharField(_("licence number"), max_length=80, blank=True)
    licence_authority = models.CharField(_("licensing authority"), max_length=200, blank=True)
    licence_expires = models.DateField(_("licence expires"), null=True, blank=True)
    licence_document_id = models.UUIDField(null=True, blank=True)
    licence_seen = models.BooleanField(default=False)
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.CharField(max_length=40, blank=True)
    follows = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by"
    )

    privacy: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("user", "approved_by", "follows", "licence_document_id"), "id"),
        **dict.fromkeys(("licence_number", "licence_authority", "licence_expires"), "personal"),
        **dict.fromkeys(
            (
                "organisation",
                "vetted_at_organisation",
                "role",
                "state",
                "valid_from",
                "valid_to",
                "licence_seen",
                "approved_at",
                "ended_at",
                "ended_reason",
            ),
            "operational",
        ),
    }

    class Meta:
        """One live membership and one open request for a person, organisation and role.

        Both may stand together: a licence is renewed while the old one still holds.
        """

        constraints = (
            models.UniqueConstraint(
                fields=("user", "organisation", "role"),
                condition=Q(state="approved"),
                name="accounts_one_live_membership",
            ),
            models.UniqueConstraint(
                fields=("user", "organisation", "role"),
                condition=Q(state="requested"),
                name="accounts_one_open_request",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(approved_at__isnull=False),
                name="accounts_approved_has_time",
            ),
        )

    def __str__(self) -> str:
        """Role and organisation."""
        return f"{self.role}@{self.organisation_id}"

    def valid_on(self, day: date) -> bool:
        """Whether the role may be used on a day: approved, begun, not ended, licence in force.

        A referring doctor without a licence's expiry date was never vetted, and has no role.
        """
        vetted = self.role != Role.REFERRER or (
            self.licence_seen and self.licence_expires is not None
        )
        return (
            vetted
            and self.state == self.State.APPROVED
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_to is None or day <= self.valid_to)
            and (self.licence_expires is None or day <= self.licence_expires)
        )


ROLES_OF: dict[str, frozenset[Role]] = {
    Organisation.Kind.HOSPITAL: frozenset({Role.REFERRER, Role.CLINICIAN}),
    Organisation.Kind.CENTRE: frozenset(
        {
            Role.COORDINATOR,
            Role.CLINICIAN,
            Role.SCHEDULER,
            Role.PHYSICIST,
            Role.THERAPIST,
            Role.TRAVEL_DESK,
            Role.TRANSPLANT_COORDINATOR,
            Role.REFERRER,
        }
    ),
    Organisation.Kind.SANATORIUM: frozenset({Role.SANATORIUM}),
    Organisation.Kind.MINISTRY: frozenset(
        {
            Role.MINISTRY_ANALYST,
            Role.HTA_ANALYST,
            Role.HTA_COMMITTEE,
            Role.PROCUREMENT_OFFICER,
            Role.MEDICINES_ASSESSOR,
            Role.GMP_INSPECTOR,
            Role.EPIDEMIOLOGIST,
            Role.TRAVEL_DESK,
        }
    ),
    Organisation.Kind.PAYER: frozenset({Role.FUNDING_OFFICER, Role.PROCUREMENT_OFFICER}),
}
"""Roles that make sense in each kind of organisation; nobody can be given another there."""

ROLES_ANYWHERE = frozenset(
    {Role.ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER, Role.COURSE_ORGANISER, Role.LEARNER}
)


def roles_in(kind: str) -> list[Role]:
    """The roles that exist in a kind of organisation, in the order of the list of roles."""
    return [role for role in Role if role in ROLES_OF[kind] | ROLES_ANYWHERE]


def actor_for(user: User, organisation_id: object | None = None) -> Actor:
    """The actor that a user is in one organisation: the roles that are valid today.

    Args:
        user: who signed in.
        organisation_id: where they act; None takes the first valid membership's.

    Returns:
        An actor; with no roles if no membership is valid.
    """
    today = timezone.localdate()
    memberships = [
        m
        for m in user.memberships.select_related("organisation").order_by("created_at")
        if m.valid_on(today)
    ]
    if organisation_id is None and memberships:
        organisation_id = memberships[0].organisation_id
    here = [m for m in memberships if m.organisation_id == organisation_id]
    return Actor(
        user_id=user.pk,
        organisation_id=here[0].organisation_id if here else None,
        country=here[0].organisation.country if here else "",
        roles=frozenset(Role(m.role) for m in here),
    )
