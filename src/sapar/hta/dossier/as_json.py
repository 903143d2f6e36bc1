"""A dossier as JSON: every sentence and every number with its id, and where it comes from."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sapar.hta.dossier.parts import Chart, Grid, Pairs, Said
from sapar.kernel.rerun.canonical import plain

if TYPE_CHECKING:
    from sapar.hta.dossier.parts import Block, Cell, Dossier, Part


def _cell(cell: Cell) -> dict[str, Any]:
    found: dict[str, Any] = {"text": cell.text, "value": cell.value}
    return found | ({"id": cell.id} if cell.id else {})


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Said):
        found: dict[str, Any] = {"kind": "sentence", "text": block.text, "look": block.look}
        if block.id:
            found["id"] = block.id
        if block.code:
            found["code"] = block.code
        if block.params:
            found["params"] = dict(block.params)
        return found
    if isinstance(block, Pairs):
        rows = [{"name": name, "value": value, "note": note} for name, value, note in block.rows]
        return {"kind": "facts", "id": block.key, "rows": rows}
    if isinstance(block, Chart):
        drawing = block.drawing
        return {
            "kind": "drawing", "id": block.key, "title": str(drawing.title),
            "described_by": drawing.described_by,
        }  # fmt: skip
    return {
        "kind": "table",
        "id": block.key,
        "caption": block.caption,
        "columns": [head.label for head in block.heads],
        **({"row_ids": list(block.anchors)} if block.anchors else {}),
        "rows": [[_cell(cell) for cell in row] for row in block.rows],
    }


def _part(part: Part) -> dict[str, Any]:
    found: dict[str, Any] = {"id": part.key, "title": part.title}
    if part.blocks:
        found["blocks"] = [_block(each) for each in part.blocks]
    if part.parts:
        found["parts"] = [_part(each) for each in part.parts]
    return found


def as_json(dossier: Dossier) -> str:
    """The dossier as text: the same dossier gives the same text."""
    found = {
        "schema": dossier.trace["schema"],
        "title": dossier.title,
        "lead": dossier.lead,
        "language": dossier.language,
        "made_on": dossier.made_on.isoformat(),
        "parts": [_part(each) for each in dossier.parts],
        "trace": dossier.trace,
    }
    return json.dumps(plain(_plain_numbers(found)), ensure_ascii=False, indent=1)


def _plain_numbers(value: Any) -> Any:
    """Decimal numbers of statements as numbers."""
    if isinstance(value, dict):
        return {key: _plain_numbers(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_numbers(each) for each in value]
    return float(value) if isinstance(value, Decimal) else value


def ids(dossier: Dossier) -> list[str]:
    """Every id of the dossier, in its order."""
    found: list[str] = []

    def walk(part: Part) -> None:
        found.append(part.key)
        for block in part.blocks:
            found.extend(_ids(block))
        for each in part.parts:
            walk(each)

    for part in dossier.parts:
        walk(part)
    return found


def _ids(block: Block) -> list[str]:
    if isinstance(block, Said):
        return [block.id] if block.id else []
    if isinstance(block, Grid):
        cells = [cell.id for row in block.rows for cell in row if cell.id]
        return [block.key, *block.anchors, *cells]
    return [block.key]
