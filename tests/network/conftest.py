"""The shipped network, read and checked once."""

from __future__ import annotations

from functools import cache

import pytest
from django.conf import settings

from sapar.kernel.actors import Actor
from sapar.network import actions
from sapar.network.engine.difference import difference


@cache
def _entries():
    return actions.plan(settings.DATA / "network").entries


@pytest.fixture
def loaded(db):
    """The demonstration network in the database."""
    entries = _entries()
    plan = actions.Plan(entries, difference(entries, {}))
    actions.load(by=Actor.machine("demo"), plan=plan)
