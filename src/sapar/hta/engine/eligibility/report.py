"""The best rule of a model's section `eligibility`, as one JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.cohort.worth import steady_worth
from sapar.hta.engine.eligibility.laws import Beta, Normal, Patients, beta_of
from sapar.hta.engine.eligibility.patient import Complication, judge
from sapar.hta.engine.eligibility.rule import (
    Prediction,
    Stakes,
    best_rule,
    net_benefit,
    noisy_benefit,
)
from sapar.hta.engine.model.limits import met
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.draws import draw
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.eligibility.document import Eligibility
    from sapar.hta.engine.eligibility.laws import Law
    from sapar.hta.engine.eligibility.patient import Verdict
    from sapar.hta.engine.model.model import AnyModel, Expression

    Numbers = NDArray[np.float64]

POINTS = 101
"""Limits of the curve."""
INTERVAL = (0.025, 0.975)


def eligibility_of(model: AnyModel) -> Eligibility:
    """The section `eligibility` of a model.

    Raises:
        BadModelError: it has none.
    """
    found = model.sections.get("eligibility")
    if found is None or found.value is None:
        problem = Problem.of("hta.input.eligibility_missing", where="eligibility", value=model.id)
        raise BadModelError((problem,))
    value: Eligibility = found.value
    return value


def _law(section: Eligibility, given: Mapping[str, float]) -> Law:
    if section.law == "patients":
        return Patients(np.array(section.patients))
    if section.law == "normal":
        return Normal(given["mean"], given["sd"])
    return beta_of(given["mean"], given["sd"]) if "mean" in given else Beta(given["a"], given["b"])


def _refuse(section: Eligibility, given: Mapping[str, float]) -> None:
    """Refuse arguments that a law cannot have, and amounts below zero."""
    wrong = [key for key in ("sd", "a", "b", "cost") if given.get(key, 1.0) <= 0]
    wrong += [key for key in ("loss", "threshold", "error") if given.get(key, 0.0) < 0]
    if section.law == "beta" and "mean" in given and not wrong:
        mean, sd = given["mean"], given["sd"]
        wrong += [] if 0 < mean < 1 and sd**2 < mean * (1 - mean) else ["sd"]
    if wrong:
        problem = Problem.of(
            "hta.run.eligibility_value", where=section.where, value=f"{given[wrong[0]]:.6g}",
            name=wrong[0],
        )  # fmt: skip
        raise BadModelError((problem,))


class _Values:
    """Numbers of the section for one draw after the other."""

    def __init__(self, model: AnyModel, drawn: Mapping[str, Numbers]) -> None:
        section = eligibility_of(model)
        expressions: dict[str, Expression | None] = {
            **section.arguments,
            "cost": section.cost,
            "loss": section.loss,
            "threshold": section.threshold,
            "saving": section.saving,
            "number": section.number,
            "error": section.error,
        }
        worth = steady_worth(model, drawn)
        met(section.limits, worth.names, worth.of)
        self.section = section
        self.arrays = {
            key: worth.of(each)[0, :, 0, 0] for key, each in expressions.items() if each is not None
        }

    def at(self, k: int) -> dict[str, float]:
        """The numbers of a draw."""
        return {key: float(each[k if len(each) > 1 else 0]) for key, each in self.arrays.items()}

    def parts(self, k: int) -> tuple[Law, Stakes, Prediction | None]:
        """Law, stakes and predictions of a draw."""
        given = self.at(k)
        _refuse(self.section, given)
        stakes = Stakes(given["cost"], given["loss"], given["threshold"], given.get("saving", 0.0))
        error = given.get("error")
        prediction = None if error is None else Prediction(error, self.section.kind)
        return _law(self.section, given), stakes, prediction


def for_patient(model: AnyModel, difference: float, low: float, high: float) -> Verdict:
    """What the section `eligibility` of a model says of one patient, at its base values.

    Args:
        model: with a section `eligibility`.
        difference: predicted, in the chance of the complication: the other treatment less this one.
        low: of its 95 % interval.
        high: the same.

    Raises:
        BadModelError: no such section, or values that it cannot have.
        ValueError: the interval does not hold the difference.
    """
    _, stakes, _ = _Values(model, {}).parts(0)
    one = Complication(model.title, difference, low, high, stakes.loss, stakes.saving)
    return judge((one,), stakes.cost, stakes.threshold)


def _curve(law: Law, stakes: Stakes, prediction: Prediction | None) -> list[dict[str, float]]:
    """Net benefit by limit, over the benefits that occur."""
    nodes = law.nodes()
    limits = np.linspace(min(0.0, float(nodes.min())), float(nodes.max()), POINTS)
    if prediction is not None and prediction.kind == "noisy" and prediction.sd > 0:
        values = noisy_benefit(law, stakes, limits, prediction.sd)
    else:
        values = net_benefit(law, stakes, limits)
    return [
        {"limit": float(a), "net_benefit": float(b)} for a, b in zip(limits, values, strict=True)
    ]


def report(model: AnyModel, *, draws: int = 0, seed: int = 0) -> dict[str, Any]:
    """Whom to treat, and what choosing person by person is worth.

    Args:
        model: with a section `eligibility`.
        draws: of the parameters, for intervals; 0 for none.
        seed: the same seed gives the same draws as other analyses of the model have.

    Returns:
        A `sapar.hta.eligibility/1` document. `individual` and `knowing` are in money for one
        patient; `yearly` has them for all patients of a year. An infinite limit is None.

    Raises:
        BadModelError: no such section; a law that cannot have its arguments.
    """
    values = _Values(model, {})
    law, stakes, prediction = values.parts(0)
    rule = best_rule(law, stakes, prediction)
    number = values.at(0).get("number")
    found: dict[str, Any] = {
        "schema": "sapar.hta.eligibility/1",
        "model": model.id,
        "version": model.version,
        "limit": rule.limit if np.isfinite(rule.limit) else None,
        "treats": rule.treats,
        "share": rule.share,
        "all_treated": rule.all_treated,
        "best": rule.best,
        "individual": rule.individual,
        "knowing": rule.knowing,
        "health": rule.health,
        "cost": rule.cost,
        "curve": _curve(law, stakes, prediction),
        "yearly": None
        if number is None
        else {
            "patients": number,
            "treated": number * rule.share,
            "individual": number * rule.individual,
            "knowing": number * rule.knowing,
        },
    }
    if draws:
        found["uncertainty"] = {"draws": draws, "seed": seed} | _spread(model, draws, seed)
    return found


def _spread(model: AnyModel, draws: int, seed: int) -> dict[str, Any]:
    """Means and intervals of what the best rule of each draw says."""
    values = _Values(model, draw(model, draws, seed))
    rules = [best_rule(*values.parts(k)) for k in range(draws)]
    rows: dict[str, Any] = {}
    for key in ("limit", "share", "individual"):
        numbers = np.array([getattr(each, key) for each in rules])
        kept = numbers[np.isfinite(numbers)]
        rows[key] = {
            "mean": float(kept.mean()) if len(kept) else None,
            "low": float(np.quantile(kept, INTERVAL[0])) if len(kept) else None,
            "high": float(np.quantile(kept, INTERVAL[1])) if len(kept) else None,
        }
    return rows
