"""Steps of the journey: there, treated, and home again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.cases.actions.moving import perform
from sapar.kernel.actions import action

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor


@action("cases.record_departure")
def record_departure(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
) -> int:
    """The patient has set out. Returns the new version."""
    return perform(
        "cases.record_departure",
        by=by,
        case=case,
        version=version,
    )


@action("cases.record_arrival")
def record_arrival(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
) -> int:
    """The patient has arrived. Returns the new version."""
    return perform(
        "cases.record_arrival",
        by=by,
        case=case,
        version=version,
    )


@action("cases.admit")
def admit(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
) -> int:
    """The patient is admitted. Returns the new version."""
    return perform(
        "cases.admit",
        by=by,
        case=case,
        version=version,
    )


@action("cases.start_treatment")
def start_treatment(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
) -> int:
    """Treatment has begun. Returns the new version."""
    return perform(
        "cases.start_treatment",
        by=by,
        case=case,
        version=version,
    )


@action("cases.interrupt_treatment")
def interrupt_treatment(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    reason: str,
    text: str = "",
) -> int:
    """Treatment is interrupted. Returns the new version."""
    return perform(
        "cases.interrupt_treatment",
        by=by,
        case=case,
        version=version,
        reason=reason,
        text=text,
    )


@action("cases.resume_treatment")
def resume_treatment(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
) -> int:
    """Treatment goes on. Returns the new version."""
    return perform(
        "cases.resume_treatment",
        by=by,
        case=case,
        version=version,
    )


@action("cases.finish_treatment")
def finish_treatment(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    text: str = "",
) -> int:
    """Treatment is complete. Returns the new version."""
    return perform(
        "cases.finish_treatment",
        by=by,
        case=case,
        version=version,
        text=text,
    )


@action("cases.start_rehabilitation")
def start_rehabilitation(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    sanatorium: UUID,
) -> int:
    """Rehabilitation begins, in a sanatorium. Returns the new version."""
    return perform(
        "cases.start_rehabilitation",
        by=by,
        case=case,
        version=version,
        sanatorium_id=sanatorium,
    )


@action("cases.discharge")
def discharge(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    text: str = "",
) -> int:
    """The patient is discharged and the summary sent home. Returns the new version."""
    return perform(
        "cases.discharge",
        by=by,
        case=case,
        version=version,
        text=text,
    )


@action("cases.acknowledge_summary")
def acknowledge_summary(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    text: str = "",
) -> int:
    """The home doctor has the summary; the loop is closed. Returns the new version."""
    return perform(
        "cases.acknowledge_summary",
        by=by,
        case=case,
        version=version,
        text=text,
    )
