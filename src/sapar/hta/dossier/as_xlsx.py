"""A dossier as an Excel file: a sheet for each table, the sentences in one of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from sapar.hta.dossier.parts import Grid, Pairs, Said
from sapar.hta.export import Sheet, workbook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sapar.hta.dossier.parts import Cell, Dossier, Part


def _rows(part: Part, above: str = "") -> Iterator[tuple[str, str, str]]:
    """Sentences and facts of a part: where, name, text."""
    title = f"{above} / {part.title}" if above else part.title
    for block in part.blocks:
        if isinstance(block, Said):
            yield title, block.id, block.text
        elif isinstance(block, Pairs):
            for name, value, note in block.rows:
                yield title, name, f"{value} ({note})" if value and note else value or note
    for each in part.parts:
        yield from _rows(each, title)


def _value(cell: Cell) -> str | float | None:
    value: Any = cell.value
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return cell.text if value is None and cell.text != "–" else value


def _table(grid: Grid) -> Sheet:
    return Sheet(
        grid.caption,
        [head.label for head in grid.heads],
        [[_value(cell) for cell in row] for row in grid.rows],
    )


def sheets(dossier: Dossier) -> list[Sheet]:
    """All sheets: what is said first, then each table with every row and digit."""
    texts = [row for part in dossier.parts for row in _rows(part)]
    first = Sheet(_("Dossier"), (_("Part"), _("Name"), _("Text")), texts)
    return [first, *(_table(each) for each in dossier.blocks() if isinstance(each, Grid))]


def as_xlsx(dossier: Dossier) -> bytes:
    """The dossier as the bytes of a file."""
    return workbook(sheets(dossier), dossier.title)
