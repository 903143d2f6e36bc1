"""Files to storage and back as streams: hashed on the way, never whole in memory."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, TYPE_CHECKING

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils import timezone

from sapar.kernel.errors import InvalidInputError
from sapar.kernel.records import new_id
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 2 * 1024**3
"""The largest file, in bytes."""
CHUNK = 1024 * 1024
FOLDER = "documents"
ORPHAN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in storage: its name there, its size in bytes, its SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str


class _Hashed(File):  # type: ignore[type-arg]  # generic only in the stubs
    """A file that is hashed and counted while the storage reads it."""

    def __init__(self, source: IO[bytes], limit: int) -> None:
        super().__init__(source, name="document")
        self.source = source
        self.digest = hashlib.sha256()
        self.count = 0
        self.limit = limit

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        source = self.source
        if source.seekable():
            source.seek(0)
        while data := source.read(chunk_size or CHUNK):
            self.count += len(data)
            if self.count > self.limit:
                raise InvalidInputError(
                    Problem.of("documents.too_large", where="file", limit=self.limit // 1024**2)
                )
            self.digest.update(data)
            yield data


def store(source: IO[bytes], *, limit: int = LIMIT) -> Stored:
    """Stream a file to storage under a new name; whatever goes wrong leaves nothing there.

    Raises:
        InvalidInputError: it is larger than the limit.
    """
    now = timezone.now()
    name = f"{FOLDER}/{now:%Y}/{now:%m}/{new_id()}"
    hashed = _Hashed(source, limit)
    try:
        stored = default_storage.save(name, hashed)
    except BaseException:
        with contextlib.suppress(OSError):
            default_storage.delete(name)
        raise
    return Stored(stored, hashed.count, hashed.digest.hexdigest())


def remove(name: str) -> None:
    """Take a file out of storage again; that of a record never."""
    default_storage.delete(name)


def opened(name: str) -> IO[bytes]:
    """A stored file, open for reading."""
    return default_storage.open(name, "rb")


def orphans(known: set[str]) -> Iterator[str]:
    """Files older than a day that no record names: an action failed after they were stored."""
    before = timezone.now() - ORPHAN_AFTER
    for folder in _folders(FOLDER, depth=2):
        for file in default_storage.listdir(folder)[1]:
            name = f"{folder}/{file}"
            if name not in known and default_storage.get_modified_time(name) < before:
                yield name


def _folders(top: str, depth: int) -> Iterator[str]:
    if depth == 0:
        yield top
        return
    try:
        below = default_storage.listdir(top)[0]
    except FileNotFoundError:
        return
    for name in sorted(below):
        yield from _folders(f"{top}/{name}", depth - 1)
