"""A result as a picture with its table: page, CSV and SVG come from the same one."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from sapar.design.charts import figure
from sapar.hta.export import Sheet
from sapar.hta.views import reading, words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.utils.safestring import SafeString

    from sapar.design.charts import Drawing
    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.queries import RunSeen, VersionSeen

OPEN, MOST = 8, 200
"""A table beside a drawing stands open up to so many rows; a page shows so many at most."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, how its values are written, and its name in a CSV file.

    Attributes:
        form: from a value to the reader's text.
        number: whether it is set to the right.
        mark: whether the value is a pair of a meaning and its word.
    """

    label: str
    key: str
    form: Callable[[Any], str] = words.text
    number: bool = True
    mark: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing and its table.

    Attributes:
        key: names it in addresses, an id that is unique on the page.
        title: of its section.
        note: a sentence under the title.
        columns, rows: of the table; values are raw.
        drawing: None where a table says it all.
        group: pictures of one group stand side by side where there is room.
        data: columns and rows of the file, where it holds more than the table says.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    drawing: Drawing | None = None
    note: str = ""
    data: tuple[tuple[Column, ...], tuple[Row, ...]] | None = None
    group: str = ""

    def figure(self) -> SafeString | str:
        """The drawing for a page."""
        return figure(self.drawing) if self.drawing else ""

    def cells(self) -> list[list[tuple[Column, Any]]]:
        """The table as a page shows it."""
        return [
            [
                (column, value if column.mark else column.form(value))
                for column, value in zip(self.columns, row, strict=True)
            ]
            for row in self.rows[:MOST]
        ]

    @property
    def folded(self) -> bool:
        """Whether the table opens on demand: the drawing stands for it."""
        return self.drawing is not None and len(self.rows) > OPEN

    @property
    def cut(self) -> bool:
        """Whether only the file has all rows."""
        return len(self.rows) > MOST

    def csv(self) -> str:
        """The table with every digit, in UTF-8 with a sign that spreadsheets know it by."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        columns, rows = self.data or (self.columns, self.rows)
        writer.writerow([column.key for column in columns])
        for row in rows:
            writer.writerow([_raw(value) for value in row])
        return "\ufeff" + out.getvalue()

    def sheet(self) -> Sheet:
        """The table of the page for an Excel file, every number as a number."""
        rows = [[_cell(value) for value in row] for row in self.rows]
        return Sheet(self.title, [column.label for column in self.columns], rows)


def _cell(value: Any) -> str | float | None:
    if isinstance(value, tuple):
        value = value[1]
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value if value is None or isinstance(value, int | float) else str(value)


def _raw(value: Any) -> str:
    """A value without loss; a text that a spreadsheet would run is made harmless."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        value = value[1]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return repr(value)
    said = str(value)
    return f"'{said}" if said[:1] in {"=", "+", "-", "@", "\t", "\r"} else said


@dataclass(frozen=True)
class Shown:
    """A run with what its pictures need to know of its model.

    Attributes:
        run: as it was answered.
        version: of the model.
        model: as it was read, or None where the engine no longer reads it.
    """

    run: RunSeen
    version: VersionSeen
    model: AnyModel | None
    _labels: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, run: RunSeen, version: VersionSeen) -> Shown:
        """Read the model for its labels."""
        model, _problems = reading.model_of(version.document)
        labels = {each.name: each.label for each in model.strategies} if model else {}
        return cls(run, version, model, labels)

    @property
    def result(self) -> Mapping[str, Any]:
        """What the engine answered."""
        return self.run.result or {}

    @property
    def strategies(self) -> list[str]:
        """The strategies' names in the order of the model."""
        found = [each["strategy"] for each in self.result.get("strategies", ())]
        order = list(self._labels)
        return sorted(found, key=lambda name: order.index(name) if name in order else len(order))

    @property
    def named(self) -> list[str]:
        """All strategies of the model."""
        return list(self._labels)

    def strategy(self, name: str | None) -> str:
        """A strategy's label."""
        return "" if name is None else self._labels.get(name, name)

    def series(self, name: str) -> int:
        """The number of a strategy's stroke and shape: the same in every picture."""
        order = list(self._labels) or self.strategies
        return order.index(name) + 1 if name in order else 1

    def parameter(self, name: str) -> str:
        """An input's label."""
        known = self.model.parameters.get(name) if self.model else None
        return known.label or name if known else name

    @property
    def currency(self) -> str:
        """What costs are counted in."""
        if self.model is None:
            return ""
        return self.model.rewards[self.model.cost].unit or self.model.settings.currency

    @property
    def effect_unit(self) -> str:
        """What effects are counted in."""
        if self.model is None:
            return _("effect")
        reward = self.model.rewards[self.model.effect]
        return reward.unit or reward.label

    @property
    def worth_label(self) -> str:
        """What a threshold counts: money for one unit of effect."""
        return f"{self.currency}/{self.effect_unit}" if self.currency else self.effect_unit

    @property
    def threshold(self) -> float | None:
        """What one unit of effect is worth, where the question says it."""
        found = self.run.options.get("threshold")
        return float(found) if isinstance(found, int | float) else None

    def names(self, found: Sequence[str]) -> str:
        """Inputs by their labels, one set."""
        return " + ".join(self.parameter(name) for name in found)
