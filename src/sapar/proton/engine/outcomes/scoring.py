"""Which question comes next, and one grade of a symptom made of its answers.

Answers are 0 to 4. Further attributes of a symptom are asked only after an answer above 0 to the
one before (branching in the manner of PRO-CTCAE). The composite grade is 0 to 3 by a rule that is
data and our own: it is not the published algorithm of the instrument.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST = 4
"""The largest answer."""
SEVERE = 3
"""The composite grade at which somebody of the centre looks at once."""


class Symptom(Protocol):
    """What is asked about, as far as scoring sees it: `forms.Symptom` has its words, too."""

    @property
    def id(self) -> str:
        """Under which its answers are kept."""

    @property
    def attributes(self) -> tuple[str, ...]:
        """Those that are asked, in their order."""


@dataclass(frozen=True, slots=True)
class Grading:
    """The rule of the composite grade.

    Attributes:
        frequency, severity: grade of each answer 0 to 4, where that attribute stands alone.
        interference_floor: the grade is at least that of the interference.
        rare_lowers_by: taken off a severity that is met rarely (frequency 1), not below 1.
    """

    frequency: tuple[int, ...]
    severity: tuple[int, ...]
    interference_floor: tuple[int, ...]
    rare_lowers_by: int

    def __post_init__(self) -> None:
        """Refuse a rule that falls where an answer rises, or that leaves 0 to 3."""
        for table in (self.frequency, self.severity, self.interference_floor):
            rising = all(a <= b for a, b in itertools.pairwise(table))
            if len(table) != MOST + 1 or table[0] != 0 or not rising or table[-1] > SEVERE:
                message = f"a grading has five rising grades from 0 to 3, not {table}"
                raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be answered next: the symptom and those of its attributes that are asked."""

    symptom: str
    attributes: tuple[str, ...]


def key(symptom: str, attribute: str) -> str:
    """Under which name an answer is kept."""
    return f"{symptom}.{attribute}"


def asked(symptom: Symptom, answers: Mapping[str, int]) -> tuple[str, ...]:
    """The attributes that these answers lead to: answered ones, and the next one to ask."""
    found: list[str] = []
    for attribute in symptom.attributes:
        found.append(attribute)
        given = answers.get(key(symptom.id, attribute))
        if given is None or given == 0:
            break
    return tuple(found)


def next_question(symptoms: Sequence[Symptom], answers: Mapping[str, int]) -> Question | None:
    """The first symptom of which something is not answered; None when the form is complete."""
    for symptom in symptoms:
        wanted = asked(symptom, answers)
        if any(key(symptom.id, attribute) not in answers for attribute in wanted):
            return Question(symptom.id, wanted)
    return None


def kept(symptom: Symptom, answers: Mapping[str, int]) -> dict[str, int]:
    """The answers to a symptom that still count: what a changed earlier answer skips is dropped."""
    names = [key(symptom.id, attribute) for attribute in asked(symptom, answers)]
    return {name: answers[name] for name in names if name in answers}


def composite(
    rule: Grading,
    *,
    frequency: int | None = None,
    severity: int | None = None,
    interference: int | None = None,
) -> int | None:
    """One grade, 0 to 3, of what was answered about a symptom; None where nothing was.

    An attribute that was not asked, because an earlier answer was 0 or the symptom has none, is
    None. Whoever says 0 to the first that is asked has grade 0.
    """
    if severity is not None:
        grade = rule.severity[severity]
        if frequency == 1 and grade > 0:
            grade = max(1, grade - rule.rare_lowers_by)
    elif frequency is not None:
        grade = rule.frequency[frequency]
    elif interference is not None:
        grade = 0
    else:
        return None
    if severity == 0 or (severity is None and frequency == 0):
        return 0
    return max(grade, rule.interference_floor[interference]) if interference is not None else grade


def grade_of(rule: Grading, symptom: Symptom, answers: Mapping[str, int]) -> int | None:
    """The composite grade of a symptom from a form's answers."""
    given = {a: answers.get(key(symptom.id, a)) for a in asked(symptom, answers)}
    return composite(rule, **given)


def grades(
    rule: Grading, symptoms: Sequence[Symptom], answers: Mapping[str, int]
) -> dict[str, int]:
    """The composite grade of each symptom that was answered."""
    found = {each.id: grade_of(rule, each, answers) for each in symptoms}
    return {name: grade for name, grade in found.items() if grade is not None}
