"""The shipped network, read and checked once."""

from __future__ import annotations

import pytest

from tests.network import loading


@pytest.fixture
def loaded(db):
    """The demonstration network in the database."""
    loading.load()
