"""Who acts: a person in one organisation with the roles held there, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.roles import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """The `by=` of every action, and the subject of every policy question.

    Attributes:
        user_id: the account; None for the system.
        organisation_id: where the person acts now; None for patients and the system.
        country: ISO 3166-1 alpha-2 code of that organisation, or "".
        roles: the roles held there, already narrowed to those that are valid now.
        patient_ids: the patients this account may speak for (self or guardian).
        system: the name of the machine's own part ("tick", "loader", "demo"), or "".
    """

    user_id: UUID | None = None
    organisation_id: UUID | None = None
    country: str = ""
    roles: frozenset[Role] = field(default_factory=frozenset)
    patient_ids: frozenset[UUID] = field(default_factory=frozenset)
    system: str = ""

    @classmethod
    def machine(cls, name: str) -> Actor:
        """The system itself, under a name that the audit trail keeps."""
        return cls(system=name)

    @property
    def label(self) -> str:
        """What the audit trail stores: an id, never a name."""
        return f"system:{self.system}" if self.system else f"user:{self.user_id}"


ANONYMOUS = Actor()
