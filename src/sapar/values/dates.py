"""Days as people write them: whole or partial, possible or not, and ages in completed years."""

from __future__ import annotations

import re
from calendar import isleap
from dataclasses import dataclass
from datetime import date

from sapar.values.statements import Problem

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T.*)?")
_DOTTED = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
OLDEST_YEARS = 130
"""No person is known to have lived longer than 122 years; beyond this a date is a mistake."""


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A year, a month or a day.

    Attributes:
        year: four digits.
        month: 1 to 12, or None.
        day: of the month, or None; never without a month.
    """

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def whole(self) -> date | None:
        """The day, if all three parts are known."""
        if self.month is None or self.day is None:
            return None
        return date(self.year, self.month, self.day)

    @property
    def earliest(self) -> date:
        """The first day it may mean."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        """The last day it may mean."""
        if self.whole is not None:
            return self.whole
        month = self.month or 12
        for day in (31, 30, 29):
            if _possible(self.year, month, day):
                return date(self.year, month, day)
        return date(self.year, month, 28)

    def agrees(self, other: PartialDate) -> bool:
        """Whether both may mean the same day."""
        return self.earliest <= other.latest and other.earliest <= self.latest

    def __str__(self) -> str:
        """As ISO 8601 writes it: 1981, 1981-03 or 1981-03-09."""
        parts = [f"{self.year:04d}"]
        parts += [f"{part:02d}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)


def _possible(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _parts(text: str) -> tuple[int, int | None, int | None] | None:
    if found := _PARTIAL.fullmatch(text) or _DIGITS.fullmatch(text):
        year, month, day = (int(part) if part else None for part in found.groups())
        return (year or 0, month, day)
    if found := _DOTTED.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
        return (year, month, day)
    return None


def parse(text: str, *, where: str = "") -> tuple[PartialDate | None, Problem | None]:
    """Read a date: 1981, 1981-03, 1981-03-09, 19810309 or, as our region writes, 09.03.1981.

    Args:
        text: what was written; blanks around it do not matter.
        where: the field, for the problem.

    Returns:
        The date, or the problem `values.date_unreadable` or `values.date_impossible`; both None
        for an empty text.
    """
    text = text.strip()
    if not text:
        return None, None
    parts = _parts(text)
    if parts is None:
        return None, Problem.of("values.date_unreadable", where=where, value=text)
    year, month, day = parts
    if not _possible(year, 1 if month is None else month, 1 if day is None else day):
        return None, Problem.of("values.date_impossible", where=where, value=text)
    return PartialDate(year, month, day), None


MAJORITY_YEARS = 18
"""Below this age somebody signs for the patient. Mark: unverified. It is our general knowledge of
the civil law of KZ, KG, UZ and TJ, with no text cited yet; a lawyer of the installation can tell.
The one place it stands in."""


def last_adult_birth(on: date) -> date:
    """The latest day on which somebody who is of age on a day can have been born.

    Whoever was born after it is a minor on that day; as `age(birth, on) < MAJORITY_YEARS` says.
    """
    year = on.year - MAJORITY_YEARS
    if (on.month, on.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    return on.replace(year=year)


def age(birth: date, on: date) -> int:
    """Completed years on a day; somebody born on 29 February completes a year on 1 March."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def check_birth(birth: PartialDate, on: date, *, where: str = "") -> tuple[Problem, ...]:
    """Whether somebody can have been born then.

    Args:
        birth: the date of birth.
        on: today.
        where: the field, for the problem.

    Returns:
        `values.birth_in_future`, `values.birth_too_long_ago`, or nothing.
    """
    if birth.earliest > on:
        return (Problem.of("values.birth_in_future", where=where, value=birth),)
    if age(birth.latest, on) > OLDEST_YEARS:
        return (
            Problem.of("values.birth_too_long_ago", where=where, value=birth, years=OLDEST_YEARS),
        )
    return ()
