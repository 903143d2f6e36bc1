"""`sapar network`: load the files, see what would change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sapar.network.actions import Plan


@click.group()
def network() -> None:
    """Reference data: centres, programmes, agreements, visa routes."""


@network.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show the difference and write nothing.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@click.option("--ours", "choice", flag_value="ours", help="In a conflict the files win.")
@click.option("--theirs", "choice", flag_value="theirs", help="In a conflict the edits stay.")
def load(folder: Path | None, choice: str | None, *, dry_run: bool, yes: bool) -> None:
    """Check the files of FOLDER (data/network), show what changes, then load them whole.

    Exit codes: 0 done or nothing to do, 3 a file is wrong, 8 conflicts without a choice.
    """
    from django.conf import settings

    from sapar.kernel.actors import Actor
    from sapar.kernel.errors import SaparError
    from sapar.network import actions

    conflicts = actions.Conflicts(choice or "refuse")
    try:
        plan = actions.plan(folder or settings.DATA / "network")
        _show(plan)
        refused = plan.conflicts and conflicts is actions.Conflicts.REFUSE
        if dry_run and not refused:
            click.echo("Nothing was written.")
            return
        if not refused and plan.writes and not yes:
            click.confirm("Write these changes?", abort=True)
        if plan.writes:
            actions.load(by=Actor.machine("loader"), plan=plan, conflicts=conflicts)
            click.echo("Written.")
    except SaparError as error:
        _problems(error)
        raise click.exceptions.Exit(error.exit_code) from error


def _show(plan: Plan) -> None:
    signs = {"added": "+", "changed": "~", "removed": "-", "conflict": "!", "kept": "="}
    for change in plan.changes:
        click.echo(f"{signs[change.sort.value]} {change.sort.value} {change.kind}/{change.code}")
        if change.sort.value != "added":
            for field in change.fields:
                before = "nothing" if field.before is None else field.before
                after = "nothing" if field.after is None else field.after
                click.echo(f"    {field.path}: {before} -> {after}")
    if not plan.changes:
        click.echo(f"No difference: {len(plan.entries)} entries are as the files say.")


def _problems(error: object) -> None:
    from sapar.kernel.errors import SaparError
    from sapar.kernel.languages import phrases

    if isinstance(error, SaparError):
        for problem in error.problems:
            click.echo(f"{problem.where}: {phrases.text(problem)}", err=True)
            click.echo(f"    {phrases.remedy(problem)}", err=True)
        click.echo(f"Nothing was written. {len(error.problems)} to mend.", err=True)


@network.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--day", default="2026-12-01", help="The day to show.")
def tables(folder: Path | None, day: str) -> None:
    """Print docs/reference/data.md from the files of FOLDER (data/network); no database."""
    from datetime import date

    from django.conf import settings

    from sapar.kernel.errors import InvalidInputError
    from sapar.network.adapters import files
    from sapar.network.engine.check import check
    from sapar.network.engine.tables import render
    from sapar.network.queries import build

    raws, problems = files.read(folder or settings.DATA / "network")
    entries, found = check(raws, files.known({}))
    if problems or found:
        error = InvalidInputError([*problems, *found])
        _problems(error)
        raise click.exceptions.Exit(error.exit_code)
    rows = [(e.kind, e.data) for e in entries]
    click.echo(render(build(date.fromisoformat(day), rows, demonstration=True)), nl=False)
