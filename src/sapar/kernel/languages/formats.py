"""Numbers, money, dates, times and names of countries, right in each of the five languages.

The data is CLDR's, through Babel. Everything is shown in the active language and, for moments,
in the reader's active time zone. Where CLDR's word is not the one its country uses, ours stands
in OWN_NAMES with its reason.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, get_timezone_location
from babel.numbers import format_decimal
from django.utils import timezone
from django.utils.translation import get_language

from sapar.kernel.languages.sorting import sort_key

if TYPE_CHECKING:
    from datetime import date, tzinfo

    from sapar.values.money import Money

__all__ = [
    "both_zones",
    "countries",
    "country",
    "day",
    "language_name",
    "moment",
    "money",
    "month",
    "number",
    "short_day",
    "sort_key",
    "weekday",
    "zone_city",
]

LOCALES = {"kk": "kk", "ky": "ky", "uz": "uz_Latn", "ru": "ru", "en": "en_GB"}
"""Our languages as CLDR locales. English is that of the world, day before month."""

OWN_NAMES = {
    ("ru", "KG"): "Кыргызстан",  # the name in the country's own Russian-language laws
}

_NOT_ISO = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}
)
"""CLDR's regions that are no entry of ISO 3166-1."""
_NO_BREAK = "\N{NO-BREAK SPACE}"
_THIN = "\N{NARROW NO-BREAK SPACE}"  # CLDR's; not in every font


def _language() -> str:
    """The active language as one of ours; English when translation is off."""
    code = (get_language() or "en").split("-")[0]
    return code if code in LOCALES else "en"


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(LOCALES[language])


def _uzbek(text: str) -> str:
    """CLDR writes oʻ and gʻ with two different signs; we write them with one (U+02BB)."""
    for letter in "oOgG":
        text = text.replace(f"{letter}‘", f"{letter}ʻ").replace(f"{letter}’", f"{letter}ʻ")
    return text.replace("’", "ʼ")


def number(value: int | Decimal) -> str:
    """A number with the language's own separators; nothing is rounded."""
    text: str = format_decimal(value, locale=_locale(_language()), decimal_quantization=False)
    return text


def figure(text: str) -> str:
    """A decimal number that an engine has rounded, "-17.90", with all its digits."""
    digits = len(text.partition(".")[2])
    form = "#,##0." + "0" * digits if digits else "#,##0"
    shown: str = format_decimal(Decimal(text), format=form, locale=_locale(_language()))
    return shown.replace("-", "\N{MINUS SIGN}")


def money(value: Money) -> str:
    """An amount and its ISO 4217 code, `1 234 567,50 KZT`; no decimals when it is whole.

    The code stands after the number in every language: a page may hold amounts of five
    currencies, and "$" or "сом" alone would not say which.
    """
    rounded = value.rounded().amount
    whole = rounded == rounded.to_integral_value()
    text = format_decimal(
        rounded, format="#,##0" if whole else "#,##0.00", locale=_locale(_language())
    )
    return f"{text}{_NO_BREAK}{value.currency}"


def day(value: date) -> str:
    """A calendar day in words: `3 March 2026`. A moment is taken in the reader's zone."""
    return _day(_local(value), "long")


def short_day(value: date) -> str:
    """A calendar day with the month shortened, for tables: `3 Mar 2026`."""
    return _day(_local(value), "medium")


def _local(value: date) -> date:
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


_OWN_DAYS = {("ru", "long"): "d MMMM y 'года'"}
"""CLDR's Russian form ends with "г.", whose point would meet that of the sentence."""


def _day(value: date, form: str) -> str:
    language = _language()
    form = _OWN_DAYS.get((language, form), form)
    text: str = format_date(value, form, locale=_locale(language)).replace(_THIN, _NO_BREAK)
    return _uzbek(text) if language == "uz" else text


def month(value: date) -> str:
    """A month and its year, as a heading: `March 2026`."""
    language = _language()
    text: str = format_skeleton("yMMMM", value, locale=_locale(language)).replace(_THIN, _NO_BREAK)
    return _uzbek(text[:1].upper() + text[1:]) if language == "uz" else text[:1].upper() + text[1:]


def short_month(value: date) -> str:
    """The name of a month shortened, as it stands alone over a column: `Mar`."""
    language = _language()
    text: str = format_date(value, "LLL", locale=_locale(language)).rstrip(".")
    return _uzbek(text) if language == "uz" else text


def weekday(value: date, *, short: bool = False) -> str:
    """The name of a day of the week, as it stands alone: `Tuesday`, or `Tue`."""
    language = _language()
    text: str = format_date(value, "ccc" if short else "cccc", locale=_locale(language))
    return _uzbek(text) if language == "uz" else text


def moment(value: datetime) -> str:
    """A moment in the reader's active time zone, day and 24-hour clock."""
    return _moment(value, timezone.get_current_timezone())


def _moment(value: datetime, zone: tzinfo) -> str:
    there = timezone.localtime(value, zone)
    return f"{_day(there.date(), 'long')}, {there:%H:%M}"


def zone_city(zone: str) -> str:
    """The town a time zone is named after, in the active language: Asia/Almaty is Алматы."""
    language = _language()
    place: str = get_timezone_location(ZoneInfo(zone), locale=_locale(language), return_city=True)
    return _uzbek(place) if language == "uz" else place


def both_zones(value: datetime, zone_a: str, zone_b: str) -> str:
    """One moment on both sides: `3 March 2026, 19:05 Almaty, 20:05 Bishkek`.

    Args:
        value: an aware moment.
        zone_a: IANA name of the first side's zone, such as Asia/Almaty.
        zone_b: of the other side's. Where both clocks show the same, it is written once;
            where the days differ, both days are written.
    """
    first = timezone.localtime(value, ZoneInfo(zone_a))
    second = timezone.localtime(value, ZoneInfo(zone_b))
    text = f"{_moment(value, ZoneInfo(zone_a))} {zone_city(zone_a)}"
    if zone_a == zone_b:
        return text
    if first.utcoffset() == second.utcoffset():
        return f"{text}, {zone_city(zone_b)}"
    if first.date() == second.date():
        return f"{text}, {second:%H:%M} {zone_city(zone_b)}"
    return f"{text}; {_moment(value, ZoneInfo(zone_b))} {zone_city(zone_b)}"


def country(code: str) -> str:
    """The name of a country by its ISO 3166-1 alpha-2 code; the code itself if unknown."""
    return _country(code, _language())


def _country(code: str, language: str) -> str:
    own = OWN_NAMES.get((language, code))
    if own is not None:
        return own
    name: str = _locale(language).territories.get(code, code)
    return _uzbek(name) if language == "uz" else name


@cache
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """All countries and territories of ISO 3166-1 as (code, name), in the language's order."""
    codes = (
        code
        for code in map(str, _locale("en").territories)
        if len(code) == len("KZ") and code not in _NOT_ISO
    )
    named = ((code, _country(code, language)) for code in codes)
    return tuple(sorted(named, key=lambda pair: sort_key(pair[1], language)))


def language_name(code: str) -> str:
    """The name of a language in the active language: kk is Kazakh."""
    language = _language()
    name: str = _locale(language).languages.get(code, code)
    return _uzbek(name) if language == "uz" else name
