"""A longer treatment: what it loses, and what would make it good."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.proton.engine.scheduling.compensation import (
    Delay,
    bed,
    compensate,
    dose_for,
    eqd2,
    loss,
)
from sapar.proton.engine.scheduling.problem.course import Dose
from sapar.proton.phrases.replan import PHRASES

TUMOUR = Dose(2.0, 10.0, 3.0, 0.9, 28, "verified")
TWO_DAYS = Delay(35, 10, 0, 46, 48, (1, 2, 5, 6), 1)


@pytest.mark.parametrize(
    ("fractions", "dose", "alpha_beta", "wanted", "in_two"),
    [
        (35, 2, 10, 84.0, 70.0),
        (30, 1.8, 3, 86.4, 51.84),
        (20, 3, 1.5, 180, 77.143),
        (15, 2.67, 3.5, 70.602, 44.929),
        (37, 2, 2.45, 134.408, 74),
        (4, 15, 2, 510, 255),
        (28, 1.8, 2, 95.76, 47.88),
    ],
)
def test_bed_and_eqd2_are_those_of_the_reference(
    fractions: int, dose: float, alpha_beta: float, wanted: float, in_two: float
) -> None:
    found = bed(fractions, dose, alpha_beta)
    assert found == pytest.approx(wanted, abs=6e-4)
    assert eqd2(found, alpha_beta) == pytest.approx(in_two, abs=6e-4)


@pytest.mark.parametrize(("days", "wanted"), [(46, 67.8), (48, 66.0), (20, 84.0)])
def test_time_beyond_the_kick_off_costs_bed(days: int, wanted: float) -> None:
    assert bed(35, 2, 10) - loss(TUMOUR, days) == pytest.approx(wanted)


def test_two_days_lost_before_the_last_ten_fractions_need_2_1274_gy_each() -> None:
    found = compensate(TUMOUR, TWO_DAYS)
    assert found.planned == pytest.approx(67.8)
    assert found.after == pytest.approx(66.0)
    assert found.lost_eqd2 == pytest.approx(2 * 0.75)
    dose = found.proposals[0]
    assert (dose.kind, dose.fractions) == ("dose", 10)
    assert dose.per_fraction_gy == pytest.approx(2.1274, abs=5e-5)
    assert found.late == pytest.approx(116.667, abs=5e-4)
    assert dose.late_bed == pytest.approx(119.694, abs=1e-3)
    assert dose.late_change == pytest.approx(3.027, abs=1e-3)


def test_an_extra_fraction_pays_for_the_day_on_which_it_is_given() -> None:
    extra = compensate(TUMOUR, TWO_DAYS).proposals[1]
    # One more: 86.4 - 0.9 * (49 - 28) = 67.5 < 67.8; two more: 88.8 - 0.9 * 22 = 69.0.
    assert (extra.kind, extra.fractions) == ("fractions", 2)
    assert extra.tumour_bed == pytest.approx(69.0)
    assert extra.late_bed == pytest.approx(bed(37, 2, 3))


def test_a_delay_before_the_kick_off_needs_nothing() -> None:
    found = compensate(TUMOUR, Delay(10, 5, 0, 11, 14, (1,), 1))
    assert found.proposals == ()
    assert found.codes() == ["proton.compensation.not_needed"]


def test_a_missing_fraction_is_made_good_by_the_others_or_by_one_more() -> None:
    found = compensate(TUMOUR, Delay(35, 9, 1, 46, 46, (1, 2, 5), 1))
    assert found.planned - found.after == pytest.approx(2.4)
    dose, extra = found.proposals
    restored = bed(25, 2, 10) + bed(9, dose.per_fraction_gy, 10) - loss(TUMOUR, 46)
    assert restored == pytest.approx(found.planned)
    assert extra.fractions == 2


def test_what_is_not_known_or_not_verified_is_said() -> None:
    assert compensate(None, TWO_DAYS).codes() == ["proton.compensation.no_dose"]
    unverified = Dose(2.0, 10.0, 3.0, 0.9, 28, "unverified")
    assert "proton.compensation.unverified" in compensate(unverified, TWO_DAYS).codes()
    shown = compensate(unverified, TWO_DAYS).as_json()
    assert shown["audit"] == {"days": 2, "exceeded": False, "mark": "unverified"}
    assert shown["approve"] == ["physicist", "physician"]


def test_means_that_would_avoid_the_delay_come_before_dose() -> None:
    found = compensate(TUMOUR, TWO_DAYS, ("weekends", "second-daily"))
    assert found.as_json()["avoid_first"] == ["weekends", "second-daily"]
    assert "proton.compensation.avoid_first" in found.codes()


@given(
    fractions=st.integers(1, 40),
    wanted=st.floats(0.1, 300),
    alpha_beta=st.floats(1, 20),
)
def test_the_dose_that_is_solved_for_has_the_wanted_bed(
    fractions: int, wanted: float, alpha_beta: float
) -> None:
    each = dose_for(fractions, wanted, alpha_beta)
    assert each > 0
    assert bed(fractions, each, alpha_beta) == pytest.approx(wanted, rel=1e-9)


@given(
    remaining=st.integers(1, 30),
    given_before=st.integers(0, 30),
    before=st.integers(0, 60),
    more=st.integers(0, 20),
    category=st.integers(1, 3),
)
def test_every_proposal_restores_what_was_planned_and_shows_its_price(
    remaining: int, given_before: int, before: int, more: int, category: int
) -> None:
    delay = Delay(
        remaining + given_before, remaining, 0, before, before + more, (1, 2, 5), category
    )
    found = compensate(TUMOUR, delay)
    assert set(found.codes()) <= set(PHRASES)
    for each in found.proposals:
        assert each.tumour_bed >= found.planned - 1e-9
        assert each.late_change > 0
    if found.planned - found.after > 1e-9:
        assert found.proposals
        assert found.proposals[0].kind == "dose"


def test_no_fraction_left_has_no_dose() -> None:
    with pytest.raises(ValueError, match="nothing"):
        dose_for(0, 1.0, 10.0)
