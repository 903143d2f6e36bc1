"""The shelf of ready packs: they run, they pass, and without sources they decide nothing."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner

from sapar.cli.main import sapar
from sapar.hta.engine import report, report_value
from sapar.hta.engine.anchors.check import check, read_anchors
from sapar.hta.engine.budget.report import report as budget
from sapar.hta.engine.eligibility.report import report as eligibility
from sapar.hta.engine.equity.report import report as equity
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.facility.report import flip_of
from sapar.hta.engine.facility.report import report as facility
from sapar.hta.engine.model.names import uses
from sapar.hta.engine.model.placeholders import knowledge, placeholders, unverified
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.uncertainty.sample import sample
from sapar.hta.engine.verification.kinds import FAILED, WARNED
from sapar.hta.engine.verification.verify import TESTS, look, subject_of
from tests.hta.planted import verified

if TYPE_CHECKING:
    from click.testing import Result

    from sapar.hta.engine.model.model import AnyModel

SHELF = Path(__file__).parents[2] / "data" / "hta"
PACKS = sorted(path.stem for path in (SHELF / "packs").glob("*.yaml"))
SOURCE = 'source: "a trial", date: 2026-11-25, mark: '


def text_of(name: str) -> str:
    return (SHELF / "packs" / f"{name}.yaml").read_text(encoding="utf-8")


@cache
def pack(name: str) -> AnyModel:
    return read_model(text_of(name))


@cache
def answer(name: str) -> dict:
    return report.run(pack(name))


def filled(name: str, mark: str = "verified") -> str:
    """The pack as if somebody had found a source for every input."""
    lines = [
        line if "source:" in line else line.replace("mark: demonstration", SOURCE + mark)
        for line in text_of(name).splitlines()
    ]
    return "\n".join(lines) + "\n"


def call(*arguments: str, given: str) -> Result:
    return CliRunner().invoke(sapar, ["--language", "en", "hta", *arguments], input=given)


def test_every_pack_that_was_promised_is_on_the_shelf() -> None:
    assert PACKS == [
        "abroad-or-home",
        "facility-800",
        "organ-perfusion",
        "proton-breast",
        "proton-head-and-neck",
        "proton-medulloblastoma",
    ]


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_says_its_question_structure_and_gaps_before_it_begins(name: str) -> None:
    before = text_of(name).split("schema:")[0]
    assert all(line.startswith("#") for line in before.splitlines())
    for word in ("Question:", "Structure", "Missing:"):
        assert word in before
    assert pack(name).sections["about"].value["question"].endswith("?")


@pytest.mark.parametrize("name", PACKS)
def test_every_input_has_a_unit_a_label_and_a_source_with_its_date_or_none_at_all(
    name: str,
) -> None:
    model = pack(name)
    for each in (*model.parameters.values(), *model.tables.values()):
        assert each.unit, each.name
        assert each.label not in {"", each.name}, each.name
        if each.source:
            assert each.read is not None, each.name
            assert each.mark in {"verified", "unverified"}, each.name
    assert not model.unused
    # What has a distribution is centred near its value: the form is right, the number need not be.
    drawn = sample(model, 2_000, 1)
    for key, values in drawn.parameters.items():
        own = float(model.parameters[key].values[""].text)
        assert np.median(values) == pytest.approx(own, rel=0.06), key


@pytest.mark.parametrize("name", PACKS)
def test_a_placeholder_is_a_round_number(name: str) -> None:
    model = pack(name)
    for key in placeholders(model):
        if key in model.parameters:
            (value,) = model.parameters[key].values.values()
            digits = value.text.replace(".", "").strip("0")
            assert len(digits) <= 3, key


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_runs_and_draws_finite_numbers(name: str) -> None:
    found = answer(name)
    for row in found["strategies"]:
        assert np.isfinite([row["cost"], row["effect"]]).all()
        assert row["cost"] > 0
        assert row["effect"] > 0
    drawn = sample(pack(name), 300, 7)
    assert np.isfinite(drawn.costs).all()
    assert np.isfinite(drawn.effects).all()
    assert drawn.costs.std(axis=1).min() > 0
    means = {row["strategy"]: row for row in found["strategies"]}
    for k, each in enumerate(pack(name).strategies):
        spread = drawn.costs[k].std()
        assert abs(drawn.costs[k].mean() - means[each.name]["cost"]) < spread


@pytest.mark.xdist_group("verification")  # on the worker that has put the packs to the tests
@pytest.mark.parametrize("name", PACKS)
def test_a_pack_passes_verification_but_for_its_sources(name: str) -> None:
    found = verified(f"packs/{name}")
    assert not found.of(FAILED)
    assert "sources.sources" in {each.test.id for each in found.of(WARNED)}
    sourced = subject_of(read_model(filled(name)))
    assert look(TESTS["sources.sources"], sourced).status != WARNED


@pytest.mark.parametrize("name", PACKS)
def test_with_placeholders_a_pack_is_not_assessable_and_names_them(name: str) -> None:
    found = answer(name)
    assert not found["verdict"]["assessable"]
    assert (
        found["verdict"]["placeholders"] == found["placeholders"] == list(placeholders(pack(name)))
    )
    assert found["verdict"]["unverified"] == list(unverified(pack(name)))
    said = call("run", "-", "--threshold", "20000", given=text_of(name)).stdout
    assert f"Not assessable: {len(found['placeholders'])} inputs have no source: " in said
    assert "best" not in said


@pytest.mark.parametrize("name", PACKS)
def test_with_every_source_found_a_pack_is_assessable_and_names_the_best(name: str) -> None:
    model = read_model(filled(name))
    found = report.run(model)
    assert found["verdict"]["assessable"]
    assert found["verdict"]["placeholders"] == []
    assert found["strategies"] == answer(name)["strategies"]
    said = call("run", "-", "--threshold", "20000", "--psa", "50", given=filled(name)).stdout
    assert "At 20,000: best " in said
    assert "of 100 draws" in said
    assert "Not assessable" not in said
    # One source that is missing again is enough.
    one = filled(name).replace(SOURCE + "verified", "mark: demonstration", 1)
    assert len(report.run(read_model(one))["verdict"]["placeholders"]) == 1


def test_inputs_that_nobody_verified_do_not_prevent_a_conclusion_but_are_named() -> None:
    given = filled("organ-perfusion", "unverified")
    found = report.run(read_model(given))["verdict"]
    assert found["assessable"]
    assert len(found["unverified"]) == len(placeholders(pack("organ-perfusion")))
    said = call("run", "-", "--threshold", "20000", given=given).stdout
    assert "At 20,000: best Cold storage; run with --psa to see how sure that is." in said
    assert f"{len(found['unverified'])} inputs are not verified: used_cold, " in said


def test_equal_sparing_leaves_the_childrens_arms_apart_by_the_price_only() -> None:
    rows = report_value.scenarios(pack("proton-medulloblastoma"))
    (none,) = [each for each in rows if each["scenario"] == "no_sparing"]
    photon, proton = (none["strategies"][each] for each in ("photon", "proton"))
    assert proton["effect"] == pytest.approx(photon["effect"], rel=1e-12)
    # 30 fractions at 743 against 233, all of them in the first cycle and for every child.
    assert proton["cost"] - photon["cost"] == pytest.approx(30 * (743 - 233), rel=1e-9)


def test_the_childrens_model_is_counted_as_by_hand() -> None:
    """Survivors, shares of late effects and money year by year, with plain numbers."""
    found = {each["strategy"]: each for each in answer("proton-medulloblastoma")["strategies"]}
    rows = {5: 0.0005, 15: 0.0005, 25: 0.001, 35: 0.002, 45: 0.005, 55: 0.01, 65: 0.02, 75: 0.05,
            85: 0.1, 95: 0.3}  # fmt: skip
    stays = ((0.2, 3, 0.1, 1_000), (0.5, 5, 0.1, 2_000), (0.4, 5, 0.05, 200), (0.2, 20, 0.05, 500))
    for name, factor, fraction in (("photon", 1.0, 233), ("proton", 0.5, 743)):
        alive, ill, cost, qaly = 1.0, 0.0, 30 * (fraction + 0.396 * 200), 0.0
        values = []
        for year in range(96):
            event = 0.005 * factor if year >= 10 else 0.0
            base = rows[max(key for key in rows if key <= 5 + year)]
            shares = [(p * factor * (1 - np.exp(-year / y)), d, c) for p, y, d, c in stays]
            hormone = 0.6 * factor * (1 - np.exp(-year / 3))
            u = 0.9 - sum(s * d for s, d, _ in shares) - hormone * 0.05
            u -= 2 * 0.2 * (1 - np.exp(-event))
            c = sum(s * c for s, _, c in shares) + (hormone * 10_000 if year < 13 else 0)
            c += event * 30_000
            values.append((alive, ill, u, c))
            p_death = 1 - np.exp(-(base + event * 0.7))
            p_relapse = 1 - np.exp(-0.05) if year < 5 else 0.0
            p_ill = 1 - np.exp(-(0.5 + base))
            alive, ill = (
                alive * (1 - p_death) * (1 - p_relapse),
                ill * (1 - p_ill) + alive * (1 - p_death) * p_relapse,
            )
        for year in range(95):
            (a0, i0, u0, c0), (a1, i1, _, _) = values[year : year + 2]
            # People count at both ends of a cycle, with what they are worth at its beginning.
            v = 1.03**-year
            qaly += v * ((a0 + a1) / 2 * u0 + (i0 + i1) / 2 * 0.5)
            cost += v * ((a0 + a1) / 2 * c0 + (i0 + i1) / 2 * 20_000)
        assert found[name]["effect"] == pytest.approx(qaly, rel=1e-6)
        assert found[name]["cost"] == pytest.approx(cost, rel=1e-6)


def test_the_best_limit_for_head_and_neck_is_where_the_cohorts_net_benefit_is_largest() -> None:
    model = pack("proton-head-and-neck")
    rule = eligibility(model)
    limits = np.linspace(0.02, 0.3, 561)
    found = evaluate(model, {"limit": limits}).discounted
    k = [each.name for each in model.strategies].index("selected")
    benefit = 50_000 * found["qaly"][k] - found["cost"][k]
    assert limits[benefit.argmax()] == pytest.approx(rule["limit"], abs=0.001)
    # Choosing by a limit is worth what the section says, less one comparison each.
    none = 50_000 * found["qaly"][0] - found["cost"][0]
    gained = benefit.max() - float(none.flat[0]) + 500
    assert gained == pytest.approx(rule["individual"], rel=0.005)


def test_the_limit_of_two_points_is_reached_at_the_dose_that_the_rule_names() -> None:
    """Closed forms of the log-normal against drawn patients."""
    model = pack("proton-breast")
    rng = np.random.default_rng(2)
    doses = 5 * np.exp(0.5 * rng.standard_normal(1_000_000))
    risk = 1 - np.exp(-0.002 * (np.exp(0.05 * 30) - 1) / 0.05)
    above = risk * 0.074 * doses * 0.8 >= 0.02
    # Where events cost nothing, courses and comparisons are all that strategies differ by.
    free = evaluate(model, {"c_event": np.zeros(1), "c_after": np.zeros(1)}).discounted["cost"][
        :, 0
    ]
    courses = 15 * (743 - 233)
    assert free[2] - free[0] == pytest.approx(courses)
    assert (free[1] - free[0] - 500) / courses == pytest.approx(above.mean(), abs=0.002)
    found = evaluate(model).discounted
    kept = np.where(above, doses * 0.2, doses).mean()
    twin = read_model(
        text_of("proton-breast").replace("limit: {value: 0.02", "limit: {value: 1e-9")
    )
    assert evaluate(twin).discounted["qaly"][1, 0] == pytest.approx(found["qaly"][2, 0], rel=1e-12)
    saved = found["qaly"][1, 0] - found["qaly"][0, 0]
    whole = found["qaly"][2, 0] - found["qaly"][0, 0]
    assert saved / whole == pytest.approx((doses.mean() - kept) / (0.8 * doses.mean()), abs=0.01)


def test_the_centre_of_800_has_a_cost_by_volume_and_life_and_a_volume_at_which_home_is_better() -> (
    None
):
    model = pack("facility-800")
    (centre,) = facility(model)
    assert centre["treated"][0] == pytest.approx(0.25 * 800 * 25)
    assert centre["treated"][-1] == pytest.approx(800 * 25)
    assert 0.9 < centre["utilisation"] < 1
    assert centre["cost_per_course"] == pytest.approx(25 * centre["cost_per_fraction"])
    flip = flip_of(model, "patients", 20_000, ("home", "abroad"), (8, 8_000))
    assert flip.status == "flips"
    assert flip.volume is not None
    assert 8 < flip.volume < 800
    at = evaluate(model, {"patients": np.array([flip.volume])}).discounted
    benefit = 20_000 * at["qaly"][:, 0] - at["cost"][:, 0]
    assert benefit[0] == pytest.approx(benefit[1], abs=1)
    rows = {each["scenario"]: each for each in report_value.scenarios(model)}
    costs = {key: row["strategies"]["home"]["cost"] for key, row in rows.items()}
    assert costs["half"] > costs[""]
    assert costs["ten_years"] > costs[""]


def test_a_perfusion_machine_pays_from_some_number_of_procedures_on() -> None:
    model = pack("organ-perfusion")
    flip = flip_of(model, "procedures", 30_000, ("perfusion", "cold"), (0.25, 2_500))
    assert flip.status == "flips"
    assert flip.benefit_least < 0 < flip.benefit_most


@pytest.mark.parametrize("name", PACKS)
def test_every_budget_of_a_pack_changes_with_the_uptake(name: str) -> None:
    found = budget(pack(name))
    (row,) = found["payers"]
    assert np.isfinite(row["difference"]).all()
    assert abs(row["difference"][1]) > abs(row["difference"][0]) > 0


def test_those_who_live_far_gain_less_from_treatment_at_home_and_equity_says_so() -> None:
    found = equity(pack("abroad-or-home"))
    near, far = found["groups"]
    assert far["gained"] < near["gained"]
    json.dumps(found)


@pytest.mark.parametrize(
    ("name", "anchors"),
    [
        ("ramaekers", {"efficient": "ramaekers-efficient", "proton": "ramaekers-all"}),
        ("organox", {"perfusion": "organox"}),
        ("hepatocellular", {"proton": "hepatocellular"}),
    ],
)
def test_a_published_frontier_comes_back_from_published_means_within_rounding(
    name: str, anchors: dict[str, str]
) -> None:
    published = read_anchors((SHELF / "published" / "anchors.yaml").read_text(encoding="utf-8"))
    model = read_model((SHELF / f"{name}.yaml").read_text(encoding="utf-8"))
    rows = {each["strategy"]: each for each in report.run(model)["strategies"]}
    assert {each["status"] for each in rows.values()} == {"frontier"}
    for strategy, anchor in anchors.items():
        found = check(published[anchor])
        assert rows[strategy]["icer"] == pytest.approx(found.value, rel=1e-12)
        assert found.verdict in {"within rounding", "not published"}
    assert report.run(model)["verdict"] == {
        "assessable": True,
        "placeholders": [],
        "unverified": list(model.parameters),
    }


def test_a_section_that_uses_a_name_which_changes_with_time_is_refused_before_anything_runs() -> (
    None
):
    wrong = text_of("proton-head-and-neck").replace("  cost: c_more\n", "  cost: c_more * age\n")
    found = call("eligibility", "-", given=wrong)
    assert found.exit_code == 3
    assert "changes with time" in found.stderr
    model = pack("proton-head-and-neck")
    assert "c_more" in uses(model.sections["eligibility"].value.cost)


@pytest.mark.parametrize("name", PACKS)
def test_the_page_of_packs_counts_inputs_and_placeholders_as_they_are(name: str) -> None:
    page = (SHELF.parents[1] / "docs" / "reference" / "hta-packs.md").read_text(encoding="utf-8")
    (row,) = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
    cells = [each.strip() for each in row.strip("|").split("|")]
    counted = [len(knowledge(pack(name))), len(placeholders(pack(name)))]
    assert [int(each) for each in cells[3:5]] == counted


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("facility-800", "bia -"),
        ("facility-800", "facility -"),
        ("abroad-or-home", "equity -"),
        ("proton-head-and-neck", "eligibility -"),
        ("proton-head-and-neck", "scenarios -"),
        ("organ-perfusion", "sensitivity - --threshold 30000"),
        ("organ-perfusion", "voi - --threshold 30000 --draws 200"),
        ("organ-perfusion", "two-way - --threshold 30000 --inputs used_more,c_machine --steps 3"),
    ],
)
def test_no_command_shows_figures_of_placeholders_without_saying_so(name: str, asked: str) -> None:
    said = call(*asked.split(), given=text_of(name)).stdout
    assert f"Not assessable: {len(placeholders(pack(name)))} inputs have no source" in said
    sourced = call(*asked.split(), given=filled(name)).stdout
    assert "Not assessable" not in sourced
    assert len(sourced.splitlines()) + 1 == len(said.splitlines())
