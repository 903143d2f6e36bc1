"""A site's anatomy painted, contoured and irradiated: a `Study`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.adapters.dicom.uids import uid
from sapar.proton.engine.selection.plan import (
    Contour,
    DoseGrid,
    DoseType,
    Grid,
    Image,
    Modality,
    Plan,
    Structure,
    Study,
    Summation,
)
from sapar.proton.phantoms import beams, sites
from sapar.proton.phantoms.names import Naming, called
from sapar.proton.phantoms.shapes import Moved, raster

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

AIR, NOISE_HU = -1000, 8.0
TARGETS = ("GTV", "CTV", "PTV")
RBE = 1.1
"""Of protons in practice, applied once; the grid then says EFFECTIVE."""


class Size(StrEnum):
    """How fine a phantom is: `small` for quick tests, `full` near to a clinic's."""

    SMALL = "small"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class _Fineness:
    pixels: int
    slice_mm: float
    dose_mm: float


_FINENESS = {Size.SMALL: _Fineness(64, 5.0, 6.0), Size.FULL: _Fineness(256, 2.5, 3.0)}


def density(hu: NDArray[np.int16]) -> NDArray[np.float64]:
    """Density relative to water: 0 at -1000 HU, 1 at 0, 1.5 at 1000; enough for a phantom."""
    value = hu.astype(np.float64)
    return np.asarray(np.where(value < 0, 1 + value / 1000, 1 + value / 2000).clip(0, 2.5))


def _grown(site: sites.Site, rng: np.random.Generator) -> sites.Site:
    """The site as one patient has it: everything scaled a little, the target shifted a little."""
    scale = tuple(float(s) for s in rng.uniform(0.95, 1.05, 3))
    shift = tuple(float(s) for s in rng.uniform(-3.0, 3.0, 3))
    still = (0.0, 0.0, 0.0)
    organs = tuple(
        replace(
            each,
            shape=Moved(
                each.shape,
                (scale[0], scale[1], scale[2]),
                (shift[0], shift[1], shift[2]) if each.role in TARGETS else still,
            ),
        )
        for each in site.organs
    )
    return replace(site, organs=organs)


def _image(site: sites.Site, fine: _Fineness, rng: np.random.Generator) -> Image:
    """The CT: organs painted in their order, then noise."""
    step = 2 * site.half / fine.pixels
    across = np.asarray(-site.half + step * (np.arange(fine.pixels) + 0.5), np.float64)
    planes = np.arange(site.z[0], site.z[1] + 1e-6, fine.slice_mm)
    hu = np.full((len(planes), fine.pixels, fine.pixels), AIR, dtype=np.int16)
    for organ in site.organs:
        if organ.hu is not None:
            hu[raster(organ.shape, (across, across, planes))] = organ.hu
    # One row of noise for all planes: cheap, and still no two pixels beside each other alike.
    noise = rng.normal(0.0, NOISE_HU, (fine.pixels, fine.pixels))
    hu += np.rint(noise).astype(np.int16)
    np.maximum(hu, -1024, out=hu)
    return Image(Grid(across, across.copy(), planes), hu, "Sapar phantom, 120 kVp")


def _structures(
    site: sites.Site, planes: NDArray[np.float64], naming: Naming
) -> tuple[Structure, ...]:
    """The contours of every organ in every plane of the CT."""
    found = []
    for number, organ in enumerate(site.organs, start=1):
        contours = tuple(
            Contour(float(z), polygon) for z in planes for polygon in organ.shape.polygons(float(z))
        )
        colour = tuple(int(c) for c in hashlib.sha256(organ.name.encode()).digest()[:3])
        found.append(
            Structure(
                number,
                called(organ.name, naming),
                contours,
                organ.role,
                (colour[0], colour[1], colour[2]),
            )
        )
    return tuple(found)


def _ground(site: sites.Site, fine: _Fineness) -> beams.Ground:
    """The grid of the dose, coarser than the CT and not in step with it, and what lies on it."""
    half = 0.97 * site.half
    count = int(2 * half / fine.dose_mm)
    across = fine.dose_mm * (np.arange(count, dtype=np.float64) - (count - 1) / 2)
    planes = np.arange(site.z[0] + 1.0, site.z[1] - 1.0, fine.dose_mm)
    axes = (across, across, planes)
    shape = (len(planes), count, count)
    hu = np.full(shape, AIR, dtype=np.int16)
    goal, spare = np.zeros(shape), np.zeros(shape)
    for organ in site.organs:
        wanted = organ.name in site.targets or organ.name in site.spare
        if organ.hu is None and not wanted:
            continue
        inside = raster(organ.shape, axes)
        if organ.hu is not None:
            hu[inside] = organ.hu
        if organ.name in site.spare:
            spare[inside] = np.maximum(spare[inside], site.spare[organ.name])
        if organ.name in site.targets:
            goal[inside] = np.maximum(goal[inside], site.targets[organ.name])
    body = raster(site.organs[0].shape, axes)
    goal[~body] = 0
    spare[goal > 0] = 0
    return beams.Ground(across, across.copy(), planes, density(hu), goal, spare, body)


