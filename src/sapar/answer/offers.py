"""What the answer room offers: steps that take their day and their agreement from the answer."""

# ruff: noqa: ARG001 - all guards have one signature
from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sapar.answer.queries import latest
from sapar.cases.policy import Permission
from sapar.cases.registration import FormField, Offer
from sapar.kernel.languages import formats, phrases
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from datetime import datetime

    from sapar.answer.engine.problem import Answer
    from sapar.cases.models import Case
    from sapar.kernel.actors import Actor


def _a_draft(case: Case, actor: Actor, at: datetime) -> Problem | None:
    if case.review == "draft" and case.whole == "open":
        return None
    return Problem.of("cases.not_a_draft", where=f"case:{case.pk}", value=case.number)


def _a_day(case: Case, actor: Actor, at: datetime) -> Problem | None:
    view = latest(case.pk)
    if view is None:
        return Problem.of("answer.none_given", where=f"case:{case.pk}")
    start = view.answer.start
    if start is None or start < timezone.localdate(at):
        return Problem.of("answer.no_day", where=f"case:{case.pk}")
    return None


def _an_agreement(case: Case, actor: Actor, at: datetime) -> Problem | None:
    view = latest(case.pk)
    if view is None or not view.answer.agreement:
        return Problem.of("answer.none_given", where=f"case:{case.pk}")
    return None


OFFERS = (
    Offer(
        key="answer.keep",
        label=gettext_lazy("Continue the referral"),
        permission=Permission.REFER,
        guard=_a_draft,
        order=4,
        kind="primary",
        supersedes="cases.save_draft",
        url_name="answer:continue",
    ),
    Offer(
        key="answer.send",
        label=gettext_lazy("Check and send the referral"),
        permission=Permission.REFER,
        track="review",
        event="submit",
        order=5,
        supersedes="cases.submit",
        url_name="answer:check",
    ),
    Offer(
        key="answer.hold_place",
        label=gettext_lazy("Hold a place on the proposed day"),
        permission=Permission.BOOK,
        track="booking",
        event="hold",
        guard=_a_day,
        fields=(FormField("choice", gettext_lazy("Calendar"), kind="calendar", required=False),),
        order=14,
        kind="primary",
        supersedes="booking.hold",
    ),
    Offer(
        key="answer.hold_funding",
        label=gettext_lazy("Hold a place under the proposed agreement"),
        permission=Permission.FUND,
        track="funding",
        event="hold",
        guard=_an_agreement,
        order=12,
        supersedes="cases.hold_funding",
    ),
)


def label(offer: Offer, answer: Answer | None) -> str:
    """What the button says: with the day or the agreement of the newest answer in it."""
    if answer is not None and offer.key == "answer.hold_place" and answer.start:
        return _("Hold a place on %(day)s") % {"day": formats.day(answer.start)}
    if answer is not None and offer.key == "answer.hold_funding":
        name = phrases.name_of(f"agreement:{answer.agreement}")
        return _("Hold a place under “%(agreement)s”") % {"agreement": name}
    return str(offer.label)
