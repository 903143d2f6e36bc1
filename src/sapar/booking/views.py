"""The calendar of intake places: what is free, who has what, opening and closing days."""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from sapar.booking import actions, queries
from sapar.booking.engine.days import chosen_days
from sapar.booking.forms import OpenForm
from sapar.booking.policy import Permission
from sapar.cases.models import Case
from sapar.cases.policy import Permission as CasePermission
from sapar.design.components import Link
from sapar.kernel import policy
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.errors import SaparError
from sapar.kernel.languages import formats, phrases
from sapar.network import naming
from sapar.network.queries import snapshot, working_calendar

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.booking.queries import DayPlaces
    from sapar.kernel.actors import Actor
    from sapar.network.engine.snapshot import Snapshot

MONTHS_SHOWN = 2
FIRST_YEAR, LAST_YEAR = 2000, 2200


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of a month's grid; `inside` is False for days of the neighbouring months."""

    day: date
    inside: bool
    past: bool
    today: bool
    weekday: str
    holiday: str
    places: DayPlaces | None


@dataclass(frozen=True, slots=True)
class Month:
    """A month as weeks of seven cells."""

    title: str
    weeks: tuple[tuple[Cell, ...], ...]
    empty: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose places these are: the reader's centre, its programmes, its country's holidays."""

    actor: Actor
    centre: Organisation
    programmes: tuple[str, ...]
    holidays: dict[date, str]


def _desk(request: HttpRequest) -> Desk:
    actor = actor_of(request)
    policy.require(actor, Permission.MANAGE)
    if actor.organisation_id is None:  # the machine has rights and no desk
        raise Http404
    centre = Organisation.objects.get(pk=actor.organisation_id)
    shown = snapshot(timezone.localdate())
    own = tuple(code for code, p in shown.programmes.items() if p.centre == centre.code)
    return Desk(actor, centre, own, _holidays(shown, centre.country))


def _holidays(shown: Snapshot, country: str) -> dict[date, str]:
    """The days off of a country besides its weekends, by name."""
    off = working_calendar(shown, country).holidays
    names = {h.day: naming.in_language(h.names) for h in shown.holidays if h.country == country}
    return {day: names.get(day) or _("Holiday") for day in off}


@require_safe
@signed_in
def calendar(request: HttpRequest) -> HttpResponseBase:
    """The calendar of the centre's first programme; a centre without one is told so."""
    desk = _desk(request)
    if desk.programmes:
        return redirect("booking:programme", desk.programmes[0])
    return render(request, "booking/none.html")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def programme(request: HttpRequest, programme: str) -> HttpResponseBase:
    """Two months of a programme, and the form that opens places."""
    desk = _desk(request)
    if programme not in desk.programmes:
        raise Http404
    form = OpenForm(request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            opened = _open(request, desk, programme, form)
            if opened is not None:
                return opened
        status = 422
    first = _month_of(request.GET.get("month", ""))
    page = {
        **_shown(desk, programme, first),
        "form": form,
        "centre": naming.organisation(desk.centre.code),
        "name": naming.programme(programme),
        "programme": programme,
        "tabs": [
            Link(
                naming.programme(code), reverse("booking:programme", args=[code]), code == programme
            )
            for code in desk.programmes
        ],
    }
    return render(request, "booking/calendar.html", page, status=status)


def _open(
    request: HttpRequest, desk: Desk, programme: str, form: OpenForm
) -> HttpResponseBase | None:
    """Open what the form asks for; None when it was refused and the form says why."""
    given = form.cleaned_data
    off = desk.holidays if given["holidays_off"] else {}
    days, left_out = chosen_days(given["first"], given["last"], given["weekdays"], off)
    if not days:
        form.add_error(None, _("No day of this period fits. Choose other days."))
        return None
    try:
        count = actions.open_places(
            by=desk.actor,
            centre=desk.centre.pk,
            programme=programme,
            days=days,
            per_day=given["per_day"],
        )
    except SaparError as error:
        for problem in error.problems:
            where = problem.where if problem.where in form.fields else None
            form.add_error(where, f"{phrases.text(problem)} {phrases.remedy(problem)}")
        return None
    said = ngettext("{count} new place is open.", "{count} new places are open.", count)
    told = said.format(count=formats.number(count))
    if left_out:
        said = ngettext(
            "{count} holiday was left out.", "{count} holidays were left out.", len(left_out)
        )
        told = f"{told} {said.format(count=formats.number(len(left_out)))}"
    messages.success(request, told)
    return redirect(f"{reverse('booking:programme', args=[programme])}?month={days[0]:%Y-%m}")


def _month_of(text: str) -> date:
    """The first day of the month that the address asks for; of this month otherwise."""
    try:
        asked = date.fromisoformat(f"{text}-01")
    except ValueError:
        asked = timezone.localdate()
    if not FIRST_YEAR <= asked.year <= LAST_YEAR:
        asked = timezone.localdate()
    return asked.replace(day=1)


def _later(first: date, months: int) -> date:
    """The first day of a month that is so many months later, or earlier."""
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _shown(desk: Desk, programme: str, first: date) -> dict[str, object]:
    """What the calendar's template shows of two months."""
    today = timezone.localdate()
    end = _later(first, MONTHS_SHOWN) - timedelta(days=1)
    known = queries.days(programme, first, end)
    ahead = [day for day in known.values() if day.day >= today]
    free = queries.free_days((programme,), today).get(programme, ())
    return {
        "months": [
            _month(_later(first, n), known, desk.holidays, today) for n in range(MONTHS_SHOWN)
        ],
        "weekdays": [formats.weekday(date(2024, 1, n), short=True) for n in range(1, 8)],
        "next_free": next((day for day in free if day.free), None),
        "free": sum(day.free for day in ahead),
        "held": sum(day.held for day in ahead),
        "confirmed": sum(day.confirmed for day in ahead),
        "any": bool(known),
        "before": f"{_later(first, -MONTHS_SHOWN):%Y-%m}",
        "after": f"{_later(first, MONTHS_SHOWN):%Y-%m}",
        "period": (first, end),
        "now": first == today.replace(day=1),
    }


def _left(places: DayPlaces | None, *, past: bool) -> DayPlaces | None:
    """What of a day is worth a word: a free place of yesterday is nobody's any more."""
    if places is None or not past:
        return places
    if not places.held and not places.confirmed:
        return None
    return replace(places, free=0, closed=0)


def _month(
    first: date, known: dict[date, DayPlaces], holidays: dict[date, str], today: date
) -> Month:
    weeks = tuple(
        tuple(
            Cell(
                day=day,
                inside=day.month == first.month,
                past=day < today,
                today=day == today,
                weekday=formats.weekday(day),
                holiday=holidays.get(day, ""),
                places=_left(known.get(day), past=day < today),
            )
            for day in week
        )
        for week in Calendar().monthdatescalendar(first.year, first.month)
    )
    return Month(
        title=formats.month(first),
        weeks=weeks,
        empty=not any(cell.places and cell.inside for week in weeks for cell in week),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def day(request: HttpRequest, programme: str, day: str) -> HttpResponseBase:
    """The places of one day: who has them, as case numbers; the free ones can be closed.

    No name of a patient is on the page, so it is no read of a patient's record.
    """
    desk = _desk(request)
    try:
        asked = date.fromisoformat(day)
    except ValueError as error:
        raise Http404 from error
    if programme not in desk.programmes:
        raise Http404
    if request.method == "POST":
        closed = actions.close_day(
            by=desk.actor, centre=desk.centre.pk, programme=programme, day=asked
        )
        said = ngettext("{count} place was closed.", "{count} places were closed.", closed)
        messages.success(request, said.format(count=formats.number(closed)))
        return redirect("booking:day", programme, day)
    lines = queries.places_on(programme, asked)
    cases = Case.objects.filter(pk__in=[line.case for line in lines if line.case])
    seen = {
        case.pk: case
        for case in policy.visible_to(desk.actor, CasePermission.VIEW, cases).only("pk", "number")
    }
    page = {
        "lines": [(line, seen.get(line.case) if line.case else None) for line in lines],
        "free": sum(line.state == "free" for line in lines),
        "day": asked,
        "weekday": formats.weekday(asked),
        "holiday": desk.holidays.get(asked, ""),
        "programme": programme,
        "name": naming.programme(programme),
        "month": f"{asked:%Y-%m}",
    }
    return render(request, "booking/day.html", page)
