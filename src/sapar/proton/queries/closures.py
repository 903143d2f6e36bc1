"""What the machine's log closes, and which bookings stand in what is open then."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.proton.models import MachineEvent
from sapar.proton.queries.configuration import Planning, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from sapar.proton.queries.books import Booked


def moment(at: datetime) -> str:
    """A moment as the documents have it: local time of the installation, to the minute."""
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")


def _closed(
    event: MachineEvent, since: datetime, but_not: Sequence[Mapping[str, str]]
) -> list[tuple[str, str]]:
    """When an event closes its resource, without the losses: moments from and to."""
    begins, ends = moment(event.begins), event.ends
    losses = [loss for loss in but_not if loss["resource"] == event.resource]
    open_until = max((loss["to"] for loss in losses), default="")
    if ends is None and open_until > max(begins, moment(since)):
        parts = [(begins, open_until)]
    else:
        parts = [(begins, moment(ends or max(event.begins, since) + timedelta(days=1)))]
    for loss in losses:
        parts = [
            (begin, end)
            for first, last in parts
            for begin, end in ((first, min(last, loss["from"])), (max(first, loss["to"]), last))
            if begin < end
        ]
    return parts


def closed_by_events(
    known: Planning, centre: UUID, since: datetime, but_not: Sequence[Mapping[str, str]] = ()
) -> Planning:
    """The planning with what the machine's log closes from a moment on; open ends last a day.

    Args:
        known: the configuration.
        centre: whose log.
        since: what ended before is left out.
        but_not: losses that a repair is asked about, in the form of `replan`: the part of an event
            of the same resource that lies in one is that loss, and its bookings must be there to
            be moved. An open end is taken to be that of a loss that goes on.
    """
    events = MachineEvent.objects.filter(centre_id=centre).exclude(ends__lte=since)
    closures = [
        {"resource": event.resource, "from": begin, "to": end, "why": event.kind}
        for event in events.order_by("begins")
        for begin, end in _closed(event, since, but_not)
    ]
    if not closures:
        return known
    document = {**known.document, "closures": [*known.document.get("closures", ()), *closures]}
    return read(known.view, document)


def fitting(known: Planning, rows: Iterable[Booked]) -> list[Booked]:
    """The bookings whose room is open at their time: the engines refuse others as contradictions.

    Minutes of a closed room are nobody's, so leaving such a booking out sells nothing twice.
    Bookings at a photon back-up are not in these rooms.
    """
    calendar = known.calendar
    open_minutes: dict[tuple[str, date], int] = {}
    rooms = {room.id for room in calendar.centre.rooms}
    found = []
    for each in rows:
        if each.photon or each.room not in rooms:
            continue
        key = (each.room, each.day)
        if key not in open_minutes:
            open_minutes[key] = calendar.room(*key)
        held = ((1 << (each.end - each.start)) - 1) << each.start
        if not held & ~open_minutes[key]:
            found.append(each)
    return found
