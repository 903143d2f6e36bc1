"""Moving a fraction by hand: asking what it would break, and proposing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sapar.kernel import policy
from sapar.kernel.errors import RefusedError, StaleVersionError
from sapar.proton import actions
from sapar.proton.models import Fraction
from sapar.proton.policy import Permission
from sapar.proton.queries import people, plans
from sapar.proton.views import plan_charts, words
from sapar.proton.views.desk import Desk, at_desk
from sapar.proton.views.naming import name_of, note_mentioned
from sapar.proton.views.panel import Wish, answer, broken, stays, wish_of
from sapar.proton.views.planning import day_page

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.proton.queries.plans import PlanFraction


def _scripted(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Permission.VIEW)
def move(request: HttpRequest, desk: Desk, fraction: UUID) -> HttpResponseBase:
    """Ask (GET) or propose (POST) a move. With script the answer is a part of the page."""
    policy.require(desk.actor, Permission.PLAN, Fraction(centre_id=desk.centre.pk))
    found = plans.fraction(desk.centre.pk, fraction)
    if found is None:
        raise Http404
    given = request.POST if request.method == "POST" else request.GET
    wish, unread = wish_of(given, found)
    if request.method == "POST" and "ask" not in given and not unread:
        return _propose(request, desk, found, wish)
    problems = unread or (() if stays(found, wish) else broken(desk, found, wish))
    note_mentioned(desk, problems, "proton.move")
    page = answer(found, wish, problems)
    status = 422 if unread else 200
    if _scripted(request):
        return render(request, "proton/move_answer.html", page, status=status)
    key = plan_charts.short(found)
    return day_page(request, desk, found.day, picked=key, more=page, status=status)


def _propose(request: HttpRequest, desk: Desk, found: PlanFraction, wish: Wish) -> HttpResponseBase:
    version = request.POST.get("version", "")
    try:
        made = actions.move(
            by=desk.actor,
            fraction=found.id,
            version=int(version) if version.isdecimal() and len(version) < 10 else None,
            day=wish.day,
            room=wish.room,
            start=wish.start,
            agreed=wish.agreed,
        )
    except (RefusedError, StaleVersionError) as error:
        note_mentioned(desk, error.problems, "proton.move")
        page = answer(found, wish, error.problems, refused=True)
        if _scripted(request):
            return render(request, "proton/move_answer.html", page, status=error.http_status)
        return day_page(
            request,
            desk,
            found.day,
            picked=plan_charts.short(found),
            more=page,
            status=error.http_status,
        )
    known = people.known(desk.actor, [found.case] if found.case else [])
    messages.success(
        request,
        _("Moved: {who}, fraction {number}, now {time} in {room}.").format(
            who=name_of(found.case, found.called, known),
            number=found.number,
            time=words.clock(wish.start),
            room=wish.room,
        ),
    )
    to = f"{reverse('proton:day_of', args=[wish.day.isoformat()])}?move={made.hex[-10:]}"
    if _scripted(request):
        return HttpResponse(status=204, headers={"HX-Redirect": to})
    return redirect(to)
