"""Words of the registry's pages, and what marks stand beside them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language

from sapar.kernel.languages import formats, phrases
from sapar.proton.queries.outcome_data import library
from sapar.values.dates import parse

if TYPE_CHECKING:
    from sapar.design.components import Meaning
    from sapar.proton.engine.outcomes.library import Item

LIGHT, BAD = 2, 3
STANDINGS: dict[str, Meaning] = {
    "ahead": "",
    "open": "waiting",
    "missed": "stopped",
    "done": "done",
    "dropped": "stopped",
}


def language() -> str:
    """The reader's language, as the data files name it."""
    return (get_language() or "en").partition("-")[0]


def field(item: Item) -> str:
    """The label of a field of the registry."""
    return phrases.word(f"proton.outcome.field.{item.id}")


def choice(value: str) -> str:
    """The word of a choice."""
    return phrases.word(f"proton.outcome.choice.{value}")


def value(item: Item, given: Any) -> str:
    """A value as the reader sees it; "" where there is none."""
    if given is None or given == "":
        return ""
    if item.kind == "choice":
        return choice(str(given))
    if item.kind == "date":
        read = parse(str(given))[0]
        whole = read.whole if read is not None else None
        return formats.day(whole) if whole is not None else str(given)
    if item.kind in {"number", "decimal"}:
        return formats.number(Decimal(str(given)))
    return str(given)


def term(code: str) -> str:
    """The name of a graded effect in the reader's language."""
    found = library().terms.terms.get(code)
    return found.name(language()) if found is not None else code


def grade(number: int) -> str:
    """A grade with its general sense."""
    return phrases.word(f"proton.outcome.ctcae.{number}")


def meaning_of_grade(number: int) -> Meaning:
    """What to see at a glance: severe ones burn."""
    return "act" if number >= BAD else "waiting" if number == LIGHT else ""


def composite(number: int) -> str:
    """A composite grade of what a patient said."""
    return phrases.word(f"proton.outcome.composite.{number}")


def occasion(code: str) -> str:
    """When a questionnaire is asked."""
    return phrases.word(f"proton.outcome.asked.{code}")


def voice(code: str) -> str:
    """Whose answers they are, as those who treat read it."""
    return phrases.word(f"proton.outcome.voice.{code}")


def voice_asked(code: str) -> str:
    """Whose answers are wanted, as a family reads it; "" where nobody could take it for another."""
    return "" if code == "patient" else phrases.word(f"proton.outcome.voice_asked.{code}")


def attribute(code: str) -> str:
    """What is asked of a symptom, in two words: for a list of answers."""
    return phrases.word(f"proton.outcome.attribute.{code}")


def hand(code: str) -> str:
    """Who chooses the answers of a child's form, as the family is asked."""
    return phrases.word(f"proton.outcome.hand.{code}")


def standing(code: str) -> str:
    """Where a questionnaire stands."""
    return phrases.word(f"proton.outcome.standing.{code}")


def group(code: str) -> str:
    """A group of sites."""
    return phrases.word(f"proton.outcome.group.{code}")


def endpoint(code: str) -> str:
    """What a model foretells."""
    return phrases.word(f"proton.outcome.endpoint.{code}")
