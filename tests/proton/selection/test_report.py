"""The report on paper: what it says, in five languages, for readers of all kinds."""

from __future__ import annotations

import re
import zlib
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
import pytest
from django.urls import reverse
from django.utils import translation

from sapar.proton.data_files import knowledge
from sapar.proton.engine.selection.assess.assess import assess
from sapar.proton.engine.selection.assess.problem import read_problem
from sapar.proton.queries.selection import OpinionSeen, SelectionSeen
from sapar.proton.report.as_pdf import build
from sapar.proton.report.content import Report, content
from sapar.values.statements import Problem
from tests import cast
from tests.proton.selection import choosing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sapar.cases.models import Case

pytestmark = pytest.mark.django_db
CASE = "SP-2026-000123"
FINDING = Problem.of("proton.study.deid_twice", where="file 3", fatal=False)


NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def histogram(mean: float, cc: float) -> dict[str, Any]:
    """An organ whose dose is spread evenly from none to twice the mean."""
    edges = np.linspace(0.0, 2 * mean, 21)
    return {
        "name": "", "edges_gy": edges.tolist(), "volume_cc": [cc / 20] * 20, "mean_gy": mean,
        "minimum_gy": 0.0, "maximum_gy": 2 * mean, "total_cc": cc, "covered": 1.0,
    }  # fmt: skip


