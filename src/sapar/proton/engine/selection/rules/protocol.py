"""An indication protocol: which models count for whom, and the thresholds; read from data."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.problem.reading import Reader
from sapar.proton.engine.selection.models.library import (
    digest,
    load,
    read_sources,
    source_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.proton.engine.selection.models.library import Library
    from sapar.proton.engine.selection.models.model import Cited

SCHEMA = "sapar.selection.protocols/1"
KINDS = ("each", "sum")
RULES = ("difference", "not-published")


@dataclass(frozen=True, slots=True)
class Asked:
    """A complication of a protocol and the models that may predict it.

    Attributes:
        id: within the protocol.
        models: (words of covariates that must hold, model id); the first that holds is used.
        decides: False for one that is only shown.
    """

    id: str
    models: tuple[tuple[tuple[tuple[str, str | bool], ...], str], ...]
    decides: bool


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which difference on protons are indicated.

    Attributes:
        id: within the protocol.
        kind: `each`: one complication alone reaches it; `sum`: all of them together.
        of: complications of the protocol.
        points: percentage points of absolute risk; reaching it is enough.
        source: with the mark; one that may not decide is told and decides nothing.
    """

    id: str
    kind: str
    of: tuple[str, ...]
    points: float
    source: Cited


@dataclass(frozen=True, slots=True)
class Protocol:
    """A protocol.

    Attributes:
        id: `protocol` of a question.
        names: by language.
        sites: site to the covariates that follow from it.
        rule: `difference`, or `not-published` where nothing can be decided by numbers.
        least_age: nobody younger is judged by it, years.
        asked: complications in order.
        thresholds: any one of them that is reached indicates protons.
        estimate_chance: an estimated proton dose may say "not indicated" where the chance that
            a plan would be indicated is below this.
        source: of the protocol as a whole.
    """

    id: str
    names: Mapping[str, str]
    sites: Mapping[str, Mapping[str, str | bool]]
    rule: str
    least_age: int
    asked: tuple[Asked, ...]
    thresholds: tuple[Threshold, ...]
    estimate_chance: float
    source: Cited


@dataclass(frozen=True, slots=True, eq=False)
class Protocols:
    """The protocols of a file, by id; `sha256` is of the text, `sites` those that exist at all."""

    sha256: str
    dated: str
    sites: tuple[str, ...]
    protocols: Mapping[str, Protocol]
    sources: Mapping[str, Cited]

    def for_site(self, site: str) -> tuple[str, ...]:
        """Ids of the protocols that are about a site."""
        return tuple(p.id for p in self.protocols.values() if site in p.sites)


def read_protocols(text: str, library: Library | None = None) -> Protocols:
    """The protocols of a YAML text; with the library, its models and covariates are checked.

    Raises:
        BadProblemError: with every mistake and its place.
    """
    top = Reader.of(load(text, "protocols"))
    if not top.is_object():
        top.finish()
    top.schema(SCHEMA)
    dated = top.text("dated")
    sources = read_sources(top)
    sites = top.words("sites", optional=False)
    found: dict[str, Protocol] = {}
    for part in top.items("protocols"):
        if part.is_object():
            made = _protocol(part, sources, sites, library)
            if made.id in found:
                part.note("duplicate", at="id", value=made.id)
            found[made.id] = made
    top.done()
    top.finish()
    return Protocols(digest(text), dated, sites, found, sources)


def _protocol(
    part: Reader, sources: Mapping[str, Cited], sites: tuple[str, ...], library: Library | None
) -> Protocol:
    asked = tuple(_asked(below, library) for below in part.items("endpoints", optional=True))
    known = tuple(each.id for each in asked if each.decides)
    made = Protocol(
        id=part.text("id"),
        names=_texts(part, "names"),
        sites=_sites(part, sites, library),
        rule=part.choice("rule", RULES, "difference"),
        least_age=part.whole("least_age", 18, least=18, most=120),
        asked=asked,
        thresholds=tuple(
            _threshold(below, sources, known) for below in part.items("thresholds", optional=True)
        ),
        estimate_chance=part.number("estimate_chance", 0.05, most=1.0),
        source=source_of(part, sources),
    )
    if made.rule == "difference" and not made.thresholds:
        part.note("missing", at="thresholds")
    part.text("notes", "")
    part.done()
    return made


def _texts(part: Reader, key: str) -> dict[str, str]:
    below = part.inside(key)
    if below is None or not isinstance(below.value, dict):
        part.note("missing", at=key)
        return {}
    return {str(name): below.text(str(name)) for name in below.value}


def _sites(
    part: Reader, sites: tuple[str, ...], library: Library | None
) -> dict[str, dict[str, str | bool]]:
    found: dict[str, dict[str, str | bool]] = {}
    for below in part.items("sites"):
        if not below.is_object():
            continue
        name = below.choice("id", sites) if sites else below.text("id")
        found[name] = _words(below, "means", library)
        below.done()
    return found


def _words(below: Reader, key: str, library: Library | None) -> dict[str, str | bool]:
    """Covariates and what they must be or are: words, yes or no."""
    inside = below.inside(key)
    if inside is None or not isinstance(inside.value, dict):
        return {}
    found: dict[str, str | bool] = {}
    for name, value in inside.value.items():
        covariate = str(name)
        is_yes = isinstance(value, bool)
        found[covariate] = inside.yes(covariate) if is_yes else inside.text(covariate)
        if library is None:
            continue
        asked = library.covariates.get(covariate)
        if asked is None:
            inside.note("choice", value=name, among=", ".join(library.covariates))
        elif not asked.accepts(value):
            among = ", ".join(asked.choices) or "true, false"
            inside.note("choice", at=covariate, value=value, among=among)
    return found


def _asked(part: Reader, library: Library | None) -> Asked:
    if not part.is_object():
        return Asked("", (), decides=False)
    models = []
    for below in part.items("models"):
        if not below.is_object():
            continue
        name = below.text("model")
        if library is not None and name not in library.models:
            below.note("choice", at="model", value=name, among=", ".join(library.models))
        models.append((tuple(_words(below, "where", library).items()), name))
        below.done()
    made = Asked(part.text("id"), tuple(models), decides=not part.yes("shown_only"))
    part.done()
    if library is not None and not _covers(made, library):
        part.note("missing", at="models")
    return made


def _covers(asked: Asked, library: Library) -> bool:
    """Whether every patient gets a model."""
    keys = dict.fromkeys(k for where, _ in asked.models for k, _ in where)
    words = []
    for key in keys:
        known = library.covariates.get(key)
        if known is None:
            return True  # noted already
        words.append([(key, word) for word in known.choices or (True, False)])
    return all(
        any(all(dict(picked)[k] == w for k, w in where) for where, _ in asked.models)
        for picked in itertools.product(*words)
    )


def _threshold(part: Reader, sources: Mapping[str, Cited], known: tuple[str, ...]) -> Threshold:
    of = part.words("of", optional=False) if part.is_object() else ()
    for name in of:
        if name not in known:
            part.note("choice", at="of", value=name, among=", ".join(known))
    made = Threshold(
        part.text("id"),
        part.choice("kind", KINDS),
        of,
        part.number("points", most=100.0),
        source_of(part, sources),
    )
    part.done()
    return made
