"""A patient's course as an iCalendar file (RFC 5545): when to come, and nothing of why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from sapar.network import naming
from sapar.proton.models import Course, Fraction, Step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from uuid import UUID

    from icalendar import Event

DOMAIN = "sapar"
APPOINTED = (Fraction.State.PLANNED, Fraction.State.DELIVERED, Fraction.State.INTERRUPTED)
VISITS = frozenset(
    {"consultation", "mould-room", "ct", "mri", "dry-run", "verification-ct", "weekly-visit"}
)
"""Steps to which the patient comes; the others are done without them."""


def _utc(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """A local wall-clock minute as UTC, right on days on which the clock changes as well."""
    local = datetime.combine(day + timedelta(days=minute // 1440), time(0), tzinfo=zone)
    return local.replace(hour=minute % 1440 // 60, minute=minute % 60).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of a telephone: whole days have no minutes.

    Attributes:
        uid: its name, for as long as it is the same appointment.
        sequence: grows with every change, so that a telephone takes the newer one.
        cancelled: it will not be; the entry must go.
    """

    uid: str
    sequence: int
    begins: datetime | date
    ends: datetime | date
    text: str
    here: bool
    cancelled: bool


def _live(course: Course) -> bool:
    if course.state == Course.State.HELD:
        return course.until is not None and course.until > timezone.now()
    return course.state not in {Course.State.RELEASED, Course.State.EXPIRED}


def _by_number(course: Course) -> Iterator[tuple[str, Fraction, list[Fraction]]]:
    """The rows of a course by the name of their entry: which one stands for it, and all of them.

    A number keeps its name when it moves, so that a telephone moves its entry as well; what was
    given of an interrupted fraction has a name of its own once the rest has a day.
    """
    rows: dict[int, list[Fraction]] = {}
    for row in course.fractions.all():
        rows.setdefault(row.number, []).append(row)
    for number, those in sorted(rows.items()):
        those.sort(key=lambda row: (row.state in APPOINTED, row.date, row.start))
        begun = [row for row in those if row.state == Fraction.State.INTERRUPTED]
        rest = [row for row in those if row.state in APPOINTED and row not in begun]
        chosen = rest or begun or those
        yield str(number), chosen[-1], those
        for count, part in enumerate(begun if rest else begun[:-1]):
            yield f"{number}.part{count or ''}", part, [part]


def _fractions(course: Course, zone: ZoneInfo) -> Iterator[_Entry]:
    """The appointments of a course's fractions; a window is told as the time of coming."""
    for name, row, rows in _by_number(course):
        yield _Entry(
            uid=f"{course.pk}.{name}@{DOMAIN}",
            sequence=course.version + sum(each.version for each in rows),
            begins=_utc(row.date, row.window_from, zone),
            ends=_utc(row.date, row.window_to + row.end - row.start, zone),
            text=_("Please come at the beginning of this time."),
            here=not row.photon,
            cancelled=row.state not in APPOINTED or not _live(course),
        )


def _steps(course: Course) -> Iterator[_Entry]:
    """The days of a course's steps to which the patient comes."""
    for step in course.steps.all():
        if step.step in VISITS and step.state != Step.State.DONE:
            yield _Entry(
                uid=f"{step.pk}@{DOMAIN}",
                sequence=course.version + step.version,
                begins=step.date,
                ends=step.date + timedelta(days=1),
                text=_("The centre will tell you the hour."),
                here=True,
                cancelled=step.state == Step.State.CANCELLED or not _live(course),
            )


def _event(entry: _Entry, stamp: datetime, place: str, status: str) -> Event:
    from icalendar import Event  # noqa: PLC0415 - only this file needs it

    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", stamp)
    event.add("dtstart", entry.begins)
    event.add("dtend", entry.ends)
    event.add("summary", _("Appointment"))
    event.add("description", entry.text)
    if place and entry.here:
        event.add("location", place)
    event.add("status", "CANCELLED" if entry.cancelled else status)
    event.add("class", "PRIVATE")
    return event


def calendar_of_case(case: UUID, language: str) -> bytes | None:
    """The appointments of a case's courses as an iCalendar file; None where it never had one.

    Texts are in the patient's language and say "appointment": a calendar is read by whoever holds
    the telephone. The window is told as the time of the appointment. What was there and will not
    be (missed, moved away, released) stands as cancelled (RFC 5545, 3.8.1.11): a telephone that
    took it over earlier keeps it otherwise.

    Args:
        case: whose.
        language: of the patient.
    """
    from icalendar import Calendar  # noqa: PLC0415 - only this file needs it

    rows = Course.objects.filter(case_id=case).select_related("centre").order_by("created_at")
    courses = list(rows.prefetch_related("fractions", "steps"))
    if not courses:
        return None
    stamp = timezone.now().astimezone(UTC).replace(microsecond=0)
    with translation.override(language or "ru"):
        made = Calendar()
        made.add("prodid", "-//Sapar//Appointments//EN")
        made.add("version", "2.0")
        made.add("method", "PUBLISH")
        made.add("x-wr-calname", _("Appointments"))
        for course in courses:
            # The centre's own name would say what it treats: the city must do.
            city = naming.city(course.centre.code)
            place = "" if city == course.centre.code else city
            status = "TENTATIVE" if course.state == Course.State.HELD else "CONFIRMED"
            zone = ZoneInfo(course.centre.time_zone)
            for entry in (*_fractions(course, zone), *_steps(course)):
                made.add_component(_event(entry, stamp, place, status))
    content: bytes = made.to_ical()
    return content
