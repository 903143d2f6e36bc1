"""`sapar proton deidentify` and `reidentify`: a study for the panel, and back for its owner."""

from __future__ import annotations

import sys
from pathlib import Path

import click

_IN = click.Path(exists=True, file_okay=False, path_type=Path)
_OUT = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _rules_text() -> str:
    from django.conf import settings

    path = settings.DATA / "proton" / "selection" / "deidentification.yaml"
    return str(path.read_text("utf-8"))


@click.command("deidentify-key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def make(file: Path) -> None:
    """Write a new key into FILE; only its owner may read it. Losing it is final."""
    from sapar.proton.adapters.sealing import make_key

    make_key(file)


@click.command()
@click.argument("folder", type=_IN)
@click.argument("out", type=_OUT)
@click.option("--key-file", "key", type=_FILE, required=True, help="The owner's key.")
@click.option(
    "--dates",
    type=click.Choice(["shift", "remove"]),
    default="shift",
    show_default=True,
    help="Move dates back by days of the patient's own, or remove them.",
)
@click.option("--no-characteristics", is_flag=True, help="Leave out sex and age as well.")
def deidentify(folder: Path, out: Path, key: Path, dates: str, *, no_characteristics: bool) -> None:
    """De-identify the study in FOLDER into OUT for the panel (PS3.15 basic profile).

    What is taken away is sealed in OUT.sealed with the owner's key. Give OUT away, never the
    sealed file. Exit code 1 if something was left out that may belong to the study.
    """
    from sapar.kernel.commands import say
    from sapar.proton.adapters.dicom import deidentify as module
    from sapar.proton.adapters.dicom.deidentifying import Options
    from sapar.proton.adapters.dicom.deidentifying_rules import read_rules
    from sapar.proton.adapters.sealing import read_key

    options = Options(shift_dates=dates == "shift", characteristics=not no_characteristics)
    found = module.deidentify(folder, out, read_key(key), read_rules(_rules_text()), options)
    click.echo(f"{found.written} files, {' '.join(sorted(found.pseudonyms))}")
    if found.findings:
        say(found.findings[:50])
        sys.exit(1)


@click.command()
@click.argument("out", type=_IN)
@click.argument("back", type=_OUT, required=False)
@click.option("--key-file", "key", type=_FILE, required=True, help="The owner's key.")
@click.option("--sealed", type=_FILE, help="The sealed file; else the one beside OUT.")
@click.option("--who", is_flag=True, help="Only say whom the pseudonyms stand for.")
def reidentify(out: Path, back: Path | None, key: Path, sealed: Path | None, *, who: bool) -> None:
    """Give the files de-identified into OUT back as they were, into BACK."""
    from sapar.kernel.commands import say
    from sapar.proton.adapters.dicom import deidentify as module
    from sapar.proton.adapters.sealing import read_key

    if who:
        found = module.people(sealed or module.sealed_beside(out), read_key(key))
        for pseudonym, person in sorted(found.items()):
            click.echo(f"{pseudonym}\t{person['id']}\t{person['name']}\t-{person['days']} d")
        return
    if back is None:
        msg = "BACK"
        raise click.UsageError(msg)
    outcome = module.reidentify(out, back, read_key(key), sealed)
    click.echo(f"{outcome.written} files")
    if outcome.findings:
        say(outcome.findings[:50])
        sys.exit(1)


def add_to(group: click.Group) -> None:
    """Add the commands to the group `proton`."""
    for command in (make, deidentify, reidentify):
        group.add_command(command)
