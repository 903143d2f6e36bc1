"""Structures named for one side that lie on the other; numpy only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.adapters.dicom.outlines import area_and_middle, middle_of
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from sapar.proton.engine.selection.plan import Structure, Study

CLEARLY_MM = 10.0
"""How far beyond the mid-line a structure must lie to be called misplaced."""
TISSUE_HU = -300

_WORDS = re.compile(r"[^\W_]+(?:ʻ[^\W_]*)?")
_LEFT = frozenset(
    {"l", "lt", "lft", "left", "links", "linke", "linker", "linkes", "sin", "sinister"}
    | {"сол", "soʻl", "sol", "chap"}
)
_RIGHT = frozenset(
    {"r", "rt", "rgt", "right", "rechts", "rechte", "rechter", "rechtes", "dex", "dexter"}
    | {"оң", "oʻng", "ong"}
)
_BODY = frozenset(
    {"body", "external", "outer", "skin", "patient", "aussenkontur"}
    | {"тело", "кожа", "контур", "дене", "tana", "badan"}
)


def _words(name: str) -> list[str]:
    """The words of a name, lower case; every sign used for the Uzbek letter is the right one."""
    plain = re.sub("[’‘'`ʼ]", "ʻ", name.casefold())
    return _WORDS.findall(plain)


def _side_of_word(word: str) -> int:
    if word in _LEFT or word.startswith("лев"):
        return 1
    return -1 if word in _RIGHT or word.startswith("прав") else 0


def side(name: str) -> int:
    """+1 where a name says left (x grows to the left), -1 for right, 0 for neither or both."""
    said = {_side_of_word(word) for word in _words(name)} - {0}
    return said.pop() if len(said) == 1 else 0


def _partner(name: str) -> str:
    """The name without its side: the same for both of a pair."""
    return " ".join(word for word in _words(name) if _side_of_word(word) == 0)


def is_body(structure: Structure) -> bool:
    """Whether a structure is the outer contour of the patient."""
    return structure.role.upper() == "EXTERNAL" or bool(_BODY.intersection(_words(structure.name)))


def _midline(study: Study) -> Callable[[float], float] | None:
    """X of the patient's middle at a height: of the outer contour, else of the CT; None."""
    body = next((each for each in study.structures if is_body(each) and each.contours), None)
    if body is not None:
        planes: dict[float, tuple[float, float]] = {}
        for contour in body.contours:
            area, x, _ = area_and_middle(contour.points)
            if area > planes.get(contour.z, (0.0, 0.0))[0]:
                planes[contour.z] = (area, x)
        heights = np.array(sorted(planes))
        if len(heights):
            middles = np.array([planes[z][1] for z in heights])
            return lambda z: float(np.interp(z, heights, middles))
    image = study.image
    if image is None:
        return None

    def of_image(z: float) -> float:
        plane = int(np.abs(image.grid.z - z).argmin())
        tissue = (image.hu[plane] > TISSUE_HU).sum(axis=0)
        total = int(tissue.sum())
        return float((image.grid.x * tissue).sum() / total) if total else float(image.grid.x.mean())

    return of_image


def check(study: Study) -> list[Problem]:
    """Structures on the wrong side; where both of a pair are, left and right are exchanged."""
    sided = [(each, side(each.name)) for each in study.structures if each.contours]
    sided = [(each, said) for each, said in sided if said]
    midline = _midline(study) if sided else None
    if midline is None:
        return []
    wrong: dict[str, list[tuple[str, int]]] = {}
    for each, said in sided:
        x, _, z = middle_of(each)
        if said * (x - midline(z)) < -CLEARLY_MM:
            wrong.setdefault(_partner(each.name), []).append((each.name, said))
    found = []
    for group in wrong.values():
        if len({said for _, said in group}) == 2:
            names = ", ".join(name for name, _ in group)
            found.append(Problem.of("proton.study.sides_swapped", value=names))
        else:
            found.extend(
                Problem.of("proton.study.wrong_side", value=name, fatal=False) for name, _ in group
            )
    return found
