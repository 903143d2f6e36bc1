"""What is odd about contours and dose grids."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PHRASES = {
    "proton.dvh.no_contours": _("The structure has no contours."),
    "proton.dvh.no_contours.remedy": _(
        "Ask the sender for the contours if the organ matters; it is treated as missing."
    ),
    "proton.dvh.too_few_points": _(
        "{contours} contours have fewer than three usable points and enclose nothing."
    ),
    "proton.dvh.too_few_points.remedy": _(
        "They were left out. Look at the structure in its planes."
    ),
    "proton.dvh.no_area": _("{contours} contours enclose no area."),
    "proton.dvh.no_area.remedy": _("They count for nothing. Look at the structure in its planes."),
    "proton.dvh.crossing": _("{contours} contours cross themselves."),
    "proton.dvh.crossing.remedy": _(
        "What is enclosed twice counts as outside. Have the contour drawn again if that is wrong."
    ),
    "proton.dvh.cancelled": _("Contours of one plane lie on each other and cancel."),
    "proton.dvh.cancelled.remedy": _(
        "A contour inside another is a hole, so a contour sent twice leaves nothing. Have it sent "
        "once."
    ),
    "proton.dvh.gap_bridged": _("{missing} planes between two contours have none."),
    "proton.dvh.gap_bridged.remedy": _(
        "Both contours were extended half-way. Have the missing contours drawn if it matters."
    ),
    "proton.dvh.gap_open": _("{missing} planes between two contours have none."),
    "proton.dvh.gap_open.remedy": _(
        "The structure was taken to be in two parts. Have the missing contours drawn if it is not."
    ),
    "proton.dvh.single_plane": _("The structure has contours in a single plane."),
    "proton.dvh.single_plane.remedy": _("It counts for one slice; its volume is uncertain."),
    "proton.dvh.outside": _("The structure lies outside the dose grid."),
    "proton.dvh.outside.remedy": _(
        "Its dose is unknown, not zero. Ask for a dose grid that holds it."
    ),
    "proton.dvh.partly_outside": _("The dose grid holds {covered} % of the structure."),
    "proton.dvh.partly_outside.remedy": _(
        "The dose figures are of that part alone. Ask for a dose grid that holds all of it."
    ),
}
