"""Expressions made by programs: terms that are added and multiplied like numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.hta.engine.expressions.parse import Call, Number, Operation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sapar.hta.engine.expressions.parse import Node


@dataclass(frozen=True, slots=True)
class Term:
    """A node of an expression with the operators of a number.

    Attributes:
        node: what it says.
    """

    node: Node

    def _two(self, sign: str, other: Term) -> Term:
        return Term(Operation(sign, (self.node, other.node), 1))

    def __add__(self, other: Term) -> Term:
        """The sum."""
        return self._two("+", other)

    def __sub__(self, other: Term) -> Term:
        """The difference."""
        return self._two("-", other)

    def __mul__(self, other: Term) -> Term:
        """The product."""
        return self._two("*", other)

    def __truediv__(self, other: Term) -> Term:
        """The quotient."""
        return self._two("/", other)

    def below(self, other: Term) -> Term:
        """1 where this one is smaller, 0 elsewhere."""
        return self._two("<", other)

    def __neg__(self) -> Term:
        """The opposite."""
        return Term(Operation("-", (self.node,), 1))


def number(value: float) -> Term:
    """A number."""
    return Term(Number(float(value)))


def call(name: str, *args: Term) -> Term:
    """A call of a function of the language."""
    return Term(Call(name, tuple(each.node for each in args), (), 1))


def total(terms: Iterable[Term]) -> Term:
    """The sum of terms; 0 of none."""
    found: Term | None = None
    for each in terms:
        found = each if found is None else found + each
    return number(0) if found is None else found
