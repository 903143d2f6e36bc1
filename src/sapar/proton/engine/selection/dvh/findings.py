"""What is odd about contours, said and not mended in silence.

Nothing here stops a histogram: what encloses no area counts for nothing, crossings count by the
even-odd rule, gaps by the rule of `slabs`. A person should know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.selection.dvh.scan import areas, edges_of
from sapar.proton.engine.selection.dvh.slabs import DEFAULT, Options, slabs, usable
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from sapar.proton.engine.selection.dvh.histogram import DoseVolume
    from sapar.proton.engine.selection.dvh.slabs import Slabs
    from sapar.proton.engine.selection.plan import Structure

NO_AREA = 1e-3
"""A contour below this, mm², encloses nothing."""

CROSSED = 0.05
"""A contour whose two areas, wound and even-odd, differ by more than this share crosses itself."""


def contour_problems(
    structures: Sequence[Structure],
    *,
    planes: NDArray[np.float64] | None = None,
    options: Options = DEFAULT,
) -> list[Problem]:
    """What is odd about the contours of each structure; all are warnings.

    Args:
        structures: as sent.
        planes: z of the planes of the CT, mm, or None.
        options: which gaps are bridged.

    Returns:
        `proton.dvh.*` with the name of the structure as `where`.
    """
    return [found for each in structures for found in _of(each, planes, options)]


def coverage_problems(histograms: Sequence[DoseVolume]) -> list[Problem]:
    """Structures of which the dose grid holds a part or nothing."""
    found = []
    for each in histograms:
        if each.total_cc <= 0 or each.covered >= 1:
            continue
        if each.covered == 0:
            found.append(Problem.of("proton.dvh.outside", where=each.name, fatal=False))
            continue
        share = f"{100 * min(each.covered, 0.999):.1f}"
        found.append(
            Problem.of(
                "proton.dvh.partly_outside",
                where=each.name,
                value=share,
                fatal=False,
                covered=share,
            )
        )
    return found


def _of(
    structure: Structure, planes: NDArray[np.float64] | None, options: Options
) -> Iterator[Problem]:
    """The oddities of one structure."""
    name = structure.name
    if not structure.contours:
        yield Problem.of("proton.dvh.no_contours", where=name, fatal=False)
        return
    short = sum(not usable(contour) for contour in structure.contours)
    if short:
        yield Problem.of(
            "proton.dvh.too_few_points", where=name, value=short, fatal=False, contours=short
        )
    cut = slabs(structure, planes=planes, options=options)
    yield from _of_areas(name, cut)
    for low, high, missing in cut.bridged:
        yield Problem.of(
            "proton.dvh.gap_bridged",
            where=name,
            value=f"z {low:.1f} – {high:.1f} mm",
            fatal=False,
            missing=missing,
        )
    for low, high, missing in cut.opened:
        yield Problem.of(
            "proton.dvh.gap_open",
            where=name,
            value=f"z {low:.1f} – {high:.1f} mm",
            fatal=False,
            missing=missing,
        )
    if len(cut.z) == 1:
        yield Problem.of("proton.dvh.single_plane", where=name, fatal=False)


def _of_areas(name: str, cut: Slabs) -> Iterator[Problem]:
    """Contours without an area, that cross themselves, or that cancel each other."""
    contours = [points for held in cut.vertices for points in held]
    plane = np.repeat(np.arange(len(cut.z)), [len(held) for held in cut.vertices])
    even_odd = np.array([_area(points) for points in contours])
    wound = np.array([_wound(points) for points in contours])
    flat = int(np.sum(np.maximum(even_odd, wound) < NO_AREA))
    if flat:
        yield Problem.of("proton.dvh.no_area", where=name, value=flat, fatal=False, contours=flat)
    larger = np.maximum(even_odd, wound)
    crossed = np.flatnonzero(np.abs(even_odd - wound) > np.maximum(CROSSED * larger, 1.0))
    if len(crossed):
        yield Problem.of(
            "proton.dvh.crossing",
            where=name,
            value=f"z {cut.z[plane[crossed[0]]]:.1f} mm",
            fatal=False,
            contours=len(crossed),
        )
    for number in np.flatnonzero(np.bincount(plane, minlength=len(cut.z)) > 1):
        largest = even_odd[plane == number].max()
        if largest > 1.0 and _area(*cut.vertices[number]) < 0.01 * largest:
            yield Problem.of(
                "proton.dvh.cancelled",
                where=name,
                value=f"z {cut.z[number]:.1f} mm",
                fatal=False,
            )


def _area(*contours: NDArray[np.float64]) -> float:
    """The area of contours of one plane by the even-odd rule, mm²."""
    edges = edges_of([contours])
    height = float(np.ptp(edges.start[:, 1]))
    return float(areas(edges, step=max(height / 200.0, 1e-6))[0])


def _wound(points: NDArray[np.float64]) -> float:
    """The area of a contour by the shoelace formula, mm²: lobes of opposite sense cancel."""
    moved = points - points[0]
    x, y = moved[:, 0], moved[:, 1]
    return abs(float(x[:-1] @ y[1:] - x[1:] @ y[:-1])) / 2
