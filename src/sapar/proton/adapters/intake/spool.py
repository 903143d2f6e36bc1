"""Instances that were taken over the network: on the disk before the sender is told so.

Each request or association has a folder of its own below its peer's, so that two never meet. What a
process that was killed leaves there is taken up at the next start.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.kernel.records import new_id
from sapar.proton.adapters.intake import places
from sapar.proton.adapters.intake.headers import Header, NotDicomError, read_header
from sapar.proton.adapters.intake.keeping import keep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from sapar.proton.adapters.intake.parts import Readable

STORED = re.compile(r"[0-9a-f]{64}")
"""The name of a file that was written to its end."""
LARGEST = 2 * 1024**3
"""Bytes of one instance: our default."""


class TooLargeError(Exception):
    """More bytes than `LARGEST`, or than the request still may send."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance that is on the disk.

    Attributes:
        path: where it lies now.
        sha256: its name there and later.
        size: bytes.
        header: what its first elements say.
    """

    path: Path
    sha256: str
    size: int
    header: Header


def batch(peer: UUID) -> Path:
    """A new folder for what comes now."""
    folder = places.spool_folder(peer) / new_id().hex
    folder.mkdir(mode=places.PRIVATE)
    return folder


@contextlib.contextmanager
def holding(folder: Path) -> Iterator[None]:
    """Fill a folder: meanwhile no other process takes it for one that was left."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def is_held(folder: Path) -> bool:
    """Whether somebody fills a folder at this moment, or has just removed it."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def spool(source: Readable, folder: Path, *, limit: int = LARGEST) -> Instance:
    """Stream one instance to the disk and read its header.

    Raises:
        NotDicomError: it is none; nothing is left of it.
        TooLargeError: see there; the same.
    """
    count = 0

    def counted(size: int) -> None:
        nonlocal count
        count += size
        if count > limit:
            raise TooLargeError

    kept = keep(source, folder, "", count=counted, durable=True)
    path = folder / kept.sha256
    try:
        header = read_header(path)
    except NotDicomError:
        places.remove(path)
        raise
    if not header.sop_instance or not header.study:
        places.remove(path)
        message = "no SOP instance or study UID"
        raise NotDicomError(message)
    return Instance(path, kept.sha256, kept.size, header)


def left_over(folder: Path) -> list[Instance]:
    """What lies in a folder that another process left; what is not whole is removed."""
    found = []
    for path in sorted(folder.iterdir()):
        try:
            header = read_header(path)
        except NotDicomError:
            header = None
        if header is None or not STORED.fullmatch(path.name) or not header.sop_instance:
            places.remove(path)
            continue
        found.append(Instance(path, path.name, path.stat().st_size, header))
    return found
