"""Others make room, on their own day, for those who find no place within the rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.problem.minutes import bits
from sapar.proton.engine.scheduling.replan.days import Day, Days
from sapar.proton.engine.scheduling.replan.options import (
    FRACTION,
    PERSON,
    ROOM,
    Finder,
    Frame,
    Option,
    frame_of,
    in_frame,
    stay_of,
)
from sapar.proton.engine.scheduling.replan.seat import Guest, seat
from sapar.proton.engine.scheduling.replan.state import keys_of
from sapar.proton.engine.scheduling.replan.tasks import Task, Work

if TYPE_CHECKING:
    from datetime import date

    from sapar.proton.engine.scheduling.replan.ground import Piece
    from sapar.proton.engine.scheduling.replan.tasks import Chosen, Key
    from sapar.proton.engine.scheduling.watch import Watch

MOST_SERVED = 40
LOOK_DAYS = 6
"""Days that are looked at for one fraction, those that keep the gap and the end first."""
UNITS = 8_000
"""Units of work for a deterministic second of these small programs; a day takes `LEAST` or more."""
LEAST = 2
EACH_DAY = 4
MOST_YIELDING = 40
MOST_FREE = 2
"""Days on which others may change to a matched room as well."""
FEW = 3
"""With fewer people than that, the other days are not looked at."""
MOST_PEOPLE = 8
"""More people than that are not moved for one fraction."""


@dataclass(frozen=True, slots=True)
class Swap:
    """One piece takes a place for which others move on their own day."""

    price: int
    piece: Piece
    option: Option
    start: int
    others: tuple[tuple[Piece, Option, int], ...]


class Ejector:
    """Looks for swaps on top of a decision; keeps the decision and the work in step."""

    def __init__(self, work: Work, chosen: Chosen, limit: float, watch: Watch) -> None:
        self.work, self.chosen, self.watch = work, dict(chosen), watch
        self.ground, self.limit = work.ground, limit
        self.used = 0.0

    def run(self, pieces: list[Piece] | None = None) -> tuple[Work, Chosen]:
        """Serve some, or everybody in trouble, one after the other."""
        troubled = self.work.troubled(self.chosen) if pieces is None else pieces
        for piece in troubled[:MOST_SERVED]:
            before = self.chosen[piece.key]
            self.chosen[piece.key] = None
            swap = self._best(piece, nowhere=before is None)
            self.chosen[piece.key] = before
            if swap is not None:
                self._accept(swap)
            if self._over():
                break
        return self.work, self.chosen

    def _over(self) -> bool:
        return self.used >= self.limit or self.watch.stop()

    def _best(self, piece: Piece, *, nowhere: bool) -> Swap | None:
        """The way for which the fewest people move: in their own rooms, else in matched ones."""
        best: Swap | None = None
        freely = MOST_FREE
        for day in self._days_of(piece, nowhere=nowhere):
            for free in (False, True):
                if self._over():
                    return best
                if free and (best is not None or not freely):
                    continue
                most = MOST_PEOPLE * PERSON if best is None else best.price - PERSON
                freely -= free
                best = self._seated(piece, day, most, free=free) or best
            if best is not None and best.price < FEW * PERSON:
                break
        return best

    def _days_of(self, piece: Piece, *, nowhere: bool) -> list[date]:
        """The days on which a piece could be, those that keep the gap and the end first."""
        finder, frame = Finder(self.ground, self.work.days), self._frame(piece)
        found = []
        for day in finder.looked_at(piece, frame):
            price = finder.price(frame, day, piece.booking.date)
            if price is None or not in_frame(self.ground, piece, frame, day):
                continue
            if piece.asleep and not self.ground.open.now.teams(day):
                continue
            gap = self.work.broken(piece.course, self._as_if(piece, day)) > 0
            if not gap or nowhere:
                found.append((gap, frame.late(day), price, day))
        return [day for *_, day in sorted(found)[:LOOK_DAYS]]

    def _as_if(self, piece: Piece, day: date) -> Chosen:
        """The decision with a piece on a day; what has no place yet is where it was booked."""
        found: Chosen = {}
        for other in self.ground.future[piece.course]:
            if other.key in self.chosen:
                taken = self.chosen[other.key]
                found[other.key] = taken or (stay_of(other), other.booking.start)
        found[piece.key] = (replace(stay_of(piece), day=day), 0)
        return found

    def yielding(self) -> tuple[Piece, ...]:
        """Pieces without which somebody in trouble would fit where they are, a few for each day."""
        found: dict[Key, Piece] = {}
        for piece in self.work.troubled(self.chosen)[:MOST_SERVED]:
            if len(found) >= MOST_YIELDING or self.watch.stop():
                break
            for day in self._days_of(piece, nowhere=self.chosen[piece.key] is None):
                number = 0
                for other in self._here(piece, day):
                    if number >= EACH_DAY or len(found) >= MOST_YIELDING:
                        break
                    room = other.booking.room
                    if other.key in found:
                        continue
                    if self._day(day, frozenset([other.key])).fits(piece, room):
                        found[other.key] = other
                        number += 1
        return tuple(found[key] for key in sorted(found))

    def _accept(self, swap: Swap) -> bool:
        """Take a swap if it makes the whole better; whether it was taken."""
        work, ours = self.work, {piece.key: option for piece, option, _ in swap.others}
        ours[swap.piece.key] = swap.option
        tasks = [
            replace(task, options=(*task.options, ours[task.piece.key]))
            if task.piece.key in ours
            else task
            for task in work.tasks
        ]
        now, staying = dict(self.chosen), dict(work.staying)
        for piece, option, _ in swap.others:
            if piece.key in staying:
                del staying[piece.key]
                stay = stay_of(piece)
                limit = frame_of(self.ground, piece, frozenset()).limit
                tasks.append(Task(piece, (stay, option), limit))
                now[piece.key] = (stay, piece.booking.start)
        made = Work(self.ground, tasks, staying, Days(self.ground, staying), work.hit)
        new: Chosen = {**now, swap.piece.key: (swap.option, swap.start)}
        for piece, option, start in swap.others:
            new[piece.key] = (option, start)
        if made.value(new) >= made.value(now):
            return False
        self.work, self.chosen = made, new
        return True

    def _day(self, day: date, absent: frozenset[Key]) -> Day:
        """A day as it is now, without some pieces."""
        found = Day(self.ground, day)
        gone = {id(self.work.staying[key].booking) for key in absent if key in self.work.staying}
        for booking, asleep, rank in self.work.days.on(day):
            if id(booking) not in gone:
                found.add(booking, asleep=asleep, rank=rank)
        for task in self.work.tasks:
            taken = self.chosen.get(task.piece.key)
            if taken is None or task.piece.key in absent:
                continue
            if taken[0].day == day and not taken[0].photon:
                found.put(task.piece, taken[0].room, taken[1])
        return found

    def _frame(self, piece: Piece) -> Frame:
        """The frame of a piece among all that is decided."""
        frame = frame_of(self.ground, piece, keys_of(task.piece for task in self.work.tasks))
        for task in self.work.tasks:
            other, taken = task.piece, self.chosen.get(task.piece.key)
            if other.course != piece.course or other.key == piece.key or taken is None:
                continue
            frame.sessions.setdefault(taken[0].day, []).append(taken[1])
            at = (taken[0].day, taken[1])
            if other.phase < piece.phase:
                frame.first = max(frame.first, at)
            elif other.phase > piece.phase and (frame.last is None or at < frame.last):
                frame.last = at
        return frame

    def _here(self, piece: Piece, day: date) -> list[Piece]:
        """Who stays on a day in a room where a piece could be given."""
        rooms = self.ground.rooms_of(piece)
        found = [
            other
            for other in self.work.staying.values()
            if other.booking.date == day and other.booking.room in rooms
        ]
        return sorted(found, key=self._order)

    def _order(self, piece: Piece) -> tuple[bool, int, str, int]:
        weight = self.ground.weight(piece.course)
        return piece.course not in self.work.hit, weight, piece.course, piece.number

    def _seated(self, piece: Piece, day: date, most: int, *, free: bool) -> Swap | None:
        """Whether a day has a place when all on it move inside what was promised."""
        finder, frame = Finder(self.ground, self.work.days), self._frame(piece)
        price = finder.price(frame, day, piece.booking.date)
        allowed = in_frame(self.ground, piece, frame, day)
        if price is None or not allowed:
            return None
        bare = self.work.days.bare(day)
        rooms = {room: bare.fits(piece, room) & allowed for room in self.ground.rooms_of(piece)}
        guests = self._guests(day, bare, free=free)
        found, used = seat(bare, (piece, rooms), guests, most, self.watch.stop)
        self.used += max(LEAST, used * UNITS)
        if found is None:
            return None
        cost = price + (ROOM if found.room != piece.booking.room else 0)
        option = Option(day, found.room, rooms[found.room], cost, piece.length, frame.late(day))
        others = tuple(
            (guest.piece, self._moved(guest, day, room), start)
            for guest, room, start in found.moved
        )
        return Swap(found.price, piece, option, found.start, others)

    def _moved(self, guest: Guest, day: date, room: str) -> Option:
        """The option of a guest at its new place; what had to move anyway keeps its price."""
        taken = self.chosen.get(guest.piece.key)
        cost, late = (0, 0) if taken is None else (taken[0].cost, taken[0].late)
        if taken is None and room != guest.room:
            cost = ROOM
        return Option(day, room, guest.rooms[room], cost, guest.piece.length, late)

    def _guests(self, day: date, bare: Day, *, free: bool) -> list[Guest]:
        """Everybody who is on a day, with what is open and promised; `free`: in any matched room.

        What had to move anyway stays in the minutes of its option.
        """
        found = []
        for piece in self.work.staying.values():
            if piece.booking.date == day:
                person = 0 if piece.course in self.work.hit else PERSON
                price = person + FRACTION * self.ground.weight(piece.course)
                found.append(self._guest(piece, bare, price, free=free))
        for task in self.work.tasks:
            taken = self.chosen.get(task.piece.key)
            if taken is None or taken[0].photon or taken[0].day != day:
                continue
            piece, (option, start) = task.piece, taken
            if option.stays:
                price = 0 if piece.course in self.work.hit else PERSON
                found.append(self._guest(piece, bare, price, free=free))
                continue
            mask = option.mask & bare.fits(piece, option.room) | 1 << start
            found.append(Guest(piece, option.room, start, {option.room: mask}, 0))
        return sorted(found, key=lambda guest: guest.piece.key)

    def _guest(self, piece: Piece, bare: Day, price: int, *, free: bool) -> Guest:
        booking = piece.booking
        window = booking.window or (booking.start, booking.start)
        allowed = bits([(window[0], window[1] + 1)])
        allowed &= in_frame(self.ground, piece, self._frame(piece), booking.date)
        own = bare.fits(piece, booking.room) & allowed | 1 << booking.start
        rooms = {booking.room: own}
        for room in self.ground.rooms_of(piece) if free else ():
            mask = bare.fits(piece, room) & allowed
            if room != booking.room and mask:
                rooms[room] = mask
        return Guest(piece, booking.room, booking.start, rooms, price)
