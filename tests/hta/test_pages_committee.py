"""Pages of the process beside the straight path: who may not, what is too late, what comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from sapar.hta import actions
from sapar.hta.models import (
    Appeal,
    Appraisal,
    ClockStop,
    Decision,
    Member,
    ReferenceCase,
    Step,
    Topic,
    Vote,
    Watch,
)
from sapar.kernel import context
from sapar.kernel.jobs import worker
from sapar.kernel.records import Record
from tests.hta import process_world as world
from tests.hta.test_pages_process import body, do, done, english, get, overview, part

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def kept() -> dict[str, Any]:
    return {
        model._meta.label: sorted(model.objects.values_list("pk", "version"))
        for model in apps.get_models()
        if issubclass(model, Record)
    }


def test_what_one_has_no_right_to_is_not_offered_and_refused_when_it_is_sent() -> None:
    topic, appraisal = world.sitting()
    decision_of = reverse("hta:sitting", args=[appraisal])
    sent = {
        overview(topic): ("take_up", "rank", "send_to_review", "decline", "stop_clock", "score"),
        part(topic, "question"): ("propose", "settle"),
        part(topic, "evidence"): ("add",),
        part(topic, "dossier"): ("write-EFF",),
        part(topic, "checklist"): ("item-6",),
        part(topic, "committee"): ("call",),
        decision_of: ("decide", "send_back"),
    }
    given = {"text": "words", "why": "words", "verdict": "recommended", **world.REASONS}
    world.user("kyrgyz")
    before = kept()
    for name in ("bauyrzhan", "kyrgyz", "marat"):
        for address, keys in sent.items():
            page = english(name).get(address)
            for key in keys:
                if name == "bauyrzhan" and key == "score":
                    continue
                assert f'value="{key}"' not in page.content.decode(), (name, key)
                status = english(name).post(address, {"do": key, **given}).status_code
                assert status in {403, 404}, (name, address, key)
    assert kept() == before
    assert english("dana").post(overview(topic), {"do": "nothing"}).status_code == 404


def test_whoever_submitted_a_topic_sees_how_it_goes_on_and_nothing_of_the_work() -> None:
    topic, *_more = world.modelled()
    page = get("marat", overview(topic))
    assert "In review" in page
    assert "Dossier and model" in page
    assert part(topic, "evidence") not in page
    assert english("marat").get(part(topic, "evidence")).status_code == 404
    listed = get("marat", reverse("hta:topics"))
    assert overview(topic) in listed
    assert overview(topic) not in get("kyrgyz", reverse("hta:topics"))
    assert "The topic is withdrawn." in done("marat", overview(topic), "withdraw")


def test_a_step_that_another_has_taken_first_is_told_and_nothing_is_overwritten() -> None:
    topic = world.submitted()
    old = {"do": "take_up", "version": str(Topic.objects.get(pk=topic).version)}
    done("dana", overview(topic), "stop_clock", reason="Asked.", begins=_day())
    row = Topic.objects.get(pk=topic)
    with context.writing_as("fixture"):
        row.title = "Another title"
        row.save()
    page = body(english("arman").post(overview(topic), old), 409)
    assert "Somebody else changed this record" in page
    assert Topic.objects.get(pk=topic).state == "submitted"
    done("arman", overview(topic), "take_up")
    twice = body(do("dana", overview(topic), "take_up"), 409)
    assert "This step is not possible in the present state." in twice


def test_words_typed_for_a_state_that_is_over_stay_on_the_page() -> None:
    topic, _appraisal = world.sitting()
    given = {"do": "write-EFF", "text": "Typed for an hour."}
    page = body(english("dana").post(part(topic, "dossier"), given), 409)
    assert "Typed for an hour." in page
    assert "The dossier is closed in this state." in page


def _day(shift: int = 0) -> str:
    return (timezone.localdate() + shift * DAY).isoformat()


def test_the_list_says_what_is_late_and_where_the_clock_stands() -> None:
    late, stands = world.scored(title="A late one"), world.submitted(title="A still one")
    actions.stop_clock(by=world.actor("dana"), topic=stands, reason="Asked.")
    with context.writing_as("fixture"):
        step = Step.objects.get(topic=late, code="scope")
        step.due = timezone.localdate() - 3 * DAY
        step.save()
    page = get("dana", reverse("hta:topics"))
    assert "3 days late" in page
    assert "the clock stands" in page
    assert page.index("A late one") < page.index("A still one")  # by priority
    only = get("dana", reverse("hta:topics") + "?state=late")
    assert "A late one" in only
    assert "A still one" not in only
    assert "3 days late" in get("dana", overview(late))


def test_the_clock_is_stopped_and_goes_on_and_later_days_move() -> None:
    topic = world.submitted()
    due = Step.objects.get(topic=topic, code="appeal").due
    at = overview(topic)
    empty = body(do("dana", at, "stop_clock", reason="", begins=_day()), 422)
    assert 'id="stop_clock-reason_error"' in empty
    page = done("dana", at, "stop_clock", reason="Data were asked for.", begins=_day())
    assert "it stands now" in page
    assert "Data were asked for." in page
    back = body(do("dana", at, "start_clock", ends=_day(-1)), 409)
    assert "would go on before it stopped" in back
    done("dana", at, "start_clock", ends=_day(10))
    assert ClockStop.objects.get().ends == timezone.localdate() + 10 * DAY
    after = Step.objects.get(topic=topic, code="appeal").due
    assert due is not None
    assert after is not None
    assert after > due


def test_steps_without_an_action_of_their_own_are_ended_by_hand_in_their_order() -> None:
    topic = world.submitted(process="eu-jca")
    at = overview(topic)
    assert 'value="step-scope-proposal"' not in get("dana", at)  # the application comes first
    done("dana", at, "take_up")
    page = get("dana", at)
    assert 'value="step-scope-proposal"' in page
    assert 'value="step-confirmation"' not in page
    wrong = body(do("dana", at, "step-scope-proposal", regulator_stop="-1"), 422)
    assert 'id="step-scope-proposal-regulator_stop_error"' in wrong
    done("dana", at, "step-scope-proposal", regulator_stop="30")
    row = Topic.objects.get(pk=topic)
    assert row.regulator_stop == 30
    assert row.steps.get(code="scope-proposal").done_on == timezone.localdate()


def test_a_topic_that_is_not_taken_up_says_why() -> None:
    topic = world.submitted()
    none = body(do("dana", overview(topic), "decline", reason="", words=""), 422)
    assert 'id="decline-reason_error"' in none
    page = done("dana", overview(topic), "decline", reason="no-evidence", words="No study yet.")
    assert "There is nothing yet that could be assessed. No study yet." in page
    assert "No study yet." in get("marat", overview(topic))


def test_a_member_is_recused_with_a_reason_and_a_sitting_is_given_back() -> None:
    topic, appraisal = world.sitting()
    at = reverse("hta:sitting", args=[appraisal])
    ermek = Member.objects.get(user_id=world.user("ermek").pk)
    key = f"recuse-{ermek.pk.hex}"
    assert f'id="{key}-why_error"' in body(do("kanat", at, key, why=""), 422)
    assert "advises the maker" in done("kanat", at, key, why="advises the maker")
    vote = {"do": "vote", "verdict": "research", **world.REASONS}
    assert "A recused member does not vote" in body(english("ermek").post(at, vote), 409)
    assert not Vote.objects.exists()
    early = body(do("kanat", at, "decide", **_decision()), 409)
    assert "0 members have voted; 3 are needed." in early
    assert "0 members have voted; 3 are needed." in body(do("kanat", at, "close_vote"), 409)
    assert "what is said of burden" in early
    done("kanat", at, "send_back", why="The price has changed.")
    assert Appraisal.objects.get().closed_at is not None
    assert "The price has changed." in get("dana", overview(topic))


def _decision() -> dict[str, Any]:
    return {
        **world.REASONS, "verdict": "recommended", "funded": "b", "threshold": "60000",
        "currency": "USD", "wrong_chance": "0.3", "valid_from": _day(), "reassess_by": _day(365),
    }  # fmt: skip


def test_a_decision_says_what_the_platform_counts_for_it_and_may_be_dropped() -> None:
    topic = world.voted()
    at = reverse("hta:sitting", args=[Appraisal.objects.get().pk])
    wrong = body(do("kanat", at, "decide", **_decision(), living="p_die nothing"), 422)
    assert "names no collector" in wrong
    unknown = body(
        do("kanat", at, "decide", **_decision(), living="p_x proton.stopped centre=a"), 422
    )
    assert "p_die proton" not in unknown
    assert 'id="decide-living_error"' in unknown
    page = done("kanat", at, "decide", **_decision(), living="p_die proton.stopped centre=astana")
    assert "proton.stopped · astana" in page
    decision = Decision.objects.get()
    assert decision.living == [
        {"parameter": "p_die", "collector": "proton.stopped", "centre": "astana"}
    ]
    here = reverse("hta:decision", args=[decision.pk])
    done("kanat", here, "look_again", why="A vote was misread.")
    assert Decision.objects.get().state == "dropped"
    assert Topic.objects.get(pk=topic).state == "appraising"


def test_an_allowed_appeal_lets_the_committee_sit_again() -> None:
    decision = Decision.objects.get(pk=world.published())
    actions.appeal(by=world.actor("marat"), decision=decision.pk, ground="model", words="Wrong.")
    here = reverse("hta:decision", args=[decision.pk])
    key = f"appeal-{Appeal.objects.get().pk.hex}"
    page = done("gulmira", here, key, outcome="allowed", words="The rate was wrong.")
    assert "Allowed: the committee looks again" in page
    assert 'value="call"' in get("dana", part(decision.topic_id, "committee"))


def test_the_looks_at_a_decision_stand_on_its_page_and_what_opened_a_topic_on_the_topics() -> None:
    decision = Decision.objects.get(pk=world.published())
    with context.writing_as("fixture"):
        Watch(
            organisation_id=decision.organisation_id, decision=decision, chance_wrong=0.42,
            best="soc", observed=4, fired=True,
        ).save()  # fmt: skip
    page = get("dana", reverse("hta:decision", args=[decision.pk]))
    assert "42 % / 30 %" in page
    assert "a topic was opened" in page
    trigger = {"kind": "posterior", "chance_wrong": 0.42, "stated": 0.3}
    topic = world.submitted(title="Again")
    row = Topic.objects.get(pk=topic)
    with context.writing_as("fixture"):
        row.opened_by_machine, row.trigger, row.reassesses = True, trigger, decision
        row.save()
    page = get("dana", overview(topic))
    assert "the decision is wrong with a chance of 42 %" in page
    assert reverse("hta:decision", args=[decision.pk]) in page
    assert "opened by itself" in get("dana", reverse("hta:topics"))


def test_the_reference_case_takes_a_dated_entry_and_names_the_decisions_that_would_flip() -> None:
    at, dana = reverse("hta:reference"), world.actor("dana")
    actions.set_reference(
        by=dana, key="threshold", value={"value": 60_000}, source="A law", mark="verified",
        valid_from=timezone.localdate() - 10 * DAY, read_on=timezone.localdate(),
    )  # fmt: skip
    decision = Decision.objects.get(pk=world.published())
    new = {
        "key": "threshold", "value": "80 000", "valid_from": _day(), "source": "A new law",
        "mark": "unverified", "unit": "USD/QALY",
    }  # fmt: skip
    page = body(do("dana", at, "set", **{**new, "key": "colour"}), 422)
    assert 'id="set-key_error"' in page
    assert "A new law" in page  # nothing typed is lost
    rows = body(do("dana", at, "set", **{**new, "value": "x"}), 422)
    assert "Write numbers only" in rows
    again = {**new, "valid_from": _day(-10), "value": "80000"}
    assert 'id="set-valid_from_error"' in body(do("dana", at, "set", **again), 422)
    page = done("dana", at, "set", **{**new, "value": "80000"})
    assert "is being worked out" in page
    worker.drain()
    page = get("dana", at)
    assert "Past decisions that would flip" in page
    assert decision.number in page
    assert "would flip from b to ab" in page
    assert "A law" in page  # entries are added, never changed
    assert ReferenceCase.objects.filter(key="threshold").count() == 2
    assert 'value="set"' not in get("bauyrzhan", at)
    assert english("bauyrzhan").post(at, {"do": "set", **new}).status_code == 403


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("threshold", "12000 16000", {"low": 12000.0, "high": 16000.0}),
        ("threshold", "12000 – 16000", {"low": 12000.0, "high": 16000.0}),
        ("discount.costs", "0,03", {"value": 0.03}),
        ("life-table.women", "0 0.01\n1 0,002", {"rows": [[0.0, 0.01], [1.0, 0.002]]}),
    ],
)
def test_values_of_the_reference_case_are_read_as_people_write_them(
    key: str, text: str, value: dict[str, Any]
) -> None:
    from sapar.hta.forms_process import read_value

    assert read_value(key, text) == value
