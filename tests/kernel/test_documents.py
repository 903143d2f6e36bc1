"""Documents: streamed, typed by content, hashed, scanned, kept unchanged."""

from __future__ import annotations

import hashlib
import io
import socket
import struct
import threading
import tracemalloc
import zipfile
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sapar.kernel.accounts.models import Membership
from sapar.kernel.actors import Actor
from sapar.kernel.audit.models import AuditEvent, AuditRead
from sapar.kernel.documents import actions, jobs, queries, sniffing, storing
from sapar.kernel.documents.adapters import clamd
from sapar.kernel.documents.adapters.upload import LimitedUploadHandler
from sapar.kernel.documents.models import Document
from sapar.kernel.errors import InvalidInputError, NotAllowedError, NotFoundError
from sapar.kernel.jobs.models import JobEntry
from tests import cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


@pytest.fixture(autouse=True)
def storage(settings: SettingsWrapper, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture
def root() -> tuple[str, UUID]:
    cast.user("aigul")
    return "membership", Membership.objects.get(user=cast.user("aigul")).pk


def send(root: tuple[str, UUID], content: bytes | IO[bytes], title: str = "report.pdf") -> Document:
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    pk = actions.receive(by=cast.actor("aigul"), root=root, kind="report", title=title, file=file)
    return Document.objects.get(pk=pk)


def opens(client: Client, page: str) -> bool:
    response = client.get(page)
    return response.status_code == 200 and b"".join(response.streaming_content) != b""


def stored_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


class Endless(io.RawIOBase):
    """A PDF of any size that is never whole anywhere."""

    def __init__(self, size: int, fail_at: int | None = None) -> None:
        self.size, self.at, self.fail_at = size, 0, fail_at

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self.fail_at is not None and self.at >= self.fail_at:
            message = "the line was cut"
            raise ConnectionResetError(message)
        length = min(size, self.size - self.at)
        data = PDF.ljust(length, b"x") if self.at == 0 else b"x" * length
        self.at += length
        return data


# Streaming


def test_a_large_file_is_streamed_with_little_memory(root: tuple[str, UUID], storage: Path) -> None:
    size = 64 * 1024 * 1024
    send(root, PDF)
    tracemalloc.start()
    document = send(root, Endless(size))  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * 1024 * 1024
    assert (document.size, document.detected_type) == (size, "application/pdf")
    with storing.opened(document.stored_as) as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == document.sha256


def test_an_interrupted_upload_leaves_nothing_behind(root: tuple[str, UUID], storage: Path) -> None:
    with pytest.raises(ConnectionResetError):
        send(root, Endless(8 * 1024 * 1024, fail_at=3 * 1024 * 1024))  # type: ignore[arg-type]
    assert stored_files(storage) == []
    assert not Document.objects.exists()


def test_a_file_over_the_limit_is_refused_and_leaves_nothing(storage: Path) -> None:
    with pytest.raises(InvalidInputError, match="too_large"):
        storing.store(Endless(3 * 1024 * 1024), limit=2 * 1024 * 1024)  # type: ignore[arg-type]
    assert stored_files(storage) == []


def test_an_upload_that_is_announced_as_too_large_is_not_read(settings: SettingsWrapper) -> None:
    assert [
        f"{LimitedUploadHandler.__module__}.{LimitedUploadHandler.__name__}"
    ] == settings.FILE_UPLOAD_HANDLERS
    page = reverse("accounts:request")
    response = Client(enforce_csrf_checks=False).post(
        page,
        b"--b\r\n",
        content_type="multipart/form-data; boundary=b",
        headers={"Content-Length": str(30 * 1024**2)},
    )
    assert response.status_code in {400, 413}


def test_files_of_an_action_that_failed_later_are_swept_after_a_day(
    root: tuple[str, UUID], storage: Path
) -> None:
    kept = send(root, PDF)
    with transaction.atomic():
        send(root, PDF + b"lost")
        transaction.set_rollback(True)
    assert len(stored_files(storage)) == 2
    jobs.sweep()
    assert len(stored_files(storage)) == 2, "it may belong to an action that still runs"
    later = timezone.now() + 2 * storing.ORPHAN_AFTER
    with time_machine.travel(later, tick=False):
        jobs.sweep()
    assert default_storage.exists(kept.stored_as)
    assert len(stored_files(storage)) == 1


# Types


def archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return buffer.getvalue()


TYPES = [
    (PDF, "application/pdf"),
    (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n\x00\x00", "image/png"),
    (b"II*\x00\x08\x00", "image/tiff"),
    (b"\x00\x00\x00\x18ftypheic", "image/heic"),
    (b"\x00" * 128 + b"DICM\x02\x00", "application/dicom"),
    (b'\n {"resourceType": "Bundle", ', "application/json"),
    (b"<?xml version='1.0'?><ClinicalDocument/>", "application/xml"),
    ("Лейкоциты 4,5".encode(), "text/plain"),
    ("Лейкоциты".encode("utf-16"), "text/plain"),
    (("я" * sniffing.HEAD).encode(), "text/plain"),
    (archive("[Content_Types].xml", "word/document.xml"), sniffing.DOCX),
    (archive("series/1.dcm"), "application/zip"),
]
REFUSED = [
    (b"MZ\x90\x00\x03", "application/vnd.microsoft.portable-executable"),
    (b"\x7fELF\x02\x01", "application/x-elf"),
    (b"#!/bin/sh\nrm -rf /", "text/x-script"),
    (b"<!DOCTYPE html><html></html>", "text/html"),
    (b"<?xml version='1.0'?><svg onload='x()'/>", "image/svg+xml"),
    (archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), sniffing.MACROS),
    (archive("META-INF/MANIFEST.MF"), "application/java-archive"),
    (b"PK\x03\x04 cut off", sniffing.UNKNOWN),
    (b"\x00\x01\x02\x03 nonsense", sniffing.UNKNOWN),
]


@pytest.mark.parametrize(("content", "kind"), TYPES, ids=[kind for _, kind in TYPES])
def test_what_hospitals_send_is_known_by_its_content(content: bytes, kind: str) -> None:
    assert sniffing.detect(io.BytesIO(content)) == kind
    assert kind in sniffing.ALLOWED


@pytest.mark.parametrize(("content", "kind"), REFUSED, ids=[kind for _, kind in REFUSED])
def test_programs_and_pages_are_refused_whatever_their_name(
    content: bytes, kind: str, root: tuple[str, UUID]
) -> None:
    document = send(root, content, "harmless.pdf")
    assert document.state == "refused"
    assert document.detected_type == kind
    assert document.reason in {"type-not-allowed", "macros"}


def test_an_empty_file_is_refused(root: tuple[str, UUID]) -> None:
    assert send(root, b"").reason == "empty"


def test_the_original_is_kept_byte_for_byte_even_if_it_is_refused(root: tuple[str, UUID]) -> None:
    machine = Actor.machine("import")
    content = b'{"resourceType": "Bundle", "entry": [\xff\xfe truncated'
    pk = actions.store_original(by=machine, root=root, content=content, received_from="osh")
    record = Document.objects.get(pk=pk)
    assert record.state == "refused"
    assert record.sha256 == hashlib.sha256(content).hexdigest()
    with queries.open_original(machine, pk) as file:
        assert file.read() == content
    with pytest.raises(NotFoundError):
        queries.open_original(cast.actor("aigul"), pk)


def test_the_same_file_twice_is_kept_twice(root: tuple[str, UUID]) -> None:
    one, other = send(root, PDF), send(root, PDF)
    assert one.sha256 == other.sha256
    assert one.stored_as != other.stored_as


# Who may


def test_documents_are_seen_by_those_who_see_what_they_belong_to(root: tuple[str, UUID]) -> None:
    document = send(root, PDF)
    page = reverse("documents:download", args=[document.pk])
    assert opens(cast.client("aigul"), page)
    assert opens(cast.client("saule"), page), "her centre vets the licence"
    for name in ("bakyt", "almaty", "stranger", "kanat"):
        assert cast.client(name).get(page).status_code == 404
        assert queries.documents_of(cast.actor(name), root) == []
        with pytest.raises(NotAllowedError):
            actions.receive(
                by=cast.actor(name), root=root, kind="x", title="x", file=io.BytesIO(PDF)
            )


def test_a_download_is_an_attachment_under_its_own_type_and_is_audited(
    root: tuple[str, UUID],
) -> None:
    document = send(root, PDF, '../../etc/"Выписка".pdf')
    response = cast.client("aigul").get(reverse("documents:download", args=[document.pk]))
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    read = AuditRead.objects.get()
    assert (read.root_type, read.root_id, read.page) == (*root, "documents.download")
    assert "Выписка" not in str(list(AuditEvent.objects.values()))


def test_no_byte_of_a_refused_file_is_served(root: tuple[str, UUID]) -> None:
    document = send(root, b"MZ\x90 program")
    response = cast.client("aigul").get(reverse("documents:download", args=[document.pk]))
    assert response.status_code == 409
    assert b"MZ" not in response.content


def test_files_are_uploaded_on_a_page(root: tuple[str, UUID]) -> None:
    page = reverse("documents:upload", args=root)
    files = [SimpleUploadedFile("a.pdf", PDF), SimpleUploadedFile("b.exe", b"MZ\x90\x00")]
    response = cast.client("aigul").post(
        page, {"file": files, "kind": "report"}, headers={"HX-Request": "true"}
    )
    assert response.status_code == 200
    assert {d.state for d in Document.objects.all()} == {"unscanned", "refused"}
    assert b"a.pdf" in response.content
    outside = cast.client("aigul").post(page, {"next": "https://evil.example/"})
    assert outside["Location"] == "/"
    assert cast.client("bakyt").post(page, {"file": files}).status_code == 404


# The scanner


class Clamd(threading.Thread):
    """A scanner that speaks clamd's protocol, on a Unix socket."""

    def __init__(self, path: Path, limit: int = 10**9) -> None:
        super().__init__(daemon=True)
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.server.bind(str(path))
        self.server.listen()
        self.address = f"unix://{path}"
        self.limit = limit
        self.silent = False

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                self.serve(connection, stream)

    def serve(self, connection: socket.socket, stream: Any) -> None:
        if self.silent:
            return
        assert stream.read(10) == b"zINSTREAM\x00"
        content = b""
        while length := struct.unpack("!L", stream.read(4))[0]:
            content += stream.read(length)
            if len(content) > self.limit:
                connection.sendall(b"INSTREAM size limit exceeded. ERROR\x00")
                return
        found = EICAR in content
        connection.sendall(b"stream: Eicar-Test FOUND\x00" if found else b"stream: OK\x00")


@contextmanager
def scanner(settings: SettingsWrapper, folder: Path, **options: Any) -> Iterator[Clamd]:
    server = Clamd(folder / "clamd.sock", **options)
    server.start()
    settings.CLAMD_ADDRESS = server.address
    try:
        yield server
    finally:
        server.server.shutdown(socket.SHUT_RDWR)
        server.server.close()
        server.join(5)


def scan(document: Document) -> Document:
    jobs.keep(jobs.scan(document=str(document.pk)), document=str(document.pk))
    document.refresh_from_db()
    return document


def test_without_a_scanner_the_state_says_so(root: tuple[str, UUID]) -> None:
    document = send(root, PDF)
    assert (document.state, document.reason) == ("unscanned", "no-scanner")
    assert document.may_be_opened
    assert not JobEntry.objects.exists()


def test_with_a_scanner_a_file_waits_and_is_served_when_clean(
    root: tuple[str, UUID], settings: SettingsWrapper, tmp_path: Path
) -> None:
    with scanner(settings, tmp_path):
        document = send(root, PDF)
        assert document.state == "pending"
        assert JobEntry.objects.get().name == "documents.scan"
        page = reverse("documents:download", args=[document.pk])
        client = cast.client("aigul")
        assert client.get(page).status_code == 409
        assert scan(document).state == "clean"
        assert opens(client, page)


def test_an_infected_file_is_named_kept_and_never_served(
    root: tuple[str, UUID], settings: SettingsWrapper, tmp_path: Path
) -> None:
    with scanner(settings, tmp_path):
        document = scan(send(root, PDF + EICAR))
    assert (document.state, document.finding) == ("infected", "Eicar-Test")
    assert default_storage.exists(document.stored_as)
    page = reverse("documents:download", args=[document.pk])
    assert cast.client("aigul").get(page).status_code == 409


def test_a_file_too_large_for_the_scanner_is_said_to_be_unscanned(
    root: tuple[str, UUID], settings: SettingsWrapper, tmp_path: Path
) -> None:
    with scanner(settings, tmp_path, limit=1000):
        document = scan(send(root, PDF + b"x" * 3_000_000))
    assert (document.state, document.reason) == ("unscanned", "too-large-to-scan")


def test_a_scanner_that_does_not_answer_is_asked_again_later(
    root: tuple[str, UUID], settings: SettingsWrapper, tmp_path: Path
) -> None:
    with scanner(settings, tmp_path) as server:
        server.silent = True
        document = send(root, PDF)
        with pytest.raises(clamd.ScannerError):
            jobs.scan(document=str(document.pk))
    with pytest.raises(clamd.ScannerError):
        clamd.scan([PDF], "unix:///nowhere/clamd.sock")
    document.refresh_from_db()
    assert document.state == "pending"
    jobs.scan_waiting()
    assert JobEntry.objects.filter(name="documents.scan").count() == 2


def test_a_file_that_was_changed_in_storage_is_found_by_the_scan(
    root: tuple[str, UUID], settings: SettingsWrapper, tmp_path: Path, storage: Path
) -> None:
    with scanner(settings, tmp_path):
        document = send(root, PDF)
        path = storage / document.stored_as
        path.chmod(0o600)
        path.write_bytes(PDF + b"changed")
        assert scan(document).reason == "changed"


def test_files_that_came_before_the_scanner_are_scanned_when_there_is_one(
    root: tuple[str, UUID], settings: SettingsWrapper, tmp_path: Path
) -> None:
    document = send(root, PDF)
    jobs.scan_waiting()
    assert not JobEntry.objects.exists()
    with scanner(settings, tmp_path):
        jobs.scan_waiting()
        assert JobEntry.objects.count() == 1
        assert scan(document).state == "clean"


def test_a_person_cannot_give_a_verdict(root: tuple[str, UUID]) -> None:
    document = send(root, b"MZ")
    with pytest.raises(NotAllowedError):
        actions.set_verdict(by=cast.actor("aigul"), document=document.pk, state="clean")
