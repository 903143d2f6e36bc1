"""Who sees and does what with cases."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from sapar.cases import actions, queries
from sapar.cases.models import Case
from sapar.cases.policy import RULES, Permission
from sapar.cases.registration import holders, offers
from sapar.kernel import context, policy
from sapar.kernel.actors import ANONYMOUS
from sapar.kernel.errors import InvalidInputError, NotAllowedError, NotFoundError
from sapar.kernel.roles import Role
from sapar.people.models import PatientAccess, Person
from sapar.people.policy import Permission as People
from tests import cast
from tests.factories import STATES, make_case

pytestmark = pytest.mark.django_db

WHY = "The child is unconscious in our emergency room."


def _mother_of(case):
    with context.writing_as("fixture"):
        PatientAccess.objects.create(
            user=cast.user("aizada_mother"), person_id=case.person_id, relation="guardian"
        )
    return cast.actor("aizada_mother")


@pytest.mark.parametrize(
    ("who", "draft", "submitted", "paid", "rehab"),
    [
        ("aigul", True, True, True, True),
        ("bakyt", False, False, False, False),
        ("saule", False, True, True, True),
        ("marat", False, True, True, True),
        ("timur", False, True, True, True),
        ("asel", False, True, True, True),
        ("almaty", False, False, False, False),
        ("gulnar", False, False, True, True),
        ("zarina", False, False, False, False),
        ("nurlan", False, False, False, True),
        ("kanat", False, False, False, False),
        ("ainura", False, False, False, False),
        ("madina", False, False, False, False),
        ("yerlan", False, False, False, False),
        ("stranger", False, False, False, False),
    ],
)
def test_each_role_sees_the_cases_that_are_theirs_and_no_others(who, draft, submitted, paid, rehab):
    actor = cast.actor(who)
    for state, sees in (
        ("draft", draft),
        ("submitted", submitted),
        ("funding-pending", paid),
        ("in-rehab", rehab),
    ):
        case = make_case(state=state)
        assert policy.can(actor, Permission.VIEW, case) is sees, state
        if not sees:
            with pytest.raises(NotFoundError):
                queries.case_view(actor, case.pk)


def test_can_and_visible_to_agree_for_every_permission_every_actor_and_cases_in_every_state():
    made = [make_case(state=state) for state in STATES]
    actions.break_glass(by=cast.actor("almaty"), case=made[4].pk, reason=WHY)
    actors = [cast.actor(name) for name in cast.CAST]
    actors += [_mother_of(made[3]), ANONYMOUS]
    cases = list(Case.objects.all())
    for actor in actors:
        for permission in {rule.permission for rule in RULES if rule.permission in {*Permission}}:
            listed = set(
                policy.visible_to(actor, permission, Case.objects.all()).values_list(
                    "pk", flat=True
                )
            )
            assert listed == {c.pk for c in cases if policy.can(actor, permission, c)}


def test_a_patient_or_guardian_sees_their_own_cases_once_sent():
    case, other = make_case(state="submitted"), make_case(state="submitted")
    mother = _mother_of(case)
    assert queries.case_view(mother, case.pk).number == case.number
    with pytest.raises(NotFoundError):
        queries.case_view(mother, other.pk)
    offered = {a.offer.key for a in queries.available_actions(mother, case.pk)}
    assert offered == {"cases.request_cancel"}


def test_a_ministry_never_has_a_rule_to_view():
    for rule in policy.rules():
        if Role.MINISTRY_ANALYST in rule.roles:
            assert rule.permission not in {Permission.VIEW, People.VIEW}


def test_a_ministry_counts_its_own_countrys_cases_and_small_numbers_are_hidden():
    for _index in range(5):
        make_case(state="received")
    make_case(state="in-panel")
    make_case("dilnoza", state="received")
    make_case()
    found = queries.counts_for_ministry(cast.actor("ainura"))
    assert [(c.from_country, c.review, c.shown) for c in found] == [
        ("KG", "in-panel", "<5"),
        ("KG", "received", "5"),
    ]
    with pytest.raises(NotAllowedError):
        queries.counts_for_ministry(cast.actor("saule"))


def test_breaking_the_glass_needs_a_written_reason_and_ends_after_four_hours():
    case = make_case(state="received")
    almaty = cast.actor("almaty")
    assert [a.offer.key for a in queries.available_actions(almaty, case.pk)] == [
        "cases.break_glass"
    ]
    with pytest.raises(InvalidInputError, match="glass_reason_short"):
        actions.break_glass(by=almaty, case=case.pk, reason="please")
    actions.break_glass(by=almaty, case=case.pk, reason=WHY)
    assert queries.case_view(almaty, case.pk).number == case.number
    with time_machine.travel(timezone.now() + timedelta(hours=4, minutes=1)):
        assert not policy.can(almaty, Permission.VIEW, case)


def test_broken_glass_is_shown_to_the_patient_and_to_the_data_protection_officer_only():
    case = make_case(state="received")
    actions.break_glass(by=cast.actor("almaty"), case=case.pk, reason=WHY)
    for reader in (_mother_of(case), cast.actor("madina")):
        (seen,) = queries.broken_glass(reader, case.pk)
        assert (seen.reason, seen.by) == (WHY, "Алия Мұратова")
    assert queries.broken_glass(cast.actor("saule")) == ()


def test_a_referrer_or_payer_cannot_break_the_glass():
    case = make_case(state="received")
    for who in ("bakyt", "gulnar", "kanat"):
        with pytest.raises(NotAllowedError):
            actions.break_glass(by=cast.actor(who), case=case.pk, reason=WHY)


def test_staff_reach_the_person_through_the_case():
    case = make_case(state="received")
    person = Person.objects.get(pk=case.person_id)
    assert policy.can(cast.actor("saule"), People.VIEW, person)
    assert not policy.can(cast.actor("almaty"), People.VIEW, person)
    assert not policy.can(cast.actor("kanat"), People.VIEW, person)


def test_everything_that_a_case_can_hold_has_a_holder():
    from django.apps import apps

    held = {
        model._meta.label_lower
        for model in apps.get_models()
        if getattr(model, "holds_case", False)
    }
    known = {label.lower() for holder in holders for label in holder.models}
    assert held <= known, "a record that holds something for a case registers a Holder"


def test_every_offer_names_an_action_and_a_permission_of_the_table():
    from sapar.kernel.actions import actions as registered

    granted = {rule.permission for rule in policy.rules()}
    for offer in offers:
        assert offer.key in registered
        assert offer.permission in granted | {Permission.TICK}


def test_nobody_breaks_the_glass_to_a_draft():
    draft = make_case()
    almaty = cast.actor("almaty")
    assert not policy.can(almaty, Permission.BREAK_GLASS, draft)
    assert not policy.visible_to(
        almaty, Permission.BREAK_GLASS, Case.objects.filter(pk=draft.pk)
    ).exists()
    sent = make_case(state="submitted")
    assert policy.can(almaty, Permission.BREAK_GLASS, sent)
