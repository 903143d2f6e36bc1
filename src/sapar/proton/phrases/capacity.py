"""What the capacity engine says."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

_C = "proton.capacity."

_SAYS = {
    "reached_yes": _(
        "Yes: {target} patients a year can be treated. The centre can treat {mean} "
        "({low} to {high}, 90 % interval)."
    ),
    "reached_no": _(
        "No: {target} patients a year cannot be treated. The centre can treat at most {mean} "
        "({low} to {high}, 90 % interval)."
    ),
    "reached_perhaps": _(
        "Perhaps: {target} patients a year are reached in {percent} of 100 years. The centre can "
        "treat {mean} ({low} to {high}, 90 % interval)."
    ),
    "one_room": _("One room is not enough for {target} patients a year."),
    "binds_rooms": _("The rooms of the kind “{name}” limit the centre."),
    "binds_beam": _("The beam “{name}” limits the centre: more rooms alone bring nothing."),
    "binds_anaesthesia": _("The hours of the anaesthesia team limit the centre."),
    "binds_use": _("“{name}”, which the preparation of treatments needs, limits the centre."),
    "binds_staff": _("The staff limits the centre: rooms are closed for want of “{name}”."),
    "binds_none": _(
        "No course of this mix can be treated: something that it needs is never open, or on too "
        "few days a week."
    ),
    "rooms_needed": _("{rooms} rooms would be needed for {target} patients a year."),
    "rooms_do_not_help": _("More rooms alone do not bring {target} patients a year."),
    "change_hour": _("One more hour a day in every room brings {patients} patients a year."),
    "change_room": _(
        "One more room of the kind “{name}” brings {patients} patients a year, and more than any "
        "other change that was tried."
    ),
    "change_anaesthesia_slot": _(
        "One more anaesthesia appointment a day brings {patients} patients a year."
    ),
    "change_anaesthesia_hour": _(
        "One more hour a day of the anaesthesia team brings {patients} patients a year."
    ),
    "change_anaesthesia_team": _(
        "One more anaesthesia team brings {patients} patients a year, and more than any other "
        "change that was tried."
    ),
    "change_shift": _("One more shift of “{name}” brings {patients} patients a year."),
    "change_uptime": _(
        "One more per cent of uptime of the beam “{name}” brings {patients} patients a year."
    ),
    "change_slot_minute": _("One minute less for each fraction brings {patients} patients a year."),
    "change_device": _("One more “{name}” brings {patients} patients a year."),
}

PHRASES = {_C + code: phrase for code, phrase in _SAYS.items()}
