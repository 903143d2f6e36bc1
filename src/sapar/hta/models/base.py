"""What the records of the room share: the body they belong to, and rows that never change."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from sapar.kernel.accounts.models import Organisation
from sapar.kernel.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models.base import ModelBase

MARKS = (
    ("verified", _("verified")),
    ("demonstration", _("demonstration")),
    ("unverified", _("not verified")),
)


class ChangedForGoodError(RuntimeError):
    """A row that is kept for good was to be changed. A bug, never a user's mistake."""


class HtaRecord(Record):
    """A record of one body that assesses; `organisation` is that body."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")

    privacy: ClassVar[dict[str, str]] = {"organisation": "operational"}

    class Meta:
        """Abstract."""

        abstract = True


class KeptRecord(HtaRecord):
    """A record that is written once: what was assessed, said or voted stays as it was."""

    class Meta:
        """Abstract."""

        abstract = True

    def save(
        self,
        *,
        force_insert: bool | tuple[ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Write the row for the first and last time.

        Raises:
            ChangedForGoodError: it is there already.
        """
        if not self._state.adding:
            message = f"{type(self).__name__} is written once; make a new one"
            raise ChangedForGoodError(message)
        super().save(
            force_insert=force_insert,
            force_update=force_update,
            using=using,
            update_fields=update_fields,
        )
