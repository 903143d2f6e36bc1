"""Calculations: what was asked, how far it is, its answer in words. No page waits for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from sapar.design.components import Fact
from sapar.kernel.audit import chain
from sapar.kernel.errors import RefusedError
from sapar.kernel.languages import formats, phrases
from sapar.proton import actions, queries
from sapar.proton.models import Run
from sapar.proton.policy import Permission
from sapar.proton.queries import people
from sapar.proton.views import booked, fair, replan, whatif, words
from sapar.proton.views.desk import Desk, at_desk, rail
from sapar.proton.views.naming import labels, note_mentioned
from sapar.proton.views.solves import (
    MEANINGS,
    around,
    figures,
    find,
    kind_words,
    mistakes,
    reasons,
    state_words,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from typing import Any
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.proton.queries.runs import RunView


def title_of(run: RunView, desk: Desk) -> str:
    """What a calculation is about, in the reader's words: titles are kept in codes."""
    if run.kind == Run.Kind.WHAT_IF:
        return whatif.title_words(run.title, desk.planning.document)
    if run.kind == Run.Kind.REPLAN:
        return replan.title_words(run.title, desk.planning.document)
    if run.kind == Run.Kind.DAY and run.day is not None:
        return formats.day(run.day)
    return kind_words(run.kind) if run.day is not None else run.title


def _asked(run: RunView) -> str:
    """What was asked: a what-if also says of which engine."""
    kind = kind_words(run.kind)
    return f"{kind}: {kind_words(run.engine)}" if run.kind == Run.Kind.WHAT_IF else kind


