"""Which visa, when, where they live, rehabilitation and letters: the lines of the journey."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sapar.answer.engine.completeness import age_on
from sapar.answer.engine.problem import Line, LineState, Reason
from sapar.booking.engine.places import FirstPlace, first_place
from sapar.travel.engine.visa import VisaAdvice, VisaState
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from sapar.answer.engine.problem import Question
    from sapar.funding.engine.routes import PayerOption
    from sapar.network.engine.snapshot import Holiday, Indication, Programme, StartWindow
    from sapar.proton.engine.promise import CourseOffer
    from sapar.values.statements import Param

SATURDAY = 5
INTAKE_PLACES = "intake-places"
"""The scheduler of programmes that give places and no fractions."""


def add_working_days(day: date, count: int, holidays: frozenset[date]) -> date:
    """The day after `count` working days: Saturdays, Sundays and the holidays do not count."""
    while count > 0:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY and day not in holidays:
            count -= 1
    return day


def _holidays(holidays: tuple[Holiday, ...], country: str) -> frozenset[date]:
    return frozenset(h.day for h in holidays if h.country == country and not h.working)


@dataclass(frozen=True, slots=True)
class Timing:
    """When each strand is ready, and the first place after all of them.

    Attributes:
        prepared: the programme's own lead time is over.
        paid: the payer has decided; None if that cannot be said.
        visa: the family can travel; None if that cannot be said.
        earliest: the latest of those that are known.
        binding: "lead", "payer" or "visa": the strand that ends last.
        place: the first place on or after `earliest`, or the offered first fraction.
        window: the start window that applies, or None.
        latest: its last day; None where its reference day is not known.
        reference_missing: the window's reference event has no date.
        course: what a centre that plans by fractions offers; None where places are given.
    """

    prepared: date
    paid: date | None
    visa: date | None
    earliest: date
    binding: str
    place: FirstPlace
    window: StartWindow | None
    latest: date | None
    reference_missing: bool
    course: CourseOffer | None = None

    @property
    def days_late(self) -> int:
        """Days after the start window, 0 when inside it or where none applies."""
        if self.place.day is None or self.latest is None:
            return 0
        return max(0, (self.place.day - self.latest).days)


def _window(
    question: Question, indication: Indication | None
) -> tuple[StartWindow | None, date | None]:
    facts = question.facts
    if indication is None:
        return None, None
    fitting = [w for w in indication.start_windows if w.urgency in ("", facts.urgency)]
    if not fitting:
        return None, None
    window = min(fitting, key=lambda w: (w.urgency == "", w.days))
    reference = {
        "referral": question.received_on,
        "surgery": facts.surgery_on,
        "diagnosis": facts.diagnosed_on,
    }[window.counted_from]
    return window, reference + timedelta(days=window.days) if reference else None


def timing(  # noqa: PLR0917 - the strands it lays side by side
    question: Question,
    programme: Programme,
    indication: Indication | None,
    payer: PayerOption | None,
    visa: VisaAdvice,
    centre_country: str,
    *,
    planned: bool = False,
) -> Timing:
    """Lay the strands side by side: they run in parallel, the last one binds.

    Where the centre plans by fractions (`planned`) it knows its own chain of preparation, which
    begins when the patient can be there; the programme's usual lead time is not counted as well.
    """
    as_of = question.as_of
    holidays = _holidays(question.snapshot.holidays, centre_country)
    prepared = as_of if planned else as_of + timedelta(days=programme.lead_days)
    paid = (
        add_working_days(as_of, payer.approval_days, holidays)
        if payer is not None and payer.approval_days is not None
        else None
    )
    ready = visa.ready_by(as_of)
    strands = {"lead": prepared, "payer": paid, "visa": ready}
    known = {name: day for name, day in strands.items() if day is not None}
    binding = max(known, key=lambda name: (known[name], name == "lead"))
    earliest = known[binding]
    window, latest = _window(question, indication)
    return Timing(
        prepared=prepared,
        paid=paid,
        visa=ready,
        earliest=earliest,
        binding=binding,
        place=_place(question, programme, earliest),
        window=window,
        latest=latest,
        reference_missing=window is not None and latest is None,
        course=question.offers.get(programme.code),
    )


def _place(question: Question, programme: Programme, earliest: date) -> FirstPlace:
    """The first place, or the first days that the centre's own scheduler offers."""
    offer = question.offers.get(programme.code)
    if offer is None:
        return first_place(question.places.get(programme.code, ()), earliest)
    if offer.best is None:
        return FirstPlace(None)
    return FirstPlace(offer.best.first, tuple(each.first for each in offer.promises[1:]))


