"""Models of complications: formulas against published figures, and the file that holds them."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.proton.engine.scheduling.problem.reading import BadProblemError
from sapar.proton.engine.selection.dvh.histogram import DoseVolume
from sapar.proton.engine.selection.models import formulas as f
from sapar.proton.engine.selection.models.doses import DoseInput, OrganDose, joined, measure
from sapar.proton.engine.selection.models.library import cholesky, read_models
from sapar.proton.engine.selection.models.model import NORMAL_95, two_piece
from sapar.proton.engine.selection.rules.protocol import read_protocols
from sapar.values.marks import Mark
from scripts.make_selection_uncertainty import covariances
from tests.proton.selection.selection_files import FOLDER, MODELS, PROTOCOLS, library, protocols

PARTS = np.array([5.0, 15.0, 25.0, 35.0, 45.0, 55.0])
SHARES = np.array([0.10, 0.20, 0.30, 0.20, 0.15, 0.05])
TARGET = np.array([58.0, 62.0, 66.0, 70.0, 74.0])
TARGET_CC = np.array([2.0, 6.0, 25.0, 50.0, 17.0])
# Computed once with pyradiobiology 1.0.33 (MIT) on the parts above, in an environment of its own.
ORACLE_LKB = [
    (39.9, 0.40, 1.0, 0.21859639016562604),
    (30.8, 0.37, 0.87, 0.40350679519438315),
    (50.0, 0.15, 0.12, 0.11028618916257693),
    (24.5, 0.18, 1 / 11.111, 0.9999882862141246),
]
ORACLE_SERIALITY = [
    (52.3, 1.28, 1.0, 0.10936928034301119),
    (30.1, 0.97, 0.0061, 0.40835473297055963),
    (46.0, 1.8, 0.25, 0.0426785642094491),
    (60.0, 2.2, 3.4, 0.12817573803665247),
]
ORACLE_TCP = [
    (51.0, 2.0, 0.9065721887986746),
    (63.0, 1.2, 0.6050455218006268),
    (70.0, 3.1, 0.4145854679918415),
]
ORACLE_DENSITY = [
    (1e7, 0.3, 10.0, 35, 0.9317165961593773),
    (1e6, 0.2, 3.0, 30, 0.9812659007269631),
    (1e8, 0.35, 10.0, 33, 0.984720349025657),
]
ORACLE_GEUD = [
    (1, 27.5),
    (2, 30.577769702841312),
    (8, 40.47706302183511),
    (11.111, 43.1518220611759),
]


def reading_of(model: str, gy: float) -> float:
    found = library().models[model]
    return float(found.risk({found.inputs[0]: gy}, {}))


@pytest.mark.parametrize(
    ("gy", "percent"),
    [(9.2, 2.7), (19.7, 10.3), (26, 19.1), (27.9, 22.5), (30.2, 27.1), (31.1, 28.9),
     (32.2, 31.4), (35.2, 38.5), (37.9, 45.1), (41.3, 53.6), (45, 62.8)],
)  # fmt: skip
def test_the_flow_of_a_parotid_gland_follows_the_published_table(gy: float, percent: float) -> None:
    assert 100 * reading_of("parotid-flow-left", gy) == pytest.approx(percent, abs=0.5)


@pytest.mark.parametrize(("gy", "percent"), [(25, 17), (30, 26)])
def test_the_flow_of_a_parotid_gland_is_near_its_abstract(gy: float, percent: float) -> None:
    # The abstract gives whole per cent of its own fit; its coefficients are rounded, too.
    assert 100 * reading_of("parotid-flow-left", gy) == pytest.approx(percent, abs=1.0)


@pytest.mark.parametrize(
    ("gy", "lkb", "quantec"),
    [(10, 3.40, 6.85), (15, 8.28, 12.13), (20, 17.16, 20.59), (25, 30.54, 32.74),
     (30, 47.20, 47.75)],
)  # fmt: skip
def test_pneumonitis_follows_both_published_curves(gy: float, lkb: float, quantec: float) -> None:
    assert 100 * reading_of("pneumonitis", gy) == pytest.approx(lkb, abs=5e-3)
    assert 100 * reading_of("pneumonitis-quantec", gy) == pytest.approx(quantec, abs=5e-3)


@pytest.mark.parametrize(("share", "percent"), [(0, 14.9), (25, 45.9), (50, 80.6)])
def test_memory_after_hippocampal_dose_follows_the_published_table(
    share: float, percent: float
) -> None:
    assert 100 * reading_of("memory-v55", share) == pytest.approx(percent, abs=0.5)


@pytest.mark.parametrize(
    ("gy", "relative"), [(1, 1.074), (2, 1.148), (4.9, 1.3626), (5, 1.37), (10, 1.74)]
)
def test_the_relative_risk_of_the_heart_is_darbys(gy: float, relative: float) -> None:
    assert float(f.relative_risk(0.01, 0.074, gy)) == pytest.approx(0.01 * relative, abs=1e-12)
    assert float(f.relative_risk(0.9, 0.074, 20)) == 1.0


@pytest.mark.parametrize(
    ("n", "d", "ratio", "bed", "eqd2"),
    [(35, 2, 10, 84.0, 70.0), (30, 1.8, 3, 86.4, 51.84), (20, 3, 1.5, 180, 77.142857),
     (15, 2.67, 3.5, 70.60200, 44.928545), (37, 2, 2.45, 134.408163, 74), (4, 15, 2, 510, 255),
     (28, 1.8, 2, 95.76, 47.88)],
)  # fmt: skip
def test_bed_and_eqd2_are_those_of_the_reference(
    n: int, d: float, ratio: float, bed: float, eqd2: float
) -> None:
    assert f.bed(n, d, ratio) == pytest.approx(bed, abs=2e-3)
    assert f.eqd2(f.bed(n, d, ratio), ratio) == pytest.approx(eqd2, abs=1e-3)
    assert float(f.eqd2_of_dose(n * d, n, ratio)) == pytest.approx(
        f.eqd2(f.bed(n, d, ratio), ratio)
    )


def test_a_gap_costs_what_the_reference_says_and_can_be_made_good() -> None:
    planned = f.bed_with_time(35, 2, 10, k=0.9, days=46, kick_off=28)
    late = f.bed_with_time(35, 2, 10, k=0.9, days=48, kick_off=28)
    assert (planned, late) == (pytest.approx(67.8), pytest.approx(66.0))
    assert f.eqd2(planned - late, 10) / 2 == pytest.approx(0.75)
    given = f.bed(25, 2, 10)
    each = f.dose_for(10, planned + f.lost_by_time(0.9, 48, 28) - given, 10)
    assert each == pytest.approx(2.1274, abs=5e-5)
    assert f.bed(25, 2, 3) + f.bed(10, each, 3) == pytest.approx(119.694, abs=1e-3)


@pytest.mark.parametrize(
    ("a", "wanted"), [(1, 25.0), (2, 27.3861), (8, 34.0546), (11.111, 35.4371), (-10, 11.4858)]
)
def test_the_equivalent_uniform_dose_is_that_of_the_reference(a: float, wanted: float) -> None:
    found = f.geud([10, 20, 30, 40], [0.25] * 4, a)
    assert found == pytest.approx(wanted, abs=5e-5)
    assert found == pytest.approx((sum(0.25 * d**a for d in (10, 20, 30, 40))) ** (1 / a), abs=1e-9)


@pytest.mark.parametrize(("td50", "m", "n", "wanted"), ORACLE_LKB)
def test_lkb_agrees_with_an_independent_package(
    td50: float, m: float, n: float, wanted: float
) -> None:
    eud = f.geud(PARTS.tolist(), SHARES.tolist(), 1 / n)
    assert float(f.lkb(eud, td50, m)) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(("d50", "gamma", "s", "wanted"), ORACLE_SERIALITY)
def test_relative_seriality_agrees_with_an_independent_package(
    d50: float, gamma: float, s: float, wanted: float
) -> None:
    assert f.relative_seriality(PARTS, SHARES, d50, gamma, s) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(("d50", "gamma", "wanted"), ORACLE_TCP)
def test_tumour_control_agrees_with_an_independent_package(
    d50: float, gamma: float, wanted: float
) -> None:
    found = f.tcp_poisson(TARGET, TARGET_CC / TARGET_CC.sum(), d50, gamma)
    assert found == pytest.approx(wanted, abs=1e-9)
    assert f.tcp_logistic(d50, d50, gamma) == pytest.approx(0.5)
    assert f.tcp_logistic(0.0, d50, gamma) == 0.0


@pytest.mark.parametrize(("density", "alpha", "ratio", "n", "wanted"), ORACLE_DENSITY)
def test_control_by_surviving_cells_agrees_with_an_independent_package(
    density: float, alpha: float, ratio: float, n: int, wanted: float
) -> None:
    found = f.tcp_density(TARGET, TARGET_CC, n, density=density, alpha=alpha, alpha_beta=ratio)
    assert found == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(("a", "wanted"), ORACLE_GEUD)
def test_geud_agrees_with_an_independent_package(a: float, wanted: float) -> None:
    assert f.geud(PARTS.tolist(), SHARES.tolist(), a) == pytest.approx(wanted, abs=1e-9)


def test_formulas_stand_at_the_ends_of_their_range() -> None:
    assert float(f.logistic(-math.inf)) == pytest.approx(0.0, abs=1e-300)
    assert float(f.logistic(math.inf)) == 1.0
    assert float(f.normal(-40.0)) == pytest.approx(0.0, abs=1e-300)
    assert f.relative_seriality(np.array([0.0]), np.array([1.0]), 50, 2, 1) < 1e-10
    with pytest.raises(ValueError, match="exponent"):
        f.geud([1.0], [1.0], 0)


# ---- the file ------------------------------------------------------------------------------------


def test_nothing_in_the_files_is_called_verified_before_somebody_has_read_it() -> None:
    sources = {**library().sources, **protocols().sources}
    assert {s.mark for s in sources.values()} == {Mark.DEMONSTRATION, Mark.UNVERIFIED}
    assert all(s.who_can_tell and s.note for s in sources.values())
    general = {"boomsma", "quantec-lung", "nipp-lung", "hippocampi-lkb", "nipp-hnc-sum-3"}
    assert all(sources[name].mark is Mark.UNVERIFIED for name in general)


def test_every_model_is_of_adults_and_falls_with_no_dose() -> None:
    assert len(library().models) >= 20
    assert all(not model.falling() for model in library().models.values())
    with pytest.raises(BadProblemError):
        read_models(MODELS.replace("population: adult", "population: child", 1))


def test_a_model_that_falls_with_a_dose_is_known_by_its_signs() -> None:
    for old, new, name in (
        ("{name: slope, value: 0.074}", "{name: slope, value: -0.074}", "coronary-event"),
        ("supraglottic, value: 0.074", "supraglottic, value: -0.074", "liquids"),
    ):
        model = read_models(MODELS.replace(old, new, 1)).models[name]
        assert model.falling() == model.inputs


def test_the_uncertainties_in_the_file_are_those_that_the_script_works_out() -> None:
    found = covariances(library(), protocols())
    assert set(found) == {
        m.id for m in library().models.values() if m.uncertainty.kind == "covariance"
    }
    for name, matrix in found.items():
        root = library().models[name].uncertainty.root
        assert root is not None
        scale = np.sqrt(np.outer(np.diag(matrix), np.diag(matrix)))
        assert np.abs(root @ root.T - matrix).max() <= 1e-5 * scale.max()


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("form: lkb", "form: linear", "form"),
        ("organ: Parotid_L, transform: sqrt", "organ: Parotid_X, transform: sqrt", "organ"),
        ("covariate: imrt", "covariate: imrtt", "covariate"),
        ("is: mild", "is: severe", "is"),
        ("source: boomsma", "source: nobody", "source"),
        ("value: -5.98", "value: much", "value"),
        ("    grade: 2\n", "    grade: 9\n", "grade"),
        ("    form: lkb\n", "    form: lkb\n    colour: red\n", "colour"),
        ("metric: volume-at, at: 60", "metric: volume-at", "at"),
        ("{name: td50, value: 39.9}, ", "", "coefficients"),
        ("{name: m, value: 0.40}", "{name: m, value: 0}", "coefficients[1]"),
    ],
)
def test_a_mistake_in_the_file_of_models_is_named_with_its_place(
    old: str, new: str, where: str
) -> None:
    assert old in MODELS
    with pytest.raises(BadProblemError) as found:
        read_models(MODELS.replace(old, new, 1))
    assert any(where in p.where for p in found.value.problems), found.value.problems


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("model: coronary-event", "model: coronary", "model"),
        ("kind: sum", "kind: product", "kind"),
        ("of: [coronary-event]", "of: [pneumonitis]", "of"),
        ("points: 10", "points: -1", "points"),
        ("least_age: 18", "least_age: 12", "least_age"),
        ("{id: breast}", "{id: breasts}", "id"),
        ("{where: {treatment: primary}, model: xerostomia-2-primary}, ", "", "models"),
    ],
)
def test_a_mistake_in_the_file_of_protocols_is_named_with_its_place(
    old: str, new: str, where: str
) -> None:
    assert old in PROTOCOLS
    with pytest.raises(BadProblemError) as found:
        read_protocols(PROTOCOLS.replace(old, new, 1), library())
    assert any(where in p.where for p in found.value.problems), found.value.problems


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="{}[]:-, \nabc0'\"&*!|>", max_size=80))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    for read in (read_models, read_protocols):
        with pytest.raises(BadProblemError):
            read(text)


def test_a_covariance_that_is_none_is_refused() -> None:
    assert cholesky([[1.0], [2.0, 1.0]]) is None
    found = cholesky([[4.0], [2.0, 3.0]])
    assert found is not None
    assert found @ found.T == pytest.approx(np.array([[4.0, 2.0], [2.0, 3.0]]))


def test_draws_of_a_published_interval_have_its_points() -> None:
    z = np.array([-NORMAL_95, 0.0, NORMAL_95])
    assert two_piece(0.074, 0.029, 0.145, z) == pytest.approx([0.029, 0.074, 0.145])


# ---- doses ---------------------------------------------------------------------------------------


def curve(edges: list[float], volume: list[float], name: str = "Parotid_L") -> OrganDose:
    e, v = np.array(edges, dtype=float), np.array(volume, dtype=float)
    mean = float((0.5 * (e[1:] + e[:-1]) * v).sum() / v.sum())
    made = DoseVolume(name, e, v, mean, edges[0], edges[-1], float(v.sum()))
    return OrganDose(name, mean, made, edges[-1], float(v.sum()))


def test_readings_of_a_histogram_scale_as_its_doses_do() -> None:
    organ = curve([0, 10, 20, 40], [5, 3, 2])
    factors = np.array([0.0, 0.5, 1.0, 1.7])
    for asked in (
        DoseInput("x", "volume-at", 15.0),
        DoseInput("x", "dose-at", 0.4),
        DoseInput("x", "geud", 4.0),
        DoseInput("x", "mean", transform="sqrt"),
        DoseInput("x", "dose-at", 0.4, eqd2=2.0),
    ):
        at_once = measure(asked, organ, 30, factors)
        one_by_one = [float(measure(asked, organ.times(k), 30)) for k in factors.tolist()]
        assert at_once == pytest.approx(one_by_one, abs=1e-6)


def test_two_glands_are_joined_by_volume() -> None:
    left, right = curve([0, 10, 20], [5, 5]), curve([20, 30, 60], [10, 20])
    both = joined("Glnd_Submands", (left, right))
    assert both.mean_gy == pytest.approx((10 * left.mean_gy + 30 * right.mean_gy) / 40)
    assert both.histogram is not None
    assert both.histogram.share_at(25.0) == pytest.approx((30 * (1 - 1 / 6)) / 40)
    with pytest.raises(ValueError, match="volume"):
        joined("x", (OrganDose("x", 1.0),))


def test_a_part_outside_the_dose_grid_leaves_two_ends() -> None:
    organ = curve([0, 10, 20], [5, 5])
    assert organ.histogram is not None
    half = OrganDose(
        "x",
        organ.mean_gy,
        DoseVolume("x", np.array([0.0, 10, 20]), np.array([5.0, 5]), 10, 0, 20, 20, 0.5),
    )
    assert half.rest_at(0.0).mean_gy == pytest.approx(5.0)
    assert half.rest_at(70.0).mean_gy == pytest.approx(40.0)
    assert organ.rest_at(70.0) is organ


READING = """
import sys
from pathlib import Path
from sapar.proton.engine.selection.assess import assess, verify
from sapar.proton.engine.selection.models.library import read_models
from sapar.proton.engine.selection.rules.protocol import read_protocols
folder = Path(sys.argv[1])
library = read_models((folder / "models.yaml").read_text(encoding="utf-8"))
read_protocols((folder / "protocols.yaml").read_text(encoding="utf-8"), library)
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


def test_a_page_that_asks_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", READING, str(FOLDER)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not {"scipy", "numba", "pydicom", "django"} & set(done.stdout.split())
