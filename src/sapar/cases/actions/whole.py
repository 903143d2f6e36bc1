"""The case as a whole: asked to cancel, cancelled, death, entered in error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.cases.actions.moving import perform
from sapar.kernel.actions import action

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor


@action("cases.request_cancel")
def request_cancel(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    reason: str,
    text: str = "",
) -> int:
    """The referring doctor or the family asks to cancel. Returns the new version."""
    return perform(
        "cases.request_cancel",
        by=by,
        case=case,
        version=version,
        reason=reason,
        text=text,
    )


@action("cases.withdraw_cancel")
def withdraw_cancel(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    text: str = "",
) -> int:
    """The wish to cancel is withdrawn. Returns the new version."""
    return perform(
        "cases.withdraw_cancel",
        by=by,
        case=case,
        version=version,
        text=text,
    )


@action("cases.cancel")
def cancel(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    reason: str,
    text: str = "",
) -> int:
    """The case is cancelled; everything it holds is released. Returns the new version."""
    return perform(
        "cases.cancel",
        by=by,
        case=case,
        version=version,
        reason=reason,
        text=text,
    )


@action("cases.record_death")
def record_death(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    text: str = "",
) -> int:
    """The patient has died; everything the case holds is released. Returns the new version."""
    return perform(
        "cases.record_death",
        by=by,
        case=case,
        version=version,
        text=text,
    )


@action("cases.enter_in_error")
def enter_in_error(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    reason: str,
    text: str = "",
) -> int:
    """The case should never have been; it stays visible as an error. Returns the new version."""
    return perform(
        "cases.enter_in_error",
        by=by,
        case=case,
        version=version,
        reason=reason,
        text=text,
    )
