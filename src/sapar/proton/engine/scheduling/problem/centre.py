"""A treatment centre: beams, rooms, hours, closures, staff, anaesthesia, devices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.problem.reading import WEEKDAYS, Reader, unique

if TYPE_CHECKING:
    from datetime import date, datetime

    from sapar.proton.engine.scheduling.problem.minutes import Interval

SCHEMA = "sapar.proton.centre/1"
WHY = ("maintenance", "quality-assurance", "downtime", "other")

Hours = tuple[tuple["Interval", ...], ...]
"""Opening intervals of the seven weekdays, Monday first."""


@dataclass(frozen=True, slots=True)
class Beam:
    """A beam that rooms share; `switch_min` minutes lie between uses in different rooms."""

    id: str
    switch_min: int


@dataclass(frozen=True, slots=True)
class Room:
    """A treatment room.

    Attributes:
        beam: id of its beam, None for an ordinary linac.
        matched: rooms of the same group deliver the same plan; a room alone is its own group.
        hours: its own hours, None for the centre's.
        usable: the share of its open minutes that may be promised, above 0 and up to 1.
        order: its place in the document: rooms are staffed in this order.
    """

    id: str
    kind: str
    beam: str | None
    matched: str
    hours: Hours | None
    usable: float
    order: int


@dataclass(frozen=True, slots=True)
class Closure:
    """A resource is away between two moments, local time."""

    resource: str
    begin: datetime
    end: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Recurring:
    """A resource is away on certain weekdays at certain minutes."""

    resource: str
    weekdays: tuple[int, ...]
    interval: Interval
    why: str


@dataclass(frozen=True, slots=True)
class Shift:
    """So many people of a role are there on certain weekdays."""

    role: str
    weekdays: tuple[int, ...]
    interval: Interval
    count: int


@dataclass(frozen=True, slots=True)
class Anaesthesia:
    """The anaesthesia teams.

    Attributes:
        induction_min: the team is held that long before set-up.
        recovery_min: and that long after leaving.
        role: staff that each team needs one of, or None.
        age_bands: upper ages, exclusive, ascending: who is younger goes first.
    """

    teams: int
    hours: Hours
    induction_min: int
    recovery_min: int
    role: str | None
    age_bands: tuple[int, ...]

    def band(self, age: int | None) -> int:
        """The fasting rank of an age in years; nobody's age counts as the oldest."""
        if age is None:
            return len(self.age_bands)
        return sum(1 for limit in self.age_bands if limit <= age)


@dataclass(frozen=True, slots=True)
class Device:
    """A device of the preparation chain, `count` of them."""

    id: str
    count: int
    hours: Hours | None


@dataclass(frozen=True, slots=True)
class Centre:
    """A centre as a planning engine sees it. Tuples of things with an id are sorted by id."""

    name: str
    beams: tuple[Beam, ...]
    rooms: tuple[Room, ...]
    hours: Hours
    holidays: frozenset[date]
    moved_days: dict[date, tuple[Interval, ...]]
    closures: tuple[Closure, ...]
    recurring: tuple[Recurring, ...]
    staff: tuple[Shift, ...]
    per_room: dict[str, int]
    per_centre: dict[str, int]
    anaesthesia: Anaesthesia | None
    devices: tuple[Device, ...]

    def room(self, room: str) -> Room:
        """The room of that id.

        Raises:
            KeyError: there is none.
        """
        for each in self.rooms:
            if each.id == room:
                return each
        raise KeyError(room)

    def beam(self, beam: str) -> Beam:
        """The beam of that id.

        Raises:
            KeyError: there is none.
        """
        for each in self.beams:
            if each.id == beam:
                return each
        raise KeyError(beam)


def _hours(reader: Reader | None) -> Hours | None:
    if reader is None:
        return None
    found = tuple(reader.intervals(day, optional=True) for day in WEEKDAYS)
    reader.done()
    return found


def _beams(reader: Reader) -> tuple[Beam, ...]:
    found = []
    for each in reader.items("beams", optional=True):
        if each.is_object():
            found.append(Beam(each.text("id"), each.whole("switch_min", most=240)))
            each.done()
    return unique(found, lambda beam: beam.id, reader, "beams")


def _rooms(reader: Reader, beams: tuple[Beam, ...]) -> tuple[Room, ...]:
    known = {beam.id for beam in beams}
    found = []
    for order, each in enumerate(reader.items("rooms")):
        if not each.is_object():
            continue
        name = each.text("id")
        beam = each.text("beam", None)
        each.needs("beam")
        if beam is not None and beam not in known:
            each.note("unknown_beam", at="beam", value=beam, known=", ".join(sorted(known)))
        usable = each.number("usable", 1.0, least=0.0, most=1.0)
        if usable == 0:
            each.note("range", at="usable", value=0, least="0.01", most="1")
        found.append(
            Room(
                id=name,
                kind=each.text("kind"),
                beam=beam,
                matched=each.text("matched", "") or f"only {name}",
                hours=_hours(each.inside("hours")),
                usable=usable,
                order=order,
            )
        )
        each.done()
    if not found and "rooms" in reader:
        reader.note("no_room", at="rooms")
    return unique(found, lambda room: room.id, reader, "rooms")


def _closures(reader: Reader, resources: frozenset[str]) -> tuple[Closure, ...]:
    found = []
    for each in reader.items("closures", optional=True):
        if not each.is_object():
            continue
        begin, end = each.moment("from"), each.moment("to")
        if begin >= end:
            each.note("order", value=f"{each.value.get('from')} … {each.value.get('to')}")
        found.append(
            Closure(_resource(each, resources), begin, end, each.choice("why", WHY, "other"))
        )
        each.done()
    return tuple(found)


