"""The few tags of a DICOM file that intake needs, read from its first elements.

A web process has no DICOM library: this reads the file meta group and walks the data set up to the
study instance UID (DICOM PS3.10 section 7, PS3.5 section 7), skipping values by their length. Files
are untrusted: every step is bounded, and whatever is wrong ends in `NotDicomError`.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

IMPLICIT = "1.2.840.10008.1.2"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
LONG = frozenset(
    {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
)
"""Value representations with a length of four bytes in explicit form."""
UNDEFINED = 0xFFFF_FFFF
MOST_ELEMENTS = 20_000
DEEPEST = 20
LONGEST_VALUE = 1024
INFLATED = 1024 * 1024
"""Bytes of a deflated data set that are looked at."""

STUDY_UID = (0x0020, 0x000D)
TAGS = {
    (0x0008, 0x0005): "charset",
    (0x0008, 0x0016): "sop_class",
    (0x0008, 0x0018): "sop_instance",
    (0x0008, 0x0020): "study_date",
    (0x0008, 0x0050): "accession",
    (0x0008, 0x0060): "modality",
    (0x0010, 0x0010): "name",
    (0x0010, 0x0020): "patient_id",
    (0x0010, 0x0030): "birth_date",
    (0x0010, 0x0040): "sex",
    (0x0010, 0x1010): "age",
    (0x0012, 0x0062): "deidentified",
    STUDY_UID: "study",
}
CHARSETS = {
    "": "ascii", "ISO_IR 6": "ascii", "ISO_IR 100": "latin-1", "ISO_IR 101": "iso8859-2",
    "ISO_IR 144": "iso8859-5", "ISO_IR 148": "iso8859-9", "ISO_IR 192": "utf-8",
    "GB18030": "gb18030",
}  # fmt: skip


class NotDicomError(ValueError):
    """It is no DICOM file, or not one that can be walked to its study."""


@dataclass(frozen=True, slots=True)
class Header:
    """What was read; "" where the file does not say.

    Attributes:
        sop_class, sop_instance, study: UIDs.
        syntax: the transfer syntax's UID.
        said: charset, study_date, accession, modality, name, patient_id, birth_date, sex, age,
            deidentified ("YES" where the file says that its patient's identity was removed).
    """

    sop_class: str
    sop_instance: str
    study: str
    syntax: str
    said: dict[str, str] = field(default_factory=dict)


def read_header(path: Path) -> Header:
    """The header of a file in the DICOM file format.

    Raises:
        NotDicomError: see there.
    """
    with path.open("rb") as file:
        try:
            return _read(file)
        except (struct.error, zlib.error, OverflowError, RecursionError) as error:
            raise NotDicomError(str(error)) from error


def _read(file: IO[bytes]) -> Header:
    head = file.read(132)
    if head[128:] != b"DICM":
        message = "no DICM after 128 bytes"
        raise NotDicomError(message)
    meta = _meta(file)
    syntax = meta.get((0x0002, 0x0010), "")
    source: IO[bytes] = file
    if syntax == DEFLATED:
        source = _inflated(file)
    walk = _Walk(source, explicit=syntax != IMPLICIT, order=">" if syntax == BIG_ENDIAN else "<")
    raw = walk.until(STUDY_UID)
    said = {name: raw.get(tag, b"") for tag, name in TAGS.items()}
    charset = CHARSETS.get(_plain(said["charset"]).split("\\")[-1], "latin-1")
    text = {name: _plain(value, charset) for name, value in said.items()}
    return Header(
        sop_class=text.pop("sop_class") or meta.get((0x0002, 0x0002), ""),
        sop_instance=text.pop("sop_instance") or meta.get((0x0002, 0x0003), ""),
        study=text.pop("study"),
        syntax=syntax,
        said=text,
    )


def _plain(value: bytes, charset: str = "ascii") -> str:
    text = value.decode(charset, "replace").strip(" \0")
    return "".join(letter for letter in text if letter.isprintable())


def _meta(file: IO[bytes]) -> dict[tuple[int, int], str]:
    """Group 0002, always explicit and little-endian; the file then stands at the data set."""
    walk = _Walk(file, explicit=True, order="<")
    found: dict[tuple[int, int], str] = {}
    for _count in range(MOST_ELEMENTS):
        at = file.tell()
        tag = walk.tag()
        if tag is None or tag[0] != 0x0002:
            file.seek(at)
            return found
        length = walk.length()
        if length == UNDEFINED:
            break
        found[tag] = _plain(walk.value(length))
    message = "the file meta group does not end"
    raise NotDicomError(message)


def _inflated(file: IO[bytes]) -> IO[bytes]:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    return io.BytesIO(unpacker.decompress(file.read(INFLATED), INFLATED))


class _Walk:
    """Elements of a data set, one after the other."""

    def __init__(self, file: IO[bytes], *, explicit: bool, order: str) -> None:
        self.file = file
        self.explicit = explicit
        self.order = order
        self.count = 0
        here = file.tell()
        self.end = file.seek(0, 2)
        file.seek(here)

    def tag(self) -> tuple[int, int] | None:
        """The next tag, or None at the end of the file."""
        self.count += 1
        if self.count > MOST_ELEMENTS:
            message = "too many elements before the study"
            raise NotDicomError(message)
        data = self.file.read(4)
        if not data:
            return None
        group, element = struct.unpack(f"{self.order}HH", data)
        return group, element

    def length(self) -> int:
        """The length of the element whose tag was read; its value is next."""
        size: int
        if not self.explicit:
            (size,) = struct.unpack(f"{self.order}L", self.file.read(4))
            return size
        kind = self.file.read(2)
        if kind in LONG:
            self.file.read(2)
            (size,) = struct.unpack(f"{self.order}L", self.file.read(4))
        elif kind.isalpha():
            (size,) = struct.unpack(f"{self.order}H", self.file.read(2))
        else:
            message = "no value representation"
            raise NotDicomError(message)
        return size

    def value(self, length: int) -> bytes:
        """A value, or its first bytes; the file stands behind it."""
        data = self.file.read(min(length, LONGEST_VALUE))
        self.skip(length - len(data))
        return data

    def skip(self, length: int) -> None:
        """Step over bytes that must be there."""
        if self.file.tell() + length > self.end:
            message = "a value is longer than the file"
            raise NotDicomError(message)
        self.file.seek(length, 1)

    def until(self, last: tuple[int, int]) -> dict[tuple[int, int], bytes]:
        """The values of `TAGS` up to a tag."""
        found: dict[tuple[int, int], bytes] = {}
        while (tag := self.tag()) is not None and tag <= last:
            length = self.length()
            if length == UNDEFINED:
                self.sequence(DEEPEST)
            elif tag in TAGS:
                found[tag] = self.value(length)
            else:
                self.skip(length)
        return found

    def sequence(self, deep: int) -> None:
        """Step over items up to the end of a sequence of undefined length."""
        if not deep:
            message = "sequences too deep"
            raise NotDicomError(message)
        while (tag := self.tag()) is not None:
            (length,) = struct.unpack(f"{self.order}L", self.file.read(4))
            if tag == (0xFFFE, 0xE0DD):
                return
            if tag != (0xFFFE, 0xE000):
                message = "no item in a sequence"
                raise NotDicomError(message)
            if length == UNDEFINED:
                self._item(deep)
            else:
                self.skip(length)
        message = "a sequence does not end"
        raise NotDicomError(message)

    def _item(self, deep: int) -> None:
        while (tag := self.tag()) is not None:
            if tag == (0xFFFE, 0xE00D):
                self.file.read(4)
                return
            length = self.length()
            if length == UNDEFINED:
                self.sequence(deep - 1)
            else:
                self.skip(length)
        message = "an item does not end"
        raise NotDicomError(message)
