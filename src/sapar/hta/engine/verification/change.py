"""A model with something changed: what a test compares it with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sapar.hta.engine.expressions.parse import Call, Name, Number, Operation
from sapar.hta.engine.model.events import Events
from sapar.hta.engine.model.individual import Individual
from sapar.hta.engine.model.model import Expression, Model, Tree
from sapar.hta.engine.survival import change as curves

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sapar.hta.engine.expressions.parse import Node
    from sapar.hta.engine.model.model import AnyModel, Branch, Reward

    Change = Callable[[Expression], Expression]

HALF_A_YEAR = 0.5


def constant(value: float, where: str = "") -> Expression:
    """A number as an expression."""
    return Expression(repr(value), Number(value), where)


def times(factor: float) -> Change:
    """What multiplies an expression."""

    def changed(each: Expression) -> Expression:
        node = Operation("*", (Number(factor), each.node), 1)
        return Expression(f"{factor!r} * ({each.text})", node, each.where)

    return changed


def _reward(reward: Reward, change: Change) -> Reward:
    return replace(
        reward,
        states={key: change(each) for key, each in reward.states.items()},
        transitions={key: change(each) for key, each in reward.transitions.items()},
    )


def _branch(branch: Branch, name: str, change: Change) -> Branch:
    return replace(
        branch,
        pays={key: change(each) if key == name else each for key, each in branch.pays.items()},
        branches=tuple(_branch(each, name, change) for each in branch.branches),
    )


def reward(model: AnyModel, name: str, change: Change) -> AnyModel:
    """The model with every value of a reward changed."""
    changed = {**model.rewards, name: _reward(model.rewards[name], change)}
    model = replace(model, rewards=changed)
    if isinstance(model, Tree):
        return replace(model, root=_branch(model.root, name, change))
    return _events(model, name, change) if isinstance(model, Events) else model


def _one(paid: Mapping[str, Expression], name: str, change: Change) -> dict[str, Expression]:
    return {key: change(each) if key == name else each for key, each in paid.items()}


def _events(model: Events, name: str, change: Change) -> Events:
    """What is paid on the way and for what is shared."""
    steps = {
        key: replace(
            each,
            pays=_one(each.pays, name, change),
            per_year=_one(each.per_year, name, change),
            waiting_per_year=_one(each.waiting_per_year, name, change),
        )
        for key, each in model.steps.items()
    }
    resources = {
        key: replace(
            each,
            held=_one(each.held, name, change),
            standing=_one(each.standing, name, change),
        )
        for key, each in model.resources.items()
    }
    return replace(model, steps=steps, resources=resources)


def values(model: AnyModel, given: Mapping[str, float]) -> AnyModel:
    """The model with inputs that are these numbers, for all strategies, and without draws."""
    parameters = dict(model.parameters)
    for name, value in given.items():
        parameters[name] = replace(
            parameters[name], values={"": constant(value)}, distribution=None
        )
    return replace(model, parameters=parameters)


def alike(model: AnyModel, first: str) -> AnyModel:
    """The model in which every strategy has the values of one of them."""
    parameters = {
        name: replace(each, values={"": each.values[first]}) if "" not in each.values else each
        for name, each in model.parameters.items()
    }
    model = curves.by_strategy(model, lambda laws: {"": laws[first]})
    return replace(model, parameters=parameters)


def swapped(model: AnyModel, one: str, other: str) -> AnyModel:
    """The model in which two strategies have each other's values."""
    exchange = {one: other, other: one}
    parameters = {
        name: replace(
            each, values={key: each.values[exchange.get(key, key)] for key in each.values}
        )
        if "" not in each.values
        else each
        for name, each in model.parameters.items()
    }
    model = curves.by_strategy(
        model, lambda laws: {key: laws[exchange.get(key, key)] for key in laws}
    )
    return replace(model, parameters=parameters)


