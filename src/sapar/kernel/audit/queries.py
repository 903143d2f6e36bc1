"""Who changed and who read a record: for the patient's page and the data protection officer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sapar.kernel.accounts.models import Organisation, User
from sapar.kernel.audit.models import AuditEvent, AuditRead

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing somebody did to a record, or one time they read it.

    Attributes:
        at: when, in UTC.
        actor: "user:<id>" or "system:<name>", as the trail keeps it.
        name: the person's full name today; "" for the system and for an account that is erased.
        organisation: names of the organisation they acted for, by language; empty if none.
        action: the action's name, or the page that was read.
        about: type and id of the record within the root.
        what: ids and codes that the action noted; empty for a read.
        purpose: why it was read ("care", "break-glass"...); "" for an action.
    """

    at: datetime
    actor: str
    name: str
    organisation: Mapping[str, str]
    action: str
    about: tuple[str, UUID]
    what: Mapping[str, str | int | bool | None]
    purpose: str = ""


def history(roots: Sequence[tuple[str, UUID]], *, limit: int = 200) -> list[Entry]:
    """What was done to these roots, newest first."""
    rows: list[AuditEvent] = []
    for root_type, root_id in roots:
        found = AuditEvent.objects.filter(root_type=root_type, root_id=root_id)
        rows.extend(found.order_by("-sequence")[:limit])
    rows.sort(key=lambda row: (row.at, row.pk), reverse=True)
    rows = rows[:limit]
    names, organisations = _names(rows)
    return [
        Entry(
            at=row.at,
            actor=row.actor,
            name=names.get(row.actor, ""),
            organisation=organisations.get(row.organisation_id, {}),
            action=row.action,
            about=(row.about_type, row.about_id),
            what=row.what,
        )
        for row in rows
    ]


def reads(roots: Sequence[tuple[str, UUID]], *, limit: int = 200) -> list[Entry]:
    """Who read these roots, newest first."""
    rows: list[AuditRead] = []
    for root_type, root_id in roots:
        found = AuditRead.objects.filter(root_type=root_type, root_id=root_id)
        rows.extend(found.order_by("-at")[:limit])
    rows.sort(key=lambda row: (row.at, row.pk), reverse=True)
    rows = rows[:limit]
    names, organisations = _names(rows)
    return [
        Entry(
            at=row.at,
            actor=row.actor,
            name=names.get(row.actor, ""),
            organisation=organisations.get(row.organisation_id, {}),
            action=row.page,
            about=(row.root_type, row.root_id),
            what={},
            purpose=row.purpose,
        )
        for row in rows
    ]


def _names(
    rows: Iterable[AuditEvent | AuditRead],
) -> tuple[dict[str, str], dict[UUID | None, Mapping[str, str]]]:
    """Names of the people by label, and of the organisations by id: two queries for all rows."""
    people: set[UUID] = set()
    places: set[UUID] = set()
    for row in rows:
        kind, _, key = row.actor.partition(":")
        if kind == "user" and key != "None":
            people.add(UUID(key))
        if row.organisation_id:
            places.add(row.organisation_id)
    users = User.objects.filter(pk__in=people).values_list("pk", "full_name")
    organisations = Organisation.objects.filter(pk__in=places).values_list("pk", "names")
    return {f"user:{pk}": name for pk, name in users}, dict(organisations)
