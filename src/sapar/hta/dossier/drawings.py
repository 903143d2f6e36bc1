"""Drawings of a dossier as SVG without their titles, which stand above them as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sapar.design.charts import standalone

if TYPE_CHECKING:
    from sapar.design.charts import Drawing

TITLE = 34
"""Pixels at the top of a drawing that stands alone in which its title stands."""
_TITLE = re.compile(r'<text class="title"[^>]*>[^<]*</text>')
_BOX = re.compile(r' height="[\d.]+" viewBox="0 0 ([\d.]+) ([\d.]+)"')


def untitled(drawing: Drawing) -> tuple[str, float]:
    """An SVG file and its height by its width.

    Its title is left away, since a line of a document breaks where a drawing would cut it off.
    """
    text = _TITLE.sub("", standalone(drawing), count=1)
    box = _BOX.search(text)
    if box is None:
        return text, 1.0
    wide, high = float(box[1]), float(box[2]) - TITLE
    place = f' height="{high:g}" viewBox="0 {TITLE} {wide:g} {high:g}"'
    return text[: box.start()] + place + text[box.end() :], high / wide
