"""A worker for the kill test: its job writes one row, after a moment, in two forms."""

from __future__ import annotations

import random
import sys
import time

import django
from django.db import connection

ROUNDS = 5


def _write(job: str, number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO sapar_effects (job, number) VALUES (%s, %s)", [job, number])


def main() -> None:
    """Register two jobs, and work until killed."""
    django.setup()
    from sapar.kernel.jobs.progress import progress
    from sapar.kernel.jobs.registry import job
    from sapar.kernel.jobs.worker import Worker

    @job("effects.whole", limit=1000)
    def whole(*, number: int) -> None:
        time.sleep(random.random() * 0.01)  # noqa: S311 - no secret
        _write("whole", number)
        time.sleep(random.random() * 0.01)  # noqa: S311 - no secret

    @job("effects.computed", limit=1000)
    def computed(*, number: int) -> int:
        for done in range(ROUNDS):
            progress(done, ROUNDS)
            time.sleep(random.random() * 0.006)  # noqa: S311 - no secret
        return number

    @computed.commit
    def keep(made: int, *, number: int) -> None:
        assert made == number
        _write("computed", number)

    Worker(seconds=1.0, poll=0.05, grace=1).run(until_empty="--until-empty" in sys.argv)


if __name__ == "__main__":
    main()
