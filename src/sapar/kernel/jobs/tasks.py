"""The one task that Django's Tasks API sees: it carries a job's name and its ids."""

from __future__ import annotations

from django_tasks import task


@task()
def run(job: str, arguments: dict[str, str | int]) -> None:
    """Run a registered job by name, in this process and at once.

    `sapar worker` does not come this way: it runs the job under a lease (worker.py). This is
    for a backend that runs tasks immediately.
    """
    from django.db import transaction  # noqa: PLC0415 - a web process imports this module

    from sapar.kernel.jobs import registry  # noqa: PLC0415 - the same

    registry.load()
    entry = registry.jobs.get(job)
    made = entry.function(**arguments) if entry.keep else None
    with transaction.atomic():
        if entry.keep:
            entry.keep(made, **arguments)
        else:
            entry.function(**arguments)
