"""What a person sets for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from sapar.kernel import policy
from sapar.kernel.accounts.models import User
from sapar.kernel.accounts.policy import Permission
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor


@action("accounts.update_settings")
def update_settings(
    *, by: Actor, user: UUID, language: str, time_zone: str, shortcuts: bool, theme: str
) -> None:
    """Change one's own language, time zone, single-key shortcuts and colours."""
    record = User.objects.select_for_update().get(pk=user)
    policy.require(by, Permission.EDIT_SELF, record)
    if time_zone not in available_timezones():
        raise InvalidInputError(
            Problem.of("accounts.unknown_time_zone", where="time_zone", value=time_zone)
        )
    record.language, record.time_zone = language, time_zone
    record.shortcuts, record.theme = shortcuts, User.Theme(theme)
    record.save(update_fields=["language", "time_zone", "shortcuts", "theme"])
    note(root=("user", user), what={"language": language, "shortcuts": shortcuts, "theme": theme})
