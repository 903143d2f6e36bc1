"""The section `studies`: what might be observed, of whom, at what cost."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from sapar.hta.engine.model.section import Found
from sapar.hta.engine.uncertainty.studies import EVENTS, LOG_MEAN, MEAN, ROW, RULES, Observed, Study

if TYPE_CHECKING:
    from sapar.hta.engine.model.reader import Reader
    from sapar.hta.engine.model.section import Known
    from sapar.hta.engine.model.yaml import Place

MOST_PEOPLE = 10_000_000
MOST_SIZES = 50


def _number(
    r: Reader, place: Place | None, key: str, default: float, ends: tuple[float, float]
) -> float:
    inside = None if place is None else r.part(place, key)
    return default if inside is None else r.number(inside, *ends)


def _observed(r: Reader, place: Place, known: Known) -> tuple[Observed, ...]:
    found: list[Observed] = []
    if not r.mapping(place, None):
        return ()
    for name, inside in place.items():
        if not r.mapping(inside, ("rule", "share", "sd", "time"), ("rule",)):
            continue
        rule = r.choice(inside, "rule", RULES, MEAN)
        if rule != ROW and name not in known.parameters:
            r.note("joint_unknown", inside, name)
        # What an observation scatters by, or how long it takes, belongs to its rule.
        needs = {MEAN: "sd", LOG_MEAN: "sd", EVENTS: "time"}.get(rule)
        if needs is not None and r.part(inside, needs) is None:
            r.note("missing", inside, needs)
        found.append(
            Observed(
                name,
                rule,
                share=_number(r, inside, "share", 1.0, (1e-6, 1.0)),
                sd=_number(r, inside, "sd", 1.0, (1e-12, 1e12)),
                time=_number(r, inside, "time", 1.0, (1e-9, 1e6)),
            )
        )
    if not found:
        r.note("empty", place, place.path)
    return tuple(found)


def _sizes(r: Reader, place: Place | None) -> tuple[int, ...]:
    if place is None:
        return Study("", "", ()).sizes
    if not isinstance(place.value, CommentedSeq) or not 1 <= len(place.value) <= MOST_SIZES:
        r.note("study_sizes", place, place.value, most=MOST_SIZES)
        return ()
    found = [r.whole(place.at(k), 1, MOST_PEOPLE) for k in range(len(place.value))]
    if found != sorted(set(found)):
        r.note("study_sizes", place, place.value, most=MOST_SIZES)
    return tuple(found)


def _incidence(r: Reader, place: Place | None) -> dict[float, float]:
    """People a year: a number, or a mapping from the year from which each counts."""
    inside = None if place is None else r.part(place, "incidence")
    if inside is None:
        return {}
    if not isinstance(inside.value, CommentedMap):
        return {0.0: r.number(inside, 0, 1e9)}
    found = {}
    for year, each in inside.items():
        if re.fullmatch(r"\d+(\.\d+)?", year) is None:
            r.note("number", each, year)
            continue
        found[float(year)] = r.number(each, 0, 1e9)
    if list(found) != sorted(found) or 0.0 not in found:
        r.note("steps", inside, ", ".join(f"{year:g}" for year in found))
    return found


def read_studies(r: Reader, place: Place, known: Known) -> Found:
    """Read the studies.

    Args:
        r: notes mistakes.
        place: the section.
        known: what it may name.

    Returns:
        `Study` by name.
    """
    found: dict[str, Study] = {}
    if not r.mapping(place, None):
        return Found({})
    keys = ("label", "observes", "sizes", "cost", "time", "population")
    for name, inside in place.items():
        if not r.mapping(inside, keys, ("observes",)):
            continue
        cost, time = r.part(inside, "cost"), r.part(inside, "time")
        people = r.part(inside, "population")
        for part, names in (
            (cost, ("fixed", "person")),
            (time, ("start", "recruited", "follow_up")),
            (people, ("incidence", "horizon", "discount")),
        ):
            if part is not None:
                r.mapping(part, names)
        found[name] = Study(
            name=name,
            label=r.text(inside, "label", name),
            observed=_observed(r, inside.at("observes"), known),
            sizes=_sizes(r, r.part(inside, "sizes")),
            fixed=_number(r, cost, "fixed", 0.0, (0, 1e15)),
            per_person=_number(r, cost, "person", 0.0, (0, 1e12)),
            start=_number(r, time, "start", 0.0, (0, 100)),
            recruited=_number(r, time, "recruited", math.inf, (1e-3, 1e9)),
            follow_up=_number(r, time, "follow_up", 0.0, (0, 100)),
            incidence=_incidence(r, people),
            horizon=_number(r, people, "horizon", 10.0, (0, 200)),
            discount=_number(r, people, "discount", 0.0, (0, 1)),
            where=inside.where,
        )
    return Found(found)
