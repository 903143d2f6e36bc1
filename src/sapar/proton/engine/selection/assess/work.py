"""What the parts of an answer are made of: complications on a patient, thresholds, draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.selection.assess.draws import interval
from sapar.proton.engine.selection.assess.predict import hull
from sapar.proton.engine.selection.rules.judge import met_in_draws, outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.proton.engine.selection.assess.draws import Drawn, Floats
    from sapar.proton.engine.selection.assess.predict import Predicted, Range
    from sapar.proton.engine.selection.assess.problem import Question
    from sapar.proton.engine.selection.models.library import Library
    from sapar.proton.engine.selection.rules.judge import Reached
    from sapar.proton.engine.selection.rules.protocol import Asked, Protocol


@dataclass(frozen=True, slots=True, eq=False)
class Endpoint:
    """A complication of the protocol on this patient.

    Attributes:
        asked: of the protocol.
        predicted: by each model that may hold; one where it is known which.
        unknown: covariates that choose the model and were not given.
        decides: whether its models may decide here.
        drawn: draws, or None where something is missing.
    """

    asked: Asked
    predicted: tuple[Predicted, ...]
    unknown: tuple[str, ...]
    decides: bool
    drawn: Drawn | None

    @property
    def known(self) -> bool:
        """Whether nothing is missing."""
        return len(self.predicted) == 1 and self.predicted[0].known

    @property
    def zero(self) -> float:
        """The largest difference that any proton plan could reach."""
        return max(each.zero for each in self.predicted)

    @property
    def photon(self) -> Range:
        """Risk under photons."""
        return hull([each.photon for each in self.predicted])

    @property
    def proton(self) -> Range | None:
        """Risk under protons."""
        found = [each.proton for each in self.predicted if each.proton is not None]
        return hull(found) if found else None

    @property
    def difference(self) -> Range | None:
        """Photon less proton."""
        found = [each.difference for each in self.predicted if each.difference is not None]
        return hull(found) if found else None


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """Everything that the parts of an answer are made of."""

    question: Question
    library: Library
    protocol: Protocol
    endpoints: tuple[Endpoint, ...]
    zero: tuple[Reached, ...]
    reached: tuple[Reached, ...]

    @property
    def counting(self) -> tuple[Endpoint, ...]:
        """The complications that thresholds are about."""
        return tuple(each for each in self.endpoints if each.asked.decides)

    @property
    def binding(self) -> list[str]:
        """Ids of the thresholds whose own mark may decide; of all where none may."""
        ids = [each.threshold.id for each in self.zero if each.counts]
        return ids or [each.threshold.id for each in self.zero]


@dataclass(frozen=True, slots=True, eq=False)
class Sure:
    """How sure the rule's outcome is; see `Assessment`.

    Attributes:
        confidence, chance: as there.
        shares: of draws in which each threshold is reached; empty without draws.
        values: (low, high) 95 % interval of the value of each threshold.
        why: "" or why no confidence is stated: `missing`, `no-draws`, `no-coefficients`.
    """

    confidence: float | None
    chance: float | None
    shares: Mapping[str, float]
    values: Mapping[str, tuple[float, float]]
    why: str


def sureness(work: Work) -> Sure:
    """Of the thresholds whose own mark may decide; of all where none may (then nothing decides)."""
    counting = work.counting
    if not counting:
        return Sure(None, None, {}, {}, "no-rule")
    if any(each.drawn is None for each in counting):
        why = "no-draws" if work.question.draws < 1 else "missing"
        return Sure(None, None, {}, {}, why)
    stage0 = work.question.proton is None
    full = {e.asked.id: _pick(e.drawn, zero=stage0, dose=False) for e in counting if e.drawn}
    met, shares, values = {}, {}, {}
    for threshold in work.protocol.thresholds:
        met[threshold.id], value = met_in_draws(threshold, full)
        shares[threshold.id] = float(met[threshold.id].mean())
        values[threshold.id] = interval(value)
    ids = work.binding
    told = bool(np.isfinite(list(shares.values())).all())
    any_met = np.any([met[each] for each in ids], axis=0)
    bare = any("coefficients" not in e.drawn.of for e in counting if e.drawn)
    now = outcome(
        [each for each in (work.zero if stage0 else work.reached) if each.threshold.id in ids]
    )
    agree = float(any_met.mean()) if now is not False else 1.0 - float(any_met.mean())
    chance = None
    if not stage0 and any({"dose", "set-up"} & set(e.drawn.of) for e in counting if e.drawn):
        dose = {e.asked.id: _pick(e.drawn, zero=False, dose=True) for e in counting if e.drawn}
        rows = [met_in_draws(t, dose)[0] for t in work.protocol.thresholds if t.id in ids]
        chance = float(np.any(rows, axis=0).mean())
    if not any(e.drawn.of for e in counting if e.drawn):
        values = {}
    why = "no-coefficients" if bare or not told else ""
    return Sure(None if why else agree, chance, shares, values, why)


def _pick(drawn: Drawn, *, zero: bool, dose: bool) -> Floats:
    found = drawn.zero if zero else drawn.dose_only if dose else drawn.all
    if found is None:
        message = "no draws of that kind"
        raise ValueError(message)
    return found
