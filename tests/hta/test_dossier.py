"""The dossier that a model writes itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sapar.cli.main import sapar
from sapar.hta.engine.dossier.cheers import COUNT, items
from sapar.hta.engine.dossier.domains import DOMAINS, outlines
from sapar.hta.engine.dossier.facts import behind
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.read_about import KEYS
from sapar.hta.work import answer
from sapar.kernel.languages import phrases

SHELF = Path(__file__).parents[2] / "data" / "hta"
SICK = (SHELF / "sick-sicker.yaml").read_text("utf-8")
TOLD = SICK.replace(
    "  currency: USD\n", "  currency: USD\n  price_year: 2019\n  perspective: the payer\n"
)
ABOUT = "about:\n" + "".join(f"  {key}: what is said of {key}\n" for key in KEYS)


def answers(document: str) -> dict[str, object]:
    return {
        "base": answer(document, "base", {}, 0),
        "psa": answer(document, "psa", {"draws": 50, "thresholds": [100_000]}, 1),
        "sensitivity": answer(document, "sensitivity", {"threshold": 100_000}, 0),
    }


def test_at_least_22_items_come_from_the_model_itself_without_a_word_of_the_authors() -> None:
    model = read_model(TOLD)
    assert "about" not in model.sections
    filled = [each.number for each in items(model, answers(TOLD)) if each.filled]
    assert len(filled) >= 22
    assert set(range(1, COUNT + 1)) - set(filled) == {4, 6, 21, 25, 27, 28}


def test_with_the_authors_words_all_28_items_are_filled() -> None:
    document = TOLD + ABOUT
    found = items(read_model(document), answers(document))
    assert [each.number for each in found if each.filled] == list(range(1, COUNT + 1))


def test_what_a_model_does_not_say_stays_open() -> None:
    bare = SICK.replace("  currency: USD\n", "").replace(
        'label: "Death rate, healthy",\n     source: "Alarid-Escudero et al., MDM 2023;43:3-20",',
        'label: "Death rate, healthy",',
    )
    model = read_model(bare)
    open_items = {each.number for each in items(model) if not each.filled}
    assert {8, 15, 22, 23, 24, 26} <= open_items


def test_all_nine_domains_have_an_outline_from_the_model_and_questions_that_are_left() -> None:
    for name in ("sick-sicker", "migraine", "sick-sicker-residence"):
        found = outlines(read_model((SHELF / f"{name}.yaml").read_text("utf-8")))
        assert tuple(each.domain for each in found) == DOMAINS
        assert all(each.said and each.asks for each in found)


def test_the_results_in_the_dossier_are_the_models() -> None:
    base = answer(TOLD, "base", {}, 0)
    said = items(read_model(TOLD), {"base": base})[22].said
    shown = {str(each.params["label"]): each for each in said}
    assert float(shown["Treatment B"].params["icer"]) == pytest.approx(72_987.636, abs=0.01)
    assert shown["Treatment A"].code == "hta.said.result_dominated"
    assert float(shown["Standard of care"].params["cost"]) == pytest.approx(151_579.87)


def test_what_stands_behind_a_reward_is_found_through_named_expressions() -> None:
    model = read_model(SICK)
    assert {p.name for p in behind(model, "qaly")} == {"u_H", "u_S1", "u_S2", "u_A", "on_A"}
    assert "c_A" in {p.name for p in behind(model, "cost")}


MODELS = sorted([*SHELF.glob("*.yaml"), *(SHELF / "packs").glob("*.yaml")])


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_everything_that_is_said_has_a_sentence(path: Path) -> None:
    model = read_model(path.read_text("utf-8"))
    said = [s for item in items(model) for s in item.said]
    said += [s for each in outlines(model) for s in each.said]
    assert said
    assert all(phrases.text(each) for each in said)
    asks = [code for each in outlines(model) for code in each.asks]
    names = [f"hta.cheers.{n}" for n in range(1, COUNT + 1)]
    names += [f"hta.domain.{code}" for code in DOMAINS]
    assert all(phrases.known(code) for code in (*asks, *names))


def test_every_answer_of_a_kind_has_a_sentence() -> None:
    document = TOLD + ABOUT
    model = read_model(document)
    texts = [phrases.text(s) for item in items(model, answers(document)) for s in item.said]
    assert any("% of 50 draws" in text for text in texts)
    assert any(text == "what is said of funding" for text in texts)


def test_the_dossier_is_printed_on_the_terminal() -> None:
    path = str(SHELF / "sick-sicker.yaml")
    found = CliRunner().invoke(
        sapar, ["hta", "dossier", path, "--psa", "50", "--threshold", "100000"]
    )
    assert found.exit_code == 0, found.output
    assert "20 of 28 reporting items come from the model itself." in found.output
    assert "SAF: Safety" in found.output
    as_json = CliRunner().invoke(sapar, ["hta", "dossier", path, "--psa", "50", "--json"])
    read = json.loads(as_json.output)
    assert len(read["items"]) == 28
    assert [each["domain"] for each in read["domains"]] == list(DOMAINS)
