"""The pages of a case: the answer with what one may do now, and its parts one click away."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sapar.answer import actions, panels
from sapar.answer.forms.request import DocumentForm
from sapar.answer.forms.steps import StepForm
from sapar.answer.views import trail, words
from sapar.answer.views.frame import Frame, documents, events, frame, lanes, shared
from sapar.answer.views.refer import _blocks, problems_shown
from sapar.cases import actions as case_actions
from sapar.cases import queries
from sapar.cases.models import Case
from sapar.cases.policy import Permission
from sapar.cases.registration import offers
from sapar.kernel import policy
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.documents.actions import receive
from sapar.kernel.errors import SaparError
from sapar.kernel.languages import formats, phrases
from sapar.kernel.roles import Role
from sapar.people.panels import person_panel
from sapar.people.policy import Permission as PeoplePermission
from sapar.proton import queries as proton

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.answer.panels import AnswerShown
    from sapar.cases.queries import DecisionView

DECIDES = {
    "review.accept": "indication",
    "review.decline": "indication",
    "review.give_advice": "indication",
    "review.refer_onward": "centre",
    "funding.approve": "payer",
    "funding.refuse": "payer",
}
"""Beside which line of the answer a decision of people stands."""

_RECENT = 5


def _only_patient(request: HttpRequest) -> bool:
    return actor_of(request).roles == frozenset({Role.PATIENT})


@require_safe
@signed_in
def summary(request: HttpRequest, case: UUID) -> HttpResponseBase:
    """The answer, what people decided beside it, and what this reader may do now."""
    if _only_patient(request):
        return redirect("answer:my")
    actor = actor_of(request)
    record = Case.objects.filter(pk=case).first()
    if record is None:
        raise Http404
    if not policy.can(actor, Permission.VIEW, record):
        if policy.can(actor, Permission.BREAK_GLASS, record):
            return redirect("answer:do", case=case, key="cases.break_glass")
        raise Http404
    seen = frame(actor, case)
    happened = queries.timeline(actor, case)
    context = {
        **shared(seen, "summary"),
        **answer_and_decisions(seen),
        "lanes": lanes(seen),
        "recent": events(seen, happened[:_RECENT]),
        "more_events": len(happened) > _RECENT,
        "selection": _selection(seen),
    }
    if seen.may(Permission.THREAD):
        said = queries.thread(actor, case)
        context["said"] = _messages(seen, said[-2:])
        context["unread"] = sum(message.unread for message in said)
    return render(request, "answer/case.html", context)


def _selection(seen: Frame) -> dict[str, Any] | None:
    """Protons or photons in one line, where the programme plans protons or a study has come."""
    line = proton.selection_line(seen.actor, seen.view.id)
    today = timezone.localdate()
    if line is None or not (
        line.study or proton.centre_of_programme(seen.view.programme, today) is not None
    ):
        return None
    verdict = phrases.word(f"proton.selection.verdict.{line.verdict}") if line.verdict else ""
    return {"line": line, "verdict": verdict}


def decided(row: DecisionView) -> dict[str, Any]:
    """A decision of people in words."""
    return {
        "what": phrases.text(row.statement),
        "why": phrases.text(row.reason) if row.reason else "",
        "text": row.text,
        "who": ", ".join(p for p in (row.by, words.organisation(row.organisation)) if p),
        "at": row.at,
        "answer": row.answer_id,
        "line": DECIDES.get(row.kind, ""),
    }


def _beside(answer: AnswerShown, rows: list[dict[str, Any]]) -> AnswerShown:
    """The newest decision at its line of the answer: proposed by us, decided by people."""
    newest: dict[str, str] = {}
    for row in reversed(rows):
        parts = (row["what"], row["why"], row["who"], formats.day(row["at"]))
        newest[f"answer-{row['line']}"] = " · ".join(part for part in parts if part)
    lines = tuple(
        dataclasses.replace(line, decision=newest.get(line.key, "")) for line in answer.lines
    )
    return dataclasses.replace(answer, lines=lines)


def answer_and_decisions(seen: Frame) -> dict[str, Any]:
    """The newest answer as it is shown, and the decisions."""
    rows = [decided(row) for row in queries.decisions(seen.actor, seen.view.id)]
    view = seen.answer
    return {
        "decisions": rows,
        "answer": _beside(panels.shown(view.answer), rows) if view else None,
        "given_at": view.given_at if view else None,
        "older": view is not None and view.case_version < seen.view.version,
    }


@require_POST
@signed_in
def again(request: HttpRequest, case: UUID) -> HttpResponseBase:
    """Answer once more, with today's network, places and quotas."""
    if frame(actor_of(request), case).emergency:
        raise Http404  # whoever sees a case in an emergency reads, and changes nothing
    actions.give(by=actor_of(request), case=case)
    messages.success(request, _("The answer is new. The old one is kept."))
    return redirect("answer:case", case=case)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def part(request: HttpRequest, case: UUID, tab: str) -> HttpResponseBase:
    """One part of the case."""
    if _only_patient(request):
        return redirect("answer:my")
    if tab not in PARTS or (request.method == "POST" and tab != "documents"):
        raise Http404
    seen = frame(actor_of(request), case, f"case.{tab}")
    context = shared(seen, tab) | PARTS[tab](seen)
    status = 200
    if request.method == "POST":
        problems = _add_document(request, case)
        if problems is None:
            messages.success(request, _("The file is kept."))
            return redirect("answer:part", case=case, tab="documents")
        context["problems"], status = problems, 422
    return render(request, f"answer/part_{tab}.html", context, status=status)


