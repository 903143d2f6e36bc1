"""The machine's log: what was away or checked, what it hits, and the way to a new plan."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from sapar.kernel import policy
from sapar.kernel.errors import InvalidInputError, RefusedError, StaleVersionError
from sapar.kernel.languages import formats, phrases
from sapar.proton import actions
from sapar.proton.forms import LogForm, WithdrawForm
from sapar.proton.models import MachineEvent
from sapar.proton.policy import Permission
from sapar.proton.queries import closures, documents, work
from sapar.proton.views import words
from sapar.proton.views.desk import Desk, at_desk, rail

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.proton.queries.work import EventView

MOST = 200


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Permission.VIEW)
def machine(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """The log with its filters, and the form that writes a line."""
    if request.method == "POST":
        policy.require(desk.actor, Permission.LOG)
    choices = words.resources(desk.planning.document)
    start = desk.now.replace(minute=0, second=0, microsecond=0, tzinfo=None)
    first = {"kind": "downtime", "begins": f"{start:%Y-%m-%dT%H:%M}"}
    form = LogForm(choices, request.POST or None, initial=first)
    status = 200
    if request.method == "POST":
        if form.is_valid() and _log(request, desk, form):
            return redirect("proton:machine")
        status = 422
    kind, resource = request.GET.get("kind", ""), request.GET.get("resource", "")
    found = work.events(
        desk.centre.pk, desk.centre.time_zone,
        kind=kind if kind in MachineEvent.Kind.values else "",
        resource=resource if resource in dict(choices) else "", most=MOST,
    )  # fmt: skip
    rows = [_row(desk, each) for each in found]
    page = {
        "lists": rail(desk.actor, "proton:machine"),
        "rows": rows,
        "narrowed": bool(kind or resource),
        "kinds": [("", _("All")), *MachineEvent.Kind.choices],
        "resources": [("", _("All")), *choices],
        "open_now": [row for row in rows if row["now"]],
        "form": form if desk.may(Permission.LOG) else None,
        "withdraw": WithdrawForm(auto_id=False),
        "may_log": desk.may(Permission.LOG),
        "may_plan": desk.may(Permission.PLAN),
        "centre": desk.centre.name,
        "here": reverse("proton:machine"),
    }  # fmt: skip
    return render(request, "proton/machine.html", page, status=status)


def _log(request: HttpRequest, desk: Desk, form: LogForm) -> bool:
    """Write the line; False where it was refused and the form says why."""
    given = form.cleaned_data
    ends = given["ends"].replace(tzinfo=desk.zone) if given["ends"] else None
    begins = given["begins"].replace(tzinfo=desk.zone)
    try:
        event = actions.log_event(
            by=desk.actor, centre=desk.centre.pk, kind=given["kind"], resource=given["resource"],
            begins=begins, ends=ends, why=given["why"],
        )  # fmt: skip
    except (InvalidInputError, RefusedError) as error:
        for problem in error.problems:
            where = problem.where if problem.where in form.fields else None
            form.add_error(where, f"{phrases.text(problem)} {phrases.remedy(problem)}")
        return False
    told = work.event(desk.centre.pk, event, desk.centre.time_zone)
    if told.hits:
        said = ngettext(
            "It is in the log. It hits {count} planned fraction.",
            "It is in the log. It hits {count} planned fractions.",
            told.hits,
        )
        messages.warning(request, said.format(count=formats.number(told.hits)))
    else:
        messages.success(request, _("It is in the log. It hits no planned fraction."))
    return True


def _row(desk: Desk, event: EventView) -> dict[str, Any]:
    begins = event.begins.astimezone(desk.zone)
    ends = event.ends.astimezone(desk.zone) if event.ends else None
    ahead = ends is None or ends > desk.now
    return {
        "event": event,
        "kind": words.kind_of_event(event.kind),
        "meaning": _meaning(event, ahead=ahead, begun=begins <= desk.now),
        "resource": words.resource(event.resource, desk.planning.document),
        "begins": _moment(begins),
        "begins_day": formats.short_day(begins.date()),
        "begins_at": f"{begins:%H:%M}",
        "ends": _moment(ends) if ends else "",
        "ends_day": formats.short_day(ends.date()) if ends and ends.date() != begins.date() else "",
        "ends_at": f"{ends:%H:%M}" if ends else "",
        "length": _length(event, desk),
        "ahead": ahead,
        "now": ahead and begins <= desk.now,
        "hit": _hit(event),
        "day": max(begins, desk.now).date().isoformat(),
        "repair": ahead and event.hits > 0 and event.resource in _repairable(desk),
    }


def _meaning(event: EventView, *, ahead: bool, begun: bool) -> str:
    if not ahead:
        return ""
    if event.kind == "downtime":
        return "act"
    return "stopped" if begun else "waiting"


def _repairable(desk: Desk) -> set[str]:
    """What a repair can be asked about: rooms, beams, anaesthesia and the centre."""
    return {"centre", *dict(words.resources(desk.planning.document, devices=False))}


def _moment(at: datetime) -> str:
    return f"{formats.short_day(at.date())}, {at:%H:%M}"


def _length(event: EventView, desk: Desk) -> str:
    if event.ends is None and event.begins > desk.now:
        return ""
    minutes = int(((event.ends or desk.now) - event.begins) / timedelta(minutes=1))
    hours, left = divmod(minutes, 60)
    if hours >= 48:
        return words.days(round(hours / 24))
    if hours and not left:
        return _("{hours} h").format(hours=formats.number(hours))
    if hours:
        return _("{hours} h {minutes} min").format(hours=formats.number(hours), minutes=left)
    return _("{n} min").format(n=formats.number(left))


def _hit(event: EventView) -> str:
    if not event.hits:
        return ""
    said = ngettext("{count} fraction", "{count} fractions", event.hits).format(
        count=formats.number(event.hits)
    )
    people = ngettext("of {count} patient", "of {count} patients", event.patients).format(
        count=formats.number(event.patients)
    )
    return f"{said} {people}"


@require_POST
@at_desk(Permission.LOG)
def end(request: HttpRequest, desk: Desk, event: UUID) -> HttpResponseBase:
    """It is back: the event ends now."""
    found = work.event(desk.centre.pk, event, desk.centre.time_zone)
    try:
        actions.end_event(by=desk.actor, event=found.id, version=found.version, ends=desk.now)
    except (InvalidInputError, RefusedError, StaleVersionError) as error:
        for problem in error.problems:
            messages.error(request, f"{phrases.text(problem)} {phrases.remedy(problem)}")
    else:
        messages.success(request, _("It is back since {time}.").format(time=f"{desk.now:%H:%M}"))
    return redirect("proton:machine")


@require_POST
@at_desk(Permission.LOG)
def withdraw(request: HttpRequest, desk: Desk, event: UUID) -> HttpResponseBase:
    """The line was written by mistake: it closes nothing any more."""
    found = work.event(desk.centre.pk, event, desk.centre.time_zone)
    version = request.POST.get("version", "")
    try:
        actions.withdraw_event(
            by=desk.actor,
            event=found.id,
            version=int(version) if version.isdecimal() and len(version) < 10 else 0,
            reason=request.POST.get("reason", ""),
        )
    except (InvalidInputError, StaleVersionError) as error:
        for problem in error.problems:
            messages.error(request, f"{phrases.text(problem)} {phrases.remedy(problem)}")
    else:
        messages.success(request, _("The line is withdrawn."))
    return redirect("proton:machine")


@require_POST
@at_desk(Permission.PLAN)
def repair(request: HttpRequest, desk: Desk, event: UUID) -> HttpResponseBase:
    """Ask for a new plan around a loss, as a job; the page of the repair shows how it goes."""
    found = work.event(desk.centre.pk, event, desk.centre.time_zone)
    if found.resource not in _repairable(desk):
        messages.error(
            request, _("A new plan can be asked for rooms, beams, anaesthesia, the centre.")
        )
        return redirect("proton:machine")
    begins = max(found.begins, desk.now)
    ends = found.ends or begins.astimezone(desk.zone).replace(hour=0, minute=0) + timedelta(days=1)
    if ends <= begins:
        messages.error(request, _("It is over: there is nothing to plan anew."))
        return redirect("proton:machine")
    lost = {
        "resource": found.resource,
        "from": closures.moment(begins),
        "to": closures.moment(ends),
    }
    run = actions.ask(
        by=desk.actor, centre=desk.centre.pk, kind="replan",
        problem=documents.replan_document(desk.centre.pk, [lost]),
        title=f"{found.resource} {lost['from']} {lost['to']}",
    )  # fmt: skip
    return redirect("proton:run", run)
