"""Every name of every expression against what the model has."""

from __future__ import annotations

from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from sapar.hta.engine.expressions.functions import FUNCTIONS
from sapar.hta.engine.expressions.parse import Call, Name, names_in
from sapar.hta.engine.model.model import Tree
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sapar.hta.engine.model.model import AnyModel, Branch, Expression, Table

EVERYWHERE = ("time", "cycle", "age", "cycle_length")
"""Built-in names that any expression but a parameter may use."""


def uses(expression: Expression) -> set[str]:
    """The names in an expression."""
    return {each.name for each in names_in(expression.node) if isinstance(each, Name)}


@dataclass(slots=True)
class _Names:
    known: set[str]
    tables: Mapping[str, Table]
    problems: list[Problem]
    used: set[str] = field(default_factory=set)

    def check(self, expression: Expression, more: tuple[str, ...] = ()) -> None:
        """Note what is unknown, and calls with too few or too many arguments."""
        for each in names_in(expression.node):
            if isinstance(each, Call):
                self._call(expression, each)
                continue
            self.used.add(each.name)
            if each.name not in self.known and each.name not in more:
                self.note("unknown", expression, each.name, each.at)

    def _call(self, expression: Expression, call: Call) -> None:
        if call.name in self.tables:
            self.used.add(call.name)
            least = most = 1
        elif call.name in FUNCTIONS:
            least, most = FUNCTIONS[call.name].least, FUNCTIONS[call.name].most
        else:
            self.note("function", expression, call.name, call.at)
            return
        if call.named or not least <= len(call.args) <= most:
            self.note("arguments", expression, call.name, call.at)

    def note(self, code: str, expression: Expression, name: str, at: int) -> None:
        """Add a mistake in an expression."""
        self.problems.append(
            Problem.of(
                f"hta.input.{code}",
                where=expression.where,
                value=name,
                column=at,
                text=expression.text[:120],
            )
        )


def ordered(lets: dict[str, Expression], problems: list[Problem]) -> dict[str, Expression]:
    """The named expressions in an order in which each needs only earlier ones."""
    needs = {name: uses(each) & lets.keys() for name, each in lets.items()}
    try:
        order = list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        circle = [str(each) for each in error.args[1]]
        where = lets[circle[0]].where
        problems.append(Problem.of("hta.input.circle", where=where, value=" -> ".join(circle)))
        return lets
    return {name: lets[name] for name in order}


def _by_sojourn(model: AnyModel) -> set[str]:
    """The named expressions that depend on the time in the state, and the built-in name."""
    found = {"sojourn"}
    for name, each in model.lets.items():
        if uses(each) & found:
            found.add(name)
    return found


def _in_tree(branch: Branch) -> Iterator[tuple[str, Expression]]:
    """Every expression of a tree, with the branch in which it stands."""
    for each in (branch.chance, *branch.pays.values()):
        if each is not None:
            yield branch.name, each
    for inner in branch.branches:
        yield from _in_tree(inner)


def _placed(model: AnyModel) -> tuple[list[tuple[str, Expression]], list[Expression]]:
    """Expressions of a state or branch with its name, and those that belong to none."""
    if isinstance(model, Tree):
        return list(_in_tree(model.root)), []
    placed = [(origin, each) for (origin, _), each in model.transitions.items()]
    others = list(model.start.values())
    for reward in model.rewards.values():
        placed += list(reward.states.items())
        others += list(reward.transitions.values())
    return placed, others


def resolve(model: AnyModel, problems: list[Problem]) -> set[str]:
    """Note unknown names, wrong calls, and a time in the state where the state has no memory.

    Returns:
        The names that something uses.
    """
    inputs = _Names({*model.parameters, "cycle_length"}, {}, problems)
    for parameter in model.parameters.values():
        for value in parameter.values.values():
            inputs.check(value)
    names = _Names({*model.parameters, *model.lets, *EVERYWHERE}, model.tables, problems)
    placed, others = _placed(model)
    for each in model.lets.values():
        names.check(each, ("sojourn",))
    for each in others:
        names.check(each)
    remembers = {state.name for state in model.states if state.memory > 1}
    sojourn = _by_sojourn(model)
    for place, each in placed:
        names.check(each, ("sojourn",))
        if place not in remembers and uses(each) & sojourn:
            names.note("sojourn", each, place, 1)
    return names.used | inputs.used
