"""The parts of a proton dose: depth, range, width, margins, RBE, curves, penalties."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from sapar.proton import phantoms
from sapar.proton.engine.selection.estimate import boxes, bragg
from sapar.proton.engine.selection.estimate.beams import apart, choose
from sapar.proton.engine.selection.estimate.curves import curve_for, hounsfield, stopping_power
from sapar.proton.engine.selection.estimate.data import read_data
from sapar.proton.engine.selection.estimate.fields import Fields, blur, field_of
from sapar.proton.engine.selection.estimate.optimise import Scenario, Term, level_start, optimise
from sapar.proton.engine.selection.estimate.rbe import BadDoseError, effective, physical_gy
from sapar.proton.engine.selection.estimate.terms import (
    NOMINAL,
    organ_terms,
    planned_targets,
    shifts_of,
    target_terms,
)
from sapar.proton.engine.selection.estimate.view import view_of, water_depth
from sapar.proton.engine.selection.estimate.volumes import Region, coarser
from sapar.proton.engine.selection.estimate.wish import Beam, Wish, level_gy, parts_of
from sapar.proton.engine.selection.plan import (
    Contour,
    DoseGrid,
    DoseType,
    Grid,
    Modality,
    Structure,
    Study,
)
from sapar.values.marks import Mark
from tests.proton.selection import dose_phantoms as phantom

ANGLE = st.floats(0, 359.9)


def distal(depth: np.ndarray, dose: np.ndarray, share: float) -> float:
    """The depth behind the maximum at which the dose falls to a share of it."""
    top = int(dose.argmax())
    return float(np.interp(-share * dose[top], -dose[top:], depth[top:]))


@pytest.mark.parametrize("range_mm", [30.0, 100.0, 200.0, 300.0])
def test_a_pristine_peak_falls_to_80_per_cent_at_its_range(range_mm: float) -> None:
    depth = np.arange(0, range_mm * 1.2, 0.1)
    dose = bragg.pristine(range_mm, depth)
    # The range at which half of the protons have stopped is where 80 % of the dose is left.
    assert distal(depth, dose, 0.8) == pytest.approx(range_mm, abs=0.35)
    assert dose[0] < 0.5
    assert dose.max() == pytest.approx(1.0, abs=0.01)


def test_the_pristine_peak_is_the_sum_over_straggling_protons() -> None:
    """Another way: protons one by one, each with its own range, losing energy as the law says."""
    range_mm, depth = 120.0, np.arange(0.5, 140.0, 1.0)
    sigma = bragg.straggling_mm(range_mm)
    own = range_mm + sigma * np.linspace(-5, 5, 801)
    weight = np.exp(-0.5 * np.linspace(-5, 5, 801) ** 2)
    dose = np.zeros_like(depth)
    for r, w in zip(own, weight, strict=True):
        low, high = np.maximum(r - depth + 0.5, 0), np.maximum(r - depth - 0.5, 0)
        here = low ** (1 / bragg.P) - high ** (1 / bragg.P)
        left = np.maximum(r - depth, 0)
        alive = (1 + bragg.LOSS_PER_MM * left) / (1 + bragg.LOSS_PER_MM * r)
        lost = bragg.LOSS_PER_MM / (1 + bragg.LOSS_PER_MM * r) * left ** (1 / bragg.P)
        dose += w * (here * alive + bragg.LOST_LOCALLY * lost)
    found = bragg.pristine(range_mm, depth)
    assert found == pytest.approx(dose / dose.max() * found.max(), abs=0.02)


def test_a_spot_widens_on_its_way_and_not_behind_its_range() -> None:
    width = bragg.width_mm(np.array([0.0, 50.0, 100.0, 150.0]), 100.0)
    assert width[0] == pytest.approx(bragg.SPOT_MM)
    assert width[1] < width[2] == width[3]
    assert width[2] == pytest.approx(math.hypot(bragg.SPOT_MM, 2.2))


@pytest.mark.parametrize("power", [0.5, 1.0, 1.6])
def test_the_range_in_matter_is_the_range_in_water_over_its_stopping_power(power: float) -> None:
    volumes = phantom.water(step=4.0, target=12.0, power=power)
    rows = np.flatnonzero(volumes.body)
    field = field_of(
        volumes, Beam(0), volumes.target_mask(), rows, step=2.0, range_share=0.0
    )  # fmt: skip
    one = int(np.argmin(np.abs(field.ranges - 80 * power)))
    weights = np.zeros(field.used.shape, dtype=np.float32)
    weights[:, one] = 1
    dose = np.zeros(volumes.grid.shape, dtype=np.float32)
    dose.ravel()[rows] = field.forward(weights[field.used])
    middle = len(volumes.grid.x) // 2
    along = dose[middle, :, middle].astype(np.float64)
    assert along.any()
    surface = -82.0  # the cube's outermost voxels end there
    fine = np.arange(surface, 80, 0.25)
    curve = np.interp(fine, volumes.grid.y, along)
    expected = field.ranges[one] / power
    assert distal(fine - surface, curve, 0.8) == pytest.approx(expected, abs=3.0)


@given(gantry=ANGLE, couch=st.floats(-90, 90))
def test_a_beams_axes_are_a_right_handed_frame_and_point_to_the_patient(
    gantry: float, couch: float
) -> None:
    axes = Beam(gantry, couch).axes()
    assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(axes) == pytest.approx(1)
    if couch == 0:
        g = math.radians(gantry)
        assert axes[1] == pytest.approx([-math.sin(g), math.cos(g), 0])


def test_a_beam_from_the_left_of_the_patient_travels_to_the_right() -> None:
    assert Beam(0).axes()[1] == pytest.approx([0, 1, 0])  # from the front to the back
    assert Beam(90).axes()[1] == pytest.approx([-1, 0, 0])
    assert apart(Beam(0), Beam(90)) == pytest.approx(90)
    assert apart(Beam(10), Beam(350)) == pytest.approx(20)


@settings(max_examples=15, deadline=None)
@given(gantry=ANGLE, couch=st.sampled_from([0.0, 30.0, 90.0]))
def test_the_depth_in_water_is_the_way_times_the_stopping_power(
    gantry: float, couch: float
) -> None:
    axis = phantom.even(-60, 60, 4.0)
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    ball = x**2 + y**2 + z**2 <= 50.0**2
    target = x**2 + y**2 + z**2 <= 8.0**2
    grid = Grid(axis, axis.copy(), axis.copy())
    view = view_of(grid, Beam(gantry, couch), target, step=2.0, beside=4.0)
    (power,) = view.seen([ball.astype(np.float32) * 1.3])
    depth = water_depth(power, view.step)
    v, u, s = (int(np.argmin(np.abs(a))) for a in (view.v, view.u, view.s))
    assert depth[v, u, s] == pytest.approx(1.3 * 50, abs=1.3 * 4)


@settings(max_examples=10, deadline=None)
@given(gantry=ANGLE, seed=st.integers(0, 9))
def test_the_adjoint_of_a_field_is_exact(gantry: float, seed: int) -> None:
    volumes = phantom.water(half=40, step=5.0, target=10)
    rows = np.flatnonzero(volumes.body)[::7]
    field = Fields(
        [
            field_of(volumes, Beam(g), volumes.target_mask(), rows, step=5.0, range_share=0.035)
            for g in (gantry, gantry + 77)
        ]
    )
    draw = np.random.default_rng(seed)
    w = draw.random(field.spots).astype(np.float32)
    g = draw.random(len(rows)).astype(np.float32)
    assert float(field.forward(w) @ g) == pytest.approx(float(w @ field.backward(g)), rel=1e-4)


def test_blurring_keeps_the_dose_and_has_the_width_it_should() -> None:
    axis = phantom.even(-60, 60, 3.0)
    share = blur(axis, np.array([4.0, 8.0]))
    middle = len(axis) // 2
    for sigma, matrix in zip((4.0, 8.0), share, strict=True):
        spread = matrix[:, middle].astype(np.float64)
        assert spread.sum() == pytest.approx(1, abs=1e-4)
        assert math.sqrt(spread @ axis**2) == pytest.approx(
            math.hypot(sigma, 3 / math.sqrt(12)), rel=0.01
        )


@pytest.mark.parametrize("mm", [3.0, 7.0, -5.0])
def test_margins_move_the_surface_of_a_ball(mm: float) -> None:
    axis = phantom.even(-40, 40, 2.0)
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    grid, far = Grid(axis, axis.copy(), axis.copy()), np.sqrt(x**2 + y**2 + z**2)
    found = boxes.grown(far <= 20, grid, mm)
    radius = (found.sum() * 8.0 * 3 / (4 * math.pi)) ** (1 / 3)
    before = ((far <= 20).sum() * 8.0 * 3 / (4 * math.pi)) ** (1 / 3)
    assert radius - before == pytest.approx(mm, abs=1.0)  # half a voxel


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 20), st.sampled_from([3.0, 5.0, 8.0]))
def test_resampling_keeps_linear_fields_and_means(seed: int, step: float) -> None:
    draw = np.random.default_rng(seed)
    a, b, c = draw.normal(size=3)
    axes = [
        phantom.even(-30, 30, 2.0),
        phantom.even(-24, 24, 2.0),
        np.cumsum(draw.uniform(1, 3, 30)) - 30,
    ]
    grid = Grid(axes[0], axes[1], axes[2])
    z, y, x = np.meshgrid(grid.z, grid.y, grid.x, indexing="ij")
    want = boxes.even_grid((-18, -15, -12), (18, 15, 6), step)
    wz, wy, wx = np.meshgrid(want.z, want.y, want.x, indexing="ij")
    found = boxes.resampled(a * x + b * y + c * z, grid, want)
    assert found == pytest.approx(a * wx + b * wy + c * wz, abs=0.05 * (1 + abs(c)) * step)


def test_the_outline_leaves_the_couch_out_and_fills_the_lungs() -> None:
    hu = np.full((6, 60, 60), -1000)
    hu[:, 10:40, 10:50] = 0
    hu[:, 20:30, 20:30] = -800  # a lung
    hu[:, 50:53, 5:55] = 100  # the couch
    body = boxes.outline(hu)
    assert body[3, 25, 25]
    assert not body[:, 48:].any()


def proton(kind: DoseType) -> DoseGrid:
    axis = np.arange(2.0)
    return DoseGrid(
        Grid(axis, axis, axis),
        np.full((2, 2, 2), 10, dtype=np.float32),
        kind,
        modality=Modality.PROTON,
    )


def test_the_rbe_is_applied_once_and_only_once() -> None:
    once = effective(proton(DoseType.PHYSICAL))
    assert once.gy == pytest.approx(11.0)
    assert once.dose_type is DoseType.EFFECTIVE
    assert effective(once).gy == pytest.approx(11.0)
    already = effective(proton(DoseType.EFFECTIVE))
    assert already.gy == pytest.approx(10.0)
    assert physical_gy(55.0) == pytest.approx(50.0)


def test_a_photon_dose_gets_no_rbe() -> None:
    with pytest.raises(BadDoseError) as told:
        effective(replace(proton(DoseType.PHYSICAL), modality=Modality.PHOTON))
    assert told.value.problem.code == "proton.dose.not_proton"


def test_an_unknown_scanner_gets_a_curve_that_never_decides() -> None:
    curves = phantom.data().curves
    curve, said = curve_for("Acme SuperScan 120", curves)
    assert curve.code == "generic"
    assert curve.source.mark is Mark.UNVERIFIED
    assert [p.code for p in said] == ["proton.dose.scanner_unknown"]
    own, _ = curve_for("SAPAR Phantom, 120 kVp", curves)
    assert own.code == "sapar-phantom"
    checked = replace(own, source=replace(own.source, mark=Mark.VERIFIED))
    assert curve_for("Sapar phantom", [checked])[1] == ()


@given(st.floats(-900, 2900))
def test_a_curve_can_be_read_backwards(hu: float) -> None:
    curve = phantom.data().curves[0]
    power = stopping_power(np.array([hu]), curve)
    assert hounsfield(power, curve) == pytest.approx([hu], abs=0.5)


def test_levels_are_read_from_names_of_targets() -> None:
    assert level_gy("PTV_5425") == pytest.approx(54.25)
    assert level_gy("CTVp_7000") == pytest.approx(70)
    assert level_gy("PTV_High") is None
    # As TG-263 writes them, which is what a person confirms.
    for name, gy in (("PTV_54.25Gy", 54.25), ("CTVp_70Gy", 70), ("PTV_60Gy-CTV", 60),
                     ("PTV_5425x35", 54.25), ("PTV!_66Gy_L", 66)):  # fmt: skip
        assert level_gy(name) == pytest.approx(gy)
    # What looks like a level and is none, is none: the target gets the prescription.
    for name in ("PTV_2", "PTV_12", "PTVn_Gy", "PTV_54.25"):
        assert level_gy(name) is None


def test_of_a_level_the_ctv_counts_before_the_ptv_and_helpers_are_left_out() -> None:
    whole = phantom.study()
    target = whole.structures[1]
    more = (
        *whole.structures,
        replace(target, number=8, name="PTV", role="PTV"),
        replace(target, number=9, name="low", role="PTV"),
        replace(target, number=10, name="ring", role="AVOIDANCE"),
    )
    names = {"CTV": "CTV_7000", "PTV": "PTV_7000", "low": "PTV_5400", "Heart": "Heart"}
    parts = parts_of(replace(whole, structures=more), names, Wish("other", 70.0, 35))
    assert [(p.name, p.kind, p.dose_gy) for p in parts.targets] == [
        ("CTV_7000", "CTV", 70.0), ("PTV_5400", "PTV", 54.0),
    ]  # fmt: skip
    assert [p.name for p in parts.organs] == ["Heart"]
    assert parts.external is not None


def test_a_ptv_is_covered_without_its_margin_and_a_ctv_as_it_is() -> None:
    volumes = phantom.water(step=3.0, half=40, target=15)
    uncertain = phantom.data().uncertain
    ctv = planned_targets(volumes, uncertain)[0]
    ptv = planned_targets(
        replace(volumes, targets=(replace(volumes.targets[0], kind="PTV"),)), uncertain
    )[0]
    assert ctv.share.sum() == volumes.targets[0].share.sum()
    sides = [3.0 * float(r.share.sum()) ** (1 / 3) for r in (ctv, ptv)]
    assert sides[0] - sides[1] == pytest.approx(6.0)


def test_six_displacements_and_two_errors_of_range_are_looked_at() -> None:
    shifts = shifts_of(phantom.data().uncertain)
    assert len(shifts) == 8
    moved = sorted(s.mm for s in shifts if s.power == 1.0)
    assert len(set(moved)) == 6
    assert all(sum(abs(v) for v in mm) == pytest.approx(3.0) for mm in moved)
    longer = next(s for s in shifts if s.name == "range+3.5%")
    assert longer.power == pytest.approx(0.965)
    assert NOMINAL.mm == (0.0, 0.0, 0.0)


def test_a_lower_level_may_be_hot_beside_a_higher_one_only() -> None:
    volumes = phantom.water(step=5.0, target=10)
    wide = phantom.water(step=5.0, target=30).targets[0].share
    low = Region("PTV_40", wide, "CTV", 40.0)
    both = replace(volumes, targets=(volumes.targets[0], low))
    targets = planned_targets(both, phantom.data().uncertain)
    assert not (targets[0].share * targets[1].share).any()
    kinds = [(t.name, t.kind) for t in target_terms(targets, both, 50.0)]
    assert kinds == [("CTV", "deviation"), ("PTV_40", "deviation"), ("PTV_40", "under")]


def test_aims_are_the_sites_first_fit_and_tissue_has_all_of_its_own() -> None:
    rule = phantom.data().rule("oropharynx")
    volumes = phantom.water(step=5.0)
    organ = Region("Parotid_L", np.roll(volumes.targets[0].share, 9, axis=2), "", 0.0)
    cord = Region("SpinalCord", np.roll(volumes.targets[0].share, 9, axis=1), "", 0.0)
    with_organs = replace(volumes, organs=(organ, cord))
    terms = organ_terms(volumes.targets, with_organs, rule, 70.0)
    said = {(t.name, t.kind) for t in terms}
    assert said == {
        ("Parotid_L", "mean"),
        ("SpinalCord", "over"),
        ("BODY", "over"),
        ("BODY", "mean"),
    }
    level = next(t.level for t in terms if t.name == "SpinalCord")
    assert level == pytest.approx(45 / 70)


def test_larger_voxels_keep_the_volume_and_the_way_through_water() -> None:
    volumes = phantom.water(step=2.0, half=30, target=10)
    coarse = coarser(volumes, 5.0)
    assert coarse.targets[0].share.sum() * 125 == pytest.approx(
        volumes.targets[0].share.sum() * 8, rel=0.02
    )
    middle = len(coarse.grid.x) // 2
    assert coarse.power[middle, :, middle].sum() * 5 == pytest.approx(62, abs=3)


class Dense:
    """An operator that is a full matrix."""

    def __init__(self, matrix: np.ndarray) -> None:
        self.matrix = matrix.astype(np.float32)

    def forward(self, weights: np.ndarray) -> np.ndarray:
        return self.matrix @ weights

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        return self.matrix.T @ gradient


def test_the_optimiser_finds_what_least_squares_with_weights_above_zero_finds() -> None:
    draw = np.random.default_rng(4)
    matrix = draw.random((60, 12))
    term = Term("deviation", np.arange(60), 1.0, 1.0)
    scenario = Scenario(Dense(matrix), (term,))
    found = optimise([scenario], level_start(scenario, 12, 2.0), unit_gy=2.0, rounds=400)
    best, _ = optimize.nnls(matrix, np.full(60, 2.0))
    value = np.mean((matrix @ best / 2.0 - 1) ** 2)
    assert found.value == pytest.approx(value, rel=0.02)
    assert (found.weights >= 0).all()


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["deviation", "under", "over", "mean"]), st.integers(0, 50))
def test_the_gradient_of_each_penalty_is_the_slope_of_its_value(kind: str, seed: int) -> None:
    draw = np.random.default_rng(seed)
    dose = draw.uniform(0.2, 1.8, 9).astype(np.float32)
    term = Term(kind, np.arange(9), 1.0, 3.0, draw.uniform(0, 1, 9).astype(np.float32))  # type: ignore[arg-type]
    _, slope = term.value(dose)
    for at in range(9):
        up, down = dose.copy(), dose.copy()
        up[at] += 1e-2
        down[at] -= 1e-2
        rise = (term.value(up)[0] - term.value(down)[0]) / 2e-2
        assert float(slope[at]) == pytest.approx(rise, abs=2e-2)


def test_weights_for_all_scenarios_cover_the_target_wherever_it_may_lie() -> None:
    places = [np.array([[1.0, 0.0], [0.2, 0.2]]), np.array([[0.0, 1.0], [0.2, 0.2]])]
    terms = (Term("under", np.array([0]), 1.0, 10.0), Term("mean", np.array([1]), 0.0, 0.2))
    two = [Scenario(Dense(m), terms, 0.5) for m in places]
    start = np.full(2, 0.5, dtype=np.float32)
    robust = optimise(two, start, unit_gy=1.0, rounds=200).weights
    single = optimise(two[:1], start, unit_gy=1.0, rounds=200).weights
    assert min(robust) > 0.95
    assert single[0] > 0.95
    assert single[1] < 0.05


def test_a_stop_ends_the_search_with_the_best_so_far() -> None:
    draw = np.random.default_rng(1)
    scenario = Scenario(Dense(draw.random((80, 30))), (Term("deviation", np.arange(80), 1.0, 1.0),))
    start = level_start(scenario, 30, 1.0)
    found = optimise([scenario], start, unit_gy=1.0, rounds=100, stop=lambda done: done >= 2)
    assert found.stopped
    assert found.rounds == 2
    assert found.value < scenario.value(start, 1.0)[0]


def test_beams_are_those_wished_else_the_rules_else_the_cheapest() -> None:
    rule = phantom.data().rule("other")
    volumes = phantom.water(half=60, step=5.0, target=10, centre=(30, 0, 0))
    wished = choose(volumes, rule, Wish("other", 50.0, 25, ((10.0, 0.0),)))
    assert wished == (Beam(10.0, 0.0),)
    fixed = choose(volumes, phantom.data().rule("prostate"), Wish("prostate", 70.0, 35))
    assert fixed == (Beam(90.0), Beam(270.0))
    chosen = choose(volumes, rule, Wish("other", 50.0, 25))
    assert len(chosen) == rule.beams
    assert Beam(90.0) in chosen  # the target lies to the left: the shortest way
    assert all(apart(a, b) >= rule.apart for a in chosen for b in chosen if a != b)


def test_a_beam_does_not_come_through_the_organ_that_is_to_be_spared() -> None:
    rule = phantom.data().rule("other")
    volumes = phantom.water(half=60, step=5.0, target=10)
    grid = volumes.grid
    _z, y, x = np.meshgrid(grid.z, grid.y, grid.x, indexing="ij")
    organ = Region("Heart", ((y < -15) & (y > -45) & (np.abs(x) < 20)).astype(np.float32))
    chosen = choose(replace(volumes, organs=(organ,)), rule, Wish("other", 50.0, 25))
    assert all(apart(b, Beam(0.0)) > 25 for b in chosen)


def test_the_committed_data_are_read_and_never_claim_more_than_they_are() -> None:
    data = phantom.data()
    assert data.rule("somewhere").site == "other"
    assert {rule.source.mark for rule in data.sites.values()} <= {
        Mark.UNVERIFIED,
        Mark.DEMONSTRATION,
    }
    assert data.calibration.source.mark is Mark.UNVERIFIED
    assert data.uncertain.setup_mm == 3.0
    assert data.uncertain.range_share == 0.035
    assert sum(not c.scanner for c in data.curves) == 1


@pytest.mark.parametrize("points", ["[[0, 1]]", "[[0, 1], [0, 2]]", "[[0, 2], [10, 1]]"])
def test_a_curve_that_cannot_be_one_is_refused(points: str) -> None:
    source = "{title: t, mark: unverified}"
    text = f"curves:\n  - {{code: odd, points: {points}, source: {source}}}\n"
    files = {n: (phantom.DATA / f"{n}.yaml").read_text() for n in ("planning", "calibration")}
    with pytest.raises(ValueError, match="odd"):
        read_data(curves=text, sites=files["planning"], calibration=files["calibration"])


def test_a_target_without_a_dose_in_its_name_is_a_level_by_what_photons_give_it() -> None:
    study = phantoms.head_and_neck(1)
    sent = {each.name: each for each in study.structures}
    names = {name: name for name in sent if not name.startswith(("PTV", "CTV", "GTV"))}
    renamed = replace(
        study,
        structures=tuple(
            replace(each, name="low risk") if each.name == "PTV_5425" else each
            for each in study.structures
        ),
    )
    wish = Wish("oropharynx", 70.0, 35)
    found = {part.name: part for part in parts_of(renamed, names, wish).targets}
    assert found["low risk"].dose_gy == pytest.approx(54.25, rel=0.03)
    assert max(part.dose_gy for part in found.values()) == pytest.approx(70.0)


def test_a_second_target_of_a_level_stays_where_it_lies_elsewhere() -> None:
    def ball(name: str, x: float) -> Structure:
        square = np.array([[x, 0.0], [x + 20, 0.0], [x + 20, 20.0], [x, 20.0]])
        return Structure(1, name, tuple(Contour(z, square) for z in (0.0, 3.0, 6.0)), "PTV")

    structures = (ball("CTV_7000", 0.0), ball("PTV_7000", 1.0), ball("PTVn_7000", 90.0))
    study = Study(None, structures, ())
    names = {each.name: each.name for each in structures}
    kept = {part.name for part in parts_of(study, names, Wish("oropharynx", 70.0, 35)).targets}
    assert kept == {"CTV_7000", "PTVn_7000"}
