"""Intake places: the first that fits, holds that end, and never two patients in one place."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from sapar.booking import actions, queries
from sapar.booking.engine.places import FreeDay, first_place
from sapar.booking.models import Hold, Place
from sapar.cases.models import Case
from sapar.kernel import context
from sapar.kernel.actors import Actor
from sapar.kernel.errors import InvalidInputError, NotAllowedError, RefusedError
from sapar.kernel.records import new_id
from tests import cast, factories

DAY = timedelta(days=1)


def tomorrow() -> date:
    return timezone.localdate() + DAY


def opened(days: int = 1, per_day: int = 2) -> list[date]:
    wanted = [tomorrow() + n * DAY for n in range(days)]
    actions.open_places(
        by=cast.actor("saule"),
        centre=cast.organisation("proton-astana").pk,
        programme="protons",
        days=wanted,
        per_day=per_day,
    )
    return wanted


free_day = st.builds(
    FreeDay, st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 3), st.just(3)
)


@given(
    st.lists(free_day, unique_by=lambda d: d.day), st.dates(date(2026, 1, 1), date(2026, 12, 31))
)
def test_the_first_place_is_free_not_too_early_and_none_fits_before_it(
    days: list[FreeDay], not_before: date
) -> None:
    found = first_place(days, not_before)
    fitting = sorted(d.day for d in days if d.free and d.day >= not_before)
    assert found.day == (fitting[0] if fitting else None)
    assert list(found.next_days) == fitting[1:4]


@pytest.mark.django_db
def test_opening_twice_opens_only_what_is_missing() -> None:
    opened(days=3, per_day=2)
    opened(days=4, per_day=2)
    assert Place.objects.count() == 8
    assert [d.free for d in queries.free_days(("protons",), tomorrow())["protons"]] == [2] * 4


@pytest.mark.django_db
def test_only_the_centre_opens_places() -> None:
    with pytest.raises(NotAllowedError):
        actions.open_places(
            by=cast.actor("aigul"),
            centre=cast.organisation("proton-astana").pk,
            programme="protons",
            days=[tomorrow()],
            per_day=1,
        )


@pytest.mark.django_db
@pytest.mark.parametrize("per_day", [0, -1, 101])
def test_a_senseless_number_of_places_is_refused(per_day: int) -> None:
    with pytest.raises(InvalidInputError):
        opened(per_day=per_day)


@pytest.mark.django_db
def test_a_case_holds_one_place_and_confirms_it() -> None:
    (day,) = opened(per_day=1)
    case = factories.make_case(state="visa-settled", programme="protons")
    saule = cast.actor("saule")
    version = actions.hold(by=saule, case=case.pk, version=None, day=day)
    place = queries.place_of(case.pk)
    assert place is not None
    assert (place.day, place.confirmed) == (day, False)
    other = factories.make_case(state="visa-settled", programme="protons")
    with pytest.raises(RefusedError):
        actions.hold(by=saule, case=other.pk, version=None, day=day)
    actions.confirm(by=saule, case=case.pk, version=version)
    confirmed = queries.place_of(case.pk)
    assert confirmed is not None
    assert confirmed.until is None
    case.refresh_from_db()
    assert case.booking == "confirmed"


@pytest.mark.django_db
def test_a_hold_that_ran_out_is_free_at_once_and_ended_by_the_tick() -> None:
    (day,) = opened(per_day=1)
    case = factories.make_case(state="visa-settled", programme="protons")
    until = timezone.now() + timedelta(hours=1)
    actions.hold(by=cast.actor("saule"), case=case.pk, version=None, day=day, until=until)
    with time_machine.travel(until + timedelta(minutes=1), tick=False):
        assert queries.place_of(case.pk) is None
        assert queries.free_days(("protons",), day)["protons"][0].free == 1
        hold = Hold.objects.get(case=case)
        assert actions.expire(by=Actor.machine("tick"), hold=hold.pk)
        case.refresh_from_db()
        assert case.booking in {"released", "none"}
        assert not actions.expire(by=Actor.machine("tick"), hold=hold.pk)


@pytest.mark.django_db
def test_a_cancelled_case_lets_its_place_go() -> None:
    from sapar.cases import actions as cases

    (day,) = opened(per_day=1)
    case = factories.make_case(state="visa-settled", programme="protons")
    saule = cast.actor("saule")
    version = actions.hold(by=saule, case=case.pk, version=None, day=day)
    version = cases.request_cancel(
        by=saule, case=case.pk, version=version, reason="patient-request"
    )
    cases.cancel(by=saule, case=case.pk, version=version, reason="patient-request")
    assert queries.place_of(case.pk) is None
    assert queries.free_days(("protons",), day)["protons"][0].free == 1


CLIENTS, ATTEMPTS, PLACES = 50, 10_000, 100


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_fifty_clients_in_ten_thousand_attempts_never_sell_a_place_twice() -> None:
    """Each client tries random cases on random days; every place ends with exactly one case."""
    days = opened(days=10, per_day=PLACES // 10)
    pattern = factories.make_case(state="visa-settled", programme="protons")
    cases = _copies(pattern, PLACES + 50)
    outcomes: Counter[str] = Counter()
    lock = threading.Lock()

    def client(number: int) -> None:
        mine: Counter[str] = Counter()
        try:
            for attempt in range(ATTEMPTS // CLIENTS):
                case = cases[(number * 31 + attempt * 7) % len(cases)]
                mine[_attempt(case, days[(number + attempt) % len(days)])] += 1
        finally:
            connection.close()
        with lock:
            outcomes.update(mine)

    threads = [threading.Thread(target=client, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(outcomes.values()) == ATTEMPTS
    assert outcomes["sold"] == PLACES
    live = Hold.objects.filter(state="held")
    assert live.count() == live.values("place").distinct().count() == PLACES
    assert live.values("case").distinct().count() == PLACES


def _copies(pattern: Case, count: int) -> list[Case]:
    made = []
    with context.writing_as("fixture"):
        for number in range(count):
            copy = Case.objects.get(pk=pattern.pk)
            copy.pk, copy.number, copy._state.adding = new_id(), f"S-X-{number}", True
            copy.save()
            made.append(copy)
    return made


def _attempt(case: Case, day: date) -> str:
    """Sell a place as an action does: one transaction, refused where it must be."""
    if Hold.objects.filter(case=case, state="held").exists():
        return "has one"
    if not actions.free_places("protons", timezone.now()).filter(day=day).exists():
        return "full"
    try:
        actions.hold(by=Actor.machine("test"), case=case.pk, version=None, day=day)
    except RefusedError:
        return "refused"
    except Exception as error:  # noqa: BLE001 - the test must see every other outcome
        return f"{type(error).__name__}: {error}"[:80]
    return "sold"
