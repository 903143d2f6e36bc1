"""Bytes onto the end of a file: at an offset that both sides agree on, one writer at a time."""

from __future__ import annotations

import base64
import binascii
import fcntl
import hashlib
import os
import re
from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHUNK = 256 * 1024
BLOCK = 4 * 1024 * 1024
"""Bytes of a block whose hashes make the hash of the whole (`hashes_of`)."""
DIGEST = re.compile(r"(?:^|[,\s])sha-256=:([A-Za-z0-9+/=]{43,44}):")


class Readable(Protocol):
    """A request, or an open file."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""


class BusyError(Exception):
    """Somebody else is writing to this upload."""


class OffsetError(Exception):
    """The file has another length than the sender believes."""

    def __init__(self, have: int) -> None:
        """Keep how many bytes are here."""
        super().__init__(have)
        self.have = have


class TooLongError(Exception):
    """More bytes came than were announced."""


class WrongDigestError(Exception):
    """The bytes that came are not the bytes that were sent; none of them was kept."""


def digest_in(header: str) -> bytes | None:
    """The SHA-256 in a `Content-Digest` header (RFC 9530), or None where there is none."""
    found = DIGEST.search(header)
    if found is None:
        return None
    try:
        return base64.b64decode(found[1], validate=True)
    except (binascii.Error, ValueError):
        return b""


def append(path: Path, source: Readable, *, offset: int, total: int, digest: bytes | None) -> int:
    """Write what comes to the end of a file.

    What arrived before the line broke is kept, unless it was to be held against a digest.

    Args:
        path: the file; made where it is missing.
        source: the bytes; read to its end.
        offset: how many bytes the sender believes are here.
        total: how many there will be in all.
        digest: SHA-256 of the bytes that come, or None.

    Returns:
        How many bytes are here now.

    Raises:
        BusyError: another request writes to it at this moment.
        OffsetError: another number of bytes is here.
        TooLongError: more came than `total`; nothing of it was kept.
        WrongDigestError: they are other bytes; nothing of them was kept.
    """
    with open(path, "ab+", opener=_private) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError from error
        have = os.fstat(file.fileno()).st_size
        if have != offset:
            raise OffsetError(have)
        try:
            have = _write(file, source, offset, total, digest)
        except (TooLongError, WrongDigestError):
            file.truncate(offset)
            raise
        except BaseException:
            if digest is not None:
                file.truncate(offset)
            raise
        finally:
            file.flush()
            os.fsync(file.fileno())
    return have


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _write(file: IO[bytes], source: Readable, have: int, total: int, digest: bytes | None) -> int:
    seen = hashlib.sha256()
    while data := source.read(CHUNK):
        have += len(data)
        if have > total:
            raise TooLongError
        seen.update(data)
        file.write(data)
    if digest is not None and seen.digest() != digest:
        raise WrongDigestError
    return have


def chunks(path: Path, size: int = CHUNK) -> Iterator[bytes]:
    """A file piece by piece."""
    with path.open("rb") as file:
        while data := file.read(size):
            yield data


def hashes_of(path: Path) -> tuple[str, str]:
    """The SHA-256 of a file, and the SHA-256 of the SHA-256 of each of its blocks, hexadecimal.

    The second is what a browser can say, which hashes only pieces.
    """
    whole, blocks = hashlib.sha256(), hashlib.sha256()
    for data in chunks(path, BLOCK):
        whole.update(data)
        blocks.update(hashlib.sha256(data).digest())
    return whole.hexdigest(), blocks.hexdigest()
