"""Between which values a number of a section may lie: as it was written, and once it is worked out.

A number in the document is refused while the document is read. What comes from inputs is known only
when these have their values, in the base case or in a draw: it is refused then, before anything is
made from it, so that the answer names the number and not a formula that divides by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.expressions.evaluate import evaluate
from sapar.hta.engine.expressions.parse import Name, names_in
from sapar.hta.engine.model.yaml import BadModelError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from numpy.typing import NDArray

    from sapar.hta.engine.expressions.parse import Node
    from sapar.hta.engine.model.model import Expression
    from sapar.hta.engine.model.reader import Reader
    from sapar.hta.engine.model.yaml import Place

    Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Between:
    """What a number may be.

    Attributes:
        least, most: it may be both.
        above: it may not be `least`, which is 0.
    """

    least: float
    most: float
    above: bool = False

    def outside(self, values: Any) -> NDArray[np.bool_]:
        """Which values are none of these; what is not a number is none."""
        found = np.asarray(values, dtype=np.float64)
        low = found > self.least if self.above else found >= self.least
        return np.asarray(~(low & (found <= self.most)))


SHARE = Between(0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Limit:
    """A number that is known once the inputs are.

    Attributes:
        name: as the document calls it, within its section.
    """

    expression: Expression
    name: str
    between: Between


def constant(node: Node) -> float | None:
    """What an expression of numbers and signs alone is worth; None for any other."""
    if next(iter(names_in(node)), None) is not None:
        return None
    return float(evaluate(node, {}, {}, 1.0))


def limited(
    r: Reader, place: Place, expression: Expression, between: Between, name: str
) -> tuple[Limit, ...]:
    """Note a plain number that is not possible; any other becomes a limit, to be checked later."""
    value = constant(expression.node)
    if value is None:
        return (Limit(expression, name, between),)
    if between.outside(value):
        if between.above:
            r.note("above", place, f"{value:g}", most=f"{between.most:g}")
        else:
            r.note(
                "range", place, f"{value:g}", least=f"{between.least:g}", most=f"{between.most:g}"
            )
    return ()


def met(
    limits: Iterable[Limit], known: Container[str], of: Callable[[Expression], Numbers]
) -> tuple[Limit, ...]:
    """Check every limit whose names are known.

    Args:
        limits: to be checked.
        known: names that have values.
        of: what an expression is worth.

    Returns:
        Those that must wait for more names.

    Raises:
        BadModelError: a number that is not possible, with its name, its place and its value.
    """
    waiting: list[Limit] = []
    for each in limits:
        names = [one.name for one in names_in(each.expression.node) if isinstance(one, Name)]
        if any(name not in known for name in names):
            waiting.append(each)
            continue
        found = of(each.expression)
        wrong = each.between.outside(found)
        if wrong.any():
            raise BadModelError((_refused(each, float(found[wrong][0])),))
    return tuple(waiting)


def _refused(limit: Limit, value: float) -> Problem:
    """What is said of a number that is not possible."""
    where, most = limit.expression.where, f"{limit.between.most:g}"
    if limit.between.above:
        return Problem.of(
            "hta.run.limit_above", where=where, value=f"{value:.6g}", name=limit.name, most=most
        )
    least = f"{limit.between.least:g}"
    return Problem.of(
        "hta.run.limit_range",
        where=where, value=f"{value:.6g}", name=limit.name, least=least, most=most,
    )  # fmt: skip
