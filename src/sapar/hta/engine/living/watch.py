"""The chance that what is funded is no longer the best, by a model that knows what was observed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.hta.engine.living.posterior import recent, updated
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.sample import at_threshold, sample
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sapar.hta.engine.living.posterior import Observed
    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.engine.uncertainty.distributions import Law


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided, as far as a look at it needs.

    Attributes:
        funded: the strategy that is paid for.
        threshold: what one unit of effect was judged to be worth.
        chance: the stated chance of a wrong decision: above it, the topic is opened again.
        months: how far back observations count.
        draws, seed: of each look; the same for all looks, so that only knowledge moves the answer.
    """

    funded: str
    threshold: float
    chance: float
    months: int = 12
    draws: int = 2000
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found.

    Attributes:
        wrong: the chance that another strategy is best; its standard error.
        best: the strategy with the largest mean net benefit now.
        chances: by strategy, of being best.
        laws: what is now known of the observed parameters.
        observed: how many periods counted.
        fires: `wrong` is above the stated chance.
    """

    wrong: float
    wrong_error: float
    best: str
    chances: Mapping[str, float]
    laws: Mapping[str, Law]
    observed: int
    fires: bool


def look(model: AnyModel, decided: Decided, observed: Sequence[Observed], today: date) -> Look:
    """Look at a decision with what was observed lately.

    Args:
        model: as it was assessed.
        decided: the decision.
        observed: counts and sums of any age; those within `decided.months` count.
        today: the day of the look.

    Raises:
        BadModelError: an unknown strategy, or something observed that no parameter can take.
    """
    names = [each.name for each in model.strategies]
    if decided.funded not in names:
        problem = Problem.of("hta.input.strategy", value=decided.funded, known=", ".join(names))
        raise BadModelError((problem,))
    lately = recent(observed, today, decided.months)
    knowing, laws = updated(model, lately)
    found = at_threshold(sample(knowing, decided.draws, decided.seed), decided.threshold)
    place = names.index(decided.funded)
    wrong = 1.0 - found.chances[place]
    return Look(
        wrong, found.chances_error[place], names[found.best],
        dict(zip(names, found.chances, strict=True)), laws, len(lately),
        wrong > decided.chance,
    )  # fmt: skip
