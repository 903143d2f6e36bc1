"""What a ministry may count, and what the data protection officer may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from sapar.answer.views import trail, words
from sapar.cases import queries
from sapar.cases.models import Case
from sapar.cases.policy import Permission
from sapar.cases.queries.counts import SMALL
from sapar.kernel import policy
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.audit import chain
from sapar.kernel.languages import formats
from sapar.kernel.roles import Role

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


@require_safe
@signed_in
def counts(request: HttpRequest) -> HttpResponseBase:
    """How many cases, by programme, country and state of the review; never a name."""
    actor = actor_of(request)
    if not policy.can(actor, Permission.COUNT):
        raise Http404
    found = queries.counts_for_ministry(actor)
    figures = {row: int(row.shown) for row in found if row.shown.isdecimal()}
    largest = max(figures.values(), default=1)
    order = {code: n for n, (code, _name) in enumerate(formats.countries(get_language() or "en"))}
    rows = sorted(found, key=lambda row: order.get(row.from_country, len(order)))
    programmes = {code: words.programme(code) for code in {row.programme for row in rows}}
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(programmes[row.programme], []).append(
            {
                "country": formats.country(row.from_country),
                "state": words.state("review", row.review),
                "shown": formats.number(figures[row]) if row in figures else "",
                "bar": figures.get(row, 0),
            }
        )
    context = {"groups": sorted(groups.items()), "largest": largest, "small": SMALL}
    return render(request, "answer/counts.html", context | {"at": timezone.now()})


@require_safe
@signed_in
def oversight(request: HttpRequest) -> HttpResponseBase:
    """Emergency accesses, and by a case's number who did and who read what."""
    actor = actor_of(request)
    if Role.DATA_PROTECTION_OFFICER not in actor.roles:
        raise Http404
    number = request.GET.get("number", "").replace("\x00", "").strip()[:40]
    context: dict[str, Any] = {"number": number, "glass": trail.glass(actor)}
    if number:
        reach = policy.visible_to(actor, Permission.AUDIT, Case.objects.all())
        case = reach.filter(number__iexact=number).first()
        context["found"] = case is not None
        if case is not None:
            chain.note_read(by=actor, root=("case", case.pk), page="oversight", purpose="oversight")
            context["trail"] = trail.of_case(actor, case)
            context["person"] = case.person_id
    return render(request, "answer/oversight.html", context)
