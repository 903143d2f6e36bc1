"""Reading a large study, and scanning a folder of 10,000 files: time and memory.

Bounds in the same run: reading the bytes of the same files. Each measurement is a process of its
own, whose peak resident memory the system counts.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

FILES, SLICES, PIXELS = 10_000, 300, 512


def large(folder: Path) -> None:
    """A CT of 512 x 512 x 300 with 28 structures, a plan and the doses of ten grids."""
    from sapar.proton import phantoms  # noqa: PLC0415 - only the process that writes needs it
    from sapar.proton.adapters.dicom.writing import write_study  # noqa: PLC0415
    from sapar.proton.engine.selection.plan import Grid, Image  # noqa: PLC0415

    study = phantoms.head_and_neck(1, size="full")
    if study.image is None:
        raise RuntimeError
    coarse = study.image
    hu = coarse.hu.repeat(2, axis=1).repeat(2, axis=2).repeat(4, axis=0)[:SLICES]
    step = coarse.grid.spacing[0] / 2
    across = float(coarse.grid.x[0]) - step / 2 + step * np.arange(PIXELS)
    height = float(coarse.grid.z[1] - coarse.grid.z[0]) / 4
    planes = float(coarse.grid.z[0]) + height * np.arange(SLICES)
    image = Image(Grid(across, across.copy(), planes), hu, coarse.scanner)
    write_study(replace(study, image=image), folder)


def many(folder: Path) -> None:
    """9,999 slices of one header each, and a PDF."""
    from sapar.proton import phantoms  # noqa: PLC0415
    from sapar.proton.adapters.dicom.writing import Tags, slice_uid, write_study  # noqa: PLC0415

    study = phantoms.concave_core(1)
    first = write_study(study, folder, Tags(parts=frozenset({"ct"})))[0]
    content, sop = first.read_bytes(), slice_uid(study, 0).encode()
    for path in folder.glob("CT_*.dcm"):
        path.unlink()
    for number in range(FILES - 1):
        fresh = sop[:-6] + b"%06d" % number
        (folder / f"file{number}").write_bytes(content.replace(sop, fresh))
    (folder / "report.pdf").write_bytes(b"%PDF-1.7\n" + b"x" * 100_000)


def read(folder: Path) -> str:
    """Read a folder as studies."""
    from sapar.proton.adapters.dicom.reading import read_study  # noqa: PLC0415

    found = read_study(folder)
    shape = next((s.study.image.hu.shape for s in found.studies if s.study.image), None)
    return f"{found.files} files, CT {shape}, fatal {found.fatal}"


def scan(folder: Path) -> str:
    """Read the headers of a folder."""
    from sapar.proton.adapters.dicom import opening  # noqa: PLC0415
    from sapar.proton.adapters.dicom.scan import scan as headers  # noqa: PLC0415

    with opening.quietly():
        found = headers(folder)
    return f"{len(found.found)} of {found.files} files are DICOM"


def plain(folder: Path) -> str:
    """Read the bytes of a folder's files, one after the other."""
    return f"{sum(len(path.read_bytes()) for path in folder.iterdir()) / 1e6:.0f} MB"


TASKS = {"large": large, "many": many, "read": read, "scan": scan, "plain": plain}


def run(task: str, folder: Path) -> None:
    """One task in a process of its own; prints its time and its peak memory."""
    command = [sys.executable, "-m", "benchmarks.proton.studies", task, str(folder)]
    subprocess.run(command, check=True)


def main() -> int:
    """Measure all."""
    if len(sys.argv) == 3:
        started, cpu = time.perf_counter(), time.process_time()
        said = TASKS[sys.argv[1]](Path(sys.argv[2]))
        if said is not None:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            wall, used = time.perf_counter() - started, time.process_time() - cpu
            print(f"{sys.argv[1]}: {wall:.1f} s ({used:.1f} s CPU), peak {peak:.0f} MB: {said}")
        return 0
    for make, task in (("large", "read"), ("many", "scan")):
        with tempfile.TemporaryDirectory(prefix="sapar-studies-") as name:
            folder = Path(name)
            run(make, folder)
            run("plain", folder)
            run(task, folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
