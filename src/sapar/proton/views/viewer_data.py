"""What the viewer is told of a study: its grid, its structures, its doses, its words."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sapar.kernel.languages import formats
from sapar.proton.slicing import PLANES, count_of
from sapar.proton.views import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    import numpy as np
    from numpy.typing import NDArray

    from sapar.proton.engine.selection.plan import Grid, Structure, Study
    from sapar.proton.slicing import Named

ISODOSES = (
    (0.10, (68, 90, 190)),
    (0.30, (40, 142, 190)),
    (0.50, (30, 165, 130)),
    (0.70, (130, 190, 50)),
    (0.90, (235, 195, 40)),
    (0.95, (245, 140, 30)),
    (1.05, (225, 50, 60)),
)
"""Shares of the prescription and their colours, from cool to warm; lightness rises and falls, so
that bands stay apart without colour."""
DIFFERENCES = (
    (2.0, (190, 225, 225)),
    (5.0, (110, 195, 200)),
    (10.0, (30, 150, 165)),
    (20.0, (0, 95, 120)),
    (-2.0, (250, 220, 170)),
    (-5.0, (245, 175, 90)),
    (-10.0, (225, 115, 30)),
    (-20.0, (165, 60, 10)),
)
"""Gy that protons spare (above 0) or add (below)."""
PALETTE = (
    "#4fc3d9", "#f2b632", "#e57bb1", "#7fd37f", "#c39bf0", "#f28b50", "#a3c8ff", "#e6e06b",
    "#8fe0c2", "#ff9d9d",
)  # fmt: skip
"""Colours of contours on black, in turn; a sender's colours may be as dark as they like."""
TARGET = ("#ff5c5c", "#ff8f6b", "#ffc46b")
TARGETS = ("GTV", "CTV", "PTV", "ITV")
SHOWN_FIRST = 12
"""So many organs are outlined at first; all can be."""


def windows() -> list[dict[str, Any]]:
    """Window and level, HU: the common presets."""
    return [
        {"key": "soft", "label": _("Soft tissue"), "level": 40, "width": 400},
        {"key": "brain", "label": pgettext("window", "Brain"), "level": 40, "width": 80},
        {"key": "bone", "label": pgettext("window", "Bone"), "level": 400, "width": 1800},
        {"key": "lung", "label": pgettext("window", "Lung"), "level": -550, "width": 1600},
    ]


def legend(prescription: float) -> list[dict[str, Any]]:
    """The isodose bands: from how many Gy on, in which colour, and the words."""
    return [
        {
            "gy": share * prescription, "rgb": list(rgb), "colour": _css(rgb),
            "label": _("{percent} % · {gy} Gy").format(
                percent=round(100 * share), gy=words.decimal(share * prescription)
            ),
        }
        for share, rgb in ISODOSES
    ]  # fmt: skip


def difference_legend() -> list[dict[str, Any]]:
    """The bands of the difference: how many Gy protons spare or add."""
    return [
        {
            "gy": gy, "rgb": list(rgb), "colour": _css(rgb),
            "label": (
                _("{gy} Gy less") if gy > 0 else _("{gy} Gy more")
            ).format(gy=words.decimal(abs(gy))),
        }
        for gy, rgb in DIFFERENCES
    ]  # fmt: skip


def _css(rgb: tuple[int, int, int]) -> str:
    return "#" + "".join(f"{part:02x}" for part in rgb)


def is_target(structure: Structure, name: str) -> bool:
    """Whether a structure is what shall get the dose."""
    return structure.role in TARGETS or name.upper().startswith(TARGETS)


def structures(
    found: Iterable[Structure], names: Mapping[str, str], first: Sequence[str]
) -> list[dict[str, Any]]:
    """The structures that can be outlined: targets, then the organs that count, then the others.

    Args:
        found: of the study, as sent.
        names: TG-263 name of each name as sent.
        first: the organs that the rule asks for.
    """
    order = {name: place for place, name in enumerate(first)}
    listed = [each for each in found if each.contours]

    def place(each: Structure) -> tuple[int, int, str]:
        name = names.get(each.name, "")
        rank = 0 if is_target(each, name or each.name) else 1 if name in order else 2 if name else 3
        return rank, order.get(name, 0), name or each.name

    shown = []
    organs = 0
    for n, each in enumerate(sorted(listed, key=place)):
        name = names.get(each.name, "")
        target = is_target(each, name or each.name)
        organs += not target
        colours = TARGET if target else PALETTE
        counts = name in order if order else bool(name)
        shown.append(
            {
                "number": each.number, "name": name or each.name,
                "parts": (name or each.name).split("_"),
                "colour": colours[n % len(colours)], "target": target,
                "on": target
                or (counts and each.role != "EXTERNAL" and organs <= SHOWN_FIRST),
            }
        )  # fmt: skip
    return shown


