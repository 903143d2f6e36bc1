"""Is the referral complete? The programme says what it needs; each item has one test.

Items are codes of the programme's `required` list; their names are phrases `item.<code>`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.values.dates import MAJORITY_YEARS, age

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sapar.cases.engine.referral import ReferralFacts
    from sapar.network.engine.snapshot import Programme

_IDENTIFYING = frozenset({"kz-iin", "kg-pin", "uz-pinfl", "passport", "birth-certificate"})


def age_on(birth: date | None, day: date) -> int | None:
    """Completed years on a day; None without a birth date or before birth."""
    if birth is None or birth > day:
        return None
    return age(birth, day)


def _has(kind: str) -> Callable[[ReferralFacts], bool]:
    return lambda facts: any(a.kind == kind for a in facts.attachments)


def _section(*sections: str) -> Callable[[ReferralFacts], bool]:
    return lambda facts: any(i.section in sections for i in facts.items)


_TESTS: dict[str, Callable[[ReferralFacts], bool]] = {
    "identity": lambda f: any(n.family or n.given for n in f.person.names),
    "identifier": lambda f: any(i.kind in _IDENTIFYING for i in f.person.identifiers),
    "birth-date": lambda f: f.person.birth_date is not None,
    "gender": lambda f: f.person.gender in ("male", "female", "other"),
    "citizenship": lambda f: bool(f.person.citizenship),
    "contact": lambda f: bool(f.person.contacts) or any(g.contacts for g in f.person.guardians),
    "diagnosis": lambda f: bool(f.diagnosis_text or f.icd10 or f.diagnosis_codings),
    "icd10": lambda f: bool(f.icd10),
    "urgency": lambda f: bool(f.urgency),
    "question": lambda f: bool(f.question.strip()),
    "stage": lambda f: bool(f.stage),
    "performance-status": _section("functional-status"),
    "treatment-so-far": _section("procedures", "medications"),
    "fit-to-travel": lambda f: f.fit_to_travel is not None,
    "consent-transfer": lambda f: "transfer" in f.consents,
    "guardian": lambda f: any(g.guardian for g in f.person.guardians),
    "diagnosed-on": lambda f: f.diagnosed_on is not None,
    "surgery-on": lambda f: f.surgery_on is not None,
    "passport": lambda f: (
        any(i.kind == "passport" for i in f.person.identifiers) or _has("passport")(f)
    ),
}

DOCUMENTS = (
    "pathology",
    "mri",
    "ct",
    "operation-note",
    "blood-count",
    "echocardiography",
    "medical-summary",
    "virology",
)
"""Items that are fulfilled by an attached document of the same kind."""


def items() -> tuple[str, ...]:
    """Every item that a programme may require."""
    return (*_TESTS, *DOCUMENTS)


def missing_items(facts: ReferralFacts, programme: Programme | None, day: date) -> tuple[str, ...]:
    """What a complete referral to this programme would still need.

    Args:
        facts: what is there.
        programme: the one asked for or proposed; None asks only for what every referral needs.
            A referral that does not name it itself still misses the item "programme".
        day: the day asked about; a guardian is required below the age of majority on it.

    Returns:
        Codes, in the programme's order. An item that nobody knows how to test counts as an
        attached document of that kind.
    """
    required = list(programme.required) if programme else []
    for always in ("diagnosis", "icd10", "urgency", "birth-date", "identity"):
        if always not in required:
            required.insert(0, always)
    if programme is None or facts.programme != programme.code:
        required.insert(0, "programme")
    years = age_on(facts.person.birth_date, day)
    if years is not None and years < MAJORITY_YEARS and "guardian" not in required:
        required.append("guardian")
    missing: list[str] = []
    for item in dict.fromkeys(required):
        if item == "guardian" and (years is None or years >= MAJORITY_YEARS):
            continue
        test = _TESTS.get(item, _has(item))
        if item == "programme" or not test(facts):
            missing.append(item)
    return tuple(missing)
