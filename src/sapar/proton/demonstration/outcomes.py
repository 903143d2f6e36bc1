"""What became of the demonstration's patients: visits, grades, answers. All made up, and seeded."""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from sapar.kernel import context
from sapar.kernel.actors import Actor
from sapar.kernel.demonstration import require_demonstration
from sapar.proton.actions.questionnaires import plan_questionnaires
from sapar.proton.engine.outcomes import scoring
from sapar.proton.models import Course, Grade, Outcome, Questionnaire, Visit
from sapar.proton.queries.course_facts import TREATED, facts_of
from sapar.proton.queries.outcome_data import library
from sapar.proton.queries.questionnaires import form_of

if TYPE_CHECKING:
    from datetime import date

    from sapar.kernel.demonstration import Tell
    from sapar.proton.queries.course_facts import CourseFacts

SEED = 20260702
MOST = 12
"""So many courses get outcomes: a handful, to be looked at."""
NOTE = "Demonstration: made up."
FILLED = 0.75
"""The share of questionnaires that were filled in."""
HANDS = {"patient": "self", "child": "child", "caregiver": "guardian"}
"""Who answers the form of each voice."""
TARGETS = {
    "head-neck": "Oropharynx",
    "cns": "Brain",
    "breast": "Breast_L",
    "chest": "Lung_R",
    "prostate": "Prostate",
    "general": "SpinalCanal",
}
WEIGHTS = ((0, 46), (1, 34), (2, 16), (3, 4))
"""How often each grade is drawn, in per cent."""


def _silent(done: int, total: int) -> None:
    """Say nothing."""


def load(tell: Tell = _silent, *, seed: int = SEED) -> None:
    """Give outcomes to the treated courses of cases; a course that has visits is left as it is."""
    require_demonstration()
    rows = Course.objects.filter(state__in=TREATED, case__isnull=False).select_related("case")
    courses = list(rows.order_by("first", "pk")[:MOST])
    facts = facts_of(courses)
    for done, course in enumerate(courses, start=1):
        one = facts[course.pk]
        if one.delivered and not Visit.objects.filter(outcome__course=course).exists():
            # Each course has its own draws, so that a run that was killed goes on the same way.
            chance = random.Random(f"{seed}/{one.number}")  # noqa: S311 - no secret
            with transaction.atomic():
                _fill(course, one, chance)
        tell(done, len(courses))


def _fill(course: Course, facts: CourseFacts, chance: random.Random) -> None:
    today = timezone.localdate()
    plan_questionnaires(by=Actor.machine("demo"), course=course.pk, today=today)
    with context.writing_as("demo"):
        entry = Outcome.objects.get(course=course)
        entry.values = {"technique": "spot-scanning", "intent": "curative", "setting": "primary"}
        entry.targets = [{"site": TARGETS[facts.group], "dose-per-fraction": 1.8, "volume": "PTV"}]
        entry.recorded_at = timezone.now()
        entry.save()
        for day, occasion in _days(facts, today):
            _visit(entry, facts, day, occasion, chance)
        for row in entry.questionnaires.filter(closes__lt=today):
            if chance.random() < FILLED:
                _answer(row, chance)


def _days(facts: CourseFacts, today: date) -> list[tuple[date, str]]:
    """A visit before, one in the middle, and those after that have come about."""
    found = [(facts.start, "baseline")]
    if facts.end is not None:
        found.append((facts.end, "end"))
        found += [(facts.end + timedelta(days=n), "follow-up") for n in (30, 91, 182, 364)]
    else:
        found.append((facts.start + timedelta(days=14), "during"))
    return [(day, occasion) for day, occasion in found if day <= today]


def _visit(
    entry: Outcome, facts: CourseFacts, day: date, occasion: str, chance: random.Random
) -> None:
    visit = Visit(
        outcome=entry,
        centre_id=entry.centre_id,
        on=day,
        occasion=occasion,
        values={"disease": "no-evidence"} if occasion == "follow-up" else {},
        note=NOTE,
        recorded_at=_noon(day),
    )
    visit.save()
    offered = library().terms.offered(facts.group, child=facts.paediatric)
    grades, weights = zip(*WEIGHTS, strict=True)
    for term in chance.sample(offered, k=min(5, len(offered))):
        grade = 0 if occasion == "baseline" else chance.choices(grades, weights)[0]
        attribution = "probable" if grade else ""
        Grade(
            visit=visit, centre_id=entry.centre_id, term=term.id, grade=grade,
            attribution=attribution,
        ).save()  # fmt: skip


def _answer(row: Questionnaire, chance: random.Random) -> None:
    """Fill a form in as it would be: page by page, branching."""
    symptoms = form_of(row).symptoms
    answers: dict[str, int] = {}
    while (question := scoring.next_question(symptoms, answers)) is not None:
        for attribute in question.attributes:
            name = scoring.key(question.symptom, attribute)
            if name not in answers:
                answers[name] = chance.choices((0, 1, 2, 3), (50, 30, 15, 5))[0]
    found = scoring.grades(library().questionnaires.grading, symptoms, answers)
    row.answers, row.worst = answers, max(found.values(), default=0)
    row.state, row.answered_by = Questionnaire.State.DONE, HANDS[form_of(row).voice]
    row.begun_at = row.done_at = _noon(row.due)
    if row.worst >= scoring.SEVERE and chance.random() < 0.5:
        row.handled, row.handled_at = Questionnaire.Handled.CALLED, _noon(row.due)
    row.save()


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))
