"""Why a course could not be placed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PHRASES = {
    "proton.reason.chain": _("{course}: the preparation finds no time of {device} until {until}."),
    "proton.reason.chain_late": _(
        "{course}: its preparation ends on {day}, too late for its fractions until {until}."
    ),
    "proton.reason.booked": _("{course}: what is booked already takes the minutes it needs."),
    "proton.reason.not_examined": _(
        "{course}: too many courses have no place; for this one no reason was looked for."
    ),
    "proton.reason.no_day": _("{course}: no day until {until} can hold the first fraction."),
    "proton.reason.booked_order": _(
        "{course}: a fraction is missing between booked ones; bookings do not move."
    ),
    "proton.reason.others": _("{course}: alone it would fit; others take the minutes it needs."),
    "proton.reason.horizon": _(
        "{course}: its {fractions} fractions do not fit before {until} under its own rules."
    ),
    "proton.reason.quota": _("{course}: the quota {quota} is used up."),
    "proton.reason.device": _("{course}: the time of {device} during treatment is not enough."),
}
