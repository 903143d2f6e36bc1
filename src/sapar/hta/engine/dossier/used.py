"""Where each input of a model is used, and what was drawn of it: the way from source to number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.expressions.parse import names_in
from sapar.hta.engine.uncertainty.draws import BLOCK, draw
from sapar.hta.engine.uncertainty.joint import groups_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sapar.hta.engine.model.model import AnyModel, Expression

INTERVAL = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Used:
    """An expression that asks for an input.

    Attributes:
        place: in the document, such as `transitions.H.S1`.
        line: of the document; 0 where it has none.
        text: the expression.
    """

    place: str
    line: int
    text: str


def _expressions(model: AnyModel) -> Iterator[Expression]:
    """Every expression of a model once, those of inputs and sections too."""
    for parameter in model.parameters.values():
        yield from parameter.values.values()
        if parameter.distribution is not None:
            yield parameter.distribution
    yield from model.lets.values()
    for use in model.uses():
        yield use.expression
    for section in model.sections.values():
        for use in section.uses:
            yield use.expression


def _asked(expression: Expression) -> set[str]:
    """Names of inputs, tables and named expressions that an expression asks for."""
    return {each.name for each in names_in(expression.node)}


def used(model: AnyModel) -> dict[str, tuple[Used, ...]]:
    """By input, table and named expression: the expressions that ask for it, in their order.

    An input that only a section names outside of its expressions has that section's key as place.
    """
    wanted = {*model.parameters, *model.tables, *model.lets}
    found: dict[str, dict[Used, None]] = {name: {} for name in wanted}
    for expression in _expressions(model):
        place, _colon, line = expression.where.rpartition(":")
        told = (
            Used(place, int(line), expression.text)
            if line.isdecimal()
            else Used(expression.where, 0, expression.text)
        )
        for name in _asked(expression) & wanted:
            found[name][told] = None
    for key, section in model.sections.items():
        for name in set(section.touches) & wanted:
            if not any(each.place.startswith(key) for each in found[name]):
                found[name][Used(key, 0, name)] = None
    return {name: tuple(each) for name, each in found.items()}


def streams(model: AnyModel) -> dict[str, str]:
    """By drawn input, the name of its stream: its own, or that of the group it is drawn with.

    Block b of a stream has the generator PCG64 that starts from the first 16 bytes of the SHA-256
    of `seed/name/b`; a block has `BLOCK` draws.
    """
    found = {p.name: p.name for p in model.parameters.values() if p.distribution is not None}
    found |= {name: group.name for group in groups_of(model) for name in group.of}
    return found


def drawn(model: AnyModel, number: int, seed: int) -> dict[str, Any]:
    """What was drawn of each input: mean, standard deviation, the ends of 95 of 100 draws.

    Args:
        model: of any kind.
        number: of draws, the same as in the analysis.
        seed: of that analysis.
    """
    found = {}
    names = streams(model)
    for name, values in draw(model, number, seed).items():
        if np.ndim(values) != 1:
            continue
        low, high = np.quantile(values, INTERVAL)
        found[name] = {
            "stream": names.get(name, name),
            "seed": seed,
            "draws": number,
            "block": BLOCK,
            "mean": float(np.mean(values)),
            "sd": float(np.std(values, ddof=1)) if len(values) > 1 else None,
            "low": float(low),
            "high": float(high),
        }
    return found
