"""The plan: the week in short, and the day as a Gantt chart with its table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from sapar.cases.models import Case
from sapar.kernel.audit import chain
from sapar.kernel.languages import formats
from sapar.kernel.roles import Role
from sapar.proton.models import Fraction
from sapar.proton.policy import Permission
from sapar.proton.queries import people, plans, work
from sapar.proton.views import plan_charts, words
from sapar.proton.views.desk import Desk, at_desk, rail
from sapar.proton.views.naming import name_of
from sapar.proton.views.order import order_of
from sapar.proton.views.panel import panel
from sapar.proton.views.when import DAY, day_in, monday_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, timedelta

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.proton.queries.configuration import Planning
    from sapar.proton.queries.people import Who
    from sapar.proton.queries.plans import PlanDay, PlanFraction
    from sapar.proton.queries.work import DayFraction


@require_safe
@at_desk(Permission.VIEW)
def home(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Where the work with the plan begins: who treats goes to the list of the room."""
    if Role.THERAPIST in desk.actor.roles and not desk.may(Permission.PLAN):
        return redirect("proton:console")
    return today(request)


@require_safe
@at_desk(Permission.VIEW)
def today(request: HttpRequest, desk: Desk) -> HttpResponseBase:  # noqa: ARG001 - a view
    """Today's plan, by its own address."""
    return redirect("proton:day_of", desk.today.isoformat())


@dataclass(frozen=True, slots=True)
class Line:
    """A fraction in the table: times and what became of it in words."""

    key: str
    start: str
    beam: str
    end: str
    who: Who | None
    called: str
    case: Case | None
    number: int
    of: int
    window: str
    state: str
    meaning: str
    anaesthesia: bool
    movable: bool


@dataclass(frozen=True, slots=True)
class Room:
    """The fractions of a room in their order, and how much of it they take."""

    name: str
    lines: tuple[Line, ...]
    share: str


@require_safe
@at_desk(Permission.VIEW)
def day(request: HttpRequest, desk: Desk, day: str) -> HttpResponseBase:
    """One day: chart, what bounds it, a table of the same; `?move=` picks a fraction to move."""
    return day_page(request, desk, day_in(desk, day), picked=request.GET.get("move", ""))


