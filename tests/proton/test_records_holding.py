"""Held calendars: never the same minutes twice, confirmed once, released with the case."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from sapar.cases import actions as cases
from sapar.cases.models import Case
from sapar.kernel import context
from sapar.kernel.actors import Actor
from sapar.kernel.errors import NotAllowedError, RefusedError
from sapar.kernel.records import new_id
from sapar.proton import actions
from sapar.proton.jobs.scheduling import expire_holds
from sapar.proton.models import Course, Fraction
from sapar.proton.queries.courses import course_of_case, held
from tests import cast
from tests.proton import worlds

pytestmark = pytest.mark.django_db


def codes(refused: pytest.ExceptionInfo[RefusedError]) -> set[str]:
    return {problem.code for problem in refused.value.problems}


def test_a_held_calendar_is_confirmed_and_its_case_is_booked() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 15)
    case = worlds.waiting_case()
    version = worlds.held(case, worlds.offer(days))
    view = course_of_case(case.pk)
    assert view is not None
    assert (view.state, view.first, view.last) == ("held", days[0], days[-1])
    assert [f.number for f in view.fractions] == list(range(1, 16))
    assert view.fractions[0].end - view.fractions[0].start == 31  # the first one takes longer
    assert view.fractions[1].end - view.fractions[1].start == 23
    (kept,) = held(case.pk)
    assert kept.until is not None
    actions.confirm(by=cast.actor("timur"), case=case.pk, version=version)
    case.refresh_from_db()
    assert case.booking == "confirmed"
    confirmed = course_of_case(case.pk)
    assert confirmed is not None
    assert confirmed.until is None
    with pytest.raises(RefusedError):
        actions.confirm(by=cast.actor("timur"), case=case.pk, version=None)


def test_the_second_who_wants_the_same_minutes_is_refused_and_keeps_nothing() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 5)
    worlds.held(worlds.waiting_case(), worlds.offer(days))
    other = worlds.waiting_case()
    with pytest.raises(RefusedError) as refused:
        worlds.held(other, worlds.offer(days, start=610))
    assert codes(refused) == {"proton.verify.room_overlap"}
    assert len(refused.value.problems) == 5
    other.refresh_from_db()
    assert other.booking == "none"
    assert not Course.objects.filter(case=other).exists()
    assert not Fraction.objects.filter(course__case=other).exists()


def test_two_rooms_do_not_use_the_beam_at_once() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 3)
    worlds.held(worlds.waiting_case(), worlds.offer(days, start=600))
    with pytest.raises(RefusedError) as refused:
        worlds.held(worlds.waiting_case(), worlds.offer(days, start=603, room="G2"))
    assert codes(refused) == {"proton.verify.beam_overlap"}
    worlds.held(worlds.waiting_case(), worlds.offer(days, start=606 + 8, room="G2"))


def test_one_team_does_not_put_two_children_to_sleep_at_once() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 2)
    asleep = {"anaesthesia": True, "age": 5}
    worlds.held(worlds.waiting_case(), worlds.offer(days, start=540, **asleep))
    with pytest.raises(RefusedError) as refused:
        worlds.held(worlds.waiting_case(), worlds.offer(days, start=560, room="G2", **asleep))
    assert "proton.verify.team_overload" in codes(refused)
    with pytest.raises(RefusedError) as refused:
        worlds.held(
            worlds.waiting_case(),
            worlds.offer(days, start=620, room="G2", anaesthesia=True, age=2),
        )
    assert codes(refused) == {"proton.verify.fasting_order"}


def test_nothing_is_booked_outside_the_hours_or_in_the_past() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 2)
    with pytest.raises(RefusedError) as refused:
        worlds.held(worlds.waiting_case(), worlds.offer(days, start=1250))
    assert codes(refused) == {"proton.verify.room_closed"}
    past = [timezone.localdate() - timedelta(days=1)]
    with pytest.raises(RefusedError) as refused:
        worlds.held(worlds.waiting_case(), worlds.offer(past))
    assert codes(refused) == {"proton.day_past"}


def test_only_who_books_for_the_case_holds_and_confirms() -> None:
    pk = worlds.centre()
    offered = worlds.offer(worlds.working_days(pk, 2))
    case = worlds.waiting_case()
    for name in ("aigul", "marat", "almaty", "gulnar"):
        with pytest.raises(NotAllowedError):
            actions.hold(by=cast.actor(name), case=case.pk, version=None, offer=offered)
    worlds.held(case, offered)
    with pytest.raises(NotAllowedError):
        actions.confirm(by=cast.actor("aigul"), case=case.pk, version=None)


def test_a_case_that_holds_again_lets_its_first_calendar_go() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 3)
    case = worlds.waiting_case()
    worlds.held(case, worlds.offer(days))
    cases.release_place(
        by=cast.actor("timur"), case=case.pk, version=None, reason="patient-request"
    )
    assert course_of_case(case.pk) is None
    worlds.held(case, worlds.offer(days))
    states = Counter(Course.objects.filter(case=case).values_list("state", flat=True))
    assert states == {"released": 1, "held": 1}


def test_a_hold_that_ran_out_is_free_at_once_and_the_tick_releases_its_case() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 3)
    case, other = worlds.waiting_case(), worlds.waiting_case()
    until = timezone.now() + timedelta(hours=1)
    worlds.held(case, worlds.offer(days), until=until)
    with time_machine.travel(until + timedelta(minutes=1), tick=False):
        assert course_of_case(case.pk) is None
        assert held(case.pk) == ()
        with pytest.raises(RefusedError):
            actions.confirm(by=cast.actor("timur"), case=case.pk, version=None)
        worlds.held(other, worlds.offer(days))
        expire_holds()
        case.refresh_from_db()
        assert case.booking == "released"
        expire_holds()
    assert Course.objects.get(case=case).state == "expired"
    assert course_of_case(other.pk) is not None


def test_a_cancelled_case_lets_its_calendar_go_and_what_was_given_stays() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 4)
    case = worlds.waiting_case()
    worlds.held(case, worlds.offer(days))
    actions.confirm(by=cast.actor("timur"), case=case.pk, version=None)
    first = Fraction.objects.get(course__case=case, number=1)
    with time_machine.travel(f"{days[0]}T10:30:00+05:00", tick=False):
        actions.record_delivered(by=cast.actor("dinara"), fraction=first.pk, version=None)
        cases.record_death(by=cast.actor("saule"), case=case.pk, version=None)
    course = Course.objects.get(case=case)
    assert (course.state, course.ended_reason) == ("stopped", "whole.record_death")
    states = Counter(course.fractions.values_list("state", flat=True))
    assert states == {"delivered": 1, "cancelled": 3}


CLIENTS, ATTEMPTS = 12, 240


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_many_clients_at_once_never_sell_a_minute_twice() -> None:
    """Clients hold calendars that overlap in many ways; what is written never does."""
    pk = worlds.centre()
    days = worlds.working_days(pk, 2)
    pattern = worlds.waiting_case()
    copies = _copies(pattern, ATTEMPTS)
    outcomes: Counter[str] = Counter()
    lock = threading.Lock()

    def client(number: int) -> None:
        mine: Counter[str] = Counter()
        try:
            for attempt in range(ATTEMPTS // CLIENTS):
                case = copies[number * (ATTEMPTS // CLIENTS) + attempt]
                offered = worlds.offer(
                    days, start=480 + 7 * ((number * 5 + attempt) % 60), room=f"G{1 + attempt % 3}"
                )
                mine[_attempt(case, offered)] += 1
        finally:
            connection.close()
        with lock:
            outcomes.update(mine)

    threads = [threading.Thread(target=client, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(outcomes) == {"sold", "refused"}
    assert sum(outcomes.values()) == ATTEMPTS
    assert Course.objects.filter(state="held").count() == outcomes["sold"]
    rows = list(Fraction.objects.filter(state="planned").order_by("date", "room", "start"))
    assert len(rows) == outcomes["sold"] * len(days)
    for one, other in itertools.pairwise(rows):
        if (one.date, one.room) == (other.date, other.room):
            assert one.end <= other.start
    beams = sorted(
        (r.date, r.start + r.setup_min, r.start + r.setup_min + r.beam_min) for r in rows
    )
    assert all(one[2] < other[1] or one[0] != other[0] for one, other in itertools.pairwise(beams))


def _copies(pattern: Case, count: int) -> list[Case]:
    made = []
    with context.writing_as("fixture"):
        for number in range(count):
            copy = Case.objects.get(pk=pattern.pk)
            copy.pk, copy.number, copy._state.adding = new_id(), f"S-X-{number}", True
            copy.save()
            made.append(copy)
    return made


def _attempt(case: Case, offered: object) -> str:
    try:
        actions.hold(by=Actor.machine("test"), case=case.pk, version=None, offer=offered)
    except RefusedError:
        return "refused"
    except Exception as error:  # noqa: BLE001 - the test must see every other outcome
        return f"{type(error).__name__}: {error}"[:80]
    return "sold"
