"""Pseudonyms, mapped UIDs and shifted days, all from one secret key of a centre.

HMAC-SHA-256 (RFC 2104) with the key: the same patient has the same pseudonym in every export of
the centre, and nobody without the key can make or undo it. UIDs follow DICOM PS3.5 B.2: "2.25."
and an integer of 128 bits. All days of a patient are shifted by the same number, so that what lies
between two days stays, and no day is the real one.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, timedelta

WIDEST = 182
"""Days are shifted by 7 to so many, back or on: half a year at most keeps the season unsure."""
NEAREST = 7


@dataclass(frozen=True, slots=True, repr=False)
class Pseudonyms:
    """Names made with a centre's key; it never prints the key.

    Attributes:
        key: the secret, at least 32 bytes.
    """

    key: bytes

    def __post_init__(self) -> None:
        """Refuse a key that could be guessed."""
        if len(self.key) < hashlib.sha256().digest_size:
            message = "a key of pseudonyms has at least 32 bytes"
            raise ValueError(message)

    def _made(self, kind: str, what: str) -> bytes:
        return hmac.new(self.key, f"{kind}\x00{what}".encode(), hashlib.sha256).digest()

    def name(self, kind: str, what: str) -> str:
        """A pseudonym of 26 letters and digits, for the ids of resources; `kind` parts the uses."""
        number = int.from_bytes(self._made(kind, what)[:16], "big")
        signs = []
        for _place in range(26):
            number, rest = divmod(number, 32)
            signs.append("0123456789abcdefghjkmnpqrstvwxyz"[rest])
        return "".join(signs)

    def uid(self, what: str) -> str:
        """A UID for another UID or id: "2.25." and 128 bits."""
        return f"2.25.{int.from_bytes(self._made('uid', what)[:16], 'big')}"

    def shift(self, patient: str) -> timedelta:
        """By how much all days of a patient are shifted."""
        made = self._made("shift", patient)
        days = NEAREST + int.from_bytes(made[:4], "big") % (WIDEST - NEAREST + 1)
        return timedelta(days=days if made[4] % 2 else -days)

    def day(self, patient: str, day: date) -> date:
        """A day of a patient as it is given out."""
        return day + self.shift(patient)
