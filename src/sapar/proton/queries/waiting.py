"""Who waits for the first fraction: since when, when they begin as the books stand, the risk."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from sapar.cases.engine.waiting import awaited
from sapar.cases.models import Case
from sapar.cases.states import stage
from sapar.proton.engine.scheduling.problem.course import Course as AskedCourse
from sapar.proton.engine.waiting import Free, Need, Risk, first_days, risk_of, share_up
from sapar.proton.models import Course, Fraction
from sapar.proton.queries.asking import protocol_for
from sapar.proton.queries.books import booked, live_courses
from sapar.proton.queries.closures import closed_by_events
from sapar.values.dates import age as age_of
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sapar.people.models import Person
    from sapar.proton.engine.scheduling.problem.course import Protocol
    from sapar.proton.queries.configuration import Planning

HORIZON = 366
BEGINS = Q(journey__in=["not-started", "travelling", "arrived", "admitted"])
ASKED = Q(
    review__in=["submitted", "received", "info-requested", "in-triage", "in-panel", "accepted"],
    whole__in=["open", "cancel-requested"],
)
SETTLED = ("not-needed", "issued")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One who waits.

    Attributes:
        case: None for one of the centre's other patients, whose own number is `label`.
        weight: what a working day of waiting counts.
        since: the day of the referral.
        ready: the first day on which they could begin: arrived, the chain before done.
        first: the first fraction: promised, or as forecast; None: not within a year.
        state: "held" or "confirmed" where a calendar is theirs; "" where `first` is a forecast.
        window: the promised window, minutes after midnight; None for a forecast.
        deadline: the last day wished for the first fraction, or None.
        risk: of a first fraction after the deadline; None where there is no deadline.
        awaited, role: what is awaited and from which role.
    """

    case: UUID | None
    label: str
    urgency: str
    weight: float
    age: int | None
    anaesthesia: bool
    country: str
    protocol: str
    since: date
    ready: date
    first: date | None
    state: str
    window: tuple[int, int] | None
    deadline: date | None
    risk: Risk | None
    awaited: Statement | None
    role: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """What is known of one before the forecast."""

    case: Case | None
    course: Course | None
    protocol: str
    age: int | None
    since: date
    ready: date
    deadline: date | None
    visa: tuple[date, date] | None
    weight: float
    urgency: str
    country: str


def waiting_list(known: Planning, centre: UUID, today: date) -> tuple[Waiting, ...]:
    """Everybody who waits for the first fraction here, those who count most first.

    Who has no calendar yet gets a forecast: in the order of their weight they are put into what is
    free on the books, by minutes of days and rooms. It promises nothing.
    """
    planning = closed_by_events(known, centre, timezone.now())
    days = _working_days(known, today)
    entries = _entries(planning, centre, today, days)
    needs = [
        _need(planning, entry, str(at)) for at, entry in enumerate(entries) if entry.course is None
    ]
    found = first_days([n for n in needs if n is not None], _free(planning, centre, days), days)
    uptime = _uptime(planning)
    lines = [
        _line(planning, entry, found.get(str(at)), days, uptime) for at, entry in enumerate(entries)
    ]
    return tuple(sorted(lines, key=lambda w: (-w.weight, w.since, w.label, str(w.case))))


def _working_days(known: Planning, today: date) -> list[date]:
    every = (today + timedelta(days=n) for n in range(HORIZON))
    return [day for day in every if known.calendar.working(day)]


def _uptime(known: Planning) -> float:
    given: Mapping[str, Any] = known.view.data.get("uptime") or {}
    shared = {beam.id for beam in known.calendar.centre.beams} | {"centre"}
    return share_up({k: float(v.get("share", 1.0)) for k, v in given.items() if k in shared})


def uptime_of(known: Planning) -> float:
    """The share of days on which the beam is there, as the configuration assumes it."""
    return _uptime(known)


