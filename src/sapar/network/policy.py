"""Who may edit the network: its owners. Reading is open to everyone (the public directory)."""

from __future__ import annotations

from enum import StrEnum

from sapar.kernel import policy
from sapar.kernel.roles import Role


class Permission(StrEnum):
    """What can be done with entries."""

    EDIT = "network.edit"
    LOAD = "network.load"


OWN = policy.Where(
    "entries that the organisation owns", field="owner_id", attribute="organisation_id"
)
COUNTRY = policy.Where(
    "entries that a ministry of the country owns",
    field="owner__country",
    attribute="country",
    also=(("owner__kind", "ministry"),),
)

RULES = [
    policy.rule(Permission.EDIT, OWN, Role.ADMINISTRATOR),
    policy.rule(Permission.EDIT, COUNTRY, Role.MINISTRY_ANALYST),
]
"""Loading files has no rule: only the machine itself (`sapar network load`) may."""
