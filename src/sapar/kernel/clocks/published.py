"""Public holidays as the `holidays` package publishes them.

The package is maintained by volunteers from the countries' own laws. Days that depend on the
moon are estimates until they are announced; a ministry's own table (network entries of the kind
"holidays") replaces any of these days.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING

import holidays

if TYPE_CHECKING:
    from datetime import date

LANGUAGES = {"en": "en_US", "kk": "kk", "ky": "ky", "uz": "uz", "ru": "ru"}
ESTIMATED = "(estimated)"


@dataclass(frozen=True, slots=True)
class PublishedHoliday:
    """One day off.

    Attributes:
        day: the day.
        names: by our language code, those that the package has.
        estimated: whether the date is a forecast, as for Eid.
        source: the package and its version.
    """

    day: date
    names: tuple[tuple[str, str], ...]
    estimated: bool
    source: str


@lru_cache(maxsize=64)
def published_holidays(country: str, years: tuple[int, ...]) -> tuple[PublishedHoliday, ...]:
    """The public holidays of a country in some years, in order of date.

    Args:
        country: ISO 3166-1 alpha-2.
        years: calendar years.

    Returns:
        Nothing for a country that the package does not know.
    """
    known = holidays.list_supported_countries()
    if country not in known:
        return ()
    base = holidays.country_holidays(country, years=years, language="en_US")
    languages = {
        ours: theirs
        for ours, theirs in LANGUAGES.items()
        if theirs in (base.supported_languages or ())
    }
    named = {
        ours: holidays.country_holidays(country, years=years, language=theirs)
        for ours, theirs in languages.items()
    }
    source = f"holidays {version('holidays')} (Python package), public holidays of {country}"
    return tuple(
        PublishedHoliday(
            day=day,
            names=tuple((ours, str(table[day])) for ours, table in sorted(named.items())),
            estimated=ESTIMATED in str(base[day]),
            source=source,
        )
        for day in sorted(base)
    )
