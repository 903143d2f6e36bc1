"""The treatment console: today's fractions of a room, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sapar.design.components import Fact, Link
from sapar.kernel.audit import chain
from sapar.kernel.errors import InvalidInputError, RefusedError, StaleVersionError
from sapar.kernel.languages import formats, phrases
from sapar.proton.actions import delivery, undo
from sapar.proton.forms import DeliveredForm, InterruptedForm, MissedForm, UndoForm
from sapar.proton.policy import Permission
from sapar.proton.queries import people, work
from sapar.proton.views import words
from sapar.proton.views.desk import Desk, at_desk, rail

if TYPE_CHECKING:
    from uuid import UUID

    from django import forms
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.proton.queries.people import Who
    from sapar.proton.queries.work import DayFraction

FORMS: dict[str, type[forms.Form]] = {
    "delivered": DeliveredForm,
    "interrupted": InterruptedForm,
    "missed": MissedForm,
    "take-back": UndoForm,
}


@dataclass(frozen=True, slots=True)
class Line:
    """A fraction in words.

    Attributes:
        who: the patient as the reader may know them, or None.
        name: what to call the course where the reader may not know the patient.
        rest: a sentence where a part of the fraction was given before, else "".
    """

    fraction: DayFraction
    who: Who | None
    name: str
    time: str
    window: str
    state: str
    meaning: str
    reason: str
    rest: str = ""


def _day(desk: Desk, text: str) -> date:
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        return desk.today
    return asked if abs((asked - desk.today).days) <= 3660 else desk.today


def _room(desk: Desk, text: str) -> str:
    rooms = [room["id"] for room in desk.planning.document["rooms"]]
    return text if text in rooms else str(rooms[0])


def _line(fraction: DayFraction, who: Who | None) -> Line:
    return Line(
        fraction=fraction,
        who=who,
        name=fraction.who if fraction.case is None else _("A patient"),
        time=words.clock(fraction.start),
        window=words.span(*fraction.window),
        state=words.state(fraction.state),
        meaning=words.MEANINGS.get(fraction.state, ""),
        reason=words.reason(fraction.reason) if fraction.reason else "",
        rest=words.rest(fraction.begun),
    )


def _address(room: str, day: date) -> str:
    return f"{reverse('proton:console')}?{urlencode({'room': room, 'day': day.isoformat()})}"


@require_safe
@at_desk(Permission.DELIVER)
def console(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """The fractions of a room on a day: the next one large, the rest in their order."""
    day = _day(desk, request.GET.get("day", ""))
    room = _room(desk, request.GET.get("room", ""))
    chosen = request.GET.get("next", "")
    return render(request, "proton/console.html", _page(desk, room, day, chosen=chosen))


def _page(
    desk: Desk, room: str, day: date, *, chosen: str, bound: dict[str, Any] | None = None
) -> dict[str, Any]:
    """What the page shows; `bound` has a form that was sent with mistakes."""
    everything = work.day_list(desk.centre.pk, day)
    here = [each for each in everything if each.room == room]
    known = people.known(desk.actor, [each.case for each in here if each.case])
    chain.note_reads(by=desk.actor, roots=people.roots(known.values()), page="console")
    lines = [_line(each, known.get(each.case) if each.case else None) for each in here]
    open_lines = [line for line in lines if line.fraction.state == "planned"]
    first = next((line for line in open_lines if str(line.fraction.id) == chosen), None)
    first = first or (open_lines[0] if open_lines else None)
    return {
        "check": _check(desk, first) if first is not None else (),
        "lists": rail(desk.actor, "proton:console"),
        "rooms": _rooms(desk, everything, room, day),
        "room": room,
        "day": day,
        "weekday": formats.weekday(day),
        "is_today": day == desk.today,
        "ahead": day > desk.today,
        "before": _address(room, day - timedelta(days=1)),
        "after": _address(room, day + timedelta(days=1)),
        "today": _address(room, desk.today),
        "here": _address(room, day),
        "first": first,
        "later": [line for line in open_lines if line is not first],
        "done": [line for line in reversed(lines) if line.fraction.state != "planned"],
        "forms": _forms(first, bound or {}),
        "undo": UndoForm(auto_id=False),
        "now": desk.now.strftime("%H:%M"),
    }


def _check(desk: Desk, line: Line) -> list[Fact]:
    """What is asked of the next patient before the beam; of the others nobody needs it yet."""
    case = line.fraction.case
    found = people.identity(desk.actor, case) if case is not None and line.who else None
    if found is None:
        return []
    birth = found.birth
    whole = birth.whole if birth is not None else None
    allergies = "; ".join(found.allergies) or (_("none known") if found.none_known else "")
    return [
        Fact(_("Date of birth"), formats.day(whole) if whole else str(birth or "")),
        Fact(_("Language"), formats.language_name(found.language) if found.language else ""),
        Fact(_("Allergies"), allergies, meaning="act" if found.allergies else ""),
    ]


def _forms(first: Line | None, bound: dict[str, Any]) -> dict[str, Any]:
    """The forms of the next fraction; the minutes are those that were planned."""
    if first is None:
        return {}
    # How long a rest takes the plan does not know: it is typed.
    whole = first.fraction.begun is None
    planned = first.fraction.end - first.fraction.start if whole else None
    return {
        "delivered": DeliveredForm(initial={"minutes": planned}, auto_id="delivered_%s"),
        "interrupted": InterruptedForm(auto_id="interrupted_%s"),
        "missed": MissedForm(auto_id="missed_%s"),
        **bound,
    }


def _rooms(desk: Desk, everything: tuple[DayFraction, ...], room: str, day: date) -> list[Link]:
    """A tab for each room, with how many are still to come."""
    return [
        Link(
            each["id"],
            _address(each["id"], day),
            current=each["id"] == room,
            count=sum(f.room == each["id"] and f.state == "planned" for f in everything),
        )
        for each in desk.planning.document["rooms"]
    ]


@require_POST
@at_desk(Permission.DELIVER)
def record(request: HttpRequest, desk: Desk, fraction: UUID, what: str) -> HttpResponseBase:
    """Record what became of a fraction, or take the record back."""
    if what not in FORMS:
        raise Http404
    found = work.fraction(desk.centre.pk, fraction)
    form = FORMS[what](request.POST, auto_id=f"{what}_%s")
    if not form.is_valid():
        page = _page(desk, found.room, found.day, chosen=str(found.id), bound={what: form})
        return render(request, "proton/console.html", page, status=422)
    try:
        _record(desk, found, what, form.cleaned_data, _version(request))
    except (InvalidInputError, RefusedError, StaleVersionError) as error:
        for problem in error.problems:
            messages.error(request, f"{phrases.text(problem)} {phrases.remedy(problem)}")
    else:
        messages.success(request, _told(found, what))
    return redirect(_address(found.room, found.day))


def _version(request: HttpRequest) -> int:
    """The version that the page showed; one that is none never fits."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < len("1000000000") else 0


def _record(desk: Desk, found: DayFraction, what: str, given: dict[str, Any], version: int) -> None:
    common: dict[str, Any] = {"by": desk.actor, "fraction": found.id, "version": version}
    if what == "delivered":
        delivery.record_delivered(**common, minutes=given["minutes"])
    elif what == "interrupted":
        delivery.record_interrupted(**common, reason=given["reason"], minutes=given["minutes"])
    elif what == "missed":
        delivery.record_missed(**common, reason=given["reason"])
    else:
        undo.take_back(**common, reason=given["reason"])


def _told(found: DayFraction, what: str) -> str:
    said = {
        "delivered": _("Fraction {n} of {of} is recorded as delivered."),
        "interrupted": _("Fraction {n} of {of} is recorded as interrupted."),
        "missed": _("Fraction {n} of {of} is recorded as missed."),
        "take-back": _("The record of fraction {n} of {of} is taken back."),
    }[what]
    return said.format(n=formats.number(found.number), of=formats.number(found.of))
