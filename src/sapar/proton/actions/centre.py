"""Changing how a centre plans: each change is a new version, read and checked before it is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Max

from sapar.kernel import policy
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, StaleVersionError
from sapar.proton.actions import books
from sapar.proton.engine.scheduling.offer.kept import read_protection
from sapar.proton.engine.scheduling.problem.books import read_means
from sapar.proton.engine.scheduling.problem.centre import read_centre
from sapar.proton.engine.scheduling.problem.demand import read_demand, read_uptime
from sapar.proton.engine.scheduling.problem.read_booked import (
    read_quotas,
    read_urgencies,
    read_weights,
)
from sapar.proton.engine.scheduling.problem.read_courses import read_protocols
from sapar.proton.engine.scheduling.problem.reading import Reader
from sapar.proton.models import Configuration
from sapar.proton.policy import Permission
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from sapar.kernel.actors import Actor
    from sapar.values.marks import Source

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


MOST_WINDOW = 24 * 60


def without_nulls(value: Any) -> Any:
    """A document without the keys that say nothing: null is the same as a key that is missing."""
    if isinstance(value, Mapping):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [without_nulls(one) for one in value]
    return value


def problems_of(data: Mapping[str, Any]) -> tuple[Problem, ...]:
    """What is wrong with a configuration; empty when it can be kept. Pages ask this as well."""
    said = without_nulls(data)
    unknown = sorted(set(said) - PARTS)
    found = [Problem.of("proton.part_unknown", where=name, value=name) for name in unknown]
    try:
        json.dumps(said, allow_nan=False)
    except (TypeError, ValueError) as error:  # NaN and infinity are no JSON
        return (*found, Problem.of("proton.input.json", where="", what=str(error)[:120]))
    if not isinstance(said.get("centre"), dict):
        return (*found, Problem.of("proton.part_missing", where="centre", value="centre"))
    reader = Reader.of(said)
    centre = read_centre(Reader(said["centre"], "centre", reader.problems, set()))
    protocols = read_protocols(reader, centre)
    urgencies = read_urgencies(reader)
    read_weights(reader.inside("weights"))
    read_quotas(reader)
    read_means(reader.inside("means"))
    if "demand" in reader:
        read_demand(reader, protocols, urgencies)
    read_uptime(reader, centre)
    found += _choices(reader.inside("choices"), set(protocols))
    return (*found, *reader.problems, *_zone(str(said["centre"].get("time_zone") or "")))


def _zone(zone: str) -> list[Problem]:
    """Days and minutes are those of the installation's zone so far; another would be wrong."""
    if zone in ("", settings.TIME_ZONE):
        return []
    ours = settings.TIME_ZONE
    return [Problem.of("proton.zone_other", where="centre.time_zone", value=zone, zone=ours)]


def _choices(reader: Reader | None, protocols: set[str]) -> list[Problem]:
    """Every protocol that is chosen for an indication is there; the rest is of its kind."""
    if reader is None:
        return []
    reader.words("programmes")
    reader.words("anaesthesia_needs")
    reader.whole("anaesthesia_under_age", 0, most=130)
    reader.whole("window_min", 60, most=MOST_WINDOW)
    protection = reader.inside("protection")
    if protection is not None:
        read_protection(protection)
    named = [("otherwise", reader.text("otherwise", None))]
    for part in ("indications", "children"):
        inside = reader.inside(part)
        if inside is not None:
            named += [(f"{part}.{key}", inside.text(key)) for key in inside.value]
    reader.done()
    known = ", ".join(sorted(protocols))
    return [
        Problem.of("proton.choice_unknown", where=f"choices.{key}", value=value, known=known)
        for key, value in named
        if value and value not in protocols
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
    base: int | None = None,
) -> int:
    """Keep a new version of how a centre plans. Returns its number; the old ones stay.

    Args:
        by: the owner: the centre's administrator or scheduler.
        centre: whose.
        data: in the JSON form of the reference, and "choices", "means", "demand".
        valid_from: the day from which it counts.
        source: where it comes from, and its mark.
        why: in words.
        base: the number of the newest version when the writer began, 0 where there was none; None
            where nobody looked at one.

    Raises:
        InvalidInputError: with every mistake, each at its place; nothing is kept then.
        StaleVersionError: somebody else has kept a version since; nothing is kept.
    """
    policy.require(by, Permission.CONFIGURE, Configuration(centre_id=centre))
    own = Organisation.objects.values_list("time_zone", flat=True).get(pk=centre)
    found = (*problems_of(data), *_zone(own))
    if found:
        raise InvalidInputError(found)
    books.lock(centre)
    highest = Configuration.objects.filter(centre_id=centre).aggregate(n=Max("number"))["n"] or 0
    if base is not None and base != highest:
        raise StaleVersionError(
            Problem.of("kernel.stale_version", where=f"centre:{centre}", value=base, now=highest)
        )
    row = Configuration(
        centre_id=centre,
        number=highest + 1,
        valid_from=valid_from,
        data=without_nulls(data),
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
