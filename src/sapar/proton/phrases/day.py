"""What the planning of one day has to say: bounds, reasons, what binds, mistakes of its input."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

_INPUT = {
    "job_too_long": (
        _("{value} minutes are more than any opening of its rooms has ({longest} minutes)."),
        _("Open a room for longer, or correct the minutes of this treatment."),
    ),
    "window_closed": (
        _("None of its rooms is open for the whole treatment anywhere in this window."),
        _("Move the window into the opening hours, or open the room."),
    ),
    "no_anaesthesia_team": (
        _("“{value}” needs anaesthesia, and the day has no team."),
        _("Add “anaesthesia” to the day, or correct the treatment."),
    ),
    "rank_awake": (
        _("A fasting rank is given for a treatment without anaesthesia."),
        _("Remove the rank, or say that the treatment is under anaesthesia."),
    ),
    "after_itself": (
        _("A treatment cannot come after itself."),
        _("Name the session that comes before it."),
    ),
    "after_circle": (
        _("These treatments come after each other in a circle: {circle}."),
        _("Take one “after” of them away."),
    ),
}

_SAID = {
    "proton.bound.room_load": _("All treatments of one room, one after the other."),
    "proton.bound.rooms_load": _("All treatments of some rooms, spread evenly over them."),
    "proton.bound.rooms_ends": _(
        "Rooms that share a beam cannot all begin at once, nor all end at once."
    ),
    "proton.bound.beam_load": _("All uses of the beam, one after the other."),
    "proton.bound.anaesthesia_load": _("All anaesthesias, spread over the teams."),
    "proton.bound.window_end": _("The treatment that may begin last, because of its window."),
    "proton.bound.job_end": _("The treatment that can end last even if it were alone."),
    "proton.bound.search": _("The search has excluded every shorter day."),
    "proton.reason.window": _("“{job}” is to begin from {from} to {to}."),
    "proton.reason.room_open": _("The opening hours of the room “{room}”."),
    "proton.reason.beam_closed": _("The closed hours of the beam “{beam}”."),
    "proton.reason.anaesthesia_open": _("The hours and the number of the anaesthesia teams."),
    "proton.reason.fasting": _("“{job}” is to begin before “{other}”, because of fasting."),
    "proton.reason.after": _("“{job}” is to begin {minutes} minutes after “{other}” or later."),
    "proton.reason.job": _("“{job}” is to be treated on this day."),
    "proton.day.optimal": _(
        "No sequence is shorter: {minutes} minutes is the shortest possible day."
    ),
    "proton.day.gap": _(
        "The day lasts {minutes} minutes; none lasts less than {bound} minutes (gap {percent} %)."
    ),
    "proton.day.unknown": _(
        "The work ended before a sequence was found and before all were excluded. "
        "Allow more work, or give up a promise."
    ),
    "proton.day.infeasible": _("No sequence keeps all of these together; give up one of them."),
    "proton.day.reasons_smallest": _("It is proven that no fewer reasons would be enough."),
    "proton.day.reasons_irreducible": _(
        "It is proven that each of these reasons is needed: "
        "without any one of them the others can be kept."
    ),
    "proton.day.reasons_open": _(
        "The work ended before it was known whether all of these reasons are needed: "
        "{open} of {count} may be needless. Allow more work to find out."
    ),
    "proton.day.binds_rooms": _(
        "The rooms bind: they are needed for {minutes} minutes, the beam for {other}."
    ),
    "proton.day.binds_beam": _(
        "The beam binds: it is needed for {minutes} minutes, the rooms for {other}."
    ),
    "proton.day.binds_anaesthesia": _(
        "The anaesthesia teams bind: they are needed for {minutes} minutes of this day."
    ),
    "proton.day.binds_window": _(
        "The promise to “{job}” binds: with it the day lasts at least {minutes} minutes."
    ),
    "proton.day.binds_search": _(
        "No single resource binds: together they need at least {minutes} minutes."
    ),
    "proton.day.another_room": _(
        "One more room could shorten the day to {minutes} minutes at best."
    ),
    "proton.day.no_other_room": _("One more room would not shorten the day."),
}

PHRASES = {
    **{f"proton.input.{code}": what for code, (what, _remedy) in _INPUT.items()},
    **{f"proton.input.{code}.remedy": remedy for code, (_what, remedy) in _INPUT.items()},
    **_SAID,
}
