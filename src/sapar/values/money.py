"""Money: a decimal with a currency. Never a float, never added across currencies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

_CURRENCY = re.compile(r"[A-Z]{3}")
_MINOR_UNITS = {"JPY": 0, "KRW": 0}


class CurrencyMismatchError(ValueError):
    """Two amounts in different currencies were added or compared."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency.

    Attributes:
        amount: a Decimal; ints and numeric strings are converted, floats refused.
        currency: ISO 4217 code, three capital letters.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        """Convert the amount and check the currency.

        Raises:
            TypeError: the amount is a float.
            ValueError: the amount is no number or the currency no ISO 4217 code.
        """
        if isinstance(self.amount, float):
            message = f"Money takes a Decimal, an int or a string, not the float {self.amount!r}"
            raise TypeError(message)
        if not _CURRENCY.fullmatch(self.currency):
            message = f"{self.currency!r} is no ISO 4217 currency code such as KZT"
            raise ValueError(message)
        object.__setattr__(self, "amount", Decimal(self.amount))
        if not self.amount.is_finite():
            message = f"{self.amount} is no amount of money"
            raise ValueError(message)

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            message = f"{self.currency} and {other.currency} cannot be combined without a rate"
            raise CurrencyMismatchError(message)

    def __add__(self, other: Money) -> Money:
        """The sum; both amounts in one currency."""
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        """The difference; both amounts in one currency."""
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, factor: int | Decimal) -> Money:
        """The amount times a count or a share; not rounded."""
        return Money(self.amount * factor, self.currency)

    def __lt__(self, other: Money) -> bool:
        """Whether this is less; both amounts in one currency."""
        self._same(other)
        return self.amount < other.amount

    def rounded(self) -> Money:
        """The amount in the currency's minor unit (ISO 4217), half to even."""
        exponent = Decimal(1).scaleb(-_MINOR_UNITS.get(self.currency, 2))
        return Money(self.amount.quantize(exponent, ROUND_HALF_EVEN), self.currency)

    def __str__(self) -> str:
        """For logs and tests, `1500.00 KZT`; pages use kernel.languages."""
        return f"{self.amount} {self.currency}"
