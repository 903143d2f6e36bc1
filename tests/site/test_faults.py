"""What a reader sees when something is refused or breaks."""

from __future__ import annotations

import pytest
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from sapar.kernel.errors import NotAllowedError, NotFoundError, StaleVersionError
from sapar.site import faults
from sapar.site.urls import handler400, handler403, handler404, handler500, urlpatterns
from sapar.values.statements import Problem
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.site.test_faults")]


def _raise(error: Exception) -> HttpResponse:
    raise error


def _view(error: Exception):
    def view(_request: HttpRequest) -> HttpResponse:
        return _raise(error)

    return view


STALE = Problem.of("kernel.stale_version", where="cases.case:1", value="3")
urlpatterns = [
    path("not-allowed", _view(NotAllowedError(Problem.of("kernel.not_allowed", value="x")))),
    path("not-found", _view(NotFoundError(Problem.of("kernel.not_found", where="case:1")))),
    path("stale", _view(StaleVersionError(STALE))),
    path("no-page", _view(Http404())),
    path("broken", _view(ValueError("a patient's name"))),
    *urlpatterns,
]
__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def reader(name: str = "") -> Client:
    client = cast.client(name) if name else Client()
    client.raise_request_exception = False
    client.cookies["django_language"] = "en"
    return client


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/not-allowed", 403, "You may not see this page"),
        ("/not-found", 404, "There is no such page"),
        ("/stale", 409, "This can no longer be done"),
    ],
)
@pytest.mark.parametrize("name", ["", "saule"])
def test_a_refusal_is_a_page_with_its_status_its_reason_and_a_remedy(
    address: str, status: int, said: str, name: str
) -> None:
    answer = reader(name).get(address)
    page = answer.content.decode()
    assert answer.status_code == status
    assert f"<h1>{said}</h1>" in page
    assert page.count("<p>") >= 2
    assert str(status) in page


def test_a_refusal_is_in_the_readers_language() -> None:
    client = reader("saule")
    english = client.get("/stale").content.decode()
    client.cookies["django_language"] = "ru"
    russian = client.get("/stale").content.decode()
    assert '<html lang="ru"' in russian
    assert english != russian


@pytest.mark.parametrize(
    ("address", "status"),
    [("/not-allowed", 403), ("/stale", 409), ("/no-page", 404), ("/broken", 500)],
)
def test_htmx_gets_a_part_of_a_page_and_no_page(address: str, status: int) -> None:
    answer = reader("saule").get(address, headers={"HX-Request": "true"})
    assert answer.status_code == status
    assert "<html" not in answer.content.decode()
    assert 'role="alert"' in answer.content.decode()


def test_a_program_gets_json() -> None:
    answer = reader().get("/stale", headers={"accept": "application/json"})
    assert answer.status_code == 409
    assert answer.json()["problems"][0]["code"] == "kernel.stale_version"


def test_what_nobody_expected_shows_the_requests_id_and_nothing_of_the_error() -> None:
    answer = reader("saule").get("/broken", headers={"X-Request-ID": "abcdefgh-12345678"})
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "abcdefgh-12345678" in page
    assert answer.headers["X-Request-ID"] == "abcdefgh-12345678"
    assert "patient" not in page.split("<main")[1].split("</main>")[0]
    assert cast.CAST["saule"].full_name in page


def test_the_page_of_a_fault_stands_even_when_what_surrounds_it_is_broken() -> None:
    request = HttpRequest()  # no session, no user, no address: the usual page cannot be made
    answer = faults.broken(request)
    assert answer.status_code == 500
    assert "<h1>" in answer.content.decode()
