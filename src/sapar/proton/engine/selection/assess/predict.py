"""What a model says of both plans: one number where all is known, else the two ends."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.selection.assess.organs import ends, resolve, without_dose
from sapar.proton.engine.selection.models.formulas import logistic
from sapar.proton.engine.selection.models.model import NORMAL_95

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sapar.proton.engine.selection.assess.problem import Question
    from sapar.proton.engine.selection.models.doses import Bounds, DoseInput
    from sapar.proton.engine.selection.models.library import Library
    from sapar.proton.engine.selection.models.model import Model, Numbers, Value
    from sapar.proton.engine.selection.rules.protocol import Asked

    Readings = Mapping[DoseInput, Numbers]
    Features = Mapping[str, float]

__all__ = ["NORMAL_95", "Predicted", "Range", "hull", "predict"]


@dataclass(frozen=True, slots=True)
class Range:
    """Two ends; equal where the number is known."""

    low: float
    high: float

    @property
    def value(self) -> float | None:
        """The number, or None where it is not known."""
        return self.low if self.low == self.high else None

    def as_json(self) -> list[float]:
        """[low, high]."""
        return [self.low, self.high]


def hull(ranges: Sequence[Range]) -> Range:
    """The smallest range that holds them all."""
    return Range(min(each.low for each in ranges), max(each.high for each in ranges))


@dataclass(frozen=True, slots=True, eq=False)
class Options:
    """The features of the patient: one set where all is known, else all corners.

    Attributes:
        corners: features by name of the term.
        between: whether values between the corners are possible, too.
        missing: covariates that were not given.
    """

    corners: tuple[Features, ...]
    between: bool
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """One model on both plans.

    Attributes:
        model: the model.
        photon: risk under photons; proton: None without a proton plan.
        difference: photon less proton, or None.
        zero: the largest difference that any proton plan could reach (all organs without dose).
        missing: organ to why its dose is not known, of either plan.
        options: features of the patient.
        doses: bounds of organs under (photons, protons).
    """

    model: Model
    photon: Range
    proton: Range | None
    difference: Range | None
    zero: float
    missing: Mapping[str, str]
    options: Options
    doses: tuple[Mapping[str, Bounds], Mapping[str, Bounds]] = field(repr=False)

    @property
    def known(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing and not self.options.missing


def options_of(
    model: Model, question: Question, known: Mapping[str, Value], library: Library
) -> Options:
    """The features of the patient for a model; `known` are all covariates, the site's too."""
    missing, choices = [], []
    between = False
    for name in model.covariates:
        if name in known:
            choices.append([(name, known[name])])
            continue
        missing.append(name)
        asked = library.covariates[name]
        values: Sequence[Value] = asked.choices
        if asked.kind == "yes-no":
            values = (False, True)
        elif asked.kind == "number":
            values = (asked.low, asked.high)
            # Above a number or not: both ends are all there is, and nothing lies between.
            terms = [term for term in model.terms if term.covariate == name]
            between = between or any(term.above is None for term in terms)
        choices.append([(name, value) for value in values])
    corners: list[Features] = []
    for picked in itertools.product(*choices):
        values_by = dict(picked)
        made = {t.name: t.feature(values_by[t.covariate]) for t in model.terms if t.covariate}
        corners.append(made)
    for term in model.terms:
        if term.volume:
            corners, gap = _with_volume(corners, term.name, _volume(question, term.volume))
            between = between or gap
            missing += [f"volume:{term.volume}"] if gap else []
    return Options(tuple(corners), between, tuple(missing))


def _volume(question: Question, organ: str) -> float | None:
    found = question.photon.organs.get(organ)
    return None if found is None else found.volume_cc


def _with_volume(
    corners: list[Features], name: str, cc: float | None
) -> tuple[list[Features], bool]:
    values = [cc] if cc is not None else [0.0, 1e6]
    return [{**each, name: value} for each in corners for value in values], cc is None


