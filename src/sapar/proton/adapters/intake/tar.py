"""Reading a tar (POSIX.1-1988 "ustar") as a stream: names and contents, nothing else.

The upload script sends a folder as one, since its bytes are known from names and sizes alone: so an
upload can be gone on with at any byte. Extended headers are skipped, and a length in one cannot
make us hold it in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORD = 512
KINDS = {"0": "file", "\0": "file", "7": "file", "5": "folder"}
EXTENDED = frozenset("xgLKX")


class BrokenTarError(Exception):
    """It is cut off, or a header is no header."""


class Content:
    """The bytes of one member."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        """Read so many bytes of the file, from where it stands."""
        self.file = file
        self.left = size

    def read(self, size: int, /) -> bytes:
        """The next bytes.

        Raises:
            BrokenTarError: the file ends before the member does.
        """
        data = self.file.read(min(size, self.left))
        if not data and self.left:
            raise BrokenTarError
        self.left -= len(data)
        return data


@dataclass(frozen=True, slots=True)
class Member:
    """One member: "file", "folder", or "other" (links, devices, sparse files)."""

    name: str
    kind: str
    content: Content


def members(file: IO[bytes]) -> Iterator[Member]:
    """The members one after the other; each content is read, or not, before the next.

    Raises:
        BrokenTarError: see there.
    """
    while header := file.read(RECORD):
        if len(header) < RECORD:
            raise BrokenTarError
        if not header.strip(b"\0"):
            return
        size = _octal(header[124:136])
        _check(header)
        kind = chr(header[156])
        content = Content(file, size)
        if kind not in EXTENDED:
            yield Member(_name(header), KINDS.get(kind, "other"), content)
        _skip(file, content.left + -size % RECORD)
    raise BrokenTarError  # no end of archive: it was cut off between two members


def _skip(file: IO[bytes], size: int) -> None:
    if size:
        file.seek(size - 1, 1)
        if not file.read(1):
            raise BrokenTarError


def _octal(field: bytes) -> int:
    text = field.strip(b" \0")
    try:
        value = int(text or b"0", 8)
    except ValueError as error:
        raise BrokenTarError from error
    if value < 0:
        raise BrokenTarError
    return value


def _check(header: bytes) -> None:
    """Hold a header against its sum (unsigned, as the standard says)."""
    spaces = header[:148] + b" " * 8 + header[156:]
    if sum(spaces) != _octal(header[148:156]):
        raise BrokenTarError


def _name(header: bytes) -> str:
    name = header[:100].split(b"\0", 1)[0]
    prefix = header[345:500].split(b"\0", 1)[0] if header[257:262] == b"ustar" else b""
    return (prefix + b"/" + name if prefix else name).decode("utf-8", "replace")
