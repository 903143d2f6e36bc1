"""What a referral asks and says, whichever door it came through: form, FHIR or command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sapar.people.engine.facts import PersonFacts

if TYPE_CHECKING:
    from datetime import date, datetime

URGENCIES = ("routine", "urgent", "asap", "stat")
"""FHIR R4 request-priority, least urgent first."""

SECTIONS = (
    "problems",
    "medications",
    "allergies",
    "immunizations",
    "results",
    "procedures",
    "devices",
    "advance-directives",
    "vital-signs",
    "social-history",
    "pregnancy",
    "functional-status",
    "plan-of-care",
    "past-illness",
    "other",
)
"""Sections of the International Patient Summary that a case keeps."""


@dataclass(frozen=True, slots=True)
class Coding:
    """A code as it was sent."""

    system: str
    code: str
    display: str = ""


@dataclass(frozen=True, slots=True)
class ClinicalItem:
    """One entry of one section.

    Attributes:
        section: one of SECTIONS.
        text: what a person reads: the sender's text, or the first display.
        codings: as sent, all of them.
        status: clinical status as sent ("active", "resolved", "completed", ...), or "".
        when: onset, performed or effective: as sent (it may be partial), or "".
        value: a result's or dose's value with unit as a reader wants it, or "".
        absent: True for a statement such as "no known allergies".
        reference: the resource it came from, "Condition/123", or "".
    """

    section: str
    text: str
    codings: tuple[Coding, ...] = ()
    status: str = ""
    when: str = ""
    value: str = ""
    absent: bool = False
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Narrative:
    """A section's sanitised narrative."""

    section: str
    title: str
    html: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with the referral or was dropped on the form."""

    kind: str
    title: str = ""
    document_id: str = ""


@dataclass(frozen=True, slots=True)
class ReferralFacts:
    """Everything that is known of what is asked. Every field may be missing.

    Attributes:
        person: who.
        programme: code of the programme asked for, or "".
        urgency: one of URGENCIES, or "".
        icd10: the main diagnosis, or "".
        diagnosis_codings: as sent, when they could not be mapped.
        diagnosis_text: in the sender's words.
        question: why the patient is referred, in the sender's words.
        surgery_on, diagnosed_on: reference days for start windows.
        stage: as sent.
        needs: capabilities asked for: "paediatric-anaesthesia", "craniospinal", ...
        fit_to_travel: None if not said.
        companions: how many travel along; None if not said.
        payer_wish: "agreement", "insurance", "self-pay" or "".
        consents: purposes consented to: "care", "transfer", "research".
        attachments: kinds present: "mri", "pathology", "operation-note", "passport", ...
        requested_at: when it was written; the clocks start from its receipt, not from this.
        sender_identifiers: "system|value" of the referral, to recognise it when sent twice.
        referring_organisation: code or name as sent.
    """

    person: PersonFacts = field(default_factory=PersonFacts)
    programme: str = ""
    urgency: str = ""
    icd10: str = ""
    diagnosis_codings: tuple[Coding, ...] = ()
    diagnosis_text: str = ""
    question: str = ""
    diagnosed_on: date | None = None
    surgery_on: date | None = None
    stage: str = ""
    needs: frozenset[str] = frozenset()
    fit_to_travel: bool | None = None
    companions: int | None = None
    payer_wish: str = ""
    consents: frozenset[str] = frozenset()
    attachments: tuple[Attachment, ...] = ()
    items: tuple[ClinicalItem, ...] = ()
    narratives: tuple[Narrative, ...] = ()
    requested_at: datetime | None = None
    sender_identifiers: tuple[str, ...] = ()
    referring_organisation: str = ""
