"""From a package of files to the verdict of stage 0: studies a minute, beside merely reading them.

The bound in the same run is pydicom reading every file with its pixels and nothing else: nobody can
answer without that. Sizes "small" and "full" of the head-and-neck phantom; see `proton.phantoms`.
"""

from __future__ import annotations

import statistics
import tempfile
import time
import zipfile
from pathlib import Path

import django

STUDIES = {"small": 5, "full": 2}
LIMIT_S = 1.0
"""What stage 0 itself may take, in seconds of processor: machines are shared."""
FACTS = {"treatment": "primary", "baseline_xerostomia": "none", "baseline_dysphagia": "grade-0-1"}


def package(folder: Path, size: str, seed: int) -> Path:
    """A zip of a phantom's files."""
    from sapar.proton import phantoms  # noqa: PLC0415 - after Django's setup
    from sapar.proton.adapters.dicom.writing import write_study  # noqa: PLC0415

    written = write_study(phantoms.head_and_neck(seed, size=size), folder / f"{size}-{seed}")
    made = folder / f"{size}-{seed}.zip"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in written:
            archive.write(path, path.name)
    return made


def answer(upload: Path, folder: Path) -> tuple[str, float]:
    """(verdict, seconds of processor of stage 0 itself) of an upload."""
    from sapar.proton import selecting  # noqa: PLC0415
    from sapar.proton.adapters import volumes  # noqa: PLC0415
    from sapar.proton.adapters.dicom.reading import read_study  # noqa: PLC0415
    from sapar.proton.adapters.intake.unpack import unpack  # noqa: PLC0415
    from sapar.proton.engine.selection.names.match import match  # noqa: PLC0415
    from sapar.proton.engine.selection.names.read import read_names  # noqa: PLC0415

    files, kept = folder / "files", folder / "kept"
    files.mkdir()
    found = unpack(upload, files, name=upload.name)
    assert not found.refused, found.problems
    read = read_study(files)
    assert not read.fatal, [p.code for each in read.studies for p in each.findings]
    volumes.keep(read.studies[0].study, kept)
    study = volumes.StoredStudy(kept).load()
    table = read_names(selecting.text_of("names"))
    matches = match([each.name for each in study.structures], table, {})
    names = {each.sent: each.name for each in matches if each.name}
    began = time.process_time()
    given = {"site": "oropharynx", "age": 60, "patient": FACTS}
    said = selecting.answer_to(selecting.question_of(study, names, given))
    return said["verdict"], time.process_time() - began


def bare(upload: Path) -> None:
    """The bound: every file of the package read with its pixels by pydicom."""
    import io  # noqa: PLC0415

    import pydicom  # noqa: PLC0415

    with zipfile.ZipFile(upload) as archive:
        for name in archive.namelist():
            _pixels = pydicom.dcmread(io.BytesIO(archive.read(name))).get("PixelData")


def main() -> int:
    """Print a line a size; 1 if stage 0 takes longer than it may."""
    django.setup()
    slow = 0
    for size, count in STUDIES.items():
        with tempfile.TemporaryDirectory(prefix="sapar-selection-") as name:
            folder = Path(name)
            packages = [package(folder, size, seed) for seed in range(1, count + 1)]
            whole, zero, bound = [], [], []
            for number, upload in enumerate(packages):
                work = folder / f"work-{number}"
                work.mkdir()
                began = time.perf_counter()
                _verdict, seconds = answer(upload, work)
                whole.append(time.perf_counter() - began)
                zero.append(seconds)
                began = time.perf_counter()
                bare(upload)
                bound.append(time.perf_counter() - began)
            took, least = statistics.median(whole), statistics.median(bound)
            megabytes = statistics.median(path.stat().st_size for path in packages) / 1e6
            print(
                f"  {size}: {60 / took:.0f} studies a minute from upload to stage 0 "
                f"({took:.2f} s each, {megabytes:.0f} MB zipped), {took / least:.1f} times bare "
                f"reading ({least:.2f} s); stage 0 with histograms {statistics.median(zero):.2f} s"
            )
            slow += statistics.median(zero) > LIMIT_S
    return 1 if slow else 0
