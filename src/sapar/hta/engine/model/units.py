"""Units of every quantity, checked before anything runs.

A number as written takes any unit; what has a name has the unit that the document says. Sums and
comparisons want the same unit on both sides, `exp` and its kin want plain numbers, a chance wants a
plain number, a reward its own unit. Months and years do not mix by themselves: 1/month times years
is refused, not converted. Where a plain number is wanted, years count as their number, so that
`exp(-b * age)` and `(rate * time)^shape` can be written as papers do; a rate does not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from sapar.hta.engine.expressions.functions import CHOICE, FUNCTIONS, PURE, RATE, SAME
from sapar.hta.engine.expressions.parse import (
    Call,
    Name,
    Number,
    Operation,
    names_in,
)
from sapar.hta.engine.model.model import Expression
from sapar.hta.engine.model.unit import A_YEAR, HEALTH, KNOWN, PLAIN, YEAR, Unit, literal, unit_of
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.hta.engine.expressions.parse import Node
    from sapar.hta.engine.model.model import AnyModel
    from sapar.values.statements import Param

NOTHING = Expression("0", Number(0.0), "")


@dataclass(slots=True)
class _Units:
    """Units of names, and what was found wrong in the expression that is being read."""

    names: dict[str, Unit | None]
    tables: Mapping[str, Unit]
    problems: list[Problem]
    expression: Expression = NOTHING

    def of(self, expression: Expression) -> Unit | None:
        """The unit of an expression; None: it takes any, or was wrong and was noted."""
        self.expression = expression
        return self._of(expression.node)

    def note(self, code: str, at: int, value: str, **params: str) -> None:
        """Add a mistake in the expression."""
        expression = self.expression
        made = Problem.of(f"hta.input.{code}", where=expression.where, value=value)
        said: dict[str, Param] = {"column": at, "text": expression.text[:120], **params}
        self.problems.append(replace(made, params=MappingProxyType(said)))

    def _of(self, node: Node) -> Unit | None:
        if isinstance(node, Number):
            return None
        if isinstance(node, Name):
            return self.names.get(node.name)
        if isinstance(node, Call):
            return self._call(node)
        return self._operation(node)

    def _same(self, sign: str, at: int, units: list[Unit | None]) -> Unit | None:
        """The one unit of all that have one."""
        known = [unit for unit in units if unit is not None]
        for other in known[1:]:
            if not other.same(known[0]):
                self.note("units_differ", at, sign, left=str(known[0]), right=str(other))
                return None
        return known[0] if known else None

    def _plain(self, what: str, at: int, unit: Unit | None) -> None:
        if unit is not None and not unit.plain and not unit.years:
            self.note("unit_plain", at, what, unit=str(unit))

    def _operation(self, node: Operation) -> Unit | None:
        units = [self._of(each) for each in node.args]
        if node.sign in {"and", "or", "not"}:
            return PLAIN
        if len(units) == 1:
            return units[0]
        left, right = units
        if node.sign == "^":
            return self._power(node, left, right)
        if node.sign in {"*", "/"}:
            if left is None and right is None:
                return None
            power = 1.0 if node.sign == "*" else -1.0
            return (left or PLAIN).times(right or PLAIN, power)
        found = self._same(node.sign, node.at, units)
        return found if node.sign in {"+", "-"} else PLAIN

    def _power(self, node: Operation, base: Unit | None, power: Unit | None) -> Unit | None:
        self._plain("^", node.at, power)
        if base is None:
            return None if power is None else PLAIN
        if base.plain:
            return PLAIN
        exponent = literal(node.args[1])
        if exponent is not None:
            return PLAIN.times(base, exponent)
        self._plain("^", node.at, base)
        return PLAIN

    def _call(self, node: Call) -> Unit | None:
        if node.name in CURVES and node.name not in self.tables:
            for each in node.args[1:]:
                unit = self._of(each)
                if unit is not None and not unit.same(YEAR):
                    self.note("unit_wanted", node.at, str(unit), wants=str(YEAR))
            return CURVES[node.name]
        units = [self._of(each) for each in node.args]
        if node.name in self.tables:
            return self.tables[node.name]
        rule = FUNCTIONS[node.name].units
        if rule == PURE:
            for unit in units:
                self._plain(node.name, node.at, unit)
            return PLAIN
        if rule == SAME:
            return self._same(node.name, node.at, units)
        if rule == CHOICE:
            return self._same(node.name, node.at, units[1:])
        return self._rate(node, units) if rule == RATE else self._to_rate(node, units)

    def _rate(self, node: Call, units: list[Unit | None]) -> Unit:
        """A rate in, a probability out: together with its time it is a plain number."""
        rate = units[0]
        time = units[1] if len(units) == 2 else YEAR
        if rate is not None and time is not None and not rate.times(time).plain:
            self.note("unit_rate", node.at, str(rate), wants=str(PLAIN.times(time, -1.0)))
        return PLAIN

    def _to_rate(self, node: Call, units: list[Unit | None]) -> Unit | None:
        self._plain(node.name, node.at, units[0])
        if len(units) == 1:
            return A_YEAR
        return None if units[1] is None else PLAIN.times(units[1], -1.0)


CURVES: dict[str, Unit] = {"survival": PLAIN, "hazard": A_YEAR, "event": PLAIN}
"""Units of calls whose first argument is the name of a survival curve."""


def _known(text: str, where: str, problems: list[Problem]) -> Unit:
    found = unit_of(text) if text else PLAIN
    if found is None:
        problems.append(
            Problem.of("hta.input.unit", where=where, value=text, known=", ".join(KNOWN))
        )
        return PLAIN
    return found


def _parameters(model: AnyModel, units: _Units) -> None:
    """Units of the inputs: what the document says, or what their expressions give."""
    waiting = dict(model.parameters)
    while waiting:
        # Those that name only what is known; in a circle, which is refused elsewhere, any.
        ready = [n for n, p in waiting.items() if not _names(p.values) & waiting.keys()] or [
            next(iter(waiting))
        ]
        for name in ready:
            parameter = waiting.pop(name)
            said = _known(parameter.unit, parameter.where, units.problems)
            found: Unit | None = None
            for each in parameter.values.values():
                unit = units.of(each)
                found = unit if found is None else found
                if parameter.unit and unit is not None and not unit.same(said):
                    units.note("unit_wanted", 1, str(unit), wants=str(said))
            units.names[name] = said if parameter.unit or found is None else found


def _names(values: Mapping[str, Expression]) -> set[str]:
    return {each.name for value in values.values() for each in names_in(value.node)}


def check_units(model: AnyModel, problems: list[Problem]) -> None:
    """Note every unit that is unknown and every quantity that has another unit than is wanted.

    Args:
        model: a model whose names are known.
        problems: where mistakes are added.
    """
    names: dict[str, Unit | None] = {
        "time": YEAR, "age": YEAR, "cycle_length": YEAR, "cycle": PLAIN, "sojourn": PLAIN,
    }  # fmt: skip
    tables = {key: _known(each.unit, each.where, problems) for key, each in model.tables.items()}
    units = _Units(names, tables, problems)
    _parameters(model, units)
    for name, each in model.lets.items():
        units.names[name] = units.of(each) if each.unit is None else unit_of(each.unit)
    for reward in model.rewards.values():
        _known(reward.unit, reward.where, problems)
    sections = [use for found in model.sections.values() for use in found.uses]
    for use in (*model.uses(), *sections):
        got = units.of(use.expression)
        wanted = [unit_of(each) for each in use.wants.split(" or ")] if use.wants else [None]
        if got is None or any(each is None or got.same(each) for each in wanted):
            continue
        if got.plain and any(name in use.wants for name in HEALTH):
            continue
        units.note("unit_wanted", 1, str(got), wants=str(wanted[0]))