def visa_line(question: Question, advice: VisaAdvice | None, apply_by: date | None) -> Line:
    """Which visa? The route by citizenship, and the latest date to apply."""
    if advice is None:
        return Line("visa", LineState.MISSING, Statement("answer.visa.no_programme"))
    params: dict[str, Param] = {
        "citizen_country": question.facts.person.citizenship,
        "days": advice.processing_days,
        "max_days": advice.max_days,
        "apply_by": apply_by,
    }
    if advice.state is VisaState.UNKNOWN_CITIZENSHIP:
        return Line("visa", LineState.MISSING, Statement("answer.visa.no_citizenship"))
    if advice.state is VisaState.HOME:
        return Line("visa", LineState.KNOWN, Statement("answer.visa.home", params))
    if advice.state is VisaState.NO_ROUTE:
        return _no_route(question, params)
    rule = Statement(f"answer.visa.rule_{advice.kind.replace('-', '_')}", params)
    reasons = [Reason("visa.route", rule, advice.source)]
    if advice.stay_too_long:
        stay = Statement("answer.visa.stay_too_long", params)
        reasons.append(Reason("visa.stay", stay, advice.source))
    elif advice.stay_too_long is None:
        reasons.append(Reason("visa.stay", Statement("answer.visa.stay_unknown")))
    state, code = _visa_verdict(question.as_of, advice, apply_by)
    changes = (Statement("answer.visa.change"),)
    return Line("visa", state, Statement(code, params), tuple(reasons), changes)


def _visa_verdict(as_of: date, advice: VisaAdvice, apply_by: date | None) -> tuple[LineState, str]:
    if advice.state is VisaState.UNVERIFIED:
        return LineState.TO_DECIDE, "answer.visa.unverified"
    if advice.stay_too_long:
        return LineState.TO_DECIDE, "answer.visa.too_short"
    if advice.state is VisaState.NOT_NEEDED:
        return LineState.KNOWN, "answer.visa.not_needed"
    if apply_by is not None and apply_by < as_of:
        return LineState.TO_DECIDE, "answer.visa.too_late"
    return LineState.KNOWN, f"answer.visa.{advice.kind}" + ("_by" if apply_by else "")


def _no_route(question: Question, params: dict[str, Param]) -> Line:
    fact = question.snapshot.facts.get("digital-visa-states")
    reasons = (
        (
            Reason(
                "visa.states",
                Statement("answer.visa.rule_states", {"count": int(fact.value)}),
                fact.source,
            ),
        )
        if fact is not None and fact.value.isdigit()
        else ()
    )
    said = Statement("answer.visa.no_route", params)
    return Line("visa", LineState.TO_DECIDE, said, reasons, (Statement("answer.visa.change"),))


def companions_of(question: Question, programme: Programme | None) -> int:
    """How many travel along: as said, or one adult with a child."""
    if question.facts.companions is not None:
        return question.facts.companions
    age = age_on(question.facts.person.birth_date, question.as_of)
    limit = programme.companions_under_age if programme else None
    return int(age is not None and limit is not None and age < limit)


