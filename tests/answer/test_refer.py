"""A referral in, an answer out: on the command line and through the action behind it."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.utils import timezone, translation
from jsonschema import Draft202012Validator

from sapar.answer import actions, queries
from sapar.answer.cli import refer
from sapar.answer.models import GivenAnswer
from sapar.booking import actions as booking
from sapar.cases.models import Case
from sapar.cli.main import sapar
from sapar.kernel.actors import Actor
from sapar.kernel.audit import chain
from sapar.kernel.documents.queries import documents_of, open_original
from sapar.kernel.errors import InvalidInputError, NotAllowedError
from tests import cast
from tests.network import loading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

SAMPLES = Path(__file__).parent.parent / "samples"
SCHEMA = json.loads(
    (settings.ROOT / "docs" / "reference" / "answer.schema.json").read_text(encoding="utf-8")
)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def network() -> Iterator[None]:
    """The demonstration network, with places for protons from next week on."""
    loading.load()
    first = timezone.localdate() + timedelta(days=7)
    booking.open_places(
        by=Actor.machine("fixture"),
        centre=cast.organisation("proton-astana").pk,
        programme="protons",
        days=[first + timedelta(days=n) for n in range(90)],
        per_day=2,
    )
    with translation.override("en"):
        yield


def sample(name: str = "transaction-aizada.json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / name).read_text(encoding="utf-8"))
    return found


def complete() -> bytes:
    """Aizada's transaction with everything that the programme requires."""
    bundle = sample()
    patient = next(
        e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient"
    )
    patient.setdefault("extension", []).append(
        {
            "url": "http://hl7.org/fhir/StructureDefinition/patient-citizenship",
            "extension": [
                {
                    "url": "code",
                    "valueCodeableConcept": {
                        "coding": [{"system": "urn:iso:std:iso:3166", "code": "KG"}]
                    },
                }
            ],
        }
    )
    return json.dumps(bundle).encode()


def run(*arguments: str, content: bytes | None = None) -> Result:
    return CliRunner().invoke(sapar, ["--language", "en", "refer", *arguments, "-"], input=content)


def test_aizadas_referral_is_answered_in_eleven_lines_with_reasons() -> None:
    cast.actor("aigul")
    result = run("--json", "--by", "aigul@example.org", content=json.dumps(sample()).encode())
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    Draft202012Validator(SCHEMA).validate(document)
    assert document["number"].startswith("S-")
    assert document["sent"] is False
    lines = {line["question"]: line for line in document["lines"]}
    assert lines["indication"]["state"] == "known"
    assert lines["indication"]["reasons"][0]["source"]["mark"] == "demonstration"
    assert lines["calendar"]["text"].startswith("First treatment possible on ")
    assert document["proposal"]["centre"] == "proton-astana"


def test_the_original_is_kept_byte_for_byte() -> None:
    content = (SAMPLES / "transaction-aizada.json").read_bytes()
    taken = actions.take(by=cast.actor("aigul"), content=content, name="aizada.json")
    kept = documents_of(cast.actor("aigul"), ("case", taken.kept.case))
    originals = [d for d in kept if d.kind == "original"]
    assert [d.sha256 for d in originals] == [taken.reading.sha256]
    with open_original(Actor.machine("fixture"), originals[0].id) as file:
        assert file.read() == content


def test_a_referral_sent_twice_is_one_case() -> None:
    content = json.dumps(sample()).encode()
    first = actions.take(by=cast.actor("aigul"), content=content)
    again = actions.take(by=cast.actor("aigul"), content=content)
    assert (again.kept.case, again.kept.repeated) == (first.kept.case, True)
    assert Case.objects.count() == 1
    assert len(documents_of(cast.actor("aigul"), ("case", first.kept.case))) == len(
        {d.sha256 for d in documents_of(cast.actor("aigul"), ("case", first.kept.case))}
    )


def test_a_summary_alone_is_a_draft_that_asks_for_programme_and_urgency() -> None:
    content = (SAMPLES / "summary-osh.json").read_bytes()
    taken = actions.take(by=cast.actor("aigul"), content=content)
    assert not taken.sent
    assert Case.objects.get(pk=taken.kept.case).review == "draft"
    missing = queries.missing_for(taken.reading.facts)
    assert {"programme", "urgency"} <= set(missing)


def test_answer_only_keeps_no_case() -> None:
    result = run("--answer-only", "--json", content=json.dumps(sample()).encode())
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    Draft202012Validator(SCHEMA).validate(document)
    assert "case" not in document
    assert not Case.objects.exists()


def test_as_of_answers_on_that_day() -> None:
    day = timezone.localdate() + timedelta(days=10)
    result = run(
        "--answer-only", "--json", "--as-of", day.isoformat(), content=json.dumps(sample()).encode()
    )
    assert json.loads(result.stdout)["as_of"] == day.isoformat()


def test_truncated_json_is_refused_with_a_code_and_kept_all_the_same() -> None:
    broken = json.dumps(sample()).encode()[:-200]
    result = run("--json", "--by", "aigul@example.org", content=broken)
    assert result.exit_code == InvalidInputError.exit_code
    document = json.loads(result.stdout)
    Draft202012Validator(SCHEMA).validate(document)
    assert document["problems"][0]["fatal"]
    assert document["problems"][0]["remedy"]
    with pytest.raises(InvalidInputError):
        actions.take(by=cast.actor("aigul"), content=broken)
    aigul = cast.actor("aigul")
    assert aigul.organisation_id is not None
    assert len(documents_of(aigul, ("organisation", aigul.organisation_id))) == 1


def test_on_a_terminal_the_problem_its_place_value_and_remedy_are_named() -> None:
    result = run(content=b"[1, 2")
    assert result.exit_code == InvalidInputError.exit_code
    assert "Remedy:" in result.stderr


def test_the_table_of_the_terminal_names_every_question() -> None:
    result = run("--answer-only", content=json.dumps(sample()).encode())
    assert result.exit_code == 0
    for question in ("Complete?", "Who?", "Who pays?", "Which letters?"):
        assert question in result.stdout


def test_nobody_keeps_a_case_who_may_not_refer() -> None:
    with pytest.raises(NotAllowedError):
        actions.take(by=cast.actor("kanat"), content=json.dumps(sample()).encode())


def test_an_unknown_doctor_is_named_with_the_remedy() -> None:
    result = run("--by", "nobody@example.org", content=json.dumps(sample()).encode())
    assert result.exit_code == 9
    assert "nobody@example.org" in result.stderr


def test_an_old_answer_can_be_run_again() -> None:
    taken = actions.take(by=cast.actor("aigul"), content=json.dumps(sample()).encode())
    row = GivenAnswer.objects.get(case_id=taken.kept.case)
    given, again = queries.rerun(row.pk)
    assert given == again


def test_taking_a_referral_leaves_a_whole_audit_trail() -> None:
    actions.take(by=cast.actor("aigul"), content=json.dumps(sample()).encode())
    report = chain.verify()
    assert not getattr(report, "breaks", report)


def test_the_same_file_said_differently_changes_only_what_was_said() -> None:
    bundle = copy.deepcopy(sample())
    bundle.pop("identifier", None)
    first = queries.answer_to(
        actions.take(by=cast.actor("aigul"), content=complete()).reading.facts
    )
    assert first.line("visa").state.value == "known"
    assert refer.name == "refer"
