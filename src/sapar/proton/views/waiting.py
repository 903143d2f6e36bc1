"""The waiting list: who waits, when they begin as the books stand, and what endangers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from sapar.cases.models import Case
from sapar.kernel.audit import chain
from sapar.kernel.errors import RefusedError
from sapar.kernel.languages import formats, phrases
from sapar.kernel.roles import Role
from sapar.proton import actions
from sapar.proton.policy import Permission
from sapar.proton.queries import people
from sapar.proton.queries.waiting import uptime_of, waiting_list
from sapar.proton.views import words
from sapar.proton.views.desk import Desk, at_desk, rail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.proton.queries.people import Who
    from sapar.proton.queries.waiting import Waiting

PAGE = 50
COLUMNS = 9
LIKELY, POSSIBLE = 0.5, 0.1
SMALL = 1e-9
"""From which risk on a start is called likely late, and may be late: our words, no standard."""

DANGERS = ("late", "likely", "possible", "low")
CALENDARS = (
    ("none", gettext_lazy("Forecast only")),
    ("held", gettext_lazy("Held")),
    ("confirmed", gettext_lazy("Confirmed")),
)
ORDERS: dict[str, Callable[[Waiting], Any]] = {
    "since": lambda w: w.since,
    "first": lambda w: (w.first is None, w.first or w.since),
    "deadline": lambda w: (w.deadline is None, w.deadline or w.since),
    "risk": lambda w: -w.risk.share if w.risk else 1,
}


@require_safe
@at_desk(Permission.VIEW)
def waiting(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """The list; filters and order stay in the address. The names shown are noted as read."""
    every = waiting_list(desk.planning, desk.centre.pk, desk.today)
    narrowed = _narrowed(every, request)
    order = request.GET.get("sort", "")
    key = ORDERS.get(order.removeprefix("-"))
    if key is not None:
        narrowed = sorted(narrowed, key=key, reverse=order.startswith("-"))
    number = _page(request)
    shown = narrowed[(number - 1) * PAGE : number * PAGE]
    known = people.known(desk.actor, [w.case for w in shown if w.case])
    chain.note_reads(by=desk.actor, roots=people.roots(known.values()), page="waiting-list")
    page: dict[str, Any] = {
        "rows": [_row(desk, each, known) for each in shown],
        "next": number + 1 if len(narrowed) > number * PAGE else 0,
        "columns": COLUMNS,
        "number": number,
    }
    if request.headers.get("HX-Request") == "true" and number > 1:
        return render(request, "proton/waiting_rows.html", page)
    return render(request, "proton/waiting.html", page | _around(desk, request, every, narrowed))


@require_POST
@at_desk(Permission.PLAN)
def book(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Ask for calendars of all who wait and have none, together, as a job."""
    try:
        run = actions.ask_waiting(by=desk.actor, centre=desk.centre.pk)
    except RefusedError as error:
        for problem in error.problems:
            messages.error(request, f"{phrases.text(problem)} {phrases.remedy(problem)}")
        return redirect("proton:waiting")
    return redirect("proton:run", run)


