"""The public directory and the owners' pages."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from sapar.kernel import policy
from sapar.kernel.audit.models import AuditEvent
from sapar.kernel.errors import InvalidInputError, NotAllowedError, RefusedError, StaleVersionError
from sapar.network import actions
from sapar.network.engine.kinds import KINDS
from sapar.network.forms import EntryForm
from sapar.network.models import Entry
from sapar.network.phrases import name_in
from sapar.network.policy import Permission
from tests import cast

pytestmark = pytest.mark.django_db


def entry(kind, code):
    return Entry.objects.get(kind=kind, code=code)


def fields_of(record):
    """What a browser would send for an untouched form."""
    form = EntryForm(kind=record.kind, entry=record.data)
    sent = {name: field.initial for name, field in form.fields.items() if field.initial is not None}
    return {**sent, "version": record.version}


def test_anybody_reads_the_directory(loaded, client):
    page = client.get(reverse("network:directory"), headers={"accept-language": "en"})

    text = page.content.decode()
    assert page.status_code == 200
    assert "Proton Therapy Centre" in text
    assert "800 patients a year" in text
    assert "EuropeSPA" in text
    assert "Government announcement" in text


def test_the_directory_filters_by_specialty_and_country(loaded, client):
    url = reverse("network:directory")
    hearts = client.get(url, {"specialty": "paediatric-cardiac-surgery"}).content.decode()
    assert "heart-surgery-astana" in hearts
    assert "proton-astana" not in hearts
    assert "proton-astana" not in client.get(url, {"country": "KG"}).content.decode()


def test_names_come_in_the_reader_s_language_and_fall_back_to_russian_then_english():
    with override("kk"):
        assert name_in({"kk": "Орталық", "ru": "Центр"}) == "Орталық"
        assert name_in({"ru": "Центр", "en": "Centre"}) == "Центр"
        assert name_in({"en": "Centre"}) == "Centre"


def test_a_centre_s_page_names_the_source_of_every_line(loaded, client):
    page = client.get(reverse("network:centre", args=["okzhetpes"]))
    assert "prime minister" in page.content.decode()
    assert client.get(reverse("network:centre", args=["nowhere"])).status_code == 404


def test_owners_pages_ask_for_a_sign_in(loaded):
    assert Client().get(reverse("network:entries")).status_code == 302


def test_an_administrator_sees_their_own_entries_and_no_others(loaded):
    page = cast.client("yerlan").get(reverse("network:entries")).content.decode()

    assert "proton-gantry" in page
    assert "heart-ecmo" not in page
    assert "kg-kz-visa-free" not in page


def test_a_ministry_edits_visa_routes_and_agreements_of_its_country(loaded):
    page = cast.client("kanat").get(reverse("network:entries")).content.decode()

    assert "kg-kz-visa-free" in page
    assert "kg-kz-intergovernmental" in page
    assert "proton-gantry" not in page
    other = cast.client("ainura").get(reverse("network:entries")).content.decode()
    assert "kg-kz-visa-free" not in other


def test_what_may_be_edited_is_what_is_listed(loaded):
    for who in ("yerlan", "kanat", "ainura", "aigul", "stranger"):
        actor = cast.actor(who)
        listed = set(policy.visible_to(actor, Permission.EDIT, Entry.objects.all()))
        assert listed == {e for e in Entry.objects.all() if policy.can(actor, Permission.EDIT, e)}


def test_a_change_makes_a_new_version_and_the_history_shows_who_and_what(loaded):
    record = entry("equipment", "proton-gantry")
    browser = cast.client("yerlan")
    sent = {**fields_of(record), "count": "2", "comment": "One is not built yet"}

    answer = browser.post(reverse("network:edit", args=[record.pk]), sent)

    assert answer.status_code == 302
    record.refresh_from_db()
    assert record.data["count"] == 2
    assert [v.data["count"] for v in record.versions.order_by("number")] == [3, 2]
    page = browser.get(reverse("network:history", args=[record.pk])).content.decode()
    assert "Ерлан Қасымов" in page
    assert "One is not built yet" in page
    row = AuditEvent.objects.get(action="network.change_entry")
    assert row.root_id == record.owner_id
    assert row.what == {"kind": "equipment", "code": "proton-gantry", "version": 2}


@pytest.mark.parametrize("kind", list(KINDS))
def test_an_untouched_form_says_what_the_entry_says(loaded, kind):
    for record in Entry.objects.filter(kind=kind)[:4]:
        form = EntryForm(fields_of(record), kind=kind, entry=record.data)
        assert form.is_valid(), form.errors
        checked = actions.check_alone(kind, {**form.plain(), "code": record.code})
        assert checked.data == record.data


def test_a_bad_value_stands_beside_its_field_and_nothing_is_saved(loaded):
    record = entry("equipment", "proton-gantry")
    sent = {**fields_of(record), "count": "many"}

    page = cast.client("yerlan").post(reverse("network:edit", args=[record.pk]), sent)

    assert page.status_code == 422
    assert "many" in page.content.decode()
    record.refresh_from_db()
    assert record.data["count"] == 3


def test_two_people_editing_one_entry_the_second_is_told(loaded):
    record = entry("equipment", "proton-gantry")
    sent = fields_of(record)
    browser = cast.client("yerlan")
    browser.post(reverse("network:edit", args=[record.pk]), {**sent, "count": "2"})

    second = browser.post(reverse("network:edit", args=[record.pk]), {**sent, "count": "4"})

    assert second.status_code == 409
    record.refresh_from_db()
    assert record.data["count"] == 2
    with pytest.raises(StaleVersionError):
        actions.change_entry(
            by=cast.actor("yerlan"), entry=record.pk, version=1, data=record.data, comment=""
        )


def test_nobody_edits_what_belongs_to_others(loaded):
    record = entry("equipment", "heart-ecmo")

    page = cast.client("yerlan").get(reverse("network:edit", args=[record.pk]))

    assert page.status_code == 404
    with pytest.raises(NotAllowedError):
        actions.change_entry(
            by=cast.actor("yerlan"), entry=record.pk, version=1, data=record.data, comment=""
        )


def test_an_owner_adds_an_entry_and_takes_it_out_again(loaded):
    browser = cast.client("yerlan")
    assert browser.get(reverse("network:add", args=["equipment"])).status_code == 200
    sent = {**fields_of(entry("equipment", "planning-ct")), "code": "second-ct"}

    made = browser.post(reverse("network:add", args=["equipment"]), sent)

    assert made.status_code == 302
    record = entry("equipment", "second-ct")
    assert record.owner.code == "proton-astana"
    gone = browser.post(reverse("network:remove", args=[record.pk]), {"version": record.version})
    assert gone.status_code == 302
    record.refresh_from_db()
    assert record.removed
    assert record.versions.count() == 2


def test_nobody_adds_an_entry_to_somebody_else_s_centre(loaded):
    other = entry("equipment", "heart-ecmo")
    with pytest.raises(InvalidInputError) as refused:
        actions.add_entry(
            by=cast.actor("yerlan"),
            kind="equipment",
            owner=cast.organisation("proton-astana").pk,
            data={**other.data, "code": "mine-now"},
            comment="",
        )
    assert refused.value.problems[0].code == "network.other_owner"


def test_an_entry_that_others_name_is_not_removed(loaded):
    record = entry("programmes", "protons")
    with pytest.raises(RefusedError):
        actions.remove_entry(by=cast.actor("yerlan"), entry=record.pk, version=1, comment="")
