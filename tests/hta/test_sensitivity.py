"""One input after the other: what it moves, where the decision turns, and what moves nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from sapar.cli.main import sapar
from sapar.hta.engine.decision.sensitivity import Swing, one_way, turning
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.expressions.parse import parse
from sapar.hta.engine.model.model import Expression
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.report import sensitivity

if TYPE_CHECKING:
    from sapar.hta.engine.model.model import AnyModel

MODELS = Path(__file__).parents[2] / "data" / "hta"


def model(name: str) -> AnyModel:
    return read_model((MODELS / f"{name}.yaml").read_text(encoding="utf-8"))


def with_value(found: AnyModel, name: str, value: float) -> Any:
    text = repr(value)
    changed = replace(found.parameters[name], values={"": Expression(text, parse(text), "")})
    return replace(found, parameters={**found.parameters, name: changed})


def swing(found: AnyModel, name: str) -> Swing:
    return next(each for each in one_way(found) if each.name == name)


@pytest.mark.parametrize("name", ["c_B", "u_S1", "hr_B"])
def test_each_end_is_the_model_with_that_value(name: str) -> None:
    found = model("sick-sicker")
    here = swing(found, name)
    assert here.low < here.base < here.high
    for k, value in enumerate((here.low, here.high)):
        alone = evaluate(with_value(found, name, value)).discounted
        assert here.costs[:, k] == pytest.approx(alone["cost"][:, 0], rel=1e-12)
        assert here.effects[:, k] == pytest.approx(alone["qaly"][:, 0], rel=1e-12)


def test_the_decision_turns_where_both_are_worth_the_same() -> None:
    found = model("hip-replacement")
    here = swing(found, "u_primary")
    value = turning(found, here, 2_500.0)
    assert value is not None
    assert here.low < value < here.high
    at = evaluate(with_value(found, "u_primary", value)).discounted
    benefit = at["qaly"][:, 0] * 2_500 - at["cost"][:, 0]
    assert benefit[0] == pytest.approx(benefit[1], rel=1e-9)
    assert turning(found, swing(found, "p_operative"), 2_500.0) is None


def test_an_input_that_moves_nothing_is_told_apart() -> None:
    moves = {each.name: each.moves for each in one_way(model("hip-replacement"))}
    assert {name for name, each in moves.items() if not each} == {"male", "b_male"}


def test_the_inputs_that_move_most_come_first() -> None:
    rows = sensitivity(model("sick-sicker"), 100_000.0, "b", "soc")
    widths = [abs(row["net_benefit_high"] - row["net_benefit_low"]) for row in rows]
    assert widths == sorted(widths, reverse=True)
    assert rows[0]["parameter"] == "c_B"
    assert not rows[0]["assumed"]


def test_the_command_prints_a_tornado_and_warns_of_what_moves_nothing() -> None:
    path = str(MODELS / "hip-replacement.yaml")
    arguments = ["--language", "en", "hta", "sensitivity", path, "--threshold", "2500"]
    found = CliRunner().invoke(sapar, arguments)
    assert found.exit_code == 0, found.output
    assert "Utility after the first operation" in found.stdout
    assert "The input male moves nothing" in found.stderr
    rows = json.loads(CliRunner().invoke(sapar, [*arguments, "--json"]).stdout)
    assert rows["schema"] == "sapar.hta.sensitivity/1"
    assert {row["best_low"] for row in rows["inputs"]} == {"standard", "np1"}
    wrong = CliRunner().invoke(sapar, [*arguments, "--of", "np2"])
    assert wrong.exit_code == 2
    assert "np2" in wrong.stderr


def test_a_distribution_for_a_value_of_each_strategy_is_refused() -> None:
    text = (MODELS / "hiv.yaml").read_text(encoding="utf-8")
    text = text.replace(
        "mono: 0, combined: 1}", 'mono: 0, combined: 1}, distribution: "beta(a=1, b=1)"'
    )
    with pytest.raises(Exception, match=r"hta\.input\.drawn_once"):
        read_model(text)
