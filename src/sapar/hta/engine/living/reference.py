"""A model under another reference case: other discount rates, life tables or prices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.expressions.parse import parse
from sapar.hta.engine.model.model import Expression
from sapar.hta.engine.model.yaml import BadModelError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.hta.engine.model.model import AnyModel

KINDS = ("threshold", "discount", "price", "life-table")


@dataclass(frozen=True, slots=True)
class Judged:
    """The base case at a worth of one unit of effect.

    Attributes:
        best: the strategy with the largest net benefit; the first of equal ones.
        benefit: net benefit by strategy.
    """

    best: str
    benefit: Mapping[str, float]


def takes(model: AnyModel, key: str) -> bool:
    """Whether a model takes an entry of the reference case: it has what the key names."""
    kind, _, name = key.partition(".")
    if kind == "discount":
        return name in model.settings.discount
    if kind == "price":
        return name in model.parameters and "" in model.parameters[name].values
    if kind == "life-table":
        return name in model.tables
    return key == "threshold"


def _discounted(model: AnyModel, name: str, rate: float) -> AnyModel:
    rates = {**model.settings.discount, name: ((0.0, rate),)}
    return replace(model, settings=replace(model.settings, discount=rates))


def _priced(model: AnyModel, name: str, price: float) -> AnyModel:
    found = model.parameters[name]
    value = Expression(repr(price), parse(repr(price)), found.where)
    changed = replace(found, values={"": value}, distribution=None)
    return replace(model, parameters={**model.parameters, name: changed})


def _tabled(model: AnyModel, name: str, rows: list[list[float]]) -> AnyModel:
    table = replace(
        model.tables[name],
        keys=tuple(float(row[0]) for row in rows),
        values=tuple(float(row[1]) for row in rows),
    )
    return replace(model, tables={**model.tables, name: table})


def under(model: AnyModel, key: str, value: Mapping[str, Any]) -> AnyModel:
    """A model that takes an entry of the reference case.

    Args:
        model: the model.
        key: "discount.costs", "price.<parameter>", "life-table.<table>" or "threshold".
        value: {"value": number} or {"rows": [[age, rate], …]}.

    Raises:
        BadModelError: the model has nothing of this name.
    """
    kind, _, name = key.partition(".")
    if not takes(model, key):
        raise BadModelError((Problem.of("hta.run.reference", value=key, known=", ".join(KINDS)),))
    if kind == "discount":
        return _discounted(model, name, float(value["value"]))
    if kind == "price":
        return _priced(model, name, float(value["value"]))
    if kind == "life-table":
        return _tabled(model, name, value["rows"])
    return model


def judge(model: AnyModel, threshold: float) -> Judged:
    """Which strategy is best in the base case at what one unit of effect is worth."""
    found = evaluate(model).discounted
    names = [each.name for each in model.strategies]
    benefit = {
        name: float(found[model.effect][k, 0]) * threshold - float(found[model.cost][k, 0])
        for k, name in enumerate(names)
    }
    return Judged(max(names, key=lambda name: benefit[name]), benefit)
