"""Reading an expression: from a text to a tree, or to mistakes with their column.

The language is that of a pocket calculator: numbers, names, `+ - * / ^`, comparisons, `and or not`,
and calls of the functions in `functions.FUNCTIONS`. It has no loops, no texts, no attributes: a
hostile document cannot say anything in it. Operator precedence parsing after Pratt (Top down
operator precedence, POPL 1973).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 2_000
"""Characters of one expression."""
DEEPEST = 60
"""Parentheses, calls and operators inside each other."""
MOST = 600
"""Numbers, names and signs of one expression."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign><=|>=|==|!=|\*\*|[-+*/^(),<>=]))"
)
_POWERS = {
    "or": 1, "and": 2, "<": 4, "<=": 4, ">": 4, ">=": 4, "==": 4, "!=": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "^": 8, "**": 8,
}  # fmt: skip
_NOT, _COMPARES, _MINUS = 3, 4, 7


class ExpressionError(Exception):
    """A text that is no expression.

    Attributes:
        code: what is wrong, the last part of a phrase's key.
        at: the column, from 1.
        found: what stands there.
    """

    def __init__(self, at: int, code: str, found: str = "") -> None:
        super().__init__(f"{code} at column {at}: {found}")
        self.code, self.at, self.found = code, at, found


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """A name; `at` is its column."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function or a table, its places and its named arguments."""

    name: str
    args: tuple[Node, ...]
    named: tuple[tuple[str, Node], ...]
    at: int


@dataclass(frozen=True, slots=True)
class Operation:
    """`-a`, `not a`, or an operator between two; `at` is its column."""

    sign: str
    args: tuple[Node, ...]
    at: int


Node = Number | Name | Call | Operation


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while place < len(text.rstrip()):
        found = _TOKEN.match(text, place)
        if found is None:
            rest = text[place:].lstrip()
            raise ExpressionError(len(text) - len(rest) + 1, "character", rest[:1])
        kind = str(found.lastgroup)
        yield _Token(kind, found.group(kind), found.start(kind) + 1)
        place = found.end()
    yield _Token("end", "", len(text.rstrip()) + 1)


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        if len(self.tokens) > MOST:
            raise ExpressionError(self.tokens[MOST].at, "long", str(MOST))
        self.place, self.depth = 0, 0
        self.closed: Node | None = None

    @property
    def next(self) -> _Token:
        return self.tokens[self.place]

    def take(self) -> _Token:
        self.place += 1
        return self.tokens[self.place - 1]

    def expect(self, sign: str) -> None:
        if self.next.text != sign:
            raise self.unexpected()
        self.take()

    def unexpected(self) -> ExpressionError:
        token = self.next
        code = "ends" if token.kind == "end" else "unexpected"
        return ExpressionError(token.at, code, token.text)

    def expression(self, least: int = 0) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ExpressionError(self.next.at, "deep", str(DEEPEST))
        left = self.prefix()
        while (power := _POWERS.get(self.next.text, -1)) >= least and self.next.kind != "number":
            token = self.take()
            sign = "^" if token.text == "**" else token.text
            if power == _COMPARES and left is not self.closed and _compares(left):
                # 1 < x < 2 would be read as (1 < x) < 2: nobody means that.
                raise ExpressionError(token.at, "chain", token.text)
            # Powers are read from the right: 2^3^2 is 2^9.
            right = self.expression(power if sign == "^" else power + 1)
            left = Operation(sign, (left, right), token.at)
        self.depth -= 1
        return left

    def prefix(self) -> Node:
        token = self.next
        if token.kind == "number":
            return Number(float(self.take().text))
        if token.text == "(":
            self.take()
            self.closed = inside = self.expression()
            self.expect(")")
            return inside
        if token.text in {"-", "not", "+"}:
            self.take()
            inner = self.expression(_NOT if token.text == "not" else _MINUS)
            return inner if token.text == "+" else Operation(token.text, (inner,), token.at)
        if token.kind == "name" and token.text not in _POWERS:
            self.take()
            return self.call(token) if self.next.text == "(" else Name(token.text, token.at)
        raise self.unexpected()

    def call(self, name: _Token) -> Node:
        self.take()
        args: list[Node] = []
        named: list[tuple[str, Node]] = []
        while self.next.text != ")":
            after = self.tokens[self.place + 1] if self.next.kind == "name" else self.next
            if after.text == "=":
                key = self.take()
                self.take()
                if key.text in dict(named):
                    raise ExpressionError(key.at, "twice", key.text)
                named.append((key.text, self.expression()))
            elif named:
                raise self.unexpected()
            else:
                args.append(self.expression())
            if self.next.text != ")":
                self.expect(",")
        self.take()
        return Call(name.text, tuple(args), tuple(named), name.at)


def _compares(node: Node) -> bool:
    return isinstance(node, Operation) and _POWERS.get(node.sign) == _COMPARES


def parse(text: str) -> Node:
    """Read an expression.

    Args:
        text: for instance `1 - exp(-r_HD * cycle_length)`.

    Returns:
        Its tree.

    Raises:
        ExpressionError: with what is wrong and the column.
    """
    if len(text) > LONGEST:
        raise ExpressionError(LONGEST, "long", str(LONGEST))
    parser = _Parser(text)
    found = parser.expression()
    if parser.next.kind != "end":
        raise parser.unexpected()
    return found


def names_in(node: Node) -> Iterator[Name | Call]:
    """The names and calls of a tree, from the left."""
    if isinstance(node, Name):
        yield node
    elif isinstance(node, Call):
        yield node
        for each in (*node.args, *(value for _, value in node.named)):
            yield from names_in(each)
    elif isinstance(node, Operation):
        for each in node.args:
            yield from names_in(each)
