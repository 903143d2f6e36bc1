"""Pages of models: the list, a version to read, a new version whose mistakes lose nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sapar.hta import actions, queries
from sapar.hta.models import ModelVersion
from sapar.kernel.jobs import worker
from tests.hta import process_world as world

pytestmark = pytest.mark.django_db
SHELF = Path(__file__).parents[2] / "data" / "hta"
SICK = (SHELF / "sick-sicker.yaml").read_text("utf-8")
TREE = (SHELF / "migraine.yaml").read_text("utf-8")


def kept(document: str = SICK):
    return actions.save_version(by=world.actor("dana"), document=document)


def body(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def english(name: str):
    client = world.client(name)
    client.cookies["django_language"] = "en"
    return client


def test_without_a_model_the_list_says_what_to_do_and_to_whom() -> None:
    assert "/hta/models/new/" in body(english("dana").get("/hta/models/"))
    assert "/hta/models/new/" not in body(english("bauyrzhan").get("/hta/models/"))
    assert english("marat").get("/hta/models/").status_code == 403


def test_the_list_leads_to_the_newest_version_of_each_model_of_ones_own_body() -> None:
    first = kept()
    second = actions.save_version(
        by=world.actor("dana"), document=SICK.replace("value: 0.6,", "value: 0.65,")
    )
    page = body(english("bauyrzhan").get("/hta/models/"))
    assert str(second) in page
    assert str(first) not in page
    assert "sick-sicker" not in body(english("kyrgyz").get("/hta/models/"))
    assert english("kyrgyz").get(reverse("hta:version", args=[second])).status_code == 404
    assert english("dana").get("/hta/", follow=True).status_code == 200
    model = queries.version_of(world.actor("dana"), second).model
    led = english("dana").get(reverse("hta:model", args=[model]))
    assert led["Location"] == reverse("hta:version", args=[second])


def test_a_version_is_read_with_settings_drawing_inputs_and_the_document_by_lines() -> None:
    version = kept()
    page = body(english("bauyrzhan").get(reverse("hta:version", args=[version])))
    for part in (
        "75 cycles",
        "a cycle is 1 year",
        "Simpson&#x27;s weights",
        "costs: 3 % a year",
        'role="img"',
        "gamma(shape=20, rate=10000)",
        "Alarid-Escudero",
        "verified",
        'id="line-1"',
        "probability(r_HD)",
        "6 transitions",
        "tells strategies apart",
    ):
        assert part in page, part
    assert "not assessable" not in page
    assert reverse("hta:ask", args=[version]) not in page  # the committee reads; analysts ask
    assert reverse("hta:ask", args=[version]) in page_of(version)


def page_of(version, name: str = "dana") -> str:
    return body(english(name).get(reverse("hta:version", args=[version])))


def test_a_tree_is_drawn_as_branches_with_their_chances() -> None:
    page = page_of(kept(TREE))
    assert "Decision tree" in page
    assert 'class="chart-drawing"' in page
    assert 'id="branches"' in page


def test_placeholders_and_what_is_not_verified_are_named_at_the_top_and_marked_in_the_table() -> (
    None
):
    lines = [
        line.replace('source: "Alarid-Escudero et al., MDM 2023;43:3-20", ', "")
        if "source" in line and number < 30
        else line.replace("mark: verified", "mark: unverified")
        for number, line in enumerate(SICK.splitlines())
    ]
    page = page_of(kept("\n".join(lines)))
    assert "a run of this model is not assessable" in page
    assert "Death rate, healthy" in page.split("<table")[0]
    assert "inputs are not verified" in page
    assert page.count('class="placeholder"') >= 1
    assert "placeholder: no source" in page


@pytest.mark.parametrize("document", sorted(SHELF.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_model_of_the_shelf_can_be_read_on_a_page(document: Path) -> None:
    page = page_of(kept(document.read_text("utf-8")))
    assert 'id="inputs"' in page
    assert 'class="chart-drawing"' in page


def test_a_document_with_mistakes_stays_in_the_form_with_each_mistake_at_its_line() -> None:
    wrong = SICK.replace("p_HS1,", "p_HS9,").replace("cycle: 1 year", "cycle: 1 moon")
    client = english("dana")
    answer = client.post("/hta/models/new/", {"document": wrong, "do": "keep", "why": "a try"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert not ModelVersion.objects.exists()
    assert "There are 2 mistakes in the document" in page
    assert 'href="#line-86"' in page
    assert '<tr id="line-86" class="wrong">' in page
    assert "cycle: 1 moon" in page.split("</textarea>")[0]  # nothing that was typed is lost
    assert 'value="a try"' in page


def test_checking_keeps_nothing_and_says_that_all_is_well() -> None:
    answer = english("dana").post("/hta/models/new/", {"document": SICK, "do": "check"})
    assert "the document has no mistake" in body(answer)
    assert "sick-sicker" in answer.content.decode().split("</textarea>")[0]
    assert not ModelVersion.objects.exists()


def test_a_file_and_a_pasted_text_with_other_line_ends_are_kept_letter_for_letter() -> None:
    client = english("dana")
    file = SimpleUploadedFile("m.yaml", SICK.encode(), content_type="text/yaml")
    led = client.post("/hta/models/new/", {"file": file, "do": "keep"})
    first = ModelVersion.objects.get()
    assert led["Location"] == reverse("hta:version", args=[first.pk])
    assert first.document == SICK
    again = client.post("/hta/models/new/", {"document": SICK.replace("\n", "\r\n"), "do": "keep"})
    assert again["Location"] == led["Location"]
    assert ModelVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Paste a document, or choose a file."),
        ({"file": SimpleUploadedFile("m.yaml", b"\xff\xfe\x00")}, "not a text in UTF-8"),
    ],
)
def test_nothing_and_what_is_no_text_is_refused_with_words(given, said: str) -> None:
    answer = english("dana").post("/hta/models/new/", {**given, "do": "keep"})
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_new_version_begins_with_the_text_of_the_last_and_is_numbered() -> None:
    seen = queries.version_of(world.actor("dana"), kept())
    address = reverse("hta:new-version", args=[seen.model])
    client = english("dana")
    assert "r_HS1" in body(client.get(address)).split("</textarea>")[0]
    changed = SICK.replace("value: 0.6,", "value: 0.65,")
    led = client.post(address, {"document": changed, "do": "keep", "why": "a new trial"})
    page = body(client.get(led["Location"]))
    assert "version 2" in page
    assert "a new trial" in page
    assert "There is a newer version" in page_of(seen.id)
    assert client.get(reverse("hta:new-version", args=[seen.id])).status_code == 404


def test_only_analysts_write() -> None:
    for name in ("bauyrzhan", "kanat", "marat"):
        answer = english(name).post("/hta/models/new/", {"document": SICK, "do": "keep"})
        assert answer.status_code == 403
    assert not ModelVersion.objects.exists()


def test_the_files_of_a_version_are_the_document_the_drawing_and_the_inputs() -> None:
    version = kept()
    client = world.client("bauyrzhan")

    def file(name: str):
        part, form = name.split(".")
        return client.get(reverse("hta:version-file", args=[version, part, form]))

    assert file("document.yaml").content.decode() == SICK
    drawing = file("diagram.svg")
    assert drawing["Content-Type"].startswith("image/svg+xml")
    assert drawing["Content-Disposition"].startswith("attachment")
    assert "<svg xmlns=" in drawing.content.decode()
    rows = file("inputs.csv").content.decode("utf-8-sig").splitlines()
    assert rows[0].startswith("name,strategy,label,value")
    assert any(row.startswith("r_HD,,") for row in rows)
    assert file("diagram.png").status_code == 404
    assert file("nothing.csv").status_code == 404


def test_two_versions_stand_side_by_side_with_inputs_lines_and_answers() -> None:
    dana = world.actor("dana")
    first = kept()
    model = queries.version_of(dana, first).model
    changed = SICK.replace("value: 13000,", "value: 11000,")
    changed = changed.replace("mark: verified", "mark: unverified", 1)
    second = actions.save_version(by=dana, document=changed, model=model, why="a tender")
    address = reverse("hta:beside", args=[first, second])
    client = english("bauyrzhan")
    page = body(client.get(address))
    assert "Version 2 beside version 1" in page
    assert "Both versions need an answered base case" in page
    assert "13,000 USD/year" in page
    assert "11,000 USD/year" in page
    assert "not verified" in page
    assert "<ins>+" in page
    for version in (first, second):
        actions.ask_run(by=dana, version=version, kind="base")
    worker.drain()
    page = body(client.get(address))
    assert "259,100" in page  # treatment B before
    assert "a tender" in page
    assert address in page_of(second)
    other = kept(TREE)
    assert client.get(reverse("hta:beside", args=[first, other])).status_code == 404


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [*a]",
        "!!python/object/apply:os.system [ls]",
        "{" * 3000,
        "- " * 3000,
        "schema: sapar.hta.model/1\ncycles: [1, 2",
        "schema: sapar.hta.model/1\nid: <script>alert(1)</script>",
        "\N{ZERO WIDTH SPACE}\N{GRINNING FACE}",
        "schema: sapar.hta.individual/1",
        'id: "x\\r\\nSet-Cookie: y"',
    ],
)
def test_a_hostile_document_is_refused_with_words_and_shown_as_text(text: str) -> None:
    answer = english("dana").post("/hta/models/new/", {"document": text, "do": "keep"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<script>alert" not in page
    assert "Nothing was kept" in page
    assert not ModelVersion.objects.exists()
