"""One person or many, as frozen views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.kernel.errors import NotFoundError
from sapar.people.engine.check import is_child
from sapar.people.engine.facts import (
    ContactFact,
    GuardianFact,
    IdentifierFact,
    NameFact,
    PersonFacts,
)
from sapar.people.models import DuplicateQuestion, Person
from sapar.values import dates, identifiers
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from sapar.people.models import PersonName, Related

_SCRIPT_OF_LANGUAGE = {"kk": "Cyrl", "ky": "Cyrl", "ru": "Cyrl", "uz": "Latn", "en": "Latn"}


@dataclass(frozen=True, slots=True)
class NameView:
    """A written form of a name."""

    id: UUID
    family: str
    given: str
    patronymic: str
    script: str
    use: str

    def __str__(self) -> str:
        """Family name, given names, patronymic: the order of the region's documents."""
        return " ".join(part for part in (self.family, self.given, self.patronymic) if part)


@dataclass(frozen=True, slots=True)
class IdentifierView:
    """A number; `masked` shows its last three signs."""

    id: UUID
    kind: str
    label: str
    value: str
    masked: str
    country: str
    valid: bool
    system: str


@dataclass(frozen=True, slots=True)
class ContactView:
    """A telephone number or an e-mail address."""

    id: UUID
    system: str
    value: str
    use: str


@dataclass(frozen=True, slots=True)
class RelatedView:
    """A guardian or companion."""

    id: UUID
    name: NameView
    relationship: str
    relationship_label: str
    guardian: bool
    companion: bool
    citizenship: str
    passport: str
    birth_date: date | None
    authority: str
    contacts: tuple[ContactView, ...]


@dataclass(frozen=True, slots=True)
class ConsentView:
    """A consent; `reviewed` says whether a named person signed its wording."""

    id: UUID
    purpose: str
    label: str
    given_by: str
    given_on: date
    how: str
    how_label: str
    document_id: UUID | None
    text: str
    reviewed: bool
    withdrawn_at: datetime | None

    @property
    def valid(self) -> bool:
        """Whether it still holds."""
        return self.withdrawn_at is None


@dataclass(frozen=True, slots=True)
class PersonView:
    """A patient, as one organisation knows them.

    Attributes:
        birth_date: a whole day, or None; `birth_date_text` may then say "1981-03".
        same_as: other records that are the same human being.
        undecided: how many duplicate questions are open.
    """

    id: UUID
    version: int
    names: tuple[NameView, ...]
    gender: str
    gender_label: str
    birth_date: date | None
    birth_date_text: str
    citizenship: str
    residence: str
    city: str
    language: str
    deceased: bool
    identifiers: tuple[IdentifierView, ...]
    contacts: tuple[ContactView, ...]
    related: tuple[RelatedView, ...]
    consents: tuple[ConsentView, ...]
    organisation_id: UUID | None
    same_as: tuple[UUID, ...]
    undecided: int
    erased: bool

    def display_name(self, language: str = "") -> str:
        """The name in the script that a language is read in, or else as it was written first.

        The official form stands before others; "" if there is no name.
        """
        wanted = _SCRIPT_OF_LANGUAGE.get(language.partition("-")[0], "")
        order = sorted(
            enumerate(self.names),
            key=lambda entry: (
                entry[1].script != wanted if wanted else False,
                entry[1].use == "maiden",
                entry[1].use != "official",
                entry[0],
            ),
        )
        return str(order[0][1]) if order else ""

    @property
    def birth(self) -> dates.PartialDate | None:
        """The date of birth, whole or partial."""
        if self.birth_date is not None:
            return dates.PartialDate(
                self.birth_date.year, self.birth_date.month, self.birth_date.day
            )
        return dates.parse(self.birth_date_text)[0]

    def age(self, on: date) -> int | None:
        """Completed years on a day; from a partial date, the least they can be; None if unknown."""
        birth = self.birth
        return None if birth is None else max(0, dates.age(birth.latest, on))

    def is_child(self, on: date) -> bool | None:
        """Whether somebody signs for them; None if that cannot be said."""
        return is_child(self.birth, on)

    @property
    def guardians(self) -> tuple[RelatedView, ...]:
        """Those who sign for the patient."""
        return tuple(r for r in self.related if r.guardian)

    @property
    def companions(self) -> tuple[RelatedView, ...]:
        """Those who travel with the patient."""
        return tuple(r for r in self.related if r.companion)

    def consents_to(self, purpose: str) -> bool:
        """Whether a consent to this purpose is in force."""
        return any(c.valid and c.purpose == purpose for c in self.consents)

    def facts(self) -> PersonFacts:
        """The same as the facts of a referral, for the engines."""
        return PersonFacts(
            names=tuple(_name_fact(name) for name in self.names),
            identifiers=tuple(
                IdentifierFact(i.kind, i.value, i.country, i.system) for i in self.identifiers
            ),
            birth_date=self.birth_date,
            birth_date_text=self.birth_date_text,
            gender=self.gender,
            citizenship=self.citizenship,
            residence=self.residence,
            city=self.city,
            language=self.language,
            contacts=tuple(ContactFact(c.system, c.value, c.use) for c in self.contacts),
            guardians=tuple(
                GuardianFact(
                    _name_fact(r.name),
                    r.relationship,
                    tuple(ContactFact(c.system, c.value, c.use) for c in r.contacts),
                    guardian=r.guardian,
                    companion=r.companion,
                )
                for r in self.related
            ),
            deceased=self.deceased,
        )


