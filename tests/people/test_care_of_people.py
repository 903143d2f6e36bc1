"""Guardians, consents, accounts of patients, corrections, erasing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from sapar.kernel import policy
from sapar.kernel.audit.chain import verify
from sapar.kernel.audit.models import AuditRead
from sapar.kernel.errors import InvalidInputError, NotAllowedError, NotFoundError, StaleVersionError
from sapar.people import actions, queries
from sapar.people.engine.facts import ContactFact, GuardianFact, IdentifierFact, NameFact
from sapar.people.models import ConsentText, DuplicateQuestion, Person
from sapar.people.policy import Permission
from tests import cast
from tests.people.test_registering import AIZADA, NAMELESS_NUMBER

pytestmark = pytest.mark.django_db


@pytest.fixture
def aizada():
    return actions.register(by=cast.actor("aigul"), facts=AIZADA).person_id


def test_a_guardian_gives_consent_and_withdraws_it(aizada):
    by = cast.actor("aigul")
    mother = queries.person(aizada).guardians[0]
    consent = actions.record_consent(
        by=by, person=aizada, purpose="transfer", how="signed-paper", related=mother.id
    )
    assert queries.person(aizada).consents_to("transfer")
    assert not queries.person(aizada).consents_to("research")
    again = actions.record_consent(by=by, person=aizada, purpose="transfer", how="verbal")
    assert again == consent
    actions.withdraw_consent(by=by, consent=consent)
    assert not queries.person(aizada).consents_to("transfer")
    with pytest.raises(NotFoundError):
        actions.withdraw_consent(by=by, consent=consent)


def test_an_impossible_consent_is_refused_with_all_its_problems(aizada):
    with pytest.raises(InvalidInputError) as caught:
        actions.record_consent(
            by=cast.actor("aigul"), person=aizada, purpose="fun", how="shouted",
            given_on=timezone.localdate() + timedelta(days=1), related=aizada,
        )  # fmt: skip
    assert {p.where for p in caught.value.problems} == {"purpose", "how", "given_on", "related"}


def test_a_wording_is_not_reviewed_until_somebody_signed_it(aizada):
    officer = cast.actor("madina")
    text = {
        "code": "care", "edition": "1", "purpose": "care", "language": "ky", "text": "...",
        "mark": "demonstration",
    }  # fmt: skip
    assert actions.load_consent_texts(by=officer, texts=[text]) == 1
    assert actions.load_consent_texts(by=officer, texts=[text]) == 0
    kept = ConsentText.objects.get()
    actions.record_consent(
        by=cast.actor("aigul"), person=aizada, purpose="care", how="signed-paper", text=kept.pk
    )
    assert not queries.person(aizada).consents[0].reviewed
    actions.review_consent_text(by=officer, text=kept.pk, version=kept.version)
    assert queries.person(aizada).consents[0].reviewed
    with pytest.raises(InvalidInputError):
        actions.load_consent_texts(by=officer, texts=[{**text, "text": "something else"}])


def test_a_companion_is_added_and_their_part_ended(aizada):
    by = cast.actor("aigul")
    fact = GuardianFact(NameFact("Мамытов", "Нурбек"), "FTH", guardian=False, companion=True)
    added = actions.add_related(
        by=by, person=aizada, fact=fact, citizenship="KG", passport="AC 1234567"
    )
    assert queries.person(aizada).companions[0].passport == "AC1234567"
    actions.end_related(by=by, person=aizada, related=added)
    assert queries.person(aizada).companions == ()


def test_the_guardian_who_also_travels_stays_one_record(aizada):
    fact = GuardianFact(NameFact("Mamytova", "Gulmira"), "MTH", guardian=True, companion=True)
    actions.add_related(by=cast.actor("aigul"), person=aizada, fact=fact)
    view = queries.person(aizada)
    assert view.guardians == view.companions
    assert len(view.related) == 1


def test_a_mother_speaks_for_her_child_and_for_no_other(aizada):
    mother = cast.user("aizada_mother")
    other = actions.register(by=cast.actor("bakyt"), facts=NAMELESS_NUMBER).person_id
    access = actions.give_access(
        by=cast.actor("aigul"), person=aizada, user=mother.pk, relation="guardian"
    )
    actor = cast.actor("aizada_mother")
    assert actor.patient_ids == {aizada}
    assert policy.can(actor, Permission.VIEW, Person.objects.get(pk=aizada))
    assert not policy.can(actor, Permission.VIEW, Person.objects.get(pk=other))
    actions.end_access(by=cast.actor("aigul"), access=access)
    assert cast.actor("aizada_mother").patient_ids == frozenset()


def test_an_invited_guardian_gets_an_account_without_a_password(aizada):
    by = cast.actor("aigul")
    actions.invite(
        by=by, person=aizada, email="new@example.org", full_name="Мамытова", relation="guardian"
    )
    row = Person.objects.get(pk=aizada).accesses.get()
    assert row.user.email == "new@example.org"
    assert not row.user.has_usable_password()
    cast.user("marat")
    with pytest.raises(InvalidInputError):
        actions.invite(
            by=by, person=aizada, email="marat@example.org", full_name="M", relation="self"
        )
    with pytest.raises(NotAllowedError):
        actions.invite(
            by=cast.actor("bakyt"), person=aizada, email="x@example.org", full_name="X",
            relation="self",
        )  # fmt: skip


CORRECTION = {
    "gender": "female", "citizenship": "KG", "residence": "KG", "city": "Ош", "language": "ky",
}  # fmt: skip


def test_two_people_correcting_one_person_do_not_overwrite_each_other(aizada):
    by, version = cast.actor("aigul"), queries.person(aizada).version
    actions.correct(by=by, person=aizada, version=version, birth_date="2019-05-01", **CORRECTION)
    with pytest.raises(StaleVersionError):
        actions.correct(by=by, person=aizada, version=version, birth_date="2019", **CORRECTION)


@pytest.mark.parametrize("text", ["2023-02-30", "2999-01-01", "1850-01-01", "tomorrow"])
def test_an_impossible_date_of_birth_changes_nothing(aizada, text):
    version = queries.person(aizada).version
    with pytest.raises(InvalidInputError):
        actions.correct(
            by=cast.actor("aigul"), person=aizada, version=version, birth_date=text, **CORRECTION
        )
    assert queries.person(aizada).birth_date == date(2019, 5, 1)


def test_parts_are_added_removed_and_refused_twice(aizada):
    by = cast.actor("aigul")
    actions.add_name(by=by, person=aizada, fact=NameFact("TOKTOGULOVA", "AIZADA"))
    actions.add_identifier(by=by, person=aizada, fact=IdentifierFact("passport", "AC1234567", "KG"))
    assert actions.add_contact(by=by, person=aizada, fact=ContactFact("phone", "12"))
    for refused in (
        lambda: actions.add_name(by=by, person=aizada, fact=NameFact("TOKTOGULOVA", "AIZADA")),
        lambda: actions.add_identifier(
            by=by, person=aizada, fact=IdentifierFact("passport", "ac 1234567", "KG")
        ),
        lambda: actions.add_identifier(by=by, person=aizada, fact=IdentifierFact("kz-iin", "1")),
        lambda: actions.add_contact(by=by, person=aizada, fact=ContactFact("phone", "")),
    ):
        with pytest.raises(InvalidInputError):
            refused()
    view = queries.person(aizada)
    assert view.display_name("en") == "TOKTOGULOVA AIZADA"
    actions.remove_name(by=by, person=aizada, name=view.names[1].id)
    actions.remove_identifier(by=by, person=aizada, identifier=view.identifiers[1].id)
    actions.remove_contact(by=by, person=aizada, contact=view.contacts[2].id)
    view = queries.person(aizada)
    assert (len(view.names), len(view.identifiers), len(view.contacts)) == (1, 1, 2)


def test_erasing_removes_the_person_and_leaves_the_trail_whole(aizada):
    with pytest.raises(NotAllowedError):
        actions.erase(by=cast.actor("saule"), person=aizada, reason="asked for")
    actions.record_consent(by=cast.actor("aigul"), person=aizada, purpose="care", how="verbal")
    actions.erase(by=cast.actor("madina"), person=aizada, reason="asked for")
    view = queries.person(aizada)
    assert view.erased
    assert (view.names, view.identifiers, view.contacts, view.related) == ((), (), (), ())
    assert view.birth_date_text == "2019"
    assert not verify().breaks
    assert queries.candidates(AIZADA) == ()
    with pytest.raises(NotFoundError):
        actions.add_name(by=cast.actor("aigul"), person=aizada, fact=NameFact("A", "B"))


def test_a_person_page_is_shown_to_those_who_may_see_it_and_the_read_is_noted(aizada):
    page = f"/people/{aizada}/"
    shown = cast.client("aigul").get(page)
    assert shown.status_code == 200
    assert "Токтогулова" in shown.content.decode()
    assert AuditRead.objects.filter(root_id=aizada, page="people.person").count() == 1
    assert cast.client("bakyt").get(page).status_code == 404
    assert cast.client("stranger").get(page).status_code == 404


def test_a_wrong_iin_is_explained_beside_its_field(aizada):
    client = cast.client("aigul")
    answer = client.post(
        f"/people/{aizada}/identifier/", {"kind": "kz-iin", "value": "123456789012", "country": ""}
    )
    assert answer.status_code == 422
    assert "123456789012" in answer.content.decode()
    assert len(queries.person(aizada).identifiers) == 1


@pytest.mark.parametrize(
    "what", ["correct", "name", "identifier", "contact", "related", "consent", "invite"]
)
def test_every_form_opens_and_refuses_to_be_sent_empty(aizada, what):
    client = cast.client("aigul")
    assert client.get(f"/people/{aizada}/{what}/").status_code == 200
    assert client.post(f"/people/{aizada}/{what}/", {}).status_code == 422
    assert cast.client("madina").get(f"/people/{aizada}/{what}/").status_code == 404


def test_a_guardian_is_added_and_a_contact_removed_on_the_page(aizada):
    client = cast.client("aigul")
    form = {
        "family": "Мамытов", "given": "Нурбек", "relationship": "FTH", "companion": "on",
        "phone": "+996555000222", "citizenship": "KG", "passport": "", "authority": "",
    }  # fmt: skip
    assert client.post(f"/people/{aizada}/related/", form).status_code == 302
    contact = queries.person(aizada).contacts[0].id
    assert client.post(f"/people/{aizada}/remove/contact/{contact}/").status_code == 302
    assert len(queries.person(aizada).contacts) == 1
    assert len(queries.person(aizada).companions) == 1


def test_a_duplicate_cannot_be_closed_without_a_choice(aizada):
    actions.register(by=cast.actor("aigul"), facts=NAMELESS_NUMBER)
    asked = DuplicateQuestion.objects.get()
    client, page = cast.client("aigul"), f"/people/duplicates/{asked.pk}/"
    listed = client.get("/people/duplicates/").content.decode()
    assert str(asked.pk) in listed
    shown = client.get(page).content.decode()
    assert "Токтогулова" in shown
    assert AIZADA.identifiers[0].value not in shown
    assert client.post(page, {"version": 1, "reason": "x"}).status_code == 422
    assert client.post(page, {"version": 1, "choice": "same"}).status_code == 422
    assert queries.undecided(asked.person_id) == (asked.pk,)
    sent = client.post(page, {"version": 1, "choice": "same", "reason": "passport seen"})
    assert sent.status_code == 302
    assert queries.undecided(asked.person_id) == ()
    assert cast.client("bakyt").get(page).status_code == 404
