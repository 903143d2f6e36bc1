"""The registry's data files, read once a process."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from sapar.proton.engine.outcomes.library import FILES, Library, read_library


@cache
def library() -> Library:
    """The fields, terms, questionnaires and endpoints of this installation."""
    folder = settings.DATA / "proton" / "outcomes"
    return read_library(
        {name: (folder / f"{name}.yaml").read_text(encoding="utf-8") for name in FILES}
    )
