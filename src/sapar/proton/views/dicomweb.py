"""DICOMweb, the store transaction (STOW-RS, DICOM PS3.18 section 10.5): other systems send studies.

The body is streamed to the disk part by part, and only the first elements of each file are read.
Whoever sends shows the secret of a trusted system: as a bearer token, or as the password of basic
authentication, whose name is then the AE title. TLS is the proxy's (docs/deploy.md).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.http import HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from sapar.kernel.actors import Actor
from sapar.kernel.errors import SaparError
from sapar.proton.actions import peers, receiving
from sapar.proton.adapters.intake import places, spool
from sapar.proton.adapters.intake.headers import NotDicomError
from sapar.proton.adapters.intake.multipart import BadBodyError, Part, Reader, kind_of
from sapar.proton.models import Study
from sapar.proton.views.bodies import body_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.proton.adapters.intake.parts import Readable
    from sapar.proton.adapters.intake.spool import Instance
    from sapar.proton.models import DicomPeer

LARGEST = 4 * 1024**3
"""Bytes of one request: our default."""
MOST_PARTS = 5_000
A_MINUTE = 300
"""Requests of one system in a minute."""
WRONG_A_MINUTE = 30
"""Requests with a wrong secret in a minute, of all visitors together."""
OUT_OF_RESOURCES = 0xA700
OTHER_STUDY = 0xA900
NOT_UNDERSTOOD = 0xC000
NOT_AUTHORISED = 0x0124
JSON = "application/dicom+json"


@dataclass(slots=True)
class _Taken:
    """What one request brought: instances on the disk, and what was refused with its reason."""

    kept: list[Instance] = field(default_factory=list)
    failed: list[tuple[str, str, int]] = field(default_factory=list)

    def answer(self) -> HttpResponse:
        """The response of the standard: 200 all, 202 some, 409 none."""
        status = 200 if not self.failed else 202 if self.kept else 409
        found: dict[str, Any] = {}
        if self.kept:
            pairs = [(each.header.sop_class, each.header.sop_instance) for each in self.kept]
            found["00081199"] = {"vr": "SQ", "Value": [_reference(*pair) for pair in pairs]}
        if self.failed:
            found["00081198"] = {
                "vr": "SQ",
                "Value": [
                    {**_reference(sop_class, instance), "00081197": {"vr": "US", "Value": [why]}}
                    for sop_class, instance, why in self.failed
                ],
            }
        return JsonResponse(found, status=status, content_type=JSON)

    def refuse_all(self, why: int) -> None:
        """None of it was taken after all."""
        self.failed += [(i.header.sop_class, i.header.sop_instance, why) for i in self.kept]
        self.kept = []


def _reference(sop_class: str, instance: str) -> dict[str, Any]:
    said = {"00081150": sop_class, "00081155": instance}
    return {tag: {"vr": "UI", "Value": [uid]} for tag, uid in said.items() if uid}


def _secret(request: HttpRequest) -> tuple[str, str]:
    """The AE title, if said, and the secret that the request shows."""
    scheme, _blank, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return "", value.strip()
    if scheme.lower() == "basic":
        try:
            text = base64.b64decode(value, validate=True).decode("utf-8")
        except (binascii.Error, ValueError):
            return "", ""
        title, _colon, secret = text.partition(":")
        return title, secret
    return "", ""


def _peer(request: HttpRequest) -> DicomPeer | None:
    title, secret = _secret(request)
    found = peers.by_token(secret)
    return found if found is not None and title in {"", found.ae_title} else None


def _too_often(key: str, most: int) -> bool:
    """Count one more in this minute."""
    name = f"proton-stow:{key}"
    if cache.add(name, 1, 60):
        return False
    try:
        return cache.incr(name) > most
    except ValueError:  # the minute has just ended
        return False


def _plain(status: int, text: str, **headers: str) -> HttpResponse:
    """A refusal for a program: English, without a word of the content."""
    return HttpResponse(
        text, status=status, content_type="text/plain; charset=utf-8", headers=headers
    )


@csrf_exempt
@require_POST
@never_cache
def store(request: HttpRequest, study: str = "") -> HttpResponseBase:
    """Take the instances of a request; `study` is the one that all of them must belong to."""
    peer = _peer(request)
    if peer is None:
        if _too_often("wrong", WRONG_A_MINUTE):
            return _plain(429, "Too many requests.", **{"Retry-After": "60"})
        challenge = {"WWW-Authenticate": 'Basic realm="DICOMweb", Bearer realm="DICOMweb"'}
        return _plain(401, "Show the secret of a trusted system.", **challenge)
    refused = _unfit(request, peer)
    if refused is not None:
        return refused
    folder = spool.batch(peer.pk)
    try:
        with spool.holding(folder):
            taken = _take(request, folder, study)
            _record(peer, taken)
        return taken.answer()
    except BadBodyError as error:
        return _plain(400, f"The body cannot be read: {error}.")
    finally:
        places.remove(folder)


def _unfit(request: HttpRequest, peer: DicomPeer) -> HttpResponse | None:
    """What can be said before a byte of the body is read."""
    kind = kind_of(request.headers.get("Content-Type", ""))
    if kind.name != "multipart/related" or kind.parameters.get("type") != "application/dicom":
        return _plain(415, 'Send multipart/related; type="application/dicom".')
    if not request.accepts(JSON) and not request.accepts("application/json"):
        return _plain(406, f"The answer is {JSON}.")
    length = request.headers.get("Content-Length", "") or "0"
    size = int(length) if length.isdecimal() and len(length) < 16 else LARGEST + 1
    if size > LARGEST:
        return _plain(413, f"One request may have up to {LARGEST} bytes.")
    if not places.has_room(size):
        return _plain(503, "The disk is full.", **{"Retry-After": "600"})
    if _too_often(str(peer.pk), A_MINUTE):
        return _plain(429, "Too many requests.", **{"Retry-After": "60"})
    return None


class _Counted:
    """A body that ends with an error once it is larger than a request may be."""

    def __init__(self, source: Readable) -> None:
        self.source = source
        self.left = LARGEST

    def read(self, size: int, /) -> bytes:
        """The next bytes."""
        try:
            data = self.source.read(size)
        except UnreadablePostError as error:
            message = "the line broke"
            raise BadBodyError(message) from error
        self.left -= len(data)
        if self.left < 0:
            message = f"it is larger than {LARGEST} bytes"
            raise BadBodyError(message)
        return data


def _take(request: HttpRequest, folder: Path, study: str) -> _Taken:
    kind = kind_of(request.headers.get("Content-Type", ""))
    taken = _Taken()
    reader = Reader(_Counted(body_of(request)), kind.parameters.get("boundary", ""))
    for count, part in enumerate(reader.parts()):
        if count >= MOST_PARTS:
            message = f"more than {MOST_PARTS} parts"
            raise BadBodyError(message)
        _take_part(part, folder, study, taken)
    if not taken.kept and not taken.failed:
        message = "there is no part in it"
        raise BadBodyError(message)
    return taken


def _take_part(part: Part, folder: Path, study: str, taken: _Taken) -> None:
    said = kind_of(part.headers.get("content-type", "application/dicom")).name
    if said != "application/dicom":
        taken.failed.append(("", "", NOT_UNDERSTOOD))
        return
    try:
        found = spool.spool(part, folder)
    except NotDicomError:
        taken.failed.append(("", "", NOT_UNDERSTOOD))
        return
    except (spool.TooLargeError, OSError):
        taken.failed.append(("", "", OUT_OF_RESOURCES))
        return
    if study and found.header.study != study:
        taken.failed.append((found.header.sop_class, found.header.sop_instance, OTHER_STUDY))
        return
    taken.kept.append(found)


def _record(peer: DicomPeer, taken: _Taken) -> None:
    if not taken.kept:
        return
    try:
        receiving.take_instances(
            by=Actor.machine("dicomweb"),
            peer=peer.pk,
            instances=taken.kept,
            source=Study.Source.STOW,
        )
    except SaparError as error:
        full = _is(error, "proton.study.bomb_count")
        taken.refuse_all(OUT_OF_RESOURCES if full else NOT_AUTHORISED)


def _is(error: SaparError, code: str) -> bool:
    problems: Sequence[Any] = error.problems
    return any(problem.code == code for problem in problems)
