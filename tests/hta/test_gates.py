"""What keeps a decision from being made or published: each gate names what is missing."""

from __future__ import annotations

from datetime import date

import pytest

from sapar.hta import actions
from sapar.hta.models import Appraisal, Decision, Member, ModelRun, ModelVersion, Topic, Vote
from sapar.kernel import context
from sapar.kernel.errors import InvalidInputError, NotAllowedError, RefusedError, SaparError
from tests.hta import process_world as world

pytestmark = pytest.mark.django_db


def codes(error: SaparError) -> set[str]:
    return {each.code for each in error.problems}


def test_a_decision_with_everything_is_published() -> None:
    decision = Decision.objects.get(pk=world.published())
    assert (decision.state, decision.topic.state) == ("published", "published")
    assert decision.published_by == world.user("kanat").pk
    assert decision.digest == decision.model_version.digest


@pytest.mark.parametrize("item", [4, 6, 21, 25, 27])
def test_one_missing_reporting_item_of_the_28_keeps_a_decision_back(item: int) -> None:
    keys = {4: "plan", 6: "setting", 21: "engagement", 25: "engagement_effect", 27: "funding"}
    lines = world.ABOUT.splitlines()
    about = "\n".join(each for each in lines if not each.startswith(f"  {keys[item]}:"))
    decision = world.ready(world.DOCUMENT.replace(world.ABOUT, about + "\n"))
    with pytest.raises(RefusedError) as caught:
        actions.publish(by=world.actor("kanat"), decision=decision)
    assert [(p.code, p.value) for p in caught.value.problems] == [("hta.gate.item", str(item))]
    assert Decision.objects.get(pk=decision).state == "decided"


@pytest.mark.parametrize("how", ["filled", "not applicable"])
def test_a_person_fills_an_item_or_says_why_it_does_not_apply(how: str) -> None:
    document = world.DOCUMENT.replace("  funding: The ministry's own budget.\n", "")
    topic, version, runs = world.modelled(document)
    dana = world.actor("dana")
    if how == "filled":
        actions.fill_item(by=dana, topic=topic, item=27, text="Nobody paid.")
    else:
        with pytest.raises(InvalidInputError):
            actions.fill_item(by=dana, topic=topic, item=27, not_applicable=True, reason="  ")
        actions.fill_item(
            by=dana, topic=topic, item=27, not_applicable=True, reason="Nobody was paid."
        )
    appraisal = actions.open_appraisal(
        by=dana, topic=topic, model_version=version, runs=runs, quorum=1,
        members=[world.user("aliya").pk], held_on=date(2027, 3, 1),
    )  # fmt: skip
    aliya = world.actor("aliya")
    actions.declare(by=aliya, appraisal=appraisal, conflict="none")
    actions.vote(by=aliya, appraisal=appraisal, verdict="recommended", reasons=world.REASONS)
    decision = world.ready(topic=topic)
    actions.publish(by=world.actor("kanat"), decision=decision)
    assert Decision.objects.get(pk=decision).state == "published"


def test_a_vote_without_a_declaration_is_refused() -> None:
    topic, appraisal = world.sitting(declare=False)
    with pytest.raises(RefusedError) as caught:
        actions.vote(
            by=world.actor("aliya"), appraisal=appraisal, verdict="recommended",
            reasons=world.REASONS,
        )  # fmt: skip
    assert codes(caught.value) == {"hta.gate.undeclared"}
    assert not Vote.objects.exists()
    assert Topic.objects.get(pk=topic).state == "appraising"


def test_an_undeclared_conflict_of_a_voter_keeps_a_decision_back_however_the_vote_came_there() -> (
    None
):
    decision = Decision.objects.get(pk=world.ready())
    with context.writing_as("fixture"):
        seat = Member.objects.get(appraisal=decision.appraisal, name="Ермек Қасымов")
        seat.declared_at = None
        seat.save()
    with pytest.raises(RefusedError) as caught:
        actions.publish(by=world.actor("kanat"), decision=decision.pk)
    # Reporting item 28, the conflicts, is open then too.
    assert [(p.code, p.value) for p in caught.value.problems] == [
        ("hta.gate.item", "28"), ("hta.gate.undeclared", "Ермек Қасымов"),
    ]  # fmt: skip


