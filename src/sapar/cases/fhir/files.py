"""Files that come inside FHIR resources: decoded, limited, named by kind."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sapar.cases.engine.referral import Attachment
from sapar.kernel.fhir.values import codings, concept, obj, objs, text
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sapar.kernel.fhir.parcel import Entry, Parcel

LIMIT_FILE = 20 * 1024 * 1024
"""Bytes of one file inside a resource; larger ones are dropped on the form."""

ATTACHMENT_SYSTEM = "urn:sapar:attachment"
KINDS = {
    "11526-1": "pathology",
    "60567-5": "pathology",
    "11504-8": "operation-note",
    "18842-5": "discharge-summary",
    "34105-7": "discharge-summary",
    "18748-4": "imaging-report",
    "11502-2": "laboratory-report",
    "58410-2": "blood-count",
    "57021-8": "blood-count",
    "34552-0": "echocardiography",
}
"""LOINC document types, and the kinds that completeness asks for."""
MODALITIES = {"MR": "mri", "CT": "ct", "PT": "pet", "US": "ultrasound"}
"""DICOM modalities of an ImagingStudy or Media."""


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file to be stored, and the attachment that stands for it.

    Attributes:
        attachment: its kind and title; the action that stores the file adds the document id.
        content_type: as the sender declares it; documents look at the content.
        content: the bytes.
        where: its place in what was sent.
    """

    attachment: Attachment
    content_type: str
    content: bytes
    where: str


@dataclass(frozen=True, slots=True)
class Files:
    """Attachments found, with and without content."""

    attachments: tuple[Attachment, ...]
    received: tuple[ReceivedFile, ...]
    problems: tuple[Problem, ...]
    used: frozenset[int]
    """Identities of the resources that were read as files."""


def kind_of(*concepts: Any) -> str:
    """The kind of a document by our own code, LOINC or modality; "other" when unknown."""
    for value in concepts:
        for system, found, _display in codings(value):
            if system == ATTACHMENT_SYSTEM:
                return found
            if found in KINDS:
                return KINDS[found]
            if found in MODALITIES:
                return MODALITIES[found]
    return "other"


def _sent(parcel: Parcel) -> Iterator[tuple[Entry, str, str, dict[str, Any], str]]:
    """(entry, kind, title, attachment, place) of every attachment in the parcel."""
    for entry in parcel.of("DocumentReference"):
        sent = entry.resource
        kinds = (sent.get("type"), *objs(sent.get("category")))
        title = text(sent.get("description")) or concept(sent.get("type"))
        for index, content in enumerate(objs(sent.get("content"))):
            yield (
                entry,
                kind_of(*kinds),
                title,
                obj(content.get("attachment")),
                f"{entry.where}.content[{index}].attachment",
            )
    for entry in parcel.of("Media"):
        sent = entry.resource
        kind = kind_of(sent.get("modality"), sent.get("type"))
        yield (
            entry,
            kind,
            concept(sent.get("type")),
            obj(sent.get("content")),
            f"{entry.where}.content",
        )
    for entry in parcel.of("DiagnosticReport"):
        sent = entry.resource
        kinds = (sent.get("code"), *objs(sent.get("category")))
        for index, form in enumerate(objs(sent.get("presentedForm"))):
            yield (
                entry,
                kind_of(*kinds),
                concept(sent.get("code")),
                form,
                f"{entry.where}.presentedForm[{index}]",
            )


def files(parcel: Parcel) -> Files:
    """All files of a parcel.

    A file that is only an address is listed as an attachment and named as a problem: nothing is
    ever fetched from an address that a stranger sent.
    """
    attachments: list[Attachment] = []
    received: list[ReceivedFile] = []
    problems: list[Problem] = []
    used: set[int] = set()
    for entry, kind, named, form, where in _sent(parcel):
        used.add(id(entry.resource))
        attachment = Attachment(kind, text(form.get("title")) or named)
        attachments.append(attachment)
        data, content_type, place = form.get("data"), text(form.get("contentType")), f"{where}.data"
        target = parcel.resolve(text(form.get("url")), entry)
        if not data and target is not None and target.kind == "Binary":
            used.add(id(target.resource))
            data, place = target.resource.get("data"), f"{target.where}.data"
            content_type = content_type or text(target.resource.get("contentType"))
        if not data:
            problems.append(
                Problem.of(
                    "cases.fhir_file_elsewhere",
                    where=where,
                    fatal=False,
                    value=text(form.get("url")) or attachment.title,
                )
            )
            continue
        _take(data, ReceivedFile(attachment, content_type, b"", place), received, problems)
    for entry in parcel.of("ImagingStudy"):
        modality = kind_of(*objs(entry.resource.get("modality")))
        attachments.append(Attachment(modality, text(entry.resource.get("description"))))
    for entry in parcel.of("Binary"):
        if id(entry.resource) not in used and entry.resource.get("data"):
            used.add(id(entry.resource))
            attachment = Attachment("other", entry.name)
            attachments.append(attachment)
            content_type = text(entry.resource.get("contentType"))
            empty = ReceivedFile(attachment, content_type, b"", f"{entry.where}.data")
            _take(entry.resource["data"], empty, received, problems)
    return Files(tuple(attachments), tuple(received), tuple(problems), frozenset(used))


def _content(data: Any) -> bytes | None:
    """The bytes of a base64Binary; None when it is none."""
    if not isinstance(data, str):
        return None
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (ValueError, binascii.Error):
        return None


def _take(
    data: Any, received: ReceivedFile, taken: list[ReceivedFile], problems: list[Problem]
) -> None:
    """Decode one file, or say why not."""
    where, title = received.where, received.attachment.title
    if isinstance(data, str) and len(data) > LIMIT_FILE * 4 // 3 + 4:
        megabytes = LIMIT_FILE // (1024 * 1024)
        problems.append(
            Problem.of(
                "cases.fhir_file_too_large", where=where, value=title, fatal=False, limit=megabytes
            )
        )
        return
    content = _content(data)
    if content is None:
        problems.append(
            Problem.of("cases.fhir_file_not_base64", where=where, value=title, fatal=False)
        )
    else:
        taken.append(replace(received, content=content))
