"""The report as a PDF file: tagged, in the reader's language; the same record, the same bytes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils import translation

import sapar.design
from sapar.proton.report.content import content

if TYPE_CHECKING:
    from sapar.proton.report.content import Report

TEMPLATE = Path(__file__).with_name("report.typ")
FONTS = Path(sapar.design.__file__).with_name("fonts")
_LONG = re.compile(r"\w{24,}")


def _breakable(text: str) -> str:
    """A digest or an address that may be broken within."""
    return _LONG.sub(lambda found: "\u200b".join(re.findall(r"\w{1,8}", found[0])), text)


def _on_paper(value: Any) -> Any:
    """The same data with long words that may be broken."""
    if isinstance(value, dict):
        return {key: each if key == "svg" else _on_paper(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_on_paper(each) for each in value]
    return _breakable(value) if isinstance(value, str) else value


def build(report: Report, language: str) -> bytes:
    """The report in a language (en, kk, ky, uz, ru): the same record gives the same bytes.

    Args:
        report: what it is made of; its version is answered.
        language: of the words; numbers and dates follow it.
    """
    import typst  # noqa: PLC0415 - heavy, and only where a file is written

    with translation.override(language):
        given = _on_paper(content(report))
    day = given["day"]
    return bytes(
        typst.compile(
            TEMPLATE,
            font_paths=[FONTS],
            ignore_system_fonts=True,
            sys_inputs={"report": json.dumps(given, ensure_ascii=False)},
            pdf_standards=["ua-1", "a-2a"],  # for readers of all kinds, and to be kept
            timestamp=int(datetime(day[0], day[1], day[2], tzinfo=UTC).timestamp()),
            format="pdf",
        )
    )
