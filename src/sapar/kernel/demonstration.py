"""What the demonstration consists of: each room registers a loader; `sapar demo` runs them.

    demonstration.add("network", Loader(10, _("the network"), "sapar.network.demonstration:load"))

A loader is `load(tell: Tell) -> None`. It is idempotent: killed half-way and run again, it ends
in the same state. It writes under `context.writing_as("demo")` or through actions.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from sapar.kernel.errors import ConfigurationError
from sapar.kernel.registry import Registry
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

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


def require_demonstration() -> None:
    """Refuse in production: demonstration logins and cases never stand beside real ones.

    Raises:
        ConfigurationError: this is a production installation.
    """
    if not settings.DEMONSTRATION:
        raise ConfigurationError(
            Problem.of("cli.demo_in_production", where="SAPAR_MODE", value=settings.MODE)
        )


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let the real actions run as of an earlier moment, so that a case can have a past.

    Actions ask `django.utils.timezone.now()`, and production has no other clock: this stands in
    its place while the block runs. Everything that the action writes, its audit row included, bears
    the moment; the chain is sealed over it as always. It is for the loaders of the demonstration
    alone, which run in a process of one thread; it refuses in production. Ids are made from the
    machine's clock and show when the row was really written.

    Raises:
        ConfigurationError: this is a production installation.
    """
    require_demonstration()
    real = timezone.now
    timezone.now = lambda: moment
    try:
        yield
    finally:
        timezone.now = real
