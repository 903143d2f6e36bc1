"""What users do with a case, step by step, and what they may not."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from sapar.cases import actions, queries
from sapar.cases.engine.referral import ReferralFacts
from sapar.cases.jobs import lapse_unanswered
from sapar.cases.models import Case, Clock, Decision, Task
from sapar.cases.registration import Holder, Precondition, holders, preconditions
from sapar.kernel.audit import chain
from sapar.kernel.audit.models import AuditEvent
from sapar.kernel.errors import (
    IllegalTransitionError,
    InvalidInputError,
    NotAllowedError,
    RefusedError,
    StaleVersionError,
)
from sapar.values.statements import Problem
from tests import cast
from tests.factories import STATES, make_case, walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def registered():
    """Holders and preconditions added by a test are taken away again."""
    kept = dict(holders._entries), dict(preconditions._entries)
    yield
    for registry, entries in zip((holders, preconditions), kept, strict=True):
        registry._entries.clear()
        registry._entries.update(entries)


@pytest.mark.parametrize("state", STATES)
def test_every_state_can_be_reached_by_real_actions_and_its_audit_chain_verifies(state):
    case = make_case(state=state)
    assert AuditEvent.objects.filter(root_type="case", root_id=case.pk).exists()
    assert not chain.verify().breaks
    view = queries.case_view(cast.actor("aigul"), case.pk)
    open_tasks = Task.objects.filter(case=case, closed_at=None)
    lanes = {lane.track: lane for lane in (*view.lanes, view.whole)}
    for task in open_tasks:
        assert task.business_status == lanes[task.track].state
        assert task.status == lanes[task.track].task_status
    if view.states.whole in {"cancelled", "died", "entered-in-error"}:
        assert not open_tasks.exists()


def test_the_same_referral_sent_twice_gives_the_same_case():
    facts = ReferralFacts(programme="proton-therapy", sender_identifiers=("urn:osh|R-17",))
    first = actions.create_draft(by=cast.actor("aigul"), facts=facts)
    again = actions.create_draft(by=cast.actor("aigul"), facts=facts)
    other = actions.create_draft(by=cast.actor("bakyt"), facts=facts)
    assert (again.id, again.number, again.repeated) == (first.id, first.number, True)
    assert other.id != first.id


def test_two_people_editing_one_draft_the_second_is_told_and_nothing_is_overwritten():
    case = make_case()
    seen = case.version
    actions.save_draft(
        by=cast.actor("aigul"), case=case.pk, version=seen, facts=ReferralFacts(question="first")
    )
    with pytest.raises(StaleVersionError):
        actions.save_draft(
            by=cast.actor("aigul"),
            case=case.pk,
            version=seen,
            facts=ReferralFacts(question="second"),
        )
    assert queries.case_view(cast.actor("aigul"), case.pk).facts.question == "first"


def test_two_people_deciding_one_case_the_second_is_told():
    case = make_case(state="in-panel")
    actions.accept(by=cast.actor("marat"), case=case.pk, version=case.version)
    with pytest.raises(StaleVersionError):
        actions.decline(
            by=cast.actor("marat"),
            case=case.pk,
            version=case.version,
            reason="outside-indication",
        )
    assert Case.objects.get(pk=case.pk).review == "accepted"


def test_a_referral_that_does_not_say_who_and_where_cannot_be_sent():
    drafted = actions.create_draft(by=cast.actor("aigul"), facts=ReferralFacts())
    with pytest.raises(RefusedError, match=r"cases\.not_addressed"):
        actions.submit(by=cast.actor("aigul"), case=drafted.id, version=drafted.version)


def test_a_reason_is_required_to_decline_and_must_be_on_the_list():
    case = make_case(state="in-panel")
    by = cast.actor("marat")
    for reason, text, code in (
        ("", "", "cases.reason_missing"),
        ("bad-weather", "", "cases.reason_unknown"),
        ("other", " ", "cases.reason_text_missing"),
    ):
        with pytest.raises(InvalidInputError, match=code):
            actions.decline(by=by, case=case.pk, version=case.version, reason=reason, text=text)
    actions.decline(
        by=by, case=case.pk, version=case.version, reason="other", text="See the minutes."
    )


def test_a_decision_is_kept_beside_the_answer():
    case = make_case(state="in-panel")
    answer = uuid4()
    actions.accept(
        by=cast.actor("marat"), case=case.pk, version=case.version, answer=answer, text="Yes."
    )
    kept = Decision.objects.get(case=case)
    assert (kept.kind, kept.answer_id, kept.text) == ("review.accept", answer, "Yes.")
    assert kept.by_id == cast.user("marat").pk


def test_a_return_for_information_opens_a_new_task_and_stops_the_centres_clock():
    case = make_case(state="info-requested")
    running = set(Clock.objects.filter(case=case, stopped_at=None).values_list("target", flat=True))
    assert running == {"answer-information"}
    actions.answer_information(by=cast.actor("aigul"), case=case.pk, version=case.version)
    closed, opened = Task.objects.filter(case=case, track="review").order_by("opened_at")
    assert (closed.status, opened.status) == ("completed", "received")
    running = set(Clock.objects.filter(case=case, stopped_at=None).values_list("target", flat=True))
    assert running == {"triage", "decide"}


def test_an_appeal_opens_a_new_task_until_its_period_is_over():
    case = make_case(state="declined")
    with (
        time_machine.travel(timezone.now() + timedelta(days=15)),
        pytest.raises(RefusedError, match="appeal_over"),
    ):
        actions.appeal(
            by=cast.actor("aigul"), case=case.pk, version=case.version, reason="new-information"
        )
    actions.appeal(
        by=cast.actor("aigul"), case=case.pk, version=case.version, reason="new-information"
    )
    old, new = Task.objects.filter(case=case, track="review").order_by("opened_at")
    assert (old.status, new.status) == ("rejected", "received")


def test_a_request_that_nobody_answers_lapses_by_the_tick_alone():
    case = make_case(state="info-requested")
    lapse_unanswered()
    case.refresh_from_db()
    assert case.review == "info-requested"
    with time_machine.travel(timezone.now() + timedelta(days=40)):
        with pytest.raises(NotAllowedError):
            actions.lapse(by=cast.actor("saule"), case=case.pk, version=None)
        lapse_unanswered()
    case.refresh_from_db()
    assert case.review == "lapsed"


def test_referring_onward_makes_a_case_at_the_other_centre_and_keeps_this_one():
    case = make_case(state="referred-onward")
    new = Case.objects.get(replaces=case)
    assert new.review == "submitted"
    assert new.number != case.number
    here = queries.case_view(cast.actor("saule"), case.pk)
    there = queries.case_view(cast.actor("almaty"), new.pk)
    assert (here.replaced_by, there.replaces) == (new.pk, case.pk)
    assert here.request_status == there.request_status == "active"


def test_nobody_travels_before_money_visa_and_place_are_settled():
    case = make_case(state="accepted")
    with pytest.raises(RefusedError) as refused:
        actions.record_departure(by=cast.actor("asel"), case=case.pk, version=case.version)
    assert {problem.code for problem in refused.value.problems} == {
        "cases.needs.funding",
        "cases.needs.visa",
        "cases.needs.place",
    }
    view = queries.case_view(cast.actor("saule"), case.pk)
    assert {(line.track, line.blocked_by) for line in view.blockers} == {
        ("journey", "funding"),
        ("journey", "visa"),
        ("journey", "booking"),
    }


@pytest.mark.parametrize(
    ("start", "verb", "by", "given"),
    [
        ("in-panel", "decline", "marat", {"reason": "outside-indication"}),
        ("funding-pending", "refuse_funding", "gulnar", {"reason": "quota-used-up"}),
        ("booked", "cancel", "saule", {"reason": "patient-request"}),
        ("in-treatment", "record_death", "marat", {}),
        ("booked", "enter_in_error", "saule", {"reason": "duplicate"}),
    ],
)
def test_a_failing_track_lets_go_of_what_the_case_holds(registered, start, verb, by, given):
    calls = []
    holders.add(
        "tests.place",
        Holder(
            track="booking",
            models=(),
            describe=lambda _case: (),
            release=lambda case, actor, why: calls.append((case, actor.label, why)),
        ),
    )
    case = make_case(state=start)
    calls.clear()
    getattr(actions, verb)(by=cast.actor(by), case=case.pk, version=case.version, **given)
    assert [(one, who) for one, who, _why in calls] == [(case.pk, "system:cases.release")]
    case.refresh_from_db()
    assert case.booking in {"none", "released"}
    assert case.funding in {"not-started", "refused", "released"}
    row = AuditEvent.objects.filter(root_id=case.pk).order_by("-sequence").first()
    assert "tests.place" in row.what["released"]


def test_when_a_holder_fails_the_whole_step_is_undone(registered):
    def fail(_case, _actor, _why):
        raise RefusedError(Problem.of("cases.ended"))

    holders.add(
        "tests.broken", Holder(track="booking", models=(), describe=lambda _c: (), release=fail)
    )
    case = make_case(state="booked")
    with pytest.raises(RefusedError):
        actions.cancel(
            by=cast.actor("saule"), case=case.pk, version=case.version, reason="patient-request"
        )
    after = Case.objects.get(pk=case.pk)
    assert (after.whole, after.booking, after.version) == ("open", "confirmed", case.version)


def test_a_precondition_of_another_room_blocks_the_step(registered):
    case = make_case(state="in-panel")
    preconditions.add(
        "tests.never",
        Precondition(
            track="review", event="accept", check=lambda _c, _at: Problem.of("cases.ended")
        ),
    )
    with pytest.raises(RefusedError, match=r"cases\.ended"):
        actions.accept(by=cast.actor("marat"), case=case.pk, version=case.version)


def test_a_refused_payment_while_the_patient_is_in_treatment_is_impossible():
    case = make_case(state="in-treatment")
    with pytest.raises(RefusedError, match=r"cases\.needs\.not_begun"):
        actions.release_funding(
            by=cast.actor("saule"), case=case.pk, version=case.version, reason="another-payer"
        )


def test_a_step_that_the_table_does_not_know_is_refused():
    case = make_case(state="submitted")
    with pytest.raises(IllegalTransitionError):
        actions.accept(by=cast.actor("marat"), case=case.pk, version=case.version)


def test_self_payment_is_confirmed_by_the_coordinator():
    case = make_case(state="accepted")
    saule = cast.actor("saule")
    version = actions.apply_for_funding(by=saule, case=case.pk, version=case.version)
    actions.approve_funding(by=saule, case=case.pk, version=version)
    assert Case.objects.get(pk=case.pk).funding == "approved"


def test_a_coordinator_does_not_approve_what_a_payer_pays():
    case = make_case(state="funding-pending")
    with pytest.raises(NotAllowedError):
        actions.approve_funding(by=cast.actor("saule"), case=case.pk, version=case.version)


def test_overdue_changes_no_state_only_the_business_status():
    case = make_case(state="received")
    late = timezone.now() + timedelta(days=30)
    view = queries.case_view(cast.actor("saule"), case.pk, at=late)
    lane = view.lanes[0]
    assert (lane.state, lane.task_status, lane.business_status) == (
        "received",
        "received",
        "overdue",
    )
    assert view.request_status == "active"


def test_the_thread_is_written_read_and_closed():
    case = make_case(state="received")
    aigul, saule = cast.actor("aigul"), cast.actor("saule")
    actions.send_message(by=aigul, case=case.pk, body="When will you decide?")
    (message,) = queries.thread(saule, case.pk)
    assert (message.body, message.unread) == ("When will you decide?", True)
    actions.mark_thread_read(by=saule, case=case.pk, until=message.at)
    assert not queries.thread(saule, case.pk)[0].unread
    case.refresh_from_db()
    actions.close_thread(by=saule, case=case.pk, version=case.version)
    with pytest.raises(RefusedError, match="thread_closed"):
        actions.send_message(by=aigul, case=case.pk, body="Hello?")
    case.refresh_from_db()
    actions.reopen_thread(by=saule, case=case.pk, version=case.version)
    actions.send_message(by=aigul, case=case.pk, body="Hello?")
    assert len(queries.thread(saule, case.pk)) == 2


def test_a_wish_to_cancel_is_withdrawn_but_not_by_a_clinician():
    case = make_case(state="cancel-requested")
    with pytest.raises(NotAllowedError):
        actions.withdraw_cancel(by=cast.actor("marat"), case=case.pk, version=case.version)
    actions.withdraw_cancel(by=cast.actor("aigul"), case=case.pk, version=case.version)
    case.refresh_from_db()
    assert case.whole == "open"


def test_the_timeline_tells_what_happened_with_its_reason():
    case = make_case(state="declined")
    first, *_rest = queries.timeline(cast.actor("aigul"), case.pk)
    assert first.statement.code == "cases.event.review.decline"
    assert first.reason.code == "cases.reason.decline.no-benefit-expected"
    assert (first.kind, first.by) == ("clinical", "Марат Ибраев")


def test_the_state_columns_refuse_a_state_that_no_table_has():
    from django.db import IntegrityError, transaction

    from sapar.kernel import context

    case = make_case()
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        context.writing_as("fixture"),
    ):
        Case.objects.filter(pk=case.pk).update(review="half-way")


def test_walking_on_from_a_state_arrives():
    assert walk(make_case(state="accepted"), "booked").booking == "confirmed"
