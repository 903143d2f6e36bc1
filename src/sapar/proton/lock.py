"""What counted: the digest of the selection's engine, and the versions of its libraries."""

from __future__ import annotations

import functools

from sapar.kernel.rerun import code

ENGINE = "sapar.proton.engine.selection"
"""The package whose answers are kept; what it imports of ours counts with it."""
LIBRARIES = ("numpy", "scipy", "ruamel.yaml")
PLANNING = "planning."
"""How the keys of a version's `lock` begin that come from the planning environment."""
ENVIRONMENT = f"{PLANNING}environment"
"""The key with the digest of the list of packages of that environment."""


def engine_digest() -> str:
    """SHA-256 over the engine's modules and all of ours that they import."""
    return code.engine_digest(ENGINE)


@functools.cache
def _versions() -> tuple[tuple[str, str], ...]:
    return tuple(code.versions(LIBRARIES).items())


def lock() -> dict[str, str]:
    """Versions of Python, the machine's kind and the libraries that count."""
    return dict(_versions())
