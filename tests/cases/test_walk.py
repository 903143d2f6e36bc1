"""Random cases, random actors: what is offered succeeds, what is not offered is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sapar.cases import queries
from sapar.cases.actions.offers import OFFERS
from sapar.cases.engine.referral import ReferralFacts
from sapar.cases.engine.waiting import TARGETS
from sapar.cases.models import Case, Clock, Task
from sapar.cases.registration import reason_list
from sapar.cases.states import TRACKS
from sapar.kernel.actions import actions
from sapar.kernel.actors import Actor
from sapar.kernel.audit import chain
from sapar.kernel.errors import SaparError
from tests import cast
from tests.factories import make_case

PLAYERS = (
    "aigul", "bakyt", "saule", "marat", "asel", "gulnar", "nurlan", "kanat", "tick",
)  # fmt: skip


CROSSROADS = (
    "draft", "in-panel", "funding-pending", "booked", "discharged", "declined", "cancel-requested",
)  # fmt: skip
"""States in which many things can be done, or none."""


class _UndoneError(Exception):
    """Rolls an attempt back."""


def _player(name: str) -> Actor:
    return Actor.machine("tick") if name == "tick" else cast.actor(name)


def _do(offer: Any, actor: Actor, case: Case) -> None:
    """Call the offer's action as its form would."""
    given_: dict[str, Any] = {"by": actor, "case": case.pk}
    if offer.key not in {"cases.send_message", "cases.break_glass"}:
        given_["version"] = case.version
    if offer.key == "cases.save_draft":
        given_["facts"] = ReferralFacts(programme=case.programme, question="changed")
    if reason_list(offer):
        given_ |= {"reason": "other", "text": "in words"}
    values = {
        "centre": cast.organisation("adult-oncology-almaty").pk,
        "payer": cast.organisation("payer-kz").pk,
        "sanatorium": cast.organisation("okzhetpes").pk,
        "urgency": "stat",
        "body": "hello",
        "reason": "the patient is unconscious here",
    }
    given_ |= {field.name: values[field.name] for field in offer.fields}
    actions.get(offer.key).function(**given_)


def _attempt(offer: Any, actor: Actor, case: Case) -> bool:
    """Whether the action succeeds; nothing of it stays."""
    try:
        with transaction.atomic():
            _do(offer, actor, case)
            raise _UndoneError  # noqa: TRY301 - rolls back
    except _UndoneError:
        return True
    except SaparError:
        return False


def _check(case: Case, before: int) -> None:
    assert case.version >= before
    for name, track in TRACKS.items():
        state = track.state(getattr(case, name))
        for task in Task.objects.filter(case=case, track=name, closed_at=None):
            assert (task.status, task.business_status) == (state.task_status, state.code)
    running = {c.target: c.due_at for c in Clock.objects.filter(case=case, stopped_at=None)}
    stopped = case.whole in {"cancelled", "died", "entered-in-error"}
    assert set(running) == {
        t.code for t in TARGETS if not stopped and getattr(case, t.track) in t.states
    }
    assert case.next_due_at == min(running.values(), default=None)
    if stopped:
        assert not Task.objects.filter(case=case, closed_at=None).exists()
        assert case.funding not in {"held", "pending", "approved"}


@pytest.mark.slow
@pytest.mark.django_db
@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    start=st.sampled_from(["draft", "submitted", "in-panel", "accepted", "booked", "admitted"]),
    moves=st.lists(
        st.tuples(st.sampled_from(PLAYERS), st.integers(0, 50), st.integers(0, 20)),
        min_size=3,
        max_size=12,
    ),
)
def test_random_walks_through_what_is_offered_keep_every_rule(start, moves):
    with transaction.atomic():
        case = make_case(state=start)
        now = timezone.now()
        for name, choice, days in moves:
            now += timedelta(days=days, seconds=1)
            with time_machine.travel(now):
                actor = _player(name)
                offered = [
                    a
                    for a in queries.available_actions(actor, case.pk, superseded=True)
                    if a.offer in OFFERS
                ]
                if not offered:
                    continue
                before = case.version
                _do(offered[choice % len(offered)].offer, actor, case)
                case = Case.objects.get(pk=case.pk)
                _check(case, before)
        assert not chain.verify().breaks
        transaction.set_rollback(True)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("state", CROSSROADS)
def test_every_action_succeeds_exactly_when_it_is_offered(state):
    case = make_case(state=state)
    for name in PLAYERS:
        actor = _player(name)
        offered = {a.offer.key for a in queries.available_actions(actor, case.pk, superseded=True)}
        for offer in OFFERS:
            assert _attempt(offer, actor, case) is (offer.key in offered), (name, offer.key)
