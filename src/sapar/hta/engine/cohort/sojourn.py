"""One cycle of a state with a memory: who leaves it, who grows older in it.

Arrays of all draws and strategies at once; `rows` does the same row after row, compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


def leave(here: Numbers, chances: tuple[Numbers, ...], active: int) -> tuple[Numbers, Numbers]:
    """One cycle of a state.

    Args:
        here: (S, K, M), shares by cycles spent in the state.
        chances: of each way out, over (S, K, M), each axis may be 1.
        active: cells that may hold somebody; the others are empty.

    Returns:
        The shares after the cycle with an empty first cell, (S, K, M); what left by each way,
        (ways, S, K). Whoever is there longer than the memory stays in its last cell.
    """
    memory = here.shape[2]
    left = here[..., :active].copy()
    moved = np.zeros((len(chances), *here.shape[:2]))
    for way, chance in enumerate(chances):
        flow = here[..., :active] * chance[..., :active]
        left -= flow
        moved[way] = flow.sum(axis=-1)
    after = np.zeros_like(here)
    kept = min(active, memory - 1)
    after[..., 1 : kept + 1] = left[..., :kept]
    if active == memory:
        after[..., -1] += left[..., -1]
    return after, moved


def worth(here: Numbers, values: Numbers, active: int) -> Numbers:
    """What the people of a state are worth, (S, K); `values` as a chance in `leave`."""
    found: Numbers = (here[..., :active] * values[..., :active]).sum(axis=-1)
    return found
