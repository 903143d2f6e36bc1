"""Where each input goes: into chances, costs, effects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.hta.engine.expressions.parse import names_in
from sapar.hta.engine.model.model import Model, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sapar.hta.engine.expressions.parse import Node
    from sapar.hta.engine.model.model import AnyModel, Branch, Expression

CHANCE, COST, EFFECT, OTHER = "chance", "cost", "effect", "other"


def reward_role(model: AnyModel, reward: str) -> str:
    """What a reward is to the decision."""
    return {model.cost: COST, model.effect: EFFECT}.get(reward, OTHER)


def branches(branch: Branch) -> Iterator[Branch]:
    """A branch and all that grow from it."""
    yield branch
    for inner in branch.branches:
        yield from branches(inner)


def _of_rewards(model: AnyModel) -> Iterator[tuple[str, str, Expression]]:
    for name, reward in model.rewards.items():
        role = reward_role(model, name)
        for state, each in reward.states.items():
            yield role, f"{name}: {state}", each
        for (origin, to), each in reward.transitions.items():
            yield role, f"{name}: {origin} -> {to}", each


def _of_cohort(model: Model) -> Iterator[tuple[str, str, Expression]]:
    for name, each in model.start.items():
        yield CHANCE, name, each
    for (origin, to), each in model.transitions.items():
        yield CHANCE, f"{origin} -> {to}", each


def _of_tree(model: Tree) -> Iterator[tuple[str, str, Expression]]:
    for branch in branches(model.root):
        if branch.chance is not None:
            yield CHANCE, branch.name, branch.chance
        for name, each in branch.pays.items():
            yield reward_role(model, name), f"{name}: {branch.name}", each


def used(model: AnyModel) -> Iterator[tuple[str, str, Expression]]:
    """Every expression of the model itself: its role, a name for people, and it."""
    paid = list(_of_rewards(model))
    yield from paid
    if isinstance(model, Model):
        yield from _of_cohort(model)
    elif isinstance(model, Tree):
        yield from _of_tree(model)
    else:
        # Of kinds that are not known here, what asks for a plain number is taken for a chance.
        known = {id(each) for _, _, each in paid}
        for use in model.uses():
            if id(use.expression) not in known:
                yield CHANCE if use.wants == "1" else OTHER, use.of, use.expression


def _direct(node: Node) -> set[str]:
    return {each.name for each in names_in(node)}


def closure(model: AnyModel) -> Mapping[str, frozenset[str]]:
    """By named expression or input: every name that it stands on, itself among them."""
    found: dict[str, frozenset[str]] = {}
    direct = {name: _direct(each.node) for name, each in model.lets.items()}
    for name, parameter in model.parameters.items():
        direct[name] = set().union(*(_direct(each.node) for each in parameter.values.values()))

    def of(name: str, seen: tuple[str, ...]) -> frozenset[str]:
        if name not in found and name not in seen:
            inside = [of(each, (*seen, name)) for each in direct.get(name, ())]
            found[name] = frozenset({name}).union(*inside)
        return found.get(name, frozenset({name}))

    for name in direct:
        of(name, ())
    return found


def names_below(node: Node, known: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Every name that an expression stands on."""
    empty: frozenset[str] = frozenset()
    return empty.union(*(known.get(each, frozenset({each})) for each in _direct(node)))


def roles(model: AnyModel) -> dict[str, set[str]]:
    """By input: the roles of the expressions that stand on it."""
    known = closure(model)
    found: dict[str, set[str]] = {name: set() for name in model.parameters}
    for role, _, expression in used(model):
        for name in names_below(expression.node, known):
            if name in found:
                found[name].add(role)
    for section in model.sections.values():
        for name in section.touches:
            if name in found:
                found[name].add(OTHER)
    return found
