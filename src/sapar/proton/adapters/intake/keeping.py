"""A folder of contents: each file once, under its SHA-256, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.proton.adapters.intake import places
from sapar.proton.adapters.intake.parts import CHUNK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from sapar.proton.adapters.intake.parts import Readable

HEAD = 512
LONGEST_NAME = 300
UNKNOWN = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is kept.

    Attributes:
        sha256: hexadecimal; its name in the folder.
        size: bytes.
        name: as the sender had it, for show.
        head: its first 512 bytes.
        new: False where the same content was in the folder already.
    """

    sha256: str
    size: int
    name: str
    head: bytes
    new: bool


def keep(
    source: Readable,
    folder: Path,
    name: str,
    *,
    count: Callable[[int], None] = lambda _n: None,
    durable: bool = False,
) -> Kept:
    """Stream a file into a folder of contents.

    Args:
        source: its bytes.
        folder: where it is kept.
        name: as the sender had it.
        count: called with the bytes of each piece before it is written; may raise.
        durable: on the disk before this returns: where the sender is told that it was taken.

    Raises:
        OSError: the disk is full, and nothing of the file is left; or what `source` raises.
    """
    writing = folder / f".{os.getpid()}-{id(source):x}"
    digest, size, head = hashlib.sha256(), 0, b""
    try:
        with open(writing, "wb", opener=_private) as file:
            while data := source.read(CHUNK):
                count(len(data))
                head = head or data[:HEAD]
                size += len(data)
                digest.update(data)
                file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        return _placed(writing, folder, Kept(digest.hexdigest(), size, shown(name), head, new=True))
    finally:
        places.remove(writing)


def _placed(writing: Path, folder: Path, kept: Kept) -> Kept:
    target = folder / kept.sha256
    if target.exists():
        return Kept(kept.sha256, kept.size, kept.name, kept.head, new=False)
    writing.replace(target)
    return kept


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def shown(name: str) -> str:
    """A name as it may be shown: without control characters, the end of one that is too long."""
    clean = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name
    )
    return clean.encode("utf-8", "replace").decode()[-LONGEST_NAME:]


def set_digest(hashes: Iterable[str]) -> str:
    """SHA-256 of a set of files: of their sorted SHA-256, one a line."""
    lines = "".join(f"{each}\n" for each in sorted(set(hashes)))
    return hashlib.sha256(lines.encode("ascii")).hexdigest()
