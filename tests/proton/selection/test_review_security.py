"""What a review for security and privacy has found: each stays mended."""

from __future__ import annotations

import io
import stat
import struct
import tarfile
import zipfile
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from sapar.kernel import context
from sapar.kernel.actors import Actor
from sapar.kernel.audit.models import AuditEvent
from sapar.kernel.errors import InvalidInputError, NotFoundError, RefusedError
from sapar.kernel.records import new_id
from sapar.people import actions as people
from sapar.proton.actions import outcomes, peers, questionnaires, receiving, selection, studies
from sapar.proton.adapters import volumes
from sapar.proton.adapters.intake import keeping, places, spool
from sapar.proton.adapters.intake.unpack import Limits, unpack
from sapar.proton.engine.outcomes.observed import Foretold
from sapar.proton.models import (
    Course,
    DicomPeer,
    PanelOpinion,
    Questionnaire,
    Selection,
    Study,
    Visit,
)
from sapar.proton.queries import registry
from sapar.proton.queries.outcome_data import library
from sapar.proton.queries.predictions import compared
from tests import cast
from tests.proton.selection import choosing
from tests.proton.selection.intake import OTHER_PERSON, a_case, a_study, dicom, zipped
from tests.proton.selection.outcome_worlds import answered, foretell, mother_of, planned, treated

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from sapar.proton.adapters.intake.unpack import Unpacked


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT, settings.VAR = tmp_path / "files", tmp_path
    return tmp_path


def opened(content: bytes, place: Path, **limits: Any) -> Unpacked:
    package, folder = place / "package", place / "contents"
    package.write_bytes(content)
    folder.mkdir()
    return unpack(package, folder, limits=Limits(**limits))


def codes(found: Unpacked) -> list[str]:
    return [each.code for each in found.problems]


# Packages.


@pytest.mark.parametrize("comment", [0, 65_535])
def test_a_zip_whose_small_record_hides_a_huge_list_is_refused_before_it_is_read(
    storage: Path, monkeypatch: pytest.MonkeyPatch, comment: int
) -> None:
    size = 1_000_000  # of the list; 100 files need no more than 34,600
    end_64 = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 9, 9, size, 0)
    # The locator leads elsewhere; `zipfile` looks right before it, whatever the end announces.
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1)
    end = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, 9, 9, 46, 0, comment)
    lie = b"PK\x03\x04" + b"\0" * (size - 4) + end_64 + locator + end + b"c" * comment
    read: list[int] = []
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_a, **_k: read.append(1))
    assert codes(opened(lie, storage, files=100)) == ["proton.study.bomb_count"]
    assert not read


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.REGTYPE])
def test_a_tar_of_endless_links_or_empty_files_ends(storage: Path, kind: bytes) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for number in range(12):
            member = tarfile.TarInfo(f"{number}")
            member.type, member.linkname = kind, "x" if kind == tarfile.SYMTYPE else ""
            archive.addfile(member)
    found = opened(out.getvalue(), storage, files=10)
    assert "proton.study.bomb_count" in codes(found)
    assert found.refused


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_broken_data_of_any_method_are_a_finding_and_no_crash(storage: Path, method: int) -> None:
    content = bytearray(zipped({"a": bytes(range(256)) * 8}, method=method))
    content[45:80] = b"\xff" * 35
    found = opened(bytes(content), storage)
    assert codes(found) == ["proton.study.package_broken"]


def test_what_was_read_of_a_patient_is_readable_for_the_service_alone(storage: Path) -> None:
    volumes.keep(a_study(), storage / "derived")
    assert stat.S_IMODE((storage / "derived").stat().st_mode) == 0o700


# What comes over the network.


def a_peer(address: str = "10.1.0.0/16") -> DicomPeer:
    key = peers.add_peer(
        by=cast.actor("askhat"), organisation=cast.organisation("osh-regional-hospital").pk,
        ae_title="PACS", address=address, trusted=True,
    )  # fmt: skip
    return DicomPeer.objects.get(pk=key)


