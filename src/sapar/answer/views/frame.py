"""What every page of a case shows around itself: who, the one next thing, and what one may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sapar.answer import queries as answers
from sapar.answer.engine.problem import LineState
from sapar.answer.offers import label
from sapar.answer.views import words
from sapar.cases import queries
from sapar.cases.models import BreakGlass, Case
from sapar.cases.policy import Permission
from sapar.design.components import Lane, Link
from sapar.kernel import policy
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.audit import chain
from sapar.kernel.documents.queries import documents_of
from sapar.kernel.errors import NotFoundError
from sapar.kernel.languages import formats, phrases
from sapar.people import queries as people
from sapar.people.models import DuplicateQuestion
from sapar.people.policy import Permission as PeoplePermission

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from sapar.answer.queries import AnswerView
    from sapar.cases.engine.referral import ReferralFacts
    from sapar.cases.queries import Available, CaseView, EventView
    from sapar.design.components import Meaning
    from sapar.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Step:
    """Something the reader may do now, as a button."""

    key: str
    label: str
    kind: str
    href: str


@dataclass(frozen=True, slots=True)
class Frame:
    """A case with everything that its pages share.

    Attributes:
        record: the row, for questions to the policy.
        view: the case as the room's query gives it.
        answer: the newest answer, or None.
        steps: what the reader may do now, the most likely first.
        organisations: by id, those that have a part in the case.
        name, age: of the patient, in the reader's language.
        emergency: until when the reader sees the case in an emergency; None if they may anyway.
    """

    actor: Actor
    record: Case
    view: CaseView
    answer: AnswerView | None
    steps: tuple[Step, ...]
    organisations: dict[UUID, Organisation]
    name: str
    age: str
    at: datetime
    emergency: datetime | None

    def organisation(self, key: UUID | None) -> str:
        """An organisation's name, or ""."""
        return self.organisations[key].name if key in self.organisations else ""

    @property
    def zones(self) -> tuple[str, str]:
        """The time zones of the centre and of the referring organisation; "" if unknown."""
        there = self.organisations.get(self.view.referring_organisation_id)
        here = self.organisations.get(self.view.centre_id) if self.view.centre_id else None
        return (here.time_zone if here else "", there.time_zone if there else "")

    def may(self, permission: str) -> bool:
        """Whether the reader may do this with the case."""
        return policy.can(self.actor, permission, self.record)


def drafted_name(facts: ReferralFacts) -> str:
    """The name as a draft says it, or ""."""
    first = next((n for n in facts.person.names if n.family or n.given), None)
    parts = (first.family, first.given, first.patronymic) if first else ()
    return " ".join(part for part in parts if part)


def name_and_age(view: CaseView) -> tuple[str, str]:
    """Who the patient is: from the registered person, or from what the draft says."""
    today = timezone.localdate()
    if view.person_id is None:
        return drafted_name(view.facts) or _("Not named yet"), ""
    person = people.person(view.person_id)
    name = person.display_name(get_language() or "")
    if person.erased:
        return _("Erased person"), ""
    return name or _("Not named yet"), words.age(person.age(today))


def steps(actor: Actor, case: UUID, answer: AnswerView | None, track: str = "") -> tuple[Step, ...]:
    """What this reader may do now, as buttons that say what will happen.

    Steps of the track on which the case waits come first, what the answer proposes before its
    alternative: the rest may be behind "More".
    """
    found = sorted(
        queries.available_actions(actor, case),
        key=lambda entry: (entry.offer.track != track, not _proposed(entry, answer)),
    )
    return tuple(
        _step(entry, case, answer) for entry in found if entry.offer.key != "cases.send_message"
    )


def _proposed(entry: Available, view: AnswerView | None) -> bool:
    """Whether the answer says that no visa is needed, and this step records it."""
    if view is None or entry.offer.key != "cases.mark_visa_not_needed":
        return False
    answer = view.answer
    known = answer.line("visa").state is LineState.KNOWN
    return known and answer.start is not None and answer.apply_by is None


def _step(entry: Available, case: UUID, answer: AnswerView | None) -> Step:
    offer = entry.offer
    href = (
        reverse(offer.url_name, args=[case])
        if offer.url_name
        else reverse("answer:do", args=[case, offer.key])
    )
    kind = "primary" if _proposed(entry, answer) else offer.kind
    return Step(offer.key, label(offer, answer.answer if answer else None), kind, href)


def _emergency(actor: Actor, record: Case) -> datetime | None:
    """Until when broken glass lets them in; None where another rule does.

    The rules of the thread are those of the view, without broken glass and without patients.
    """
    if actor.user_id is None or policy.can(actor, Permission.THREAD, record):
        return None
    rows = BreakGlass.objects.filter(
        case=record, user_id=actor.user_id, expires_at__gt=timezone.now()
    )
    return rows.order_by("-expires_at").values_list("expires_at", flat=True).first()


def frame(actor: Actor, case: UUID, page: str = "case") -> Frame:
    """The case with what its pages share; the read is noted.

    Raises:
        Http404: the reader may not know of the case.
    """
    try:
        view = queries.case_view(actor, case)
    except NotFoundError as error:
        raise Http404 from error
    record = Case.objects.get(pk=case)
    emergency = _emergency(actor, record)
    why = "emergency" if emergency else "care"
    roots = [("case", case)] + ([("patient", view.person_id)] if view.person_id else [])
    chain.note_reads(by=actor, roots=roots, page=page, purpose=why)
    parts = (view.referring_organisation_id, view.centre_id, view.payer_id, view.sanatorium_id)
    found = Organisation.objects.in_bulk([part for part in parts if part])
    answer = answers.latest(case)
    name, age = name_and_age(view)
    return Frame(
        actor=actor,
        record=record,
        view=view,
        answer=answer,
        steps=steps(actor, case, answer, view.stage[0]),
        organisations=found,
        name=name,
        age=age,
        at=timezone.now(),
        emergency=emergency,
    )


