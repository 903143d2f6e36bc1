"""The data files of the selection: their text, their digests, and the knowledge read from them."""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sapar.proton.engine.selection.models.library import Library
    from sapar.proton.engine.selection.rules.protocol import Protocols

FILES = ("models", "protocols")
"""Those that an answer depends on."""
DOSE_FILES = ("ct-curves", "planning", "calibration")
"""Those that an estimated or planned proton dose depends on: the question holds its histograms."""


def text_of(name: str) -> str:
    """A data file of the selection, such as "models"."""
    return (settings.DATA / "proton" / "selection" / f"{name}.yaml").read_text(encoding="utf-8")


@functools.lru_cache(maxsize=2)
def _read(models: str, protocols: str) -> tuple[Library, Protocols]:
    from sapar.proton.engine.selection.models.library import read_models  # noqa: PLC0415 - heavy
    from sapar.proton.engine.selection.rules.protocol import (  # noqa: PLC0415 - the same
        read_protocols,
    )

    library = read_models(models)
    return library, read_protocols(protocols, library)


def knowledge() -> tuple[Library, Protocols]:
    """The models and the protocols of this installation; read anew where a file has changed."""
    return _read(text_of("models"), text_of("protocols"))


def data_digests() -> dict[str, str]:
    """SHA-256 of each data file that an answer depends on."""
    return _digests(FILES)


def dose_digests() -> dict[str, str]:
    """SHA-256 of each data file that an estimated or planned proton dose depends on."""
    return _digests(DOSE_FILES)


def _digests(names: Sequence[str]) -> dict[str, str]:
    return {name: hashlib.sha256(text_of(name).encode()).hexdigest() for name in names}