def day_page(
    request: HttpRequest,
    desk: Desk,
    asked: date,
    *,
    picked: str = "",
    more: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponseBase:
    """The page of a day, or only the panel of the picked fraction when htmx asks for it.

    Args:
        request: of the page.
        desk: the reader at their centre.
        asked: the day.
        picked: short name of a fraction, or "".
        more: for the panel: what was tried, and what stands against it.
        status: of the answer.
    """
    known = plans.with_events(desk.planning, desk.centre.pk, asked)
    plan = plans.days(known, desk.centre.pk, asked, asked)[0]
    found = {plan_charts.short(each): each for each in plan.fractions}
    who = people.known(desk.actor, [each.case for each in plan.fractions if each.case])
    names = {key: name_of(each.case, each.called, who) for key, each in found.items()}
    may_plan = _may_plan(desk)
    movable = frozenset(
        key for key, each in found.items() if may_plan and each.state in plan_charts.MOVABLE
    )
    if picked not in movable:
        picked = ""
    chosen = found.get(picked)
    panel_page = panel(desk, plan, chosen, names.get(picked, ""), more) if may_plan else {}
    if request.headers.get("HX-Request") == "true" and may_plan:
        gone = {"gone": chosen is None}
        shown = [who[chosen.case]] if chosen is not None and chosen.case in who else []
        chain.note_reads(by=desk.actor, roots=people.roots(shown), page="proton.day")
        return render(request, "proton/move.html", panel_page | gone, status=status)
    chain.note_reads(by=desk.actor, roots=people.roots(who.values()), page="proton.day")
    now = desk.now.hour * 60 + desk.now.minute if asked == desk.today else None
    page = {
        **panel_page,
        **_around(desk, known, asked),
        "lists": rail(desk.actor, "proton:day"),
        "day": asked,
        "title": f"{formats.weekday(asked)}, {formats.day(asked)}",
        "lead": _lead(plan),
        "centre": desk.centre.name,
        "plan": plan,
        "chart": plan_charts.day_chart(plan, names, movable=movable, picked=picked, now=now),
        "rooms": _rooms(plan, who, names, movable),
        "away": [
            _("{resource}: {why}, {time}").format(
                resource=words.resource(each.resource, desk.planning.document),
                why=words.kind_of_event(each.why),
                time=words.span(each.begin, each.end),
            )
            for each in plan.away
        ],
        "worn": _worn(plan),
        "may_plan": may_plan,
        "picked": picked,
        **order_of(desk, plan),
    }
    return render(request, "proton/day.html", page, status=status)


def _may_plan(desk: Desk) -> bool:
    return desk.may(Permission.PLAN, Fraction(centre_id=desk.centre.pk))


def _around(desk: Desk, known: Planning, asked: date) -> dict[str, str]:
    """Addresses of the working days before and after, of the week and of today."""

    def near(step: timedelta) -> date:
        at = asked + step
        for _try in range(14):
            if known.calendar.working(at):
                return at
            at += step
        return asked + step

    return {
        "before": reverse("proton:day_of", args=[near(-DAY).isoformat()]),
        "after": reverse("proton:day_of", args=[near(DAY).isoformat()]),
        "week": reverse("proton:week_of", args=[monday_of(asked).isoformat()]),
        "today": reverse("proton:day") if asked != desk.today else "",
    }


def _worn(plan: PlanDay) -> set[str]:
    """The signs that bars of this day wear: the key explains these and no others."""
    found = {plan_charts.mark_of(each) for each in plan.fractions}
    return found | {"anaesthesia"} if any(e.anaesthesia for e in plan.fractions) else found


def _lead(plan: PlanDay) -> str:
    """How full the day is, in one sentence."""
    given = [each for each in plan.fractions if each.state != plan_charts.NOT_GIVEN]
    if not plan.working and not given:
        return _("The centre is closed on this day.")
    if not given:
        return _("Nobody is booked on this day.")
    said = ngettext("{n} fraction", "{n} fractions", len(given))
    text = said.format(n=formats.number(len(given)))
    children = sum(each.anaesthesia for each in given)
    if children:
        text += ", " + _("{n} under anaesthesia").format(n=formats.number(children))
    first, last = min(each.start for each in given), max(each.end for each in given)
    return _("{fractions}, from {first} to {last}.").format(
        fractions=text, first=words.clock(first), last=words.clock(last)
    )


def _rooms(
    plan: PlanDay, who: Mapping[Any, Who], names: Mapping[str, str], movable: frozenset[str]
) -> list[Room]:
    def line(each: PlanFraction) -> Line:
        key = plan_charts.short(each)
        known = who.get(each.case) if each.case else None
        return Line(
            key=key,
            start=words.clock(each.start),
            beam=words.span(*each.beam),
            end=words.clock(each.end),
            who=known,
            called=names[key],
            case=Case(pk=known.case) if known and known.case else None,
            number=each.number,
            of=each.of,
            window=words.span(*each.window),
            state=plan_charts.state_of(each),
            meaning=plan_charts.mark_of(each),
            anaesthesia=each.anaesthesia,
            movable=key in movable,
        )

    found = []
    for room in plan_charts.rooms_of(plan):
        here = [each for each in plan.fractions if each.room == room]
        opened = sum(end - begin for begin, end in plan.open.get(room, ()))
        held = sum(e.end - e.start for e in here if e.state != plan_charts.NOT_GIVEN)
        share = words.per_cent(held / opened) if opened else ""
        found.append(Room(room, tuple(line(each) for each in here), share))
    return found


@require_safe
@at_desk(Permission.VIEW)
def this_week(request: HttpRequest, desk: Desk) -> HttpResponseBase:  # noqa: ARG001 - a view
    """This week's plan, by its own address."""
    return redirect("proton:week_of", monday_of(desk.today).isoformat())


@require_safe
@at_desk(Permission.VIEW)
def week(request: HttpRequest, desk: Desk, monday: str) -> HttpResponseBase:
    """Seven days by rooms; every day leads to its own page."""
    asked = day_in(desk, monday)
    first = monday_of(asked)
    if first != asked:
        return redirect("proton:week_of", first.isoformat())
    known = plans.with_events(desk.planning, desk.centre.pk, first)
    days = plans.days(known, desk.centre.pk, first, first + 6 * DAY)
    key = request.GET.get("move", "")
    if key:
        return _picked_in_week(request, desk, days, key)
    page = {
        "lists": rail(desk.actor, "proton:week"),
        "centre": desk.centre.name,
        "first": first,
        "last": first + 6 * DAY,
        "before": reverse("proton:week_of", args=[(first - 7 * DAY).isoformat()]),
        "after": reverse("proton:week_of", args=[(first + 7 * DAY).isoformat()]),
        "now": reverse("proton:week") if first != monday_of(desk.today) else "",
        "chart": plan_charts.week_chart(days, desk.today, movable=_may_plan(desk)),
        "may_plan": _may_plan(desk),
        "days": [_week_day(each, desk.today) for each in days],
        "owed": [_owed(each) for each in work.owed(desk.centre.pk)],
        "rooms": plan_charts.rooms_of(days[0]),
        "worn": {plan_charts.mark_of(each) for day in days for each in day.fractions},
        "count": sum(_count(each) for each in days),
    }
    return render(request, "proton/week.html", page)


def _owed(fraction: DayFraction) -> dict[str, Any]:
    """A fraction that has no new time: where it was, and the way to the panel that moves it."""
    href = reverse("proton:day_of", args=[fraction.day.isoformat()])
    return {
        "when": f"{formats.short_day(fraction.day)}, {words.clock(fraction.start)} {fraction.room}",
        "href": f"{href}?move={plan_charts.short(fraction)}#move",
        "number": fraction.number,
        "of": fraction.of,
        "state": words.state(fraction.state),
        "meaning": words.MEANINGS.get(fraction.state, ""),
    }


def _picked_in_week(
    request: HttpRequest, desk: Desk, days: Sequence[PlanDay], key: str
) -> HttpResponseBase:
    """A fraction of a week is moved by the panel of its day: as a part here, or on that page."""
    found = next(
        (e.day for day in days for e in day.fractions if plan_charts.short(e) == key), days[0].day
    )
    if request.headers.get("HX-Request") == "true":
        return day_page(request, desk, found, picked=key)
    return redirect(f"{reverse('proton:day_of', args=[found.isoformat()])}?move={key}#move")


def _count(plan: PlanDay) -> int:
    return sum(each.state != plan_charts.NOT_GIVEN for each in plan.fractions)


def _week_day(plan: PlanDay, today: date) -> dict[str, Any]:
    """A day's line in the table of a week."""
    cells = []
    for room in plan.open:
        here = [e for e in plan.fractions if e.room == room and e.state != plan_charts.NOT_GIVEN]
        opened = sum(end - begin for begin, end in plan.open[room])
        held = sum(each.end - each.start for each in here)
        cells.append(
            {
                "room": room,
                "count": len(here),
                "share": words.per_cent(held / opened) if opened else "",
                "closed": not opened,
            }
        )
    given = [each for each in plan.fractions if each.state != plan_charts.NOT_GIVEN]
    return {
        "day": plan.day,
        "href": reverse("proton:day_of", args=[plan.day.isoformat()]),
        "name": f"{formats.weekday(plan.day, short=True)}, {formats.short_day(plan.day)}",
        "today": plan.day == today,
        "working": plan.working,
        "cells": cells,
        "count": len(given),
        "anaesthesia": sum(each.anaesthesia for each in given),
        "span": words.span(min(e.start for e in given), max(e.end for e in given)) if given else "",
    }
