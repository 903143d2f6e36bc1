"""Words of the case pages: tracks, clocks, ages, places, actions; nothing here asks the database.

Names of organisations come with their records; names of programmes from the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sapar.cases.models import Case
from sapar.cases.registration import offers
from sapar.cases.states import TRACKS
from sapar.kernel.languages import formats, phrases
from sapar.kernel.roles import Role
from sapar.network.naming import in_language

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sapar.design.components import Meaning
    from sapar.values.statements import Statement

TRACK_NAMES = {
    "review": gettext_lazy("Medical review"),
    "funding": gettext_lazy("Funding"),
    "visa": gettext_lazy("Visa"),
    "booking": gettext_lazy("Place"),
    "journey": gettext_lazy("Journey"),
    "whole": gettext_lazy("The case as a whole"),
}
EVENT_KINDS = {
    "clinical": gettext_lazy("Clinical"),
    "admin": gettext_lazy("Administrative"),
    "money": gettext_lazy("Money"),
    "travel": gettext_lazy("Travel"),
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_HOURS_UP_TO = 48


def urgency(code: str) -> str:
    """The urgency's word; "" for a case that does not say."""
    return str(dict(Case.Urgency.choices).get(code, ""))


def role(code: str) -> str:
    """The role's name."""
    return str(dict(Role.choices).get(code, ""))


def state(track: str, code: str) -> str:
    """The state's word."""
    return str(TRACKS[track].state(code).label)


def organisation(names: Mapping[str, str]) -> str:
    """An organisation's name in the reader's language."""
    return in_language(names)


def programme(code: str) -> str:
    """A programme's name; "" when none is asked for yet."""
    return phrases.name_of(f"programme:{code}") if code else ""


def language(code: str) -> str:
    """A language's name in the reader's language."""
    return formats.language_name(code) if code else ""


def age(years: int | None) -> str:
    """The age in words, or ""."""
    if years is None:
        return ""
    return ngettext("%(years)s year", "%(years)s years", years) % {"years": years}


def sentence(said: Statement | None) -> str:
    """A statement with a capital first letter, for a line of its own; "" for None."""
    if said is None:
        return ""
    return capital(phrases.text(said))


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class Said:
    """A clock in words, with the mark that stands before it."""

    meaning: Meaning = ""
    words: str = ""


def _span(seconds: float) -> str:
    minutes = max(int(seconds // _MINUTE), 1)
    hours, days = int(seconds // _HOUR), int(seconds // _DAY)
    if hours < 1:
        return _("%(n)s min") % {"n": minutes}
    if hours < _HOURS_UP_TO:
        return _("%(n)s h") % {"n": hours}
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def clock(due: datetime | None, now: datetime) -> Said:
    """The nearest clock: "due in 2 h", "3 days late"; nothing when none runs.

    Within a day it is marked as waiting, when late as something to act on.
    """
    if due is None:
        return Said()
    left = (due - now).total_seconds()
    if left < 0:
        return Said("act", _("%(span)s late") % {"span": _span(-left)})
    meaning = "waiting" if left < _DAY else ""
    return Said(cast("Meaning", meaning), _("due in %(span)s") % {"span": _span(left)})


def since(at: datetime) -> str:
    """Since which day."""
    return _("since %(day)s") % {"day": formats.day(at)}


def both_places(at: datetime, here: str, there: str) -> str:
    """A moment on both sides' clocks, or "" where both show the same.

    Args:
        at: the moment.
        here: IANA name of the centre's zone, or "".
        there: of the referring organisation's, or "".
    """
    if not (here and there) or here == there:
        return ""
    return formats.both_zones(at, here, there)


def action(name: str) -> str:
    """What an action is called in the trail: our word, what happened, or its offer's button."""
    code = f"action.{name}"
    if phrases.known(code) or name not in offers:
        return phrases.word(code)
    offer = offers.get(name)
    happened = f"cases.event.{offer.track}.{offer.event}"
    return phrases.word(happened) if phrases.known(happened) else str(offer.label)


def page(name: str) -> str:
    """What a page is called in the trail of reads: its own word, or that of the page above it."""
    while "." in name and not phrases.known(f"page.{name}"):
        name = name.rpartition(".")[0]
    return phrases.word(f"page.{name}")


def purpose(code: str) -> str:
    """Why a record was read."""
    return phrases.word(f"purpose.{code}") if code else ""


def actor(label: str, name: str) -> str:
    """Who acted: the person's name, or that it was the system itself."""
    if name:
        return name
    return _("The system itself") if label.startswith("system:") else _("An account that is gone")
