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


def say(problems: Iterable[Problem]) -> None:
    """Print what is wrong, where, the value and the remedy, on the error stream."""
    from django.utils.translation import gettext as _  # noqa: PLC0415 - `sapar --help` stays quick

    from sapar.kernel.languages import phrases  # noqa: PLC0415 - the same

    for problem in problems:
        click.echo(phrases.text(problem), err=True)
        if problem.where:
            click.echo("  " + _("Where: {where}").format(where=problem.where), err=True)
        if problem.value:
            click.echo("  " + _("Value: {value}").format(value=problem.value), err=True)
        click.echo("  " + _("Remedy: {remedy}").format(remedy=phrases.remedy(problem)), err=True)
