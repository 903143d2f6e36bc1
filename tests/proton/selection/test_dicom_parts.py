"""The parts of the reader beside other ways to the same answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.proton.adapters.dicom import outlines, sides
from sapar.proton.adapters.dicom.images import missing_gaps
from sapar.proton.adapters.dicom.opening import looks_like_dicom
from sapar.proton.engine.selection.plan import Contour, Grid, Structure
from sapar.proton.phantoms.shapes import fill

LEFT, RIGHT, NEITHER = 1, -1, 0


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Parotid_L", LEFT),
        ("Lung_R", RIGHT),
        ("Left lung", LEFT),
        ("RT PAROTID", RIGHT),
        ("Lunge links", LEFT),
        ("Niere rechts", RIGHT),
        ("Левое лёгкое", LEFT),
        ("околоушная прав.", RIGHT),
        ("Сол өкпе", LEFT),
        ("Оң өкпе", RIGHT),
        ("chap oʻpka", LEFT),
        ("o'ng buyrak", RIGHT),
        ("oʼng ko‘z", RIGHT),
        ("Chap buyrak", LEFT),
        ("SpinalCord", NEITHER),
        ("Larynx", NEITHER),
        ("L4", NEITHER),
        ("Lens", NEITHER),
        ("Rectum", NEITHER),
        ("L-R nodes", NEITHER),
        ("Солнечное сплетение", NEITHER),
        ("", NEITHER),
    ],
)
def test_names_say_their_side_in_the_languages_of_senders(name: str, wanted: int) -> None:
    assert sides.side(name) == wanted


def test_slices_that_are_missing_are_found_and_changes_of_spacing_are_not() -> None:
    even = np.arange(0.0, 30.0, 3.0)
    numbers: list[int | None] = list(range(1, 11))
    assert missing_gaps(even, numbers) == []
    assert missing_gaps(np.delete(even, 4), [None] * 9) == [3]
    assert missing_gaps(np.delete(even, [4, 5]), [None] * 8) == [3]
    assert missing_gaps(np.delete(even, 1), [None] * 9) == [0]
    wider = np.array([0.0, 1, 2, 3, 4, 7, 10, 13])
    assert missing_gaps(wider, list(range(8))) == []
    assert missing_gaps(wider, [1, 2, 3, 4, 5, 8, 11, 14]) == [4, 5, 6]
    assert missing_gaps(wider, [8, 7, 6, 5, 4, 3, 2, 1]) == []


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        (b"\0" * 128 + b"DICM", True),
        (b"%PDF-1.7", False),
        (b"PK\x03\x04" + b"\0" * 200, False),
        (b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100", True),
        (b"\x08\x00\x05\x00\x0a\x00\x00\x00ISO_IR 100", True),
        (b"\x00\x08\x00\x05CS\x00\x0aISO_IR 100", True),
        (b"\x08\x00\x05\x00\xff\xff\xff\xff", False),
        (b"", False),
        ("Строка".encode(), False),
    ],
)
def test_what_may_be_dicom_is_told_by_its_first_bytes(head: bytes, *, wanted: bool) -> None:
    assert looks_like_dicom(head) is wanted


stars = st.lists(st.floats(6.0, 15.0), min_size=4, max_size=14).map(
    lambda radii: np.array(
        [
            [r * np.cos(a), r * np.sin(a)]
            for r, a in zip(
                radii, np.linspace(0, 2 * np.pi, len(radii), endpoint=False), strict=True
            )
        ]
    )
)


@settings(max_examples=40)
@given(stars, st.floats(-12, 12), st.floats(-12, 12))
def test_the_share_within_a_box_agrees_with_counting_points(
    points: np.ndarray, shift_x: float, shift_y: float
) -> None:
    moved = points + np.array([shift_x, shift_y])
    fine = np.arange(-40.05, 40.0, 0.3)
    inside = fill([moved], fine, fine)
    in_box = (np.abs(fine) <= 10.0)[:, None] & (np.abs(fine) <= 10.0)[None, :]
    box = Grid(np.array([-9.0, -7.0, 7.0, 9.0]), np.array([-9.0, -7.0, 9.0]), np.array([0.0, 1.0]))
    structure = Structure(1, "S", (Contour(0.0, moved),))
    share = outlines.share_within(structure, box)
    # Half a step beyond -9 and beyond 9 is -10 and 10 in x; in y 10 above and 17 below.
    in_box = in_box | ((fine > 10.0) & (fine <= 17.0))[:, None] & (np.abs(fine) <= 10.0)[None, :]
    assert share == pytest.approx((inside & in_box).sum() / inside.sum(), abs=0.03)
    area, x, y = outlines.area_and_middle(moved)
    assert area == pytest.approx(inside.sum() * 0.09, rel=0.06, abs=1.0)
    rows, columns = np.nonzero(inside)
    assert (x, y) == pytest.approx((fine[columns].mean(), fine[rows].mean()), abs=0.25)


def test_planes_beyond_a_grid_count_as_outside() -> None:
    square = np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])
    structure = Structure(1, "S", tuple(Contour(z, square) for z in (0.0, 1.0, 2.0, 3.0)))
    axis = np.arange(-5.0, 6.0)
    assert outlines.share_within(structure, Grid(axis, axis, np.array([0.0, 1.0]))) == 0.5
    assert outlines.share_within(structure, Grid(axis + 50, axis, np.array([0.0, 9.0]))) == 0.0
    assert outlines.middle_of(structure) == (0.0, 0.0, 1.5)
