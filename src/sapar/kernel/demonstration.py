"""What the demonstration consists of: each room registers a loader; `sapar demo` runs them.

    demonstration.add("network", Loader(10, _("the network"), "sapar.network.demonstration:load"))

A loader is `load(tell: Tell) -> None`. It is idempotent: killed half-way and run again, it ends
in the same state. It writes under `context.writing_as("demo")` or through actions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from django.utils.module_loading import import_string

from sapar.kernel.registry import Registry

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

PASSWORD = "a journey for two"  # noqa: S105 - shown to everybody; production refuses such accounts
"""The password of every demonstration login."""


class Tell(Protocol):
    """How a loader says how far it is."""

    def __call__(self, done: int, total: int) -> None:
        """Say that `done` of `total` units are loaded."""


@dataclass(frozen=True, slots=True)
class Loader:
    """One room's part of the demonstration.

    Attributes:
        order: smaller is loaded first: network 10, accounts 20, people 30, cases 40, answer 50.
        what: in the reader's language, for the progress: "the network".
        path: "module:function", imported only when the demonstration is loaded.
        version: raise it when the part must be loaded again over an older one.
    """

    order: int
    what: str | _StrPromise
    path: str
    version: int = 1

    def load(self, tell: Tell) -> None:
        """Import and run it."""
        import_string(self.path.replace(":", "."))(tell)


demonstration: Registry[Loader] = Registry("demonstration loaders")


def parts() -> list[tuple[str, Loader]]:
    """The loaders in their order."""
    return sorted(demonstration.items(), key=lambda item: item[1].order)
