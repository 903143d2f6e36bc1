"""What cohort models and trees have alike: settings, parameters, tables."""

from __future__ import annotations

import math
import re
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from ruamel.yaml.comments import CommentedMap

from sapar.hta.engine.model.model import (
    DISCOUNTING,
    MARKS,
    WITHIN_CYCLE,
    Parameter,
    Settings,
    Strategy,
    Table,
)
from sapar.hta.engine.model.unit import CURRENCIES
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.distributions import law_of

if TYPE_CHECKING:
    from sapar.hta.engine.model.model import Expression
    from sapar.hta.engine.model.reader import Reader
    from sapar.hta.engine.model.yaml import Place

MOST_CYCLES = 20_000
YEARS = {"year": 1.0, "month": 1 / 12, "week": 7 / 365.25, "day": 1 / 365.25}


def settings(r: Reader, place: Place, needed: tuple[str, ...]) -> Settings:
    """How a model is counted; `needed` are the keys that it must have."""
    keys = (
        "cycles", "cycle", "start_age", "within_cycle", "discounting", "discount", "currency",
        "price_year", "perspective",
    )  # fmt: skip
    r.mapping(place, keys, needed)
    cycles = r.part(place, "cycles")
    currency = r.part(place, "currency")
    if currency is not None and currency.value not in CURRENCIES:
        r.note("unit", currency, currency.value, known="KZT, KGS, UZS, USD, EUR …")
    age = r.part(place, "start_age")
    year = r.part(place, "price_year")
    return Settings(
        cycles=1 if cycles is None else r.whole(cycles, 1, MOST_CYCLES),
        cycle_years=_cycle(r, place),
        start_age=0.0 if age is None else r.number(age, 0, 120),
        within_cycle=r.choice(place, "within_cycle", WITHIN_CYCLE, "half-cycle"),
        discounting=r.choice(place, "discounting", DISCOUNTING, "discrete"),
        discount=_discount(r, place),
        currency=r.text(place, "currency"),
        price_year=None if year is None else r.whole(year, 1950, 2200),
        perspective=r.text(place, "perspective"),
    )


def _cycle(r: Reader, place: Place) -> float:
    found = re.fullmatch(r"(\d+\.?\d*)\s+(year|month|week|day)s?", r.text(place, "cycle", "1 year"))
    if found is None or float(found[1]) <= 0:
        r.note("cycle", place.at("cycle"), place.value["cycle"])
        return 1.0
    return float(found[1]) * YEARS[found[2]]


def _discount(r: Reader, place: Place) -> dict[str, tuple[tuple[float, float], ...]]:
    """Rates by name: a number, or a mapping from the year from which each counts."""
    rates: dict[str, tuple[tuple[float, float], ...]] = {
        "costs": ((0.0, 0.0),),
        "effects": ((0.0, 0.0),),
    }
    inside = r.part(place, "discount")
    if inside is None or not r.mapping(inside, None):
        return rates
    for key, rate in inside.items():
        if not isinstance(rate.value, CommentedMap):
            rates[key] = ((0.0, r.number(rate, 0, 1)),)
            continue
        steps = []
        for since, each in rate.items():
            if re.fullmatch(r"\d{1,3}(\.\d{1,6})?", since) is None:
                r.note("number", each, since[:40])
                continue
            steps.append((float(since), r.number(each, 0, 1)))
        if not steps or steps[0][0] != 0 or steps != sorted(steps):
            r.note("steps", rate, ", ".join(f"{since:g}" for since, _ in steps))
            steps = [(0.0, 0.0)]
        rates[key] = tuple(steps)
    return rates