def stay_line(question: Question, programme: Programme | None) -> Line:
    """Where do they stay? Length of stay and companions; the lodging itself is booked later."""
    if programme is None:
        return Line("stay", LineState.MISSING, Statement("answer.stay.no_programme"))
    if programme.stay_days is None:
        return Line("stay", LineState.TO_DECIDE, Statement("answer.stay.unknown"))
    companions = companions_of(question, programme)
    centre = question.snapshot.centres.get(programme.centre)
    params: dict[str, Param] = {
        "low": programme.stay_days[0],
        "high": programme.stay_days[1],
        "companions": companions,
        "city_name": f"city:{centre.code}" if centre else "",
    }
    code = "answer.stay.with_companions" if companions else "answer.stay.alone"
    reasons = [Reason("stay.length", Statement("answer.stay.rule", params), programme.source)]
    if question.facts.companions is None and companions:
        reasons.append(
            Reason("stay.companion", Statement("answer.stay.rule_child"), programme.source)
        )
    state = (
        LineState.KNOWN
        if programme.source.mark.decides(demonstration=question.snapshot.demonstration)
        else LineState.TO_DECIDE
    )
    return Line(
        "stay", state, Statement(code, params), tuple(reasons), (Statement("answer.stay.change"),)
    )


def rehabilitation_line(question: Question, programme: Programme | None) -> Line:
    """Rehabilitation: the leg that the programme foresees, at a centre that is accredited today."""
    snapshot = question.snapshot
    if programme is None:
        return Line(
            "rehabilitation", LineState.MISSING, Statement("answer.rehabilitation.no_programme")
        )
    if not programme.rehabilitation:
        return Line("rehabilitation", LineState.KNOWN, Statement("answer.rehabilitation.none"))
    leg = snapshot.programmes.get(programme.rehabilitation)
    if leg is None or leg.centre not in snapshot.centres:
        return Line(
            "rehabilitation", LineState.TO_DECIDE, Statement("answer.rehabilitation.closed")
        )
    params = {
        "centre_name": f"organisation:{leg.centre}",
        "programme_name": f"programme:{leg.code}",
    }
    accreditations = [
        a for a in snapshot.accreditations if a.centre == leg.centre and a.valid_on(question.as_of)
    ]
    age = age_on(question.facts.person.birth_date, question.as_of)
    outside = age is not None and (
        (leg.min_age is not None and age < leg.min_age)
        or (leg.max_age is not None and age > leg.max_age)
    )
    reasons = [
        Reason("rehabilitation.leg", Statement("answer.rehabilitation.rule", params), leg.source)
    ]
    reasons.extend(
        Reason(
            "rehabilitation.accreditation",
            Statement("answer.rehabilitation.accredited", {**params, "scheme": a.scheme}),
            a.source,
        )
        for a in accreditations
    )
    usable = leg.source.mark.decides(demonstration=snapshot.demonstration)
    if outside:
        state, code = LineState.TO_DECIDE, "answer.rehabilitation.age"
    elif not usable:
        state, code = LineState.TO_DECIDE, "answer.rehabilitation.unverified"
    else:
        state, code = LineState.KNOWN, "answer.rehabilitation.leg"
    return Line("rehabilitation", state, Statement(code, params), tuple(reasons))


def letters_line(question: Question, programme: Programme | None, visa: VisaAdvice | None) -> Line:
    """Which letters: the programme's own and what the visa asks for, in the family's language."""
    if programme is None:
        return Line("letters", LineState.MISSING, Statement("answer.letters.no_programme"))
    letters = list(programme.letters)
    if visa is not None and "invitation" in visa.documents and "invitation" not in letters:
        letters.append("invitation")
    if not letters:
        return Line("letters", LineState.KNOWN, Statement("answer.letters.none"))
    language = question.facts.person.language
    params: dict[str, Param] = {
        "letters_phrases": ",".join(f"letter.{code}" for code in letters),
        "language_language": language,
    }
    reasons = (Reason("letters.programme", Statement("answer.letters.rule"), programme.source),)
    if not language:
        return Line(
            "letters", LineState.MISSING, Statement("answer.letters.no_language", params), reasons
        )
    return Line("letters", LineState.KNOWN, Statement("answer.letters.needed", params), reasons)
