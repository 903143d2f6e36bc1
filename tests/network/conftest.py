"""The shipped network, read and checked once."""

from __future__ import annotations

from functools import cache

import pytest


@cache
def _entries():
    # Imported here: this file is read before Django's apps are ready.
    from django.conf import settings

    from sapar.network import actions

    return actions.plan(settings.DATA / "network").entries


@pytest.fixture
def loaded(db):
    """The demonstration network in the database."""
    from sapar.kernel.actors import Actor
    from sapar.network import actions
    from sapar.network.engine.difference import difference

    entries = _entries()
    plan = actions.Plan(entries, difference(entries, {}))
    actions.load(by=Actor.machine("demo"), plan=plan)