def _entries(known: Planning, centre: UUID, today: date, days: Sequence[date]) -> list[_Entry]:
    courses = Course.objects.filter(
        live_courses(timezone.now()),
        centre_id=centre,
        state__in=[Course.State.HELD, Course.State.CONFIRMED],
    ).select_related("case")
    given = set(
        Fraction.objects.filter(
            course__in=courses, state__in=[Fraction.State.DELIVERED, Fraction.State.INTERRUPTED]
        ).values_list("course_id", flat=True)
    )
    rows = [course for course in courses if course.pk not in given]
    with_course = {course.case_id: course for course in rows}
    cases = Case.objects.filter(
        ASKED & BEGINS,
        centre_id=centre,
        programme__in=list(known.choices.get("programmes") or ()),
    ).select_related("person", "referring_organisation")
    treated = set(
        Course.objects.filter(centre_id=centre, case__in=cases)
        .filter(Q(state__in=[Course.State.TREATING, Course.State.FINISHED]) | Q(pk__in=given))
        .values_list("case_id", flat=True)
    )
    found = [
        _of_case(known, case, with_course.get(case.pk), today, days)
        for case in cases
        if case.pk not in treated
    ]
    found += [_of_course(known, course, today) for course in rows if course.case_id is None]
    return found


def _visa(known: Planning, case: Case, country: str, today: date) -> tuple[date, date] | None:
    """The days on which the visa can come, as the configuration assumes; None: it is settled."""
    if (
        case.visa in SETTLED
        or case.journey != "not-started"
        or country == known.weights.home_country
    ):
        return None
    origins = (known.view.data.get("demand") or {}).get("origin") or ()
    span = next((o.get("visa_days") for o in origins if o.get("country") == country), None)
    if not span or span[1] <= 0:
        return None
    since: datetime = case.visa_since  # type: ignore[assignment]  # made by a helper of the model
    begun = timezone.localtime(since).date() if case.visa == "pending" else today
    last = max(today, begun + timedelta(days=int(span[1])))
    return max(today, begun + timedelta(days=int(span[0]))), last


def _chain(protocol: Protocol | None) -> int:
    """Working days from the arrival to the first fraction at least."""
    return sum(step.lead_days for step in protocol.preparation) + 1 if protocol else 0


def _later(days: Sequence[date], since: date, count: int) -> date:
    """The working day so many working days after a day; the last one known where there are less."""
    after = [day for day in days if day >= since]
    return after[min(count, len(after) - 1)] if after else since


def _of_case(
    known: Planning, case: Case, course: Course | None, today: date, days: Sequence[date]
) -> _Entry:
    since = timezone.localtime(case.submitted_at or case.created_at).date()
    person: Person | None = case.person
    born = person.birth_date if person is not None else None
    age = age_of(born, today) if born is not None and born <= today else None
    country = (person.residence or person.citizenship if person is not None else "") or (
        case.referring_organisation.country
    )
    child = age is not None and age < known.weights.child_age
    name = course.protocol if course else protocol_for(known.choices, case.indication, child=child)
    visa = _visa(known, case, country, today)
    arrival = visa[0] + (visa[1] - visa[0]) / 2 if visa else today
    ready = _later(days, max(today, arrival), _chain(known.protocols.get(name)))
    urgency = known.urgencies.get(case.urgency)
    wished = urgency.target_days if urgency else None
    deadline = course.deadline if course else None
    if deadline is None and wished is not None:
        deadline = since + timedelta(days=wished)
    return _Entry(
        case=case, course=course, protocol=name, age=age, since=since,
        ready=course.earliest or ready if course else ready, deadline=deadline, visa=visa,
        weight=_weight(known, case.urgency, since, today, age, country), urgency=case.urgency,
        country=country,
    )  # fmt: skip


def _of_course(known: Planning, course: Course, today: date) -> _Entry:
    since = date.fromisoformat(course.asked["referred"]) if course.asked.get("referred") else (
        timezone.localtime(course.created_at).date()
    )  # fmt: skip
    return _Entry(
        case=None, course=course, protocol=course.protocol, age=course.age, since=since,
        ready=course.earliest or course.first, deadline=course.deadline, visa=None,
        weight=_weight(known, course.urgency, since, today, course.age, course.country),
        urgency=course.urgency, country=course.country,
    )  # fmt: skip


def _weight(  # noqa: PLR0917 - what a weight is made of
    known: Planning, code: str, since: date, today: date, age: int | None, country: str
) -> float:
    urgency = known.urgencies.get(code)
    if urgency is None:
        return 0.0
    asked = AskedCourse("", "", (), code, since, age=age, country=country or None)
    return known.weights.of(asked, urgency, today)


