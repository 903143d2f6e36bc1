"""The action that is running in this thread, so that records can refuse writes outside one."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sapar.kernel.actors import Actor


@dataclass(slots=True)
class Running:
    """What is known of the action while it runs.

    Attributes:
        name: the action's registered name.
        by: who acts.
        noted: how many audit rows it wrote.
        authorised: whether it asked the policy.
    """

    name: str
    by: Actor
    noted: int = 0
    authorised: bool = False


@dataclass(frozen=True, slots=True)
class Unaudited:
    """A named exception to the rule that only actions write (see UNAUDITED_WRITERS)."""

    name: str


UNAUDITED_WRITERS = {
    "demo": "loads the demonstration; refuses to run in production",
    "loader": "reference data; the load itself is one audited action",
    "migration": "data migrations run before any user exists",
    "allauth": "sign-in and second factors write their own records",
    "fixture": "tests arrange their world",
}
"""Everything that may write records outside an action, and why."""

_current: ContextVar[Running | Unaudited | None] = ContextVar("sapar_action", default=None)


def current() -> Running | Unaudited | None:
    """The running action or named exception, or None."""
    return _current.get()


@contextmanager
def running(action: Running) -> Iterator[Running]:
    """Make an action the current one."""
    token = _current.set(action)
    try:
        yield action
    finally:
        _current.reset(token)


@contextmanager
def writing_as(name: str) -> Iterator[None]:
    """Write outside an action, as one of UNAUDITED_WRITERS.

    Raises:
        KeyError: the name is not on the list.
    """
    if name not in UNAUDITED_WRITERS:
        message = f"{name!r} may not write outside an action; see UNAUDITED_WRITERS"
        raise KeyError(message)
    token = _current.set(Unaudited(name))
    try:
        yield
    finally:
        _current.reset(token)
