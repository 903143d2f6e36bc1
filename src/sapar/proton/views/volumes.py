"""Slices of a study as bytes for the viewer.

A page of the comparison is opened once, and that read is noted. It gives the viewer a sealed token
of the study, the version and the reader; slices are served to that reader alone, for some hours,
and the policy is asked each time. No DICOM is read here: arrays are mapped from the disk.
"""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core import signing
from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.errors import NotFoundError
from sapar.proton.adapters.volumes import StoredStudy
from sapar.proton.queries import studies
from sapar.proton.queries.selection import dose_folder, may_see
from sapar.proton.selecting import doses_of
from sapar.proton.slicing import PLANES, Named, count_of, packed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.kernel.actors import Actor
    from sapar.proton.engine.selection.plan import Study

SALT = "proton.viewer"
HOURS = 12
LASTS_S = HOURS * 3600
IMMUTABLE = f"private, max-age={LASTS_S}, immutable"
KEPT = 6
"""So many studies stay open in a process: their contours are read once, their arrays mapped."""


@functools.lru_cache(maxsize=KEPT)
def _opened(folder: Path, _written: int) -> Study:
    # A study that is read anew is written at another moment, and is another.
    return StoredStudy(folder).load()


def opened(folder: Path) -> Study | None:
    """A kept study, or None where there is none (any more)."""
    try:
        written = (folder / "study.json").stat().st_mtime_ns
        return _opened(folder, written)
    except (OSError, ValueError):
        return None


def doses_shown(study: UUID, selection: UUID | None) -> list[Named]:
    """The doses of a version's pictures: the photon plan's and the proton dose beside it."""
    found = []
    sent = opened(studies.folder_of(study))
    if sent is not None:
        own = doses_of(sent)
        if own.photon is not None:
            found.append(Named("photon", own.photon))
        compared = opened(dose_folder(study, selection)) if selection is not None else None
        proton = compared.doses[0] if compared is not None and compared.doses else own.submitted
        if proton is not None:
            found.append(Named("proton", proton))
    return found


def token_for(actor: Actor, case: UUID, study: UUID, selection: UUID | None) -> str:
    """What the viewer shows with each slice that it asks for."""
    held = {"u": str(actor.user_id), "c": str(case), "s": str(study)}
    return signing.dumps(held | ({"v": str(selection)} if selection else {}), salt=SALT)


def _held(actor: Actor, case: UUID, token: str) -> dict[str, Any]:
    try:
        held: dict[str, Any] = signing.loads(token, salt=SALT, max_age=LASTS_S)
    except signing.BadSignature as error:
        raise Http404 from error
    if held["u"] != str(actor.user_id) or held["c"] != str(case):
        raise Http404
    return held


def _not_from_store(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let the reader's own browser keep what this view says it may; nobody else."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(*args, **kwargs)
        if response.status_code in {200, 304} and response.has_header("ETag"):
            # `signed_in` forbids all keeping; a slice never changes, and its address is one
            # opening's of one reader.
            response["Cache-Control"] = IMMUTABLE
            del response["Expires"]
        return response

    return guarded


@require_safe
@_not_from_store
@signed_in
def selection_slice(
    request: HttpRequest, case: UUID, token: str, plane: str, index: int
) -> HttpResponseBase:
    """One slice, in the form of `proton.slicing`."""
    actor = actor_of(request)
    held = _held(actor, case, token)
    try:
        may_see(actor, case)
    except NotFoundError as error:
        raise Http404 from error
    study = UUID(held["s"])
    selection = UUID(held["v"]) if "v" in held else None
    sent = opened(studies.folder_of(study))
    known = next((each for each in PLANES if each == plane), None)
    if sent is None or sent.image is None or known is None:
        raise Http404
    if not 0 <= index < count_of(sent.image.grid, known):
        raise Http404
    tag = hashlib.sha256(f"{study} {selection} {plane} {index}".encode()).hexdigest()[:32]
    if request.headers.get("If-None-Match") == f'"{tag}"':
        response: HttpResponse = HttpResponseNotModified()
    else:
        content = packed(sent.image, doses_shown(study, selection), sent.structures, known, index)
        response = HttpResponse(content, content_type="application/octet-stream")
        response["Content-Encoding"] = "gzip"
    response["ETag"] = f'"{tag}"'
    response["Vary"] = "Cookie"
    return response
