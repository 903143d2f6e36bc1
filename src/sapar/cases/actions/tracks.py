"""Steps of funding, visa and booking. The rooms above call these with what they decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.cases.actions.moving import perform
from sapar.kernel.actions import action

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor


@action("cases.hold_funding")
def hold_funding(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    payer: UUID | None = None,
) -> int:
    """A place in the payer's quota is kept for the case; None is the family itself.

    Returns the new version.
    """
    return perform(
        "cases.hold_funding",
        by=by,
        case=case,
        version=version,
        payer_id=payer,
    )


@action("cases.apply_for_funding")
def apply_for_funding(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    payer: UUID | None = None,
) -> int:
    """The payer is asked; None is the family itself. Returns the new version."""
    return perform(
        "cases.apply_for_funding",
        by=by,
        case=case,
        version=version,
        payer_id=payer,
    )


@action("cases.approve_funding")
def approve_funding(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    text: str = "",
    answer: UUID | None = None,
) -> int:
    """The payer pays. Returns the new version."""
    return perform(
        "cases.approve_funding",
        by=by,
        case=case,
        version=version,
        text=text,
        answer=answer,
    )


@action("cases.refuse_funding")
def refuse_funding(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    reason: str,
    text: str = "",
    answer: UUID | None = None,
) -> int:
    """The payer does not pay; what the case holds is released. Returns the new version."""
    return perform(
        "cases.refuse_funding",
        by=by,
        case=case,
        version=version,
        reason=reason,
        text=text,
        answer=answer,
    )


@action("cases.release_funding")
def release_funding(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    reason: str,
    text: str = "",
) -> int:
    """The held or promised money is given back. Returns the new version."""
    return perform(
        "cases.release_funding",
        by=by,
        case=case,
        version=version,
        reason=reason,
        text=text,
    )


@action("cases.mark_visa_not_needed")
def mark_visa_not_needed(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    text: str = "",
) -> int:
    """No visa is needed for this stay. Returns the new version."""
    return perform(
        "cases.mark_visa_not_needed",
        by=by,
        case=case,
        version=version,
        text=text,
    )


@action("cases.apply_for_visa")
def apply_for_visa(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
) -> int:
    """The visa has been applied for. Returns the new version."""
    return perform(
        "cases.apply_for_visa",
        by=by,
        case=case,
        version=version,
    )


@action("cases.record_visa")
def record_visa(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
) -> int:
    """The visa has been issued. Returns the new version."""
    return perform(
        "cases.record_visa",
        by=by,
        case=case,
        version=version,
    )


@action("cases.record_visa_refusal")
def record_visa_refusal(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    reason: str,
    text: str = "",
) -> int:
    """The visa was refused; what the case holds is released. Returns the new version."""
    return perform(
        "cases.record_visa_refusal",
        by=by,
        case=case,
        version=version,
        reason=reason,
        text=text,
    )


@action("cases.expire_visa")
def expire_visa(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
) -> int:
    """The visa has run out. Returns the new version."""
    return perform(
        "cases.expire_visa",
        by=by,
        case=case,
        version=version,
    )


@action("cases.put_on_waiting_list")
def put_on_waiting_list(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
) -> int:
    """The case waits for a place. Returns the new version."""
    return perform(
        "cases.put_on_waiting_list",
        by=by,
        case=case,
        version=version,
    )


@action("cases.hold_place")
def hold_place(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
) -> int:
    """A place is kept for the case, for a time. Returns the new version."""
    return perform(
        "cases.hold_place",
        by=by,
        case=case,
        version=version,
    )


@action("cases.confirm_place")
def confirm_place(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
) -> int:
    """The kept place is the patient's. Returns the new version."""
    return perform(
        "cases.confirm_place",
        by=by,
        case=case,
        version=version,
    )


@action("cases.reschedule")
def reschedule(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    reason: str,
    text: str = "",
) -> int:
    """Another date is wanted; the old place is let go. Returns the new version."""
    return perform(
        "cases.reschedule",
        by=by,
        case=case,
        version=version,
        reason=reason,
        text=text,
    )


@action("cases.record_no_show")
def record_no_show(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    reason: str,
    text: str = "",
) -> int:
    """The patient did not come. Returns the new version."""
    return perform(
        "cases.record_no_show",
        by=by,
        case=case,
        version=version,
        reason=reason,
        text=text,
    )


@action("cases.release_place")
def release_place(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    reason: str,
    text: str = "",
) -> int:
    """The place is let go. Returns the new version."""
    return perform(
        "cases.release_place",
        by=by,
        case=case,
        version=version,
        reason=reason,
        text=text,
    )
