"""Of age or not: one rule, as a number of years and as a day of birth."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.values.dates import MAJORITY_YEARS, age, last_adult_birth

days = st.dates(date(1950, 1, 1), date(2060, 1, 1))


@given(days, st.integers(-400, 400))
def test_the_day_of_birth_and_the_years_agree(on: date, offset: int) -> None:
    birth = date.fromordinal(last_adult_birth(on).toordinal() + offset)
    assert (birth > last_adult_birth(on)) == (age(birth, on) < MAJORITY_YEARS)


@pytest.mark.parametrize(
    ("on", "latest"),
    [
        (date(2026, 11, 23), date(2008, 11, 23)),
        (date(2028, 2, 29), date(2010, 2, 28)),
        (date(2026, 2, 28), date(2008, 2, 28)),
    ],
)
def test_the_latest_birth_of_somebody_of_age(on: date, latest: date) -> None:
    assert last_adult_birth(on) == latest
