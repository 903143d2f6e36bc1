"""Histograms of shapes known by formula, and the conventions at ends, gaps and holes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sapar.proton.engine.selection.dvh.compute import EndCap, Options, histograms, volume_cc
from sapar.proton.engine.selection.dvh.histogram import DoseVolume
from sapar.proton.engine.selection.plan import Contour, DoseGrid, Grid
from tests.proton.selection.dvh_shapes import ball, box, circle, cylinder, dose, grid, structure

if TYPE_CHECKING:
    from sapar.proton.engine.selection.plan import Structure

GRID = grid()
PLANES = np.arange(-30.0, 30.1, 3.0)
FULL = Options(end_cap=EndCap.FULL)


def one(held: Structure, known: DoseGrid, **more: object) -> DoseVolume:
    [found] = histograms([held], known, **more)  # type: ignore[arg-type] # passed on as given
    return found


def test_a_box_off_the_grid_has_its_exact_volume_and_dose() -> None:
    held = structure([box(z, -11.3, -7.7, 14.2, 9.1) for z in PLANES])
    found = one(held, dose(GRID, lambda x, y, _z: 40 + 0.5 * x + 0.25 * y))
    assert found.total_cc == pytest.approx(25.5 * 16.8 * 60 / 1000, rel=2e-3)
    assert found.mean_gy == pytest.approx(40 + 0.5 * 1.45 + 0.25 * 0.7, abs=0.01)
    assert found.measured_cc == pytest.approx(found.total_cc, rel=1e-6)
    assert found.covered == 1.0


def test_half_caps_end_in_the_last_contour_and_full_caps_half_a_slice_beyond() -> None:
    held = cylinder(15, PLANES)
    area = math.pi * 15**2 / 1000
    assert volume_cc(held) == pytest.approx(area * 60, rel=1e-3)
    assert volume_cc(held, options=FULL) == pytest.approx(area * 63, rel=1e-3)


def test_with_an_image_a_full_cap_is_half_of_its_slice() -> None:
    held = cylinder(15, [0.0, 6.0, 12.0])
    image = np.array([-5.0, -4.0, 0.0, 3.0, 6.0, 9.0, 12.0, 14.0, 20.0])
    area = math.pi * 15**2 / 1000
    full = volume_cc(held, planes=image, options=FULL)
    assert full == pytest.approx(area * (2.0 + 12.0 + 1.0), rel=1e-3)
    at_the_end = volume_cc(held, planes=image[:7], options=FULL)
    assert at_the_end == pytest.approx(area * (2.0 + 12.0 + 1.5), rel=1e-3)


@pytest.mark.parametrize("spacing", [1.0, 2.0, 3.0])
def test_a_ball_has_its_volume_within_the_stated_discretisation(spacing: float) -> None:
    held = ball(20, np.arange(-30, 31) * spacing)
    exact = 4 / 3 * math.pi * 20**3 / 1000
    found = volume_cc(held, options=FULL)
    # Equal slices sum A(z) by the trapezoid rule: for a ball short or long by π h²/6·2r at most.
    assert abs(found - exact) <= math.pi * spacing**2 * 20 / 3 / 1000 + 1e-3 * exact


def test_uneven_slices_reach_half_way_to_each_neighbour() -> None:
    areas = [100.0, 400.0, 900.0, 200.0]
    planes = [0.0, 2.0, 5.0, 11.0]
    held = structure([box(z, 0, 0, a / 10, 10) for z, a in zip(planes, areas, strict=True)])
    half = 100 * 1.0 + 400 * 2.5 + 900 * 4.5 + 200 * 3.0
    image = np.array([-1.0, *planes, 14.0])
    assert volume_cc(held, planes=image) == pytest.approx(half / 1000, rel=2e-3)
    full = half + 100 * 0.5 + 200 * 1.5
    assert volume_cc(held, planes=image, options=FULL) == pytest.approx(full / 1000, rel=2e-3)


@pytest.mark.parametrize(("missing", "length"), [(1, 24.0), (2, 24.0), (3, 12.0)])
def test_up_to_two_missing_planes_are_bridged_and_a_longer_gap_divides(
    missing: int, length: float
) -> None:
    image = np.arange(-12.0, 13.0, 1.0)
    drawn = [z for z in image if not 0 <= z < missing]
    held = cylinder(8, drawn)
    wanted = 24.0 if length == 24.0 else 24.0 - (missing + 1)
    area = math.pi * 64 / 1000
    assert volume_cc(held, planes=image) == pytest.approx(area * wanted, rel=2e-3)
    assert volume_cc(held) == pytest.approx(area * wanted, rel=2e-3)
    capped = volume_cc(held, planes=image, options=FULL)
    assert capped == pytest.approx(area * (wanted + (1 if wanted == 24.0 else 2)), rel=2e-3)


@pytest.mark.parametrize("every", [2, 5])
def test_contours_drawn_on_every_nth_slice_are_no_gap(every: int) -> None:
    image = np.arange(0.0, 61.0, 1.5)
    drawn = image[::every]
    held = cylinder(8, drawn)
    wanted = math.pi * 64 * (drawn[-1] - drawn[0]) / 1000
    assert volume_cc(held, planes=image) == pytest.approx(wanted, rel=2e-3)
    # But where one of these is left out, with four more, the structure is in two.
    parted = cylinder(8, [*drawn[:4], *drawn[8:]]) if every == 2 else held
    lost = drawn[8] - drawn[3] if every == 2 else 0.0
    less = math.pi * 64 * lost / 1000
    assert volume_cc(parted, planes=image) == pytest.approx(wanted - less, rel=2e-3)


def test_two_contours_far_apart_in_an_image_are_two_parts_of_one_slice_each() -> None:
    held = cylinder(8, [0.0, 60.0])
    area = math.pi * 64 / 1000
    assert volume_cc(held, planes=np.arange(-30.0, 90.1, 3.0)) == pytest.approx(6 * area, rel=2e-3)


def test_contours_between_the_planes_of_the_image_are_no_gap() -> None:
    image = np.arange(0.0, 31.0, 3.0)
    held = cylinder(8, image[:-1] + 1.1)
    strict = Options(bridge=0)
    wanted = math.pi * 64 * 27 / 1000
    assert volume_cc(held, planes=image, options=strict) == pytest.approx(wanted, rel=2e-3)


def test_a_single_plane_counts_for_one_slice() -> None:
    held = cylinder(10, [0.0])
    area = math.pi * 100 / 1000
    assert volume_cc(held, planes=PLANES) == pytest.approx(3 * area, rel=2e-3)
    known = dose(GRID, lambda _x, _y, _z: 10.0)
    assert one(held, known).total_cc == pytest.approx(2.5 * area, rel=2e-3)
    assert one(held, known, planes=PLANES).total_cc == pytest.approx(3 * area, rel=2e-3)


def ring(z: float) -> list[Contour]:
    return [circle(z, 15), circle(z, 9, (2.0, 1.0))]


def keyhole(z: float) -> Contour:
    """The same ring as one contour: out along a cut, round the hole, and back."""
    outer, inner = circle(z, 15).points, circle(z, 9, (2.0, 1.0)).points[::-1]
    return Contour(z, np.concatenate([outer, outer[:1], inner, inner[:1]]))


def test_holes_count_by_exclusive_or_whatever_their_sense_and_as_keyholes() -> None:
    known = dose(GRID, lambda x, _y, z: 20 + 0.3 * x + 0.01 * z**2)
    rings = structure([c for z in PLANES for c in ring(z)])
    turned = structure([Contour(c.z, c.points[::-1]) for z in PLANES for c in ring(z)[::-1]])
    keyed = structure([keyhole(z) for z in PLANES])
    found = [one(held, known) for held in (rings, turned, keyed)]
    exact = math.pi * (225 - 81) * 60 / 1000
    for each in found:
        assert each.total_cc == pytest.approx(exact, rel=1e-3)
        assert each.mean_gy == pytest.approx(found[0].mean_gy, abs=2e-3)
    assert found[1].mean_gy == pytest.approx(found[0].mean_gy, abs=1e-6)
    # The hole lies towards +x: what remains has its centre at -81·2/144.
    lean = one(rings, dose(GRID, lambda x, _y, _z: 20 + 0.3 * x))
    assert lean.mean_gy == pytest.approx(20 - 0.3 * 81 * 2 / 144, abs=0.01)


def test_an_island_in_a_hole_counts_again() -> None:
    held = structure([c for z in PLANES for c in (*ring(z), circle(z, 4, (2.0, 1.0)))])
    assert volume_cc(held) == pytest.approx(math.pi * (225 - 81 + 16) * 60 / 1000, rel=1e-3)


def test_contours_that_overlap_count_where_one_of_them_lies() -> None:
    held = structure([c for z in PLANES for c in (box(z, 0, 0, 10, 10), box(z, 5, 5, 15, 15))])
    assert volume_cc(held) == pytest.approx((100 + 100 - 2 * 25) * 60 / 1000, rel=2e-3)


def test_a_disc_in_a_gradient_has_the_histogram_of_its_segments() -> None:
    held = cylinder(20, PLANES)
    found = one(held, dose(GRID, lambda x, _y, _z: 30 + x))
    for t in (-0.9, -0.5, 0.0, 0.4, 0.8):
        above = (math.acos(t) - t * math.sqrt(1 - t * t)) / math.pi
        assert found.share_at(30 + 20 * t) == pytest.approx(above, abs=2e-3)
        assert found.dose_at(above) == pytest.approx(30 + 20 * t, abs=0.1)
    assert found.mean_gy == pytest.approx(30, abs=1e-3)


def test_a_ball_in_a_gradient_has_the_histogram_of_its_caps() -> None:
    planes = np.arange(-20, 21) * 1.0
    for law in (lambda x, _y, _z: 30 + x, lambda _x, _y, z: 30 + z):
        found = one(ball(20, planes), dose(GRID, law))
        for t in (-0.8, -0.3, 0.0, 0.5, 0.9):
            above = (1 - t) ** 2 * (2 + t) / 4
            assert found.share_at(30 + 20 * t) == pytest.approx(above, abs=4e-3)
        assert found.mean_gy == pytest.approx(30, abs=5e-3)


def test_a_gradient_along_z_spreads_a_cylinder_evenly_and_gives_its_geud() -> None:
    found = one(cylinder(12, PLANES), dose(GRID, lambda _x, _y, z: 40 + z))
    for share in (0.02, 0.25, 0.5, 0.95):
        assert found.dose_at(share) == pytest.approx(70 - 60 * share, abs=0.8)
    for a in (2.0, 8.0):
        exact = ((70 ** (a + 1) - 10 ** (a + 1)) / ((a + 1) * 60)) ** (1 / a)
        assert found.geud(a) == pytest.approx(exact, abs=0.05)
    assert found.geud(1) == found.mean_gy


@pytest.mark.parametrize(
    ("a", "exact"), [(1, 25.0), (2, 27.3861), (8, 34.0546), (11.111, 35.4371), (-10, 11.4858)]
)
def test_geud_gives_the_published_vectors(a: float, exact: float) -> None:
    edges = np.sort(np.concatenate([[d - 1e-6, d + 1e-6] for d in (10.0, 20.0, 30.0, 40.0)]))
    quarter = np.array([1.0, 0, 1, 0, 1, 0, 1])
    found = DoseVolume("made", edges, quarter, 25.0, 10.0, 40.0, 4.0)
    assert found.geud(a) == pytest.approx(exact, abs=1e-4)


def test_what_lies_outside_the_dose_grid_is_measured_and_not_guessed() -> None:
    small = Grid(GRID.x[:21], GRID.y, GRID.z)
    known = dose(small, lambda _x, _y, _z: 10.0)
    # The last face is at -49 + 2.5·20.5 = 2.25 mm.
    held = structure([box(z, -7.75, -10, 12.25, 10) for z in PLANES])
    found = one(held, known)
    assert found.covered == pytest.approx(0.5, abs=2e-3)
    assert found.total_cc == pytest.approx(20 * 20 * 60 / 1000, rel=2e-3)
    assert found.measured_cc == pytest.approx(found.covered * found.total_cc, rel=1e-9)
    assert found.mean_gy == pytest.approx(10.0)
    tall = one(
        structure([box(z, -5, -5, 5, 5) for z in range(0, 100, 4)]), dose(GRID, lambda *_: 1)
    )
    assert tall.covered == pytest.approx((-49 + 39.5 * 2.5) / 96, rel=1e-6)
    away = one(structure([box(z, 300, 300, 320, 320) for z in PLANES]), known)
    assert (away.covered, away.measured_cc, away.mean_gy) == (0.0, 0.0, 0.0)
    assert away.total_cc == pytest.approx(24.0, rel=2e-3)


def test_uneven_dose_planes_are_interpolated_between_their_own_distances() -> None:
    z = np.array([-40.0, -20.0, -12.0, -5.0, 0.0, 1.0, 9.0, 30.0, 44.0])
    known = dose(Grid(GRID.x, GRID.y, z), lambda _x, _y, z: 50 + 0.5 * z)
    found = one(structure([box(p, -10, -10, 10, 10) for p in np.arange(-15, 30, 1.0)]), known)
    assert found.mean_gy == pytest.approx(50 + 0.5 * 7.0, abs=1e-3)
    assert found.minimum_gy == pytest.approx(50 - 7.5, abs=0.3)
    assert found.maximum_gy == pytest.approx(50 + 14.5, abs=0.3)


def test_a_difference_below_zero_keeps_its_bins() -> None:
    found = one(cylinder(15, PLANES), dose(GRID, lambda x, _y, _z: 0.5 * x))
    assert found.edges_gy[0] < 0 < found.edges_gy[-1]
    assert found.share_at(0.0) == pytest.approx(0.5, abs=2e-3)
    assert found.mean_gy == pytest.approx(0.0, abs=1e-3)


def test_the_grid_may_be_a_single_plane_which_covers_nothing() -> None:
    flat = DoseGrid(Grid(GRID.x, GRID.y, np.zeros(1)), np.ones((1, 40, 40), dtype=np.float32))
    found = one(cylinder(15, PLANES), flat)
    assert found.covered == 0.0
    assert found.total_cc == pytest.approx(math.pi * 225 * 60 / 1000, rel=1e-3)


def test_small_structures_keep_their_volume_and_dose() -> None:
    lens = ball(3.5, np.arange(-4, 5) * 1.0, at=(7.3, -4.1))
    found = one(lens, dose(GRID, lambda x, y, _z: 20 + 2 * x + y))
    assert found.total_cc == pytest.approx(4 / 3 * math.pi * 3.5**3 / 1000, rel=0.05)
    assert found.mean_gy == pytest.approx(20 + 14.6 - 4.1, abs=0.01)
