"""The answer: eleven questions, always in the same order, each with its reasons.

    answer(question) -> Answer

A pure function of its argument: the page, the API, the command line, the tests and a year's
simulation get the same answer, and an old one can be run again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sapar.answer.engine import clinical, journey, money, when
from sapar.answer.engine.completeness import missing_items
from sapar.answer.engine.problem import (
    Answer,
    IdentityState,
    Line,
    LineState,
    Option,
    Reason,
    Unknown,
)
from sapar.booking.engine.places import first_place
from sapar.funding.engine.estimate import estimate
from sapar.funding.engine.routes import RouteState, payer_options
from sapar.travel.engine.visa import visa_advice
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from datetime import date

    from sapar.answer.engine.problem import Question
    from sapar.funding.engine.estimate import Estimate
    from sapar.funding.engine.routes import PayerOption
    from sapar.network.engine.snapshot import Indication, Programme
    from sapar.travel.engine.visa import VisaAdvice
    from sapar.values.statements import Param


def completeness_line(question: Question, programme: Programme | None) -> Line:
    """Complete? Everything that the programme requires is there, or what is missing."""
    missing = missing_items(question.facts, programme, question.as_of)
    reasons = (
        (
            Reason(
                "completeness.required",
                Statement(
                    "answer.completeness.rule", {"programme_name": f"programme:{programme.code}"}
                ),
                programme.source,
            ),
        )
        if programme
        else ()
    )
    if not missing:
        return Line(
            "completeness", LineState.KNOWN, Statement("answer.completeness.complete"), reasons
        )
    params: dict[str, Param] = {
        "items_phrases": ",".join(f"item.{code}" for code in missing),
        "count": len(missing),
    }
    said = Statement("answer.completeness.missing", params)
    return Line("completeness", LineState.MISSING, said, reasons)


def identity_line(question: Question) -> Line:
    """Who? New, known, or somebody that a person must decide about."""
    state = {
        IdentityState.NEW: LineState.KNOWN,
        IdentityState.KNOWN: LineState.KNOWN,
        IdentityState.POSSIBLE: LineState.TO_DECIDE,
        IdentityState.DIFFERENT_BIRTH_DATE: LineState.TO_DECIDE,
        IdentityState.TOO_LITTLE: LineState.MISSING,
    }[question.identity]
    name = question.identity.value.replace("-", "_")
    reason = Reason("identity.match", Statement("answer.identity.rule"))
    return Line("identity", state, Statement(f"answer.identity.{name}"), (reason,))


def _choose(question: Question) -> tuple[Indication | None, Programme | None, list[Indication]]:
    """The indication and programme proposed, and other programmes that fit as well."""
    snapshot = question.snapshot
    fitting = clinical.candidates(question.facts, snapshot, question.as_of)
    indication = fitting[0] if fitting else None
    programme = snapshot.programmes.get(question.facts.programme)
    if programme is None and indication is not None:
        programme = snapshot.programmes[indication.programme]
    others: dict[str, Indication] = {}
    for other in fitting[1:]:
        if indication is not None and other.programme != indication.programme:
            others.setdefault(other.programme, other)
    return indication, programme, list(others.values())


def _programme_options(
    question: Question, indication: Indication | None, others: list[Indication]
) -> list[Option]:
    """Programmes that treat the same diagnosis, side by side, where none was asked for."""
    asked = question.facts.programme in question.snapshot.programmes
    if asked or indication is None or not others:
        return []
    decides = Statement("answer.option.programme_decides")
    options: list[Option] = []
    for entry in (indication, *others[:2]):
        programme = question.snapshot.programmes[entry.programme]
        place = first_place(
            question.places.get(programme.code, ()),
            question.as_of + timedelta(days=programme.lead_days),
        )
        points = [
            Statement(
                "answer.option.programme_indication",
                {"indication_name": f"indication:{entry.code}"},
            ),
            Statement("answer.option.programme_first", {"day": place.day})
            if place.day
            else Statement("answer.option.programme_no_day"),
        ]
        title = Statement(
            "answer.option.programme", {"programme_name": f"programme:{programme.code}"}
        )
        options.append(Option("programme", title, tuple(points), decides))
    return options


def _treatment_options(
    plan: journey.Timing | None, indication: Indication | None, programme: Programme | None
) -> list[Option]:
    """When the centre would be late: its date beside the nearest alternative."""
    if plan is None or programme is None or indication is None:
        return []
    if not plan.days_late or not indication.alternative:
        return []
    decides = Statement("answer.option.treatment_decides", {"late": plan.days_late})
    here = Option(
        "treatment",
        Statement("answer.option.programme", {"programme_name": f"programme:{programme.code}"}),
        (
            Statement("answer.option.programme_first", {"day": plan.place.day}),
            Statement("answer.option.late", {"late": plan.days_late, "latest": plan.latest}),
        ),
        decides,
    )
    there = Option(
        "treatment",
        Statement(f"alternative.{indication.alternative}"),
        (
            Statement("answer.option.alternative_window", {"latest": plan.latest}),
            Statement("answer.option.alternative_no_travel"),
        ),
        decides,
    )
    return [here, there]


def _unknowns(
    question: Question, programme: Programme | None, lines: tuple[Line, ...]
) -> tuple[Unknown, ...]:
    """What is still unknown and who can tell, in the order of the lines."""
    unknowns: list[Unknown] = []
    missing = missing_items(question.facts, programme, question.as_of)
    if missing:
        items = ",".join(f"item.{code}" for code in missing)
        said = Statement("answer.unknown.items", {"items_phrases": items})
        unknowns.append(Unknown("completeness", said, "who.referrer"))
    for line in lines:
        if line.state is not LineState.TO_DECIDE:
            continue
        who = next(
            (r.source.who_can_tell for r in line.reasons if r.source and r.source.who_can_tell), ""
        )
        default = {
            "identity": "who.coordinator",
            "indication": "who.panel",
            "centre": "who.centre",
            "payer": "who.payer",
            "visa": "who.travel",
            "calendar": "who.centre",
            "price": "who.payer",
            "stay": "who.travel",
            "rehabilitation": "who.sanatorium",
        }.get(line.key, "who.coordinator")
        unknowns.append(Unknown(line.key, line.statement, who or default))
    return tuple(unknowns)


def _estimate_for(
    question: Question,
    programme: Programme | None,
    indication: Indication | None,
    payer: PayerOption | None,
) -> Estimate | None:
    if programme is None:
        return None
    usable = payer is not None and payer.state is RouteState.OPEN
    return estimate(
        question.snapshot,
        programme=programme.code,
        indication=indication.code if indication else "",
        covers=payer.covers if payer is not None and usable else frozenset(),
        needs=question.facts.needs | (indication.needs if indication else frozenset()),
        companions=journey.companions_of(question, programme),
        rehabilitation=bool(programme.rehabilitation),
    )


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the lines stand on: the choice, the payers and the visa."""

    indication: Indication | None
    programme: Programme | None
    others: list[Indication]
    country: str
    payers: tuple[PayerOption, ...]
    visa: VisaAdvice | None

    @property
    def payer(self) -> PayerOption | None:
        """The best payer, or None."""
        return self.payers[0] if self.payers else None


