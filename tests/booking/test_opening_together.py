"""Two desks that open the same days at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from sapar.booking import actions
from sapar.booking.models import Place
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)
DAYS = 5


def test_two_who_open_the_same_days_at_once_open_each_place_once() -> None:
    actors = [cast.actor(name) for name in ("timur", "saule")]
    first = timezone.localdate() + timedelta(days=7)
    together = Barrier(len(actors))

    def opening(by) -> int:
        try:
            together.wait(10)
            return actions.open_places(
                by=by,
                centre=by.organisation_id,
                programme="protons",
                days=[first + timedelta(days=n) for n in range(DAYS)],
                per_day=3,
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(opening, actors)) == [0, 3 * DAYS]
    assert Place.objects.count() == 3 * DAYS
