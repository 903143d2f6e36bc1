"""When could this patient begin? From a referral to a centre's offer."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.conf import settings

from sapar.network.queries import snapshot
from sapar.proton.engine.promise import (
    Asked,
    CourseOffer,
    Promise,
    PromisedFraction,
    PromisedStep,
    named,
    promise_of,
)
from sapar.proton.engine.scheduling import offer as engine
from sapar.proton.engine.scheduling.offer import Prepared
from sapar.proton.engine.scheduling.problem.read_courses import read_course
from sapar.proton.engine.scheduling.problem.reading import BadProblemError, Reader
from sapar.proton.engine.scheduling.protection import protection_of
from sapar.proton.queries.books import token_of
from sapar.proton.queries.configuration import (
    centre_of_programme,
    planning,
    require_planning,
)
from sapar.proton.queries.courses import course_of_case
from sapar.proton.queries.documents import typed_books
from sapar.values.dates import OLDEST_YEARS, age
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    from sapar.cases.engine.referral import ReferralFacts
    from sapar.proton.engine.scheduling.problem.course import Course
    from sapar.proton.queries.configuration import Planning
    from sapar.proton.queries.courses import StepLine


def age_on(born: date | None, day: date) -> int | None:
    """Completed years on a day; None where the birth date is not known or cannot be."""
    if born is None or born > day:
        return None
    found = age(born, day)
    return found if found <= OLDEST_YEARS else None


def protocol_for(choices: Mapping[str, Any], indication: str, *, child: bool) -> str:
    """The protocol that a centre has chosen for an indication; "" where it has chosen none."""
    if child:
        found = (choices.get("children") or {}).get(indication)
        if found:
            return str(found)
    return str((choices.get("indications") or {}).get(indication) or choices.get("otherwise") or "")


def asked_for(
    known: Planning,
    facts: ReferralFacts,
    indication: str,
    *,
    referred: date,
    deadline: date | None = None,
    payer: str = "",
) -> Asked | None:
    """What a centre is asked for a referral; None where it has no protocol for it.

    Args:
        known: the centre's planning.
        facts: the referral.
        indication: code of the network, or "".
        referred: the day from which the patient can be there: the chain before begins then.
        deadline: the last day wished for the first fraction, or None.
        payer: the code of the payer, or "".
    """
    choices = known.choices
    years = age_on(facts.person.birth_date, referred)
    child = years is not None and years < known.weights.child_age
    protocol = protocol_for(choices, indication, child=child)
    if protocol not in known.protocols or facts.urgency not in known.urgencies:
        return None
    under = int(choices.get("anaesthesia_under_age") or 0)
    needs = frozenset(choices.get("anaesthesia_needs") or ())
    asleep = bool(needs & facts.needs) or (years is not None and years < under)
    team = known.calendar.centre.anaesthesia
    return Asked(
        protocol=protocol,
        urgency=facts.urgency,
        referred=referred,
        deadline=deadline,
        age=years,
        anaesthesia=asleep and team is not None,
        country=facts.person.residence or facts.person.citizenship,
        payer=payer,
    )


_ready: OrderedDict[tuple[UUID | None, UUID, str, date], Prepared] = OrderedDict()
_lock = Lock()
KEPT = 4


def _prepared(centre: UUID, known: Planning, today: date) -> Prepared:
    """The books made ready for offers: kept until they, the configuration or the day change.

    Engines never write into what is kept here, so threads may share it; a day that two of them
    build at once is built twice.
    """
    key = (token_of(centre), known.view.id, snapshot(today).fingerprint, today)
    with _lock:
        if key in _ready:
            _ready.move_to_end(key)
            return _ready[key]
    made = Prepared(typed_books(centre, known, today))
    with _lock:
        _ready[key] = made
        while len(_ready) > KEPT:
            _ready.popitem(last=False)
    return made


def offer_of(centre: UUID, asked: Asked, *, today: date, alternatives: int = 2) -> CourseOffer:
    """A centre's offer for one course, with everything on the books as it is; nobody is moved.

    It runs in the web process: the engine is plain Python and loads no solver.

    Raises:
        RefusedError: the centre has no configuration.
    """
    known = require_planning(centre, today)
    source, number = known.view.source, known.view.number
    if not known.view.decides(demonstration=bool(settings.DEMONSTRATION)):
        return CourseOffer(asked, source, (), (Statement("proton.why.unverified"),), number)
    course = read_one(known, asked)
    try:
        answer = engine.offer_for(
            _prepared(centre, known, today),
            course,
            protection_of(dict(known.choices.get("protection") or {"kind": "none"})),
            window_min=int(known.choices.get("window_min", 60)),
            alternatives=alternatives,
        )
    except BadProblemError as error:
        why = Statement("proton.why.plan_has_mistakes", {"count": len(error.problems)})
        return CourseOffer(asked, source, (), (why,), number)
    return CourseOffer(
        asked=asked,
        source=source,
        promises=tuple(promise_of(each.as_json()) for each in answer.offers),
        why=named(answer.reasons),
        configuration=number,
    )


def read_one(known: Planning, asked: Asked) -> Course:
    """The asked course as the engines know it.

    Raises:
        BadProblemError: the configuration has no such protocol or urgency.
    """
    reader = Reader.of(asked.plain("new"), "course")
    protocols, urgencies = dict(known.protocols), dict(known.urgencies)
    made = read_course(reader, known.calendar.centre, protocols, urgencies)
    reader.finish()
    return made


def offer_for(
    programme: str,
    facts: ReferralFacts,
    indication: str,
    *,
    as_of: date,
    not_before: date,
    deadline: date | None = None,
    payer: str = "",
    case: UUID | None = None,
) -> CourseOffer | None:
    """What the centre of a programme offers a referral.

    Args:
        programme: code of the network.
        facts: the referral.
        indication: code of the network, or "".
        as_of: the day asked about.
        not_before: the day from which the patient can be there: paid for, with a visa.
        deadline: the last day of the start window, or None.
        payer: the code of the payer, or "".
        case: the case, if there is one: a calendar that it has already is its offer.

    Returns:
        None where the programme is not planned by this room, or the centre has no protocol.
    """
    centre = centre_of_programme(programme, as_of)
    known = planning(centre, as_of) if centre is not None else None
    if centre is None or known is None:
        return None
    kept = kept_offer(case, known) if case is not None else None
    if kept is not None:
        return kept
    asked = asked_for(
        known, facts, indication, referred=max(as_of, not_before), deadline=deadline, payer=payer
    )
    return offer_of(centre, asked, today=as_of) if asked is not None else None


def kept_offer(case: UUID, known: Planning) -> CourseOffer | None:
    """The calendar that a case has already, in the form of an offer; None without one."""
    view = course_of_case(case)
    if view is None or not view.fractions:
        return None
    promise = Promise(
        first=view.first,
        earliest=view.earliest,
        delay=0,
        late=0,
        window_from=view.window_from,
        window_to=view.window_to,
        fractions=tuple(
            PromisedFraction(
                each.number, each.phase, each.day, each.room, each.start, each.window_from,
                each.window_to,
            )
            for each in view.fractions
        ),
        before=_promised(view.steps, "before"),
        during=_promised(view.steps, "during"),
    )  # fmt: skip
    asked = Asked(
        protocol=view.protocol,
        urgency=view.urgency,
        referred=view.earliest or view.first,
        deadline=view.deadline,
        anaesthesia=view.anaesthesia,
    )
    why = Statement("proton.why.has_calendar", {"day": view.first})
    return CourseOffer(asked, known.view.source, (promise,), (why,), known.view.number)


def _promised(steps: tuple[StepLine, ...], kind: str) -> tuple[PromisedStep, ...]:
    return tuple(
        PromisedStep(each.step, each.day, each.use, each.duration_min)
        for each in steps
        if each.kind == kind
    )
