"""The questions for a patient, on a phone: one symptom a page, without a script, to be gone on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sapar.cases.models import Case
from sapar.kernel import policy
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.audit import chain
from sapar.kernel.errors import InvalidInputError, RefusedError
from sapar.kernel.languages import formats, phrases
from sapar.kernel.roles import Role
from sapar.proton.actions import questionnaires as actions
from sapar.proton.engine.outcomes import scoring
from sapar.proton.models import Questionnaire
from sapar.proton.policy import Permission
from sapar.proton.queries.outcome_data import library
from sapar.proton.queries.questionnaires import (
    SEVERE,
    FormLine,
    Step,
    form_of,
    forms_of_cases,
    line_of,
    step_of,
    symptom_name,
)
from sapar.proton.views import outcome_words as words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.kernel.actors import Actor


@require_safe
@signed_in
def questions(request: HttpRequest) -> HttpResponseBase:
    """Everything that a patient was asked: open first, then what was missed, then what is done."""
    actor = actor_of(request)
    if Role.PATIENT not in actor.roles:
        raise Http404
    rows = Case.objects.filter(person_id__in=actor.patient_ids)
    cases = list(policy.visible_to(actor, Permission.ANSWER, rows).values_list("pk", flat=True))
    lines = forms_of_cases(cases, timezone.localdate())
    read = {("case", line.case) for line in lines}
    chain.note_reads(by=actor, roots=sorted(read, key=str), page="questions", purpose="own")
    page = {
        name: [_line(line) for line in lines if line.standing == name]
        for name in ("open", "missed", "done")
    }
    return render(request, "proton/questionnaires.html", page)


def _line(line: FormLine) -> dict[str, Any]:
    return {
        "href": reverse("proton:questionnaire", args=[line.id]),
        "occasion": words.occasion(line.occasion),
        "answered": formats.number(line.answered),
        "of": formats.number(line.of),
        "begun": line.answered > 0,
        "closes": line.closes,
        "done": line.done_at,
    }


def _row(request: HttpRequest, form: UUID) -> tuple[Actor, Questionnaire]:
    """A form for who may answer it; for everybody else there is none."""
    actor = actor_of(request)
    row = Questionnaire.objects.select_related("case").filter(pk=form).first()
    if row is None or not policy.can(actor, Permission.ANSWER, row.case):
        raise Http404
    chain.note_reads(by=actor, roots=[("case", row.case_id)], page="questionnaire", purpose="own")
    return actor, row


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def form(request: HttpRequest, form: UUID) -> HttpResponseBase:
    """The next question of a form, one that is wanted again, or the look over all answers."""
    actor, row = _row(request, form)
    line = line_of(row, timezone.localdate())
    if line.standing != "open":
        return render(request, "proton/questionnaire_closed.html", _closed(row, line))
    if request.method == "POST":
        return _answer(request, actor, row)
    step = step_of(row, request.GET.get("at", ""))
    if step is None:
        return render(request, "proton/questionnaire_look.html", _look(row, line))
    return render(request, "proton/questionnaire.html", _step(row, line, step))


def _step(row: Questionnaire, line: FormLine, step: Step, missing: str = "") -> dict[str, Any]:
    language = words.language()
    return {
        "form": row,
        "occasion": words.occasion(line.occasion),
        "symptom": step.symptom.names.get(language, step.symptom.names["en"]),
        "key": step.symptom.id,
        "place": step.place,
        "of": step.of,
        "before": step.before,
        "first": step.place == 1 and not row.answers,
        "caregiver": form_of(row).caregiver,
        "missing": missing,
        "asked": [
            {
                "attribute": attribute,
                "question": asked.question[language],
                "options": [
                    (value, word, value == given)
                    for value, word in enumerate(asked.options[language])
                ],
                "missing": missing == attribute,
            }
            for attribute, asked, given in step.asked
        ],
    }


def _answer(request: HttpRequest, actor: Actor, row: Questionnaire) -> HttpResponseBase:
    """Keep the answers of a page, then lead on to the next one."""
    symptom = request.POST.get("symptom", "")
    step = step_of(row, symptom)
    if step is None or step.symptom.id != symptom:
        return redirect("proton:questionnaire", row.pk)
    given = _given(request, step)
    missing = next((a for a, _asked, _value in step.asked if a not in given), "")
    if missing and not (given and _is_none(given, step)):
        page = _step(row, line_of(row, timezone.localdate()), step, missing)
        return render(request, "proton/questionnaire.html", page, status=422)
    try:
        actions.answer(
            by=actor, form=row.pk, symptom=symptom, answers=given, language=words.language()
        )
    except (InvalidInputError, RefusedError) as error:
        page = {"problems": [f"{phrases.text(p)} {phrases.remedy(p)}" for p in error.problems]}
        return render(request, "proton/questionnaire_refused.html", page, status=error.http_status)
    return redirect("proton:questionnaire", row.pk)


def _given(request: HttpRequest, step: Step) -> dict[str, int]:
    found = {}
    for attribute, _asked, _value in step.asked:
        text = request.POST.get(attribute, "")
        if text in {str(n) for n in range(scoring.MOST + 1)}:
            found[attribute] = int(text)
    return found


def _is_none(given: Mapping[str, int], step: Step) -> bool:
    """Whether an answer of 0 makes what is not answered needless."""
    for attribute, _asked, _value in step.asked:
        if attribute not in given:
            return False
        if given[attribute] == 0:
            return True
    return True


def _look(row: Questionnaire, line: FormLine) -> dict[str, Any]:
    """All answers in words, each with a way back, before they are sent."""
    language = words.language()
    asked = library().questionnaires.words(form_of(row))
    here = reverse("proton:questionnaire", args=[row.pk])
    return {
        "form": row,
        "occasion": words.occasion(line.occasion),
        "lines": [
            {
                "name": symptom_name(symptom.id, language),
                "said": "; ".join(
                    asked[attribute].options[language][row.answers[name]]
                    for attribute in symptom.attributes
                    if (name := scoring.key(symptom.id, attribute)) in row.answers
                ),
                "href": f"{here}?at={symptom.id}",
            }
            for symptom in form_of(row).symptoms
        ],
    }


def _closed(row: Questionnaire, line: FormLine) -> dict[str, Any]:
    return {
        "form": row,
        "standing": line.standing,
        "occasion": words.occasion(line.occasion),
        "severe": [
            symptom_name(symptom, words.language())
            for symptom, grade in line.grades.items()
            if grade >= SEVERE
        ]
        if line.standing == "done"
        else [],
        "opens": line.opens,
        "closes": line.closes,
    }


@require_POST
@signed_in
def send(request: HttpRequest, form: UUID) -> HttpResponseBase:
    """Give the answers to the centre."""
    actor, row = _row(request, form)
    try:
        actions.send(by=actor, form=row.pk)
    except RefusedError as error:
        page = {"problems": [f"{phrases.text(p)} {phrases.remedy(p)}" for p in error.problems]}
        return render(request, "proton/questionnaire_refused.html", page, status=error.http_status)
    return redirect("proton:questionnaire", row.pk)
