"""A model written in Python is the model of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.library.document import Document
from sapar.hta.engine.library.terms import Term, age, call, choose, time
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.sample import sample

SHELF = Path(__file__).parents[2] / "data" / "hta"
USD = "USD/year"


def probability(rate: Term) -> Term:
    return call("probability", rate)


def sick_sicker() -> Document:
    """The teaching model of the shelf, line by line in Python."""
    m = Document("sick-sicker", "Sick-Sicker, a teaching example")
    m.settings(
        cycles=75,
        cycle="1 year",
        start_age=25,
        within_cycle="darth",
        discount={"costs": 0.03, "effects": 0.03},
    )
    for name in ("soc", "a", "b", "ab"):
        m.strategy(name)
    rate = [
        m.parameter(name, value, unit="1/year", distribution=call("gamma", shape=a, rate=b))
        for name, value, a, b in (
            ("r_HD", 0.002, 20, 10000),
            ("r_HS1", 0.15, 30, 200),
            ("r_S1H", 0.5, 60, 120),
            ("r_S1S2", 0.105, 84, 800),
        )
    ]
    hr_1, hr_2, hr_b = (
        m.parameter(
            name,
            value,
            distribution=call("lognormal", meanlog=call("ln", value), sdlog=sd),
        )
        for name, value, sd in (("hr_S1", 3, 0.01), ("hr_S2", 10, 0.02), ("hr_B", 0.6, 0.02))
    )
    cost = {
        name: m.parameter(name, value, unit=USD, distribution=call("gamma", shape=a, scale=b))
        for name, value, a, b in (
            ("c_H", 2000, 100, 20),
            ("c_S1", 4000, 177.8, 22.5),
            ("c_S2", 15000, 225, 66.7),
            ("c_A", 12000, 73.5, 163.3),
            ("c_B", 13000, 86.2, 150.8),
        )
    }
    use = {
        name: m.parameter(name, value, distribution=call("beta", a=a, b=b))
        for name, value, a, b in (
            ("u_H", 1, 200, 3),
            ("u_S1", 0.75, 130, 45),
            ("u_S2", 0.5, 230, 230),
            ("u_A", 0.95, 300, 15),
        )
    }
    on_a = m.parameter("on_A", {"soc": 0, "a": 1, "b": 0, "ab": 1})
    on_b = m.parameter("on_B", {"soc": 0, "a": 0, "b": 1, "ab": 1})
    die = m.let("p_HD", probability(rate[0]))
    sick = m.let("p_HS1", probability(rate[1]))
    well = m.let("p_S1H", probability(rate[2]))
    worse = m.let("p_S1S2", probability(rate[3] * choose(on_b, hr_b, 1)))
    die_1 = m.let("p_S1D", probability(rate[0] * hr_1))
    die_2 = m.let("p_S2D", probability(rate[0] * hr_2))
    drugs = m.let("c_treatment", cost["c_A"] * on_a + cost["c_B"] * on_b)
    m.state("H", "Healthy", start=1).state("S1", "Sick").state("S2", "Sicker")
    m.state("D", "Dead", dead=True)
    m.transition("H", "S1", (1 - die) * sick).transition("H", "D", die)
    m.transition("S1", "H", (1 - die_1) * well).transition("S1", "S2", (1 - die_1) * worse)
    m.transition("S1", "D", die_1).transition("S2", "D", die_2)
    m.reward(
        "cost",
        {"H": cost["c_H"], "S1": cost["c_S1"] + drugs, "S2": cost["c_S2"] + drugs},
        unit="USD",
        discount="costs",
        per="year",
    )
    m.reward(
        "qaly",
        {"H": use["u_H"], "S1": choose(on_a, use["u_A"], use["u_S1"]), "S2": use["u_S2"]},
        unit="QALY",
        discount="effects",
        per="year",
    )
    return m.decision("cost", "qaly")


def test_sick_sicker_in_python_is_sick_sicker_of_the_file_bit_for_bit() -> None:
    file = read_model((SHELF / "sick-sicker.yaml").read_text(encoding="utf-8"))
    ours = sick_sicker().model()
    for name in ("cost", "qaly"):
        assert (evaluate(ours).discounted[name] == evaluate(file).discounted[name]).all()
    one, other = sample(ours, 300, 4), sample(file, 300, 4)
    assert (one.costs == other.costs).all()
    assert (one.effects == other.effects).all()


def test_its_text_is_a_document_that_gives_the_same_model() -> None:
    made = sick_sicker()
    assert read_model(made.text()).parameters.keys() == made.model().parameters.keys()


def test_a_mistake_in_python_is_named_as_one_in_a_file() -> None:
    made = sick_sicker()
    made.let("odd", Term("r_HD") + Term("c_H"))
    with pytest.raises(BadModelError) as found:
        made.model()
    (problem,) = found.value.problems
    assert problem.code == "hta.input.units_differ"
    assert problem.where.startswith("let.odd:")
    line = int(problem.where.split(":")[-1])
    assert made.text().splitlines()[line - 1].strip() == "odd: (r_HD + c_H)"


def test_a_comparison_is_not_decided_by_python() -> None:
    assert str(choose(age >= 18, 1, 0.5 * time**2)) == (
        "if((age >= 18.0), 1.0, (0.5 * (time ^ 2.0)))"
    )
    with pytest.raises(TypeError, match="choose"):
        _ = 1 if age < 18 else 2


def test_a_tree_and_a_table_can_be_written_too() -> None:
    made = Document("tree", schema="sapar.hta.tree/1")
    made.strategy("one").strategy("two")
    dose = made.table("price", {0: 10.0, 5: 8.0})
    number = made.parameter("number", {"one": 2, "two": 7})
    made.tree({"pays": {"cost": dose(number) * number}}).reward("cost").reward("qaly")
    assert evaluate(made.model()).discounted["cost"][:, 0].tolist() == [20.0, 56.0]
