"""The DICOM network: who is let in, what is kept, whose it is."""

from __future__ import annotations

import io
import os
import tempfile
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.utils import timezone

from sapar.kernel import context
from sapar.kernel.actors import Actor
from sapar.kernel.audit.models import AuditEvent
from sapar.kernel.errors import InvalidInputError, NotAllowedError, RefusedError, StaleVersionError
from sapar.proton.actions import peers, receiving
from sapar.proton.adapters.dicom import send
from sapar.proton.adapters.dicom.receive import Receiver
from sapar.proton.adapters.intake import places, spool
from sapar.proton.jobs import studies as jobs
from sapar.proton.models import DicomPeer, Study, StudyFile
from sapar.proton.queries import studies as queries
from sapar.values.statements import Problem
from tests import cast
from tests.proton.selection.intake import (
    OTHER_PERSON,
    Found,
    a_case,
    a_study,
    dicom,
    reads,
    worked,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.allow_hosts(["127.0.0.1", "::1"]),
]
HERE = "127.0.0.1"


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", tempfile.tempdir)  # a receiver sets its own
    settings.MEDIA_ROOT, settings.VAR = tmp_path / "files", tmp_path
    return tmp_path


def a_peer(title: str = "ORTHANC", *, address: str = HERE, of: str = "osh-regional-hospital",
           trusted: bool = True) -> DicomPeer:  # fmt: skip
    key = peers.add_peer(
        by=cast.actor("askhat"), organisation=cast.organisation(of).pk, ae_title=title,
        address=address, trusted=trusted,
    )  # fmt: skip
    return DicomPeer.objects.get(pk=key)


@pytest.fixture
def listening(storage: Path) -> Iterator[tuple[Receiver, int]]:
    made = Receiver("SAPAR")
    yield made, made.start(HERE, 0)
    made.stop()


def folder_of(place: Path, **files: bytes) -> Path:
    folder = place / "to-send"
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.dcm").write_bytes(content)
    return folder


def sent(port: int, folder: Path, *, title: str = "ORTHANC", called: str = "SAPAR") -> int:
    return send.store(folder, host=HERE, port=port, called=called, calling=title).count


def quiet() -> None:
    """Let the minute pass after which a study is complete, and everything be worked on."""
    later = timezone.now() - 2 * receiving.QUIET
    with context.writing_as("fixture"):
        Study.objects.filter(state="receiving").update(last_at=later)
    jobs.close_received()
    worked()


def spooled(peer: DicomPeer, *contents: bytes) -> list[Any]:
    folder = spool.batch(peer.pk)
    found = [spool.spool(io.BytesIO(content), folder) for content in contents]
    return receiving.take_instances(
        by=Actor.machine("dicom"), peer=peer.pk, instances=found, source="c-store"
    )


# Who is let in.


def test_only_a_trusted_title_from_its_own_address_is_let_in(
    listening: tuple[Receiver, int], storage: Path
) -> None:
    _receiver, port = listening
    folder = folder_of(storage, a=dicom())
    for reason in ("unknown", "distrusted", "elsewhere", "called otherwise"):
        if reason == "distrusted":
            a_peer("DOUBTED", trusted=False)
        if reason == "elsewhere":
            a_peer("ELSEWHERE", address="10.1.0.0/16")
        title = {"distrusted": "DOUBTED", "elsewhere": "ELSEWHERE"}.get(reason, "NOBODY")
        if reason == "called otherwise":
            title = a_peer("RIGHT").ae_title
        called = "OTHER" if reason == "called otherwise" else "SAPAR"
        with pytest.raises(RefusedError, match="send_refused"):
            sent(port, folder, title=title, called=called)
    assert not StudyFile.objects.exists()
    assert sent(port, folder, title="RIGHT") == 1


