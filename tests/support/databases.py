"""One migrated database for all workers: made once, while they collect; each takes a copy.

To migrate costs ten seconds of a processor, to copy a file nothing. The process that starts the
workers starts `python -m tests.support.databases` beside them; a worker waits for it at its first
test that asks a database. Without workers pytest-django makes the database as it always does.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "SAPAR_TEST_TEMPLATE"  # where the template is being made; set where workers take copies
SECONDS_TO_WAIT = 300


def begin(folder: Path) -> subprocess.Popen[bytes]:
    """Start making the template in a process of its own."""
    os.environ[FOLDER] = str(folder)
    return subprocess.Popen([sys.executable, "-m", "tests.support.databases"], cwd=ROOT)


def name_of(folder: Path, worker: str) -> str:
    """The name of a worker's database, or of the template for the worker "template"."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return str(folder / f"test{worker}.sqlite3")
    return f"test_sapar{worker}"


def hurry(database: dict[str, Any]) -> None:
    """Let SQLite not wait for the disk: what a test wrote need not outlive the machine."""
    options = database.get("OPTIONS", {})
    if "init_command" in options:
        options["init_command"] += "PRAGMA synchronous=OFF;"


def _make(folder: Path) -> None:
    from django.conf import settings
    from django.db import connections
    from django.test.utils import setup_databases

    database = settings.DATABASES["default"]
    hurry(database)
    database.setdefault("TEST", {})["NAME"] = name_of(folder, "template")
    setup_databases(verbosity=0, interactive=False)
    connections.close_all()  # SQLite puts its log into the file; PostgreSQL lets it be copied


def _said(folder: Path) -> str:
    """What the maker wrote at its end: nothing if all is well.

    Raises:
        RuntimeError: it failed, or has not ended in time.
    """
    end = folder / "template.end"
    until = time.monotonic() + SECONDS_TO_WAIT
    while not end.exists():
        if time.monotonic() > until:
            message = f"the template of the tests' database was not made in {SECONDS_TO_WAIT} s"
            raise RuntimeError(message)
        time.sleep(0.05)
    return end.read_text(encoding="utf-8")


def _copy(folder: Path, name: str) -> None:
    from django.db import connection

    template = name_of(folder, "template")
    if connection.vendor == "sqlite":
        shutil.copyfile(template, name)
        return
    quoted = connection.ops.quote_name
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {quoted(name)} TEMPLATE {quoted(template)}")


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: Any,
    django_db_modify_db_settings: None,
) -> Iterator[None]:
    """The database of this worker, in the place of pytest-django's."""
    from django.conf import settings
    from django.db import connection, connections

    folder = Path(os.environ[FOLDER])
    failed = _said(folder)
    assert not failed, failed
    name = settings.DATABASES["default"]["TEST"]["NAME"]
    with django_db_blocker.unblock():
        connection.close()
        _copy(folder, name)
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
        connection.ensure_connection()
    yield
    with django_db_blocker.unblock():
        connections.close_all()


if __name__ == "__main__":
    import django

    django.setup()
    place, said = Path(os.environ[FOLDER]), ""
    try:
        _make(place)
    except Exception:
        said = traceback.format_exc()
        raise
    finally:
        unnamed = place / "template.ending"
        unnamed.write_text(said, encoding="utf-8")
        unnamed.rename(place / "template.end")
