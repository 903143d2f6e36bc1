"""The console and the machine's log; a fraction is moved only where every rule allows it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.utils import timezone

from sapar.kernel.errors import (
    InvalidInputError,
    NotAllowedError,
    RefusedError,
    StaleVersionError,
)
from sapar.proton import actions
from sapar.proton.models import Course, Fraction, MachineEvent
from sapar.proton.queries.documents import offer_document
from tests import cast
from tests.proton import worlds

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.cases.models import Case

pytestmark = pytest.mark.django_db


def booked(count: int = 5, **offered: object) -> tuple[UUID, list[date], Case]:
    """A confirmed course of some fractions."""
    pk = worlds.centre()
    days = worlds.working_days(pk, count)
    case = worlds.waiting_case()
    worlds.held(case, worlds.offer(days, **offered))
    actions.confirm(by=cast.actor("timur"), case=case.pk, version=None)
    return pk, days, case


def fraction(case: Case, number: int) -> Fraction:
    return Fraction.objects.filter(course__case=case, number=number).latest("created_at")


def at(day: date, hour: int = 11) -> time_machine.travel:
    return time_machine.travel(f"{day}T{hour:02d}:00:00+05:00", tick=False)


def codes(refused: pytest.ExceptionInfo[RefusedError]) -> set[str]:
    return {problem.code for problem in refused.value.problems}


def test_a_course_is_in_treatment_from_its_first_fraction_and_finished_with_its_last() -> None:
    _pk, days, case = booked(3)
    dinara = cast.actor("dinara")
    for number, day in enumerate(days, start=1):
        with at(day):
            row = fraction(case, number)
            actions.record_delivered(by=dinara, fraction=row.pk, version=row.version)
        wanted = "finished" if number == 3 else "in-treatment"
        assert Course.objects.get(case=case).state == wanted
    assert fraction(case, 2).delivered_min == 23


def test_nothing_is_recorded_twice_early_or_by_a_stranger() -> None:
    _pk, days, case = booked(2)
    dinara, row = cast.actor("dinara"), fraction(case, 1)
    with pytest.raises(RefusedError) as refused:
        actions.record_delivered(by=dinara, fraction=row.pk, version=None)
    assert codes(refused) == {"proton.not_today"}
    with at(days[0]):
        for name in ("saule", "almaty", "aigul"):
            with pytest.raises(NotAllowedError):
                actions.record_delivered(by=cast.actor(name), fraction=row.pk, version=None)
        actions.record_delivered(by=dinara, fraction=row.pk, version=row.version, minutes=27)
        with pytest.raises(StaleVersionError):
            actions.record_delivered(by=dinara, fraction=row.pk, version=row.version)
        with pytest.raises(RefusedError) as refused:
            actions.record_missed(by=dinara, fraction=row.pk, version=None, reason="machine")
    assert codes(refused) == {"proton.not_planned"}
    assert fraction(case, 1).delivered_min == 27


def test_only_a_known_reason_and_possible_minutes_are_recorded() -> None:
    _pk, days, case = booked(2)
    row = fraction(case, 1)
    with at(days[0]):
        for given in ({"reason": "because"}, {"reason": "machine", "minutes": 601}):
            with pytest.raises(InvalidInputError):
                actions.record_interrupted(
                    by=cast.actor("dinara"), fraction=row.pk, version=None, **given
                )
    assert fraction(case, 1).state == "planned"


def test_a_missed_fraction_is_given_on_another_day_and_stays_in_the_record() -> None:
    pk, days, case = booked(4)
    with at(days[0]):
        row = fraction(case, 1)
        actions.record_missed(
            by=cast.actor("dinara"), fraction=row.pk, version=None, reason="patient-ill"
        )
        (later,) = worlds.working_days(pk, 1, after=(days[-1] - days[0]).days + 1)
        new = actions.move(
            by=cast.actor("timur"), fraction=row.pk, version=None, day=later, room="G2",
            start=600, agreed=True,
        )  # fmt: skip
        with pytest.raises(RefusedError) as refused:
            actions.move(
                by=cast.actor("timur"), fraction=row.pk, version=None, day=later, room="G1",
                start=700, agreed=True,
            )  # fmt: skip
    assert codes(refused) == {"proton.move.planned_again"}
    made = Fraction.objects.get(pk=new)
    assert (made.number, made.date, made.state) == (1, later, "planned")
    assert Fraction.objects.get(pk=row.pk).state == "missed"
    assert Course.objects.get(case=case).last == later


@pytest.mark.parametrize(
    ("room", "start", "agreed", "code"),
    [
        ("G1", 640, False, "proton.move.outside_window"),
        ("G1", 1255, True, "proton.verify.room_closed"),
        ("G9", 600, False, "proton.ledger.no_room"),
        ("G1", 1000, True, "proton.move.same_time"),
    ],
)
def test_a_move_that_breaks_a_rule_is_refused_with_the_rule(
    room: str, start: int, code: str, *, agreed: bool
) -> None:
    _pk, days, case = booked(3)
    row = fraction(case, 2)
    with pytest.raises(RefusedError) as refused:
        actions.move(
            by=cast.actor("timur"), fraction=row.pk, version=row.version, day=days[1], room=room,
            start=start, agreed=agreed,
        )  # fmt: skip
    assert code in codes(refused)
    assert fraction(case, 2).pk == row.pk


def test_a_move_onto_another_patient_or_a_second_time_that_day_is_refused() -> None:
    _pk, days, case = booked(3)
    other = worlds.waiting_case()
    worlds.held(other, worlds.offer(days, start=635))
    row = fraction(case, 2)
    timur = cast.actor("timur")
    with pytest.raises(RefusedError) as refused:
        actions.move(by=timur, fraction=row.pk, version=None, day=days[1], room="G1", start=625)
    assert codes(refused) == {"proton.verify.room_overlap"}
    with pytest.raises(RefusedError) as refused:
        actions.move(by=timur, fraction=row.pk, version=None, day=days[0], room="G2", start=600)
    assert "proton.move.day_full" in codes(refused)


def test_a_right_move_keeps_the_old_row_and_the_window_unless_the_patient_agrees() -> None:
    _pk, days, case = booked(3)
    timur, row = cast.actor("timur"), fraction(case, 2)
    first = actions.move(
        by=timur, fraction=row.pk, version=row.version, day=days[1], room="G2", start=610
    )
    moved = Fraction.objects.get(pk=first)
    assert (moved.room, moved.start, moved.window_from, moved.window_to) == ("G2", 610, 570, 630)
    assert Fraction.objects.get(pk=row.pk).state == "moved"
    with pytest.raises(NotAllowedError):
        actions.move(
            by=cast.actor("dinara"), fraction=first, version=None, day=days[1], room="G1", start=600
        )
    again = actions.move(
        by=timur, fraction=first, version=None, day=days[1], room="G2", start=700, agreed=True
    )
    assert Fraction.objects.get(pk=again).window_from == 670


def test_the_log_takes_what_can_have_happened_and_closes_what_lies_ahead() -> None:
    pk, days, case = booked(3)
    dinara = cast.actor("dinara")
    begins = timezone.make_aware(datetime.combine(days[1], time(9)))
    event = actions.log_event(
        by=dinara, centre=pk, kind="maintenance", resource="G1", begins=begins,
        ends=begins + timedelta(hours=3), why="Couch",
    )  # fmt: skip
    document = offer_document(pk, worlds.offer(days).asked)
    assert {c["resource"] for c in document["centre"]["closures"]} >= {"G1"}
    with pytest.raises(RefusedError) as refused:
        worlds.held(worlds.waiting_case(), worlds.offer(days[1:2], start=660))
    assert codes(refused) == {"proton.verify.room_closed"}
    # The booking in the closed room holds no minutes that anybody could be sold.
    assert len(document["bookings"]) == 2
    right = {"kind": "downtime", "resource": "beam", "begins": begins, "ends": None}
    for wrong in ({"kind": "storm"}, {"resource": "G7"}, {"ends": begins}):
        with pytest.raises(InvalidInputError):
            actions.log_event(by=dinara, centre=pk, **(right | wrong))
    with pytest.raises(NotAllowedError):
        actions.log_event(
            by=cast.actor("almaty"), centre=pk, kind="downtime", resource="beam", begins=begins
        )
    with at(days[2]), pytest.raises(RefusedError) as refused:
        actions.end_event(by=dinara, event=event, version=None, ends=begins + timedelta(hours=4))
    assert codes(refused) == {"proton.event_ended"}
    assert MachineEvent.objects.count() == 1
    assert fraction(case, 2).state == "planned"