def renamed(model: AnyModel, prefix: str) -> AnyModel:
    """The model with other names of its strategies."""
    parameters = {
        name: each
        if "" in each.values
        else replace(each, values={prefix + key: value for key, value in each.values.items()})
        for name, each in model.parameters.items()
    }
    model = curves.by_strategy(model, lambda laws: {prefix + key: law for key, law in laws.items()})
    strategies = tuple(replace(each, name=prefix + each.name) for each in model.strategies)
    return replace(model, parameters=parameters, strategies=strategies)


def twice(model: AnyModel) -> AnyModel:
    """The model with its last strategy once more, under another name."""
    last = model.strategies[-1]
    again = replace(last, name=f"x_{last.name}")
    parameters = {
        name: each
        if "" in each.values
        else replace(each, values={**each.values, again.name: each.values[last.name]})
        for name, each in model.parameters.items()
    }
    model = curves.by_strategy(model, lambda laws: {**laws, again.name: laws[last.name]})
    return replace(model, parameters=parameters, strategies=(*model.strategies, again))


def inputs_renamed(model: AnyModel, prefix: str) -> AnyModel:
    """A cohort model or tree in which every input has another name."""
    own = set(model.parameters)

    def change(each: Expression) -> Expression:
        return replace(each, node=_renamed(each.node, own, prefix))

    parameters = {
        prefix + name: replace(
            each,
            name=prefix + name,
            values={key: change(value) for key, value in each.values.items()},
        )
        for name, each in model.parameters.items()
    }
    lets = {name: change(each) for name, each in model.lets.items()}
    for name in model.rewards:
        model = reward(model, name, change)
    model = curves.arguments(replace(model, parameters=parameters, lets=lets), change)
    if isinstance(model, Model):
        return replace(
            model,
            start={key: change(each) for key, each in model.start.items()},
            transitions={key: change(each) for key, each in model.transitions.items()},
        )
    return replace(model, root=_chances(model.root, change)) if isinstance(model, Tree) else model


def _chances(branch: Branch, change: Change) -> Branch:
    return replace(
        branch,
        chance=None if branch.chance is None else change(branch.chance),
        branches=tuple(_chances(each, change) for each in branch.branches),
    )


def _renamed(node: Node, own: set[str], prefix: str) -> Node:
    if isinstance(node, Name):
        return replace(node, name=prefix + node.name) if node.name in own else node
    if isinstance(node, Call | Operation):
        return replace(node, args=tuple(_renamed(each, own, prefix) for each in node.args))
    return node


def settings(model: AnyModel, **changed: object) -> AnyModel:
    """The model with other settings."""
    return replace(model, settings=replace(model.settings, **changed))  # type: ignore[arg-type]


def rates(model: AnyModel, rate: float) -> AnyModel:
    """The model with one discount rate for everything."""
    return settings(model, discount=dict.fromkeys(model.settings.discount, ((0.0, rate),)))


def table(model: AnyModel, name: str, factor: float) -> AnyModel:
    """The model with the values of a table multiplied."""
    made = model.tables[name]
    changed = replace(made, values=tuple(each * factor for each in made.values))
    return replace(model, tables={**model.tables, name: changed})


def plus(each: Expression, value: float) -> Expression:
    """An expression and a number more."""
    node = Operation("+", (each.node, Number(value)), 1)
    return Expression(f"{each.text} + {value!r}", node, each.where)


def lighter(model: AnyModel, people: int, people_a_draw: int) -> AnyModel:
    """A model that draws people with fewer of them; any other model as it is.

    With a queue it is one run, with at most half a year of people who fill it, who count, and who
    come after them.
    """
    if isinstance(model, Events):
        window = model.arrivals
        before = min(window.warm_up, HALF_A_YEAR)
        counts = min(window.until - window.warm_up, HALF_A_YEAR)
        after = min(window.after, HALF_A_YEAR)
        shorter = replace(window, warm_up=before, until=before + counts, after=after)
        return replace(model, runs=1, runs_a_draw=1, arrivals=shorter)
    if not isinstance(model, Individual):
        return model
    made = model.population
    fewer = replace(
        made,
        people=min(made.people, people),
        people_a_draw=min(made.people_a_draw, people_a_draw),
    )
    return replace(model, population=fewer)
