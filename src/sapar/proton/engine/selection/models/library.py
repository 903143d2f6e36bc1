"""Reading the file of models: strict, every mistake named with its place."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sapar.proton.engine.scheduling.problem.reading import BadProblemError, Reader
from sapar.proton.engine.selection.models.doses import METRICS, TRANSFORMS, DoseInput
from sapar.proton.engine.selection.models.model import (
    FORMS,
    Cited,
    Covariate,
    Model,
    Term,
    Uncertainty,
)
from sapar.values.marks import Mark
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = "sapar.selection.models/1"
MOST_CHARACTERS = 2_000_000
MOST_CORNERS = 4096
"""Combinations of covariates of one model, all looked at where none is known."""
FIXED = {
    "lkb": ("td50", "m"),
    "relative-seriality": ("d50", "gamma", "s"),
    "relative-risk": ("slope", "baseline"),
}
"""The coefficients that a form has; a logistic model has its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """The models of a file.

    Attributes:
        sha256: of the text, so that an answer can say which file it came from.
        dated: of the file.
        organs: key to the ways of putting it together of TG-263 structures: the first way whose
            structures are all there is taken, several structures are joined.
        covariates: by id.
        models: by id, in the order of the file.
        sources: by id.
    """

    sha256: str
    dated: str
    organs: Mapping[str, tuple[tuple[str, ...], ...]]
    covariates: Mapping[str, Covariate]
    models: Mapping[str, Model]
    sources: Mapping[str, Cited]

    @property
    def structures(self) -> tuple[str, ...]:
        """Every TG-263 name that some organ may be put together of."""
        found = [name for ways in self.organs.values() for way in ways for name in way]
        return tuple(dict.fromkeys(found))


def load(text: str, where: str) -> Any:
    """Plain objects of a YAML text.

    Raises:
        BadProblemError: it is no YAML, or larger than 2 million characters.
    """
    if len(text) > MOST_CHARACTERS:
        made = Problem.of("proton.selection.data.too_large", where=where, most=MOST_CHARACTERS)
        raise BadProblemError((made,))
    try:
        return YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, RecursionError) as mistake:
        made = Problem.of("proton.selection.data.yaml", where=where, value=mistake)
        raise BadProblemError((made,)) from mistake


