"""The section `budget`: who starts what in which year, and who pays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ruamel.yaml.comments import CommentedMap

from sapar.hta.engine.budget.document import (
    Budget,
    ByYear,
    Once,
    Payer,
    Prices,
    Return,
    Stated,
)
from sapar.hta.engine.expressions.parse import Number
from sapar.hta.engine.model.dated import KEYS as DATED
from sapar.hta.engine.model.dated import read_dated
from sapar.hta.engine.model.limits import SHARE, constant, limited
from sapar.hta.engine.model.model import Expression, Use
from sapar.hta.engine.model.section import Found
from sapar.hta.engine.model.unit import CURRENCIES

if TYPE_CHECKING:
    from sapar.hta.engine.model.reader import Reader
    from sapar.hta.engine.model.section import Known
    from sapar.hta.engine.model.yaml import Place

KEYS = (
    "label", "first_year", "years", "population", "without", "with", "capacity", "above", "payers",
    "entry", "prices", "once", "rebates", "waiting", "stated",
)  # fmt: skip
MOST_YEARS = 40
_ZERO = Expression("0", Number(0.0), "")


@dataclass(slots=True)
class _Section:
    """Reads the section; every expression is kept with the unit that it should have."""

    r: Reader
    known: Known
    money: str
    first: int = 0
    last: int = 0
    payers: tuple[str, ...] = ("payer",)
    uses: list[Use] = field(default_factory=list)

    def expression(self, place: Place, wants: str = "") -> Expression:
        """An expression of the model's inputs."""
        found = self.r.expression(place)
        self.uses.append(Use(found, wants, steady=True))
        return found

    def optional(self, place: Place, key: str, wants: str = "") -> Expression | None:
        """An expression that may be missing."""
        inside = self.r.part(place, key)
        return None if inside is None else self.expression(inside, wants)

    def by_year(self, place: Place, wants: str = "", *, rest: bool = False) -> ByYear:
        """One value for all years, or by the year from which each counts."""
        if rest and place.value == "rest":
            return ByYear((), rest=True)
        if not isinstance(place.value, CommentedMap):
            return ByYear(((0, self.expression(place, wants)),))
        steps: list[tuple[int, Expression]] = []
        for key, each in place.items():
            if not key.isdecimal() or not 1900 <= int(key) <= self.last:
                self.r.note("budget_year", each, key, first=str(self.first), last=str(self.last))
                continue
            steps.append((int(key), self.expression(each, wants)))
        if not steps or steps != sorted(steps, key=lambda each: each[0]):
            self.r.note("budget_order", place)
            return ByYear(((0, _ZERO),))
        return ByYear(tuple(steps))

    def optional_by_year(self, place: Place, key: str, wants: str = "") -> ByYear | None:
        """Values by year that may be missing."""
        inside = self.r.part(place, key)
        return None if inside is None else self.by_year(inside, wants)

    def whole(self, place: Place, key: str, default: int, between: tuple[int, int]) -> int:
        """A whole number that may be missing."""
        inside = self.r.part(place, key)
        return default if inside is None else self.r.whole(inside, *between)

    def payer(self, place: Place) -> str:
        """Who pays: the first payer where none is named."""
        return self.r.choice(place, "payer", self.payers, self.payers[0])

    def mix(self, place: Place | None) -> dict[str, ByYear]:
        """Uptake by strategy; one of them may be the rest."""
        if place is None or not self.r.mapping(place, self.known.strategies):
            return {}
        found = {
            key: self.by_year(each, rest=True)
            for key, each in place.items()
            if key in self.known.strategies
        }
        rests = [key for key, each in found.items() if each.rest]
        if len(rests) > 1:
            self.r.note("rest", place, ", ".join(rests))
        return found


def read_budget(r: Reader, place: Place, known: Known) -> Found:
    """Read who starts what in which year, and who pays.

    Returns:
        A `budget.document.Budget`.
    """
    currency = known.settings.currency
    s = _Section(r, known, currency if currency in CURRENCIES else "")
    needed = ("first_year", "years", "population", "without", "with")
    if not r.mapping(place, KEYS, needed):
        return Found(None)
    s.first = r.whole(place.at("first_year"), 1950, 2200)
    years = r.whole(place.at("years"), 1, MOST_YEARS)
    s.last = s.first + years - 1
    payers = _payers(s, r.part(place, "payers"))
    s.payers = tuple(payers)
    people, waiting = place.at("population"), r.part(place, "waiting")
    r.mapping(people, ("incident", "prevalent", "prevalent_years", "eligible"))
    if waiting is not None:
        r.mapping(waiting, ("cost", "payer"), ("cost",))
    capacity, above = _capacity(s, place)
    found = Budget(
        first_year=s.first,
        years=years,
        incident=s.optional_by_year(people, "incident"),
        prevalent=s.optional(people, "prevalent"),
        prevalent_years=s.whole(people, "prevalent_years", 1, (1, years)),
        eligible=s.optional_by_year(people, "eligible", "1"),
        without=s.mix(place.at("without")),
        uptake=s.mix(place.at("with")),
        capacity=capacity,
        above=above,
        payers=payers,
        entry=r.choice(place, "entry", ("begin", "middle"), "begin"),
        prices=_prices(s, r.part(place, "prices")),
        once=_once(s, r.part(place, "once")),
        returns=_returns(s, r.part(place, "rebates")),
        waiting_cost=None if waiting is None else s.optional(waiting, "cost"),
        waiting_payer=s.payers[0] if waiting is None else s.payer(waiting),
        stated=_stated(s, r.part(place, "stated")),
    )
    return Found(found, uses=tuple(s.uses))


