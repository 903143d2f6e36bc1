"""Sending a planning study in a real browser: a folder, a broken line, without a script."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any

import pytest

from sapar.kernel.actors import Actor
from sapar.kernel.jobs.worker import drain
from sapar.proton.actions import peers, receiving
from sapar.proton.adapters.intake import headers, keeping, places, spool
from sapar.proton.models import DicomPeer, Study, StudyFile, Upload
from sapar.values.statements import Problem
from tests import cast
from tests.proton.selection.intake import Found, a_case, a_study, dicom, reads, zipped

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.support.browser import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT, settings.VAR = tmp_path / "files", tmp_path
    return tmp_path


def a_folder(place: Path, *, large: int = 0) -> Path:
    """A folder as a planning system exports it, with a name that no zip would like."""
    folder = place / "Экспорт плана"
    (folder / "CT").mkdir(parents=True)
    for number in range(1, 4):
        content = dicom(instance=f"1.2.3.{number}", rows=1 + large)
        (folder / "CT" / f"{number}.dcm").write_bytes(content)
    (folder / "dose.dcm").write_bytes(dicom(instance="1.2.3.9"))
    return folder


def address(visit: Visit, case: Any) -> str:
    return visit.url(f"/proton/case/{case.pk}/study/")


DESK, PHONE = (1440, "light"), (360, "dark")


def seen(
    visit: Visit, path: str, user: str, name: str, *looks: tuple[int, str], language: str = "en"
) -> None:
    for width, theme in looks or (DESK, PHONE):
        page = visit.page(user, width=width, theme=theme, language=language)
        response = page.goto(path)
        assert response is not None
        assert response.ok
        visit.fits(page)
        visit.axe(page)
        visit.shot(page, name)


def test_a_doctor_sends_a_folder_and_reads_what_was_found(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    case = a_case()
    path = address(visit, case)
    seen(visit, path, "aigul", "empty", PHONE)
    page = visit.page("aigul", language="en")
    page.goto(path)
    folder = a_folder(tmp_path)
    page.set_input_files("#id_folder", folder)
    page.wait_for_selector(".delivery .working")
    visit.axe(page)
    visit.shot(page, "checking")
    gone = Problem.of("proton.study.other_birth", where="CT/2.dcm", value="1950-01-01", fatal=False)
    bad = Problem.of("proton.study.no_study", where="CT", value="3 slices")
    reads(monkeypatch, Found(a_study(), (bad, gone)))
    drain()
    page.wait_for_selector(".findings")
    row = Study.objects.get()
    assert row.state == "refused"
    names = sorted(StudyFile.objects.values_list("name", flat=True))
    assert names == [f"Экспорт плана/{n}" for n in ("CT/1.dcm", "CT/2.dcm", "CT/3.dcm", "dose.dcm")]
    kept = keeping.set_digest(
        hashlib.sha256(f.read_bytes()).hexdigest() for f in folder.rglob("*.dcm")
    )
    assert row.sha256 == kept
    seen(visit, path, "aigul", "refused")
    reads(monkeypatch, Found(a_study(), (gone,)))
    page.set_input_files("#id_file", [folder / "dose.dcm"])
    page.wait_for_selector(".delivery .working")
    drain()
    page.wait_for_selector(".callout.done")
    seen(visit, path, "marat", "read", DESK)
    seen(visit, path, "askhat", "physicist", PHONE, language="ru")


def test_an_upload_whose_line_broke_goes_on_after_coming_back(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reads(monkeypatch, Found(a_study()))
    case = a_case()
    folder = a_folder(tmp_path, large=28_000)  # three blocks of 4 MiB
    first = visit.page("aigul", language="en")
    first.goto(address(visit, case))
    passed: list[str] = []

    def breaks(route: Any) -> None:
        if route.request.method == "PATCH" and passed:
            route.abort("connectionreset")
        else:
            passed.extend([route.request.method] if route.request.method == "PATCH" else [])
            route.continue_()

    first.route("**/proton/uploads/**", breaks)
    first.set_input_files("#id_folder", folder)
    first.get_by_text("The line broke").wait_for()
    visit.shot(first, "broken")
    first.locator("[data-stop]").click()
    first.wait_for_selector("[data-unfinished]")
    visit.axe(first)
    visit.shot(first, "unfinished")
    have = Upload.objects.get()
    assert 0 < _have(have) < have.total
    sent: list[int] = []
    page = visit.page("aigul", language="en", width=360)
    page.on(
        "request",
        lambda r: sent.append(int(r.headers["upload-offset"])) if r.method == "PATCH" else None,
    )
    page.goto(address(visit, case))
    visit.shot(page, "unfinished")
    page.set_input_files("#id_folder", folder)
    page.wait_for_selector(".delivery .working")
    assert sent[0] == 4 * 1024 * 1024  # nothing that was here was sent again
    drain()
    assert Study.objects.get().state == "ready"
    assert Study.objects.get().count == 4


def _have(upload: Upload) -> int:
    return places.size_of(places.upload_file(upload.pk))


def test_the_form_works_without_a_script(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reads(monkeypatch, Found(a_study()))
    case = a_case()
    package = tmp_path / "study.zip"
    package.write_bytes(zipped({"a.dcm": dicom(), "b.dcm": dicom(instance="1.2.3.5")}))
    page = visit.page("aigul", width=360, scripts=False, language="en")
    page.goto(address(visit, case))
    visit.shot(page, "no-script")
    page.locator("[data-study] [data-plain] button").click()
    page.wait_for_selector(".callout.act")
    visit.fits(page)
    page.set_input_files("#id_file", package)
    page.locator("[data-study] [data-plain] button").click()
    page.wait_for_selector(".message.success")
    visit.shot(page, "sent")
    drain()
    assert Study.objects.get().count == 2


def a_peer() -> DicomPeer:
    by = cast.actor("askhat")
    osh = cast.organisation("osh-regional-hospital").pk
    key = peers.add_peer(
        by=by, organisation=osh, ae_title="OSH_TPS", address="10.0.0.0/8", trusted=True
    )
    return DicomPeer.objects.get(pk=key)


def arrives(peer: DicomPeer, content: bytes) -> None:
    folder = spool.batch(peer.pk)
    instance = spool.spool(io.BytesIO(content), folder)
    assert isinstance(instance.header, headers.Header)
    by = Actor.machine("dicom")
    [study] = receiving.take_instances(by=by, peer=peer.pk, instances=[instance], source="c-store")
    receiving.close_received(by=by, study=study)


def test_a_coordinator_says_whose_a_study_is(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch, Found(a_study()))
    case = a_case()
    peer = a_peer()
    arrives(peer, dicom(PatientID="KG-77-0193", PatientBirthDate="20190314", Modality="CT",
                        StudyDate="20261120", PatientName="Mamytova^Aizada"))  # fmt: skip
    drain()
    seen(visit, visit.url("/proton/studies/"), "saule", "inbox")
    page: Page = visit.page("saule", width=360, language="en")
    page.goto(visit.url("/proton/studies/"))
    page.fill("input[name=number]", case.number)
    page.locator(".give button").click()
    page.wait_for_selector(".delivery")
    assert page.url == address(visit, case)
    assert Study.objects.get().case_id == case.pk
    seen(visit, visit.url("/proton/studies/"), "askhat", "inbox-empty", PHONE)


def test_a_physicist_lets_a_system_send_and_reads_its_secret_once(visit: Visit) -> None:
    a_peer()
    seen(visit, visit.url("/proton/peers/"), "askhat", "peers")
    page = visit.page("yerlan", language="en")
    page.goto(visit.url("/proton/peers/"))
    page.fill("#id_ae_title", "BISHKEK")
    page.fill("#id_address", "nowhere")
    page.locator("#add button").click()
    page.wait_for_selector("#id_address_error")
    visit.axe(page)
    page.fill("#id_address", "192.168.7.4")
    page.check("#id_trusted")
    page.locator("#add button").click()
    page.wait_for_selector(".message.success")
    page.locator("tr", has_text="BISHKEK").get_by_role("button", name="New secret").click()
    secret = page.locator("#token").inner_text()
    visit.axe(page)
    visit.shot(page, "secret")
    found = peers.by_token(secret)
    assert found is not None
    assert found.ae_title == "BISHKEK"
    page.goto(visit.url("/proton/peers/"))
    assert secret not in page.content()
