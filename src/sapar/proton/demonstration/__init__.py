"""What the demonstration consists of: how the proton centre plans; `a_year` fills its books."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from ruamel.yaml import YAML

from sapar.kernel.accounts.models import Organisation
from sapar.kernel.actors import Actor
from sapar.kernel.demonstration import require_demonstration
from sapar.proton import actions
from sapar.proton.models import Configuration
from sapar.values.marks import Mark, Source

if TYPE_CHECKING:
    from pathlib import Path

    from sapar.kernel.demonstration import Tell


@dataclass(frozen=True, slots=True)
class Shipped:
    """A configuration as a file has it.

    Attributes:
        code: of the centre's organisation.
        valid_from: the day from which it counts.
        source: with its mark.
        data: the configuration itself.
        notes: what of it has another source or mark.
    """

    code: str
    valid_from: date
    source: Source
    data: dict[str, Any]
    notes: tuple[dict[str, Any], ...]


def shipped(folder: Path | None = None) -> tuple[Shipped, ...]:
    """The configurations under data/proton.

    Args:
        folder: the files' folder; the installation's own by default.
    """
    found = []
    for file in sorted((folder or settings.DATA / "proton").glob("*.yaml")):
        read = _read(file.read_text(encoding="utf-8"))
        source = read["source"]
        found.append(
            Shipped(
                code=read["code"],
                valid_from=read["valid_from"],
                source=Source(
                    title=source["title"],
                    dated=source.get("dated"),
                    mark=Mark(source["mark"]),
                    who_can_tell=source.get("who_can_tell", ""),
                ),
                # Dates are text in the planning documents; aliases become copies.
                data=json.loads(json.dumps(read["data"], default=_plain)),
                notes=tuple(json.loads(json.dumps(read.get("notes", []), default=_plain))),
            )
        )
    return tuple(found)


@lru_cache(maxsize=4)
def _read(text: str) -> dict[str, Any]:
    """What a file says; nobody writes into it."""
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return found


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    message = f"{type(value).__name__} in a configuration"
    raise TypeError(message)


def _silent(done: int, total: int) -> None:
    """Say nothing."""


def load_centre(tell: Tell = _silent) -> None:
    """Keep the shipped configurations; a centre that has one already is left as it is."""
    require_demonstration()
    files = shipped()
    for done, each in enumerate(files, start=1):
        centre = Organisation.objects.get(code=each.code)
        if not Configuration.objects.filter(centre=centre).exists():
            actions.configure(
                by=Actor.machine("demo"),
                centre=centre.pk,
                data=each.data,
                valid_from=each.valid_from,
                source=each.source,
                why="sapar demo",
            )
        tell(done, len(files))
