"""What a load would change: entry by entry, field by field."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.network.engine.check import Checked


class Sort(StrEnum):
    """What happens to an entry."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    CONFLICT = "conflict"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field: its path, what it said and what it will say (None is not there)."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one entry."""

    sort: Sort
    kind: str
    code: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as it stands: now (None if removed), and as the last load left it."""

    data: Mapping[str, Any] | None
    filed: Mapping[str, Any] | None


def flatten(value: Any, path: str = "") -> dict[str, str]:
    """The leaves of a plain value by path."""
    if isinstance(value, dict):
        result: dict[str, str] = {}
        for key, inner in value.items():
            result.update(flatten(inner, f"{path}.{key}" if path else str(key)))
        return result
    if isinstance(value, list) and any(isinstance(v, dict) for v in value):
        result = {}
        for at, inner in enumerate(value):
            result.update(flatten(inner, f"{path}[{at}]"))
        return result
    if isinstance(value, list):
        return {path: ", ".join(str(v) for v in value)}
    return {path: "" if value is None else str(value)}


def field_changes(before: Any, after: Any) -> tuple[FieldChange, ...]:
    """The fields in which two plain entries differ; either may be None."""
    old, new = flatten(before or {}), flatten(after or {})
    old.pop("", None)
    new.pop("", None)
    return tuple(
        FieldChange(path, old.get(path), new.get(path))
        for path in sorted(old | new)
        if old.get(path) != new.get(path)
    )


def difference(
    entries: tuple[Checked, ...], stored: Mapping[tuple[str, str], Stored]
) -> tuple[Change, ...]:
    """What loading these entries changes.

    An entry that was edited in the application since the last load is a conflict if the files
    changed it too, or differ from it and never held it; if the files still say what they said,
    the edit is kept. Kinds of which the files hold nothing are left alone.

    Args:
        entries: the checked content of the files.
        stored: what there is, by kind and code.
    """
    changes: list[Change] = []
    wanted = {(e.kind, e.code): e.data for e in entries}
    for key, data in wanted.items():
        old = stored.get(key)
        if old is None:
            changes.append(Change(Sort.ADDED, *key, field_changes(None, data)))
        elif old.data != data:
            edited = old.data != old.filed
            sort = Sort.CHANGED if not edited else Sort.CONFLICT
            if edited and old.filed == data:
                sort = Sort.KEPT
            changes.append(Change(sort, *key, field_changes(old.data, data)))
    kinds = {kind for kind, _code in wanted}
    for key, old in stored.items():
        if key in wanted or key[0] not in kinds or old.data is None or old.filed is None:
            continue
        sort = Sort.REMOVED if old.data == old.filed else Sort.CONFLICT
        changes.append(Change(sort, *key, field_changes(old.data, None)))
    return tuple(sorted(changes, key=lambda c: (c.kind, c.code)))
