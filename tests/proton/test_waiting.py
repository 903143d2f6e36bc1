"""Forecasts of those who wait: minutes are sold once, and risk grows as the deadline comes near."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.proton.engine.waiting import Free, Need, first_days, risk_of, share_up

MONDAY = date(2027, 3, 1)
DAYS = [day for n in range(140) if (day := MONDAY + timedelta(days=n)).weekday() < 5]


def books(minutes: int = 60) -> Free:
    return {day: {"G1": minutes, "beam:b": minutes} for day in DAYS}


def need(name: str, **other: object) -> Need:
    given = {"weight": 1.0, "since": MONDAY, "ready": MONDAY, "rooms": (("G1", "beam:b"),),
             "room_min": 30, "beam_min": 10, "fractions": 10, **other}  # fmt: skip
    return Need(name, **given)  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 40), st.integers(5, 60)), max_size=12))
def test_no_minute_is_sold_twice_and_nobody_begins_before_they_are_ready(
    people: list[tuple[int, int, int]],
) -> None:
    free = books()
    needs = [
        need(str(n), weight=float(weight), ready=MONDAY + timedelta(days=ready), room_min=minutes)
        for n, (weight, ready, minutes) in enumerate(people)
    ]
    found = first_days(needs, free, DAYS)
    assert set(found) == {each.id for each in needs}
    assert all(left >= 0 for day in free.values() for left in day.values())
    for each in needs:
        first = found[each.id]
        assert first is None or first >= each.ready


def test_the_more_urgent_begins_first_where_both_cannot() -> None:
    found = first_days([need("calm"), need("pressing", weight=5.0)], books(30), DAYS)
    assert found["pressing"] == MONDAY
    assert found["calm"] == MONDAY + timedelta(days=14)


def test_a_course_that_may_not_begin_on_a_friday_begins_on_monday() -> None:
    friday = date(2027, 3, 5)
    found = first_days([need("a", ready=friday, no_start=(4,))], books(), DAYS)
    assert found["a"] == date(2027, 3, 8)


def test_a_beam_without_minutes_closes_its_room() -> None:
    free = books()
    for day in DAYS:
        free[day]["beam:b"] = 9
    assert first_days([need("a")], free, DAYS)["a"] is None


def test_three_days_a_week_leave_the_other_days_to_others() -> None:
    free = books(30)
    first_days([need("a", per_week=3)], free, DAYS)
    assert [free[day]["G1"] for day in DAYS[:5]] == [0, 0, 0, 30, 30]


def test_a_forecast_after_the_deadline_is_late_by_its_days() -> None:
    risk = risk_of(forecast=DAYS[5], deadline=DAYS[3], working=DAYS)
    assert (risk.share, risk.late) == (1.0, 4)
    assert risk_of(forecast=None, deadline=DAYS[3], working=DAYS).share == 1.0


def test_a_visa_that_comes_in_half_of_the_days_too_late_is_half_a_risk() -> None:
    ten = (MONDAY, MONDAY + timedelta(days=9))
    risk = risk_of(
        forecast=MONDAY, deadline=MONDAY + timedelta(days=4), working=DAYS, visa=ten, chain_days=0
    )
    assert risk.share == pytest.approx(0.5)


@given(st.integers(0, 40), st.integers(0, 40), st.floats(0.5, 1.0))
def test_a_later_deadline_is_never_a_greater_risk(first: int, more: int, uptime: float) -> None:
    days = (MONDAY + timedelta(days=3), MONDAY + timedelta(days=30))
    risks = [
        risk_of(forecast=DAYS[0], deadline=DAYS[at], working=DAYS, uptime=uptime, visa=days,
                chain_days=3).share
        for at in (first, first + more)
    ]  # fmt: skip
    assert 0 <= risks[1] <= risks[0] + 1e-12 <= 1 + 1e-9


def test_shares_of_what_all_share_multiply() -> None:
    assert share_up({"beam": 0.95, "centre": 0.9}) == pytest.approx(0.855)
    assert share_up({}) == 1.0
