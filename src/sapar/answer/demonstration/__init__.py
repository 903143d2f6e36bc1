"""The demonstration's calendars of intake places and its cases, walked through the real actions.

Each case is one transaction, known by its sender's identifier: a run that was killed half-way
is completed by the next, and a complete one is left alone.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from ruamel.yaml import YAML

from sapar.answer.demonstration.walk import Cast, Walk
from sapar.answer.engine.demonstration.demand import Demand, demand
from sapar.answer.engine.demonstration.plan import plan
from sapar.booking import actions as booking
from sapar.cases.models import SentReferral
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.actors import Actor
from sapar.kernel.demonstration import require_demonstration
from sapar.network.queries import snapshot, working_calendar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from sapar.kernel.demonstration import Tell

SEED = 20260701
CASES = 300
AHEAD = timedelta(weeks=26)
BEHIND = timedelta(weeks=26)
"""The calendar begins in the past, so that the cases of the past had places too."""
COLLECT_EVERY = 75
"""Cases between two collections of garbage."""
WORKING_DAYS = 250
"""Days of a year on which patients are taken in: for the number of places a day."""


def parameters(folder: Path | None = None) -> Demand:
    """What data/demand says.

    Args:
        folder: the files' folder; the installation's own by default.
    """
    merged: dict[str, Any] = {}
    for file in sorted((folder or settings.DATA / "demand").glob("*.yaml")):
        merged |= YAML(typ="safe", pure=True).load(file)
    return demand(merged)


def load_calendars(tell: Tell) -> None:
    """Open intake places of every programme for 26 weeks back and ahead; a second run adds none."""
    require_demonstration()
    today = timezone.localdate()
    network = snapshot(today)
    programmes = [p for p in network.programmes.values() if p.scheduler == "intake-places"]
    for done, programme in enumerate(programmes):
        centre = Organisation.objects.get(code=programme.centre)
        calendar = working_calendar(network, centre.country)
        per_day = max(1, round((programme.capacity_per_year or 0) / WORKING_DAYS))
        for first, last in ((today - BEHIND, today), (today, today + AHEAD)):
            span = (first + timedelta(days=n) for n in range((last - first).days))
            booking.open_places(
                by=Actor.machine("demo"),
                centre=centre.pk,
                programme=programme.code,
                days=[day for day in span if calendar.is_working(day)],
                per_day=per_day,
            )
        tell(done + 1, len(programmes))


def _collect(done: int) -> None:
    if done % COLLECT_EVERY == 0:
        gc.collect()


@contextmanager
def _few_collections() -> Iterator[Callable[[int], None]]:
    """Collect garbage only now and then.

    The cached networks are large and stay; walking over them again and again took a third of the
    time.
    """
    gc.disable()
    try:
        yield _collect
    finally:
        gc.enable()


def _loaded() -> set[str]:
    rows = SentReferral.objects.filter(identifier__startswith="urn:sapar:demonstration|")
    return set(rows.values_list("identifier", flat=True))


def load(tell: Tell, *, count: int = CASES, seed: int = SEED, now: datetime | None = None) -> None:
    """Load the cases that are not there yet, the oldest first.

    Args:
        tell: told how many cases are loaded.
        count: how many there shall be, Aizada's included.
        seed: the same seed makes the same cases.
        now: the moment that all dates are relative to; the present by default.

    Raises:
        ConfigurationError: this is a production installation.
    """
    require_demonstration()
    moment = now or timezone.now()
    network = snapshot(timezone.localdate(moment))
    known = parameters()
    cases = plan(known, network, seed=seed, count=count, now=moment)
    loaded, cast = _loaded(), Cast.find()
    with _few_collections() as collect:
        for done, planned in enumerate(cases):
            if planned.key not in loaded:
                with transaction.atomic():
                    Walk(planned, cast, known.words).go()
            collect(done)
            tell(done + 1, len(cases))
