"""A patient's appointments as an iCalendar file: when and where, and no word of why."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from icalendar import Calendar

from sapar.cases import actions as cases
from sapar.proton import actions
from sapar.proton.models import Course, Fraction
from sapar.proton.queries import calendar_of_case
from tests import cast
from tests.proton import worlds

if TYPE_CHECKING:
    from sapar.cases.models import Case

pytestmark = pytest.mark.django_db
CLINICAL = ("proton", "lymphoma", "tumour", "fraction", "anaesth", "Лимф", "облуч", "протон")


def test_each_appointment_stands_in_its_window_in_the_patients_language() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 4)
    case = worlds.waiting_case()
    worlds.held(case, worlds.offer(days))
    content = calendar_of_case(case.pk, "ru")
    assert content is not None
    read = Calendar.from_ical(content)
    events = read.walk("VEVENT")
    assert len(events) == 4
    first = events[0]
    assert str(first["summary"])
    assert str(first["status"]) == "TENTATIVE"
    begin = first.decoded("dtstart")
    assert begin.utcoffset() == timedelta(0)
    # 09:30 in Almaty is 04:30 in UTC.
    assert (begin.hour, begin.minute, begin.date()) == (4, 30, days[0])
    assert not any(word.lower() in content.decode().lower() for word in CLINICAL)
    names = {str(event["uid"]) for event in events}
    assert len(names) == 4
    actions.confirm(by=cast.actor("timur"), case=case.pk, version=None)
    again = Calendar.from_ical(calendar_of_case(case.pk, "ru")).walk("VEVENT")
    assert {str(event["status"]) for event in again} == {"CONFIRMED"}
    assert {str(event["uid"]) for event in again} == names


def test_what_was_moved_stands_where_it_is_now_and_a_case_without_a_course_has_no_file() -> None:
    pk = worlds.centre()
    days = worlds.working_days(pk, 3)
    case, other = worlds.waiting_case(), worlds.waiting_case()
    worlds.held(case, worlds.offer(days))
    row = Fraction.objects.get(course__case=case, number=2)
    actions.move(
        by=cast.actor("timur"), fraction=row.pk, version=None, day=days[1], room="G1", start=720,
        agreed=True,
    )  # fmt: skip
    events = Calendar.from_ical(calendar_of_case(case.pk, "kk")).walk("VEVENT")
    first, moved, third = (int(event["sequence"]) for event in events)
    assert moved > first == third
    begins = sorted(event.decoded("dtstart") for event in events)
    assert [(b.hour, b.minute) for b in begins] == [(4, 30), (6, 30), (4, 30)]
    assert calendar_of_case(other.pk, "kk") is None
    assert Course.objects.count() == 1


def read(case: Case) -> dict[str, Any]:
    """The entries of the case's file by name."""
    content = calendar_of_case(case.pk, "ru")
    assert content is not None
    return {str(e["uid"]): e for e in Calendar.from_ical(content).walk("VEVENT")}


def newer(now: dict[str, Any], before: dict[str, Any], name: str) -> bool:
    """Whether a telephone that has the entry takes the new one over."""
    return bool(int(now[name]["sequence"]) > int(before[name]["sequence"]))


def test_what_is_missed_moved_or_released_is_cancelled_in_the_telephone() -> None:
    pk = worlds.centre()
    *days, later = worlds.working_days(pk, 4)
    case = worlds.waiting_case()
    worlds.held(case, worlds.offer(days))
    actions.confirm(by=cast.actor("timur"), case=case.pk, version=None)
    course = Course.objects.get(case=case)
    name = f"{course.pk}.1@sapar"
    planned = read(case)
    assert str(planned[name]["status"]) == "CONFIRMED"
    row = Fraction.objects.get(course=course, number=1)
    with time_machine.travel(f"{days[0]}T11:00:00+05:00", tick=False):
        actions.record_missed(
            by=cast.actor("dinara"), fraction=row.pk, version=None, reason="patient-ill"
        )
        missed = read(case)
        assert str(missed[name]["status"]) == "CANCELLED"
        assert newer(missed, planned, name)
        actions.move(
            by=cast.actor("timur"), fraction=row.pk, version=None, day=later, room="G1",
            start=600, agreed=True,
        )  # fmt: skip
        again = read(case)
        assert str(again[name]["status"]) == "CONFIRMED"
        assert newer(again, missed, name)
        assert again[name].decoded("dtstart").date() == later
    cases.cancel(by=cast.actor("saule"), case=case.pk, version=None, reason="patient-request")
    released = read(case)
    assert set(released) == set(planned)
    assert {str(event["status"]) for event in released.values()} == {"CANCELLED"}
    assert all(newer(released, again, each) for each in again)
