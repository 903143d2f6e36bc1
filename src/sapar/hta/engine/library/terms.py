"""Expressions written with Python's operators; what they make is the text of the document."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """An expression.

    Attributes:
        text: as it will stand in the document; in parentheses where it has an operator.
    """

    text: str

    def __str__(self) -> str:
        """The text of the document."""
        return self.text

    def _with(self, sign: str, other: Term | float, *, turned: bool = False) -> Term:
        left, right = (said(other), self.text) if turned else (self.text, said(other))
        return Term(f"({left} {sign} {right})")

    def __add__(self, other: Term | float) -> Term:
        """A sum."""
        return self._with("+", other)

    def __radd__(self, other: float) -> Term:
        """A sum."""
        return self._with("+", other, turned=True)

    def __sub__(self, other: Term | float) -> Term:
        """A difference."""
        return self._with("-", other)

    def __rsub__(self, other: float) -> Term:
        """A difference."""
        return self._with("-", other, turned=True)

    def __mul__(self, other: Term | float) -> Term:
        """A product."""
        return self._with("*", other)

    def __rmul__(self, other: float) -> Term:
        """A product."""
        return self._with("*", other, turned=True)

    def __truediv__(self, other: Term | float) -> Term:
        """A quotient."""
        return self._with("/", other)

    def __rtruediv__(self, other: float) -> Term:
        """A quotient."""
        return self._with("/", other, turned=True)

    def __pow__(self, other: Term | float) -> Term:
        """A power."""
        return self._with("^", other)

    def __rpow__(self, other: float) -> Term:
        """A power."""
        return self._with("^", other, turned=True)

    def __neg__(self) -> Term:
        """The negative."""
        return Term(f"(-{self.text})")

    def __lt__(self, other: Term | float) -> Term:
        """1 where it is less, else 0."""
        return self._with("<", other)

    def __le__(self, other: Term | float) -> Term:
        """1 where it is not more, else 0."""
        return self._with("<=", other)

    def __gt__(self, other: Term | float) -> Term:
        """1 where it is more, else 0."""
        return self._with(">", other)

    def __ge__(self, other: Term | float) -> Term:
        """1 where it is not less, else 0."""
        return self._with(">=", other)

    def __bool__(self) -> bool:
        """Refused: a comparison is worked out by the model, not by Python.

        Raises:
            TypeError: always; `choose` says what is meant.
        """
        message = f"{self.text} has no value yet: write choose(condition, yes, no)"
        raise TypeError(message)


def said(value: Term | float | str) -> str:
    """The text of a term, a number or an expression that is text already."""
    if isinstance(value, Term):
        return value.text
    return value if isinstance(value, str) else repr(float(value))


def call(name: str, *args: Term | float, **named: Term | float) -> Term:
    """A function, table or distribution of the language, for instance `call("exp", -r * time)`."""
    inside = [said(each) for each in args] + [f"{k}={said(each)}" for k, each in named.items()]
    return Term(f"{name}({', '.join(inside)})")


def choose(condition: Term, yes: Term | float, no: Term | float) -> Term:
    """One of two values: `if` of the language."""
    return call("if", condition, yes, no)


time, cycle, age, cycle_length, sojourn = (
    Term(name) for name in ("time", "cycle", "age", "cycle_length", "sojourn")
)
"""The names that every expression knows."""
