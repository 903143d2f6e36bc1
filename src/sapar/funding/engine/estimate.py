"""What it will cost: the parts of a course by tariff, from and to, and who pays which part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.values.marks import Mark

if TYPE_CHECKING:
    from sapar.network.engine.snapshot import Snapshot, Tariff
    from sapar.values.marks import Source
    from sapar.values.money import Money

COVERED_BY = {
    "lodging-day": "lodging",
    "companion-day": "companion",
    "rehabilitation-day": "rehabilitation",
    "travel": "travel",
}
"""Tariff items that belong to another part of an agreement's cover than "treatment"."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the price.

    Attributes:
        item: tariff item.
        unit: "course", "day", "session" or "once".
        units: how many, from and to.
        each: price of one unit.
        low, high: `each` times the units.
        covered: whether the payer pays this part.
        source: of the tariff.
    """

    item: str
    unit: str
    units: tuple[int, int]
    each: Money
    low: Money
    high: Money
    covered: bool
    source: Source


@dataclass(frozen=True, slots=True)
class Estimate:
    """All parts, and their sums by currency: total from and to, and what the family pays."""

    parts: tuple[Part, ...]
    totals: tuple[tuple[Money, Money], ...]
    family: tuple[tuple[Money, Money], ...]
    undecided: tuple[str, ...]
    """Items whose tariff is unverified and does not count."""


def _sums(parts: list[Part]) -> tuple[tuple[Money, Money], ...]:
    by_currency: dict[str, tuple[Money, Money]] = {}
    for part in parts:
        low, high = by_currency.get(part.each.currency, (part.low * 0, part.high * 0))
        by_currency[part.each.currency] = (low + part.low, high + part.high)
    return tuple(by_currency[c] for c in sorted(by_currency))


def _units(
    tariff: Tariff, stay: tuple[int, int] | None, companions: int, *, rehabilitation: bool
) -> tuple[int, int] | None:
    """How many units a case takes; None if the item does not apply."""
    if tariff.item == "rehabilitation-day":
        return tariff.typical_units if rehabilitation else None
    if tariff.unit == "day" and stay is not None and tariff.item != "treatment":
        people = companions if tariff.item == "companion-day" else 1
        return (stay[0] * people, stay[1] * people) if people else None
    return tariff.typical_units


def estimate(
    snapshot: Snapshot,
    *,
    programme: str,
    indication: str,
    covers: frozenset[str],
    needs: frozenset[str],
    companions: int,
    rehabilitation: bool,
) -> Estimate:
    """Price a case by the tariffs that are valid on the snapshot's day.

    A tariff for the indication replaces the programme's for the same item. "anaesthesia" counts
    only where "paediatric-anaesthesia" is among the needs.

    Args:
        snapshot: the network on the day asked about.
        programme: code.
        indication: code, or "".
        covers: the parts that the payer pays ("treatment", "lodging", ...).
        needs: capabilities asked for.
        companions: how many travel along.
        rehabilitation: whether a rehabilitation leg follows.

    Returns:
        The estimate; empty where the network has no tariff.
    """
    stay = snapshot.programmes[programme].stay_days if programme in snapshot.programmes else None
    chosen: dict[str, Tariff] = {}
    undecided: list[str] = []
    for tariff in sorted(snapshot.tariffs, key=lambda t: (bool(t.indication), t.code)):
        if tariff.programme != programme or not tariff.valid_on(snapshot.day):
            continue
        if tariff.indication not in ("", indication):
            continue
        if tariff.item == "anaesthesia" and "paediatric-anaesthesia" not in needs:
            continue
        if not tariff.source.mark.decides(demonstration=snapshot.demonstration):
            undecided.append(tariff.item)
            continue
        chosen[tariff.item] = tariff
    parts: list[Part] = []
    for tariff in chosen.values():
        units = _units(tariff, stay, companions, rehabilitation=rehabilitation)
        if units is None:
            continue
        parts.append(
            Part(
                item=tariff.item,
                unit=tariff.unit,
                units=units,
                each=tariff.amount,
                low=tariff.amount * units[0],
                high=tariff.amount * units[1],
                covered=COVERED_BY.get(tariff.item, "treatment") in covers,
                source=tariff.source,
            )
        )
    return Estimate(
        parts=tuple(parts),
        totals=_sums(parts),
        family=_sums([p for p in parts if not p.covered]),
        undecided=tuple(i for i in dict.fromkeys(undecided) if i not in chosen),
    )


def demonstration_parts(result: Estimate) -> bool:
    """Whether any part rests on demonstration data."""
    return any(part.source.mark is Mark.DEMONSTRATION for part in result.parts)
