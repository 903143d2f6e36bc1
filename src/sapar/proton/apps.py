"""The Django app of the room."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProtonConfig(AppConfig):
    """See the room's first lines."""

    name = "sapar.proton"
    label = "proton"

    def ready(self) -> None:
        """Register rules, phrases, offers, what the room holds, the demonstration."""
        from sapar.cases.registration import Holder, holders, offers
        from sapar.kernel import policy
        from sapar.kernel.commands import commands
        from sapar.kernel.demonstration import Loader, demonstration
        from sapar.kernel.languages import phrases
        from sapar.kernel.navigation import Entry, navigation
        from sapar.people.actions.erasing import erasers
        from sapar.proton import actions
        from sapar.proton.actions.erasing import erase_person
        from sapar.proton.offers import OFFERS
        from sapar.proton.phrases import PHRASES
        from sapar.proton.policy import RULES, Permission
        from sapar.proton.queries.courses import held

        policy.register(RULES)
        phrases.register(PHRASES)
        phrases.register_units({"Gy": _("Gy"), "mm": _("mm")})
        for offer in OFFERS:
            offers.add(offer.key, offer)
        holders.add(
            "proton.course",
            Holder(
                track="booking",
                models=("proton.course",),
                describe=held,
                release=actions.release_for,
            ),
        )
        navigation.add(
            "proton.plan", Entry(_("Proton plan"), "proton:home", Permission.VIEW, 25, "clock")
        )
        navigation.add(
            "proton.outcomes",
            Entry(_("Outcomes"), "proton:outcomes", Permission.SEE_OUTCOME, 26, "heart"),
        )
        erasers.add("proton", erase_person)
        commands.add("proton", "sapar.proton.cli:proton")
        path = "sapar.proton.demonstration"
        demonstration.add("proton", Loader(45, _("the proton centre"), path + ":load_centre"))
        demonstration.add("courses", Loader(60, _("a year of courses"), path + ".a_year:load"))
        demonstration.add(
            "selection", Loader(65, _("protons or photons"), path + ".selection:load")
        )
        demonstration.add("outcomes", Loader(66, _("outcomes"), path + ".outcomes:load"))
