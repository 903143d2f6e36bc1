"""What is wrong with, or missing from, the facts about a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.values import dates, identifiers

if TYPE_CHECKING:
    from datetime import date

    from sapar.people.engine.facts import PersonFacts
    from sapar.values.statements import Problem


def birth_of(facts: PersonFacts) -> dates.PartialDate | None:
    """The date of birth, whole or partial; None if it is not known or cannot be read."""
    if facts.birth_date is not None:
        day = facts.birth_date
        return dates.PartialDate(day.year, day.month, day.day)
    return dates.parse(facts.birth_date_text)[0]


def is_child(birth: dates.PartialDate | None, on: date) -> bool | None:
    """Whether somebody signs for this patient; None where the date of birth leaves it open."""
    if birth is None:
        return None
    youngest, oldest = dates.age(birth.latest, on), dates.age(birth.earliest, on)
    if oldest < dates.MAJORITY_YEARS:
        return True
    return False if youngest >= dates.MAJORITY_YEARS else None


def problems(facts: PersonFacts, on: date) -> tuple[Problem, ...]:
    """Everything that is wrong with the facts; what is merely missing is not a problem here.

    Args:
        facts: what was said.
        on: today.

    Returns:
        Problems with the path of the field: `identifiers[0]`, `birth_date`.
    """
    found: list[Problem] = []
    birth, unreadable = dates.parse(facts.birth_date_text, where="birth_date")
    if facts.birth_date is not None:
        birth = birth_of(facts)
    elif unreadable is not None:
        found.append(unreadable)
    if birth is not None:
        found.extend(dates.check_birth(birth, on, where="birth_date"))
    for index, fact in enumerate(facts.identifiers):
        found.extend(
            identifiers.check(
                fact.kind,
                fact.value,
                country=fact.country,
                system=fact.system,
                birth=birth.whole if birth else None,
                gender=facts.gender,
                where=f"identifiers[{index}]",
            ).problems
        )
    return tuple(found)


def needs_guardian(facts: PersonFacts, on: date) -> bool:
    """Whether the patient is a child for whom no guardian is named."""
    return is_child(birth_of(facts), on) is True and not any(g.guardian for g in facts.guardians)
