"""Consents by purpose, and the wording they were given to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, NotFoundError
from sapar.people.actions.editing import claim
from sapar.people.models import Consent, ConsentText
from sapar.people.policy import Permission
from sapar.values.names import tidy
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from uuid import UUID

    from sapar.kernel.actors import Actor


@action("people.record_consent")
def record_consent(
    *,
    by: Actor,
    person: UUID,
    purpose: str,
    how: str,
    given_on: date | None = None,
    given_by: str = "",
    related: UUID | None = None,
    text: UUID | None = None,
    document: UUID | None = None,
) -> UUID:
    """Record that a patient, or a guardian for them, agreed to a purpose.

    A consent to the same purpose that is in force stays, and its id is returned.

    Args:
        by: who records it.
        person: the patient.
        purpose: "care", "transfer" or "research".
        how: "signed-paper", "electronic", "verbal" or "stated".
        given_on: the day; None is today.
        given_by: the name of who gave it; empty when it is the patient or `related`.
        related: the guardian who gave it.
        text: the wording.
        document: the signed paper, scanned.

    Raises:
        InvalidInputError: an unknown purpose or way, a day to come, or a child without guardian.
    """
    row = claim(by, person, Permission.CONSENT)
    today = timezone.localdate()
    day = given_on or today
    problems = []
    if purpose not in ConsentText.Purpose.values:
        problems.append(Problem.of("people.consent_purpose", where="purpose", value=purpose))
    if how not in Consent.How.values:
        problems.append(Problem.of("people.consent_how", where="how", value=how))
    if day > today:
        problems.append(Problem.of("people.consent_future", where="given_on", value=day))
    guardian = None
    if related is not None:
        guardian = row.related.filter(pk=related, guardian=True, ended_at__isnull=True).first()
    if related is not None and guardian is None:
        problems.append(Problem.of("people.consent_guardian", where="related", value=related))
    if text is not None and not ConsentText.objects.filter(pk=text, purpose=purpose).exists():
        problems.append(Problem.of("people.consent_text", where="text", value=text))
    if problems:
        raise InvalidInputError(problems)
    known = row.consents.filter(purpose=purpose, withdrawn_at__isnull=True).first()
    if known is None:
        known = Consent(
            person=row,
            purpose=purpose,
            how=how,
            given_on=day,
            given_by=tidy(given_by),
            related=guardian,
            text_id=text,
            document_id=document,
            recorded_by_organisation_id=by.organisation_id,
        )
        known.save()
    note(root=("patient", person), about=("consent", known.pk), what={"purpose": purpose})
    return known.pk


@action("people.withdraw_consent")
def withdraw_consent(*, by: Actor, consent: UUID, reason: str = "") -> None:
    """Withdraw a consent; nobody is asked for a reason, but one is kept if it was given.

    Raises:
        NotFoundError: there is none in force.
    """
    row = Consent.objects.claim(consent)
    policy.require(by, Permission.CONSENT, row.person)
    if row.withdrawn_at is not None:
        raise NotFoundError(Problem.of("people.consent_withdrawn", where=f"consent:{consent}"))
    row.withdrawn_at, row.withdrawn_reason = timezone.now(), tidy(reason)
    row.save()
    note(
        root=("patient", row.person_id),
        about=("consent", consent),
        what={"purpose": row.purpose, "withdrawn": True},
    )


@action("people.review_consent_text")
def review_consent_text(*, by: Actor, text: UUID, version: int) -> None:
    """Sign that the wording of a consent in one language is right; before, it is not reviewed."""
    policy.require(by, Permission.REVIEW_TEXTS)
    row = ConsentText.objects.claim(text, version)
    row.reviewed_by_id, row.reviewed_at = by.user_id, timezone.now()
    row.save()
    note(root=("consent-text", text), what={"code": row.code, "language": row.language})


@action("people.load_consent_texts")
def load_consent_texts(*, by: Actor, texts: Iterable[Mapping[str, str]]) -> int:
    """Load wordings: `code`, `edition`, `purpose`, `language`, `text`, `mark`, `source`.

    An edition that is in use is never rewritten: a change needs a new edition. A wording that
    differs from the one kept under the same edition loses its review.

    Returns:
        How many were new or changed.

    Raises:
        InvalidInputError: an unknown purpose, or a change of an edition that somebody agreed to.
    """
    policy.require(by, Permission.REVIEW_TEXTS)
    changed = 0
    with transaction.atomic():
        for given in texts:
            changed += _load_text(given)
    return changed


def _load_text(given: Mapping[str, str]) -> bool:
    if given["purpose"] not in ConsentText.Purpose.values:
        raise InvalidInputError(
            Problem.of("people.consent_purpose", where=given["code"], value=given["purpose"])
        )
    identity = {name: given[name] for name in ("code", "edition", "language")}
    row = ConsentText.objects.filter(**identity).first() or ConsentText(**identity)
    fresh = row.text != given["text"]
    if fresh and Consent.objects.filter(text=row).exists():
        raise InvalidInputError(
            Problem.of("people.consent_text_in_use", where=given["code"], value=given["edition"])
        )
    row.purpose, row.text = given["purpose"], given["text"]
    row.mark, row.source = given.get("mark", "unverified"), given.get("source", "")
    if fresh:
        row.reviewed_by, row.reviewed_at = None, None
    row.save()
    note(root=("consent-text", row.pk), what={"changed": fresh, **identity})
    return fresh
