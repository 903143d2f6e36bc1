"""One DICOM file opened without trust: bounded, quiet, and an answer instead of an exception."""

from __future__ import annotations

import io
import logging
import stat
import warnings
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pydicom
from pydicom import config
from pydicom.filereader import read_dataset, read_file_meta_info
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pydicom.dataset import Dataset

LARGEST_FILE = 1 << 30
LARGEST_INFLATED = 256 << 20
"""A deflated file may grow a thousandfold: what grows beyond this is refused."""

_EXPLICIT = frozenset(
    b"AE AS AT CS DA DS DT FL FD IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR "
    b"US UT UV".split()
)


class UnreadableError(Exception):
    """The file cannot be read. The text is for programmers and holds no value of the file."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A data set and how it was encoded.

    Attributes:
        dataset: what was read.
        syntax: transfer syntax UID; "" where the file does not say.
        little: byte order of what was not yet converted.
    """

    dataset: Dataset
    syntax: str
    little: bool


@contextmanager
def quietly() -> Iterator[None]:
    """Nothing that a file holds is printed or logged: it may be a patient's name."""
    logger = logging.getLogger("pydicom")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings(), config.disable_value_validation():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def looks_like_dicom(head: bytes) -> bool:
    """Whether the first 136 bytes may begin a DICOM file, with or without a preamble.

    Without one, a file begins with a tag of group 0002 or 0008 in either byte order, followed by a
    value representation or a short length; text and other formats do not.
    """
    if head[128:132] == b"DICM":
        return True
    if head[:2] in {b"\x02\x00", b"\x08\x00"}:
        return head[4:6] in _EXPLICIT or (head[3:4] == b"\x00" and head[6:8] == b"\x00\x00")
    return head[:2] in {b"\x00\x02", b"\x00\x08"} and head[4:6] in _EXPLICIT


def open_file(
    path: Path, tags: Sequence[str] | None = None, *, pixels: bool = False
) -> Opened | None:
    """The data set of a file; None where it is no DICOM file. Use it within `quietly`.

    Args:
        path: a file.
        tags: keywords of the elements wanted; None reads all.
        pixels: read on beyond the header.

    Raises:
        UnreadableError: it is one, but broken, too large, or no plain file.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            message = "not a plain file"
            raise UnreadableError(message)  # noqa: TRY301 - one way to say it
        with path.open("rb") as file:
            head = file.read(1024)
        if not looks_like_dicom(head):
            return None
        if status.st_size > LARGEST_FILE:
            message = "too large"
            raise UnreadableError(message)  # noqa: TRY301 - one way to say it
        wanted = None if tags is None else list(tags)
        if DeflatedExplicitVRLittleEndian.encode() in head:
            return _inflated(path, wanted, pixels=pixels)
        found = pydicom.dcmread(
            path, stop_before_pixels=not pixels, force=True, specific_tags=wanted
        )
        syntax = str(found.file_meta.get("TransferSyntaxUID", "") or "")
        little = found.original_encoding[1]
        return Opened(found, syntax, syntax != ExplicitVRBigEndian if little is None else little)
    except UnreadableError:
        raise
    except Exception as error:  # noqa: BLE001 - a broken file may raise anything; it loses only itself
        raise UnreadableError(type(error).__name__) from None


def opened(path: Path, *, pixels: bool = False) -> Opened | None:
    """The whole data set of a file; None where it cannot be read. Use it within `quietly`."""
    try:
        return open_file(path, pixels=pixels)
    except (UnreadableError, OSError):
        return None


def _inflated(path: Path, tags: list[str] | None, *, pixels: bool) -> Opened:
    """A deflated file, if it does not grow beyond bounds.

    Raises:
        UnreadableError: it does, or says not where its data begin.
    """
    meta = read_file_meta_info(path)
    start = 128 + 4 + 12 + int(meta.FileMetaInformationGroupLength)
    with path.open("rb") as file:
        file.seek(start)
        packed = file.read()
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    plain = engine.decompress(packed, LARGEST_INFLATED)
    if engine.unconsumed_tail:
        message = "grows too large"
        raise UnreadableError(message)
    stop = None if pixels else (lambda tag, _vr, _length: tag >= 0x7FE00008)
    found = read_dataset(
        io.BytesIO(plain),
        False,
        True,
        stop_when=stop,
        specific_tags=None if tags is None else [pydicom.tag.Tag(tag) for tag in tags],
    )
    return Opened(found, str(DeflatedExplicitVRLittleEndian), little=True)


def broken_off(dataset: Dataset) -> bool:
    """Whether an element, or one within its sequences, is shorter than its length says.

    An element that cannot even be looked at counts as broken.
    """
    try:
        return _shorter(dataset, 0)
    except Exception:  # noqa: BLE001 - a broken element may raise anything
        return True


def _shorter(dataset: Dataset, depth: int) -> bool:
    for tag in list(dataset.keys()):
        raw = dataset.get_item(tag)
        length = getattr(raw, "length", None)
        value = getattr(raw, "value", None)
        if (
            isinstance(length, int)
            and length != 0xFFFFFFFF
            and isinstance(value, bytes)
            and len(value) < length
        ):
            return True
        nested = depth < 8 and getattr(raw, "VR", "") == "SQ" and not isinstance(value, bytes)
        if nested and any(_shorter(item, depth + 1) for item in value or ()):
            return True
    return False


def syntax_name(syntax: str) -> str:
    """What the standard calls a transfer syntax."""
    return UID(syntax or str(ImplicitVRLittleEndian)).name
