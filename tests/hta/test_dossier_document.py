"""The dossier as a document: one structure in four forms, every number with its id and its way."""

from __future__ import annotations

import functools
import io
import json
import re
import zipfile
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from django.utils import translation

from sapar.cli.main import sapar
from sapar.hta import work
from sapar.hta.dossier.as_json import as_json, ids
from sapar.hta.dossier.as_pdf import as_pdf
from sapar.hta.dossier.asked import worked_out
from sapar.hta.dossier.compose import compose
from sapar.hta.dossier.files import KINDS, written
from sapar.hta.dossier.parts import Chart, Dossier, Grid
from sapar.hta.dossier.wanted import Wanted
from sapar.hta.engine.dossier.used import drawn, streams, used
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.draws import draw
from sapar.values.statements import Problem

SHELF = Path(__file__).parents[2] / "data" / "hta"
SICK = (SHELF / "sick-sicker.yaml").read_text("utf-8")
MODELS = [*sorted(SHELF.glob("*.yaml")), *sorted((SHELF / "packs").glob("*.yaml"))]
TOLD = SICK.replace(
    "  currency: USD\n", "  currency: USD\n  price_year: 2019\n  perspective: the payer\n"
)
SMALL = (SHELF / "migraine.yaml").read_text("utf-8")
EVIL = "=1+1 <script>alert(1)</script> #let x = [a] $y$ @z"
HOSTILE = re.sub(r"label: [^,}\n]+", f'label: "{EVIL}"', SMALL, count=1)
PACK = (SHELF / "packs" / "abroad-or-home.yaml").read_text("utf-8")
HEAD = (SHELF / "packs" / "proton-head-and-neck.yaml").read_text("utf-8")


@functools.cache
def made(document: str = TOLD, language: str = "en", threshold: float = 100_000.0) -> Dossier:
    with translation.override(language):
        return compose(worked_out(document, Wanted(200, 3, threshold, budget=True)))


@functools.cache
def read(document: str = TOLD) -> dict[str, Any]:
    with translation.override("en"):
        return dict(json.loads(as_json(made(document))))


def parts(whole: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}

    def walk(part: dict[str, Any]) -> None:
        found[part["id"]] = part
        for each in part.get("parts", ()):
            walk(each)

    for part in whole["parts"]:
        walk(part)
    return found


def cells(whole: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        cell["id"]: cell
        for part in parts(whole).values()
        for block in part.get("blocks", ())
        for row in (block["rows"] if block["kind"] == "table" else ())
        for cell in row
        if "id" in cell
    }


def test_the_dossier_has_every_part_from_the_question_to_the_hashes() -> None:
    assert [part["id"] for part in read()["parts"]] == [
        "verdict", "question", "structure", "inputs", "conventions", "base", "uncertainty",
        "information", "budget", "verification", "items", "domains", "trace",
    ]  # fmt: skip
    found = parts(read())
    assert len([name for name in found if name.startswith("item-")]) == 28
    assert len([name for name in found if name.startswith("domain-")]) == 9


def test_at_least_22_items_are_filled_by_the_model_and_the_others_say_who_writes_them() -> None:
    found = parts(read())
    items = [found[f"item-{n}"] for n in range(1, 29)]
    left = [each["id"] for each in items if each["blocks"][0]["look"] == "open"]
    assert left == [f"item-{n}" for n in (4, 6, 21, 25, 27, 28)]
    assert found["items"]["blocks"][0]["params"] == {"filled": 22, "count": 28, "own": 22}


def test_the_verdict_is_first_and_with_placeholders_it_reads_not_assessable() -> None:
    assert "best choice" in parts(read())["verdict"]["blocks"][0]["text"]
    first = parts(read(PACK))["verdict"]["blocks"][0]
    assert first["look"] == "stopped"
    assert first["text"].startswith("Not assessable")


