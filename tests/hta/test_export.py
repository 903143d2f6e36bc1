"""Results as an Excel file, read back without the library that wrote it."""

from __future__ import annotations

import io
import re
import zipfile
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from django.utils import translation

from sapar.cli.main import sapar
from sapar.hta.engine import report, report_value
from sapar.hta.engine.budget.report import report as budget_report
from sapar.hta.engine.eligibility.report import report as eligibility_report
from sapar.hta.engine.equity.report import report as equity_report
from sapar.hta.engine.facility.report import report as facility_report
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.uncertainty.sample import sample
from sapar.hta.engine.verification.verify import as_document, verify
from sapar.hta.export import Sheet, sheets_of, workbook

if TYPE_CHECKING:
    from sapar.hta.engine.model.model import AnyModel

SICK = Path(__file__).parents[2] / "data" / "hta" / "sick-sicker.yaml"
BUDGET = """
budget:
  first_year: 2027
  years: 3
  population: {incident: 100}
  without: {soc: 1}
  with: {ab: 0.5, soc: rest}
"""


def cells(content: bytes) -> dict[str, list[list[Any]]]:
    """Sheets with their rows, from the file's own parts; by hand, only what we write."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        shared = [
            unescape("".join(re.findall(r"<t[^>]*>(.*?)</t>", each, re.DOTALL)))
            for each in re.findall(
                r"<si>(.*?)</si>", book.read("xl/sharedStrings.xml").decode(), re.DOTALL
            )
        ]
        found = {}
        for number, name in enumerate(names, 1):
            text = book.read(f"xl/worksheets/sheet{number}.xml").decode()
            assert "<f>" not in text
            rows = []
            for row in re.findall(r"<row [^>]*>(.*?)</row>", text):
                read = re.findall(r'<c r="[A-Z]+\d+"([^>]*)><v>([^<]*)</v>', row)
                rows.append([shared[int(v)] if 't="s"' in kind else float(v) for kind, v in read])
            found[unescape(name)] = rows
    return found


def model() -> AnyModel:
    return read_model(SICK.read_text(encoding="utf-8") + BUDGET)


def test_every_part_of_an_answer_has_its_sheet_with_the_same_numbers() -> None:
    subject = model()
    drawn = sample(subject, 200, 3)
    answer = report.run(subject) | {"psa": report.uncertainty(drawn, (100_000.0,))}
    budget = budget_report(subject, draws=50, seed=3)
    with translation.override("en"):
        sheets = sheets_of(
            subject,
            {
                "run": answer,
                "sensitivity": report.sensitivity(subject, 100_000, "ab", "soc"),
                "voi": report.information(drawn, 100_000, ()),
                "budget": budget,
            },
        )
        content = workbook(sheets, subject.title)
    found = cells(content)
    assert list(found) == [
        "About", "Inputs", "Base case", "Totals", "Draws", "Thresholds", "Sensitivity",
        "Information", "Budget", "People",
    ]  # fmt: skip
    base = {row[0]: row for row in found["Base case"][1:]}
    assert base["Standard of care"][1] == pytest.approx(151_579.865957, rel=1e-11)
    assert base["Both treatments"][-1] == pytest.approx(125_763.786, rel=1e-8)
    inputs = {row[0]: row for row in found["Inputs"][1:]}
    assert inputs["r_HD"][2] == 0.002
    assert "Alarid-Escudero et al., MDM 2023;43:3-20" in inputs["r_HD"]
    assert inputs["on_A"][-1] == "placeholder"
    years = [row for row in found["Budget"][1:] if row[1] == 2_028]
    assert years[0][4] == pytest.approx(budget["payers"][0]["difference"][1])
    assert len(found["Thresholds"]) == 1 + 4
    assert ["Draws", 200.0] in found["About"]


def test_the_same_answer_gives_the_same_bytes() -> None:
    subject = model()
    sheets = sheets_of(subject, {"run": report.run(subject)})
    assert workbook(sheets, "x") == workbook(sheets, "x")


def test_a_text_never_becomes_a_formula_or_a_link_and_names_are_allowed_ones() -> None:
    rows: list[tuple[str | float | None, ...]] = [("=1+1", "http://example.org", "007")]
    rows.append((float("inf"), float("nan"), None))
    sheets = [Sheet("a/b:c?" * 9, ("=x", "y", "z"), rows), Sheet("a/b:c?" * 9, ("x",), [])]
    found = cells(workbook(sheets, "=title"))
    assert [len(name) <= 31 for name in found] == [True, True]
    first = next(iter(found.values()))
    assert first[1] == ["=1+1", "http://example.org", "007"]
    assert first[2] == ["inf", "nan"]


def test_the_command_writes_the_file(tmp_path: Path) -> None:
    out = tmp_path / "sick.xlsx"
    asked = ["--language", "en", "hta", "xlsx", "-", "--out", str(out), "--psa", "120"]
    found = CliRunner().invoke(
        sapar, [*asked, "--threshold", "100000"], input=SICK.read_text(encoding="utf-8") + BUDGET
    )
    assert found.exit_code == 0, found.output
    assert {"Budget", "Information", "Sensitivity"} <= set(cells(out.read_bytes()))


def test_a_text_that_a_spreadsheet_would_run_is_marked_as_text_wherever_it_stands() -> None:
    signs = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"]
    content = workbook([Sheet("x", ("a",), [[each] for each in [*signs, "plain", "1=1"]])], "x")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        styles = book.read("xl/styles.xml").decode()
    formats = re.findall(r"<xf [^>]*>", styles.partition("<cellXfs")[2].partition("</cellXfs>")[0])
    found = re.findall(r'<c r="A(\d+)"(?: s="(\d+)")? t="s">', sheet)
    quoted = {
        int(row) for row, style in found if style and 'quotePrefix="1"' in formats[int(style)]
    }
    assert quoted == {row for row, _text in enumerate(signs, 2)}


def packs(name: str) -> AnyModel:
    return read_model((SICK.parent / "packs" / f"{name}.yaml").read_text(encoding="utf-8"))


def test_centres_groups_and_scenarios_have_sheets_with_the_numbers_of_their_engines() -> None:
    subject = packs("abroad-or-home")
    answers = {
        "facility": facility_report(subject),
        "equity": equity_report(subject),
        "scenarios": report_value.scenarios(subject),
    }
    with translation.override("en"):
        found = cells(workbook(sheets_of(subject, answers), subject.title))
    assert list(found)[2:] == [
        "Centres", "Centres, items", "Groups", "Welfare", "Aversion", "Scenarios"
    ]  # fmt: skip
    assert sum(row[-1] for row in found["Centres, items"][1:]) == pytest.approx(1)
    welfare = dict(row for row in found["Welfare"][1:] if len(row) == 2)
    assert welfare["Health"] + welfare["Equity"] == pytest.approx(welfare["Welfare"])
    assert len(found["Scenarios"]) == 1 + 2 * len(answers["scenarios"])


def test_limits_tests_and_tables_have_sheets_too() -> None:
    subject = packs("proton-head-and-neck")
    answers = {
        "eligibility": eligibility_report(subject),
        "verification": as_document(verify(packs("facility-800"))),
    }
    with translation.override("en"):
        found = cells(workbook(sheets_of(subject, answers), subject.title))
        tables = cells(workbook(sheets_of(packs("proton-medulloblastoma"), {}), "x"))
    assert {"Whom to treat", "Limits", "Verification"} <= set(found)
    assert dict(found["Whom to treat"][1:])["Benefit from which to treat"] == pytest.approx(
        answers["eligibility"]["limit"]
    )
    assert len(found["Verification"]) == 1 + len(answers["verification"]["tests"])
    mortality = packs("proton-medulloblastoma").tables
    assert len(tables["Tables"]) == 1 + sum(len(each.keys) for each in mortality.values())
    assert tables["Tables"][1][-1] == "placeholder"


def test_the_command_writes_the_sheets_of_what_the_document_has(tmp_path: Path) -> None:
    out = tmp_path / "pack.xlsx"
    path = str(SICK.parent / "packs" / "facility-800.yaml")
    asked = ["--language", "en", "hta", "xlsx", path, "--out", str(out), "--verify"]
    found = CliRunner().invoke(sapar, asked)
    assert found.exit_code == 0, found.output
    assert {"Centres", "Scenarios", "Verification"} <= set(cells(out.read_bytes()))
