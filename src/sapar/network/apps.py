"""The Django app of the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NetworkConfig(AppConfig):
    """See the room's first lines."""

    name = "sapar.network"
    label = "network"

    def ready(self) -> None:
        """Register rules, phrases, the command and the navigation."""
        from sapar.kernel import policy
        from sapar.kernel.commands import commands
        from sapar.kernel.demonstration import Loader, demonstration
        from sapar.kernel.languages import phrases
        from sapar.kernel.navigation import Entry, navigation
        from sapar.network import naming
        from sapar.network.phrases import PHRASES, WORDS
        from sapar.network.policy import RULES, Permission

        policy.register(RULES)
        phrases.register(PHRASES)
        phrases.register(WORDS)
        demonstration.add(
            "network", Loader(10, _("the network"), "sapar.network.demonstration:load")
        )
        naming.register()
        commands.add("network", "sapar.network.cli:network")
        navigation.add(
            "network.directory",
            Entry(label=_("Directory"), url_name="network:directory", order=80),
        )
        navigation.add(
            "network.entries",
            Entry(
                label=_("Network data"),
                url_name="network:entries",
                permission=Permission.EDIT,
                order=85,
            ),
        )
