"""The front door, and each role's lists of cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sapar.answer.views import words
from sapar.answer.views.frame import drafted_name
from sapar.cases import queries
from sapar.cases.engine import facts_json
from sapar.cases.models import Case
from sapar.cases.policy import Permission
from sapar.design.components import Link
from sapar.kernel import policy
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.accounts.policy import Permission as AccountsPermission
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.audit import chain
from sapar.kernel.errors import NotFoundError
from sapar.kernel.languages import formats
from sapar.kernel.navigation import entries_for
from sapar.kernel.roles import Role
from sapar.network.naming import in_language
from sapar.network.queries import snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.cases.queries import CaseLine, Filters
    from sapar.kernel.actors import Actor

COLUMNS = 7
NARROWING = ("programme", "country", "urgency", "late", "text")


def best_page(actor: Actor) -> str:
    """The address at which this actor's work begins."""
    if actor.user_id is None:
        return reverse("network:directory")
    lists = [entry for entry in queries.worklists_for(actor) if entry.code != "mine"]
    if lists:
        return reverse("answer:worklist", args=[lists[0].code])
    if Role.PATIENT in actor.roles:
        return reverse("answer:my")
    for permission, name in (
        (Permission.COUNT, "answer:counts"),
        (Permission.BROKEN_GLASS, "answer:oversight"),
        (AccountsPermission.DECIDE, "accounts:requests"),
    ):
        if policy.can(actor, permission):
            return reverse(name)
    # A room's own staff, such as those of the proton centre, begin in their room.
    own = next((entry for entry in entries_for(actor) if entry.permission), None)
    return reverse(own.url_name if own is not None else "accounts:mine")


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """Send everybody to the page where their work begins; visitors to the directory."""
    return redirect(best_page(actor_of(request)))


@require_safe
@signed_in
def first(request: HttpRequest) -> HttpResponseBase:
    """The first of the reader's lists on which something waits."""
    actor = actor_of(request)
    lists = [entry.code for entry in queries.worklists_for(actor) if entry.code != "mine"]
    if not lists:
        return redirect(best_page(actor))
    found = queries.counts(actor)
    waiting = next((code for code in lists if found[code]), lists[0])
    return redirect("answer:worklist", code=waiting)


def _filters(request: HttpRequest) -> Filters:
    # PostgreSQL takes no NUL in a text; nothing that is listed has one.
    given = {name: str(value).replace("\x00", "") for name, value in request.GET.items()}
    return queries.Filters(
        programme=given.get("programme", ""),
        country=given.get("country", ""),
        urgency=given.get("urgency", ""),
        overdue=given.get("late", "") == "yes",
        text=given.get("text", "")[:200],
    )


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isdecimal() and len(text) < len("100000") else 1


@require_safe
@signed_in
def worklist(request: HttpRequest, code: str) -> HttpResponseBase:
    """A list: one line a case, the most urgent first; the names shown are noted as read."""
    actor, filters = actor_of(request), _filters(request)
    order = request.GET.get("sort", "")
    number = _page_number(request)
    try:
        page = queries.worklist(
            actor,
            code,
            filters=filters,
            order=order if order.removeprefix("-") in queries.ORDERS else "",
            page=number,
            language=get_language() or "",
        )
    except NotFoundError as error:
        raise Http404 from error
    chain.note_reads(by=actor, roots=[("case", line.id) for line in page.lines], page="worklist")
    context: dict[str, Any] = {
        "rows": _rows(page.lines, timezone.now()),
        "next": page.next or 0,
        "columns": COLUMNS,
        "number": number,
    }
    if request.headers.get("HX-Request") == "true" and number > 1:
        return render(request, "answer/rows.html", context)
    return render(request, "answer/worklist.html", context | _around(request, actor, code, filters))


def _around(request: HttpRequest, actor: Actor, code: str, filters: Filters) -> dict[str, Any]:
    """The rail, the filters and what an empty list says."""
    found = queries.counts(actor)
    lists = queries.worklists_for(actor)
    here = next(entry for entry in lists if entry.code == code)
    network = snapshot(timezone.localdate())
    programmes = sorted(
        ((key, in_language(entry.names) or key) for key, entry in network.programmes.items()),
        key=lambda pair: pair[1],
    )
    countries = Organisation.objects.filter(kind__in=["hospital", "centre"])
    codes = countries.order_by("country").values_list("country", flat=True).distinct()
    everywhere = [("", _("All"))]
    return {
        "label": here.label,
        "lists": [
            Link(
                entry.label,
                reverse("answer:worklist", args=[entry.code]),
                current=entry.code == code,
                count=found[entry.code],
                meaning="act" if entry.code == "overdue" and found[entry.code] else "",
            )
            for entry in lists
        ],
        "count": found[code],
        "programmes": [*everywhere, *programmes],
        "countries": [*everywhere, *((c, formats.country(c)) for c in codes)],
        "urgencies": [*everywhere, *Case.Urgency.choices],
        "late_or_not": [*everywhere, ("yes", _("Only late"))],
        "text": filters.text,
        "sort": request.GET.get("sort", ""),
        "narrowed": any(request.GET.get(name) for name in NARROWING),
        "elsewhere": _elsewhere(actor, filters.text),
        "here": reverse("answer:worklist", args=[code]),
        "may_refer": policy.can(actor, Permission.REFER),
    }


def _elsewhere(actor: Actor, text: str) -> tuple[str, str] | None:
    """A case that the text names in full: number and address, wherever it is listed.

    Who may break the glass learns here that a number exists, and nothing else of the case.
    """
    if len(text.strip()) < len("2026-1") or not text.strip()[-1].isdecimal():
        return None
    try:
        case = queries.case_by_number(text)
    except NotFoundError:
        return None
    record = Case.objects.get(pk=case)
    if policy.can(actor, Permission.VIEW, record) or policy.can(
        actor, Permission.BREAK_GLASS, record
    ):
        return record.number, reverse("answer:case", args=[case])
    return None


def _drafted(lines: Sequence[CaseLine]) -> dict[UUID, str]:
    """Names in drafts whose patient is not registered yet: one query for a page."""
    ids = [line.id for line in lines if line.person_id is None]
    if not ids:
        return {}
    rows = Case.objects.filter(Q(pk__in=ids)).values_list("pk", "facts")
    return {pk: drafted_name(facts_json.from_json(facts)) for pk, facts in rows}


def _rows(lines: Sequence[CaseLine], now: datetime) -> list[dict[str, Any]]:
    """Lines of the table in words."""
    drafted = _drafted(lines)
    programmes = {code: words.programme(code) for code in {line.programme for line in lines}}
    return [
        {
            "href": reverse("answer:case", args=[line.id]),
            "number": line.number,
            "name": line.name or drafted.get(line.id, "") or _("Not named yet"),
            "age": words.age(line.age),
            "urgency": line.urgency,
            "urgency_word": words.urgency(line.urgency),
            "country": formats.country(line.from_country),
            "organisation": words.organisation(line.from_organisation),
            "programme": programmes[line.programme],
            "awaited": words.sentence(line.awaited) or words.state(*line.stage),
            "who": words.role(line.awaited_role),
            "clock": words.clock(line.due_at, now),
            "language": words.language(line.language),
        }
        for line in lines
    ]
