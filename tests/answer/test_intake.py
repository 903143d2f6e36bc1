"""Broken, repeated and interrupted referrals, through the browser's door and the command line."""

from __future__ import annotations

import dataclasses
import html
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from jsonschema import Draft202012Validator

from sapar.answer import actions, queries
from sapar.answer.models import GivenAnswer
from sapar.cases.engine import facts_json
from sapar.cases.engine.referral import Attachment, Coding
from sapar.cases.models import Case
from sapar.cli.main import sapar
from sapar.kernel.documents.queries import documents_of
from sapar.kernel.errors import InvalidInputError
from sapar.kernel.languages import phrases
from sapar.people.engine.facts import IdentifierFact
from sapar.values import identifiers
from tests import cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from sapar.cases.engine.referral import ReferralFacts

SAMPLES = Path(__file__).parent.parent / "samples"
BAD = Path(__file__).parent / "bad_input"
SCHEMA = json.loads(
    (settings.ROOT / "docs" / "reference" / "answer.schema.json").read_text(encoding="utf-8")
)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def network(loaded: None) -> None:
    """The demonstration network."""


def sample(change: Callable[[dict[str, Any]], None] | None = None) -> bytes:
    """Aizada's transaction, changed."""
    bundle: dict[str, Any] = json.loads((SAMPLES / "transaction-aizada.json").read_text("utf-8"))
    if change:
        change(bundle)
    return json.dumps(bundle, ensure_ascii=False).encode()


def resource(bundle: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind)


def dangling(bundle: dict[str, Any]) -> None:
    resource(bundle, "ServiceRequest")["reasonReference"] = [{"reference": "Condition/nowhere"}]


def impossible(bundle: dict[str, Any]) -> None:
    resource(bundle, "Patient")["birthDate"] = "2019-02-30"


def check_digit(bundle: dict[str, Any]) -> None:
    resource(bundle, "Patient")["identifier"] = [
        {"system": "urn:oid:2.16.398.1.1", "type": {"text": "ИИН"}, "value": "190314600001"}
    ]


def programme(bundle: dict[str, Any]) -> None:
    for category in resource(bundle, "ServiceRequest")["category"]:
        category["coding"][0]["code"] = "teleportation"


def script() -> bytes:
    bundle = json.loads((SAMPLES / "summary-osh.json").read_text("utf-8"))
    div = '<div xmlns="http://www.w3.org/1999/xhtml">Kept<script>alert(1)</script></div>'
    resource(bundle, "Composition")["section"][0]["text"] = {"status": "generated", "div": div}
    return json.dumps(bundle).encode()


