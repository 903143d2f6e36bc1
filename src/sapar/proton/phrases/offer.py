"""What offers say: why a course does not begin earlier."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

_O = "proton.offer."

_SAYS = {
    "already_booked": _("This course has bookings already; release them before a new offer."),
    "no_chain": _("The preparation step “{step}” finds no day before the end of the horizon."),
    "no_day": _("On no day of the horizon is a room open long enough for the first fraction."),
    "chain": _("The preparation step “{step}” is possible only on {day}: “{use}” is full before."),
    "no_chain.named": _(
        "{step_phrase}: this step of the preparation finds no day before the end of the horizon."
    ),
    "chain.named": _(
        "{step_phrase}: this step of the preparation is possible only on {day}; what it needs is "
        "full before ({use_phrase})."
    ),
    "closed": _(
        "No room ({rooms}) is open long enough. Days: {days}, from {from_day} to {to_day}."
    ),
    "room_full": _("The rooms are full ({rooms}). Days: {days}, from {from_day} to {to_day}."),
    "usable": _(
        "All minutes of the rooms that may be promised are taken ({rooms}). Days: {days}, from "
        "{from_day} to {to_day}."
    ),
    "beam_full": _(
        "When a room is free ({rooms}), the beam is in use elsewhere. Days: {days}, from "
        "{from_day} to {to_day}."
    ),
    "team_full": _("The anaesthesia team has no time. Days: {days}, from {from_day} to {to_day}."),
    "fasting": _("Younger children who fast go first. Days: {days}, from {from_day} to {to_day}."),
    "two_sessions": _(
        "Two sessions far enough apart do not fit. Days: {days}, from {from_day} to {to_day}."
    ),
    "protected": _(
        "The minutes that are left are kept for more urgent patients. Days: {days}, from "
        "{from_day} to {to_day}."
    ),
    "devices": _(
        "A device or staff for what is done during treatment has no time. Days: {days}, from "
        "{from_day} to {to_day}."
    ),
    "continuation": _(
        "The first fraction would fit, but not the whole course at this time of day. Days: {days}, "
        "from {from_day} to {to_day}."
    ),
    "quota": _("The quota “{quota}” is used up. Days: {days}, from {from_day} to {to_day}."),
    "no_start": _(
        "The protocol does not begin on this weekday. Days: {days}, from {from_day} to {to_day}."
    ),
    "begun_rules": _(
        "The rules of the course about gaps and weeks leave no such day. Days: {days}, from "
        "{from_day} to {to_day}."
    ),
}

PHRASES = {_O + code: phrase for code, phrase in _SAYS.items()}
