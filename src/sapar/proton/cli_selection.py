"""`sapar proton selection-replay`: an answered comparison worked out again."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import click


def add_to(group: click.Group) -> None:
    """Add the commands of this file to a group."""
    group.add_command(selection_replay)


def _whole(record: dict[str, Any]) -> bool:
    """Whether a record has all parts that a replay looks at."""
    parts = ("question", "answer", "digests", "data", "lock")
    if not all(isinstance(record.get(name), dict) for name in parts):
        return False
    return all(isinstance(record["digests"].get(n), str) for n in ("question", "answer", "engine"))


def _record(what: str) -> dict[str, Any]:
    """The record behind an id of this installation, or in a file.

    Raises:
        NotFoundError: there is neither.
        InvalidInputError: the file holds no record.
    """
    from sapar.kernel.errors import InvalidInputError, NotFoundError
    from sapar.proton.models import Selection
    from sapar.proton.queries.selection import RECORD, record_of_row
    from sapar.values.statements import Problem

    path = Path(what)
    if path.is_file():
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or found.get("schema") != RECORD or not _whole(found):
            raise InvalidInputError(Problem.of("proton.selection.no_record", where=what))
        return found
    try:
        row = Selection.objects.filter(pk=UUID(what), state=Selection.State.DONE).first()
    except ValueError:
        row = None
    if row is None or row.question is None:
        raise NotFoundError(Problem.of("proton.selection.no_record", where=what))
    return record_of_row(row)


@click.command("selection-replay")
@click.argument("what")
def selection_replay(what: str) -> None:
    """Work a comparison out again and say whether the same bits come out.

    WHAT is the id of a version, or a file with its record (JSON, from its page).

    \b
    Exit codes: 0 the same bits, 1 another answer (its first differences are printed).
    """  # noqa: D301 - click reads the sign itself
    from django.utils.translation import gettext as _

    from sapar.kernel.errors import InvalidInputError
    from sapar.proton.engine.scheduling.problem.reading import BadProblemError
    from sapar.proton.replay import replay
    from sapar.proton.selecting import CannotCompareError

    try:
        found = replay(_record(what))
    except (BadProblemError, CannotCompareError) as error:
        raise InvalidInputError(error.problems) from error
    for same, text in (
        (found.same_engine, _("The engine's text is another than then.")),
        (found.same_data, _("A data file is another than then.")),
        (found.same_lock, _("A library or the machine is another than then.")),
        (found.same_dose, _("What the proton dose came from is another than then.")),
    ):
        if not same:
            click.echo(text)
    click.echo(found.answer)
    if found.same:
        click.echo(_("The same bits."))
        return
    click.echo(_("Another answer:"))
    for path in found.differences:
        click.echo(path)
    sys.exit(1)
