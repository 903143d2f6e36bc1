"""What for, and where: the indication list and the centre's reach, capability and accreditation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.answer.engine.completeness import age_on
from sapar.answer.engine.problem import Line, LineState, Reason
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from datetime import date

    from sapar.answer.engine.problem import Question
    from sapar.cases.engine.referral import ReferralFacts
    from sapar.network.engine.snapshot import Indication, Programme, Snapshot


def matches(icd10: str, indication: Indication) -> int:
    """How many letters of the code the indication's longest prefix covers; 0 is no match."""
    wanted = icd10.replace(".", "").upper()
    lengths = [
        len(p) for code in indication.icd10 if wanted.startswith(p := code.replace(".", "").upper())
    ]
    return max(lengths, default=0) if wanted else 0


def _age_fits(age: int | None, low: int | None, high: int | None) -> bool:
    return age is None or ((low is None or age >= low) and (high is None or age <= high))


def candidates(facts: ReferralFacts, snapshot: Snapshot, day: date) -> tuple[Indication, ...]:
    """The indications that fit the diagnosis and age, the most specific first.

    Args:
        facts: with `icd10`; where a known `programme` is given only its indications count.
        snapshot: the network.
        day: the day asked about.
    """
    age = age_on(facts.person.birth_date, day)
    asked = facts.programme if facts.programme in snapshot.programmes else ""
    found = [
        (matches(facts.icd10, i), i)
        for i in snapshot.indications.values()
        if i.valid_on(day)
        and i.programme in snapshot.programmes
        and asked in ("", i.programme)
        and _age_fits(age, i.min_age, i.max_age)
        and _age_fits(
            age, snapshot.programmes[i.programme].min_age, snapshot.programmes[i.programme].max_age
        )
    ]
    fitting = [(length, i) for length, i in found if length]
    fitting.sort(key=lambda pair: (-pair[0], not pair[1].funded, pair[1].code))
    return tuple(i for _length, i in fitting)


def _age_problem(question: Question) -> Indication | None:
    """An indication that would fit but for the patient's age."""
    facts, snapshot = question.facts, question.snapshot
    fits = [
        i
        for i in snapshot.indications.values()
        if i.valid_on(question.as_of)
        and i.programme in snapshot.programmes
        and facts.programme in ("", i.programme)
        and matches(facts.icd10, i)
    ]
    return min(fits, key=lambda i: i.code, default=None)


def indication_line(question: Question, indication: Indication | None) -> Line:
    """What for? Listed, listed but unverified, outside the age, or not on the list."""
    facts, snapshot = question.facts, question.snapshot
    if not facts.icd10:
        sent = facts.diagnosis_codings[0] if facts.diagnosis_codings else None
        as_sent = f"{sent.code} {sent.display}".strip() if sent else facts.diagnosis_text
        said = (
            Statement("answer.indication.no_icd10_as_sent", {"sent": as_sent[:120]})
            if as_sent
            else Statement("answer.indication.no_icd10")
        )
        return Line("indication", LineState.MISSING, said)
    if indication is None:
        return _not_listed(question)
    name = {"indication_name": f"indication:{indication.code}", "icd10": facts.icd10}
    reasons = [
        Reason(
            "indication.list",
            Statement("answer.indication.rule_list", name),
            indication.source,
        )
    ]
    if not indication.source.mark.decides(demonstration=snapshot.demonstration):
        return Line(
            "indication",
            LineState.TO_DECIDE,
            Statement("answer.indication.unverified", name),
            tuple(reasons),
        )
    funded = {
        True: Statement("answer.indication.funded", name),
        False: Statement("answer.indication.not_funded", name),
        None: Statement("answer.indication.funding_undecided", name),
    }[indication.funded]
    reasons.append(Reason("indication.funded", funded, indication.source))
    return Line(
        "indication",
        LineState.KNOWN,
        Statement("answer.indication.listed", name),
        tuple(reasons),
        (Statement("answer.indication.change"),),
    )


