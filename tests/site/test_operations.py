"""Health, metrics, logs, faults and settings of an installation."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog
from django.core.management import call_command
from django.core.management.base import SystemCheckError

import sapar
from sapar.kernel.accounts.models import User
from sapar.kernel.errors import RefusedError
from sapar.kernel.jobs.models import JobEntry, Process
from sapar.kernel.jobs.queue import enqueue
from sapar.kernel.jobs.worker import note_seen
from sapar.site import checks, logs
from sapar.site.middleware import FaultMiddleware
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client, RequestFactory
    from pytest_django.fixtures import SettingsWrapper

ROOT = Path(__file__).parents[2]
SETTINGS = Path(sapar.__file__).parent / "site" / "settings.py"


def test_live_answers_without_a_database(client: Client) -> None:
    assert client.get("/health/live").content == b"ok\n"


@pytest.mark.django_db
def test_ready_names_each_check_and_a_missing_worker_does_not_stop_the_pages(
    client: Client,
) -> None:
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json()["checks"] == {
        "database": True,
        "migrations": True,
        "storage": True,
        "worker": False,
        "tick": False,
    }
    note_seen("worker@here:1", Process.Kind.WORKER)
    assert client.get("/health/ready").json()["degraded"] == ["tick"]


@pytest.mark.django_db
def test_not_ready_when_files_cannot_be_written(
    client: Client, settings: SettingsWrapper, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings.MEDIA_ROOT = tmp_path / "file" / "under"
    assert client.get("/health/ready").status_code == 503


@pytest.mark.django_db
def test_metrics_count_requests_jobs_and_the_trail(client: Client) -> None:
    client.get("/health/live")
    enqueue("room.do")
    text = client.get("/metrics").content.decode()
    assert 'sapar_requests_total{method="GET",status="200",view="live"}' in text
    assert 'sapar_jobs{state="waiting"} 1.0' in text
    assert "sapar_audit_rows 0.0" in text
    assert JobEntry.objects.count() == 1


@pytest.mark.django_db
def test_metrics_are_for_this_machine_or_for_the_token(
    client: Client, settings: SettingsWrapper
) -> None:
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "10.0.0.7"}).status_code == 403
    settings.METRICS_TOKEN = "t0ken"
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer t0ken"}).status_code == 200


def test_each_answer_bears_the_id_of_its_request_and_its_time(client: Client) -> None:
    answer = client.get("/health/live", headers={"X-Request-ID": "from-the-proxy-1"})
    assert answer["X-Request-ID"] == "from-the-proxy-1"
    assert answer["Server-Timing"].startswith("app;dur=")
    forged = client.get("/health/live", headers={"X-Request-ID": "<script>"})
    assert re.fullmatch("[0-9a-f]{32}", forged["X-Request-ID"])


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What a production installation would print, as JSON."""
    stream = io.StringIO()
    config = logs.configure("json", "INFO")
    made = config["formatters"]["structured"]
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=made["processors"], foreign_pre_chain=made["foreign_pre_chain"]
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    loggers = [logging.getLogger(name) for name in ("sapar.test", "some.library")]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel("INFO")
        logger.propagate = False
    yield stream
    for logger in loggers:
        logger.removeHandler(handler)
        logger.propagate = True


def test_a_key_that_is_not_on_the_list_is_dropped(lines: io.StringIO) -> None:
    log = structlog.stdlib.get_logger("sapar.test")
    log.info("request", view="people:person", patient="Айзада", iin="990101300123", seconds=0.2)
    found = json.loads(lines.getvalue())
    assert found.pop("timestamp")
    assert found == {
        "event": "request",
        "level": "info",
        "logger": "sapar.test",
        "view": "people:person",
        "seconds": 0.2,
    }


def test_a_name_under_an_allowed_key_is_left_out(lines: io.StringIO) -> None:
    structlog.stdlib.get_logger("sapar.test").info("request", reason="Айзада Токтогулова")
    assert json.loads(lines.getvalue())["reason"] == "(left out)"


def test_what_a_library_fills_into_its_message_is_left_out(lines: io.StringIO) -> None:
    logging.getLogger("some.library").warning("bad value %s", "Aizada")
    assert json.loads(lines.getvalue())["event"] == "bad value %s"
    assert "Aizada" not in lines.getvalue()


def test_of_an_exception_only_its_class_and_place_are_logged(lines: io.StringIO) -> None:
    for name in ("some.library", "sapar.test"):
        try:
            int("Aizada has a medulloblastoma")
        except ValueError:
            log = structlog.stdlib.get_logger(name) if "sapar" in name else logging.getLogger(name)
            log.exception("failed")
    for line in lines.getvalue().splitlines():
        assert json.loads(line)["exception"].startswith("builtins.ValueError in test_operations.py")
    assert "Aizada" not in lines.getvalue()


def test_an_error_of_ours_is_a_page_or_json_with_the_remedy(rf: RequestFactory) -> None:
    error = RefusedError(Problem.of("cli.port_busy", where="here", value=8000))
    middleware = FaultMiddleware(lambda _request: None)  # type: ignore[arg-type,return-value]
    answer = middleware.process_exception(
        rf.get("/", headers={"Accept": "application/json"}), error
    )
    assert answer is not None
    assert answer.status_code == 409
    problem = json.loads(answer.content)["problems"][0]
    assert (problem["code"], problem["value"]) == ("cli.port_busy", "8000")
    assert problem["what"]
    assert problem["remedy"]
    assert middleware.process_exception(rf.get("/"), ValueError()) is None


@pytest.mark.django_db
def test_demonstration_logins_in_production_fail_the_deployment_check(
    settings: SettingsWrapper,
) -> None:
    settings.MODE = "production"
    assert checks.no_demonstration_logins() == []
    User.objects.create_user("a@example.org", "x", full_name="A", is_demonstration=True)
    assert [message.id for message in checks.no_demonstration_logins()] == ["site.E001"]
    with pytest.raises(SystemCheckError, match=r"site\.E001"):
        call_command("check", deploy=True, stderr=io.StringIO())


@pytest.mark.slow
def test_the_deployment_check_is_clean_in_production_mode(tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "PYTHONPYCACHEPREFIX": os.environ.get("PYTHONPYCACHEPREFIX", ""),
        "SAPAR_MODE": "production",
        "SAPAR_VAR": str(tmp_path),
        "SAPAR_SECRET_KEY": "9mBz3xqTn4vLw8ksR2hYp7cJd5fGa6eUi1oXtZbQrWyNvMlKjH0aS",
        "SAPAR_AUDIT_KEYS": "k1:" + "ab" * 32,
        "SAPAR_HOSTS": "sapar.example.org",
        "SAPAR_SMTP": "smtp://mail.example.org",
    }
    words = [sys.executable, "-m", "sapar.cli.main", "manage"]
    for step in (["migrate", "-v0"], ["check", "--deploy", "--fail-level", "WARNING"]):
        result = subprocess.run(
            [*words, *step], env=environment, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr


def test_every_setting_from_the_environment_is_documented() -> None:
    used = set(re.findall(r"\bSAPAR_[A-Z_]+", SETTINGS.read_text(encoding="utf-8")))
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(SAPAR_[A-Z_]+)`", text, flags=re.MULTILINE))
    assert documented == used | {"SAPAR_LANGUAGE"}
