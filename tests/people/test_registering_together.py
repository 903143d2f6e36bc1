"""Two who register, or link, the same human being at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from sapar.people import actions, queries
from sapar.people.models import DuplicateQuestion, Person
from tests import cast
from tests.people.test_registering import AIZADA, iin

if TYPE_CHECKING:
    from sapar.people.engine.facts import PersonFacts

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 4


def at_once(names: list[str], facts: list[PersonFacts]) -> list[actions.PersonOutcome]:
    """Register in as many threads, all begun together."""
    actors = [cast.actor(name) for name in names]
    together = Barrier(len(names))

    def one(place: int) -> actions.PersonOutcome:
        try:
            together.wait(10)
            return actions.register(by=actors[place], facts=facts[place])
        finally:
            connection.close()

    with ThreadPoolExecutor(len(names)) as pool:
        return list(pool.map(one, range(len(names))))


def test_one_organisation_that_sends_a_person_twice_at_once_has_one_record() -> None:
    made = at_once(["aigul"] * TIMES, [AIZADA] * TIMES)
    assert len({outcome.person_id for outcome in made}) == 1
    assert sum(outcome.created for outcome in made) == 1
    assert Person.objects.count() == 1


def test_two_organisations_at_once_have_a_record_each_and_the_records_are_linked() -> None:
    made = at_once(["aigul", "bakyt", "dilnoza"], [AIZADA] * 3)
    ids = {outcome.person_id for outcome in made}
    assert len(ids) == 3
    assert {queries.same_people(person) for person in ids} == {frozenset(ids)}


def test_two_that_may_be_one_are_asked_about_though_they_came_at_once() -> None:
    one = replace(AIZADA, identifiers=())
    made = at_once(["aigul", "bakyt"], [one, replace(one, city="Баткен")])
    assert len({outcome.person_id for outcome in made}) == 2
    assert DuplicateQuestion.objects.filter(state="open").count() == 1
    assert iin("19050160012")
