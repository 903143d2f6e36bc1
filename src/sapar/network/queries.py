"""What other rooms read of the network: one frozen snapshot of a day."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import OrderedDict
from datetime import time
from threading import Lock
from typing import TYPE_CHECKING, Any

import rfc8785
from django.conf import settings
from django.db.models import Q

from sapar.kernel.clocks.calendar import WorkingCalendar
from sapar.kernel.clocks.published import published_holidays
from sapar.network.engine.kinds import KINDS
from sapar.network.engine.snapshot import Holiday, Snapshot
from sapar.network.models import Entry, Revision
from sapar.values.marks import Mark, Source
from sapar.values.plain import from_plain, to_plain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from uuid import UUID

KEPT = 64
_kept: OrderedDict[tuple[UUID, date, bool], Snapshot] = OrderedDict()
_lock = Lock()


def snapshot(day: date) -> Snapshot:
    """The network on one day: every entry that is valid then, frozen.

    Kept in memory until any entry changes, so that a request pays one small query. Two
    snapshots of the same day and data are equal and bear the same fingerprint: the sha-256 of
    the canonical JSON of the snapshot with an empty fingerprint.

    Args:
        day: the day to show; calendars carry holidays of that year and the next.
    """
    revision = Revision.objects.filter(name="network").values_list("token", flat=True).first()
    demonstration = bool(settings.DEMONSTRATION)
    if revision is None:
        return build(day, (), demonstration=demonstration)
    key = (revision, day, demonstration)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    rows = (
        Entry.objects.filter(removed=False)
        .filter(Q(valid_from=None) | Q(valid_from__lte=day))
        .filter(Q(valid_to=None) | Q(valid_to__gte=day))
        .order_by("kind", "code")
        .values_list("kind", "data")
    )
    made = build(day, rows, demonstration=demonstration)
    with _lock:
        _kept[key] = made
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return made


def build(day: date, rows: Iterable[tuple[str, Any]], *, demonstration: bool) -> Snapshot:
    """Make a snapshot from plain entries, without the database.

    Args:
        day: the day it shows; entries that are not valid then are left out.
        rows: kind and plain data.
        demonstration: whether demonstration data decides.
    """
    content: dict[str, list[Any]] = {key: [] for key in KINDS}
    for kind, data in rows:
        entry = from_plain(KINDS[kind].entry, data)
        # Holidays are dated by their own day; every other entry by its validity.
        if kind == "holidays" or entry.valid_on(day):
            content[kind].append(entry)
    content["holidays"] = _calendar(day, content["countries"], content["holidays"])
    fields: dict[str, Any] = {}
    for key, entries in content.items():
        ordered = sorted(entries, key=lambda entry: str(entry.code))
        fields[key] = {e.code: e for e in ordered} if KINDS[key].keyed else tuple(ordered)
    bare = Snapshot(day=day, demonstration=demonstration, fingerprint="", **fields)
    return dataclasses.replace(bare, fingerprint=fingerprint_of(bare))


def working_calendar(shown: Snapshot, country: str) -> WorkingCalendar:
    """The working calendar of a country, as the snapshot knows it.

    Estimated holidays count as days off: a deadline that falls on one would be worse. A country
    without an entry has a plain five-day week in UTC.

    Args:
        shown: the network on the day asked about.
        country: ISO 3166-1 alpha-2.
    """
    entry = next((c for c in shown.countries.values() if c.country == country), None)
    days = [h for h in shown.holidays if h.country == country]
    off = frozenset(h.day for h in days if not h.working)
    on = frozenset(h.day for h in days if h.working)
    if entry is None:
        return WorkingCalendar(country, "UTC", off, on)
    return WorkingCalendar(
        country=country,
        zone=entry.time_zone,
        holidays=off,
        working=on,
        weekend=frozenset(entry.weekend),
        opens=time.fromisoformat(entry.opens),
        closes=time.fromisoformat(entry.closes),
    )


def fingerprint_of(shown: Snapshot) -> str:
    """The sha-256 of the canonical JSON (RFC 8785) of a snapshot, its own fingerprint left out."""
    plain = to_plain(dataclasses.replace(shown, fingerprint=""))
    return hashlib.sha256(rfc8785.dumps(plain)).hexdigest()


def _calendar(day: date, countries: list[Any], overrides: list[Any]) -> list[Holiday]:
    """Published holidays of the year and the next; an override replaces its day."""
    overridden = {(entry.country, entry.day) for entry in overrides}
    years = (day.year, day.year + 1)
    result = [entry for entry in overrides if entry.day.year in years]
    for country in sorted({c.country for c in countries}):
        for published in published_holidays(country, years):
            if (country, published.day) in overridden:
                continue
            result.append(
                Holiday(
                    code=f"{country.lower()}-{published.day.isoformat()}",
                    source=Source(
                        title=published.source,
                        dated=None,
                        mark=Mark.UNVERIFIED if published.estimated else Mark.VERIFIED,
                        url="https://pypi.org/project/holidays/",
                        who_can_tell="Ministry of labour" if published.estimated else "",
                    ),
                    country=country,
                    day=published.day,
                    names=dict(published.names),
                )
            )
    return result
