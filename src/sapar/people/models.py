"""Records of people: who a patient is, who stands by them, what they agreed to.

One organisation's statement about a person is one `Person`. Two statements about the same human
being are kept apart and linked by `merged_into`, so that each organisation keeps seeing what it
sent itself, a wrong link can be undone, and nobody learns another's data by typing a number.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sapar.kernel.accounts.models import Organisation, User
from sapar.kernel.records import Record


class Person(Record):
    """A patient as one organisation knows them.

    `birth_date_text` keeps what was written ("1981-03"); `birth_date` is set for whole days only.
    """

    class Gender(models.TextChoices):
        """FHIR administrative-gender."""

        MALE = "male", _("Male")
        FEMALE = "female", _("Female")
        OTHER = "other", _("Other")
        UNKNOWN = "unknown", _("Unknown")

    gender = models.CharField(_("sex"), max_length=10, choices=Gender.choices, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    birth_date_text = models.CharField(max_length=40, blank=True)
    citizenship = models.CharField(_("citizenship"), max_length=2, blank=True)
    residence = models.CharField(_("country of residence"), max_length=2, blank=True)
    city = models.CharField(_("town"), max_length=200, blank=True)
    language = models.CharField(_("language of the family"), max_length=35, blank=True)
    deceased = models.BooleanField(_("died"), default=False)
    created_by_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    erased_at = models.DateTimeField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "gender": "personal",
        "birth_date": "personal",
        "birth_date_text": "personal",
        "citizenship": "personal",
        "residence": "personal",
        "city": "personal",
        "language": "personal",
        "deceased": "clinical",
        "created_by_organisation": "operational",
        "merged_into": "id",
        "erased_at": "operational",
    }

    class Meta:
        """A person is never merged into itself."""

        constraints = (
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="people_not_merged_into_itself",
            ),
        )

    def __str__(self) -> str:
        """The id: a name does not belong in a log."""
        return str(self.pk)


class PersonName(Record):
    """One written form of a name, with the key by which it is found again."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="names")
    family = models.TextField(_("family name"), blank=True)
    given = models.TextField(_("given names"), blank=True)
    patronymic = models.TextField(_("patronymic"), blank=True)
    script = models.CharField(max_length=4, blank=True)
    use = models.CharField(max_length=20, blank=True)
    key = models.TextField(blank=True, db_index=True)

    privacy: ClassVar[dict[str, str]] = {
        "person": "id",
        "family": "personal",
        "given": "personal",
        "patronymic": "personal",
        "script": "personal",
        "use": "operational",
        "key": "personal",
    }


class PersonIdentifier(Record):
    """A number that names a person. `key` is what exact matching compares; "" never matches."""

    class Kind(models.TextChoices):
        """What is identified by it."""

        KZ_IIN = "kz-iin", _("IIN (Kazakhstan)")
        KG_PIN = "kg-pin", _("PIN (Kyrgyzstan)")
        UZ_PINFL = "uz-pinfl", _("PINFL (Uzbekistan)")
        PASSPORT = "passport", _("Passport")
        BIRTH_CERTIFICATE = "birth-certificate", _("Birth certificate")
        OTHER = "other", _("Other number")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    value = models.TextField(_("number"))
    country = models.CharField(_("issued by"), max_length=2, blank=True)
    system = models.TextField(blank=True)
    valid = models.BooleanField(default=True)
    key = models.TextField(blank=True, db_index=True)

    privacy: ClassVar[dict[str, str]] = {
        "person": "id",
        "kind": "operational",
        "value": "personal",
        "country": "personal",
        "system": "operational",
        "valid": "operational",
        "key": "personal",
    }


class PersonContact(Record):
    """A telephone number (E.164 where it could be read) or an e-mail address."""

    class System(models.TextChoices):
        """FHIR contact-point-system, those we use."""

        PHONE = "phone", _("Telephone")
        EMAIL = "email", _("E-mail")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contacts")
    related = models.ForeignKey(
        "Related", on_delete=models.CASCADE, null=True, blank=True, related_name="contacts"
    )
    system = models.CharField(max_length=10, choices=System.choices)
    value = models.TextField()
    use = models.CharField(max_length=20, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "person": "id",
        "related": "id",
        "system": "operational",
        "value": "personal",
        "use": "operational",
    }


