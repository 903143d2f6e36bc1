"""What booking has to say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PHRASES = {
    "booking.none_free": _("No free place in “{programme_name}” on {day}."),
    "booking.none_free.remedy": _("Choose another day: the calendar shows the free ones."),
    "booking.place_taken": _("Somebody else has just taken the last place."),
    "booking.place_taken.remedy": _("Choose another day: the calendar shows the free ones."),
    "booking.nothing_held": _("No place is held for this case."),
    "booking.nothing_held.remedy": _("Hold a place first."),
    "booking.hold_expired": _("The hold ended on {until}."),
    "booking.hold_expired.remedy": _("Hold a place again, if there is still one."),
    "booking.day_past": _("{day} is in the past."),
    "booking.day_past.remedy": _("Choose a day from today on."),
    "booking.bad_period": _("The period ends before it begins, or is longer than a year."),
    "booking.bad_period.remedy": _("Give a first and a last day at most 366 days apart."),
    "booking.bad_count": _("{value} places a day cannot be opened."),
    "booking.bad_count.remedy": _("Open 1 to 100 places a day."),
    "booking.other_centre": _("“{programme_name}” is a programme of another centre."),
    "booking.other_centre.remedy": _("Choose a programme of your own centre."),
    "booking.still_held": _("Places of this day are held or confirmed and stay open."),
    "booking.still_held.remedy": _("Release or move these patients first."),
    "booking.held": _("A place on {day}, “{programme_name}”."),
}
