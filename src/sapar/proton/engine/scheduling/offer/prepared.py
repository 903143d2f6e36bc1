"""The books as sets of free minutes, day by day: what an offer is looked up in.

A day's minutes of a room, a beam or the team are one whole number each (see
`problem.minutes.bits`), so that the minutes at which a fraction may start are found by a handful
of shifts. Days are built when somebody asks for them and kept; courses are added and taken out in
place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.offer.day import ALL, MIDNIGHT, Asleep, Day, widened
from sapar.proton.engine.scheduling.problem.calendar import Calendar
from sapar.proton.engine.scheduling.problem.minutes import LAST_MINUTE, bits, starts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sapar.proton.engine.scheduling.problem.books import Books
    from sapar.proton.engine.scheduling.problem.centre import Centre
    from sapar.proton.engine.scheduling.problem.course import Booking, Step, Use


class Prepared:
    """The books of a centre, ready for offers; days are built when they are first asked for.

    Args:
        books: centre, protocols and bookings; later changes come by `add` and `remove`.
    """

    def __init__(self, books: Books) -> None:
        self.books = books
        self.centre: Centre = books.centre
        self.calendar = Calendar(self.centre)
        self.rooms = self.centre.rooms
        self.number = {room.id: index for index, room in enumerate(self.rooms)}
        self.switch = {beam.id: beam.switch_min for beam in self.centre.beams}
        self.of_beam = [
            tuple(
                other
                for other, room in enumerate(self.rooms)
                if other != index and room.beam is not None and room.beam == each.beam
            )
            for index, each in enumerate(self.rooms)
        ]
        phases = sorted(
            (phase.room_min, phase.setup_min, phase.beam_min, phase.leaving_min)
            for protocol in books.protocols.values()
            for phase in protocol.phases
        )
        # The shortest fraction of all protocols, and the times of the one in the middle.
        self.small = phases[0][0] if phases else 1
        self.typical = phases[len(phases) // 2][1:] if phases else (1, 1, 1)
        # Minutes of a day that arrays hold: until midnight, or also the night after it.
        late = [
            hours[-1][1]
            for hours in (*self.centre.hours, *self.centre.moved_days.values())
            if hours
        ]
        self.length = MIDNIGHT if max(late, default=0) <= MIDNIGHT - 240 else LAST_MINUTE
        self._days: dict[date, Day] = {}
        self._by_date: dict[date, list[Booking]] = {}
        self._by_course: dict[str, list[Booking]] = {}
        self._uses: dict[str, list[Use]] = {}
        self._used: dict[tuple[str, date], int] = {}
        self._possible: dict[tuple[str, int, date], bool] = {}
        # Days reach into their neighbours only where a centre works past midnight.
        self.nights = False
        for booking in books.bookings:
            self._by_date.setdefault(booking.date, []).append(booking)
            self._by_course.setdefault(booking.course, []).append(booking)
            if booking.end > MIDNIGHT:
                self.nights = True
        self._count_uses(books.uses, 1)

    # What is on the books

    def add(self, bookings: Iterable[Booking], uses: Iterable[Use] = ()) -> None:
        """Put fractions and uses on the books. That they fit is the caller's business."""
        for booking in bookings:
            self._by_date.setdefault(booking.date, []).append(booking)
            self._by_course.setdefault(booking.course, []).append(booking)
            if booking.end > MIDNIGHT:
                self.nights = True
            found = self._days.get(booking.date)
            if found is not None:
                self._put(found, booking)
            if self.nights:
                self._forget_beside(booking.date)
        self._count_uses(uses, 1)

    def remove(self, course: str, *, since: date | None = None) -> tuple[Booking, ...]:
        """Take a course off the books, its uses too; with `since` only from that date on.

        Returns:
            The bookings that were taken off.
        """
        gone: list[Booking] = []
        stay: list[Booking] = []
        for booking in self._by_course.pop(course, []):
            (stay if since is not None and booking.date < since else gone).append(booking)
        if stay:
            self._by_course[course] = stay
        for booking in gone:
            self._by_date[booking.date].remove(booking)
            self._days.pop(booking.date, None)
            if self.nights:
                self._forget_beside(booking.date)
        uses = self._uses.pop(course, [])
        later = [use for use in uses if since is None or use.date >= since]
        self._count_uses(later, -1)
        if kept := [use for use in uses if since is not None and use.date < since]:
            self._uses[course] = kept
        return tuple(gone)

    def _forget_beside(self, day: date) -> None:
        for beside in (day.toordinal() - 1, day.toordinal() + 1):
            self._days.pop(day.fromordinal(beside), None)

    def move(self, old: Booking, new: Booking | None) -> None:
        """Put one booking in another place, or take it off."""
        self._by_date[old.date].remove(old)
        self._by_course[old.course].remove(old)
        self._days.pop(old.date, None)
        if self.nights:
            self._forget_beside(old.date)
        if new is not None:
            self.add((new,))

    def forget(self, day: date) -> None:
        """Drop what is kept for a day."""
        self._days.pop(day, None)

    def bookings_of(self, course: str) -> tuple[Booking, ...]:
        """The bookings of a course, in the order in which they came."""
        return tuple(self._by_course.get(course, ()))

    def bookings_on(self, day: date) -> tuple[Booking, ...]:
        """The bookings of a date, in the order in which they came."""
        return tuple(self._by_date.get(day, ()))

    def _count_uses(self, uses: Iterable[Use], sign: int) -> None:
        for use in uses:
            key = (use.use, use.date)
            self._used[key] = self._used.get(key, 0) + sign * use.duration_min
            if sign > 0 and use.course is not None:
                self._uses.setdefault(use.course, []).append(use)

    def left_of(self, use: str | None, day: date) -> int | None:
        """Minutes of a device or role that are left on a day; None where there is no limit."""
        if use is None:
            return None
        whole = self.calendar.minutes_of(use, day)
        return None if whole is None else whole - self._used.get((use, day), 0)

    def possible(self, step: Step, day: date) -> bool:
        """Whether a step could be done on a day if nothing else used its device or role."""
        key = (step.use or "", step.duration_min, day)
        found = self._possible.get(key)
        if found is None:
            calendar = self.calendar
            there = calendar.centre_open(day)
            if step.use is not None and calendar.minutes_of(step.use, day) is not None:
                there = self._there(step.use, day)
            found = calendar.working(day) and (
                step.use is None or there.bit_count() >= step.duration_min
            )
            self._possible[key] = found
        return found

    def _there(self, use: str, day: date) -> int:
        """The minutes in which at least one of a device or role is there."""
        calendar = self.calendar
        for device in self.centre.devices:
            if device.id == use:
                whole = calendar.minutes_of(use, day) or 0
                # Open minutes of one such device; only their number is asked.
                return (1 << (whole // max(1, device.count))) - 1
        found = 0
        for mask, _ in calendar.people(use, day):
            found |= mask
        return found & calendar.centre_open(day)

    # Days

    def day(self, day: date) -> Day:
        """The day, built from the books where nobody has asked before."""
        found = self._days.get(day)
        if found is None:
            found = self._days[day] = Day(self, day)
            for booking in self._by_date.get(day, ()):
                self._put(found, booking)
        return found

    def _put(self, day: Day, booking: Booking) -> None:
        room = self.number[booking.room]
        length = booking.setup_min + booking.beam_min + booking.leaving_min
        day.busy[room] |= ((1 << length) - 1) << booking.start
        if booking.beam_min:
            mask = ((1 << booking.beam_min) - 1) << (booking.start + booking.setup_min)
            day.beamed[room] |= mask
            day.beam_min -= booking.beam_min
        day.used[room] += length
        day.room_min -= length
        if booking.anaesthesia and (team := self.centre.anaesthesia) is not None:
            begin = max(0, booking.start - team.induction_min)
            held = bits([(begin, booking.end + team.recovery_min)])
            day.asleep.append(Asleep(booking.start, team.band(booking.age), held))
        day.bookings.append(booking)
        day.kept.clear()
        day.counts.clear()

    def _near(self, day: Day, room: int, *, beam: bool) -> int:
        """Minutes of a room (or its beam use) that fractions of the dates beside it take."""
        found = 0
        if self.nights:
            before = day.date.fromordinal(day.date.toordinal() - 1)
            after = day.date.fromordinal(day.date.toordinal() + 1)
            for other, shift in ((before, -MIDNIGHT), (after, MIDNIGHT)):
                for booking in self._by_date.get(other, ()):
                    if self.number[booking.room] == room:
                        begin, end = booking.beam if beam else (booking.start, booking.end)
                        found |= bits([(max(0, begin + shift), max(0, end + shift))])
        return found & ALL

    def free(self, day: Day, room: int) -> int:
        """The minutes in which a room is open and not taken."""
        key = (room,)
        found = day.kept.get(key)
        if found is None:
            found = day.open[room] & ~day.busy[room]
            if self.nights:
                found &= ~self._near(day, room, beam=False)
            day.kept[key] = found
        return found

    def beam_free(self, day: Day, room: int) -> int:
        """The minutes in which the beam may be used in a room, switching kept."""
        beam = self.rooms[room].beam
        if beam is None:
            return ALL
        key = (room, 0)
        found = day.kept.get(key)
        if found is None:
            taken = 0
            for other in self.of_beam[room]:
                taken |= day.beamed[other]
                if self.nights:
                    taken |= self._near(day, other, beam=True)
            free = self.calendar.beam(beam, day.date)
            found = day.kept[key] = free & ~widened(taken, self.switch[beam])
        return found

    def team_free(self, day: Day) -> int:
        """The minutes in which one anaesthesia team more can be held."""
        found = day.kept.get(())
        if found is None:
            levels: list[int] = []
            for each in day.asleep:
                carry = each.held
                for index, level in enumerate(levels):
                    levels[index], carry = level | carry, level & carry
                if carry:
                    levels.append(carry)
            found = 0
            for mask, count in self.calendar.teams(day.date):
                found |= mask & ~(levels[count - 1] if count <= len(levels) else 0)
            day.kept[()] = found
        return found

    def fasting(self, day: Day, band: int) -> int:
        """The minutes at which a fasting patient of this band may start."""
        least, most = -1, LAST_MINUTE
        for each in day.asleep:
            if each.band < band:
                least = max(least, each.start)
            elif each.band > band:
                most = min(most, each.start)
        return bits([(least + 1, most)])

    def starts(
        self, day: Day, room: int, times: tuple[int, int, int], band: int | None = None
    ) -> int:
        """The minutes at which a fraction may start.

        Args:
            day: the day.
            room: the room's place in `rooms`.
            times: minutes of set-up, beam and leaving.
            band: the fasting band, None without anaesthesia.
        """
        key = (room, *times, -1 if band is None else band)
        found = day.kept.get(key)
        if found is None:
            found = day.kept[key] = self._starts(day, room, times, band)
        return found

    def _starts(self, day: Day, room: int, times: tuple[int, int, int], band: int | None) -> int:
        setup, beam, leaving = times
        length = setup + beam + leaving
        if day.used[room] + length > day.cap[room]:
            return 0
        found = starts(self.free(day, room), length)
        if found and beam:
            found &= starts(self.beam_free(day, room), beam) >> setup
        if found and band is not None:
            team = self.centre.anaesthesia
            if team is None:
                return 0
            around = team.induction_min + length + team.recovery_min
            found &= starts(self.team_free(day), around) << team.induction_min
            found &= self.fasting(day, band)
        return found

    # Working days

    def working_days(self, begin: date, end: date) -> list[date]:
        """The working days from `begin` to `end`, both included."""
        working = self.calendar.working
        first, last = begin.toordinal(), end.toordinal()
        return [day for day in map(begin.fromordinal, range(first, last + 1)) if working(day)]
