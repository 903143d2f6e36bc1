"""What the working pages of the proton room say: what-if questions and their mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

PHRASES: dict[str, str | _StrPromise] = {
    "proton.whatif.kind": _("“{value}” is no change that can be tried."),
    "proton.whatif.kind.remedy": _("Choose one of the changes in the list."),
    "proton.whatif.amount": _("The number {value} is not between {least} and {most}."),
    "proton.whatif.amount.remedy": _("Write a number from {least} to {most}."),
    "proton.whatif.of": _("This change cannot be about “{value}”."),
    "proton.whatif.of.remedy": _("Choose what it is about from the list."),
    "proton.whatif.only_room": _("“{value}” is the only room for one of the protocols."),
    "proton.whatif.only_room.remedy": _("Choose another room, or lose it for some days only."),
    "proton.whatif.no_children": _("The demand has no children, so nobody knows what they need."),
    "proton.whatif.no_children.remedy": _("Put children into the demand of the configuration."),
    "proton.nothing_recorded": _("Nothing is recorded of this fraction."),
    "proton.nothing_recorded.remedy": _("Load the page again: somebody may have taken it back."),
    "proton.planned_again": _("Fraction {value} is planned for another time already."),
    "proton.planned_again.remedy": _("Move or cancel that one first."),
}
