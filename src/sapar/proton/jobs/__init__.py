"""Long work of the proton room, loaded only by the worker: one file a subject."""

from __future__ import annotations

import importlib
import pkgutil

for _part in sorted(found.name for found in pkgutil.iter_modules(__path__)):
    importlib.import_module(f"{__name__}.{_part}")
