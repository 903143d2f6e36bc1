"""Documents on paper: PDF files that are tagged for readers of all kinds and made to be kept.

A template in Typst imports the shared form, `paper.typ`; its data comes in as JSON.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

HERE = Path(__file__).parent
FONTS = HERE / "fonts"
_LONG = re.compile(r"\w{24,}")


def breakable(text: str) -> str:
    """A text whose digests and addresses may be broken within: every eight signs."""
    return _LONG.sub(lambda found: "\u200b".join(re.findall(r"\w{1,8}", found[0])), text)


def printed(template: Path, given: Mapping[str, Any], day: date) -> bytes:
    """A document as a PDF file: the same template, data and day give the same bytes.

    Args:
        template: a Typst file of ours.
        given: the document, as JSON: title, language, day, foot and what the template asks for.
        day: on which it is made, for the file's own data.
    """
    import typst  # noqa: PLC0415 - heavy, and only where a file is written

    return bytes(
        typst.compile(
            template,
            root=HERE.parent,
            font_paths=[FONTS],
            ignore_system_fonts=True,
            sys_inputs={"document": json.dumps(given, ensure_ascii=False)},
            # PDF/UA-1 (ISO 14289-1) to be read aloud, PDF/A-2a (ISO 19005-2) to be kept.
            pdf_standards=["ua-1", "a-2a"],
            timestamp=int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()),
            format="pdf",
        )
    )