def _line(values: NDArray[np.float64]) -> list[float]:
    return [round(float(value), 4) for value in values]


def start(study: Study, grid: Grid, names: Mapping[str, str]) -> dict[str, float]:
    """Where the cross begins: the middle of the first target, or of the image."""
    target = next(
        (s for s in study.structures if s.contours and is_target(s, names.get(s.name, s.name))),
        None,
    )
    middle = {axis: float(getattr(grid, axis).mean()) for axis in ("x", "y", "z")}
    if target is not None:
        flat = [point for contour in target.contours for point in contour.points.tolist()]
        middle["x"] = sum(p[0] for p in flat) / len(flat)
        middle["y"] = sum(p[1] for p in flat) / len(flat)
        levels = sorted(contour.z for contour in target.contours)
        middle["z"] = levels[len(levels) // 2]
    return {axis: _on(getattr(grid, axis), place) for axis, place in middle.items()}


def _on(line: NDArray[np.float64], place: float) -> float:
    """The place of a grid that is nearest."""
    return min((float(at) for at in line), key=lambda at: abs(at - place))


def dose_words(key: str) -> str:
    """What a dose of the pictures is called."""
    return {
        "photon": pgettext("dose", "Photons"),
        "proton": pgettext("dose", "Protons"),
        "difference": pgettext("dose", "Difference"),
        "none": pgettext("dose", "No dose"),
    }[key]


def viewer(
    case: UUID,
    token: str,
    study: Study,
    doses: Sequence[Named],
    *,
    names: Mapping[str, str],
    first: Sequence[str],
    prescription: float,
) -> dict[str, Any] | None:
    """Everything that `viewer.js` and its template need; None where there is no image.

    Args:
        case: whose study it is.
        token: what the viewer shows with each slice.
        study: as it is kept.
        doses: what lies on the image.
        names: TG-263 name of each structure as sent.
        first: the organs that the rule asks for.
        prescription: Gy, for the isodoses.
    """
    if study.image is None:
        return None
    grid = study.image.grid
    keys = [each.key for each in doses]
    switch = [*keys, *(["difference"] if {"photon", "proton"} <= set(keys) else [])]
    address = reverse("proton:selection-slice", args=[case, token, "axial", 0])
    return {
        "slice": address,
        "decimal": formats.number(Decimal("0.5")).strip("05"),
        "grid": {axis: _line(getattr(grid, axis)) for axis in ("x", "y", "z")},
        "counts": {plane: count_of(grid, plane) for plane in PLANES},
        "start": start(study, grid, names),
        "doses": [{"key": key, "label": dose_words(key)} for key in switch],
        "windows": windows(),
        "structures": structures(study.structures, names, first),
        "levels": legend(prescription),
        "differences": difference_legend(),
        "letters": letters(),
        "words": {
            "slice": _("Slice {n} of {of}"),
            "place": _("x {x}, y {y}, z {z} mm"),
            "dose": _("{of} {gy} Gy"),
            "caption": _("{n} of {of} · {mm} mm"),
            "lost": _("This slice did not come. Move on, or load the page anew."),
        },
    }


def letters() -> dict[str, list[str]]:
    """At the left, right, top and bottom of each plane: sides of the patient."""
    right, left = pgettext("side of the patient", "R"), pgettext("side of the patient", "L")
    front, back = pgettext("side of the patient", "A"), pgettext("side of the patient", "P")
    head, foot = pgettext("side of the patient", "H"), pgettext("side of the patient", "F")
    return {
        "axial": [right, left, front, back],
        "coronal": [right, left, head, foot],
        "sagittal": [front, back, head, foot],
    }
