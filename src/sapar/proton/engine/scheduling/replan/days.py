"""One day's free minutes: where a fraction can begin when others stay where they are."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.problem.minutes import bits, starts

if TYPE_CHECKING:
    from collections.abc import Callable

    from sapar.proton.engine.scheduling.problem.course import Booking
    from sapar.proton.engine.scheduling.replan.ground import Ground, Piece

DAY_MIN = 1440


def _span(begin: int, end: int) -> int:
    """The minutes from one to another, those before midnight left out."""
    begin = max(0, begin)
    return ((1 << (end - begin)) - 1) << begin if end > begin else 0


def _wider(mask: int, minutes: int) -> int:
    """A set of minutes with so many more on each side of it."""
    reach = 0
    while reach < minutes:
        step = min(minutes - reach, 2 * reach + 1)
        mask |= mask << step | mask >> step
        reach += step
    return mask


class Day:
    """The minutes of one date that are open and taken by nobody; fractions come and go.

    Attributes:
        free: by room; `left` the minutes that a room may still take in all.
        beam_open: by beam, whoever uses it; `beam_used` by room.
        team: minutes at which so many teams or more are free.
        asleep: fasting ranks with their starts.
    """

    def __init__(self, ground: Ground, day: date) -> None:
        self.ground, self.day = ground, day
        self.free = {r.id: ground.open.room(r.id, day) for r in ground.centre.rooms}
        self.left = {
            r.id: int(r.usable * self.free[r.id].bit_count() + 1e-9) for r in ground.centre.rooms
        }
        self.beam_open = {b.id: ground.open.now.beam(b.id, day) for b in ground.centre.beams}
        self.beam_used = {r.id: 0 for r in ground.centre.rooms if r.beam is not None}
        self.team: dict[int, int] = {}
        for mask, number in ground.open.now.teams(day):
            for level in range(1, number + 1):
                self.team[level] = self.team.get(level, 0) | mask
        self.asleep: list[tuple[int, int]] = []

    def copy(self) -> Day:
        """The same day, to which others can be added."""
        made = object.__new__(Day)
        made.ground, made.day = self.ground, self.day
        made.free, made.left = dict(self.free), dict(self.left)
        made.beam_open, made.beam_used = self.beam_open, dict(self.beam_used)
        made.team, made.asleep = dict(self.team), list(self.asleep)
        return made

    def add(self, booking: Booking, *, asleep: bool, rank: int | None, shift: int = 0) -> None:
        """Take the minutes of a fraction; `shift` is added to its minutes (another date's)."""
        begin = booking.start + shift
        self._take(booking, booking.room, begin, today=not shift)
        if asleep:
            self._sleep(booking, begin, None if shift else rank)

    def put(self, piece: Piece, room: str, start: int) -> None:
        """Take the minutes of a piece in a room from a minute on."""
        self._take(piece.booking, room, start, today=True)
        if piece.asleep:
            self._sleep(piece.booking, start, piece.rank)

    def _take(self, booking: Booking, room: str, begin: int, *, today: bool) -> None:
        if room not in self.free:
            return
        length = booking.end - booking.start
        self.free[room] &= ~_span(begin, begin + length)
        if today:
            self.left[room] -= length
        if room in self.beam_used:
            low = begin + booking.setup_min
            self.beam_used[room] |= _span(low, low + booking.beam_min)

    def _sleep(self, booking: Booking, begin: int, rank: int | None) -> None:
        held = self._held(booking, begin)
        for level in sorted(self.team, reverse=True):
            taken = self.team[level] & held
            self.team[level] &= ~held
            held &= ~taken
        if rank is not None:
            self.asleep.append((rank, begin))

    def _held(self, booking: Booking, begin: int) -> int:
        """The minutes of a team that a fraction takes."""
        team = self.ground.centre.anaesthesia
        if team is None:
            return 0
        end = begin + booking.end - booking.start
        return _span(begin - team.induction_min, end + team.recovery_min)

    def release(self, piece: Piece, room: str, start: int) -> None:
        """Give back what `put` took, all of which was free before."""
        booking = piece.booking
        if room in self.free:
            self.free[room] |= _span(start, start + piece.length)
            self.left[room] += piece.length
        if room in self.beam_used:
            low = start + booking.setup_min
            self.beam_used[room] &= ~_span(low, low + booking.beam_min)
        if piece.asleep:
            held = self._held(booking, start)
            for level in sorted(self.team):
                given = held & ~self.team[level]
                self.team[level] |= given
                held &= ~given
            if piece.rank is not None:
                self.asleep.remove((piece.rank, start))

    def _beam_free(self, room: str) -> int:
        """The minutes of its beam that a room could use, with the time for switching."""
        beam, others = self.ground.beam_of[room], 0
        if beam is None:
            return 0
        for other, used in self.beam_used.items():
            if other != room and self.ground.beam_of[other] == beam:
                others |= used
        wide = _wider(others, self.ground.switch[beam])
        return self.beam_open[beam] & ~self.beam_used[room] & ~wide

    def fits(self, piece: Piece, room: str) -> int:
        """The minutes at which a piece can begin in a room, as bits."""
        booking, length = piece.booking, piece.length
        if self.left[room] < length:
            return 0
        found = starts(self.free[room], length)
        if found and room in self.beam_used and booking.beam_min:
            found &= starts(self._beam_free(room), booking.beam_min) >> booking.setup_min
        if found and piece.asleep:
            found &= self._asleep(piece)
        now = self.ground.problem.now
        if self.day < now.date():
            return 0
        if self.day == now.date():
            minute = now.hour * 60 + now.minute + (1 if now.second else 0)
            found &= ~((1 << minute) - 1)
        return found

    def _asleep(self, piece: Piece) -> int:
        team = self.ground.centre.anaesthesia
        if team is None:
            return 0
        whole = team.induction_min + piece.length + team.recovery_min
        found = starts(self.team.get(1, 0), whole) << team.induction_min
        if piece.rank is not None:
            low = max((s for rank, s in self.asleep if rank < piece.rank), default=-1)
            high = min((s for rank, s in self.asleep if rank > piece.rank), default=2 * DAY_MIN)
            found &= bits([(low + 1, high)])
        return found


class Days:
    """All days of a repair, made when they are asked for."""

    def __init__(self, ground: Ground, staying: dict[tuple[str, int], Piece]) -> None:
        self.ground = ground
        self._made: dict[date, Day] = {}
        self._photon: dict[tuple[date, str], int] = {}
        self._fits: dict[tuple[object, ...], int] = {}
        self._on: dict[date, list[tuple[Booking, bool, int | None]]] = {}
        self._fixed = {id(booking) for booking in ground.others}
        for booking in ground.others:
            course = ground.courses.get(booking.course)
            asleep = booking.anaesthesia or (course is not None and course.anaesthesia)
            age = booking.age
            if age is None and course is not None:
                age = course.age
            self._on.setdefault(booking.date, []).append((booking, asleep, ground.rank(age)))
        for piece in staying.values():
            mine = (piece.booking, piece.asleep, piece.rank)
            self._on.setdefault(piece.booking.date, []).append(mine)

    def of(self, day: date) -> Day:
        """One day with everybody who stays on it."""
        made = self._made.get(day)
        if made is None:
            made = self._made[day] = self._filled(day, lambda _: True)
        return made

    def fits(self, piece: Piece, day: date, room: str) -> int:
        """The minutes of a day at which a piece could begin in a room."""
        asked = (day, room, *piece.needs)
        found = self._fits.get(asked)
        if found is None:
            found = self._fits[asked] = self.of(day).fits(piece, room)
        return found

    def bare(self, day: date) -> Day:
        """One day with those alone who are no part of the repair."""
        return self._filled(day, lambda booking: id(booking) in self._fixed)

    def _filled(self, day: date, there: Callable[[Booking], bool]) -> Day:
        made = Day(self.ground, day)
        for shift in (0, -DAY_MIN, DAY_MIN):
            for booking, asleep, rank in self._on.get(day + timedelta(minutes=shift), ()):
                if there(booking) and (shift >= 0 or booking.end + 60 > DAY_MIN):
                    made.add(booking, asleep=asleep, rank=rank, shift=shift)
        return made

    def on(self, day: date) -> list[tuple[Booking, bool, int | None]]:
        """Who stays on a day: booking, under anaesthesia, fasting rank."""
        return self._on.get(day, [])

    def photon(self, day: date, room: str) -> int:
        """The free minutes of a room of the photon back-up, whatever is lost."""
        kept = self._photon.get((day, room))
        if kept is None:
            taken = [
                (booking.start, booking.end)
                for booking, _, _ in self._on.get(day, ())
                if booking.room == room
            ]
            kept = self.ground.open.usual.centre_open(day) & ~bits(taken)
            self._photon[day, room] = kept
        return kept

    def photon_left(self, day: date) -> int:
        """Minutes a day that the photon back-up has left."""
        means = self.ground.problem.means.photon
        if means is None:
            return 0
        here = sum(
            booking.end - booking.start
            for booking, _, _ in self._on.get(day, ())
            if booking.room in means.rooms
        )
        return means.minutes_per_day - here
