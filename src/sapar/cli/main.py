"""`sapar`: sets Django up and hands over to the rooms' commands."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click
import django

if TYPE_CHECKING:
    from sapar.kernel.errors import SaparError

LANGUAGES = ["kk", "ky", "uz", "ru", "en"]
OWN = {
    "demo": "sapar.cli.demo:demo",
    "serve": "sapar.cli.serve:serve",
    "backup": "sapar.cli.backup:backup",
    "restore": "sapar.cli.backup:restore",
}
EXIT_CONFIGURATION = 9
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""What a process of ours starts with unless its environment says otherwise: one core for each.

Workers are as many as jobs shall run at once. With a thread for every core their matrices, which
are small, take two to four times the CPU, and sums whose last digits depend on the machine.
"""


class Rooms(click.Group):
    """The rooms' commands; a room's module is imported when its command is named."""

    def _paths(self) -> dict[str, str]:
        from sapar.kernel.commands import commands

        return {**OWN, **dict(commands.items())}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, sorted."""
        return sorted({*super().list_commands(ctx), *self._paths()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now; None if there is none."""
        from django.utils.module_loading import import_string

        path = self._paths().get(cmd_name)
        if path is None:
            return super().get_command(ctx, cmd_name)
        found: click.Command = import_string(path.replace(":", "."))
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of ours becomes sentences and an exit code."""
        from sapar.kernel.errors import SaparError

        try:
            return super().invoke(ctx)
        except SaparError as error:
            explain(error)
            ctx.exit(error.exit_code)


def explain(error: SaparError) -> None:
    """Print what is wrong, where, the value and the remedy, on the error stream."""
    from sapar.kernel.commands import say

    say(error.problems)


def _language_of_terminal() -> str:
    for name in ("SAPAR_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        code = os.environ.get(name, "")[:2].lower()
        if code in LANGUAGES:
            return code
    return "en"


@click.group(cls=Rooms)
@click.option("--language", type=click.Choice(LANGUAGES), help="The language of what is printed.")
@click.version_option(package_name="sapar")
def sapar(*, language: str | None) -> None:
    """Care across borders: a referral in, a complete and explained answer out."""
    from django.utils import translation

    translation.activate(language or _language_of_terminal())


@sapar.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's own commands: sapar manage migrate."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["sapar manage", *arguments])


def main() -> None:
    """Entry point of the `sapar` script."""
    from django.core.exceptions import ImproperlyConfigured

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sapar.site.settings")
    for name, value in ONE_THREAD.items():  # read once, when numpy is loaded: before all rooms are
        os.environ.setdefault(name, value)
    try:
        django.setup()
    except ImproperlyConfigured as error:
        click.echo(str(error), err=True)
        sys.exit(EXIT_CONFIGURATION)
    sapar(prog_name="sapar")


if __name__ == "__main__":
    main()
