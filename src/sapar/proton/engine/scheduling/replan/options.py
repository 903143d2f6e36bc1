"""Where a fraction that has to move could go, and what each way is worth.

The prices order the means as a centre prefers them; they are no clinical figures. A price is paid
times the weight of the course (`Ground.weight`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.problem.minutes import bits, starts

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.replan.days import Days
    from sapar.proton.engine.scheduling.replan.ground import Ground, Piece

ROOM = 1
"""Another room of the group, in the promised window."""
TIME = 6
"""Another time of the day; more for each half hour from the promise, up to `FAR`."""
FAR = 24
EXTENDED = 40
WEEKEND = 60
INSIDE = 70
"""Another working day before the course's last."""
SECOND = 90
OVER_WEEK = 25
"""One treatment day more in a week than the protocol wants."""
PHOTON = 130
LATER = 160
"""A day after the course's last. What its course is prolonged by is counted apart."""
PROLONGED = 2_000
"""A day by which a course ends later: more than the means of any one fraction."""
FRACTION = 30
"""Moving a fraction that was not hit, of somebody who was."""
PERSON = 20_000_000
"""Moving somebody who was not hit: more than a better place of one fraction could save."""
BROKEN_GAP = (200_000_000, 500_000)
GIVEN_UP = (20_000_000_000, 50_000_000)
"""Once, and by weight of the course."""
NEVER = 10**15
"""Giving up a fraction that was not hit."""
NEAR_MIN = 90

MOST_SECOND = 8
MOST_WEEKEND = 6
MOST_INSIDE = 4
MOST_LATER = 10
LOOK_LATER_DAYS = 14
"""Days after the planned end that are looked at (for the photon back-up: after the lost day). What
finds no place until then is given up, and its dose is to be made good in another way."""


@dataclass(frozen=True, slots=True)
class Option:
    """A piece on a day in a room, beginning at one of the minutes of `mask`.

    Attributes:
        cost: its price, without the weight of the course.
        late: days after the last day of its course before the loss.
        photon: in the photon back-up, where it takes `length` minutes of the room only.
        stays: its own place (a piece that was not hit).
    """

    day: date
    room: str
    mask: int
    cost: int
    length: int
    late: int = 0
    photon: bool = False
    stays: bool = False


def stay_of(piece: Piece) -> Option:
    """The option to stay where it is booked."""
    booking = piece.booking
    return Option(booking.date, booking.room, 1 << booking.start, 0, piece.length, stays=True)


@dataclass(slots=True)
class Frame:
    """What bounds one piece: when its course is treated otherwise, and its neighbours' phases.

    Attributes:
        sessions: starts of the fractions that stay, by day.
        first: day and minute after which it may lie (the last kept fraction of an earlier phase).
        last: day and minute before which it must lie, None for no end.
        end: the last treatment day of the course before the loss.
        limit: sessions that a day may hold.
        per_week: treatment days that a week should hold at most.
    """

    sessions: dict[date, list[int]]
    first: tuple[date, int]
    last: tuple[date, int] | None
    end: date
    limit: int
    per_week: int

    def late(self, day: date) -> int:
        """Days by which a day comes after the last one of the course."""
        return max(0, (day - self.end).days)

    def over(self, day: date) -> bool:
        """Whether a further day in the week of `day` is one more than the course should have."""
        monday = day - timedelta(days=day.weekday())
        week = sum(monday <= each < monday + timedelta(days=7) for each in self.sessions)
        return day not in self.sessions and week >= self.per_week


