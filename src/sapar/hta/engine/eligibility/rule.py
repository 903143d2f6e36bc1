"""Treat whoever gains at least so much: the best limit, and what choosing by person is worth.

A patient with benefit d gains loss × d in health and saves saving × d, at an extra cost. So the
best limit is cost / (threshold × loss + saving), and everything else follows from how d is
distributed. Vickers and Elkin (Med Decis Making 2006;26:565-74) draw the same curve without money;
the frontier of all, none and "if efficient" is that of Ramaekers et al. (Int J Radiat Oncol Biol
Phys 2013;85:1282-8). (References unverified, the second read as an abstract.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.lazy import optimize, special

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.hta.engine.eligibility.laws import Law

    Numbers = NDArray[np.float64]

KINDS = ("calibrated", "noisy")
ALL, NONE, SOME = "all", "none", "some"
EDGE = 1e-9
"""A share so close to 0 or 1 is nobody or everybody."""


@dataclass(frozen=True, slots=True)
class Stakes:
    """What is at stake for one patient.

    Attributes:
        cost: extra cost of the treatment, money, above 0.
        loss: health lost by one complication.
        threshold: what one unit of health is worth, money.
        saving: money that one complication costs later.
    """

    cost: float
    loss: float
    threshold: float
    saving: float = 0.0

    @property
    def value(self) -> float:
        """What a complication that does not happen is worth, money."""
        return self.threshold * self.loss + self.saving

    @property
    def limit(self) -> float:
        """The benefit from which the treatment is worth its cost; infinite if nothing is."""
        return self.cost / self.value if self.value > 0 else float("inf")


@dataclass(frozen=True, slots=True)
class Prediction:
    """How good predictions are.

    Attributes:
        sd: standard deviation between prediction and truth.
        kind: `calibrated`: the law is of predictions, and the truth lies around each of them;
            `noisy`: the law is of true benefits, and predictions lie around them.
    """

    sd: float
    kind: str = "calibrated"


@dataclass(frozen=True, slots=True)
class Rule:
    """The best rule and its alternatives, net benefit in money for one patient of all.

    Attributes:
        limit: predicted benefit from which the best rule treats.
        treats: `all`, `none` or `some`.
        share: of patients that it treats.
        all_treated: net benefit of treating everybody; nobody treated is 0.
        best: net benefit of the best rule.
        individual: what choosing person by person is worth against the better of all and none.
        perfect: net benefit if true benefits were known.
        knowing: what perfect predictions would add to the best rule.
        health, cost: mean gain and extra cost of the best rule.
    """

    limit: float
    treats: str
    share: float
    all_treated: float
    best: float
    individual: float
    perfect: float
    knowing: float
    health: float
    cost: float


def net_benefit(law: Law, stakes: Stakes, limits: Numbers) -> Numbers:
    """Net benefit of treating whoever has at least so much, for each limit; predictions are true.

    Args:
        law: of benefits.
        stakes: of one patient.
        limits: (n,).
    """
    return stakes.value * law.part_above(limits) - stakes.cost * law.share_above(limits)


def noisy_benefit(law: Law, stakes: Stakes, limits: Numbers, sd: float) -> Numbers:
    """The same where predictions lie around the truth with a standard deviation."""
    truth = law.nodes()
    treated = special.ndtr((truth - np.asarray(limits)[..., None]) / sd)
    return np.asarray(((stakes.value * truth - stakes.cost) * treated).mean(axis=-1))


def unit_loss(z: Numbers) -> Numbers:
    """E[max(0, Z - z)] of a standard normal Z."""
    z = np.asarray(z, dtype=np.float64)
    return np.asarray(np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) - z * special.ndtr(-z))


def _noisy_limit(law: Law, stakes: Stakes, sd: float) -> float:
    """The limit on predictions where the marginal patient is worth the cost."""
    truth = law.nodes()

    def marginal(limit: float) -> float:
        # Relative to the nearest patient, so that far limits do not underflow to 0 / 0.
        apart = ((truth - limit) / sd) ** 2 / 2
        weight = np.exp(apart.min() - apart)
        return float((weight * truth).sum() / weight.sum()) - stakes.limit

    low, high = truth.min() - 40 * sd, truth.max() + 40 * sd
    if marginal(low) >= 0:
        return float("-inf")
    if marginal(high) <= 0:
        return float("inf")
    return float(optimize.brentq(marginal, low, high, xtol=1e-12))


def _perfect(law: Law, stakes: Stakes, prediction: Prediction | None) -> float:
    """Net benefit if true benefits were known."""
    if not np.isfinite(stakes.limit):
        return 0.0
    if prediction is None or prediction.sd == 0 or prediction.kind == "noisy":
        return float(net_benefit(law, stakes, np.asarray(stakes.limit)))
    z = (stakes.limit - law.nodes()) / prediction.sd
    return float((stakes.value * prediction.sd * unit_loss(z)).mean())


def best_rule(law: Law, stakes: Stakes, prediction: Prediction | None = None) -> Rule:
    """The rule with the largest net benefit.

    Args:
        law: of predicted benefits, or of true ones where predictions are noisy.
        stakes: of one patient.
        prediction: None: predictions are true.

    Returns:
        See `Rule`. With calibrated predictions the best limit is that of `Stakes.limit`; with noisy
        ones it is where the mean true benefit of those with this prediction has that value.
    """
    everybody = stakes.value * law.mean - stakes.cost
    noisy = prediction is not None and prediction.kind == "noisy" and prediction.sd > 0
    if prediction is not None and noisy:
        limit = _noisy_limit(law, stakes, prediction.sd)
        share, health = _noisy_share(law, limit, prediction.sd)
    else:
        limit = stakes.limit
        share = float(law.share_above(np.asarray(limit)))
        health = float(law.part_above(np.asarray(limit)))
    best = stakes.value * health - stakes.cost * share
    perfect = max(_perfect(law, stakes, prediction), best)
    return Rule(
        limit=limit,
        treats=ALL if share > 1 - EDGE else NONE if share < EDGE else SOME,
        share=share,
        all_treated=everybody,
        best=best,
        individual=max(0.0, best - max(everybody, 0.0)),
        perfect=perfect,
        knowing=perfect - best,
        health=stakes.loss * health,
        cost=stakes.cost * share - stakes.saving * health,
    )


def _noisy_share(law: Law, limit: float, sd: float) -> tuple[float, float]:
    """The share that is treated, and the benefit of those by all patients."""
    truth = law.nodes()
    treated = special.ndtr((truth - limit) / sd)
    return float(treated.mean()), float((truth * treated).mean())
