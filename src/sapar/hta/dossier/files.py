"""The forms in which a dossier is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.hta.dossier.as_html import as_html
from sapar.hta.dossier.as_json import as_json
from sapar.hta.dossier.as_pdf import as_pdf
from sapar.hta.dossier.as_xlsx import as_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable

    from sapar.hta.dossier.parts import Dossier

KINDS = {
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""The media type of each form."""
_FORMS: dict[str, Callable[[Dossier], str | bytes]] = {
    "json": as_json,
    "html": as_html,
    "pdf": as_pdf,
    "xlsx": as_xlsx,
}


def written(dossier: Dossier, form: str) -> bytes:
    """A dossier as the bytes of a file, in the active language.

    Args:
        dossier: as it was put together in that language.
        form: a key of `KINDS`.
    """
    found = _FORMS[form](dossier)
    return found.encode() if isinstance(found, str) else found
