"""The data files of the registry as values: fields, graded terms, questionnaires, endpoints.

Every part carries its source and mark (`sapar.values.marks`). A file that does not fit is refused
with the place of the mistake; nothing of it is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from sapar.proton.engine.outcomes.schedule import Occasion, Yearly
from sapar.proton.engine.outcomes.scoring import Grading
from sapar.values.marks import Mark, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = ("en", "kk", "ky", "uz", "ru")
ATTRIBUTES = ("frequency", "severity", "interference")
"""In the order in which they are asked; each further one only after an answer above 0."""
KINDS = frozenset({"choice", "number", "decimal", "date", "icd10", "site"})


class LibraryError(ValueError):
    """A data file of the registry does not fit; the message names the place."""


@dataclass(frozen=True, slots=True)
class Item:
    """A field of the registry.

    Attributes:
        id: stable; the phrase `proton.outcome.field.<id>` is its label.
        kind: choice, number, decimal, date, icd10 or site.
        prefilled: what the records know it from ("case", "course", "fractions"), or "".
        choices: of a choice.
        unit: of a number, or "".
        low, high: limits of a number, both included; None is none.
    """

    id: str
    kind: str
    source: Source
    prefilled: str = ""
    choices: tuple[str, ...] = ()
    unit: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class RegistryFields:
    """What is asked of a course, of a target, of a child, and at a visit."""

    edition: str
    course: tuple[Item, ...]
    target: tuple[Item, ...]
    paediatric: tuple[Item, ...]
    visit: tuple[Item, ...]
    visit_paediatric: tuple[Item, ...]
    paediatric_under_age: int
    sites: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]

    def group_of(self, icd10: str) -> str:
        """The group of sites of a diagnosis by its first three signs; "general" for the rest."""
        head = icd10.strip().upper()[:3]
        return next((name for name, codes in self.groups.items() if head in codes), "general")


@dataclass(frozen=True, slots=True)
class Term:
    """An effect that is graded: its code in the NCI Thesaurus, and its names by language."""

    id: str
    ncit: str
    names: Mapping[str, str]
    sites: tuple[str, ...]

    def name(self, language: str) -> str:
        """In that language, or in English."""
        return self.names.get(language, self.names["en"])


@dataclass(frozen=True, slots=True)
class Terms:
    """The graded terms, with the edition and the code system."""

    edition: str
    system: str
    source: Source
    names_source: Source
    terms: Mapping[str, Term]

    def offered(self, group: str, *, child: bool) -> tuple[Term, ...]:
        """The terms that are asked for first: of the group of sites, of everybody, of children."""
        wanted = {"general", group} | ({"child"} if child else set())
        return tuple(t for t in self.terms.values() if wanted & set(t.sites))


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of one attribute and its five options, by language."""

    question: Mapping[str, str]
    options: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Symptom:
    """What is asked about: which attributes, in their order, and its names."""

    id: str
    attributes: tuple[str, ...]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Form:
    """A questionnaire.

    Attributes:
        groups: of sites whose patients get it; none is for everybody else.
        from_age, under_age: in years at the start of treatment; `under_age` None is no limit.
        caregiver: who cares for the child answers.
    """

    id: str
    symptoms: tuple[Symptom, ...]
    groups: tuple[str, ...]
    from_age: int
    under_age: int | None
    caregiver: bool


