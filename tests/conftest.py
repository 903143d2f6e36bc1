"""The ground of all tests: the mode, the database, closed sockets.

`pytest` runs on SQLite in a temporary file; `pytest --database=postgresql` on a PostgreSQL
cluster that it starts and stops itself. Tests marked `browser` drive Chromium and may talk to
the test's own server; every other socket is closed.
"""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ["SAPAR_MODE"] = "test"
os.environ["DJANGO_SETTINGS_MODULE"] = "sapar.site.settings"
# The tests run side by side; a second thread of the linear algebra only waits for the first.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

_FOLDER = "SAPAR_TEST_FOLDER"
if _FOLDER not in os.environ:  # workers of xdist share the folder of the process that began
    os.environ[_FOLDER] = tempfile.mkdtemp(prefix="sapar-tests-")
    for _name in ("SAPAR_DATABASE_URL", "SAPAR_DATA", "SAPAR_HOSTS", "SAPAR_CLAMD"):
        os.environ.pop(_name, None)
    os.environ["SAPAR_VAR"] = os.environ[_FOLDER]
    _FIRST = True
else:
    _FIRST = False

from typing import TYPE_CHECKING, Any  # noqa: E402

import hypothesis  # noqa: E402 - the environment above comes first
import pytest  # noqa: E402

from tests.support import databases, postgresql  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["tests.support.browser"]

CI = os.environ.get("CI") == "true"
OWN_HOSTS = ["127.0.0.1", "::1"]

# Slow machines are no failures, and in CI every run draws the same examples.
hypothesis.settings.register_profile("sapar", deadline=None, derandomize=CI, database=None)
hypothesis.settings.load_profile("sapar")

_cluster = pytest.StashKey[postgresql.Cluster]()
_template = pytest.StashKey[subprocess.Popen[bytes]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --database."""
    parser.addoption(
        "--database",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="the database to test on; PostgreSQL is started by the tests",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL, if asked for, before Django reads its settings; make the template."""
    if config.getoption("--database") == "postgresql" and _FIRST:
        config.stash[_cluster] = _start_postgresql()
        os.environ["SAPAR_DATABASE_URL"] = config.stash[_cluster].url
    if _FIRST and config.getoption("tx", None) and not config.getoption("collectonly"):
        config.stash[_template] = databases.begin(Path(os.environ[_FOLDER]))
    if databases.FOLDER in os.environ and not _FIRST:
        config.pluginmanager.register(databases)
    import django

    django.setup()


def _start_postgresql() -> postgresql.Cluster:
    try:
        return postgresql.start()
    except postgresql.NoPostgresError as missing:
        if CI or postgresql.programs() is not None:
            pytest.exit(f"PostgreSQL is required here: {missing}", returncode=3)
        sys.stderr.write(f"Not tested on PostgreSQL: {missing}\n")
        pytest.exit("PostgreSQL left out", returncode=0)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started and remove what was written."""
    template = config.stash.get(_template, None)
    if template is not None:
        template.kill()
        template.wait()
    cluster = config.stash.get(_cluster, None)
    if cluster is not None:
        cluster.stop()
    if _FIRST:
        shutil.rmtree(os.environ[_FOLDER], ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what belongs to the other database; open local sockets to browser tests.

    The pass on PostgreSQL leaves out what asks no database: it has run in the first pass.
    """
    second = config.getoption("--database") == "postgresql"
    other = "sqlite" if second else "postgresql"
    left_out = [
        item
        for item in items
        if item.get_closest_marker(other) or (second and not _asks_database(item))
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]
    # The long ones of a kind begin first, so that no worker waits alone for another's at the end.
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    for item in items:
        if "live_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.allow_hosts(OWN_HOSTS))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep the collector of garbage from walking over all modules and tests again and again."""
    gc.collect()
    gc.freeze()


def _asks_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("once"):
        return False
    if item.get_closest_marker("django_db") or item.get_closest_marker("postgresql"):
        return True
    return not {"db", "transactional_db", "live_server"}.isdisjoint(
        getattr(item, "fixturenames", ())
    )


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test begins in English, whatever language the one before has left behind."""
    from django.utils import translation

    with translation.override("en"):
        yield


@pytest.fixture(scope="session", autouse=True)
def static_files_once() -> Iterator[None]:
    """Find our static files once, and not again for the first request of every client."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    found: dict[str, Any] = {}
    look = WhiteNoiseMiddleware.add_files_from_finders

    def once(noise: Any) -> None:
        if not found:
            look(noise)
            found.update(noise.files)
        noise.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", once)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest) -> None:
    """Give the tests' SQLite database a file: WAL and locks exist only there."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    worker = getattr(request.config, "workerinput", {}).get("workerid", "")
    databases.hurry(database)
    name = databases.name_of(Path(os.environ[_FOLDER]), worker)
    database.setdefault("TEST", {})["NAME"] = name
