"""What every expression of a model is worth, with as few axes as it needs.

Axes: strategy S, draw K, cycle T (the row after the last is the end), time in the state U. An
expression that depends on none of them has length 1 there; so a fixed cost is one number, and only
what is drawn is as long as the draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.expressions.evaluate import evaluate
from sapar.hta.engine.model.limits import met
from sapar.hta.engine.model.names import changing
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.survival.curves import calls, work_out
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.model.model import AnyModel, Expression, Table

    Numbers = NDArray[np.float64]


def lookup(table: Table) -> Callable[[Any], Numbers]:
    """A table as a function: the value of the largest key that is not larger than what is asked."""
    keys, values = np.array(table.keys), np.array(table.values)

    def found(asked: Any) -> Numbers:
        asked = np.asarray(asked, dtype=np.float64)
        place = np.searchsorted(keys, asked + 1e-9, side="right") - 1
        outside = (place < 0) | (asked >= table.until + 1e-9)
        if outside.any():
            problem = Problem.of(
                "hta.run.outside",
                where=table.where,
                value=f"{float(asked[outside][0]):g}",
                table=table.name,
                least=f"{keys[0]:g}",
                until=f"{table.until:g}",
            )
            raise BadModelError((problem,))
        worth: Numbers = values[place]
        return worth

    return found


@dataclass(frozen=True, slots=True)
class Worth:
    """The names of a model with their values.

    Attributes:
        names: arrays over (S, K, T, U), length 1 where they do not change.
    """

    model: AnyModel
    names: Mapping[str, Numbers]
    tables: Mapping[str, Callable[[Any], Any]]

    def of(self, expression: Expression) -> Numbers:
        """An expression, over the four axes; refused where it is undefined."""
        found = evaluate(expression.node, self.names, self.tables, self.model.settings.cycle_years)
        found = np.asarray(found, dtype=np.float64).reshape(
            (1,) * (4 - np.ndim(found)) + np.shape(found)
        )
        if not np.isfinite(found).all():
            place = tuple(int(each[0]) for each in np.nonzero(~np.isfinite(found)))
            problem = Problem.of(
                "hta.run.undefined",
                where=expression.where,
                value=expression.text,
                strategy=self.model.strategies[place[0]].name,
                cycle=place[2] + 1,
            )
            raise BadModelError((problem,))
        return found


def parameters_of(model: AnyModel, drawn: Mapping[str, Numbers]) -> dict[str, Numbers]:
    """The values of all parameters over (S, K, 1, 1).

    Args:
        model: the model.
        drawn: by parameter, the values of each draw, (K,); the others have their own value.
    """
    cycle = {"cycle_length": np.full((1, 1, 1, 1), model.settings.cycle_years)}
    found: dict[str, Numbers] = dict(cycle)
    waiting = dict(model.parameters)
    # Parameters may name each other; those that are drawn are what was drawn.
    while waiting:
        before = len(waiting)
        for name, parameter in list(waiting.items()):
            if name in drawn:
                found[name] = np.asarray(drawn[name], dtype=np.float64).reshape(1, -1, 1, 1)
                del waiting[name]
                continue
            worth = Worth(model, found, {})
            try:
                if "" in parameter.values:
                    found[name] = worth.of(parameter.values[""])
                else:
                    rows = [worth.of(parameter.values[s.name]) for s in model.strategies]
                    found[name] = np.concatenate(np.broadcast_arrays(*rows), axis=0)
                del waiting[name]
            except KeyError:
                continue
        if len(waiting) == before:
            first = next(iter(waiting.values()))
            problem = Problem.of(
                "hta.input.circle", where=first.where, value=" -> ".join(sorted(waiting))
            )
            raise BadModelError((problem,))
    return found


def _named(worth: Worth, names: dict[str, Numbers], wanted: list[str]) -> None:
    """Work named expressions out, and refuse what they are made from where it is not possible."""
    limits = tuple(each for found in worth.model.sections.values() for each in found.limits)
    for name in wanted:
        limits = met(limits, names, worth.of)
        names[name] = worth.of(worth.model.lets[name])


def steady_worth(model: AnyModel, drawn: Mapping[str, Numbers]) -> Worth:
    """Inputs, and the named expressions that do not change with time: all that sections may use.

    Args:
        model: the model.
        drawn: as in `parameters_of`.
    """
    names = parameters_of(model, drawn)
    tables = {name: lookup(table) for name, table in model.tables.items()}
    worth = Worth(model, names, tables)
    late = changing(model)
    _named(worth, names, [each for each in model.lets if each not in late])
    if "survival" in model.sections:
        worked = work_out(worth, model.sections["survival"].value)
        tables.update(calls(worked, model.settings.cycle_years))
    return worth


def worth_of(model: AnyModel, drawn: Mapping[str, Numbers]) -> Worth:
    """Everything that has a name, worked out once.

    Args:
        model: the model.
        drawn: as in `parameters_of`.
    """
    settings = model.settings
    cycles = np.arange(settings.cycles + 1, dtype=np.float64).reshape(1, 1, -1, 1)
    memory = max((state.memory for state in model.states), default=1)
    names = parameters_of(model, drawn)
    names["time"] = cycles * settings.cycle_years
    names["cycle"] = cycles + 1
    names["age"] = settings.start_age + names["time"]
    names["sojourn"] = np.arange(1, memory + 1, dtype=np.float64).reshape(1, 1, 1, -1)
    tables = {name: lookup(table) for name, table in model.tables.items()}
    worth = Worth(model, names, tables)
    # What does not change with time comes first: curves are made of it, and the rest asks them.
    late = changing(model) if "survival" in model.sections else set()
    _named(worth, names, [each for each in model.lets if each not in late])
    if "survival" in model.sections:
        worked = work_out(worth, model.sections["survival"].value)
        tables.update(calls(worked, settings.cycle_years))
    _named(worth, names, [each for each in model.lets if each in late])
    return worth