def _doses(
    site: sites.Site, fine: _Fineness, modality: Modality, seed: int
) -> tuple[tuple[DoseGrid, ...], Plan]:
    """The plan's dose, its beams' doses and the plan."""
    protons = modality is Modality.PROTON
    angles = site.proton_angles if protons else site.photon_angles
    ground = _ground(site, fine)
    found = beams.doses(ground, angles, beams.PROTONS if protons else beams.PHOTONS)
    grid = Grid(ground.x, ground.y, ground.z)
    key = (site.name, seed, fine.dose_mm, modality.value)
    plan_uid = uid(*key, "plan")
    kind = DoseType.EFFECTIVE if protons else DoseType.PHYSICAL
    each = tuple(
        DoseGrid(
            grid,
            gy.astype(np.float32),
            kind,
            Summation.BEAM,
            modality,
            uid(*key, "beam", n),
            plan_uid,
            n,
        )
        for n, gy in enumerate(found, start=1)
    )
    total = np.sum(found, axis=0).astype(np.float32)
    whole = DoseGrid(grid, total, kind, Summation.PLAN, modality, uid(*key, "dose"), plan_uid)
    top = max(site.targets, key=lambda name: site.targets[name])
    plan = Plan(
        plan_uid,
        f"{site.name} {modality.value}"[:16],
        modality,
        site.fractions,
        site.targets[top],
        top,
        tuple((n, f"{angle:g}", angle) for n, angle in enumerate(angles, start=1)),
        uid(site.name, seed, fine.dose_mm, "structures"),
        "APPROVED",
    )
    return (whole, *each), plan


def build(
    site: sites.Site,
    seed: int,
    *,
    size: Size | str = Size.SMALL,
    modality: Modality = Modality.PHOTON,
    naming: Naming | str = Naming.TG263,
) -> Study:
    """A complete study of a site; the same arguments give the same bytes.

    Args:
        site: the anatomy and how it is irradiated.
        seed: decides how this patient differs from others of the site.
        size: how fine.
        modality: PHOTON or PROTON (the dose then says EFFECTIVE: Gy(RBE)).
        naming: in whose manner structures are named.
    """
    fine = _FINENESS[Size(size)]
    rng = np.random.default_rng([seed, len(site.name)])
    grown = _grown(site, rng)
    image = _image(grown, fine, rng)
    doses, plan = _doses(grown, fine, modality, seed)
    return Study(
        image,
        _structures(grown, image.grid.z, Naming(naming)),
        doses,
        (plan,),
        uid(site.name, seed, fine.dose_mm, "frame"),
        uid(site.name, seed, fine.dose_mm, "structures"),
        {"phantom": f"{site.name}/{seed}/{Size(size).value}"},
    )


def head_and_neck(
    seed: int = 1,
    *,
    size: Size | str = Size.SMALL,
    modality: Modality = Modality.PHOTON,
    naming: Naming | str = Naming.TG263,
) -> Study:
    """A carcinoma of the oropharynx, 54.25 and 70 Gy in 35 fractions, 28 structures."""
    return build(sites.HEAD_AND_NECK, seed, size=size, modality=modality, naming=naming)


def breast(
    seed: int = 1,
    *,
    size: Size | str = Size.SMALL,
    modality: Modality = Modality.PHOTON,
    naming: Naming | str = Naming.TG263,
) -> Study:
    """A left breast, 40.05 Gy in 15 fractions, beside heart and lung."""
    return build(sites.BREAST, seed, size=size, modality=modality, naming=naming)


def brain_child(
    seed: int = 1,
    *,
    size: Size | str = Size.SMALL,
    modality: Modality = Modality.PHOTON,
    naming: Naming | str = Naming.TG263,
) -> Study:
    """A tumour of a child's posterior fossa, 54 Gy in 30 fractions."""
    return build(sites.BRAIN_CHILD, seed, size=size, modality=modality, naming=naming)


def concave_core(
    seed: int = 1,
    *,
    size: Size | str = Size.SMALL,
    modality: Modality = Modality.PHOTON,
    naming: Naming | str = Naming.TG263,
) -> Study:
    """A C round a core, in the spirit of AAPM TG-119 (2009): two proton fields cannot spare it."""
    return build(sites.CONCAVE_CORE, seed, size=size, modality=modality, naming=naming)


MAKERS: dict[str, Callable[..., Study]] = {
    "head-and-neck": head_and_neck,
    "breast": breast,
    "brain-child": brain_child,
    "concave-core": concave_core,
}
