"""One day's free minutes: where a fraction can begin when others stay where they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.problem.minutes import bits, starts

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.problem.course import Booking
    from sapar.proton.engine.scheduling.replan.ground import Ground, Piece, Place

DAY_MIN = 1440


class Day:
    """The minutes of one date that are open and taken by nobody; fractions can be added."""

    def __init__(self, ground: Ground, day: date) -> None:
        self.ground, self.day = ground, day
        self.free = {r.id: ground.open.room(r.id, day) for r in ground.centre.rooms}
        self.left = {
            r.id: int(r.usable * self.free[r.id].bit_count() + 1e-9) for r in ground.centre.rooms
        }
        beams = {b.id: ground.open.now.beam(b.id, day) for b in ground.centre.beams}
        self.beam_free = {r.id: beams[r.beam] for r in ground.centre.rooms if r.beam is not None}
        self.team: dict[int, int] = {}
        for mask, number in ground.open.now.teams(day):
            for level in range(1, number + 1):
                self.team[level] = self.team.get(level, 0) | mask
        self.asleep: list[tuple[int, int]] = []

    def add(self, booking: Booking, *, asleep: bool, rank: int | None, shift: int = 0) -> None:
        """Take the minutes of a fraction; `shift` is added to its minutes (another date's)."""
        begin, end = booking.start + shift, booking.end + shift
        if booking.room in self.free:
            self.free[booking.room] &= ~bits([(max(0, begin), max(0, end))])
            if not shift:
                self.left[booking.room] -= end - begin
            beam = self.ground.beam_of[booking.room]
            if beam is not None and booking.beam_min:
                low = booking.beam[0] + shift
                self._use_beam(booking.room, beam, low, low + booking.beam_min)
        team = self.ground.centre.anaesthesia
        if asleep and team is not None:
            held = bits([(max(0, begin - team.induction_min), max(0, end + team.recovery_min))])
            for level in sorted(self.team, reverse=True):
                taken = self.team[level] & held
                self.team[level] &= ~held
                held &= ~taken
            if rank is not None and not shift:
                self.asleep.append((rank, begin))

    def _use_beam(self, room: str, beam: str, low: int, high: int) -> None:
        """Take minutes of a beam; for other rooms with the time for switching on both sides."""
        gap = self.ground.switch[beam]
        near = bits([(max(0, low), max(0, high))])
        wide = bits([(max(0, low - gap), max(0, high + gap))])
        for other in self.beam_free:
            if self.ground.beam_of[other] == beam:
                self.beam_free[other] &= ~(near if other == room else wide)

    def fits(self, piece: Piece, room: str) -> int:
        """The minutes at which a piece can begin in a room, as bits."""
        booking, length = piece.booking, piece.length
        if self.left[room] < length:
            return 0
        found = starts(self.free[room], length)
        if found and room in self.beam_free and booking.beam_min:
            found &= starts(self.beam_free[room], booking.beam_min) >> booking.setup_min
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
        self._photon_used: dict[date, int] = {}
        self._on: dict[date, list[tuple[Booking, bool, int | None]]] = {}
        photon = ground.problem.means.photon
        self.photon_rooms = photon.rooms if photon is not None else ()
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
            made = Day(self.ground, day)
            for shift in (0, -DAY_MIN, DAY_MIN):
                for booking, asleep, rank in self._on.get(day + timedelta(minutes=shift), ()):
                    if shift >= 0 or booking.end + 60 > DAY_MIN:
                        made.add(booking, asleep=asleep, rank=rank, shift=shift)
            self._made[day] = made
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
        return means.minutes_per_day - here - self._photon_used.get(day, 0)

    def forget(self, day: date) -> None:
        """Take off a day what `put` has added."""
        self._made.pop(day, None)
        self._photon_used.pop(day, None)
        for room in self.photon_rooms:
            self._photon.pop((day, room), None)

    def put(self, piece: Piece, place: Place, *, photon: bool) -> None:
        """Add a piece at a new place."""
        if photon:
            means = self.ground.problem.means.photon
            whole = means.fraction_min if means is not None else 0
            free = self.photon(place.day, place.room)
            span = bits([(place.start, place.start + whole)])
            self._photon[place.day, place.room] = free & ~span
            self._photon_used[place.day] = self._photon_used.get(place.day, 0) + whole
            return
        booking = replace(piece.booking, date=place.day, room=place.room, start=place.start)
        self.of(place.day).add(booking, asleep=piece.asleep, rank=piece.rank)
