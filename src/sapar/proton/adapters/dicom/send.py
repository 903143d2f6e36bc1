"""Sending a folder of DICOM files to an archive: over the DICOM network, or by DICOMweb.

Files go as they are, in their own transfer syntax. Loads pynetdicom: never in a web process.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pynetdicom import AE, _config
from pynetdicom.presentation import build_context

from sapar.kernel.errors import RefusedError
from sapar.kernel.records import new_id
from sapar.proton.adapters.intake.headers import NotDicomError, read_header
from sapar.proton.adapters.intake.parts import chunks
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MOST_CONTEXTS = 128
"""Presentation contexts that one association can propose (DICOM PS3.8)."""
SECONDS = 60
AT_ONCE = 50
"""Instances in one DICOMweb request."""


@dataclass(frozen=True, slots=True)
class Sent:
    """How many instances went, and the names of files that are none."""

    count: int
    left_out: tuple[str, ...]


def _instances(folder: Path) -> tuple[list[tuple[Path, str, str]], tuple[str, ...]]:
    """Files with their SOP class and transfer syntax, and the names of the others."""
    found, others = [], []
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        try:
            header = read_header(path)
        except NotDicomError:
            others.append(path.name)
            continue
        if header.sop_class:  # a table of contents of a disc has none of a study
            found.append((path, header.sop_class, header.syntax))
        else:
            others.append(path.name)
    return found, tuple(others)


def store(folder: Path, *, host: str, port: int, called: str, calling: str) -> Sent:
    """Send every instance of a folder by C-STORE.

    Args:
        folder: where they lie, at any depth.
        host: of the archive.
        port: of the archive.
        called: its AE title.
        calling: our AE title.

    Raises:
        RefusedError: it is not reached, refuses us, or refuses an instance.
    """
    instances, others = _instances(folder)
    kinds = sorted({(sop_class, syntax) for _path, sop_class, syntax in instances})
    _config.STORE_SEND_CHUNKED_DATASET = True
    where = f"{called}@{host}:{port}"
    _reach(host, port, where)
    for first in range(0, len(kinds), MOST_CONTEXTS):
        some = set(kinds[first : first + MOST_CONTEXTS])
        ae = AE(ae_title=calling)
        ae.connection_timeout = ae.acse_timeout = ae.dimse_timeout = SECONDS
        contexts = [build_context(sop_class, syntax) for sop_class, syntax in sorted(some)]
        assoc = ae.associate(host, port, contexts=contexts, ae_title=called)
        if not assoc.is_established:
            raise RefusedError(Problem.of("proton.send_refused", where=where))
        try:
            for path, sop_class, syntax in instances:
                if (sop_class, syntax) not in some:
                    continue
                _check(assoc.send_c_store(path), where, path)
        except ValueError as error:  # the other side takes no such instance
            raise RefusedError(Problem.of("proton.send_refused", where=where)) from error
        finally:
            assoc.release()
    return Sent(len(instances), others)


def _reach(host: str, port: int, where: str) -> None:
    """Say at once that nobody listens; pynetdicom would leave its socket open."""
    try:
        socket.create_connection((host, port), timeout=SECONDS).close()
    except OSError as error:
        raise RefusedError(Problem.of("proton.send_refused", where=where)) from error


def _check(answer: object, where: str, path: Path) -> None:
    status = getattr(answer, "Status", None)
    # Warnings (B000, B006, B007) mean that it was taken.
    if status is None or (status != 0 and status >> 12 != 0xB):
        value = path.name if status is None else f"{path.name}: {status:04X}"
        raise RefusedError(Problem.of("proton.send_refused", where=where, value=value))


def stow(folder: Path, *, url: str, authorization: str = "") -> Sent:
    """Send every instance of a folder by STOW-RS.

    Args:
        folder: where they lie, at any depth.
        url: of the service, without "/studies".
        authorization: the value of that header, or "".

    Raises:
        RefusedError: it is not reached, or does not take all.
    """
    instances, others = _instances(folder)
    for first in range(0, len(instances), AT_ONCE):
        _post(url, authorization, [path for path, _c, _s in instances[first : first + AT_ONCE]])
    return Sent(len(instances), others)


def _post(url: str, authorization: str, paths: Sequence[Path]) -> None:
    parts = urlsplit(url)
    boundary = new_id().hex
    heads = [f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode() for _path in paths]
    end = f"--{boundary}--\r\n".encode()
    size = sum(len(head) + path.stat().st_size + 2 for head, path in zip(heads, paths, strict=True))

    def body() -> Iterator[bytes]:
        for head, path in zip(heads, paths, strict=True):
            yield head
            yield from chunks(path)
            yield b"\r\n"
        yield end

    headers = {
        "Content-Type": f'multipart/related; type="application/dicom"; boundary={boundary}',
        "Content-Length": str(size + len(end)),
        "Accept": "application/dicom+json",
    }
    if authorization:
        headers["Authorization"] = authorization
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "https":
        line: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, port, timeout=SECONDS, context=ssl.create_default_context()
        )
    else:
        line = http.client.HTTPConnection(host, port, timeout=SECONDS)
    try:
        line.request("POST", f"{parts.path.rstrip('/')}/studies", body=body(), headers=headers)
        status = line.getresponse().status
    except OSError as error:
        raise RefusedError(Problem.of("proton.send_refused", where=url)) from error
    finally:
        line.close()
    if status != http.client.OK:
        raise RefusedError(Problem.of("proton.send_refused", where=url, value=status))
