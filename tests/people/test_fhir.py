"""Patient resources: what is taken from them, what is named, what is given out."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.people import actions, fhir, queries
from sapar.people.fhir import person_facts
from tests import cast
from tests.people.test_registering import AIZADA, IIN

PATIENT = {
    "resourceType": "Patient",
    "identifier": [
        {"system": "http://hl7.org/fhir/sid/passport-KGZ", "value": "AC1234567"},
        {
            "type": {"coding": [{"system": fhir.V2_TYPES, "code": "NNKAZ"}]},
            "system": "urn:x",
            "value": IIN,
        },
        {"system": "https://example.org/id/pinfl", "value": "40105190000000"},
        {"system": "urn:hospital", "value": "77"},
        {"_value": {"extension": []}},
    ],
    "name": [
        {"use": "official", "family": "Токтогулова", "given": ["Айзада"]},
        {"family": "TOKTOGULOVA", "given": ["AIZADA"], "text": "Токтогулова Айзада"},
        {},
    ],
    "gender": "female",
    "birthDate": "2019-05",
    "telecom": [{"system": "phone", "value": "tel:+996555123456"}, {"system": "fax", "value": "1"}],
    "address": [{"city": "Ош", "country": "KGZ"}],
    "communication": [
        {"language": {"coding": [{"code": "ru"}]}},
        {"language": {"coding": [{"code": "ky"}]}, "preferred": True},
    ],
    "extension": [
        {
            "url": fhir.CITIZENSHIP,
            "extension": [{"url": "code", "valueCodeableConcept": {"coding": [{"code": "KG"}]}}],
        }
    ],
    "contact": [
        {
            "relationship": [{"coding": [{"system": fhir.ROLE_CODES, "code": "MTH"}]}],
            "name": {"family": "Мамытова", "given": ["Гүлмира"]},
        }
    ],
}


def test_a_patient_becomes_facts_and_what_is_missing_is_named():
    facts, problems = person_facts(
        PATIENT, [{"relationship": [{"coding": [{"code": "FRND"}]}], "name": [{"text": "Асан"}]}]
    )
    assert [(i.kind, i.country) for i in facts.identifiers] == [
        ("passport", "KG"),
        ("kz-iin", "KZ"),
        ("uz-pinfl", "UZ"),
        ("other", ""),
    ]
    assert [(n.family, n.script) for n in facts.names] == [
        ("Токтогулова", "Cyrl"),
        ("TOKTOGULOVA", "Latn"),
        ("", "Cyrl"),
    ]
    assert (facts.birth_date, facts.birth_date_text) == (None, "2019-05")
    assert (facts.citizenship, facts.residence, facts.language) == ("KG", "KG", "ky")
    assert [(g.relationship, g.guardian) for g in facts.guardians] == [
        ("MTH", True),
        ("FRND", False),
    ]
    assert [c.value for c in facts.contacts] == ["+996555123456"]
    assert [(p.code, p.where, p.fatal) for p in problems] == [
        ("people.name_empty", "Patient.name[2]", False),
        ("people.identifier_empty", "Patient.identifier[4]", False),
    ]


def test_an_impossible_birth_date_is_named_and_the_rest_taken():
    facts, problems = person_facts({**PATIENT, "birthDate": "2023-02-30", "gender": "F"})
    assert [p.code for p in problems][:2] == ["values.date_impossible", "people.gender"]
    assert facts.birth_date is None
    assert facts.names


@pytest.mark.parametrize(
    ("text", "code"),
    [("KG", "KG"), ("kgz", "KG"), ("AUT", "AT"), ("Netherlands", "NL"), ("Nowhere", ""), ("", "")],
)
def test_countries_are_read_however_they_are_written(text, code):
    assert fhir.country(text) == code


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*PATIENT, "family", "given", "coding", "code", "system", "value", "text"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(sorted(PATIENT)), json_values))
def test_no_json_makes_the_reader_fail(patient):
    person_facts(patient)


@pytest.mark.django_db
def test_a_person_written_as_fhir_is_read_back():
    made = actions.register(by=cast.actor("aigul"), facts=AIZADA)
    resource = fhir.patient(queries.person(made.person_id))
    facts, problems = person_facts(resource)
    assert problems == ()
    assert facts.birth_date == date(2019, 5, 1)
    assert facts.names[0].patronymic == "Бакытовна"
    assert facts.identifiers[0].kind == "kz-iin"
    assert facts.identifiers[0].value == IIN
    assert (facts.citizenship, facts.residence, facts.city, facts.language) == (
        "KG", "KG", "Ош", "ky",
    )  # fmt: skip
    assert facts.guardians[0].guardian
