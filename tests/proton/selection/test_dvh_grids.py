"""Structures on grids, dose from grid to grid, and odd contours named."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from sapar.proton.engine.selection.dvh.compute import EndCap, Options, histograms, volume_cc
from sapar.proton.engine.selection.dvh.findings import contour_problems, coverage_problems
from sapar.proton.engine.selection.dvh.rasterise import cropped, mask
from sapar.proton.engine.selection.dvh.resample import add, difference, faces, onto
from sapar.proton.engine.selection.plan import (
    Contour,
    DoseGrid,
    DoseType,
    Grid,
    Modality,
    Structure,
    Summation,
)
from sapar.proton.phrases import PHRASES
from tests.proton.selection.dvh_shapes import ball, box, circle, cylinder, dose, grid, structure

GRID = grid()
PLANES = np.arange(-30.0, 30.1, 3.0)
UNEVEN = Grid(GRID.x, GRID.y, np.array([-40.0, -33.0, -20.0, -11.0, -3.0, 0.0, 5.0, 14.0, 32.0]))


def filled_cc(share: np.ndarray, on: Grid) -> float:
    dx, dy = on.spacing
    return float(share.sum(axis=(1, 2)) @ np.diff(faces(on.z))) * dx * dy / 1000


@pytest.mark.parametrize("on", [GRID, UNEVEN], ids=["even", "uneven"])
def test_a_mask_holds_the_volume_of_the_structure(on: Grid) -> None:
    for held in (cylinder(15, PLANES), ball(17, PLANES, at=(3.1, -2.2))):
        share = mask(held, on, planes=PLANES)
        assert share.shape == on.shape
        assert share.dtype == np.float32
        assert 0.0 <= share.min() <= share.max() <= 1.0
        assert filled_cc(share, on) == pytest.approx(volume_cc(held, planes=PLANES), rel=1e-3)


def test_a_mask_knows_the_share_of_each_voxel() -> None:
    on = Grid(np.arange(4.0) * 2, np.arange(3.0) * 2, np.array([0.0, 2.0, 4.0]))
    held = structure([box(z, 0.5, 0.0, 4.0, 2.5) for z in (0.0, 2.0)])
    share = mask(held, on, planes=on.z)
    # x faces -1, 1, 3, 5, 7; y faces -1, 1, 3, 5; the structure reaches from z 0 to 2.
    in_x, in_y, in_z = [0.25, 1, 0.5, 0], [0.5, 0.75, 0], [0.5, 0.5, 0]
    exact = np.einsum("k,j,i->kji", in_z, in_y, in_x)
    assert share == pytest.approx(exact, abs=1e-6)
    capped = mask(held, on, planes=on.z, options=Options(end_cap=EndCap.FULL))
    assert capped == pytest.approx(np.einsum("k,j,i->kji", [1, 1, 0], in_y, in_x), abs=1e-6)


def test_a_mask_is_cut_at_the_grid_and_empty_beside_it() -> None:
    small = Grid(GRID.x[:21], GRID.y, GRID.z)
    held = structure([box(z, -7.75, -10, 12.25, 10) for z in PLANES])
    assert filled_cc(mask(held, small, planes=PLANES), small) == pytest.approx(12.0, rel=2e-3)
    away = structure([box(z, 300, 300, 320, 320) for z in PLANES])
    assert not mask(away, small, planes=PLANES).any()
    assert not mask(structure([box(500, 0, 0, 9, 9)]), small).any()
    assert not mask(structure([]), small).any()
    held = ball(17, PLANES)
    whole, (place, share) = mask(held, GRID), cropped(held, GRID)
    assert np.array_equal(whole[place], share)
    assert whole.sum() == pytest.approx(share.sum())


def test_the_mask_and_the_histogram_agree_on_the_mean() -> None:
    known = dose(GRID, lambda x, y, z: 40 + 0.4 * x + 5 * np.sin(y / 9) + 0.2 * z)
    held = ball(18, PLANES, at=(4.0, 5.0))
    share = mask(held, GRID, planes=PLANES)
    by_voxels = float((share * known.gy).sum() / share.sum())
    [found] = histograms([held], known, planes=PLANES)
    assert found.mean_gy == pytest.approx(by_voxels, abs=0.1)


def law(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    return 40 + 0.3 * x - 0.2 * y + 0.1 * z


def test_a_linear_dose_is_resampled_exactly_and_nothing_is_made_up_outside() -> None:
    other = Grid(
        np.linspace(-60, 30, 37), np.linspace(-20, 20, 17), np.array([-30.0, -1, 7, 11, 99])
    )
    moved = onto(other, dose(GRID, law), outside=-1.0)
    exact = dose(other, law).gy
    inside = (other.x > -49)[None, None, :] & (other.z < 49)[:, None, None]
    inside = np.broadcast_to(inside, other.shape)
    assert moved.gy[inside] == pytest.approx(exact[inside], abs=1e-3)
    beyond = np.broadcast_to((other.x < -50.25)[None, None, :], other.shape)
    assert (moved.gy[beyond] == -1.0).all()
    assert (moved.gy[-1] == -1.0).all()
    assert onto(grid(low=900.0), dose(GRID, law)).gy.max() == 0.0


def test_beams_add_up_on_the_grid_of_the_first_and_kinds_of_dose_do_not_mix() -> None:
    beam = replace(dose(GRID, law), summation=Summation.BEAM, beam=1, modality=Modality.PROTON)
    other = replace(dose(grid((60, 60, 60), 2.0, -60.0), law), modality=Modality.PROTON)
    total = add([beam, other])
    assert (total.summation, total.beam, total.modality) == (Summation.PLAN, None, Modality.PROTON)
    assert total.gy == pytest.approx(2 * beam.gy, abs=1e-3)
    assert difference(total, beam).gy == pytest.approx(beam.gy, abs=1e-3)
    assert add([beam, replace(other, modality=Modality.PHOTON)]).modality is Modality.OTHER
    with pytest.raises(ValueError, match="dose types differ"):
        add([beam, replace(other, dose_type=DoseType.EFFECTIVE)])
    with pytest.raises(ValueError, match="at least"):
        add([])


def codes(held: Structure, planes: np.ndarray | None = PLANES) -> set[str]:
    found = contour_problems([held], planes=planes)
    for each in found:
        assert not each.fatal
        for key in (each.code, f"{each.code}.remedy"):
            assert str(PHRASES[key]).format(**each.params)
    return {each.code.removeprefix("proton.dvh.") for each in found}


def points(*given: tuple[float, float], z: float = 0.0) -> Contour:
    return Contour(z, np.array(given, dtype=np.float64).reshape(-1, 2))


BAD = {
    "no_contours": structure([]),
    "too_few_points": structure([points((0, 0), (9, 9)), points(), points((0, 0), z=3.0)]),
    "not finite": structure(
        [points((0, 0), (9, math.nan), (3, 3)), points((0, 0), (1, 1), (2, 0), z=math.inf)]
    ),
    "no_area": structure([points((0, 0), (5, 5), (9, 9), z=z) for z in PLANES]),
    "level": structure([points((0, 4), (5, 4), (9, 4), z=z) for z in PLANES]),
    "one point": structure([points((4, 4), (4, 4), (4, 4), z=z) for z in PLANES]),
}


@pytest.mark.parametrize("name", BAD)
def test_what_encloses_nothing_is_named_and_has_no_volume(name: str) -> None:
    held = BAD[name]
    [found] = histograms([held], dose(GRID, law), planes=PLANES)
    assert found.total_cc == pytest.approx(0.0, abs=1e-9)
    assert not mask(held, GRID).any()
    expected = {"not finite": "too_few_points", "level": "no_area", "one point": "no_area"}
    assert expected.get(name, name) in codes(held)


def test_bad_contours_beside_good_ones_take_nothing_away() -> None:
    good = cylinder(12, PLANES)
    mixed = structure(
        [*good.contours, points((0, 0), (9, 9)), points((1, 1), (2, 2), (3, 3), z=3.0)]
    )
    [one, other] = histograms([good, mixed], dose(GRID, law), planes=PLANES)
    assert other.total_cc == pytest.approx(one.total_cc, rel=1e-6)
    assert other.mean_gy == pytest.approx(one.mean_gy, abs=1e-4)
    assert codes(mixed) == {"too_few_points", "no_area"}
    assert codes(good) == set()


def test_contours_that_cross_themselves_count_by_the_even_odd_rule_and_are_named() -> None:
    bow = structure([points((0, 0), (10, 10), (10, 0), (0, 10), z=z) for z in PLANES])
    assert codes(bow) == {"crossing"}
    assert volume_cc(bow) == pytest.approx(50 * 60 / 1000, rel=2e-3)
    twice = structure([points(*[(0, 0), (10, 0), (10, 10), (0, 10)] * 2, z=z) for z in PLANES])
    assert codes(twice) == {"crossing"}
    assert volume_cc(twice) == pytest.approx(0.0, abs=1e-9)


def test_a_contour_sent_twice_cancels_and_is_named() -> None:
    held = structure([c for z in PLANES for c in (circle(z, 9), circle(z, 9))])
    assert volume_cc(held) == pytest.approx(0.0, abs=1e-9)
    assert codes(held) == {"cancelled"}


def test_gaps_and_single_planes_are_named() -> None:
    assert codes(cylinder(9, [0.0, 3.0, 9.0, 12.0])) == {"gap_bridged"}
    assert codes(cylinder(9, [-9.0, -6.0, 12.0, 15.0])) == {"gap_open"}
    assert codes(cylinder(9, [0.0])) == {"single_plane"}


def test_a_structure_outside_the_dose_grid_is_named() -> None:
    known = dose(GRID, law)
    away = structure([box(z, 300, 300, 320, 320) for z in PLANES], "away")
    partly = structure([box(z, 40, 0, 60, 20) for z in PLANES], "partly")
    found = histograms([away, partly, cylinder(9, PLANES), structure([])], known)
    said = coverage_problems(found)
    assert [(each.code, each.where) for each in said] == [
        ("proton.dvh.outside", "away"),
        ("proton.dvh.partly_outside", "partly"),
    ]
    assert "48." in str(PHRASES[said[1].code]).format(**said[1].params)


def test_a_large_structure_is_worked_on_in_pieces_with_the_same_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from sapar.proton.engine.selection.dvh import rasterise

    held = structure([c for z in PLANES for c in (circle(z, 30), circle(z, 11, (4, 4)))])
    known = dose(GRID, law)
    [whole] = histograms([held], known)
    whole_mask = mask(held, GRID)
    monkeypatch.setattr(rasterise, "AT_ONCE", 3000)
    [pieces] = histograms([held], known)
    assert pieces.mean_gy == pytest.approx(whole.mean_gy, rel=1e-6)
    assert pieces.volume_cc == pytest.approx(whole.volume_cc, abs=1e-6)
    assert mask(held, GRID) == pytest.approx(whole_mask, abs=1e-5)


def test_the_engine_needs_numpy_alone() -> None:
    program = (
        "import sys; import sapar.proton.engine.selection.dvh.compute, "
        "sapar.proton.engine.selection.dvh.rasterise, sapar.proton.engine.selection.dvh.resample; "
        "print(sorted({'scipy', 'numba', 'pydicom', 'django'} & set(sys.modules)))"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert said.stdout.strip() == "[]"


def test_equal_input_gives_an_equal_answer() -> None:
    held = [ball(17, PLANES), cylinder(12, PLANES)]
    first, second = (
        [each.as_json() for each in histograms(held, dose(GRID, law))] for _ in range(2)
    )
    assert first == second


def test_a_dose_grid_of_one_column_covers_nothing() -> None:
    thin = DoseGrid(Grid(np.zeros(1), GRID.y, GRID.z), np.ones((40, 40, 1), dtype=np.float32))
    [found] = histograms([cylinder(12, PLANES)], thin)
    assert (found.covered, found.measured_cc) == (0.0, 0.0)
