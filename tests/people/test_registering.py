"""Registering people: who is found, who is linked, who has to be decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sapar.kernel import context, policy
from sapar.kernel.audit.models import AuditEvent
from sapar.kernel.errors import InvalidInputError, NotAllowedError, StaleVersionError
from sapar.people import actions, queries
from sapar.people.engine.facts import (
    ContactFact,
    GuardianFact,
    IdentifierFact,
    NameFact,
    PersonFacts,
)
from sapar.people.engine.matching import Verdict
from sapar.people.models import DuplicateQuestion, Person
from sapar.people.policy import Permission
from sapar.values import identifiers
from tests import cast

pytestmark = pytest.mark.django_db


def iin(first: str) -> str:
    return f"{first}{identifiers.iin_check_digit(first)}"


IIN = iin("19050160012")
AIZADA = PersonFacts(
    names=(NameFact("Токтогулова", "Айзада", "Бакытовна", use="official"),),
    identifiers=(IdentifierFact("kz-iin", IIN),),
    birth_date=date(2019, 5, 1),
    gender="female",
    citizenship="KG",
    residence="KG",
    city="Ош",
    language="ky",
    contacts=(ContactFact("phone", "0555 123456"), ContactFact("email", "mother@example.org")),
    guardians=(
        GuardianFact(
            NameFact("Мамытова", "Гүлмира"), "MTH", (ContactFact("phone", "+996555000111"),)
        ),
    ),
)
NAMELESS_NUMBER = replace(AIZADA, identifiers=())


def test_everything_said_is_kept_and_read_back():
    outcome = actions.register(by=cast.actor("aigul"), facts=AIZADA)
    view = queries.person(outcome.person_id)
    assert outcome.created
    assert outcome.problems == ()
    assert view.display_name("ky") == "Токтогулова Айзада Бакытовна"
    assert view.age(date(2026, 11, 23)) == 7
    assert view.is_child(date(2026, 11, 23)) is True
    assert [c.value for c in view.contacts] == ["+996555123456", "mother@example.org"]
    assert [str(g.name) for g in view.guardians] == ["Мамытова Гүлмира"]
    assert view.identifiers[0].masked.endswith(IIN[-3:])
    assert IIN not in view.identifiers[0].masked
    assert view.facts().names[0].script == "Cyrl"


def test_the_same_facts_twice_lead_to_one_record():
    by = cast.actor("aigul")
    first = actions.register(by=by, facts=AIZADA)
    second = actions.register(by=by, facts=AIZADA)
    assert second.person_id == first.person_id
    assert not second.created
    assert queries.person(first.person_id).facts() == queries.person(second.person_id).facts()
    assert len(queries.person(first.person_id).names) == 1


def test_a_known_number_from_another_organisation_is_linked_and_shows_nothing():
    first = actions.register(by=cast.actor("aigul"), facts=AIZADA)
    bakyt = cast.actor("bakyt")
    second = actions.register(
        by=bakyt, facts=PersonFacts(identifiers=(IdentifierFact("kz-iin", IIN),))
    )
    assert second.person_id != first.person_id
    assert second.candidates[0].verdict is Verdict.SAME
    assert queries.same_people(second.person_id) == {first.person_id, second.person_id}
    assert queries.undecided(second.person_id) == ()
    assert queries.person(second.person_id).names == ()
    assert not policy.can(bakyt, Permission.VIEW, Person.objects.get(pk=first.person_id))


def test_a_known_number_with_another_birth_date_must_be_decided():
    actions.register(by=cast.actor("aigul"), facts=AIZADA)
    outcome = actions.register(
        by=cast.actor("aigul"), facts=replace(AIZADA, birth_date=date(2018, 5, 1))
    )
    assert outcome.created
    assert outcome.candidates[0].reasons == ("kz-iin", "name", "birth_date_differs")
    assert len(queries.undecided(outcome.person_id)) == 1
    assert [p.code for p in outcome.problems] == ["people.identifier_birth_date"]


def test_the_same_name_in_latin_with_the_same_birth_date_must_be_decided():
    actions.register(by=cast.actor("bakyt"), facts=AIZADA)
    latin = replace(NAMELESS_NUMBER, names=(NameFact("TOKTOGULOVA", "AIZADA"),))
    outcome = actions.register(by=cast.actor("aigul"), facts=latin)
    assert outcome.candidates[0].reasons == ("name", "birth_date")
    assert len(queries.undecided(outcome.person_id)) == 1


@pytest.mark.parametrize(
    "other",
    [
        replace(NAMELESS_NUMBER, birth_date=date(2019, 5, 2)),
        replace(NAMELESS_NUMBER, gender="male"),
        replace(NAMELESS_NUMBER, names=(NameFact("Токтогулова", "Айгүл"),)),
        replace(NAMELESS_NUMBER, birth_date=None),
    ],
)
def test_others_are_not_asked_about(other):
    actions.register(by=cast.actor("aigul"), facts=AIZADA)
    assert actions.register(by=cast.actor("aigul"), facts=other).candidates == ()


def test_a_wrong_check_digit_is_named_and_loses_nothing_else():
    wrong = IIN[:-1] + str((int(IIN[-1]) + 1) % 10)
    facts = replace(AIZADA, identifiers=(IdentifierFact("kz-iin", wrong),))
    outcome = actions.register(by=cast.actor("aigul"), facts=facts)
    view = queries.person(outcome.person_id)
    assert [(p.code, p.where, p.value) for p in outcome.problems] == [
        ("people.iin_check_digit", "identifiers[0]", wrong)
    ]
    assert view.identifiers[0].value == wrong
    assert not view.identifiers[0].valid
    assert view.names
    assert queries.candidates(facts, but_not=outcome.person_id) == ()


def test_a_partial_birth_date_is_kept_as_it_was_written():
    facts = replace(NAMELESS_NUMBER, birth_date=None, birth_date_text="2019-05")
    outcome = actions.register(by=cast.actor("aigul"), facts=facts)
    view = queries.person(outcome.person_id)
    assert view.birth_date is None
    assert view.birth_date_text == "2019-05"
    assert view.age(date(2026, 11, 23)) == 7


def question_about(by_name: str = "aigul") -> DuplicateQuestion:
    actions.register(by=cast.actor("aigul"), facts=AIZADA)
    actions.register(by=cast.actor(by_name), facts=NAMELESS_NUMBER)
    return DuplicateQuestion.objects.get(state="open")


def test_deciding_same_links_and_deciding_different_unlinks():
    asked, by = question_about(), cast.actor("aigul")
    actions.decide_same(by=by, question=asked.pk, version=asked.version, reason="passport seen")
    assert queries.undecided(asked.person_id) == ()
    assert queries.same_people(asked.person_id) == {asked.person_id, asked.candidate_id}
    actions.decide_different(by=by, question=asked.pk, version=2, reason="twins")
    assert queries.same_people(asked.person_id) == {asked.person_id}
    assert AuditEvent.objects.filter(action="people.decide_different").count() == 2


def test_a_pair_that_is_different_is_not_asked_about_again():
    asked, by = question_about(), cast.actor("aigul")
    actions.decide_different(by=by, question=asked.pk, version=1, reason="twins")
    row = Person.objects.get(pk=asked.person_id)
    actions.correct(
        by=by, person=row.pk, version=row.version, birth_date="2019-05-01", gender="female",
        citizenship="KG", residence="KG", city="Өзгөн", language="ky",
    )  # fmt: skip
    assert queries.undecided(asked.person_id) == ()


def test_a_decision_needs_a_reason_and_the_version_that_was_seen():
    asked, by = question_about(), cast.actor("aigul")
    with pytest.raises(InvalidInputError):
        actions.decide_same(by=by, question=asked.pk, version=1, reason=" ")
    actions.decide_different(by=by, question=asked.pk, version=1, reason="twins")
    with pytest.raises(StaleVersionError):
        actions.decide_same(by=by, question=asked.pk, version=1, reason="the same")


def test_a_referrer_does_not_decide_about_another_organisations_person():
    asked = question_about("bakyt")
    with pytest.raises(NotAllowedError):
        actions.decide_same(
            by=cast.actor("bakyt"), question=asked.pk, version=1, reason="I think so"
        )


def test_a_third_record_joins_the_group_and_leaves_it_alone():
    ids = [
        actions.register(by=cast.actor(name), facts=AIZADA).person_id
        for name in ("aigul", "bakyt", "dilnoza")
    ]
    assert queries.same_people(ids[2]) == set(ids)
    assert queries.person(ids[1]).same_as == tuple(sorted({ids[0], ids[2]}))


def test_the_trail_holds_no_names_and_no_numbers():
    actions.register(by=cast.actor("aigul"), facts=AIZADA)
    trail = str(list(AuditEvent.objects.values_list("what", flat=True)))
    assert IIN not in trail
    assert "Айзада" not in trail


@pytest.mark.parametrize("name", ["marat", "kanat", "stranger", "madina"])
def test_only_referrers_and_coordinators_register(name):
    with pytest.raises(NotAllowedError):
        actions.register(by=cast.actor(name), facts=AIZADA)


@pytest.mark.parametrize("name", ["aigul", "bakyt", "saule", "marat", "madina", "stranger"])
@pytest.mark.parametrize("permission", list(Permission))
def test_lists_and_single_questions_agree(name, permission):
    for by in ("aigul", "bakyt", "saule"):
        actions.register(by=cast.actor(by), facts=AIZADA)
    actor = cast.actor(name)
    seen = set(policy.visible_to(actor, permission, Person.objects.all()))
    assert seen == {p for p in Person.objects.all() if policy.can(actor, permission, p)}


def test_control_characters_never_reach_the_database():
    facts = replace(NAMELESS_NUMBER, names=(NameFact("Ток\x00тогулова", "Айзада"),), city="О\x00ш")
    view = queries.person(actions.register(by=cast.actor("aigul"), facts=facts).person_id)
    assert view.names[0].family == "Токтогулова"
    assert view.city == "Ош"


def test_people_are_read_in_a_fixed_number_of_queries(django_assert_max_num_queries):
    by = cast.actor("aigul")
    ids = [
        actions.register(
            by=by, facts=replace(NAMELESS_NUMBER, birth_date=date(2019, 5, day))
        ).person_id
        for day in range(1, 9)
    ]
    with django_assert_max_num_queries(12):
        found = queries.people(ids)
        assert len(found) == 8


def test_writing_outside_an_action_is_refused():
    with context.writing_as("fixture"):
        Person().save()
    with pytest.raises(RuntimeError):
        Person().save()
