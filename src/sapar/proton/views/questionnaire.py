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
from sapar.proton.engine.outcomes.forms import CAREGIVER, CHILD, PATIENT
from sapar.proton.models import Questionnaire
from sapar.proton.policy import Permission
from sapar.proton.queries.outcome_data import library
from sapar.proton.queries.questionnaires import (
    HANDS,
    SEVERE,
    FormLine,
    Step,
    asks_whose_hand,
    form_of,
    forms_of_cases,
    is_for,
    line_of,
    open_forms_of_case,
    relation_of,
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
    from sapar.proton.engine.outcomes.forms import Asked, Symptom

HAND = "hand"
"""The name of the question who chooses a child's answers."""
AGAIN = "again"
"""In the address where that is to be asked again."""


@require_safe
@signed_in
def questions(request: HttpRequest) -> HttpResponseBase:
    """Everything that a patient was asked: open first, then what was missed, then what is done."""
    actor = actor_of(request)
    if Role.PATIENT not in actor.roles:
        raise Http404
    rows = Case.objects.filter(person_id__in=actor.patient_ids)
    cases = list(policy.visible_to(actor, Permission.ANSWER, rows).values_list("pk", flat=True))
    lines = forms_of_cases(cases, timezone.localdate(), actor)
    read = {("case", line.case) for line in lines}
    chain.note_reads(by=actor, roots=sorted(read, key=str), page="questions", purpose="own")
    answered = {(line.case, line.occasion) for line in lines if line.standing in {"open", "done"}}
    missed = {
        (line.case, line.occasion): line
        for line in lines
        if line.standing == "missed" and (line.case, line.occasion) not in answered
    }
    page = {
        "open": [_line(line) for line in lines if line.standing == "open"],
        "missed": [_line(line) for line in missed.values()],
        "done": [_line(line) for line in lines if line.standing == "done"],
    }
    return render(request, "proton/questionnaires.html", page)


def _line(line: FormLine) -> dict[str, Any]:
    return {
        "href": reverse("proton:questionnaire", args=[line.id]),
        "occasion": words.occasion(line.occasion),
        "voice": words.voice_asked(line.voice),
        "said_by": "" if line.voice == PATIENT else words.voice(line.voice),
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
    if not is_for(form_of(row), relation_of(actor, row.case.person_id)):
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
    if _whose_hand_first(request, actor, row):
        page = _start(row, line, actor, missing=HAND in request.GET)
        return render(request, "proton/questionnaire_start.html", page)
    step = step_of(row, request.GET.get("at", ""))
    if step is None:
        return render(request, "proton/questionnaire_look.html", _look(actor, row, line))
    page = _step(row, line, step) | {"hand": request.GET.get(HAND, "")}
    return render(request, "proton/questionnaire.html", page)


def _whose_hand_first(request: HttpRequest, actor: Actor, row: Questionnaire) -> bool:
    """Whether it is asked first who chooses the answers: of a child's form on another's phone."""
    if not asks_whose_hand(form_of(row), relation_of(actor, row.case.person_id)):
        return False
    return request.GET.get(HAND) not in HANDS and (
        row.answered_by not in HANDS or AGAIN in request.GET
    )


def _start(row: Questionnaire, line: FormLine, actor: Actor, *, missing: bool) -> dict[str, Any]:
    """The page before a child's form: who chooses, and the way to the adult's own questions."""
    others = open_forms_of_case(row.case_id, timezone.localdate(), actor)
    own = [x for x in others if x.voice == CAREGIVER and x.occasion == row.occasion]
    return {
        "form": row,
        "voice": words.voice_asked(CHILD),
        "occasion": words.occasion(line.occasion),
        "hands": [(value, words.hand(value), value == row.answered_by) for value in HANDS],
        "missing": missing,
        "at": form_of(row).symptoms[0].id if row.answers else "",
        "own": reverse("proton:questionnaire", args=[own[0].id]) if own else "",
    }


def _step(row: Questionnaire, line: FormLine, step: Step, missing: str = "") -> dict[str, Any]:
    language = words.language()
    known = library().questionnaires
    voice = form_of(row).voice
    first = step.place == 1 and not row.answers
    return {
        "form": row,
        "occasion": words.occasion(line.occasion),
        "voice": words.voice_asked(voice),
        "symptom": step.symptom.named(language, voice),
        "key": step.symptom.id,
        "place": step.place,
        "of": step.of,
        "before": step.before,
        "first": first,
        "caregiver": voice == CAREGIVER,
        "intro": known.child_intro[language] if first and voice == CHILD else "",
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
    if given and _is_none(given, step):
        missing = ""
    hand = request.POST.get(HAND, "")
    if missing:
        page = _step(row, line_of(row, timezone.localdate()), step, missing) | {"hand": hand}
        return render(request, "proton/questionnaire.html", page, status=422)
    try:
        actions.answer(
            by=actor, form=row.pk, symptom=symptom, answers=given, language=words.language(),
            hand=hand,
        )  # fmt: skip
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


def _look(actor: Actor, row: Questionnaire, line: FormLine) -> dict[str, Any]:
    """All answers in words, each with a way back, before they are sent."""
    language = words.language()
    voice = form_of(row).voice
    asks = asks_whose_hand(form_of(row), relation_of(actor, row.case.person_id))
    asked = library().questionnaires.words(form_of(row))
    here = reverse("proton:questionnaire", args=[row.pk])
    return {
        "form": row,
        "occasion": words.occasion(line.occasion),
        "voice": words.voice_asked(voice),
        "child": voice == CHILD,
        "hand": words.hand(row.answered_by) if asks else "",
        "hand_href": f"{here}?{AGAIN}",
        "lines": [
            {
                "name": symptom.named(language, voice),
                "said": _said(symptom, asked, row.answers, language),
                "href": f"{here}?at={symptom.id}",
            }
            for symptom in form_of(row).symptoms
        ],
    }


def _said(
    symptom: Symptom, asked: Mapping[str, Asked], answers: Mapping[str, int], language: str
) -> list[tuple[str, str]]:
    """The answers to a symptom: what was asked, where there is more than one, and the answer."""
    given = [a for a in symptom.attributes if scoring.key(symptom.id, a) in answers]
    return [
        (
            words.attribute(each) if len(given) > 1 else "",
            asked[each].options[language][answers[scoring.key(symptom.id, each)]],
        )
        for each in given
    ]


def _closed(row: Questionnaire, line: FormLine) -> dict[str, Any]:
    return {
        "form": row,
        "standing": line.standing,
        "occasion": words.occasion(line.occasion),
        "voice": "" if line.voice == PATIENT else words.voice(line.voice),
        "child": line.voice == CHILD,
        "severe": [
            symptom_name(symptom, words.language(), line.voice)
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
