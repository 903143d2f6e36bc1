"""A dossier on paper: PDF/UA with bookmarks, page numbers and headings that machines can read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from sapar.design.paper import breakable, printed
from sapar.hta.dossier.drawings import untitled
from sapar.hta.dossier.parts import Chart, Grid, Pairs, Said
from sapar.kernel.languages import formats

if TYPE_CHECKING:
    from sapar.hta.dossier.parts import Block, Cell, Dossier, Part

TEMPLATE = Path(__file__).with_name("dossier.typ")
MOST = 13
"""Rows on paper of a table beside a drawing; the files have all."""
WHOLE, WIDEST = 640.0, 0.9
"""Pixels of a drawing that takes the whole width of the text; none takes more than so much."""
SCREEN, PAPER = "'Noto Sans',system-ui,sans-serif", "'Sapar Sans'"
"""Fonts of a drawing on a screen and on paper."""
TALLEST = 1.1
"""Height of a drawing at most, in widths of the text."""


def _cell(cell: Cell) -> dict[str, Any]:
    return {"text": _breakable(cell.text) if cell.code else cell.text, "look": cell.look,
            "code": cell.code}  # fmt: skip


def _breakable(text: str) -> str:
    """An expression or a digest that may be broken after signs, and within long words."""
    for sign in ("_", ".", "(", "/", ":"):
        text = text.replace(sign, f"{sign}\u200b")
    return breakable(text)


def _rows(grid: Grid) -> tuple[list[tuple[Cell, ...]], str]:
    """The rows that stand on paper, and what is said of the others.

    Of points along an axis some are taken evenly; of a ranking the first ones.
    """
    rows = list(grid.rows)
    if grid.paper != "some" or len(rows) <= MOST:
        return rows, ""
    if grid.heads[0].number:
        step = -(-(len(rows) - 1) // (MOST - 1))
        places = sorted({*range(0, len(rows), step), len(rows) - 1})
    else:
        places = list(range(MOST))
    said = _("{shown} of {count} rows; the files have all.")
    told = said.format(shown=formats.number(len(places)), count=formats.number(len(rows)))
    return [rows[k] for k in places], told


def _block(block: Block) -> dict[str, Any] | None:
    if isinstance(block, Said):
        return {"kind": "sentence", "text": block.text, "look": block.look}
    if isinstance(block, Pairs):
        return {"kind": "facts", "rows": [list(row) for row in block.rows]}
    if isinstance(block, Chart):
        svg, shape = untitled(block.drawing)
        svg = svg.replace(SCREEN, PAPER)
        wide = block.drawing.width
        share = min(WIDEST, wide / WHOLE if wide else WIDEST, TALLEST / shape)
        return {"kind": "drawing", "svg": svg, "title": str(block.drawing.title), "share": share}
    if block.paper == "none":
        return None
    rows, cut = _rows(block)
    return {
        "kind": "table",
        "heads": [{"label": h.label, "number": h.number, "wide": h.wide} for h in block.heads],
        "rows": [[_cell(cell) for cell in row] for row in rows],
        "cut": cut,
    }


def _part(part: Part) -> dict[str, Any] | None:
    blocks = [found for each in part.blocks if (found := _block(each)) is not None]
    parts = [found for each in part.parts if (found := _part(each)) is not None]
    if not blocks and not parts:
        return None
    return {"title": part.title, "blocks": blocks, "parts": parts}


def as_pdf(dossier: Dossier) -> bytes:
    """The dossier as a PDF file: the same dossier gives the same bytes."""
    day = dossier.made_on
    given = {
        "title": dossier.title,
        "lead": f"{dossier.lead} · {formats.day(day)}",
        "day": [day.year, day.month, day.day],
        "kind": _("Dossier of an economic evaluation"),
        "short": _("Dossier"),
        "contents": _("Contents"),
        "foot": dossier.lead,
        "language": dossier.language,
        "parts": [found for each in dossier.parts if (found := _part(each)) is not None],
    }
    return printed(TEMPLATE, given, day)
