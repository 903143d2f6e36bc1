"""Dates as people write them, intervals of days, ages."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.values import dates
from sapar.values.intervals import Days


@pytest.mark.parametrize(
    ("text", "shown", "problem"),
    [
        ("1981", "1981", ""),
        ("1981-03", "1981-03", ""),
        ("1981-03-09", "1981-03-09", ""),
        ("1981-03-09T10:00:00Z", "1981-03-09", ""),
        ("09.03.1981", "1981-03-09", ""),
        ("19810309", "1981-03-09", ""),
        ("2023-02-30", "", "values.date_impossible"),
        ("1981-13", "", "values.date_impossible"),
        ("0000", "", "values.date_impossible"),
        ("1981-00", "", "values.date_impossible"),
        ("soon", "", "values.date_unreadable"),
        ("", "", ""),
    ],
)
def test_the_table_of_dates(text, shown, problem):
    found, wrong = dates.parse(text, where="birth_date")
    assert (str(found) if found else "") == shown
    assert (wrong.code if wrong else "") == problem


@given(st.dates())
def test_a_whole_date_is_read_back(day):
    found, _problem = dates.parse(day.isoformat())
    assert found is not None
    assert found.whole == found.earliest == found.latest == day


@given(st.integers(1, 9999), st.integers(1, 12))
def test_a_month_runs_from_its_first_day_to_its_last(year, month):
    partial = dates.PartialDate(year, month)
    assert partial.earliest.day == 1
    if partial.latest < date.max:
        assert (partial.latest + timedelta(days=1)).day == 1


def test_partial_dates_agree_when_both_may_be_the_same_day():
    assert dates.PartialDate(1981).agrees(dates.PartialDate(1981, 3, 9))
    assert not dates.PartialDate(1981, 4).agrees(dates.PartialDate(1981, 3, 9))


@pytest.mark.parametrize(
    ("birth", "on", "years"),
    [
        (date(2019, 5, 1), date(2026, 4, 30), 6),
        (date(2019, 5, 1), date(2026, 5, 1), 7),
        (date(2020, 2, 29), date(2021, 2, 28), 0),
        (date(2020, 2, 29), date(2021, 3, 1), 1),
    ],
)
def test_age_counts_completed_years(birth, on, years):
    assert dates.age(birth, on) == years


def test_impossible_births_are_named():
    today = date(2026, 11, 23)
    future = dates.check_birth(dates.PartialDate(2027), today)
    old = dates.check_birth(dates.PartialDate(1850), today)
    assert [p.code for p in (*future, *old)] == [
        "values.birth_in_future",
        "values.birth_too_long_ago",
    ]
    assert dates.check_birth(dates.PartialDate(2026), today) == ()


some_days = st.dates(date(2000, 1, 1), date(2000, 3, 1))


@st.composite
def intervals(draw: st.DrawFn) -> Days:
    start = draw(some_days)
    return Days(start, draw(st.none() | st.integers(0, 30).map(lambda n: start + timedelta(n))))


@given(intervals(), intervals(), some_days)
def test_a_day_is_in_the_intersection_if_it_is_in_both(one, other, day):
    both = one.intersection(other)
    assert (both is not None and day in both) == (day in one and day in other)
    assert one.overlaps(other) == other.overlaps(one)


def test_an_interval_excludes_its_end():
    week = Days.through(date(2026, 1, 1), date(2026, 1, 7))
    assert len(week) == len(list(week)) == 7
    assert date(2026, 1, 8) not in week
    assert not Days(date(2026, 1, 1), date(2026, 1, 1))
    with pytest.raises(ValueError, match="before it starts"):
        Days(date(2026, 1, 2), date(2026, 1, 1))
    with pytest.raises(ValueError, match="open"):
        len(Days(date(2026, 1, 2)))
