"""What the repair of a plan and the compensation of a delay say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

_SAYS = {
    "proton.replan.lost": _("{resource} is not there at the booked time."),
    "proton.replan.made_room": _(
        "Nobody was lost here: this patient makes room for one who otherwise has no place within "
        "the rules."
    ),
    "proton.replan.made_way": _(
        "A fraction of an earlier phase takes this place, so that the phases stay in order."
    ),
    "proton.replan.no_room": _(
        "{course}, fraction {fraction}: no room of its group has enough free minutes on any day "
        "that the rules allow."
    ),
    "proton.replan.no_team": _(
        "{course}, fraction {fraction}: the anaesthesia team has no free time on any day that the "
        "rules allow."
    ),
    "proton.replan.phase_order": _(
        "{course}, fraction {fraction}: the next phase begins before any place is free."
    ),
    "proton.replan.others_first": _(
        "{course}, fraction {fraction}: the places that fit are given to patients who come first."
    ),
    "proton.replan.gap": _(
        "{course}: {days} days lie between two treatments; no means that is allowed avoids it."
    ),
    "proton.compensation.no_dose": _(
        "The protocol says no dose, so that no compensation can be computed."
    ),
    "proton.compensation.no_start": _(
        "The day of the first fraction is not known, so that no compensation can be computed."
    ),
    "proton.compensation.not_needed": _("By these dose values the delay costs nothing."),
    "proton.compensation.none_found": _(
        "No fraction is left whose dose could be changed, and a few more fractions are not enough."
    ),
    "proton.compensation.approve": _("A proposal only: the physicist and the physician decide."),
    "proton.compensation.category_3": _("Courses of category 3 are not usually compensated."),
    "proton.compensation.avoid_first": _(
        "Means that were not allowed here could avoid the delay: ask for them before the dose is "
        "changed."
    ),
    "proton.compensation.unverified": _("The dose values of this protocol are not verified."),
}

PHRASES = dict(_SAYS)
