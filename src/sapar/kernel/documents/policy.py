"""Who may see documents: whoever may see the root they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import Q

from sapar.kernel.documents.models import Document
from sapar.kernel.documents.roots import may, may_add
from sapar.kernel.policy import NOTHING, Scope, anyone

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.db.models import Model

    from sapar.kernel.actors import Actor


class Permission(StrEnum):
    """What can be done with documents."""

    VIEW = "documents.view"
    ATTACH = "documents.attach"


@dataclass(frozen=True)
class OfRoot(Scope):
    """Documents of a root that the actor may see, as the root's room says.

    `query` asks the room about each root; lists use `queries.documents_of`, which asks once.
    """

    name: str = "documents of what they may see"
    asks: Callable[[Actor, str, UUID], bool] = may

    def covers(self, actor: Actor, obj: Model) -> bool:
        """Ask the room of the document's root."""
        return isinstance(obj, Document) and self.asks(actor, obj.root_type, obj.root_id)

    def query(self, actor: Actor) -> Q:
        """The roots that the actor may see, as a filter."""
        reached = NOTHING
        roots = Document.objects.order_by().values_list("root_type", "root_id").distinct()
        for root_type, root_id in roots.iterator():
            if self.asks(actor, root_type, root_id):
                reached |= Q(root_type=root_type, root_id=root_id)
        return reached


RULES = [
    anyone(Permission.VIEW, OfRoot()),
    anyone(Permission.ATTACH, OfRoot("documents of what they may change", may_add)),
]
