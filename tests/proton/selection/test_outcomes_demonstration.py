"""The demonstration's outcomes: made up, said so, the same for the same seed, loaded once."""

from __future__ import annotations

import pytest

from sapar.proton.demonstration.outcomes import NOTE, load
from sapar.proton.models import Grade, Questionnaire, Visit
from tests.proton.selection import outcome_worlds as worlds

pytestmark = pytest.mark.django_db


def kept() -> list[tuple]:
    rows = Grade.objects.order_by("visit__on", "term")
    forms = Questionnaire.objects.order_by("due")
    return [
        *rows.values_list("visit__on", "term", "grade"),
        *forms.values_list("occasion", "state", "worst"),
    ]


@pytest.mark.usefixtures("demonstration")
def test_treated_courses_get_visits_and_answers_that_say_that_they_are_made_up() -> None:
    worlds.treated(ended=400)
    worlds.treated(ended=-10, given=0)
    load()
    assert set(Visit.objects.values_list("note", flat=True)) == {NOTE}
    assert Visit.objects.count() == 6
    assert Questionnaire.objects.filter(state="done").exists()
    assert not Grade.objects.filter(visit__occasion="baseline", grade__gt=0).exists()
    before = kept()
    load()
    assert kept() == before


@pytest.fixture
def demonstration(settings) -> None:
    settings.DEMONSTRATION = True