def old(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


BROKEN: dict[str, tuple[Callable[[], bytes], bool]] = {
    # what is wrong: the file, and whether nothing of it can be taken
    "truncated": (lambda: sample()[:-200], True),
    "wrong type": ((BAD / "wrong-type.json").read_bytes, True),
    "stu3": (lambda: old("stu3-collection.json"), False),
    "r5": (lambda: old("r5-collection.json"), False),
    "dangling": (lambda: sample(dangling), False),
    "script": (script, False),
    "impossible date": (lambda: sample(impossible), False),
    "programme": (lambda: sample(programme), False),
}


@pytest.mark.parametrize("wrong", BROKEN)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_broken_file_is_explained_on_the_page(wrong: str, language: str) -> None:
    content, fatal = BROKEN[wrong][0](), BROKEN[wrong][1]
    client = cast.client("aigul")
    client.cookies["django_language"] = language
    sent = {"file": SimpleUploadedFile("referral.json", content)}
    answer = client.post(reverse("answer:upload"), sent, follow=True)
    assert answer.status_code == (422 if fatal else 200)
    page = " ".join(html.unescape(answer.content.decode()).split())
    reading = actions.examine(content)
    assert reading.problems
    assert "<script>alert" not in page
    with translation.override(language):
        for problem in reading.problems:
            if fatal and not problem.fatal:
                continue
            assert " ".join(phrases.text(problem).split()) in page
            assert " ".join(phrases.remedy(problem).split()) in page
            assert problem.where in page
            assert " ".join(problem.value.split()) in page
    assert Case.objects.exists() is not fatal


@pytest.mark.parametrize("wrong", BROKEN)
def test_a_broken_file_is_explained_on_the_command_line(wrong: str) -> None:
    content, fatal = BROKEN[wrong][0](), BROKEN[wrong][1]
    cast.actor("aigul")
    arguments = ["--language", "ru", "refer", "-", "--json", "--by", "aigul@example.org"]
    result = CliRunner().invoke(sapar, arguments, input=content)
    assert result.exit_code == (InvalidInputError.exit_code if fatal else 0), result.output
    document = json.loads(result.stdout)
    Draft202012Validator(SCHEMA).validate(document)
    with translation.override("ru"):
        said = {
            (phrases.text(p), p.where, p.value, phrases.remedy(p))
            for p in actions.examine(content).problems
            if p.fatal or not fatal
        }
    shown = {(p["what"], p["where"], p["value"], p["remedy"]) for p in document["problems"]}
    assert shown == said
    assert all(remedy for _what, _where, _value, remedy in shown)


def test_a_wrong_check_digit_is_refused_at_its_field_and_nothing_else_is_lost() -> None:
    client = cast.client("aigul")
    kept = actions.keep(by=cast.actor("aigul"), facts=facts_of(sample()))
    address = reverse("answer:topic", args=[kept.case, "patient"])
    answer = client.post(address, {"family": "Мамытова", "kz_iin": "190314600001"})
    assert answer.status_code == 422
    assert "190314600001" in answer.content.decode()
    person = facts_now().person
    assert person.names[0].family == "Мамытова"
    assert "kz-iin" not in {i.kind for i in person.identifiers}


def facts_of(content: bytes) -> ReferralFacts:
    return actions.examine(content).facts


def facts_now() -> ReferralFacts:
    return facts_json.from_json(Case.objects.get().facts)


def test_what_does_not_fit_together_is_said_but_not_refused() -> None:
    client = cast.client("aigul")
    client.cookies["django_language"] = "en"
    facts = facts_of(sample())
    iin = next(
        fact
        for digit in range(10)
        if not identifiers.check("kz-iin", (fact := f"85010130123{digit}"), country="KZ").problems
    )
    person = dataclasses.replace(facts.person, identifiers=(IdentifierFact("kz-iin", iin, "KZ"),))
    kept = actions.keep(by=cast.actor("aigul"), facts=dataclasses.replace(facts, person=person))
    page = client.get(reverse("answer:topic", args=[kept.case, "patient"])).content.decode()
    assert 'id="later-kz_iin"><p class="doubt">' in page
    check = client.get(reverse("answer:check", args=[kept.case])).content.decode()
    assert "Please look at this again" in check


def test_a_programme_that_nobody_has_is_asked_for_again() -> None:
    taken = actions.take(by=cast.actor("aigul"), content=sample(programme))
    [problem] = [p for p in taken.reading.problems if p.code == "answer.programme_unknown"]
    assert problem.value == "teleportation"
    assert "protons" in phrases.remedy(problem)
    assert "programme" in queries.missing_for(facts_now())


def test_each_file_of_a_referral_is_named_by_its_document() -> None:
    taken = actions.take(by=cast.actor("aigul"), content=sample())
    assert taken.reading.files
    documents = {
        str(d.id): d.kind for d in documents_of(cast.actor("aigul"), ("case", taken.kept.case))
    }
    attached = facts_now().attachments
    assert len([a for a in attached if a.document_id]) == len(taken.reading.files)
    assert all(documents[a.document_id] == a.kind for a in attached if a.document_id)


@pytest.mark.parametrize("step", ["store_original", "receive", "give"])
def test_a_run_that_broke_off_is_completed_by_sending_the_file_again(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    aigul = cast.actor("aigul")

    def breaks(**_: Any) -> None:
        message = "the line broke"
        raise OSError(message)

    with monkeypatch.context() as broken:
        broken.setattr(actions, step, breaks)
        with pytest.raises(OSError, match="the line broke"):
            actions.take(by=aigul, content=sample())
    taken = actions.take(by=aigul, content=sample())
    again = actions.take(by=aigul, content=sample())
    assert again.kept.case == taken.kept.case == Case.objects.get().pk
    kept = documents_of(aigul, ("case", taken.kept.case))
    assert len(kept) == 1 + len(taken.reading.files)
    assert len({(d.sha256, d.kind) for d in kept}) == len(kept)
    assert all(a.document_id for a in facts_now().attachments)
    assert GivenAnswer.objects.count() == 1


def test_a_file_without_identifiers_sent_twice_is_one_case() -> None:
    def bare(bundle: dict[str, Any]) -> None:
        bundle.pop("identifier", None)
        resource(bundle, "ServiceRequest").pop("identifier", None)

    for _ in range(2):
        actions.take(by=cast.actor("aigul"), content=sample(bare))
    assert Case.objects.count() == 1


def test_sending_a_file_again_leaves_what_was_typed_since() -> None:
    aigul = cast.actor("aigul")
    actions.take(by=aigul, content=sample())
    client = cast.client("aigul")
    case = Case.objects.get()
    client.post(reverse("answer:topic", args=[case.pk, "request"]), {"question": "Typed since"})
    actions.take(by=aigul, content=sample())
    assert facts_now().question == "Typed since"


def test_an_overtaken_sending_of_the_same_page_changes_nothing() -> None:
    client = cast.client("aigul")
    kept = actions.keep(by=cast.actor("aigul"), facts=facts_of(sample()))
    address = reverse("answer:topic", args=[kept.case, "diagnosis"])
    seen = {"version": kept.version, "page": "0123456789abcdef", "base": ""}
    headers = {"HX-Request": "true"}
    late = client.post(address, {**seen, "stage": "newer", "step": 2}, headers=headers)
    early = client.post(address, {**seen, "stage": "older", "step": 1}, headers=headers)
    assert (late.status_code, early.status_code) == (200, 200)
    assert facts_now().stage == "newer"
    other = {**seen, "page": "fedcba9876543210", "stage": "theirs", "step": 1}
    assert client.post(address, other, headers=headers).status_code == 409
    assert facts_now().stage == "newer"


def test_what_was_typed_waits_only_for_its_author() -> None:
    aigul = cast.actor("aigul")
    kept = actions.keep(by=aigul, facts=facts_of(sample()))
    cast.member(cast.user("bakyt"), "osh-regional-hospital", cast.Role.REFERRER)
    address = reverse("answer:topic", args=[kept.case, "diagnosis"])
    for name, there in (("bakyt", False), ("aigul", True)):
        client = cast.client("aigul")
        client.logout()
        sent = {"stage": "typed while signed out", "who": str(aigul.user_id)}
        answer = client.post(address, sent)
        assert answer.status_code == 302
        assert "/login/" in answer["Location"]
        client.force_login(cast.user(name))
        answer = client.get(address)
        assert ("typed while signed out" in answer.content.decode()) is there
        assert "typed while signed out" not in client.get(address).content.decode()
    assert facts_now().stage != "typed while signed out"


def test_the_form_keeps_what_came_with_a_file_and_is_on_no_list() -> None:
    def german(bundle: dict[str, Any]) -> None:
        resource(bundle, "Patient")["communication"] = [
            {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "de"}]}}
        ]

    kept = actions.keep(by=cast.actor("aigul"), facts=facts_of(sample(german)))
    assert facts_now().person.language == "de"
    client = cast.client("aigul")
    address = reverse("answer:topic", args=[kept.case, "patient"])
    assert client.post(address, {"language": "de", "city": "Osh"}).status_code == 302
    assert (facts_now().person.language, facts_now().person.city) == ("de", "Osh")


