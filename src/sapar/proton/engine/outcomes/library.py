"""The data files of the registry as values: fields, graded terms, questionnaires, endpoints.

Every part carries its source and mark (`sapar.values.marks`). A file that does not fit is refused
with the place of the mistake; nothing of it is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from sapar.proton.engine.outcomes.forms import (
    LibraryError,
    Questionnaires,
    names_of,
    read_questionnaires,
    source_of,
)
from sapar.proton.engine.outcomes.schedule import Occasion, Yearly

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.values.marks import Source

KINDS = frozenset({"choice", "number", "decimal", "date", "icd10", "site"})


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
class Endpoint:
    """What a model foretells, as it is looked for: a grade of a term around a time.

    Attributes:
        of: the endpoint of the models (`engine.selection`).
        grade: of the term, and of the models that name one.
        months: after the end of treatment; `window_days` before and after are looked at.
        baseline: the covariate by which models take it into account that somebody has it before
            treatment, or "".
    """

    id: str
    of: str
    term: str
    grade: int
    months: int
    window_days: int
    baseline: str = ""


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
            questionnaires=read_questionnaires(documents["questionnaires"]),
            occasions=tuple(Occasion(**each) for each in schedule["occasions"]),
            yearly=Yearly(years=schedule["years"], **schedule["yearly"]),
            endpoints={each["id"]: Endpoint(**each) for each in ends["endpoints"]},
            sources={
                "endpoints": source_of(ends["source"]),
                "schedule": source_of(schedule["source"]),
                "windows": source_of(schedule["windows_source"]),
                "sites": source_of(documents["registry"]["sites_source"]),
                "groups": source_of(documents["registry"]["groups_source"]),
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
    sources = {key: source_of(each) for key, each in document["sources"].items()}
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


def _terms(document: Mapping[str, Any]) -> Terms:
    terms = {
        each["id"]: Term(each["id"], each["ncit"], names_of(each), tuple(each["sites"]))
        for each in document["terms"]
    }
    return Terms(
        edition=document["edition"],
        system=document["system"],
        source=source_of(document["source"]),
        names_source=source_of(document["names_source"]),
        terms=terms,
    )
