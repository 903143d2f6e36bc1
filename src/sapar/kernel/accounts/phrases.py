"""What accounts say when something cannot be done."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PHRASES = {
    "accounts.not_yourself": _("Nobody approves or changes their own role."),
    "accounts.not_yourself.remedy": _("Ask a colleague who has the right to do it."),
    "accounts.role_not_here": _("This role does not exist in this kind of organisation."),
    "accounts.role_not_here.remedy": _("Choose one of the roles of the list."),
    "accounts.licence_incomplete": _(
        "A referring doctor needs a licence: its number, the authority and the day it expires."
    ),
    "accounts.licence_incomplete.remedy": _("Fill in all three."),
    "accounts.licence_expired": _("The licence expired on {expires}."),
    "accounts.licence_expired.remedy": _("Renew the licence, then ask again."),
    "accounts.licence_not_seen": _("The licence has not been seen."),
    "accounts.licence_not_seen.remedy": _(
        "Look at the licence document, or ask the authority, then confirm that you saw it."
    ),
    "accounts.no_vetting_centre": _("No centre was named to check the licence."),
    "accounts.no_vetting_centre.remedy": _("Choose the centre that you will refer patients to."),
    "accounts.already_requested": _("This role was requested already and is being looked at."),
    "accounts.already_requested.remedy": _("Wait for the decision."),
    "accounts.already_member": _("This person has the role already."),
    "accounts.already_member.remedy": _("Nothing needs to be done."),
    "accounts.not_open": _("This has been decided already."),
    "accounts.not_open.remedy": _("Open the page again to see the decision."),
    "accounts.last_administrator": _("This is the last administrator of the organisation."),
    "accounts.last_administrator.remedy": _("Appoint another administrator first."),
    "accounts.unknown_time_zone": _("There is no time zone {value}."),
    "accounts.unknown_time_zone.remedy": _("Choose one from the list."),
    "accounts.weak_password": _("The password is too easy to guess."),
    "accounts.weak_password.remedy": _("Use at least 12 characters, and no common password."),
}
