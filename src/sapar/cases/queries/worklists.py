"""Worklists: each role's lists as data, their counts, and a page of lines.

A page costs a fixed number of queries, however many cases there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Case as SqlCase
from django.db.models import Count, F, Prefetch, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sapar.cases.engine.waiting import awaited
from sapar.cases.models import Case, Clock
from sapar.cases.policy import Permission
from sapar.cases.states import States, ended, stage
from sapar.kernel import policy
from sapar.kernel.errors import NotFoundError
from sapar.kernel.roles import Role
from sapar.people.models import Person
from sapar.values import identifiers, names
from sapar.values.statements import Problem, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from uuid import UUID

    from django.utils.functional import _StrPromise

    from sapar.kernel.actors import Actor

PAGE = 50
_SCRIPTS = {"kk": "Cyrl", "ky": "Cyrl", "ru": "Cyrl", "uz": "Latn", "en": "Latn"}

_OPEN = Q(whole__in=["open", "cancel-requested"])
_ACCEPTED = _OPEN & Q(review="accepted")
_AT_HOME = Q(journey="not-started")
_ENDED_OTHERWISE = Q(review__in=["declined", "advice-given", "referred-onward", "lapsed"]) | Q(
    whole__in=["cancelled", "died", "entered-in-error"]
)
OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Worklist:
    """A list in the left rail.

    Attributes:
        code: in the address.
        roles: whose rail it stands in.
        where: which of the visible cases are on it; "overdue" adds the present moment.
        order: the default order: "priority" or "newest".
    """

    code: str
    label: str | _StrPromise
    roles: frozenset[Role]
    where: Q
    order: str = "priority"


def _list(
    code: str, label: _StrPromise, where: Q, *roles: Role, order: str = "priority"
) -> Worklist:
    return Worklist(code, label, frozenset(roles), where, order)


_R = Role
WORKLISTS: tuple[Worklist, ...] = (
    _list("drafts", _("Drafts"), _OPEN & Q(review="draft"), _R.REFERRER, order="newest"),
    _list(
        "sent",
        _("Sent, waiting"),
        _OPEN & Q(review__in=["submitted", "received", "in-triage", "in-panel"]),
        _R.REFERRER,
    ),
    _list("new", _("New"), _OPEN & Q(review="submitted"), _R.COORDINATOR),
    _list(
        "triage",
        _("In triage"),
        _OPEN & Q(review__in=["received", "in-triage"]),
        _R.COORDINATOR,
        _R.CLINICIAN,
    ),
    _list(
        "panel",
        _("Before the panel"),
        _OPEN & Q(review="in-panel"),
        _R.CLINICIAN,
        _R.COORDINATOR,
    ),
    _list(
        "information",
        _("Information requested"),
        _OPEN & Q(review="info-requested"),
        _R.REFERRER,
        _R.COORDINATOR,
    ),
    _list("accepted", _("Accepted, at home"), _ACCEPTED & _AT_HOME, _R.REFERRER),
    _list(
        "no-funding",
        _("Accepted, no funding"),
        _ACCEPTED & _AT_HOME & ~Q(funding="approved"),
        _R.COORDINATOR,
    ),
    _list(
        "no-place",
        _("Accepted, no place"),
        _ACCEPTED & _AT_HOME & ~Q(booking="confirmed"),
        _R.COORDINATOR,
        _R.SCHEDULER,
    ),
    _list("payment", _("Payment to decide"), _OPEN & Q(funding="pending"), _R.FUNDING_OFFICER),
    _list(
        "paid",
        _("Payment approved"),
        _OPEN & Q(funding="approved") & ~Q(journey="loop-closed"),
        _R.FUNDING_OFFICER,
    ),
    _list(
        "visa-open",
        _("Visa to settle"),
        _ACCEPTED & _AT_HOME & Q(visa__in=["not-started", "refused", "expired"]),
        _R.TRAVEL_DESK,
    ),
    _list("visa-pending", _("Visa applied for"), _OPEN & Q(visa="pending"), _R.TRAVEL_DESK),
    _list(
        "arriving",
        _("Arriving"),
        _OPEN & Q(booking="confirmed", journey__in=["not-started", "travelling", "arrived"]),
        _R.COORDINATOR,
        _R.TRAVEL_DESK,
        _R.CLINICIAN,
    ),
    _list(
        "treatment",
        _("In treatment"),
        _OPEN & Q(journey__in=["travelling", "arrived", "admitted", "in-treatment", "interrupted"])
        | _OPEN & Q(journey__in=["treated", "in-rehab"]),
        _R.REFERRER,
        _R.COORDINATOR,
        _R.CLINICIAN,
    ),
    _list("rehab", _("In rehabilitation"), _OPEN & Q(journey="in-rehab"), _R.SANATORIUM),
    _list(
        "to-acknowledge",
        _("Summary to acknowledge"),
        _OPEN & Q(journey="discharged"),
        _R.REFERRER,
    ),
    _list(
        "discharged",
        _("Discharged, not acknowledged"),
        _OPEN & Q(journey="discharged"),
        _R.COORDINATOR,
        _R.SANATORIUM,
    ),
    _list(
        "cancel-requested",
        _("Cancellation asked"),
        Q(whole="cancel-requested"),
        _R.COORDINATOR,
    ),
    _list(OVERDUE, _("Overdue"), _OPEN, _R.COORDINATOR, _R.REFERRER, _R.FUNDING_OFFICER),
    _list("mine", _("My cases"), Q(), _R.PATIENT, order="newest"),
    _list(
        "ended",
        _("Declined or cancelled"),
        _ENDED_OTHERWISE,
        _R.REFERRER,
        _R.COORDINATOR,
        order="newest",
    ),
    _list(
        "closed",
        _("Home again"),
        Q(journey="loop-closed"),
        _R.REFERRER,
        _R.COORDINATOR,
        order="newest",
    ),
)
"""All lists, in the order of the rail."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; empty values narrow nothing."""

    programme: str = ""
    urgency: str = ""
    country: str = ""
    language: str = ""
    organisation: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One line of a worklist.

    Attributes:
        age: completed years, or None.
        clock: the target whose clock ends first, or None; `due_at` when.
        awaited, awaited_role: what is awaited, and from which role.
    """

    id: UUID
    number: str
    person_id: UUID | None
    name: str
    age: int | None
    from_country: str
    from_organisation: Mapping[str, str]
    centre: Mapping[str, str]
    programme: str
    urgency: str
    language: str
    states: States
    stage: tuple[str, str]
    awaited: Statement | None
    awaited_role: str
    clock: Statement | None
    due_at: datetime | None
    overdue: bool
    since: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list; `next` is the number of the next one, or None."""

    lines: tuple[CaseLine, ...]
    number: int
    next: int | None
    filters: Filters = field(default_factory=Filters)


