"""The plumbing under the intake: the schema, references, versions, values, narrative."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.kernel.fhir import decode, narrative, parcel, schema, values, versions
from sapar.kernel.fhir.phrases import PHRASES


def opened(*entries: tuple[str, dict]) -> parcel.Parcel:
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": url, "resource": resource} for url, resource in entries],
    }
    return parcel.open_parcel(decode.decode(json.dumps(bundle).encode()))


def test_every_problem_has_a_phrase_and_a_remedy():
    codes = {code.removesuffix(".remedy") for code in PHRASES}
    assert {f"{code}.remedy" for code in codes} | codes == set(PHRASES)


def test_the_schema_is_that_of_r4_and_every_type_that_is_read_has_a_validator():
    assert len(schema.known_types()) == 146
    assert "AccessPolicy" not in schema.known_types()
    for kind in schema.read_types():
        found = list(schema.validator(kind).iter_errors({"resourceType": kind, "madeUp": 1}))
        assert any(error.validator == "additionalProperties" for error in found)


def test_a_type_that_is_not_read_has_no_validator():
    with pytest.raises(KeyError):
        schema.validator("StructureMap")


PATIENT = {"resourceType": "Patient", "id": "1"}


@pytest.mark.parametrize(
    ("url", "reference"),
    [
        ("urn:uuid:5f0c6a5e-1111-4222-8333-444455556666",
         "urn:uuid:5f0c6a5e-1111-4222-8333-444455556666"),
        ("urn:uuid:5f0c6a5e-1111-4222-8333-444455556666",
         "Patient/5f0c6a5e-1111-4222-8333-444455556666"),
        ("https://one.example/fhir/Patient/1", "https://one.example/fhir/Patient/1"),
        ("https://one.example/fhir/Patient/1", "Patient/1"),
        ("https://one.example/fhir/Patient/1", "Patient/1/_history/3"),
        ("", "Patient/1"),
        ("", "https://elsewhere.example/Patient/1"),
    ],
)  # fmt: skip
def test_references_find_their_target(url, reference):
    condition = {"resourceType": "Condition", "subject": {"reference": reference}}
    found = opened((url, PATIENT), ("https://one.example/fhir/Condition/2", condition))
    [patient], [one] = found.of("Patient"), found.of("Condition")
    assert found.resolve(one.resource["subject"], one) is patient


def test_a_relative_reference_means_the_neighbour_on_the_same_server():
    condition = {"resourceType": "Condition", "subject": {"reference": "Patient/1"}}
    found = opened(
        ("https://one.example/fhir/Patient/1", PATIENT),
        ("https://two.example/fhir/Patient/1", PATIENT),
        ("https://two.example/fhir/Condition/2", condition),
    )
    [one] = found.of("Condition")
    target = found.resolve(one.resource["subject"], one)
    assert target is not None
    assert target.full_url.startswith("https://two.example")


def test_a_contained_resource_is_found_by_its_own_name_only_inside_its_owner():
    request = {
        "resourceType": "MedicationStatement",
        "status": "active",
        "subject": {},
        "contained": [{"resourceType": "Medication", "id": "m"}],
        "medicationReference": {"reference": "#m"},
    }
    found = opened(("", PATIENT), ("", request))
    [one], [patient] = found.of("MedicationStatement"), found.of("Patient")
    inner = found.resolve({"reference": "#m"}, one)
    assert inner is not None
    assert inner.kind == "Medication"
    assert found.resolve({"reference": "#m"}, patient) is None


def test_the_same_address_twice_is_named():
    found = opened(("urn:uuid:1", PATIENT), ("urn:uuid:1", PATIENT))
    assert "fhir.duplicate_entry" in [problem.code for problem in found.problems]


@pytest.mark.parametrize(
    ("resource", "version"),
    [
        ({"resourceType": "MedicationStatement", "taken": "y"}, "STU3"),
        ({"resourceType": "ReferralRequest"}, "STU3"),
        ({"resourceType": "Condition", "clinicalStatus": "active"}, "STU3"),
        ({"resourceType": "Patient", "name": [{"family": ["Rahimov"]}]}, "DSTU2"),
        ({"resourceType": "MedicationOrder"}, "DSTU2"),
        ({"resourceType": "MedicationStatement", "medication": {}}, "R5"),
        ({"resourceType": "Encounter", "class": []}, "R5"),
        ({"resourceType": "Condition", "clinicalStatus": {}}, None),
        ({"resourceType": "Patient"}, None),
    ],
)
def test_a_version_is_known_by_what_only_it_has(resource, version):
    found = versions.evidence(resource)
    assert (found[0] if found else None) == version


def test_a_decimal_keeps_the_precision_that_was_sent():
    [(_where, value)] = decode.decode(b'{"value": 5.40, "unit": "mmol/L"}').values
    assert value["value"] == Decimal("5.40")
    assert values.quantity(value) == "5.40 mmol/L"


@given(html=st.text(max_size=300))
def test_sanitised_text_holds_no_element_outside_the_list(html):
    clean, _problems = narrative.sanitise(html, "div")
    again, problems = narrative.sanitise(clean, "div")
    assert again == clean
    assert problems == []


SENT = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["coding", "code", "text", "display", "value", "unit", "low", "start",
                             "extension", "url", "doseAndRate", "timing", "repeat"]),
            inner,
        )
    ),
    max_leaves=12,
)  # fmt: skip


@given(sent=SENT)
def test_values_of_any_shape_read_as_text(sent):
    for reader in (values.text, values.concept, values.code, values.quantity, values.range_text,
                   values.period, values.dosage, values.absent_reason):  # fmt: skip
        assert isinstance(reader(sent), str)
    values.day(sent)
    values.moment(sent)
    assert isinstance(values.choice(values.obj(sent), "value"), str)