def _capacity(s: _Section, place: Place) -> tuple[dict[str, ByYear], str]:
    """Limits by strategy, and what happens above them."""
    r, strategies = s.r, s.known.strategies
    inside = r.part(place, "capacity")
    found: dict[str, ByYear] = {}
    if inside is not None and r.mapping(inside, strategies):
        found = {key: s.by_year(each) for key, each in inside.items() if key in strategies}
    above = r.choice(place, "above", ("wait", *strategies), "wait")
    if above in found:
        r.note("budget_above", place.at("above"), above)
    return found, above


def _payers(s: _Section, place: Place | None) -> dict[str, Payer]:
    r, rewards = s.r, s.known.rewards
    if place is None or not r.mapping(place, None):
        return {"payer": Payer("", "", None)}
    found = {}
    for name, inside in place.items():
        r.mapping(inside, ("label", "reward", "share"))
        reward = r.choice(inside, "reward", rewards, rewards[0]) if rewards else ""
        label = r.text(inside, "label", name)
        share = s.optional(inside, "share", "1")
        if share is not None:
            limited(r, inside.at("share"), share, SHARE, "share")
        found[name] = Payer(label, reward, share)
    if not found:
        r.note("empty", place, "payers")
        return {"payer": Payer("", "", None)}
    _whole(r, place, found)
    return found


def _whole(r: Reader, place: Place, payers: dict[str, Payer]) -> None:
    """Note plain shares of one reward that do not have the sum 1; whoever has none pays it all."""
    for reward in dict.fromkeys(each.reward for each in payers.values()):
        shares = [
            1.0 if each.share is None else constant(each.share.node)
            for each in payers.values()
            if each.reward == reward
        ]
        known = [each for each in shares if each is not None]
        if len(known) == len(shares) and not abs(sum(known) - 1) <= 1e-9:
            r.note("budget_shares", place, f"{sum(known):.6g}")


def _prices(s: _Section, place: Place | None) -> Prices | None:
    if place is None or not s.r.mapping(place, ("year", "growth", *DATED), ("year",)):
        return None
    year = s.r.whole(place.at("year"), 1950, s.last)
    return Prices(year, s.optional_by_year(place, "growth", "1"), dated=read_dated(s.r, place))


def _once(s: _Section, place: Place | None) -> tuple[Once, ...]:
    found: list[Once] = []
    if place is None or not s.r.mapping(place, None):
        return ()
    for name, inside in place.items():
        if s.r.mapping(inside, ("label", "cost", "year", "payer"), ("cost",)):
            found.append(
                Once(
                    label=s.r.text(inside, "label", name),
                    cost=s.expression(inside.at("cost"), s.money),
                    year=s.whole(inside, "year", s.first, (s.first, s.last)),
                    payer=s.payer(inside),
                )
            )
    return tuple(found)


def _returns(s: _Section, place: Place | None) -> tuple[Return, ...]:
    found: list[Return] = []
    if place is None or not s.r.mapping(place, None):
        return ()
    keys = ("label", "strategy", "payer", "amount", "chance", "after")
    for name, inside in place.items():
        if s.r.mapping(inside, keys, ("strategy", "amount")):
            strategies = s.known.strategies or ("",)
            found.append(
                Return(
                    label=s.r.text(inside, "label", name),
                    strategy=s.r.choice(inside, "strategy", strategies, strategies[0]),
                    payer=s.payer(inside),
                    amount=s.expression(inside.at("amount"), s.money),
                    chance=s.optional(inside, "chance", "1"),
                    after=s.whole(inside, "after", 0, (0, MOST_YEARS)),
                )
            )
    return tuple(found)


def _stated(s: _Section, place: Place | None) -> Stated | None:
    keys = ("payer", "amount", "measure", *DATED)
    if place is None or not s.r.mapping(place, keys, ("amount",)):
        return None
    return Stated(
        payer=s.payer(place),
        amount=s.by_year(place.at("amount")),
        measure=s.r.choice(place, "measure", ("difference", "with"), "difference"),
        dated=read_dated(s.r, place),
    )
