"""One patient by a published decision: the benefit that plans predict against its cost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sapar.hta.engine.eligibility.report import for_patient
from sapar.hta.judging import page_of
from sapar.hta.models import Decision
from sapar.hta.reading import read
from sapar.proton.queries import judges
from tests.hta import process_world as world

pytestmark = pytest.mark.django_db


def body(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.status_code
    return re.sub(r"\s+", " ", response.content.decode())


def ask(number: str, **given: Any) -> str:
    client = Client()
    client.cookies["django_language"] = "en"
    return body(client.get(reverse("hta:patient", args=[number]), given))


def out() -> str:
    return Decision.objects.get(pk=world.published(world.DOCUMENT + world.CHOOSING)).number


def test_a_patient_far_above_the_limit_is_worth_it_and_one_below_is_not() -> None:
    number = out()
    found = ask(number, difference=25, low=20, high=30)
    assert "Worth its cost for this patient" in found
    assert "4,500 USD" in found
    assert "Not worth its cost for this patient" in ask(number, difference=2, low=0, high=4)
    assert "Too uncertain to say" in ask(number, difference=11, low=-5, high=27)


def test_at_first_the_page_asks_and_says_nothing() -> None:
    found = ask(out())
    assert "What does the rule say?" in found
    assert "Expected gain" not in found


def test_the_page_says_what_the_engine_says() -> None:
    model = read(world.DOCUMENT + world.CHOOSING)
    verdict = for_patient(model, 0.25, 0.20, 0.30)
    assert verdict.net_benefit == pytest.approx(0.25 * 30_000 - 3_000)
    assert verdict.limit == pytest.approx(3_000 / 60_000)
    even = for_patient(model, 0.1, 0.05, 0.15)
    assert even.verdict == "uncertain"
    assert even.chance == pytest.approx(0.5)


def test_the_decision_leads_there_only_where_its_model_chooses_patient_by_patient() -> None:
    number = out()
    client = Client()
    address = reverse("hta:patient", args=[number])
    assert address in body(client.get(reverse("hta:published", args=[number])))
    other = Decision.objects.get(pk=world.published(world.DOCUMENT)).number
    assert reverse("hta:patient", args=[other]) not in body(
        client.get(reverse("hta:published", args=[other]))
    )
    assert client.get(reverse("hta:patient", args=[other])).status_code == 404
    # Rooms beside this one are led there from the address that the network's indications bear.
    assert page_of(f"/hta/decisions/{number}/") == address
    assert page_of(f"/hta/decisions/{other}/") == page_of("/hta/decisions/none/") == ""
    assert page_of("https://example.org/") == ""
    assert page_of in set(judges)


def test_an_interval_that_does_not_hold_its_difference_is_named_and_what_was_typed_stays() -> None:
    found = ask(out(), difference=40, low=20, high=30)
    assert "The difference lies outside of its interval." in found
    assert 'value="40' in found
    assert "Expected gain" not in found


def test_a_decision_that_is_not_published_has_no_such_page() -> None:
    number = Decision.objects.get(pk=world.ready(world.DOCUMENT + world.CHOOSING)).number
    assert Client().get(reverse("hta:patient", args=[number])).status_code == 404
