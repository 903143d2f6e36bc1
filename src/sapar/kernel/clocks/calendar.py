"""Working calendars: which days count, and when something is due. Pure; the time is an argument.

Each side of a case has its own calendar: five working days in Astana are not five in Osh.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY, SUNDAY = 6, 7
HORIZON = 3660
"""Days to look ahead: a calendar without a working day in ten years is a mistake."""


class NoWorkingDayError(ValueError):
    """The calendar has no working day within its horizon."""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The working days and hours of one country.

    Attributes:
        country: ISO 3166-1 alpha-2.
        zone: IANA time zone in which its days begin and its offices open.
        holidays: days off.
        working: days that are worked although they are a holiday or fall on a weekend.
        weekend: ISO weekdays that are free, Monday is 1.
        opens, closes: local working hours.
    """

    country: str
    zone: str
    holidays: frozenset[date] = frozenset()
    working: frozenset[date] = frozenset()
    weekend: frozenset[int] = frozenset({SATURDAY, SUNDAY})
    opens: time = time(9)
    closes: time = time(18)

    def __post_init__(self) -> None:
        """Refuse hours that do not go forward.

        Raises:
            ValueError: it closes before it opens.
        """
        if self.closes <= self.opens:
            message = f"calendar of {self.country}: closes at {self.closes}, before it opens"
            raise ValueError(message)

    def is_working(self, day: date) -> bool:
        """Whether a day is worked."""
        if day in self.working:
            return True
        return day not in self.holidays and day.isoweekday() not in self.weekend

    def add_working_days(self, day: date, count: int) -> date:
        """The working day that lies `count` working days after `day` (before it, if negative).

        With 0: the day itself if it is worked, else the next working day.

        Raises:
            NoWorkingDayError: there is none within ten years.
        """
        step = timedelta(days=-1 if count < 0 else 1)
        left = abs(count)
        if left == 0 and self.is_working(day):
            return day
        for _ in range(HORIZON + left * 7):
            day += step
            if self.is_working(day):
                left -= 1
                if left <= 0:
                    return day
        message = f"calendar of {self.country}: no working day near {day}"
        raise NoWorkingDayError(message)

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days lie after `first`, up to and with `last`; negative backwards."""
        if last < first:
            return -self.working_days_between(last, first)
        days = (last - first).days
        return sum(self.is_working(first + timedelta(days=n)) for n in range(1, days + 1))

    def local(self, moment: datetime) -> datetime:
        """A moment on this country's clock."""
        return moment.astimezone(ZoneInfo(self.zone))

    def deadline(self, start: datetime, working_days: int) -> datetime:
        """The close of business that lies this many working days after a moment.

        A moment after closing time counts as the next working day's, so nobody loses a day to
        a referral that came at night.

        Args:
            start: an aware moment.
            working_days: at least 0; 0 is the close of the same working day.
        """
        local = self.local(start)
        begun = local.date() if local.time() < self.closes else local.date() + timedelta(days=1)
        due = self.add_working_days(self.add_working_days(begun, 0), working_days)
        return datetime.combine(due, self.closes, tzinfo=ZoneInfo(self.zone))

    def add_working_hours(self, start: datetime, amount: timedelta) -> datetime:
        """The moment by which so much working time has passed.

        Args:
            start: an aware moment; outside of working hours the count begins when they do.
            amount: working time, not negative.
        """
        zone = ZoneInfo(self.zone)
        day, clock = self.local(start).date(), self.local(start).time()
        if not self.is_working(day) or clock >= self.closes:
            day, clock = self.add_working_days(day, 1), self.opens
        at = datetime.combine(day, max(clock, self.opens))
        while True:
            closing = datetime.combine(at.date(), self.closes)
            if at + amount <= closing:
                return (at + amount).replace(tzinfo=zone)
            amount -= closing - at
            at = datetime.combine(self.add_working_days(at.date(), 1), self.opens)


@dataclass(frozen=True, slots=True)
class BothZones:
    """One moment on two clocks, as pages show it."""

    there: datetime
    here: datetime

    @property
    def same_day(self) -> bool:
        """Whether it is the same calendar day on both sides."""
        return self.there.date() == self.here.date()


def in_both_zones(moment: datetime, there: str, here: str) -> BothZones:
    """A moment at the referrer's and at the centre's.

    Args:
        moment: aware.
        there: the referrer's IANA time zone.
        here: the centre's.
    """
    return BothZones(moment.astimezone(ZoneInfo(there)), moment.astimezone(ZoneInfo(here)))
