"""A model of partitioned survival: curves in order, and a state between each two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.hta.engine.model.model import Shared, Use, paid

if TYPE_CHECKING:
    from collections.abc import Iterator

CROSSINGS = ("refuse", "cap")
"""What happens where a curve lies above the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partitioned(Shared):
    """A model of partitioned survival.

    Attributes:
        curves: names of the section `survival`, from the one that leaves the first state to the
            one of being alive; one fewer than states.
        crossing: one of `CROSSINGS`; `cap` lets no curve rise above the next one.
    """

    curves: tuple[str, ...]
    crossing: str

    def uses(self) -> Iterator[Use]:
        """See `Shared.uses`."""
        yield from paid(self.rewards)
