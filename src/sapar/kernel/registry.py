"""A named list that rooms add to when Django starts, and the floors above read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


class Registry(Generic[T]):
    """Entries by key, in the order of registration; a key can be taken once.

    Rooms register in `AppConfig.ready`, so that a lower floor can show or call what a
    higher one offers without importing it.
    """

    def __init__(self, what: str) -> None:
        """Name what is registered, for messages."""
        self.what = what
        self._entries: dict[str, T] = {}

    def add(self, key: str, entry: T) -> T:
        """Register; returns the entry.

        Raises:
            ValueError: the key belongs to another entry.
        """
        if key in self._entries and self._entries[key] != entry:
            message = f"two entries named {key!r} in {self.what}"
            raise ValueError(message)
        self._entries[key] = entry
        return entry

    def get(self, key: str) -> T:
        """The entry.

        Raises:
            KeyError: none is registered; the message lists those that are.
        """
        try:
            return self._entries[key]
        except KeyError:
            message = f"no {key!r} in {self.what}; there are {', '.join(sorted(self._entries))}"
            raise KeyError(message) from None

    def __iter__(self) -> Iterator[T]:
        """The entries, in the order of registration."""
        return iter(self._entries.values())

    def __contains__(self, key: str) -> bool:
        """Whether the key is taken."""
        return key in self._entries

    def items(self) -> list[tuple[str, T]]:
        """Keys with entries."""
        return list(self._entries.items())
