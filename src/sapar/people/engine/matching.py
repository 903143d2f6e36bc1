"""Whether two statements about people are about one person: by exact number, or by name and birth.

A number of the same kind and country settles it unless something contradicts; then, and for equal
names with agreeing dates of birth, a person has to say. Nothing here weighs or scores.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sapar.people.engine.check import birth_of
from sapar.values import identifiers, names

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.people.engine.facts import PersonFacts
    from sapar.values.dates import PartialDate

_ONE_FOR_LIFE = ("kz-iin", "kg-pin", "uz-pinfl")


class Verdict(StrEnum):
    """What the rule says of a pair."""

    SAME = "same"
    ASK = "ask"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Traits:
    """What is compared.

    Attributes:
        names: keys of all written forms (values.names.key).
        identifiers: keys of all valid identifiers (values.identifiers.check).
        birth: the date of birth, perhaps partial, or None.
        gender: FHIR administrative-gender or "".
    """

    names: frozenset[str]
    identifiers: frozenset[str]
    birth: PartialDate | None = None
    gender: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A known person whom the facts may be about. It tells that, and nothing of the person.

    Attributes:
        person_id: the known person.
        verdict: SAME or ASK.
        reasons: codes of what agrees and what contradicts, in that order: "kz-iin", "passport",
            "name", "birth_date", "birth_date_differs", "sex_differs", "kz-iin_differs".
    """

    person_id: UUID
    verdict: Verdict
    reasons: tuple[str, ...]


def traits(facts: PersonFacts) -> Traits:
    """What of these facts is compared."""
    checked = (
        identifiers.check(i.kind, i.value, country=i.country, system=i.system)
        for i in facts.identifiers
    )
    return Traits(
        names=frozenset(filter(None, (names.key(n.family, n.given) for n in facts.names))),
        identifiers=frozenset(c.key for c in checked if c.key),
        birth=birth_of(facts),
        gender=facts.gender,
    )


def _contradictions(a: Traits, b: Traits) -> tuple[str, ...]:
    found = []
    if a.birth is not None and b.birth is not None and not a.birth.agrees(b.birth):
        found.append("birth_date_differs")
    if {a.gender, b.gender} == {"male", "female"}:
        found.append("sex_differs")
    for kind in _ONE_FOR_LIFE:
        mine = {key for key in a.identifiers if key.startswith(kind)}
        theirs = {key for key in b.identifiers if key.startswith(kind)}
        if mine and theirs and not mine & theirs:
            found.append(f"{kind}_differs")
    return tuple(found)


def compare(a: Traits, b: Traits) -> tuple[Verdict, tuple[str, ...]]:
    """Compare two statements; the order of the two does not matter.

    Returns:
        The verdict with its reasons (see Candidate).
    """
    against = _contradictions(a, b)
    shared = tuple(sorted({key.partition("|")[0] for key in a.identifiers & b.identifiers}))
    named = ("name",) if a.names & b.names else ()
    born = (
        ("birth_date",)
        if a.birth is not None and b.birth is not None and a.birth.agrees(b.birth)
        else ()
    )
    reasons = (*shared, *named, *born, *against)
    if shared:
        return (Verdict.ASK if against else Verdict.SAME), reasons
    if named and born and "sex_differs" not in against:
        return Verdict.ASK, reasons
    return Verdict.DIFFERENT, reasons
