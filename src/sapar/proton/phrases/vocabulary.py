"""Words for the codes of a configuration: kinds of rooms, roles, steps, devices, protocols.

Owners write their own codes and names; what is not here stands on the page as they wrote it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

STEP = "proton.step."
USE = "proton.use."
ROOM_KIND = "proton.room_kind."

_WORDS: dict[str, dict[str, _StrPromise]] = {
    STEP: {
        "consultation": _("Consultation"),
        "mould-room": _("Mould room"),
        "ct": _("Planning CT"),
        "mri": _("MRI"),
        "contouring": _("Contouring"),
        "planning": _("Planning"),
        "review": _("Review of the plan"),
        "patient-qa": _("Check of the plan on the machine"),
        "dry-run": _("Dry run"),
        "verification-ct": _("Verification CT"),
        "weekly-visit": _("Weekly visit to the doctor"),
    },
    USE: {
        "ct": _("CT"),
        "mri": _("MRI"),
        "mould-room": _("Mould room"),
        "physicist": _("Medical physicist"),
        "therapist": _("Radiation therapist"),
        "anaesthetist": _("Anaesthetist"),
    },
    ROOM_KIND: {"gantry": _("gantry"), "fixed": _("fixed beam")},
}

PHRASES: dict[str, _StrPromise] = {
    kind + code: word for kind, words in _WORDS.items() for code, word in words.items()
}

PROTOCOL_NAMES = (
    gettext_noop("Craniospinal axis and boost"),
    gettext_noop("Brain, focal, child"),
    gettext_noop("Brain and skull base, adult"),
    gettext_noop("Chordoma"),
    gettext_noop("Head and neck"),
    gettext_noop("Sarcoma, child and young adult"),
    gettext_noop("Chest and oesophagus"),
    gettext_noop("Lymphoma of the mediastinum"),
    gettext_noop("Liver"),
    gettext_noop("Eye"),
    gettext_noop("Re-irradiation"),
)
"""The names that the shipped configuration has; a centre that keeps them gets them translated."""
