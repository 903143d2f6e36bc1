"""What a referral says survives JSON without loss."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.cases.engine import facts_json
from sapar.cases.engine.referral import (
    Attachment,
    ClinicalItem,
    Coding,
    Narrative,
    ReferralFacts,
)
from sapar.people.engine.facts import (
    ContactFact,
    GuardianFact,
    IdentifierFact,
    NameFact,
    PersonFacts,
)
from sapar.values import plain

TEXT = st.text(max_size=8)
DAY = st.dates(date(1900, 1, 1), date(2100, 1, 1))
MOMENT = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def _many(strategy):
    return st.lists(strategy, max_size=2).map(tuple)


NAME = st.builds(NameFact, TEXT, TEXT, TEXT, TEXT, TEXT)
CONTACT = st.builds(ContactFact, TEXT, TEXT, TEXT)
CODING = st.builds(Coding, TEXT, TEXT, TEXT)
PERSON = st.builds(
    PersonFacts,
    names=_many(NAME),
    identifiers=_many(st.builds(IdentifierFact, TEXT, TEXT, TEXT, TEXT)),
    birth_date=st.none() | DAY,
    birth_date_text=TEXT,
    citizenship=TEXT,
    contacts=_many(CONTACT),
    guardians=_many(
        st.builds(
            GuardianFact,
            NAME,
            TEXT,
            _many(CONTACT),
            guardian=st.booleans(),
            companion=st.booleans(),
        )
    ),
    deceased=st.booleans(),
)
FACTS = st.builds(
    ReferralFacts,
    person=PERSON,
    programme=TEXT,
    urgency=TEXT,
    diagnosis_codings=_many(CODING),
    diagnosed_on=st.none() | DAY,
    needs=st.frozensets(TEXT, max_size=3),
    fit_to_travel=st.none() | st.booleans(),
    companions=st.none() | st.integers(0, 5),
    attachments=_many(st.builds(Attachment, TEXT, TEXT, TEXT)),
    items=_many(
        st.builds(ClinicalItem, TEXT, TEXT, _many(CODING), TEXT, TEXT, TEXT, st.booleans(), TEXT)
    ),
    narratives=_many(st.builds(Narrative, TEXT, TEXT, TEXT)),
    requested_at=st.none() | MOMENT,
    sender_identifiers=_many(TEXT),
)


@given(FACTS)
def test_facts_survive_json_without_loss(facts):
    text = json.dumps(facts_json.to_json(facts))
    assert facts_json.from_json(json.loads(text)) == facts


def test_an_empty_object_is_an_empty_referral():
    assert facts_json.from_json({}) == ReferralFacts()


def test_a_field_that_is_no_longer_known_is_ignored():
    data = {**facts_json.to_json(ReferralFacts(programme="x")), "colour": "red"}
    assert facts_json.from_json(data) == ReferralFacts(programme="x")


def test_json_of_a_later_version_is_refused():
    with pytest.raises(facts_json.UnknownVersionError):
        facts_json.from_json({"version": facts_json.VERSION + 1})


def test_every_field_of_the_contract_is_plain_enough_to_keep():
    for cls in (ReferralFacts, PersonFacts, ClinicalItem, GuardianFact):
        assert {f.name for f in dataclasses.fields(cls)} == set(plain._hints(cls))
