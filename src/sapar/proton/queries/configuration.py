"""How a centre plans: its configuration of a day, with the holidays of its country."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from sapar.kernel.accounts.models import Organisation
from sapar.kernel.errors import RefusedError
from sapar.network.queries import snapshot, working_calendar
from sapar.proton.engine.scheduling.problem.calendar import Calendar
from sapar.proton.engine.scheduling.problem.centre import read_centre
from sapar.proton.engine.scheduling.problem.read_booked import (
    read_quotas,
    read_urgencies,
    read_weights,
)
from sapar.proton.engine.scheduling.problem.read_courses import read_protocols
from sapar.proton.engine.scheduling.problem.reading import WEEKDAYS, Reader
from sapar.proton.models import Configuration
from sapar.values.marks import Mark, Source
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from uuid import UUID

    from sapar.proton.engine.scheduling.problem.course import Protocol, Urgency, Weights

KEPT = 16
PLANNED = ("centre", "protocols", "urgencies", "weights", "quotas")
"""The parts of a configuration that the planning documents have under the same name."""


@dataclass(frozen=True, slots=True)
class ConfigurationView:
    """One version of how a centre plans.

    Attributes:
        id, number: of the version; the highest number of those that are valid counts.
        centre: the organisation.
        valid_from: the day from which it counts.
        data: in the JSON form of the reference.
        source: where it comes from, and whether it may decide.
        why: why it was changed, in words.
        made_at: when this version was written.
    """

    id: UUID
    number: int
    centre: UUID
    valid_from: date
    data: Mapping[str, Any]
    source: Source
    why: str
    made_at: datetime

    def decides(self, *, demonstration: bool) -> bool:
        """Whether it may decide in this kind of installation."""
        return self.source.mark.decides(demonstration=demonstration)


def _view(row: Configuration, *, whole: bool = True) -> ConfigurationView:
    return ConfigurationView(
        id=row.pk,
        number=row.number,
        centre=row.centre_id,
        valid_from=row.valid_from,
        data=row.data if whole else {},
        source=Source(row.title, row.dated, Mark(row.mark), "", row.who_can_tell),
        why=row.why,
        made_at=row.created_at,
    )


_kept: OrderedDict[UUID, ConfigurationView] = OrderedDict()
_lock = Lock()


def current(centre: UUID, day: date) -> ConfigurationView | None:
    """The configuration of a centre on a day, or None where it has none.

    One small query; the content of a version never changes and is kept in memory.
    """
    pk = (
        Configuration.objects.filter(centre_id=centre, valid_from__lte=day)
        .order_by("-number")
        .values_list("pk", flat=True)
        .first()
    )
    if pk is None:
        return None
    with _lock:
        if pk in _kept:
            _kept.move_to_end(pk)
            return _kept[pk]
    made = _view(Configuration.objects.get(pk=pk))
    with _lock:
        _kept[pk] = made
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return made


def history(centre: UUID) -> tuple[ConfigurationView, ...]:
    """All versions of a centre, the newest first, without their documents: see `version`."""
    rows = Configuration.objects.filter(centre_id=centre).order_by("-number").defer("data")
    return tuple(_view(row, whole=False) for row in rows)


def version(centre: UUID, number: int) -> ConfigurationView | None:
    """One version of a centre with its document, or None."""
    row = Configuration.objects.filter(centre_id=centre, number=number).first()
    return _view(row) if row is not None else None


def newest(centre: UUID) -> int:
    """The highest number of a centre's versions; 0 where it has none."""
    rows = Configuration.objects.filter(centre_id=centre).order_by("-number")
    return rows.values_list("number", flat=True).first() or 0


def centres() -> tuple[UUID, ...]:
    """The organisations that plan with this room."""
    rows = Configuration.objects.order_by("centre_id").values_list("centre_id", flat=True)
    return tuple(rows.distinct())


