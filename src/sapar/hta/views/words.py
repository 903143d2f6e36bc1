"""Words and numbers of the room's pages, in the reader's language."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sapar.hta.models import ModelRun
from sapar.kernel.languages import formats, phrases
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sapar.design.components import Meaning

STATES: dict[str, Meaning] = {
    "queued": "waiting",
    "running": "waiting",
    "done": "done",
    "refused": "act",
    "failed": "stopped",
}
MARKS: dict[str, tuple[Meaning, Any]] = {
    "verified": ("done", gettext_lazy("verified")),
    "demonstration": ("waiting", gettext_lazy("demonstration")),
    "unverified": ("act", gettext_lazy("not verified")),
    "": ("stopped", gettext_lazy("placeholder: no source")),
}
WITHIN_CYCLE = {
    "begin": gettext_lazy("at the beginning of each cycle"),
    "end": gettext_lazy("at the end of each cycle"),
    "both": gettext_lazy("at all points whole"),
    "half-cycle": gettext_lazy("half-cycle: the first and the last point count half"),
    "life-table": gettext_lazy("life table: the mean of both ends of each cycle"),
    "simpson": gettext_lazy("Simpson's rule of textbooks"),
    "darth": gettext_lazy("Simpson's weights as the DARTH tutorials write them"),
}
DISCOUNTING = {
    "discrete": gettext_lazy("by years (discrete)"),
    "continuous": gettext_lazy("continuous"),
}
STATUS: dict[str, tuple[Meaning, Any]] = {
    "frontier": ("done", gettext_lazy("on the frontier")),
    "dominated": ("stopped", gettext_lazy("dominated")),
    "extended-dominated": ("stopped", gettext_lazy("dominated by two others together")),
}
KINDS_OF_MODEL = {
    "Model": gettext_lazy("Cohort model (Markov)"),
    "Tree": gettext_lazy("Decision tree"),
    "Partitioned": gettext_lazy("Partitioned survival model"),
    "Individual": gettext_lazy("Individual simulation"),
    "Events": gettext_lazy("Discrete events with limited resources"),
}
_MORE = 5
"""So many names are listed in a sentence; the rest are counted."""


def with_unit(text: str, unit: str) -> str:
    """A heading and its unit, "Costs, USD"; the heading alone where there is none."""
    return f"{text}, {unit}" if unit else text


def _locale(value: Decimal) -> str:
    return formats.number(value)


def figure(value: Any, significant: int = 4) -> str:
    """A number as a person reads it: whole from a thousand on, else so many digits that count."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return {"inf": "∞", "-inf": "−∞", "nan": "–"}.get(value, value)
    number = float(value)
    if not math.isfinite(number):
        return "–" if math.isnan(number) else figure(str(number))
    if number == 0:
        return "0"
    before = math.floor(math.log10(abs(number))) + 1
    return fixed(number, min(max(significant - before, 0), 12), trim=True)


def fixed(value: Any, decimals: int, *, trim: bool = False) -> str:
    """A number with so many decimals; `trim` leaves needless zeros away."""
    if value is None or isinstance(value, str):
        return figure(value)
    step = Decimal(1).scaleb(-decimals)
    found = Decimal(repr(float(value))).quantize(step) + 0
    if trim and decimals:
        found = found.normalize()
        exponent = found.as_tuple().exponent
        if isinstance(exponent, int) and exponent > 0:
            found = found.quantize(Decimal(1))
    return _locale(found)


def money(value: Any) -> str:
    """An amount without its currency, which stands beside it: whole from a hundred on."""
    if value is None or isinstance(value, str):
        return figure(value)
    return fixed(value, 0 if abs(float(value)) >= 100 else 2)


def with_error(value: float, error: float) -> str:
    """An amount and its error, both with the decimals of the amount."""
    decimals = 0 if abs(value) >= 100 else 2
    return f"{fixed(value, decimals)} ± {fixed(error, decimals)}"


def effect(value: Any) -> str:
    """An effect: four decimals."""
    return fixed(value, 4)


def per_cent(share: Any) -> str:
    """A share as so many of a hundred, with one decimal."""
    if share is None or isinstance(share, str):
        return figure(share)
    return _("{n} %").format(n=fixed(100 * float(share), 1, trim=True))


