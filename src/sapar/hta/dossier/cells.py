"""Cells and tables of a dossier from what pages and engines have."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from sapar.hta.dossier.parts import Cell, Chart, Grid, Head, Said
from sapar.hta.views import words
from sapar.kernel.languages import phrases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sapar.hta.dossier.parts import Block
    from sapar.hta.views.picture import Column, Picture
    from sapar.values.statements import Statement


def said(statements: Iterable[Statement], key: str) -> list[Said]:
    """Statements as sentences, numbered from 1 under a key."""
    return [
        Said(phrases.text(each), f"{key}-{n}", code=each.code, params=each.params)
        for n, each in enumerate(statements, 1)
    ]


def number(value: Any, form: Callable[[Any], str], place: str) -> Cell:
    """A number with its id; nothing where there is none."""
    if value is None:
        return Cell("–")
    return Cell(form(value), value, place)


def _cell(column: Column, value: Any, place: str) -> Cell:
    if column.mark and isinstance(value, tuple):
        return Cell(str(value[1]), str(value[1]), look=str(value[0]))
    text = column.form(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Cell(text, value, place)
    return Cell(text, None if value is None else str(value), place if column.number else "")


def _wide(column: Column) -> float:
    if column.number:
        return 1.0
    return 0.9 if column.mark else 1.6


def _same(rows: Sequence[Sequence[Any]], place: int) -> bool:
    return all(row[place] is None for row in rows)


def blocks_of(
    picture: Picture, *, paper: Literal["all", "some", "none"] | None = None
) -> list[Block]:
    """A picture of a page as blocks: its note, its drawing, its table.

    Columns in which nothing stands are left out.
    """
    found: list[Block] = [Said(picture.note, look="note")] if picture.note else []
    if picture.drawing is not None:
        found.append(Chart(f"{picture.key}-chart", picture.drawing))
    kept = [k for k in range(len(picture.columns)) if not _same(picture.rows, k)]
    heads = tuple(
        Head(picture.columns[k].label, picture.columns[k].number, _wide(picture.columns[k]))
        for k in kept
    )
    rows = tuple(
        tuple(
            _cell(picture.columns[k], row[k], f"n-{picture.key}-{n}-{picture.columns[k].key}")
            for k in kept
        )
        for n, row in enumerate(picture.rows, 1)
    )
    found.append(
        Grid(
            f"{picture.key}-table", picture.title, heads, rows,
            paper or ("some" if picture.drawing is not None else "all"),
        )
    )  # fmt: skip
    return found


def grid(
    key: str,
    caption: str,
    heads: Sequence[tuple[str, Callable[[Any], str] | None]],
    rows: Sequence[Sequence[Any]],
) -> Grid:
    """A table from raw values: a column with a form has numbers, the others have texts."""
    made = tuple(
        tuple(
            number(value, form, f"n-{key}-{n}-{k}")
            if form is not None
            else Cell(words.text(value), words.text(value))
            for k, ((_label, form), value) in enumerate(zip(heads, row, strict=True), 1)
        )
        for n, row in enumerate(rows, 1)
    )
    shown = tuple(Head(label, form is not None, 1.0 if form else 1.8) for label, form in heads)
    return Grid(f"{key}-table", caption, shown, made)


def finite(value: Any) -> float | None:
    """A number, or None where it is none or is not finite."""
    if isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    return None
