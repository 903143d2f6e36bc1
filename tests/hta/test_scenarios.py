"""Scenarios, two inputs at once, and the curves of a decision: against the model run by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from click.testing import CliRunner

from sapar.cli.main import sapar
from sapar.hta.engine.decision.scenarios import scenarios_of, under
from sapar.hta.engine.decision.sensitivity import ranges
from sapar.hta.engine.decision.two_way import two_way
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.expressions.parse import parse
from sapar.hta.engine.model.model import Expression
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.report import uncertainty
from sapar.hta.engine.report_value import curves, grid, scenarios
from sapar.hta.engine.uncertainty.draws import draw, drawn_names
from sapar.hta.engine.uncertainty.sample import Sample, sample
from sapar.hta.engine.uncertainty.uniforms import axes_of, from_points

if TYPE_CHECKING:
    from sapar.hta.engine.model.model import AnyModel

MODELS = Path(__file__).parents[2] / "data" / "hta"
SICK = (MODELS / "sick-sicker.yaml").read_text(encoding="utf-8")
HIP = (MODELS / "hip-replacement.yaml").read_text(encoding="utf-8")
HIV = (MODELS / "hiv.yaml").read_text(encoding="utf-8")
SCENARIOS = """scenarios:
  later: {label: Without discounting of effects, settings: {discount: {effects: 0}}}
  half: {label: Half-cycle correction, settings: {within_cycle: half-cycle}}
  cheap: {label: B for less, parameters: {c_B: 13000 / 4, u_H: 0.9}}
  useless: {label: A does nothing, parameters: {on_A: {soc: 0, a: 0, b: 0, ab: 0}}}
