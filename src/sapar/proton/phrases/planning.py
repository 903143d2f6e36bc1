"""What the plan's pages say: the limit of a day's order, and what of a move cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

PHRASES: dict[str, _StrPromise] = {
    "proton.limit.rooms": _("the rooms are the limit"),
    "proton.limit.beam": _("the beam is the limit"),
    "proton.limit.anaesthesia": _("anaesthesia is the limit"),
    "proton.limit.window": _("a promised time is the limit"),
    "proton.limit.search": _("rooms and beam together are the limit"),
    "proton.plan.no_day": _("“{value}” is no day."),
    "proton.plan.no_day.remedy": _("Write the day as year, month, day."),
    "proton.plan.no_time": _("“{value}” is no time of day."),
    "proton.plan.no_time.remedy": _("Write hours and minutes, such as 09:40."),
}
