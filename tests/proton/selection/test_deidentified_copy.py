"""The copy for the panel: no name leaves, only the owner goes back, erasing leaves nothing."""

from __future__ import annotations

import io
import os
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pydicom
import pytest

from sapar.kernel import context
from sapar.kernel.audit import chain
from sapar.kernel.audit.models import AuditEvent, AuditRead
from sapar.kernel.errors import InvalidInputError, NotAllowedError, NotFoundError, RefusedError
from sapar.kernel.roles import Role
from sapar.people import actions as people
from sapar.people.engine.facts import NameFact
from sapar.proton.actions import deidentified as actions
from sapar.proton.adapters import keyring
from sapar.proton.adapters.dicom import deidentify as module
from sapar.proton.adapters.intake import places
from sapar.proton.adapters.sealing import OwnerKey
from sapar.proton.jobs import deidentified as jobs
from sapar.proton.models import DeidentifiedCopy, SealingKey
from sapar.proton.queries import deidentified as queries
from tests import cast, factories
from tests.proton.selection import planted_names as planted
from tests.proton.selection.intake import Found, a_case, a_study, delivered, english, reads, worked

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from sapar.cases.models import Case

pytestmark = pytest.mark.django_db
OURS = "Сынакбекова"
"""A name that our record has and no attribute of the files says as a name."""


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT, settings.VAR = tmp_path / "files", tmp_path
    return tmp_path


@pytest.fixture
def case(monkeypatch: pytest.MonkeyPatch) -> Case:
    return with_study(monkeypatch)


def with_study(
    monkeypatch: pytest.MonkeyPatch, *more: Any, family: str = OURS, **given: Any
) -> Case:
    reads(monkeypatch, Found(a_study()))
    name = NameFact(family, "Айгерим", "", "Cyrl", "official")
    found = a_case(person=factories.make_person(names=(name,)), **given)
    files = planted.study()
    roi = files["rs.dcm"].StructureSetROISequence[0]
    roi.ROIName = f"GTV_Synakbekova_{planted.LATIN}"
    for number, dataset in enumerate(more):
        files[f"more{number}.dcm"] = dataset
    delivered(found, {name: planted.saved(each) for name, each in files.items()})
    return found


def made(case: Case, by: str = "marat") -> DeidentifiedCopy:
    pk = actions.ask_copy(by=cast.actor(by), case=case.pk)
    worked()
    return DeidentifiedCopy.objects.get(pk=pk)


def pseudonym_of(copy: DeidentifiedCopy) -> str:
    found = queries.copy(copy.pk)
    assert found is not None
    return found.pseudonym


def almaty() -> str:
    """A physicist of another organisation."""
    cast.member(cast.user("stranger"), "adult-oncology-almaty", Role.PHYSICIST)
    return "stranger"


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_the_zip_that_is_downloaded_has_no_planted_name_and_is_named_by_the_pseudonym_alone(
    case: Case, tmp_path: Path
) -> None:
    client = english("marat")
    page = client.get(f"/proton/case/{case.pk}/study/").content.decode()
    assert "Make the copy" in page
    client.post(f"/proton/case/{case.pk}/study/copy/")
    copy = DeidentifiedCopy.objects.get()
    assert "hx-get" in client.get(f"/proton/copies/{copy.pk}/progress/").content.decode()
    assert client.get(f"/proton/copies/{copy.pk}/").status_code == 404  # it is not made yet
    worked()
    assert "HX-Refresh" in client.get(f"/proton/copies/{copy.pk}/progress/")
    copy.refresh_from_db()
    pseudonym = pseudonym_of(copy)
    assert re.fullmatch(r"[A-Z2-7]{16}", pseudonym)
    assert pseudonym in client.get(f"/proton/case/{case.pk}/study/").content.decode()
    answer = client.get(f"/proton/copies/{copy.pk}/")
    assert answer["Content-Disposition"] == f'attachment; filename="{pseudonym}.zip"'
    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]
    content = body(answer)
    assert (len(content), copy.count) == (copy.size, 6)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert all(
            re.fullmatch(rf"{pseudonym}/2\.25\.\d+\.dcm", name) for name in archive.namelist()
        )
        archive.extractall(tmp_path / "seen")
    assert not planted.leaks(tmp_path / "seen")
    files = [path.read_bytes() for path in (tmp_path / "seen").rglob("*.dcm")]
    assert len(files) == 6
    told = [pydicom.dcmread(io.BytesIO(each)) for each in files]
    assert {str(each.PatientName) for each in told} == {f"Sapar^{pseudonym}"}
    assert not any(b"ynakbekova" in each for each in files)  # our own record's name
    assert not any(case.number.encode() in each for each in files)
    secret = queries.key_of(copy.owner_id).secret
    assert not any(secret in each for each in (*files, content))


