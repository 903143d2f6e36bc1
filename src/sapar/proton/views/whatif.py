"""What if: a change is chosen, worked out as jobs, and shown beside what is now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from sapar.design.components import Fact, PageProblem
from sapar.kernel import policy
from sapar.kernel.languages import formats, phrases
from sapar.proton import actions, queries
from sapar.proton.engine.scheduling import whatif as engine
from sapar.proton.engine.scheduling.whatif import Change
from sapar.proton.forms import GROUP_NAMES, USUAL, WhatIfForm
from sapar.proton.policy import Permission
from sapar.proton.queries import documents
from sapar.proton.views import comparing, solves, words
from sapar.proton.views.desk import Desk, at_desk, rail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.proton.queries.runs import RunView

NOW = "now"
NOTHING = "-"
MOST_RUNS = 200
EARLIER = 12


def key_of(version: int, year: int, change: Change | None) -> str:
    """The title under which runs of a change are kept: codes, so that any language can read it."""
    if change is None:
        return f"v{version}/{year} {NOW} 0 {NOTHING}"
    return f"v{version}/{year} {change.kind} {change.amount} {change.of or NOTHING}"


def _key(desk: Desk, change: Change | None) -> str:
    return key_of(desk.planning.view.number, _year(desk), change)


def _year(desk: Desk) -> int:
    """The year that is looked at: the next one, whole."""
    return desk.today.year + 1


def change_of(title: str) -> tuple[int, Change | None] | None:
    """The configuration's number and the change of a title; None where it is none of ours."""
    parts = title.split(" ")
    number = parts[0][1:].partition("/")[0]
    if len(parts) != 4 or not number.isdecimal() or not parts[2].isdecimal():
        return None
    change = Change(parts[1], int(parts[2]), "" if parts[3] == NOTHING else parts[3])
    return int(number), None if parts[1] == NOW else change


def title_words(title: str, document: Mapping[str, Any]) -> str:
    """What a what-if run is about."""
    found = change_of(title)
    if found is None:
        return title
    version, change = found
    said = change_words(change, document) if change else _("As it is")
    numbered = _("version {n}").format(n=formats.number(version))
    return f"{said} · {numbered}"


def address_of(title: str) -> str:
    """Where the change of a run is shown beside what is now; "" for what is now itself."""
    found = change_of(title)
    if found is None or found[1] is None:
        return reverse("proton:whatif")
    return address(found[1])


def address(change: Change) -> str:
    """The address of a change: it can be sent to others."""
    given = {"change": change.kind, "amount": str(change.amount), "of": change.of}
    return f"{reverse('proton:whatif')}?{urlencode(given)}"


def change_words(change: Change, document: Mapping[str, Any]) -> str:
    """A change as a short heading."""
    n = formats.number(change.amount)
    of = words.resource(change.of, document) if change.of else ""
    if change.kind == "protection":
        of = str(GROUP_NAMES.get(change.of, change.of))
    count = change.amount
    said = {
        "shift": ngettext(
            "A shift of {n} hour more a day", "A shift of {n} hours more a day", count
        ),
        "hour": ngettext("{n} hour more a day", "{n} hours more a day", count),
        "saturday": ngettext("Saturdays, {n} hour", "Saturdays, {n} hours", count),
        "room": ngettext("{n} room more", "{n} rooms more", count),
        "room-less": _("Without {of}"),
        "lost": ngettext("{of} is lost for {n} day", "{of} is lost for {n} days", count),
        "children": ngettext("{n} child more a year", "{n} children more a year", count),
        "patients": ngettext("{n} patient more a year", "{n} patients more a year", count),
        "protection": _("{of} count {n} times as much"),
        "reserve": ngettext(
            "{n} minute a day is kept for the urgent",
            "{n} minutes a day are kept for the urgent",
            count,
        ),
    }.get(change.kind, change.kind)
    return str(said).format(n=n, of=of)


@dataclass(frozen=True, slots=True)
class Pair:
    """The runs of one engine: as it is, and with the change; None where nobody asked yet."""

    engine: str
    before: RunView | None
    after: RunView | None


