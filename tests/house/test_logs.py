"""Nothing of a patient reaches a log: not from an address, a form, a fault or the web server."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

import pytest
import structlog
from django.test import Client
from django.urls import path
from gunicorn.config import Config

from sapar.cli import serve
from sapar.site import logs
from sapar.site.urls import handler400, handler403, handler404, handler500, urlpatterns
from tests import cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.house.test_logs")]

NAME = "Karimova"
CYRILLIC = "Мамытова"
LOGGERS = ("", "django", "gunicorn.error", "sapar", "django.server")


def _broken(request: HttpRequest) -> HttpResponse:
    message = f"{NAME} {request.GET} {request.POST}"
    raise ValueError(message)


urlpatterns = [path("broken/", _broken), *urlpatterns]
__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


@pytest.fixture
def printed() -> Iterator[io.StringIO]:
    """Everything that an installation would print, at its most talkative."""
    stream = io.StringIO()
    made = logs.configure("json", "DEBUG")["formatters"]["structured"]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=made["processors"], foreign_pre_chain=made["foreign_pre_chain"]
        )
    )
    kept = [(logging.getLogger(name), logging.getLogger(name).level) for name in LOGGERS]
    for logger, _level in kept:
        logger.addHandler(handler)
        logger.setLevel("DEBUG")
    yield stream
    for logger, level in kept:
        logger.removeHandler(handler)
        logger.setLevel(level)


def test_a_name_in_an_address_or_a_form_is_in_no_line_of_the_log(printed: io.StringIO) -> None:
    client = cast.client("saule")
    client.raise_request_exception = False
    said = {"text": f"{NAME} {CYRILLIC}", "family": NAME, "login": NAME, "password": CYRILLIC}
    statuses = []
    for address in ("/broken/", "/lists/", "/no-such-page/", f"/{NAME}/", "/account/members/"):
        query = {"text": f"{NAME} {CYRILLIC}"}
        statuses.append(client.get(address, query).status_code)
        statuses.append(client.post(f"{address}?text={NAME}", said).status_code)
    Client().post(f"/accounts/login/?next=/{NAME}", said)
    Client(enforce_csrf_checks=True).post(f"/account/request/?x={NAME}", said)
    assert {403, 404, 405, 500} <= set(statuses)
    lines = printed.getvalue()
    assert '"view": "accounts:members"' in lines
    assert "ValueError in test_logs.py" in lines
    assert NAME not in lines
    assert CYRILLIC not in lines


def test_the_web_server_prints_no_address_of_a_request(printed: io.StringIO) -> None:
    log = logging.getLogger("gunicorn.error")
    uri = f"/lists/?text={NAME}"
    log.error("Error handling request %s %s", "GET", uri, exc_info=ValueError(NAME))
    log.warning(f"Invalid request from ip=1.2.3.4: Invalid HTTP request line: 'GET /?text={NAME}'")  # noqa: G004 - as gunicorn does
    log.info("Booting worker with pid: %s", 17)
    lines = printed.getvalue()
    assert NAME not in lines
    assert "Error handling request" in lines
    assert "Booting worker with pid: 17" in lines


def test_the_web_server_keeps_no_access_log_of_its_own() -> None:
    words = serve.command(host="127.0.0.1", port=8000, workers=1, threads=1)
    assert not [word for word in words if "access" in word or "capture" in word]
    settings = Config()
    assert settings.accesslog is None
    assert settings.capture_output is False
