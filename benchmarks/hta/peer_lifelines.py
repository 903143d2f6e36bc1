"""Laws of survival fitted by lifelines (MIT), in an environment of its own.

    python peer_lifelines.py DATA.json     prints what each law fits to each set of observed times

Gompertz and the spline on odds are not among its laws: they are written as its documentation shows,
by their cumulative hazard; its optimiser and its likelihood do the rest.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import autograd.numpy as anp
import lifelines
import numpy as np
from lifelines import fitters

BEGIN = {
    "gompertz": np.array([0.1, 0.2]),
    "spline_hazard": np.array([-1.5, 1.2, 0.01]),
    "spline_odds": np.array([-1.5, 1.2, 0.01]),
}
"""Where climbs begin that otherwise end far from the top."""
TIMES = [0.5, 1.0, 2.0, 5.0, 10.0]


class Gompertz(fitters.ParametricUnivariateFitter):
    """A hazard of rate exp(shape t)."""

    _fitted_parameter_names = ["shape_", "rate_"]  # noqa: RUF012 - as its documentation has it
    _bounds = [(-5.0, 5.0), (1e-9, None)]  # noqa: RUF012

    def _cumulative_hazard(self, params: Any, times: Any) -> Any:
        shape, rate = params
        return rate / shape * anp.expm1(shape * times)


def spline_odds(knots: list[float]) -> Any:
    """A spline on the scale of odds, by the basis of lifelines' own spline."""

    class Odds(lifelines.SplineFitter):  # type: ignore[misc]
        def _cumulative_hazard(self, params: Any, t: Any) -> Any:
            return anp.log1p(super()._cumulative_hazard(params, t))

    return Odds(np.exp(knots))


def fitted(data: dict[str, Any], knots: list[float]) -> dict[str, Any]:
    """Every law fitted to one set."""
    laws: dict[str, Any] = {
        "exponential": lifelines.ExponentialFitter(),
        "weibull_aft": lifelines.WeibullFitter(),
        "gompertz": Gompertz(),
        "lognormal": lifelines.LogNormalFitter(),
        "loglogistic": lifelines.LogLogisticFitter(),
        "gengamma": lifelines.GeneralizedGammaFitter(),
        "spline_hazard": lifelines.SplineFitter(np.exp(knots)),
        "spline_odds": spline_odds(knots),
    }
    found: dict[str, Any] = {}
    for name, law in laws.items():
        began = time.perf_counter()
        law.fit(
            data["times"],
            data["events"],
            entry=data["entries"],
            weights=data["weights"],
            initial_point=BEGIN.get(name),
        )
        found[name] = {
            "log_likelihood": float(law.log_likelihood_),
            "aic": float(law.AIC_),
            "estimates": {key: float(each) for key, each in law.params_.items()},
            "errors": [float(each) for each in law.summary["se(coef)"]],
            "survival": [float(each) for each in law.survival_function_at_times(np.array(TIMES))],
            "seconds": time.perf_counter() - began,
        }
    steps = lifelines.KaplanMeierFitter().fit(
        data["times"], data["events"], entry=data["entries"], weights=data["weights"]
    )
    curve = steps.survival_function_.iloc[:, 0]
    found["kaplan_meier"] = {
        "times": [float(each) for each in curve.index],
        "survival": [float(each) for each in curve],
    }
    return found


def main() -> None:
    """Fit and print."""
    warnings.simplefilter("ignore")
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    found = {name: fitted(each["data"], each["knots"]) for name, each in given.items()}
    print(json.dumps({"version": lifelines.__version__, "fitted": found}))


if __name__ == "__main__":
    main()
