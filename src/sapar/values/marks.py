"""Where a datum comes from, and whether it may decide.

Every clinical, legal or tariff value in Sapar carries a `Source` with one of three marks
(docs/architecture.md): verified data decides, demonstration data decides only in a
demonstration installation, unverified data never decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class Mark(StrEnum):
    """How far a datum may be trusted."""

    VERIFIED = "verified"
    DEMONSTRATION = "demonstration"
    UNVERIFIED = "unverified"

    def decides(self, *, demonstration: bool) -> bool:
        """Whether a datum with this mark may decide in this kind of installation."""
        return self is Mark.VERIFIED or (self is Mark.DEMONSTRATION and demonstration)


@dataclass(frozen=True, slots=True)
class Source:
    """The origin of a datum.

    Attributes:
        title: the paper, law, agreement or person, as a reader would look it up.
        dated: the date of the source itself; None when it bears none.
        mark: whether it was checked.
        url: where it can be read, or "".
        who_can_tell: whom to ask when the mark is unverified, or "".
    """

    title: str
    dated: date | None
    mark: Mark
    url: str = ""
    who_can_tell: str = ""
