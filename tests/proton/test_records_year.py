"""The demonstration's year: made by the engine, obeys every rule, the same for the same seed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from sapar.proton.actions import books
from sapar.proton.demonstration import a_year
from sapar.proton.engine.ledger import faults
from sapar.proton.models import Course, Fraction, MachineEvent
from sapar.proton.queries.configuration import require_planning
from tests.proton import worlds

if TYPE_CHECKING:
    from uuid import UUID

pytestmark = pytest.mark.django_db
BACK = timedelta(weeks=4)


def _shape(centre: UUID) -> list[tuple[object, ...]]:
    rows = Fraction.objects.filter(centre_id=centre).order_by("course__label", "number")
    return list(rows.values_list("course__label", "number", "date", "room", "start", "state"))


def test_the_books_obey_every_rule_and_stand_where_their_days_say() -> None:
    pk = worlds.centre()
    a_year.load(back=BACK)
    today = timezone.localdate()
    courses = Course.objects.filter(centre_id=pk)
    assert courses.count() > 25
    assert {"confirmed", "held", "in-treatment"} <= set(courses.values_list("state", flat=True))
    assert not Fraction.objects.filter(date__lt=today, state="planned").exists()
    assert not Fraction.objects.filter(date__gte=today).exclude(state="planned").exists()
    document = dict(require_planning(pk, today).document)
    days = Fraction.objects.values_list("date", flat=True).distinct()
    assert days.count() > 20
    new = [books.slot(row, row.course) for row in Fraction.objects.select_related("course")]
    assert faults(document, (), new) == ()
    assert MachineEvent.objects.filter(begins__gt=timezone.now()).exists()
    before = Course.objects.count()
    a_year.load(back=BACK)
    assert Course.objects.count() == before


def test_the_same_seed_fills_the_same_books() -> None:
    first = worlds.centre()
    a_year.load(back=timedelta(weeks=3), seed=5)
    shape = _shape(first)
    from sapar.kernel import context

    with context.writing_as("fixture"):
        for model in (Fraction, Course.steps.rel.related_model, MachineEvent, Course):
            model.objects.all().delete()
    a_year.load(back=timedelta(weeks=3), seed=5)
    assert _shape(first) == shape