def _choices(view: ConfigurationView) -> Mapping[str, Any]:
    found: Mapping[str, Any] = view.data.get("choices") or {}
    return found


def centre_of_programme(programme: str, day: date) -> UUID | None:
    """The proton centre that plans for a programme of the network, or None.

    A programme whose centre has no configuration is planned by intake places, as others are.
    """
    known = snapshot(day).programmes.get(programme)
    if known is None:
        return None
    pk = Organisation.objects.filter(code=known.centre).values_list("pk", flat=True).first()
    found = current(pk, day) if pk is not None else None
    if found is None or programme not in _choices(found).get("programmes", ()):
        return None
    return pk


@dataclass(frozen=True)
class Planning:
    """A configuration that was read: what queries and checks ask about times.

    Attributes:
        view: the version.
        document: the centre's part, with the holidays of its country in it.
        calendar: when rooms, beams, teams and devices are open.
        protocols, urgencies, weights: by id.
    """

    view: ConfigurationView
    document: Mapping[str, Any]
    calendar: Calendar
    protocols: Mapping[str, Protocol]
    urgencies: Mapping[str, Urgency]
    weights: Weights

    @property
    def choices(self) -> Mapping[str, Any]:
        """Which protocol an indication gets, and what else this centre has chosen."""
        return _choices(self.view)


def _with_holidays(document: dict[str, Any], country: str, day: date) -> dict[str, Any]:
    """The centre's document with the days off and the moved working days of its country.

    Days that the configuration names itself win.
    """
    calendar = working_calendar(snapshot(day), country)
    hours = document.get("hours") or {}
    own = {each["date"] for each in document.get("moved_days", ())}
    named = set(document.get("holidays", ()))
    off = {each.isoformat() for each in calendar.holidays} - own
    moved = [
        {"date": each.isoformat(), "hours": hours.get("mon", [])}
        for each in sorted(calendar.working)
        if each.isoformat() not in own | named and not hours.get(_weekday(each))
    ]
    return {
        **document,
        "holidays": sorted(named | off),
        "moved_days": [*document.get("moved_days", ()), *moved],
    }


def _weekday(day: date) -> str:
    return WEEKDAYS[day.weekday()]


def read(view: ConfigurationView, document: Mapping[str, Any]) -> Planning:
    """Read a configuration.

    Args:
        view: the version.
        document: its centre, as the planning documents get it.

    Raises:
        BadProblemError: with every mistake.
    """
    reader = Reader.of({**view.data, "centre": document})
    inside = reader.inside("centre")
    if inside is None:
        reader.note("missing", at="centre")
        reader.finish()
    centre = read_centre(inside or Reader({}, "centre", reader.problems, set()))
    protocols = read_protocols(reader, centre)
    urgencies = read_urgencies(reader)
    weights = read_weights(reader.inside("weights"))
    read_quotas(reader)
    reader.finish()
    return Planning(view, document, Calendar(centre), protocols, urgencies, weights)


_read: OrderedDict[tuple[UUID, str], Planning] = OrderedDict()


def planning(centre: UUID, day: date) -> Planning | None:
    """The read configuration of a centre on a day, or None where it has none."""
    view = current(centre, day)
    if view is None:
        return None
    key = (view.id, snapshot(day).fingerprint)
    with _lock:
        if key in _read:
            _read.move_to_end(key)
            return _read[key]
    country = Organisation.objects.values_list("country", flat=True).get(pk=centre)
    made = read(view, _with_holidays(dict(view.data["centre"]), country, day))
    with _lock:
        _read[key] = made
        while len(_read) > KEPT:
            _read.popitem(last=False)
    return made


def require_planning(centre: UUID, day: date) -> Planning:
    """As `planning`.

    Raises:
        RefusedError: the centre has no configuration on that day.
    """
    found = planning(centre, day)
    if found is None:
        raise RefusedError(Problem.of("proton.no_configuration", where=f"centre:{centre}", day=day))
    return found
