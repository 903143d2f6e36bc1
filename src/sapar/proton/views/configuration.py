"""How the centre plans: what counts today, a new version with its mistakes named, the history."""

from __future__ import annotations

import difflib
import json
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from sapar.cases.models import Case
from sapar.design.components import Fact
from sapar.kernel import policy
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.errors import InvalidInputError, StaleVersionError
from sapar.kernel.languages import formats, phrases
from sapar.proton import actions
from sapar.proton.engine.scheduling.problem.reading import WEEKDAYS
from sapar.proton.forms import ConfigurationForm
from sapar.proton.models import Configuration
from sapar.proton.models.centre import MARKS
from sapar.proton.policy import Permission
from sapar.proton.queries import configuration as queries
from sapar.proton.views import words
from sapar.proton.views.desk import rail
from sapar.values.marks import Mark, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.design.components import Meaning
    from sapar.kernel.actors import Actor
    from sapar.proton.queries.configuration import ConfigurationView
    from sapar.values.statements import Problem

MOST_LINES = 600
"""Of a difference; more is read in the two documents themselves."""
MOST_COMPARED = 4000
"""Lines of each document that are compared, from the first difference on."""
AROUND = 2
"""Lines that are shown around each change."""

PARTS = {
    "centre": gettext_lazy("Rooms, hours, people"),
    "protocols": gettext_lazy("Protocols"),
    "urgencies": gettext_lazy("Urgencies"),
    "weights": gettext_lazy("Who goes first"),
    "quotas": gettext_lazy("Quotas"),
    "choices": gettext_lazy("Which protocol for which indication"),
    "means": gettext_lazy("What a new plan may use"),
    "demand": gettext_lazy("Who will come"),
    "uptime": gettext_lazy("How often things are away"),
}


def _centre(request: HttpRequest) -> tuple[Actor, Organisation, date]:
    actor = actor_of(request)
    policy.require(actor, Permission.VIEW)
    if actor.organisation_id is None:  # the machine has rights and no desk
        raise Http404
    centre = Organisation.objects.get(pk=actor.organisation_id)
    today = timezone.localtime(timezone.now(), ZoneInfo(centre.time_zone)).date()
    return actor, centre, today


@require_safe
@signed_in
def configuration(request: HttpRequest) -> HttpResponseBase:
    """What counts today, and all versions."""
    actor, centre, today = _centre(request)
    versions = queries.history(centre.pk)
    now = queries.current(centre.pk, today)
    page = {
        "lists": rail(actor, "proton:configuration") if now else (),
        "version": now,
        "history": [_line(version, now) for version in versions],
        "may_change": policy.can(actor, Permission.CONFIGURE, Configuration(centre_id=centre.pk)),
        "centre": centre.name,
        **(_parts(now) if now else {}),
    }
    return render(request, "proton/configuration.html", page)


MEANINGS: dict[str, Meaning] = {
    "verified": "done",
    "demonstration": "waiting",
    "unverified": "act",
}


def _mark(source: Source) -> tuple[Meaning, str]:
    """The meaning and the word of a mark."""
    return MEANINGS[source.mark.value], str(dict(MARKS)[source.mark.value])


def _line(version: ConfigurationView, now: ConfigurationView | None) -> dict[str, Any]:
    meaning, word = _mark(version.source)
    return {
        "version": version,
        "counts": now is not None and version.id == now.id,
        "meaning": meaning,
        "word": word,
    }


def _parts(version: ConfigurationView) -> dict[str, Any]:
    """The configuration in tables: what a scheduler wants to see at a glance."""
    data = version.data
    centre = data["centre"]
    meaning, word = _mark(version.source)
    names = dict(Case.Urgency.choices)
    return {
        "facts": [
            Fact(_("Valid from"), formats.day(version.valid_from)),
            Fact(_("Source"), version.source.title,
                 formats.day(version.source.dated) if version.source.dated else ""),
            Fact(_("How sure it is"), word, "", meaning),
            Fact(_("Who can tell"), version.source.who_can_tell),
            Fact(_("Why it changed"), version.why),
        ],
        "rooms": [_room(room, centre) for room in centre["rooms"]],
        "weekdays": [formats.weekday(_day(n), short=True) for n in range(7)],
        "hours": _hours(centre),
        "staff": [_shift(shift) for shift in centre.get("staff", ())],
        "protocols": [_protocol(each) for each in data.get("protocols", ())],
        "urgencies": [
            {**each, "label": each.get("name") or names.get(each["id"], each["id"])}
            for each in data.get("urgencies", ())
        ],
        "demand": data.get("demand") or {},
    }  # fmt: skip


