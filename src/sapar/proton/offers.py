"""What the room offers to do with a case: confirm the calendar that is held."""

# ruff: noqa: ARG001 - all guards have one signature
from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from sapar.cases.policy import Permission
from sapar.cases.registration import Offer
from sapar.proton.queries.courses import has_course
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from datetime import datetime

    from sapar.cases.models import Case
    from sapar.kernel.actors import Actor


def _a_held_calendar(case: Case, actor: Actor, at: datetime) -> Problem | None:
    if has_course(case.pk, held_only=True):
        return None
    return Problem.of("proton.nothing_held", where=f"case:{case.pk}")


OFFERS = (
    Offer(
        key="proton.confirm",
        label=_("Confirm the calendar"),
        permission=Permission.BOOK,
        track="booking",
        event="confirm",
        guard=_a_held_calendar,
        order=8,
        kind="primary",
        supersedes="booking.confirm",
    ),
)