def test_what_a_document_says_of_centres_groups_limits_and_scenarios_has_its_part() -> None:
    assert {"facility", "equity", "scenarios"} <= set(parts(read(PACK)))
    assert {"eligibility", "scenarios"} <= set(parts(read(HEAD)))


def test_every_number_has_an_id_of_its_own_and_the_value_of_the_answer() -> None:
    assert [name for name, n in Counter(ids(made())).items() if n > 1] == []
    assert [name for name, n in Counter(ids(made(PACK))).items() if n > 1] == []
    base = read()["trace"]["runs"][0]
    assert base["kind"] == "base"
    found = cells(read())
    costs = [found[f"n-strategies-{n}-cost"]["value"] for n in range(1, 5)]
    assert costs == pytest.approx([151_579.865957, 259_100.4, 284_804.5, 378_875.2], rel=1e-6)
    numbers = [
        cell
        for grid in made().blocks()
        if isinstance(grid, Grid)
        for row in grid.rows
        for cell, head in zip(row, grid.heads, strict=True)
        if head.number and isinstance(cell.value, float) and head.label != "Line"
    ]
    assert len(numbers) > 500
    assert all(cell.id for cell in numbers)


def test_an_input_leads_to_its_source_its_draws_and_the_expressions_that_use_it() -> None:
    told = read()["trace"]["inputs"]["hr_B"]
    assert told["source"] == "Alarid-Escudero et al., MDM 2023;43:3-20"
    assert told["draw"]["stream"] == "hr_B"
    assert told["draw"]["seed"] == 3
    assert [(each["place"], each["text"]) for each in told["used"]] == [
        ("let.p_S1S2", "probability(r_S1S2 * if(on_B, hr_B, 1))")
    ]
    assert "hr_B" in TOLD.splitlines()[told["used"][0]["line"] - 1]
    after = read()["trace"]["expressions"]["p_S1S2"]["used"]
    assert [each["place"] for each in after] == ["transitions.S1.S2"]


def test_what_is_said_of_the_draws_is_what_the_engine_drew() -> None:
    model = read_model(SICK)
    plain = draw(model, 200, 3)
    for name, row in drawn(model, 200, 3).items():
        values = np.sort(plain[name])
        assert row["mean"] == pytest.approx(sum(values) / 200)
        assert values[4] <= row["low"] <= values[5]
        assert values[194] <= row["high"] <= values[195]
    # Inputs that are drawn together share the stream of their group.
    joint = read_model((SHELF / "hiv.yaml").read_text("utf-8"))
    assert len(set(streams(joint).values())) < len(streams(joint))


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_whatever_a_model_uses_is_found_in_its_document(path: Path) -> None:
    text = path.read_text("utf-8")
    model = read_model(text)
    lines = text.splitlines()
    found = used(model)
    free = set(model.unused)
    for name in (*model.parameters, *model.tables):
        assert bool(found[name]) != (name in free), name
        for each in found[name]:
            assert not each.line or 1 <= each.line <= len(lines)


def test_the_hashes_are_those_of_document_engine_and_answers() -> None:
    import hashlib

    trace = read()["trace"]
    assert trace["document"] == hashlib.sha256(TOLD.encode()).hexdigest()
    assert all(len(run["engine"]) == len(run["digest"]) == 64 for run in trace["runs"])
    assert {run["lock"]["numpy"] for run in trace["runs"]} == {np.__version__}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.tags: Counter[str] = Counter()
        self.images: list[dict[str, str | None]] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags[tag] += 1
        name = told.get("id")
        if name:
            self.ids.append(name)
        if tag == "img":
            self.images.append(told)
        if tag == "a":
            self.links.append((told["href"] or "").removeprefix("#"))


def test_the_page_has_every_id_of_the_json_form_and_runs_nothing() -> None:
    with translation.override("en"):
        text = written(made(HOSTILE), "html").decode()
    page = _Page()
    page.feed(text)
    assert set(page.ids) == set(ids(made(HOSTILE)))
    assert max(Counter(page.ids).values()) == 1
    assert page.tags["script"] == 0
    assert "&lt;script&gt;" in text
    assert all(each["alt"] for each in page.images)
    assert set(page.links) <= set(page.ids)
    assert not re.search(r"(src|href)=\"https?:", text)


