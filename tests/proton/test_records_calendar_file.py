"""A patient's appointments as an iCalendar file: when and where, and no word of why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from icalendar import Calendar

from sapar.proton import actions
from sapar.proton.models import Course, Fraction
from sapar.proton.queries import calendar_of_case
from tests import cast
from tests.proton import worlds

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
    assert [int(event["sequence"]) for event in events] == [0, 1, 0]
    begins = sorted(event.decoded("dtstart") for event in events)
    assert [(b.hour, b.minute) for b in begins] == [(4, 30), (6, 30), (4, 30)]
    assert calendar_of_case(other.pk, "kk") is None
    assert Course.objects.count() == 1
