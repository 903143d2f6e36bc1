"""`sapar serve`: the web server for production; TLS stands in front of it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click


def command(*, host: str, port: int, workers: int, threads: int) -> list[str]:
    """The command line of gunicorn for these options."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "sapar.site.wsgi:application",
        f"--bind={host}:{port}",
        f"--workers={workers}",
        f"--threads={threads}",
        "--timeout=120",
        "--graceful-timeout=10",
        "--max-requests=5000",
        "--max-requests-jitter=500",
        "--config=python:sapar.site.gunicorn",
        "--no-control-socket",
    ]


def environment() -> dict[str, str]:
    """The environment of the web processes: where they share their metrics, emptied first."""
    from django.conf import settings

    folder = Path(settings.VAR) / "run" / f"metrics-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)}


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=0, help="Processes; 0 is two for each core and one more.")
@click.option("--threads", default=2, show_default=True, help="Threads in each process.")
def serve(*, host: str, port: int, workers: int, threads: int) -> None:
    """Run the web server. Start `sapar worker` and `sapar tick` beside it."""
    from sapar.cli.ports import require_free

    require_free(host, port)
    count = workers or 2 * (os.cpu_count() or 1) + 1
    words = command(host=host, port=port, workers=count, threads=threads)
    os.execve(words[0], words, environment())  # noqa: S606 - our own words, no shell
