"""Erasing a person leaves minutes of rooms, and nobody whose they were."""

from __future__ import annotations

import pytest

from sapar.people import actions as people
from sapar.proton import actions
from sapar.proton.models import Course, Fraction
from sapar.proton.queries.documents import replan_document
from tests import cast
from tests.proton import worlds

pytestmark = pytest.mark.django_db


def test_age_origin_and_what_was_asked_go_and_the_books_stay_whole() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 3)
    case = worlds.waiting_case()
    worlds.held(case, worlds.offer(days, age=9, country="KG", deadline=days[-1]))
    actions.confirm(by=cast.actor("timur"), case=case.pk, version=None)
    assert case.person_id is not None
    people.erase(by=cast.actor("madina"), person=case.person_id, reason="The guardian asked.")
    course = Course.objects.get(case=case)
    assert (course.age, course.country, course.asked, course.deadline) == (None, "", {}, None)
    assert Fraction.objects.filter(course=course, state="planned").count() == 3
    lost = [{"resource": "G2", "from": f"{days[0]}T00:00", "to": f"{days[0]}T23:00"}]
    document = replan_document(pk, lost)
    assert [(c["protocol"], c["urgency"]) for c in document["courses"]] == [("lymphoma", "urgent")]