def parameters(
    r: Reader, place: Place | None, strategies: tuple[Strategy, ...]
) -> dict[str, Parameter]:
    """The inputs by name."""
    found: dict[str, Parameter] = {}
    if place is None or not r.mapping(place, None):
        return found
    known = (
        "value", "by_strategy", "unit", "distribution", "label", "source", "date", "mark",
    )  # fmt: skip
    names = [each.name for each in strategies]
    for name, inside in place.items():
        r.name(inside, name)
        if not isinstance(inside.value, CommentedMap):
            # The short form: a name and its value.
            found[name] = Parameter(
                name,
                {"": r.expression(inside)},
                "",
                None,
                "",
                "",
                None,
                "unverified",
                inside.where,
            )
            continue
        r.mapping(inside, known)
        one, each = r.part(inside, "value"), r.part(inside, "by_strategy")
        if (one is None) == (each is None):
            r.note("one_value", inside, name)
        values = {"": r.expression(one)} if one is not None else r.by_name(each)
        if each is not None and one is None:
            for missing in [n for n in names if n not in values]:
                r.note("strategy_missing", each, missing)
            for key in [k for k in values if k not in names]:
                r.note("strategy", each.at(key), key, known=", ".join(names))
        drawn = r.part(inside, "distribution")
        if drawn is not None and each is not None:
            r.note("drawn_once", drawn, drawn.value)
        found[name] = Parameter(
            name=name,
            values=values,
            unit=r.text(inside, "unit"),
            distribution=None if drawn is None else _law(r, drawn),
            label=r.text(inside, "label", name),
            source=r.text(inside, "source").strip(),
            read=read_date(r, r.part(inside, "date")),
            mark=r.choice(inside, "mark", MARKS, "unverified"),
            where=inside.where,
        )
    return found


def read_date(r: Reader, place: Place | None) -> date | None:
    """When a source was read, as 2027-03-01."""
    if place is None:
        return None
    try:
        return date.fromisoformat(str(place.value))
    except ValueError:
        r.note("date", place, place.value)
        return None


def _law(r: Reader, place: Place) -> Expression:
    """A distribution that can be drawn: what cannot is named here, before anything runs."""
    before = len(r.problems)
    found = r.expression(place)
    try:
        if len(r.problems) == before:
            law_of(found)
    except BadModelError as error:
        r.problems.extend(error.problems)
    return found


def tables(r: Reader, place: Place | None) -> dict[str, Table]:
    """The tables by name."""
    found: dict[str, Table] = {}
    if place is None or not r.mapping(place, None):
        return found
    for name, inside in place.items():
        r.name(inside, name)
        if not r.mapping(
            inside, ("rows", "until", "unit", "label", "source", "date", "mark"), ("rows",)
        ):
            continue
        keys: list[float] = []
        values: list[float] = []
        rows = inside.at("rows")
        if not r.mapping(rows, None):
            continue
        for key, each in rows.items():
            if re.fullmatch(r"-?\d+(\.\d+)?", key) is None:
                r.note("number", each, key)
                continue
            if keys and float(key) <= keys[-1]:
                r.note("order", each, key, before=f"{keys[-1]:g}")
            keys.append(float(key))
            values.append(r.number(each, -1e15, 1e15))
        if not keys:
            r.note("empty", rows, name)
            continue
        _gaps(r, rows, keys)
        until = r.part(inside, "until")
        last = math.inf if until is None else r.number(until, keys[-1], 1e9)
        unit = r.text(inside, "unit", "1")
        found[name] = Table(
            name,
            tuple(keys),
            tuple(values),
            last,
            unit,
            inside.where,
            label=r.text(inside, "label", name),
            source=r.text(inside, "source").strip(),
            read=read_date(r, r.part(inside, "date")),
            mark=r.choice(inside, "mark", MARKS, "unverified"),
        )
    return found


def _gaps(r: Reader, rows: Place, keys: list[float]) -> None:
    """A table that goes on evenly and leaves a row out was meant to have it."""
    steps = [after - before for before, after in pairwise(keys)]
    usual = min(steps, default=0.0)
    wide = [k for k, step in enumerate(steps) if step > usual + 1e-9]
    if len(steps) >= 5 and 0 < len(wide) <= len(steps) // 5:
        for k in wide:
            r.note("gap", rows, f"{keys[k]:g}", after=f"{keys[k + 1]:g}")
