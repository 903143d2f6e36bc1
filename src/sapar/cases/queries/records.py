"""What hangs on a case: timeline, tasks, thread, decisions, broken glass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.cases.models import BreakGlass, Case, CaseEvent, Decision, Message, Task, ThreadRead
from sapar.cases.policy import Permission
from sapar.kernel import policy
from sapar.kernel.errors import NotFoundError
from sapar.values.statements import Problem, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from sapar.kernel.accounts.models import Organisation, User
    from sapar.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class EventView:
    """A line of the timeline: what, why, when, by whom, for which organisation."""

    at: datetime
    kind: str
    statement: Statement
    reason: Statement | None
    by: str
    organisation: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TaskView:
    """A piece of work: FHIR Task, with its owner."""

    id: UUID
    track: str
    status: str
    business_status: str
    organisation_id: UUID | None
    role: str
    reason: Statement | None
    reason_text: str
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message; `unread` is for the person who asks."""

    id: UUID
    at: datetime
    author: str
    organisation: Mapping[str, str]
    body: str
    unread: bool


@dataclass(frozen=True, slots=True)
class DecisionView:
    """What was decided, beside which answer."""

    id: UUID
    kind: str
    statement: Statement
    reason: Statement | None
    text: str
    answer_id: UUID | None
    by: str
    organisation: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, slots=True)
class GlassView:
    """An emergency access, with the reason that was written."""

    case_id: UUID
    number: str
    by: str
    organisation: Mapping[str, str]
    reason: str
    at: datetime
    expires_at: datetime


def _seen(actor: Actor, case_id: UUID, permission: Permission) -> None:
    case = Case.objects.filter(pk=case_id).first()
    if case is None or not policy.can(actor, permission, case):
        raise NotFoundError(Problem.of("kernel.not_found", where=f"cases.case:{case_id}"))


def _names(organisation: Organisation | None) -> Mapping[str, str]:
    return dict(organisation.names) if organisation else {}


def _who(user: User | None) -> str:
    return user.full_name if user else ""


def _reason(list_name: str, code: str) -> Statement | None:
    return Statement(f"cases.reason.{list_name}.{code}") if list_name and code else None


def timeline(actor: Actor, case_id: UUID) -> tuple[EventView, ...]:
    """Everything that happened, the newest first.

    Raises:
        NotFoundError: the actor may not see the case.
    """
    _seen(actor, case_id, Permission.VIEW)
    rows = CaseEvent.objects.filter(case_id=case_id).select_related("by", "by_organisation")
    views = []
    for row in rows.order_by("-at", "-pk"):
        params = dict(row.params)
        list_name, _dot, code = str(params.pop("reason", "")).partition(".")
        views.append(
            EventView(
                row.at,
                row.kind,
                Statement(f"cases.event.{row.code}", params),
                _reason(list_name, code),
                _who(row.by),
                _names(row.by_organisation),
            )
        )
    return tuple(views)


def tasks(actor: Actor, case_id: UUID) -> tuple[TaskView, ...]:
    """All Tasks of a case, open ones first, then the newest.

    Raises:
        NotFoundError: the actor may not see the case.
    """
    _seen(actor, case_id, Permission.VIEW)
    rows = Task.objects.filter(case_id=case_id).order_by("-opened_at", "-pk")
    return tuple(
        TaskView(
            row.pk,
            row.track,
            row.status,
            row.business_status,
            row.organisation_id,
            row.role,
            _reason(row.reason_list, row.reason),
            row.reason_text,
            row.opened_at,
            row.closed_at,
        )
        for row in sorted(rows, key=lambda task: task.closed_at is not None)
    )


def thread(actor: Actor, case_id: UUID) -> tuple[MessageView, ...]:
    """The thread, the oldest first.

    Raises:
        NotFoundError: the actor has no part in it.
    """
    _seen(actor, case_id, Permission.THREAD)
    marks = ThreadRead.objects.filter(case_id=case_id)
    mark = marks.filter(user_id=actor.user_id).first() if actor.user_id else None
    rows = Message.objects.filter(case_id=case_id).select_related("author", "organisation")
    return tuple(
        MessageView(
            row.pk,
            row.at,
            _who(row.author),
            _names(row.organisation),
            row.body,
            row.author_id != actor.user_id and (mark is None or mark.read_until < row.at),
        )
        for row in rows.order_by("at", "pk")
    )


def decisions(actor: Actor, case_id: UUID) -> tuple[DecisionView, ...]:
    """What people decided, the newest first.

    Raises:
        NotFoundError: the actor may not see the case.
    """
    _seen(actor, case_id, Permission.VIEW)
    rows = Decision.objects.filter(case_id=case_id).select_related("by", "by_organisation")
    return tuple(
        DecisionView(
            row.pk,
            row.kind,
            Statement(f"cases.event.{row.kind}"),
            _reason(row.reason_list, row.reason),
            row.text,
            row.answer_id,
            _who(row.by),
            _names(row.by_organisation),
            row.at,
        )
        for row in rows.order_by("-at", "-pk")
    )


def broken_glass(actor: Actor, case_id: UUID | None = None) -> tuple[GlassView, ...]:
    """Emergency accesses that the actor may know of: of one case, or of all; the newest first.

    A patient sees those to their own cases, the data protection officer sees all.
    """
    reach = policy.visible_to(actor, Permission.BROKEN_GLASS, Case.objects.all())
    rows = BreakGlass.objects.filter(case__in=reach)
    if case_id is not None:
        rows = rows.filter(case_id=case_id)
    return tuple(
        GlassView(
            row.case_id,
            row.case.number,
            _who(row.user),
            _names(row.organisation),
            row.reason,
            row.at,
            row.expires_at,
        )
        for row in rows.select_related("case", "user", "organisation").order_by("-at")
    )