class Related(Record):
    """A guardian or a companion of a patient; one human being may be both."""

    class Relationship(models.TextChoices):
        """HL7 v3 RoleCode, those that occur on our forms; others are kept as sent."""

        MOTHER = "MTH", _("Mother")
        FATHER = "FTH", _("Father")
        GUARDIAN = "GUARD", _("Legal guardian")
        GRANDPARENT = "GRPRN", _("Grandparent")
        SIBLING = "SIB", _("Brother or sister")
        CHILD = "CHILD", _("Son or daughter")
        SPOUSE = "SPS", _("Husband or wife")
        RELATIVE = "FAMMEMB", _("Relative")
        FRIEND = "FRND", _("Friend")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="related")
    family = models.TextField(_("family name"), blank=True)
    given = models.TextField(_("given names"), blank=True)
    patronymic = models.TextField(_("patronymic"), blank=True)
    script = models.CharField(max_length=4, blank=True)
    relationship = models.CharField(_("relationship"), max_length=40, blank=True)
    guardian = models.BooleanField(_("guardian: signs for the patient"), default=False)
    companion = models.BooleanField(_("companion: travels with the patient"), default=False)
    citizenship = models.CharField(_("citizenship"), max_length=2, blank=True)
    passport = models.TextField(_("passport number"), blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    authority = models.TextField(_("document that makes them guardian"), blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "person": "id",
        "family": "personal",
        "given": "personal",
        "patronymic": "personal",
        "script": "personal",
        "relationship": "personal",
        "guardian": "personal",
        "companion": "personal",
        "citizenship": "personal",
        "passport": "personal",
        "birth_date": "personal",
        "authority": "personal",
        "ended_at": "operational",
    }


class ConsentText(Record):
    """The wording of a consent in one language. Not reviewed until a named person signed it."""

    class Purpose(models.TextChoices):
        """What the data may be used for."""

        CARE = "care", _("Care")
        TRANSFER = "transfer", _("Sending the data across the border")
        RESEARCH = "research", _("Research")

    code = models.SlugField(max_length=60)
    edition = models.CharField(max_length=20)
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    language = models.CharField(max_length=5)
    text = models.TextField()
    mark = models.CharField(max_length=20, default="unverified")
    source = models.TextField(blank=True)
    reviewed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "code": "operational",
        "edition": "operational",
        "purpose": "operational",
        "language": "operational",
        "text": "operational",
        "mark": "operational",
        "source": "operational",
        "reviewed_by": "id",
        "reviewed_at": "operational",
    }

    class Meta:
        """One wording for a code, edition and language."""

        constraints = (
            models.UniqueConstraint(
                fields=("code", "edition", "language"), name="people_one_consent_text"
            ),
        )


class Consent(Record):
    """A patient's or guardian's agreement to one purpose; withdrawing ends it, never removes it."""

    class How(models.TextChoices):
        """How it was given."""

        SIGNED_PAPER = "signed-paper", _("Signed on paper")
        ELECTRONIC = "electronic", _("Given in the application")
        VERBAL = "verbal", _("Spoken, before a witness")
        STATED = "stated", _("Stated by the referring doctor")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=20, choices=ConsentText.Purpose.choices)
    text = models.ForeignKey(
        ConsentText, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    given_by = models.TextField(_("given by"), blank=True)
    related = models.ForeignKey(
        Related, on_delete=models.PROTECT, null=True, blank=True, related_name="consents"
    )
    given_on = models.DateField(_("given on"))
    how = models.CharField(_("how"), max_length=20, choices=How.choices)
    document_id = models.UUIDField(null=True, blank=True)
    recorded_by_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.TextField(blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "person": "id",
        "purpose": "operational",
        "text": "id",
        "given_by": "personal",
        "related": "id",
        "given_on": "operational",
        "how": "operational",
        "document_id": "id",
        "recorded_by_organisation": "operational",
        "withdrawn_at": "operational",
        "withdrawn_reason": "personal",
    }

    class Meta:
        """One valid consent for a person and purpose."""

        constraints = (
            models.UniqueConstraint(
                fields=("person", "purpose"),
                condition=Q(withdrawn_at__isnull=True),
                name="people_one_valid_consent",
            ),
        )


class DuplicateQuestion(Record):
    """Are these two the same person? A case waits until somebody has said so."""

    class State(models.TextChoices):
        """Open until it is decided; `different` is the list of pairs not to ask about again."""

        OPEN = "open", _("To be decided")
        SAME = "same", _("The same person")
        DIFFERENT = "different", _("Two different people")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="questions")
    candidate = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="asked_about")
    why = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "person": "id",
        "candidate": "id",
        "why": "operational",
        "state": "operational",
        "decided_by": "id",
        "decided_at": "operational",
        "reason": "personal",
    }

    class Meta:
        """A pair is asked about once."""

        constraints = (
            models.UniqueConstraint(fields=("person", "candidate"), name="people_pair_asked_once"),
        )


class PatientAccess(Record):
    """An account that may speak for a patient: the patient or a guardian, invited by staff."""

    class Relation(models.TextChoices):
        """Who the account's owner is to the patient."""

        SELF = "self", _("The patient")
        GUARDIAN = "guardian", _("Guardian")

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="patient_accesses")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="accesses")
    relation = models.CharField(max_length=10, choices=Relation.choices)
    ended_at = models.DateTimeField(null=True, blank=True)

    privacy: ClassVar[dict[str, str]] = {
        "user": "id",
        "person": "id",
        "relation": "personal",
        "ended_at": "operational",
    }

    class Meta:
        """One live access for an account and a person."""

        constraints = (
            models.UniqueConstraint(
                fields=("user", "person"),
                condition=Q(ended_at__isnull=True),
                name="people_one_live_access",
            ),
        )
