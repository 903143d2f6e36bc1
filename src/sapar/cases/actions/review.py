"""Steps of the review at the receiving centre."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.cases.actions.moving import perform
from sapar.kernel.actions import action

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor


@action("cases.receive")
def receive(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
) -> int:
    """The centre acknowledges the referral. Returns the new version."""
    return perform(
        "cases.receive",
        by=by,
        case=case,
        version=version,
    )


@action("cases.start_triage")
def start_triage(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
) -> int:
    """Somebody at the centre begins to read it. Returns the new version."""
    return perform(
        "cases.start_triage",
        by=by,
        case=case,
        version=version,
    )


@action("cases.send_to_panel")
def send_to_panel(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
) -> int:
    """The panel is to decide. Returns the new version."""
    return perform(
        "cases.send_to_panel",
        by=by,
        case=case,
        version=version,
    )


@action("cases.request_information")
def request_information(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    reason: str,
    text: str = "",
) -> int:
    """The referring doctor is asked for more; the clock of the centre stops.

    Returns the new version.
    """
    return perform(
        "cases.request_information",
        by=by,
        case=case,
        version=version,
        reason=reason,
        text=text,
    )


@action("cases.answer_information")
def answer_information(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    text: str = "",
) -> int:
    """The referring doctor has answered; a new Task begins. Returns the new version."""
    return perform(
        "cases.answer_information",
        by=by,
        case=case,
        version=version,
        text=text,
    )


@action("cases.lapse")
def lapse(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
) -> int:
    """Nobody answered in time. Only the tick does this. Returns the new version."""
    return perform(
        "cases.lapse",
        by=by,
        case=case,
        version=version,
    )


@action("cases.accept")
def accept(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    text: str = "",
    answer: UUID | None = None,
) -> int:
    """The centre takes the patient. Returns the new version."""
    return perform(
        "cases.accept",
        by=by,
        case=case,
        version=version,
        text=text,
        answer=answer,
    )


@action("cases.decline")
def decline(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    reason: str,
    text: str = "",
    answer: UUID | None = None,
) -> int:
    """The centre does not take the patient; an appeal is possible for a time.

    Returns the new version.
    """
    return perform(
        "cases.decline",
        by=by,
        case=case,
        version=version,
        reason=reason,
        text=text,
        answer=answer,
    )


@action("cases.give_advice")
def give_advice(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    text: str = "",
    answer: UUID | None = None,
) -> int:
    """The centre answers with advice; no transfer is needed. Returns the new version."""
    return perform(
        "cases.give_advice",
        by=by,
        case=case,
        version=version,
        text=text,
        answer=answer,
    )


@action("cases.appeal")
def appeal(
    *,
    by: Actor,
    case: UUID,
    version: int | None,
    reason: str,
    text: str = "",
) -> int:
    """The referring doctor asks for a second review; a new Task begins. Returns the new version."""
    return perform(
        "cases.appeal",
        by=by,
        case=case,
        version=version,
        reason=reason,
        text=text,
    )
