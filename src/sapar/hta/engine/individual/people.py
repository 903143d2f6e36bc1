"""Some people of some draws: their luck, what they bring along, and what expressions are for them.

Arrays have the axes S, K, N, strategies, draws and people, of length 1 where nothing changes. An
expression of parameters alone so stays as short as the draws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.cohort.worth import lookup, parameters_of
from sapar.hta.engine.expressions.evaluate import evaluate
from sapar.hta.engine.expressions.parse import Call
from sapar.hta.engine.individual.stream import keys, stream_of, uniform
from sapar.hta.engine.model.limits import met
from sapar.hta.engine.model.names import uses
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.distributions import law_of
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.model.individual import Attribute, Population
    from sapar.hta.engine.model.model import AnyModel, Expression

    Numbers = NDArray[np.float64]
    Words = NDArray[np.uint64]

BUILT_IN = frozenset({"time", "age", "cycle", "sojourn"})


class People:
    """People of a model with everything that expressions may name.

    Args:
        model: what they live in.
        population: who they are.
        drawn: by parameter, the values of these draws, (K,); empty: one draw.
        draws: the numbers of the draws, (K,).
        people: the numbers of the people, (N,).

    Attributes:
        luck: (K, N), the keys of their streams.
        names: by name, arrays over (S, K, N).
        age: (1, K, N), years at the start; shorter where all are alike.
    """

    def __init__(
        self,
        model: AnyModel,
        population: Population,
        drawn: Mapping[str, Numbers],
        draws: NDArray[np.int64],
        people: NDArray[np.int64],
    ) -> None:
        self.model = model
        self.seed, self.draws, self.people = population.seed, draws, people
        self.shape = (len(model.strategies), len(draws), len(people))
        self.luck: Words = keys(population.seed, draws, people)
        self.tables: dict[str, Callable[[Any], Any]] = {
            name: lookup(table) for name, table in model.tables.items()
        }
        self.names: dict[str, Numbers] = {
            name: values[:, :, :, 0] for name, values in parameters_of(model, drawn).items()
        }
        self.later: dict[str, Expression] = {}
        limits = tuple(each for found in model.sections.values() for each in found.limits)
        for name, expression in model.lets.items():
            limits = met(limits, self.names, self.of)
            if name in population.attributes:
                self.names[name] = self._brought(population.attributes[name])
            elif uses(expression) & (BUILT_IN | self.later.keys()):
                self.later[name] = expression
            else:
                self.names[name] = self.of(expression)
        start = np.full((1, 1, 1), model.settings.start_age)
        self.age = start if population.age is None else self._brought(population.age)

    def _brought(self, attribute: Attribute) -> Numbers:
        """An attribute of everybody; the same in every strategy where it is drawn."""
        call = attribute.expression.node
        if not attribute.drawn or not isinstance(call, Call):
            return self.of(attribute.expression)
        u = uniform(keys(stream_of(self.seed, attribute.name), self.draws, self.people), 0)[None]
        if call.args:
            chance = evaluate(
                call.args[0], self.names, self.tables, self.model.settings.cycle_years
            )
            self._refuse(
                attribute.expression, chance, (chance < 0) | (chance > 1), code="chance_of"
            )
            return np.asarray(u < chance, dtype=np.float64)
        return np.asarray(law_of(attribute.expression).quantile(u))

    def of(
        self,
        expression: Expression,
        now: Mapping[str, Numbers] | None = None,
        cycle: int = 0,
    ) -> Numbers:
        """What an expression is for everybody; refused where it is undefined.

        Args:
            expression: whose names were checked.
            now: the names whose value changes: `time`, `age`, `cycle`, `sojourn`.
            cycle: named where the expression is undefined.
        """
        names: Mapping[str, Numbers] = self.names
        if now:
            names = {**self.names, **now}
            wanted = uses(expression)
            if wanted & self.later.keys():
                # Named expressions stand in an order in which each needs only earlier ones.
                for name, each in self.later.items():
                    names[name] = evaluate(
                        each.node, names, self.tables, self.model.settings.cycle_years
                    )
        found = evaluate(expression.node, names, self.tables, self.model.settings.cycle_years)
        found = found.reshape((1,) * (3 - found.ndim) + found.shape)
        self._refuse(expression, found, ~np.isfinite(found), "undefined", cycle)
        return found

    def of_some(
        self, expression: Expression, who: tuple[Any, Any, Any], now: Mapping[str, Numbers]
    ) -> Numbers:
        """What an expression is for some people, (M,), of whom each has a time of his own.

        Args:
            expression: whose names were checked.
            who: their strategies, draws and places, each (M,).
            now: the names whose value changes, each (M,).
        """
        names = dict(now)
        years = self.model.settings.cycle_years
        for name, values in self.names.items():
            place = tuple(
                each if size > 1 else 0 for each, size in zip(who, values.shape, strict=True)
            )
            names[name] = values[place]
        for name, each in self.later.items():
            names[name] = evaluate(each.node, names, self.tables, years)
        found = evaluate(expression.node, names, self.tables, years)
        self._refuse(expression, found.reshape(1, 1, -1), ~np.isfinite(found).reshape(1, 1, -1))
        return np.broadcast_to(found, who[0].shape)

    def _refuse(
        self,
        expression: Expression,
        values: Numbers,
        wrong: NDArray[np.bool_],
        code: str = "undefined",
        cycle: int = 0,
    ) -> None:
        """Name the first strategy and person for which a value is wrong."""
        if not wrong.any():
            return
        wrong = wrong.reshape((1,) * (3 - wrong.ndim) + wrong.shape)
        place = tuple(int(each[0]) for each in np.nonzero(wrong))
        value = np.asarray(values).reshape(wrong.shape)[place]
        problem = Problem.of(
            f"hta.run.{code}",
            where=expression.where,
            value=expression.text if code == "undefined" else f"{float(value):.6g}",
            strategy=self.model.strategies[place[0]].name,
            cycle=cycle + 1,
        )
        raise BadModelError((problem,))
