"""Draws of the parameters: the same ones whoever draws them, in pieces of any size.

Each parameter, and each group that is drawn together, has its own stream for each block of draws,
keyed by seed, name and block. So draw number 7,341 is the same on one worker and on eight, and a
new parameter changes no other.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.uncertainty.distributions import DISTRIBUTIONS, law_of
from sapar.hta.engine.uncertainty.joint import groups_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sapar.hta.engine.model.model import AnyModel, Expression

    Numbers = NDArray[np.float64]
    Draw = Callable[[np.random.Generator, int], Numbers]

__all__ = ["BLOCK", "DISTRIBUTIONS", "draw", "drawing", "drawn_names"]

BLOCK = 1_000
"""Draws of one stream."""


def drawing(expression: Expression) -> Draw:
    """What a distribution draws; see `distributions.law_of`."""
    return law_of(expression).draw


def drawn_names(model: AnyModel) -> tuple[str, ...]:
    """The parameters that are drawn, alone or in a group, in the model's order."""
    together = {name for group in groups_of(model) for name in group.of if name not in group.held}
    return tuple(
        name
        for name, each in model.parameters.items()
        if each.distribution is not None or name in together
    )


def stream(seed: int, name: str, block: int) -> np.random.Generator:
    """The generator of a name's block: the same on every machine."""
    words = hashlib.sha256(f"{seed}/{name}/{block}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(words[:16], "big")))


def _piece(make: Draw, seed: int, name: str, span: tuple[int, int]) -> Numbers:
    """Draws from the first to before the last of a span; draws lie along the last axis."""
    since, until = span
    blocks = range(since // BLOCK, -(-until // BLOCK))
    pieces = [make(stream(seed, name, block), BLOCK) for block in blocks]
    skipped = since % BLOCK
    return np.concatenate(pieces, axis=-1)[..., skipped : skipped + until - since]


def draw(model: AnyModel, number: int, seed: int, *, since: int = 0) -> dict[str, Numbers]:
    """Draw every parameter that has a distribution, alone or in a group.

    Args:
        model: the model.
        number: how many draws.
        seed: the same seed gives the same draws.
        since: the first draw's number, for a piece of a larger sample.

    Returns:
        By parameter, (number,).

    Raises:
        BadModelError: a distribution outside its support, or a group that cannot be drawn.
    """
    span = (since, since + number)
    together: dict[str, Numbers] = {}
    for group in groups_of(model):
        # A colon is in no parameter's name: a group never shares a stream with one.
        rows = _piece(rows_of(model, group), seed, f"joint:{group.name}", span)
        together.update(zip(group.of, rows, strict=True))
    found = {}
    for name in drawn_names(model):
        distribution = model.parameters[name].distribution
        if name in together:
            found[name] = together[name]
        elif distribution is not None:
            found[name] = _piece(drawing(distribution), seed, name, span)
    return found
