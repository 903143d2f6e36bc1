"""Where a value comes from: source, the day it was read, and a mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.hta.engine.model.model import MARKS
from sapar.hta.engine.model.parts import read_date

if TYPE_CHECKING:
    from datetime import date

    from sapar.hta.engine.model.reader import Reader
    from sapar.hta.engine.model.yaml import Place

KEYS = ("source", "date", "mark")
"""What stands beside a value in a document."""


@dataclass(frozen=True, slots=True)
class Dated:
    """Where a value comes from.

    Attributes:
        source: what was read; empty: a placeholder.
        read: when.
        mark: verified, demonstration or unverified.
    """

    source: str = ""
    read: date | None = None
    mark: str = "unverified"


def read_dated(r: Reader, place: Place) -> Dated:
    """Read the three keys beside a value."""
    return Dated(
        source=r.text(place, "source"),
        read=read_date(r, r.part(place, "date")),
        mark=r.choice(place, "mark", MARKS, "unverified"),
    )
