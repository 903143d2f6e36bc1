"""Referrals and summaries that are right come in whole."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from sapar.answer.fhir import read
from sapar.answer.samples import samples
from sapar.cases.engine.referral import Attachment

SAMPLES = Path(__file__).parent.parent / "samples"
OWN = sorted(path for path in SAMPLES.iterdir() if path.suffix in {".json", ".ndjson"})
GIVEN = os.environ.get("SAPAR_SAMPLES", "")
"""A folder of further files that must import whole; without it there is no such test."""


def of(name: str):
    return read((SAMPLES / name).read_bytes(), name=name)


def test_a_transaction_with_a_service_request_says_all_that_the_answer_needs():
    reading = of("transaction-aizada.json")
    facts = reading.facts
    assert reading.is_referral
    assert reading.verdict == "whole"
    assert (facts.programme, facts.urgency, facts.icd10) == ("protons", "urgent", "C71.6")
    assert (facts.diagnosed_on, facts.surgery_on) == (date(2026, 1, 12), date(2026, 1, 18))
    assert facts.needs == {"craniospinal", "paediatric-anaesthesia"}
    assert facts.payer_wish == "agreement"
    assert facts.consents == {"care", "transfer"}
    assert facts.sender_identifiers == ("https://osh.example/referrals|R-2026-014",)
    assert facts.referring_organisation == "osh-children"
    assert facts.question.startswith("Просим принять")
    assert facts.attachments == (Attachment("pathology", "Гистология"),)
    assert [file.content[:5] for file in reading.files] == [b"%PDF-"]


def test_the_patient_comes_with_identifier_address_language_and_mother():
    person = of("transaction-aizada.json").facts.person
    assert {name.script for name in person.names} == {"Cyrl", "Latn"}
    assert person.identifiers[0].kind == "kg-pin"
    assert (person.birth_date, person.gender, person.residence) == (
        date(2019, 3, 14),
        "female",
        "KG",
    )
    assert person.language == "ky"
    assert person.guardians[0].relationship == "MTH"


def test_a_summary_alone_is_no_referral_and_asks_for_programme_and_urgency():
    reading = of("summary-osh.json")
    assert not reading.is_referral
    assert reading.verdict == "whole"
    assert "intake.summary_only" in [problem.code for problem in reading.problems]
    assert reading.facts.programme == reading.facts.urgency == ""


def test_every_section_of_a_summary_is_there():
    counts = dict(of("summary-osh.json").counts)
    assert counts == {
        "problems": 1, "medications": 1, "allergies": 1, "immunizations": 1, "results": 3,
        "procedures": 1, "devices": 1, "advance-directives": 1, "vital-signs": 3, "pregnancy": 1,
        "past-illness": 1,
    }  # fmt: skip


def test_a_medicine_by_reference_has_its_name_and_dose():
    [item] = [i for i in of("summary-osh.json").facts.items if i.section == "medications"]
    assert (item.text, item.value) == ("Дексаметазон", "2 мг 2 раза в день")


def test_no_known_allergies_and_an_empty_section_are_statements_of_absence():
    absent = {i.section for i in of("summary-osh.json").facts.items if i.absent}
    assert absent == {"allergies", "pregnancy", "vital-signs"}


def test_a_message_with_absolute_addresses_and_a_contained_performer_is_read():
    reading = of("message-tashkent.json")
    assert reading.kind == "message"
    assert reading.facts.programme == "protons"
    assert reading.facts.person.birth_date_text == "1981-03"
    assert reading.facts.referring_organisation == "Toshkent shifoxonasi"


def test_a_code_without_a_map_to_icd10_is_kept_as_sent_and_an_icd10_code_asked_for():
    reading = of("message-tashkent.json")
    [problem] = reading.problems
    assert problem.code == "cases.fhir_no_icd10"
    assert reading.facts.icd10 == ""
    assert [coding.code for coding in reading.facts.diagnosis_codings] == ["254935002"]
    assert reading.facts.diagnosis_text == "Meningioma"


def test_a_national_icd10_gives_the_category_and_a_warning():
    sent = json.loads((SAMPLES / "message-tashkent.json").read_bytes())
    coding = {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "D32.0"}
    sent["entry"][2]["resource"]["reasonCode"] = [{"coding": [coding]}]
    reading = read(json.dumps(sent).encode())
    assert reading.facts.icd10 == "D32"
    assert [problem.code for problem in reading.problems] == ["cases.fhir_national_icd10"]


def test_loose_resources_come_one_a_line_as_a_list_or_alone():
    lines = (SAMPLES / "loose-dushanbe.ndjson").read_bytes()
    resources = [json.loads(line) for line in lines.splitlines()]
    by_line, by_list = read(lines), read(json.dumps(resources).encode())
    assert by_line.facts == by_list.facts
    assert dict(by_line.counts) == {"problems": 1, "social-history": 1}
    assert read(json.dumps(resources[0]).encode()).facts.person == by_line.facts.person


def test_a_withdrawn_request_asks_for_nothing():
    sent = json.loads((SAMPLES / "transaction-aizada.json").read_bytes())
    sent["entry"][0]["resource"]["status"] = "revoked"
    reading = read(json.dumps(sent).encode())
    assert not reading.is_referral
    assert "revoked" in {item.status for item in reading.facts.items}


def test_the_digest_is_that_of_the_bytes_received():
    content = OWN[0].read_bytes()
    assert read(content).sha256 == hashlib.sha256(content).hexdigest()


def test_the_same_bytes_give_the_same_reading():
    for path in OWN:
        assert read(path.read_bytes()) == read(path.read_bytes())


def test_the_samples_command_prints_a_line_for_each_file():
    done = CliRunner().invoke(samples, [str(SAMPLES), "--json"])
    assert done.exit_code == 0, done.output
    files = {one["file"]: one for one in json.loads(done.output)["files"]}
    assert set(files) == {path.name for path in OWN}
    assert files["summary-osh.json"]["verdict"] == "whole"
    assert files["stu3-collection.json"]["version"] == "STU3"
    table = CliRunner().invoke(samples, [str(SAMPLES)])
    assert table.exit_code == 0
    assert "STU3" in table.output


if GIVEN:

    @pytest.mark.parametrize("path", sorted(Path(GIVEN).rglob("*.json")), ids=lambda p: p.name)
    def test_a_given_sample_is_read_without_a_fatal_problem(path):
        assert not read(path.read_bytes(), name=path.name).refused