_opened: OrderedDict[tuple[Any, ...], Free] = OrderedDict()
_lock = Lock()
KEPT = 4


def _open_minutes(known: Planning, days: Sequence[date]) -> Free:
    """Minutes that may be sold, by day and room, and by day and beam, on empty books."""
    calendar = known.calendar
    free: Free = {}
    for day in days:
        here: dict[str, int] = {}
        open_by_beam: dict[str, int] = {}
        for room in calendar.centre.rooms:
            mask = calendar.room(room.id, day)
            here[room.id] = int(mask.bit_count() * room.usable)
            if room.beam:
                open_by_beam[room.beam] = open_by_beam.get(room.beam, 0) | mask
        for beam, mask in open_by_beam.items():
            here[f"beam:{beam}"] = (mask & calendar.beam(beam, day)).bit_count()
        free[day] = here
    return free


def _free(known: Planning, centre: UUID, days: Sequence[date]) -> Free:
    """What is left of them. The open minutes are kept: they change with the closures only."""
    if not days:
        return {}
    closed = tuple(sorted(str(each) for each in known.document.get("closures", ())))
    key = (known.view.id, days[0], len(days), closed)
    with _lock:
        kept = _opened.get(key)
    if kept is None:
        kept = _open_minutes(known, days)
        with _lock:
            _opened[key] = kept
            while len(_opened) > KEPT:
                _opened.popitem(last=False)
    free = {day: dict(minutes) for day, minutes in kept.items()}
    beams = {room.id: room.beam for room in known.calendar.centre.rooms}
    switch = {beam.id: beam.switch_min for beam in known.calendar.centre.beams}
    for each in booked(centre, days[0]):
        if each.photon or each.day not in free or each.room not in beams:
            continue
        free[each.day][each.room] -= each.end - each.start
        taken = beams[each.room]
        if taken:
            free[each.day][f"beam:{taken}"] -= each.beam_min + switch[taken]
    return free


def _need(known: Planning, entry: _Entry, name: str) -> Need | None:
    protocol = known.protocols.get(entry.protocol)
    if protocol is None:
        return None
    first = protocol.phases[0]
    beams = {room.id: room.beam for room in known.calendar.centre.rooms}
    switch = {beam.id: beam.switch_min for beam in known.calendar.centre.beams}
    ordered = sorted(first.rooms, key=lambda room: (room not in first.preferred, room))
    beam = beams.get(ordered[0]) if ordered else None
    return Need(
        id=name,
        weight=entry.weight,
        since=entry.since,
        ready=entry.ready,
        rooms=tuple((room, f"beam:{beams[room]}" if beams[room] else "") for room in ordered),
        room_min=max(phase.room_min for phase in protocol.phases),
        beam_min=max(phase.beam_min for phase in protocol.phases) + (switch[beam] if beam else 0),
        fractions=protocol.fractions,
        per_week=protocol.max_per_week,
        no_start=protocol.no_start,
    )


def _line(
    known: Planning, entry: _Entry, forecast: date | None, days: Sequence[date], uptime: float
) -> Waiting:
    course, case = entry.course, entry.case
    first = course.first if course else forecast
    risk = None
    if entry.deadline is not None and (course or entry.protocol in known.protocols):
        risk = risk_of(
            forecast=first, deadline=entry.deadline, working=days, uptime=uptime, visa=entry.visa,
            chain_days=_chain(known.protocols.get(entry.protocol)),
        )  # fmt: skip
    what, role = awaited(*stage(case.states)) if case is not None else ("", "")
    return Waiting(
        case=case.pk if case is not None else None,
        label=case.number if case is not None else course.label if course is not None else "",
        urgency=entry.urgency,
        weight=entry.weight,
        age=entry.age,
        anaesthesia=course.anaesthesia if course is not None else False,
        country=entry.country,
        protocol=entry.protocol,
        since=entry.since,
        ready=entry.ready,
        first=first,
        state=course.state if course is not None else "",
        window=(course.window_from, course.window_to) if course is not None else None,
        deadline=entry.deadline,
        risk=risk,
        awaited=Statement(f"cases.awaited.{what}") if what else None,
        role=role,
    )
