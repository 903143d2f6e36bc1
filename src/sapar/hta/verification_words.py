"""What the tests of a model found, in the reader's language: for pages, dossier and terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from sapar.hta.engine.verification.kinds import FAILED, GROUPS, PASSED, SKIPPED, WARNED, listing

if TYPE_CHECKING:
    from collections.abc import Mapping


def status(code: str) -> str:
    """A status in a word."""
    return {
        FAILED: _("failed"),
        WARNED: _("warning"),
        PASSED: _("passed"),
        SKIPPED: _("not applicable"),
    }[code]


def group(code: str) -> str:
    """The title of a group of tests."""
    return _(GROUPS[code])


def says(row: Mapping[str, Any]) -> str:
    """What must hold."""
    text: str = row["says"]
    return _(text)


def sentence(row: Mapping[str, Any]) -> str:
    """What a test found: why, about what, and the two numbers.

    Args:
        row: one of the tests of a `sapar.hta.verification/1` document.
    """
    parts = []
    if row["why"]:
        why: str = row["why"]
        parts.append(_(why).format(**row["params"]))
    elif row["names"]:
        parts.append(listing(tuple(row["names"])))
    if row["status"] in {FAILED, WARNED} and row["found"] and row["expected"]:
        said = _("{found} in place of {expected}")
        parts.append(said.format(found=row["found"], expected=row["expected"]))
    elif row["found"]:
        parts.append(row["found"])
    return "; ".join(parts)


def summary(counts: Mapping[str, int]) -> str:
    """How many tests have each status."""
    said = _("{passed} passed, {failed} failed, {warned} with a warning, {skipped} not applicable.")
    return said.format(
        passed=counts[PASSED],
        failed=counts[FAILED],
        warned=counts[WARNED],
        skipped=counts[SKIPPED],
    )