def test_a_serious_conflict_recuses_and_the_vote_of_the_recused_is_refused() -> None:
    _topic, appraisal = world.sitting(declare=False)
    aliya = world.actor("aliya")
    actions.declare(
        by=aliya, appraisal=appraisal, conflict="serious", interests="Shares of the maker"
    )
    with pytest.raises(RefusedError) as caught:
        actions.vote(by=aliya, appraisal=appraisal, verdict="recommended", reasons=world.REASONS)
    assert codes(caught.value) == {"hta.gate.recused"}


def test_a_member_recused_by_the_body_does_not_vote() -> None:
    _topic, appraisal = world.sitting()
    seat = Member.objects.get(appraisal=appraisal, name="Жанар Ибраева")
    actions.recuse(by=world.actor("dana"), member=seat.pk, why="Works for a competitor")
    with pytest.raises(RefusedError) as caught:
        actions.vote(
            by=world.actor("zhanar"), appraisal=appraisal, verdict="recommended",
            reasons=world.REASONS,
        )  # fmt: skip
    assert codes(caught.value) == {"hta.gate.recused"}


def test_who_submitted_a_topic_neither_scores_nor_votes_nor_decides() -> None:
    topic = world.submitted(by="bauyrzhan")
    actions.take_up(by=world.actor("dana"), topic=topic)
    with pytest.raises(NotAllowedError) as caught:
        actions.score_topic(
            by=world.actor("bauyrzhan"), topic=topic, values=dict.fromkeys(world.CRITERIA, 3)
        )
    assert codes(caught.value) == {"hta.gate.own_topic"}


def test_the_submitter_is_recused_from_the_beginning() -> None:
    _topic, appraisal = world.sitting(by="zhanar")
    assert Member.objects.get(appraisal=appraisal, recused=True).name == "Жанар Ибраева"
    with pytest.raises(RefusedError) as caught:
        actions.vote(
            by=world.actor("zhanar"), appraisal=appraisal, verdict="recommended",
            reasons=world.REASONS,
        )  # fmt: skip
    assert codes(caught.value) == {"hta.gate.recused", "hta.gate.own_topic"}


def test_the_ministry_does_not_decide_what_it_submitted() -> None:
    topic = world.voted(by="kanat")
    with pytest.raises(NotAllowedError) as caught:
        world.decided(topic=topic)
    assert codes(caught.value) == {"hta.gate.own_topic"}


def test_a_document_changed_behind_the_records_back_keeps_a_decision_back() -> None:
    decision = Decision.objects.get(pk=world.ready())
    with context.writing_as("fixture"):
        other = world.DOCUMENT.replace("value: 0.6,", "value: 0.5,")
        ModelVersion.objects.filter(pk=decision.model_version_id).update(document=other)
    with pytest.raises(RefusedError) as caught:
        actions.publish(by=world.actor("kanat"), decision=decision.pk)
    assert codes(caught.value) == {"hta.gate.other_model"}


def test_another_version_than_the_assessed_one_is_not_published() -> None:
    decision = Decision.objects.get(pk=world.ready())
    other = actions.save_version(
        by=world.actor("dana"), document=world.DOCUMENT + "# later\n", topic=decision.topic_id
    )
    with context.writing_as("fixture"):
        Decision.objects.filter(pk=decision.pk).update(
            model_version_id=other, digest=ModelVersion.objects.get(pk=other).digest
        )
    with pytest.raises(RefusedError) as caught:
        actions.publish(by=world.actor("kanat"), decision=decision.pk)
    assert codes(caught.value) == {"hta.gate.other_model", "hta.gate.other_run"}


def test_a_changed_answer_of_a_run_keeps_a_decision_back() -> None:
    decision = Decision.objects.get(pk=world.ready())
    run = decision.appraisal.runs.get(kind="base")
    with context.writing_as("fixture"):
        run.result["strategies"][0]["cost"] += 1e-9
        ModelRun.objects.filter(pk=run.pk).update(result=run.result)
    with pytest.raises(RefusedError) as caught:
        actions.publish(by=world.actor("kanat"), decision=decision.pk)
    assert codes(caught.value) == {"hta.gate.other_run"}


def test_the_committee_is_shown_runs_of_the_assessed_model_only() -> None:
    topic, version, runs = world.modelled()
    dana = world.actor("dana")
    other = actions.save_version(by=dana, document=world.DOCUMENT + "# later\n", topic=topic)
    for about, shown in ((other, runs), (version, runs[1:]), (version, [])):
        with pytest.raises(RefusedError) as caught:
            actions.open_appraisal(
                by=dana, topic=topic, model_version=about, runs=shown, quorum=1,
                members=[world.user("aliya").pk], held_on=date(2027, 3, 1),
            )  # fmt: skip
        assert codes(caught.value) <= {"hta.gate.other_run", "hta.gate.no_base"}
    assert not Appraisal.objects.exists()


