"""What leaves the house: in the form of the guide's examples, and nobody's."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.kernel.fhir import schema
from sapar.proton.engine.outcomes import codex, treated
from sapar.proton.engine.outcomes.pseudonyms import NEAREST, WIDEST, Pseudonyms
from sapar.proton.engine.outcomes.treated import (
    Graded,
    Phase,
    Reported,
    Treated,
    Volume,
    band,
    held_back,
)
from tests.proton.selection import codex_shapes as shapes

GIVEN = os.environ.get("SAPAR_SAMPLES", "")
NAMES = Pseudonyms(bytes(range(32)))
OTHER = Pseudonyms(bytes(range(1, 33)))
NCIT = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
START, END = date(2026, 3, 2), date(2026, 4, 17)
ONE = Treated(
    patient="0197-patient",
    course="0197-course",
    sex="female",
    age=61,
    icd10="C10.9",
    modality="proton",
    technique="spot-scanning",
    intent="curative",
    status="completed",
    start=START,
    end=END,
    sessions=35,
    volumes=(
        Volume("Oropharynx", "PTV", 200, 35, 35),
        Volume("Prostate", "CTV", 180, 30, 35),
    ),
    phases=(Phase(1, 25, 25, START, END), Phase(2, 10, 8, START, END)),
    graded=(
        Graded(END, "dry-mouth", "C143411", "Dry mouth", 2, "probable"),
        Graded(END, "fatigue", "C146753", "Fatigue", 0, "unrelated"),
    ),
    reported=(Reported(END, "pain", 3), Reported(END, "mood", 1, "guardian", "caregiver")),
    band=(60, 64),
    diagnosis="C10",
)
BUNDLE = codex.bundle(ONE, NAMES, ncit=NCIT)
RESOURCES = [entry["resource"] for entry in BUNDLE["entry"]]


def resources(kind: str) -> list[dict]:
    return [each for each in RESOURCES if shapes.key(each) == kind]


@pytest.mark.parametrize("name", sorted(shapes.SHAPES))
def test_each_profile_has_the_elements_and_extensions_of_the_examples(name: str) -> None:
    shape = shapes.SHAPES[name]
    found = resources(name)
    assert found
    for each in found:
        assert each["resourceType"] == shape.kind
        assert set(each["meta"]["profile"]) == shape.profiles
        assert set(each) <= shape.elements
        assert shapes.extensions(each) - set(shapes.OURS) <= shape.extensions
        assert shapes.systems(each) - set(shapes.OURS) <= shapes.SYSTEMS
    used = set().union(*(shapes.extensions(each) for each in found))
    assert used >= shape.extensions - {shapes.US_CORE + "birthsex"}  # the sex stands in `gender`


@pytest.mark.skipif(not GIVEN, reason="the guide's examples are not on this machine")
def test_the_committed_shapes_are_those_of_the_guides_examples() -> None:
    read = [json.loads(path.read_text("utf-8")) for path in Path(GIVEN).rglob("*XRTS*.json")]
    assert read
    for name, shape in shapes.SHAPES.items():
        own = [each for each in read if shapes.key(each) == name]
        assert own, name
        assert all(set(each["meta"]["profile"]) == shape.profiles for each in own)
        assert set().union(*(set(each) for each in own)) == shape.elements
        assert set().union(*(shapes.extensions(each) for each in own)) >= shape.extensions
    assert set().union(*(shapes.systems(each) for each in read)) == shapes.SYSTEMS


def test_every_resource_passes_the_official_schema_and_a_spoilt_one_does_not() -> None:
    kinds = {each["resourceType"] for each in RESOURCES}
    assert kinds == {
        "Patient", "BodyStructure", "ServiceRequest", "Procedure", "AdverseEvent", "Observation"
    }  # fmt: skip
    for each in RESOURCES:
        assert schema.check(each, each["resourceType"]) == []
    assert schema.check(BUNDLE, "Bundle") == []
    event = next(each for each in RESOURCES if each["resourceType"] == "AdverseEvent")
    assert schema.check({**event, "actuality": "perhaps"}, "AdverseEvent")
    assert schema.check({**event, "grade": 3}, "AdverseEvent")


def test_an_adverse_event_has_the_guides_profile_its_grade_and_its_cause() -> None:
    mouth, fatigue = (each for each in RESOURCES if each["resourceType"] == "AdverseEvent")
    assert mouth["meta"]["profile"] == [shapes.CODEX + "radiotherapy-adverse-event"]
    grade = mouth["extension"][0]["valueCodeableConcept"]["coding"][0]
    assert (grade["code"], grade["display"]) == ("2", "Moderate Adverse Event")
    assert mouth["event"]["coding"] == [{"system": NCIT, "code": "C143411", "display": "Dry mouth"}]
    cause = mouth["suspectEntity"][0]
    assert cause["causality"][0]["assessment"]["coding"][0]["code"] == "Probably-Likely"
    assert "suspectEntity" not in fatigue


def test_every_reference_leads_to_a_resource_of_the_bundle() -> None:
    there = {f"{each['resourceType']}/{each['id']}" for each in RESOURCES}
    assert shapes.references(BUNDLE) <= there
    assert len(there) == len(RESOURCES)
    addresses = [entry["fullUrl"] for entry in BUNDLE["entry"]]
    assert len(set(addresses)) == len(addresses)


def test_doses_fractions_and_the_state_of_a_phase_are_those_of_the_course() -> None:
    (summary,) = resources("course-summary")
    doses = [
        {part["url"]: part for part in each["extension"]}
        for each in summary["extension"]
        if each["url"].endswith("dose-delivered-to-volume")
    ]
    assert [d["totalDoseDelivered"]["valueQuantity"]["value"] for d in doses] == [7000, 5400]
    assert [d["fractionsDelivered"]["valueUnsignedInt"] for d in doses] == [35, 30]
    assert [p["status"] for p in resources("treated-phase")] == ["completed", "completed"]
    stopped = codex.bundle(replace(ONE, status="stopped"), NAMES, ncit=NCIT)
    found = [e["resource"] for e in stopped["entry"]]
    states = [e["status"] for e in found if shapes.key(e) == "treated-phase"]
    assert states == ["completed", "stopped"]


def test_a_course_with_both_modalities_tells_both_and_gives_each_its_own_technique() -> None:
    found = codex.modality_and_technique("mixed", "imrt")
    proton, photon = ({part["url"] for part in each["extension"]} for each in found)
    assert shapes.MCODE + "radiotherapy-technique" not in proton
    assert shapes.MCODE + "radiotherapy-technique" in photon
    assert codex.modality_and_technique("", "") == []


def test_no_id_no_real_day_and_no_exact_age_is_in_the_bytes() -> None:
    text = json.dumps(BUNDLE)
    for planted in (ONE.patient, ONE.course, "C10.9", '"61"', ": 61"):
        assert planted not in text
    for offset in range(-3, 60):
        assert (START + timedelta(days=offset)).isoformat() not in text
    (summary,) = resources("course-summary")
    period = summary["performedPeriod"]
    told = date.fromisoformat(period["end"]) - date.fromisoformat(period["start"])
    assert told == END - START


def test_pseudonyms_stay_within_a_centre_and_differ_between_centres_and_uses() -> None:
    again = codex.bundle(ONE, Pseudonyms(bytes(range(32))), ncit=NCIT)
    assert again == BUNDLE
    elsewhere = json.dumps(codex.bundle(ONE, OTHER, ncit=NCIT))
    ids = re.findall(r'"id": "([0-9a-z]{26})"', json.dumps(BUNDLE))
    assert len(set(ids)) == len(RESOURCES) + 1
    assert not [each for each in ids if each in elsewhere]
    assert NAMES.name("patient", "x") != NAMES.name("course", "x")


@given(st.text(max_size=40))
def test_a_mapped_uid_is_a_dicom_uid_and_a_shift_is_never_none(text: str) -> None:
    uid = NAMES.uid(text)
    assert re.fullmatch(r"2\.25\.(0|[1-9][0-9]*)", uid)
    assert len(uid) <= 64
    assert NEAREST <= abs(NAMES.shift(text).days) <= WIDEST


def test_a_key_that_could_be_guessed_is_refused_and_a_key_is_never_printed() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Pseudonyms(b"secret")
    assert "\\x01" not in repr(NAMES)
    assert "key" not in repr(NAMES)


@given(st.integers(0, 120))
def test_an_age_leaves_as_a_band_that_never_mixes_children_and_adults(age: int) -> None:
    found = band(age)
    assert found is not None
    low, high = found
    assert low <= age
    assert high is None or age <= high
    assert high is None or (low < 18) == (high < 18)
    if high is not None:
        assert {band(each) for each in range(low, high + 1)} == {found}


def people(*groups: tuple[int, str, int, str]) -> list[Treated]:
    """So many patients with a sex, an age and a diagnosis each."""
    found = []
    for count, sex, age, icd10 in groups:
        for _one in range(count):
            name = str(len(found))
            found.append(
                replace(ONE, patient=name, course=f"c{name}", sex=sex, age=age, icd10=icd10)
            )
    return found


def test_who_looks_like_too_few_others_is_told_less_exactly_or_left_out() -> None:
    told, held = held_back(
        people(
            (5, "female", 61, "C10.9"),
            (3, "male", 44, "C71.6"),
            (2, "female", 41, "C71.0"),
            (1, "male", 7, "C71.6"),
        )
    )
    assert held == 1
    assert [(t.sex, t.band, t.diagnosis) for t in told] == [
        *[("female", (60, 64), "C10")] * 5,
        *[("unknown", (40, 44), "C71")] * 5,
    ]


@given(
    st.lists(
        st.tuples(
            st.integers(1, 6),
            st.sampled_from(["female", "male", "other"]),
            st.integers(0, 90),
            st.sampled_from(["C71.6", "C10.9", "C61", ""]),
        ),
        max_size=8,
    ),
    st.integers(1, 6),
)
def test_everybody_who_is_told_shares_all_that_is_told_with_enough_others(
    groups: list[tuple[int, str, int, str]], smallest: int
) -> None:
    everybody = people(*groups)
    told, held = held_back(everybody, smallest=smallest)
    assert len(told) + held == len(everybody)
    for one in told:
        alike = [
            o for o in told if (o.sex, o.band, o.diagnosis) == (one.sex, one.band, one.diagnosis)
        ]
        assert len(alike) >= smallest
    assert treated.SMALLEST == 5


def test_a_patient_with_two_courses_is_one_patient() -> None:
    twice = [replace(ONE, course=f"c{n}") for n in range(5)]
    told, held = held_back(twice)
    assert (told, held) == ((), 1)
