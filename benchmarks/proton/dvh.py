"""Our histograms beside dicompyler-core's in one run, and beside a planning system's own curves.

    python -m benchmarks.proton.dvh

dicompyler-core needs an older pydicom and gets an environment of its own under `.tools`, made once;
its source distribution holds a breast plan with stored curves. Both sides are timed from data that
is already read, in seconds of processor, the quickest of some runs. Fails where they disagree,
where the stored curves are missed, or below ten times the speed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pydicom

from benchmarks.proton.dvh_study import study, write
from sapar.proton.engine.selection.dvh.compute import EndCap, Options, histograms
from sapar.proton.engine.selection.dvh.histogram import DoseVolume
from sapar.proton.engine.selection.plan import Contour, DoseGrid, Grid, Structure

ROOT = Path(__file__).parents[2]
PEER = ROOT / ".tools" / "dicompyler"
PINNED = "dicompyler-core==0.5.6"
PRESCRIBED = 14.0
JUDGED = (4, 5, 6, 9, 10)
"""Structures of the breast plan that must agree; the others are printed only."""
FASTER, WITHIN = 10.0, 1.0
"""Times the peer's speed, and seconds for twenty structures."""


def peer() -> tuple[Path, Path] | None:
    """The peer's Python and the folder of its example, or None where they cannot be had."""
    python, kept = PEER / "bin" / "python", PEER / "sdist"
    if not python.exists():
        uv = ROOT / ".tools" / "uv" / "bin" / "uv"
        made = subprocess.run([uv, "venv", "-q", PEER], check=False)
        if made.returncode == 0:
            command = [uv, "pip", "install", "-q", "--python", python, PINNED, "pydicom<3"]
            made = subprocess.run(command, check=False)
        if made.returncode:
            return None
    if not list(kept.glob("*/tests/testdata/example_data")):
        pip = [ROOT / ".tools" / "uv" / "bin" / "python", "-m", "pip", "download", "-q"]
        options = ["--no-deps", "--no-binary", ":all:", "--disable-pip-version-check", "-d", kept]
        if subprocess.run([*pip, *options, PINNED], check=False).returncode:
            return None
        for archive in kept.glob("*.tar.gz"):
            with tarfile.open(archive) as packed:
                packed.extractall(kept, filter="data")
    return python, next(kept.glob("*/tests/testdata/example_data"))


def theirs(python: Path, folder: Path, runs: int) -> dict[str, Any]:
    """The peer's seconds and figures."""
    program = ROOT / "benchmarks" / "proton" / "peer_dicompyler.py"
    said = subprocess.run(
        [python, program, folder, str(runs)], check=True, capture_output=True, text=True
    )
    return dict(json.loads(said.stdout))


def read(folder: Path) -> tuple[list[Structure], DoseGrid, pydicom.Dataset]:
    """Structures and dose of an example, by pydicom alone."""
    sets, dose = (pydicom.dcmread(folder / name) for name in ("rtss.dcm", "rtdose.dcm"))
    names = {int(i.ROINumber): str(i.ROIName) for i in sets.StructureSetROISequence}
    found = []
    for each in sets.ROIContourSequence:
        number = int(each.ReferencedROINumber)
        points = [
            np.array(c.ContourData, dtype=np.float64).reshape(-1, 3)
            for c in each.get("ContourSequence", [])
        ]
        contours = tuple(Contour(float(p[0, 2]), p[:, :2]) for p in points)
        found.append(Structure(number, names[number], contours))
    x, y, z = (float(v) for v in dose.ImagePositionPatient)
    dy, dx = (float(v) for v in dose.PixelSpacing)
    grid = Grid(
        x + dx * np.arange(dose.Columns),
        y + dy * np.arange(dose.Rows),
        z + np.array(dose.GridFrameOffsetVector, dtype=np.float64),
    )
    gy = (dose.pixel_array * float(dose.DoseGridScaling)).astype(np.float32)
    return [each for each in found if each.contours], DoseGrid(grid, gy), dose


def stored(dose: pydicom.Dataset) -> dict[int, DoseVolume]:
    """The cumulative curves in an RT Dose; the tags of mean and largest dose are not read."""
    found = {}
    for each in dose.DVHSequence:
        pairs = np.array(each.DVHData, dtype=np.float64).reshape(-1, 2)
        edges = np.concatenate([[0.0], np.cumsum(pairs[:, 0])]) * float(each.DVHDoseScaling)
        parts = np.maximum(-np.diff(pairs[:, 1], append=0.0), 0.0)
        middle = 0.5 * (edges[1:] + edges[:-1])
        number = int(each.DVHReferencedROISequence[0].ReferencedROINumber)
        mean = float(middle @ parts / parts.sum())
        top = float(edges[np.flatnonzero(parts)[-1] + 1])
        found[number] = DoseVolume(str(number), edges, parts, mean, 0.0, top, float(pairs[0, 1]))
    return found


