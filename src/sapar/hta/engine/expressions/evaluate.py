"""What an expression is worth: on arrays, any number of draws, cycles and strategies at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.expressions.functions import FUNCTIONS, RATE, TO_RATE
from sapar.hta.engine.expressions.parse import Call, Name, Number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.expressions.parse import Node

    Value = NDArray[np.float64]

_TWO: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power,
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
    "==": np.equal, "!=": np.not_equal,
    "and": lambda a, b: (a != 0) & (b != 0), "or": lambda a, b: (a != 0) | (b != 0),
}  # fmt: skip


def evaluate(
    node: Node,
    names: Mapping[str, Any],
    tables: Mapping[str, Callable[[Any], Any]],
    cycle_years: float,
) -> Value:
    """Work an expression out.

    Args:
        node: its tree, whose names were checked.
        names: arrays that broadcast against each other.
        tables: by name; a column of numbers in, values out. A survival curve stands under the
            function and its name, with a blank between them.
        cycle_years: length of a cycle, for `probability` and `rate` without a time.

    Returns:
        An array of the common shape. What is undefined (0 / 0, ln of a negative number) is NaN or
        infinite: the caller looks, since only it knows which parameter it was.
    """
    with np.errstate(all="ignore"):
        return np.asarray(_value(node, names, tables, cycle_years), dtype=np.float64)


def _curve(node: Node) -> str:
    """The function and the curve of a call whose first argument is a name."""
    if not isinstance(node, Call) or not node.args or not isinstance(node.args[0], Name):
        return ""
    return f"{node.name} {node.args[0].name}"


def _value(
    node: Node,
    names: Mapping[str, Any],
    tables: Mapping[str, Callable[[Any], Any]],
    cycle_years: float,
) -> Any:
    if isinstance(node, Number):
        return np.float64(node.value)
    if isinstance(node, Name):
        return names[node.name]
    curve = _curve(node)
    given = node.args[1:] if curve in tables else node.args
    args = [_value(each, names, tables, cycle_years) for each in given]
    if isinstance(node, Call):
        asked = curve if curve in tables else node.name
        if asked in tables:
            return tables[asked](*args)
        function = FUNCTIONS[node.name]
        if function.units in {RATE, TO_RATE} and len(args) == 1:
            args.append(cycle_years)
        return function.of(*args)
    if len(args) == 1:
        return -args[0] if node.sign == "-" else np.asarray(args[0] == 0, dtype=np.float64)
    return np.asarray(_TWO[node.sign](*args), dtype=np.float64)
