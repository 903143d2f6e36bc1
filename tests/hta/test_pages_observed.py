"""Outcomes and costs from a register or accounts: kept on a decision, counted by its look."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from sapar.hta.jobs import collect
from sapar.hta.models import Decision, Observation, Topic, Watch
from sapar.kernel.jobs import worker
from tests.hta import process_world as world
from tests.hta.test_pages_process import body, do, done, get

pytestmark = pytest.mark.django_db

COSTLY = world.DOCUMENT.replace(
    "c_B: {value: 9000,", 'c_B: {value: 9000, distribution: "gamma(mean=9000, sd=900)",'
)
BILLS = {
    "parameter": "c_B", "kind": "mean", "people": "200", "mean": "16000", "sd": "1500",
    "first": "2027-05-01", "last": "2027-05-31", "came_from": "The hospital's accounts",
}  # fmt: skip


def out() -> Decision:
    return Decision.objects.get(pk=world.published(COSTLY))


def at(decision: Decision) -> str:
    return reverse("hta:decision", args=[decision.pk])


def test_bills_far_above_the_models_open_a_topic_by_themselves() -> None:
    decision = out()
    page = done("dana", at(decision), "observe", **BILLS)
    assert "It is kept; the next look at the decision counts it." in page
    row = Observation.objects.get(decision=decision)
    assert (row.kind, row.came_from, row.period_to) == (
        "mean", "The hospital's accounts", date(2027, 5, 31),
    )  # fmt: skip
    assert row.data["sum"] == pytest.approx(200 * 16_000)
    before = Topic.objects.count()
    with time_machine.travel(date(2027, 6, 2)):
        collect()
        worker.drain()
    look = Watch.objects.get(decision=decision)
    assert look.fired
    assert look.best != "b"
    assert Topic.objects.count() == before + 1


def test_figures_that_lack_a_number_are_named_and_what_was_typed_stays() -> None:
    decision = out()
    for change, said in (
        ({"mean": ""}, "This number is needed here."),
        ({"last": "2027-04-01"}, "The last day lies before the first."),
        ({"kind": "share", "events": "9", "people": "5"}, "observe"),
    ):
        answer = do("dana", at(decision), "observe", **{**BILLS, **change})
        page = body(answer, 422)
        assert said in page
        assert "The hospital&#x27;s accounts" in page
    assert not Observation.objects.exists()


def test_only_inputs_that_are_drawn_are_offered_and_only_those_who_prepare_add_figures() -> None:
    decision = out()
    page = get("dana", at(decision))
    assert 'value="c_B"' in page
    assert 'value="c_A"' not in page
    answer = do("bauyrzhan", at(decision), "observe", **BILLS)
    assert answer.status_code == 403
    assert not Observation.objects.exists()