def _ground(question: Question) -> _Ground:
    snapshot, person = question.snapshot, question.facts.person
    indication, programme, others = _choose(question)
    centre = snapshot.centres.get(programme.centre) if programme else None
    country = centre.country if centre else ""
    payers: tuple[PayerOption, ...] = ()
    if programme is not None and (person.residence or person.citizenship):
        payers = payer_options(
            snapshot,
            patient_country=person.residence or person.citizenship,
            centre_country=country,
            programme=programme.code,
            quota_used=question.quota_used,
            wish=question.facts.payer_wish,
        )
    visa = (
        visa_advice(
            snapshot,
            citizenship=person.citizenship,
            destination=country,
            stay_days=programme.stay_days,
        )
        if programme is not None
        else None
    )
    return _Ground(indication, programme, others, country, payers, visa)


def _timing(question: Question, ground: _Ground, *, planned: bool) -> journey.Timing | None:
    if ground.programme is None or ground.visa is None:
        return None
    return journey.timing(
        question,
        ground.programme,
        ground.indication,
        ground.payer,
        ground.visa,
        ground.country,
        planned=planned,
    )


@dataclass(frozen=True, slots=True)
class CourseNeed:
    """What a scheduler is asked for, before the answer can be given.

    Attributes:
        programme, indication: codes of the network; the indication may be "".
        not_before: the patient can be there from this day on: paid for, with a visa.
        deadline: the last day of the start window, or None.
        payer: code of the payer, or "".
    """

    programme: str
    indication: str
    not_before: date
    deadline: date | None
    payer: str


