"""The page of a repair: what moves and why, who is prolonged, who approves, and writing it down."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from sapar.design.components import Fact
from sapar.kernel import policy
from sapar.kernel.audit import chain
from sapar.kernel.errors import InvalidInputError, RefusedError
from sapar.kernel.languages import formats, phrases
from sapar.proton import actions, queries
from sapar.proton.forms import VerdictForm
from sapar.proton.models import Approval
from sapar.proton.policy import Permission
from sapar.proton.queries import people, work
from sapar.proton.views import solves, words
from sapar.proton.views.desk import Desk, at_desk, rail
from sapar.proton.views.naming import labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.proton.queries.people import Who
    from sapar.proton.queries.runs import ApprovalView, RunView
    from sapar.proton.queries.work import CourseName

BY = {
    "same-day": gettext_lazy("another time of the same day"),
    "matched-room": gettext_lazy("a room that gives the same plan"),
    "weekend": gettext_lazy("a day of the weekend"),
    "second-daily": gettext_lazy("a second fraction on one day, six hours apart"),
    "photon": gettext_lazy("photons elsewhere"),
    "later": gettext_lazy("a later day"),
    "extended-hours": gettext_lazy("longer hours"),
}
PAGE = "repair"
PARTS = {
    "physicist": (gettext_lazy("Medical physicist"), Permission.APPROVE_PHYSICS),
    "physician": (gettext_lazy("Physician"), Permission.APPROVE_MEDICINE),
}
KINDS = {
    "dose": gettext_lazy("A higher dose in the fractions that are left"),
    "fractions": gettext_lazy("More fractions of the same dose"),
}
MEANS = {
    "weekends": gettext_lazy("weekends"),
    "second-daily": gettext_lazy("a second fraction on one day"),
    "photon": gettext_lazy("photons elsewhere"),
    "extended-hours": gettext_lazy("longer hours"),
}


def title_words(title: str, document: Mapping[str, Any]) -> str:
    """What was lost and when, from the codes that the title keeps."""
    parts = title.split()
    if len(parts) != 3:
        return title
    try:
        begin, end = datetime.fromisoformat(parts[1]), datetime.fromisoformat(parts[2])
    except ValueError:
        return title
    return _("{resource} lost, {begin} to {end}").format(
        resource=words.resource(parts[0], document), begin=_moment(begin), end=_moment(end)
    )


def _moment(at: datetime) -> str:
    return f"{formats.short_day(at.date())}, {at:%H:%M}"


def shown(request: HttpRequest, desk: Desk, run: RunView) -> HttpResponseBase:
    """A repair: its progress while it runs, then the proposal."""
    _problem, answer = queries.problem_and_answer(desk.actor, run.id)
    page: dict[str, Any] = {
        "lists": rail(desk.actor, "proton:runs"),
        "title": title_words(run.title, desk.planning.document),
        "problems": solves.mistakes(answer) if answer else (),
        **solves.around(desk, run),
    }
    called = labels(desk, answer, PAGE)
    page["reasons"] = solves.reasons(answer, called) if answer else ()
    if answer and answer.get("moves") is not None:
        page |= _proposal(desk, run, answer, called)
    return render(request, "proton/replan.html", page)


def _proposal(
    desk: Desk, run: RunView, answer: Mapping[str, Any], called: Mapping[str, str]
) -> dict[str, Any]:
    moves, prolonged = answer.get("moves", ()), answer.get("prolonged", ())
    ids = [str(each["course"]) for each in (*moves, *prolonged)]
    names = work.course_names(desk.centre.pk, ids)
    known = people.known(desk.actor, [name.case for name in names.values() if name.case])
    chain.note_reads(by=desk.actor, roots=people.roots(known.values()), page=PAGE)
    said = queries.approvals(run.id)
    needed = [str(each["course"]) for each in prolonged if _asks(each)]
    missing = [
        (course, part)
        for course in needed
        for part in PARTS
        if (course, part) not in {(str(each.course), each.part) for each in said}
    ]
    return {
        "lead": _lead(answer),
        "bound": _bound(answer),
        "moves": [_move(each, names, known, called) for each in _ordered(moves, names)],
        "prolonged": [_prolonged(desk, run, each, names, known, said) for each in prolonged],
        "missing": len(missing),
        "may_apply": run.state == "done" and not missing and desk.may(Permission.PLAN)
        and answer.get("status") in {"optimal", "feasible"},
        "may_plan": desk.may(Permission.PLAN),
    }  # fmt: skip


def _asks(entry: Mapping[str, Any]) -> bool:
    """Whether the two must speak of this course (the same rule as the action's)."""
    return bool(entry.get("compensation"))


def _lead(answer: Mapping[str, Any]) -> str:
    people_moved = int(answer.get("moved_courses", 0))
    longer = len(answer.get("prolonged", ()))
    said = ngettext("{count} patient moves", "{count} patients move", people_moved).format(
        count=formats.number(people_moved)
    )
    more = ngettext(
        "{count} course becomes longer", "{count} courses become longer", longer
    ).format(count=formats.number(longer))
    kept = int(answer.get("kept", 0))
    stay = ngettext("{count} fraction stays", "{count} fractions stay", kept).format(
        count=formats.number(kept)
    )
    return f"{said}, {more}, {stay}."


def _bound(answer: Mapping[str, Any]) -> str:
    bound = answer.get("bound")
    least = bound.get("moved_courses") if isinstance(bound, dict) else bound
    if not isinstance(least, int | float):
        return ""
    if int(least) >= int(answer.get("moved_courses", 0)):
        return _("No plan moves fewer people: proven.")
    return _("No plan moves fewer than {count} people.").format(count=formats.number(int(least)))


def _ordered(
    moves: Iterable[Mapping[str, Any]], names: Mapping[str, CourseName]
) -> list[Mapping[str, Any]]:
    return sorted(
        moves,
        key=lambda m: (
            m["from"]["date"],
            m["from"]["start"],
            names[str(m["course"])].label if str(m["course"]) in names else "",
            m["fraction"],
        ),
    )


def _called(
    course: str, names: Mapping[str, CourseName], known: Mapping[UUID, Who]
) -> dict[str, Any]:
    name = names.get(course)
    who = known.get(name.case) if name is not None and name.case is not None else None
    return {
        "who": who,
        "name": name.label if name is not None and name.case is None else _("A patient"),
        "protocol": name.protocol if name is not None else "",
    }


def _place(place: Mapping[str, Any] | None) -> str:
    if place is None:
        return _("not planned anew")
    when = formats.short_day(date.fromisoformat(place["date"]))
    return f"{when}, {place['start']}, {place['room']}"


def _move(
    move: Mapping[str, Any],
    names: Mapping[str, CourseName],
    known: Mapping[UUID, Who],
    called: Mapping[str, str],
) -> dict[str, Any]:
    return {
        **_called(str(move["course"]), names, known),
        "fraction": move["fraction"],
        "from": _place(move["from"]),
        "to": _place(move.get("to")),
        "lost": move.get("to") is None,
        "by": str(BY.get(str(move["by"]), move["by"])),
        "why": solves.said(move.get("why") or (), called),
        "outside": move.get("in_window") is False and move.get("to") is not None,
    }


def _prolonged(  # noqa: PLR0917 - what stands in one block
    desk: Desk,
    run: RunView,
    entry: Mapping[str, Any],
    names: Mapping[str, CourseName],
    known: Mapping[UUID, Who],
    said: Sequence[ApprovalView],
) -> dict[str, Any]:
    course = str(entry["course"])
    by_part = {each.part: each for each in said if str(each.course) == course}
    days = int(entry.get("days", 0))
    return {
        **_called(course, names, known),
        "course": course,
        "days": _("longer by {days}").format(days=words.days(days)) if days else _("not longer"),
        "gap": words.days(int(entry["gap_days"])) if entry.get("gap_days") else "",
        "compensation": _compensation(entry.get("compensation") or {}),
        "asks": _asks(entry),
        "parts": [
            {
                "code": part,
                "label": label,
                "said": by_part.get(part),
                "verdict": dict(Approval.Verdict.choices).get(by_part[part].verdict, "")
                if part in by_part
                else "",
                "meaning": _meaning(by_part.get(part)),
                "may": part not in by_part and run.state == "done" and desk.may(permission),
            }
            for part, (label, permission) in PARTS.items()
        ],
    }


def _meaning(said: ApprovalView | None) -> str:
    if said is None:
        return "waiting"
    return "done" if said.verdict == Approval.Verdict.APPROVED else "act"


def _gy(value: Any) -> str:
    return _("{n} Gy").format(n=words.figure(float(value)))


def _compensation(given: Mapping[str, Any]) -> dict[str, Any]:
    """What the delay costs, and the proposals against it, in words and figures."""
    terms = (
        ("lost_eqd2_gy", _("Lost to the tumour, in fractions of 2 Gy")),
        ("tumour_bed_planned_gy", _("Tumour as planned, BED")),
        ("tumour_bed_gy", _("Tumour as it is now, BED")),
        ("late_bed_planned_gy", _("Healthy tissue as planned, late BED")),
    )
    facts = [Fact(term, _gy(given[key])) for key, term in terms if given.get(key) is not None]
    audit = given.get("audit") or {}
    if audit.get("days") is not None:
        said = _("more than {days}") if audit.get("exceeded") else _("within {days}")
        found = said.format(days=words.days(int(audit["days"])))
        facts.append(Fact(_("Against the audit's limit"), found, _("the limit is not verified")))
    if given.get("avoid_first"):
        named = ", ".join(str(MEANS.get(each, each)) for each in given["avoid_first"])
        facts.append(Fact(_("Ask first for"), named))
    return {
        "facts": facts,
        "proposals": [_proposed(each) for each in given.get("proposals", ())],
        "says": solves.said(given.get("says", ())),
    }


def _proposed(given: Mapping[str, Any]) -> dict[str, str]:
    return {
        "kind": str(KINDS.get(given["kind"], given["kind"])),
        "fractions": formats.number(int(given["fractions"])),
        "dose": _gy(given["per_fraction_gy"]),
        "tumour": _gy(given["tumour_bed_gy"]),
        "late": _gy(given["late_bed_gy"]),
        "change": _gy(given["late_bed_change_gy"]),
    }


@require_POST
@at_desk(Permission.VIEW)
def verdict(request: HttpRequest, desk: Desk, run: UUID, part: str) -> HttpResponseBase:
    """A physicist or a physician approves a compensation, or decides otherwise with a reason."""
    if part not in PARTS:
        raise Http404
    policy.require(desk.actor, PARTS[part][1])
    found = solves.find(desk, run)
    form = VerdictForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            for error in errors:
                messages.error(request, str(error))
        return redirect("proton:run", run)
    given = form.cleaned_data
    try:
        actions.approve(
            by=desk.actor, run=found.id, course=given["course"], part=part,
            verdict=given["verdict"], reason=given["reason"],
        )  # fmt: skip
    except (InvalidInputError, RefusedError) as error:
        for problem in error.problems:
            messages.error(request, f"{phrases.text(problem)} {phrases.remedy(problem)}")
    else:
        messages.success(request, _("Your word is kept."))
    return redirect("proton:run", run)
