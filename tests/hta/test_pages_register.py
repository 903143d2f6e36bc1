"""The public register: anybody reads decisions, their model and record; nothing else is out."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from sapar.answer import panels
from sapar.answer.queries import answer_to
from sapar.hta import actions
from sapar.hta.models import Decision, Replay
from sapar.hta.replay import replay
from sapar.kernel import context
from sapar.kernel.rerun.canonical import text_digest
from tests.answer.worlds import aizada
from tests.hta import process_world as world
from tests.network.conftest import loaded

if TYPE_CHECKING:
    from uuid import UUID

__all__ = ["loaded"]
pytestmark = pytest.mark.django_db


def visitor(language: str = "en") -> Client:
    client = Client()
    client.cookies["django_language"] = language
    return client


def body(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.status_code
    return re.sub(r"\s+", " ", response.content.decode())


def read(name: str, number: str, *more: str, language: str = "en") -> str:
    return body(visitor(language).get(reverse(f"hta:{name}", args=[number, *more])))


def out(**more: Any) -> Decision:
    """A published decision with a condition and a dissent."""
    topic, appraisal = world.sitting()
    for name in world.COMMITTEE[:3]:
        dissent = "The price was not negotiated." if name == "ermek" else ""
        actions.vote(
            by=world.actor(name), appraisal=appraisal, verdict="conditions",
            reasons=world.REASONS, dissent=dissent,
        )  # fmt: skip
    pk: UUID = world.published(
        topic=topic, verdict="conditions", conditions=["Only with a register."], **more
    )
    return Decision.objects.get(pk=pk)


def test_without_a_decision_the_register_says_so_and_what_is_decided_is_not_in_it() -> None:
    assert "Nothing was published yet" in body(visitor().get(reverse("hta:register")))
    decision = Decision.objects.get(pk=world.ready())
    page = body(visitor().get(reverse("hta:register")))
    assert decision.number not in page
    for name, more in (
        ("published", ()), ("public-model", ()), ("public-file", ("model", "yaml")),
        ("public-file", ("record", "json")),
    ):  # fmt: skip
        address = reverse(f"hta:{name}", args=[decision.number, *more])
        assert visitor().get(address).status_code == 404


def test_a_visitor_reads_a_decision_with_conditions_votes_and_dissent_but_no_names() -> None:
    decision = out()
    listed = body(visitor().get(reverse("hta:register")))
    assert reverse("hta:published", args=[decision.number]) in listed
    page = read("published", decision.number)
    for said in (
        "Recommended with conditions", "Only with a register.", "The price was not negotiated.",
        "Plain words, en", decision.digest, "what is said of ethics", "1 April 2030",
        "Treatment B", "60,000 USD",
    ):  # fmt: skip
        assert said in page, said
    assert re.search(r"Recommended with conditions</span></span> <strong>3</strong>", page)
    for name in world.COMMITTEE:
        full_name, *_rest = world.PEOPLE[name]
        assert full_name not in page


@pytest.mark.parametrize("language", world.LANGUAGES)
def test_the_plain_words_are_in_the_readers_language(language: str) -> None:
    decision = out()
    page = read("published", decision.number, language=language)
    assert f"Plain words, {language}" in page
    others = {f"Plain words, {code}" for code in world.LANGUAGES if code != language}
    assert not [each for each in others if each in page]


def test_the_model_is_letter_for_letter_the_assessed_one_and_bears_the_digest() -> None:
    decision = out()
    page = read("public-model", decision.number)
    assert decision.digest in page
    assert "hr_B" in page
    file = visitor().get(reverse("hta:public-file", args=[decision.number, "model", "yaml"]))
    assert text_digest(file.content.decode()) == decision.digest
    assert "attachment" in file["Content-Disposition"]


def test_the_record_that_anybody_downloads_replays_every_published_number() -> None:
    decision = out()
    address = reverse("hta:public-file", args=[decision.number, "record", "json"])
    kept = json.loads(visitor().get(address).content)
    found = replay(kept)
    assert found.same
    assert found.compared == sum(len(each) for each in decision.numbers.values())
    wrong = reverse("hta:public-file", args=[decision.number, "record", "yaml"])
    assert visitor().get(wrong).status_code == 404


def test_the_register_can_be_narrowed_to_a_verdict() -> None:
    decision = out()
    there = body(visitor().get(reverse("hta:register") + "?verdict=conditions"))
    assert decision.number in there
    assert "Show all again" in there
    unknown = body(visitor().get(reverse("hta:register") + "?verdict=nothing"))
    assert decision.number in unknown
    assert "Show all again" not in unknown


def test_an_appeal_needs_a_signed_in_person_and_is_told_to_nobody_else() -> None:
    decision = out()
    address = reverse("hta:appeal", args=[decision.number])
    assert "/accounts/login/" in visitor().get(address)["Location"]
    actions.appeal(
        by=world.actor("marat"), decision=decision.pk, ground="model", words="The rate is wrong."
    )
    page = read("published", decision.number)
    assert "Under appeal" in page
    assert "It holds until it is replaced." in page
    assert "The rate is wrong." not in page
    assert "The model has a mistake" not in page
    own = world.client("marat")
    own.cookies["django_language"] = "en"
    assert "The model has a mistake" in body(
        own.get(reverse("hta:published", args=[decision.number]))
    )


def test_a_replaced_decision_stays_and_leads_to_the_one_that_replaced_it() -> None:
    first, second = out(), Decision.objects.get(pk=world.published(world.MODEL.replace(
        "id: small", "id: other") + world.ABOUT))  # fmt: skip
    with context.writing_as("fixture"):
        first.state, first.replaced_by = "replaced", second
        first.save()
    page = read("published", first.number)
    assert "Replaced by a later decision" in page
    assert reverse("hta:published", args=[second.number]) in page
    assert "Appeal against this decision" not in page


def test_a_replay_that_differs_is_shown_with_each_number_that_is_not_the_published_one() -> None:
    decision = out()
    with context.writing_as("fixture"):
        Replay(
            organisation_id=decision.organisation_id, decision=decision, compared=3,
            same_engine=False, same_lock=True,
            differences=[{"where": "base strategies[0].cost", "published": 1.0, "now": 2.0}],
        ).save()  # fmt: skip
    client = world.client("gulmira")
    client.cookies["django_language"] = "en"
    page = body(client.get(reverse("hta:decision", args=[decision.pk])))
    for said in ("3 numbers compared", "1 differs", "base strategies[0].cost", "another engine"):
        assert said in page, said
    assert "the same to the last bit" not in page


@pytest.mark.usefixtures("loaded")
def test_the_line_of_an_answer_leads_to_the_decision_and_from_there_to_its_model() -> None:
    decision = Decision.objects.get(pk=world.published(indications=["medulloblastoma"]))
    line = panels._line(answer_to(aizada()).line("indication"))
    shown = Template("{% load design %}{% answer_line line %}").render(Context({"line": line}))
    address = reverse("hta:published", args=[decision.number])
    assert f'href="{address}"' in shown
    assert reverse("hta:public-model", args=[decision.number]) in body(visitor().get(address))
