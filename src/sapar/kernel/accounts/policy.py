"""Who may give, see and take away roles."""

from __future__ import annotations

from enum import StrEnum

from sapar.kernel.policy import Everything, Where, anyone, rule
from sapar.kernel.roles import Role


class Permission(StrEnum):
    """What can be done with accounts."""

    REQUEST = "accounts.request"
    EDIT_SELF = "accounts.edit_self"
    MEMBERS = "accounts.members"
    DECIDE = "accounts.decide"
    END = "accounts.end"
    CHANGE_ROLE = "accounts.change_role"
    APPOINT = "accounts.appoint"


OWN_ORGANISATION = Where(
    "memberships in their own organisation", "organisation_id", "organisation_id"
)
OWN_STAFF = Where(
    "memberships in their own organisation, but of referring doctors and protection officers",
    "organisation_id",
    "organisation_id",
    but_not=(("role", (Role.REFERRER.value, Role.DATA_PROTECTION_OFFICER.value)),),
)
OFFICERS = Where(
    "data protection officers of their own organisation",
    "organisation_id",
    "organisation_id",
    also=(("role", Role.DATA_PROTECTION_OFFICER.value),),
)
"""Their rights reach every organisation's patients, so no administrator of one gives them."""
VETTED_HERE = Where(
    "referring doctors whom their centre was asked to vet",
    "vetted_at_organisation_id",
    "organisation_id",
)
OWN_MEMBERSHIP = Where("their own memberships", "user_id", "user_id")

RULES = [
    anyone(Permission.REQUEST, Everything()),
    anyone(Permission.EDIT_SELF, Where("their own account", "pk", "user_id")),
    rule(Permission.MEMBERS, OWN_ORGANISATION, Role.ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER),
    rule(Permission.DECIDE, OWN_STAFF, Role.ADMINISTRATOR),
    rule(Permission.DECIDE, OFFICERS, Role.DATA_PROTECTION_OFFICER),
    rule(Permission.DECIDE, VETTED_HERE, Role.COORDINATOR, Role.ADMINISTRATOR),
    rule(Permission.END, OWN_ORGANISATION, Role.ADMINISTRATOR),
    rule(Permission.END, VETTED_HERE, Role.COORDINATOR, Role.ADMINISTRATOR),
    anyone(Permission.END, OWN_MEMBERSHIP),
    rule(Permission.CHANGE_ROLE, OWN_ORGANISATION, Role.ADMINISTRATOR),
]
"""APPOINT has no row: only the command line, as the system itself, appoints."""
