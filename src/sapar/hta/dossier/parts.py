"""What a dossier consists of: parts with sentences, tables and drawings; every number has an id."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from sapar.design.charts import Drawing

Look = Literal["", "lead", "note", "code", "quote", "open", "done", "waiting", "act", "stopped"]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence.

    Attributes:
        id: unique in the dossier, "" where it says no number.
        text: in the reader's language.
        look: what it is: a note, somebody's words, something that is open, a verdict's meaning.
        code, params: of the statement that it was made from, where it was.
    """

    text: str
    id: str = ""
    look: Look = ""
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    Attributes:
        id: of a number; "" of other cells.
        text: as a person reads it.
        value: as it was worked out, every digit; None where the cell is empty.
        look: the meaning of a mark.
        code: whether it is an expression of the document.
    """

    text: str
    value: float | str | None = None
    id: str = ""
    look: str = ""
    code: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """The heading of a column.

    Attributes:
        number: its cells are set to the right.
        wide: how much room it takes beside the others.
    """

    label: str
    number: bool = False
    wide: float = 1.0


@dataclass(frozen=True, slots=True)
class Grid:
    """A table.

    Attributes:
        key: an id that is unique in the dossier.
        caption: names it for those who do not see it.
        paper: what stands on paper: all rows, some of many, or none; the files have all.
        anchors: an id for each row, or none.
    """

    key: str
    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    paper: Literal["all", "some", "none"] = "all"
    anchors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing; the table that follows has the same figures."""

    key: str
    drawing: Drawing


@dataclass(frozen=True, slots=True)
class Pairs:
    """Names with what belongs to each, and a note to it."""

    key: str
    rows: tuple[tuple[str, str, str], ...]


Block = Said | Grid | Chart | Pairs


@dataclass(frozen=True, slots=True)
class Part:
    """A part with its title."""

    key: str
    title: str
    blocks: tuple[Block, ...] = ()
    parts: tuple[Part, ...] = ()

    def walk(self) -> Iterator[Block]:
        """All blocks of it and of its parts."""
        yield from self.blocks
        for each in self.parts:
            yield from each.walk()


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier.

    Attributes:
        title: of the model or topic.
        lead: a line below it.
        language: code of the language that it is written in.
        parts: in their order.
        made_on: the day on which it was put together.
        trace: from which document, engine, libraries and seeds its numbers come, as plain JSON.
    """

    title: str
    lead: str
    language: str
    parts: tuple[Part, ...]
    made_on: date
    trace: Mapping[str, Any]

    def blocks(self) -> Iterator[Block]:
        """All blocks."""
        for each in self.parts:
            yield from each.walk()
