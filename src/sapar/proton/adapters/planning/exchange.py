"""What goes to the planning environment and comes back: two files each way, numbers and words."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.proton.engine.selection.estimate.optimise import Term
from sapar.proton.engine.selection.estimate.terms import Shift
from sapar.proton.engine.selection.plan import Grid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

SCHEMA = "sapar.planning/1"


@dataclass(frozen=True, slots=True)
class Limits:
    """What keeps time and memory within bounds.

    Attributes:
        spots: at most so many; the distance between spots grows until there are no more.
        rounds: of the optimiser.
        spot_mm: smallest distance between spots.
        least_weight: spots below this share of the heaviest are left out.
        again: how often scenarios in which a target gets too little are given more weight.
    """

    spots: int = 10_000
    rounds: int = 150
    spot_mm: float = 5.0
    least_weight: float = 1e-3
    again: int = 4


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One plan to be made.

    Attributes:
        ct: grid of the stopping power.
        power: (nz, ny, nx) relative to water.
        body: (nz, ny, nx) the patient.
        spots: (nz, ny, nx) where Bragg peaks may lie.
        dose: grid of the dose.
        target_terms: asked for in every scenario, rows on the dose grid.
        organ_terms: asked for in the nominal one.
        beams: (gantry, couch), degrees.
        isocentre: (x, y, z) mm.
        shifts: scenarios; the first is the nominal one.
        robust: the targets' terms count in all scenarios, not only in the first.
        unit_gy: the prescription, absorbed dose, Gy.
        enough: the doses that a target should reach, as shares: by 98 % of it in the nominal
            scenario and by 95 % in every other.
        limits: bounds of time and memory.
    """

    ct: Grid
    power: NDArray[np.float32]
    body: NDArray[np.bool_]
    spots: NDArray[np.bool_]
    dose: Grid
    target_terms: tuple[Term, ...]
    organ_terms: tuple[Term, ...]
    beams: tuple[tuple[float, float], ...]
    isocentre: tuple[float, float, float]
    shifts: tuple[Shift, ...]
    robust: bool
    unit_gy: float
    enough: tuple[float, float] = (0.95, 0.95)
    limits: Limits = Limits()


def _axes(prefix: str, grid: Grid) -> dict[str, NDArray[np.float64]]:
    return {f"{prefix}.{name}": getattr(grid, name) for name in "xyz"}


def _grid(prefix: str, arrays: Any) -> Grid:
    return Grid(*(arrays[f"{prefix}.{name}"] for name in "xyz"))


def _terms_out(prefix: str, terms: Sequence[Term], arrays: dict[str, Any]) -> list[dict[str, Any]]:
    said = []
    for number, term in enumerate(terms):
        arrays[f"{prefix}.{number}.rows"] = term.rows
        if term.share is not None:
            arrays[f"{prefix}.{number}.share"] = term.share
        said.append({"kind": term.kind, "level": term.level, "priority": term.priority,
                     "name": term.name})  # fmt: skip
    return said


def _terms_in(prefix: str, said: Sequence[dict[str, Any]], arrays: Any) -> tuple[Term, ...]:
    return tuple(
        Term(
            each["kind"], arrays[f"{prefix}.{n}.rows"], each["level"], each["priority"],
            arrays.get(f"{prefix}.{n}.share"), each["name"],
        )
        for n, each in enumerate(said)
    )  # fmt: skip


def write_question(question: Question, folder: Path) -> None:
    """Put a question into a folder."""
    arrays: dict[str, Any] = {
        "power": question.power, "body": np.packbits(question.body),
        "spots": np.packbits(question.spots), **_axes("ct", question.ct),
        **_axes("dose", question.dose),
    }  # fmt: skip
    words = {
        "schema": SCHEMA,
        "targets": _terms_out("targets", question.target_terms, arrays),
        "organs": _terms_out("organs", question.organ_terms, arrays),
        "beams": question.beams,
        "isocentre": question.isocentre,
        "shifts": [asdict(shift) for shift in question.shifts],
        "robust": question.robust,
        "unit_gy": question.unit_gy,
        "enough": question.enough,
        "limits": asdict(question.limits),
    }
    np.savez(folder / "question.npz", **arrays)
    (folder / "question.json").write_text(json.dumps(words, indent=1), encoding="utf-8")


def read_question(folder: Path) -> Question:
    """The question in a folder.

    Raises:
        ValueError: it is of another version.
    """
    words = json.loads((folder / "question.json").read_text(encoding="utf-8"))
    if words["schema"] != SCHEMA:
        message = f"{words['schema']} is not {SCHEMA}"
        raise ValueError(message)
    with np.load(folder / "question.npz") as file:
        arrays = dict(file)
    ct = _grid("ct", arrays)
    size = int(np.prod(ct.shape))
    bits = {
        name: np.unpackbits(arrays[name], count=size).reshape(ct.shape).astype(np.bool_)
        for name in ("body", "spots")
    }
    x, y, z = words["isocentre"]
    return Question(
        ct, arrays["power"], bits["body"], bits["spots"], _grid("dose", arrays),
        _terms_in("targets", words["targets"], arrays),
        _terms_in("organs", words["organs"], arrays),
        tuple((a, b) for a, b in words["beams"]), (x, y, z),
        tuple(Shift(s["name"], tuple(s["mm"]), s["power"]) for s in words["shifts"]),
        words["robust"], words["unit_gy"], tuple(words["enough"]), Limits(**words["limits"]),
    )  # fmt: skip


def write_answer(folder: Path, doses: dict[str, Any], words: dict[str, Any]) -> None:
    """Put an answer into a folder; its words last, so that an unfinished one is seen as such."""
    np.savez(folder / "answer.npz", **doses)
    (folder / "answer.json").write_text(json.dumps(words, indent=1), encoding="utf-8")


def read_answer(folder: Path) -> tuple[dict[str, NDArray[np.float32]], dict[str, Any]]:
    """Absorbed dose of the course of each scenario, (nz, ny, nx) Gy, and what is told of it."""
    words = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    with np.load(folder / "answer.npz") as file:
        return dict(file), words
