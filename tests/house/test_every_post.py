"""Every address, written to by people without the right to, and without the form's token."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sapar.kernel.accounts.models import User
from sapar.kernel.audit.models import AuditEvent
from sapar.kernel.records import Record
from sapar.people.actions import record_consent
from sapar.people.models import Consent, PatientAccess
from tests import cast
from tests.house.test_every_page import (
    ALL,
    CENTRE,
    PAGES,
    PDF,
    a_world,
    browsers,
    lines,
    sent,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded")]

STEPS = (
    "cases.accept", "cases.cancel", "cases.send_message", "cases.close_thread", "cases.set_urgency",
    "cases.request_cancel", "cases.record_death", "cases.enter_in_error", "cases.decline",
    "cases.refer_onward", "cases.give_advice",
)  # fmt: skip
PARTS = ("name", "identifier", "contact", "related")


def given() -> dict[str, object]:
    """What would do something on any page, had one the right to."""
    today = timezone.localdate().isoformat()
    return {
        "version": "1", "reason": "no-benefit-expected", "text": "words", "body": "words",
        "family": "Чужой", "given": "Человек", "choice": "same", "do": "approve",
        "role": "scheduler",
        "kind": "passport", "value": "N1234567", "country": "KG", "system": "phone",
        "first": today, "last": today, "weekdays": ["0", "1", "2", "3", "4", "5", "6"],
        "per_day": "3", "purpose": "care", "how": "verbal", "given_on": today, "comment": "words",
        "email": "somebody@example.org", "full_name": "Somebody", "relation": "guardian",
        "birth_date": "2001-01-01", "gender": "male", "organisation": "x", "from": "menu",
        "code": "made-up", "name_en": "Made up", "licence_seen": "on", "urgency": "urgent",
        "file": SimpleUploadedFile("a.pdf", PDF, content_type="application/pdf"),
    }  # fmt: skip


def everything_kept() -> dict[str, object]:
    """The ids and versions of all records, and the sealed trail."""
    found: dict[str, object] = {
        model._meta.label: sorted(model.objects.values_list("pk", "version"))
        for model in apps.get_models()
        if issubclass(model, Record)
    }
    found["users"] = sorted(User.objects.values_list("pk", "email", "password"))
    found["trail"] = AuditEvent.objects.count()
    return found


def a_consent(world) -> None:
    record_consent(
        by=cast.actor("aigul"), person=world.sent.person_id, purpose="care", how="verbal"
    )


def targets(world):
    """Each address with who may write to it; one that is only read refuses everybody."""
    for route, page in lines():
        if not (page.public or page.who == ALL):
            yield reverse(route, args=page.args(world)), page.who
    for step in STEPS:
        yield reverse("answer:do", args=[world.sent.pk, step]), CENTRE | {"aigul", "aizada_mother"}
    person = world.sent.person_id
    for what in PARTS:
        yield reverse("people:remove", args=[person, what, person]), {"aigul", "saule", "asel"}
    consent = Consent.objects.get(person=person).pk
    access = PatientAccess.objects.get(person=person).pk
    own = {"aigul", "saule", "aizada_mother"}
    yield reverse("people:remove", args=[person, "consent", consent]), own
    yield reverse("people:remove", args=[person, "access", access]), {"aigul", "saule"}


@pytest.mark.slow
def test_whoever_has_no_right_changes_nothing_and_is_refused() -> None:
    world, people, wrong = a_world(), browsers(), []
    a_consent(world)
    before = everything_kept()
    for address, may in targets(world):
        for name, client in people.items():
            if name in may:
                continue
            status = client.post(address, given()).status_code
            if status not in {403, 404, 405}:
                wrong.append(f"{address} as {name}: {status}")
        if everything_kept() != before:
            wrong.append(f"{address} changed something")
            before = everything_kept()
    assert not wrong, "\n".join(wrong)


def test_a_visitor_changes_nothing_and_is_led_to_sign_in() -> None:
    world, visitor, wrong = a_world(), Client(raise_request_exception=False), []
    a_consent(world)
    before = everything_kept()
    for address, _may in targets(world):
        response = visitor.post(address, given())
        led = response.status_code == 302 and response["Location"].startswith("/accounts/login/")
        if not led and response.status_code not in {404, 405}:
            wrong.append(f"{address}: {response.status_code}")
    assert everything_kept() == before
    assert not wrong, "\n".join(wrong)


@pytest.mark.once  # refused before any record is asked for
@pytest.mark.parametrize("name", ["aigul", "saule", "yerlan", "madina", "visitor"])
def test_nothing_is_taken_without_the_forms_token(name: str) -> None:
    world = a_world()
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    if name != "visitor":
        client.force_login(cast.user(name))
    before, wrong = everything_kept(), []
    addresses = [reverse(route, args=page.args(world)) for route, page in lines() if not page.token]
    addresses += [reverse(route) for route in ("account_login", "account_logout")]
    for address in addresses:
        status = client.post(address, given()).status_code
        if status != 403:
            wrong.append(f"{address}: {status}")
    assert not wrong, "\n".join(wrong)
    assert everything_kept() == before


def test_reading_in_an_emergency_lets_nobody_write() -> None:
    world = a_world()
    client = cast.client("almaty")
    reason = "The patient lies unconscious in our emergency ward."
    client.post(reverse("answer:do", args=sent("cases.break_glass")(world)), {"reason": reason})
    assert client.get(reverse("answer:case", args=[world.sent.pk])).status_code == 200
    assert client.get(reverse("people:person", args=[world.sent.person_id])).status_code == 200
    before = everything_kept()
    page = PAGES["people:edit"]
    assert isinstance(page, list)
    for entry in page:
        assert (
            client.post(reverse("people:edit", args=entry.args(world)), given()).status_code == 404
        )
    for step in STEPS:
        assert client.post(
            reverse("answer:do", args=[world.sent.pk, step]), given()
        ).status_code in {403, 404, 409}
    files = {"file": SimpleUploadedFile("a.pdf", PDF), "kind": "mri"}
    for address in (
        reverse("documents:upload", args=["case", world.sent.pk]),
        reverse("answer:part", args=[world.sent.pk, "documents"]),
        reverse("answer:again", args=[world.sent.pk]),
        reverse("people:remove", args=[world.sent.person_id, "name", world.question]),
        reverse("people:question", args=[world.question]),
    ):
        assert client.post(address, files).status_code in {403, 404, 422}, address
    assert everything_kept() == before
