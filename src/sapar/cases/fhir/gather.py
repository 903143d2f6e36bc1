"""All items and narratives of a parcel: by the summary's sections first, then the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sapar.cases.engine.referral import ClinicalItem, Narrative
from sapar.cases.fhir.items import clinical_items, empty_item
from sapar.cases.fhir.sections import home_section, section_of
from sapar.kernel.fhir import narrative
from sapar.kernel.fhir.values import obj, objs, text
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sapar.kernel.fhir.parcel import Entry, Parcel


def subject_of(entry: Entry) -> Any:
    """The reference to whom a resource is about, under the name its type has for it."""
    sent = entry.resource
    return sent.get("subject") or sent.get("patient") or sent.get("beneficiary")


@dataclass(slots=True)
class Gathered:
    """Items and narratives, and which resources they came from.

    Attributes:
        foreign: identities of the resources of other patients: nothing of theirs is taken.
        items, narratives: what was found, in reading order.
        used: identities of the resources that became items.
        missing: a section's references to entries that are not there, with their places.
        seen: (section, identity): a resource makes its items once a section.
    """

    foreign: frozenset[int] = frozenset()
    items: list[ClinicalItem] = field(default_factory=list)
    narratives: list[Narrative] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    missing: dict[str, str] = field(default_factory=dict)
    seen: set[tuple[str, int]] = field(default_factory=set)

    def take(self, entry: Entry, section: str, opened: Parcel) -> None:
        """The items of a resource, once a section."""
        found = clinical_items(entry, section, opened)
        fresh: set[int] = set()
        for item, origin in found:
            own = id(origin.resource)
            subject = opened.resolve(subject_of(origin), origin)
            foreign = subject is not None and id(subject.resource) in self.foreign
            if not foreign and (section, own) not in self.seen:
                self.items.append(item)
                fresh.add(own)
        self.seen |= {(section, own) for own in fresh}
        self.used |= fresh


def gather(opened: Parcel, strangers: list[Entry], request: Entry | None) -> Gathered:
    """Items by the Composition's sections first, then whatever no section named."""
    made = Gathered(frozenset(id(entry.resource) for entry in strangers))
    for composition in opened.of("Composition"):
        subject = opened.resolve(subject_of(composition), composition)
        if subject is None or id(subject.resource) not in made.foreign:
            for section, where in _sections(composition):
                _section(section, where, composition, opened, made)
    for entry in opened.entries:
        home = home_section(entry.resource)
        if home and id(entry.resource) not in made.used and entry is not request:
            made.take(entry, home, opened)
    return made


def _sections(composition: Entry) -> Iterator[tuple[dict[str, Any], str]]:
    """Sections and those within them, in reading order, with their places."""
    ahead = [
        (section, f"{composition.where}.section[{i}]")
        for i, section in enumerate(objs(composition.resource.get("section")))
    ]
    while ahead:
        section, where = ahead.pop(0)
        yield section, where
        inner = enumerate(objs(section.get("section")))
        ahead[:0] = [(one, f"{where}.section[{i}]") for i, one in inner]


def _section(
    section: dict[str, Any],
    where: str,
    composition: Entry,
    opened: Parcel,
    made: Gathered,
) -> None:
    """One section: its narrative, its emptiness, its entries."""
    name = section_of(section)
    title = text(section.get("title"))
    html = obj(section.get("text")).get("div")
    if isinstance(html, str) and html.strip():
        clean, problems = narrative.sanitise(html, f"{where}.text.div")
        made.narratives.append(Narrative(name or "other", title, clean))
        opened.problems.extend(problems)
    else:
        opened.problems.append(
            Problem.of("fhir.no_narrative", where=where, value=title, fatal=False)
        )
    empty = empty_item(section, name or "other")
    if empty is not None:
        made.items.append(empty)
    for index, reference in enumerate(objs(section.get("entry"))):
        place = f"{where}.entry[{index}]"
        found = opened.resolve(reference, composition)
        if found is None:
            made.missing[text(reference.get("reference"))] = f"{place}.reference"
            continue
        home = name or home_section(found.resource) or "other"
        made.take(found, home, opened)
