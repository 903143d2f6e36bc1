"""A CT series read slice by slice into one array of int16; no second copy is ever held."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.adapters.dicom import geometry, opening, pixels, tags
from sapar.proton.engine.selection.plan import Grid, Image
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sapar.proton.adapters.dicom.geometry import Turn
    from sapar.proton.adapters.dicom.kinds import Found

MOST_SIDE, MOST_VOXELS = 4096, 400_000_000
SAME_PLACE_MM, SHEAR_MM = 0.01, 0.1
WIDE_GAP = 1.5
"""A gap this much wider than both gaps beside it is a missing slice, not a change of spacing."""
SHOWN = frozenset({"proton.study.missing_slice", "proton.study.one_slice"})
"""Mistakes that forbid to use an image and not to look at it."""
UNITS = frozenset({"HU", "HU_MOD", "US"})
"""Rescale types (PS3.3 C.11.1.1.2) of a CT: Hounsfield units, modified ones, unspecified."""
LEAST_HU, MOST_HU = -32768, 32767
AIR_HU = -300
"""Around every patient there is air: a CT with nothing thinner was rescaled wrongly, or cut."""


def read_image(slices: Sequence[Found]) -> tuple[Image | None, list[Problem]]:
    """The image of a series, and what is wrong with it; None where it cannot be used."""
    found: list[Problem] = []
    used = [each for each in slices if not each.plane.localiser]
    if not used:
        return None, [Problem.of("proton.study.no_ct")]
    turned = _same_planes(used, found)
    if turned is None:
        return None, found
    ordered = sorted(used, key=lambda each: each.plane.position[2])
    _straight(ordered, found)
    _spacing(ordered, found)
    _decoders(ordered, found)
    if any(each.fatal and each.code not in SHOWN for each in found):
        return None, found
    rows, columns, _ = ordered[0].plane.shape
    if rows * columns * len(ordered) > MOST_VOXELS:
        return None, [*found, _too_large(ordered[0])]
    x, y = turned.axes(ordered[0].plane.position, ordered[0].plane.spacing, (rows, columns))
    grid = Grid(x, y, np.array([each.plane.position[2] for each in ordered]))
    hu = np.empty((len(ordered), len(y), len(x)), dtype=np.int16)
    for index, each in enumerate(ordered):
        problem = _slice(each, turned, hu[index])
        if problem is not None:
            return None, [*found, problem]
    if int(hu.min()) > AIR_HU:
        value = f"{int(hu.min())} … {int(hu.max())} HU"
        found.append(
            Problem.of("proton.study.rescale", where=ordered[0].name, value=value, fatal=False)
        )
    return Image(grid, hu, ordered[0].scanner), found


def _too_large(each: Found) -> Problem:
    rows, columns, frames = each.plane.shape
    return Problem.of(
        "proton.study.size_refused", where=each.name, value=f"{frames} x {rows} x {columns}"
    )


def _same_planes(slices: Sequence[Found], found: list[Problem]) -> Turn | None:
    """The one orientation of all slices; None and a problem where there is none."""
    first = slices[0].plane
    for each in slices:
        plane = each.plane
        if not plane.position or not plane.orientation:
            found.append(Problem.of("proton.study.no_position", where=each.name))
        elif not geometry.sane(plane.spacing):
            found.append(
                Problem.of("proton.study.pixel_spacing", where=each.name, value=plane.spacing)
            )
        elif not (0 < plane.shape[0] <= MOST_SIDE and 0 < plane.shape[1] <= MOST_SIDE):
            found.append(_too_large(each))
        elif plane.shape[2] != 1:
            found.append(Problem.of("proton.study.enhanced", where=each.name))
        elif (plane.shape, plane.spacing) != (first.shape, first.spacing) or not np.allclose(
            plane.orientation, first.orientation, atol=geometry.STRAIGHT
        ):
            found.append(Problem.of("proton.study.mixed_slices", where=each.name))
        else:
            continue
        return None
    turned = geometry.turn(first.orientation)
    if turned is None:
        code = slices[0]
        found.append(
            Problem.of("proton.study.tilted", where=code.name, value=list(first.orientation))
        )
        return None
    if first.orientation != (1.0, 0.0, 0.0, 0.0, 1.0, 0.0) and (turned.x, turned.y) != (1, 1):
        found.append(
            Problem.of(
                "proton.study.turned",
                where=slices[0].name,
                position=first.position_code or "?",
                fatal=False,
            )
        )
    return turned


def _straight(ordered: Sequence[Found], found: list[Problem]) -> None:
    """Whether slices lie straight above each other; a gantry tilt shifts them."""
    positions = np.array([each.plane.position for each in ordered])
    drift = float(np.ptp(positions[:, :2], axis=0).max())
    tilt = max((each.plane.tilt for each in ordered), key=abs)
    if drift > SHEAR_MM:
        found.append(
            Problem.of("proton.study.sheared", where=ordered[0].name, value=f"{drift:.1f} mm")
        )
    elif abs(tilt) > 0.01:
        found.append(
            Problem.of(
                "proton.study.tilt_said", where=ordered[0].name, value=f"{tilt:g}", fatal=False
            )
        )


def _mm(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _spacing(ordered: Sequence[Found], found: list[Problem]) -> None:
    """Two slices in one place, missing slices, changes of spacing."""
    z = np.array([each.plane.position[2] for each in ordered])
    if len(z) < 2:
        found.append(Problem.of("proton.study.one_slice", where=ordered[0].name))
        return
    gaps = np.diff(z)
    double = np.nonzero(gaps < SAME_PLACE_MM)[0]
    if double.size:
        names = f"{ordered[double[0]].name}, {ordered[double[0] + 1].name}"
        found.append(
            Problem.of("proton.study.double_slice", where=names, z=_mm(float(z[double[0]])))
        )
        return
    missing = missing_gaps(z, [each.plane.number for each in ordered])
    found.extend(
        Problem.of(
            "proton.study.missing_slice",
            where=ordered[at].name,
            low=_mm(float(z[at])),
            high=_mm(float(z[at + 1])),
        )
        for at in missing[:20]
    )
    changes = [
        at for at in range(1, len(gaps)) if abs(gaps[at] - gaps[at - 1]) > 0.05 and not missing
    ]
    if changes:
        at = changes[0]
        found.append(
            Problem.of(
                "proton.study.uneven",
                z=_mm(float(z[at])),
                before=_mm(float(gaps[at - 1])),
                after=_mm(float(gaps[at])),
                fatal=False,
            )
        )


def missing_gaps(z: NDArray[np.float64], numbers: Sequence[int | None]) -> list[int]:
    """Places i where a slice is missing between z[i] and z[i + 1].

    A gap alone among narrower ones is one, and so is a wide gap over which the numbers of slices
    jump, where they count one by one elsewhere.

    Args:
        z: (n,) mm, ascending.
        numbers: instance numbers of the slices, or None.
    """
    gaps = np.diff(z)
    wide = gaps > WIDE_GAP * gaps.min()
    known = [number for number in numbers if number is not None]
    jumps = np.abs(np.diff(known)) if len(known) == len(z) else np.ones(len(gaps))
    counted = not wide.all() and bool((jumps[~wide] == 1).all())
    found = []
    for at, gap in enumerate(gaps):
        beside = [float(gaps[n]) for n in (at - 1, at + 1) if 0 <= n < len(gaps)]
        alone = bool(beside) and gap > WIDE_GAP * max(beside)
        if alone or (wide[at] and counted and jumps[at] > 1):
            found.append(at)
    return found


def _decoders(ordered: Sequence[Found], found: list[Problem]) -> None:
    """Transfer syntaxes that cannot be read here."""
    for syntax in sorted({each.syntax for each in ordered}):
        if not pixels.decodable(syntax):
            where = next(each.name for each in ordered if each.syntax == syntax)
            found.append(
                Problem.of(
                    "proton.study.compressed",
                    where=where,
                    value=syntax,
                    syntax=opening.syntax_name(syntax),
                )
            )


def _slice(each: Found, turned: Turn, into: NDArray[np.int16]) -> Problem | None:
    """Read one slice into its place; a problem where that cannot be done."""
    rows, columns, _ = each.plane.shape
    opened = opening.opened(each.path, pixels=True)
    if opened is None:
        return Problem.of("proton.study.unreadable", where=each.name)
    try:
        raw = pixels.integers(opened, (1, rows, columns))[0]
    except pixels.PixelsError as error:
        return said(error, each)
    slope = tags.number(opened.dataset, "RescaleSlope")
    intercept = tags.number(opened.dataset, "RescaleIntercept")
    unit = tags.text(opened.dataset, "RescaleType") or "HU"
    if slope is None or intercept is None or not _possible(slope, intercept, unit):
        value = f"slope {slope}, intercept {intercept}, {unit}"
        return Problem.of("proton.study.rescale", where=each.name, value=value)
    values = turned.plane(raw) * np.float32(slope) + np.float32(intercept)
    np.rint(values, out=values)
    np.clip(values, LEAST_HU, MOST_HU, out=values)
    into[:] = values.astype(np.int16)
    return None


def _possible(slope: float, intercept: float, unit: str) -> bool:
    """Whether a rescaling gives Hounsfield units: not a density, and not nonsense."""
    return unit in UNITS and 0 < abs(slope) <= 1e4 and abs(intercept) <= 1e6


def said(error: pixels.PixelsError, each: Found) -> Problem:
    """The sentence for pixels that cannot be taken."""
    if error.why is pixels.Why.SHORT:
        return Problem.of("proton.study.truncated", where=each.name)
    if error.why is pixels.Why.DECODER:
        name = opening.syntax_name(each.syntax)
        return Problem.of(
            "proton.study.compressed", where=each.name, value=each.syntax, syntax=name
        )
    return Problem.of("proton.study.pixel_layout", where=each.name)
