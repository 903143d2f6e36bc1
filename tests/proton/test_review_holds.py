"""What a review of held calendars found: places of the intake, minutes seen again, erasure."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from sapar.booking import actions as booking
from sapar.cases import actions as cases
from sapar.proton.jobs import expire_holds
from sapar.proton.models import Course
from tests import cast
from tests.proton import worlds

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