def _day(number: int) -> date:
    """A day that is the weekday of this number, Monday is 0."""
    return date(2024, 1, 1 + number)


def _room(room: Mapping[str, Any], centre: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": room["id"],
        "kind": words.room_kind(room.get("kind", "")),
        "beam": words.resource(room["beam"], centre) if room.get("beam") else "",
        "matched": room.get("matched", ""),
        "usable": words.per_cent(float(room.get("usable", 1.0))),
    }


def _spans(day: Iterable[Iterable[str]] | None) -> str:
    return ", ".join("–".join(span) for span in day or ())


def _hours(centre: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Opening hours by resource, Monday first."""
    found = [(_("The centre"), centre.get("hours") or {})]
    found += [(room["id"], room["hours"]) for room in centre["rooms"] if room.get("hours")]
    if centre.get("anaesthesia"):
        found.append((_("Anaesthesia"), centre["anaesthesia"].get("hours") or {}))
    found += [(d["id"], d["hours"]) for d in centre.get("devices", ()) if d.get("hours")]
    return [(name, [_spans(hours.get(day)) for day in WEEKDAYS]) for name, hours in found]


def _shift(shift: Mapping[str, Any]) -> dict[str, Any]:
    days = [formats.weekday(_day(WEEKDAYS.index(d)), short=True) for d in shift["weekdays"]]
    return {
        "role": words.role(shift["role"]),
        "days": ", ".join(days),
        "time": f"{shift['from']}–{shift['to']}",
        "count": shift["count"],
    }


def _protocol(protocol: Mapping[str, Any]) -> dict[str, Any]:
    phases = protocol["phases"]
    first = phases[0]
    minutes = [first[key] for key in ("setup_min", "beam_min", "leaving_min")]
    # What is not said stands as the reader of protocols takes it.
    low, high = protocol.get("min_per_week", 1), protocol.get("max_per_week", 5)
    return {
        "name": words.protocol(protocol.get("name") or protocol["id"]),
        "category": protocol.get("category", 3),
        "fractions": " + ".join(str(phase["fractions"]) for phase in phases),
        "minutes": " + ".join(str(each) for each in minutes),
        "week": str(low) if low == high else f"{low}–{high}",
        "gap": protocol.get("max_gap_days", 7),
    }


@require_safe
@signed_in
def document(request: HttpRequest, number: int) -> HttpResponseBase:
    """A version's document as a file, to be changed elsewhere and brought back."""
    _actor, centre, _today = _centre(request)
    found = _find(centre, number)
    response = HttpResponse(_text(found.data), content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="configuration-{number}.json"'
    return response


def _text(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1)


def _find(centre: Organisation, number: int) -> ConfigurationView:
    found = queries.version(centre.pk, number)
    if found is None:
        raise Http404
    return found


@require_safe
@signed_in
def version(request: HttpRequest, number: int) -> HttpResponseBase:
    """One version, and what it changed against the one before."""
    actor, centre, today = _centre(request)
    found = _find(centre, number)
    before = queries.version(centre.pk, number - 1)
    now = queries.current(centre.pk, today)
    lines, more = _difference(before.data if before else {}, found.data)
    page = {
        "lists": rail(actor, "proton:configuration") if now else (),
        "version": found,
        "counts": now is not None and now.id == found.id,
        "before": before,
        "changed": _changed(before.data if before else {}, found.data),
        "lines": lines,
        "more": more,
        **_parts(found),
    }
    return render(request, "proton/version.html", page)


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The parts that differ, by name."""
    return [str(PARTS.get(key, key)) for key in (*PARTS,) if old.get(key) != new.get(key)]


def _difference(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> tuple[list[tuple[str, str]], bool]:
    """Lines that went ("del") or came ("ins"), with a few around them ("")."""
    if not old:
        return [], False
    one, other, cut = where_they_differ(_text(old).splitlines(), _text(new).splitlines())
    found = []
    for line in difflib.unified_diff(one, other, lineterm="", n=AROUND):
        if line.startswith(("---", "+++")):
            continue
        kind = {"+": "ins", "-": "del", "@": "at"}.get(line[:1], "")
        found.append((kind, "" if kind == "at" else line[1:]))
    return found[:MOST_LINES], cut or len(found) > MOST_LINES


def where_they_differ(one: list[str], other: list[str]) -> tuple[list[str], list[str], bool]:
    """Two texts without the lines that begin and end both, and whether too long ones were cut.

    Finding a difference takes time that grows faster than the texts.
    """
    shorter = min(len(one), len(other))
    begin = next((n for n in range(shorter) if one[n] != other[n]), shorter)
    same = next((n for n in range(shorter - begin) if one[-1 - n] != other[-1 - n]), None)
    end = shorter - begin if same is None else same
    begin, end = max(0, begin - AROUND), max(0, end - AROUND)
    middles = (one[begin : len(one) - end], other[begin : len(other) - end])
    cut = any(len(each) > MOST_COMPARED for each in middles)
    return middles[0][:MOST_COMPARED], middles[1][:MOST_COMPARED], cut


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def change(request: HttpRequest) -> HttpResponseBase:
    """Write a new version: checked first, kept when nothing is wrong."""
    actor, centre, today = _centre(request)
    policy.require(actor, Permission.CONFIGURE, Configuration(centre_id=centre.pk))
    now = queries.current(centre.pk, today)
    newest = queries.newest(centre.pk)
    form = ConfigurationForm(request.POST or None, initial=_initial(now, today, newest))
    problems: tuple[Problem, ...] = ()
    checked, status = False, 200
    if request.method == "POST":
        status = 422
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        problems = actions.problems_of(given["document"])
        checked = not problems
        if checked and request.POST.get("do") == "keep":
            kept, problems = _keep(actor, centre, given)
            if kept is not None:
                return _kept(request, kept, given["valid_from"])
            checked = False
        status = 200 if checked else 422
    if any(each.code == STALE for each in problems):
        status = _say_stale(request, problems)
        problems, form = (), ConfigurationForm({**request.POST.dict(), "base": newest})
    page = {
        "lists": rail(actor, "proton:configuration") if now else (),
        "form": form,
        "problems": [_problem(each) for each in problems],
        "checked": checked,
        "here": reverse("proton:change-configuration"),
    }
    return render(request, "proton/change.html", page, status=status)


STALE = "kernel.stale_version"


def _say_stale(request: HttpRequest, problems: Iterable[Problem]) -> int:
    """Somebody else has kept a version meanwhile: said, and what was typed stays on the page."""
    for each in problems:
        messages.error(request, f"{phrases.text(each)} {phrases.remedy(each)}")
    return StaleVersionError.http_status


def _initial(now: ConfigurationView | None, today: date, newest: int) -> dict[str, Any]:
    if now is None:
        return {"base": newest, "valid_from": today, "mark": "unverified"}
    return {
        "base": newest,
        "valid_from": today,
        "title": now.source.title,
        "dated": now.source.dated,
        "mark": now.source.mark.value,
        "who_can_tell": now.source.who_can_tell,
        "document": _text(now.data),
    }


def _source(given: Mapping[str, Any]) -> Source:
    return Source(given["title"], given["dated"], Mark(given["mark"]), "", given["who_can_tell"])


def _keep(
    actor: Actor, centre: Organisation, given: Mapping[str, Any]
) -> tuple[int | None, tuple[Problem, ...]]:
    """Keep a version: its number, or what stands against it."""
    try:
        number = actions.configure(
            by=actor, centre=centre.pk, data=given["document"], valid_from=given["valid_from"],
            source=_source(given), why=given["why"], base=given["base"],
        )  # fmt: skip
    except (InvalidInputError, StaleVersionError) as error:
        return None, error.problems
    return number, ()


def _kept(request: HttpRequest, number: int, valid_from: date) -> HttpResponseBase:
    said = _("Version {n} is kept. It counts from {day} on.")
    messages.success(request, said.format(n=formats.number(number), day=formats.day(valid_from)))
    return redirect("proton:version", number)


def _problem(problem: Problem) -> dict[str, str]:
    known = phrases.known(problem.code)
    return {
        "what": phrases.text(problem) if known else problem.code,
        "remedy": phrases.remedy(problem) if known else "",
        "where": problem.where,
        "value": problem.value,
    }
