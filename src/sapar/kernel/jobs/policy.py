"""Who may see and steer jobs: whoever asked for one, and the administrator."""

from __future__ import annotations

from enum import StrEnum

from sapar.kernel.policy import Everything, Where, rule
from sapar.kernel.roles import Role


class Permission(StrEnum):
    """What can be done with a job."""

    VIEW = "jobs.view"
    MANAGE = "jobs.manage"
    STOP = "jobs.stop"


ASKED = Where("jobs that they asked for", "asked_by", "user_id")

RULES = [
    rule(Permission.VIEW, ASKED, *Role),
    rule(Permission.VIEW, Everything(), Role.ADMINISTRATOR),
    rule(Permission.STOP, ASKED, *Role),
    rule(Permission.STOP, Everything(), Role.ADMINISTRATOR),
    rule(Permission.MANAGE, Everything(), Role.ADMINISTRATOR),
]
