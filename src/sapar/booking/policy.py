"""Who may open and close places. Who may hold one for a case is the case's rule."""

from __future__ import annotations

from enum import StrEnum

from sapar.kernel.policy import Where, rule
from sapar.kernel.roles import Role


class Permission(StrEnum):
    """What can be done with places."""

    MANAGE = "booking.manage"
    TICK = "booking.tick"
    """Only the machine: no rule gives it to a person."""


RULES = [
    rule(
        Permission.MANAGE,
        Where("places of their centre", "centre_id", "organisation_id"),
        Role.COORDINATOR,
        Role.SCHEDULER,
        Role.ADMINISTRATOR,
    ),
]
