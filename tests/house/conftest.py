"""The demonstration network for the tests of the whole house."""

from tests.network.conftest import loaded

__all__ = ["loaded"]