def frame_of(ground: Ground, piece: Piece, moving: frozenset[tuple[str, int]]) -> Frame:
    """The frame of a piece when the fractions of `moving` have no place yet."""
    name = piece.course
    sessions: dict[date, list[int]] = {}
    for day, start in ground.past_sessions[name]:
        sessions.setdefault(day, []).append(start)
    first, last = (date.min, -1), None
    per_day = ground.protocols[name].phases[piece.phase].per_day
    if not ground.begun(name):
        # Nobody begins before the promised first day.
        first = (min(other.booking.date for other in ground.future[name]), -1)
    for other in ground.future[name]:
        if other.key in moving or other.key == piece.key:
            continue
        place = other.place
        sessions.setdefault(place.day, []).append(place.start)
        at = (place.day, place.start)
        if other.phase < piece.phase:
            first = max(first, at)
        elif other.phase > piece.phase and (last is None or at < last):
            last = at
    limit = max(per_day, 2) if ground.problem.means.second_daily else per_day
    end = max(other.booking.date for other in ground.future[name])
    return Frame(sessions, first, last, end, limit, ground.protocols[name].max_per_week)


def in_frame(ground: Ground, piece: Piece, frame: Frame, day: date) -> int:
    """The minutes of a day that the course itself allows."""
    here = frame.sessions.get(day, [])
    if len(here) >= frame.limit or day < frame.first[0]:
        return 0
    if not here and day in ground.past[piece.course]:
        return 0  # treated on that day, nobody says when
    found = bits([(0, 2880)])
    between = ground.protocols[piece.course].min_between_min
    for start in here:
        found &= ~bits([(max(0, start - between + 1), start + between)])
    if day == frame.first[0]:
        found &= ~bits([(0, frame.first[1] + 1)])
    if frame.last is not None:
        if day > frame.last[0]:
            return 0
        if day == frame.last[0]:
            found &= bits([(0, frame.last[1])])
    return found


