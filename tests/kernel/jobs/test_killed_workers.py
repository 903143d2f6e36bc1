"""kill -9 of workers at any moment loses no job and runs none twice to effect."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction

from sapar.kernel.jobs.lease import open_jobs
from sapar.kernel.jobs.models import JobEntry, State
from sapar.kernel.jobs.queue import enqueue

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = Path(__file__).with_name("effects.py")
WORKERS = 3
JOBS = 240
KILLS = 14
SECONDS = 60


def _url() -> str:
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite://{database['NAME']}"
    from urllib.parse import quote

    return (
        (
            f"postgresql://{quote(database['USER'])}:{quote(database['PASSWORD'])}@"
            f"{quote(database['HOST'], safe='')}:{database['PORT']}/{database['NAME']}"
        )
        .replace(":@", "@")
        .replace(":/" + database["NAME"], "/" + database["NAME"])
    )


def _start(*words: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "SAPAR_DATABASE_URL": _url(), "SAPAR_LOG_LEVEL": "ERROR"}
    return subprocess.Popen([sys.executable, str(SCRIPT), *words], env=environment)


@pytest.fixture
def effects(transactional_db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        # No unique constraint: a second effect must be visible, not refused.
        cursor.execute("CREATE TABLE sapar_effects (job varchar(20), number integer)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE sapar_effects")


def _rows() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT job, number FROM sapar_effects ORDER BY job, number")
        return [(str(job), int(number)) for job, number in cursor.fetchall()]


def _at_work(workers: list[subprocess.Popen[bytes]]) -> int | None:
    """Which worker runs a job this moment; None if none was seen within three seconds."""
    until = time.monotonic() + 3
    while time.monotonic() < until:
        held = JobEntry.objects.filter(state=State.RUNNING).values_list("worker", flat=True)
        for name in held:
            for place, worker in enumerate(workers):
                if str(worker.pid) in re.split(r"\D+", name):
                    return place
        time.sleep(0.005)
    return None


@pytest.mark.slow
@pytest.mark.usefixtures("effects")
def test_killing_workers_at_random_moments_loses_no_job_and_runs_none_twice_to_effect() -> None:
    chance = random.Random(20)  # noqa: S311 - no secret
    with transaction.atomic():
        for number in range(JOBS // 2):
            enqueue("effects.whole", number=number)
            enqueue("effects.computed", number=number)
    workers = [_start() for _ in range(WORKERS)]
    try:
        until = time.monotonic() + SECONDS
        while not _rows():  # they have begun
            assert time.monotonic() < until
            time.sleep(0.05)
        for kill in range(KILLS):
            time.sleep(chance.random() * 0.25)
            # On a slow machine a blind shot may hit only workers that are still starting.
            aimed = _at_work(workers) if kill % 2 else None
            victim = chance.randrange(WORKERS) if aimed is None else aimed
            workers[victim].send_signal(signal.SIGKILL)
            workers[victim].wait()
            workers[victim] = _start()
        while open_jobs().exists():
            assert time.monotonic() < until, "jobs were left over"
            time.sleep(0.2)
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(20)
    wanted = sorted((job, n) for job in ("computed", "whole") for n in range(JOBS // 2))
    assert _rows() == wanted
    assert set(JobEntry.objects.values_list("state", flat=True)) == {State.DONE}
    assert JobEntry.objects.filter(attempts__gt=1).exists(), "no kill hit a running job"


@pytest.mark.slow
@pytest.mark.usefixtures("effects")
def test_a_worker_told_to_stop_ends_by_itself_and_leaves_the_rest_in_the_queue() -> None:
    with transaction.atomic():
        for number in range(400):
            enqueue("effects.whole", number=number)
    worker = _start()
    until = time.monotonic() + SECONDS
    while not _rows():
        assert time.monotonic() < until
        time.sleep(0.05)
    worker.terminate()
    assert worker.wait(20) == 0
    rows = _rows()
    assert len(rows) == len(set(rows)) == JobEntry.objects.filter(state=State.DONE).count()
    assert not JobEntry.objects.filter(state=State.RUNNING).exists()