def test_an_instance_that_is_too_large_is_broken_off_while_it_comes(
    listening: tuple[Receiver, int], storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pydicom import dcmread
    from pynetdicom import AE
    from pynetdicom.sop_class import CTImageStorage

    _receiver, port = listening
    a_peer()
    monkeypatch.setattr(spool, "LARGEST", 100_000)
    most: list[int] = []
    removed = places.remove

    def remove(path: Path) -> None:
        if path.parent == places.network_folder():
            most.append(path.stat().st_size)
        removed(path)

    monkeypatch.setattr(places, "remove", remove)
    ae = AE(ae_title="ORTHANC")
    ae.add_requested_context(CTImageStorage, "1.2.840.10008.1.2.1")
    assoc = ae.associate(HERE, port, ae_title="SAPAR")
    for number in range(3):  # each small enough; together they are not
        small = dcmread(io.BytesIO(dicom(instance=f"1.2.3.{number}", rows=400)))
        assert assoc.send_c_store(small).Status == 0
    large = dcmread(io.BytesIO(dicom(instance="1.2.3.9", rows=60_000)))  # 7.7 MB
    assert "Status" not in assoc.send_c_store(large)
    until = time.monotonic() + 10
    while not (assoc.is_aborted and most) and time.monotonic() < until:
        time.sleep(0.02)
    assert assoc.is_aborted
    [size] = most
    assert size < 1_000_000
    assert not list(places.network_folder().iterdir())


def test_one_that_is_distrusted_while_it_sends_leaves_nothing(
    listening: tuple[Receiver, int], storage: Path
) -> None:
    receiver, port = listening
    peer = a_peer()
    from pynetdicom import AE
    from pynetdicom.sop_class import CTImageStorage, Verification

    ae = AE(ae_title="ORTHANC")
    ae.add_requested_context(CTImageStorage)
    ae.add_requested_context(Verification)
    assoc = ae.associate(HERE, port, ae_title="SAPAR")
    assert assoc.send_c_echo().Status == 0
    folder = folder_of(storage, a=dicom())
    assert assoc.send_c_store(folder / "a.dcm").Status == 0
    peers.trust_peer(by=cast.actor("askhat"), peer=peer.pk, trusted=False)
    assoc.release()
    _settled(receiver)
    assert not Study.objects.exists()
    assert not [path for path in places.spool_folder(peer.pk).rglob("*") if path.is_file()]


def _settled(receiver: Receiver) -> None:
    """Wait until every association has ended and what it brought is recorded."""
    until = time.monotonic() + 10
    while (receiver._sending or receiver.recording) and time.monotonic() < until:
        time.sleep(0.02)
    assert not receiver._sending


@pytest.mark.parametrize("who", ["saule", "marat", "aigul", "timur", "madina"])
def test_only_an_administrator_or_physicist_lets_systems_in(who: str) -> None:
    with pytest.raises(NotAllowedError):
        peers.add_peer(
            by=cast.actor(who), organisation=cast.organisation("osh-regional-hospital").pk,
            ae_title="X", address=HERE, trusted=True,
        )  # fmt: skip
    peer = a_peer()
    for change in (
        lambda by: peers.trust_peer(by=by, peer=peer.pk, trusted=False),
        lambda by: peers.new_token(by=by, peer=peer.pk),
        lambda by: peers.stop_peer(by=by, peer=peer.pk),
    ):
        with pytest.raises(NotAllowedError):
            change(cast.actor(who))


def test_a_system_needs_a_title_an_address_and_an_owner() -> None:
    by = cast.actor("yerlan")
    with pytest.raises(InvalidInputError) as wrong:
        peers.add_peer(
            by=by, organisation=cast.organisation("payer-kz").pk, ae_title="A\\B", address="tps.kg"
        )
    assert {p.where for p in wrong.value.problems} == {"ae_title", "address", "organisation"}
    first = a_peer("TPS")
    with pytest.raises(RefusedError, match="taken"):
        a_peer("TPS")
    peers.stop_peer(by=by, peer=first.pk)
    assert a_peer("TPS").pk != first.pk
    assert peers.within("::ffff:10.1.2.3", "10.1.0.0/16")
    assert not peers.within("10.2.0.1", "10.1.0.0/16")
    assert not peers.within("nonsense", "10.1.0.0/16")


# Whose it is.


def test_what_fits_exactly_goes_to_its_case_and_is_read(
    listening: tuple[Receiver, int], storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver, port = listening
    reads(monkeypatch, Found(a_study()))
    case, peer = a_case(), a_peer()
    files = {
        f"f{n}": dicom(instance=f"1.2.3.{n}", AccessionNumber=case.number,
                       PatientBirthDate="20190314") for n in range(1, 6)
    }  # fmt: skip
    assert sent(port, folder_of(storage, **files)) == 5
    _settled(receiver)
    assert Study.objects.get().state == "receiving"
    jobs.close_received()
    assert Study.objects.get().state == "receiving"  # a part may still come
    quiet()
    row = Study.objects.get()
    assert (row.state, row.case_id, row.number, row.count) == ("ready", case.pk, 1, 5)
    assert (row.source, row.peer_id, row.sent) == ("c-store", peer.pk, {})
    assert queries.study_of(case.pk) is not None
    assert AuditEvent.objects.filter(action="proton.close_received", root_id=case.pk).exists()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "no_case"),
        ({"AccessionNumber": "{number}0"}, "no_case"),
        ({"AccessionNumber": "{draft}"}, "no_case"),
        ({"AccessionNumber": "{declined}"}, "no_case"),
        ({"AccessionNumber": "{foreign}"}, "no_case"),
        ({"AccessionNumber": "{number}", "PatientID": "{second}"}, "two_cases"),
        ({"AccessionNumber": "{number}", "PatientBirthDate": "20190315"}, "birth_differs"),
    ],
)
def test_nothing_is_guessed(
    said: dict[str, str], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads(monkeypatch, Found(a_study()))
    cases = {
        "number": a_case(), "second": a_case(), "draft": a_case("draft"),
        "declined": a_case("declined"), "foreign": a_case(by="bakyt"),
    }  # fmt: skip
    numbers = {name: case.number for name, case in cases.items()}
    peer = a_peer()
    spooled(peer, dicom(**{name: value.format(**numbers) for name, value in said.items()}))
    quiet()
    row = Study.objects.get()
    assert (row.state, row.case_id) == ("ready", None)
    assert [each["code"] for each in row.findings] == [f"proton.study.{why}"]
    seen = [each.id for each in queries.inbox(cast.actor("saule"))]
    assert seen == [row.pk]
    assert [each.id for each in queries.inbox(cast.actor("askhat"))] == seen
    for who in ("aigul", "marat", "almaty", "timur"):
        assert queries.inbox(cast.actor(who)) == ()


def test_a_patient_id_that_is_the_cases_number_fits_too_and_the_centres_own_archive_sends_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads(monkeypatch, Found(a_study()))
    case = a_case(by="bakyt")
    own = a_peer("PACS", of="proton-astana")
    spooled(own, dicom(PatientID=case.number))
    quiet()
    assert Study.objects.get().case_id == case.pk


def test_a_coordinator_gives_a_study_its_case_and_is_stopped_by_another_birth_date(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads(monkeypatch, Found(a_study()))
    case, peer, by = a_case(), a_peer(), cast.actor("saule")
    spooled(peer, dicom(PatientBirthDate="20010101", PatientID="KG-1"))
    row = Study.objects.get()
    give = {"by": by, "study": row.pk, "number": case.number}
    with pytest.raises(RefusedError, match="still_arriving"):
        receiving.assign_study(**give)
    quiet()
    row.refresh_from_db()
    with pytest.raises(InvalidInputError, match="case_unknown"):
        receiving.assign_study(**{**give, "number": "S-2020-000001"})
    with pytest.raises(RefusedError, match="birth_differs"):
        receiving.assign_study(**give)
    with pytest.raises(StaleVersionError):
        receiving.assign_study(**give, sure=True, version=row.version - 1)
    for who in ("aigul", "marat", "almaty"):
        with pytest.raises(NotAllowedError):
            receiving.assign_study(**{**give, "by": cast.actor(who)}, sure=True)
    assert receiving.assign_study(**give, sure=True, version=row.version) == case.pk
    row.refresh_from_db()
    assert (row.case_id, row.number, row.sent) == (case.pk, 1, {})
    # Whoever looks at the case still sees it.
    assert [each["code"] for each in row.findings] == OTHER_PERSON
    with pytest.raises(NotAllowedError):
        receiving.assign_study(**give, sure=True)
    # What the same sender sends of the same patient id later is known to be this case's.
    spooled(peer, dicom(instance="1.2.3.77", PatientID="KG-1"))
    quiet()
    later = Study.objects.order_by("-created_at")[0]
    assert (later.case_id, later.number, later.count) == (case.pk, 2, 1)


def test_a_part_that_comes_late_completes_what_could_not_be_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case, peer = a_case(), a_peer()
    reads(monkeypatch, Found(a_study(), (Problem.of("proton.study.no_dose"),)))
    spooled(peer, dicom(AccessionNumber=case.number))
    quiet()
    assert Study.objects.get().state == "refused"
    reads(monkeypatch, Found(a_study()))
    spooled(peer, dicom(instance="1.2.3.9", AccessionNumber=case.number))
    spooled(peer, dicom(instance="1.2.3.9", AccessionNumber=case.number))  # and once more
    quiet()
    row = Study.objects.order_by("-number")[0]
    assert (row.state, row.number, row.count) == ("ready", 2, 2)
    assert len(list(places.files_folder(row.pk).iterdir())) == 2


def test_a_study_of_nobody_is_removed_by_hand_or_after_a_month(storage: Path) -> None:
    peer = a_peer()
    for number in (1, 2):
        spooled(peer, dicom(PatientID=f"P{number}", PatientName="Somebody^Else"))
    first, second = Study.objects.order_by("created_at")
    with context.writing_as("fixture"):
        Study.objects.update(state="ready")
        long_ago = timezone.now() - receiving.FORGOTTEN - timedelta(days=1)
        Study.objects.filter(pk=second.pk).update(created_at=long_ago)
    with pytest.raises(NotAllowedError):
        receiving.discard_study(by=cast.actor("marat"), study=first.pk)
    receiving.discard_study(by=cast.actor("saule"), study=first.pk)
    jobs.tidy_uploads()
    assert set(Study.objects.values_list("state", flat=True)) == {"erased"}
    assert "Else" not in str(list(Study.objects.values()))
    assert not [p for p in (storage / "files").rglob("*") if p.is_file()]


def left_by_a_killed_process(peer: DicomPeer, content: bytes) -> Path:
    folder = spool.batch(peer.pk)
    spool.spool(io.BytesIO(content), folder)
    (folder / ".half").write_bytes(b"\0" * 128 + b"DICM")
    return folder


def test_what_a_killed_process_left_is_taken_up_at_the_next_start_or_by_the_tick() -> None:
    peer = a_peer()
    first = left_by_a_killed_process(peer, dicom())
    receiver = Receiver("SAPAR")
    receiver.start(HERE, 0)
    receiver.stop()
    assert StudyFile.objects.count() == 1
    assert not first.exists()
    second = left_by_a_killed_process(peer, dicom(instance="1.2.3.2"))
    jobs.tidy_uploads()
    assert second.exists()  # somebody may still be writing to it
    os.utime(second, (0, 0))
    with transaction.atomic():
        jobs.tidy_uploads()
    assert StudyFile.objects.count() == 2
    assert not second.exists()