def text(value: Any) -> str:
    """A word as it is."""
    return "" if value is None else str(value)


def whole(value: Any) -> str:
    """A count."""
    return fixed(value, 0)


def scaled(values: Iterable[float], unit: str) -> tuple[float, str]:
    """What to divide by, so that an axis has short numbers, and the unit's words with it."""
    most = max((abs(value) for value in values), default=0.0)
    if most >= 2e9:
        return 1e9, _("billion {unit}").format(unit=unit)
    if most >= 2e6:
        return 1e6, _("million {unit}").format(unit=unit)
    if most >= 2e4:
        return 1e3, _("thousand {unit}").format(unit=unit)
    return 1.0, unit


def state(code: str) -> str:
    """How a run stands."""
    return {
        "queued": _("Waits to begin"),
        "running": _("Runs"),
        "done": _("Answered"),
        "refused": _("The model or the question has mistakes"),
        "failed": _("Failed"),
    }.get(code, code)


def kind(code: str) -> str:
    """What was asked."""
    return str(dict(ModelRun.Kind.choices).get(code, code))


def mark(code: str, source: str) -> tuple[Meaning, str]:
    """The meaning and the word of an input's mark; without a source it is a placeholder."""
    meaning, word = MARKS.get(code if source else "", MARKS["unverified"])
    return meaning, str(word)


def listed(names: Sequence[str]) -> str:
    """Names in a sentence, in quotes; of many the first ones and how many more."""
    shown = ", ".join(_("“{name}”").format(name=name) for name in names[:_MORE])
    more = len(names) - _MORE
    if more <= 0:
        return shown
    return ngettext("{names} and {n} more", "{names} and {n} more", more).format(
        names=shown, n=formats.number(more)
    )


def cycle(length: float) -> str:
    """The length of a cycle in the largest unit of which it is a whole number."""
    for size, words in (
        (1.0, _years),
        (1 / 12, _months),
        (7 / 365.25, _weeks),
        (1 / 365.25, _days),
    ):
        count = round(length / size)
        if count >= 1 and abs(length / size - count) < 1e-9:
            return _("a cycle is {length}").format(length=words(count))
    return _("a cycle is {length}").format(length=years(length))


def years(number: float) -> str:
    """A time in years."""
    whole = round(number)
    if whole == number:
        return _years(whole)
    return _("{n} years").format(n=figure(number))


def _years(count: int) -> str:
    return ngettext("{n} year", "{n} years", count).format(n=formats.number(count))


def _months(count: int) -> str:
    return ngettext("{n} month", "{n} months", count).format(n=formats.number(count))


def _weeks(count: int) -> str:
    return ngettext("{n} week", "{n} weeks", count).format(n=formats.number(count))


def _days(count: int) -> str:
    return ngettext("{n} day", "{n} days", count).format(n=formats.number(count))


def rates(steps: Sequence[Sequence[float]]) -> str:
    """Discount rates: one, or several by the year from which each counts."""
    if len(steps) == 1:
        return _("{rate} a year").format(rate=per_cent(steps[0][1]))
    return ", ".join(
        _("{rate} from year {year} on").format(rate=per_cent(rate), year=figure(since))
        for since, rate in steps
    )


def mistakes(problems: Iterable[Problem | Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Mistakes with their place, value and remedy; `line` leads to the line of a document."""
    found = []
    for each in problems:
        problem = each if isinstance(each, Problem) else _problem(each)
        known = phrases.known(problem.code)
        place, _colon, line = problem.where.rpartition(":")
        number = int(line) if line.isdecimal() else 0
        found.append(
            {
                "what": phrases.text(problem) if known else problem.code,
                "remedy": phrases.remedy(problem) if known else "",
                "where": place if number else problem.where,
                "line": number,
                "value": "" if problem.value in {None, "None"} else str(problem.value),
            }
        )
    return found


def _problem(kept: Mapping[str, Any]) -> Problem:
    params = {k: v for k, v in (kept.get("params") or {}).items() if k not in {"value", "where"}}
    return Problem(
        str(kept["code"]), str(kept.get("where", "")), str(kept.get("value", "")), params
    )
