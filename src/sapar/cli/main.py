"""`sapar`: sets Django up and hands over to the rooms' commands."""

from __future__ import annotations

import os

import click
import django


@click.group()
def sapar() -> None:
    """Care across borders: a referral in, a complete and explained answer out."""


@sapar.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's own commands: sapar manage migrate."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["sapar manage", *arguments])


def main() -> None:
    """Entry point of the `sapar` script."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sapar.site.settings")
    django.setup()
    sapar(prog_name="sapar")


if __name__ == "__main__":
    main()
