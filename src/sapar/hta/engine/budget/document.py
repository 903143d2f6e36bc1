"""The section `budget` of a model, once it was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sapar.hta.engine.model.dated import Dated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.hta.engine.model.model import Expression


@dataclass(frozen=True, slots=True)
class ByYear:
    """Values by calendar year; each counts until the next one.

    Attributes:
        steps: pairs of a year and an expression, ascending; the first counts before it, too.
        rest: no value of its own: what the others leave of 1.
    """

    steps: tuple[tuple[int, Expression], ...]
    rest: bool = False

    def at(self, year: int) -> Expression:
        """The expression of a year."""
        before = [each for since, each in self.steps if since <= year]
        return before[-1] if before else self.steps[0][1]


@dataclass(frozen=True, slots=True)
class Once:
    """Money paid once with the new technology, in the model's prices."""

    label: str
    cost: Expression
    year: int
    payer: str


@dataclass(frozen=True, slots=True)
class Return:
    """A managed entry: money that comes back; see `plan.Rebate`."""

    label: str
    strategy: str
    payer: str
    amount: Expression
    chance: Expression | None
    after: int


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays: a share of a reward."""

    label: str
    reward: str
    share: Expression | None


@dataclass(frozen=True, slots=True)
class Stated:
    """A budget that somebody stated.

    Attributes:
        payer: whose.
        amount: by year.
        measure: `difference`: money for what is new; `with`: for all treatment of these people.
        dated: who stated it, and when.
    """

    payer: str
    amount: ByYear
    measure: str
    dated: Dated = field(default_factory=Dated)


@dataclass(frozen=True, slots=True)
class Prices:
    """How prices go on.

    Attributes:
        year: of the model's prices.
        growth: yearly growth by calendar year, 0.08 for 8 %; none: prices stay.
        dated: where the growth comes from.
    """

    year: int
    growth: ByYear | None
    dated: Dated = field(default_factory=Dated)


@dataclass(frozen=True, slots=True)
class Budget:
    """Who pays what in which year.

    Attributes:
        first_year, years: the payer's own years.
        incident: people who become eligible in each year; `prevalent` those who are already there
            and enter evenly over the first `prevalent_years`.
        eligible: share of both, by year, or None for all.
        without, uptake: the mix of strategies without and with the new technology.
        capacity: starts that are possible, by strategy and year.
        above: `wait`, or the strategy that whoever is above the capacity gets.
        payers: by name.
        entry: `begin` or `middle` of the year.
        waiting_cost: of a person for a year of waiting; who pays it.
    """

    first_year: int
    years: int
    incident: ByYear | None
    prevalent: Expression | None
    prevalent_years: int
    eligible: ByYear | None
    without: Mapping[str, ByYear]
    uptake: Mapping[str, ByYear]
    capacity: Mapping[str, ByYear]
    above: str
    payers: Mapping[str, Payer]
    entry: str
    prices: Prices | None
    once: tuple[Once, ...] = field(default=())
    returns: tuple[Return, ...] = field(default=())
    waiting_cost: Expression | None = None
    waiting_payer: str = ""
    stated: Stated | None = None
