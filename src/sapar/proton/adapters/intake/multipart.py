"""Bodies of `multipart/related` (RFC 2387, RFC 2046 section 5.1), read as a stream.

Each part is handed out as something to read from; at no time is more than a piece of it in memory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sapar.proton.adapters.intake.parts import Readable

PIECE = 64 * 1024
LONGEST_BOUNDARY = 200
"""Characters. RFC 2046 says 70; Orthanc sends 73."""
LONGEST_HEADERS = 8 * 1024
_PARAMETER = re.compile(r';\s*([A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]+))')


class BadBodyError(ValueError):
    """The body is not what its content type says, or was cut off."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A content type: lower-case type, and its parameters."""

    name: str
    parameters: dict[str, str]


def kind_of(header: str) -> Kind:
    """A `Content-Type` header in parts."""
    name, _semicolon, _rest = header.partition(";")
    found = {
        match[1].lower(): (match[2] if match[2] is not None else match[3])
        for match in _PARAMETER.finditer(header[len(name) :])
    }
    return Kind(name.strip().lower(), found)


class Part:
    """One part: its headers (names in lower case), and its bytes."""

    def __init__(self, reader: Reader, headers: dict[str, str]) -> None:
        """Made by the reader."""
        self._reader = reader
        self.headers = headers
        self.ended = False

    def read(self, size: int = PIECE, /) -> bytes:
        """The next bytes; none at the end.

        Raises:
            BadBodyError: the body ends within the part.
        """
        if self.ended:
            return b""
        data, self.ended = self._reader.take(size)
        return data


class Reader:
    """The parts of one body."""

    def __init__(self, source: Readable, boundary: str) -> None:
        """Read from a source.

        Raises:
            BadBodyError: the boundary is none.
        """
        if not 0 < len(boundary) <= LONGEST_BOUNDARY or not boundary.isascii():
            message = "no boundary"
            raise BadBodyError(message)
        self._source = source
        self._sign = b"\r\n--" + boundary.encode("ascii")
        self._held = b"\r\n"  # so that a boundary at the very beginning is found like the others

    def _more(self) -> None:
        data = self._source.read(PIECE)
        if not data:
            message = "the body ends before its last boundary"
            raise BadBodyError(message)
        self._held += data

    def take(self, size: int) -> tuple[bytes, bool]:
        """Bytes before the next boundary, and whether the part has ended."""
        at = self._held.find(self._sign)
        while at < 0 and len(self._held) <= len(self._sign):
            self._more()
            at = self._held.find(self._sign)
        if at < 0:
            cut = min(size, len(self._held) - len(self._sign) + 1)
        elif at > size:
            cut = size
        else:
            data, self._held = self._held[:at], self._held[at + len(self._sign) :]
            return data, True
        data, self._held = self._held[:cut], self._held[cut:]
        return data, False

    def _after_boundary(self) -> bool:
        """Behind a boundary: whether another part follows."""
        while b"\r\n" not in self._held[:LONGEST_HEADERS] and not self._held.startswith(b"--"):
            if len(self._held) >= LONGEST_HEADERS:
                message = "no line ends after a boundary"
                raise BadBodyError(message)
            self._more()
        if self._held.startswith(b"--"):
            return False
        padding, _line, self._held = self._held.partition(b"\r\n")
        if padding.strip(b" \t"):
            message = "something stands behind a boundary"
            raise BadBodyError(message)
        return True

    def _headers(self) -> dict[str, str]:
        self._held = b"\r\n" + self._held  # headers may be none: then the empty line comes at once
        while b"\r\n\r\n" not in self._held[: LONGEST_HEADERS + 4]:
            if len(self._held) > LONGEST_HEADERS:
                message = "the headers of a part do not end"
                raise BadBodyError(message)
            self._more()
        block, _empty, self._held = self._held.partition(b"\r\n\r\n")
        found = {}
        for line in block.decode("latin-1").split("\r\n"):
            name, _colon, value = line.partition(":")
            found[name.strip().lower()] = value.strip()
        return found

    def parts(self) -> Iterator[Part]:
        """The parts, one after the other; what a caller left of one is skipped.

        Raises:
            BadBodyError: see there.
        """
        preamble = Part(self, {})
        while preamble.read():
            pass
        while self._after_boundary():
            part = Part(self, self._headers())
            yield part
            while part.read():
                pass
