"""Orthanc sends to us and is the archive that we send to; and the commands of the DICOM network."""

from __future__ import annotations

import io
import socket
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from sapar.cli.main import sapar
from sapar.kernel.errors import RefusedError
from sapar.proton.adapters.dicom import send
from sapar.proton.adapters.intake import places, spool
from sapar.proton.models import Study, StudyFile
from tests.proton.selection.intake import Found, a_case, a_study, dicom, reads
from tests.proton.selection.test_cstore import (
    HERE,
    _settled,
    a_peer,
    folder_of,
    listening,
    quiet,
    storage,
)
from tests.support import orthanc as ground
from tests.support.orthanc import Orthanc, free_port, orthanc, orthanc_server

if TYPE_CHECKING:
    from pathlib import Path

    from sapar.proton.adapters.dicom.receive import Receiver

__all__ = ["listening", "orthanc", "orthanc_server", "storage"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.allow_hosts([HERE, "::1"])]
ROOT = "1.2.826.0.1.3680043.2.1125"


def a_real_folder(place: Path, case: Any) -> Path:
    """A series of 23 slices of a case."""
    said = {"AccessionNumber": case.number, "PatientBirthDate": "20190314"}
    slices = {
        f"s{n}": dicom(
            instance=f"{ROOT}.{n}", study=ROOT, SeriesInstanceUID=f"{ROOT}.99", rows=64, **said
        )
        for n in range(1, 24)
    }
    return folder_of(place, **slices)


def tags_of(content: bytes) -> Any:
    from pydicom import dcmread

    read = dcmread(io.BytesIO(content))
    return {element.tag: element.value for element in read if element.tag.group != 0x0002}


def test_orthanc_sends_a_study_by_c_store(
    orthanc: Orthanc, listening: tuple[Receiver, int], storage: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    receiver, port = listening
    reads(monkeypatch, Found(a_study()))
    case, _peer = a_case(), a_peer()
    for path in a_real_folder(storage, case).iterdir():
        orthanc.ask("POST", "/instances", path.read_bytes())
    orthanc.ask("PUT", "/modalities/sapar", ["SAPAR", HERE, port])
    orthanc.ask("POST", "/modalities/sapar/echo", {})
    [study] = orthanc.ask("GET", "/studies")
    job = orthanc.ask("POST", "/modalities/sapar/store", {"Resources": [study]})
    assert (job["InstancesCount"], job["FailedInstancesCount"]) == (23, 0)
    _settled(receiver)
    quiet()
    row = Study.objects.get()
    assert (row.state, row.case_id, row.count) == ("ready", case.pk, 23)
    theirs = orthanc.instances()
    for path in places.files_folder(row.pk).iterdir():
        ours = path.read_bytes()
        uid = spool.read_header(path).sop_instance
        assert tags_of(ours) == tags_of(theirs[uid])


def test_orthanc_is_the_archive_that_we_send_to_both_ways(orthanc: Orthanc, storage: Path) -> None:
    folder = a_real_folder(storage, a_case())
    (folder / "notes.txt").write_text("no DICOM")
    want = {
        spool.read_header(path).sop_instance: path.read_bytes() for path in folder.glob("*.dcm")
    }
    done = send.store(folder, host=HERE, port=orthanc.port, called="ORTHANC", calling="SAPAR")
    assert (done.count, done.left_out) == (23, ("notes.txt",))
    assert {u: tags_of(c) for u, c in orthanc.instances().items()} == {
        u: tags_of(c) for u, c in want.items()
    }
    orthanc.empty()
    assert send.stow(folder, url=f"{orthanc.http}/dicom-web").count == 23
    assert orthanc.instances() == want  # byte for byte
    with pytest.raises(RefusedError, match="send_refused"):
        send.store(folder, host=HERE, port=free_port(), called="ORTHANC", calling="SAPAR")
    with pytest.raises(RefusedError, match="send_refused"):
        send.stow(folder, url=f"{orthanc.http}/nothing-here")


def test_without_orthanc_the_tests_are_left_out_and_fail_in_ci(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ground, "program", lambda: None)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception):
        ground.require()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception):
        ground.require()


# The commands.


def call(*words: str) -> Any:
    return CliRunner().invoke(sapar, ["--language", "en", "proton", *words])


def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as taken:
        taken.bind((HERE, 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = call("receive", "--port", port)
    assert said.exit_code == 9
    assert port in said.output
    assert "Choose another port" in said.output


def test_a_folder_is_sent_by_command(listening: tuple[Receiver, int], storage: Path) -> None:
    receiver, port = listening
    a_peer("CLINIC")
    folder = folder_of(storage, a=dicom(), b=dicom(instance="1.2.3.8"))
    (folder / "c.txt").write_text("x")
    said = call("send", str(folder), "--to", f"SAPAR@{HERE}:{port}", "--aet", "CLINIC")
    assert (said.exit_code, said.stdout.strip()) == (0, "Sent: 2. Left out: 1.")
    _settled(receiver)
    assert StudyFile.objects.count() == 2
    for wrong in ([], ["--to", "x"], ["--to", f"A@{HERE}:1", "--web", "http://x"]):
        assert call("send", str(folder), *wrong).exit_code == 2
    assert call("send", str(folder), "--to", f"SAPAR@{HERE}:{port}", "--aet", "X").exit_code == 8
