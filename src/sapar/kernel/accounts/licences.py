"""Who may see a licence document: its owner, and who may end or decide the membership."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.kernel import policy
from sapar.kernel.accounts.models import Membership
from sapar.kernel.accounts.policy import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor


def may_see_licence(actor: Actor, membership: UUID) -> bool:
    """The documents' resolver for the root type "membership"."""
    record = Membership.objects.filter(pk=membership).first()
    return record is not None and policy.can(actor, Permission.END, record)
