"""What a review of held calendars found: places of the intake, minutes seen again, erasure."""

from __future__ import annotations

import copy
import dataclasses
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.utils import timezone

from sapar.booking import actions as booking
from sapar.cases import actions as cases
from sapar.kernel.errors import RefusedError
from sapar.kernel.languages import phrases
from sapar.proton import actions as proton
from sapar.proton.engine.promise import PromisedStep
from sapar.proton.jobs.scheduling import expire_holds
from sapar.proton.models import Course
from tests import cast
from tests.proton import worlds

if TYPE_CHECKING:
    from sapar.proton.engine.promise import CourseOffer

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_the_tick_leaves_a_place_that_is_held_after_an_old_calendar_ran_out() -> None:
    pk = worlds.centre()
    case = worlds.waiting_case()
    until = timezone.now() + timedelta(hours=1)
    worlds.held(case, worlds.offer(worlds.working_days(pk, 2)), until=until)
    day = timezone.localdate() + 9 * DAY
    booking.open_places(
        by=cast.actor("saule"), centre=pk, programme="protons", days=[day], per_day=1
    )
    with time_machine.travel(until + timedelta(minutes=1), tick=False):
        expire_holds()
        case.refresh_from_db()
        assert case.booking == "released"
        booking.hold(by=cast.actor("saule"), case=case.pk, version=None, day=day)
        expire_holds()
        case.refresh_from_db()
        assert case.booking == "held"
        assert Course.objects.get(case=case).state == "expired"
        cases.release_place(
            by=cast.actor("saule"), case=case.pk, version=None, reason="patient-request"
        )


def with_steps(offered: CourseOffer, *steps: PromisedStep) -> CourseOffer:
    (promise,) = offered.promises
    return dataclasses.replace(offered, promises=(dataclasses.replace(promise, before=steps),))


def codes(refused: pytest.ExceptionInfo[RefusedError]) -> set[str]:
    assert all(phrases.text(problem) for problem in refused.value.problems)
    return {problem.code for problem in refused.value.problems}


def test_minutes_of_a_device_are_looked_at_again_when_a_calendar_is_held() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 2, after=14)
    day = worlds.working_days(pk, 1)[0]
    limit = worlds.planning(pk).calendar.minutes_of("ct", day)
    assert limit is not None
    step = PromisedStep("ct", day, "ct", limit - 10)
    worlds.held(worlds.waiting_case(), with_steps(worlds.offer(days), step))
    more = dataclasses.replace(step, duration_min=11)
    late = worlds.waiting_case()
    with pytest.raises(RefusedError) as refused:
        worlds.held(late, with_steps(worlds.offer(days, start=700), more))
    assert codes(refused) == {"proton.verify.device_overload"}
    fits = dataclasses.replace(step, duration_min=10)
    worlds.held(late, with_steps(worlds.offer(days, start=700), fits))


def test_a_calendar_whose_steps_lie_in_the_past_is_not_held() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 2)
    step = PromisedStep("ct", timezone.localdate() - DAY, "ct", 30)
    with pytest.raises(RefusedError) as refused:
        worlds.held(worlds.waiting_case(), with_steps(worlds.offer(days), step))
    assert codes(refused) == {"proton.day_past"}


def test_the_last_place_of_a_quota_is_sold_once() -> None:
    pk = worlds.centre()
    today = timezone.localdate()
    data = copy.deepcopy(dict(worlds.planning(pk).view.data))
    data["quotas"] = [
        {"id": "kg", "country": "KG", "from": today.isoformat(),
         "to": (today + 90 * DAY).isoformat(), "courses": 1}
    ]  # fmt: skip
    proton.configure(
        by=cast.actor("yerlan"), centre=pk, data=data, valid_from=today, source=worlds.SOURCE
    )
    days = worlds.working_days(pk, 2)
    worlds.held(worlds.waiting_case(), worlds.offer(days, country="KG"))
    with pytest.raises(RefusedError) as refused:
        worlds.held(worlds.waiting_case(), worlds.offer(days, start=700, country="KG"))
    assert codes(refused) == {"proton.verify.quota_exceeded"}
    worlds.held(worlds.waiting_case(), worlds.offer(days, start=700, country="UZ"))
