"""RT Structure Set: closed contours in planes; everything else is named and left out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.adapters.dicom import opening, tags
from sapar.proton.engine.selection.plan import Contour, Structure
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from sapar.proton.adapters.dicom.kinds import Found

MOST_POINTS = 20_000_000
MOST_REGIONS = 2_000
"""Structures of a set: ten times what a planner draws."""
MOST_PATH_MM = 5e6
"""Along all contours of a structure: the outline of a whole body has less than a fifth of it.

What zigzags further costs memory without end and is no outline. Our bound.
"""
FLAT_MM = 0.01
MOST_MM = 5000.0
CLOSED = frozenset({"CLOSED_PLANAR", "CLOSEDPLANAR_XOR"})


@dataclass(frozen=True, slots=True)
class _Region:
    number: int
    name: str
    role: str


@dataclass(slots=True)
class _Count:
    points: int = 0


def read_structures(each: Found, frame: str = "") -> tuple[tuple[Structure, ...], list[Problem]]:
    """The structures of a set, and what is wrong with it.

    Args:
        each: the file.
        frame: UID of the frame of reference wanted; structures of others are left out. "": any.
    """
    opened = opening.opened(each.path)
    if opened is None:
        return (), [Problem.of("proton.study.unreadable", where=each.name)]
    dataset = opened.dataset
    contours = {
        tags.whole(item, "ReferencedROINumber"): item
        for item in tags.items(dataset, "ROIContourSequence")
    }
    if opening.broken_off(dataset):
        return (), [Problem.of("proton.study.truncated", where=each.name)]
    found: list[Problem] = []
    structures, count = [], _Count()
    regions = _regions(dataset, each.name, frame, found)
    if len(regions) > MOST_REGIONS:
        return (), [*found, Problem.of("proton.study.too_many_points", where=each.name)]
    for roi in regions:
        made = _contours(contours.get(roi.number), roi.name, each.name, found, count)
        if made:
            colour = _colour(contours[roi.number])
            structures.append(Structure(roi.number, roi.name, made, roi.role, colour))
        else:
            found.append(
                Problem.of("proton.study.empty", where=each.name, value=roi.name, fatal=False)
            )
        if count.points > MOST_POINTS or _path_mm(made) > MOST_PATH_MM:
            return (), [*found, Problem.of("proton.study.too_many_points", where=each.name)]
    if not structures:
        found.append(Problem.of("proton.study.no_contours", where=each.name))
    for name, times in Counter(s.name for s in structures).items():
        if times > 1:
            found.append(
                Problem.of("proton.study.same_name", where=each.name, value=name, fatal=False)
            )
    return tuple(structures), found


def _path_mm(contours: tuple[Contour, ...]) -> float:
    """The way along all contours in x and in y, closed, mm."""
    moves = (np.roll(each.points, -1, axis=0) - each.points for each in contours)
    return float(sum(np.abs(move).sum() for move in moves))


def _regions(dataset: Dataset, where: str, frame: str, found: list[Problem]) -> list[_Region]:
    """The regions that have a name and lie in the frame of reference."""
    roles = {
        tags.whole(item, "ReferencedROINumber"): tags.text(item, "RTROIInterpretedType", 16)
        for item in tags.items(dataset, "RTROIObservationsSequence")
    }
    regions = []
    for item in tags.items(dataset, "StructureSetROISequence"):
        number, name = tags.whole(item, "ROINumber"), tags.text(item, "ROIName", 64)
        own = tags.text(item, "ReferencedFrameOfReferenceUID")
        if number is None or not name:
            found.append(Problem.of("proton.study.unnamed", where=where, fatal=False))
        elif frame and own not in ("", frame):
            found.append(
                Problem.of("proton.study.other_frame", where=where, value=name, fatal=False)
            )
        else:
            regions.append(_Region(number, name, roles.get(number, "")))
    return regions


def _colour(item: Dataset) -> tuple[int, int, int] | None:
    values = tags.numbers(item, "ROIDisplayColor", 3)
    if not values or not all(0 <= value <= 255 for value in values):
        return None
    return int(values[0]), int(values[1]), int(values[2])


def _contours(
    item: Dataset | None, name: str, where: str, found: list[Problem], count: _Count
) -> tuple[Contour, ...]:
    """The closed contours of one structure; what is left out is counted and told by kind."""
    if item is None:
        return ()
    made, left = [], Counter[str]()
    for each in tags.items(item, "ContourSequence"):
        kind = tags.text(each, "ContourGeometricType").upper()
        if kind not in CLOSED:
            left["point" if kind == "POINT" else "open"] += 1
            continue
        contour = _contour(each)
        if isinstance(contour, str):
            left[contour] += 1
        else:
            made.append(contour)
            count.points += len(contour.points)
    found.extend(_left(why, many, name, where) for why, many in sorted(left.items()))
    return tuple(made)


def _left(why: str, many: int, name: str, where: str) -> Problem:
    """What is said of contours that were left out."""
    made = {
        "open": Problem.of("proton.study.open_contour", count=many, fatal=False),
        "few": Problem.of("proton.study.few_points", count=many, fatal=False),
        "slanted": Problem.of("proton.study.slanted_contour", count=many, fatal=False),
        "broken": Problem.of("proton.study.broken_contour", count=many, fatal=False),
        "point": Problem.of("proton.study.points", count=many, fatal=False),
    }[why]
    return replace(made, value=name, where=where)


def _contour(item: Dataset) -> Contour | str:
    """A contour, or why it is none: "broken", "few" or "slanted"."""
    values = tags.decimals(item, "ContourData")
    if values is None or values.size % 3 or not np.isfinite(values).all():
        return "broken"
    points = values.reshape(-1, 3)
    said = tags.whole(item, "NumberOfContourPoints")
    if (said is not None and said != len(points)) or (
        points.size and np.abs(points).max() > MOST_MM
    ):
        return "broken"
    if len(points) > 1 and np.array_equal(points[0], points[-1]):
        points = points[:-1]
    if len(points) < 3:
        return "few"
    if np.ptp(points[:, 2]) > FLAT_MM:
        return "slanted"
    return Contour(float(points[0, 2]), np.ascontiguousarray(points[:, :2]))
