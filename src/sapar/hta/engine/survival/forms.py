"""The laws of the model language by name: their arguments, units, and what makes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sapar.hta.engine.survival.combined import (
    Accelerated,
    Cure,
    PiecewiseExponential,
    Proportional,
    ProportionalOdds,
    Relative,
    Then,
    Waning,
)
from sapar.hta.engine.survival.laws import (
    Exponential,
    GeneralisedGamma,
    Gompertz,
    LogLogistic,
    LogNormal,
    WeibullAFT,
    WeibullPH,
)
from sapar.hta.engine.survival.spline import Spline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sapar.hta.engine.survival.law import Law

NUMBER, TIME, RATE, ANY = "1", "year or 1", "1/year or 1", ""
"""Units that an argument may have; a plain number counts in years."""
MOST_SERIES = 12
"""Pieces or knots of one law."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a law is written.

    Attributes:
        arguments: by name, the unit.
        laws: how many laws it takes first.
        table: it takes a life table, `table`, and may take `age` (years at time 0; the model's
            age at the start without it).
        series: arguments with a number behind their names: the first number, and the unit.
        make: laws, arguments, and series in; a law out.
    """

    arguments: Mapping[str, str]
    make: Callable[..., Law]
    laws: int = 0
    table: bool = False
    series: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    def written(self) -> str:
        """How it is written, for people."""
        parts = ["LAW"] * self.laws + list(self.arguments)
        for name, (first, _) in self.series.items():
            parts += [f"{name}{first}", "…"]
        if self.table:
            parts += ["table", "[age]"]
        return ", ".join(parts)


def _spline(scale: str) -> Callable[..., Law]:
    def make(*, knot: tuple[Any, ...], gamma: tuple[Any, ...]) -> Law:
        return Spline(scale, knot, gamma)

    return make


def _piecewise(*, rate: tuple[Any, ...], until: tuple[Any, ...]) -> Law:
    return PiecewiseExponential(rate, until)


def _life_table(table: Law) -> Law:
    return table


_SPLINE = {"knot": (1, NUMBER), "gamma": (0, NUMBER)}
FORMS: dict[str, Form] = {
    "exponential": Form({"rate": RATE}, Exponential),
    "weibull_ph": Form({"shape": NUMBER, "rate": ANY}, WeibullPH),
    "weibull_aft": Form({"shape": NUMBER, "scale": TIME}, WeibullAFT),
    "gompertz": Form({"shape": RATE, "rate": RATE}, Gompertz),
    "lognormal": Form({"meanlog": NUMBER, "sdlog": NUMBER}, LogNormal),
    "loglogistic": Form({"shape": NUMBER, "scale": TIME}, LogLogistic),
    "gengamma": Form({"mu": NUMBER, "sigma": NUMBER, "Q": NUMBER}, GeneralisedGamma),
    "spline_hazard": Form({}, _spline("hazard"), series=_SPLINE),
    "spline_odds": Form({}, _spline("odds"), series=_SPLINE),
    "spline_normal": Form({}, _spline("normal"), series=_SPLINE),
    "piecewise": Form({}, _piecewise, series={"rate": (1, RATE), "until": (1, TIME)}),
    "life_table": Form({}, _life_table, table=True),
    "relative": Form({}, Relative, laws=1, table=True),
    "cure": Form({"cured": NUMBER}, Cure, laws=1),
    "proportional": Form({"hr": NUMBER}, Proportional, laws=1),
    "odds": Form({"ratio": NUMBER}, ProportionalOdds, laws=1),
    "accelerated": Form({"time_ratio": NUMBER}, Accelerated, laws=1),
    "waning": Form({"hr": NUMBER, "since": TIME, "until": TIME}, Waning, laws=1),
    "then": Form({"at": TIME}, Then, laws=2),
}
"""By name."""
