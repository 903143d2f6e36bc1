"""The shipped network in the records, read and checked once for all tests of a process."""

from __future__ import annotations

from functools import cache
from uuid import UUID

TOKEN = UUID("5a9a4000-0000-4000-8000-000000000001")
"""Of the network as the files say it. Whoever changes an entry draws another: so the snapshots
that one test has made serve the next, and none is ever old."""


@cache
def _plan():
    # Imported here: conftest is read before Django's apps are ready.
    from django.conf import settings

    from sapar.network import actions
    from sapar.network.engine.difference import difference

    entries = actions.plan(settings.DATA / "network").entries
    return actions.Plan(entries, difference(entries, {}))


def load() -> None:
    """Load the network into records that have none."""
    from sapar.kernel import context
    from sapar.kernel.actors import Actor
    from sapar.network import actions
    from sapar.network.models import Entry, Revision

    assert not Entry.objects.exists()
    actions.load(by=Actor.machine("demo"), plan=_plan())
    with context.writing_as("fixture"):
        Revision.objects.filter(name="network").update(token=TOKEN)
