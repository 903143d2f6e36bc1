"""Accounts: asking, vetting, ending, changing; what a session may do at once afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sapar.kernel import context
from sapar.kernel.accounts import actions, queries
from sapar.kernel.accounts.models import Membership, Organisation, User, actor_for, roles_in
from sapar.kernel.accounts.web import actor_of
from sapar.kernel.actors import ANONYMOUS, Actor
from sapar.kernel.audit.models import AuditEvent
from sapar.kernel.errors import (
    InvalidInputError,
    NotAllowedError,
    RefusedError,
    StaleVersionError,
)
from sapar.kernel.roles import Role
from tests import cast

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db


def licence(days: int = 365) -> actions.Licence:
    return actions.Licence("KG-77", "Ministry", timezone.localdate() + timedelta(days=days))


def ask(name: str = "stranger", days: int = 365) -> Membership:
    cast.organisation("osh-regional-hospital")
    cast.organisation("proton-astana")
    made = actions.request_access(
        by=cast.actor(name),
        organisation="osh-regional-hospital",
        role=Role.REFERRER,
        vetted_at="proton-astana",
        licence=licence(days),
    )
    return Membership.objects.get(pk=made.membership)


def test_a_foreign_referrer_has_no_role_until_a_centre_has_seen_the_licence() -> None:
    request = ask()
    assert cast.actor("stranger").roles == frozenset()
    with pytest.raises(RefusedError, match="licence_not_seen"):
        actions.approve_membership(by=cast.actor("saule"), membership=request.pk, version=1)
    actions.approve_membership(
        by=cast.actor("saule"), membership=request.pk, version=1, licence_seen=True
    )
    assert cast.actor("stranger").roles == {Role.REFERRER}
    request.refresh_from_db()
    assert request.approved_by == cast.user("saule")
    assert request.licence_seen


@pytest.mark.parametrize("name", ["aigul", "marat", "almaty", "kanat", "stranger"])
def test_only_the_centre_that_was_asked_vets(name: str) -> None:
    request = ask("bakyt")
    with pytest.raises(NotAllowedError):
        actions.approve_membership(
            by=cast.actor(name), membership=request.pk, version=1, licence_seen=True
        )


def test_nobody_approves_themselves() -> None:
    cast.organisation("osh-regional-hospital")
    made = actions.request_access(
        by=cast.actor("yerlan"), organisation="proton-astana", role=Role.COORDINATOR
    )
    assert made.membership is not None
    with pytest.raises(RefusedError, match="not_yourself"):
        actions.approve_membership(by=cast.actor("yerlan"), membership=made.membership, version=1)


def test_an_expired_licence_is_refused_at_once_and_a_role_ends_with_the_licence() -> None:
    with pytest.raises(InvalidInputError, match="licence_expired"):
        ask(days=-1)
    request = ask(days=0)
    actions.approve_membership(
        by=cast.actor("yerlan"), membership=request.pk, version=1, licence_seen=True
    )
    request.refresh_from_db()
    today = timezone.localdate()
    assert request.valid_on(today)
    assert not request.valid_on(today + timedelta(days=1))


def test_a_renewed_licence_replaces_the_old_one_and_the_history_is_kept() -> None:
    aigul = cast.actor("aigul")
    old = Membership.objects.get(user=aigul.user_id)
    new = ask("aigul")
    assert cast.actor("aigul").roles == {Role.REFERRER}, "the old licence holds meanwhile"
    actions.approve_membership(
        by=cast.actor("saule"), membership=new.pk, version=1, licence_seen=True
    )
    old.refresh_from_db()
    assert (old.state, old.ended_reason) == ("ended", "licence-renewed")
    assert Membership.objects.get(pk=new.pk).follows == old
    assert cast.actor("aigul").roles == {Role.REFERRER}


def test_a_request_is_refused_with_a_coded_reason_and_cannot_be_decided_twice() -> None:
    request = ask()
    saule = cast.actor("saule")
    with pytest.raises(ValueError, match="because"):
        actions.refuse(by=saule, membership=request.pk, version=1, reason="because")
    actions.refuse(by=saule, membership=request.pk, version=1, reason="licence-not-found")
    with pytest.raises(StaleVersionError):
        actions.refuse(by=saule, membership=request.pk, version=1, reason="incomplete")
    with pytest.raises(RefusedError, match="not_open"):
        actions.approve_membership(by=saule, membership=request.pk, version=2, licence_seen=True)


def test_a_session_loses_the_role_with_the_next_request() -> None:
    client = cast.client("yerlan")
    cast.member(cast.user("stranger"), "proton-astana", Role.ADMINISTRATOR)
    page = reverse("accounts:members")
    assert client.get(page).status_code == 200
    membership = Membership.objects.get(user=cast.user("yerlan"))
    actions.end(
        by=cast.actor("stranger"), membership=membership.pk, version=1, reason="licence-withdrawn"
    )
    assert cast.actor("yerlan").roles == frozenset()
    assert client.get(page).status_code == 403


def test_the_last_administrator_cannot_leave() -> None:
    membership = Membership.objects.get(user=cast.user("yerlan"))
    with pytest.raises(RefusedError, match="last_administrator"):
        actions.end(by=cast.actor("yerlan"), membership=membership.pk, version=1, reason="left")


def test_a_changed_role_ends_one_membership_and_starts_another() -> None:
    marat = Membership.objects.get(user=cast.user("marat"))
    new = actions.change_role(
        by=cast.actor("yerlan"), membership=marat.pk, version=1, role=Role.COORDINATOR
    )
    marat.refresh_from_db()
    assert (marat.state, marat.ended_reason) == ("ended", "role-changed")
    assert Membership.objects.get(pk=new).follows == marat
    assert cast.actor("marat").roles == {Role.COORDINATOR}


def test_no_administrator_of_one_organisation_gives_the_role_that_sees_all_of_them() -> None:
    officer = Role.DATA_PROTECTION_OFFICER
    asked = cast.member(cast.user("stranger"), "proton-astana", officer, state="requested")
    held = cast.user("timur").memberships.get()
    yerlan = cast.actor("yerlan")
    with pytest.raises(NotAllowedError):
        actions.approve_membership(by=yerlan, membership=asked.pk, version=asked.version)
    with pytest.raises(NotAllowedError):
        actions.change_role(by=yerlan, membership=held.pk, version=held.version, role=officer)
    actions.approve_membership(by=cast.actor("madina"), membership=asked.pk, version=asked.version)
    assert officer in cast.actor("stranger").roles


def test_a_role_that_does_not_exist_there_cannot_be_given() -> None:
    marat = Membership.objects.get(user=cast.user("marat"))
    with pytest.raises(InvalidInputError, match="role_not_here"):
        actions.change_role(
            by=cast.actor("yerlan"), membership=marat.pk, version=1, role=Role.MINISTRY_ANALYST
        )
    for kind in Organisation.Kind.values:
        assert Role.ADMINISTRATOR in roles_in(kind)
        assert Role.PATIENT not in roles_in(kind), "patients have no membership"


def test_people_may_leave_by_themselves() -> None:
    aigul = cast.actor("aigul")
    membership = Membership.objects.get(user=aigul.user_id)
    actions.end(by=aigul, membership=membership.pk, version=1, reason="left")
    assert cast.actor("aigul").roles == frozenset()


def test_licences_that_end_soon_are_known_to_the_centre_that_vetted_them() -> None:
    user = cast.user("stranger")
    day = timezone.localdate()
    cast.member(user, "osh-regional-hospital", Role.REFERRER, licence_expires=day)
    found = queries.licences_expiring(cast.actor("saule"), on=day)
    assert [m.user_id for m in found] == [user.pk]
    assert queries.licences_expiring(cast.actor("almaty"), on=day) == []


def test_every_step_of_vetting_is_in_the_trail_of_the_organisation_without_names() -> None:
    request = ask()
    actions.approve_membership(
        by=cast.actor("saule"), membership=request.pk, version=1, licence_seen=True
    )
    rows = AuditEvent.objects.filter(root_id=request.organisation_id).order_by("sequence")
    assert [row.action for row in rows] == [
        "accounts.request_access",
        "accounts.approve_membership",
    ]
    kept = str([row.what for row in rows])
    assert "Прохожий" not in kept
    assert "KG-77" not in kept


def test_only_the_command_line_appoints_and_never_a_referrer() -> None:
    cast.organisation("payer-kg")
    args = {"email": "new@example.org", "full_name": "N", "organisation": "payer-kg"}
    with pytest.raises(NotAllowedError):
        actions.appoint(by=cast.actor("yerlan"), role=Role.ADMINISTRATOR, **args)
    machine = Actor.machine("command")
    actions.appoint(by=machine, role=Role.ADMINISTRATOR, **args)
    user = User.objects.get(email="new@example.org")
    assert not user.has_usable_password()
    assert actor_for(user).roles == {Role.ADMINISTRATOR}
    cast.organisation("osh-regional-hospital")
    with pytest.raises(RefusedError):
        actions.appoint(
            by=machine, role=Role.REFERRER, **(args | {"organisation": "osh-regional-hospital"})
        )


# The pages


def test_a_doctor_without_an_account_asks_uploads_a_licence_and_waits(mailoutbox: list) -> None:
    cast.organisation("osh-regional-hospital")
    cast.organisation("proton-astana")
    from django.core.files.uploadedfile import SimpleUploadedFile

    form = {
        "full_name": "Нурбек Алиев",
        "email": "Nurbek@Example.org",
        "password": "a long enough secret",
        "organisation": "osh-regional-hospital",
        "role": "referrer",
        "vetted_at": "proton-astana",
        "licence_number": "KG-1",
        "licence_authority": "Ministry",
        "licence_expires": str(timezone.localdate() + timedelta(days=30)),
        "licence_document": SimpleUploadedFile("licence.pdf", b"%PDF-1.7 licence"),
    }
    client = Client()
    assert client.get(reverse("accounts:request")).status_code == 200
    response = client.post(reverse("accounts:request"), form)
    assert response.status_code == 302, response.content.decode()
    request = Membership.objects.get(user__email="nurbek@example.org")
    assert request.state == "requested"
    saule = cast.client("saule")
    page = saule.get(reverse("accounts:decide", args=[request.pk]))
    assert "KG-1" in page.content.decode()
    document = saule.get(reverse("documents:download", args=[request.licence_document_id]))
    assert b"".join(document.streaming_content) == b"%PDF-1.7 licence"
    decided = saule.post(
        reverse("accounts:decide", args=[request.pk]),
        {"do": "approve", "version": request.version, "licence_seen": "on"},
    )
    assert decided.status_code == 302
    assert actor_for(request.user).roles == {Role.REFERRER}
    assert mailoutbox == []


def test_asking_with_a_known_address_looks_the_same_and_tells_only_its_owner(
    mailoutbox: list,
) -> None:
    cast.user("aigul")
    cast.organisation("payer-kg")
    form = {
        "full_name": "Somebody",
        "email": "aigul@example.org",
        "password": "a long enough secret",
        "organisation": "payer-kg",
        "role": "funding-officer",
    }
    response = Client().post(reverse("accounts:request"), form)
    assert response["Location"] == reverse("accounts:requested")
    assert [mail.to for mail in mailoutbox] == [["aigul@example.org"]]
    assert not Membership.objects.filter(organisation__code="payer-kg").exists()


def test_what_an_action_refuses_stands_beside_the_field() -> None:
    cast.organisation("osh-regional-hospital")
    response = cast.client("stranger").post(
        reverse("accounts:request"),
        {"organisation": "osh-regional-hospital", "role": "funding-officer"},
    )
    assert response.status_code == 422
    assert response.context["form"].errors["role"]


def test_settings_are_saved_and_the_next_page_is_in_the_language() -> None:
    client = cast.client("stranger")
    page = reverse("accounts:mine")
    response = client.post(
        page, {"language": "en", "time_zone": "Asia/Bishkek", "theme": "dark"}, follow=True
    )
    user = User.objects.get(email="stranger@example.org")
    assert (user.language, user.time_zone, user.shortcuts, user.theme) == (
        "en",
        "Asia/Bishkek",
        False,
        "dark",
    )
    text = response.content.decode()
    assert '<html lang="en" data-theme="dark">' in text
    assert 'data-shortcuts="off"' in text


def test_a_person_with_two_organisations_chooses_where_they_act() -> None:
    user = cast.user("marat")
    cast.member(user, "adult-oncology-almaty", Role.COORDINATOR)
    client = cast.client("marat")
    page = reverse("accounts:mine")
    assert client.get(page).context["actor"].roles == {Role.CLINICIAN}
    almaty = cast.organisation("adult-oncology-almaty")
    client.post(reverse("accounts:choose"), {"organisation": str(almaty.pk)})
    assert client.get(page).context["actor"].roles == {Role.COORDINATOR}
    client.post(reverse("accounts:choose"), {"organisation": str(cast.organisation("mankent").pk)})
    assert client.get(page).context["actor"].organisation_id == almaty.pk


@pytest.mark.parametrize(
    ("name", "page", "status"),
    [
        ("yerlan", "accounts:members", 200),
        ("madina", "accounts:members", 200),
        ("saule", "accounts:requests", 200),
        ("stranger", "accounts:mine", 200),
        ("stranger", "accounts:request", 200),
    ],
)
def test_pages_open_for_those_who_may(name: str, page: str, status: int) -> None:
    assert cast.client(name).get(reverse(page)).status_code == status


def test_an_administrator_ends_a_role_on_the_page() -> None:
    marat = Membership.objects.get(user=cast.user("marat"))
    client = cast.client("yerlan")
    page = reverse("accounts:member", args=[marat.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"do": "end", "version": 1, "reason": "left"}).status_code == 302
    assert cast.actor("marat").roles == frozenset()
    assert cast.client("almaty").get(page).status_code == 404


def test_who_is_not_signed_in_is_led_to_sign_in_and_back() -> None:
    page = reverse("accounts:mine")
    response = Client().get(page)
    assert response["Location"] == f"{reverse('account_login')}?next={page}"
    assert "no-store" in response["Cache-Control"]
    fragment = Client().get(page, headers={"HX-Request": "true", "HX-Current-URL": "http://x/y"})
    assert fragment.status_code == 401
    assert fragment["HX-Redirect"].endswith("?next=%2F")


def test_nobody_signs_up_by_themselves_and_sign_in_is_by_address_and_password() -> None:
    cast.user("aigul")
    client = Client()
    form = {"login": "aigul@example.org", "password": cast.PASSWORD}
    assert client.post(reverse("account_login"), form).status_code == 302
    assert client.get(reverse("accounts:mine")).status_code == 200
    signup = {"email": "x@example.org", "password1": "1long enough!", "password2": "1long enough!"}
    Client().post(reverse("account_signup"), signup)
    assert not User.objects.filter(email="x@example.org").exists()


def test_demonstration_users_cannot_use_a_production_installation(
    settings: SettingsWrapper,
) -> None:
    user = cast.user("aigul")
    with context.writing_as("fixture"):
        User.objects.filter(pk=user.pk).update(is_demonstration=True)
    client = cast.client("aigul")
    page = reverse("accounts:mine")
    assert client.get(page).status_code == 200
    settings.DEMONSTRATION = False
    assert client.get(page).status_code == 302, "an open session ends"
    fresh = Client()
    fresh.post(reverse("account_login"), {"login": "aigul@example.org", "password": cast.PASSWORD})
    assert fresh.get(page).status_code == 302


def test_the_secret_of_the_second_factor_is_not_stored_in_clear() -> None:
    from sapar.kernel.accounts.adapters.signin import MFAAdapter

    adapter = MFAAdapter()
    kept = adapter.encrypt("JBSWY3DPEHPK3PXP")
    assert "JBSWY3DP" not in kept
    assert adapter.decrypt(kept) == "JBSWY3DPEHPK3PXP"


def test_an_anonymous_request_has_an_actor_without_rights(rf) -> None:
    assert actor_of(rf.get("/")) == ANONYMOUS
