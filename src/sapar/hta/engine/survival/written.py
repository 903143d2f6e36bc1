"""A fit as a part of a model's document, and as one answer for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sapar.hta.engine.survival.data import Data, Steps
    from sapar.hta.engine.survival.fit import Fit


def _known(values: Any) -> list[float | None]:
    """Numbers as JSON has them: what is infinite or undefined is null."""
    return [float(each) if np.isfinite(each) else None for each in np.ravel(values)]


def model_part(found: Fit, name: str) -> dict[str, Any]:
    """A fit as sections of a model: parameters drawn together, and a curve made of them.

    Args:
        found: the fit; its covariance is known.
        name: of the curve; the parameters' names begin with it.
    """
    names = [f"{name}_{each}" for each in found.names]
    parameters: dict[str, dict[str, Any]] = {
        key: {"value": float(value), "unit": "1"}
        for key, value in zip(names, found.estimates, strict=True)
    }
    inside = [f"knot{k + 1}={each!r}" for k, each in enumerate(found.knots)]
    for argument, key in zip(found.family.names, names, strict=True):
        value = f"exp({key})" if argument in found.family.logs else key
        inside.append(f"{argument}={value}")
    part: dict[str, Any] = {"parameters": parameters}
    if len(names) == 1:
        spread = float(np.sqrt(found.covariance[0, 0]))
        parameters[names[0]]["distribution"] = (
            f"normal(mean={float(found.estimates[0])!r}, sd={spread!r})"
        )
    else:
        rows = [[float(each) for each in row] for row in found.covariance]
        part["joint"] = {name: {"kind": "normal", "of": names, "covariance": rows}}
    part["survival"] = {name: f"{found.name}({', '.join(inside)})"}
    return part


def answer(data: Data, fits: Sequence[Fit], steps: Steps, name: str) -> dict[str, Any]:
    """Fits as one JSON document, the smallest AIC first.

    Args:
        data: what was fitted.
        fits: in any order.
        steps: survival without a law.
        name: of the curve in the models' parts.
    """
    rows = []
    for each in sorted(fits, key=lambda one: one.aic):
        whole = bool(np.isfinite(each.covariance).all())
        law = each.law
        rows.append(
            {
                "law": each.name,
                "text": each.text,
                "arguments": dict(each.arguments),
                "log_likelihood": each.log_likelihood,
                "aic": each.aic,
                "bic": each.bic,
                "converged": each.converged,
                "estimates": dict(zip(each.names, map(float, each.estimates), strict=True)),
                "covariance": [_known(row) for row in each.covariance],
                "median": _known(law.quantile(0.5))[0],
                "mean": _known(law.mean())[0],
                "model": model_part(each, name) if whole else None,
            }
        )
    return {
        "schema": "sapar.hta.fit/1",
        "rows": float(data.weights.sum()),
        "events": float((data.events * data.weights).sum()),
        "time_at_risk": float(((data.times - data.entries) * data.weights).sum()),
        "fits": rows,
        "kaplan_meier": {
            "times": _known(steps.times),
            "at_risk": _known(steps.at_risk),
            "survival": _known(steps.survival),
            "error": _known(steps.error),
        },
    }
