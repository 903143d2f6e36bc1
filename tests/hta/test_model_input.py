"""What is wrong with a model is named with its line before anything runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.hta.engine.cohort.trace import trace
from sapar.hta.engine.model.placeholders import placeholders
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.sample import sample
from sapar.hta.phrases import PHRASES

if TYPE_CHECKING:
    from sapar.values.statements import Problem

GOOD = """\
schema: sapar.hta.model/1
id: small
settings: {cycles: 3, cycle: 1 year, start_age: 50}
strategies: {old: Usual care, new: The new one}
parameters:
  r: {value: 0.1, unit: 1/year, distribution: "gamma(mean=0.1, sd=0.02)"}
  effect: {by_strategy: {old: 1, new: 0.5}}
tables:
  death: {rows: {50: 0.01, 51: 0.02, 52: 0.03}}
let:
  chance: probability(r * effect)
states: {well: , ill: {memory: 3}, dead: {dead: true}}
start: {well: 1}
transitions:
  well: {ill: chance, dead: death(age)}
  ill: {dead: 0.1 * sojourn}
rewards:
  cost: {discount: costs, states: {ill: 100}}
  qaly: {discount: effects, states: {well: 1, ill: 0.5}}
"""


def problems(text: str) -> list[Problem]:
    with pytest.raises(BadModelError) as found:
        sample(read_model(text), 3, 1)
    return list(found.value.problems)


def test_the_small_model_is_good() -> None:
    assert trace(read_model(GOOD)).totals["qaly"].shape == (2, 1)


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "value"),
    [
        ("schema: sapar.hta.model/1", "schema: other", "schema", 1, "other"),
        ("id: small", "id: small\nnotes: x", "key", 3, "notes"),
        ("start: {well: 1}", "start: {wel: 1}", "key", 13, "wel"),
        ("cycles: 3", "cycles: 1000000", "range", 3, "1000000"),
        ("cycles: 3", "cycles: -3", "range", 3, "-3"),
        ("cycles: 3", "cycles: three", "whole", 3, "three"),
        ("1 year,", "1 moon,", "cycle", 3, "1 moon"),
        ("start_age: 50", "within_cycle: middle", "choice", 3, "middle"),
        ("start_age: 50", "currency: dollars", "unit", 3, "dollars"),
        ("start_age: 50", "discount: {costs: {0: 0.1, 9999: 0}}", "number", 3, "9999"),
        ("value: 0.1, unit", "value: 1e400, unit", "range", 6, "inf"),
        ("value: 0.1, unit", "value: .nan, unit", "range", 6, "nan"),
        ("{memory: 3}", "{memory: 3, absorbing: maybe}", "yes", 12, "maybe"),
        ("ill: {memory: 3}, dead: {dead: true}", "ill: {memory: 3}, dead: ", "trap", 12, "dead"),
        ("  ill: {dead", "  dead: {well: 0.1}\n  ill: {dead", "risen", 16, "dead"),
        ("rewards:", "decision: {cost: cost, effect: cost}\nrewards:", "same_reward", 17, "cost"),
        ("id: small", 'id: small\ntitle: "a\\e[31m"', "control", 3, "a\\x1b[31m"),
        ("id: small", 'id: small\ntitle: "a\\ud800"', "control", 3, "a\\ud800"),
        ("settings: {", "settings: {<<: {cycles: 3}, ", "alias", 3, "<<"),
        ("memory: 3}", "memory: 2000}", "work", 3, "20000"),
        ("value: 0.1, unit", "unit", "one_value", 6, "r"),
        ("{old: 1, new: 0.5}", "{old: 1}", "strategy_missing", 7, "new"),
        ("{old: 1, new: 0.5}", "{old: 1, new: 1, odd: 2}", "strategy", 7, "odd"),
        ("let:", "let:\n  r: 1", "twice", 11, "r"),
        ("let:", "let:\n  age: 1", "reserved", 11, "age"),
        ("probability(r * effect)", "probability(r * effct)", "unknown", 11, "effct"),
        ("probability(r * effect)", "prob(r * effect)", "function", 11, "prob"),
        ("probability(r * effect)", "probability()", "arguments", 11, "probability"),
        ("probability(r * effect)", "1 +", "expression_ends", 11, "1 +"),
        ("probability(r * effect)", "chance + 1", "circle", 11, "chance -> chance"),
        ("probability(r * effect)", "r.__class__", "expression_character", 11, "r.__class__"),
        ("50: 0.01, 51: 0.02", "51: 0.01, 50: 0.02", "order", 9, "50"),
        ("50: 0.01, 51: 0.02", "x: 0.01, 51: 0.02", "number", 9, "x"),
        ("ill: chance", "well: chance", "stays", 15, "well"),
        ("ill: chance", "worse: chance", "key", 15, "worse"),
        ("chance, dead", "sojourn / 9, dead", "sojourn", 15, "well"),
        ("discount: costs", "discount: cost", "choice", 18, "cost"),
        ("gamma(mean=0.1, sd=0.02)", "gama(mean=0.1)", "distribution", 6, "gama(mean=0.1)"),
        (
            "gamma(mean=0.1, sd=0.02)", "gamma(mean=0.1)", "distribution_arguments", 6,
            "gamma(mean=0.1)",
        ),
        (
            "gamma(mean=0.1, sd=0.02)", "beta(mean=0.1, sd=0.5)", "distribution_value", 6,
            "beta(mean=0.1, sd=0.5)",
        ),
        (
            "gamma(mean=0.1, sd=0.02)", "beta(a=-1, b=2)", "distribution_value", 6,
            "beta(a=-1, b=2)",
        ),
        (
            "gamma(mean=0.1, sd=0.02)", "normal(mean=r, sd=1)", "distribution_constant", 6,
            "normal(mean=r, sd=1)",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line_and_value(
    old: str, new: str, code: str, line: int, value: str
) -> None:
    assert old in GOOD
    text = GOOD.replace("cycles: 3", "cycles: 20000") if code == "work" else GOOD
    found = problems(text.replace(old, new, 1))
    assert [each.code for each in found] == [f"hta.input.{code}"]
    assert found[0].where.endswith(f":{line}")
    assert found[0].value == value


@pytest.mark.parametrize(
    ("old", "new", "code", "cycle", "strategy"),
    [
        ("0.1 * sojourn", "0.4 * sojourn", "above_one", 1, "old"),
        ("probability(r * effect)", "2 * effect", "above_one", 1, "old"),
        ("probability(r * effect)", "0.5 - effect", "negative", 1, "old"),
        ("probability(r * effect)", "ln(effect - 1)", "undefined", 1, "old"),
        ("52: 0.03", "52: 3", "above_one", 3, "old"),
        ("start_age: 50", "start_age: 40", "outside", None, None),
        ("52: 0.03}", "52: 0.03}, until: 52.5", "outside", None, None),
        ("start: {well: 1}", "start: {well: 0.9}", "start", None, None),
    ],
)
def test_what_shows_only_in_the_numbers_is_named_with_strategy_and_cycle(
    old: str, new: str, code: str, cycle: int | None, strategy: str | None
) -> None:
    assert old in GOOD
    text = GOOD.replace("cycles: 3", "cycles: 20000") if code == "work" else GOOD
    found = problems(text.replace(old, new, 1))
    assert [each.code for each in found] == [f"hta.run.{code}"]
    assert found[0].params.get("cycle") == cycle
    assert found[0].params.get("strategy") == strategy
    assert ":" in found[0].where


def test_several_mistakes_are_named_at_once() -> None:
    text = GOOD.replace("cycles: 3", "cycles: x").replace("r * effect", "q").replace("costs", "co")
    assert {each.code.rpartition(".")[2] for each in problems(text)} == {
        "whole", "unknown", "choice",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &x 1\nb: *x\n", "alias"),
        ("a: !!python/object:os.system x\n", "tag"),
        ("a: " + "[" * 40 + "]" * 40, "deep"),
        ("a: [1\n", "yaml"),
        ("a: 1\na: 2\n", "yaml"),
        ("[1, 2]", "mapping"),
        ("", "mapping"),
        ("x" * 2_000_001, "large"),
        ("a: \x00", "yaml"),
    ],
)
def test_yaml_that_could_hurt_is_refused(text: str, code: str) -> None:
    assert [each.code for each in problems(text)] == [f"hta.input.{code}"]


def test_a_table_with_a_gap_is_named() -> None:
    rows = ", ".join(f"{age}: 0.01" for age in range(40, 70) if age != 55)
    found = problems(GOOD.replace("50: 0.01, 51: 0.02, 52: 0.03", rows))
    assert [(each.code, each.value, each.params["after"]) for each in found] == [
        ("hta.input.gap", "54", "56")
    ]


LINES = GOOD.splitlines()


@given(
    line=st.integers(0, len(LINES) - 1),
    place=st.integers(0, 60),
    put=st.sampled_from(["", ":", "{", "}", "x", "-", "9", ", ", '"', "null", "[1]", "é", "\t"]),
    cut=st.integers(0, 6),
)
@settings(max_examples=150, deadline=None)
def test_a_damaged_document_is_read_or_refused_and_nothing_else(
    line: int, place: int, put: str, cut: int
) -> None:
    lines = list(LINES)
    lines[line] = lines[line][:place] + put + lines[line][place + cut :]
    try:
        trace(read_model("\n".join(lines)))
    except BadModelError as error:
        assert error.problems  # noqa: PT017 - either way is right


SHELF = Path(__file__).parents[2] / "data" / "hta"


@pytest.mark.parametrize("name", ["hiv.yaml", "sick-sicker.yaml", "illness-death.yaml"])
def test_a_start_with_nobody_is_named_with_its_line(name: str) -> None:
    text = (SHELF / name).read_text(encoding="utf-8")
    none = re.sub(r"(?m)^start:(?:.*\n(?: .*\n)*)", "start: {}\n", text)
    line = none[: none.index("\nstart:")].count("\n") + 2
    with pytest.raises(BadModelError) as found:
        read_model(none)
    problems = [each for each in found.value.problems if each.code == "hta.input.empty"]
    assert [each.where for each in problems] == [f"start:{line}"]


def test_every_model_of_the_shelf_is_read() -> None:
    shelf = sorted((Path(__file__).parents[2] / "data" / "hta").glob("*.yaml"))
    assert len(shelf) >= 4
    assert all(read_model(each.read_text(encoding="utf-8")).id for each in shelf)


def test_every_mistake_has_its_phrase_and_its_remedy() -> None:
    source = Path(__file__).parents[2] / "src" / "sapar" / "hta"
    text = "".join(
        each.read_text(encoding="utf-8")
        for each in source.rglob("*.py")
        if each.name != "phrases.py"
    )
    codes = {f"hta.input.{each}" for each in re.findall(r'note\(\s*"(\w+)"', text)}
    codes |= set(re.findall(r'"(hta\.(?:input|run)\.\w+)"', text))
    codes |= {f"hta.input.{each}" for each in re.findall(r'_problem\(\s*expression, "(\w+)"', text)}
    codes |= {f"hta.run.{each}" for each in re.findall(r'code="(\w+)"', text)}
    codes |= {f"hta.run.{each}" for each in re.findall(r'_refuse\(tree, \w+, "(\w+)"', text)}
    kinds = re.findall(r'ExpressionError\(.*, "(\w+)", ', text)
    codes |= {f"hta.input.expression_{each}" for each in (*kinds, "ends", "unexpected")}
    wanted = codes | {f"{each}.remedy" for each in codes}
    assert wanted == set(PHRASES)


def test_days_and_numbers_that_no_machine_has_are_mistakes_and_no_crash() -> None:
    assert problems(GOOD.replace("value: 0.1", f"value: {'9' * 400}"))[0].code == "hta.input.range"
    for wrong in ("date: 2026-02-30", f"value: {'9' * 5000}", "title: 2026-01-01 25:61:00"):
        assert {each.code for each in problems(f"{GOOD}more: {{{wrong}}}\n")} <= {
            "hta.input.yaml", "hta.input.key",
        }  # fmt: skip


def test_a_document_with_too_many_values_is_refused_before_it_is_read() -> None:
    rows = ", ".join(f"{each}: 1" for each in range(11_000))
    (found,) = problems(GOOD.replace("let:", f"  long: {{rows: {{{rows}}}}}\nlet:"))
    assert (found.code, found.where) == ("hta.input.many", ":10")


def test_shares_at_the_start_below_zero_are_refused_though_their_sum_is_one() -> None:
    (found,) = problems(GOOD.replace("start: {well: 1}", "start: {well: 2, dead: -1}"))
    assert (found.code, str(found.value)) == ("hta.run.share", "2")
    assert found.where == "start.well:13"


def test_a_source_of_blanks_is_none() -> None:
    model = read_model(GOOD.replace("value: 0.1, unit", 'source: "  ", value: 0.1, unit'))
    assert "r" in placeholders(model)
