"""DICOMweb, the store transaction: who may, what is taken, what is answered; and with Orthanc."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIRequest
from django.test import Client

from sapar.proton.actions import peers, receiving
from sapar.proton.adapters.intake import places
from sapar.proton.jobs import studies as jobs
from sapar.proton.models import DicomPeer, Study, StudyFile
from sapar.proton.views import dicomweb
from tests import cast
from tests.proton.selection.intake import Found, a_case, a_study, dicom, reads, worked
from tests.proton.selection.test_cstore import a_peer, quiet
from tests.proton.selection.test_cstore_orthanc import a_real_folder
from tests.support.orthanc import Orthanc, orthanc, orthanc_server

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["orthanc", "orthanc_server"]
pytestmark = pytest.mark.django_db(transaction=True)
KIND = 'multipart/related; type="application/dicom"; boundary=frontier'


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT, settings.VAR = tmp_path / "files", tmp_path
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    return tmp_path


def a_token(peer: DicomPeer | None = None) -> tuple[DicomPeer, str]:
    peer = peer or a_peer()
    return peer, peers.new_token(by=cast.actor("askhat"), peer=peer.pk)


def body(*contents: bytes, kind: str = "application/dicom") -> bytes:
    made = b""
    for content in contents:
        made += f"--frontier\r\nContent-Type: {kind}\r\n\r\n".encode() + content + b"\r\n"
    return made + b"--frontier--\r\n"


def post(token: str, content: bytes, *, study: str = "", kind: str = KIND, **headers: str) -> Any:
    address = "/proton/dicomweb/studies" + (f"/{study}" if study else "")
    given = {"authorization": f"Bearer {token}", "accept": "application/dicom+json", **headers}
    return Client().post(address, content, content_type=kind, headers=given)


def test_instances_are_taken_and_named_in_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch, Found(a_study()))
    case = a_case()
    _peer, token = a_token()
    said = {"AccessionNumber": case.number}
    answer = post(token, body(dicom(**said), dicom(instance="1.2.3.4.2", **said)))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/dicom+json"
    taken = answer.json()["00081199"]["Value"]
    assert [each["00081155"]["Value"] for each in taken] == [["1.2.3.4.1"], ["1.2.3.4.2"]]
    assert "00081198" not in answer.json()
    again = post(token, body(dicom(**said)))  # the same once more is no second one
    assert again.status_code == 200
    quiet()
    row = Study.objects.get()
    assert (row.state, row.case_id, row.count, row.source) == ("ready", case.pk, 2, "stow")
    assert not list(places.spool_folder(row.peer_id).iterdir())


def test_what_is_no_instance_or_of_another_study_is_named_as_failed() -> None:
    _peer, token = a_token()
    fine, other = dicom(), dicom(instance="1.2.3.4.8", study="9.9.9")
    some = post(token, body(fine, b"no DICOM", other), study="1.2.3.4")
    assert some.status_code == 202
    failed = some.json()["00081198"]["Value"]
    assert [each["00081197"]["Value"][0] for each in failed] == [0xC000, 0xA900]
    assert failed[1]["00081155"]["Value"] == ["1.2.3.4.8"]
    none = post(token, body(other), study="1.2.3.4")
    assert none.status_code == 409
    assert "00081199" not in none.json()
    assert post(token, body(b"{}", kind="application/json")).status_code == 409
    assert StudyFile.objects.count() == 1


def test_only_the_secret_of_a_trusted_system_opens_the_door() -> None:
    peer, token = a_token()
    basic = base64.b64encode(f"{peer.ae_title}:{token}".encode()).decode()
    assert post("", body(dicom()), authorization=f"Basic {basic}").status_code == 200
    wrong = base64.b64encode(f"OTHER:{token}".encode()).decode()
    for shown in ("", "Bearer ", "Bearer wrong", f"Basic {wrong}", "Basic ???", f"Digest {token}"):
        answer = post("", body(dicom(instance="1.9")), authorization=shown)
        assert answer.status_code == 401, shown
        assert "Bearer" in answer["WWW-Authenticate"]
    _same, newer = a_token(peer)
    assert post(token, body(dicom())).status_code == 401
    assert post(newer, body(dicom())).status_code == 200
    peers.trust_peer(by=cast.actor("askhat"), peer=peer.pk, trusted=False)
    assert post(newer, body(dicom())).status_code == 401
    assert StudyFile.objects.count() == 1
    peer.refresh_from_db()
    assert newer not in str(list(DicomPeer.objects.values()))


def test_somebody_who_is_signed_in_has_no_right_by_that() -> None:
    content = body(dicom())
    for name in ("askhat", "saule", "aigul"):
        answer = cast.client(name).post("/proton/dicomweb/studies", content, content_type=KIND)
        assert answer.status_code == 401
    assert Client().get("/proton/dicomweb/studies").status_code == 405


def test_a_request_that_cannot_be_read_is_told_why() -> None:
    _peer, token = a_token()
    assert post(token, body(dicom()), kind="application/json").status_code == 415
    assert post(token, body(dicom()), kind=KIND.replace("dicom", "dicom+xml")).status_code == 415
    assert post(token, body(dicom()), accept="application/dicom+xml").status_code == 406
    assert post(token, body(dicom()), kind=KIND.partition("; bound")[0]).status_code == 400
    assert post(token, body(dicom())[:-30]).status_code == 400
    assert post(token, body()).status_code == 400
    assert not Study.objects.exists()


def test_too_much_and_too_often_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _peer, token = a_token()
    monkeypatch.setattr(dicomweb, "LARGEST", 100)
    assert post(token, body(dicom())).status_code == 413
    monkeypatch.undo()
    monkeypatch.setattr(dicomweb, "MOST_PARTS", 1)
    assert post(token, body(dicom(), dicom(instance="1.9"))).status_code == 400
    monkeypatch.setattr(receiving, "MOST_FILES", 0)
    full = post(token, body(dicom()))
    assert full.status_code == 409
    assert full.json()["00081198"]["Value"][0]["00081197"]["Value"] == [0xA700]
    monkeypatch.setattr(dicomweb, "A_MINUTE", 2)
    assert post(token, body(dicom())).status_code == 429
    monkeypatch.setattr(places, "SPARE", 1 << 60)
    assert post(token, body(dicom())).status_code == 503
    monkeypatch.setattr(dicomweb, "WRONG_A_MINUTE", 0)
    assert [post("x", b"").status_code for _n in range(2)] == [401, 429]
    assert not StudyFile.objects.exists()


def test_a_body_in_chunks_is_read_to_its_end() -> None:
    _peer, token = a_token()
    request = WSGIRequest(
        {
            "REQUEST_METHOD": "POST", "PATH_INFO": "/proton/dicomweb/studies",
            "SERVER_NAME": "testserver", "SERVER_PORT": "80", "CONTENT_TYPE": KIND,
            "HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_TRANSFER_ENCODING": "chunked",
            "wsgi.input": io.BytesIO(body(dicom())), "wsgi.input_terminated": True,
        }
    )  # fmt: skip
    assert dicomweb.store(request).status_code == 200
    assert StudyFile.objects.count() == 1


def test_orthanc_sends_a_study_by_stow(
    orthanc: Orthanc, live_server: Any, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads(monkeypatch, Found(a_study()))
    case = a_case()
    _peer, token = a_token()
    folder = a_real_folder(storage, case)
    for path in folder.iterdir():
        orthanc.ask("POST", "/instances", path.read_bytes())
    server = {
        "Url": f"{live_server.url}/proton/dicomweb/", "ChunkedTransfers": "0",
        "HttpHeaders": {"Authorization": f"Bearer {token}"},
    }  # fmt: skip
    orthanc.ask("PUT", "/dicom-web/servers/sapar", server)
    [study] = orthanc.ask("GET", "/studies")
    done = orthanc.ask(
        "POST", "/dicom-web/servers/sapar/stow", {"Resources": [study], "Synchronous": True}
    )
    assert done["InstancesCount"] in {23, "23"}
    jobs.close_received()
    assert Study.objects.get().state == "receiving"
    quiet()
    row = Study.objects.get()
    assert (row.state, row.case_id, row.count) == ("ready", case.pk, 23)
    want = {path.read_bytes() for path in folder.iterdir()}
    assert {path.read_bytes() for path in places.files_folder(row.pk).iterdir()} == want
    worked()
