"""Others make room, on their own day, for those who find no place within the rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.problem.minutes import bits
from sapar.proton.engine.scheduling.replan.days import Day, Days
from sapar.proton.engine.scheduling.replan.options import (
    EXTENDED,
    FAR,
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
)
from sapar.proton.engine.scheduling.replan.state import keys_of, troubled
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


@dataclass(frozen=True, slots=True)
class Swap:
    """One piece takes a place that another leaves for one on the same day."""

    price: int
    piece: Piece
    option: Option
    start: int
    other: Piece
    other_option: Option
    other_start: int


class Ejector:
    """Looks for swaps on top of a decision; keeps the decision and the work in step."""

    def __init__(self, work: Work, chosen: Chosen, watch: Watch) -> None:
        self.work, self.chosen, self.watch = work, dict(chosen), watch
        self.ground = work.ground
        self.tried = 0

    def run(self) -> tuple[Work, Chosen]:
        """Serve everybody in trouble, one after the other."""
        for piece in troubled(self.work, self.chosen)[:MOST_SERVED]:
            if self.tried >= MOST_TRIED or self.watch.stop():
                break
            before = self.chosen[piece.key]
            self.chosen[piece.key] = None
            swap = self._best(piece)
            self.chosen[piece.key] = before
            if swap is not None:
                self._accept(swap)
        return self.work, self.chosen

    def _accept(self, swap: Swap) -> None:
        """Take a swap if it makes the whole better."""
        work, other = self.work, swap.other
        stay = Option(
            other.booking.date,
            other.booking.room,
            1 << other.booking.start,
            0,
            other.length,
            stays=True,
        )
        tasks = [
            replace(t, options=(*t.options, swap.option)) if t.piece.key == swap.piece.key else t
            for t in work.tasks
        ]
        limit = frame_of(self.ground, other, frozenset()).limit
        tasks.append(Task(other, (stay, swap.other_option), limit))
        staying = {key: piece for key, piece in work.staying.items() if key != other.key}
        made = Work(self.ground, tasks, staying, Days(self.ground, staying), work.hit)
        now = {**self.chosen, other.key: (stay, other.booking.start)}
        new: Chosen = {
            **now,
            swap.piece.key: (swap.option, swap.start),
            other.key: (swap.other_option, swap.other_start),
        }
        if made.value(new) < made.value(now):
            self.work, self.chosen = made, new

    def _day(self, day: date, absent: Key | None) -> Day:
        """A day as it is now, without one piece."""
        found = Day(self.ground, day)
        gone = self.work.staying[absent].booking if absent is not None else None
        for booking, asleep, rank in self.work.days.on(day):
            if booking is not gone:
                found.add(booking, asleep=asleep, rank=rank)
        for task in self.work.tasks:
            taken = self.chosen.get(task.piece.key)
            if taken is not None and taken[0].day == day and not taken[0].photon:
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
        """The cheapest swap for a piece, on its own day and the days after it."""
        finder, frame = Finder(self.ground, self.work.days), self._frame(piece)
        found: Swap | None = None
        for step in range(LOOK_DAYS):
            day = piece.booking.date + timedelta(days=step)
            price = finder.price(frame, day, piece.booking.date)
            allowed = in_frame(self.ground, piece, frame, day)
            if price is None or not allowed or not finder.begin <= day <= finder.last:
                continue
            rooms = set(self.ground.rooms_of(piece))
            here = [
                self.work.staying[key]
                for key in sorted(self.work.staying)
                if self.work.staying[key].booking.date == day
                and self.work.staying[key].booking.room in rooms
            ]
            here.sort(key=self._order)
            for other in here:
                if self.tried >= MOST_TRIED:
                    return found
                self.tried += 1
                swap = self._swap(piece, other, price, allowed)
                if swap is not None and (found is None or swap.price < found.price):
                    found = swap
            if found is not None:
                return found
        return found

    def _order(self, piece: Piece) -> tuple[bool, int, str, int]:
        weight = self.ground.weight(piece.course)
        return piece.course not in self.work.hit, weight, piece.course, piece.number

    def _swap(self, piece: Piece, other: Piece, price: int, allowed: int) -> Swap | None:
        """Whether a piece fits where another is, and the other somewhere else on that day."""
        day, room = other.booking.date, other.booking.room
        there = self._day(day, other.key)
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
        return Swap(whole, piece, option, start, other, *best)

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
