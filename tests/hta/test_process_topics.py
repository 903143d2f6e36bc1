"""A topic from its submission to its publication, its appeal and its replacement."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from sapar.hta import actions
from sapar.hta.models import Appeal, Decision, Topic
from sapar.hta.states import ASSESSMENT, DECISION
from sapar.kernel.actors import ANONYMOUS
from sapar.kernel.audit.queries import history
from sapar.kernel.errors import (
    IllegalTransitionError,
    InvalidInputError,
    NotAllowedError,
    RefusedError,
    StaleVersionError,
)
from tests.hta import process_world as world

pytestmark = pytest.mark.django_db


def codes(error: pytest.ExceptionInfo[InvalidInputError]) -> list[tuple[str, str]]:
    return [(p.code, p.where) for p in error.value.problems]


def test_anybody_who_is_signed_in_submits_a_topic_and_it_has_a_number_and_a_clock() -> None:
    first, second = world.submitted(), world.submitted()
    one, two = Topic.objects.get(pk=first), Topic.objects.get(pk=second)
    year = timezone.localdate().year
    assert (one.number, two.number) == (f"{year}-001", f"{year}-002")
    assert one.submitter_id == world.actor("marat").organisation_id
    assert one.steps.get(code="topic").due > timezone.localdate()
    assert one.steps.count() == 8
    with pytest.raises(NotAllowedError):
        actions.submit_topic(
            by=ANONYMOUS, body=one.organisation_id, title="x", technology="x", condition="x",
            icd=["C71"], population="x",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("title", "  ", "hta.process.empty"),
        ("title", "x" * 301, "hta.process.long"),
        ("icd", ["headache"], "hta.process.icd"),
        ("icd", [], "hta.process.icd"),
        ("process", "atlantis", "hta.process.unknown"),
        ("variant", "accelerated", "hta.process.variant"),
    ],
)
def test_a_topic_that_lacks_something_is_refused_with_the_field(
    field: str, value: object, code: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        world.submitted(**{field: value})
    assert codes(caught) == [(code, field)]
    assert not Topic.objects.exists()


def test_experts_score_each_criterion_of_the_dated_scheme_from_one_to_three() -> None:
    topic = world.submitted()
    actions.take_up(by=world.actor("dana"), topic=topic)
    aliya = world.actor("aliya")
    good = dict.fromkeys(world.CRITERIA, 3)
    for bad, where in (({"burden": 4}, "burden"), ({"weather": 1}, "weather")):
        with pytest.raises(InvalidInputError) as caught:
            actions.score_topic(by=aliya, topic=topic, values={**good, **bad})
        assert [p.where for p in caught.value.problems] == [where]
    actions.score_topic(by=aliya, topic=topic, values=good, reasons={"burden": "Many are ill."})
    score = Topic.objects.get(pk=topic).scores.get()
    assert score.scheme == "kz"
    assert score.values == good
    with pytest.raises(NotAllowedError):
        actions.score_topic(by=world.actor("marat"), topic=topic, values=good)


def test_a_topic_without_a_score_is_not_ranked_and_steps_are_not_skipped() -> None:
    topic = world.submitted()
    dana = world.actor("dana")
    with pytest.raises(IllegalTransitionError):
        actions.open_scope(by=dana, topic=topic)
    actions.take_up(by=dana, topic=topic)
    with pytest.raises(InvalidInputError):
        actions.rank_topic(by=dana, topic=topic)


def test_a_topic_is_declined_with_a_reason_or_withdrawn_by_its_submitter() -> None:
    topic, other = world.submitted(), world.submitted()
    with pytest.raises(InvalidInputError):
        actions.decline_topic(by=world.actor("dana"), topic=topic, reason="no time")
    actions.decline_topic(by=world.actor("dana"), topic=topic, reason="outside")
    assert Topic.objects.get(pk=topic).state == "declined"
    with pytest.raises(NotAllowedError):
        actions.withdraw_topic(by=world.actor("dana"), topic=other)
    actions.withdraw_topic(by=world.actor("marat"), topic=other)
    assert Topic.objects.get(pk=other).state == "withdrawn"


def test_every_version_of_the_question_stays_and_one_is_settled() -> None:
    topic, dana = world.scored(), world.actor("dana")
    actions.open_scope(by=dana, topic=topic)
    with pytest.raises(InvalidInputError) as caught:
        actions.propose_scope(by=dana, topic=topic, content={"population": "x", "colour": "y"})
    assert {p.where for p in caught.value.problems} == {
        "intervention", "comparators", "outcomes", "colour",
    }  # fmt: skip
    assert actions.propose_scope(by=dana, topic=topic, content=world.PICO) == 1
    later = {**world.PICO, "population": "Adults under 60"}
    assert actions.propose_scope(by=dana, topic=topic, content=later, why="asked for") == 2
    with pytest.raises(InvalidInputError):
        actions.settle_scope(by=dana, topic=topic, number=3)
    actions.settle_scope(by=dana, topic=topic, number=2)
    row = Topic.objects.get(pk=topic)
    assert (row.state, row.settled_scope, row.scopes.count()) == ("assessing", 2, 2)


def test_a_study_is_judged_by_the_domains_of_its_design_before_the_review() -> None:
    topic, dana = world.assessed(), world.actor("dana")
    with pytest.raises(InvalidInputError):
        actions.add_evidence(
            by=dana, topic=topic, citation="A trial", design="randomised", mark="verified"
        )
    study = actions.add_evidence(
        by=dana, topic=topic, citation="A trial", design="randomised", supports=["hr_B"]
    )
    low = dict.fromkeys(
        ("randomisation", "deviation", "missing", "measurement", "selection"), "low"
    )
    with pytest.raises(InvalidInputError) as caught:
        actions.appraise_evidence(
            by=dana, evidence=study, risk={**low, "missing": "high", "luck": "low"},
            certainty="high", why="x",
        )  # fmt: skip
    assert [p.code for p in caught.value.problems] == [
        "hta.process.bias_domain", "hta.process.too_certain",
    ]  # fmt: skip
    actions.save_version(by=dana, document=world.DOCUMENT, topic=topic)
    with pytest.raises(RefusedError) as left:
        actions.send_to_review(by=dana, topic=topic)
    assert [p.code for p in left.value.problems] == ["hta.gate.not_appraised"]
    actions.appraise_evidence(by=dana, evidence=study, risk=low, certainty="moderate", why="Small.")
    actions.send_to_review(by=dana, topic=topic)
    assert Topic.objects.get(pk=topic).state == "reviewing"


def test_actions_end_the_steps_of_the_clock_and_a_stop_moves_what_follows() -> None:
    topic, dana = world.assessed(), world.actor("dana")
    row = Topic.objects.get(pk=topic)
    today = timezone.localdate()
    done = set(row.steps.filter(done_on=today).values_list("code", flat=True))
    assert done == {"topic", "scoring", "scope"}
    before = {step.code: step.due for step in row.steps.filter(done_on__isnull=True)}
    assert before["dossier"] == today + timedelta(days=90)
    actions.stop_clock(by=dana, topic=topic, reason="The maker is asked")
    assert set(row.steps.filter(done_on__isnull=True).values_list("due", flat=True)) == {None}
    with pytest.raises(RefusedError):
        actions.stop_clock(by=dana, topic=topic, reason="again")
    actions.start_clock(by=dana, topic=topic, ends=today + timedelta(days=30))
    # The day on which it stopped counts for the stop, and nothing had been counted yet.
    after = {step.code: step.due for step in row.steps.filter(done_on__isnull=True)}
    assert after["dossier"] == before["dossier"] + timedelta(days=29)
    assert all(after[code] > before[code] for code in ("review", "committee", "publication"))


def test_the_joint_assessment_runs_by_its_own_clock() -> None:
    dana = world.actor("dana")
    topic = world.assessed(process="eu-jca", variant="accelerated")
    row, today = Topic.objects.get(pk=topic), timezone.localdate()
    assert row.steps.get(code="dossier").due == today + timedelta(days=60)
    actions.do_step(by=dana, topic=topic, step="scope-proposal", regulator_stop=30)
    assert row.steps.get(code="dossier").due == today + timedelta(days=25)
    with pytest.raises(InvalidInputError):
        actions.do_step(by=dana, topic=topic, step="dossier")


def test_somebody_else_changed_the_topic_first() -> None:
    topic = world.submitted()
    with pytest.raises(StaleVersionError):
        actions.take_up(by=world.actor("dana"), topic=topic, version=99)


def test_an_appeal_is_made_in_time_and_answered_by_somebody_else() -> None:
    decision = world.published()
    marat = world.actor("marat")
    with pytest.raises(InvalidInputError):
        actions.appeal(by=marat, decision=decision, ground="dislike", words="No.")
    appeal = actions.appeal(
        by=marat, decision=decision, ground="evidence", words="A trial is left out."
    )
    row = Decision.objects.get(pk=decision)
    assert (row.state, row.topic.state) == ("under-appeal", "under-appeal")
    assert Appeal.objects.get(pk=appeal).answer_by == timezone.localdate() + timedelta(days=30)
    with pytest.raises(RefusedError):
        actions.appeal(by=marat, decision=decision, ground="model", words="Again.")
    with pytest.raises(NotAllowedError):
        actions.answer_appeal(
            by=world.actor("kanat"), appeal=appeal, outcome="dismissed", words="No."
        )
    actions.answer_appeal(
        by=world.actor("gulmira"), appeal=appeal, outcome="dismissed", words="It was read."
    )
    row.refresh_from_db()
    assert (row.state, row.topic.state) == ("published", "published")
    with (
        time_machine.travel(timezone.now() + timedelta(days=60)),
        pytest.raises(RefusedError) as late,
    ):
        actions.appeal(by=marat, decision=decision, ground="model", words="Late.")
    assert [p.code for p in late.value.problems] == ["hta.process.too_late"]


def test_an_allowed_appeal_brings_a_new_sitting_and_its_decision_replaces_the_old_one() -> None:
    old = Decision.objects.get(pk=world.published())
    appeal = actions.appeal(
        by=world.actor("marat"), decision=old.pk, ground="procedure", words="No notice was given."
    )
    actions.answer_appeal(
        by=world.actor("gulmira"), appeal=appeal, outcome="allowed", words="True."
    )
    assert old.topic.appraisals.count() == 1
    appraisal = actions.open_appraisal(
        by=world.actor("dana"), topic=old.topic_id, model_version=old.model_version_id, quorum=1,
        runs=list(old.appraisal.runs.values_list("pk", flat=True)),
        members=[world.user("aliya").pk], held_on=date(2027, 6, 1),
    )  # fmt: skip
    aliya = world.actor("aliya")
    actions.declare(by=aliya, appraisal=appraisal, conflict="none")
    actions.vote(by=aliya, appraisal=appraisal, verdict="conditions", reasons=world.REASONS)
    new = world.ready(topic=old.topic_id, verdict="conditions", conditions=["In one centre only"])
    actions.publish(by=world.actor("kanat"), decision=new)
    old.refresh_from_db()
    assert (old.state, old.replaced_by_id) == ("replaced", new)
    assert Decision.objects.get(pk=new).state == "published"


def test_a_decision_that_is_not_out_may_be_dropped_and_decided_again() -> None:
    decision = world.decided()
    actions.look_again(by=world.actor("kanat"), decision=decision, why="A figure was misread")
    row = Decision.objects.get(pk=decision)
    assert (row.state, row.topic.state) == ("dropped", "appraising")


def test_every_step_stands_in_the_topics_own_sealed_chain() -> None:
    topic = Decision.objects.get(pk=world.published()).topic_id
    done = [entry.action for entry in reversed(history([("topic", topic)]))]
    for name in ("submit_topic", "take_up", "score_topic", "settle_scope", "open_appraisal",
                 "declare", "vote", "decide", "write_plain", "publish"):  # fmt: skip
        assert f"hta.{name}" in done
    assert done[0] == "hta.submit_topic"


@pytest.mark.parametrize("track", [ASSESSMENT, DECISION], ids=lambda track: track.name)
def test_every_state_of_a_track_can_be_reached_and_left_unless_it_is_final(track) -> None:
    reached = {track.start}
    while True:
        more = {t.target for t in track.transitions if t.sources & reached} | reached
        if more == reached:
            break
        reached = more
    assert reached == {state.code for state in track.states}
    assert all(state.final or track.events(state.code) for state in track.states)


def test_the_page_of_the_process_has_every_state_and_event() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "hta-process.md").read_text("utf-8")
    for state in ASSESSMENT.states:
        line = next(each for each in page.splitlines() if f"`{state.code}`" in each)
        assert set(re.findall(r"`([a-z_]+)`", line.split("|")[2])) == {
            each.event for each in ASSESSMENT.events(state.code)
        }
    assert all(f"`{state.code}`" in page for state in DECISION.states)
