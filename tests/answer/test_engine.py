"""The answer of the engine, question by question."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.answer.engine.problem import LINES, Answer, IdentityState, LineState, Question
from sapar.answer.engine.solve import answer
from sapar.answer.engine.verify import verify
from sapar.kernel.languages import phrases
from sapar.values.plain import from_plain, to_plain
from tests.answer.worlds import (
    LAW,
    MEDULLOBLASTOMA,
    RUMOUR,
    TODAY,
    aizada,
    network,
    open_days,
    question,
)


def person(**changes: object) -> object:
    return dataclasses.replace(aizada().person, **changes)  # type: ignore[arg-type]


def test_aizada_gets_a_complete_answer() -> None:
    given = answer(question())
    assert [line.key for line in given.lines] == list(LINES)
    assert [line.state for line in given.lines] == [LineState.KNOWN] * 11
    assert (given.programme, given.indication) == ("protons", "medulloblastoma")
    assert (given.agreement, given.quota) == ("kg-kz", "kg-2026")
    assert given.start == date(2026, 3, 16)
    assert given.latest_start == TODAY - timedelta(days=28) + timedelta(days=49)
    assert given.unknowns == ()
    assert verify(question(), given) == []


def test_what_is_missing_is_named_and_who_can_tell() -> None:
    given = answer(question(aizada(attachments=(), consents=frozenset())))
    assert given.line("completeness").state is LineState.MISSING
    assert (
        given.line("completeness").statement.params["items_phrases"]
        == "item.mri,item.consent-transfer"
    )
    assert [u.who for u in given.unknowns] == ["who.referrer"]


def test_a_child_without_a_guardian_is_incomplete_and_an_adult_is_not() -> None:
    child = aizada(person=person(guardians=()))
    assert "item.guardian" in str(answer(question(child)).line("completeness").statement.params)
    adult = aizada(person=person(guardians=(), birth_date=date(2004, 1, 1)))
    assert answer(question(adult)).line("completeness").state is LineState.KNOWN


@pytest.mark.parametrize(
    ("identity", "state"),
    [
        (IdentityState.NEW, LineState.KNOWN),
        (IdentityState.KNOWN, LineState.KNOWN),
        (IdentityState.POSSIBLE, LineState.TO_DECIDE),
        (IdentityState.DIFFERENT_BIRTH_DATE, LineState.TO_DECIDE),
        (IdentityState.TOO_LITTLE, LineState.MISSING),
    ],
)
def test_identity_is_a_decision_of_people_when_in_doubt(
    identity: IdentityState, state: LineState
) -> None:
    assert answer(question(identity=identity)).line("identity").state is state


def test_the_longest_code_that_matches_wins() -> None:
    assert answer(question()).indication == "medulloblastoma"
    assert answer(question(aizada(icd10="C71.9"))).indication == "brain"
    assert answer(question(aizada(icd10="c716"))).indication == "medulloblastoma"


def test_a_code_that_is_not_listed_is_left_to_the_panel() -> None:
    line = answer(question(aizada(icd10="J45"))).line("indication")
    assert (line.state, line.statement.code) == (
        LineState.TO_DECIDE,
        "answer.indication.not_listed",
    )


def test_a_patient_outside_the_ages_is_told_so() -> None:
    old = aizada(person=person(birth_date=date(1990, 1, 1)), icd10="C71.6")
    only = network(indications={"medulloblastoma": MEDULLOBLASTOMA})
    line = answer(question(old, snapshot=only)).line("indication")
    assert (line.state, line.statement.params["age"]) == (LineState.IMPOSSIBLE, 36)


def test_unverified_data_never_decides_and_names_who_can_tell() -> None:
    lung = aizada(person=person(birth_date=date(1970, 1, 1)), icd10="C34.1", programme="protons")
    given = answer(question(lung))
    assert given.line("indication").statement.code == "answer.indication.unverified"
    assert "Ministry of Health" in [u.who for u in given.unknowns]


def test_demonstration_data_decides_only_in_a_demonstration() -> None:
    uzbek = aizada(person=person(citizenship="UZ", residence="UZ"))
    assert answer(question(uzbek)).agreement == "uz-kz"
    real = question(uzbek, snapshot=network(demonstration=False))
    assert answer(real).agreement == ""
    assert answer(real).line("payer").state is LineState.TO_DECIDE
    assert answer(question(uzbek)).line("payer").demonstration


def test_a_full_quota_leaves_the_family_to_pay() -> None:
    given = answer(question(quota_used={"kg-2026": 20}))
    assert given.agreement == ""
    assert given.line("payer").statement.code == "answer.payer.only_self_pay"
    assert given.line("payer").reasons[1].statement.code == "answer.payer.rule_quota_full"


def test_the_last_places_of_a_quota_are_shown_beside_self_pay() -> None:
    given = answer(question(quota_used={"kg-2026": 18}))
    assert [o.title.code for o in given.options] == [
        "answer.option.payer",
        "answer.option.self_pay",
    ]
    assert given.options[0].decides.params == {"left": 2}


def test_what_a_decision_of_hta_does_not_fund_is_left_to_the_payer() -> None:
    snapshot = network(
        indications={"medulloblastoma": dataclasses.replace(MEDULLOBLASTOMA, funded=False)}
    )
    line = answer(question(snapshot=snapshot)).line("payer")
    assert (line.state, line.statement.code) == (LineState.TO_DECIDE, "answer.payer.not_funded")


def test_a_digital_visa_has_a_latest_day_to_apply() -> None:
    indian = aizada(person=person(citizenship="IN", residence="IN"))
    given = answer(question(indian))
    assert given.line("visa").statement.code == "answer.visa.digital_by"
    assert given.start is not None
    assert given.apply_by == given.start - timedelta(days=8)
    assert "letter.invitation" in str(given.line("letters").statement.params)


@pytest.mark.parametrize(
    ("citizenship", "state", "code"),
    [
        ("KZ", LineState.KNOWN, "answer.visa.home"),
        ("KG", LineState.KNOWN, "answer.visa.not_needed"),
        ("TM", LineState.TO_DECIDE, "answer.visa.unverified"),
        ("FR", LineState.TO_DECIDE, "answer.visa.no_route"),
        ("", LineState.MISSING, "answer.visa.no_citizenship"),
    ],
)
def test_every_citizenship_gets_its_own_visa_line(
    citizenship: str, state: LineState, code: str
) -> None:
    line = answer(question(aizada(person=person(citizenship=citizenship)))).line("visa")
    assert (line.state, line.statement.code) == (state, code)


def test_a_centre_that_would_be_late_says_so_and_offers_photons_at_home() -> None:
    given = answer(question(places={"protons": open_days(first=40)}))
    line = given.line("calendar")
    assert (line.state, line.statement.code) == (LineState.IMPOSSIBLE, "answer.calendar.late")
    assert line.statement.params["late"] == 21
    assert line.changes[0].code == "alternative.photons-at-home"
    assert [o.kind for o in given.options] == ["treatment", "treatment"]


def test_the_strand_that_ends_last_is_named() -> None:
    slow = tuple(
        dataclasses.replace(a, approval_days=40) if a.code == "kg-kz" else a
        for a in network().agreements
    )
    given = answer(question(snapshot=network(agreements=slow)))
    assert given.line("calendar").reasons[0].rule == "calendar.payer"
    assert given.line("calendar").changes[-1].code == "answer.calendar.change_payer"
    assert given.start == date(2026, 4, 27)


def test_no_open_day_is_to_be_decided_and_not_a_date() -> None:
    given = answer(question(places={}))
    assert given.start is None
    assert given.line("calendar").statement.code == "answer.calendar.none_open"


def test_a_window_whose_reference_day_is_missing_is_not_called_kept() -> None:
    line = answer(question(aizada(surgery_on=None))).line("calendar")
    assert (line.state, line.statement.code) == (
        LineState.TO_DECIDE,
        "answer.calendar.reference_missing",
    )


def test_a_centre_that_lacks_a_capability_is_impossible() -> None:
    line = answer(question(aizada(needs=frozenset({"ecmo"})))).line("centre")
    assert (line.state, line.statement.code) == (LineState.IMPOSSIBLE, "answer.centre.lacks")


def test_the_price_is_the_sum_of_its_parts_and_the_family_sees_its_share() -> None:
    estimate = answer(question()).estimate
    assert estimate is not None
    assert {p.item for p in estimate.parts} == {
        "treatment",
        "anaesthesia",
        "companion-day",
        "rehabilitation-day",
    }
    assert [str(p.low) for p in estimate.parts if not p.covered] == ["420000 KZT"]
    assert estimate.family[0][1].amount == 21 * 30_000


def test_without_a_programme_those_that_fit_are_shown_side_by_side() -> None:
    lung = aizada(person=person(birth_date=date(1970, 1, 1)), icd10="C34.1", programme="")
    given = answer(question(lung))
    assert [o.kind for o in given.options[:2]] == ["programme", "programme"]


def test_an_empty_referral_gets_an_answer_too() -> None:
    from sapar.cases.engine.referral import ReferralFacts

    asked = question(ReferralFacts(), identity=IdentityState.TOO_LITTLE)
    given = answer(asked)
    assert verify(asked, given) == []
    assert given.line("completeness").state is LineState.MISSING


dates = st.none() | st.dates(date(1940, 1, 1), date(2026, 3, 1))
questions = st.builds(
    lambda facts_changes, person_changes, rest: question(
        aizada(**facts_changes, person=person(**person_changes)), **rest
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "programme": st.sampled_from(["", "protons", "adult-oncology", "unheard-of"]),
            "urgency": st.sampled_from(["", "routine", "urgent", "stat"]),
            "icd10": st.sampled_from(["", "C71.6", "C71.0", "C34.1", "C34", "Z99"]),
            "surgery_on": dates,
            "needs": st.frozensets(st.sampled_from(["ecmo", "paediatric-anaesthesia"])),
            "companions": st.none() | st.integers(0, 3),
            "payer_wish": st.sampled_from(["", "self-pay", "insurance"]),
            "attachments": st.just(()),
        },
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "citizenship": st.sampled_from(["", "KG", "KZ", "UZ", "TJ", "IN", "TM", "FR"]),
            "residence": st.sampled_from(["", "KG", "UZ", "TJ"]),
            "birth_date": dates,
            "language": st.sampled_from(["", "ky", "ru"]),
        },
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "snapshot": st.sampled_from([network(), network(demonstration=False)]),
            "places": st.sampled_from(
                [{}, {"protons": open_days(first=60)}, {"protons": open_days(free=0)}]
            ),
            "quota_used": st.sampled_from([{}, {"kg-2026": 19}, {"kg-2026": 25}]),
            "identity": st.sampled_from(list(IdentityState)),
            "treated_this_year": st.sampled_from([{}, {"protons": 800}]),
        },
    ),
)


@given(questions)
def test_the_independent_checker_agrees_with_every_answer(asked: Question) -> None:
    given = answer(asked)
    assert verify(asked, given) == []
    assert answer(asked) == given
    assert from_plain(Answer, to_plain(given)) == given


@pytest.mark.django_db
@given(questions)
def test_every_sentence_of_every_answer_has_a_phrase(asked: Question) -> None:
    given = answer(asked)
    for line in given.lines:
        for said in (line.statement, *line.changes, *(r.statement for r in line.reasons)):
            assert phrases.text(said)
    for option in given.options:
        assert all(phrases.text(s) for s in (option.title, option.decides, *option.points))
    assert all(phrases.text(u.statement) for u in given.unknowns)


def test_the_checker_notices_what_is_wrong() -> None:
    asked = question()
    good = answer(asked)
    assert good.start is not None
    early = dataclasses.replace(good, start=TODAY)
    assert "the start leaves no time for preparation" in verify(asked, early)
    full = dataclasses.replace(asked, quota_used={"kg-2026": 20})
    assert "the quota proposed is used up" in verify(full, good)
    assert good.estimate is not None
    cheap = dataclasses.replace(good.estimate, totals=((good.estimate.parts[0].low,) * 2,))
    assert any("not the sum" in w for w in verify(asked, dataclasses.replace(good, estimate=cheap)))
    line = good.lines[2]
    rumour = dataclasses.replace(
        line, reasons=(dataclasses.replace(line.reasons[0], source=RUMOUR), *line.reasons[1:])
    )
    lines = (*good.lines[:2], rumour, *good.lines[3:])
    assert "indication is decided by unverified data" in verify(
        asked, dataclasses.replace(good, lines=lines)
    )
    assert LAW.mark.decides(demonstration=False)
