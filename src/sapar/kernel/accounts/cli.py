"""`sapar accounts`: appoint somebody, list the licences that end."""

from __future__ import annotations

import click


@click.group()
def accounts() -> None:
    """People and their roles."""


@accounts.command()
@click.argument("email")
@click.argument("organisation")
@click.argument("role")
@click.option("--name", "full_name", required=True, help="Full name.")
@click.password_option(help="For a new account; asked for if not given.")
def appoint(email: str, organisation: str, role: str, full_name: str, password: str) -> None:
    """Give somebody a role without a request: the first administrator of an organisation."""
    from sapar.kernel.accounts import actions
    from sapar.kernel.actors import Actor
    from sapar.kernel.roles import Role

    try:
        wanted = Role(role)
    except ValueError:
        raise click.BadParameter(", ".join(Role.values), param_hint="ROLE") from None
    membership = actions.appoint(
        by=Actor.machine("command"),
        email=email,
        full_name=full_name,
        organisation=organisation,
        role=wanted,
        password=password,
    )
    click.echo(f"{membership}")


@accounts.command()
@click.option("--days", default=60, show_default=True, help="Look so many days ahead.")
def expiring(days: int) -> None:
    """List the licences that end soon or have ended."""
    from datetime import timedelta

    from django.utils import timezone

    from sapar.kernel.accounts import queries
    from sapar.kernel.actors import Actor

    for found in queries.licences_expiring(
        Actor.machine("command"), on=timezone.localdate(), within=timedelta(days=days)
    ):
        click.echo(f"{found.licence_expires} {found.full_name} {found.organisation}")
