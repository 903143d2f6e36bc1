"""What somebody writes in order to harm: markup, templates, headers, ways out, and guessing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sapar.answer import actions as answers
from sapar.cases import actions
from sapar.cases.engine.referral import ClinicalItem
from sapar.cases.queries import worklists_for
from sapar.kernel import context
from sapar.kernel.accounts.models import User
from sapar.kernel.documents.models import Document
from sapar.people import actions as people
from sapar.people.engine.facts import ContactFact, GuardianFact, IdentifierFact, NameFact
from sapar.people.models import DuplicateQuestion
from tests import cast
from tests.factories import make_case, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded")]

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
EVIL = (
    "<script>alert(7)</script>\"'><img src=x onerror=alert(7)>"
    '{{ 7|add:7 }}{% now "Y" %}{0.__class__}{value}{who.__init__}%(x)s%s '
    "\u202egnp.\u200f\U0001f600"
) + "Щ" * 500
MARKS = ("<script>alert", "<img src=x", "<class ", "__globals__")
LIVE = "https://evil.example/"


def refuse_live(body: str, where: str) -> None:
    for mark in MARKS:
        assert mark not in body, f"{where}: {mark}"


def a_hostile_case():
    """A case in which every free text that a person can write is hostile."""
    name = NameFact(EVIL, EVIL, EVIL)
    person = make_person(
        names=(name,),
        city=EVIL,
        contacts=(ContactFact("phone", EVIL), ContactFact("email", EVIL)),
        identifiers=(IdentifierFact("passport", EVIL, "KG", EVIL),),
        guardians=(GuardianFact(name, EVIL),),
    )
    twin = make_person(names=(name,))
    case = make_case(
        state="received",
        person=person,
        diagnosis_text=EVIL,
        question=EVIL,
        items=(ClinicalItem("procedures", EVIL, when="2026-11-01"),),
    )
    aigul, saule = cast.actor("aigul"), cast.actor("saule")
    actions.send_message(by=aigul, case=case.pk, body=EVIL)
    case.refresh_from_db()
    actions.start_triage(by=saule, case=case.pk, version=case.version)
    case.refresh_from_db()
    actions.request_information(
        by=saule, case=case.pk, version=case.version, reason="imaging-missing", text=EVIL
    )
    actions.break_glass(by=cast.actor("almaty"), case=case.pk, reason=EVIL)
    answers.give(by=saule, case=case.pk)
    people.give_access(
        by=aigul, person=person, user=cast.user("aizada_mother").pk, relation="guardian"
    )
    people.record_consent(
        by=aigul, person=person, purpose="care", how="verbal", given_by=EVIL,
        given_on=date(2026, 1, 1),
    )  # fmt: skip
    with context.writing_as("fixture"):
        User.objects.filter(pk=cast.user("aigul").pk).update(full_name=EVIL[:200])
        question = DuplicateQuestion(person_id=person, candidate_id=twin, reason=EVIL)
        question.save()
    return case, question


def a_list(name: str) -> str:
    return reverse("answer:worklist", args=[worklists_for(cast.actor(name))[0].code])


def test_hostile_words_are_shown_as_words_on_every_page_of_a_case() -> None:
    case, question = a_hostile_case()
    tabs = ("referral", "timeline", "thread", "documents", "people", "money", "tasks")
    addresses = {
        "saule": [
            f"/case/{case.pk}/", f"/case/{case.pk}/print/",
            *(f"/case/{case.pk}/{tab}/" for tab in tabs),
            a_list("saule"), "/people/duplicates/", f"/people/duplicates/{question.pk}/",
            f"/people/{case.person_id}/", "/lists/", f"/people/{case.person_id}/consent/",
            f"/case/{case.pk}/do/cases.send_message/", f"/case/{case.pk}/do/cases.cancel/",
        ],
        "aigul": ["/refer/", f"/case/{case.pk}/", "/account/"],
        "aizada_mother": ["/my/"],
        "madina": ["/oversight/", f"/oversight/?number={case.number}",
                   f"/people/{case.person_id}/"],
    }  # fmt: skip
    for name, listed in addresses.items():
        client = cast.client(name)
        for address in listed:
            response = client.get(address, follow=True)
            assert response.status_code == 200, (name, address, response.status_code)
            refuse_live(response.content.decode(), f"{address} as {name}")


def test_hostile_words_typed_into_a_form_come_back_as_words() -> None:
    client = cast.client("aigul")
    draft = client.post(reverse("answer:start"))["Location"].split("/")[2]
    for slug in ("patient", "diagnosis", "history", "documents"):
        address = reverse("answer:topic", args=[draft, slug])
        form = client.get(address).context["form"]
        typed = dict.fromkeys(form.fields, EVIL[:150])
        response = client.post(address, {**typed, "version": "x", "step": "x", "page": EVIL})
        assert response.status_code in {302, 422}
        refuse_live(client.get(address).content.decode(), address)
    for address in (reverse("answer:check", args=[draft]), reverse("answer:start")):
        refuse_live(client.get(address).content.decode(), address)
    response = client.post(reverse("answer:check", args=[draft]), {"version": "1"})
    refuse_live(response.content.decode(), "check")


NUL = "a\x00b\u202e\u0007"


def test_signs_that_no_database_takes_are_refused_or_left_out_and_never_a_fault() -> None:
    case = make_case(state="in-panel")
    client = cast.client("aigul")
    draft = client.post(reverse("answer:start"))["Location"].split("/")[2]
    topic = reverse("answer:topic", args=[draft, "patient"])
    fields = dict.fromkeys(client.get(topic).context["form"].fields, NUL)
    assert client.post(topic, {**fields, "page": NUL, "base": NUL}).status_code < 500
    person = reverse("people:edit", args=[case.person_id, "name"])
    assert client.post(person, {"family": NUL, "given": NUL}).status_code < 500
    message = reverse("answer:do", args=[case.pk, "cases.send_message"])
    assert client.post(message, {"body": NUL, "seen": NUL}).status_code < 500
    file = {"file": SimpleUploadedFile("a\x00b.pdf", PDF), "kind": NUL, "next": NUL}
    upload = reverse("documents:upload", args=["case", case.pk])
    assert client.post(upload, file).status_code == 302
    assert Document.objects.get(root_id=case.pk).kind == "other"
    assert cast.client("saule").get(a_list("saule"), {"text": NUL}).status_code == 200
    odd = {"text": NUL, "programme": NUL, "country": NUL, "urgency": NUL, "page": NUL, "sort": NUL}
    assert cast.client("saule").get(a_list("saule"), odd).status_code == 200
    assert cast.client("madina").get("/oversight/", {"number": NUL}).status_code == 200
    assert Client().get("/directory/", {"specialty": NUL, "country": NUL}).status_code == 200
    visitor = {"email": NUL, "password": NUL, "organisation": NUL, "role": NUL}
    assert Client().post("/account/request/", visitor).status_code == 422
    assert Client().post("/accounts/login/", {"login": NUL, "password": NUL}).status_code < 500


def test_a_files_name_makes_no_header_and_no_path() -> None:
    case = make_case(state="received")
    client = cast.client("aigul")
    for title in (
        "../../etc/passwd",
        "a.pdf\r\nX-Evil: 1",
        'a".html"; filename="b.html',
        "..\\..\\boot.ini",
        "<script>alert(7)</script>.pdf",
        "\u202efdp.exe",
        "я" * 300 + ".pdf",
    ):
        file = SimpleUploadedFile("x.pdf", PDF, content_type="text/html")
        file._name = title
        address = reverse("documents:upload", args=["case", case.pk])
        assert client.post(address, {"file": file, "kind": "mri"}).status_code == 302
        kept = Document.objects.order_by("-created_at", "-pk").first()
        assert kept is not None
        folder = (Path(settings.MEDIA_ROOT) / "documents").resolve()
        assert folder in (Path(settings.MEDIA_ROOT) / kept.stored_as).resolve().parents
        response = client.get(reverse("documents:download", args=[kept.pk]))
        assert response["Content-Disposition"].startswith("attachment")
        assert response["Content-Type"] == "application/pdf"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "X-Evil" not in response.headers
        assert not set("\r\n") & set(response["Content-Disposition"])
        b"".join(response.streaming_content)
    page = client.get(f"/case/{case.pk}/documents/").content.decode()
    refuse_live(page, "documents")


@pytest.mark.parametrize(
    "out", [LIVE, "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(7)"]
)
def test_no_address_leads_out_of_the_house(out: str) -> None:
    def inside(response) -> None:
        for header in ("Location", "HX-Redirect"):
            target = response.get(header, "/")
            assert urlsplit(target).netloc in {"", "testserver"}, target
            assert target.startswith("/"), target
            assert not target.startswith(("//", "/\\")), target

    case = make_case(state="received")
    user = cast.user("aigul")
    inside(Client().post(f"/accounts/login/?next={out}", {
        "login": user.email, "password": cast.PASSWORD, "next": out}))  # fmt: skip
    client = cast.client("aigul")
    inside(client.post("/language/setlang/", {"language": "ru", "next": out}, HTTP_REFERER=out))
    file = {"file": SimpleUploadedFile("a.pdf", PDF), "kind": "mri", "next": out}
    inside(client.post(reverse("documents:upload", args=["case", case.pk]), file))
    inside(client.post("/account/organisation/", {"organisation": out, "from": out}))
    asked = Client().get("/my/", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL=out)
    inside(asked)
    assert parse_qs(urlsplit(asked["HX-Redirect"]).query)["next"] == ["/"]


def test_a_session_is_new_after_the_sign_in_and_gone_after_the_sign_out() -> None:
    client = Client()
    client.get("/accounts/login/")
    client.session["planted"] = "x"
    session = client.session
    session["planted"] = "x"
    session.save()
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    user = cast.user("saule")
    client.post("/accounts/login/", {"login": user.email, "password": cast.PASSWORD})
    after = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert client.get("/account/").status_code == 200
    assert before != after
    old = Client()
    old.cookies[settings.SESSION_COOKIE_NAME] = before
    assert old.get("/account/").status_code == 302
    gone = client.post("/accounts/logout/")
    # Slices of a study are kept by the reader's own browser until then.
    assert gone.headers["Clear-Site-Data"] == '"cache"'
    old.cookies[settings.SESSION_COOKIE_NAME] = after
    assert old.get("/account/").status_code == 302


def test_guessing_a_password_is_stopped_for_all_processes() -> None:
    cache.clear()
    user = cast.user("saule")
    for _ in range(6):
        Client().post("/accounts/login/", {"login": user.email, "password": "wrong"})
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": cast.PASSWORD})
    assert client.get("/account/").status_code == 302
    assert "db.DatabaseCache" in settings.CACHES["default"]["BACKEND"]
    cache.clear()


def request_for_access(client: Client, email: str, password: str):
    return client.post("/account/request/", {
        "full_name": "Мария", "email": email, "password": password,
        "organisation": "proton-astana", "role": "scheduler",
    })  # fmt: skip


def test_requests_for_access_are_limited_and_tell_nobody_which_addresses_are_known() -> None:
    cache.clear()
    known = cast.user("saule").email
    for password, status in (("short", 422), ("a long enough passphrase", 302)):
        for email in (known, f"new-{status}@example.org"):
            answer = request_for_access(Client(), email, password)
            assert answer.status_code == status, (email, password)
    last = [
        request_for_access(Client(), f"many{n}@example.org", "a long enough passphrase")
        for n in range(20)
    ][-1]
    assert last.status_code == 429
    assert "429" in last.content.decode()
    cache.clear()


PROGRAM = """
import json, django
from django.conf import settings
django.setup()
names = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY",
         "SESSION_COOKIE_SAMESITE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "DEBUG",
         "DEMONSTRATION", "X_FRAME_OPTIONS", "ALLAUTH_TRUSTED_PROXY_COUNT"]
from django.urls import get_resolver
spaces = [getattr(p, "namespace", "") for p in get_resolver().url_patterns]
print(json.dumps({**{n: getattr(settings, n) for n in names}, "design": "design" in spaces}))
"""


def test_cookies_are_safe_in_production_and_the_style_page_is_not_there(tmp_path: Path) -> None:
    environment = {
        **os.environ, "SAPAR_MODE": "production", "SAPAR_SECRET_KEY": "k" * 64,
        "SAPAR_AUDIT_KEYS": "k1:" + "ab" * 32, "SAPAR_VAR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "sapar.site.settings",
    }  # fmt: skip
    environment.pop("SAPAR_PROXIES", None)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    said = json.loads(done.stdout)
    assert said == {
        "SESSION_COOKIE_SECURE": True, "CSRF_COOKIE_SECURE": True, "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax", "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000, "DEBUG": False, "DEMONSTRATION": False,
        "X_FRAME_OPTIONS": "DENY", "ALLAUTH_TRUSTED_PROXY_COUNT": 1, "design": False,
    }  # fmt: skip
