"""The report as a PDF file: tagged, in the reader's language; the same record, the same bytes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils import translation

from sapar.design.paper import breakable, printed
from sapar.proton.report.content import content

if TYPE_CHECKING:
    from sapar.proton.report.content import Report

TEMPLATE = Path(__file__).with_name("report.typ")


def _on_paper(value: Any) -> Any:
    """The same data with long words that may be broken."""
    if isinstance(value, dict):
        return {key: each if key == "svg" else _on_paper(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_on_paper(each) for each in value]
    return breakable(value) if isinstance(value, str) else value


def build(report: Report, language: str) -> bytes:
    """The report in a language (en, kk, ky, uz, ru): the same record gives the same bytes.

    Args:
        report: what it is made of; its version is answered.
        language: of the words; numbers and dates follow it.
    """
    with translation.override(language):
        given = _on_paper(content(report))
    return printed(TEMPLATE, given, date(*given["day"]))