class Finder:
    """Finds the options of pieces on the days of one state of the books."""

    def __init__(self, ground: Ground, days: Days) -> None:
        self.ground, self.days = ground, days
        books = ground.problem.books
        self.begin = max(books.first, ground.problem.now.date())
        self.last = books.last

    def of(self, piece: Piece, frame: Frame) -> list[Option]:
        """All options of a piece, the cheapest first."""
        found = [*self._same_day(piece, frame), *self._other_days(piece, frame)]
        found += self._photon(piece, frame)
        return sorted(found, key=lambda o: (o.late, o.cost, o.day, o.room, o.photon))

    def _rooms(self, piece: Piece, frame: Frame, day: date, price: int) -> list[Option]:
        """Options of one day, those in the longer hours apart."""
        allowed = in_frame(self.ground, piece, frame, day)
        if not allowed or not self.begin <= day <= self.last:
            return []
        found = []
        own, late = piece.booking.room, frame.late(day)
        for room in self.ground.rooms_of(piece):
            mask = self.days.fits(piece, day, room) & allowed
            if not mask:
                continue
            end = self.ground.open.usual_end(room, day)
            usual = bits([(0, max(0, end - piece.length + 1))])
            if self.ground.open.weekend(day):
                usual = mask
            other = price + (ROOM if room != own else 0)
            for part, extra in ((mask & usual, 0), (mask & ~usual, EXTENDED)):
                if part:
                    found.append(Option(day, room, part, other + extra, piece.length, late))
        return found

    def _same_day(self, piece: Piece, frame: Frame) -> list[Option]:
        booking = piece.booking
        window = booking.window or (booking.start, booking.start)
        promised = bits([(window[0], window[1] + 1)])
        near = bits([(max(0, window[0] - NEAR_MIN), window[1] + NEAR_MIN + 1)])
        found = []
        for each in self._rooms(piece, frame, booking.date, 0):
            parts = (
                (each.mask & promised, 0),
                (each.mask & near & ~promised, TIME),
                (each.mask & ~near, FAR),
            )
            for mask, extra in parts:
                if mask:
                    made = Option(each.day, each.room, mask, each.cost + extra, each.length)
                    found.append(made)
        return found

    def _other_days(self, piece: Piece, frame: Frame) -> list[Option]:
        booked = piece.booking.date
        counts = {"second": MOST_SECOND, "weekend": MOST_WEEKEND, "inside": MOST_INSIDE}
        counts["later"] = MOST_LATER
        found: list[Option] = []
        for day in self._by_distance(booked, frame):
            kind, price = self._kind(frame, day, booked)
            if kind is None or not counts[kind]:
                continue
            here = self._rooms(piece, frame, day, price)
            if here:
                counts[kind] -= 1
                found += here
        return found

    def _kind(self, frame: Frame, day: date, booked: date) -> tuple[str | None, int]:
        """How a fraction would be given on a day other than its own, and at which price."""
        away = min(30, abs((day - booked).days))
        late = frame.late(day)
        if frame.sessions.get(day):
            return "second", SECOND + away
        away += OVER_WEEK if frame.over(day) else 0
        if not self.ground.open.treats(day):
            return None, 0
        if self.ground.open.weekend(day):
            # After the planned end it prolongs the course as any day does, but a Saturday by fewer
            # days than the Monday that follows.
            return "weekend", away + (LATER + WEEKEND // 2 if late else WEEKEND)
        if late:
            return "later", LATER + (OVER_WEEK if frame.over(day) else 0)
        # An earlier free day is never used: people who come from far plan by their dates.
        return ("inside", INSIDE + away) if day > booked else (None, 0)

    def price(self, frame: Frame, day: date, booked: date) -> int | None:
        """What a fraction costs on a day, without its room; None where it may not be given."""
        if day == booked:
            return SECOND if frame.sessions.get(day) else TIME
        kind, price = self._kind(frame, day, booked)
        return None if kind is None else price

    def _by_distance(self, booked: date, frame: Frame) -> list[date]:
        """Days that are looked at, the nearest first; at the same distance the later first."""
        return sorted(
            (day for day in self._all(booked, frame) if day != booked),
            key=lambda day: (abs((day - booked).days), day < booked),
        )

    def _all(self, booked: date, frame: Frame) -> list[date]:
        until = min(self.last, max(frame.end, booked) + timedelta(days=LOOK_LATER_DAYS))
        number = (until - self.begin).days + 1
        return [self.begin + timedelta(days=step) for step in range(max(0, number))]

    def looked_at(self, piece: Piece, frame: Frame) -> list[date]:
        """The days on which anybody could be treated and the piece was looked for."""
        everything = self._all(piece.booking.date, frame)
        return [day for day in everything if self.ground.open.treats(day)]

    def _photon(self, piece: Piece, frame: Frame) -> list[Option]:
        means = self.ground.problem.means.photon
        course = self.ground.courses[piece.course]
        if means is None or not course.photon or piece.asleep:
            return []
        found: list[Option] = []
        for step in range(LOOK_LATER_DAYS):
            day = piece.booking.date + timedelta(days=step)
            inside = self.begin <= day <= self.last
            if not inside or not self.ground.open.usual.working(day) or frame.sessions.get(day):
                continue
            allowed = in_frame(self.ground, piece, frame, day) & self._from_now(day)
            if not allowed or self.days.photon_left(day) < means.fraction_min:
                continue
            late = frame.late(day)
            for room in means.rooms:
                mask = starts(self.days.photon(day, room), means.fraction_min) & allowed
                if mask:
                    price = PHOTON + 2 * step
                    made = Option(day, room, mask, price, means.fraction_min, late, photon=True)
                    found.append(made)
            if len(found) >= 4:
                break
        return found

    def _from_now(self, day: date) -> int:
        now = self.ground.problem.now
        if day > now.date():
            return bits([(0, 2880)])
        return bits([(now.hour * 60 + now.minute + (1 if now.second else 0), 2880)])


def nearest(mask: int, wanted: tuple[int, int], start: int) -> int:
    """The minute of a mask that is best: in the promised window, then nearest to its own start."""
    inside = mask & bits([(wanted[0], wanted[1] + 1)])
    mask = inside or mask
    below = mask & bits([(0, start + 1)])
    above = mask >> start
    low = below.bit_length() - 1 if below else None
    high = start + (above & -above).bit_length() - 1 if above else None
    if low is None or high is None:
        return high if low is None and high is not None else (low or 0)
    return low if start - low <= high - start else high
