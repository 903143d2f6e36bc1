"""How sure: coefficients, doses, set-up and range are drawn many times.

Coefficients of a model are drawn once for both plans: the same nature of tissue meets both. Models
are drawn independently of each other (how they hang together is not published). Errors of dose of
all organs have one common part and one of their own (`dose_correlation`). Set-up and range: each
draw takes the nominal plan or one of the scenarios, all equally likely. Every source has a stream
of its own made of the seed and a name, so that what is added later changes no other stream.
The same question gives the same bits with one build of numpy; exp() may differ elsewhere in the
last bit.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.selection.assess.organs import (
    TINY,
    error_of,
    resolve,
    without_dose,
)
from sapar.proton.engine.selection.models.doses import OrganDose, readable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sapar.proton.engine.selection.assess.predict import Predicted
    from sapar.proton.engine.selection.assess.problem import PlanDoses, Question
    from sapar.proton.engine.selection.models.doses import DoseInput
    from sapar.proton.engine.selection.models.library import Library
    from sapar.proton.engine.selection.models.model import Model, Numbers

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Draws of one complication.

    Attributes:
        all: (N,) difference with everything drawn, or None without a proton plan.
        dose_only: (N,) difference with the coefficients as published, or None.
        zero: (N,) difference with all organs without dose, coefficients drawn.
        of: what was drawn: `coefficients`, `dose`, `set-up`.
    """

    all: Floats | None
    dose_only: Floats | None
    zero: Floats
    of: tuple[str, ...]


def stream(seed: int, name: str) -> np.random.Generator:
    """The stream of one source of chance."""
    entropy = [seed, zlib.crc32(name.encode())]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))


@dataclass(slots=True)
class Chance:
    """All streams of a question; what is shared between models is drawn once.

    Attributes:
        question: with seed, draws and correlation.
        library: how organs are put together.
    """

    question: Question
    library: Library

    def coefficients(self, model: Model) -> list[Floats]:
        """Coefficients of a model, (N,) each."""
        size = (len(model.terms), self.question.draws)
        normal = stream(self.question.seed, f"model:{model.id}").standard_normal(size)
        return model.draws(normal)

    def factors(self, organ: str, which: str, plan: PlanDoses, mean: float) -> Numbers:
        """What the dose of an organ is multiplied by in each draw; 1.0 without an error."""
        sd = error_of(organ, plan, self.library)
        if sd <= 0:
            return 1.0
        n, rho = self.question.draws, self.question.correlation
        common = stream(self.question.seed, f"dose:{which}").standard_normal(n)
        own = stream(self.question.seed, f"dose:{which}:{organ}").standard_normal(n)
        error = sd * (np.sqrt(rho) * common + np.sqrt(1.0 - rho) * own)
        return np.asarray(np.maximum(0.0, 1.0 + error / max(mean, TINY)))

    def scenario(self, which: str, plan: PlanDoses) -> NDArray[np.int64] | None:
        """Number of the scenario of each draw; 0 is the nominal plan. None without scenarios."""
        if not plan.scenarios:
            return None
        pick = stream(self.question.seed, f"set-up:{which}")
        return pick.integers(0, len(plan.scenarios) + 1, self.question.draws)

    def readings(self, model: Model, which: str, plan: PlanDoses) -> dict[DoseInput, Numbers]:
        """Readings of a model from a plan in each draw; all organs are known."""
        return {asked: self._reading(model, asked, which, plan) for asked in model.inputs}

    def _reading(self, model: Model, asked: DoseInput, which: str, plan: PlanDoses) -> Numbers:
        picked = self.scenario(which, plan)
        if picked is None:
            return self._one(model, asked, plan, which, None)
        made = np.empty(self.question.draws)
        for number in range(len(plan.scenarios) + 1):
            here = picked == number
            case = plan.scenarios[number - 1] if number else None
            found = np.asarray(self._one(model, asked, plan, which, case))
            made[here] = found[here] if found.ndim else found
        return made

    def _one(
        self,
        model: Model,
        asked: DoseInput,
        plan: PlanDoses,
        which: str,
        case: Mapping[str, OrganDose] | None,
    ) -> Numbers:
        found = resolve(asked.organ, plan, self.library, case)
        dose = found.low
        if not (found.known and readable(asked, dose, self.question.fractions)):
            # A scenario that knows less than the plan itself: the plan counts.
            dose = resolve(asked.organ, plan, self.library).low
        if dose.mean_gy <= TINY:
            dose = OrganDose.even(asked.organ, TINY)
        factor = self.factors(asked.organ, which, plan, dose.mean_gy)
        return model.reading(asked, dose, self.question.fractions, factor)


def draw(predicted: Predicted, question: Question, library: Library) -> Drawn:
    """Draws of one complication of which everything is known.

    Raises:
        ValueError: something is missing, or no draws were asked for.
    """
    if not predicted.known or question.draws < 1:
        message = "draws need everything known"
        raise ValueError(message)
    chance = Chance(question, library)
    model, features = predicted.model, predicted.options.corners[0]
    theta = chance.coefficients(model)
    photon = chance.readings(model, "photon", question.photon)
    before = model.risk(photon, features, theta)
    none = model.risk(without_dose(model, question.fractions), features, theta)
    n = question.draws
    of = ("coefficients",) if model.uncertainty.kind != "none" else ()
    zero = np.broadcast_to(before - none, (n,))
    if question.proton is None:
        return Drawn(None, None, zero, of)
    proton = chance.readings(model, "proton", question.proton)
    both = np.broadcast_to(before - model.risk(proton, features, theta), (n,))
    dose = model.risk(photon, features) - model.risk(proton, features)
    plans: Sequence[PlanDoses] = (question.photon, question.proton)
    if any(error_of(organ, plan, library) > 0 for plan in plans for organ in model.organs):
        of = (*of, "dose")
    if any(plan.scenarios for plan in plans):
        of = (*of, "set-up")
    return Drawn(both, np.broadcast_to(dose, (n,)), zero, of)


def interval(drawn: Floats) -> tuple[float, float]:
    """The 2.5 and 97.5 % points."""
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)