def digest(text: str) -> str:
    """SHA-256 of a data file, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_models(text: str) -> Library:
    """The models of a YAML text (docs/reference/proton-selection.md).

    Raises:
        BadProblemError: with every mistake and its place.
    """
    top = Reader.of(load(text, "models"))
    if not top.is_object():
        top.finish()
    top.schema(SCHEMA)
    dated = top.text("dated")
    sources = read_sources(top)
    organs = _organs(top)
    covariates = _covariates(top)
    known = _Known(sources, organs, covariates)
    models: dict[str, Model] = {}
    for part in top.items("models"):
        if not part.is_object():
            continue
        made = _model(part, known)
        if made is None:
            continue
        if made.id in models:
            part.note("duplicate", at="id", value=made.id)
        models[made.id] = made
    top.done()
    top.finish()
    return Library(digest(text), dated, organs, covariates, models, sources)


@dataclass(frozen=True, slots=True)
class _Known:
    sources: Mapping[str, Cited]
    organs: Mapping[str, tuple[tuple[str, ...], ...]]
    covariates: Mapping[str, Covariate]


def read_sources(top: Reader) -> dict[str, Cited]:
    """The sources of a data file by id."""
    found: dict[str, Cited] = {}
    for part in top.items("sources"):
        if not part.is_object():
            continue
        made = Cited(
            id=part.text("id"),
            title=part.text("title"),
            dated=part.text("dated", ""),
            mark=Mark(part.choice("mark", tuple(Mark), Mark.UNVERIFIED)),
            url=part.text("url", ""),
            who_can_tell=part.text("who_can_tell"),
            note=part.text("note", ""),
        )
        part.done()
        if made.id in found:
            part.note("duplicate", at="id", value=made.id)
        found[made.id] = made
    return found


def source_of(part: Reader, sources: Mapping[str, Cited]) -> Cited:
    """The source that is named here; unverified nowhere-land where it is not known."""
    name = part.text("source")
    if name in sources:
        return sources[name]
    part.note("choice", at="source", value=name, among=", ".join(sources))
    return Cited(name, "", "", Mark.UNVERIFIED, "", "", "")


def _organs(top: Reader) -> dict[str, tuple[tuple[str, ...], ...]]:
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for part in top.items("organs"):
        if not part.is_object():
            continue
        name = part.text("id")
        ways = [way.words("of", optional=False) for way in part.items("ways", optional=True)]
        found[name] = tuple(ways) or ((name,),)
        part.done()
    return found


def _covariates(top: Reader) -> dict[str, Covariate]:
    found: dict[str, Covariate] = {}
    for part in top.items("covariates"):
        if not part.is_object():
            continue
        name = part.text("id")
        least = part.number("least", None, least=-1e9)
        most = part.number("most", None, least=-1e9)
        if (least is None) != (most is None) or (least is not None and least > most):
            part.note("order", value=f"{least} {most}")
        found[name] = Covariate(name, part.words("choices"), least, most)
        part.done()
    return found


def _model(part: Reader, known: _Known) -> Model | None:
    form = part.choice("form", FORMS)
    terms = tuple(_terms(part, known))
    inputs = _inputs(part, known, form, terms)
    wanted = FIXED.get(form)
    names = tuple(term.name for term in terms)
    if wanted is not None and names != wanted:
        part.note("choice", at="coefficients", value=names, among=", ".join(wanted))
    if len(set(names)) < len(names):
        part.note("duplicate", at="coefficients", value=names)
    if form == "relative-risk" and len(terms) == 2 and not terms[1].covariate:
        part.note("missing", at="coefficients[1].covariate")
    asked = dict.fromkeys(t.covariate for t in terms if t.covariate in known.covariates)
    corners = math.prod(max(2, len(known.covariates[name].choices)) for name in asked)
    if corners > MOST_CORNERS:
        part.note("too_many", at="coefficients", value=corners, most=MOST_CORNERS)
    made = Model(
        id=part.text("id"),
        endpoint=part.text("endpoint"),
        grade=part.whole("grade", None, least=1, most=5),
        months=part.whole("months", None, least=0, most=600),
        form=form,
        sites=part.words("sites", optional=False),
        terms=terms,
        inputs=inputs,
        uncertainty=_uncertainty(part, known, names),
        source=source_of(part, known.sources),
    )
    if part.choice("population", ("adult",)) != "adult" or not terms:
        part.note("missing", at="coefficients")
        return None
    _check_form(part, made)
    part.text("notes", "")
    part.done()
    return made


def _check_form(part: Reader, made: Model) -> None:
    """What a form needs beyond its names: doses and slopes above 0, nothing drawn in vain."""
    if made.form in {"lkb", "relative-seriality"}:
        for index, term in enumerate(made.terms):
            if term.value <= 0:
                at = f"coefficients[{index}].value"
                part.note("range", at=at, value=term.value, least="0", most="1000")
    if made.form == "relative-seriality" and made.uncertainty.kind != "none":
        part.note("choice", at="uncertainty.kind", value=made.uncertainty.kind, among="none")


def _inputs(
    part: Reader, known: _Known, form: str, terms: tuple[Term, ...]
) -> tuple[DoseInput, ...]:
    if form == "logistic":
        return tuple(dict.fromkeys(asked for term in terms for asked in term.inputs))
    below = part.inside("dose")
    if below is None:
        part.note("missing", at="dose")
        return ()
    made = _input(below, known)
    if (made.metric == "response") != (form == "relative-seriality"):
        below.note("choice", at="metric", value=made.metric, among=", ".join(METRICS))
    return (made,)


def _terms(part: Reader, known: _Known) -> list[Term]:
    found = []
    for below in part.items("coefficients"):
        if not below.is_object():
            continue
        inputs = tuple(_input(each, known) for each in below.items("sum", optional=True))
        covariate = below.text("covariate", "")
        choice = below.text("is", "")
        above = below.number("above", None, least=-1e9)
        volume = below.text("volume", "")
        if covariate:
            _check_covariate(below, known, covariate, choice)
        if volume and volume not in known.organs:
            below.note("choice", at="volume", value=volume, among=", ".join(known.organs))
        if sum(map(bool, (inputs, covariate, volume))) > 1:
            below.note("unknown_key", value=f"{covariate} {volume}")
        if any(asked.metric == "response" for asked in inputs):
            below.note("choice", at="sum", value="response", among=", ".join(METRICS[:-1]))
        root = below.choice("transform", ("none", "sqrt"), "none") == "sqrt"
        value = below.number("value", least=-1e9)
        name = below.text("name")
        below.done()
        found.append(Term(name, value, inputs, covariate, choice, above, volume, root))
    return found


def _check_covariate(below: Reader, known: _Known, covariate: str, choice: str) -> None:
    asked = known.covariates.get(covariate)
    if asked is None:
        below.note("choice", at="covariate", value=covariate, among=", ".join(known.covariates))
    elif choice and choice not in asked.choices:
        below.note("choice", at="is", value=choice, among=", ".join(asked.choices))
    elif not choice and asked.choices:
        below.note("missing", at="is")


def _input(below: Reader, known: _Known) -> DoseInput:
    if not below.is_object():
        return DoseInput("")
    organ = below.text("organ")
    if organ not in known.organs:
        below.note("choice", at="organ", value=organ, among=", ".join(known.organs))
    metric = below.choice("metric", METRICS, "mean")
    at = below.number("at", 0.0, most=1.0 if metric == "dose-at" else 1000.0)
    if metric in {"volume-at", "dose-at", "geud"} and at <= 0:
        below.note("missing", at="at")
    made = DoseInput(
        organ,
        metric,
        at,
        below.choice("transform", TRANSFORMS, "none"),
        below.number("eqd2", None, least=0.1, most=1000.0),
    )
    if made.eqd2 is not None and metric != "dose-at":
        below.note("choice", at="metric", value=metric, among="dose-at")
    below.done()
    return made


def _uncertainty(part: Reader, known: _Known, names: tuple[str, ...]) -> Uncertainty:
    below = part.inside("uncertainty")
    if below is None:
        return Uncertainty("none", None, (), {}, None, "", "")
    kind = below.choice("kind", ("covariance", "interval", "none"))
    root, order = None, below.words("order")
    if kind == "covariance":
        root = _root(below, order)
        if not set(order) <= set(names):
            below.note("choice", at="order", value=order, among=", ".join(names))
    intervals = {}
    for each in below.items("intervals", optional=True):
        if each.is_object():
            low, high = each.number("low", least=-1e9), each.number("high", least=-1e9)
            name = each.choice("coefficient", names) if names else ""
            intervals[name] = (low, high)
            if low > high:
                each.note("order", value=f"{low} {high}")
            each.done()
    cited = source_of(below, known.sources) if kind != "none" else None
    made = Uncertainty(
        kind=kind,
        root=root,
        names=order,
        intervals=intervals,
        mark=None if cited is None else cited.mark,
        method=below.text("method", ""),
        source="" if cited is None else cited.id,
    )
    below.done()
    return made


def _root(below: Reader, order: tuple[str, ...]) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    """The Cholesky factor of a lower triangle; by plain loops, so the same with any library."""
    rows = []
    for index, part in enumerate(below.items("rows", optional=True)):
        row = part.value if isinstance(part.value, list) else []
        numbers = [float(v) for v in row if isinstance(v, int | float) and math.isfinite(v)]
        if len(numbers) != index + 1 or len(numbers) != len(row):
            part.note("kind", value=row, wanted_phrase="proton.kind.number")
            return None
        rows.append(numbers)
    if len(rows) != len(order) or not rows:
        below.note("missing", at="rows")
        return None
    root = cholesky(rows)
    if root is None:
        below.note("order", at="rows", value="not positive definite")
    return root


def cholesky(rows: list[list[float]]) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    """L with L·Lᵀ equal to the symmetric matrix of this lower triangle; None where there is none.

    A variance of 0 is allowed: its row is 0.
    """
    size = len(rows)
    made = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = rows[i][j] - math.fsum(made[i][k] * made[j][k] for k in range(j))
            if i == j:
                if rest < -1e-12 * max(1.0, rows[i][i]):
                    return None
                made[i][i] = math.sqrt(max(0.0, rest))
            elif made[j][j] > 0:
                made[i][j] = rest / made[j][j]
            elif abs(rest) > 1e-12:
                return None
    return np.array(made)