def test_only_the_sealed_file_beside_gives_the_originals_back_and_only_with_the_owners_key(
    case: Case, tmp_path: Path
) -> None:
    copy = made(case)
    folder = places.panel_folder(copy.study_id)
    assert {path.name for path in folder.iterdir()} == {queries.PACKAGE, queries.SEALED}
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
    assert not list(places.copy_folders())  # nothing in clear is left where it was made
    with zipfile.ZipFile(queries.package_of(copy.pk)) as archive:
        archive.extractall(tmp_path / "out")
    key = queries.key_of(copy.owner_id)
    with pytest.raises(InvalidInputError, match="deid_other_key"):
        module.people(folder / queries.SEALED, OwnerKey(bytes(range(32))))
    back = module.reidentify(tmp_path / "out", tmp_path / "back", key, folder / queries.SEALED)
    assert (back.written, back.findings) == (6, [])
    sent = {path.name: path.read_bytes() for path in places.files_folder(copy.study_id).iterdir()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "back").iterdir()} == sent


def test_the_owner_goes_back_and_another_organisation_finds_nothing(
    monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    copy = made(case)
    pseudonym = pseudonym_of(copy)
    found = actions.reidentify(by=cast.actor("askhat"), pseudonym=f" Sapar^{pseudonym.lower()} ")
    assert found == actions.Reversed(case.pk, case.person_id, case.number)
    other = cast.actor(almaty())
    with pytest.raises(NotFoundError, match="copy_unknown"):  # it has no key yet
        actions.reidentify(by=other, pseudonym=pseudonym)
    elsewhere = with_study(
        monkeypatch, family="Близнецова", state="submitted", centre="adult-oncology-almaty"
    )
    theirs = made(elsewhere, "stranger")
    assert pseudonym_of(theirs) != pseudonym  # the same patient id, another key
    assert actions.reidentify(by=other, pseudonym=pseudonym_of(theirs)).case == elsewhere.pk
    for by, asked in ((other, pseudonym), (cast.actor("askhat"), pseudonym_of(theirs))):
        with pytest.raises(NotFoundError, match="copy_unknown"):
            actions.reidentify(by=by, pseudonym=asked)


def test_a_moved_row_and_a_case_that_went_elsewhere_give_nothing_back(case: Case) -> None:
    copy, other = made(case), cast.actor(almaty())
    pseudonym = pseudonym_of(copy)
    with context.writing_as("fixture"):  # somebody with the database gives the row away
        SealingKey.objects.update(owner_id=other.organisation_id)
        DeidentifiedCopy.objects.update(owner_id=other.organisation_id)
    with pytest.raises(RefusedError, match="copy_key"):
        actions.reidentify(by=other, pseudonym=pseudonym)
    with context.writing_as("fixture"):
        SealingKey.objects.update(owner_id=case.centre_id)
        DeidentifiedCopy.objects.update(owner_id=case.centre_id)
        type(case).objects.filter(pk=case.pk).update(centre_id=other.organisation_id)
    with pytest.raises(NotFoundError, match="copy_unknown"):
        actions.reidentify(by=cast.actor("askhat"), pseudonym=pseudonym)
    again = made(case, "stranger")  # with the new owner's key
    assert again.pk == copy.pk
    assert pseudonym_of(again) != pseudonym


def test_nobody_but_a_physicist_goes_back(case: Case) -> None:
    pseudonym = pseudonym_of(made(case))
    for who in ("marat", "yerlan", "saule", "aigul", "madina"):
        with pytest.raises(NotAllowedError):
            actions.reidentify(by=cast.actor(who), pseudonym=pseudonym)


def test_a_copy_is_for_those_who_read_the_study_at_the_centre(case: Case) -> None:
    copy = made(case)
    for who in ("saule", "aigul", "almaty", "aizada_mother", "yerlan", almaty()):
        client = english(who)
        assert client.get(f"/proton/copies/{copy.pk}/").status_code == 404, who
        assert client.get(f"/proton/copies/{copy.pk}/progress/").status_code == 404, who
        assert client.post(f"/proton/case/{case.pk}/study/copy/").status_code == 404, who
        page = client.get(f"/proton/case/{case.pk}/study/")
        assert b"for the panel" not in page.content, who
        with pytest.raises(NotAllowedError):
            actions.ask_copy(by=cast.actor(who), case=case.pk)


def test_the_page_leads_from_a_pseudonym_to_the_case_and_says_so_when_it_knows_none(
    case: Case,
) -> None:
    pseudonym = pseudonym_of(made(case))
    client = english("askhat")
    answer = client.post("/proton/reidentify/", {"pseudonym": pseudonym})
    text = answer.content.decode()
    assert f"/proton/case/{case.pk}/study/" in text
    assert case.number in text
    assert OURS not in text  # a physicist may not know the patient before the treatment
    unknown = client.post("/proton/reidentify/", {"pseudonym": "A" * 16})
    assert unknown.status_code == 404
    assert b'href="#pseudonym"' in unknown.content
    assert AuditRead.objects.filter(page="proton-reidentify").count() == 2
    assert english("yerlan").get("/proton/reidentify/").status_code == 403


def test_the_trail_says_who_asked_who_read_and_who_went_back_and_keeps_no_pseudonym(
    case: Case,
) -> None:
    copy = made(case)
    pseudonym = pseudonym_of(copy)
    body(english("askhat").get(f"/proton/copies/{copy.pk}/"))
    actions.reidentify(by=cast.actor("askhat"), pseudonym=pseudonym)
    rows = AuditEvent.objects.filter(root_id=case.pk, about_id=copy.pk).order_by("sequence")
    assert [row.action for row in rows] == [
        "proton.deidentify", "proton.keep_copy", "proton.reidentify",
    ]  # fmt: skip
    key = AuditEvent.objects.get(about_type="proton.sealing_key")
    assert key.root_id == case.centre_id
    assert AuditRead.objects.filter(root_id=case.pk, page="proton-copy").count() == 1
    assert not any(pseudonym in str(row.what) for row in AuditEvent.objects.all())
    assert not chain.verify().breaks


def test_the_key_lies_encrypted_is_one_for_the_centre_and_does_not_open_under_another_secret(
    case: Case, settings: Any
) -> None:
    copy = made(case)
    row = SealingKey.objects.get()
    key = queries.key_of(copy.owner_id)
    for form in (key.secret.hex(), str(key.secret)):
        assert form not in row.sealed
    assert pseudonym_of(copy) not in f"{copy.pseudonym} {copy.mark}"
    assert made(case, "askhat").pk == copy.pk  # it is there: no second one, no second key
    assert SealingKey.objects.count() == 1
    with pytest.raises(RefusedError, match="copy_key"):
        keyring.opened(row.sealed, cast.organisation("adult-oncology-almaty").pk)
    assert keyring.opened(row.sealed, copy.owner_id) == key
    settings.SECRET_KEY = "another secret"
    assert pseudonym_of(copy) == ""
    page = english("marat").get(f"/proton/case/{case.pk}/study/")
    assert b"The copy cannot be given out" in page.content


def everything_stored(folder: Path) -> str:
    """The names and bytes of all files below, and every row of the copies."""
    found = [str(DeidentifiedCopy.objects.values())]
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".sqlite3":
            found += [path.name, path.read_bytes().decode("latin-1")]
    return "\n".join(found)


def erase(person: UUID | None) -> None:
    assert person is not None
    people.erase(by=cast.actor("madina"), person=person, reason="asked for it")


def test_erasing_the_person_removes_the_copy_its_seal_and_the_way_back(
    case: Case, storage: Path, django_capture_on_commit_callbacks: Any
) -> None:
    copy = made(case)
    pseudonym, folder = pseudonym_of(copy), places.panel_folder(copy.study_id)
    assert (folder / queries.PACKAGE).is_file()
    with django_capture_on_commit_callbacks(execute=True):
        erase(case.person_id)
    copy.refresh_from_db()
    assert (copy.state, copy.mark, copy.pseudonym, copy.sha256) == ("removed", "", "", "")
    assert not folder.exists()
    assert pseudonym not in everything_stored(storage)
    with pytest.raises(NotFoundError):
        actions.reidentify(by=cast.actor("askhat"), pseudonym=pseudonym)
    assert english("marat").get(f"/proton/copies/{copy.pk}/").status_code == 404
    with pytest.raises(RefusedError, match="person_erased"):
        actions.ask_copy(by=cast.actor("marat"), case=case.pk)


def test_a_copy_whose_person_is_erased_while_it_is_made_is_not_kept(
    case: Case, storage: Path, django_capture_on_commit_callbacks: Any
) -> None:
    copy = actions.ask_copy(by=cast.actor("marat"), case=case.pk)
    outcome = jobs.deidentify_study(copy=str(copy))
    with django_capture_on_commit_callbacks(execute=True):
        erase(case.person_id)
    with django_capture_on_commit_callbacks(execute=True):
        jobs.keep(outcome, copy=str(copy))
    row = DeidentifiedCopy.objects.get()
    assert (row.state, row.mark) == ("removed", "")
    assert outcome["pseudonym"] not in everything_stored(storage)
    assert not places.panel_folder(row.study_id).exists()
    assert jobs.deidentify_study(copy=str(copy)) == {}


def test_files_of_two_patients_and_burned_in_names_are_not_given_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    burned = planted.a_ct(8, BurnedInAnnotation="YES")
    case = with_study(monkeypatch, burned)
    copy = made(case)
    assert (copy.state, copy.count) == ("ready", 6)
    assert [each["code"] for each in copy.findings] == ["proton.study.deid_burned_in"]
    other = planted.a_ct(9)
    other.PatientID = "ANOTHER-1"
    mixed = made(with_study(monkeypatch, other, family="Близнецова"))
    assert (mixed.state, mixed.findings[0]["code"]) == ("refused", "proton.study.copy_several")
    assert not places.panel_folder(mixed.study_id).exists()
    page = english("marat").get(f"/proton/case/{mixed.study.case_id}/study/").content.decode()
    assert "several patients" in page
    assert "Make the copy" in page


def test_a_case_without_a_study_that_can_be_used_gets_no_copy() -> None:
    case = a_case()
    with pytest.raises(RefusedError, match="copy_none"):
        actions.ask_copy(by=cast.actor("marat"), case=case.pk)
    assert not SealingKey.objects.exists()


def test_what_a_broken_attempt_left_goes_after_a_day(case: Case) -> None:
    copy = made(case)
    old, new = places.copy_folder(copy.pk), places.copy_folder(copy.study_id)
    for folder in (old, new):
        folder.mkdir()
        (folder / "x.dcm").write_bytes(b"x")
    os.utime(old, (0, 0))
    jobs.tidy_copies()
    assert places.copy_folders() == [new]