@dataclass(frozen=True, slots=True)
class Questionnaires:
    """The forms, the questions and the rule that grades them."""

    edition: str
    source: Source
    grading: Grading
    grading_source: Source
    asked: Mapping[str, Asked]
    asked_caregiver: Mapping[str, Asked]
    forms: Mapping[str, Form]

    def form_for(self, group: str, age: int | None) -> Form:
        """The form for a patient; an unknown age is taken for an adult's."""
        years = 999 if age is None else age
        fits = [
            form
            for form in self.forms.values()
            if form.from_age <= years and (form.under_age is None or years < form.under_age)
        ]
        own = [form for form in fits if group in form.groups]
        return (own or [form for form in fits if not form.groups])[0]

    def words(self, form: Form) -> Mapping[str, Asked]:
        """The questions in the words for who answers this form."""
        return self.asked_caregiver if form.caregiver else self.asked


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What a model foretells, as it is looked for: a grade of a term around a time.

    Attributes:
        of: the endpoint of the models (`engine.selection`).
        grade: of the term, and of the models that name one.
        months: after the end of treatment; `window_days` before and after are looked at.
    """

    id: str
    of: str
    term: str
    grade: int
    months: int
    window_days: int


@dataclass(frozen=True, slots=True)
class Library:
    """All data files together."""

    fields: RegistryFields
    terms: Terms
    questionnaires: Questionnaires
    occasions: tuple[Occasion, ...]
    yearly: Yearly
    endpoints: Mapping[str, Endpoint]
    sources: Mapping[str, Source] = field(default_factory=dict)


def read_library(texts: Mapping[str, str]) -> Library:
    """Read the five files.

    Args:
        texts: YAML by name: "registry", "ctcae", "questionnaires", "schedule", "endpoints".

    Raises:
        LibraryError: a part is missing or does not fit; the message begins with its place.
    """
    documents = {name: _document(name, texts.get(name, "")) for name in FILES}
    try:
        fields = _fields(documents["registry"])
        terms = _terms(documents["ctcae"])
        schedule = documents["schedule"]
        ends = documents["endpoints"]
        library = Library(
            fields=fields,
            terms=terms,
            questionnaires=_questionnaires(documents["questionnaires"]),
            occasions=tuple(Occasion(**each) for each in schedule["occasions"]),
            yearly=Yearly(years=schedule["years"], **schedule["yearly"]),
            endpoints={each["id"]: Endpoint(**each) for each in ends["endpoints"]},
            sources={
                "endpoints": _source(ends["source"]),
                "schedule": _source(schedule["source"]),
                "windows": _source(schedule["windows_source"]),
                "sites": _source(documents["registry"]["sites_source"]),
                "groups": _source(documents["registry"]["groups_source"]),
            },
        )
    except (KeyError, TypeError, ValueError) as error:
        message = f"a part is missing or wrong: {error}"
        raise LibraryError(message) from error
    unknown = sorted({e.term for e in library.endpoints.values()} - set(terms.terms))
    if unknown:
        message = f"endpoints: no such term: {', '.join(unknown)}"
        raise LibraryError(message)
    return library


FILES = ("registry", "ctcae", "questionnaires", "schedule", "endpoints")


def _document(name: str, text: str) -> dict[str, Any]:
    found = YAML(typ="safe", pure=True).load(text)
    if not isinstance(found, dict):
        message = f"{name}: no mapping"
        raise LibraryError(message)
    return found


def _source(given: Mapping[str, Any]) -> Source:
    dated = given.get("dated")
    return Source(
        title=given["title"],
        dated=dated if isinstance(dated, date) else None,
        mark=Mark(given["mark"]),
        url=given.get("url", ""),
        who_can_tell=given.get("who_can_tell", ""),
    )


def _item(given: Mapping[str, Any], sources: Mapping[str, Source]) -> Item:
    if given["kind"] not in KINDS:
        message = f"{given['id']}: no kind {given['kind']}"
        raise LibraryError(message)
    return Item(
        id=given["id"],
        kind=given["kind"],
        source=sources[given["source"]],
        prefilled=given.get("from", ""),
        choices=tuple(given.get("choices", ())),
        unit=given.get("unit", ""),
        low=given.get("low"),
        high=given.get("high"),
    )


def _fields(document: Mapping[str, Any]) -> RegistryFields:
    sources = {key: _source(each) for key, each in document["sources"].items()}
    parts = {
        part: tuple(_item(each, sources) for each in document[part])
        for part in ("course", "target", "paediatric", "visit", "visit_paediatric")
    }
    return RegistryFields(
        edition=document["edition"],
        paediatric_under_age=document["paediatric_under_age"],
        sites=tuple(document["sites"]),
        groups={name: tuple(codes) for name, codes in document["groups"].items()},
        **parts,
    )


def _names(given: Mapping[str, Any]) -> dict[str, str]:
    return {language: given[language] for language in LANGUAGES}


def _terms(document: Mapping[str, Any]) -> Terms:
    terms = {
        each["id"]: Term(each["id"], each["ncit"], _names(each), tuple(each["sites"]))
        for each in document["terms"]
    }
    return Terms(
        edition=document["edition"],
        system=document["system"],
        source=_source(document["source"]),
        names_source=_source(document["names_source"]),
        terms=terms,
    )


def _asked(given: Mapping[str, Any]) -> dict[str, Asked]:
    found = {}
    for attribute in ATTRIBUTES:
        words = given[attribute]
        options = {language: tuple(words[language]["options"]) for language in LANGUAGES}
        if any(len(each) != FIVE for each in options.values()):
            message = f"asked.{attribute}: five options in each language"
            raise LibraryError(message)
        found[attribute] = Asked({k: words[k]["question"] for k in LANGUAGES}, options)
    return found


FIVE = 5


def _questionnaires(document: Mapping[str, Any]) -> Questionnaires:
    symptoms = {
        each["id"]: Symptom(each["id"], tuple(each["ask"]), _names(each))
        for each in document["items"]
    }
    forms = {}
    for each in document["forms"]:
        meant = each["for"]
        forms[each["id"]] = Form(
            id=each["id"],
            symptoms=tuple(symptoms[item] for item in each["items"]),
            groups=tuple(meant["groups"]),
            from_age=meant.get("from_age", 0),
            under_age=meant.get("under_age"),
            caregiver=bool(each.get("caregiver")),
        )
    rule: dict[str, Any] = dict(document["grading"])
    grading_source = _source(rule.pop("source"))
    rule = {name: tuple(v) if isinstance(v, list) else v for name, v in rule.items()}
    return Questionnaires(
        edition=document["edition"],
        source=_source(document["source"]),
        grading=Grading(**rule),
        grading_source=grading_source,
        asked=_asked(document["asked"]),
        asked_caregiver=_asked(document["asked_caregiver"]),
        forms=forms,
    )