def lanes(seen: Frame) -> list[Lane]:
    """The five tracks, with what each waits for; in a case that has ended nothing waits."""
    over = seen.view.awaited is None
    shown = []
    for lane in seen.view.lanes:
        said = words.clock(lane.clock.due_at if lane.clock else None, seen.at)
        waits = [b.blocked_by for b in seen.view.blockers if b.track == lane.track]
        begun = lane.state not in {"not-started", "none"}
        shown.append(
            Lane(
                name=words.TRACK_NAMES[lane.track],
                state=lane.label,
                meaning="" if over and not begun else _meaning(lane.meaning),
                since=words.since(lane.since) if begun else "",
                clock=said.words,
                clock_meaning=said.meaning,
                waits_for=() if over else tuple(words.TRACK_NAMES[track] for track in waits),
                key=f"track-{lane.track}",
            )
        )
    return shown


def _meaning(code: str) -> Meaning:
    known: dict[str, Meaning] = {
        "done": "done",
        "waiting": "waiting",
        "act": "act",
        "stopped": "stopped",
    }
    return known.get(code, "")


def next_thing(seen: Frame) -> tuple[str, str]:
    """The one next thing and from whom; for a case that has ended, how."""
    view = seen.view
    if view.awaited is None:
        return words.state(*view.stage), ""
    return words.sentence(view.awaited), words.role(view.awaited_role)


def tabs(seen: Frame, current: str) -> list[Link]:
    """The parts of the case, one click away."""
    parts: list[tuple[str, str, bool]] = [
        ("summary", _("Answer"), True),
        ("referral", _("Referral"), True),
        ("timeline", _("What happened"), True),
        ("thread", _("Messages"), seen.may(Permission.THREAD)),
        ("documents", _("Documents"), True),
        ("people", _("People"), True),
        ("money", _("Money and places"), True),
        ("tasks", _("Tasks"), True),
        ("audit", _("Who saw what"), seen.may(Permission.AUDIT)),
    ]
    case = seen.view.id
    return [
        Link(
            text,
            reverse("answer:case", args=[case])
            if key == "summary"
            else reverse("answer:part", args=[case, key]),
            current=key == current,
        )
        for key, text, shown in parts
        if shown
    ]


def questions(seen: Frame) -> list[tuple[str, str]]:
    """Open questions whether the patient is known already: text and where to decide, or ""."""
    if seen.view.person_id is None:
        return []
    ids = people.undecided(seen.view.person_id)
    person = DuplicateQuestion.objects.filter(pk__in=ids).select_related("person")
    return [
        (
            phrases.word("cases.duplicate_undecided"),
            reverse("people:question", args=[row.pk])
            if policy.can(seen.actor, PeoplePermission.DECIDE, row.person)
            else "",
        )
        for row in person
    ]


def shared(seen: Frame, tab: str) -> dict[str, Any]:
    """The context of every page of the case."""
    view = seen.view
    what, who = next_thing(seen)
    from_here = seen.organisations.get(view.referring_organisation_id)
    other = [key for key in (view.replaces, view.replaced_by) if key]
    visible = policy.visible_to(seen.actor, Permission.VIEW, Case.objects.filter(pk__in=other))
    return {
        "seen": seen,
        "case": view,
        "name": seen.name,
        "age": seen.age,
        "urgency": words.urgency(view.urgency),
        "origin": ", ".join(
            part
            for part in (
                from_here.name if from_here else "",
                formats.country(from_here.country) if from_here else "",
            )
            if part
        ),
        "programme": words.programme(view.programme),
        "language": words.language(view.language),
        "next_what": what,
        "next_who": who,
        "first": next(
            (
                step
                for step in seen.steps
                if step.kind == "primary" and view.awaited_role in seen.actor.roles
            ),
            None,
        ),
        "steps": seen.steps,
        "tabs": tabs(seen, tab),
        "tab": tab,
        "whole": words.state("whole", view.states.whole) if view.states.whole != "open" else "",
        "questions": questions(seen),
        "linked": [(row.number, reverse("answer:case", args=[row.pk])) for row in visible],
        "emergency": seen.emergency,
        "print_lines": [view.number, formats.moment(seen.at)],
    }


def documents(actor: Actor, case: UUID) -> list[dict[str, Any]]:
    """The files of a case, as its pages list them."""
    meanings = {"clean": "done", "unscanned": "waiting", "pending": "waiting"}
    return [
        {
            "title": d.title,
            "kind": phrases.word(f"item.{d.kind}"),
            "size": d.size,
            "state": d.state_label,
            "reason": d.reason_label,
            "meaning": meanings.get(d.state, "stopped"),
            "at": d.received_at,
            "href": reverse("documents:download", args=[d.id]) if d.may_be_opened else "",
        }
        for d in documents_of(actor, ("case", case))
    ]


def events(seen: Frame, rows: Iterable[EventView]) -> list[dict[str, Any]]:
    """Lines of the timeline, with the time on both sides' clocks."""
    here, there = seen.zones
    return [
        {
            "at": row.at,
            "both": words.both_places(row.at, here, there),
            "what": phrases.text(row.statement),
            "why": phrases.text(row.reason) if row.reason else "",
            "who": ", ".join(p for p in (row.by, words.organisation(row.organisation)) if p),
            "kind": words.EVENT_KINDS.get(row.kind, ""),
        }
        for row in rows
    ]
