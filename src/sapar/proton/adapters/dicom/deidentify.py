"""A folder of DICOM files de-identified for the panel, and given back by the owner alone.

PS3.15 Annex E, basic application confidentiality profile, with the options "clean descriptors",
"retain longitudinal temporal information with modified dates" and "retain patient
characteristics". The rule is a keep list (`deidentification.yaml`). What is taken away lies in a
sealed file beside, not in the files themselves: see docs/reference/proton-deidentification.md.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pydicom
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from sapar.kernel.errors import InvalidInputError
from sapar.proton.adapters.dicom.deidentifying import Cleaner, Options, Person, person_of
from sapar.proton.adapters.dicom.identifying import Identifying
from sapar.proton.adapters.dicom.opening import (
    LARGEST_FILE,
    broken_off,
    looks_like_dicom,
    quietly,
)
from sapar.proton.adapters.sealing import Record, Sealer, opened
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydicom.dataset import Dataset

    from sapar.proton.adapters.dicom.deidentifying_rules import Rules
    from sapar.proton.adapters.sealing import OwnerKey

PIXELS: Final = Tag(0x7FE00010)
ENDING: Final = ".sealed"


@dataclass(slots=True)
class Outcome:
    """What became of a folder.

    Attributes:
        written: files written.
        findings: what was left out or needs a look; they name places, never values.
        pseudonyms: of the people in it.
    """

    written: int = 0
    findings: list[Problem] = field(default_factory=list)
    pseudonyms: set[str] = field(default_factory=set)


def sealed_beside(out: Path) -> Path:
    """Where the sealed file of an output folder lies: beside it, never in it."""
    return out.with_name(out.name + ENDING)


def _files(folder: Path) -> Iterator[Path]:
    """The plain files below a folder, in order of name; links are not followed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path


def _read(path: Path, *, pixels: bool) -> Dataset | None:
    """The data set of a file; None where it is no DICOM file or cannot be read."""
    if path.stat().st_size > LARGEST_FILE:
        return None
    with path.open("rb") as file:
        if not looks_like_dicom(file.read(1024)):
            return None
    try:
        return pydicom.dcmread(path, stop_before_pixels=not pixels, force=True)
    except Exception:  # noqa: BLE001 - a broken file may raise anything; it is left out and named
        return None


def _refused(dataset: Dataset, rules: Rules) -> str:
    """The code of why a data set is not given to the panel, or ""."""
    if str(dataset.get("SOPClassUID", "")) not in rules.classes or not dataset.get(
        "SOPInstanceUID"
    ):
        return "proton.study.deid_not_taken"
    if str(dataset.get("BurnedInAnnotation", "")).strip().upper() == "YES":
        return "proton.study.deid_burned_in"
    return ""


def _problem(code: str, where: str, **params: Any) -> Problem:
    return Problem(code, where, "", params, fatal=False)


@dataclass(slots=True)
class _Work:
    """De-identifying one folder."""

    folder: Path
    out: Path
    cleaner: Cleaner
    sealer: Sealer
    outcome: Outcome = field(default_factory=Outcome)
    people: dict[str, dict[str, Any]] = field(default_factory=dict)

    def file(self, path: Path, number: int) -> None:
        """One file."""
        where = f"file {number}"
        dataset = _read(path, pixels=True)
        if dataset is None or broken_off(dataset):
            self.outcome.findings.append(_problem("proton.study.deid_not_dicom", where))
            return
        if code := _refused(dataset, self.cleaner.rules):
            self.outcome.findings.append(_problem(code, where))
            return
        original = path.read_bytes()
        pixels = _pixels_of(dataset, original)
        person = person_of(dataset, self.cleaner.key)
        self._note(dataset, person)
        self.cleaner.clean(dataset, person)
        target = self.out / f"{dataset.SOPInstanceUID}.dcm"
        if target.exists():
            self.outcome.findings.append(_problem("proton.study.deid_twice", where))
            return
        made = io.BytesIO()
        dataset.save_as(made, enforce_file_format=True)
        target.write_bytes(made.getvalue())
        self._seal(path, original, pixels if _same_pixels(dataset, original, pixels) else None)
        self.outcome.written += 1

    def _note(self, dataset: Dataset, person: Person) -> None:
        self.outcome.pseudonyms.add(person.pseudonym)
        self.people[person.pseudonym] = {
            "id": str(dataset.get("PatientID", "")),
            "name": str(dataset.get("PatientName", "")),
            "days": person.days,
        }

    def _seal(self, path: Path, original: bytes, cut: tuple[int, int] | None) -> None:
        """Seal a file without its pixels, which the de-identified one has."""
        start, size = cut or (len(original), 0)
        header: dict[str, object] = {
            "kind": "file",
            "file": path.relative_to(self.folder).as_posix(),
            "sha256": hashlib.sha256(original).hexdigest(),
            "start": start,
            "size": size,
            "uid": self.cleaner.key.uid(_uid_of(original)),
        }
        self.sealer.add(Record(header, original[:start] + original[start + size :]))


