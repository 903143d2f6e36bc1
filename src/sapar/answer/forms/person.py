"""Who the patient is, and the family."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sapar.answer.forms.base import DayField, Group, Topic, text
from sapar.kernel.languages import formats, phrases
from sapar.people.engine.facts import (
    ContactFact,
    GuardianFact,
    IdentifierFact,
    NameFact,
    PersonFacts,
)
from sapar.values import identifiers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sapar.cases.engine.referral import ReferralFacts

LANGUAGES = ("kk", "ky", "uz", "ru", "en", "tg")
OLDEST = 130

IDENTIFIERS = (
    ("kz-iin", _("IIN (Kazakhstan)"), "KZ"),
    ("kg-pin", _("PIN (Kyrgyzstan)"), "KG"),
    ("uz-pinfl", _("PINFL (Uzbekistan)"), "UZ"),
    ("passport", _("Passport"), ""),
    ("birth-certificate", _("Birth certificate"), ""),
)


def _country_choices() -> list[tuple[str, object]]:
    return [("", _("Not said")), *formats.countries(get_language() or "en")]


def _first(names: Iterable[NameFact], *scripts: str) -> NameFact:
    for name in names:
        if name.script in scripts:
            return name
    return NameFact("", "")


class PatientTopic(Topic):
    """Names in two scripts, date of birth, sex, identifiers, citizenship, residence, language."""

    slug = "patient"
    title = _("Patient")
    groups = (
        Group(
            _("Name"),
            (("family", "given", "patronymic"), ("family_latin", "given_latin")),
            hint=_("First as the family writes it, then in Latin letters as in the passport."),
            items=("identity",),
        ),
        Group(_("Birth and sex"), (("birth_date", "gender"),)),
        Group(
            _("Identifiers"),
            (("kz_iin", "kg_pin", "uz_pinfl"), ("passport", "birth_certificate")),
            hint=_("Give those that you have. They find the patient without a mistake."),
            items=("identifier",),
        ),
        Group(
            _("Citizenship and home"),
            (("citizenship",), ("residence", "city"), ("language",)),
        ),
        Group(
            _("How to reach the family"),
            (("phone", "email"),),
            items=("contact",),
        ),
    )
    single: ClassVar[dict[str, str]] = {
        "birth-date": "birth_date",
        "gender": "gender",
        "citizenship": "citizenship",
        "passport": "passport",
    }

    family = forms.CharField(label=_("Family name"), widget=text(), max_length=200)
    given = forms.CharField(label=_("Given name"), widget=text(), max_length=200)
    patronymic = forms.CharField(label=_("Patronymic"), widget=text(), max_length=200)
    family_latin = forms.CharField(
        label=_("Family name in Latin letters"),
        widget=text(letters=False, lang="en"),
        max_length=200,
    )
    given_latin = forms.CharField(
        label=_("Given name in Latin letters"),
        widget=text(letters=False, lang="en"),
        max_length=200,
    )
    birth_date = DayField(label=_("Date of birth"))
    gender = forms.ChoiceField(
        label=_("Sex"),
        choices=[
            ("", _("Not said")),
            ("female", _("Female")),
            ("male", _("Male")),
            ("other", _("Other")),
            ("unknown", _("Unknown")),
        ],
    )
    kz_iin = forms.CharField(
        label=IDENTIFIERS[0][1], widget=text(letters=False, inputmode="numeric"), max_length=20
    )
    kg_pin = forms.CharField(
        label=IDENTIFIERS[1][1], widget=text(letters=False, inputmode="numeric"), max_length=20
    )
    uz_pinfl = forms.CharField(
        label=IDENTIFIERS[2][1], widget=text(letters=False, inputmode="numeric"), max_length=20
    )
    passport = forms.CharField(label=IDENTIFIERS[3][1], widget=text(letters=False), max_length=40)
    birth_certificate = forms.CharField(
        label=IDENTIFIERS[4][1], widget=text(letters=False), max_length=60
    )
    citizenship = forms.ChoiceField(label=_("Citizenship"))
    residence = forms.ChoiceField(label=_("Country of residence"))
    city = forms.CharField(label=_("Town or village"), widget=text(), max_length=200)
    language = forms.ChoiceField(label=_("Language of the family"))
    phone = forms.CharField(
        label=_("Telephone"), widget=text(letters=False, inputmode="tel"), max_length=60
    )
    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )

    def fill(self) -> None:
        """Fill the choices in the reader's language."""
        countries = _country_choices()
        languages = [("", _("Not said")), *((c, formats.language_name(c)) for c in LANGUAGES)]
        for name, choices in (
            ("citizenship", countries),
            ("residence", countries),
            ("language", languages),
        ):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices

    def clean_birth_date(self) -> Any:
        """A birth in the future, or before anybody alive was born, is a typing mistake."""
        day = self.cleaned_data["birth_date"]
        today = timezone.localdate()
        if day and (day > today or day.year < today.year - OLDEST):
            raise ValidationError(_("Nobody alive was born on that day. Check the year."))
        return day

    def clean(self) -> dict[str, Any]:
        """Check each identifier by its own rule and say so at its field."""
        cleaned = super().clean() or self.cleaned_data
        for kind, _label, country in IDENTIFIERS:
            name = kind.replace("-", "_")
            text = str(cleaned.get(name) or "")
            if not text:
                continue
            checked = identifiers.check(kind, text, country=country)
            for problem in checked.problems:
                if problem.fatal:
                    self.add_error(
                        name, f"{phrases.text(problem)} {phrases.remedy(problem)}".strip()
                    )
        return cleaned

    @classmethod
    def read(cls, facts: ReferralFacts) -> dict[str, Any]:
        """The page's initial values."""
        person = facts.person
        native = _first(person.names, "Cyrl", "", "Arab", "Hans")
        latin = _first(person.names, "Latn")
        if not native.family and not native.given and latin.use != "transliterated":
            native = latin
        kept = {i.kind.replace("-", "_"): i.value for i in person.identifiers}
        contacts = {c.system: c.value for c in person.contacts}
        return {
            **kept,
            "family": native.family,
            "given": native.given,
            "patronymic": native.patronymic,
            "family_latin": latin.family,
            "given_latin": latin.given,
            "birth_date": person.birth_date,
            "gender": person.gender,
            "citizenship": person.citizenship,
            "residence": person.residence,
            "city": person.city,
            "language": person.language,
            "phone": contacts.get("phone", ""),
            "email": contacts.get("email", ""),
        }

    def _names(self, person: PersonFacts) -> tuple[NameFact, ...]:
        old = self.read_names(person)
        family, given = self.value("family", old[0].family), self.value("given", old[0].given)
        patronymic = self.value("patronymic", old[0].patronymic)
        native = NameFact(family, given, patronymic, _script(family + given), "official")
        latin = NameFact(
            self.value("family_latin", old[1].family),
            self.value("given_latin", old[1].given),
            script="Latn",
            use="transliterated" if native.script != "Latn" else "official",
        )
        names = [n for n in (native, latin) if n.family or n.given]
        if len(names) > 1 and (native.family, native.given) == (latin.family, latin.given):
            names = names[:1]
        others = [n for n in person.names if n not in old and n.use in ("maiden", "usual")]
        return (*names, *others)

    @staticmethod
    def read_names(person: PersonFacts) -> tuple[NameFact, NameFact]:
        """The two names that the page shows: in the patient's own letters, and in Latin."""
        native = _first(person.names, "Cyrl", "", "Arab", "Hans")
        latin = _first(person.names, "Latn")
        if not native.family and not native.given:
            native = latin
        return native, latin

    def merged(self, facts: ReferralFacts) -> ReferralFacts:
        """The facts with this page's valid values; identifiers of other kinds stay."""
        person = facts.person
        old = {i.kind: i for i in person.identifiers}
        kept = [i for i in person.identifiers if i.kind not in {k for k, _l, _c in IDENTIFIERS}]
        for kind, _label, country in IDENTIFIERS:
            before = old.get(kind)
            value = self.value(kind.replace("-", "_"), before.value if before else "")
            if value:
                issuer = (before.country if before else "") or country
                kept.append(IdentifierFact(kind, value, issuer, before.system if before else ""))
        contacts = [c for c in person.contacts if c.system not in ("phone", "email")]
        said = {c.system: c for c in person.contacts}
        for system in ("phone", "email"):
            value = self.value(system, said[system].value if system in said else "")
            if value:
                contacts.append(ContactFact(system, value))
        birth = self.value("birth_date", person.birth_date)
        return dataclasses.replace(
            facts,
            person=dataclasses.replace(
                person,
                names=self._names(person),
                identifiers=tuple(kept),
                birth_date=birth,
                birth_date_text=birth.isoformat() if birth else person.birth_date_text,
                gender=self.value("gender", person.gender),
                citizenship=self.value("citizenship", person.citizenship),
                residence=self.value("residence", person.residence),
                city=self.value("city", person.city),
                language=self.value("language", person.language),
                contacts=tuple(contacts),
            ),
        )


