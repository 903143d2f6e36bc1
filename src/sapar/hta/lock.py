"""What counted: the digest of the engine's own text, and the versions of its libraries."""

from __future__ import annotations

import functools
import hashlib
import platform
from importlib import metadata
from pathlib import Path

LIBRARIES = ("numpy", "scipy", "ruamel.yaml")


@functools.cache
def engine_digest() -> str:
    """SHA-256 over the engine's files, names and text, in order of name."""
    folder = Path(__file__).parent / "engine"
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        found.update(path.relative_to(folder).as_posix().encode() + b"\0")
        found.update(path.read_bytes() + b"\0")
    return found.hexdigest()


@functools.cache
def _versions() -> tuple[tuple[str, str], ...]:
    named = [(name, metadata.version(name)) for name in LIBRARIES]
    return (("python", platform.python_version()), ("machine", platform.machine()), *named)


def lock() -> dict[str, str]:
    """Versions of Python, the machine's kind and the libraries that count."""
    return dict(_versions())