def _uid_of(original: bytes) -> str:
    """The SOP instance UID of a file's bytes."""
    found = pydicom.dcmread(
        io.BytesIO(original), force=True, specific_tags=["SOPInstanceUID"], stop_before_pixels=True
    )
    return str(found.SOPInstanceUID).strip()


def _pixels_of(dataset: Dataset, original: bytes) -> tuple[int, int] | None:
    """(offset, length) of the pixels within the file; None where there are none to cut out."""
    if PIXELS not in dataset:
        return None
    raw = dataset.get_item(PIXELS)
    if not isinstance(raw, RawDataElement) or not raw.value:
        return None
    start, size = raw.value_tell, len(raw.value)
    return (start, size) if original[start : start + size] == raw.value else None


def _same_pixels(dataset: Dataset, original: bytes, cut: tuple[int, int] | None) -> bool:
    """Whether the de-identified data set still has those very pixels."""
    if cut is None or PIXELS not in dataset:
        return False
    return bool(dataset.get_item(PIXELS).value == original[cut[0] : cut[0] + cut[1]])


def deidentify(
    folder: Path, out: Path, key: OwnerKey, rules: Rules, options: Options | None = None
) -> Outcome:
    """De-identify a folder into another; what is taken away is sealed beside it.

    Args:
        folder: of the owner; read only.
        out: for the panel; made, and must be empty. Files are named by their new UIDs.
        key: of the owner.
        rules: of the table.
        options: of the profile.

    Returns:
        What was written and what was left out. `sealed_beside(out)` is the sealed file.

    Raises:
        InvalidInputError: `out` holds files already, lies within `folder`, or a sealed file of
            the same name is there.
    """
    out.mkdir(parents=True, exist_ok=True)
    sealed = sealed_beside(out)
    if any(out.iterdir()) or sealed.exists() or out.resolve().is_relative_to(folder.resolve()):
        raise InvalidInputError(Problem.of("proton.study.deid_out", where="out", value=out.name))
    identifying = Identifying()
    with quietly(), sealed.open("xb") as file:
        sealer = Sealer(file, key)
        paths = list(_files(folder))
        for path in paths:
            header = _read(path, pixels=False)
            if header is not None:
                identifying.learn(header)
        identifying.know((options or Options()).names)
        cleaner = Cleaner(rules, key, identifying, options or Options())
        work = _Work(folder, out, cleaner, sealer)
        for number, path in enumerate(paths, 1):
            work.file(path, number)
        sealer.add(Record({"kind": "people", "people": work.people}, b""))
        sealer.close()
    return work.outcome


def people(sealed: Path, key: OwnerKey) -> dict[str, dict[str, Any]]:
    """Whom each pseudonym stands for: id, name and days of a sealed file.

    Raises:
        InvalidInputError: another key, or the file was changed.
    """
    found: dict[str, dict[str, Any]] = {}
    with sealed.open("rb") as file:
        for record in opened(file, key):
            if record.header["kind"] == "people":
                found.update(record.header["people"])  # type: ignore[call-overload]
    return found


def reidentify(out: Path, back: Path, key: OwnerKey, sealed: Path | None = None) -> Outcome:
    """Give the original files back, byte for byte, from the de-identified ones and the seal.

    Args:
        out: the de-identified files, wherever they come back from; their names do not count.
        back: where the originals are written; made, and must be empty.
        key: of the owner.
        sealed: the sealed file; None takes the one beside `out`.

    Raises:
        InvalidInputError: another key, a sealed file that was changed, or `back` is not empty.
    """
    back.mkdir(parents=True, exist_ok=True)
    if any(back.iterdir()):
        raise InvalidInputError(Problem.of("proton.study.deid_out", where="back", value=back.name))
    outcome = Outcome()
    with quietly(), (sealed or sealed_beside(out)).open("rb") as file:
        places = _places(out)
        for number, record in enumerate(opened(file, key), 1):
            if record.header["kind"] != "file":
                continue
            content = _restored(record, places)
            target = back / str(record.header["file"])
            if content is None or not target.resolve().is_relative_to(back.resolve()):
                where = f"file {number}"
                outcome.findings.append(_problem("proton.study.deid_missing", where))
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            outcome.written += 1
    return outcome


def _places(out: Path) -> dict[str, Path]:
    """SOP instance UID to file."""
    found = {}
    for path in _files(out):
        header = _read(path, pixels=False)
        if header is not None and header.get("SOPInstanceUID"):
            found[str(header.SOPInstanceUID)] = path
    return found


def _restored(record: Record, places: dict[str, Path]) -> bytes | None:
    """The original bytes; None where the de-identified file is missing or was changed."""
    start, size = int(str(record.header["start"])), int(str(record.header["size"]))
    pixels = b""
    if size:
        path = places.get(str(record.header["uid"]))
        dataset = _read(path, pixels=True) if path is not None else None
        if dataset is None or PIXELS not in dataset:
            return None
        pixels = bytes(dataset.get_item(PIXELS).value or b"")
    content = record.content[:start] + pixels + record.content[start:]
    same = hashlib.sha256(content).hexdigest() == record.header["sha256"]
    return content if same else None
