"""One more in a full room: the others shift, nobody leaves what was promised."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from sapar.proton.engine.scheduling.problem.course import Booking
from sapar.proton.engine.scheduling.problem.minutes import bits
from sapar.proton.engine.scheduling.replan.ground import Piece
from sapar.proton.engine.scheduling.replan.insert import Sitter, squeeze

DAY = date(2027, 3, 1)


def sitter(number: int, start: int, length: int, room: int, *, price: int = 1) -> Sitter:
    """Somebody who may begin up to `room` minutes earlier or later."""
    booking = Booking("c", DAY, "G1", start, length, 0, 0)
    piece = Piece("c", number, 0, booking, asleep=False, rank=None, hit="")
    return Sitter(piece, start, bits([(max(0, start - room), start + room + 1)]), price)


def test_a_gap_that_is_wide_enough_moves_nobody() -> None:
    found = squeeze(bits([(0, 80)]), 20, [sitter(1, 0, 20, 5), sitter(2, 40, 20, 5)], 10)
    assert found is not None
    assert (found.start, found.price, found.shifted) == (20, 0, ())


def test_one_shifts_where_two_gaps_join() -> None:
    found = squeeze(bits([(0, 26)]), 20, [sitter(1, 12, 20, 15)], 10)
    assert found is not None
    assert found.price == 1
    ((_, to),) = found.shifted
    assert to >= found.start + 20 or to + 20 <= found.start


def test_who_cannot_shift_far_enough_or_costs_too_much_keeps_the_place() -> None:
    assert squeeze(bits([(0, 26)]), 20, [sitter(1, 12, 20, 3)], 10) is None
    assert squeeze(bits([(0, 26)]), 20, [sitter(1, 12, 20, 15, price=20)], 10) is None


@given(
    gaps=st.lists(st.integers(0, 15), min_size=1, max_size=6),
    length=st.integers(1, 30),
    room=st.integers(0, 25),
)
def test_what_is_found_overlaps_nobody_and_keeps_every_window(
    gaps: list[int], length: int, room: int
) -> None:
    sitters, at = [], 0
    for number, gap in enumerate(gaps):
        sitters.append(sitter(number, at + gap, 20, room))
        at += gap + 20
    mask = bits([(0, at + 20)])
    found = squeeze(mask, length, sitters, 100)
    if found is None:
        return
    now = {each.piece.number: each.start for each in sitters}
    for each, to in found.shifted:
        assert each.mask >> to & 1
        now[each.piece.number] = to
    held = bits([(found.start, found.start + length)])
    assert held.bit_count() == length
    for start in now.values():
        mine = bits([(start, start + 20)])
        assert not held & mine
        held |= mine
    assert found.price == len(found.shifted)
