"""A delivery from its first byte to the study that counts, and to its erasing."""

from __future__ import annotations

import hashlib
import io
import json
import os
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.conf import settings as configured
from django.utils import timezone

from sapar.kernel import context
from sapar.kernel.actors import Actor
from sapar.kernel.audit import chain
from sapar.kernel.errors import InvalidInputError, NotAllowedError, RefusedError
from sapar.kernel.jobs.worker import drain
from sapar.kernel.roles import Role
from sapar.people import actions as people
from sapar.proton.actions import studies
from sapar.proton.adapters.intake import parts, places
from sapar.proton.adapters.volumes import StoredStudy
from sapar.proton.jobs import studies as jobs
from sapar.proton.models import Study, StudyFile, Upload
from sapar.proton.queries import studies as queries
from sapar.values.statements import Problem
from tests import cast
from tests.proton.selection.intake import (
    OTHER_PERSON,
    Found,
    a_case,
    a_study,
    blocks,
    delivered,
    dicom,
    reads,
    upload,
    zipped,
)

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT, settings.VAR = tmp_path / "files", tmp_path
    return tmp_path


FILES = {"CT/1.dcm": dicom(), "CT/2.dcm": dicom(instance="1.2.3.4.2")}


def test_a_delivery_is_unpacked_by_content_read_and_counts(
    monkeypatch: pytest.MonkeyPatch, storage: Path
) -> None:
    seen = reads(monkeypatch, Found(a_study()))
    case = a_case()
    row = delivered(case, FILES)
    assert row.state == "ready"
    assert (row.number, row.count, row.source) == (1, 2, "upload")
    hashes = sorted(hashlib.sha256(content).hexdigest() for content in FILES.values())
    assert sorted(path.name for path in seen[0].iterdir()) == hashes
    assert sorted(StudyFile.objects.values_list("sha256", flat=True)) == hashes
    assert row.sha256 == hashlib.sha256("".join(f"{h}\n" for h in hashes).encode()).hexdigest()
    found = queries.study_of(case.pk)
    assert found is not None
    assert found.id == row.pk
    kept = StoredStudy(queries.folder_of(row.pk)).load()
    assert kept.doses[0].gy.sum() == 24
    assert not list((storage / "incoming" / "uploads").iterdir())


def test_an_upload_goes_on_where_it_broke_off_and_is_found_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads(monkeypatch, Found(a_study()))
    case, by, content = a_case(), cast.actor("aigul"), zipped(FILES)
    mark = hashlib.sha256(b"names and sizes").hexdigest()
    begin = {"case": case.pk, "name": "CT", "total": len(content), "fingerprint": mark}
    key, again = studies.begin_upload(by=by, **begin)
    assert not again
    assert studies.append(by=by, upload=key, offset=0, source=io.BytesIO(content[:700])) == 700
    found, again = studies.begin_upload(by=by, **begin)
    assert (found, again) == (key, True)
    assert queries.unfinished(by, case.pk)[0].have == 700
    with pytest.raises(parts.OffsetError) as away:
        studies.append(by=by, upload=key, offset=0, source=io.BytesIO(content))
    assert away.value.have == 700
    with pytest.raises(RefusedError, match="upload_short"):
        studies.finish_upload(by=by, upload=key)
    studies.append(by=by, upload=key, offset=700, source=io.BytesIO(content[700:]))
    made = studies.finish_upload(by=by, upload=key, blocks_sha256=blocks(content))
    drain()
    assert Study.objects.get(pk=made).state == "ready"
    with pytest.raises(RefusedError, match="upload_over"):
        studies.finish_upload(by=by, upload=key)


def test_two_people_of_one_hospital_do_not_write_into_one_file() -> None:
    case, content = a_case(), zipped(FILES)
    cast.member(cast.user("stranger"), "osh-regional-hospital", Role.REFERRER)
    mark = hashlib.sha256(b"the same folder").hexdigest()
    keys = [
        studies.begin_upload(
            by=cast.actor(who), case=case.pk, name="CT", total=len(content), fingerprint=mark
        )[0]
        for who in ("aigul", "stranger")
    ]
    assert keys[0] != keys[1]
    with pytest.raises(NotAllowedError):
        studies.append(by=cast.actor("stranger"), upload=keys[0], offset=0, source=io.BytesIO())
    with pytest.raises(NotAllowedError):
        studies.finish_upload(by=cast.actor("stranger"), upload=keys[0])