def arrived(peer: DicomPeer, content: bytes) -> Study:
    made = spool.spool(io.BytesIO(content), spool.batch(peer.pk))
    machine = Actor.machine("dicom")
    [key] = receiving.take_instances(by=machine, peer=peer.pk, instances=[made], source="stow")
    receiving.close_received(by=Actor.machine("tick"), study=key)
    return Study.objects.get(pk=key)


@pytest.mark.django_db
def test_an_id_that_a_sender_uses_again_leads_no_other_patient_into_a_case() -> None:
    case, peer = a_case(), a_peer()
    first = arrived(peer, dicom(PatientID="0", AccessionNumber=case.number))
    assert (first.case_id, first.number) == (case.pk, 1)
    same = arrived(peer, dicom(PatientID="0", instance="1.2.8", PatientBirthDate="20190314"))
    assert (same.case_id, same.number) == (case.pk, 2)
    other = arrived(peer, dicom(PatientID="0", instance="1.2.9", PatientBirthDate="19500101"))
    assert (other.case_id, other.number) == (None, 0)
    assert [each["code"] for each in other.findings] == ["proton.study.birth_differs"]
    assert other.sent["birth_date"] == ["19500101"]


@pytest.mark.django_db
@pytest.mark.parametrize("known", ["0", "", "anonymous", " Test", "P7"])
def test_an_id_that_stands_for_nobody_joins_only_what_is_of_one_study(known: str) -> None:
    case, peer = a_case(), a_peer()
    given = arrived(peer, dicom(PatientID=known, AccessionNumber=case.number))
    assert given.case_id == case.pk
    other = arrived(peer, dicom(PatientID=known, instance="1.2.8", study="1.2.99"))
    assert other.case_id is None
    same = arrived(peer, dicom(PatientID=known, instance="1.2.9"))
    assert same.case_id == case.pk


@pytest.mark.django_db
def test_another_birth_date_stays_said_when_it_is_read_after_somebody_was_sure() -> None:
    case, peer = a_case(), a_peer()
    row = arrived(peer, dicom(PatientBirthDate="19500101"))
    by = cast.actor("saule")
    receiving.assign_study(by=by, study=row.pk, number=case.number, sure=True)
    # The reader looks at some of the files only: here at none that says it.
    studies.keep_reading(by=Actor.machine("worker"), study=row.pk, outcome={"findings": []})
    row.refresh_from_db()
    assert (row.state, row.case_id) == ("ready", case.pk)
    assert [each["code"] for each in row.findings] == OTHER_PERSON


def test_nothing_that_is_shown_turns_the_text_beside_it_round() -> None:
    from pydicom.dataset import Dataset

    from sapar.proton.adapters.dicom import tags

    data = Dataset()
    data.SpecificCharacterSet = "ISO_IR 192"
    data.StudyDescription = "a\u202eb\u2066c"
    assert tags.text(data, "StudyDescription") == "abc"
    assert tags.texts(data, "StudyDescription") == ("abc",)
    assert keeping.shown("a\u202eb\u2069") == "a\ufffdb\ufffd"


@pytest.mark.django_db
def test_the_trail_holds_no_digest_of_a_comparison() -> None:
    row = choosing.compared(choosing.a_case())
    said = AuditEvent.objects.get(action="proton.keep_selection")
    assert said.what == {"number": row.number}


def test_a_folder_that_a_request_still_fills_is_not_taken_for_one_that_was_left() -> None:
    folder = spool.batch(new_id())
    with spool.holding(folder):
        assert spool.is_held(folder)
    assert not spool.is_held(folder)
    places.remove(folder)
    assert spool.is_held(folder)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["0.0.0.0/0", "::/0"])
def test_no_system_is_let_in_from_everywhere(address: str) -> None:
    with pytest.raises(InvalidInputError, match=r"proton\.peer\.address"):
        a_peer(address)


