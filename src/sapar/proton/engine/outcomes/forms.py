"""The questionnaires of the data file: forms, who answers them, and in whose words they ask.

A form has one voice: the patient, a child from 8 to 17, or who cares for a child. A child and who
cares for it answer forms of their own: what one says never stands in the form of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.outcomes.scoring import Grading
from sapar.values.marks import Mark, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = ("en", "kk", "ky", "uz", "ru")
ATTRIBUTES = ("frequency", "severity", "interference")
"""In the order in which they are asked; each further one only after an answer above 0."""
PATIENT, CHILD, CAREGIVER = "patient", "child", "caregiver"
VOICES = (PATIENT, CHILD, CAREGIVER)
"""Who answers a form."""
UNKNOWN_AGE = 999
FIVE = 5


class LibraryError(ValueError):
    """A data file of the registry does not fit; the message names the place."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of one attribute and its five options, by language."""

    question: Mapping[str, str]
    options: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Symptom:
    """What is asked about: which attributes, in their order, and its names.

    Attributes:
        names: by language, as adults and clinicians read them.
        child_names: as a child would say it; empty where no child is asked.
    """

    id: str
    attributes: tuple[str, ...]
    names: Mapping[str, str]
    child_names: Mapping[str, str]

    def named(self, language: str, voice: str = PATIENT) -> str:
        """The words for it in a language, or in English, for who answers."""
        names = self.child_names if voice == CHILD and self.child_names else self.names
        return names.get(language, names["en"])


@dataclass(frozen=True, slots=True)
class Form:
    """A questionnaire.

    Attributes:
        voice: who answers it: one of `VOICES`.
        groups: of sites whose patients get it; none is for everybody else.
        from_age, under_age: in whole years on the day for which the form is due; `under_age`
            None is no limit.
    """

    id: str
    voice: str
    symptoms: tuple[Symptom, ...]
    groups: tuple[str, ...]
    from_age: int
    under_age: int | None


@dataclass(frozen=True, slots=True)
class Questionnaires:
    """The forms, the questions and the rule that grades them.

    Attributes:
        source, child_source: of the words for adults, and of those for children.
        child_intro: what a child is told before the first question, by language.
        asked: the questions by voice and attribute.
    """

    edition: str
    source: Source
    child_source: Source
    child_intro: Mapping[str, str]
    grading: Grading
    grading_source: Source
    asked: Mapping[str, Mapping[str, Asked]]
    forms: Mapping[str, Form]

    def forms_for(self, group: str, age: int | None) -> tuple[Form, ...]:
        """The forms for a patient of an age, one a voice; an unknown age is taken for an adult's.

        A form that names the group of sites goes before one for everybody else.
        """
        years = UNKNOWN_AGE if age is None else age
        found: dict[str, Form] = {}
        for form in self.forms.values():
            young = form.under_age is None or years < form.under_age
            if form.from_age > years or not young:
                continue
            if group in form.groups or (not form.groups and form.voice not in found):
                found[form.voice] = form
        return tuple(found[voice] for voice in VOICES if voice in found)

    def words(self, form: Form) -> Mapping[str, Asked]:
        """The questions in the words for who answers this form."""
        return self.asked[form.voice]


def source_of(given: Mapping[str, Any]) -> Source:
    """A source of a data file with its mark."""
    dated = given.get("dated")
    return Source(
        title=given["title"],
        dated=dated if isinstance(dated, date) else None,
        mark=Mark(given["mark"]),
        url=given.get("url", ""),
        who_can_tell=given.get("who_can_tell", ""),
    )


def names_of(given: Mapping[str, Any]) -> dict[str, str]:
    """A word in all five languages; KeyError where one lacks."""
    return {language: given[language] for language in LANGUAGES}


def read_questionnaires(document: Mapping[str, Any]) -> Questionnaires:
    """The questionnaires of the parsed file.

    Raises:
        LibraryError: a question without five options, a voice that is none, or a form that asks
            a child in words for adults.
        KeyError, TypeError, ValueError: a part is missing; the caller names the file.
    """
    rule: dict[str, Any] = dict(document["grading"])
    grading_source = source_of(rule.pop("source"))
    rule = {name: tuple(v) if isinstance(v, list) else v for name, v in rule.items()}
    return Questionnaires(
        edition=document["edition"],
        source=source_of(document["source"]),
        child_source=source_of(document["child_source"]),
        child_intro=names_of(document["child_intro"]),
        grading=Grading(**rule),
        grading_source=grading_source,
        asked={
            PATIENT: _asked(document["asked"]),
            CHILD: _asked(document["asked_child"]),
            CAREGIVER: _asked(document["asked_caregiver"]),
        },
        forms=_forms(document),
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


def _forms(document: Mapping[str, Any]) -> dict[str, Form]:
    child = {name: names_of(each) for name, each in document["child_items"].items()}
    symptoms = {
        each["id"]: Symptom(
            each["id"], tuple(each["ask"]), names_of(each), child.get(each["id"], {})
        )
        for each in document["items"]
    }
    found = {}
    for each in document["forms"]:
        meant, voice = each["for"], each["voice"]
        if voice not in VOICES:
            message = f"{each['id']}: no voice {voice}"
            raise LibraryError(message)
        lacking = [item for item in each["items"] if voice == CHILD and item not in child]
        if lacking:
            message = f"{each['id']}: no words for a child: {', '.join(lacking)}"
            raise LibraryError(message)
        found[each["id"]] = Form(
            id=each["id"],
            voice=voice,
            symptoms=tuple(symptoms[item] for item in each["items"]),
            groups=tuple(meant["groups"]),
            from_age=meant.get("from_age", 0),
            under_age=meant.get("under_age"),
        )
    return found