def _name_fact(name: NameView) -> NameFact:
    return NameFact(name.family, name.given, name.patronymic, name.script, name.use)


def _name(row: PersonName | Related) -> NameView:
    use = getattr(row, "use", "")
    return NameView(row.pk, row.family, row.given, row.patronymic, row.script, use)


def _rows() -> QuerySet[Person]:
    return Person.objects.prefetch_related(
        "names", "identifiers", "contacts", "related__contacts", "consents__text", "questions",
        "asked_about", "merged", "merged_into__merged",
    )  # fmt: skip


def _related(row: Related) -> RelatedView:
    labels = dict(type(row).Relationship.choices)
    return RelatedView(
        id=row.pk,
        name=_name(row),
        relationship=row.relationship,
        relationship_label=str(labels.get(row.relationship, row.relationship)),
        guardian=row.guardian,
        companion=row.companion,
        citizenship=row.citizenship,
        passport=row.passport,
        birth_date=row.birth_date,
        authority=row.authority,
        contacts=tuple(ContactView(c.pk, c.system, c.value, c.use) for c in row.contacts.all()),
    )


def _same_as(person: Person) -> tuple[UUID, ...]:
    root = person.merged_into or person
    ids = {root.pk, *(other.pk for other in root.merged.all())} - {person.pk}
    return tuple(sorted(ids))


def _view(person: Person) -> PersonView:
    questions = [*person.questions.all(), *person.asked_about.all()]
    return PersonView(
        id=person.pk,
        version=person.version,
        names=tuple(_name(n) for n in sorted(person.names.all(), key=lambda n: n.pk)),
        gender=person.gender,
        gender_label=str(person.get_gender_display()),
        birth_date=person.birth_date,
        birth_date_text=person.birth_date_text,
        citizenship=person.citizenship,
        residence=person.residence,
        city=person.city,
        language=person.language,
        deceased=person.deceased,
        identifiers=tuple(
            IdentifierView(
                i.pk, i.kind, str(i.get_kind_display()), i.value, identifiers.masked(i.value),
                i.country, i.valid, i.system,
            )
            for i in sorted(person.identifiers.all(), key=lambda i: i.pk)
        ),
        contacts=tuple(
            ContactView(c.pk, c.system, c.value, c.use)
            for c in sorted(person.contacts.all(), key=lambda c: c.pk)
            if c.related_id is None
        ),
        related=tuple(
            _related(r)
            for r in sorted(person.related.all(), key=lambda r: r.pk)
            if r.ended_at is None
        ),
        consents=tuple(
            ConsentView(
                c.pk, c.purpose, str(c.get_purpose_display()), c.given_by, c.given_on, c.how,
                str(c.get_how_display()), c.document_id,
                f"{c.text.code} {c.text.edition} ({c.text.language})" if c.text else "",
                bool(c.text and c.text.reviewed_at), c.withdrawn_at,
            )
            for c in sorted(person.consents.all(), key=lambda c: c.pk)
        ),
        organisation_id=person.created_by_organisation_id,
        same_as=_same_as(person),
        undecided=sum(q.state == DuplicateQuestion.State.OPEN for q in questions),
        erased=person.erased_at is not None,
    )  # fmt: skip


def person(person_id: UUID) -> PersonView:
    """One person.

    Raises:
        NotFoundError: there is none.
    """
    row = _rows().filter(pk=person_id).first()
    if row is None:
        raise NotFoundError(Problem.of("kernel.not_found", where=f"people.person:{person_id}"))
    return _view(row)


def people(person_ids: Iterable[UUID]) -> dict[UUID, PersonView]:
    """Many persons by id, in a fixed number of queries; unknown ids are left out."""
    return {row.pk: _view(row) for row in _rows().filter(pk__in=set(person_ids))}
