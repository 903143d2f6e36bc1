"""The checker's sweeps over rooms, beams and teams find what a plain count of minutes finds."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from sapar.proton.engine.scheduling.verify import clock, uses
from sapar.proton.engine.scheduling.verify.findings import Findings
from sapar.proton.engine.scheduling.verify.uses import Use

DAY = date(2027, 3, 2)
BEAMS = {"G1": "beam", "G2": "beam", "G3": "other", "L1": None}


@st.composite
def some_uses(draw: st.DrawFn) -> list[Use]:
    found = []
    for number in range(draw(st.integers(1, 7))):
        room = draw(st.sampled_from(sorted(BEAMS)))
        late = draw(st.booleans())  # the same moments, told from the evening before
        found.append(
            Use(
                who=f"u{number}",
                where=f"plan[{number}]",
                day=DAY - timedelta(days=1) if late else DAY,
                room=room,
                beam=BEAMS[room],
                start=draw(st.integers(0, 40)) + (clock.MIDNIGHT if late else 0),
                setup=draw(st.integers(0, 4)),
                beam_min=draw(st.integers(1, 4)),
                leaving=draw(st.integers(0, 4)),
                fixed=draw(st.booleans()),
                team=draw(st.booleans()),
                rank=draw(st.sampled_from([None, 0, 1, 2])),
            )
        )
    return found


def minutes(use: Use, low: int, high: int) -> set[int]:
    return set(range(use.on_line(low), use.on_line(high)))


def pairs(given_uses: list[Use]) -> list[tuple[Use, Use]]:
    """Pairs of which at least one is new."""
    return [(a, b) for a, b in combinations(given_uses, 2) if not (a.fixed and b.fixed)]


@given(found=some_uses())
def test_room_conflicts_are_those_of_a_plain_count(found: list[Use]) -> None:
    told = Findings()
    uses.room_overlaps(found, told)
    wrong = [
        (a, b)
        for a, b in pairs(found)
        if a.room == b.room and minutes(a, a.start, a.end) & minutes(b, b.start, b.end)
    ]
    assert bool(told) == bool(wrong)
    new = {use.where for use in found if not use.fixed}
    assert {one.where for one in told.problems} <= new


@given(found=some_uses(), switch=st.integers(0, 3))
def test_beam_conflicts_are_those_of_a_plain_count(found: list[Use], switch: int) -> None:
    told = Findings()
    uses.beam_overlaps(found, {"beam": switch, "other": switch}, told)
    wrong = [
        (a, b)
        for a, b in pairs(found)
        if a.beam is not None
        and a.beam == b.beam
        and a.room != b.room
        and minutes(a, a.beam_start, a.beam_end + switch)
        & minutes(b, b.beam_start, b.beam_end + switch)
    ]
    assert bool(told) == bool(wrong)


@given(
    found=some_uses(), teams=st.integers(0, 2), low=st.integers(0, 20), length=st.integers(0, 60)
)
def test_team_conflicts_are_those_of_a_plain_count(
    found: list[Use], teams: int, low: int, length: int
) -> None:
    told = Findings()
    ours = [use for use in found if use.day == DAY]
    uses.teams(ours, lambda _: [clock.bits(low, low + length)] * teams, (3, 2), told)
    held: dict[int, list[Use]] = {}
    for use in ours:
        if use.team:
            for minute in range(use.start - 3, use.end + 2):
                held.setdefault(minute, []).append(use)
    wrong = {
        use.where
        for minute, here in held.items()
        for use in here
        if not use.fixed and (not (teams and low <= minute < low + length) or len(here) > teams)
    }
    assert {one.where for one in told.problems} == wrong


@given(found=some_uses())
def test_fasting_faults_are_those_of_a_plain_comparison(found: list[Use]) -> None:
    told = Findings()
    uses.fasting(found, told)
    wrong = [
        (a, b)
        for a, b in pairs(found)
        if a.team and b.team and a.day == b.day and None not in {a.rank, b.rank}
        and a.rank != b.rank and (a.start - b.start) * (a.rank - b.rank) <= 0  # type: ignore[operator]
    ]  # fmt: skip
    assert len(told.problems) == len(wrong)


@given(masks=st.lists(st.integers(0, 2**12 - 1), max_size=6))
def test_piled_minutes_count_as_often_as_they_were_piled(masks: list[int]) -> None:
    levels: list[int] = []
    for mask in masks:
        clock.pile(levels, mask)
    for minute in range(12):
        count = sum(mask >> minute & 1 for mask in masks)
        assert [bool(level >> minute & 1) for level in levels].count(True) == count
        assert bool(clock.level(levels, count) >> minute & 1)
        assert not clock.level(levels, count + 1) >> minute & 1
    assert clock.total(levels) == sum(mask.bit_count() for mask in masks)


@given(mask=st.integers(0, 2**14 - 1))
def test_the_longest_run_is_the_longest_word_of_ones(mask: int) -> None:
    assert clock.longest_run(mask) == max(map(len, f"{mask:b}".split("0")))
