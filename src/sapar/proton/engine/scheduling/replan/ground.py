"""What a repair starts from: who is booked where, what was lost, and when things are open now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.problem.calendar import Calendar
from sapar.proton.engine.scheduling.problem.centre import Closure
from sapar.proton.engine.scheduling.problem.minutes import bits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sapar.proton.engine.scheduling.problem.books import Lost, ReplanProblem
    from sapar.proton.engine.scheduling.problem.course import Booking, Course, Protocol


@dataclass(frozen=True, slots=True)
class Place:
    """A date, a room and the minute of a start."""

    day: date
    room: str
    start: int


@dataclass(frozen=True, slots=True)
class Piece:
    """One booked fraction that is still to come.

    Attributes:
        course: its course; `number` its number there, from 1.
        phase: the place of its phase in the protocol.
        booking: as it stands in the document.
        asleep: under anaesthesia; `rank` its place in the fasting order, None where none is known.
        hit: what it needs and was lost: the id of a resource; empty where it may stay.
        key: course and number.
        needs: what it asks of a day: who asks the same may begin at the same minutes.
    """

    course: str
    number: int
    phase: int
    booking: Booking
    asleep: bool
    rank: int | None
    hit: str
    key: tuple[str, int] = field(init=False, compare=False)
    needs: tuple[int | bool | None, ...] = field(init=False, compare=False)

    @property
    def place(self) -> Place:
        """Where it is booked."""
        return Place(self.booking.date, self.booking.room, self.booking.start)

    @property
    def length(self) -> int:
        """Minutes of its room."""
        return self.booking.end - self.booking.start

    def __post_init__(self) -> None:
        """Make what is asked for often."""
        booking = self.booking
        times = (booking.setup_min, booking.beam_min, booking.leaving_min)
        object.__setattr__(self, "key", (self.course, self.number))
        needs = (*times, self.asleep, self.rank if self.asleep else None)
        object.__setattr__(self, "needs", needs)


def moment_of(day: date, minute: int) -> datetime:
    """The moment of a minute after midnight of a date."""
    return datetime.combine(day, time()) + timedelta(minutes=minute)


class Open:
    """When rooms, beams and teams are there after the loss, with the means that are allowed."""

    def __init__(self, problem: ReplanProblem) -> None:
        centre = problem.books.centre
        closures = tuple(
            Closure(each.resource, each.begin, each.end, "other") for each in problem.lost
        )
        self.problem, self.means = problem, problem.means
        self.usual = Calendar(centre)
        self.now = Calendar(replace(centre, closures=(*centre.closures, *closures)))
        self._rooms: dict[tuple[str, date], int] = {}

    def weekend(self, day: date) -> bool:
        """Whether the means open this date."""
        if not self.means.weekend_hours:
            return False
        if self.means.weekend_dates:
            return day in self.means.weekend_dates
        inside = self.problem.books.first <= day <= self.problem.books.last
        return inside and day.weekday() >= 5 and not self.usual.working(day)

    def usual_end(self, room: str, day: date) -> int:
        """The minute after the last in which a room was to be open."""
        return self.usual.room(room, day).bit_length()

    def room(self, room: str, day: date) -> int:
        """The minutes in which a room is open, the hours of the means with them."""
        kept = self._rooms.get((room, day))
        if kept is None:
            more = bits(self.means.weekend_hours) if self.weekend(day) else 0
            end = self.usual_end(room, day)
            if self.means.extend_hours_min and end:
                more |= bits([(end, end + self.means.extend_hours_min)])
            more &= ~self.now.closed(room, day) & ~self.now.closed("centre", day)
            kept = self.now.room(room, day) | more
            self._rooms[room, day] = kept
        return kept

    def treats(self, day: date) -> bool:
        """Whether anybody can be treated on a date: a working day, or one that the means open."""
        return self.usual.working(day) or self.weekend(day)


def _numbered(course: Course, bookings: Iterable[Booking]) -> list[tuple[int, Booking]]:
    """Bookings with their numbers; those without take the free ones in the order of time."""
    delivered = course.begun.delivered if course.begun is not None else 0
    ours = sorted(bookings, key=lambda b: (b.date, b.start))
    given = {b.fraction for b in ours if b.fraction is not None}
    free = (number for number in range(delivered + 1, 10**6) if number not in given)
    return [(next(free) if b.fraction is None else b.fraction, b) for b in ours]


def phase_of(course: Course, number: int) -> int:
    """The place of the phase of a fraction; numbers beyond the course belong to its last phase."""
    for index, until in enumerate(accumulate(course.fractions)):
        if number <= until:
            return index
    return len(course.fractions) - 1


class Ground:
    """The bookings of a repair, sorted out.

    Attributes:
        open: when things are open.
        courses: by id; `protocols` by id of the course.
        future: the pieces of each course from now on, in the order of number.
        past: days on which each course was treated before now, sorted, as far as is known.
        others: bookings that stay: those of other courses, and the past ones.
    """

    def __init__(self, problem: ReplanProblem) -> None:
        self.problem = problem
        self.centre = problem.books.centre
        self.open = Open(problem)
        self.courses = {course.id: course for course in problem.courses}
        self.protocols: dict[str, Protocol] = {
            course.id: problem.books.protocols[course.protocol] for course in problem.courses
        }
        self.beam_of = {room.id: room.beam for room in self.centre.rooms}
        self.switch = {beam.id: beam.switch_min for beam in self.centre.beams}
        self.group_of = {room.id: room.matched for room in self.centre.rooms}
        self.future: dict[str, list[Piece]] = {name: [] for name in self.courses}
        self.past: dict[str, list[date]] = {}
        self.past_sessions: dict[str, list[tuple[date, int]]] = {name: [] for name in self.courses}
        self.others: list[Booking] = []
        self._latest: dict[tuple[str, date], date] = {}
        self._weight: dict[str, int] = {}
        self._sort_out()

    def _sort_out(self) -> None:
        by_course: dict[str, list[Booking]] = {}
        for booking in self.problem.books.bookings:
            if booking.course in self.courses:
                by_course.setdefault(booking.course, []).append(booking)
            else:
                self.others.append(booking)
        for name, course in self.courses.items():
            days = set()
            if course.begun is not None:
                days = {course.begun.last, *course.begun.days}
                if course.begun.started is not None:
                    days.add(course.begun.started)
            for number, booking in _numbered(course, by_course.get(name, [])):
                if moment_of(booking.date, booking.start) < self.problem.now:
                    days.add(booking.date)
                    self.past_sessions[name].append((booking.date, booking.start))
                    self.others.append(booking)
                else:
                    self.future[name].append(self._piece(course, number, booking))
            self.past[name] = sorted(days)

    def _piece(self, course: Course, number: int, booking: Booking) -> Piece:
        asleep = booking.anaesthesia or course.anaesthesia
        found = Piece(
            course=course.id,
            number=number,
            phase=phase_of(course, number),
            booking=booking,
            asleep=asleep,
            rank=self.rank(booking.age if booking.age is not None else course.age),
            hit="",
        )
        return replace(found, hit=self._hit(found))

    def rank(self, age: int | None) -> int | None:
        """The fasting rank of an age; None where there is no order."""
        team = self.centre.anaesthesia
        if team is None or not team.age_bands or age is None:
            return None
        return team.band(age)

    def _hit(self, piece: Piece) -> str:
        """The first lost resource that a piece needs where it is booked."""
        booking = piece.booking
        begin, end = moment_of(booking.date, booking.start), moment_of(booking.date, booking.end)
        beam = [moment_of(booking.date, minute) for minute in booking.beam]
        team = self.centre.anaesthesia
        for each in self.problem.lost:
            if each.resource in (booking.room, "centre"):
                span = (begin, end)
            elif booking.beam_min and each.resource == self.beam_of.get(booking.room):
                span = (beam[0], beam[1])
            elif each.resource == "anaesthesia" and piece.asleep and team is not None:
                before = timedelta(minutes=team.induction_min)
                after = timedelta(minutes=team.recovery_min)
                span = (begin - before, end + after)
            else:
                continue
            if _meets(each, span):
                return each.resource
        return ""

    def pieces(self) -> list[Piece]:
        """All pieces, by course and number."""
        return [piece for name in sorted(self.future) for piece in self.future[name]]

    def begun(self, name: str) -> bool:
        """Whether a course has been begun."""
        course = self.courses[name]
        delivered = course.begun is not None and course.begun.delivered > 0
        return delivered or bool(self.past_sessions[name])

    def weight(self, name: str) -> int:
        """How much a course counts: begun before not begun, category 1 before 2 before 3."""
        kept = self._weight.get(name)
        if kept is None:
            of_category = {1: 9, 2: 3, 3: 1}[self.protocols[name].category]
            kept = self._weight[name] = of_category * (30 if self.begun(name) else 1)
        return kept

    def rooms_of(self, piece: Piece) -> tuple[str, ...]:
        """The rooms in which a piece may be given: of its phase and matched to its own."""
        allowed = self.protocols[piece.course].phases[piece.phase].rooms
        group = self.group_of[piece.booking.room]
        return tuple(room for room in allowed if self.group_of[room] == group)

    def latest_next(self, name: str, after: date) -> date:
        """The last date for the treatment day that follows one."""
        kept = self._latest.get((name, after))
        if kept is not None:
            return kept
        books = self.problem.books
        limit = after + timedelta(days=self.protocols[name].max_gap_days)
        following = max(after + timedelta(days=1), books.first)
        found = self.open.usual.next_working(following)
        kept = limit if found is None else max(limit, found)
        self._latest[name, after] = kept
        return kept


def _meets(lost: Lost, span: tuple[datetime, datetime]) -> bool:
    return lost.begin < span[1] and span[0] < lost.end