def course_needed(question: Question) -> CourseNeed | None:
    """What the centre's scheduler must be asked; None where intake places are given.

    The answer itself is pure: whoever asks puts the outcome into `Question.offers`.
    """
    ground = _ground(question)
    programme = ground.programme
    if programme is None or programme.scheduler == journey.INTAKE_PLACES:
        return None
    plan = _timing(question, ground, planned=True)
    if plan is None:
        return None
    agreements = {each.code: each for each in question.snapshot.agreements}
    payer = ground.payer
    agreement = agreements.get(payer.agreement) if payer is not None else None
    return CourseNeed(
        programme=programme.code,
        indication=ground.indication.code if ground.indication else "",
        not_before=plan.earliest,
        deadline=plan.latest,
        payer=agreement.payer if agreement is not None else "",
    )


def _calendar_options(plan: journey.Timing | None) -> list[Option]:
    """The calendars that the centre could give as well, beside the first."""
    if plan is None or plan.course is None or len(plan.course.promises) < 2:
        return []
    decides = Statement("answer.option.calendar_decides")
    return [
        Option(
            "calendar",
            Statement("answer.option.calendar", {"day": promise.first}),
            (
                Statement("answer.option.calendar_times", when.course_params(promise)),
                Statement("answer.option.calendar_days", when.course_params(promise)),
            ),
            decides,
        )
        for promise in plan.course.promises
    ]


def answer(question: Question) -> Answer:
    """Answer a referral.

    Args:
        question: the referral, the network on the day, places, quotas used and identity.

    Returns:
        Eleven lines in the order of `LINES`, close alternatives, and what is still unknown.
        A proposal: people decide.
    """
    snapshot, ground = question.snapshot, _ground(question)
    indication, programme, payers = ground.indication, ground.programme, ground.payers
    payer, visa = ground.payer, ground.visa
    offered = programme is not None and programme.code in question.offers
    plan = _timing(question, ground, planned=offered)
    start = plan.place.day if plan else None
    apply_by = visa.apply_by(start) if visa is not None and start is not None else None
    cost = _estimate_for(question, programme, indication, payer)
    lines = (
        completeness_line(question, programme),
        identity_line(question),
        clinical.indication_line(question, indication),
        clinical.centre_line(question, programme, indication),
        money.payer_line(question, payers, indication),
        journey.visa_line(question, visa, apply_by),
        when.calendar_line(question, plan, programme, indication),
        money.price_line(cost),
        journey.stay_line(question, programme),
        journey.rehabilitation_line(question, programme),
        journey.letters_line(question, programme, visa),
    )
    options = (
        *_programme_options(question, indication, ground.others),
        *money.payer_alternatives(payers, cost),
        *_treatment_options(plan, indication, programme),
        *_calendar_options(plan),
    )
    open_payer = payer if payer is not None and payer.state is RouteState.OPEN else None
    return Answer(
        lines=lines,
        options=options,
        unknowns=_unknowns(question, programme, lines),
        fingerprint=snapshot.fingerprint,
        as_of=question.as_of,
        programme=programme.code if programme else "",
        indication=indication.code if indication else "",
        centre=programme.centre if programme else "",
        agreement=open_payer.agreement if open_payer else "",
        quota=open_payer.quota if open_payer else "",
        start=start,
        latest_start=plan.latest if plan else None,
        apply_by=apply_by,
        estimate=cost,
        course=plan.course if plan else None,
    )
