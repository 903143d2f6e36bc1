"""Where the planning environment is, and what it is made of."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

VARIABLE = "SAPAR_PLANNING"
"""Names the folder of the environment where it is not `.planning/venv` of the checkout."""


def code() -> Path:
    """The package of the product, which the worker is a part of."""
    return Path(__file__).resolve().parents[3]


def root() -> Path:
    """The checkout that this code is in."""
    return Path(__file__).resolve().parents[5]


def folder() -> Path:
    """The folder of the environment, whether it is there or not."""
    return Path(os.environ.get(VARIABLE) or root() / ".planning" / "venv")


def python() -> Path:
    """Its interpreter."""
    return folder() / "bin" / "python"


def available() -> bool:
    """Whether the environment was built to the end."""
    return python().exists() and (folder() / ".ready").exists()


def lock_digest() -> str:
    """SHA-256 of the list of packages the environment was built from, or "" where it is not."""
    ready = folder() / ".ready"
    return hashlib.sha256(ready.read_bytes()).hexdigest() if ready.exists() else ""
