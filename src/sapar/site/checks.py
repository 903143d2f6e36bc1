"""System checks: what must not be true in production."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's
from django.db import DatabaseError, InterfaceError


@register(Tags.security, deploy=True)
def no_demonstration_logins(**_kwargs: Any) -> list[CheckMessage]:
    """Demonstration logins have a published password: none may exist in production."""
    from sapar.kernel.accounts.models import User  # noqa: PLC0415 - checks load before records

    if settings.MODE != "production":
        return []
    try:
        count = User.objects.filter(is_demonstration=True).count()
    except (DatabaseError, InterfaceError):
        return [Warning("the database could not be asked for demonstration logins", id="site.W001")]
    if not count:
        return []
    return [
        Error(
            f"{count} demonstration logins exist in a production installation",
            hint="Start production with an empty database; never restore a demonstration into it.",
            id="site.E001",
        )
    ]


@register(Tags.security, deploy=True)
def mail_is_sent(**_kwargs: Any) -> list[CheckMessage]:
    """Sign-in in production needs e-mail: addresses are confirmed by it."""
    if settings.MODE == "production" and "locmem" in settings.EMAIL_BACKEND:
        return [
            Error(
                "no e-mail is sent",
                hint="Set SAPAR_SMTP, such as smtp://user:password@mail.example.org:587.",
                id="site.E002",
            )
        ]
    return []
