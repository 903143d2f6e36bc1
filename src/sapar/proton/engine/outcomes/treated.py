"""What leaves the house of one patient, before it is put into the form of FHIR: no name, no text.

Everything here is a number, a day, or a word of a closed list. Identifying text has no field to
stand in. `held_back` makes small groups unrecognisable, or leaves them out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

ADULT = 18
BAND = 5
OLDEST = 85
"""Ages are given in bands of five years; from this age on in one."""
SMALLEST = 5


@dataclass(frozen=True, slots=True)
class Volume:
    """A target: where it is, what kind, and what it was given.

    Attributes:
        site: of the registry's closed list of sites.
        kind: PTV, CTV or GTV, or "".
        dose_per_fraction_cgy: or None.
        delivered, planned: fractions; None where it is not known.
    """

    site: str
    kind: str = ""
    dose_per_fraction_cgy: int | None = None
    delivered: int | None = None
    planned: int | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of the course; what is counted is counted from its own fractions."""

    number: int
    planned: int
    delivered: int
    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class Graded:
    """A graded effect; `attribution` as in the records, or ""."""

    day: date
    term: str
    ncit: str
    name: str
    grade: int
    attribution: str = ""


@dataclass(frozen=True, slots=True)
class Reported:
    """The composite grade of a symptom, as somebody said it.

    Attributes:
        by: who said it: patient, guardian, patient-and-guardian, child, child-helped, or
            not-known. What one of them said stands by itself.
        form: the id of the questionnaire.
    """

    day: date
    symptom: str
    grade: int
    by: str = "patient"
    form: str = ""


@dataclass(frozen=True, slots=True)
class Treated:
    """One course of one patient.

    Attributes:
        patient, course: ids; they leave the house only as pseudonyms.
        sex: female, male, other, unknown.
        age: whole years at the start, or None; it leaves as a band.
        icd10: the diagnosis as written; it leaves as its first three signs, or as a chapter.
        modality, technique, intent: words of the registry, or "".
        status: completed, stopped or in-progress.
    """

    patient: str
    course: str
    sex: str
    age: int | None
    icd10: str
    modality: str
    technique: str
    intent: str
    status: str
    start: date
    end: date | None
    sessions: int
    volumes: tuple[Volume, ...] = ()
    phases: tuple[Phase, ...] = ()
    graded: tuple[Graded, ...] = ()
    reported: tuple[Reported, ...] = ()
    band: tuple[int, int | None] | None = None
    diagnosis: str = ""


def band(age: int | None) -> tuple[int, int | None] | None:
    """The band of an age: (first, last), the last None from `OLDEST` on; None of an unknown age.

    Children's bands end at 17, so that a child is never taken for an adult.
    """
    if age is None:
        return None
    if age >= OLDEST:
        return OLDEST, None
    first = age // BAND * BAND
    if first <= ADULT - 1 < first + BAND - 1:
        return (first, ADULT - 1) if age < ADULT else (ADULT, first + BAND - 1)
    return first, first + BAND - 1


def _wide(age: int | None) -> tuple[int, int | None] | None:
    if age is None:
        return None
    return (0, ADULT - 1) if age < ADULT else (ADULT, None)


def _exact(one: Treated) -> Treated:
    return replace(one, band=band(one.age), diagnosis=one.icd10[:3])


def _without_sex(one: Treated) -> Treated:
    return replace(_exact(one), sex="unknown")


def _child_or_adult(one: Treated) -> Treated:
    return replace(_without_sex(one), band=_wide(one.age))


def _without_diagnosis(one: Treated) -> Treated:
    return replace(_child_or_adult(one), diagnosis="")


LEVELS: tuple[Callable[[Treated], Treated], ...] = (
    _exact,
    _without_sex,
    _child_or_adult,
    _without_diagnosis,
)
"""From what is told exactly to what is told of anybody."""


def _cell(one: Treated) -> tuple[object, ...]:
    return one.sex, one.band, one.diagnosis


def held_back(
    courses: Iterable[Treated], *, smallest: int = SMALLEST
) -> tuple[tuple[Treated, ...], int]:
    """Courses with sex, age and diagnosis told only as exactly as others share them.

    Each is told with the first level at which at least `smallest` patients look alike; of the
    rest less is told, step by step; who then still stands almost alone is left out.

    Returns:
        What may be given out, in the order of the courses, and how many patients were left out.
    """
    left: Sequence[Treated] = list(courses)
    order = {one.course: place for place, one in enumerate(left)}
    told: list[Treated] = []
    for level in LEVELS:
        seen = [level(one) for one in left]
        cells = Counter(cell for cell, _who in {(_cell(one), one.patient) for one in seen})
        fits = [cells[_cell(one)] >= smallest for one in seen]
        told += [one for one, fit in zip(seen, fits, strict=True) if fit]
        left = [one for one, fit in zip(left, fits, strict=True) if not fit]
    return (
        tuple(sorted(told, key=lambda one: order[one.course])),
        len({one.patient for one in left}),
    )