def test_bytes_that_changed_on_the_way_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = reads(monkeypatch, Found(a_study()))
    case, by, content = a_case(), cast.actor("aigul"), zipped(FILES)
    key, _again = studies.begin_upload(by=by, case=case.pk, name="x", total=len(content))
    studies.append(by=by, upload=key, offset=0, source=io.BytesIO(content))
    made = studies.finish_upload(by=by, upload=key, blocks_sha256=blocks(content + b"."))
    drain()
    assert queries.shown(made).state == "refused"
    assert [p.code for p in queries.shown(made).findings] == ["proton.study.changed"]
    assert not seen


def test_a_refused_study_names_its_reasons_and_a_new_one_takes_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = a_case()
    missing = Problem.of("proton.study.no_study", where="CT", value="3 of 90")
    reads(monkeypatch, Found(a_study(), (missing,)))
    refused = delivered(case, FILES)
    assert refused.state == "refused"
    assert queries.shown(refused.pk).findings == (missing,)
    assert queries.study_of(case.pk) is None
    reads(monkeypatch, Found(a_study()))
    first = delivered(case, {"a": dicom(instance="1.2.9")})
    second = delivered(case, {"a": dicom(instance="1.2.10")})
    first.refresh_from_db()
    assert first.superseded_by == second
    assert [each.number for each in queries.deliveries_of(case.pk)] == [3, 2, 1]
    counts = queries.study_of(case.pk)
    assert counts is not None
    assert counts.id == second.pk


def test_one_that_is_read_late_does_not_take_the_place_of_a_newer_one() -> None:
    case = a_case()
    older, newer = upload(case, zipped(FILES)), upload(case, zipped(FILES))
    told: list[tuple[UUID, UUID]] = []
    studies.on_ready.append(lambda about, study: told.append((about, study)))
    try:
        for row in (newer, older):
            studies.keep_reading(by=Actor.machine("w"), study=row.pk, outcome={"findings": []})
    finally:
        studies.on_ready.pop()
    older.refresh_from_db()
    assert older.superseded_by == newer
    assert told == [(case.pk, newer.pk)]


def test_of_several_studies_the_complete_one_with_most_doses_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bare = Found(a_study(), (Problem.of("proton.study.no_study"),))
    more = a_study()
    more = type(more)(None, (), more.doses * 2)
    reads(monkeypatch, bare, Found(a_study()), Found(more))
    row = delivered(a_case(), FILES)
    assert row.state == "ready"
    assert len(StoredStudy(queries.folder_of(row.pk)).load().doses) == 2
    assert [each["code"] for each in row.findings] == ["proton.study.several"]


def test_a_birth_date_of_somebody_else_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch, Found(a_study()))
    case = a_case()
    wrong = delivered(case, {"a": dicom(PatientBirthDate="19500101")})
    assert [each["code"] for each in wrong.findings] == OTHER_PERSON
    right = delivered(case, {"a": dicom(PatientBirthDate=f"{date(2019, 3, 14):%Y%m%d}")})
    assert right.findings == []


@pytest.mark.parametrize("who", ["saule", "askhat", "marat", "bakyt", "timur", "aizada_mother"])
def test_only_the_referrer_sends_and_only_while_the_case_is_open(who: str) -> None:
    case = a_case()
    with pytest.raises(NotAllowedError):
        studies.begin_upload(by=cast.actor(who), case=case.pk, name="x", total=10)
    over = a_case("declined")
    with pytest.raises(NotAllowedError):
        studies.begin_upload(by=cast.actor("aigul"), case=over.pk, name="x", total=10)


def test_what_is_too_large_or_too_many_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    case, by = a_case(), cast.actor("aigul")
    for total in (0, studies.LARGEST + 1):
        with pytest.raises(InvalidInputError):
            studies.begin_upload(by=by, case=case.pk, name="x", total=total)
    for _count in range(studies.MOST_OPEN):
        studies.begin_upload(by=by, case=case.pk, name="x", total=10)
    with pytest.raises(RefusedError, match="too_many_open"):
        studies.begin_upload(by=by, case=case.pk, name="x", total=10)
    monkeypatch.setattr(places, "SPARE", 1 << 60)
    studies.give_up_upload(by=by, upload=Upload.objects.filter(state="open")[0].pk)
    with pytest.raises(RefusedError, match="no_room"):
        studies.begin_upload(by=by, case=case.pk, name="x", total=10)


def test_an_upload_that_is_given_up_leaves_no_byte(
    storage: Path, django_capture_on_commit_callbacks: Any
) -> None:
    case, by = a_case(), cast.actor("aigul")
    key, _again = studies.begin_upload(by=by, case=case.pk, name="secret", total=10)
    studies.append(by=by, upload=key, offset=0, source=io.BytesIO(b"12345"))
    with pytest.raises(NotAllowedError):
        studies.give_up_upload(by=cast.actor("bakyt"), upload=key)
    with django_capture_on_commit_callbacks(execute=True):
        studies.give_up_upload(by=by, upload=key)
    assert not list((storage / "incoming" / "uploads").iterdir())
    assert Upload.objects.get().name == ""


