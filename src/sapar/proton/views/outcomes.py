"""The registry of outcomes: its list, one course in it, writing, and giving it out."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sapar.cases.models import Case
from sapar.kernel import policy
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.audit import chain
from sapar.kernel.languages import formats, phrases
from sapar.proton import source_words
from sapar.proton.actions.outcome_export import export_outcomes
from sapar.proton.forms_outcomes import HandledForm, mistakes
from sapar.proton.models import Grade, Outcome, Visit
from sapar.proton.policy import Permission
from sapar.proton.queries import people
from sapar.proton.queries import registry as queries
from sapar.proton.queries.outcome_data import library
from sapar.proton.queries.questionnaires import symptom_name, trends
from sapar.proton.views import outcome_words as words
from sapar.proton.views.desk import Desk, at_desk, rail
from sapar.proton.views.naming import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.kernel.actors import Actor
    from sapar.proton.queries.questionnaires import Trend
    from sapar.proton.queries.registry import Entry, EntryLine, FieldValue

MOST_ROWS = 200


@require_safe
@signed_in
def registry(request: HttpRequest) -> HttpResponseBase:
    """The courses that the reader follows; severe answers and missed forms stand first.

    The people of a centre see its courses, the doctor at home those of the patients they sent.
    """
    actor = actor_of(request)
    policy.require(actor, Permission.SEE_OUTCOME)
    lines = queries.entries(actor, timezone.localdate(), most=MOST_ROWS)
    who = people.known(actor, [line.facts.case for line in lines])
    chain.note_reads(by=actor, roots=people.roots(who.values()), page="outcomes")
    centre = actor.organisation_id
    own = Outcome(centre_id=centre) if centre is not None else None
    page = {
        "lists": rail_for(actor),
        "rows": [_row(line, who) for line in lines],
        "severe": sum(len(line.severe) for line in lines),
        "missed": sum(line.missed for line in lines),
        "may_export": own is not None and policy.can(actor, Permission.EXPORT_OUTCOMES, own),
        "may_compare": policy.can(actor, Permission.COUNT_OUTCOMES),
        "most": MOST_ROWS if len(lines) >= MOST_ROWS else 0,
    }
    return render(request, "proton/outcomes.html", page)


def _row(line: EntryLine, who: Mapping[Any, Any]) -> dict[str, Any]:
    facts = line.facts
    known = who.get(facts.case)
    return {
        "href": reverse("proton:outcome", args=[facts.case]),
        "name": known.name if known is not None else _("A patient"),
        "number": known.number if known is not None else "",
        "group": words.group(facts.group),
        "first": facts.start,
        "given": f"{formats.number(facts.delivered)}/{formats.number(facts.planned)}",
        "ended": facts.end,
        "share": f"{formats.number(line.known)}/{formats.number(line.asked)}",
        "known": line.known,
        "asked": line.asked,
        "last_visit": line.last_visit,
        "worst": line.worst,
        "worst_word": words.grade(line.worst) if line.worst else "",
        "worst_meaning": "" if line.worst is None else words.meaning_of_grade(line.worst),
        "open": line.open_forms,
        "missed": line.missed,
        "severe": len(line.severe),
    }


def case_for(request: HttpRequest, case: UUID, permission: str) -> tuple[Actor, Case]:
    """The case for a reader who may; for everybody else there is none."""
    actor = actor_of(request)
    row = Case.objects.filter(pk=case).first()
    if row is None or not policy.can(actor, permission, row):
        raise Http404
    return actor, row


def entry_found(case: UUID) -> Entry:
    """The entry of a case, or 404."""
    found = queries.entry_of(case, timezone.localdate())
    if found is None:
        raise Http404
    return found


def called(actor: Actor, case: UUID) -> str:
    """Who it is about, for who may know; the read of the case is noted either way."""
    who = people.known(actor, [case])
    chain.note_reads(by=actor, roots=[("case", case)], page="outcome")
    return name_of(case, "", who)


@require_safe
@signed_in
def entry(request: HttpRequest, case: UUID) -> HttpResponseBase:
    """One course: effects over time, what the patient says, what the registry still lacks."""
    actor, row = case_for(request, case, Permission.SEE_OUTCOME)
    found = entry_found(case)
    page = {
        "lists": rail_for(actor),
        "case": row,
        "name": called(actor, case),
        "entry": found,
        "lead": _lead(found),
        "may_write": policy.can(actor, Permission.RECORD_OUTCOME, row),
        "fields": _shown(found.course),
        "young": _shown(found.paediatric),
        "targets": [_shown(target) for target in found.targets],
        "visits": [_visit(each) for each in found.visits],
        "mistakes": mistakes(),
        "forms": [_form(each) for each in found.forms],
        "severe": [_form(f) for f in found.forms if f.worst == 3 and not f.handled],
        "handled": HandledForm(auto_id=False),
        "trends": [_trend(each) for each in trends(found.forms)],
        "two_voices": {"child", "caregiver"} <= {form.voice for form in found.forms},
        "unverified": source_words.shown(library().questionnaires.source.title),
        "terms": library().terms,
    }
    return render(request, "proton/outcome.html", page)


def rail_for(actor: Actor) -> list[Any]:
    """The rail of the room, for who has one; the doctor at home has none."""
    return rail(actor, "proton:outcomes") if policy.can(actor, Permission.VIEW) else []


def _lead(found: Entry) -> str:
    facts = found.facts
    given = formats.number(facts.delivered)
    said = _("{group}. {given} of {planned} fractions given since {start}.").format(
        group=words.group(facts.group),
        given=given,
        planned=formats.number(facts.planned),
        start=formats.day(facts.start),
    )
    if facts.end is not None:
        said += " " + _("The last one on {day}.").format(day=formats.day(facts.end))
    return said


def _shown(values: Iterable[FieldValue]) -> list[dict[str, Any]]:
    return [
        {
            "label": words.field(each.item),
            "value": words.value(each.item, each.value),
            "by": each.by,
            "mark": each.item.source.mark.value,
            "source": source_words.shown(each.item.source.title),
        }
        for each in values
    ]


def _visit(each: Any) -> dict[str, Any]:
    names = {
        item.id: item for item in (*library().fields.visit, *library().fields.visit_paediatric)
    }
    return {
        "visit": each,
        "occasion": dict(Visit.Occasion.choices).get(each.occasion, each.occasion),
        "phase": phrases.word(f"proton.outcome.phase.{each.phase}"),
        "grades": [
            {
                "name": words.term(g.term),
                "grade": g.grade,
                "word": words.grade(g.grade),
                "meaning": words.meaning_of_grade(g.grade),
                "attribution": dict(Grade.Attribution.choices).get(g.attribution, "")
                if g.grade
                else "",
            }
            for g in each.grades
        ],
        "values": [
            (words.field(names[key]), words.value(names[key], value))
            for key, value in each.values.items()
            if key in names
        ],
    }


def _form(line: Any) -> dict[str, Any]:
    return {
        "line": line,
        "occasion": words.occasion(line.occasion),
        "voice": words.voice(line.voice),
        "standing": words.standing(line.standing),
        "meaning": words.STANDINGS[line.standing],
        "worst": [
            symptom_name(symptom, words.language())
            for symptom, grade in line.grades.items()
            if grade == 3
        ],
        "told_by": phrases.word(f"proton.outcome.told_by.{line.answered_by}")
        if line.answered_by
        else "",
    }


def _trend(found: Trend) -> dict[str, Any]:
    """A small table: symptoms down, occasions across, composite grades in the cells."""
    heads = [words.occasion(each) for each in found.occasions]
    return {
        "voice": words.voice(found.voice),
        "heads": heads,
        "rows": [
            {
                "name": symptom_name(symptom, words.language()),
                "cells": [
                    {
                        "head": head,
                        "grade": grade,
                        "word": "" if grade is None else words.composite(grade),
                        "meaning": "" if grade is None else words.meaning_of_grade(grade),
                    }
                    for head, grade in zip(heads, grades, strict=True)
                ],
            }
            for symptom, grades in found.grades.items()
        ],
    }


@require_POST
@at_desk(Permission.EXPORT_OUTCOMES)
def export(_request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """The registry without names, as a ZIP of FHIR Bundles."""
    made = export_outcomes(by=desk.actor, centre=desk.centre.pk)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parcel:
        for name in sorted(made.files):
            # A fixed day: the file tells nothing of when it was made but by its content.
            parcel.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), made.files[name])
    response = HttpResponse(out.getvalue(), content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="registry.zip"'
    return response
