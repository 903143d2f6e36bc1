"""Who may ask for an answer: whoever may see the case. Who sends is the case's rule."""

from __future__ import annotations

from enum import StrEnum

from sapar.kernel.policy import Everything, rule
from sapar.kernel.roles import Role


class Permission(StrEnum):
    """What can be done in the answer room beyond the rules of cases."""

    TRY = "answer.try"


RULES = [
    rule(Permission.TRY, Everything(), Role.REFERRER, Role.COORDINATOR, Role.CLINICIAN),
]
