"""A cohort with memory, row after row: what `trace.trace` gives, for the compiled loop.

A row is one draw of one strategy. All values of a row fit into a processor's nearest memory, so the
cost is that of the arithmetic: cycles times cells times ways.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sapar.hta.engine.cohort.conventions import Counted

    Numbers = NDArray[np.float64]
    Whole = NDArray[np.int64]


def has_compiler() -> bool:
    """Whether numba is there."""
    return find_spec("numba") is not None


class Packed:
    """Arrays over (S, K, T, U), whose axes may be 1, in one flat array with places."""

    def __init__(self) -> None:
        """Nothing is packed yet."""
        self.parts: list[Numbers] = []
        self.length = 0

    def add(self, arrays: Sequence[Numbers]) -> Whole:
        """Pack arrays.

        Returns:
            (arrays, 5): where each begins, its steps along S, K and T (0: one value for all), and
            its length along U.
        """
        places = np.zeros((len(arrays), 5), dtype=np.int64)
        for number, each in enumerate(arrays):
            whole = np.ascontiguousarray(each, dtype=np.float64)
            steps = [step // 8 for step in whole.strides]
            places[number, 0] = self.length
            for axis in range(3):
                places[number, axis + 1] = steps[axis] if whole.shape[axis] > 1 else 0
            places[number, 4] = whole.shape[3]
            self.parts.append(whole.ravel())
            self.length += whole.size
        return places

    def flat(self) -> Numbers:
        """The flat array."""
        return np.concatenate(self.parts) if self.parts else np.zeros(1)


@dataclass(frozen=True, slots=True)
class Ways:
    """The transitions of a cohort.

    Attributes:
        origin, to: by transition, the numbers of the states.
        chances: by transition, over (S, K, T, U).
        memory: by state, cycles that are told apart.
    """

    origin: Sequence[int]
    to: Sequence[int]
    chances: Sequence[Numbers]
    memory: Sequence[int]

    def by_state(self) -> Whole:
        """Numbers of the transitions out of each state, filled up with -1."""
        out = [[n for n, o in enumerate(self.origin) if o == k] for k in range(len(self.memory))]
        most = max(1, *(len(each) for each in out))
        return np.array([each + [-1] * (most - len(each)) for each in out], dtype=np.int64)

    def steady(self) -> Whole:
        """By state, 1 where no way out of it changes with time."""
        found = np.ones(len(self.memory), dtype=np.int64)
        for origin, chance in zip(self.origin, self.chances, strict=True):
            if chance.shape[2] > 1:
                found[origin] = 0
        return found


@dataclass(frozen=True, slots=True)
class Paid:
    """What people are worth.

    Attributes:
        values: over (S, K, T, U), one for each pair of a state (or a transition) and a reward.
        of: (values, 2), those pairs.
    """

    values: Sequence[Numbers]
    of: Sequence[tuple[int, int]]

    def pairs(self) -> Whole:
        """`of` as an array."""
        return np.array(self.of, dtype=np.int64).reshape(-1, 2)


def follow(
    ways: Ways,
    start: Numbers,
    in_states: Paid,
    on_ways: Paid,
    rules: Sequence[Counted],
    *,
    factors: Numbers,
) -> tuple[Numbers, Numbers, Numbers]:
    """Follow every row of draws and strategies through all cycles.

    Args:
        ways: the transitions.
        start: (S, K, states), the shares at the beginning.
        in_states: what is paid in states.
        on_ways: what is paid on transitions.
        rules: how points count; the last is for what is paid on transitions.
        factors: (rewards, rules, n + 1), discount factors.

    Returns:
        Discounted and undiscounted sums, (rewards, S, K) each, and the shares of the first draw,
        (S, n + 1, states).
    """
    # Here, so that nobody who only reads models needs a compiler.
    from sapar.hta.engine.cohort.rows_kernel import follow as quick  # noqa: PLC0415

    packed = Packed()
    edges, values = packed.add(ways.chances), packed.add(in_states.values)
    arrows = packed.add(on_ways.values)
    strategies, draws, states = start.shape
    shares = np.zeros((strategies, factors.shape[2], states))
    totals, plain = (np.zeros((factors.shape[0], strategies, draws)) for _each in range(2))
    quick(
        packed.flat(),
        edges,
        ways.by_state(),
        np.array(ways.to, dtype=np.int64),
        np.array(ways.memory, dtype=np.int64),
        ways.steady(),
        np.ascontiguousarray(start),
        values,
        in_states.pairs(),
        arrows,
        on_ways.pairs(),
        np.stack([each.weight for each in rules]),
        np.stack([each.row for each in rules]),
        factors,
        shares,
        totals,
        plain,
    )
    return totals, plain, shares
