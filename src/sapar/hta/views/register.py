"""The public register of decisions: anybody reads it, without signing in; appeals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sapar.design.components import Fact, Link
from sapar.hta import actions, queries
from sapar.hta.forms_committee import AppealForm
from sapar.hta.models import Appeal
from sapar.hta.queries import pages
from sapar.hta.views import process_words as words
from sapar.hta.views import reader
from sapar.hta.views import words as figures
from sapar.hta.views.acting import Page, for_signed_in
from sapar.hta.views.decisions import strategy
from sapar.hta.views.desk import rail
from sapar.hta.views.models import as_file
from sapar.kernel.accounts.web import actor_of
from sapar.kernel.languages import formats

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.hta.queries.committee import DecisionSeen
    from sapar.kernel.actors import Actor


def _found(number: str) -> DecisionSeen:
    found = queries.published_decision(number)
    if found is None:
        raise Http404
    return found


def _plain(seen: DecisionSeen) -> tuple[str, str]:
    """The plain text in the reader's language, else in English; and in which it is."""
    language = (get_language() or "en").split("-")[0]
    for code in (language, "ru", "en"):
        if seen.plain.get(code):
            return seen.plain[code], code
    return "", language


@require_safe
def register(request: HttpRequest) -> HttpResponseBase:
    """Every decision that was published, the newest first."""
    rows = queries.register_of_decisions()
    verdict = request.GET.get("verdict", "")
    known = {each.verdict for each in rows}
    page = {
        "lists": rail(actor_of(request), "hta:register"),
        "rows": [
            {
                "seen": each,
                "verdict": words.verdict(each.verdict),
                "state": words.decision_state(each.state) if each.state != "published" else None,
            }
            for each in rows
            if verdict not in known or each.verdict == verdict
        ],
        "verdicts": [("", _("All")), *((each, words.verdict(each)["word"]) for each in
                                       sorted(known))],
        "narrowed": verdict in known,
        "any": bool(rows),
    }  # fmt: skip
    return render(request, "hta/register.html", page)


@require_safe
def published(request: HttpRequest, number: str) -> HttpResponseBase:
    """A decision in plain words, with its conditions, votes, dissent, model and record."""
    seen = _found(number)
    actor = actor_of(request)
    text, language = _plain(seen)
    kept = queries.published_record(number)
    last = pages.last_appeal_day(seen.id)
    open_now = seen.state in {"published", "under-appeal"}
    page = {
        "seen": seen,
        "verdict": words.verdict(seen.verdict),
        "state": words.decision_state(seen.state) if seen.state != "published" else None,
        "text": text,
        "language": language,
        "facts": _facts(seen, kept),
        "for_one": kept is not None and "\neligibility:" in kept["document"],
        "votes": [(words.verdict(code), count) for code, count in seen.votes.items() if count],
        "reasons": words.reasons(seen.reasons),
        "way": [Link(_("Decisions"), reverse("hta:register")), Link(seen.number)],
        "command": f"sapar hta replay {number}-record.json",
        "appeal_by": last,
        "may_appeal": open_now and (last is None or timezone.localdate() <= last),
        "own": [_own(each) for each in pages.appeals_of(actor, seen.id) if each.mine],
    }
    return render(request, "hta/published.html", page)


def _facts(seen: DecisionSeen, kept: dict[str, Any] | None) -> list[Fact]:
    funded = strategy(kept["document"], seen.funded) if kept and seen.funded else _("Nothing")
    worth = f"{figures.money(seen.threshold)} {seen.currency}"
    return [
        Fact(_("Technology"), seen.technology),
        Fact(_("Illness"), seen.condition, ", ".join(seen.icd)),
        Fact(_("For whom"), seen.population),
        Fact(_("What is paid for"), funded),
        Fact(_("Valid from"), formats.day(seen.valid_from)),
        Fact(_("Looked at again by"), formats.day(seen.reassess_by)),
        Fact(_("Worth of one unit of effect"), worth),
    ]


def _own(appeal: pages.AppealSeen) -> dict[str, Any]:
    return {
        "appeal": appeal,
        "ground": words.ground(appeal.ground),
        "outcome": dict(Appeal.Outcome.choices)[appeal.outcome],
        "meaning": "waiting" if not appeal.outcome else "done",
    }


@require_safe
def public_model(request: HttpRequest, number: str) -> HttpResponseBase:
    """The model of a published decision, letter for letter, with its digest."""
    seen, kept = _found(number), queries.published_record(number)
    page = {
        "seen": seen,
        "lines": reader.lines(kept["document"] if kept else "", set()),
        "way": [
            Link(_("Decisions"), reverse("hta:register")),
            Link(seen.number, reverse("hta:published", args=[number])),
            Link(_("The model")),
        ],
    }
    return render(request, "hta/public_model.html", page)


@require_safe
def public_file(_request: HttpRequest, number: str, part: str, form: str) -> HttpResponseBase:
    """The model's document, or the record with which anybody works the decision out again."""
    kept = queries.published_record(number)
    if kept is None:
        raise Http404
    if (part, form) == ("model", "yaml"):
        return as_file(kept["document"], "text/yaml", f"{number}-model.yaml")
    if (part, form) == ("record", "json"):
        text = json.dumps(kept, ensure_ascii=False, indent=1)
        return as_file(text, "application/json", f"{number}-record.json")
    raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
@for_signed_in
def appeal(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Appeal against a published decision; anybody who is signed in may, within the time."""
    seen = _found(number)
    page = Page(request)
    page.add(
        "appeal", AppealForm, title=_("Appeal"), button=_("Send the appeal"), look="primary",
        said=_("The appeal is sent. Its answer appears here."), opened=True,
        act=lambda given: actions.appeal(
            by=actor, decision=seen.id, ground=given["ground"], words=given["words"],
            appellant=given["appellant"],
        ),
        to=lambda _made: reverse("hta:published", args=[number]),
    )  # fmt: skip
    done = page.take()
    if done is not None:
        return done
    last: date | None = pages.last_appeal_day(seen.id)
    found = {
        "seen": seen,
        "doing": page.doings["appeal"],
        "wrong": page.wrong,
        "appeal_by": last,
        "answer_days": pages.answer_days(seen.id),
        "over": last is not None and timezone.localdate() > last,
        "way": [
            Link(_("Decisions"), reverse("hta:register")),
            Link(seen.number, reverse("hta:published", args=[number])),
            Link(_("Appeal")),
        ],
    }
    return render(request, "hta/appeal.html", found, status=page.status)
