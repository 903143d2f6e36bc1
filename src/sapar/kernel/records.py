"""The base of every record: an id, a version, and writes only inside actions."""

from __future__ import annotations

import os
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.db import models

from sapar.kernel import context
from sapar.kernel.errors import NotFoundError, StaleVersionError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models.base import ModelBase


class WroteOutsideActionError(RuntimeError):
    """A record was written by code that is no action. A bug, never a user's mistake."""


_MOST_IN_A_MILLISECOND = (1 << 12) - 1
_last = [0, 0]
_last_lock = threading.Lock()


def _moment() -> tuple[int, int]:
    """Milliseconds and a counter within them; together they only grow in this process."""
    now = time.time_ns() // 1_000_000
    with _last_lock:
        before, count = _last
        if now > before:
            count = int.from_bytes(os.urandom(1), "big")
        elif count < _MOST_IN_A_MILLISECOND:
            now, count = before, count + 1
        else:
            now, count = before + 1, 0
        _last[:] = now, count
        return now, count


def new_id() -> uuid.UUID:
    """A UUID version 7 (RFC 9562): time-ordered, so that indexes grow at one end.

    Its twelve bits of `rand_a` are a counter (section 6.2, method 1), so that records made one
    after another by one process sort in that order, even within a millisecond.
    """
    milliseconds, count = _moment()
    value = (milliseconds & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76
    value |= count << 64
    value |= 0b10 << 62
    value |= int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return uuid.UUID(int=value)


def _require_action(model: type[models.Model], verb: str) -> None:
    if context.current() is None:
        message = (
            f"{model.__name__}.{verb} outside an action: call a function of the room's actions.py"
        )
        raise WroteOutsideActionError(message)


_R = TypeVar("_R", bound="Record")


class RecordQuerySet(models.QuerySet[_R]):
    """A queryset whose bulk writes obey the same rule as `save`."""

    def update(self, **kwargs: Any) -> int:
        """Update in bulk, inside an action only."""
        _require_action(self.model, "update")
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete in bulk, inside an action only."""
        _require_action(self.model, "delete")
        return super().delete()

    def bulk_create(self, objs: Iterable[_R], *args: Any, **kwargs: Any) -> list[_R]:
        """Create in bulk, inside an action only."""
        _require_action(self.model, "bulk_create")
        return super().bulk_create(objs, *args, **kwargs)

    def bulk_update(
        self, objs: Iterable[_R], fields: Iterable[str], batch_size: int | None = None
    ) -> int:
        """Update many, inside an action only."""
        _require_action(self.model, "bulk_update")
        return super().bulk_update(objs, fields, batch_size=batch_size)

    def claim(self, pk: uuid.UUID, version: int | None = None) -> _R:
        """Lock one record for this transaction and check that it is the version the user saw.

        Args:
            pk: the record's id.
            version: the version shown to the user; None where no user looked at one.

        Raises:
            NotFoundError: there is none.
            StaleVersionError: somebody else has changed it.
        """
        record = self.select_for_update().filter(pk=pk).first()
        where = f"{self.model._meta.label_lower}:{pk}"  # noqa: SLF001 - Django's documented _meta
        if record is None:
            raise NotFoundError(Problem.of("kernel.not_found", where=where))
        if version is not None and record.version != version:
            raise StaleVersionError(
                Problem.of("kernel.stale_version", where=where, value=version, now=record.version)
            )
        return record


class Record(models.Model):
    """A row that only actions write. Every update raises `version` by one.

    `privacy` says what kind of data each field holds; a test fails for a record of a room
    that has not declared it. Keys: "id", "operational", "personal", "clinical", "secret".
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(auto_now_add=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[RecordQuerySet[Self]] = RecordQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        """Abstract: each room's records are its own tables."""

        abstract = True

    def save(
        self,
        *,
        force_insert: bool | tuple[ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Write the record, inside an action only; an update raises the version."""
        _require_action(type(self), "save")
        if not self._state.adding:
            self.version += 1
            if update_fields is not None:
                update_fields = {*update_fields, "version"}
        super().save(
            force_insert=force_insert,
            force_update=force_update,
            using=using,
            update_fields=update_fields,
        )

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the record, inside an action only."""
        _require_action(type(self), "delete")
        return super().delete(*args, **kwargs)
