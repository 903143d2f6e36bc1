"""The Django app of the room."""

from __future__ import annotations

from django.apps import AppConfig


class AnswerConfig(AppConfig):
    """See the room's first lines."""

    name = "sapar.answer"
    label = "answer"

    def ready(self) -> None:
        """Register rules, phrases, offers, navigation and the commands."""
        from django.utils.translation import gettext_lazy as _

        from sapar.answer import phrases_intake, phrases_pages
        from sapar.answer.actions import erase_person
        from sapar.answer.offers import OFFERS
        from sapar.answer.phrases import PHRASES
        from sapar.answer.policy import RULES
        from sapar.answer.queries import may_add_to_case, may_see_case, may_see_refused
        from sapar.cases.policy import Permission as CasePermission
        from sapar.cases.registration import offers
        from sapar.kernel import policy
        from sapar.kernel.commands import commands
        from sapar.kernel.demonstration import Loader, demonstration
        from sapar.kernel.documents.roots import document_adders, document_roots
        from sapar.kernel.languages import phrases
        from sapar.kernel.navigation import Entry, navigation
        from sapar.people.actions.erasing import erasers

        erasers.add("answer", erase_person)
        document_roots.add("case", may_see_case)
        document_adders.add("case", may_add_to_case)
        document_roots.add("organisation", may_see_refused)
        path = "sapar.answer.demonstration:"
        demonstration.add("booking", Loader(40, _("the calendars"), path + "load_calendars"))
        demonstration.add("cases", Loader(50, _("the cases"), path + "load"))
        policy.register(RULES)
        phrases.register(PHRASES)
        phrases.register(phrases_intake.PHRASES)
        phrases.register(phrases_pages.PHRASES)
        for offer in OFFERS:
            offers.add(offer.key, offer)
        for key, entry in {
            "answer.worklists": Entry(
                _("Cases"), "answer:worklists", CasePermission.VIEW, order=10, icon="list"
            ),
            "answer.refer": Entry(
                _("New referral"), "answer:start", CasePermission.REFER, order=20, icon="plus"
            ),
            "answer.counts": Entry(
                _("Counts"), "answer:counts", CasePermission.COUNT, order=10, icon="list"
            ),
            "answer.oversight": Entry(
                _("Who saw what"), "answer:oversight", CasePermission.BROKEN_GLASS, order=10
            ),
        }.items():
            navigation.add(key, entry)
        commands.add("samples", "sapar.answer.samples:samples")
        commands.add("refer", "sapar.answer.cli:refer")
