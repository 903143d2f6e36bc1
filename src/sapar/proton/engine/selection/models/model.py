"""One model of a complication: what it needs, its risk, and its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.selection.models import formulas
from sapar.proton.engine.selection.models.doses import measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sapar.proton.engine.selection.models.doses import DoseInput, OrganDose
    from sapar.values.marks import Mark

    Numbers = float | NDArray[np.float64]

FORMS = ("logistic", "lkb", "relative-seriality", "relative-risk")
Value = str | float | bool
"""What a covariate of a patient may be."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A source as the data file names it, with its mark.

    Attributes:
        id: key in the file; the rest as `sapar.values.marks.Source`.
        note: why the mark is no better.
    """

    id: str
    title: str
    dated: str
    mark: Mark
    url: str
    who_can_tell: str
    note: str


@dataclass(frozen=True, slots=True)
class Covariate:
    """Something about the patient that models ask for.

    Attributes:
        id: key under `patient` of a question.
        choices: the words it may be; empty for a number and for yes or no.
        least, most: range of a number; both None for the others.
    """

    id: str
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None

    @property
    def kind(self) -> str:
        """`choice`, `number` or `yes-no`."""
        if self.choices:
            return "choice"
        return "yes-no" if self.least is None else "number"

    def accepts(self, value: object) -> bool:
        """Whether a value is one that it may have."""
        if self.kind == "choice":
            return isinstance(value, str) and value in self.choices
        if self.kind == "yes-no":
            return isinstance(value, bool)
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        return fits and self.low <= float(str(value)) <= self.high

    @property
    def low(self) -> float:
        """Smallest number it may be."""
        return -np.inf if self.least is None else self.least

    @property
    def high(self) -> float:
        """Largest number it may be."""
        return np.inf if self.most is None else self.most


@dataclass(frozen=True, slots=True)
class Term:
    """A coefficient and what it multiplies.

    Attributes:
        name: of the coefficient.
        value: as published.
        inputs: dose readings whose sum it multiplies; empty for the others.
        covariate: of the patient, or "".
        choice: it counts where the covariate is this word.
        above: it counts where the covariate is above this number, or None.
        volume: organ whose volume in cm³ it multiplies, or "".
        root: whether the square root of the covariate counts.
    """

    name: str
    value: float
    inputs: tuple[DoseInput, ...] = ()
    covariate: str = ""
    choice: str = ""
    above: float | None = None
    volume: str = ""
    root: bool = False

    def feature(self, value: Value) -> float:
        """What the coefficient multiplies, for a value of its covariate."""
        if self.choice:
            return float(value == self.choice)
        if self.above is not None:
            return float(float(value) > self.above)
        return math.sqrt(float(value)) if self.root else float(value)


@dataclass(frozen=True, slots=True, eq=False)
class Uncertainty:
    """How well the coefficients are known.

    Attributes:
        kind: `covariance`, `interval` or `none`.
        root: (k, k) lower triangular Cholesky factor, for `covariance`.
        names: the coefficients in the order of `root`.
        intervals: name to the 2.5 and 97.5 % points, for `interval`.
        mark: how far this itself may be trusted; it decides nothing, it is told.
        method, source: how it was found, and from what.
    """

    kind: str
    root: NDArray[np.float64] | None
    names: tuple[str, ...]
    intervals: Mapping[str, tuple[float, float]]
    mark: Mark | None
    method: str
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A published model; made by `library.read_models`.

    Attributes:
        id: key in the file.
        endpoint: the complication, a word without grade.
        grade: lowest CTCAE grade that counts, or None where the endpoint has none.
        months: after treatment, or None.
        form: one of `FORMS`.
        sites: where it was made for.
        terms: the coefficients. Of `lkb`: td50, m (the exponent stands in the input); of
            `relative-seriality`: d50, gamma, s; of `relative-risk`: slope and the baseline.
        inputs: every dose reading, each once.
        uncertainty: of the coefficients.
        source: with the mark.
    """

    id: str
    endpoint: str
    grade: int | None
    months: int | None
    form: str
    sites: tuple[str, ...]
    terms: tuple[Term, ...]
    inputs: tuple[DoseInput, ...]
    uncertainty: Uncertainty
    source: Cited

    @property
    def theta(self) -> tuple[float, ...]:
        """The coefficients as published."""
        return tuple(term.value for term in self.terms)

    @property
    def covariates(self) -> tuple[str, ...]:
        """What it asks of the patient, each once."""
        return tuple(dict.fromkeys(t.covariate for t in self.terms if t.covariate))

    @property
    def organs(self) -> tuple[str, ...]:
        """The organs whose dose it reads, each once."""
        return tuple(dict.fromkeys(asked.organ for asked in self.inputs))

    def falling(self) -> tuple[DoseInput, ...]:
        """Dose readings with which the risk falls; only without any is a stage 0 bound a bound."""
        if self.form in {"lkb", "relative-seriality"}:
            return () if all(value > 0 for value in self.theta) else self.inputs
        if self.form == "relative-risk":
            return () if self.theta[0] >= 0 else self.inputs
        found = [asked for term in self.terms if term.value < 0 for asked in term.inputs]
        return tuple(dict.fromkeys(found))

    def reading(
        self, asked: DoseInput, dose: OrganDose, fractions: int | None, factor: Numbers = 1.0
    ) -> Numbers:
        """`measure`, and for relative seriality the response of the whole histogram."""
        if asked.metric != "response" or dose.histogram is None:
            return measure(asked, dose, fractions, factor)
        curve = dose.histogram
        middle = 0.5 * (curve.edges_gy[1:] + curve.edges_gy[:-1])
        share = curve.volume_cc / max(curve.measured_cc, 1e-300)
        d50, gamma, s = self.theta
        scale = np.atleast_1d(np.asarray(factor, dtype=np.float64))
        found = np.array(
            [formulas.relative_seriality(middle * f, share, d50, gamma, s) for f in scale.tolist()]
        )
        return found if np.ndim(factor) else float(found[0])

    def risk(
        self,
        readings: Mapping[DoseInput, Numbers],
        features: Mapping[str, float],
        theta: Sequence[Numbers] | None = None,
    ) -> NDArray[np.float64]:
        """The risk, 0 to 1, for readings and coefficients that are numbers or arrays.

        Args:
            readings: every one of `inputs`.
            features: of every term with a covariate or a volume, by the name of the term.
            theta: coefficients in the order of `terms`; as published where None.
        """
        used: Sequence[Numbers] = self.theta if theta is None else theta
        if self.form == "lkb":
            return formulas.lkb(readings[self.inputs[0]], used[0], used[1])
        if self.form == "relative-seriality":
            # The reading is the response of the published coefficients: they are not sampled.
            return np.asarray(readings[self.inputs[0]], dtype=np.float64)
        if self.form == "relative-risk":
            dose = readings[self.inputs[0]]
            return formulas.relative_risk(features[self.terms[1].name], used[0], dose)
        return formulas.logistic(self.score(readings, features, used))

    def score(
        self,
        readings: Mapping[DoseInput, Numbers],
        features: Mapping[str, float],
        theta: Sequence[Numbers] | None = None,
    ) -> Numbers:
        """S of a logistic model. A reading of −∞ (logarithm of no dose) makes it −∞."""
        used: Sequence[Numbers] = self.theta if theta is None else theta
        total: Numbers = 0.0
        for term, value in zip(self.terms, used, strict=True):
            if term.inputs:
                part: Numbers = sum((readings[asked] for asked in term.inputs), start=0.0)
            else:
                part = features.get(term.name, 1.0)
            total = total + value * part
        return total

    def draws(self, normal: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Sampled coefficients, one array for each term.

        Args:
            normal: (k, N) independent standard normal numbers, one row a term.
        """
        known = self.uncertainty
        made = [np.full(normal.shape[1], value) for value in self.theta]
        if known.kind == "covariance" and known.root is not None:
            at = [term.name for term in self.terms]
            for row, name in enumerate(known.names):
                index = at.index(name)
                for column in range(row + 1):
                    made[index] = made[index] + known.root[row, column] * normal[column]
        for name, (low, high) in known.intervals.items():
            index = [term.name for term in self.terms].index(name)
            made[index] = two_piece(self.theta[index], low, high, normal[index])
        if self.form == "lkb":
            made = [np.maximum(each, 1e-6) for each in made]
        return made


NORMAL_95 = 1.959963984540054


def two_piece(
    middle: float, low: float, high: float, z: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Numbers with this median and these 2.5 and 97.5 % points: two half normals joined."""
    spread = np.where(z < 0, middle - low, high - middle) / NORMAL_95
    return np.asarray(middle + spread * z)
