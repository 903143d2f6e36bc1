"""The demonstration network: what `make demo` loads first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from sapar.kernel.actors import Actor
from sapar.network import actions

if TYPE_CHECKING:
    from collections.abc import Callable


def load(progress: Callable[[str], None] = lambda _text: None) -> None:
    """Load the network files. Edits made in the application stay; a second run changes nothing.

    Args:
        progress: told in a few words what is happening.
    """
    progress("network: reading files")
    plan = actions.plan(settings.DATA / "network")
    if plan.writes:
        progress(f"network: {len(plan.changes)} entries to write")
        actions.load(by=Actor.machine("demo"), plan=plan, conflicts=actions.Conflicts.THEIRS)
    progress(f"network: {len(plan.entries)} entries")
