"""Asking the engine on a page, its progress, and answers as a sentence, pictures, tables, files."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from xml.etree import ElementTree as ET

import pytest
from django.urls import reverse

from sapar.hta import actions, queries
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.uncertainty.sample import sample
from sapar.hta.models import ModelRun
from sapar.hta.work import answer
from sapar.kernel.jobs import worker
from tests.hta import process_world as world
from tests.hta.test_budget import SMALL as UNSOURCED
from tests.hta.test_pages_models import SHELF, SICK, TREE, body, english, kept

pytestmark = pytest.mark.django_db
SMALL = re.sub(
    r"\{(value: [^,}]+|by_strategy: \{[^}]+\})", r"{\1, source: a trial, mark: verified", UNSOURCED
)
SVG = "{http://www.w3.org/2000/svg}"


def asked(kind: str, document: str = SICK, seed: int = 0, **options):
    """A run that was answered."""
    run = actions.ask_run(
        by=world.actor("dana"), version=kept(document), kind=kind, options=options, seed=seed
    )
    worker.drain()
    return run


def page_of(run, name: str = "bauyrzhan") -> str:
    return body(english(name).get(reverse("hta:run", args=[run])))


def file_of(run, name: str):
    picture, form = name.split(".")
    return english("bauyrzhan").get(reverse("hta:download", args=[run, picture, form]))


def rows_of(run, name: str) -> list[dict[str, str]]:
    text = file_of(run, f"{name}.csv").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_every_question_has_its_form_and_leads_to_a_run_that_can_be_watched() -> None:
    version = kept()
    client, address = english("dana"), reverse("hta:ask", args=[version])
    page = body(client.get(address))
    for kind in ("base", "psa", "sensitivity", "voi", "verify"):
        assert f'name="kind" value="{kind}"' in page
    assert "Worth of one unit of effect, USD/QALY" in page
    led = client.post(address, {"kind": "psa", "threshold": "100000", "draws": "200", "seed": "7"})
    run = ModelRun.objects.get()
    assert led["Location"] == reverse("hta:run", args=[run.pk])
    assert (run.kind, run.seed, run.options["draws"]) == ("psa", 7, 200)
    assert run.options["thresholds"][:2] == [0, 5000]
    assert len(run.options["thresholds"]) == 41
    waiting = body(client.get(led["Location"]))
    assert "hx-get" in waiting
    assert "Waits to begin" in waiting
    part = client.get(reverse("hta:progress", args=[run.pk]))
    assert "HX-Refresh" not in part
    assert "<html" not in part.content.decode()
    worker.drain()
    assert client.get(reverse("hta:progress", args=[run.pk]))["HX-Refresh"] == "true"
    assert "hx-get" not in body(client.get(led["Location"]))
    assert led["Location"] in body(client.get(address))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "psa", "draws": "200", "seed": "0"}, "This field is required"),
        ({"kind": "psa", "threshold": "1", "draws": "5", "seed": "0"}, "greater than or equal"),
        (
            {"kind": "voi", "threshold": "1", "draws": "200", "seed": "0", "sets": "u_S1, nobody"},
            "has no distribution",
        ),
        (
            {"kind": "sensitivity", "threshold": "1", "of": "a", "against": "a"},
            "Choose another strategy",
        ),
    ],
)
def test_a_question_with_a_mistake_says_so_beside_its_field_and_asks_nothing(given, said) -> None:
    answer = english("dana").post(reverse("hta:ask", args=[kept()]), given)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert 'aria-invalid="true"' in page
    assert not ModelRun.objects.exists()


def test_what_a_model_cannot_be_asked_is_not_offered_and_not_taken() -> None:
    client, address = english("dana"), reverse("hta:ask", args=[kept(TREE)])
    assert 'value="budget"' not in body(client.get(address))
    assert client.post(address, {"kind": "budget"}).status_code == 404
    assert english("bauyrzhan").get(address).status_code == 403
    assert english("kyrgyz").get(address).status_code == 404


def test_a_base_case_shows_the_published_figures_the_frontier_and_every_convention() -> None:
    run = asked("base")
    page = page_of(run)
    assert "151,580" in page  # published: 151,579.866
    assert "dominated" in page
    assert "does not say what one unit of effect is worth" in page
    by_name = {row["strategy"]: row for row in rows_of(run, "strategies")}
    assert float(by_name["Standard of care"]["cost"]) == pytest.approx(151_579.865957, rel=1e-11)
    table = rows_of(run, "conventions")
    found = {(row["within_cycle"], row["discounting"]): float(row["cost_soc"]) for row in table}
    assert len(table) == 12
    for rule, cost in (("half-cycle", 152_262.291), ("life-table", 154_535.412)):
        assert found[rule, "by years (discrete)"] == pytest.approx(cost, abs=6e-4)
    assert sum(row["of_the_model"] == "yes" for row in table) == 1


def test_where_people_are_is_drawn_for_each_strategy_and_shares_are_whole() -> None:
    run = asked("base")
    rows = rows_of(run, "occupancy-1")
    assert len(rows) == 76
    for row in rows:
        shares = [float(row[name]) for name in ("H", "S1", "S2", "D")]
        assert sum(shares) == pytest.approx(1, abs=1e-9)
    assert page_of(run).count('id="occupancy-') >= 4


def test_a_verdict_says_the_best_choice_what_it_costs_and_how_sure_that_is() -> None:
    page = page_of(asked("psa", threshold=100_000, draws=400, thresholds=[0, 100_000, 200_000]))
    assert "At 100,000 USD/QALY, “Treatment B” is the best choice on average." in page
    assert "Against “Standard of care” it costs" in page
    assert "It is the best in" in page
    assert "knowing everything would be worth" in page
    low = page_of(asked("base", threshold=1000))
    assert "“Standard of care” is the best choice. No other strategy is worth its cost." in low


def test_a_model_with_placeholders_is_not_assessable_whatever_it_gives() -> None:
    source = 'source: "Alarid-Escudero et al., MDM 2023;43:3-20", '
    for kind, options in (
        ("base", {"threshold": 100_000}),
        ("psa", {"threshold": 100_000, "draws": 100, "thresholds": [0, 100_000]}),
    ):
        page = page_of(asked(kind, SICK.replace(source, "", 1), **options))
        assert "Not assessable: 1 input has no source (“Death rate, healthy”)." in page
        assert "” is the best choice" not in page


def test_the_plane_has_a_point_for_each_draw_and_its_file_has_them_all() -> None:
    run = asked("psa", threshold=100_000, draws=300, thresholds=[0, 100_000])
    rows = rows_of(run, "plane")
    assert len(rows) == 3 * 300
    result = queries.run_of(world.actor("dana"), run).result
    assert result is not None
    means = {row["strategy"]: row for row in result["psa"]["means"]}
    mine = [float(row["more_cost"]) for row in rows if row["strategy"] == "Treatment A"]
    assert sum(mine) / 300 == pytest.approx(means["a"]["cost"] - means["soc"]["cost"])
    drawn = ET.fromstring(file_of(run, "plane.svg").content)  # noqa: S314 - our own drawing
    clouds = [p for p in drawn.iter(f"{SVG}path") if "cloud" in (p.get("class") or "")]
    assert [p.get("d", "").count("h0") for p in clouds] == [300, 300, 300]


def test_chances_at_every_worth_sum_to_one_and_losses_end_at_evpi() -> None:
    worths = [0, 50_000, 100_000, 150_000, 200_000]
    run = asked("psa", threshold=100_000, draws=300, thresholds=worths)
    names = ("soc", "a", "b", "ab")
    for row in rows_of(run, "acceptability"):
        assert sum(float(row[f"chance_{n}"]) for n in names) == pytest.approx(1)
    evpi = [float(row["evpi"]) for row in rows_of(run, "evpi")]
    losses = rows_of(run, "loss")
    assert [min(float(row[f"loss_{n}"]) for n in names) for row in losses] == pytest.approx(evpi)


def test_a_tornado_lists_the_widest_first_and_warns_of_what_moves_nothing() -> None:
    lame = SICK.replace(
        "  r_HD:\n",
        "  lame: {value: 1, unit: USD/year, label: Moves nothing, source: s, date: 2026-11-25, "
        "mark: verified}\n  r_HD:\n",
        1,
    ).replace("states: {H: c_H", "states: {H: c_H + 0 * lame", 1)
    run = asked("sensitivity", lame, threshold=100_000)
    page = page_of(run)
    swings = [
        abs(float(row["net_benefit_high"]) - float(row["net_benefit_low"]))
        for row in rows_of(run, "tornado")
    ]
    assert swings == sorted(swings, reverse=True)
    assert "These inputs move nothing" in page or "Nothing uses" in page
    assert "the best choice changes within the range of" in page
    assert 'class="bar-low"' in page


def test_what_knowing_is_worth_is_drawn_with_its_error_and_said() -> None:
    run = asked("voi", threshold=100_000, draws=1500, sets=[["u_S1", "c_A"]])
    page = page_of(run)
    assert "knowing everything would be worth" in page
    assert "Utility, sick + Cost of treatment A" in page
    rows = rows_of(run, "evppi")
    assert all(float(row["error"]) >= 0 for row in rows)
    assert 'class="whisker"' in page


def test_verification_lists_every_test_the_failed_ones_first() -> None:
    page = page_of(asked("verify"))
    rows = rows_of(ModelRun.objects.get().pk, "checks")
    assert len(rows) >= 60
    assert "The model passed all" in page
    order = ["failed", "warning", "passed", "not applicable"]
    places = [order.index(row["status"]) for row in rows]
    assert places == sorted(places)


def test_a_budget_is_drawn_by_year_with_and_without_and_its_sum_is_said() -> None:
    run = asked("budget", SMALL, draws=200)
    page = page_of(run)
    rows = rows_of(run, "difference")
    assert [row["year"] for row in rows] == ["2027", "2028", "2029", "2030", "2031"]
    for row in rows:
        more = float(row["with"]) - float(row["without"])
        assert float(row["difference"]) == pytest.approx(more)
        assert float(row["low"]) <= float(row["high"])
    total = sum(float(row["difference"]) for row in rows)
    assert f"the payers {'save' if total < 0 else 'pay'} {round(abs(total)):,} KZT" in page
    starts = rows_of(run, "people")
    assert float(starts[0]["with_new"]) == pytest.approx(0.25 * 200)
    assert 'class="band' in page


def test_every_picture_names_its_table_and_offers_its_files() -> None:
    run = asked("psa", threshold=100_000, draws=200, thresholds=[0, 100_000, 200_000])
    page = page_of(run)
    drawn = [part.split('"')[0] for part in page.split('aria-describedby="')[1:]]
    assert len(drawn) >= 5
    for table in drawn:
        assert f'id="{table}"' in page
        key = table.removesuffix("-table")
        assert file_of(run, f"{key}.csv")["Content-Type"].startswith("text/csv")
        text = file_of(run, f"{key}.svg").content.decode()
        assert ET.fromstring(text).find(f"{SVG}title") is not None  # noqa: S314 - our own
        assert "var(" not in text
    assert file_of(run, "nothing.csv").status_code == 404
    assert file_of(run, "means.svg").status_code == 404


def test_the_whole_answer_is_an_excel_file_with_a_sheet_for_each_picture() -> None:
    run = asked("base", threshold=100_000)
    file = file_of(run, "answer.xlsx")
    assert file["Content-Disposition"].endswith('sick-sicker-1-base.xlsx"')
    with zipfile.ZipFile(io.BytesIO(file.content)) as book:
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        assert {"Costs and effects", "Inputs"} <= set(names)
        assert len(names) == 2 + 1 + 4 + 1  # about, inputs; figures; where people are; conventions
        numbers = book.read(f"xl/worksheets/sheet{names.index('Costs and effects') + 1}.xml")
    assert b"151579.8659" in numbers


def test_a_refused_run_names_the_mistake_and_draws_nothing() -> None:
    wrong = SICK.replace("(1 - p_HD) * p_HS1, D: p_HD", "p_HS1 + 1, D: p_HD")
    page = page_of(asked("base", wrong))
    assert "The model or the question has mistakes" in page
    assert "together above one" in page
    assert "line 86" in page
    assert 'class="chart-drawing"' not in page


def test_runs_are_read_by_ones_own_body_alone() -> None:
    run = asked("base")
    address = reverse("hta:run", args=[run])
    assert english("kyrgyz").get(address).status_code == 404
    assert english("marat").get(address).status_code == 403
    assert english("kanat").get(address).status_code == 200


def test_progress_of_draws_is_told_piece_by_piece_and_gives_the_same_sample() -> None:
    told: list[float] = []
    options = {"draws": 3000, "thresholds": [100_000]}
    found = answer(SICK, "psa", options, 7, lambda share, _phrase: told.append(share))
    assert len(told) >= 4
    assert told == sorted(told)
    at_once = sample(read_model(SICK), 3000, 7)
    assert found["psa"]["means"][0]["cost"] == float(at_once.costs[0].mean())
    assert found["cloud"]["draws"] == 1000
    assert found["cloud"]["strategies"]["b"]["costs"] == at_once.costs[2, :1000].tolist()


def test_people_followed_one_by_one_have_errors_beside_every_figure() -> None:
    document = (SHELF / "illness-death.yaml").read_text("utf-8")
    run = asked("base", document.replace("people: 100000", "people: 2000"))
    page = page_of(run)
    assert "people were followed one by one" in page
    for row in rows_of(run, "strategies"):
        assert float(row["cost_error"]) > 0
        assert float(row["effect_error"]) > 0
