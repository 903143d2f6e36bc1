"""Curves of a model: laws whose arguments are expressions, for every strategy and draw at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.survival.combined import LifeTable, PiecewiseExponential
from sapar.hta.engine.survival.forms import FORMS
from sapar.hta.engine.survival.law import outside
from sapar.hta.engine.survival.spline import Spline
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from numpy.typing import NDArray

    from sapar.hta.engine.cohort.worth import Worth
    from sapar.hta.engine.model.model import Expression
    from sapar.hta.engine.survival.law import Law

    Numbers = NDArray[np.float64]

CALLS = {"survival": (1, 1), "hazard": (1, 1), "event": (1, 2)}
"""What expressions call with a curve's name first: the fewest and the most numbers that follow."""


@dataclass(frozen=True, slots=True)
class LawText:
    """A law as the document has it.

    Attributes:
        form: a key of `forms.FORMS`; "" where another curve is named.
        curve: that curve's name.
        laws: those inside it.
        arguments: by name.
        series: by name, in order.
        table: the life table's name.
        text: the whole law as it is written, for people.
    """

    form: str
    curve: str
    laws: tuple[LawText, ...]
    arguments: Mapping[str, Expression]
    series: Mapping[str, tuple[Expression, ...]]
    table: str
    where: str
    text: str

    def expressions(self) -> list[tuple[Expression, str]]:
        """Every expression in it with the unit that it should have."""
        found = []
        for name, each in self.arguments.items():
            known = FORMS[self.form].arguments
            found.append((each, known.get(name, "year or 1")))
        for name, many in self.series.items():
            found += [(each, FORMS[self.form].series[name][1]) for each in many]
        for inner in self.laws:
            found += inner.expressions()
        return found

    def named(self) -> set[str]:
        """The life table and the curve that it names itself."""
        return {self.table, self.curve} - {""}

    def curves(self) -> set[str]:
        """The other curves that it names."""
        found = {self.curve} if self.curve else set()
        return found.union(*(inner.curves() for inner in self.laws))


@dataclass(frozen=True, slots=True)
class Curve:
    """A named curve.

    Attributes:
        laws: by strategy; one under the empty name where all have the same.
        label, source, read, mark: as of a parameter.
    """

    name: str
    laws: Mapping[str, LawText]
    label: str
    source: str
    read: date | None
    mark: str
    where: str


@dataclass(frozen=True, slots=True)
class Worked:
    """A curve with its arguments worked out.

    Attributes:
        laws: one for all strategies, or one for each; arguments over (S or 1, K or 1, 1, 1).
        ends: for each law, the life tables in it with the age at time 0: beyond their end nothing
            is known.
    """

    curve: Curve
    laws: tuple[Law, ...]
    ends: tuple[tuple[tuple[LawText, Numbers, float], ...], ...]

    def of(self, what: str, *args: Any) -> Numbers:
        """A method of the laws at times over (S, K, T, U), axes of length 1 left out.

        Raises:
            BadModelError: a life table is asked beyond its end.
        """
        times = [_four(each) for each in args]
        self._look(np.asarray(sum(times)))
        if len(self.laws) == 1:
            return np.asarray(getattr(self.laws[0], what)(*times))
        parts = [
            getattr(law, what)(*(each if len(each) == 1 else each[s : s + 1] for each in times))
            for s, law in enumerate(self.laws)
        ]
        return np.concatenate(np.broadcast_arrays(*parts), axis=0)

    def _look(self, last: Numbers) -> None:
        for tables in self.ends:
            for text, age, until in tables:
                asked = float(np.max(age) + np.max(last))
                if asked > until + 1e-9:
                    problem = Problem.of(
                        "hta.run.outside",
                        where=text.where,
                        value=f"{asked:g}",
                        table=text.table,
                        least=f"{float(np.min(age)):g}",
                        until=f"{until:g}",
                    )
                    raise BadModelError((problem,))


def _four(value: Any) -> Numbers:
    found = np.asarray(value, dtype=np.float64)
    return found.reshape((1,) * (4 - found.ndim) + found.shape)