def _resource(reader: Reader, resources: frozenset[str]) -> str:
    name: str = reader.text("resource")
    if name and name not in resources:
        reader.note(
            "unknown_resource", at="resource", value=name, known=", ".join(sorted(resources))
        )
    return name


def _span(reader: Reader) -> Interval:
    begin, end = reader.minute("from"), reader.minute("to")
    if begin >= end:
        reader.note("order", value=f"{reader.value.get('from')} … {reader.value.get('to')}")
    return begin, end


def _staff(reader: Reader) -> tuple[Shift, ...]:
    found = []
    for each in reader.items("staff", optional=True):
        if each.is_object():
            found.append(
                Shift(
                    each.text("role"),
                    each.weekdays("weekdays", optional=False),
                    _span(each),
                    each.whole("count", least=0, most=1000),
                )
            )
            each.done()
    return tuple(found)


def _needs(reader: Reader | None, key: str) -> dict[str, int]:
    inside = reader.inside(key) if reader is not None else None
    if inside is None:
        return {}
    found = {role: inside.whole(role, most=100) for role in sorted(inside.value)}
    return {role: count for role, count in found.items() if count > 0}


def _anaesthesia(reader: Reader, roles: frozenset[str]) -> Anaesthesia | None:
    inside = reader.inside("anaesthesia")
    if inside is None:
        return None
    role = inside.text("role", None)
    if role is not None and role not in roles:
        inside.note("unknown_role", at="role", value=role, known=", ".join(sorted(roles)))
    bands = inside.wholes("age_bands", least=0, most=130)
    if list(bands) != sorted(set(bands)):
        inside.note("order", at="age_bands", value=list(bands))
    hours = _hours(inside.inside("hours"))
    if hours is None:
        inside.note("missing", at="hours")
    made = Anaesthesia(
        teams=inside.whole("teams", least=1, most=50),
        hours=hours or ((),) * 7,
        induction_min=inside.whole("induction_min", most=240),
        recovery_min=inside.whole("recovery_min", most=240),
        role=role,
        age_bands=bands,
    )
    inside.done()
    return made


def _devices(reader: Reader) -> tuple[Device, ...]:
    found = []
    for each in reader.items("devices", optional=True):
        if each.is_object():
            found.append(
                Device(
                    each.text("id"),
                    each.whole("count", 1, least=1, most=100),
                    _hours(each.inside("hours")),
                )
            )
            each.done()
    return unique(found, lambda device: device.id, reader, "devices")


def _days_off(reader: Reader) -> tuple[frozenset[date], dict[date, tuple[Interval, ...]]]:
    holidays = [
        Reader({"day": each.value}, each.where, each.problems, set()).day("day")
        for each in reader.items("holidays", optional=True)
    ]
    moved = {}
    for each in reader.items("moved_days", optional=True):
        if each.is_object():
            moved[each.day("date")] = each.intervals("hours")
            each.done()
    return frozenset(holidays), moved


def read_centre(reader: Reader, *, closed: bool = True) -> Centre:
    """Read a centre where the reader stands.

    Args:
        reader: at the centre's object.
        closed: name keys that nobody knows; False where the caller reads more keys there.

    Returns:
        The centre; only of use when `reader.finish()` does not raise.
    """
    reader.schema(SCHEMA)
    beams = _beams(reader)
    rooms = _rooms(reader, beams)
    staff = _staff(reader)
    devices = _devices(reader)
    roles = frozenset(shift.role for shift in staff)
    ids = [b.id for b in beams] + [r.id for r in rooms] + [d.id for d in devices]
    resources = frozenset(ids) | roles | {"centre", "anaesthesia"}
    if len(set(ids) | roles | {"centre", "anaesthesia"}) < len(ids) + len(roles) + 2:
        reader.note("duplicate", value=", ".join(sorted({i for i in ids if ids.count(i) > 1})))
    staffing = reader.inside("staffing")
    per_room, per_centre = _needs(staffing, "per_room"), _needs(staffing, "per_centre")
    for role in (*per_room, *per_centre):
        if role not in roles:
            reader.note("nobody_staffs", at="staffing", value=role)
    if staffing is not None:
        staffing.done()
    holidays, moved = _days_off(reader)
    recurring = []
    for each in reader.items("recurring", optional=True):
        if each.is_object():
            days = each.weekdays("weekdays", optional=False)
            why = each.choice("why", WHY, "other")
            recurring.append(Recurring(_resource(each, resources), days, _span(each), why))
            each.done()
    made = Centre(
        name=reader.text("name", ""),
        beams=beams,
        rooms=rooms,
        hours=_hours(reader.inside("hours")) or ((),) * 7,
        holidays=holidays,
        moved_days=moved,
        closures=_closures(reader, resources),
        recurring=tuple(recurring),
        staff=staff,
        per_room=per_room,
        per_centre=per_centre,
        anaesthesia=_anaesthesia(reader, roles),
        devices=devices,
    )
    reader.text("time_zone", "")
    if "hours" not in reader or not (any(made.hours) or moved):
        reader.note("missing", at="hours")
    if closed:
        reader.done()
    return made


def centre_of(document: dict[str, Any]) -> Centre:
    """Read a whole centre document.

    Raises:
        BadProblemError: with every mistake.
    """
    reader = Reader.of(document)
    made = read_centre(reader)
    reader.finish()
    return made
