"""The files that the tests of the design read."""

from __future__ import annotations

from pathlib import Path

import sapar.design
import sapar.site

DESIGN = Path(sapar.design.__file__).parent
STATIC = DESIGN / "static" / "design"
TEMPLATES = sorted(
    [
        *(DESIGN / "templates").rglob("*.html"),
        *(Path(sapar.site.__file__).parent / "templates").rglob("*.html"),
    ]
)
CSS = (STATIC / "sapar.css").read_text(encoding="utf-8")
PATIENT_CSS = (STATIC / "patient.css").read_text(encoding="utf-8")
JS = (STATIC / "sapar.js").read_text(encoding="utf-8")
