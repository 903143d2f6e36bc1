"""A broken file gets a clear answer, and loses nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.answer.fhir import Reading, read
from sapar.kernel.languages import phrases

SAMPLES = Path(__file__).parent.parent / "samples"
BAD = Path(__file__).parent / "bad_input"
TRANSACTION = (SAMPLES / "transaction-aizada.json").read_bytes()
SUMMARY = (SAMPLES / "summary-osh.json").read_bytes()


def patient(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": "p", "name": [{"family": "Rahimov"}], **more}


def bundle(*resources: dict[str, Any], kind: str = "collection") -> bytes:
    return json.dumps(
        {"resourceType": "Bundle", "type": kind, "entry": [{"resource": r} for r in resources]}
    ).encode()


def codes(reading: Reading) -> list[str]:
    return [problem.code for problem in reading.problems]


def the(reading: Reading, code: str) -> Any:
    [found] = [problem for problem in reading.problems if problem.code == code]
    assert phrases.text(found)
    assert phrases.remedy(found)
    return found


def test_truncated_json_says_the_line_and_the_column():
    problem = the(read(TRANSACTION[:900]), "fhir.truncated")
    assert problem.fatal
    line = problem.params["line"]
    assert line == TRANSACTION[:900].count(b"\n") + 1
    assert str(line) in phrases.text(problem)


def test_a_file_cut_inside_a_string_is_truncated_too():
    assert codes(read(b'{"resourceType": "Pati')) == ["fhir.truncated"]


def test_json_with_a_mistake_says_where():
    problem = the(read(b'{"resourceType": "Patient",\n "id": oops}'), "fhir.not_json")
    assert (problem.params["line"], problem.params["column"]) == (2, 8)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "fhir.empty_file"),
        (b"  \n ", "fhir.empty_file"),
        (b"%PDF-1.7", "fhir.not_json"),
        (b'"text"', "fhir.not_json"),
        (b"<Bundle xmlns='http://hl7.org/fhir'/>", "fhir.xml"),
        (b'\x00\xff{"a":1}', "fhir.not_text"),
        (b'{"a": "\xc3\x28"}', "fhir.not_text"),
        (b"[]", "fhir.empty_bundle"),
        (b'{"resourceType": "Bundle", "type": "document"}', "fhir.empty_bundle"),
        (b'{"resourceType": "Bundle", "type": "document", "entry": []}', "fhir.empty_bundle"),
        (b'{"resourceType": "Bundle", "entry": 7}', "fhir.empty_bundle"),
        (b'{"resourceType": "Ledger"}', "fhir.unknown_resource_type"),
        (b'{"resourceType": "StructureMap"}', "fhir.nothing_readable"),
        (b'{"name": "no type"}', "fhir.no_resource_type"),
        (b"[1, null, true]", "fhir.nothing_readable"),
        (b"[" * 100_000, "fhir.too_deep"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "fhir.too_deep"),
    ],
)
def test_what_is_no_fhir_is_refused_with_a_reason(content, code):
    reading = read(content)
    assert code in codes(reading)
    assert reading.refused
    assert reading.verdict == "refused"
    assert not reading.facts.items
    for problem in reading.problems:
        assert phrases.text(problem)
        assert phrases.remedy(problem)


def test_every_kept_broken_file_is_refused_or_read_in_part():
    for path in sorted(BAD.glob("*.json")):
        assert read(path.read_bytes(), name=path.name).verdict != "whole", path.name


def test_utf_16_and_byte_order_marks_are_read_and_mentioned():
    text = TRANSACTION.decode()
    for content, code in (
        (b"\xef\xbb\xbf" + TRANSACTION, "fhir.byte_order_mark"),
        (text.encode("utf-16"), "fhir.other_encoding"),
        (text.encode("utf-16-le"), "fhir.other_encoding"),
        (text.encode("utf-16-be"), "fhir.other_encoding"),
        (text.encode("utf-32"), "fhir.other_encoding"),
    ):
        reading = read(content)
        assert codes(reading) == [code]
        assert reading.facts == read(TRANSACTION).facts


def test_of_two_values_under_one_key_the_first_is_kept_and_the_second_named():
    reading = read(b'{"resourceType": "Patient", "gender": "male", "gender": "female"}')
    assert the(reading, "fhir.duplicate_key").value == "gender"
    assert reading.facts.person.gender == "male"


def test_nan_is_left_out_and_named():
    reading = read(
        b'[{"resourceType": "Patient"}, {"resourceType": "Observation", "status": "final",'
        b' "code": {"text": "Hb"}, "valueQuantity": {"value": NaN, "unit": "g/L"}}]'
    )
    assert the(reading, "fhir.not_a_number").value == "NaN"
    assert [item.value for item in reading.facts.items] == ["g/L"]


def test_a_number_of_a_million_digits_costs_nothing():
    content = b'{"resourceType": "Patient", "id": ' + b"9" * 1_000_000 + b"}"
    assert "fhir.absurd_number" in codes(read(content))
    assert "fhir.absurd_number" in codes(read(b'{"resourceType": "Patient", "x": 1e99999999}'))


def test_an_impossible_date_is_left_out_and_the_rest_imported():
    reading = read(bundle(patient(birthDate="2023-02-30", gender="female")))
    problem = the(reading, "fhir.impossible_date")
    assert (problem.where, problem.value) == ("Bundle.entry[0].resource.birthDate", "2023-02-30")
    assert not problem.fatal
    assert reading.facts.person.birth_date is None
    assert reading.facts.person.gender == "female"


def test_a_wrong_check_digit_is_named_and_the_rest_imported():
    number = {"system": "urn:sapar:identifier:kz-iin", "value": "900101300018"}
    reading = read(bundle(patient(identifier=[number])))
    assert the(reading, "people.iin_check_digit").where == "Bundle.entry[0].resource.identifier[0]"
    assert reading.facts.person.names
    assert not reading.refused


def test_a_wrong_gender_code_is_named_with_the_codes_that_are_allowed():
    reading = read(bundle(patient(gender="F")))
    problem = the(reading, "fhir.wrong_code")
    assert problem.where == "Bundle.entry[0].resource.gender"
    assert "female" in problem.params["allowed"]
    assert reading.facts.person.gender == ""


def test_an_unknown_element_is_named_and_the_rest_imported():
    reading = read(bundle(patient(shoeSize=39)))
    assert the(reading, "fhir.unknown_element").where == "Bundle.entry[0].resource.shoeSize"
    assert reading.facts.person.names


def test_a_stu3_document_is_recognised_and_what_is_safe_is_read():
    reading = read((SAMPLES / "stu3-collection.json").read_bytes())
    assert reading.version == "STU3"
    assert the(reading, "fhir.other_version").value == "STU3"
    statuses = {item.text: item.status for item in reading.facts.items}
    assert statuses == {"Astma": "active", "Salbutamol": "not-taken", "Gripp": "not-done"}
    assert reading.is_referral
    assert (reading.facts.urgency, reading.facts.icd10) == ("asap", "J45")


def test_an_r5_document_is_recognised_and_what_is_safe_is_read():
    reading = read((SAMPLES / "r5-collection.json").read_bytes())
    assert reading.version == "R5"
    assert the(reading, "fhir.other_version").value == "R5"
    assert {item.text for item in reading.facts.items} == {"Metformin", "Appendektomiya"}
    assert reading.facts.icd10 == "I25.1"


def test_a_section_that_names_an_entry_that_was_not_sent_is_reported_with_its_path():
    sent = json.loads(SUMMARY)
    [lost] = [e for e in sent["entry"] if e["resource"]["resourceType"] == "Procedure"]
    sent["entry"].remove(lost)
    reading = read(json.dumps(sent).encode())
    problem = the(reading, "fhir.dangling_entry")
    assert problem.where == "Bundle.entry[0].resource.section[6].entry[0].reference"
    assert reading.verdict == "partial"
    assert len(reading.facts.items) == len(read(SUMMARY).facts.items) - 1


def test_references_in_a_circle_end():
    def panel(own: str, other: str) -> dict[str, Any]:
        return {
            "resourceType": "Observation",
            "id": own,
            "status": "final",
            "code": {"text": own},
            "hasMember": [{"reference": f"Observation/{other}"}],
        }

    reading = read(bundle(patient(), panel("a", "b"), panel("b", "a"), panel("c", "c")))
    assert sorted(item.text for item in reading.facts.items) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        '<img src="https://tracker.example/x.png" onerror="alert(1)"/>',
        '<p onclick="alert(1)">text</p>',
        '<iframe src="https://evil.example"></iframe>',
        "<svg><script>alert(1)</script></svg>",
        '<a href="javascript:alert(1)">text</a>',
        '<p style="background:url(https://evil.example)">text</p>',
        '<object data="x"></object>',
    ],
)
def test_scripts_in_the_narrative_are_taken_out_and_the_reader_is_told(attack):
    sent = json.loads(SUMMARY)
    section = sent["entry"][0]["resource"]["section"][0]
    section["text"]["div"] = f"<div><table><tr><td>kept</td></tr></table>{attack}</div>"
    reading = read(json.dumps(sent).encode())
    assert the(reading, "fhir.narrative_stripped").where.endswith("section[0].text.div")
    html = reading.facts.narratives[0].html
    assert "<td>kept</td>" in html
    for bad in (
        "script",
        "alert",
        "onerror",
        "onclick",
        "http",
        "style",
        "<img",
        "<iframe",
        "href",
    ):
        assert bad not in html


def test_two_patients_without_a_word_whom_it_is_about_are_refused():
    reading = read(bundle(patient(), {**patient(), "id": "q"}))
    assert the(reading, "intake.two_patients").fatal
    assert reading.facts.person.names == ()


def test_another_patients_entries_never_reach_the_case():
    request = {"resourceType": "ServiceRequest", "status": "active", "intent": "order",
               "subject": {"reference": "Patient/p"}}  # fmt: skip
    other = {"resourceType": "Condition", "code": {"text": "not ours"},
             "subject": {"reference": "Patient/q"}}  # fmt: skip
    mine = {"resourceType": "Condition", "code": {"text": "ours"},
            "subject": {"reference": "Patient/p"}}  # fmt: skip
    reading = read(bundle({**patient(), "id": "q"}, patient(), request, other, mine))
    assert [item.text for item in reading.facts.items] == ["ours"]
    left = {(one.kind, one.reason) for one in reading.not_imported}
    assert left == {("Patient", "intake.reason.other_patient"),
                    ("Condition", "intake.reason.other_patient")}  # fmt: skip


def test_a_file_without_a_patient_is_read_and_asks_who_it_is():
    reading = read(b'{"resourceType": "Condition", "code": {"text": "Astma"}, "subject": {}}')
    assert not the(reading, "intake.no_patient").fatal
    assert [item.text for item in reading.facts.items] == ["Astma"]


def test_a_bad_line_is_named_and_the_other_lines_read():
    lines = (SAMPLES / "loose-dushanbe.ndjson").read_bytes().splitlines()
    reading = read(b"\n".join([lines[0], b'{"resourceType": "Cond', *lines[1:]]))
    assert the(reading, "fhir.bad_line").where == "line 2"
    assert len(reading.facts.items) == 2


def test_characters_that_no_database_keeps_are_replaced():
    reading = read(b'{"resourceType":"Patient","name":[{"family":"A\\u0000B\\ud800C"}]}')
    [name] = reading.facts.person.names
    name.family.encode()
    assert "\x00" not in name.family


def test_blanks_around_a_resource_type_do_no_harm():
    contained = [{"resourceType": " Medication ", "id": "m"}]
    reading = read(bundle({**patient(contained=contained), "resourceType": " Patient "}))
    assert reading.facts.person.names


def test_an_address_is_never_opened_and_the_missing_file_is_named():
    sent = json.loads(TRANSACTION)
    sent["entry"][7]["resource"]["content"][0]["attachment"]["url"] = "https://elsewhere.example/x"
    reading = read(json.dumps(sent).encode())
    assert the(reading, "cases.fhir_file_elsewhere").value == "https://elsewhere.example/x"
    assert [one.kind for one in reading.facts.attachments] == ["pathology", "other"]


def test_a_summary_that_holds_an_encounter_lists_it():
    sent = json.loads(SUMMARY)
    encounter = {"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"}}
    sent["entry"].append({"fullUrl": "urn:uuid:e", "resource": encounter})
    reading = read(json.dumps(sent).encode())
    assert [one.kind for one in reading.not_imported] == ["Encounter"]
    assert reading.verdict == "partial"


def test_an_attachment_that_is_no_base64_is_named_and_the_rest_kept():
    sent = TRANSACTION.replace(b'"data": "', b'"data": "*** ')
    reading = read(sent)
    assert not the(reading, "cases.fhir_file_not_base64").fatal
    assert reading.files == ()
    assert reading.facts.icd10 == "C71.6"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)


@given(place=st.integers(0, 10_000), value=JSON)
def test_whatever_stands_in_place_of_an_element_nothing_is_raised(place, value):
    sent = json.loads(TRANSACTION)
    places: list[tuple[Any, Any]] = []
    ahead: list[Any] = [sent]
    while ahead:
        node = ahead.pop()
        members = list(node.items()) if isinstance(node, dict) else list(enumerate(node))
        for key, inner in members:
            places.append((node, key))
            if isinstance(inner, dict | list):
                ahead.append(inner)
    node, key = places[place % len(places)]
    node[key] = value
    reading = read(json.dumps(sent).encode())
    for problem in reading.problems:
        assert phrases.text(problem)
        assert phrases.remedy(problem)


@given(content=st.binary(max_size=200))
def test_no_bytes_at_all_raise(content):
    assert len(read(content).sha256) == 64
