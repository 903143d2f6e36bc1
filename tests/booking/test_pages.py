"""The calendar of intake places as pages: who opens it, what it shows, what it refuses."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from sapar.booking import actions, queries
from sapar.booking.engine.days import chosen_days
from sapar.booking.models import Place
from sapar.kernel.errors import NotAllowedError
from tests import cast, factories
from tests.network.conftest import loaded  # noqa: F401 - a fixture of the network's tests

DAY = timedelta(days=1)
CALENDAR = "/booking/protons/"
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(days, st.integers(-3, 400), st.sets(st.integers(1, 7)), st.sets(days, max_size=9))
def test_chosen_days_are_in_the_period_on_the_weekdays_and_on_no_holiday(
    first: date, length: int, weekdays: set[int], off: set[date]
) -> None:
    last = first + length * DAY
    kept, left_out = chosen_days(first, last, weekdays, off)
    assert set(left_out) <= off
    assert not set(kept) & off
    every = {first + n * DAY for n in range(max(length + 1, 0))}
    assert {*kept, *left_out} == {day for day in every if day.isoweekday() in weekdays}
    assert list(kept) == sorted(set(kept))


def monday() -> date:
    today = timezone.localdate()
    return today + (8 - today.isoweekday()) * DAY


def opens(**other: Any) -> dict[str, Any]:
    """What the browser sends to open a week of two places a day."""
    first = monday()
    sent = {"first": first, "last": first + 6 * DAY, "weekdays": [1, 2, 3, 4, 5], "per_day": 2}
    return {key: value for key, value in {**sent, **other}.items() if value is not None}


def texts(client: Any, path: str) -> str:
    client.cookies["django_language"] = "en"
    return client.get(path).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["saule", "timur", "yerlan"])
def test_the_desks_of_the_centre_open_places_and_see_them(name: str, loaded: None) -> None:  # noqa: F811
    client = cast.client(name)
    client.cookies["django_language"] = "en"
    assert client.get("/booking/").headers["Location"] == CALENDAR
    answer = client.post(CALENDAR, opens())
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(f"?month={monday():%Y-%m}")
    page = client.get(answer.headers["Location"]).content.decode()
    assert page.count("2 free</span>") == 5
    assert "10 new places are open." in page


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["aigul", "gulnar", "kanat", "marat", "stranger"])
def test_nobody_else_sees_the_calendar(name: str, loaded: None) -> None:  # noqa: F811
    client = cast.client(name)
    assert client.get(CALENDAR).status_code == 403
    assert client.post(CALENDAR, opens()).status_code == 403
    assert client.get(f"{CALENDAR}{monday()}/").status_code == 403
    assert not Place.objects.exists()


@pytest.mark.django_db
def test_a_programme_of_another_centre_cannot_be_opened(loaded: None) -> None:  # noqa: F811
    assert cast.client("almaty").get(CALENDAR).status_code == 404
    with pytest.raises(NotAllowedError):
        actions.open_places(
            by=cast.actor("almaty"),
            centre=cast.organisation("adult-oncology-almaty").pk,
            programme="protons",
            days=[monday()],
            per_day=1,
        )
    assert not Place.objects.exists()


@pytest.mark.django_db
def test_public_holidays_of_the_centres_country_are_left_out(loaded: None) -> None:  # noqa: F811
    client = cast.client("saule")
    year = timezone.localdate().year + 1
    spring = {"first": date(year, 3, 20), "last": date(year, 3, 24), "weekdays": [*range(1, 8)]}
    client.post(CALENDAR, opens(**spring, holidays_off="on"))
    opened = set(Place.objects.values_list("day", flat=True))
    assert date(year, 3, 20) in opened
    assert not opened & {date(year, 3, 21), date(year, 3, 22), date(year, 3, 23)}  # Nauryz
    client.post(CALENDAR, opens(**spring))
    assert Place.objects.filter(day=date(year, 3, 22)).count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"first": date(2020, 1, 1)}, "in the past"),
        ({"last": date(2020, 1, 1)}, "before the first"),
        ({"last": date(2120, 1, 1)}, "longer than a year"),
        ({"weekdays": None}, "On these days of the week"),
        ({"weekdays": [9]}, "On these days of the week"),
        ({"per_day": 0}, "Places a day"),
        ({"per_day": 101}, "Places a day"),
        ({"first": "soon"}, "First day"),
    ],
)
def test_what_cannot_be_opened_is_said_beside_its_field(
    sent: dict[str, Any],
    said: str,
    loaded: None,  # noqa: F811
) -> None:
    client = cast.client("saule")
    client.cookies["django_language"] = "en"
    answer = client.post(CALENDAR, opens(**sent))
    assert answer.status_code == 422
    summary = answer.content.decode().split("<h1>")[0]
    assert said in summary
    assert not Place.objects.exists()


@pytest.mark.django_db
def test_a_period_without_a_chosen_weekday_opens_nothing_and_says_so(loaded: None) -> None:  # noqa: F811
    client = cast.client("saule")
    client.cookies["django_language"] = "en"
    answer = client.post(CALENDAR, opens(last=monday(), weekdays=[7]))
    assert answer.status_code == 422
    assert "No day of this period fits" in answer.content.decode()


@pytest.mark.django_db
def test_a_day_shows_numbers_to_those_who_may_see_the_case_and_never_a_name(loaded: None) -> None:  # noqa: F811
    client = cast.client("saule")
    client.cookies["django_language"] = "en"
    client.post(CALENDAR, opens())
    case = factories.make_case(state="visa-settled")
    actions.hold(by=cast.actor("timur"), case=case.pk, version=case.version, day=monday())
    path = f"{CALENDAR}{monday()}/"
    page = client.get(path).content.decode()
    assert case.number in page
    assert "Held" in page
    assert "Айзада" not in page
    assert "Мамытова" not in page
    assert case.number not in texts(cast.client("yerlan"), path)
    calendar = client.get(CALENDAR + f"?month={monday():%Y-%m}").content.decode()
    assert "1 held" in calendar
    assert queries.days("protons", monday(), monday())[monday()] == queries.DayPlaces(
        monday(), free=1, held=1, confirmed=0, closed=0
    )


@pytest.mark.django_db
def test_closing_a_day_keeps_what_is_held(loaded: None) -> None:  # noqa: F811
    client = cast.client("saule")
    client.cookies["django_language"] = "en"
    client.post(CALENDAR, opens())
    case = factories.make_case(state="visa-settled")
    actions.hold(by=cast.actor("timur"), case=case.pk, version=case.version, day=monday())
    path = f"{CALENDAR}{monday()}/"
    assert "Close 1 free place" in client.get(path).content.decode()
    client.post(path)
    assert [line.state for line in queries.places_on("protons", monday())] == ["held", "closed"]
    assert "Close 1 free place" not in client.get(path).content.decode()


@pytest.mark.django_db
def test_odd_addresses_are_no_pages_and_odd_months_are_this_month(loaded: None) -> None:  # noqa: F811
    client = cast.client("saule")
    assert client.get(f"{CALENDAR}tomorrow/").status_code == 404
    assert client.get("/booking/nothing/").status_code == 404
    for month in ("", "2026-13", "x", "0001-01", "9999-12"):
        assert client.get(CALENDAR, {"month": month}).status_code == 200


@pytest.mark.django_db
def test_a_centre_without_a_programme_is_told_so() -> None:
    page = texts(cast.client("saule"), reverse("booking:calendar"))
    assert "no programme yet" in page
