"""Names of structures as a site writes them, to the names of AAPM's Task Group 263."""

from __future__ import annotations

from sapar.proton.engine.selection.names.match import SURE, Match, match, propose
from sapar.proton.engine.selection.names.read import (
    NOT_USED,
    BadNamesError,
    Name,
    Table,
    read_names,
)
from sapar.proton.engine.selection.names.words import tidy

__all__ = [
    "NOT_USED",
    "SURE",
    "BadNamesError",
    "Match",
    "Name",
    "Table",
    "match",
    "propose",
    "read_names",
    "tidy",
]