def test_old_unfinished_uploads_and_stray_bytes_are_tidied_away(
    storage: Path, django_capture_on_commit_callbacks: Any
) -> None:
    case, by = a_case(), cast.actor("aigul")
    old, _again = studies.begin_upload(by=by, case=case.pk, name="x", total=10)
    new, _again = studies.begin_upload(by=by, case=case.pk, name="y", total=10)
    for key in (old, new):
        studies.append(by=by, upload=key, offset=0, source=io.BytesIO(b"12345"))
    with context.writing_as("fixture"):
        Upload.objects.filter(pk=old).update(created_at=timezone.now() - timedelta(days=8))
    stray = places.study_folder(case.pk)
    stray.mkdir(parents=True)
    os.utime(stray, (0, 0))
    with django_capture_on_commit_callbacks(execute=True):
        jobs.tidy_uploads()
    assert [path.name for path in (storage / "incoming" / "uploads").iterdir()] == [str(new)]
    assert not stray.exists()


def everything_stored(folder: Path) -> str:
    rows = [
        json.dumps(list(model._base_manager.values()), default=str, ensure_ascii=False)
        for model in apps.get_models()
    ]
    files = [p.read_bytes().decode("utf-8", "replace") for p in folder.rglob("*") if p.is_file()]
    return "\n".join([*rows, *files])


def test_erasing_a_person_leaves_no_byte_of_a_study_and_no_name_of_a_file(
    monkeypatch: pytest.MonkeyPatch, storage: Path, django_capture_on_commit_callbacks: Any
) -> None:
    found = Problem.of("proton.study.no_study", where="Mamytova_CT")
    reads(monkeypatch, Found(a_study(), (found,)))
    case = a_case()
    content = dicom(PatientName="Mamytova^Aizada")
    row = delivered(case, {"Mamytova_CT/1.dcm": content})
    key, _again = studies.begin_upload(
        by=cast.actor("aigul"), case=case.pk, name="Mamytova_again", total=9
    )
    studies.append(by=cast.actor("aigul"), upload=key, offset=0, source=io.BytesIO(b"Mamytova"))
    running = upload(case, zipped({"Mamytova_3": content}))
    assert "Mamytova" in everything_stored(storage)
    with django_capture_on_commit_callbacks(execute=True):
        people.erase(by=cast.actor("madina"), person=case.person_id, reason="asked for it")
    left = everything_stored(storage)
    assert "Mamytova" not in left
    digest = hashlib.sha256(content).hexdigest()
    assert digest not in left
    row.refresh_from_db()
    running.refresh_from_db()
    assert (row.state, running.state) == ("erased", "erased")
    assert not chain.verify().breaks
    with django_capture_on_commit_callbacks(execute=True):
        drain()  # the job of the last one comes late, and finds nothing to do
    assert not StudyFile.objects.exists()
    with pytest.raises(RefusedError, match="person_erased"):
        studies.begin_upload(by=cast.actor("aigul"), case=case.pk, name="x", total=3)


def test_a_study_that_is_erased_while_it_is_read_stays_erased(
    monkeypatch: pytest.MonkeyPatch, storage: Path, django_capture_on_commit_callbacks: Any
) -> None:
    reads(monkeypatch, Found(a_study()))
    case = a_case()
    row = upload(case, zipped(FILES))
    outcome = jobs.read_study(study=str(row.pk))
    with django_capture_on_commit_callbacks(execute=True):
        people.erase(by=cast.actor("madina"), person=case.person_id, reason="asked for it")
    outcome_again = dict(outcome)
    with django_capture_on_commit_callbacks(execute=True):
        jobs.keep_study(outcome_again, study=str(row.pk))
    assert not StudyFile.objects.exists()
    assert not places.study_folder(row.pk).exists()
    assert not [p for p in storage.rglob("*") if p.is_file() and p.suffix != ".sqlite3"]


def test_a_job_whose_worker_was_lost_unpacks_again_from_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads(monkeypatch, Found(a_study()))
    row = upload(a_case(), zipped(FILES))
    first = jobs.read_study(study=str(row.pk))
    (places.files_folder(row.pk) / "left-over").write_bytes(b"x")
    second = jobs.read_study(study=str(row.pk))
    assert first == second
    assert len(list(places.files_folder(row.pk).iterdir())) == 2


def test_the_records_say_what_kind_of_data_each_field_holds() -> None:
    for model in (Study, StudyFile, Upload):
        own = {f.name for f in model._meta.get_fields() if not f.auto_created}
        assert own - {"id", "created_at", "version"} == set(model.privacy)
    assert configured.MEDIA_ROOT