def difference_of(
    model: Model, photon: tuple[Readings, Readings], proton: tuple[Readings, Readings], o: Options
) -> Range:
    """Ends of the difference of risks; (lowest, highest readings) of each plan.

    A covariate that is not known is the same under both plans. Where it may lie between two
    corners, σ(u + a) − σ(v + a) has its extreme at a = −(u + v)/2, which is looked at, too; of a
    relative risk the extreme lies where one of the two risks becomes 1.
    """
    lows, highs = [], []
    for features in o.corners:
        lows.append(_gap(model, photon[0], proton[1], features))
        highs.append(_gap(model, photon[1], proton[0], features))
    if o.between and model.form == "relative-risk":
        ends_ = [(photon[0], proton[1]), (photon[1], proton[0])]
        found = [_full(model, one, other, o) for one, other in ends_]
        lows += found[0]
        highs += found[1]
    elif o.between:
        lows.append(_between(model, photon[0], proton[1], o))
        highs.append(_between(model, photon[1], proton[0], o))
    return Range(min(lows), max(highs))


def _gap(model: Model, one: Readings, other: Readings, features: Features) -> float:
    return float(model.risk(one, features)) - float(model.risk(other, features))


def _between(model: Model, one: Readings, other: Readings, o: Options) -> float:
    scores = [(_score(model, one, f), _score(model, other, f)) for f in o.corners]
    u, v = scores[0]
    if not (math.isfinite(u) and math.isfinite(v)):
        return _gap(model, one, other, o.corners[0])
    shifts = [s[0] - u for s in scores]
    at = min(max(-(u + v) / 2, min(shifts)), max(shifts))
    return float(logistic(u + at)) - float(logistic(v + at))


def _full(model: Model, one: Readings, other: Readings, o: Options) -> list[float]:
    """The gap at the baseline risks with which one of the two risks is just 1."""
    name = model.terms[1].name
    corners = [features[name] for features in o.corners]
    found = []
    for reading in (one[model.inputs[0]], other[model.inputs[0]]):
        rise = 1.0 + model.theta[0] * float(reading)
        at = 1.0 / rise if rise > 0 else max(corners)
        found.append(min(max(at, min(corners)), max(corners)))
    return [_gap(model, one, other, {name: baseline}) for baseline in found]


def _score(model: Model, readings: Readings, features: Features) -> float:
    return float(np.asarray(model.score(readings, features)))


def risk_range(model: Model, low: Readings, high: Readings, o: Options) -> Range:
    """Ends of the risk of one plan."""
    found = [float(model.risk(each, f)) for each in (low, high) for f in o.corners]
    return Range(min(found), max(found))


def predict(
    model: Model, question: Question, known: Mapping[str, Value], library: Library
) -> Predicted:
    """What a model says of the plans of a question.

    A model whose risk falls with some dose gets no bound from organs without dose: the difference
    is then at most the whole risk under photons, and missing organs leave everything open.
    """
    o = options_of(model, question, known, library)
    doses = tuple(
        {organ: resolve(organ, plan, library) for organ in model.organs} if plan else {}
        for plan in (question.photon, question.proton)
    )
    low, high, missing = ends(model, doses[0], question.photon.bound, question.fractions)
    falling = bool(model.falling())
    open_photon = falling and bool(missing)
    photon = Range(0.0, 1.0) if open_photon else risk_range(model, low, high, o)
    if falling:
        zero = photon.high
    else:
        none = without_dose(model, question.fractions)
        zero = difference_of(model, (low, high), (none, none), o).high
    proton, difference = None, None
    if question.proton is not None:
        plow, phigh, more = ends(model, doses[1], question.proton.bound, question.fractions)
        missing = missing | {organ: why for organ, why in more.items() if organ not in missing}
        if falling and (more or open_photon):
            proton, difference = Range(0.0, 1.0), Range(photon.low - 1.0, photon.high)
        else:
            proton = risk_range(model, plow, phigh, o)
            difference = difference_of(model, (low, high), (plow, phigh), o)
    return Predicted(model, photon, proton, difference, zero, missing, o, (doses[0], doses[1]))


def candidates(asked: Asked, known: Mapping[str, Value], library: Library) -> list[Model]:
    """The models that may predict a complication; several where it is not known which holds."""
    found = []
    for where, name in asked.models:
        words = [(key, word, known.get(key)) for key, word in where]
        if any(value is not None and value != word for _, word, value in words):
            continue
        found.append(library.models[name])
        if all(value == word for _, word, value in words):
            break
    return found


def unknown_words(asked: Asked, known: Mapping[str, Value]) -> tuple[str, ...]:
    """Covariates that choose between models and were not given."""
    keys = [key for where, _ in asked.models for key, _ in where if key not in known]
    return tuple(dict.fromkeys(keys))
