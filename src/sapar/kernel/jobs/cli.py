"""`sapar worker`, `sapar tick` and `sapar jobs`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from uuid import UUID


@click.command()
@click.option(
    "--lease",
    "seconds",
    default=60.0,
    show_default=True,
    type=click.FloatRange(min=1),
    help="Seconds after which a killed worker's job runs again.",
)
@click.option(
    "--grace",
    default=8,
    show_default=True,
    type=click.IntRange(min=1),
    help="Seconds that a running job has to end when the worker is told to stop.",
)
@click.option("--until-empty", is_flag=True, help="Stop when the queue is empty.")
def worker(*, seconds: float, grace: int, until_empty: bool) -> None:
    """Run jobs until told to stop. Start as many as you like."""
    from sapar.kernel.jobs.worker import Worker

    Worker(seconds=seconds, grace=grace).run(until_empty=until_empty)


@click.command()
@click.option("--once", is_flag=True, help="Enqueue what is due now, and stop.")
def tick(*, once: bool) -> None:
    """Enqueue the periodic jobs, each once in its period."""
    from django.utils import timezone

    from sapar.kernel.jobs import registry
    from sapar.kernel.jobs import tick as ticking

    if not once:
        ticking.run()
        return
    registry.load()
    count = ticking.enqueue_due(timezone.now())
    click.echo(f"{count}")


@click.group()
def jobs() -> None:
    """List jobs; cancel one; try a failed one again."""


@jobs.command("list")
@click.option("--state", type=click.Choice(["waiting", "running", "done", "failed", "cancelled"]))
@click.option("--most", default=50, show_default=True, help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def list_jobs(*, state: str | None, most: int, as_json: bool) -> None:
    """Show the newest jobs, and how many there are in each state."""
    import json

    from django.utils.translation import gettext as _
    from rich.console import Console
    from rich.table import Table

    from sapar.kernel.actors import Actor
    from sapar.kernel.jobs import queries
    from sapar.kernel.jobs.models import State

    found = queries.latest(
        by=Actor.machine("cli"), state=State(state) if state else None, most=most
    )
    if as_json:
        rows = [
            {
                "id": str(entry.job_id),
                "name": entry.name,
                "state": entry.state.value,
                "attempts": entry.attempts,
                "done": entry.done,
                "total": entry.total,
                "best": entry.best,
                "bound": entry.bound,
                "reason": entry.reason,
                "enqueued_at": entry.enqueued_at.isoformat(),
            }
            for entry in found
        ]
        counts = {key.value: value for key, value in queries.count_by_state().items()}
        click.echo(json.dumps({"counts": counts, "jobs": rows}, indent=2))
        return
    table = Table()
    table.add_column(_("Job"), no_wrap=True, min_width=36)
    for title in (_("Job"), _("State"), _("Attempts"), _("Progress"), _("Reason")):
        table.add_column(title, overflow="fold")
    for entry in found:
        far = f"{entry.done}/{entry.total}" if entry.total else ""
        table.add_row(
            str(entry.job_id), entry.name, str(entry.state.label), str(entry.attempts), far,
            entry.reason,
        )  # fmt: skip
    console = Console()
    console.print(table)
    console.print(
        " · ".join(f"{key.label}: {value}" for key, value in queries.count_by_state().items())
    )


@jobs.command()
@click.argument("job", type=click.UUID)
def retry(job: UUID) -> None:
    """Put a failed or cancelled job into the queue again."""
    from sapar.kernel.actors import Actor
    from sapar.kernel.jobs import actions

    actions.retry(by=Actor.machine("cli"), job=job)
    click.echo(str(job))


@jobs.command()
@click.argument("job", type=click.UUID)
def cancel(job: UUID) -> None:
    """Cancel a job that waits or runs."""
    from sapar.kernel.actors import Actor
    from sapar.kernel.jobs import actions

    click.echo(str(actions.cancel(by=Actor.machine("cli"), job=job).label))


@jobs.command()
@click.argument("job", type=click.UUID)
def stop(job: UUID) -> None:
    """End a search with the best that it has found."""
    from sapar.kernel.actors import Actor
    from sapar.kernel.jobs import actions

    actions.stop(by=Actor.machine("cli"), job=job)
    click.echo(str(job))
