"""What must hold for any structure, and an independent count of points beside the engine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.proton.engine.selection.dvh.compute import histograms, volume_cc
from sapar.proton.engine.selection.plan import Contour, DoseGrid, Grid, Structure
from tests.proton.selection.dvh_shapes import dose, dose_at, grid, points_inside, structure

FEW = settings(max_examples=15, deadline=None)
GRID = grid()


def star(rng: np.random.Generator, at: tuple[float, float], size: float) -> np.ndarray:
    """A polygon without crossings about a point, sides of any length."""
    n = int(rng.integers(3, 40))
    angle = np.sort(rng.uniform(0, 2 * np.pi, n) * 0.01 + np.arange(n) * 2 * np.pi / n)
    radius = rng.uniform(0.45, 1.0, n) * size
    return np.stack([at[0] + radius * np.cos(angle), at[1] + radius * np.sin(angle)], axis=1)


def blob(seed: int, at: tuple[float, float] = (0.0, 0.0), size: float = 18.0) -> Structure:
    """Uneven planes, each with a star, some with a hole in it."""
    rng = np.random.default_rng(seed)
    z = np.cumsum(rng.uniform(1.0, 4.0, int(rng.integers(2, 9)))) - 12.0
    contours = []
    for plane in z:
        contours.append(Contour(float(plane), star(rng, at, size)))
        if rng.random() < 0.4:
            contours.append(Contour(float(plane), star(rng, at, 0.4 * size)))
    return structure(contours)


def wavy(seed: int) -> DoseGrid:
    """A dose with slopes in every direction."""
    a, b, c = np.random.default_rng(seed).uniform(0.05, 0.12, 3)
    return dose(
        GRID, lambda x, y, z: 35 + 12 * np.sin(a * x) + 9 * np.cos(b * y) + 8 * np.sin(c * z)
    )


def moved(held: Structure, by: tuple[float, float, float]) -> Structure:
    return structure([Contour(c.z + by[2], c.points + np.array(by[:2])) for c in held.contours])


seeds = st.integers(0, 10_000)
shifts = st.tuples(*[st.floats(-8, 8) for _ in range(3)])


@FEW
@given(seeds)
def test_volume_is_conserved_the_curve_falls_and_the_mean_lies_between(seed: int) -> None:
    held = blob(seed)
    [found] = histograms([held], wavy(seed))
    assert found.measured_cc == pytest.approx(found.covered * found.total_cc, rel=1e-9)
    assert found.total_cc == pytest.approx(volume_cc(held), rel=5e-3)
    assert found.covered == 1.0
    assert (found.volume_cc >= 0).all()
    assert (np.diff(found.cumulative()) <= 0).all()
    assert found.minimum_gy <= found.mean_gy <= found.maximum_gy
    assert found.edges_gy[0] <= found.minimum_gy
    assert found.edges_gy[-1] >= found.maximum_gy
    middle = 0.5 * (found.edges_gy[1:] + found.edges_gy[:-1])
    assert float(middle @ found.volume_cc) / found.measured_cc == pytest.approx(
        found.mean_gy, abs=0.05
    )
    doses = [found.dose_at(share) for share in (0.02, 0.3, 0.5, 0.95)]
    assert doses == sorted(doses, reverse=True)


@FEW
@given(seeds, shifts)
def test_a_structure_and_its_dose_may_move_together(
    seed: int, by: tuple[float, float, float]
) -> None:
    held, known = blob(seed), wavy(seed)
    shifted = DoseGrid(Grid(GRID.x + by[0], GRID.y + by[1], GRID.z + by[2]), known.gy)
    [here], [there] = histograms([held], known), histograms([moved(held, by)], shifted)
    assert there.total_cc == pytest.approx(here.total_cc, rel=1e-5)
    assert there.mean_gy == pytest.approx(here.mean_gy, abs=1e-3)
    assert there.dose_at(0.5) == pytest.approx(here.dose_at(0.5), abs=0.02)


@FEW
@given(seeds, shifts)
def test_where_the_grid_lies_changes_little(seed: int, by: tuple[float, float, float]) -> None:
    slope = (0.5, -0.3, 0.2)

    def straight(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        return 40 + slope[0] * x + slope[1] * y + slope[2] * z

    held = blob(seed, size=14.0)
    lift = float(np.dot(slope, by))
    here, there = histograms([held, moved(held, by)], dose(GRID, straight))
    assert there.total_cc == pytest.approx(here.total_cc, rel=5e-3)
    assert there.mean_gy - lift == pytest.approx(here.mean_gy, abs=0.03)
    assert there.dose_at(0.3) - lift == pytest.approx(here.dose_at(0.3), abs=0.15)


@FEW
@given(seeds)
def test_two_structures_apart_add_up(seed: int) -> None:
    west = blob(seed, (-20.0, 0.0))
    east = moved(west, (41.0, 2.0, 0.0))
    both = structure([*west.contours, *east.contours])
    one, other, all_of_it = histograms([west, east, both], wavy(seed))
    assert all_of_it.total_cc == pytest.approx(one.total_cc + other.total_cc, rel=5e-3)
    mean = (one.mean_gy * one.total_cc + other.mean_gy * other.total_cc) / (
        one.total_cc + other.total_cc
    )
    assert all_of_it.mean_gy == pytest.approx(mean, abs=0.03)
    for gy in (25.0, 35.0, 45.0):
        parts = one.volume_at(gy) + other.volume_at(gy)
        assert all_of_it.volume_at(gy) == pytest.approx(parts, abs=0.01 * all_of_it.total_cc)


@FEW
@given(seeds, st.floats(0.1, 3.0))
def test_twice_the_dose_is_twice_every_figure(seed: int, factor: float) -> None:
    held, known = blob(seed), wavy(seed)
    scaled = replace(known, gy=(known.gy * factor).astype(np.float32))
    [one], [other] = histograms([held], known), histograms([held], scaled)
    assert other.mean_gy == pytest.approx(factor * one.mean_gy, rel=1e-5)
    assert other.maximum_gy == pytest.approx(factor * one.maximum_gy, rel=1e-5)
    for share in (0.05, 0.5, 0.95):
        bins = 0.05 * (1 + factor)
        assert other.dose_at(share) == pytest.approx(factor * one.dose_at(share), abs=bins)


@pytest.mark.parametrize("seed", range(4))
def test_a_plain_count_of_points_finds_the_same(seed: int) -> None:
    held, known = blob(seed, (1.3, -2.1), 9.0), wavy(seed)
    [found] = histograms([held], known)
    cc, doses = points_inside(held, known, 0.8)
    assert found.total_cc == pytest.approx(cc, rel=0.02)
    assert found.mean_gy == pytest.approx(sum(doses) / len(doses), abs=0.12)
    for share in (0.1, 0.5, 0.9):
        assert found.dose_at(share) == pytest.approx(doses[int((1 - share) * len(doses))], abs=0.3)


def test_the_plain_count_reads_a_known_dose() -> None:
    known = dose(GRID, lambda x, y, z: 40 + 0.3 * x - 0.2 * y + 0.1 * z)
    assert dose_at(known, 3.3, -7.9, 11.1) == pytest.approx(40 + 0.99 + 1.58 + 1.11, abs=1e-4)