@cache
def documents(stage: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A question about the oropharynx and its answer, by the engine itself."""
    doses = {
        "Parotid_L": (40, 30), "Parotid_R": (25, 14), "Glnd_Submand_L": (55, 45),
        "Glnd_Submand_R": (55, 45), "Cavity_Oral": (45, 25), "Musc_Constrict_S": (60, 52),
        "Musc_Constrict_M": (55, 46), "Musc_Constrict_I": (45, 36),
    }  # fmt: skip
    plans = [
        {name: {**histogram(pair[n], 30.0), "name": name} for name, pair in doses.items()}
        for n in (0, 1)
    ]
    question: dict[str, Any] = {
        "schema": "sapar.selection/1", "site": "oropharynx", "protocol": "nipp-hnc", "age": 61,
        "patient": {"treatment": "primary", "baseline_xerostomia": "none",
                    "baseline_dysphagia": "grade-0-1"},
        "fractions": 35, "prescription_gy": 70.0, "seed": 1, "draws": 500, "stage": stage,
        "demonstration": True, "photon": {"organs": plans[0]},
    }  # fmt: skip
    if stage != "zero":
        question["proton"] = {
            "organs": plans[1], "source": stage, "mark": "demonstration",
            "dose_sd_gy": dict.fromkeys(doses, 1.0),
        }  # fmt: skip
    library, protocols = knowledge()
    found = assess(read_problem(question, library, protocols), library, protocols)
    return question, found.as_json()


def a_report(stage: str = "submitted", *, opinions: tuple[OpinionSeen, ...] = ()) -> Report:
    question, answer = documents(stage)
    seen = SelectionSeen(
        id=uuid4(), version=1, case=uuid4(), study=uuid4(), number=2, stage=stage, state="done",
        done=0, total=0, phrase="", job=None, verdict=answer["verdict"],
        confidence=answer["confidence"], asked_at=NOW, answered_at=NOW, opinions=opinions,
        given={}, names={}, question=question, answer=answer,
        digests={"question": "a" * 64, "answer": "b" * 64, "study": "c" * 64, "engine": "d" * 64},
        data={"models": "e" * 64}, lock={"numpy": "2.4"}, findings=(), replayed=None, seed=1,
    )  # fmt: skip
    return Report(seen, CASE, "Айзада Мамытова", (FINDING,), "Proton Centre")


OPINION = OpinionSeen(
    uuid4(), uuid4(), 2, "photons", "overruled", "The family stays at home.", "Марат Ибраев", NOW
)


def texts(value: Any) -> Iterator[str]:
    """Every text of the plain data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            if key != "svg":
                yield from texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts(each)


def part(told: Mapping[str, Any], title: str) -> dict[str, Any]:
    (found,) = (each for each in told["parts"] if each["title"] == title)
    return dict(found)


@cache
def glyphs(pdf: bytes) -> str:
    """The letters of a file, by the tables that let a reader copy them (ToUnicode)."""
    found: list[str] = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            text = zlib.decompress(stream)
        except zlib.error:
            continue
        if b"begincmap" in text:
            codes = re.findall(rb"<[0-9A-F]{4}> <([0-9A-F]+)>", text)
            found += [bytes.fromhex(code.decode()).decode("utf-16-be") for code in codes]
    return "".join(found)


def test_it_says_all_that_the_panel_needs_and_that_people_decide() -> None:
    report = a_report(opinions=(OPINION,))
    with translation.override("en"):
        told = content(report)
    said = " ".join(texts(told))
    assert told["label"].startswith("Decision support")
    assert CASE in told["lead"]
    assert "Айзада Мамытова" in told["lead"]
    titles = [each["title"] for each in told["parts"]]
    assert titles == [
        "What the rule says", "Complications", "Organ by organ", "Dose and volume",
        "What would change the verdict", "What the check of the study found",
        "What the panel decided", "Models and rules, with their sources",
        "With what it was worked out",
    ]  # fmt: skip
    assert "The family stays at home." in said
    assert "the same instance as another one" in said
    for digest in report.seen.digests.values():
        assert digest in said
    for each in (report.seen.answer or {})["sources"]:
        assert each["title"] in said


def test_the_figures_are_those_of_the_answer() -> None:
    report = a_report()
    answer = report.seen.answer or {}
    with translation.override("en"):
        told = content(report)
    (organs, _note) = part(told, "Organ by organ")["blocks"]
    shown = {row[0]["text"]: row for row in organs["rows"]}
    assert set(shown) == {each["organ"] for each in answer["organs"]}
    for each in answer["organs"]:
        row = shown[each["organ"]]
        assert float(row[1]["text"]) == pytest.approx(each["photon_mean_gy"], abs=0.05)
        assert float(row[2]["text"]) == pytest.approx(each["proton_mean_gy"], abs=0.05)
    endpoints = part(told, "Complications")["blocks"][0]["rows"]
    assert len(endpoints) == len(answer["endpoints"])
    (_note, drawn) = part(told, "Dose and volume")["blocks"]
    assert drawn["drawings"]
    for each in drawn["drawings"]:
        assert "Photons: mean" in each["alt"]
        assert "Protons: mean" in each["alt"]
        assert each["svg"].count("<path") >= 2


def test_without_a_proton_plan_it_says_so() -> None:
    report = a_report("zero")
    with translation.override("en"):
        said = " ".join(texts(content(report)))
    assert "no dose in any organ" in said
    assert "has not decided" in said


def test_the_file_is_tagged_and_the_same_record_gives_the_same_bytes() -> None:
    report = a_report()
    found = build(report, "en")
    assert found == build(report, "en")
    assert found.startswith(b"%PDF-1.7")
    assert b"/StructTreeRoot" in found
    assert b"pdfuaid" in found
    assert b"/Lang(en)" in found
    assert b"<dc:title>" in found


@pytest.mark.parametrize(
    ("language", "letters"), [("kk", "ә"), ("ky", "ү"), ("uz", "ʻ"), ("ru", "ы")]
)
def test_it_is_made_in_every_language_and_says_which(language: str, letters: str) -> None:
    report = a_report("zero")
    found = build(report, language)
    assert f"/Lang({language})".encode() in found
    assert letters in glyphs(found)


def test_the_reader_takes_it_from_the_page_and_the_read_is_noted() -> None:
    case = choosing.a_case()
    choosing.compared(case)
    address = reverse("proton:selection-report", args=[case.pk, 1])
    answer = cast.client("marat").get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert "selection-report" in str(reads(case))
    assert cast.client("dilnoza").get(address).status_code == 404
    assert cast.client("marat").get(address.replace("/1/", "/9/")).status_code == 404


def reads(case: Case) -> list[str]:
    from sapar.kernel.audit.models import AuditRead

    return list(AuditRead.objects.filter(root_id=case.pk).values_list("page", flat=True))


def test_a_version_without_an_answer_has_no_report() -> None:
    case = choosing.a_case()
    choosing.asked(case)
    address = reverse("proton:selection-report", args=[case.pk, 1])
    assert cast.client("marat").get(address).status_code == 404
