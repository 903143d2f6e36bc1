"""`sapar demo`: everything that a demonstration needs, in one command."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sapar.cli.supervisor import Supervisor
    from sapar.kernel.demonstration import Tell

HOST = "127.0.0.1"
SECONDS_TO_START = 60


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--fresh", is_flag=True, help="Throw the demonstration's database away first.")
@click.option("--prepare-only", is_flag=True, help="Load everything, and do not start the servers.")
def demo(*, port: int, fresh: bool, prepare_only: bool) -> None:
    """Load the demonstration and run web, worker and tick until Ctrl-C."""
    from django.conf import settings

    from sapar.cli.ports import require_free
    from sapar.kernel.errors import ConfigurationError
    from sapar.values.statements import Problem

    if settings.MODE == "production":
        raise ConfigurationError(
            Problem.of("cli.demo_in_production", where="SAPAR_MODE", value=settings.MODE)
        )
    if not prepare_only:
        require_free(HOST, port)
    prepare(fresh=fresh)
    _logins()
    if not prepare_only:
        _run(port)


def prepare(*, fresh: bool = False) -> None:
    """Make the database and load what is not loaded yet; each step says what it does.

    Args:
        fresh: remove the demonstration's SQLite database and files first.
    """
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from django.utils.translation import gettext as _

    Path(settings.VAR).mkdir(parents=True, exist_ok=True)
    if fresh:
        _remove()
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        click.echo(_("Preparing the database: {count} steps …").format(count=len(plan)))
        call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    _load()


def _remove() -> None:
    from django.conf import settings
    from django.db import connection

    from sapar.kernel.errors import ConfigurationError
    from sapar.values.statements import Problem

    if connection.vendor != "sqlite":
        raise ConfigurationError(
            Problem.of("cli.fresh_only_sqlite", where="--fresh", value=connection.vendor)
        )
    connection.close()
    name = str(settings.DATABASES["default"]["NAME"])
    for suffix in ("", "-wal", "-shm"):
        Path(name + suffix).unlink(missing_ok=True)


def _load() -> None:
    from django.utils.translation import gettext as _

    from sapar.kernel import demonstration
    from sapar.kernel.jobs.models import Once

    for name, loader in demonstration.parts():
        mark = f"demonstration:{name}:{loader.version}"
        if Once.objects.filter(name=mark).exists():
            continue
        words = _("Loading {what}").format(what=loader.what)
        loader.load(_teller(words))
        Once.objects.get_or_create(name=mark)
        begin, end = ("\r", " " * 20) if sys.stdout.isatty() else ("", "")
        click.echo(f"{begin}{words}: " + _("done") + end)


def _teller(words: str) -> Tell:
    """Progress: one line that grows on a terminal, a line for each tenth elsewhere."""
    terminal = sys.stdout.isatty()
    shown = -1

    def tell(done: int, total: int) -> None:
        nonlocal shown
        tenth = 10 * done // total if total else 0
        if terminal:
            click.echo(f"\r{words}: {done}/{total}", nl=False)
        elif tenth != shown:
            shown = tenth
            click.echo(f"{words}: {done}/{total}")

    return tell


def _logins() -> None:
    from django.utils.translation import gettext as _
    from rich.console import Console
    from rich.table import Table

    from sapar.kernel.accounts.models import User
    from sapar.kernel.demonstration import PASSWORD
    from sapar.kernel.roles import Role

    users = User.objects.filter(is_demonstration=True, is_active=True).order_by("created_at")
    if not users:
        return
    table = Table(_("Role"), _("E-mail address"), _("Password"))
    shown: set[str] = set()
    for user in users.prefetch_related("memberships"):
        roles = [m.role for m in user.memberships.all()] or [Role.PATIENT.value]
        if set(roles) <= shown:
            continue
        shown.update(roles)
        table.add_row(", ".join(str(Role(role).label) for role in roles), user.email, PASSWORD)
    Console().print(table)


def _run(port: int) -> None:
    supervisor = _supervisor(port)
    from django.db import connections

    connections.close_all()
    good = supervisor.run(lambda: _announce(port, supervisor))
    if not good:
        sys.exit(1)


def _supervisor(port: int) -> Supervisor:
    from django.utils.translation import gettext as _

    from sapar.cli import serve
    from sapar.cli.supervisor import Child, Supervisor

    def say(what: str, name: str) -> None:
        if what == "died":
            text = _("The process “{name}” ended; it is started again.")
        else:
            text = _("The process “{name}” does not stay alive; everything is stopped.")
        click.echo(text.format(name=name), err=True)

    ours = [sys.executable, "-m", "sapar.cli.main"]
    web = serve.command(host=HOST, port=port, workers=2, threads=4)
    children = [
        Child("web", [*web, "--log-level=warning"], serve.environment()),
        Child("worker", [*ours, "worker"], dict(os.environ)),
        Child("tick", [*ours, "tick"], dict(os.environ)),
    ]
    return Supervisor(children, say)


def _announce(port: int, supervisor: Supervisor) -> None:
    from django.utils.translation import gettext as _

    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and not supervisor.stopping.wait(0.1):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
            if trial.connect_ex((HOST, port)) == 0:
                break
    address = f"http://localhost:{port}"
    click.echo(_("Open {address} in a browser. Ctrl-C stops everything.").format(address=address))
