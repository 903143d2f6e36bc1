"""Words of the working pages: rooms, times of day, states, ages. Nothing here asks the database."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sapar.kernel.languages import formats, phrases
from sapar.kernel.roles import Role
from sapar.proton.forms import INTERRUPTED, MISSED, UNDONE
from sapar.proton.models import Fraction, MachineEvent
from sapar.proton.phrases.vocabulary import PROTOCOL_NAMES, ROOM_KIND, USE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.design.components import Meaning
    from sapar.proton.queries.work import Begun

MEANINGS: dict[str, Meaning] = {
    "planned": "waiting",
    "delivered": "done",
    "interrupted": "act",
    "missed": "stopped",
}
_REASONS = {
    **dict((*MISSED, *INTERRUPTED, *UNDONE)),
    "given-up": gettext_lazy("No new time was found"),
}
RESOURCES = {
    "anaesthesia": gettext_lazy("Anaesthesia"),
    "centre": gettext_lazy("The whole centre"),
}


def clock(minute: int) -> str:
    """A minute after midnight as a time of day; after midnight it begins anew at 00:00."""
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def span(first: int, last: int) -> str:
    """From one minute to another."""
    return f"{clock(first)}–{clock(last)}"


def reason(code: str) -> str:
    """Why a fraction was interrupted, missed or taken back."""
    return str(_REASONS.get(code, code))


def state(code: str) -> str:
    """What became of a fraction."""
    return str(dict(Fraction.State.choices).get(code, code))


def kind_of_event(code: str) -> str:
    """What the machine's log says."""
    return str(dict(MachineEvent.Kind.choices).get(code, code))


def resource(code: str, document: Mapping[str, Any] | None = None) -> str:
    """A room, beam or device: by the id that the centre gave it; anaesthesia and centre by word."""
    if code in RESOURCES:
        return str(RESOURCES[code])
    beams = {beam["id"] for beam in (document or {}).get("beams", ())}
    if code not in beams:
        return code
    return _("The beam") if len(beams) == 1 else _("Beam “{id}”").format(id=code)


def room_kind(code: str) -> str:
    """A kind of room."""
    return phrases.word(ROOM_KIND + code) if code else ""


def role(code: str) -> str:
    """A role of the shift plan: one of ours, or as the centre calls it."""
    return str(dict(Role.choices).get(code) or phrases.word(USE + code))


def protocol(name: str) -> str:
    """The name of a protocol; those that we ship are translated, others stand as written."""
    return _(name) if name in PROTOCOL_NAMES else name


def resources(document: Mapping[str, Any], *, devices: bool = True) -> list[tuple[str, str]]:
    """All that can be away, as choices: rooms first, then beams, anaesthesia, devices, all."""
    found = [room["id"] for room in document["rooms"]]
    found += [beam["id"] for beam in document.get("beams", ())]
    if document.get("anaesthesia"):
        found.append("anaesthesia")
    if devices:
        found += [device["id"] for device in document.get("devices", ())]
        found.append("centre")
    return [(code, resource(code, document)) for code in found]


def age_group(age: int | None) -> str:
    """A group of ages in words; nobody is recognised by it."""
    if age is None:
        return ""
    for limit, word in ((4, _("0 to 3 years")), (8, _("4 to 7 years")), (13, _("8 to 12 years")),
                        (18, _("13 to 17 years"))):  # fmt: skip
        if age < limit:
            return word
    return _("adult")


def days(count: int) -> str:
    """So many days."""
    said = ngettext("{count} day", "{count} days", count)
    return said.format(count=formats.number(count))


def per_cent(share: float) -> str:
    """A share as a whole percentage, never 0 or 100 where it is neither."""
    whole = round(share * 100)
    if whole == 0 and share > 0:
        return _("below {n} %").format(n=1)
    if whole == 100 and share < 1:
        return _("above {n} %").format(n=99)
    return f"{formats.number(whole)} %"


def decimal(value: float) -> str:
    """A figure with at most one decimal, in the reader's form."""
    rounded = Decimal(str(value)).quantize(Decimal("0.1"))
    return formats.number(rounded.normalize() if rounded != rounded.to_integral() else int(rounded))


def figure(value: float) -> str:
    """A measured figure with at most three decimals, such as a dose."""
    rounded = Decimal(str(value)).quantize(Decimal("0.001"))
    whole = rounded == rounded.to_integral()
    return formats.number(int(rounded) if whole else rounded.normalize())


def rest(begun: Begun | None) -> str:
    """Said wherever such a fraction stands: who sees a whole one would give the dose twice."""
    if begun is None:
        return ""
    return _("Only the rest of the fraction begun on {day}: {n} min were given.").format(
        day=formats.short_day(begun.day), n=formats.number(begun.minutes)
    )
