"""Tests of costs: what they are made of, and that they add up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.verification import change, reach
from sapar.hta.engine.verification.kinds import (
    Outcome,
    failed,
    gettext_noop,
    passed,
    skipped,
    test,
    warned,
)
from sapar.hta.engine.verification.subject import SAME, Subject, close

if TYPE_CHECKING:
    from sapar.hta.engine.model.model import AnyModel

GROUP = "costs"


@test(GROUP, gettext_noop("With all costs zero the total cost is zero."))
def zero(subject: Subject) -> Outcome:
    """Nothing else is counted as a cost."""
    found = subject.totals(
        change.reward(subject.model, subject.model.cost, change.times(0.0)), subject.model.cost
    )
    if np.abs(found).max() > 0:
        return failed(found[0], 0)
    return passed(0, 0)


@test(
    GROUP, gettext_noop("With all costs doubled the total cost is doubled, and the effect stays.")
)
def doubled(subject: Subject) -> Outcome:
    """Each cost once, and none in the effect."""
    found = subject.run(change.reward(subject.model, subject.model.cost, change.times(2.0)))
    costs = subject.spread(found.discounted[subject.model.cost])[:, 0]
    effects = subject.spread(found.discounted[subject.model.effect])[:, 0]
    if not close(costs, 2 * subject.costs, SAME):
        return failed(costs[0], 2 * subject.costs[0])
    if not close(effects, subject.effects, SAME):
        return failed(effects[0], subject.effects[0])
    return passed(costs[0], 2 * subject.costs[0])


@test(GROUP, gettext_noop("A hundred more a year costs a hundred for each life year."),
      "cohort", "states")  # fmt: skip
def hundred_more(subject: Subject) -> Outcome:
    """With the rate of costs."""
    model = subject.model
    living = tuple(each.name for each in model.states if not each.dead)
    cost = model.rewards[model.cost]
    years = subject.totals(subject.counting(living, discount=cost.discount), model.effect)
    more = 100.0 if cost.per_year else 100.0 * model.settings.cycle_years
    states = dict(cost.states)
    for state in living:
        states[state] = (
            change.plus(states[state], more) if state in states else change.constant(more)
        )
    changed = replace(model, rewards={**model.rewards, model.cost: replace(cost, states=states)})
    found = subject.totals(changed, model.cost) - subject.costs
    if not close(found, 100 * years, 1e-8):
        return failed(found[0], 100 * years[0])
    return passed(found[0], 100 * years[0])


@test(GROUP, gettext_noop("No cost of a state or transition is below zero."), "cohort")
def not_negative(subject: Subject) -> Outcome:
    """Savings belong into the difference of two strategies."""
    cost = subject.model.cost
    names = [
        f"{state}"
        for (name, state), each in subject.pays.items()
        if name == cost and each.min() < 0
    ]
    names += [
        f"{a} -> {b}"
        for (name, a, b), each in subject.flows.items()
        if name == cost and each.min() < 0
    ]
    return failed(names=names) if names else passed()


@test(GROUP, gettext_noop("No price is below zero."), "prices")
def prices_not_negative(subject: Subject) -> Outcome:
    """An input in money."""
    names = [name for name in subject.prices if subject.inputs[name].min() < 0]
    return failed(names=names) if names else passed()


@test(GROUP, gettext_noop("Nothing is paid in a state of the dead."), "cohort", "dead")
def dead_cost_nothing(subject: Subject) -> Outcome:
    """What a death costs belongs on the transition."""
    names = [
        state
        for (name, state), each in subject.pays.items()
        if name == subject.model.cost and state in subject.dead and np.abs(each).max() > 0
    ]
    return failed(names=names) if names else passed()


@test(
    GROUP,
    gettext_noop("What is paid on coming into a state is paid from wherever one comes."),
    "cohort",
)
def every_way_pays(subject: Subject) -> Outcome:
    """A transition that pays nothing, though others into the same state pay."""
    names = []
    for reward in (subject.model.cost, subject.model.effect):
        paying = {(a, b) for name, a, b in subject.flows if name == reward}
        into = {b for _, b in paying if b in subject.dead}
        for (a, b), chance in subject.chances.items():
            if (
                b in into
                and chance.max() > 0
                and not paying & {(a, b), ("*", b), (a, "*"), ("*", "*")}
            ):
                names.append(f"{reward}: {a} -> {b}")
    if names:
        return warned(names=names)
    return passed()


@test(GROUP, gettext_noop("The total cost grows evenly with each price."), "prices", "plain")
def straight(subject: Subject) -> Outcome:
    """Twice as much more for twice as much dearer."""
    names = subject.uneven(subject.model.cost, _single(subject), (4.0, 0.0))
    return warned(names=names) if names else passed()


def _single(subject: Subject) -> list[str]:
    """Prices that are one number for all strategies and stand on no other input."""
    return [
        name
        for name in subject.prices
        if "" in subject.model.parameters[name].values and len(subject.closure[name]) == 1
    ]


@test(GROUP, gettext_noop("Prices move costs and nothing else."), "prices")
def prices_in_costs_alone(subject: Subject) -> Outcome:
    """Neither chances nor effects stand on them."""
    names = [name for name in subject.prices if subject.roles[name] & {reach.CHANCE, reach.EFFECT}]
    return failed(names=names) if names else passed()


@test(GROUP, gettext_noop("With all prices doubled the total cost is doubled."), "prices", "plain")
def all_is_priced(subject: Subject) -> Outcome:
    """Every cost is a price that the model names as one."""
    changed = _prices(subject, 2.0)
    found = subject.totals(changed, subject.model.cost)
    if not close(found, 2 * subject.costs, 1e-8):
        return warned(
            found[0],
            2 * subject.costs[0],
            why=gettext_noop("Some costs are no inputs in the currency of the model."),
        )
    return passed(found[0], 2 * subject.costs[0])


def _prices(subject: Subject, factor: float) -> AnyModel:
    """Those that stand on no other price multiplied."""
    prices = set(subject.prices)
    parameters = dict(subject.model.parameters)
    for name in prices:
        if not (subject.closure[name] - {name}) & prices:
            each = parameters[name]
            parameters[name] = replace(
                each,
                values={key: change.times(factor)(value) for key, value in each.values.items()},
            )
    return replace(subject.model, parameters=parameters)


@test(GROUP, gettext_noop("No strategy is free."), "arms")
def nobody_is_free(subject: Subject) -> Outcome:
    """A total cost of zero."""
    names = [
        name for name, cost in zip(subject.strategies, subject.costs, strict=True) if abs(cost) <= 0
    ]
    if len(names) == len(subject.strategies):
        return skipped(gettext_noop("The model has no costs."))
    return warned(names=names) if names else passed()
