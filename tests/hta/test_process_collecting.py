"""What the platform counts by itself for a decision: months of courses, and nobody's course."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine

from sapar.hta import collecting
from sapar.hta.actions.deciding import COLLECTED
from sapar.hta.jobs import collect
from sapar.hta.models import Decision, Observation, Topic, Watch
from sapar.kernel import context
from sapar.kernel.errors import InvalidInputError
from sapar.kernel.jobs import worker
from sapar.proton.models import Course
from sapar.proton.queries import outcomes
from tests import cast
from tests.hta import process_world as world

if TYPE_CHECKING:
    from uuid import UUID

pytestmark = pytest.mark.django_db
CENTRE = "proton-astana"
LIVING = [
    {"parameter": "u_S1", "collector": "proton.stopped", "centre": CENTRE},
    {"parameter": "p_die", "collector": "nothing.like_this", "centre": CENTRE},
]


def courses(state: Course.State, count: int, last: date, protocol: str = "cns") -> UUID:
    """Courses of nobody, that ended on a day."""
    centre = cast.organisation(CENTRE)
    with context.writing_as("fixture"):
        for _ in range(count):
            Course.objects.create(
                centre=centre, protocol=protocol, urgency="routine", state=state,
                first=last - timedelta(days=40), last=last, window_from=480, window_to=540,
                fractions_planned=30,
                ended_at="2027-01-01T00:00:00Z" if state == Course.State.STOPPED else None,
            )  # fmt: skip
    return centre.pk


def test_courses_of_a_month_are_counted_by_how_they_ended() -> None:
    courses(Course.State.FINISHED, 5, date(2027, 5, 3))
    courses(Course.State.FINISHED, 4, date(2027, 6, 1))
    courses(Course.State.TREATING, 2, date(2027, 6, 20))
    centre = courses(Course.State.STOPPED, 3, date(2027, 5, 31), protocol="spine")
    found = outcomes(centre, date(2027, 5, 1), date(2027, 5, 31))
    assert (found.finished, found.stopped, found.began) == (5, 3, 2)
    assert outcomes(centre, date(2027, 5, 1), date(2027, 5, 31), "spine").finished == 0


def test_the_last_whole_month_is_the_one_before() -> None:
    assert collecting.month_before(date(2027, 3, 1)) == (date(2027, 2, 1), date(2027, 2, 28))
    assert collecting.month_before(date(2028, 1, 31)) == (date(2027, 12, 1), date(2027, 12, 31))


def test_each_month_is_kept_once_and_looked_at() -> None:
    decision = Decision.objects.get(pk=world.published(living=LIVING, wrong_chance=0.5))
    courses(Course.State.FINISHED, 130, date(2027, 5, 3))
    courses(Course.State.STOPPED, 370, date(2027, 5, 4))
    with time_machine.travel(date(2027, 6, 2)):
        collect()
        collect()
        worker.drain()
    [row] = Observation.objects.all()
    assert (row.parameter, row.came_from) == ("u_S1", "proton.stopped")
    assert row.data == {"events": 370, "people": 500}
    assert (row.period_from, row.period_to) == (date(2027, 5, 1), date(2027, 5, 31))
    look = Watch.objects.get(decision=decision)
    assert look.posterior["u_S1"]["a"] == pytest.approx(130 + 370)
    assert not look.fired


def test_months_before_the_decision_held_and_months_without_courses_are_not_counted() -> None:
    world.published(living=LIVING)
    courses(Course.State.FINISHED, 3, date(2027, 3, 3))
    for day in (date(2027, 4, 2), date(2027, 6, 2)):
        with time_machine.travel(day):
            collect()
    assert not Observation.objects.exists()
    assert not Topic.objects.filter(opened_by_machine=True).exists()


def test_what_is_collected_must_fit_the_input_when_it_is_decided() -> None:
    topic = world.voted()
    for parameter, code in (("c_B", "hta.run.observed"), ("nobody", "hta.process.watched")):
        asked = [{"parameter": parameter, "collector": "proton.stopped", "centre": CENTRE}]
        with pytest.raises(InvalidInputError) as caught:
            world.decided(topic=topic, living=asked)
        assert [p.code for p in caught.value.problems] == [code]
    assert {key for key, _collect in collecting.collectors.items()} == set(COLLECTED)