@pytest.mark.django_db
def test_a_piece_of_an_upload_is_refused_once_the_disk_is_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    by, case = cast.actor("aigul"), a_case()
    key, _again = studies.begin_upload(by=by, case=case.pk, name="a.zip", total=3)
    monkeypatch.setattr(places, "SPARE", 1 << 62)
    with pytest.raises(RefusedError, match="no_room"):
        studies.append(by=by, upload=key, offset=0, source=io.BytesIO(b"abc"))
    assert places.size_of(places.upload_file(key)) == 0


# After somebody was erased.


@pytest.mark.django_db
def test_nothing_is_written_any_more_of_who_was_erased() -> None:
    case, _course = treated(ended=30)
    marat, today = cast.actor("marat"), timezone.localdate()
    visit: dict[str, Any] = {
        "by": marat,
        "case": case.pk,
        "on": today,
        "occasion": "follow-up",
        "grades": {},
    }
    outcomes.record_visit(**visit, text="well")
    foretell(case)
    version = Selection.objects.get(case=case).pk
    assert case.person_id is not None
    people.erase(by=cast.actor("madina"), person=case.person_id, reason="asked for it")
    with pytest.raises(NotFoundError, match="no_course"):
        outcomes.record_visit(**visit, text="a fever")
    with pytest.raises(NotFoundError, match="no_course"):
        outcomes.record_outcome(by=marat, case=case.pk, version=0, values={}, targets=[])
    with pytest.raises(RefusedError, match="person_erased"):
        selection.decide(by=marat, selection=version, chosen="photons", reason="her mother")
    assert not Visit.objects.exists()
    assert not PanelOpinion.objects.exists()


# Outcomes.


def severe(course: Course, by: Actor) -> UUID:
    form = next(each for each in planned(course) if each.occasion)
    with context.writing_as("fixture"):
        Questionnaire.objects.filter(pk=form.pk).update(
            opens=timezone.localdate() - timedelta(days=1),
            closes=timezone.localdate() + timedelta(days=1),
        )
    answered(by, form.pk, 4)
    questionnaires.send(by=by, form=form.pk)
    return form.pk


@pytest.mark.django_db
def test_the_trail_does_not_say_how_bad_it_was_and_an_old_severe_answer_stays_on_the_list() -> None:
    case, course = treated(ended=400)
    form = severe(course, mother_of(case))
    for ended in (200, 201):
        treated(ended=ended)
    lines = registry.entries(cast.actor("marat"), timezone.localdate(), most=2)
    assert next(line.facts.case for line in lines) == case.pk
    assert lines[0].severe == (form,)
    questionnaires.handle_severe(by=cast.actor("marat"), form=form, version=None, how="called")
    said = AuditEvent.objects.filter(
        action__in=["proton.send_questionnaire", "proton.handle_severe"]
    )
    assert said.count() == 2
    for each in said:
        assert "severe" not in str(each.what)
        assert "called" not in str(each.what)


def test_no_small_group_is_found_by_taking_the_others_from_all_sites() -> None:
    def some(group: str, count: int) -> list[Foretold]:
        return [
            Foretold("xerostomia-2", 0.1 + 0.8 * n / count, n % 2, group, "m") for n in range(count)
        ]

    endpoint = next(iter(library().endpoints))
    large = [replace(row, endpoint=endpoint) for row in some("brain", 40) + some("chest", 60)]
    small = [replace(row, endpoint=endpoint) for row in some("pelvis", 4)]

    def hidden(rows: list[Foretold], group: str, *, shared: bool = True) -> bool:
        return compared(rows, shared=shared, group=group)[0].calibration.suppressed

    assert not hidden(large, "brain")
    assert not hidden(large + small, "")
    assert [hidden(large + small, name) for name in ("brain", "chest", "pelvis")] == [True] * 3
    assert not hidden(large + small, "brain", shared=False)
