"""What rooms register with a case when Django starts: offers, holders, and what must be settled.

An `Offer` is one thing a user may be able to do with a case; a `Holder` is a room that keeps
something for a case; a `Precondition` is a question that must be settled before a step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.cases.engine import guards
from sapar.cases.states import TRACKS
from sapar.kernel import policy
from sapar.kernel.errors import IllegalTransitionError, NotAllowedError, RefusedError
from sapar.kernel.registry import Registry
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from django.utils.functional import _StrPromise

    from sapar.cases.models import Case
    from sapar.kernel.actors import Actor
    from sapar.kernel.errors import SaparError
    from sapar.values.statements import Statement


@dataclass(frozen=True, slots=True)
class FormField:
    """A further value that an offer's form asks for: the name of the action's parameter."""

    name: str
    label: str | _StrPromise
    kind: str = "text"
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One thing that may be done with a case.

    Attributes:
        key: the kernel action's name, such as "cases.accept".
        label: what the button says.
        permission: asked for the case.
        track, event: the transition, or "" for an action that moves no track.
        guard: a further condition: (case, actor, now) to a Problem or None.
        reasons: the list its coded reason comes from, or "" (moves take it from the table).
        fields: what else the form asks for.
        order: smaller stands first; the most likely next step is smallest.
        kind: "primary", "normal" or "danger".
        text: whether free text is taken beside the reason.
        supersedes: the key of an offer of a lower floor that this one stands in for.
        url_name: a page of its own that takes the case's id, or "" for the general form.
    """

    key: str
    label: str | _StrPromise
    permission: str
    track: str = ""
    event: str = ""
    guard: Callable[[Case, Actor, datetime], Problem | None] | None = None
    reasons: str = ""
    fields: tuple[FormField, ...] = ()
    order: int = 50
    kind: str = "normal"
    text: bool = False
    supersedes: str = ""
    url_name: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """One thing that is kept for a case.

    Attributes:
        holder: the key of the room's holder.
        record: the id of the thing.
        statement: what it is, in code form.
        until: when the hold ends by itself, or None.
    """

    holder: str
    record: UUID
    statement: Statement
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A room that keeps something for cases.

    Attributes:
        track: the track it belongs to; releasing that track releases it.
        models: labels of the records that can be held ("booking.hold"); a test looks for them.
        describe: from a case's id to what is held now.
        release: let everything go for a case. Called inside a running action, in its
            transaction, with a machine as `by` (the step itself was allowed); it may be called
            when nothing is held, and must not move the case's tracks: cases does that.
            What needs the outside world becomes a job.
    """

    track: str
    models: tuple[str, ...]
    describe: Callable[[UUID], tuple[Held, ...]]
    release: Callable[[UUID, Actor, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Precondition:
    """Something another room wants settled before a step (a duplicate to be decided).

    Attributes:
        track, event: the step.
        check: (case, now) to a Problem, or None when settled.
    """

    track: str
    event: str
    check: Callable[[Case, datetime], Problem | None]


offers: Registry[Offer] = Registry("offers")
holders: Registry[Holder] = Registry("holders")
preconditions: Registry[Precondition] = Registry("preconditions")


def refusal(case: Case, actor: Actor, offer: Offer, at: datetime) -> SaparError | None:
    """Why this actor may not do this with this case now; None when they may.

    The page, the API, the actions and the tests all ask this one function.
    """
    if not policy.can(actor, offer.permission, case):
        return NotAllowedError(
            Problem.of("kernel.not_allowed", where=f"case:{case.pk}", value=offer.permission)
        )
    if offer.track:
        states = case.states
        try:
            TRACKS[offer.track].step(states.of(offer.track), offer.event)
        except IllegalTransitionError as error:
            return error
        unmet = guards.unmet(offer.track, offer.event, states._asdict())
        if unmet:
            return RefusedError(
                [
                    Problem.of(said.code, where=f"case:{case.pk}", value=offer.event)
                    for said in unmet
                ]
            )
    if offer.guard is not None:
        problem = offer.guard(case, actor, at)
        if problem is not None:
            return RefusedError(problem)
    for asked in preconditions:
        if offer.track and (asked.track, asked.event) == (offer.track, offer.event):
            problem = asked.check(case, at)
            if problem is not None:
                return RefusedError(problem)
    return None


def reason_list(offer: Offer) -> str:
    """The list from which the offer's coded reason must come, or ""."""
    if offer.reasons or not offer.track:
        return offer.reasons
    for transition in TRACKS[offer.track].transitions:
        if transition.event == offer.event and transition.reason:
            return transition.reason
    return ""