def _referral(seen: Frame) -> dict[str, Any]:
    facts = seen.view.facts
    sections: dict[str, list[Any]] = {}
    for item in facts.items:
        sections.setdefault(phrases.word(f"section.{item.section}"), []).append(item)
    return {
        "blocks": [b for b in _blocks(seen.record, facts) if b["rows"]],
        "sections": sections,
        "narratives": facts.narratives,
        "sent_codes": facts.diagnosis_codings,
    }


def _timeline(seen: Frame) -> dict[str, Any]:
    return {"events": events(seen, queries.timeline(seen.actor, seen.view.id))}


def _messages(seen: Frame, rows: Any) -> list[dict[str, Any]]:
    here, there = seen.zones
    return [
        {
            "at": row.at,
            "both": words.both_places(row.at, here, there),
            "who": ", ".join(p for p in (row.author, words.organisation(row.organisation)) if p),
            "body": row.body,
            "unread": row.unread,
        }
        for row in rows
    ]


def _thread(seen: Frame) -> dict[str, Any]:
    if not seen.may(Permission.THREAD):
        raise Http404
    actor, case = seen.actor, seen.view.id
    rows = queries.thread(actor, case)
    if any(row.unread for row in rows):
        case_actions.mark_thread_read(by=actor, case=case, until=rows[-1].at)
    offer = offers.get("cases.send_message")
    return {
        "said": _messages(seen, rows),
        "closed_at": seen.view.thread_closed_at,
        "form": StepForm(offer=offer) if seen.view.thread_closed_at is None else None,
        "toggles": [
            s for s in seen.steps if s.key in {"cases.close_thread", "cases.reopen_thread"}
        ],
    }


def _documents(seen: Frame) -> dict[str, Any]:
    return {
        "documents": documents(seen.actor, seen.view.id),
        "document_form": DocumentForm(),
    }


def _add_document(request: HttpRequest, case: UUID) -> list[Any] | None:
    """Keep an uploaded file; the problems if it could not be kept."""
    form = DocumentForm(request.POST, request.FILES)
    if not form.is_valid():
        return [str(said) for errors in form.errors.values() for said in errors]
    file = form.cleaned_data["file"]
    try:
        receive(
            by=actor_of(request),
            root=("case", case),
            kind=form.cleaned_data["kind"] or "other",
            title=file.name or "",
            file=file,
            claimed_type=file.content_type or "",
        )
    except SaparError as error:
        return [problem.what for problem in problems_shown(error)]
    return None


def _people(seen: Frame) -> dict[str, Any]:
    view = seen.view
    person = seen.record.person
    panel = ""
    if person is not None and policy.can(seen.actor, PeoplePermission.VIEW, person):
        panel = person_panel(seen.actor, person.pk)
    sides = (
        (_("Referred by"), view.referring_organisation_id),
        (_("Centre"), view.centre_id),
        (_("Payer"), view.payer_id),
        (_("Sanatorium"), view.sanatorium_id),
    )
    return {
        "panel": panel,
        "sides": [(term, seen.organisation(key)) for term, key in sides if key],
    }


def _money(seen: Frame) -> dict[str, Any]:
    held = [
        {"what": phrases.text(entry.statement), "until": entry.until} for entry in seen.view.held
    ]
    shown = panels.shown(seen.answer.answer) if seen.answer else None
    wanted = {"answer-payer", "answer-price", "answer-stay"}
    family = seen.view.payer_id is None and seen.view.states.funding in {"pending", "approved"}
    return {
        "held": held,
        "lines": [line for line in shown.lines if line.key in wanted] if shown else [],
        "payer": _("The family itself") if family else seen.organisation(seen.view.payer_id),
        "funding": words.state("funding", seen.view.states.funding),
        "booking": words.state("booking", seen.view.states.booking),
    }


def _tasks(seen: Frame) -> dict[str, Any]:
    return {
        "tasks": [
            {
                "track": words.TRACK_NAMES[task.track],
                "state": words.state(task.track, task.business_status),
                "who": ", ".join(
                    p for p in (words.role(task.role), seen.organisation(task.organisation_id)) if p
                ),
                "why": phrases.text(task.reason) if task.reason else "",
                "text": task.reason_text,
                "opened": task.opened_at,
                "closed": task.closed_at,
            }
            for task in queries.tasks(seen.actor, seen.view.id)
        ]
    }


def _audit(seen: Frame) -> dict[str, Any]:
    if not seen.may(Permission.AUDIT):
        raise Http404
    return {"trail": trail.of_case(seen.actor, seen.record)}


PARTS: dict[str, Callable[[Frame], dict[str, Any]]] = {
    "referral": _referral,
    "timeline": _timeline,
    "thread": _thread,
    "documents": _documents,
    "people": _people,
    "money": _money,
    "tasks": _tasks,
    "audit": _audit,
}
"""Parts of the case by their place in the address."""


@require_safe
@signed_in
def whole(request: HttpRequest, case: UUID) -> HttpResponseBase:
    """Everything on one page, to print: the answer first, then the parts the reader may see."""
    if _only_patient(request):
        return redirect("answer:my")
    seen = frame(actor_of(request), case, "case.print")
    context = {
        **shared(seen, "print"),
        **answer_and_decisions(seen),
        "lanes": lanes(seen),
        **_referral(seen),
        **_timeline(seen),
        **_documents(seen),
        **_people(seen),
        **_money(seen),
        **_tasks(seen),
    }
    if seen.may(Permission.THREAD):
        context["said"] = _messages(seen, queries.thread(seen.actor, case))
    return render(request, "answer/print.html", context)