def _page(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < len("100000") else 1


def _danger(waits: Waiting) -> str:
    """How endangered a deadline is, as a code of the filter."""
    if waits.risk is None:
        return "none"
    if waits.risk.share >= 1.0:
        return "late"
    if waits.risk.share >= LIKELY:
        return "likely"
    return "possible" if waits.risk.share >= POSSIBLE else "low"


def _narrowed(every: Iterable[Waiting], request: HttpRequest) -> list[Waiting]:
    wanted = {name: request.GET.get(name, "") for name in ("urgency", "country", "protocol")}
    risk, state = request.GET.get("risk", ""), request.GET.get("calendar", "")
    return [
        each
        for each in every
        if all(not value or getattr(each, name) == value for name, value in wanted.items())
        and (not risk or _danger(each) == risk)
        and (not state or (each.state or "none") == state)
    ]


def _around(
    desk: Desk, request: HttpRequest, every: tuple[Waiting, ...], narrowed: list[Waiting]
) -> dict[str, Any]:
    protocols = desk.planning.protocols
    countries = sorted({each.country for each in every if each.country})
    late = sum(_danger(each) == "late" for each in every)
    likely = sum(_danger(each) == "likely" for each in every)
    both = [("", _("All"))]
    return {
        "lists": rail(desk.actor, "proton:waiting"),
        "lead": _lead(len(every), late, likely),
        "count": len(narrowed),
        "centre": desk.centre.name,
        "today": desk.today,
        "urgencies": [*both, *_urgencies(desk)],
        "countries": [*both, *((c, formats.country(c)) for c in countries)],
        "protocols": [*both, *((p.id, words.protocol(p.name or p.id)) for p in protocols.values())],
        "risks": [*both, *((code, _danger_words(code)) for code in DANGERS)],
        "calendars": [*both, *CALENDARS],
        "narrowed": any(
            request.GET.get(n) for n in ("urgency", "country", "protocol", "risk", "calendar")
        ),
        "sort": request.GET.get("sort", ""),
        "here": reverse("proton:waiting"),
        "may_book": desk.may(Permission.PLAN) and any(e.case and not e.state for e in every),
        "uptime": words.per_cent(uptime_of(desk.planning)),
    }  # fmt: skip


def _urgencies(desk: Desk) -> list[tuple[str, Any]]:
    return [(c, w) for c, w in Case.Urgency.choices if c in desk.planning.urgencies]


def _lead(count: int, late: int, likely: int) -> str:
    said = ngettext("{n} patient waits.", "{n} patients wait.", count).format(
        n=formats.number(count)
    )
    if late:
        said += " " + ngettext(
            "{n} begins after the deadline.", "{n} begin after the deadline.", late
        ).format(n=formats.number(late))
    if likely:
        said += " " + ngettext("{n} more is likely to.", "{n} more are likely to.", likely).format(
            n=formats.number(likely)
        )
    return said


def _danger_words(code: str) -> str:
    return {
        "late": _("After the deadline"),
        "likely": _("Likely late"),
        "possible": _("May be late"),
        "low": _("In time"),
    }[code]


def _risk(waits: Waiting) -> dict[str, str]:
    """The risk in words and a figure, and where it comes from."""
    if waits.risk is None or waits.deadline is None:
        return {}
    code = _danger(waits)
    meaning = {"late": "act", "likely": "act", "possible": "waiting", "low": "done"}[code]
    if code == "late":
        said = (
            _("{days} after the deadline").format(days=words.days(waits.risk.late))
            if waits.first
            else _("no place within a year")
        )
        return {"words": said, "meaning": meaning, "from": ""}
    parts = []
    if waits.risk.visa > 0:
        parts.append(_("visa {share}").format(share=words.per_cent(waits.risk.visa)))
    if waits.risk.beam >= 0.005:
        parts.append(_("outages {share}").format(share=words.per_cent(waits.risk.beam)))
    return {
        "words": f"{_danger_words(code)}, {words.per_cent(max(waits.risk.share, SMALL))}",
        "meaning": meaning,
        "from": ", ".join(parts),
    }


def _left(deadline: date | None, today: date) -> str:
    if deadline is None:
        return ""
    left = (deadline - today).days
    return words.days(left) if left >= 0 else _("{days} ago").format(days=words.days(-left))


def _row(desk: Desk, waits: Waiting, known: dict[Any, Who]) -> dict[str, Any]:
    who = known.get(waits.case) if waits.case else None
    protocol = desk.planning.protocols.get(waits.protocol)
    return {
        "waits": waits,
        "who": who,
        "href": who.href if who else "",
        "file": reverse("proton:appointments", args=[waits.case]) if who and waits.state else "",
        "name": waits.label if waits.case is None else _("A patient"),
        "urgency": waits.urgency if waits.urgency in Case.Urgency.values else "routine",
        "urgency_word": dict(Case.Urgency.choices).get(waits.urgency, waits.urgency),
        "age": words.age_group(waits.age),
        "country": formats.country(waits.country) if waits.country else "",
        "protocol": words.protocol(protocol.name or protocol.id)
        if protocol
        else _("none chosen yet"),
        "waited": words.days(max(0, (desk.today - waits.since).days)),
        "window": words.span(*waits.window) if waits.window else "",
        "state": {"held": _("held"), "confirmed": _("confirmed")}.get(waits.state, _("forecast")),
        "left": _left(waits.deadline, desk.today),
        "risk": _risk(waits),
        "awaited": phrases.text(waits.awaited) if waits.awaited else "",
        "role": str(dict(Role.choices).get(waits.role, "")),
    }
