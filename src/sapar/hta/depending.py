"""Which entries of the dated reference case a decision stands on, and what a new one does to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.hta.models import ReferenceCase

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    from sapar.hta.engine.model.model import AnyModel
    from sapar.kernel.accounts.models import Organisation


def in_force(body: UUID, country: str, day: date) -> dict[str, ReferenceCase]:
    """The entries in force for a body in a country on a day, by key."""
    rows = ReferenceCase.objects.filter(
        organisation_id=body, country=country, valid_from__lte=day
    ).order_by("valid_from", "created_at")
    return {row.key: row for row in rows}


def depends_on(body: Organisation, model: AnyModel, day: date) -> dict[str, str]:
    """What a decision on a model stands on: the ids of the entries in force, by key."""
    from sapar.hta.engine.living.reference import takes  # noqa: PLC0415 - needs arrays

    return {
        key: str(row.pk)
        for key, row in in_force(body.pk, body.country, day).items()
        if takes(model, key)
    }


def threshold_under(value: Mapping[str, Any], stated: float) -> float:
    """What a unit of effect is worth under an entry: the stated worth, moved into a range.

    A decision that stated 14,000 within 12,000 to 16,000 is judged at 20,000 where the range
    becomes 20,000 to 30,000; where the entry is one number, at that number.
    """
    if "value" in value:
        return float(value["value"])
    return min(max(stated, float(value["low"])), float(value["high"]))
