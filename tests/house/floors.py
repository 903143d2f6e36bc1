"""The floors as a table, for tests of what import-linter cannot see. Keep it as in pyproject."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "sapar"


def _layers() -> list[list[str]]:
    """The layers of the first contract, the lowest first, as lists of rooms."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contract = tomllib.load(file)["tool"]["importlinter"]["contracts"][0]
    layers = [layer.replace("|", ":").split(":") for layer in reversed(contract["layers"])]
    return [[room.strip(" ()") for room in layer] for layer in layers]


FLOORS = {room: number for number, layer in enumerate(_layers()) for room in layer}


def may_use(room: str, other: str) -> bool:
    """Whether a room may name another: itself, or one on a lower floor."""
    return room == other or FLOORS[other] < FLOORS[room]


def room_of(path: Path) -> str:
    """The room a file of the package belongs to."""
    return path.relative_to(SOURCE).parts[0]