def quickest(structures: list[Structure], dose: DoseGrid, **more: Any) -> tuple[float, list[Any]]:
    """Seconds of processor of the quickest of seven runs, and the histograms."""
    best, found = float("inf"), []
    for _run in range(7):
        began = time.process_time()
        found = histograms(structures, dose, **more)
        best = min(best, time.process_time() - began)
    return best, found


def agrees(
    structures: list[Structure], dose: DoseGrid, planes: Any, other: dict[str, Any]
) -> list[str]:
    """Ours under the peer's end caps beside the peer; what is too far apart."""
    wrong, worst = [], [0.0, 0.0]
    whole = Options(end_cap=EndCap.FULL)
    for each, own in zip(
        structures, histograms(structures, dose, planes=planes, options=whole), strict=True
    ):
        them = other[str(each.number)]
        off = abs(own.mean_gy - them["mean"]), abs(own.total_cc / them["cc"] - 1)
        worst = [max(a, b) for a, b in zip(worst, off, strict=True)]
        if off[0] > 0.5 or off[1] > 0.05:
            wrong.append(f"{each.name}: {off[0]:.2f} Gy, {off[1]:.1%} of volume from the peer")
    print(
        f"  largest differences under its end caps: mean {worst[0]:.2f} Gy, volume {worst[1]:.1%}"
    )
    return wrong


def fineness(structures: list[Structure], dose: DoseGrid, planes: Any, found: list[Any]) -> None:
    """Print how far the histograms are from those of far finer cells."""
    options = Options(cells=1_000_000, finest_mm=0.2, step_mm=1.0, line_mm=0.05, bin_gy=0.02)
    fine = histograms(structures, dose, planes=planes, options=options)
    most = {
        name: max(abs(figure(a) - figure(b)) for a, b in zip(found, fine, strict=True))
        for name, figure in (
            ("mean", lambda h: h.mean_gy),
            ("D95", lambda h: h.dose_at(0.95)),
            ("D2", lambda h: h.dose_at(0.02)),
            ("largest", lambda h: h.maximum_gy),
        )
    }
    shown = ", ".join(f"{name} {gy:.3f} Gy" for name, gy in most.items())
    print(f"  largest differences to far finer cells: {shown}")


def made(python: Path) -> list[str]:
    """The made head-and-neck study, ours and theirs; what is wrong."""
    structures, dose, planes = study()
    began = time.perf_counter()
    histograms(structures, dose, planes=planes)
    first = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), structures, dose)
        ours, found = quickest(structures, dose, planes=planes)
        other = theirs(python, Path(folder), 3)
    ratio = other["seconds"] / ours
    count = sum(len(each.contours) for each in structures)
    print(
        f"  head and neck, {len(structures)} structures, {count} contours: {ours:.3f} s "
        f"(first call {first:.3f} s by the clock), dicompyler-core {other['seconds']:.2f} s, "
        f"{ratio:.1f} times"
    )
    wrong = agrees(structures, dose, planes, other["found"])
    fineness(structures, dose, planes, found)
    if ratio < FASTER:
        wrong.append(f"{ratio:.1f} times the speed of dicompyler-core, not {FASTER:.0f}")
    if max(ours, first) > WITHIN:
        wrong.append(f"{max(ours, first):.2f} s for {len(structures)} structures, not {WITHIN:.0f}")
    return wrong


def breast(python: Path, folder: Path) -> list[str]:
    """The breast plan against its stored curves and the peer; what is wrong."""
    structures, dose, sent = read(folder)
    seconds, _found = quickest(structures, dose)
    other = theirs(python, folder, 2)
    print(
        f"  breast plan: {seconds:.3f} s, dicompyler-core {other['seconds']:.2f} s, "
        f"{other['seconds'] / seconds:.1f} times"
    )
    curves, wrong = stored(sent), []
    fine = histograms(structures, dose, options=Options(bin_gy=0.01))
    for each, own in zip(structures, fine, strict=True):
        curve = curves[each.number]
        volume = 100 * (own.total_cc / curve.total_cc - 1)
        mean = 100 * (own.mean_gy - curve.mean_gy) / PRESCRIBED
        d95 = 100 * (own.dose_at(0.95) - curve.dose_at(0.95)) / PRESCRIBED
        judged = each.number in JUDGED
        print(
            f"    {each.number:2} {each.name:16} {'judged' if judged else 'shown '} "
            f"volume {volume:+7.2f} %, mean {mean:+6.2f}, D95 {d95:+6.2f} % of {PRESCRIBED:.0f} Gy"
        )
        if judged and (abs(volume) > 1 or max(abs(mean), abs(d95)) > 0.5):
            wrong.append(f"{each.name} misses its stored curve")
    return wrong


def main() -> int:
    """Measure, compare and print."""
    had = peer()
    if had is None:
        print("  dicompyler-core could not be installed: nothing to compare")
        return 0
    python, folder = had
    wrong = made(python) + breast(python, folder)
    for each in wrong:
        print(f"  WRONG: {each}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
