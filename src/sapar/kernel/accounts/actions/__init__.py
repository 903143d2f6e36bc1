"""What can be done with accounts: asking for a role, vetting, ending, changing, one's settings."""

from __future__ import annotations

from sapar.kernel.accounts.actions._checks import Licence, Newcomer
from sapar.kernel.accounts.actions.memberships import (
    appoint,
    approve_membership,
    change_role,
    end,
    refuse,
)
from sapar.kernel.accounts.actions.requests import Requested, attach_licence, request_access
from sapar.kernel.accounts.actions.settings import update_settings

__all__ = [
    "Licence",
    "Newcomer",
    "Requested",
    "appoint",
    "approve_membership",
    "attach_licence",
    "change_role",
    "end",
    "refuse",
    "request_access",
    "update_settings",
]
