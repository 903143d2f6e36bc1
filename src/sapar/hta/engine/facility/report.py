"""What a model's centres cost, item by item, and the volume at which its decision flips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import brentq

from sapar.hta.engine.cohort.worth import parameters_of, worth_of
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.expressions.evaluate import evaluate as value_of
from sapar.hta.engine.facility.costs import formulas
from sapar.hta.engine.facility.threshold import flip
from sapar.hta.engine.model.yaml import BadModelError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sapar.hta.engine.expressions.build import Term
    from sapar.hta.engine.facility.costs import Facility
    from sapar.hta.engine.facility.threshold import Flip
    from sapar.hta.engine.model.model import AnyModel

    Numbers = NDArray[np.float64]


MOST = 1e12
"""The largest volume."""


def centres(model: AnyModel) -> dict[str, Facility]:
    """The centres of a model's section `facility`; empty without one."""
    found = model.sections.get("facility")
    return {} if found is None else dict(found.value)


def report(model: AnyModel) -> list[dict[str, Any]]:
    """Each centre with its items, in the base case and for the first strategy.

    Returns:
        By centre: `items` (group, name, money of the last year of the plan, share of it),
        `investment`, `yearly` and `treated` by year, `capacity`, `utilisation`,
        `cost_per_fraction`, `cost_per_course`.

    Raises:
        BadModelError: no centres; the items cost more than the total that was given; a number that
            is not possible.
    """
    if not centres(model):
        problem = Problem.of("hta.input.facility_missing", where="facility", value=model.id)
        raise BadModelError((problem,))
    worth = worth_of(model, {})

    def of(term: Term) -> float:
        return float(np.asarray(value_of(term.node, worth.names, worth.tables, 1.0)).flat[0])

    rows = []
    for name, facility in centres(model).items():
        made = formulas(facility)
        last = of(made.yearly[-1])
        items: list[dict[str, Any]] = [
            {
                "group": group,
                "name": item,
                "yearly": of(years[-1]),
                # A centre that costs nothing has no shares.
                "share": of(years[-1]) / last if last else 0.0,
            }
            for (group, item), years in made.items.items()
        ]
        for each in items:
            if each["group"] == "rest" and each["yearly"] < 0:
                over = f"{-each['yearly']:,.0f}"
                problem = Problem.of("hta.run.facility_total", where=name, value=over)
                raise BadModelError((problem,))
        rows.append(
            {
                "facility": name,
                "label": facility.label,
                "items": items,
                "investment": of(made.investment),
                "yearly": [of(each) for each in made.yearly],
                "treated": [of(each) for each in made.treated],
                "capacity": None if made.capacity is None else of(made.capacity),
                "utilisation": of(made.utilisation),
                "cost_per_fraction": of(made.per_fraction),
                "cost_per_course": of(made.per_course),
            }
        )
    return rows


def benefit_of(
    model: AnyModel, parameter: str, threshold: float, pair: tuple[str, str]
) -> Callable[[Numbers], Numbers]:
    """Net benefit of the first strategy of a pair against the second, for values of an input.

    Args:
        model: any model.
        parameter: an input that is one number, usually a volume.
        threshold: what one unit of effect is worth.
        pair: two strategies.
    """
    names = [each.name for each in model.strategies]
    for each in pair:
        if each not in names:
            problem = Problem.of("hta.input.strategy", value=each, known=", ".join(names))
            raise BadModelError((problem,))
    one, other = (names.index(each) for each in pair)

    def benefit(values: Numbers) -> Numbers:
        found = evaluate(model, {parameter: np.asarray(values, dtype=np.float64)}).discounted
        shape = (len(names), len(values))
        net = np.broadcast_to(found[model.effect] * threshold - found[model.cost], shape)
        return np.asarray(net[one] - net[other])

    return benefit


def base_of(model: AnyModel, parameter: str) -> float:
    """The value of an input that is one number.

    Raises:
        BadModelError: the model has no such input.
    """
    base = parameters_of(model, {}).get(parameter)
    if parameter not in model.parameters or base is None or base.size != 1:
        known = ", ".join(model.parameters)
        problem = Problem.of("hta.input.facility_input", value=parameter, known=known)
        raise BadModelError((problem,))
    return float(base.flat[0])


def reach(model: AnyModel, parameter: str) -> tuple[float, float]:
    """Between which values of a volume to look: up to the capacity of the centres that it fills.

    Args:
        model: any model.
        parameter: the input that is the volume.

    Returns:
        A hundredth of the input's own value, and the value at which the first centre is full; the
        hundredfold where none is.

    Raises:
        BadModelError: no such input, or its own value is not above zero.
    """
    own = base_of(model, parameter)
    if own <= 0:
        problem = Problem.of(
            "hta.run.limit_above",
            where=model.parameters[parameter].where,
            value=f"{own:.6g}",
            name=parameter,
            most=f"{MOST:g}",
        )
        raise BadModelError((problem,))
    least, most = own / 100, own * 100

    def full(value: float, term: Term) -> float:
        names = worth_of(model, {parameter: np.array([value])})
        return float(np.asarray(value_of(term.node, names.names, names.tables, 1.0)).flat[0]) - 1

    for facility in centres(model).values():
        made = formulas(facility)
        if made.capacity is None or full(least, made.utilisation) >= 0:
            continue
        if full(most, made.utilisation) > 0:
            most = float(brentq(full, least, most, args=(made.utilisation,), xtol=1e-9 * most))
    return least, most


def flip_of(
    model: AnyModel,
    parameter: str,
    threshold: float,
    pair: tuple[str, str],
    between: tuple[float, float] | None = None,
) -> Flip:
    """The value of a volume at which one strategy begins to be worth more than another.

    Args:
        model: any model.
        parameter: the input that is the volume.
        threshold: what one unit of effect is worth.
        pair: the strategy, and the one it is compared with.
        between: the least and the most to look at; by default see `reach`.

    Raises:
        BadModelError: `parameter` is no input of the model that is one number.
    """
    least, most = between or reach(model, parameter)
    return flip(benefit_of(model, parameter, threshold, pair), least, most)
