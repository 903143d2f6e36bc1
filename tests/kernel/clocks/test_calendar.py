"""Working calendars: properties, and a few days that people know."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.kernel.clocks.calendar import NoWorkingDayError, WorkingCalendar, in_both_zones
from sapar.kernel.clocks.published import published_holidays

DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
CALENDARS = st.builds(
    WorkingCalendar,
    country=st.just("KZ"),
    zone=st.sampled_from(["Asia/Almaty", "Asia/Bishkek", "Europe/Istanbul", "UTC"]),
    holidays=st.frozensets(DAYS, max_size=20),
    working=st.frozensets(DAYS, max_size=5),
    weekend=st.sampled_from([frozenset({6, 7}), frozenset({7}), frozenset({5, 6})]),
)
PLAIN = WorkingCalendar("KZ", "Asia/Almaty", holidays=frozenset({date(2026, 12, 16)}))


@given(CALENDARS, DAYS, st.integers(-40, 40))
def test_a_sum_of_working_days_is_a_working_day(calendar, day, count):
    assert calendar.is_working(calendar.add_working_days(day, count))


@given(CALENDARS, DAYS, st.integers(1, 40))
def test_counting_undoes_adding(calendar, day, count):
    assert calendar.working_days_between(day, calendar.add_working_days(day, count)) == count


@given(CALENDARS, DAYS, st.integers(1, 40))
def test_going_back_undoes_going_forward_from_a_working_day(calendar, day, count):
    start = calendar.add_working_days(day, 0)
    there = calendar.add_working_days(start, count)
    assert calendar.add_working_days(there, -count) == start


@given(CALENDARS, DAYS, DAYS)
def test_counting_backwards_is_the_negative(calendar, first, last):
    assert calendar.working_days_between(first, last) == -calendar.working_days_between(last, first)


@given(CALENDARS, MOMENTS, st.integers(0, 20))
def test_a_deadline_lies_after_its_start_at_closing_time_of_a_working_day(calendar, start, count):
    due = calendar.deadline(start, count)
    assert due > start
    assert due.timetz().replace(tzinfo=None) == calendar.closes
    assert calendar.is_working(due.date())


@given(CALENDARS, MOMENTS, MOMENTS, st.integers(0, 20))
def test_who_starts_later_is_never_due_earlier(calendar, one, other, count):
    first, second = sorted((one, other))
    assert calendar.deadline(first, count) <= calendar.deadline(second, count)


@given(CALENDARS, MOMENTS, st.integers(0, 3000))
def test_working_hours_end_inside_working_hours(calendar, start, minutes):
    due = calendar.add_working_hours(start, timedelta(minutes=minutes))
    assert due >= start or minutes == 0
    assert calendar.is_working(due.date())
    assert calendar.opens <= due.time() <= calendar.closes


@given(MOMENTS)
def test_both_zones_show_the_same_moment(moment):
    both = in_both_zones(moment, "Asia/Bishkek", "Asia/Almaty")
    assert both.there == both.here == moment
    assert both.same_day == (both.there.date() == both.here.date())


def test_a_holiday_moves_a_deadline():
    friday = datetime(2026, 12, 11, 10, tzinfo=UTC)
    assert PLAIN.deadline(friday, 3).date() == date(2026, 12, 17)


def test_a_referral_after_closing_time_counts_from_the_next_day():
    night = datetime(2026, 11, 23, 14, tzinfo=UTC)  # 19:00 in Almaty
    assert PLAIN.deadline(night, 0).date() == date(2026, 11, 24)


def test_a_working_saturday_counts():
    saturday = date(2026, 11, 28)
    moved = WorkingCalendar("KZ", "Asia/Almaty", working=frozenset({saturday}))
    assert moved.add_working_days(date(2026, 11, 27), 1) == saturday


def test_a_calendar_that_closes_before_it_opens_is_refused():
    with pytest.raises(ValueError, match="before it opens"):
        WorkingCalendar("KZ", "UTC", opens=time(18), closes=time(9))


def test_a_calendar_without_a_working_day_says_so():
    with pytest.raises(NoWorkingDayError):
        WorkingCalendar("KZ", "UTC", weekend=frozenset(range(1, 8))).add_working_days(
            date(2026, 1, 1), 1
        )


def test_published_holidays_name_their_source_and_say_which_days_are_estimates():
    days = {h.day: h for h in published_holidays("KZ", (2026,))}
    assert days[date(2026, 12, 16)].estimated is False
    assert "holidays" in days[date(2026, 12, 16)].source
    assert any(h.estimated for h in days.values())
    assert published_holidays("ZZ", (2026,)) == ()