class _Maker:
    """Makes the laws of one curve for one strategy, or for all at once."""

    def __init__(self, worth: Worth, known: Mapping[str, Worked], strategy: int | None) -> None:
        self.worth, self.known, self.strategy = worth, known, strategy
        self.ends: list[tuple[LawText, Numbers, float]] = []

    def number(self, expression: Expression) -> Numbers:
        """An argument over (S or 1, K or 1, 1, 1)."""
        found = self.worth.of(expression)
        if self.strategy is not None and len(found) > 1:
            return found[self.strategy : self.strategy + 1]
        return found

    def law(self, text: LawText) -> Law:
        """A law.

        Raises:
            BadModelError: an argument outside its support, with its line and strategy.
        """
        if text.curve:
            worked = self.known[text.curve]
            number = 0 if len(worked.laws) == 1 else self.strategy or 0
            self.ends += worked.ends[number]
            return worked.laws[number]
        laws = [self.law(inner) for inner in text.laws]
        if text.table:
            laws.append(self.table(text))
        given = {n: self.number(e) for n, e in text.arguments.items()}
        if text.table:
            given.pop("age", None)
        many = {n: tuple(map(self.number, each)) for n, each in text.series.items()}
        made = FORMS[text.form].make(*laws, **given, **many)
        self.check(text, made)
        return made

    def table(self, text: LawText) -> LifeTable:
        """The life table that a law names."""
        table = self.worth.model.tables[text.table]
        age = np.full((1, 1, 1, 1), self.worth.model.settings.start_age)
        if "age" in text.arguments:
            age = self.number(text.arguments["age"])
        if float(np.min(age)) < table.keys[0] - 1e-9:
            raise self.wrong(text, "age", float(np.min(age)), age < table.keys[0] - 1e-9)
        self.ends.append((text, age, table.until))
        return LifeTable(np.array(table.keys), np.array(table.values), age)

    def check(self, text: LawText, law: Law) -> None:
        """Refuse arguments outside their support, pieces out of order, a spline that falls."""
        found = outside(law)
        if found is not None:
            name, wrong = found
            values = np.broadcast_to(getattr(law, name), wrong.shape)
            raise self.wrong(text, name, float(values[wrong][0]), wrong)
        ordered: tuple[Any, ...] = ()
        if isinstance(law, PiecewiseExponential):
            ordered = (np.zeros((1, 1, 1, 1)), *law.cuts)
            for k, rate in enumerate(law.rates):
                if np.any(rate < 0):
                    raise self.wrong(text, f"rate{k + 1}", float(np.min(rate)), rate < 0)
        if isinstance(law, Spline):
            ordered = law.knots
        for k in range(1, len(ordered)):
            late = np.asarray(ordered[k] <= ordered[k - 1])
            if late.any():
                name = f"knot{k + 1}" if isinstance(law, Spline) else f"until{k}"
                values = np.broadcast_to(ordered[k], late.shape)
                raise self.wrong(text, name, float(values[late][0]), late)
        if isinstance(law, Spline) and law.falls().any():
            raise self.wrong(text, "gamma", float("nan"), law.falls())

    def wrong(
        self, text: LawText, name: str, value: float, where: NDArray[np.bool_]
    ) -> BadModelError:
        """An argument that a law cannot have."""
        strategy = self.strategy
        if strategy is None:
            strategy = int(np.nonzero(_four(where))[0][0])
        return BadModelError(
            (
                Problem.of(
                    "hta.run.law_falls" if name == "gamma" else "hta.run.law_argument",
                    where=text.where,
                    value=text.form if name == "gamma" else f"{value:.6g}",
                    law=text.form,
                    name=name,
                    strategy=self.worth.model.strategies[strategy].name,
                ),
            )
        )


def work_out(worth: Worth, curves: Mapping[str, Curve]) -> dict[str, Worked]:
    """Every curve of a model, in the order of the document.

    Args:
        worth: parameters and named expressions that do not change with time.
        curves: by name; each names only earlier ones.

    Raises:
        BadModelError: an argument outside its support: with line, strategy and value.
    """
    found: dict[str, Worked] = {}
    number = len(worth.model.strategies)
    for name, curve in curves.items():
        single = "" in curve.laws
        named = curve.laws[""].curves() if single else set()
        if single and all(len(found[each].laws) == 1 for each in named):
            makers = [_Maker(worth, found, None)]
            laws = [makers[0].law(curve.laws[""])]
        else:
            makers = [_Maker(worth, found, s) for s in range(number)]
            laws = [
                makers[s].law(curve.laws[""] if single else curve.laws[strategy.name])
                for s, strategy in enumerate(worth.model.strategies)
            ]
        ends = tuple(tuple(maker.ends) for maker in makers)
        found[name] = Worked(curve, tuple(laws), ends)
    return found


def calls(worked: Mapping[str, Worked], cycle_years: float) -> dict[str, Callable[..., Numbers]]:
    """What expressions call, by function and curve with a blank between them."""
    found: dict[str, Callable[..., Numbers]] = {}
    for name, curve in worked.items():
        found[f"survival {name}"] = lambda t, curve=curve: curve.of("survival", t)
        found[f"hazard {name}"] = lambda t, curve=curve: curve.of("hazard", t)
        found[f"event {name}"] = lambda t, length=cycle_years, curve=curve: curve.of(
            "event", t, length
        )
    return found
