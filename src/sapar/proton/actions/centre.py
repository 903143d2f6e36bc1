"""Changing how a centre plans: each change is a new version, read and checked before it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError
from sapar.proton.actions import books
from sapar.proton.engine.scheduling.problem.reading import BadProblemError
from sapar.proton.engine.scheduling.protection import protection_of
from sapar.proton.models import Configuration
from sapar.proton.policy import Permission
from sapar.proton.queries.configuration import ConfigurationView, read
from sapar.values.marks import Mark, Source
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sapar.kernel.actors import Actor

_NOBODY = UUID(int=0)
PARTS = frozenset(
    {
        "centre",
        "protocols",
        "urgencies",
        "weights",
        "quotas",
        "choices",
        "means",
        "demand",
        "uptime",
    }
)


def problems_of(
    data: Mapping[str, Any], valid_from: date, source: Source | None = None
) -> tuple[Problem, ...]:
    """What is wrong with a configuration; empty when it can be kept. Pages ask this as well."""
    unknown = sorted(set(data) - PARTS)
    found = [Problem.of("proton.part_unknown", where=name, value=name) for name in unknown]
    if not isinstance(data.get("centre"), dict):
        return (*found, Problem.of("proton.part_missing", where="centre", value="centre"))
    view = ConfigurationView(
        id=_NOBODY,
        number=0,
        centre=_NOBODY,
        valid_from=valid_from,
        data=data,
        source=source or Source("", None, Mark.UNVERIFIED),
        why="",
        made_at=timezone.now(),
    )
    try:
        known = read(view, data["centre"])
    except BadProblemError as error:
        return (*found, *error.problems)
    choices = data.get("choices") or {}
    return (*found, *_choices(choices, set(known.protocols)), *_protection(choices))


def _protection(choices: Mapping[str, Any]) -> tuple[Problem, ...]:
    try:
        protection_of(dict(choices.get("protection") or {"kind": "none"}))
    except BadProblemError as error:
        return error.problems
    return ()


def _choices(choices: Mapping[str, Any], protocols: set[str]) -> list[Problem]:
    """Every protocol that is chosen for an indication is there."""
    named = [("otherwise", choices.get("otherwise"))]
    for part in ("indications", "children"):
        named += [(f"{part}.{key}", value) for key, value in (choices.get(part) or {}).items()]
    known = ", ".join(sorted(protocols))
    return [
        Problem.of("proton.choice_unknown", where=f"choices.{key}", value=value, known=known)
        for key, value in named
        if value is not None and value not in protocols
    ]


@action("proton.configure")
def configure(
    *,
    by: Actor,
    centre: UUID,
    data: Mapping[str, Any],
    valid_from: date,
    source: Source,
    why: str = "",
) -> int:
    """Keep a new version of how a centre plans. Returns its number; the old ones stay.

    Args:
        by: the owner: the centre's administrator or scheduler.
        centre: whose.
        data: in the JSON form of the reference, and "choices", "means", "demand".
        valid_from: the day from which it counts.
        source: where it comes from, and its mark.
        why: in words.

    Raises:
        InvalidInputError: with every mistake, each at its place; nothing is kept then.
    """
    policy.require(by, Permission.CONFIGURE, Configuration(centre_id=centre))
    found = problems_of(data, valid_from, source)
    if found:
        raise InvalidInputError(found)
    books.lock(centre)
    highest = Configuration.objects.filter(centre_id=centre).aggregate(n=Max("number"))["n"] or 0
    row = Configuration(
        centre_id=centre,
        number=highest + 1,
        valid_from=valid_from,
        data=dict(data),
        title=source.title,
        dated=source.dated,
        mark=source.mark.value,
        who_can_tell=source.who_can_tell,
        why=why[:300],
        made_by=by.user_id,
    )
    row.save()
    note(
        root=("organisation", centre),
        about=("proton.configuration", row.pk),
        what={"number": row.number, "valid_from": valid_from.isoformat()},
    )
    return row.number
