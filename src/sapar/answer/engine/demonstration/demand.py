"""The parameters of the demonstration: what data/demand says, checked and frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sapar.values.marks import Mark, Source

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Origin:
    """A referring organisation: its country, its share of that country, and who lives there.

    Attributes:
        city: by script ("Cyrl", "Latn").
        peoples: codes of name lists by weight.
        phone: the beginning of made-up telephone numbers, in international form.
    """

    source: Source
    organisation: str
    country: str
    share: float
    city: Mapping[str, str]
    peoples: Mapping[str, float]
    phone: str


@dataclass(frozen=True, slots=True)
class ProgrammeDemand:
    """What is asked of one programme.

    Attributes:
        weight: its share of all referrals.
        basis: the figure that divides it between countries: "cancers", "births", "population".
        children: the share of patients below 18.
        ages: youngest and oldest adult, in years.
        urgency, indications, child_indications: weights by code.
        surgery: the share of patients who were operated on before.
    """

    source: Source
    programme: str
    weight: float
    basis: str
    children: float
    ages: tuple[int, int]
    urgency: Mapping[str, float]
    indications: Mapping[str, float]
    child_indications: Mapping[str, float]
    surgery: float


@dataclass(frozen=True, slots=True)
class People:
    """Lists of common names of one language; people are put together from them by chance."""

    source: Source
    code: str
    language: str
    script: str
    families: tuple[str, ...]
    women: tuple[str, ...]
    men: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Examples of what people write; see data/demand/words.yaml."""

    source: Source
    questions: Mapping[str, str]
    coordinator: tuple[str, ...]
    referrer: tuple[str, ...]
    decisions: Mapping[str, str]
    glass: str
    procedures: Mapping[str, str]
    stages: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Demand:
    """All parameters.

    Attributes:
        figures: basis to country to figure.
        travel: how often a patient of a country is referred here, compared with the others.
        anaesthesia: (up to this age, share of children who need it), in order of age.
        one_sex: indications that only one sex has.
        ends: how many cases end in which state, by weight.
        shares: shares of cases with something besides.
        sources: every source that was read, for the docs and the tests.
    """

    figures: Mapping[str, Mapping[str, float]]
    travel: Mapping[str, float]
    origins: tuple[Origin, ...]
    programmes: tuple[ProgrammeDemand, ...]
    anaesthesia: tuple[tuple[int, float], ...]
    one_sex: Mapping[str, str]
    ends: Mapping[str, float]
    shares: Mapping[str, float]
    peoples: Mapping[str, People]
    words: Words
    sources: tuple[Source, ...]


def _source(raw: Mapping[str, Any]) -> Source:
    dated = raw.get("dated")
    return Source(
        title=str(raw["title"]),
        dated=dated if isinstance(dated, date) else None,
        mark=Mark(raw["mark"]),
        who_can_tell=str(raw.get("who_can_tell", "")),
    )


def _weights(raw: Mapping[str, Any]) -> dict[str, float]:
    return {str(name): float(weight) for name, weight in raw.items()}


def _words(raw: Mapping[str, Any]) -> Words:
    return Words(
        source=_source(raw["source"]),
        questions=dict(raw["questions"]),
        coordinator=tuple(raw["coordinator"]),
        referrer=tuple(raw["referrer"]),
        decisions=dict(raw["decisions"]),
        glass=str(raw["glass"]),
        procedures=dict(raw["procedures"]),
        stages=dict(raw["stages"]),
    )


def _programme(raw: Mapping[str, Any]) -> ProgrammeDemand:
    youngest, oldest = raw["ages"]
    return ProgrammeDemand(
        source=_source(raw["source"]),
        programme=str(raw["programme"]),
        weight=float(raw["weight"]),
        basis=str(raw["basis"]),
        children=float(raw["children"]),
        ages=(int(youngest), int(oldest)),
        urgency=_weights(raw["urgency"]),
        indications=_weights(raw["indications"]),
        child_indications=_weights(raw["child_indications"]),
        surgery=float(raw["surgery"]),
    )


def _origin(raw: Mapping[str, Any]) -> Origin:
    return Origin(
        source=_source(raw["source"]),
        organisation=str(raw["organisation"]),
        country=str(raw["country"]),
        share=float(raw["share"]),
        city=dict(raw["city"]),
        peoples=_weights(raw["peoples"]),
        phone=str(raw["phone"]),
    )


def _people(raw: Mapping[str, Any]) -> People:
    return People(
        source=_source(raw["source"]),
        code=str(raw["code"]),
        language=str(raw["language"]),
        script=str(raw["script"]),
        families=tuple(raw["families"]),
        women=tuple(raw["women"]),
        men=tuple(raw["men"]),
    )


def _sources(raw: object) -> list[Source]:
    if isinstance(raw, dict):
        own = [_source(raw["source"])] if isinstance(raw.get("source"), dict) else []
        return own + [s for name, part in raw.items() if name != "sources" for s in _sources(part)]
    return [s for part in raw for s in _sources(part)] if isinstance(raw, list) else []


def demand(raw: Mapping[str, Any]) -> Demand:
    """The parameters from the plain content of all files of data/demand, merged.

    Raises:
        KeyError, ValueError: a part is missing or is no number.
    """
    one_sex = {
        str(indication): sex for sex in ("female", "male") for indication in raw["sexes"][sex]
    }
    return Demand(
        figures={str(f["basis"]): _weights(f["values"]) for f in raw["figures"]},
        travel=_weights(raw["travel"]["weights"]),
        origins=tuple(_origin(entry) for entry in raw["origins"]),
        programmes=tuple(_programme(entry) for entry in raw["programmes"]),
        anaesthesia=tuple((int(age), float(p)) for age, p in raw["anaesthesia"]["steps"]),
        one_sex=one_sex,
        ends=_weights(raw["ends"]["weights"]),
        shares=_weights({k: v for k, v in raw["shares"].items() if k != "source"}),
        peoples={str(entry["code"]): _people(entry) for entry in raw["peoples"]},
        words=_words(raw["words"]),
        sources=tuple(dict.fromkeys(_sources(dict(raw)))),
    )