def worklists_for(actor: Actor) -> tuple[Worklist, ...]:
    """The lists in this actor's rail."""
    return tuple(entry for entry in WORKLISTS if entry.roles & actor.roles)


def _on(entry: Worklist, at: datetime) -> Q:
    return entry.where & Q(next_due_at__lt=at) if entry.code == OVERDUE else entry.where


def counts(actor: Actor, *, at: datetime | None = None) -> dict[str, int]:
    """How many cases are on each of the actor's lists, in one query."""
    now = at or timezone.now()
    asked: dict[str, Any] = {
        entry.code.replace("-", "_"): Count("pk", filter=_on(entry, now))
        for entry in worklists_for(actor)
        if entry.where != Q()
    }
    rows = policy.visible_to(actor, Permission.VIEW, Case.objects.all())
    found = rows.aggregate(_all=Count("pk"), **asked)
    return {
        entry.code: found.get(entry.code.replace("-", "_"), found["_all"])
        for entry in worklists_for(actor)
    }


def _narrowed(rows: QuerySet[Case], filters: Filters) -> QuerySet[Case]:
    paths = {
        "programme": "programme",
        "urgency": "urgency",
        "country": "referring_organisation__country",
        "language": "language",
        "organisation": "referring_organisation__code",
    }
    wanted = {path: getattr(filters, name) for name, path in paths.items()}
    rows = rows.filter(**{path: value for path, value in wanted.items() if value})
    return rows.filter(_called(filters.text)) if filters.text.strip() else rows


def _called(text: str) -> Q:
    known = Q(names__key=names.key("", text))
    bare = identifiers.plain(text)
    if bare:
        known |= Q(identifiers__key__endswith=f"|{bare}")
    found = Person.objects.filter(known).values("pk")
    return Q(number__iendswith=text.strip()) | Q(person__in=found)


