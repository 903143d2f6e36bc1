"""The type of a file, from its content alone; what a file or a browser claims is only noted."""

from __future__ import annotations

import codecs
import re
import zipfile
from typing import IO

import puremagic

HEAD = 8192
"""How many bytes at the start decide."""

ALLOWED = frozenset(
    {
        "application/pdf",  # letters, reports, histology
        "image/jpeg",  # photographs of papers
        "image/png",
        "image/heic",  # photographs from a telephone
        "image/tiff",  # scanners, fax
        "application/dicom",  # images and radiotherapy plans
        "application/json",  # FHIR
        "application/xml",  # CDA and older exports
        "text/plain",  # laboratory results
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",  # letters
        "application/zip",  # series of DICOM files; never unpacked by a web process
    }
)
"""What referring hospitals send. HTML, SVG, programs, scripts and macros are not among it."""

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MACROS = "application/vnd.ms-word.document.macroenabled.12"
UNKNOWN = "application/octet-stream"

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypheix", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (128, b"DICM", "application/dicom"),
)
_MARKUP = re.compile(r"<(!doctype\s+html|html|svg|script|body|head)\b", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def detect(file: IO[bytes]) -> str:
    """The media type of a file that can be read from any place; "" if it is empty.

    Text is told by its first 8 KiB: JSON and XML need not be well formed here (their importers
    say what is wrong with them).
    """
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        return ""
    for offset, magic, kind in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return kind
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive(file)
    return _text(head) or _other(head)


def _archive(file: IO[bytes]) -> str:
    """DOCX, a document with macros, another zip of which only plain ones pass."""
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            names = {name.lower() for name in archive.namelist()}
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return UNKNOWN
    if any(name.endswith("vbaproject.bin") for name in names):
        return MACROS
    if "[content_types].xml" in names:
        return DOCX if "word/document.xml" in names else "application/vnd.ms-office"
    if "meta-inf/manifest.mf" in names or "androidmanifest.xml" in names:
        return "application/java-archive"
    return "application/zip"


def _text(head: bytes) -> str:
    """The kind of text, or "" if it is none."""
    utf_16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = codecs.getincrementaldecoder("utf-16" if utf_16 else "utf-8")().decode(head)
    except UnicodeDecodeError:
        return ""
    if _CONTROL.search(text):
        return ""
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("#!"):
        return "text/x-script"
    if start.startswith("<"):
        if _MARKUP.search(text):
            return "image/svg+xml" if "<svg" in text.lower() else "text/html"
        return "application/xml"
    return "application/json" if start.startswith(("{", "[")) else "text/plain"


def _other(head: bytes) -> str:
    """A name for what is refused, so that the refusal can say what it was."""
    if head.startswith(b"MZ"):
        return "application/vnd.microsoft.portable-executable"
    if head.startswith(b"\x7fELF"):
        return "application/x-elf"
    try:
        found = str(puremagic.from_string(head, mime=True))
    except (puremagic.PureError, ValueError):
        return UNKNOWN
    return found if found and found not in ALLOWED else UNKNOWN
