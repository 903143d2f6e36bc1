"""What people see of an assessment: each what is theirs, and the public what is published."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sapar.hta import actions, queries
from sapar.hta.models import Decision, Topic
from sapar.hta.policy import Permission
from sapar.kernel import policy
from sapar.kernel.actors import ANONYMOUS
from sapar.kernel.audit.models import AuditRead
from sapar.kernel.errors import NotFoundError
from sapar.kernel.jobs import worker
from sapar.kernel.languages import phrases
from tests.hta import process_world as world

pytestmark = pytest.mark.django_db


def test_the_body_sees_its_topics_the_submitter_sees_theirs_and_nobody_else_any() -> None:
    topic = world.scored()
    assert [each.id for each in queries.topics_of(world.actor("bauyrzhan"))] == [topic]
    assert [each.id for each in queries.topics_of(world.actor("marat"))] == [topic]
    assert queries.topics_of(world.actor("kyrgyz")) == []
    assert queries.topics_of(ANONYMOUS) == []
    with pytest.raises(NotFoundError):
        queries.topic_of(world.actor("kyrgyz"), topic)
    whole = queries.topic_of(world.actor("dana"), topic)
    assert (whole.seen.score, whole.seen.experts) == (12.0, 1)
    assert [each.mean for each in whole.scores] == [2.0] * 6
    outside = queries.topic_of(world.actor("marat"), topic)
    assert outside.submitted_by_me
    assert outside.scores == ()


def test_topics_stand_in_the_order_of_priority() -> None:
    low, high = world.scored(), world.submitted()
    actions.take_up(by=world.actor("dana"), topic=high)
    values = dict.fromkeys(world.CRITERIA, 3)
    actions.score_topic(by=world.actor("aliya"), topic=high, values=values)
    assert [each.id for each in queries.topics_of(world.actor("dana"))] == [high, low]


def test_a_read_of_a_topic_is_kept_in_its_chain() -> None:
    topic = world.submitted()
    queries.topic_of(world.actor("dana"), topic)
    read = AuditRead.objects.get(root_type="topic", root_id=topic)
    assert (read.page, read.actor) == ("hta.topic", world.actor("dana").label)


def test_a_step_shows_its_day_its_source_and_whether_it_is_late() -> None:
    topic = world.assessed()
    whole = queries.topic_of(world.actor("dana"), topic)
    dossier = next(each for each in whole.steps if each.code == "dossier")
    assert dossier.due == timezone.localdate() + timedelta(days=90)
    assert (dossier.mark, dossier.late, dossier.by_hand) == ("demonstration", 0, False)
    assert whole.seen.next_step == "dossier"


def test_votes_are_secret_until_the_vote_is_closed() -> None:
    topic, appraisal = world.sitting()
    for name in world.COMMITTEE[:3]:
        actions.vote(
            by=world.actor(name), appraisal=appraisal, verdict="recommended", reasons=world.REASONS
        )
    seen = queries.appraisal_of(world.actor("dana"), appraisal)
    assert [each.voted for each in seen.members].count(True) == 3
    assert {each.verdict for each in seen.members} == {""}
    assert sum(seen.counts.values()) == 0
    own = queries.appraisal_of(world.actor("aliya"), appraisal)
    assert [each.verdict for each in own.members if each.verdict] == ["recommended"]
    world.decided(topic=topic)
    closed = queries.appraisal_of(world.actor("dana"), appraisal)
    assert closed.counts["recommended"] == 3


def test_the_dossier_shows_28_items_nine_domains_and_what_is_open() -> None:
    document = world.DOCUMENT.replace("  funding: The ministry's own budget.\n", "")
    topic, _version, _runs = world.modelled(document)
    actions.write_section(by=world.actor("dana"), topic=topic, domain="ETH", text="Fair to all.")
    found = queries.dossier_of(world.actor("dana"), topic)
    assert found is not None
    assert len(found.items) == 28
    assert found.open_items == (27, 28)  # nobody sits yet, so that no conflict was declared
    assert {each.domain: each.text for each in found.domains}["ETH"] == "Fair to all."
    assert all(phrases.text(said) for each in found.items for said in each.said)
    assert queries.dossier_of(world.actor("dana"), world.submitted()) is None


def test_what_keeps_a_decision_back_can_be_read_before_it_is_tried() -> None:
    decision = world.decided()
    found = queries.missing_for(world.actor("kanat"), decision)
    assert [each.value for each in found] == ["kk", "ky", "uz", "ru", "en"]
    assert all(phrases.text(each) and phrases.remedy(each) for each in found)


def test_a_first_plain_text_is_made_in_five_languages_from_the_decision_itself() -> None:
    decision = world.decided()
    found = queries.draft_plain(world.actor("dana"), decision)
    assert set(found) == set(world.LANGUAGES)
    assert "Treatment B: Recommended." in found["en"]
    assert "82,678.46" in found["en"]
    assert "April 1, 2030" in found["en"] or "1 April 2030" in found["en"]


def test_the_public_reads_published_decisions_with_votes_and_dissent_and_nobodys_name() -> None:
    hidden = world.decided()
    assert queries.register_of_decisions() == []
    number = Decision.objects.get(pk=hidden).number
    assert queries.published_decision(number) is None
    assert queries.published_record(number) is None
    shown = Decision.objects.get(pk=world.published())
    [seen] = queries.register_of_decisions()
    assert seen.number == shown.number
    assert seen.votes["recommended"] == 3
    assert queries.published_decision(shown.number) == seen
    text = repr(seen)
    assert not any(name in text for name, _where, _roles in world.PEOPLE.values())
    record = queries.published_record(shown.number)
    assert record is not None
    assert record["document"] == world.DOCUMENT


def test_replays_looks_and_changes_of_the_reference_case_are_shown_to_the_body() -> None:
    today, dana = timezone.localdate(), world.actor("dana")
    for day, value in ((today - timedelta(days=9), 60_000), (today, 20_000)):
        if value == 20_000:
            decision = world.published()
            actions.ask_replay(by=dana, decision=decision)
        actions.set_reference(
            by=dana, key="threshold", value={"value": value}, valid_from=day, source="a rule",
            mark="demonstration",
        )  # fmt: skip
    worker.drain()
    newest, oldest = queries.reference_of(dana)
    assert [each.number for each in newest.flipping] == [Decision.objects.get().number]
    assert oldest.checks == ()
    assert [each.differences for each in queries.replays_of(dana, decision)] == [()]
    assert queries.looks_at(dana, decision) == []
    assert queries.reference_of(world.actor("kyrgyz")) == []
    with pytest.raises(NotFoundError):
        queries.replays_of(world.actor("marat"), decision)


@pytest.mark.parametrize(
    ("permission", "who"),
    [
        (Permission.VIEW, {"dana", "arman", *world.COMMITTEE, "kanat", "gulmira"}),
        (Permission.SUBMIT, {"marat"}),
        (Permission.SCORE, {*world.COMMITTEE, "kanat", "gulmira"}),
        (Permission.PREPARE, {"dana", "arman"}),
        (Permission.REVIEW, {"dana", "arman", *world.COMMITTEE}),
        (Permission.CONVENE, {"dana", "arman", "kanat", "gulmira"}),
        (Permission.VOTE, set(world.COMMITTEE)),
        (Permission.DECIDE, {"kanat", "gulmira"}),
        (Permission.PUBLISH, {"kanat", "gulmira"}),
        (Permission.WORK, set()),
    ],
)
def test_who_may_do_what_with_a_topic(permission: Permission, who: set[str]) -> None:
    row = Topic.objects.get(pk=world.submitted(by="marat"))
    allowed = {name for name in world.PEOPLE if policy.can(world.actor(name), permission, row)}
    assert allowed == who
    assert not policy.can(ANONYMOUS, permission, row)
    for name in world.PEOPLE:
        listed = policy.visible_to(world.actor(name), permission, Topic.objects.all())
        assert listed.exists() == (name in who)


def test_anybody_may_read_a_decision_that_is_out_and_nobody_outside_one_that_is_not() -> None:
    decision = Decision.objects.get(pk=world.ready())
    assert not policy.can(ANONYMOUS, Permission.READ_PUBLISHED, decision)
    assert not policy.visible_to(ANONYMOUS, Permission.READ_PUBLISHED, Decision.objects.all())
    actions.publish(by=world.actor("kanat"), decision=decision.pk)
    decision.refresh_from_db()
    assert policy.can(ANONYMOUS, Permission.READ_PUBLISHED, decision)
    assert policy.visible_to(ANONYMOUS, Permission.READ_PUBLISHED, Decision.objects.all()).exists()
