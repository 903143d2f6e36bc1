"""What the command line asks of a dossier."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a model for its dossier.

    Attributes:
        draws: of the probabilistic analysis.
        threshold: what one unit of effect is worth, or None.
        budget: draws of the budget impact too.
        slow: also what takes minutes.
    """

    draws: int = 1000
    seed: int = 0
    threshold: float | None = None
    budget: bool = False
    slow: bool = False
