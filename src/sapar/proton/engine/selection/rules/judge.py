"""Whether a threshold is reached, with numbers that may be known, bounded or not to be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sapar.proton.engine.selection.rules.protocol import Threshold

SLACK = 1e-12
"""Reaching a threshold is enough; rounding of the last bit does not decide."""


@dataclass(frozen=True, slots=True)
class Member:
    """A complication's difference for a threshold: its ends, and whether its model may decide."""

    low: float
    high: float
    decides: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """A threshold with its numbers.

    Attributes:
        threshold: of the protocol.
        low, high: ends of the largest difference (`each`) or of the sum, 0 to 1.
        met: whether it is reached, by all data whatever its mark; None where it is open.
        met_decided: the same by data that may decide only; None also where none may.
        decides: whether the threshold and all its models may decide.
        counts: whether the threshold itself may decide, whatever the models.
        largest: the complication with the largest difference (of its upper end).
    """

    threshold: Threshold
    low: float
    high: float
    met: bool | None
    met_decided: bool | None
    decides: bool
    counts: bool
    largest: str


def _state(low: float, high: float, limit: float) -> bool | None:
    if low >= limit - SLACK:
        return True
    return False if high < limit - SLACK else None


def _ends(kind: str, members: Sequence[Member]) -> tuple[float, float]:
    join = sum if kind == "sum" else max
    return float(join(m.low for m in members)), float(join(m.high for m in members))


def reach(threshold: Threshold, members: Mapping[str, Member], *, demonstration: bool) -> Reached:
    """Hold the members' differences against a threshold.

    Args:
        threshold: of the protocol.
        members: by complication; all that it names.
        demonstration: whether the installation is one (marks).
    """
    limit = threshold.points / 100.0
    asked = [members[name] for name in threshold.of]
    low, high = _ends(threshold.kind, asked)
    may = threshold.source.mark.decides(demonstration=demonstration)
    decided: bool | None = None
    sure = [each for each in asked if each.decides]
    if may and sure and (threshold.kind == "each" or len(sure) == len(asked)):
        decided = _state(*_ends(threshold.kind, sure), limit)
        if decided is False and len(sure) < len(asked):
            decided = None
    return Reached(
        threshold,
        low,
        high,
        met=_state(low, high, limit),
        met_decided=decided,
        decides=may and len(sure) == len(asked),
        counts=may,
        largest=max(threshold.of, key=lambda name: members[name].high),
    )


def met_in_draws(
    threshold: Threshold, differences: Mapping[str, NDArray[np.float64]]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """In which draws the threshold is reached, and the value in each draw."""
    rows = np.stack([differences[name] for name in threshold.of])
    value = rows.sum(axis=0) if threshold.kind == "sum" else rows.max(axis=0)
    return value >= threshold.points / 100.0 - SLACK, value


def rule_met(thresholds: Sequence[Threshold], differences: Mapping[str, float]) -> bool:
    """Whether known differences reach any threshold, whatever the marks."""
    for each in thresholds:
        values = [differences[name] for name in each.of]
        value = sum(values) if each.kind == "sum" else max(values)
        if value >= each.points / 100.0 - SLACK:
            return True
    return False


def outcome(reached: Sequence[Reached]) -> bool | None:
    """Whether the rule is met by all data whatever its mark: any threshold is enough."""
    return _any([each.met for each in reached])


def decision(reached: Sequence[Reached]) -> bool | None:
    """The same, by what may decide: yes by one threshold that may; no only where all say no.

    A threshold that may not decide and is reached, or open, leaves the decision open: people
    decide then. No threshold that may decide: open.
    """
    if any(each.met_decided is True for each in reached):
        return True
    # A threshold whose own mark may not decide is no ground to turn anybody away, nor to take one.
    binding = [each for each in reached if each.counts]
    if not binding or any(each.met is not False for each in reached):
        return None
    return False if all(each.met_decided is False for each in binding) else None


def _any(states: Sequence[bool | None]) -> bool | None:
    if any(state is True for state in states):
        return True
    return None if not states or any(state is None for state in states) else False