@require_safe
@at_desk(Permission.VIEW)
def runs(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """The calculations of the centre, the newest first; filters in the address."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in Run.Kind.values else ""
    found = queries.runs(desk.actor, desk.centre.pk, kind=kind)
    page = {
        "lists": rail(desk.actor, "proton:runs"),
        "rows": [
            {
                "run": each,
                "href": reverse("proton:run", args=[each.id]),
                "kind": _asked(each),
                "title": title_of(each, desk) or kind_words(each.kind),
                **figures(each),
                "state": state_words(each.state),
                "meaning": MEANINGS.get(each.state, ""),
            }
            for each in found
        ],
        "kinds": [("", _("All")), *Run.Kind.choices],
        "kind": kind,
        "here": reverse("proton:runs"),
        "may_plan": desk.may(Permission.PLAN),
    }
    return render(request, "proton/runs.html", page)


@require_safe
@at_desk(Permission.VIEW)
def run(request: HttpRequest, desk: Desk, run: UUID) -> HttpResponseBase:
    """One calculation: its progress while it runs, its answer when it has one."""
    found = find(desk, run)
    if found.engine == "replan" and found.kind != Run.Kind.WHAT_IF:
        return replan.shown(request, desk, found)
    problem, answer = queries.problem_and_answer(desk.actor, run)
    called = labels(desk, answer, "run")
    page = {
        "lists": rail(desk.actor, "proton:runs"),
        "title": title_of(found, desk),
        "kind": kind_words(found.kind),
        "facts": answer_facts(found.engine, answer) if answer else (),
        "reasons": reasons(answer, called) if answer else (),
        "problems": mistakes(answer) if answer else (),
        "may_apply": _may_apply(desk, found, answer),
        "what_if": whatif.address_of(found.title) if found.kind == Run.Kind.WHAT_IF else "",
        "day": _day_address(found.day) if found.kind == Run.Kind.DAY else "",
        "size": len(problem),
        **around(desk, found),
    }
    if found.kind == Run.Kind.BOOK and answer and answer.get("courses") is not None:
        page |= booked.proposal(desk, answer, called) | fair.fairness(answer)
    return render(request, "proton/run.html", page)


def _day_address(day: date | None) -> str:
    return reverse("proton:day_of", args=[day.isoformat()]) if day else ""


def _may_apply(desk: Desk, run: RunView, answer: Mapping[str, Any] | None) -> bool:
    solved = (answer or {}).get("status") in {"optimal", "feasible"}
    fresh = run.state == "done" and run.kind in {Run.Kind.DAY, Run.Kind.BOOK}
    return bool(fresh and solved and desk.may(Permission.PLAN))


def status_words(answer: Mapping[str, Any]) -> str:
    """What kind of answer it is: never more than what is proven."""
    return {
        "optimal": _("The best possible: proven"),
        "feasible": _("A plan that keeps all rules"),
        "infeasible": _("No plan is possible: proven"),
        "unknown": _("No plan was found; none is excluded"),
    }.get(str(answer.get("status", "")), "")


def _stopped(answer: Mapping[str, Any]) -> str:
    return {
        "proof": _("when it was proven"),
        "work": _("when its budget of work was used"),
        "clock": _("by the safety clock"),
        "stop": _("because somebody asked for the best so far"),
    }.get(str(answer.get("stopped_by", "")), "")


def answer_facts(engine: str, answer: Mapping[str, Any]) -> list[Fact]:
    """The figures of an answer as terms and values."""
    found = [Fact(_("Answer"), status_words(answer))] if answer.get("status") else []
    if answer.get("makespan_min") is not None:
        minutes = formats.number(answer["makespan_min"])
        found.append(Fact(_("Length of the day"), _("{n} min").format(n=minutes)))
        bound = (answer.get("bound") or {}).get("makespan_min")
        if bound is not None:
            away = int(answer["makespan_min"]) - int(bound)
            found.append(
                Fact(_("Away from the best possible"), _("{n} min").format(n=formats.number(away)))
            )
    if engine == "book" and answer.get("objective") is not None:
        found += [
            Fact(_("Weighted days of waiting"), rounded(answer["objective"])),
            Fact(_("Nothing can be better than"), rounded(answer["bound"])),
            Fact(_("Courses without a place"), formats.number(len(answer.get("unplaced", ())))),
        ]
    if engine == "capacity" and answer.get("patients"):
        found += whatif.capacity_facts(answer)
    if _stopped(answer):
        found.append(Fact(_("It ended"), _stopped(answer)))
    return found


def rounded(value: float) -> str:
    """A figure with at most one decimal, in the reader's form."""
    return words.decimal(value)


@require_safe
@never_cache
@at_desk(Permission.VIEW)
def progress(request: HttpRequest, desk: Desk, run: UUID) -> HttpResponseBase:
    """How far it is, as a fragment that asks again; once it has ended the page loads anew."""
    found = find(desk, run)
    response = render(request, "proton/working.html", around(desk, found))
    if not found.open:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@at_desk(Permission.PLAN)
def stop(request: HttpRequest, desk: Desk, run: UUID) -> HttpResponseBase:
    """End a search with the best so far."""
    found = find(desk, run)
    try:
        actions.stop(by=desk.actor, run=found.id)
    except RefusedError as error:
        for problem in error.problems:
            messages.error(request, f"{phrases.text(problem)} {phrases.remedy(problem)}")
    else:
        messages.success(request, _("It ends soon, with the best so far."))
    return redirect("proton:run", run)


@require_POST
@at_desk(Permission.PLAN)
def apply(request: HttpRequest, desk: Desk, run: UUID) -> HttpResponseBase:
    """Write the order of a day, or a repair, on the books."""
    found = find(desk, run)
    text = request.POST.get("version", "")
    version = int(text) if text.isdecimal() and len(text) < len("1000000000") else 0
    try:
        if found.kind == Run.Kind.BOOK:
            told = _hold(request, desk, found, version)
        else:
            write = actions.apply_replan if found.engine == "replan" else actions.apply_day
            moved = write(by=desk.actor, run=found.id, version=version)
            said = _("It is on the books. Fractions that moved: {count}.")
            told = said.format(count=formats.number(moved))
    except RefusedError as error:
        note_mentioned(desk, error.problems, "run")
        for problem in error.problems[:5]:
            said = f"{phrases.text(problem)} {phrases.remedy(problem)}"
            # A place is a day and a room; other places are ids, which say nothing to a person.
            here = "" if ":" in problem.where else f"{problem.where}: "
            messages.error(request, f"{here}{said}")
    else:
        messages.success(request, told)
    return redirect("proton:run", run)


def _hold(request: HttpRequest, desk: Desk, run: RunView, version: int) -> str:
    """Hold the proposed calendars; a case that could not be held is named with the reason."""
    made = actions.apply_book(by=desk.actor, run=run.id, version=version)
    known = people.known(desk.actor, [case for case, _problems in made.refused[:5]])
    chain.note_reads(by=desk.actor, roots=people.roots(known.values()), page="booking-run")
    for case, problems in made.refused[:5]:
        who = known.get(case)
        name = who.number if who else _("A patient")
        messages.error(request, f"{name}: {phrases.text(problems[0])}")
    said = _("Calendars that are held now: {count}.")
    return said.format(count=formats.number(len(made.held)))
