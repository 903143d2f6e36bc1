"""The phantoms: complete, repeatable, and with doses as photons and protons have them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sapar.proton import phantoms
from sapar.proton.adapters.dicom import sides
from sapar.proton.engine.selection.plan import DoseType, Modality, Study, Summation
from sapar.proton.phantoms import beams, sites
from sapar.proton.phantoms.names import ENGLISH, KAZAKH, RUSSIAN
from sapar.proton.phantoms.shapes import Ellipsoid, Moved, Several, Stack, fill, raster

SITES = sorted(phantoms.MAKERS)


def inside(study: Study, name: str) -> np.ndarray:
    """Which voxels of the dose lie inside, point by point by the crossing rule."""
    grid = study.doses[0].grid
    structure = study.structure(name)
    assert structure is not None
    found = np.zeros(grid.shape, bool)
    planes = np.array(sorted({c.z for c in structure.contours}))
    for k, z in enumerate(grid.z):
        near = planes[np.abs(planes - z).argmin()]
        if abs(near - z) <= 2.5:
            found[k] = fill([c.points for c in structure.contours if c.z == near], grid.x, grid.y)
    return found


def mean(study: Study, name: str) -> float:
    dose = study.course_dose()
    assert dose is not None
    return float(dose.gy[inside(study, name)].mean())


@pytest.fixture(scope="module")
def pairs() -> dict[str, tuple[Study, Study]]:
    return {
        site: (make(1), make(1, modality=Modality.PROTON)) for site, make in phantoms.MAKERS.items()
    }


@pytest.mark.parametrize("site", SITES)
def test_a_phantom_is_a_complete_study(pairs: dict[str, tuple[Study, Study]], site: str) -> None:
    photon, proton = pairs[site]
    for study, modality in ((photon, Modality.PHOTON), (proton, Modality.PROTON)):
        (plan,) = study.plans
        course = study.course_dose(modality)
        assert study.image is not None
        assert course is not None
        assert plan.prescription_gy is not None
        assert study.structure(plan.prescribed_to) is not None
        assert len(study.doses) == 1 + len(plan.beams)
        assert all(each.contours for each in study.structures)
        total = sum(d.gy.astype(float) for d in study.doses if d.summation is Summation.BEAM)
        assert np.abs(total - course.gy).max() < 1e-4
        target = course.gy[inside(study, plan.prescribed_to)]
        assert target.mean() == pytest.approx(plan.prescription_gy, rel=0.04)
        assert np.percentile(target, 98) < 1.15 * plan.prescription_gy
        assert np.percentile(target, 5) > 0.75 * plan.prescription_gy
    assert photon.doses[0].dose_type is DoseType.PHYSICAL
    assert proton.doses[0].dose_type is DoseType.EFFECTIVE


@pytest.mark.parametrize("site", SITES)
def test_protons_lower_the_dose_of_the_body(
    pairs: dict[str, tuple[Study, Study]], site: str
) -> None:
    photon, proton = pairs[site]
    assert mean(proton, "BODY") < 0.9 * mean(photon, "BODY")


def test_protons_spare_what_lies_beyond_the_target(pairs: dict[str, tuple[Study, Study]]) -> None:
    photon, proton = pairs["brain-child"]
    for name in ("Hippocampus_L", "Cochlea_L", "Lobe_Temporal_R"):
        assert mean(proton, name) < 0.25 * mean(photon, name)
    photon, proton = pairs["head-and-neck"]
    assert mean(proton, "Larynx") < 0.7 * mean(photon, "Larynx")
    assert mean(proton, "Cavity_Oral") < 0.8 * mean(photon, "Cavity_Oral")


def test_protons_do_not_spare_a_core_that_the_target_surrounds(
    pairs: dict[str, tuple[Study, Study]],
) -> None:
    photon, proton = pairs["concave-core"]
    assert mean(proton, "Core") > 0.95 * mean(photon, "Core")


def test_the_head_and_neck_has_the_organs_that_the_models_ask_for(
    pairs: dict[str, tuple[Study, Study]],
) -> None:
    names = {each.name for each in pairs["head-and-neck"][0].structures}
    assert len(names) >= 20
    assert names >= {
        "Parotid_L", "Parotid_R", "Glnd_Submand_L", "Glnd_Submand_R", "Cavity_Oral",
        "Musc_Constrict_S", "Musc_Constrict_M", "Musc_Constrict_I", "Larynx", "SpinalCord",
        "Brainstem", "Bone_Mandible", "Esophagus_S", "BODY", "PTV_7000",
    }  # fmt: skip


def test_the_same_seed_gives_the_same_patient_and_another_seed_another() -> None:
    one, again, other = (phantoms.concave_core(seed) for seed in (4, 4, 5))
    assert one.image is not None
    assert again.image is not None
    assert other.image is not None
    assert np.array_equal(one.image.hu, again.image.hu)
    assert np.array_equal(one.doses[0].gy, again.doses[0].gy)
    assert one.frame == again.frame != other.frame
    assert not np.array_equal(one.doses[0].gy, other.doses[0].gy)


@pytest.mark.parametrize("naming", ["english", "russian", "kazakh"])
def test_names_of_clinics_are_all_different_and_keep_their_side(naming: str) -> None:
    table = {"english": ENGLISH, "russian": RUSSIAN, "kazakh": KAZAKH}[naming]
    assert len(set(table.values())) == len(table)
    organs = {
        o.name for site in vars(sites).values() if isinstance(site, sites.Site) for o in site.organs
    }
    assert {name for name in organs if not name.startswith(("PTV", "CTV", "GTV"))} - {
        "Core"
    } == set(table)
    for name, sent in table.items():
        assert sides.side(sent) == sides.side(name), sent
    assert phantoms.called("Hippocampus_L", phantoms.Naming(naming)) == table["Hippocampus_L"]
    assert phantoms.called("PTV_5400", phantoms.Naming(naming)) == "PTV_5400"


@pytest.mark.parametrize("site", SITES)
def test_structures_lie_on_the_side_that_they_are_named_for(
    pairs: dict[str, tuple[Study, Study]], site: str
) -> None:
    study = pairs[site][0]
    for table in ({}, ENGLISH, RUSSIAN, KAZAKH):
        renamed = [replace(each, name=table.get(each.name, each.name)) for each in study.structures]
        assert sides.check(replace(study, structures=tuple(renamed))) == []


def test_a_raster_has_the_volume_of_its_shape() -> None:
    axis = np.arange(-30.0, 30.5, 1.0)
    ball = raster(Ellipsoid((1.3, -2.1, 0.4), (20, 15, 12)), (axis, axis, axis))
    assert ball.sum() == pytest.approx(4 / 3 * np.pi * 20 * 15 * 12, rel=0.01)
    tube = Stack(((-20, 0, 0, 10, 10), (20, 0, 0, 10, 10)))
    hole = Stack(((-20, 2, 0, 4, 4), (20, 2, 0, 4, 4)))
    ring = raster(Several((tube, hole)), (axis, axis, axis))
    assert ring.sum() == pytest.approx(41 * np.pi * (100 - 16), rel=0.02)
    moved = raster(Moved(tube, (1.5, 1.0, 1.0), (3.0, 0.3, 0.0)), (axis, axis, axis))
    assert moved.sum() == pytest.approx(41 * np.pi * 150, rel=0.02)


def test_filling_agrees_with_counting_crossings_point_by_point() -> None:
    rng = np.random.default_rng(3)
    polygon = rng.uniform(-10, 10, (9, 2))
    x, y = np.linspace(-12, 12, 25), np.linspace(-11, 11, 23)
    found = fill([polygon, polygon[:4] * 0.5], x, y)
    for i, py in enumerate(y):
        for j, px in enumerate(x):
            crossings = 0
            for corners in (polygon, polygon[:4] * 0.5):
                for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
                    if (a[1] <= py) != (b[1] <= py):
                        at = a[0] + (py - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
                        crossings += at <= px
            assert found[i, j] == (crossings % 2 == 1)


def test_a_single_photon_field_falls_exponentially_and_a_proton_field_ends() -> None:
    axis = np.arange(-60.0, 61.0, 4.0)
    z = np.arange(-20.0, 21.0, 4.0)
    shape = (len(z), len(axis), len(axis))
    goal = np.zeros(shape)
    goal[3:8, 12:19, 12:19] = 10.0
    ground = beams.Ground(
        axis, axis, z, np.ones(shape), goal, np.zeros(shape), np.ones(shape, bool)
    )
    (photon,) = beams.doses(ground, (0.0,), beams.PHOTONS)
    (proton,) = beams.doses(ground, (0.0,), beams.PROTONS)
    along = photon[5, :, 15]
    assert along[4:].argmax() < 4  # enters from the front (small y) and falls on
    ratio = along[26] / along[20]
    assert ratio == pytest.approx(np.exp(-beams.PHOTON_FALL_PER_MM * 24), rel=0.06)
    assert proton[5, 26:, 15].max() < 0.03 * proton[5, 15, 15]
    assert photon[5, 26, 15] > 0.5 * photon[5, 15, 15]
    turned = beams.doses(ground, (90.0,), beams.PROTONS)[0]
    # From the patient's left (large x), so what lies on the right is spared.
    assert turned[5, 15, :5].max() < 0.03 * turned[5, 15, 15] < turned[5, 15, 26]
