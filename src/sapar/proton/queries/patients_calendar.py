"""A patient's course as an iCalendar file (RFC 5545): when to come, and nothing of why."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from sapar.kernel.accounts.models import Organisation
from sapar.network import naming
from sapar.proton.models import Course, Fraction, Step
from sapar.proton.queries.courses import course_of_case

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

DOMAIN = "sapar"
APPOINTED = (Fraction.State.PLANNED, Fraction.State.DELIVERED, Fraction.State.INTERRUPTED)
VISITS = frozenset({"consultation", "mould-room", "ct", "mri", "dry-run", "verification-ct"})
"""Steps to which the patient comes; the others are done without them."""


def _utc(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """A local wall-clock minute as UTC, right on days on which the clock changes as well."""
    local = datetime.combine(day + timedelta(days=minute // 1440), time(0), tzinfo=zone)
    return local.replace(hour=minute % 1440 // 60, minute=minute % 60).astimezone(UTC)


def _times_planned(course: UUID) -> dict[int, int]:
    """How often each number was planned: once, and once more for each move."""
    rows = Fraction.objects.filter(course_id=course).order_by("number").values_list("number")
    return dict(rows.annotate(Count("pk")))


def calendar_of_case(case: UUID, language: str) -> bytes | None:
    """The appointments of a case's course as an iCalendar file; None where it has no course.

    Texts are in the patient's language and say "appointment": a calendar is read by whoever holds
    the telephone. The window is told as the time of the appointment.

    Args:
        case: whose.
        language: of the patient.
    """
    from icalendar import Calendar, Event  # noqa: PLC0415 - only this file needs it

    view = course_of_case(case)
    if view is None or view.state not in {
        Course.State.HELD, Course.State.CONFIRMED, Course.State.TREATING, Course.State.FINISHED,
    }:  # fmt: skip
        return None
    organisation = Organisation.objects.get(pk=view.centre)
    zone = ZoneInfo(organisation.time_zone)
    stamp = timezone.now().astimezone(UTC).replace(microsecond=0)
    with translation.override(language or "ru"):
        made = Calendar()
        made.add("prodid", "-//Sapar//Appointments//EN")
        made.add("version", "2.0")
        made.add("method", "PUBLISH")
        made.add("x-wr-calname", _("Appointments"))
        # The centre's own name would say what it treats: the city must do.
        city = naming.city(organisation.code)
        place = "" if city == organisation.code else city
        tentative = view.state == Course.State.HELD
        times = _times_planned(view.id)
        for line in view.fractions:
            if line.state not in APPOINTED:
                continue
            event = Event()
            # A number keeps its name when it moves, so that a telephone moves its entry as well.
            part = ".part" if line.state == Fraction.State.INTERRUPTED else ""
            event.add("uid", f"{view.id}.{line.number}{part}@{DOMAIN}")
            event.add("sequence", times[line.number] - 1)
            event.add("dtstamp", stamp)
            event.add("dtstart", _utc(line.day, line.window_from, zone))
            event.add("dtend", _utc(line.day, line.window_to + line.end - line.start, zone))
            event.add("summary", _("Appointment"))
            event.add("description", _("Please come at the beginning of this time."))
            if place and not line.photon:
                event.add("location", place)
            event.add("status", "TENTATIVE" if tentative else "CONFIRMED")
            event.add("class", "PRIVATE")
            made.add_component(event)
        for step in view.steps:
            if step.step not in VISITS or step.state != Step.State.PLANNED:
                continue
            event = Event()
            event.add("uid", f"{step.id}@{DOMAIN}")
            event.add("dtstamp", stamp)
            event.add("dtstart", step.day)
            event.add("dtend", step.day + timedelta(days=1))
            event.add("summary", _("Appointment"))
            event.add("description", _("The centre will tell you the hour."))
            if place:
                event.add("location", place)
            event.add("status", "TENTATIVE" if tentative else "CONFIRMED")
            event.add("class", "PRIVATE")
            made.add_component(event)
    content: bytes = made.to_ical()
    return content
