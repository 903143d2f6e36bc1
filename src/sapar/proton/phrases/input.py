"""What can be wrong with a planning document, and what to do about it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

_I = "proton.input."

_WHAT = {
    "json": (
        _("This is not a JSON document: {what}."),
        _("Mend the file at that place, or write it again."),
    ),
    "missing": (
        _("Something that is needed is missing."),
        _("Add it; the reference of the planning documents names every key."),
    ),
    "kind": (
        _("Something of another kind stands here."),
        _("What is wanted: {wanted_phrase}."),
    ),
    "schema": (
        _("The document does not say that it is a “{wanted}”."),
        _("Write “{wanted}” under “schema”, or give the file to the command it was made for."),
    ),
    "text_length": (
        _("The text is empty or longer than 200 characters."),
        _("Write 1 to 200 characters."),
    ),
    "negative": (_("A number below zero has no meaning here."), _("Write zero or more.")),
    "negative_time": (
        _("A time of day before midnight has no meaning."),
        _("Write a time of day as “HH:MM”, from 00:00 on."),
    ),
    "range": (
        _("The number is not between {least} and {most}."),
        _("Write a number from {least} to {most}."),
    ),
    "date": (
        _("This is not a date, or one of a year before 1900 or after 2199."),
        _("Write the date as 2027-03-01."),
    ),
    "moment": (
        _("This is not a moment."),
        _("Write the local date and time as 2027-03-01T14:30, without a zone."),
    ),
    "time": (
        _("This is not a time of day."),
        _("Write “HH:MM”; after midnight the hours go on from 24, to 47:59."),
    ),
    "order": (
        _("The end does not come after the beginning."),
        _("Put the two in their order, or correct one of them."),
    ),
    "choice": (_("This word is not known here."), _("Write one of: {among}.")),
    "too_many": (
        _("The list is longer than {most}."),
        _("Divide the document."),
    ),
    "too_many_courses": (
        _("{value} courses at once are more than any centre can place."),
        _("Give at most {most} at once, the most urgent first."),
    ),
    "unknown_key": (
        _("Nobody knows this key."),
        _("Correct the word or remove it; nothing is ignored silently."),
    ),
    "duplicate": (_("This id stands twice."), _("Give each its own id.")),
    "no_room": (_("The centre has no room."), _("Name at least one room.")),
    "unknown_beam": (_("There is no beam of that id."), _("Name one of: {known}.")),
    "unknown_room": (_("There is no room of that id."), _("Name one of: {known}.")),
    "unknown_kind": (_("The centre has no room of that kind."), _("Name one of: {known}.")),
    "unknown_resource": (_("There is no such resource."), _("Name one of: {known}.")),
    "unknown_role": (_("Nobody of that role is on the staff."), _("Name one of: {known}.")),
    "unknown_device": (
        _("There is no such device and no such role."),
        _("Name one of: {known}, or add it to the centre."),
    ),
    "two_uses": (
        _("A step names a device and a role at once."),
        _("Name one of them, or make two steps of it."),
    ),
    "unknown_protocol": (_("There is no protocol of that id."), _("Add it, or correct the word.")),
    "unknown_urgency": (_("There is no urgency of that id."), _("Name one of: {known}.")),
    "unknown_job": (_("There is no treatment of that id."), _("Correct the word.")),
    "nobody_staffs": (
        _("Rooms need people of the role “{value}”, and nobody of it is ever on shift."),
        _("Add a shift of this role, or take the need away."),
    ),
    "no_room_fits": (
        _("No room is of the named kinds and among the named rooms."),
        _("Name a room of such a kind, or leave one of the two out."),
    ),
    "no_duration": (
        _("Set-up, beam and leaving last no minute together."),
        _("Give at least one of them a duration."),
    ),
    "no_phase": (_("The protocol has no phase."), _("Name at least one.")),
    "no_fraction": (_("The course has no fraction."), _("Give at least one phase a fraction.")),
    "phases_differ": (
        _("The numbers of fractions do not fit the protocol, which has {wanted} phases."),
        _("Give one number for each phase."),
    ),
    "no_anaesthesia": (
        _("The course needs anaesthesia, and the centre has no team."),
        _("Add “anaesthesia” to the centre, or correct the course."),
    ),
    "horizon": (
        _("The horizon ends before it begins, or is longer than {most} days."),
        _("Correct its two dates."),
    ),
    "booking_closed": (
        _("This booking lies where its room is closed."),
        _("Move the booking, or correct the room's hours or closures."),
    ),
    "booking_room": (
        _("Two bookings are in one room at once; the other is of “{other}”."),
        _("Move one of them."),
    ),
    "booking_beam": (
        _("Two bookings use the beam “{beam}” at once, or too close to each other."),
        _("Move one of them."),
    ),
    "booking_number": (
        _("This is booking {value} of a course that has only {most} fractions."),
        _("Remove it, correct its number, or give the course more fractions."),
    ),
    "booking_twice": (
        _("Fraction {fraction} of this course is booked twice."),
        _("Remove one of the two, or correct its number."),
    ),
}

_KINDS = {
    "text": _("a text"),
    "whole": _("a whole number"),
    "number": _("a number"),
    "yes": _("true or false"),
    "date": _("a date, as 2027-03-01"),
    "moment": _("a date and a time, as 2027-03-01T14:30"),
    "time": _("a time of day, as 14:30"),
    "list": _("a list"),
    "object": _("an object with keys"),
    "pair": _("two times of day, the earlier one first"),
}

PHRASES = {
    **{f"proton.kind.{code}": name for code, name in _KINDS.items()},
    **{_I + code: what for code, (what, _remedy) in _WHAT.items()},
    **{f"{_I}{code}.remedy": remedy for code, (_what, remedy) in _WHAT.items()},
}
