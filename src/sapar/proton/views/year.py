"""The year: load by resource against capacity, week by week, with a table of the same figures."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sapar.design.charts.year import FULL
from sapar.kernel.languages import formats
from sapar.proton.policy import Permission
from sapar.proton.queries import plans
from sapar.proton.views import plan_charts, words
from sapar.proton.views.desk import Desk, at_desk, rail
from sapar.proton.views.when import DAY, day_in, monday_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.proton.queries.plans import ResourceLoad

WEEKS = 53


@require_safe
@at_desk(Permission.VIEW)
def year(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """A year's load by week; `?first=` and `?last=` choose a span of weeks for the table."""
    start = monday_of(desk.today) - 28 * DAY
    if request.GET.get("from"):
        start = monday_of(day_in(desk, request.GET["from"]))
    known = plans.with_events(desk.planning, desk.centre.pk, start)
    loads = plans.year(known, desk.centre.pk, start, WEEKS)
    beams = sum(each.kind == "beam" for each in loads)
    names = [plan_charts.load_name(each, beams) for each in loads]
    chosen = _span(request, start)
    shown = chosen or (0, WEEKS - 1)
    weeks = [start + 7 * n * DAY for n in range(WEEKS)]
    ahead = max(0, (desk.today - start).days // 7)
    page = {
        "lists": rail(desk.actor, "proton:year"),
        "centre": desk.centre.name,
        "start": start,
        "end": start + (7 * WEEKS - 1) * DAY,
        "before": (start - 26 * 7 * DAY).isoformat(),
        "after": (start + 26 * 7 * DAY).isoformat(),
        "own": bool(request.GET.get("from")),
        "names": names,
        "rows": [_week_row(loads, n) for n in range(shown[0], shown[1] + 1)],
        "totals": [_total(each, *shown) for each in loads],
        "chosen": (weeks[shown[0]], weeks[shown[1]] + 6 * DAY) if chosen else None,
        "choices": [(each.isoformat(), formats.short_day(each)) for each in weeks],
        "first": weeks[shown[0]].isoformat(),
        "last": weeks[shown[1]].isoformat(),
        "fullest": _fullest(loads, names, ahead),
    }
    if request.headers.get("HX-Request") == "true":
        return render(request, "proton/load.html", page)
    page["chart"] = plan_charts.year_chart(
        loads,
        names,
        [_total(each, 0, WEEKS - 1)["share"] for each in loads],
        chosen=chosen,
        now=_now(desk.today, start),
    )
    return render(request, "proton/year.html", page)


def _now(today: date, start: date) -> float | None:
    at = (today - start).days / 7
    return at if 0 <= at <= WEEKS else None


def _span(request: HttpRequest, start: date) -> tuple[int, int] | None:
    """The chosen weeks as numbers from the first; None where none or nonsense is chosen."""
    try:
        found = [date.fromisoformat(request.GET.get(name, "")) for name in ("first", "last")]
    except ValueError:
        return None
    first, last = sorted((each - start).days // 7 for each in found)
    first, last = max(first, 0), min(last, WEEKS - 1)
    return (first, last) if first <= last and (first, last) != (0, WEEKS - 1) else None


def _total(load: ResourceLoad, first: int, last: int) -> dict[str, str]:
    weeks = load.weeks[first : last + 1]
    used, there = sum(w.load for w in weeks), sum(w.capacity for w in weeks)
    return _figures(used, there)


def _figures(used: int, there: int) -> dict[str, str]:
    """Hours of load and of capacity, and the share, in words."""
    return {
        "load": formats.number(round(used / 60)),
        "capacity": formats.number(round(there / 60)),
        "share": words.per_cent(used / there) if there else ("–" if not used else _("closed")),
        "look": ("full" if used >= FULL * there else "") if used else "nothing",
    }


def _week_row(loads: Sequence[ResourceLoad], number: int) -> dict[str, Any]:
    monday = loads[0].weeks[number].monday
    return {
        "monday": monday,
        "href": reverse("proton:week_of", args=[monday.isoformat()]),
        "cells": [_figures(e.weeks[number].load, e.weeks[number].capacity) for e in loads],
    }


def _fullest(loads: Sequence[ResourceLoad], names: Sequence[str], ahead: int) -> str:
    """The resource and the week ahead that are fullest, in one sentence."""
    found = [
        (week.share, name, week.monday)
        for load, name in zip(loads, names, strict=True)
        for week in load.weeks[ahead:]
        if week.share
    ]
    if not found:
        return _("Nothing is booked ahead.")
    share, name, monday = max(found, key=lambda each: (each[0], -each[2].toordinal()))
    return _("Fullest ahead: {name} in the week from {day}, {share}.").format(
        name=name, day=formats.day(monday), share=words.per_cent(share or 0)
    )