def test_a_language_without_words_keeps_a_decision_back() -> None:
    decision = world.decided()
    for language in ("kk", "ru", "en", "ky"):
        actions.write_plain(
            by=world.actor("dana"), decision=decision, language=language, text="words"
        )
    with pytest.raises(RefusedError) as caught:
        actions.publish(by=world.actor("kanat"), decision=decision)
    assert [(p.code, p.value) for p in caught.value.problems] == [("hta.gate.no_words", "uz")]


def test_a_quorum_that_is_not_reached_keeps_the_ministry_from_deciding() -> None:
    topic, appraisal = world.sitting(quorum=2)
    actions.vote(
        by=world.actor("aliya"), appraisal=appraisal, verdict="recommended", reasons=world.REASONS
    )
    with pytest.raises(RefusedError) as caught:
        world.decided(topic=topic)
    assert codes(caught.value) == {"hta.gate.quorum"}


def test_a_decision_against_the_vote_says_why() -> None:
    topic = world.voted(verdict="not-recommended")
    with pytest.raises(InvalidInputError) as caught:
        world.decided(topic=topic)
    assert codes(caught.value) == {"hta.gate.departure"}
    reasons = {**world.REASONS, "departure": "The budget allows it after all."}
    decision = world.decided(topic=topic, reasons=reasons)
    assert Decision.objects.get(pk=decision).reasons["departure"]


def test_with_a_placeholder_among_the_inputs_nothing_is_recommended() -> None:
    known = "c_B: {value: 9000, unit: USD/year, source: book, mark: verified}"
    assert known in world.DOCUMENT
    bare = world.DOCUMENT.replace(known, "c_B: {value: 9000, unit: USD/year}")
    topic = world.voted(bare)
    with pytest.raises(InvalidInputError) as caught:
        world.decided(topic=topic)
    assert [(p.code, p.value) for p in caught.value.problems] == [("hta.gate.placeholder", "c_B")]


def test_an_open_remark_that_must_be_mended_keeps_the_topic_from_the_committee() -> None:
    topic, version, runs = world.modelled()
    arman, dana = world.actor("arman"), world.actor("dana")
    remark = actions.review(
        by=arman, topic=topic, weight="must", remark="The rate is per month.", model_version=version
    )

    def call() -> None:
        actions.open_appraisal(
            by=dana, topic=topic, model_version=version, runs=runs, quorum=1,
            members=[world.user("aliya").pk], held_on=date(2027, 3, 1),
        )  # fmt: skip

    with pytest.raises(RefusedError) as caught:
        call()
    assert codes(caught.value) == {"hta.gate.remarks"}
    actions.answer_review(by=dana, remark=remark, answer="It is per year, see the source.")
    with pytest.raises(NotAllowedError):
        actions.close_review(by=dana, remark=remark)
    actions.close_review(by=arman, remark=remark)
    call()
    assert Topic.objects.get(pk=topic).state == "appraising"


def test_nobody_reviews_a_model_that_they_made() -> None:
    topic, version, _runs = world.modelled()
    with pytest.raises(NotAllowedError) as caught:
        actions.review(
            by=world.actor("dana"), topic=topic, weight="note", remark="Good.",
            model_version=version,
        )  # fmt: skip
    assert codes(caught.value) == {"hta.gate.own_model"}


def test_a_vote_is_given_once_with_a_reason_for_every_criterion() -> None:
    _topic, appraisal = world.sitting()
    aliya = world.actor("aliya")
    short = {**world.REASONS, "ethics": " "}
    with pytest.raises(InvalidInputError) as caught:
        actions.vote(by=aliya, appraisal=appraisal, verdict="recommended", reasons=short)
    assert [p.where for p in caught.value.problems] == ["ethics"]
    actions.vote(
        by=aliya, appraisal=appraisal, verdict="research", reasons=world.REASONS,
        dissent="The evidence is one small trial.",
    )  # fmt: skip
    with pytest.raises(RefusedError) as again:
        actions.vote(by=aliya, appraisal=appraisal, verdict="recommended", reasons=world.REASONS)
    assert codes(again.value) == {"hta.gate.voted"}
