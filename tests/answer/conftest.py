"""The demonstration network for the tests of this room."""

from tests.network.conftest import loaded

__all__ = ["loaded"]
