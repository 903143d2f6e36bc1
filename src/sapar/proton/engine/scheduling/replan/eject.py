"""Others make room, on their own day, for those who find no place within the rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.problem.minutes import bits
from sapar.proton.engine.scheduling.replan.days import Day, Days
from sapar.proton.engine.scheduling.replan.insert import Sitter, squeeze
from sapar.proton.engine.scheduling.replan.options import (
    EXTENDED,
    FAR,
    FRACTION,
    NEAR_MIN,
    PERSON,
    ROOM,
    TIME,
    Finder,
    Frame,
    Option,
    frame_of,
    in_frame,
    nearest,
    stay_of,
)
from sapar.proton.engine.scheduling.replan.state import keys_of
from sapar.proton.engine.scheduling.replan.tasks import Task, Work

if TYPE_CHECKING:
    from datetime import date

    from sapar.proton.engine.scheduling.replan.ground import Piece
    from sapar.proton.engine.scheduling.replan.tasks import Chosen, Key
    from sapar.proton.engine.scheduling.watch import Watch

MOST_SERVED = 40
MOST_TRIED = 2_500
"""Trials in all, so that the answer comes in time."""
LOOK_DAYS = 7
EACH_DAY = 4
MOST_YIELDING = 40
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

    def __init__(self, work: Work, chosen: Chosen, watch: Watch) -> None:
        self.work, self.chosen, self.watch = work, dict(chosen), watch
        self.ground = work.ground
        self.tried = 0

    def run(self) -> tuple[Work, Chosen]:
        """Serve everybody in trouble, one after the other."""
        for piece in self.work.troubled(self.chosen)[:MOST_SERVED]:
            if self.tried >= MOST_TRIED or self.watch.stop():
                break
            before = self.chosen[piece.key]
            self.chosen[piece.key] = None
            swap = self._best(piece)
            self.chosen[piece.key] = before
            if swap is not None:
                self._accept(swap)
        return self.work, self.chosen

    def yielding(self) -> tuple[Piece, ...]:
        """Pieces without which somebody in trouble would fit where they are, a few for each day."""
        found: dict[Key, Piece] = {}
        for piece in self.work.troubled(self.chosen)[:MOST_SERVED]:
            frame = self._frame(piece)
            for step in range(LOOK_DAYS):
                day, number = piece.booking.date + timedelta(days=step), 0
                if not in_frame(self.ground, piece, frame, day):
                    continue
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

    def _accept(self, swap: Swap) -> None:
        """Take a swap if it makes the whole better."""
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
        if made.value(new) < made.value(now):
            self.work, self.chosen = made, new

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
                booking = replace(task.piece.booking, date=day, room=taken[0].room, start=taken[1])
                found.add(booking, asleep=task.piece.asleep, rank=task.piece.rank)
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

    def _best(self, piece: Piece) -> Swap | None:
        """The cheapest way for a piece, on its own day and the days after it."""
        finder, frame = Finder(self.ground, self.work.days), self._frame(piece)
        for step in range(LOOK_DAYS):
            day = piece.booking.date + timedelta(days=step)
            price = finder.price(frame, day, piece.booking.date)
            allowed = in_frame(self.ground, piece, frame, day)
            if price is None or not allowed or not finder.begin <= day <= finder.last:
                continue
            found = self._squeezed(piece, day, price, allowed)
            for other in self._here(piece, day):
                if self.tried >= MOST_TRIED:
                    break
                self.tried += 1
                swap = self._swap(piece, other, price, allowed)
                if swap is not None and (found is None or swap.price < found.price):
                    found = swap
            if found is not None:
                return found
        return None

    def _here(self, piece: Piece, day: date) -> list[Piece]:
        """Who stays on a day in a room where a piece could be given."""
        rooms = self.ground.rooms_of(piece)
        found = [
            other
            for other in self.work.staying.values()
            if other.booking.date == day and other.booking.room in rooms
        ]
        return sorted(found, key=self._order)

    def _squeezed(self, piece: Piece, day: date, price: int, allowed: int) -> Swap | None:
        """Room by room: whether others could begin a little earlier or later."""
        if piece.asleep:
            return None  # the order of fasting and the team bind more than the room
        weight, best = self.ground.weight(piece.course), None
        for room in self.ground.rooms_of(piece):
            sitters = self._sitters(day, room)
            there = self._day(day, frozenset(each.piece.key for each in sitters))
            sitters = [
                replace(each, mask=each.mask & there.fits(each.piece, room)) for each in sitters
            ]
            if there.left[room] < piece.length + sum(each.piece.length for each in sitters):
                continue
            mask = there.fits(piece, room) & allowed
            found = squeeze(mask, piece.length, sitters, MOST_PEOPLE * PERSON)
            if found is None:
                continue
            option = Option(
                day,
                room,
                1 << found.start,
                price + (ROOM if room != piece.booking.room else 0),
                piece.length,
            )
            others = tuple(
                (each.piece, self._shifted(each, day, room, start), start)
                for each, start in found.shifted
            )
            whole = found.price + weight * option.cost
            if best is None or whole < best.price:
                best = Swap(whole, piece, option, found.start, others)
        return best

    def _shifted(self, each: Sitter, day: date, room: str, start: int) -> Option:
        """The option of a sitter at its new start; what had to move anyway keeps its price."""
        taken = self.chosen.get(each.piece.key)
        cost = 0 if taken is None else taken[0].cost
        return Option(day, room, 1 << start, cost, each.piece.length)

    def _sitters(self, day: date, room: str) -> list[Sitter]:
        """Who is in a room on a day and could shift, by start."""
        found = []
        for piece in self.work.staying.values():
            booking = piece.booking
            if booking.date == day and booking.room == room and not piece.asleep:
                window = booking.window or (booking.start, booking.start)
                mask = bits([(window[0], window[1] + 1)]) | 1 << booking.start
                mask &= in_frame(self.ground, piece, self._frame(piece), day)
                person = 0 if piece.course in self.work.hit else PERSON
                price = person + FRACTION * self.ground.weight(piece.course)
                found.append(Sitter(piece, booking.start, mask, price))
        for task in self.work.tasks:
            taken = self.chosen.get(task.piece.key)
            if not task.must or taken is None or taken[0].photon or task.piece.asleep:
                continue
            if taken[0].day == day and taken[0].room == room:
                found.append(Sitter(task.piece, taken[1], taken[0].mask, 0))
        return sorted(found, key=lambda each: (each.start, each.piece.key))

    def _order(self, piece: Piece) -> tuple[bool, int, str, int]:
        weight = self.ground.weight(piece.course)
        return piece.course not in self.work.hit, weight, piece.course, piece.number

    def _swap(self, piece: Piece, other: Piece, price: int, allowed: int) -> Swap | None:
        """Whether a piece fits where another is, and the other somewhere else on that day."""
        day, room = other.booking.date, other.booking.room
        there = self._day(day, frozenset([other.key]))
        mask = there.fits(piece, room) & allowed
        # Only places that the other holds now are new; elsewhere the piece was looked for before.
        mask &= bits([(max(0, other.booking.start - piece.length + 1), other.booking.end)])
        if not mask:
            return None
        window = piece.booking.window or (piece.booking.start, piece.booking.start)
        start = nearest(mask, window, piece.booking.start)
        booking = replace(piece.booking, date=day, room=room, start=start)
        there.add(booking, asleep=piece.asleep, rank=piece.rank)
        best = self._elsewhere(there, other)
        if best is None:
            return None
        option = Option(
            day, room, mask, price + (ROOM if room != piece.booking.room else 0), piece.length
        )
        weight = self.ground.weight(piece.course)
        person = 0 if other.course in self.work.hit else PERSON
        whole = weight * option.cost + self.ground.weight(other.course) * best[0].cost + person
        return Swap(whole, piece, option, start, ((other, *best),))

    def _elsewhere(self, there: Day, other: Piece) -> tuple[Option, int] | None:
        """Another place of the same day for who makes room, in the promised window if it can be."""
        frame = self._frame(other)
        booking, day = other.booking, other.booking.date
        allowed = in_frame(self.ground, other, frame, day)
        window = booking.window or (booking.start, booking.start)
        promised = bits([(window[0], window[1] + 1)])
        near = bits([(max(0, window[0] - NEAR_MIN), window[1] + NEAR_MIN + 1)])
        found: tuple[Option, int] | None = None
        for room in self.ground.rooms_of(other):
            mask = there.fits(other, room) & allowed
            end = self.ground.open.usual_end(room, day)
            usual = bits([(0, max(0, end - other.length + 1))])
            ways = (
                (mask & usual & promised, 0),
                (mask & usual & near, TIME),
                (mask & usual, FAR),
                (mask, EXTENDED),
            )
            for part, price in ways:
                cost = price + (ROOM if room != booking.room else 0)
                if part and (found is None or cost < found[0].cost):
                    made = Option(day, room, part, cost, other.length)
                    found = (made, nearest(part, window, booking.start))
        return found
