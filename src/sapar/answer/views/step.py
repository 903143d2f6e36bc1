"""One step of a case: its form, and the action behind it, called by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sapar.answer import queries as answers
from sapar.answer.forms import TOPICS
from sapar.answer.forms.steps import StepForm
from sapar.answer.offers import label
from sapar.answer.views import words
from sapar.answer.views.frame import events, frame, shared
from sapar.answer.views.refer import problems_shown
from sapar.cases import queries
from sapar.cases.models import Case
from sapar.cases.policy import Permission
from sapar.cases.registration import offers
from sapar.kernel import policy
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.actions import actions
from sapar.kernel.audit import chain
from sapar.kernel.errors import SaparError, StaleVersionError
from sapar.kernel.languages import formats
from sapar.kernel.roles import Role
from sapar.network.queries import snapshot

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.answer.queries import AnswerView
    from sapar.cases.queries import Available
    from sapar.cases.registration import Offer
    from sapar.kernel.actors import Actor

GLASS = "cases.break_glass"
_BACK_TO = {
    "cases.send_message": "thread",
    "cases.close_thread": "thread",
    "cases.reopen_thread": "thread",
}
"""The part of the case to which the reader returns; others return to the answer."""


@signed_in
def go_on(request: HttpRequest, case: UUID) -> HttpResponseBase:  # noqa: ARG001 - a view
    """The first page of a draft."""
    return redirect("answer:topic", case=case, slug=next(iter(TOPICS)))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def do(request: HttpRequest, case: UUID, key: str) -> HttpResponseBase:
    """Show the form of a step, or carry it out; what may not be done now says why."""
    actor = actor_of(request)
    record = Case.objects.filter(pk=case).first()
    if record is None or key not in offers or key not in actions:
        raise Http404
    if key == GLASS and policy.can(actor, Permission.VIEW, record):
        return redirect("answer:case", case=case)
    if key != GLASS and not policy.can(actor, Permission.VIEW, record):
        raise Http404
    offer = offers.get(key)
    if not policy.can(actor, offer.permission, record):
        raise Http404
    own_page = next((o.url_name for o in offers if key in {o.key, o.supersedes} and o.url_name), "")
    if own_page:
        return redirect(own_page, case=case)
    entry = next(
        (
            found
            for found in queries.available_actions(actor, case, superseded=True)
            if found.offer.key == key
        ),
        None,
    )
    answer = answers.latest(case) if key != GLASS else None
    if entry is None:
        return _gone(request, record, offer, answer)
    if request.method == "POST":
        return _carry_out(request, record, entry, answer)
    form = _form(entry, record, initial=_initial(record, offer, answer))
    return _page(request, record, offer, answer, {"form": form})


def _form(entry: Available, record: Case, **options: Any) -> StepForm:
    return StepForm(offer=entry.offer, reasons=entry.reasons, case=record, **options)


def _initial(record: Case, offer: Offer, answer: AnswerView | None) -> dict[str, Any]:
    """What the reader saw, and what the newest answer proposes."""
    proposed = answer.answer if answer else None
    payer = record.payer_id
    names = {asked.name for asked in offer.fields}
    if payer is None and "payer" in names and proposed and proposed.agreement:
        network = snapshot(timezone.localdate())
        payers = {a.code: a.payer for a in network.agreements}
        code = payers.get(proposed.agreement, "")
        payer = Organisation.objects.filter(code=code).values_list("pk", flat=True).first()
    return {
        "version": record.version,
        "seen": timezone.now().isoformat(),
        "answer": answer.id if answer else None,
        "payer": str(payer) if payer else "",
        "sanatorium": str(record.sanatorium_id or ""),
        "day": proposed.start if proposed else None,
    }


def _carry_out(
    request: HttpRequest, record: Case, entry: Available, answer: AnswerView | None
) -> HttpResponseBase:
    actor, offer = actor_of(request), entry.offer
    form = _form(entry, record, data=request.POST)
    if not form.is_valid():
        return _page(request, record, offer, answer, {"form": form}, status=422)
    try:
        actions.get(offer.key).function(by=actor, case=record.pk, **form.given())
    except StaleVersionError as error:
        return _stale(request, record, entry, form, error)
    except SaparError as error:
        context = {"form": form, "problems": problems_shown(error)}
        return _page(request, record, offer, answer, context, status=error.http_status)
    done = label(offer, answer.answer if answer else None)
    messages.success(request, _("Done: %(what)s.") % {"what": done})
    return redirect(_back(actor, record.pk, offer))


def _back(actor: Actor, case: UUID, offer: Offer) -> str:
    if actor.roles == frozenset({Role.PATIENT}):
        return reverse("answer:my")
    record = Case.objects.get(pk=case)
    if record.review == "discarded" or not policy.can(actor, Permission.VIEW, record):
        return reverse("answer:home")
    tab = _BACK_TO.get(offer.key)
    return reverse("answer:part", args=[case, tab]) if tab else reverse("answer:case", args=[case])


def _stale(
    request: HttpRequest, record: Case, entry: Available, form: StepForm, error: StaleVersionError
) -> HttpResponseBase:
    """Somebody was quicker: nothing was overwritten. What changed, and the form once more."""
    moment = form.cleaned_data.get("seen")
    record.refresh_from_db()
    answer = answers.latest(record.pk)
    data = request.POST.copy()
    data["version"] = str(record.version)
    data["seen"] = timezone.now().isoformat()
    if answer is not None and data.get("answer") not in ("", None, str(answer.id)):
        # What was chosen was a number in the old answer.
        data["answer"] = str(answer.id)
        data.pop("choice", None)
    fresh = _form(entry, record, data=data)
    context = {"form": fresh, "problems": problems_shown(error), "since": moment}
    return _page(request, record, entry.offer, answer, context, status=error.http_status)


def _gone(
    request: HttpRequest, record: Case, offer: Offer, answer: AnswerView | None
) -> HttpResponseBase:
    """The step is no longer possible: the case has gone on."""
    context: dict[str, Any] = {"gone": True, "since": _moment(request)}
    return _page(request, record, offer, answer, context, status=409)


def _moment(request: HttpRequest) -> datetime | None:
    form = StepForm(offer=offers.get("cases.send_message"), data=request.POST)
    form.is_valid()
    moment: datetime | None = form.cleaned_data.get("seen")
    return moment


def _page(
    request: HttpRequest,
    record: Case,
    offer: Offer,
    answer: AnswerView | None,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponseBase:
    actor = actor_of(request)
    context |= {
        "offer": offer,
        "title": label(offer, answer.answer if answer else None),
        "glass": offer.key == GLASS,
        "case_number": record.number,
    }
    if offer.key == GLASS:
        chain.note_read(by=actor, root=("case", record.pk), page="case.emergency")
        return render(request, "answer/glass.html", context, status=status)
    if actor.roles == frozenset({Role.PATIENT}):
        return render(request, "answer/my_step.html", context, status=status)
    seen = frame(actor, record.pk)
    if status == StaleVersionError.http_status:
        since = context.get("since")
        happened = queries.timeline(actor, record.pk)
        later = [row for row in happened if since and row.at > since] or list(happened[:3])
        context["changed"] = events(seen, later)
    others = [
        other
        for other in queries.available_actions(actor, record.pk, superseded=True)
        if offer.supersedes and other.offer.key == offer.supersedes
    ]
    if others:
        context["other_way"] = reverse("answer:do", args=[record.pk, offer.supersedes])
    context["proposal"] = _proposal(offer, answer)
    return render(request, "answer/step.html", shared(seen, "") | context, status=status)


def _proposal(offer: Offer, answer: AnswerView | None) -> str:
    """What the newest answer proposes for this step, in words."""
    if answer is None:
        return ""
    proposed = answer.answer
    if offer.track == "booking" and offer.event == "hold" and proposed.start:
        text = _("The answer of %(at)s proposes %(day)s.")
        return text % {"at": formats.day(answer.given_at), "day": formats.day(proposed.start)}
    if offer.track == "review" and proposed.programme:
        text = _("The answer of %(at)s proposes: %(programme)s.")
        said = {
            "at": formats.day(answer.given_at),
            "programme": words.programme(proposed.programme),
        }
        return text % said
    return ""
