"""A client of clamd's INSTREAM command (clamd(8)): the file is sent in chunks, never stored there.

Protocol: `zINSTREAM` and a zero byte; then chunks, each a 4-byte length in network order and the
data; then a zero length. The answer is `stream: OK`, `stream: <name> FOUND` or a text ending in
`ERROR`.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sapar.kernel.errors import ConfigurationError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

TIMEOUT = 120.0
"""Seconds to wait for the scanner at each step."""
_ANSWER = 4096


class Verdict(Enum):
    """What the scanner said."""

    CLEAN = "clean"
    INFECTED = "infected"
    TOO_LARGE = "too-large"


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict, and the name of what was found."""

    verdict: Verdict
    finding: str = ""


class ScannerError(OSError):
    """The scanner could not be reached or did not understand; try again later."""


def _connect(address: str) -> socket.socket:
    parts = urlsplit(address)
    try:
        if parts.scheme == "unix":
            return _connect_unix(parts.path)
        if parts.scheme == "tcp" and parts.hostname and parts.port:
            return socket.create_connection((parts.hostname, parts.port), timeout=TIMEOUT)
    except OSError as error:
        message = f"clamd at {address}: {error}"
        raise ScannerError(message) from error
    raise ConfigurationError(
        Problem.of("documents.clamd_address", where="SAPAR_CLAMD", value=address)
    )


def _connect_unix(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(TIMEOUT)
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


def scan(chunks: Iterable[bytes], address: str) -> Result:
    """Send a file to clamd.

    Args:
        chunks: the file's content.
        address: `tcp://host:port` or `unix:///path`.

    Raises:
        ScannerError: not reached, cut off, or an answer that is not understood.
        ConfigurationError: the address has another form.
    """
    with _connect(address) as connection:
        try:
            _send(connection, chunks)
            answer = _receive(connection)
        except OSError as error:
            message = f"clamd at {address}: {error}"
            raise ScannerError(message) from error
    said = answer.strip(b"\x00\r\n ").decode("utf-8", "replace")
    if said.endswith("OK"):
        return Result(Verdict.CLEAN)
    if said.endswith(" FOUND"):
        return Result(Verdict.INFECTED, said.removeprefix("stream: ").removesuffix(" FOUND"))
    if "size limit exceeded" in said:
        return Result(Verdict.TOO_LARGE)
    message = f"clamd said {said!r}"
    raise ScannerError(message)


def _send(connection: socket.socket, chunks: Iterable[bytes]) -> None:
    try:
        connection.sendall(b"zINSTREAM\x00")
        for chunk in chunks:
            connection.sendall(struct.pack("!L", len(chunk)) + chunk)
        connection.sendall(struct.pack("!L", 0))
    except (BrokenPipeError, ConnectionResetError):
        # clamd answers "size limit exceeded" and closes while we still send; the answer is read.
        return


def _receive(connection: socket.socket) -> bytes:
    answer = b""
    while len(answer) < _ANSWER and not answer.endswith(b"\x00"):
        part = connection.recv(_ANSWER)
        if not part:
            break
        answer += part
    return answer
