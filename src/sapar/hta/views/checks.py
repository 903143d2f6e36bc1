"""Verification: each test of a model with what it found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from sapar.hta import verification_words
from sapar.hta.views.picture import Column, Picture, Shown

if TYPE_CHECKING:
    from sapar.design.components import Meaning

STATUS: dict[str, Meaning] = {
    "failed": "act",
    "warning": "waiting",
    "passed": "done",
    "not-applicable": "",
}
"""In the order of the table."""


def checks(shown: Shown) -> Picture:
    """Every test, the failed ones first, those that do not apply last."""
    order = list(STATUS)
    rows = sorted(shown.result["tests"], key=lambda row: order.index(row["status"]))
    columns = (
        Column(_("Test"), "says", number=False),
        Column(_("Result"), "status", number=False, mark=True),
        Column(_("What it found"), "found", number=False),
        Column(_("About"), "group", number=False),
    )
    table = tuple(
        (
            verification_words.says(row),
            (STATUS[row["status"]], verification_words.status(row["status"])),
            verification_words.sentence(row),
            verification_words.group(row["group"]),
        )
        for row in rows
    )
    return Picture("checks", _("Tests of the model"), columns, table)
