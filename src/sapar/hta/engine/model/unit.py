"""What a unit is: its text, its algebra."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from sapar.hta.engine.expressions.parse import (
    ExpressionError,
    Name,
    Number,
    Operation,
    parse,
)

if TYPE_CHECKING:
    from sapar.hta.engine.expressions.parse import Node

LONGEST, MOST_POWER = 60, 9
_TIMES = {"year": 1.0, "month": 1 / 12, "week": 7 / 365.25, "day": 1 / 365.25, "hour": 1 / 8766}
_THINGS = (
    "person", "fraction", "course", "event", "fte", "room", "machine", "bed", "Gy", "kg", "mg",
    "mL", "km", "kWh",
)  # fmt: skip
HEALTH = ("QALY", "DALY", "LY")
KNOWN = (*_TIMES, "QALY", "LY", "DALY", *_THINGS)
"""Units by name, beside every currency of ISO 4217 by its three letters."""
# ISO 4217, the codes in use.
CURRENCIES = frozenset((
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT",
    "BGN", "BHD", "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD",
    "CAD", "CDF", "CHF", "CLP", "CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK",
    "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP",
    "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD",
    "IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD",
    "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD",
    "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN",
    "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG",
    "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP",
    "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TND",
    "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VED", "VES",
    "VND", "VUV", "WST", "XAF", "XCD", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit.

    Attributes:
        scale: how many of the base units one is; a month is 1/12.
        powers: by base unit, sorted; empty for a plain number.
    """

    scale: float
    powers: tuple[tuple[str, float], ...]

    @property
    def plain(self) -> bool:
        """A number without a unit."""
        return not self.powers and self.same(Unit(1.0, ()))

    @property
    def years(self) -> bool:
        """A number of years, or a power of it above 0: counted as its number where needed."""
        return [name for name, power in self.powers if power > 0] == ["year"] == [
            name for name, _ in self.powers
        ] and abs(self.scale - 1) < 1e-9

    def same(self, other: Unit) -> bool:
        """Whether both are the same, with their scale."""
        return self.powers == other.powers and abs(self.scale / other.scale - 1) < 1e-9

    def times(self, other: Unit, power: float = 1.0) -> Unit:
        """This unit times a power of another."""
        powers = dict(self.powers)
        for name, each in other.powers:
            powers[name] = powers.get(name, 0.0) + each * power
        kept = tuple(sorted((name, each) for name, each in powers.items() if abs(each) > 1e-12))
        return Unit(self.scale * other.scale**power, kept)

    def __str__(self) -> str:
        """As a person would write it."""
        above = [_power(name, each) for name, each in self.powers if each > 0]
        below = [_power(name, -each) for name, each in self.powers if each < 0]
        text = "·".join(above) or "1"
        text += "".join(f"/{each}" for each in below)
        return text if abs(self.scale - 1) < 1e-9 else f"{self.scale:.6g} {text}"


PLAIN = Unit(1.0, ())
YEAR = Unit(1.0, (("year", 1.0),))
# A life year is a year; a utility is a plain number.
BY_NAME = {
    **{name: Unit(years, (("year", 1.0),)) for name, years in _TIMES.items()},
    **dict.fromkeys(HEALTH, YEAR),
    **{name: Unit(1.0, ((name, 1.0),)) for name in (*_THINGS, *CURRENCIES)},
}
A_YEAR = Unit(1.0, (("year", -1.0),))


def _power(name: str, power: float) -> str:
    return name if power == 1 else f"{name}^{power:g}"


@cache
def unit_of(text: str) -> Unit | None:
    """A unit from its text, for instance `USD/year`; None where it is none.

    It is read by the parser of expressions: names, `*`, `/`, small powers, 1 for a plain number.
    """
    if len(text) > LONGEST:
        return None
    try:
        return _unit(parse(text))
    except ExpressionError:
        return None


def _unit(node: Node) -> Unit | None:
    if isinstance(node, Number):
        return PLAIN if node.value == 1 else None
    if isinstance(node, Name):
        return BY_NAME.get(node.name)
    found = None
    left = _unit(node.args[0]) if isinstance(node, Operation) and len(node.args) == 2 else None
    if isinstance(node, Operation) and left is not None:
        power, right = literal(node.args[1]), _unit(node.args[1])
        if node.sign == "^" and power is not None and abs(power) <= MOST_POWER:
            found = PLAIN.times(left, power)
        elif node.sign in {"*", "/"} and right is not None:
            found = left.times(right, 1.0 if node.sign == "*" else -1.0)
    return found


def literal(node: Node) -> float | None:
    """The value of a number as written, with its sign; None for anything else."""
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Operation) and node.sign == "-" and len(node.args) == 1:
        inner = literal(node.args[0])
        return None if inner is None else -inner
    return None
