"""The Django app of the room."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """See the room's first lines."""

    name = "sapar.cases"
    label = "cases"

    def ready(self) -> None:
        """Register the rules, the offers and the phrases."""
        from sapar.cases import phrases
        from sapar.cases.actions.erasing import erase_person
        from sapar.cases.actions.offers import OFFERS
        from sapar.cases.fhir import phrases as fhir_phrases
        from sapar.cases.policy import RULES
        from sapar.cases.registration import offers
        from sapar.kernel import policy
        from sapar.kernel.commands import commands
        from sapar.kernel.languages import phrases as languages
        from sapar.people.actions.erasing import erasers

        policy.register(RULES)
        for offer in OFFERS:
            offers.add(offer.key, offer)
        languages.register(phrases.PHRASES)
        languages.register(fhir_phrases.PHRASES)
        erasers.add("cases", erase_person)
        commands.add("cases", "sapar.cases.cli:cases")