"""
LINE = SICK.count("\n") + 1


def model() -> AnyModel:
    return read_model(SICK + SCENARIOS)


def changed(found: AnyModel, name: str, values: dict[str, float]) -> Any:
    made = {key: Expression(repr(each), parse(repr(each)), "") for key, each in values.items()}
    parameter = replace(found.parameters[name], values=made)
    return replace(found, parameters={**found.parameters, name: parameter})


def test_each_scenario_is_the_model_changed_by_hand() -> None:
    found = model()
    rows = {row["scenario"]: row["strategies"] for row in scenarios(found)}
    assert list(rows) == ["", "later", "half", "cheap", "useless"]
    plain = read_model(SICK)
    rates = {**plain.settings.discount, "effects": ((0.0, 0.0),)}
    by_hand = {
        "": plain,
        "later": replace(plain, settings=replace(plain.settings, discount=rates)),
        "half": replace(plain, settings=replace(plain.settings, within_cycle="half-cycle")),
        "cheap": changed(changed(plain, "c_B", {"": 3_250.0}), "u_H", {"": 0.9}),
        "useless": changed(plain, "on_A", {"soc": 0.0, "a": 0.0, "b": 0.0, "ab": 0.0}),
    }
    for name, other in by_hand.items():
        totals = evaluate(other).discounted
        for k, strategy in enumerate(other.strategies):
            assert rows[name][strategy.name]["cost"] == float(totals["cost"][k, 0])
            assert rows[name][strategy.name]["effect"] == float(totals["qaly"][k, 0])
    assert rows["half"]["soc"]["cost"] == pytest.approx(152_262.291, abs=5e-4)


def test_a_scenario_that_changes_what_is_worth_considering_is_marked() -> None:
    rows = {row["scenario"]: row["same_frontier"] for row in scenarios(model())}
    assert rows == {"": True, "later": True, "half": True, "cheap": True, "useless": False}


def test_what_a_scenario_sets_is_drawn_no_longer() -> None:
    found = model()
    cheap = under(found, scenarios_of(found)[2])
    assert set(drawn_names(found)) - set(drawn_names(cheap)) == {"c_B", "u_H"}
    both, less = draw(found, 300, 1), draw(cheap, 300, 1)
    for name, values in less.items():
        assert np.array_equal(values, both[name])


@pytest.mark.parametrize(
    ("text", "name", "value"), [(HIP, "b_np1", "0"), (HIV, "p_AD", "0.02")], ids=["normal", "row"]
)
def test_a_scenario_may_fix_a_parameter_of_a_group(text: str, name: str, value: str) -> None:
    found = read_model(f"{text}scenarios:\n  fixed: {{parameters: {{{name}: {value}}}}}\n")
    fixed = under(found, scenarios_of(found)[0])
    both, less = draw(found, 300, 1), draw(fixed, 300, 1)
    assert both.keys() - less.keys() == {name}
    for each, values in less.items():
        assert np.array_equal(values, both[each])
    points = np.random.default_rng(1).random((axes_of(fixed, less), 20))
    assert from_points(fixed, less, points).keys() == less.keys()
    costs = sample(fixed, 300, 1).costs
    assert np.isfinite(costs).all()
    if name == "b_np1":
        # Without an effect of the prosthesis only its price is left of the difference.
        assert costs[1] - costs[0] == pytest.approx(np.full(300, 579 - 394))


@pytest.mark.parametrize(
    ("old", "new", "code", "value", "line"),
    [
        ("c_B: 13000 / 4", "c_Q: 1", "key", "c_Q", 4),
        ("c_B: 13000 / 4", "c_B: 13000 / nothing", "unknown", "nothing", 4),
        ("c_B: 13000 / 4", "c_B: (1", "expression_ends", "(1", 4),
        ("discount: {effects: 0}", "discount: {lives: 0}", "key", "lives", 2),
        ("discount: {effects: 0}", "discount: {effects: 2}", "range", "2", 2),
        ("within_cycle: half-cycle", "within_cycle: full", "choice", "full", 3),
        ("within_cycle: half-cycle", "currency: KZT", "key", "currency", 3),
        ("{soc: 0, a: 0, b: 0, ab: 0}", "{soc: 0, a: 0, b: 0}", "missing", "ab", 5),
        (
            "cheap: {label: B for less, parameters: {c_B: 13000 / 4, u_H: 0.9}}",
            "cheap: {label: Nothing}", "empty", "cheap", 4,
        ),
    ],
)  # fmt: skip
def test_a_scenario_that_cannot_be_is_named_with_its_line(
    old: str, new: str, code: str, value: str, line: int
) -> None:
    assert old in SCENARIOS
    with pytest.raises(BadModelError) as caught:
        read_model(SICK + SCENARIOS.replace(old, new))
    problem = next(each for each in caught.value.problems if each.code == f"hta.input.{code}")
    assert problem.value == value
    assert problem.where.endswith(f":{LINE + line - 1}")


def test_every_cell_of_two_inputs_is_the_model_with_both_values() -> None:
    found = read_model(SICK)
    cells = two_way(found, ("c_B", "u_S1"), 100_000.0, steps=4)
    spans = ranges(found)
    assert (cells.first[0], cells.first[-1]) == spans["c_B"][1:3]
    for x in range(4):
        for y in range(4):
            both = changed(found, "c_B", {"": float(cells.first[x])})
            both = changed(both, "u_S1", {"": float(cells.second[y])})
            totals = evaluate(both).discounted
            benefit = totals["qaly"][:, 0] * 100_000 - totals["cost"][:, 0]
            assert cells.benefit[:, x, y] == pytest.approx(benefit, rel=1e-12)
            assert cells.best[x, y] == benefit.argmax()
            first, second = np.sort(benefit)[::-1][:2]
            assert cells.lead[x, y] == pytest.approx(first - second)
    assert len(set(cells.best.ravel().tolist())) > 1


def test_the_curves_are_counted_draw_by_draw() -> None:
    found = sample(read_model(SICK), 400, 1)
    made = curves(found, [0.0, 80_000.0, 125_000.0])
    names = [each.name for each in found.model.strategies]
    for k, threshold in enumerate(made["thresholds"]):
        rows = [
            [float(found.effects[s, j] * threshold - found.costs[s, j]) for s in range(4)]
            for j in range(400)
        ]
        means = [sum(row[s] for row in rows) / 400 for s in range(4)]
        best = means.index(max(means))
        wins = [sum(row.index(max(row)) == s for row in rows) / 400 for s in range(4)]
        lost = [sum(max(row) - row[s] for row in rows) / 400 for s in range(4)]
        assert made["best"][k] == names[best]
        assert made["frontier"][k] == pytest.approx(wins[best])
        assert [made["chances"][name][k] for name in names] == pytest.approx(wins)
        assert [made["loss"][name][k] for name in names] == pytest.approx(lost)
        assert made["evpi"][k] == pytest.approx(min(lost))


def test_the_frontier_of_acceptability_need_not_be_the_largest_chance() -> None:
    # The second is a little worse in nine draws of ten and much better in the tenth.
    costs = np.stack([np.zeros(10), np.array([1.0] * 9 + [-100.0])])
    found = Sample(read_model(HIP), 0, {}, costs, np.zeros_like(costs))
    made = curves(found, [1.0])
    assert made["best"] == ["np1"]
    assert made["frontier"] == [0.1]
    assert made["chances"]["standard"] == [0.9]


def test_the_grid_of_the_curves_reaches_beyond_every_ratio_and_threshold() -> None:
    found = sample(read_model(SICK), 500, 1)
    assert grid(found)[-1] > 2 * 110_000
    assert grid(found, [500_000.0])[-1] == pytest.approx(1_000_000)
    said = uncertainty(found, [100_000.0])
    assert said["curves"]["thresholds"][0] == 0.0
    assert said["thresholds"][0]["frontier"] == said["thresholds"][0]["chances"]["b"]
    assert json.loads(json.dumps(said)) == said


def test_the_commands_show_scenarios_and_two_inputs() -> None:
    text = SICK + SCENARIOS
    start = ["--language", "en", "hta"]
    found = CliRunner().invoke(sapar, [*start, "scenarios", "-"], input=text)
    assert found.exit_code == 0, found.output
    assert "B for less" in found.stdout
    assert "With “A does nothing” other strategies are worth considering." in found.stdout
    arguments = [*start, "two-way", "-", "--threshold", "100000", "--steps", "3", "--inputs"]
    shown = CliRunner().invoke(sapar, [*arguments, "c_B, u_S1"], input=text)
    assert "Treatment B" in shown.stdout
    rows = json.loads(
        CliRunner().invoke(sapar, [*arguments, "c_B,u_S1", "--json"], input=text).stdout
    )
    assert np.shape(rows["best"]) == (3, 3)
    assert rows["schema"] == "sapar.hta.two-way/1"
    said = CliRunner().invoke(sapar, [*start, "scenarios", "-", "--json"], input=text)
    rows = json.loads(said.stdout)
    assert rows["schema"] == "sapar.hta.scenarios/1"
    assert rows["scenarios"] == scenarios(read_model(text))
    for wrong in ("c_B", "c_B,c_B", "c_B,on_A", "c_B,u_S1,u_H"):
        refused = CliRunner().invoke(sapar, [*arguments, wrong], input=text)
        assert refused.exit_code == 2
        assert "c_B" in refused.stderr
    refused = CliRunner().invoke(sapar, [*arguments, "nope_p,c_B"], input=text)
    assert "nope_p: Two different inputs are wanted." in refused.stderr