def test_the_pdf_is_tagged_for_readers_and_the_same_dossier_gives_the_same_bytes() -> None:
    with translation.override("en"):
        found = as_pdf(made())
        assert found == as_pdf(made())
    assert found.startswith(b"%PDF-1.7")
    assert b"/MarkInfo" in found or b"/StructTreeRoot" in found
    assert b"pdfuaid" in found
    assert b"/Outlines" in found
    assert b"<dc:title>" in found


@pytest.mark.parametrize("language", ["kk", "ky", "uz", "ru"])
def test_the_pdf_is_made_in_every_language_and_says_which(language: str) -> None:
    with translation.override(language):
        found = as_pdf(made(SMALL, language))
    assert f"/Lang({language})".encode() in found


def test_what_people_wrote_stays_text_on_paper() -> None:
    with translation.override("en"):
        assert as_pdf(made(HOSTILE)).startswith(b"%PDF")


def test_every_drawing_stands_before_a_table_with_its_figures() -> None:
    for document in (TOLD, PACK, SMALL):
        blocks = list(made(document).blocks())
        places = [k for k, each in enumerate(blocks) if isinstance(each, Chart)]
        assert places
        assert all(isinstance(blocks[k + 1], Grid) for k in places)


def test_in_the_excel_file_every_table_is_a_sheet_and_nothing_is_a_formula() -> None:
    with translation.override("en"):
        content = written(made(HOSTILE), "xlsx")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        sheets = [book.read(n).decode() for n in book.namelist() if "worksheets/sheet" in n]
        shared = book.read("xl/sharedStrings.xml").decode()
        styles = book.read("xl/styles.xml").decode()
    assert names[0] == "Dossier"
    assert {"Inputs", "Costs and effects", "Tests by group"} <= set(names)
    assert len(sheets) == 1 + sum(isinstance(each, Grid) for each in made(HOSTILE).blocks())
    assert not any("<f>" in each for each in sheets)
    assert "=1+1 &lt;script&gt;" in shared
    assert 'quotePrefix="1"' in styles


def test_what_the_engine_refuses_is_said_with_its_reason_and_the_rest_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_asked: object) -> dict[str, Any]:
        raise BadModelError((Problem.of("hta.run.people", where="arrivals:55", value=1, most=2),))

    monkeypatch.setitem(work.KINDS, "psa", refuse)
    monkeypatch.setitem(work.KINDS, "verify", refuse)
    with translation.override("en"):
        whole = json.loads(as_json(compose(worked_out(SICK, Wanted(100, 0, 1000.0)))))
    found = parts(whole)
    assert found["base"]["parts"]
    assert found["uncertainty"]["blocks"][0]["look"] == "act"
    assert [each["id"] for each in found["uncertainty"]["parts"]] == ["part-tornado"]
    assert "draws" not in found


@pytest.mark.parametrize("form", sorted(KINDS))
def test_the_command_writes_each_form(tmp_path: Path, form: str) -> None:
    out = tmp_path / f"dossier.{form}"
    found = CliRunner().invoke(
        sapar,
        ["hta", "dossier", str(SHELF / "migraine.yaml"), "--threshold", "50000", "--language",
         "ru", "--out", str(out)],
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    begins = {"json": b"{", "html": b'<!doctype html>\n<html lang="ru">', "pdf": b"%PDF",
              "xlsx": b"PK"}  # fmt: skip
    assert out.read_bytes().startswith(begins[form])


def test_a_file_of_another_form_is_refused_before_anything_runs(tmp_path: Path) -> None:
    out = tmp_path / "dossier.docx"
    found = CliRunner().invoke(
        sapar, ["hta", "dossier", str(SHELF / "migraine.yaml"), "--out", str(out)]
    )
    assert found.exit_code == 2
    assert not out.exists()