def _script(text: str) -> str:
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return ""
    cyrillic = sum("\u0400" <= c <= "\u052f" for c in letters)
    return "Cyrl" if cyrillic * 2 > len(letters) else "Latn" if letters[0].isascii() else ""


class FamilyTopic(Topic):
    """A parent or guardian: required for a child, welcome for everybody."""

    slug = "family"
    title = _("Family")
    groups = (
        Group(
            _("Parent, guardian or companion"),
            (
                ("guardian_family", "guardian_given"),
                ("relationship", "guardian_phone"),
                ("travels",),
            ),
            items=("guardian",),
        ),
    )

    guardian_family = forms.CharField(label=_("Family name"), widget=text(), max_length=200)
    guardian_given = forms.CharField(label=_("Given name"), widget=text(), max_length=200)
    relationship = forms.ChoiceField(
        label=_("Who is this to the patient"),
        choices=[
            ("", _("Not said")),
            ("MTH", _("Mother")),
            ("FTH", _("Father")),
            ("GRPRN", _("Grandparent")),
            ("GUARD", _("Guardian")),
            ("SPS", _("Husband or wife")),
            ("SIB", _("Brother or sister")),
            ("CHILD", _("Child")),
            ("FRND", _("Friend")),
        ],
    )
    guardian_phone = forms.CharField(
        label=_("Telephone"), widget=text(letters=False, inputmode="tel"), max_length=60
    )
    travels = forms.BooleanField(label=_("Travels with the patient"))

    @classmethod
    def read(cls, facts: ReferralFacts) -> dict[str, Any]:
        """The page's initial values: the first guardian."""
        first = next(iter(facts.person.guardians), None)
        if first is None:
            return {}
        return {
            "guardian_family": first.name.family,
            "guardian_given": first.name.given,
            "relationship": first.relationship,
            "guardian_phone": next((c.value for c in first.contacts if c.system == "phone"), ""),
            "travels": first.companion,
        }

    def merged(self, facts: ReferralFacts) -> ReferralFacts:
        """The facts with the first guardian as on the page; the others stay."""
        old = self.read(facts)
        values = {name: self.value(name, old.get(name, "")) for name in self.fields}
        rest = facts.person.guardians[1:]
        if not values["guardian_family"] and not values["guardian_given"]:
            guardians = rest
        else:
            family, given = values["guardian_family"], values["guardian_given"]
            phone = values["guardian_phone"]
            name = NameFact(family, given, script=_script(family + given), use="official")
            first = GuardianFact(
                name,
                values["relationship"],
                (ContactFact("phone", phone),) if phone else (),
                guardian=values["relationship"] in ("", "MTH", "FTH", "GRPRN", "GUARD"),
                companion=bool(values["travels"]),
            )
            guardians = (first, *rest)
        return dataclasses.replace(
            facts, person=dataclasses.replace(facts.person, guardians=guardians)
        )
