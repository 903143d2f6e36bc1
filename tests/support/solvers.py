"""A world in which no solver can be loaded: what a web process must be able to live in."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

HEAVY = ("ortools", "highspy", "scipy", "numba", "llvmlite", "pydicom", "pandas", "matplotlib")
ENGINES = tuple(
    f"sapar.proton.engine.scheduling.{name}"
    for name in ("compiled", "day", "book", "replan", "capacity", "year")
)
"""Engines that load solvers; another test may have loaded them already."""


def forbid(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on importing a solver fails, also where another test has loaded it before."""
    for name in list(sys.modules):
        if name.split(".")[0] in HEAVY or name.startswith(ENGINES):
            monkeypatch.delitem(sys.modules, name)
    for name in HEAVY:
        monkeypatch.setitem(sys.modules, name, None)
