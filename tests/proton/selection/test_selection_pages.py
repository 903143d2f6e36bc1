"""The page of a comparison: who opens it, what it says, what is recorded beside it."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from sapar.kernel.audit.models import AuditRead
from sapar.network.engine.snapshot import Indication, Snapshot
from sapar.proton.models import PanelOpinion, Selection
from sapar.proton.queries import judges, studies
from sapar.proton.queries import selection as queries
from sapar.proton.views import selection_form, volumes
from sapar.values.marks import Mark, Source
from tests import cast, factories
from tests.proton.selection import choosing
from tests.proton.selection.test_selection_slices import unpacked

if TYPE_CHECKING:
    from django.test import Client

    from sapar.cases.models import Case

pytestmark = pytest.mark.django_db
ONE_WORKER = pytest.mark.xdist_group("estimate")  # it is worked out once for all of them


def client(name: str) -> Client:
    found = cast.client(name)
    found.cookies["django_language"] = "en"
    return found


def page(case: Case, who: str = "marat", **given: Any) -> str:
    response = client(who).get(reverse("proton:selection", args=[case.pk]), given)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def viewer(text: str) -> dict[str, Any]:
    found = re.search(r'<script id="viewer-data" type="application/json">(.*?)</script>', text)
    assert found is not None
    read: dict[str, Any] = json.loads(found[1])
    return read


def test_a_case_without_a_study_says_what_to_send() -> None:
    case = factories.make_case(state="in-panel")
    text = page(case)
    assert "No planning study was sent yet" in text
    assert "Decision support" in text
    assert reverse("proton:study", args=[case.pk]) in text
    assert "viewer-data" not in text


def test_names_come_first_and_the_form_asks_what_the_protocol_asks() -> None:
    case = factories.make_case(state="in-panel")
    study = choosing.studied(case, named=False)
    text = page(case, "askhat")
    assert "Confirm the names of the structures first" in text
    assert reverse("proton:names", args=[study]) in text
    choosing.name_all(study)
    text = page(case, "askhat", site="oropharynx")
    assert 'name="c_treatment"' in text
    assert 'name="c_baseline_xerostomia"' in text
    # What follows from the site or is known from the case is not asked, nor what the plan says.
    assert 'name="c_tumour_site"' not in text
    assert 'name="c_age"' not in text
    assert 'name="prescription_gy"' not in text
    assert "no protocol is about this site" in page(case, "askhat", site="prostate")


def test_a_physicist_asks_and_the_referrer_reads_the_whole_answer_at_once() -> None:
    case = choosing.a_case()
    given = {
        "site": "oropharynx", "stage": "zero", "c_treatment": "primary",
        "c_baseline_xerostomia": "none", "c_baseline_dysphagia": "grade-0-1", "c_imrt": "yes",
    }  # fmt: skip
    response = client("askhat").post(reverse("proton:ask-selection", args=[case.pk]), given)
    assert response.status_code == 302
    row = Selection.objects.get(case=case)
    assert row.given["patient"]["imrt"] is True
    assert row.given["age"] == 61
    assert "Is being worked out" in page(case) or "Waits to begin" in page(case)
    row = choosing.worked(row.pk)
    assert (row.state, row.stage, row.verdict) == ("done", "zero", "worth-a-plan")
    text = page(case, "aigul")
    assert "A proton plan is worth making" in text
    assert "The proton plan is taken as perfect here" in text
    for part in ("rule", "complications", "organs", "dvh", "sources", "versions", "programme"):
        assert f'id="{part}"' in text
    assert "At least 10 points for one of: Dry mouth, grade 2 or more" in text
    assert row.answer is not None
    endpoint = next(e for e in row.answer["endpoints"] if e["id"] == "xerostomia-2")
    assert f"{100 * endpoint['photon']:.1f} %" in text
    # She may not run it, nor decide.
    assert reverse("proton:ask-selection", args=[case.pk]) not in text
    assert reverse("proton:decide-selection", args=[case.pk, 1]) not in text
    assert "Nobody has decided on this version yet." in text


def test_each_line_of_the_form_that_is_wrong_is_named() -> None:
    case = choosing.a_case()
    given = {"site": "oropharynx", "stage": "zero", "c_treatment": "magic"}
    response = client("marat").post(reverse("proton:ask-selection", args=[case.pk]), given)
    assert response.status_code == 200
    assert "magic is not one of the available choices" in response.content.decode()
    assert not Selection.objects.exists()


def test_a_child_is_not_judged_by_models_of_adults() -> None:
    born = timezone.localdate().replace(year=timezone.localdate().year - 7)
    case = choosing.a_case("brain-child", born=born)
    row = choosing.compared(case, "zero", site="brain", protocol="", age=7, patient={})
    assert row.verdict == "not-by-this-rule"
    text = page(case)
    assert "Not by this rule" in text
    assert "Models of adults say nothing about children" in text
    assert 'id="complications"' not in text
    assert 'id="organs"' in text
    assert row.confidence is None


def test_the_next_stage_is_one_button_away_with_the_same_covariates() -> None:
    case = choosing.a_case()
    row = choosing.compared(case)
    text = page(case, "askhat")
    stage = re.search(r'name="stage" value="(\w+)"> ?Next stage', text)
    assert stage is not None
    hidden = text[text.rindex("<form", 0, stage.start()) : stage.start()]
    given = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', hidden))
    address = reverse("proton:ask-selection", args=[case.pk])
    client("askhat").post(address, {**given, "stage": stage[1]})
    after = Selection.objects.get(case=case, number=2)
    assert (after.given, after.stage) == (row.given, stage[1])
    assert "Next stage" not in page(case, "aigul")


def test_a_proton_plan_stands_beside_the_photon_plan_with_its_dose_in_the_pictures() -> None:
    case = choosing.a_case(protons=True)
    assert 'value="submitted"' in page(case, site="oropharynx")
    row = choosing.compared(case, "submitted")
    assert (row.stage, row.findings) == ("submitted", [])
    text = page(case)
    assert "The proton dose is the plan that was sent with the study" in text
    data = viewer(text)
    assert [each["key"] for each in data["doses"]] == ["photon", "proton", "difference"]
    assert "style=" not in text  # the policy of the pages forbids it
    slice_ = client("marat").get(data["slice"].replace("axial/0", "axial/20"))
    head, _arrays = unpacked(slice_.content)
    assert [dose["key"] for dose in head["doses"]] == ["photon", "proton"]


def test_a_concave_core_is_said_not_to_be_spared_though_the_body_gets_less() -> None:
    case = factories.make_case(state="in-panel")
    choosing.studied(case, "concave-core", named=False, protons=True)
    names = {"BODY": "Body", "Core": "Core", "PTV_5000": "PTV_50Gy"}
    asked = choosing.actions.ask_selection(
        by=cast.actor("marat"), case=case.pk, stage="submitted", names=names,
        given={"site": "other", "protocol": "", "age": 50, "patient": {}},
    )  # fmt: skip
    row = choosing.worked(asked)
    assert row.verdict == "not-by-this-rule"
    text = page(case)
    core = text[text.index('<th scope="row">Core') :]
    assert "Not for this organ" in core[: core.index("</tr>")]
    assert "Not for this organ: protons do not spare Core" in text
    assert row.answer is not None
    body = next(each for each in row.answer["organs"] if each["role"] == "body")
    assert body["proton_mean_gy"] < body["photon_mean_gy"]


def test_only_those_whose_case_it_is_open_the_page_or_write_on_it() -> None:
    case = choosing.a_case()
    choosing.compared(case)
    address = reverse("proton:selection", args=[case.pk])
    decide = reverse("proton:decide-selection", args=[case.pk, 1])
    for who in cast.CAST:
        may = who in {"aigul", "saule", "marat", "askhat"}
        assert client(who).get(address).status_code == (200 if may else 404), who
        if who != "marat":
            status = client(who).post(decide, {"chosen": "protons", "version": 1}).status_code
            assert status == (403 if may else 404), who
    for who in ("aigul", "saule"):
        ask = client(who).post(reverse("proton:ask-selection", args=[case.pk]), {"site": "breast"})
        assert ask.status_code == 403
    assert not PanelOpinion.objects.exists()


def test_the_panel_agrees_or_says_why_not_and_the_second_is_told() -> None:
    case = choosing.a_case()
    row = choosing.compared(case)
    address = reverse("proton:decide-selection", args=[case.pk, 1])
    marat = client("marat")
    seen = row.version
    # Other than proposed needs a reason; it is asked for on the page and nothing is kept.
    response = marat.post(address, {"chosen": "photons", "version": seen})
    assert response.status_code == 200
    assert "The decision differs from the proposal." in response.content.decode()
    assert not PanelOpinion.objects.exists()
    given = {"chosen": "photons", "reason": "Cannot lie still for so long.", "version": seen}
    assert marat.post(address, given).status_code == 302
    # Somebody else looked at the page before.
    late = marat.post(address, {"chosen": "plan", "version": seen}).content.decode()
    assert "Somebody has decided on this version meanwhile" in late
    assert PanelOpinion.objects.count() == 1
    text = page(case, "aigul")
    assert "Other than proposed" in text
    assert "Cannot lie still for so long." in text
    assert "Марат Ибраев" in text
    seen = Selection.objects.get(pk=row.pk).version
    assert marat.post(address, {"chosen": "plan", "version": seen}).status_code == 302
    assert list(PanelOpinion.objects.order_by("at").values_list("agreement", flat=True)) == [
        "overruled",
        "agreed",
    ]


def test_one_opening_is_one_read_and_its_slices_are_none() -> None:
    case = choosing.a_case()
    choosing.compared(case)
    reader = client("marat")
    before = AuditRead.objects.count()
    text = reader.get(reverse("proton:selection", args=[case.pk])).content.decode()
    noted = AuditRead.objects.order_by("pk")[before:]
    assert {(r.root_type, r.root_id) for r in noted} == {
        ("case", case.pk),
        ("patient", case.person_id),
    }
    after = AuditRead.objects.count()
    address = viewer(text)["slice"]
    for index in range(5):
        assert reader.get(address.replace("axial/0", f"sagittal/{index}")).status_code == 200
    assert AuditRead.objects.count() == after


def test_a_slice_is_kept_by_one_readers_browser_and_opened_by_nobody_else() -> None:
    case = choosing.a_case()
    reader = client("marat")
    address = viewer(page(case))["slice"]
    response = reader.get(address)
    assert response.status_code == 200
    assert response["Cache-Control"] == volumes.IMMUTABLE
    assert "private" in response["Cache-Control"]
    assert "Cookie" in response["Vary"]
    again = reader.get(address, headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = reader.get(address.replace("axial/0", "axial/1"))
    assert other["ETag"] != response["ETag"]
    assert client("askhat").get(address).status_code == 404  # his own page gives him his own
    for wrong in ("axial/4000", "oblique/0"):
        assert reader.get(address.replace("axial/0", wrong)).status_code == 404
    elsewhere = choosing.a_case()
    assert reader.get(address.replace(str(case.pk), str(elsewhere.pk))).status_code == 404
    assert reader.get(address.replace("slice/", "slice/x")).status_code == 404


def test_a_study_that_is_gone_leaves_the_figures_and_no_pictures() -> None:
    case = choosing.a_case()
    choosing.compared(case)
    study = studies.study_of(case.pk)
    assert study is not None
    (studies.folder_of(study.id) / "study.json").unlink()
    text = page(case)
    assert "viewer-data" not in text
    assert 'id="organs"' in text


def test_a_plan_that_is_being_made_is_stopped_by_a_button_and_nobody_elses() -> None:
    case = choosing.a_case()
    choosing.asked(case, "plan")
    stop = reverse("proton:stop-selection", args=[case.pk, 1])
    assert stop in page(case, "askhat")
    assert stop not in page(case, "aigul")  # she refers, and asked for nothing
    assert client("aigul").post(stop).status_code == 403
    assert not queries.versions_of(cast.actor("askhat"), case.pk)[0].stop_asked
    said = client("askhat").post(stop, follow=True).content.decode()
    assert "The plan ends soon" in said
    assert "It was asked to end" in said
    assert stop not in said
    again = client("askhat").post(stop, follow=True)
    assert again.status_code == 200
    # A comparison that takes seconds has no such button, and an answer neither.
    choosing.asked(case, "zero")
    assert reverse("proton:stop-selection", args=[case.pk, 2]) not in page(case, "askhat")


@ONE_WORKER
def test_the_page_says_what_a_proton_dose_came_from() -> None:
    case = choosing.a_case()
    row = choosing.compared(case, "estimate")
    text = page(case)
    for name in ("models", "ct-curves", "planning", "calibration"):
        assert row.data[name] in text
    assert f"<dt>numpy</dt><dd><code>{row.lock['numpy']}</code>" in text


def test_the_record_is_given_out_and_an_older_version_says_that_there_is_a_newer() -> None:
    case = choosing.a_case()
    first = choosing.compared(case)
    choosing.compared(case, patient={**choosing.PATIENT, "baseline_xerostomia": "mild"})
    text = page(case, version=1)
    assert "There is a newer version" in text
    assert "There is a newer version" not in page(case)
    assert first.question_digest in text
    response = client("marat").get(reverse("proton:selection-record", args=[case.pk, 1]))
    record = json.loads(response.content)
    assert record["digests"]["question"] == first.question_digest
    assert client("marat").get(
        reverse("proton:selection", args=[case.pk]), {"version": 9}
    ).status_code == 404  # fmt: skip


def test_the_indication_leads_to_the_decision_and_to_its_rule_for_one_patient(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = choosing.a_case(protons=True)
    row = choosing.compared(case, "submitted")
    listed = Indication(
        code="medulloblastoma", programme="protons", icd10=("C71.6",), funded=True,
        names={"en": "Medulloblastoma"}, source=choosing.SOURCE,
    )  # fmt: skip

    def known(source: Source) -> None:
        shown = Snapshot(
            day=timezone.localdate(), demonstration=True, fingerprint="",
            indications={"medulloblastoma": dataclasses.replace(listed, source=source)},
        )  # fmt: skip
        monkeypatch.setattr(selection_form, "snapshot", lambda _day: shown)

    known(choosing.SOURCE)
    assert "No health technology decision stands behind this indication yet." in page(case)
    known(Source("KZ-2026-001: Protons", None, Mark.VERIFIED, "/hta/decisions/KZ-2026-001/"))
    monkeypatch.setattr(
        judges, "_entries", {"test": lambda url: f"{url}patient/" if "hta" in url else ""}
    )
    text = page(case)
    assert 'href="/hta/decisions/KZ-2026-001/"' in text
    assert row.answer is not None
    gain = next(e for e in row.answer["endpoints"] if e["id"] == "xerostomia-2")["difference"]
    assert f"patient/?difference={round(100 * gain, 2)}&amp;low=" in text


def test_the_page_of_the_case_says_in_one_line_how_it_stands() -> None:
    case = choosing.a_case()
    address = reverse("answer:case", args=[case.pk])
    text = client("aigul").get(address).content.decode()
    assert "A planning study is here; it is not compared yet." in text
    row = choosing.compared(case)
    text = client("aigul").get(address).content.decode()
    assert "A proton plan is worth making." in text
    assert reverse("proton:selection", args=[case.pk]) in text
    choosing.actions.decide(by=cast.actor("marat"), selection=row.pk, chosen="plan")
    text = client("saule").get(address).content.decode()
    assert "The panel decided as proposed" in text
    assert "Protons or photons" not in client("timur").get(address).content.decode()
