"""The Django app of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, organisations, memberships."""

    name = "sapar.kernel.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Register rules, phrases, navigation, commands and who may see a licence."""
        from django.utils.translation import gettext_lazy as _

        from sapar.kernel import policy
        from sapar.kernel.accounts.licences import may_see_licence
        from sapar.kernel.accounts.phrases import PHRASES
        from sapar.kernel.accounts.policy import RULES, Permission
        from sapar.kernel.commands import commands
        from sapar.kernel.demonstration import Loader, demonstration
        from sapar.kernel.documents.roots import document_roots
        from sapar.kernel.languages import phrases
        from sapar.kernel.navigation import Entry, navigation

        policy.register(RULES)
        phrases.register(PHRASES)
        commands.add("accounts", "sapar.kernel.accounts.cli:accounts")
        document_roots.add("membership", may_see_licence)
        path = "sapar.kernel.accounts.demonstration:load"
        demonstration.add("accounts", Loader(20, _("the logins"), path))
        navigation.add(
            "accounts.requests",
            Entry(_("Requests"), "accounts:requests", Permission.DECIDE, order=80, icon="person"),
        )
        navigation.add(
            "accounts.members",
            Entry(_("Members"), "accounts:members", Permission.MEMBERS, order=81, icon="people"),
        )
