"""Every name of every expression against what the model has."""

from __future__ import annotations

from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from sapar.hta.engine.expressions.functions import FUNCTIONS
from sapar.hta.engine.expressions.parse import Call, Name, names_in
from sapar.hta.engine.survival.curves import CALLS
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from sapar.hta.engine.model.model import AnyModel, Expression, Table

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
    curves: Container[str] = ()

    def check(self, expression: Expression, more: tuple[str, ...] = ()) -> None:
        """Note what is unknown, and calls with too few or too many arguments."""
        curves: set[int] = set()
        for each in names_in(expression.node):
            if isinstance(each, Call):
                if each.name in CALLS and each.name not in self.tables:
                    curves.add(self._curve(expression, each))
                else:
                    self._call(expression, each)
                continue
            if id(each) in curves:
                continue
            self.used.add(each.name)
            if each.name not in self.known and each.name not in more:
                self.note("unknown", expression, each.name, each.at)

    def _curve(self, expression: Expression, call: Call) -> int:
        """Note a call of a curve that does not exist; which name stands for the curve."""
        first = call.args[0] if call.args else None
        least, most = CALLS[call.name]
        if not isinstance(first, Name) or first.name not in self.curves:
            name = first.name if isinstance(first, Name) else call.name
            self.note("curve_unknown", expression, name, call.at)
        elif call.named or not least < len(call.args) <= most + 1:
            self.note("arguments", expression, call.name, call.at)
        else:
            self.used.add(first.name)
        return id(first)

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


def changing(model: AnyModel) -> set[str]:
    """Names whose values change with time, and those that ask a curve."""
    found = {"time", "cycle", "age", "sojourn"}
    for name, each in model.lets.items():
        calls = {call.name for call in names_in(each.node) if isinstance(call, Call)}
        if uses(each) & found or calls & CALLS.keys() - model.tables.keys():
            found.add(name)
    return found


def _sections(model: AnyModel, names: _Names) -> None:
    """The names that sections use; curves where the kind of model cannot ask them."""
    unsteady = changing(model)
    for key, found in model.sections.items():
        if key == "survival" and not model.asks_curves:
            where = min((each.where for each in found.value.values()), default=key)
            names.problems.append(Problem.of("hta.input.curve_kind", where=where, value=key))
        for use in found.uses:
            names.check(use.expression, use.names)
            late = sorted(uses(use.expression) & unsteady) if use.steady else []
            if late:
                names.note("unsteady", use.expression, late[0], 1)
        names.used |= set(found.touches)


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
    if "survival" in model.sections:
        names.curves = model.sections["survival"].value
    for each in model.lets.values():
        # What a section made is checked where it stands in the section, not again here.
        if each.unit is None:
            names.check(each, ("sojourn",))
    remembers = {state.name for state in model.states if state.memory > 1}
    sojourn = _by_sojourn(model)
    _sections(model, names)
    for use in model.uses():
        each = use.expression
        names.check(each, ("sojourn", *use.names) if use.of else use.names)
        if use.of and use.of not in remembers and uses(each) & sojourn:
            names.note("sojourn", each, use.of, 1)
    return names.used | inputs.used
