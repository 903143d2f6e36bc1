"""The Django app of the room: what it offers to the rest of the house."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """See the room's first lines."""

    name = "sapar.people"
    label = "people"

    def ready(self) -> None:
        """Register rules, phrases, navigation and the patients of an account."""
        from django.utils.translation import gettext_lazy as _

        from sapar.kernel import policy
        from sapar.kernel.accounts.extras import actor_extras
        from sapar.kernel.languages import phrases
        from sapar.kernel.navigation import Entry, navigation
        from sapar.people.phrases import PHRASES
        from sapar.people.policy import RULES, Permission
        from sapar.people.queries import with_patients

        policy.register(RULES)
        actor_extras.add("people", with_patients)
        phrases.register(PHRASES)
        navigation.add(
            "people.duplicates",
            Entry(_("Possible duplicates"), "people:duplicates", Permission.DECIDE, 60),
        )
