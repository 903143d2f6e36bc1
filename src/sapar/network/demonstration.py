"""The demonstration network: what `make demo` loads first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from sapar.kernel.actors import Actor
from sapar.network import actions

if TYPE_CHECKING:
    from sapar.kernel.demonstration import Tell


def _silent(done: int, total: int) -> None:
    """Say nothing."""


def load(tell: Tell = _silent) -> None:
    """Load the network files. Edits made in the application stay; a second run changes nothing.

    Args:
        tell: told how many entries are loaded.
    """
    plan = actions.plan(settings.DATA / "network")
    total = len(plan.entries)
    tell(0, total)
    if plan.writes:
        actions.load(by=Actor.machine("demo"), plan=plan, conflicts=actions.Conflicts.THEIRS)
    tell(total, total)
