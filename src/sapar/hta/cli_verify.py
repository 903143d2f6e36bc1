"""`sapar hta verify`: a model put to every test."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from sapar.hta.cli_input import answered, model_of

if TYPE_CHECKING:
    from typing import BinaryIO


def _table(found: dict[str, Any], *, everything: bool) -> None:
    """Failed first, group by group."""
    from django.utils.translation import gettext as _
    from rich.console import Console
    from rich.table import Table

    from sapar.hta import verification_words as words
    from sapar.hta.engine.verification.kinds import FAILED, PASSED, SKIPPED, WARNED

    console = Console(width=120)
    for status in (FAILED, WARNED, *((PASSED, SKIPPED) if everything else ())):
        rows = [each for each in found["tests"] if each["status"] == status]
        if not rows:
            continue
        table = Table(box=None, pad_edge=False, title=words.status(status), title_justify="left")
        for name in (_("Group"), _("What must hold"), _("What was found")):
            table.add_column(name, overflow="fold")
        before = ""
        for row in rows:
            shown = "" if row["group"] == before else words.group(row["group"])
            before = row["group"]
            table.add_row(shown, words.says(row), words.sentence(row))
        console.print(table)
        console.print()
    click.echo(words.summary(found["counts"]))


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--all", "everything", is_flag=True, help="Also what passed or is not applicable.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON.")
def verify(*, file: BinaryIO, everything: bool, as_json: bool) -> None:
    """Put a model to every test.

    \b
    Exit codes: 0 no test failed, 1 at least one did, 2 wrong use, 3 the document is wrong.
    """  # noqa: D301 - click reads the sign itself
    from sapar.hta.engine.verification import verify as tests

    with answered():
        result = tests.verify(model_of(file))
    found = tests.as_document(result)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        _table(found, everything=everything)
    if not result.sound:
        raise SystemExit(1)
