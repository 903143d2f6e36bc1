"""Numbers by chance that are the same in every run: from a seed, by SHA-256.

Each thing that is drawn has a path of its own, so that a new draw for one case changes no other
case; and nothing depends on the hash seed, the platform or the version of Python.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T")
_SPAN = 1 << 53
"""So many steps between 0 and 1: the precision of a float."""


class Draws:
    """A stream of draws for one path under a seed."""

    def __init__(self, seed: int, *path: str | int) -> None:
        """Begin the stream.

        Args:
            seed: the same seed gives the same demonstration.
            path: what is drawn for, such as `("case", 17)`.
        """
        self._name = "/".join(str(part) for part in (seed, *path))
        self._count = 0

    def number(self) -> float:
        """The next number, from 0 to below 1."""
        self._count += 1
        text = f"{self._name}#{self._count}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % _SPAN / _SPAN

    def between(self, low: float, high: float) -> float:
        """The next number from low to below high."""
        return low + (high - low) * self.number()

    def whole(self, low: int, high: int) -> int:
        """The next whole number from low to high, both included."""
        return low + int(self.number() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.number() < probability

    def one(self, options: Sequence[T]) -> T:
        """One of the options, all alike likely."""
        return options[self.whole(0, len(options) - 1)]

    def weighted(self, weights: Mapping[str, float]) -> str:
        """One of the names, in proportion to their weights.

        Raises:
            ValueError: there is nothing to choose from.
        """
        total = sum(weights.values())
        if total <= 0:
            message = "no weights to draw by"
            raise ValueError(message)
        left = self.number() * total
        chosen = ""
        for name, weight in weights.items():
            if weight <= 0:
                continue
            chosen = name
            left -= weight
            if left < 0:
                break
        return chosen
