"""The patient's own page: where am I, what is next, what must I bring, my papers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sapar.answer import panels
from sapar.answer import queries as answers
from sapar.answer.phrases import ITEMS
from sapar.answer.views import trail, words
from sapar.answer.views.frame import documents, steps
from sapar.cases import queries
from sapar.cases.models import Case
from sapar.cases.policy import Permission
from sapar.cases.states import LANES
from sapar.kernel import policy
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.audit import chain
from sapar.kernel.languages import formats, phrases
from sapar.kernel.roles import Role
from sapar.network import naming
from sapar.network.queries import snapshot
from sapar.people import queries as people
from sapar.proton import queries as proton

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.cases.queries import CaseView
    from sapar.kernel.actors import Actor

TOLD = ("payer", "visa", "calendar", "stay", "rehabilitation")
"""Lines of the answer that a family reads, in this order."""
READS = 20
VISITS = 10
"""So many days are shown; all of them are in the file for the telephone."""
PAPERS = {"passport", "pathology", "mri", "ct", "operation-note", "blood-count", "virology",
          "echocardiography", "medical-summary"}  # fmt: skip
"""Items of a referral that a family carries with them."""


@require_safe
@signed_in
def my(request: HttpRequest) -> HttpResponseBase:
    """One column, large type, four blocks. Without script, and short enough for a slow line."""
    actor = actor_of(request)
    if Role.PATIENT not in actor.roles:
        raise Http404
    rows = policy.visible_to(
        actor, Permission.VIEW, Case.objects.filter(person_id__in=actor.patient_ids)
    ).order_by("-created_at", "-pk")
    found = list(rows.values_list("pk", "number"))
    if not found:
        return render(request, "answer/my_empty.html", {})
    wanted = request.GET.get("case", "")
    case = next((pk for pk, number in found if number == wanted), found[0][0])
    view = queries.case_view(actor, case)
    roots = [("case", case)] + ([("patient", view.person_id)] if view.person_id else [])
    chain.note_reads(by=actor, roots=roots, page="my", purpose="own")
    return render(
        request,
        "answer/my.html",
        {
            "case": view,
            "name": _name(view),
            "where": _where(view),
            "lanes": _lanes(view),
            "next": _next(view),
            "told": _told(case),
            "bring": _bring(view),
            "papers": documents(actor, case),
            "visits": _visits(case),
            "questions": _questions(actor, case),
            "others": [number for pk, number in found if pk != case],
            "steps": [s for s in steps(actor, case, None) if s.key.startswith("cases.")],
            **_who(actor, case, view),
        },
    )


def _name(view: CaseView) -> str:
    if view.person_id is None:
        return ""
    return people.person(view.person_id).display_name(get_language() or "")


def _calm(meaning: str, view: CaseView) -> str:
    """What others must do is no alarm for the family: only their own step is."""
    return "waiting" if meaning == "act" and view.awaited_role != Role.PATIENT else meaning


def _where(view: CaseView) -> dict[str, Any]:
    track, state = view.stage
    lane = next((lane for lane in (*view.lanes, view.whole) if lane.track == track), view.whole)
    return {
        "track": words.TRACK_NAMES[track],
        "state": words.state(track, state),
        "meaning": _calm(lane.meaning, view),
        "since": words.since(lane.since),
    }


def _lanes(view: CaseView) -> list[dict[str, Any]]:
    """The five tracks in words, without clocks: those are for the people who work."""
    by_track = {lane.track: lane for lane in view.lanes}
    return [
        {
            "name": words.TRACK_NAMES[track.name],
            "state": words.state(track.name, by_track[track.name].state),
            "meaning": _calm(track.state(by_track[track.name].state).meaning, view),
        }
        for track in LANES
    ]


def _next(view: CaseView) -> dict[str, str]:
    if view.awaited is None:
        return {"what": "", "who": ""}
    return {"what": words.sentence(view.awaited), "who": words.role(view.awaited_role)}


def _told(case: UUID) -> list[dict[str, str]]:
    """What the newest answer says of money, visa, dates, the stay and what follows."""
    given = answers.latest(case)
    if given is None:
        return []
    lines = {line.key: line for line in panels.shown(given.answer).lines}
    return [
        {"question": str(lines[f"answer-{key}"].question),
         "statement": str(lines[f"answer-{key}"].statement)}
        for key in TOLD
    ]  # fmt: skip


def _visits(case: UUID) -> dict[str, Any]:
    """When to come, from today on: day, hour, and whether it is certain. No clinical word."""
    course = proton.course_of_case(case)
    if course is None or course.state not in {"held", "confirmed", "in-treatment"}:
        return {}
    ahead = [f for f in course.fractions if f.state == "planned" and f.day >= timezone.localdate()]
    return {
        "days": [
            {
                "day": f"{formats.weekday(each.day)}, {formats.day(each.day)}",
                "time": f"{_clock(each.window_from)}–{_clock(each.window_to)}",
            }
            for each in ahead[:VISITS]
        ],
        "more": max(0, len(ahead) - VISITS),
        "held": course.state == "held",
        "city": _city(Organisation.objects.get(pk=course.centre)),
        "file": reverse("proton:appointments", args=[case]),
    }


def _questions(actor: Actor, case: UUID) -> list[dict[str, Any]]:
    """Questionnaires of the treatment that the reader can fill in today."""
    return [
        {
            "occasion": phrases.word(f"proton.outcome.asked.{line.occasion}"),
            "voice": ""
            if line.voice == "patient"
            else phrases.word(f"proton.outcome.voice_asked.{line.voice}"),
            "closes": line.closes,
            "begun": line.answered > 0,
            "href": reverse("proton:questionnaire", args=[line.id]),
        }
        for line in proton.open_forms_of_case(case, timezone.localdate(), actor)
    ]


def _city(centre: Organisation) -> str:
    """The city whose time it is: where the family travels, which need not name the time zone."""
    found = naming.city(centre.code)
    return found if found != centre.code else formats.zone_city(centre.time_zone)


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def _bring(view: CaseView) -> list[str]:
    """Papers to carry: the passport, what the programme asks for, the letters of the journey."""
    programme = snapshot(timezone.localdate()).programmes.get(view.programme)
    wanted = [_("The passport of the patient, and of each person who comes along")]
    if programme is not None:
        papers = [item for item in programme.required if item in PAPERS - {"passport"}]
        wanted += [words.capital(str(ITEMS[f"item.{item}"])) for item in papers]
        wanted += [words.capital(phrases.word(f"letter.{code}")) for code in programme.letters]
    return wanted


def _who(actor: Actor, case: UUID, view: CaseView) -> dict[str, Any]:
    """Who looked at the record, and who broke the glass."""
    roots = [("case", case)] + ([("patient", view.person_id)] if view.person_id else [])
    seen: dict[tuple[str, str, str], dict[str, Any]] = {}
    own = words.purpose("own")
    for row in trail.of_roots(roots)["read"]:
        if row["why"] == own:
            continue
        key = (row["who"], row["where"], row["at"].date().isoformat())
        seen.setdefault(key, row)
    return {
        "readers": list(seen.values())[:READS],
        "glass": trail.glass(actor, case),
        "case_address": reverse("answer:my"),
    }
