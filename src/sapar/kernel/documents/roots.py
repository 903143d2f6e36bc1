"""To what documents are attached, and who may see each: rooms register a resolver a root type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.kernel.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sapar.kernel.actors import Actor

    RootResolver = Callable[[Actor, UUID], bool]

document_roots: Registry[RootResolver] = Registry("document roots")
"""Root type ("case", "patient", "membership") to a function (actor, root id) -> may they."""


document_adders: Registry[RootResolver] = Registry("document adders")
"""The same for adding a document, for root types that more people may see than may change."""


def may(actor: Actor, root_type: str, root_id: UUID) -> bool:
    """Whether the actor may see the documents of a root."""
    if actor.system:
        return True
    return root_type in document_roots and document_roots.get(root_type)(actor, root_id)


def may_add(actor: Actor, root_type: str, root_id: UUID) -> bool:
    """Whether the actor may add documents to a root: they see it, and its room has no objection."""
    if not may(actor, root_type, root_id):
        return False
    if actor.system or root_type not in document_adders:
        return True
    return document_adders.get(root_type)(actor, root_id)
