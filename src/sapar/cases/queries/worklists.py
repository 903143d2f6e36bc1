"""Worklists: each role's lists as data, their counts, and a page of lines.

A page costs a fixed number of queries, however many cases there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Case as SqlCase
from django.db.models import Count, F, Prefetch, Q, QuerySet, Value, When
from django.utils import timezone

from sapar.cases.engine.waiting import awaited
from sapar.cases.models import Case, Clock
from sapar.cases.policy import Permission
from sapar.cases.queries.lists import OVERDUE, WORKLISTS, Worklist
from sapar.cases.states import States, ended, stage
from sapar.kernel import policy
from sapar.kernel.errors import NotFoundError
from sapar.people.models import Person
from sapar.values import dates, identifiers, names
from sapar.values.statements import Problem, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from uuid import UUID

    from sapar.kernel.actors import Actor

PAGE = 50
_SCRIPTS = {"kk": "Cyrl", "ky": "Cyrl", "ru": "Cyrl", "uz": "Latn", "en": "Latn"}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; empty values narrow nothing.

    Attributes:
        text: the end of a case's number, a patient's name or its beginning, or a whole number.
        overdue: only cases whose nearest clock has run out.
    """

    programme: str = ""
    urgency: str = ""
    country: str = ""
    language: str = ""
    organisation: str = ""
    text: str = ""
    overdue: bool = False


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


def _narrowed(rows: QuerySet[Case], filters: Filters, at: datetime) -> QuerySet[Case]:
    paths = {
        "programme": "programme",
        "urgency": "urgency",
        "country": "referring_organisation__country",
        "language": "language",
        "organisation": "referring_organisation__code",
    }
    wanted = {path: getattr(filters, name) for name, path in paths.items()}
    rows = rows.filter(**{path: value for path, value in wanted.items() if value})
    if filters.overdue:
        rows = rows.filter(next_due_at__lt=at)
    return rows.filter(_called(filters.text)) if filters.text.strip() else rows


def _called(text: str) -> Q:
    # Each word may be the beginning of a name's word: "мамыт айз" finds Мамытова Айзада.
    words = names.key("", text).split("-")
    named = Q()
    for word in words:
        named &= Q(names__key__startswith=word) | Q(names__key__contains=f"-{word}")
    known = named if words != [""] else Q(pk__in=[])
    bare = identifiers.plain(text)
    if bare:
        known |= Q(identifiers__key__endswith=f"|{bare}")
    found = Person.objects.filter(known).values("pk")
    return Q(number__iendswith=text.strip()) | Q(person__in=found)


ORDERS = ("priority", "urgency", "due", "country", "programme", "newest")
"""What a list can be sorted by; "-" before it turns the order round."""


def _sorted(rows: QuerySet[Case], order: str, today: date) -> QuerySet[Case]:
    name = order.removeprefix("-")
    back = order.startswith("-")
    due = F("next_due_at").asc(nulls_last=True)
    adult = dates.last_adult_birth(today)
    child = SqlCase(When(person__birth_date__gt=adult, then=Value(0)), default=Value(1))
    first: dict[str, Any] = {
        "urgency": F("urgency_rank").desc() if back else F("urgency_rank").asc(),
        "due": F("next_due_at").desc(nulls_last=True) if back else due,
        "country": F("referring_organisation__country").desc()
        if back
        else F("referring_organisation__country").asc(),
        "programme": F("programme").desc() if back else F("programme").asc(),
        "newest": F("created_at").asc() if back else F("created_at").desc(),
    }
    leading = [first[name]] if name in first else []
    if name == "newest":
        return rows.order_by(*leading, "pk" if back else "-pk")
    return rows.order_by(*leading, "urgency_rank", child, due, "pk")


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
        order: one of ORDERS, "-" before it for the other way; the list's own if "".
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
    rows = _sorted(_narrowed(rows, narrowing, now), order or entry.order, timezone.localdate(now))
    start = (max(page, 1) - 1) * PAGE
    lines = _lines(rows[start : start + PAGE + 1], language, now)
    more = len(lines) > PAGE
    return Page(lines[:PAGE], max(page, 1), max(page, 1) + 1 if more else None, narrowing)


def search(
    actor: Actor, text: str, *, language: str = "", at: datetime | None = None
) -> tuple[CaseLine, ...]:
    """Visible cases by number, or by a patient's name or whole number; at most one page."""
    if not text.strip():
        return ()
    now = at or timezone.now()
    rows = policy.visible_to(actor, Permission.VIEW, Case.objects.filter(_called(text)))
    return _lines(rows.order_by("-created_at", "-pk")[:PAGE], language, now)
