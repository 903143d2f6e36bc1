"""Libraries that are loaded when they are first asked, so that reading a model needs none of them.

A web process reads models for its pages; only jobs and commands work them out.
"""

from __future__ import annotations

import importlib
from typing import Any


class _Later:
    """A module that is imported when something of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, asked: str) -> Any:
        return getattr(importlib.import_module(self._name), asked)


special: Any = _Later("scipy.special")
optimize: Any = _Later("scipy.optimize")
