"""Health: `live` says that the process answers, `ready` that the installation can work."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sapar.kernel.jobs import queries
from sapar.kernel.jobs.models import Process

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest


@require_safe
@never_cache
def live(_request: HttpRequest) -> HttpResponse:
    """Always "ok", if the process answers at all."""
    return HttpResponse("ok\n", content_type="text/plain")


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def _migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _storage() -> bool:
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"sapar")
    return True


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "migrations": _migrations,
    "storage": _storage,
    "worker": lambda: queries.seen(Process.Kind.WORKER),
    "tick": lambda: queries.seen(Process.Kind.TICK),
}
NEEDED = frozenset({"database", "migrations", "storage"})
"""Without these a page cannot be shown; without a worker it can, and only jobs wait."""


def look() -> dict[str, bool]:
    """Each check's result."""
    found = {}
    for name, check in CHECKS.items():
        try:
            found[name] = check()
        except (DatabaseError, InterfaceError, OSError):
            found[name] = False
    return found


@require_safe
@never_cache
def ready(_request: HttpRequest) -> JsonResponse:
    """200 when pages can be served, else 503; the body names each check.

    A missing worker or tick is shown and does not fail: taking all web processes out of
    service would not bring the worker back. Alert on `sapar_processes_seen` for that.
    """
    found = look()
    good = all(found[name] for name in NEEDED)
    return JsonResponse(
        {"ready": good, "checks": found, "degraded": sorted(k for k, v in found.items() if not v)},
        status=200 if good else 503,
    )
