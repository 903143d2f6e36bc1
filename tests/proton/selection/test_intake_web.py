"""Uploads as a browser sends them: offsets, checksums, who may, and how much memory it takes."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from sapar.proton.adapters.intake import places
from sapar.proton.models import Study, Upload
from tests import cast
from tests.proton.selection.intake import (
    Found,
    a_case,
    a_study,
    blocks,
    dicom,
    english,
    reads,
    worked,
    zipped,
)

if TYPE_CHECKING:
    from django.test import Client

    from sapar.cases.models import Case

pytestmark = pytest.mark.django_db
CONTENT = zipped({"1.dcm": dicom(), "2.dcm": dicom(instance="1.2.3.4.2")})


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT, settings.VAR = tmp_path / "files", tmp_path
    return tmp_path


def begin(client: Client, case: Case, **given: Any) -> Any:
    data = {"name": "study.zip", "total": len(CONTENT), **given}
    headers = {"accept": "application/json"}
    return client.post(f"/proton/case/{case.pk}/uploads/", data, headers=headers)


def patch(client: Client, url: str, offset: int, data: bytes, digest: bytes | None = None) -> Any:
    headers = {"upload-offset": str(offset)}
    if digest is not None:
        headers["content-digest"] = f"sha-256=:{base64.b64encode(digest).decode()}:"
    return client.patch(url, data, content_type="application/offset+octet-stream", headers=headers)


def test_pieces_are_put_together_and_the_whole_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch, Found(a_study()))
    client, case = english("aigul"), a_case()
    made = begin(client, case)
    assert made.status_code == 201
    url = made.json()["url"]
    first, second = CONTENT[:500], CONTENT[500:]
    answer = patch(client, url, 0, first, hashlib.sha256(first).digest())
    assert (answer.status_code, answer["Upload-Offset"]) == (204, "500")
    head = client.head(url)
    assert (head["Upload-Offset"], head["Upload-Length"]) == ("500", str(len(CONTENT)))
    assert patch(client, url, 0, first).status_code == 409
    damaged = patch(client, url, 500, second, hashlib.sha256(first).digest())
    assert damaged.status_code == 400
    assert client.head(url)["Upload-Offset"] == "500"
    assert patch(client, url, 500, second + b"more").status_code == 413
    assert client.head(url)["Upload-Offset"] == "500"
    assert patch(client, url, 500, second, hashlib.sha256(second).digest()).status_code == 204
    done = client.post(
        url, {"do": "finish", "blocks": blocks(CONTENT)}, headers={"accept": "application/json"}
    )
    assert done.status_code == 200, done.content
    worked()
    assert Study.objects.get().state == "ready"
    assert client.head(url).status_code == 409
    page = client.get(f"/proton/case/{case.pk}/study/")
    assert b"The study is read" in page.content


def test_the_script_finds_its_unfinished_upload_again() -> None:
    client, case = english("aigul"), a_case()
    mark = hashlib.sha256(b"names").hexdigest()
    url = begin(client, case, fingerprint=mark).json()["url"]
    patch(client, url, 0, CONTENT[:100])
    again = begin(client, case, fingerprint=mark)
    assert (again.status_code, again.json()["offset"]) == (200, 100)
    page = client.get(f"/proton/case/{case.pk}/study/").content.decode()
    assert "data-unfinished" in page
    assert client.post(url, {"do": "give-up"}).status_code == 302
    assert Upload.objects.get().state == "given-up"
    assert begin(client, case, total="1e9").status_code == 422
    assert begin(client, case, total=str(1 << 60)).json()["problems"][0]["remedy"]


@pytest.mark.parametrize("who", ["bakyt", "timur", "gulnar", "aizada_mother", "almaty", "saule"])
def test_an_upload_is_nobody_elses(who: str) -> None:
    case = a_case()
    url = begin(english("aigul"), case).json()["url"]
    other = english(who)
    sees = who == "saule"
    assert begin(other, case).status_code == (403 if sees else 404)
    assert other.head(url).status_code == (403 if sees else 404)
    assert patch(other, url, 0, b"x").status_code == (403 if sees else 404)
    assert other.post(url, {"do": "finish"}).status_code in {302, 403, 404}
    assert other.get(f"/proton/case/{case.pk}/study/").status_code == (200 if sees else 404)
    assert Upload.objects.get().state == "open"
    assert not places.size_of(places.upload_file(Upload.objects.get().pk))


def test_a_form_without_a_script_sends_one_zip(monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch, Found(a_study()))
    client, case = english("aigul"), a_case()
    address = f"/proton/case/{case.pk}/study/"
    assert client.post(address, {}).status_code == 422
    answer = client.post(address, {"file": SimpleUploadedFile("study.zip", CONTENT)})
    assert answer.status_code == 302
    worked()
    assert Study.objects.get().count == 2
    assert english("saule").post(address, {}).status_code == 403


def test_names_of_files_are_shown_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    from sapar.values.statements import Problem

    client, case = english("aigul"), a_case()
    name = '<script>alert("x")</script>.dcm'
    digest = hashlib.sha256(dicom()).hexdigest()
    reads(monkeypatch, Found(a_study(), (Problem.of("proton.study.truncated", where=digest),)))
    client.post(
        f"/proton/case/{case.pk}/study/",
        {"file": SimpleUploadedFile("x.zip", zipped({name: dicom()}))},
    )
    worked()
    page = client.get(f"/proton/case/{case.pk}/study/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page  # the reader's finding names the file as it was sent


def test_a_phantom_is_read_by_the_real_reader_and_its_volumes_are_the_phantoms(
    tmp_path: Path,
) -> None:
    import numpy as np

    from sapar.proton import phantoms
    from sapar.proton.adapters.dicom.writing import write_study
    from sapar.proton.adapters.volumes import StoredStudy
    from sapar.proton.queries import studies as queries
    from tests.proton.selection.intake import delivered

    made = phantoms.concave_core(seed=1)
    write_study(made, tmp_path / "dicom")
    case = a_case()
    row = delivered(case, tmp_path / "dicom")
    found = queries.shown(row.pk)
    assert row.state == "ready", [(p.code, p.where, p.value) for p in found.findings]
    kept = StoredStudy(queries.folder_of(row.pk)).load()
    assert kept.image is not None
    assert made.image is not None
    assert np.array_equal(kept.image.hu, made.image.hu)
    assert {s.name for s in kept.structures} == {s.name for s in made.structures}
    first = sorted((tmp_path / "dicom").glob("CT_*.dcm"))[3]
    first.unlink()
    again = delivered(case, tmp_path / "dicom")
    assert again.state == "refused"
    assert "proton.study.missing_slice" in {p.code for p in queries.shown(again.pk).findings}
    counts = queries.study_of(case.pk)
    assert counts is not None
    assert counts.id == row.pk  # the refused one did not take its place
    shown = english("marat").get(f"/proton/case/{case.pk}/study/").content.decode()
    assert "CT_0003.dcm" in shown or "CT_0005.dcm" in shown or "missing" in shown


# Memory.

MEGABYTE = 1024 * 1024
STREAMED = 96
"""Megabytes that go through; far more than the process may grow by."""
GROWTH = 24


class Endless:
    """So many bytes that are nowhere kept; what begins them, and what ends them."""

    def __init__(self, size: int, head: bytes = b"", tail: bytes = b"") -> None:
        self.left, self.head, self.tail = size, head, tail
        self.size = size + len(head) + len(tail)

    def read(self, size: int = -1, /) -> bytes:
        if self.head:
            data, self.head = self.head, b""
            return data
        if self.left:
            count = min(size if size > 0 else MEGABYTE, self.left, MEGABYTE)
            self.left -= count
            return bytes(count)
        data, self.tail = self.tail, b""
        return data

    readline = read  # Django asks whether there is one


def peak_of(work: Any) -> int:
    """By how many megabytes the process has grown at most while it worked (Linux)."""
    status = Path("/proc/self/status")

    def value(name: str) -> int:
        line = next(line for line in status.read_text().splitlines() if line.startswith(name))
        return int(line.split()[1]) // 1024

    Path("/proc/self/clear_refs").write_text("5")
    before = value("VmRSS")
    work()
    return value("VmHWM") - before


def as_request(method: str, path: str, source: Endless, **headers: Any) -> Any:
    """A request whose body is read from a source, as a server hands it over."""
    request = RequestFactory().generic(method, path, b"", **headers)
    request.META["CONTENT_LENGTH"] = str(source.size)
    request.META["CONTENT_TYPE"] = headers.get("content_type", "application/octet-stream")
    from django.core.handlers.wsgi import LimitedStream

    request._stream = LimitedStream(source, source.size)
    request._read_started = False
    return request


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux tells")
def test_a_large_piece_and_a_large_instance_never_enter_the_memory_whole() -> None:
    from sapar.proton.views import dicomweb, studies
    from tests.proton.selection.test_cstore import a_peer

    case, user = a_case(), cast.user("aigul")
    client = english("aigul")
    url = begin(client, case, total=STREAMED * MEGABYTE).json()["url"]
    request = as_request("PATCH", url, Endless(STREAMED * MEGABYTE), headers={"upload-offset": "0"})
    request.user, request.session = user, {}
    key = Upload.objects.get().pk
    assert peak_of(lambda: studies.upload(request, upload=key)) < GROWTH
    assert places.size_of(places.upload_file(key)) == STREAMED * MEGABYTE
    places.remove(places.upload_file(key))
    from sapar.proton.actions import peers

    token = peers.new_token(by=cast.actor("askhat"), peer=a_peer().pk)
    head = b"--frontier\r\nContent-Type: application/dicom\r\n\r\n" + dicom()
    source = Endless(STREAMED * MEGABYTE, head, b"\r\n--frontier--\r\n")
    kind = 'multipart/related; type="application/dicom"; boundary=frontier'
    sent = as_request(
        "POST", "/proton/dicomweb/studies", source, content_type=kind,
        headers={"authorization": f"Bearer {token}"},
    )  # fmt: skip
    answers = []
    assert peak_of(lambda: answers.append(dicomweb.store(sent))) < GROWTH
    assert answers[0].status_code == 200
    assert Study.objects.get().size > STREAMED * MEGABYTE


UNPACKING = """
import resource, sys, zipfile
from pathlib import Path
from sapar.proton.adapters.intake.unpack import Limits, unpack
folder = Path(sys.argv[1])
size = int(sys.argv[2])
with zipfile.ZipFile(folder / "x.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
    with archive.open("dose.dcm", "w", force_zip64=True) as entry:
        for _count in range(size):
            entry.write(bytes(1 << 20))
(folder / "out").mkdir()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = unpack(folder / "x.zip", folder / "out", limits=Limits(ratio=10**6))
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(found.refused, found.files[0].size, (after - before) // 1024)
print(*sorted({"pydicom", "pynetdicom", "scipy", "numba"} & set(sys.modules)))
"""


def test_unpacking_streams_and_knows_no_dicom_library(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", UNPACKING, str(tmp_path), "256"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    refused, size, grown, *loaded = done.stdout.split()
    assert (refused, size, loaded) == ("False", str(256 * MEGABYTE), [])
    assert int(grown) < GROWTH


def test_the_answers_are_json_for_a_script() -> None:
    client, case = english("aigul"), a_case()
    made = begin(client, case)
    assert json.loads(made.content)["offset"] == 0
    refused = client.post(
        made.json()["url"], {"do": "finish"}, headers={"accept": "application/json"}
    )
    assert refused.status_code == 409
    assert refused.json()["problems"][0]["code"] == "proton.study.upload_short"
    assert io.BytesIO(refused.content).read()