def test_a_code_without_icd10_is_shown_as_sent_and_an_icd10_code_asked_for() -> None:
    snomed = Coding("http://snomed.info/sct", "277506000", "Medulloblastoma of cerebellum")
    facts = dataclasses.replace(facts_of(sample()), icd10="", diagnosis_codings=(snomed,))
    kept = actions.keep(by=cast.actor("aigul"), facts=facts)
    client = cast.client("aigul")
    client.cookies["django_language"] = "en"
    page = client.get(reverse("answer:topic", args=[kept.case, "diagnosis"])).content.decode()
    assert "277506000" in page
    assert snomed.display in page
    assert '<option value="C71.6">Medulloblastoma</option>' in page
    assert "Needed for: Proton therapy." in page
    read = client.get(reverse("answer:taken", args=[kept.case])).content.decode()
    assert "Diagnosis as sent" in read


def test_a_stranger_reaches_no_page_of_a_draft() -> None:
    kept = actions.keep(by=cast.actor("aigul"), facts=facts_of(sample()))
    for name in ("saule", "bakyt", "kanat", "stranger"):
        client = cast.client(name)
        for slug in ("patient", "check", "read"):
            address = f"/refer/{kept.case}/{slug}/"
            assert client.get(address).status_code == 404
        assert client.post(f"/refer/{kept.case}/patient/", {"family": "x"}).status_code == 404


def test_several_files_are_kept_at_once_and_no_file_is_said() -> None:
    client = cast.client("aigul")
    kept = actions.keep(by=cast.actor("aigul"), facts=facts_of(sample()))
    address = reverse("answer:attach", args=[kept.case])
    files = [SimpleUploadedFile(f"{n}.pdf", b"%PDF-1.4 " + n.encode()) for n in ("a", "b")]
    client.post(address, {"kind": "mri", "file": files})
    client.post(address, {"kind": "mri"})
    mri = [a for a in facts_now().attachments if a.kind == "mri"]
    assert [a.title for a in mri] == ["a.pdf", "b.pdf"]
    assert all(a.document_id for a in mri)
    assert Attachment("mri") not in mri


def test_the_command_line_says_as_json_who_may_not_refer() -> None:
    cast.actor("kanat")
    arguments = ["refer", "-", "--json", "--by", "kanat@example.org"]
    result = CliRunner().invoke(sapar, arguments, input=sample())
    assert result.exit_code == 4
    document = json.loads(result.stdout)
    Draft202012Validator(SCHEMA).validate(document)
    assert document["problems"][0]["remedy"]


def test_the_command_line_explains_itself() -> None:
    result = CliRunner().invoke(sapar, ["refer", "--help"])
    assert result.exit_code == 0
    for words in ("--answer-only", "--as-of", "--by", "standard input", "Exit codes"):
        assert words in result.output
    assert CliRunner().invoke(sapar, ["refer", "no-such-file.json"]).exit_code == 2
