"""What a referral says, to JSON and back without loss. Versioned.

The codec is `values.plain`; here is what must hold for years: a field that a later version of
Sapar drops is ignored on reading, one that it adds takes its default, and facts of a version to
come are refused.
"""

from __future__ import annotations

from typing import Any

from sapar.cases.engine.referral import ReferralFacts
from sapar.values.plain import from_plain, to_plain

VERSION = 1


class UnknownVersionError(ValueError):
    """The JSON was written by a later version of Sapar."""


def to_json(facts: ReferralFacts) -> dict[str, Any]:
    """The facts as plain JSON values; defaults are left out."""
    return {"version": VERSION, **to_plain(facts)}


def from_json(data: dict[str, Any]) -> ReferralFacts:
    """The facts that `to_json` wrote; an empty object is an empty referral.

    Raises:
        UnknownVersionError: written by a later version.
        PlainError: a value is of another kind than its field.
    """
    version = data.get("version", VERSION)
    if version > VERSION:
        message = f"facts of version {version}; this Sapar reads up to {VERSION}"
        raise UnknownVersionError(message)
    return from_plain(ReferralFacts, data, skip_unknown=True)
