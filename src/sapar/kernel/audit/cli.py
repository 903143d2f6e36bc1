"""`sapar audit`: verify the chains, export their heads, seal the reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sapar.kernel.audit.chain import Break

BROKEN = 10
"""The exit code of `sapar audit verify` when a chain is broken."""


@click.group()
def audit() -> None:
    """The audit trail: verify it, export its heads."""


@audit.command()
@click.option(
    "--heads",
    "heads_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Heads exported earlier and kept elsewhere: shows also a tail that was cut.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def verify(heads_file: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click passes flags so
    """Check every chain and name the first broken row of each. Exit code 10 if any is broken."""
    from sapar.kernel.audit import chain

    exported = chain.read_heads(heads_file.read_bytes()) if heads_file else None
    report = chain.verify(exported)
    if as_json:
        click.echo(json.dumps({"rows": report.rows, "broken": [_row(b) for b in report.breaks]}))
    else:
        for broken in report.breaks:
            place = f"{broken.root_type}:{broken.root_id}#{broken.sequence}"
            row = f" (row {broken.row_id})" if broken.row_id is not None else ""
            click.echo(f"{place}{row}: {broken.why}", err=True)
        click.echo(f"{report.rows} rows in {report.chains} chains, {len(report.breaks)} broken")
    if report.breaks:
        raise SystemExit(BROKEN)


def _row(broken: Break) -> dict[str, str | int | None]:
    return {
        "root": f"{broken.root_type}:{broken.root_id}",
        "sequence": broken.sequence,
        "row": broken.row_id,
        "why": broken.why,
    }


@audit.command()
def heads() -> None:
    """Print the head of each chain as JSON. Keep it outside this installation."""
    from sapar.kernel.audit import chain

    click.echo(json.dumps(chain.heads(), indent=1))


@audit.command("seal-reads")
def seal_reads() -> None:
    """Seal the reads of patients' records now; the tick does it every minute."""
    from sapar.kernel.actors import Actor
    from sapar.kernel.audit import chain

    click.echo(f"{chain.seal_reads(by=Actor.machine('command'))} reads sealed")