def _sorted(rows: QuerySet[Case], order: str, today: date) -> QuerySet[Case]:
    due = F("next_due_at").asc(nulls_last=True)
    if order == "newest":
        return rows.order_by("-created_at", "-pk")
    if order == "due":
        return rows.order_by(due, "urgency_rank", "pk")
    majority = today - timedelta(days=round(18 * 365.25))
    child = SqlCase(When(person__birth_date__gt=majority, then=Value(0)), default=Value(1))
    return rows.order_by("urgency_rank", child, due, "pk")


def _name(case: Case, language: str) -> str:
    if case.person is None:
        return ""
    script = _SCRIPTS.get(language, "")
    first = min(
        case.person.names.all(),
        key=lambda n: (n.script != script, n.use == "maiden", n.use != "official", n.pk),
        default=None,
    )
    if first is None:
        return ""
    return " ".join(part for part in (first.family, first.given, first.patronymic) if part)


def _age(born: date | None, today: date) -> int | None:
    if born is None:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _line(case: Case, language: str, now: datetime) -> CaseLine:
    states = case.states
    here = stage(states)
    what, role = ("", "") if ended(states) else awaited(*here)
    clock = min(case.clocks.all(), key=lambda c: c.due_at, default=None)
    return CaseLine(
        id=case.pk,
        number=case.number,
        person_id=case.person_id,
        name=_name(case, language),
        age=_age(case.person.birth_date, timezone.localdate(now)) if case.person else None,
        from_country=case.referring_organisation.country,
        from_organisation=dict(case.referring_organisation.names),
        centre=dict(case.centre.names) if case.centre else {},
        programme=case.programme,
        urgency=case.urgency,
        language=case.language,
        states=states,
        stage=here,
        awaited=Statement(f"cases.awaited.{what}") if what else None,
        awaited_role=role,
        clock=Statement(f"cases.target.{clock.target}") if clock else None,
        due_at=clock.due_at if clock else None,
        overdue=clock is not None and clock.due_at < now,
        since=getattr(case, f"{here[0]}_since"),
        version=case.version,
    )


def _lines(rows: QuerySet[Case], language: str, now: datetime) -> tuple[CaseLine, ...]:
    running = Prefetch("clocks", Clock.objects.filter(stopped_at=None))
    whole = rows.defer("facts").select_related("person", "referring_organisation", "centre")
    return tuple(
        _line(case, language, now) for case in whole.prefetch_related("person__names", running)
    )


def worklist(
    actor: Actor,
    code: str,
    *,
    filters: Filters | None = None,
    order: str = "",
    page: int = 1,
    language: str = "",
    at: datetime | None = None,
) -> Page:
    """A page of one of the actor's lists.

    Args:
        actor: who asks; only cases that they may see are shown.
        code: the list.
        filters: what to narrow it to.
        order: "priority", "due" or "newest"; the list's own if "".
        page: from 1.
        language: of the reader, for the script of names.
        at: now.

    Raises:
        NotFoundError: the actor has no such list.
    """
    entry = next((w for w in worklists_for(actor) if w.code == code), None)
    if entry is None:
        raise NotFoundError(Problem.of("kernel.not_found", where="cases.worklist", value=code))
    now = at or timezone.now()
    narrowing = filters or Filters()
    rows = policy.visible_to(actor, Permission.VIEW, Case.objects.filter(_on(entry, now)))
    rows = _sorted(_narrowed(rows, narrowing), order or entry.order, timezone.localdate(now))
    start = (max(page, 1) - 1) * PAGE
    lines = _lines(rows[start : start + PAGE + 1], language, now)
    more = len(lines) > PAGE
    return Page(lines[:PAGE], max(page, 1), max(page, 1) + 1 if more else None, narrowing)


def search(
    actor: Actor, text: str, *, language: str = "", at: datetime | None = None
) -> tuple[CaseLine, ...]:
    """Visible cases by number, or by a patient's whole name or number; at most one page."""
    if not text.strip():
        return ()
    now = at or timezone.now()
    rows = policy.visible_to(actor, Permission.VIEW, Case.objects.filter(_called(text)))
    return _lines(rows.order_by("-created_at", "-pk")[:PAGE], language, now)
