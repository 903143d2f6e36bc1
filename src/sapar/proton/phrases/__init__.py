"""What the proton room has to say: one file for each part, merged here."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

PHRASES: dict[str, _StrPromise] = {}
for _part in sorted(found.name for found in pkgutil.iter_modules(__path__)):
    PHRASES.update(importlib.import_module(f"{__name__}.{_part}").PHRASES)
