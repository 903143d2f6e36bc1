"""The rooms' commands by name, each as an import path, so that `sapar --help` loads none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sapar.kernel.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sapar.values.statements import Problem

commands: Registry[str] = Registry("commands")
"""Command name to "module.path:click_command"."""


MOST_SAID = 50
"""So many lines of one kind are printed; of the others only how many they are."""


def others(count: int) -> None:
    """Say on the error stream how many more there are; nothing for none."""
    from django.utils.translation import ngettext  # noqa: PLC0415 - `sapar --help` stays quick

    if count > 0:
        more = ngettext("and {n} other", "and {n} others", count).format(n=count)
        click.echo(f"… {more}", err=True)


def say(problems: Iterable[Problem]) -> None:
    """Print what is wrong, where, the value and the remedy, on the error stream.

    Of many the first ones: a document with a thousand mistakes does not flood a terminal.
    """
    from django.utils.translation import gettext as _  # noqa: PLC0415 - `sapar --help` stays quick

    from sapar.kernel.languages import phrases  # noqa: PLC0415 - the same

    every = list(problems)
    for problem in every[:MOST_SAID]:
        click.echo(phrases.text(problem), err=True)
        if problem.where:
            click.echo("  " + _("Where: {where}").format(where=problem.where), err=True)
        if problem.value:
            click.echo("  " + _("Value: {value}").format(value=problem.value), err=True)
        click.echo("  " + _("Remedy: {remedy}").format(remedy=phrases.remedy(problem)), err=True)
    others(len(every) - MOST_SAID)