def _not_listed(question: Question) -> Line:
    facts, snapshot = question.facts, question.snapshot
    too_old_or_young = _age_problem(question)
    if too_old_or_young is not None:
        programme = snapshot.programmes[too_old_or_young.programme]
        lows = [a for a in (too_old_or_young.min_age, programme.min_age) if a is not None]
        highs = [a for a in (too_old_or_young.max_age, programme.max_age) if a is not None]
        age = age_on(facts.person.birth_date, question.as_of)
        return Line(
            "indication",
            LineState.IMPOSSIBLE,
            Statement(
                "answer.indication.age",
                {
                    "indication_name": f"indication:{too_old_or_young.code}",
                    "age": age,
                    "low": max(lows, default=0),
                    "high": min(highs, default=120),
                },
            ),
            (
                Reason(
                    "indication.age",
                    Statement("answer.indication.rule_age"),
                    too_old_or_young.source,
                ),
            ),
            (Statement("answer.indication.change_programme"),),
        )
    return Line(
        "indication",
        LineState.TO_DECIDE,
        Statement("answer.indication.not_listed", {"icd10": facts.icd10}),
        (Reason("indication.list", Statement("answer.indication.rule_not_listed")),),
        (Statement("answer.indication.change"), Statement("answer.indication.panel_may")),
    )


def centre_line(
    question: Question, programme: Programme | None, indication: Indication | None
) -> Line:
    """Where? The centre must be open to the patient, able, accredited and not full."""
    snapshot = question.snapshot
    if programme is None:
        return Line("centre", LineState.MISSING, Statement("answer.centre.no_programme"))
    centre = snapshot.centres.get(programme.centre)
    name = {
        "centre_name": f"organisation:{programme.centre}",
        "programme_name": f"programme:{programme.code}",
    }
    if centre is None or not centre.valid_on(question.as_of):
        return Line("centre", LineState.IMPOSSIBLE, Statement("answer.centre.closed", name))
    needs = (
        programme.needs | question.facts.needs | (indication.needs if indication else frozenset())
    )
    lacking = sorted(needs - centre.capabilities)
    reasons: list[Reason] = []
    if lacking:
        lacks = ",".join(f"network.word.{code}" for code in lacking)
        reasons.append(
            Reason(
                "centre.capability",
                Statement("answer.centre.lacks", {**name, "needs_phrases": lacks}),
                centre.source,
            )
        )
    elif needs:
        has = ",".join(f"network.word.{code}" for code in sorted(needs))
        reasons.append(
            Reason(
                "centre.capability",
                Statement("answer.centre.able", {**name, "needs_phrases": has}),
                centre.source,
            )
        )
    reasons.extend(_accreditation_reasons(question, programme))
    full = _capacity_reason(question, programme, reasons)
    if not centre.source.mark.decides(demonstration=snapshot.demonstration):
        state, said = LineState.TO_DECIDE, Statement("answer.centre.unverified", name)
    elif lacking:
        state, said = LineState.IMPOSSIBLE, reasons[0].statement
    elif full:
        state, said = LineState.TO_DECIDE, Statement("answer.centre.full", name)
    else:
        state, said = LineState.KNOWN, Statement("answer.centre.fits", name)
    if not reasons:
        reasons.append(
            Reason("centre.reach", Statement("answer.centre.rule_reach", name), centre.source)
        )
    return Line("centre", state, said, tuple(reasons), (Statement("answer.centre.change"),))


def _accreditation_reasons(question: Question, programme: Programme) -> list[Reason]:
    reasons: list[Reason] = []
    for accreditation in question.snapshot.accreditations:
        if accreditation.centre != programme.centre:
            continue
        params = {"scheme": accreditation.scheme, "until": accreditation.valid_to}
        code = (
            "answer.centre.accredited"
            if accreditation.valid_to
            else "answer.centre.accredited_open"
        )
        if not accreditation.valid_on(question.as_of):
            code = "answer.centre.accreditation_expired"
        reasons.append(
            Reason("centre.accreditation", Statement(code, params), accreditation.source)
        )
    return reasons


def _capacity_reason(question: Question, programme: Programme, reasons: list[Reason]) -> bool:
    """Add the capacity reason; True where the year is full."""
    if programme.capacity_per_year is None:
        return False
    treated = question.treated_this_year.get(programme.code, 0)
    reasons.append(
        Reason(
            "centre.capacity",
            Statement(
                "answer.centre.capacity",
                {"capacity": programme.capacity_per_year, "accepted": treated},
            ),
            programme.source,
        )
    )
    return treated >= programme.capacity_per_year