def engines_of(change: Change) -> tuple[str, ...]:
    """What is asked about a change: who goes first changes no ceiling."""
    return ("year",) if change.kind in {"protection", "reserve"} else ("capacity", "year")


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Permission.VIEW)
def whatif(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """The change of the address, what is known of it, and the button that works it out."""
    if request.method == "POST":
        policy.require(desk.actor, Permission.PLAN)
    choices = words.resources(desk.planning.document, devices=False)
    asked = request.GET.get("change", "")
    given = request.GET if asked else None
    form = WhatIfForm(choices, given, initial={"change": "shift", "amount": USUAL["shift"]})
    change, problems = None, []
    if given is not None and form.is_valid():
        change = form.wanted
        blocks = _blocks(desk)
        problems = _mistakes(blocks, change)
        if problems:
            change = None
        elif request.method == "POST":
            _ask(request, desk, change)
            return redirect(address(change))
    page: dict[str, Any] = {
        "lists": rail(desk.actor, "proton:whatif"),
        "form": form,
        "problems": problems,
        "may_plan": desk.may(Permission.PLAN),
        "here": reverse("proton:whatif"),
        "this": address(change) if change else "",
        "usual": _usual(desk),
        **_shown(desk, change),
    }
    wrong = bool(problems) or (given is not None and not form.is_valid())
    return render(request, "proton/whatif.html", page, status=422 if wrong else 200)


def _blocks(desk: Desk) -> dict[str, Any]:
    """The configuration's blocks, with how the centre promises: window, and what is kept."""
    blocks = documents.planning_blocks(desk.planning)
    chosen = desk.planning.choices
    policy = {key: chosen[key] for key in ("protection", "window_min") if key in chosen}
    return {**blocks, "policy": policy} if policy else blocks


def _mistakes(blocks: dict[str, Any], change: Change) -> list[PageProblem]:
    if not blocks.get("demand"):
        return [
            PageProblem(
                _("The configuration does not say who will come. Add a demand to it first."),
                reverse("proton:configuration"),
            )
        ]
    return [
        PageProblem(f"{phrases.text(problem)} {phrases.remedy(problem)}", f"#id_{problem.where}")
        for problem in engine.mistakes(blocks, change)
    ]


def _usual(desk: Desk) -> list[tuple[str, str]]:
    """Changes that are asked for most, as links."""
    document = desk.planning.document
    room = str(document["rooms"][-1]["id"])
    common = [
        Change("shift", 6),
        Change("room", 1, room),
        Change("lost", 3, room),
        Change("children", 100),
        Change("saturday", 6),
    ]
    return [(change_words(change, document), address(change)) for change in common]


def _runs(desk: Desk) -> dict[tuple[str, str], RunView]:
    """The newest what-if runs by title and engine; those that ended without an answer are left."""
    found: dict[tuple[str, str], RunView] = {}
    for run in queries.runs(desk.actor, desk.centre.pk, kind="what-if", most=MOST_RUNS):
        if run.state not in {"failed", "cancelled"}:
            found.setdefault((run.title, run.engine), run)
    return found


def _pairs(desk: Desk, change: Change, runs: Mapping[tuple[str, str], RunView]) -> list[Pair]:
    return [
        Pair(name, runs.get((_key(desk, None), name)), runs.get((_key(desk, change), name)))
        for name in engines_of(change)
    ]


def _ask(request: HttpRequest, desk: Desk, change: Change) -> None:
    """Ask for what nobody has asked yet; each question is a job of its own."""
    blocks = _blocks(desk)
    year = _year(desk)
    target = float(blocks["demand"]["courses_per_year"])
    known = _runs(desk)
    both = {
        _key(desk, None): engine.documents(blocks, year=year, target=target),
        _key(desk, change): engine.documents(
            engine.changed(blocks, change, _first_of(year)), year=year, target=target
        ),
    }
    count = 0
    for title, questions in both.items():
        for name in engines_of(change):
            if (title, name) not in known:
                actions.ask(
                    by=desk.actor, centre=desk.centre.pk, kind="what-if", engine=name,
                    problem=questions[name], title=title,
                )  # fmt: skip
                count += 1
    if change.kind == "lost" and _repair(desk, change, known) is None:
        _ask_repair(desk, change, _key(desk, change))
        count += 1
    if count:
        messages.success(request, _("It is being worked out. This page shows how far it is."))


def _first_of(year: int) -> date:
    """From when something is lost in the simulated year: the first Monday of March."""
    first = date(year, 3, 1)
    return first + timedelta(days=-first.weekday() % 7)


def _ask_repair(desk: Desk, change: Change, title: str) -> None:
    """What the loss would do to the books as they are, from tomorrow on."""
    first = _tomorrow(desk)
    until = first + timedelta(days=change.amount)
    lost = {"resource": change.of, "from": f"{first}T00:00", "to": f"{until}T00:00"}
    actions.ask(
        by=desk.actor, centre=desk.centre.pk, kind="what-if", engine="replan",
        problem=documents.replan_document(desk.centre.pk, [lost]), title=title, day=first,
    )  # fmt: skip


def _tomorrow(desk: Desk) -> date:
    return desk.today + timedelta(days=1)


def _repair(desk: Desk, change: Change, runs: Mapping[tuple[str, str], RunView]) -> RunView | None:
    """The repair of this loss from tomorrow on; one of yesterday is old: the books have changed."""
    found = runs.get((_key(desk, change), "replan"))
    return found if found is not None and found.day == _tomorrow(desk) else None


def _shown(desk: Desk, change: Change | None) -> dict[str, Any]:
    runs = _runs(desk)
    version = desk.planning.view.number
    earlier = [
        found[1]
        for title, _engine in runs
        if (found := change_of(title)) is not None and found[0] == version and found[1] is not None
    ]
    listed = list(dict.fromkeys(earlier))[:EARLIER]
    page: dict[str, Any] = {
        "earlier": [
            (change_words(each, desk.planning.document), address(each))
            for each in listed
            if each != change
        ],
        "change": change_words(change, desk.planning.document) if change else "",
    }
    if change is None:
        return page
    pairs = _pairs(desk, change, runs)
    repair = _repair(desk, change, runs)
    every = [run for pair in pairs for run in (pair.before, pair.after)]
    every += [repair] if change.kind == "lost" else []
    waiting = [run for run in every if run is not None and run.open]
    answers = {
        pair.engine: (_answer(desk, pair.before), _answer(desk, pair.after)) for pair in pairs
    }
    page |= {
        "missing": any(run is None for run in every),
        "working": [solves.around(desk, run) | {"what": _engine_words(run)} for run in waiting],
        "rows": comparing.rows(answers),
        "sentence": comparing.sentence(answers.get("capacity", (None, None))),
        "target": comparing.target(answers.get("capacity", (None, None))[1]),
        "repair": comparing.repair_words(_answer(desk, repair)),
        "mistakes": _wrong(answers),
        "year": _year(desk),
    }  # fmt: skip
    return page


def _wrong(answers: Mapping[str, tuple[Mapping[str, Any] | None, ...]]) -> list[dict[str, str]]:
    """The mistakes that an engine named in any of the questions."""
    given = [answer for both in answers.values() for answer in both if answer]
    return [each for answer in given for each in solves.mistakes(answer)]


def _engine_words(run: RunView) -> str:
    named = {
        "capacity": _("Patients a year"),
        "year": _("A simulated year"),
        "replan": _("The books as they are"),
    }.get(run.engine, run.engine)
    found = change_of(run.title)
    which = _("as it is") if found and found[1] is None else _("with the change")
    return f"{named}: {which}"


def _answer(desk: Desk, run: RunView | None) -> Mapping[str, Any] | None:
    if run is None or run.open:
        return None
    return queries.problem_and_answer(desk.actor, run.id)[1]


def capacity_facts(answer: Mapping[str, Any]) -> list[Fact]:
    """The figures of a capacity answer."""
    return comparing.capacity_facts(answer)
