"""A better repair: some fractions lose their new places and find others, again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.scheduling.replan.live import Live
from sapar.proton.engine.scheduling.replan.options import BROKEN_GAP, PROLONGED, nearest, stay_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sapar.proton.engine.scheduling.replan.live import Taken
    from sapar.proton.engine.scheduling.replan.tasks import Chosen, Key, Task, Work
    from sapar.proton.engine.scheduling.watch import Watch

MOST_OUT = 12
"""Fractions that lose their place at once."""
WARM = 150_000
"""A worse repair is gone on with while it costs less than that more; the share falls to nothing."""
TELL = 5_000
BLINK = 0.03
"""How often an option is passed over, so that the same places are not always taken."""


class Rework:
    """The search on top of a decision."""

    def __init__(self, work: Work, chosen: Chosen, seed: int) -> None:
        self.work, self.live = work, Live(work, chosen)
        self.draw = np.random.Generator(np.random.PCG64(seed))
        self.value = work.value(chosen)
        self.best, self.best_value = dict(chosen), self.value
        self.keys = [task.piece.key for task in work.tasks if task.options]

    def run(self, limit: int, watch: Watch, tell: Callable[[int, int, int], None]) -> Chosen:
        """The best decision that was met until `limit` options had been looked at.

        Args:
            limit: of options.
            watch: asked between two trials whether to stop.
            tell: told now and then how many people move, how many were hit, options looked at.
        """
        live, least, told = self.live, self.work.least(), 0
        hit = len(self.work.hit)
        while self.keys and self.best_value > least and not watch.stop():
            if live.tried >= limit:
                break
            self._step(WARM * (1 - live.tried / limit) ** 3)
            if live.tried >= told:
                tell(hit + len(self._others()), hit, live.tried)
                told = live.tried + TELL
        self._send_home()
        return self.best

    def _others(self) -> list[str]:
        """The people who move though they were not hit."""
        moved = {key[0] for key, taken in self.best.items() if taken and not taken[0].stays}
        return sorted(moved - self.work.hit)

    def _send_home(self) -> None:
        """Whoever moved for others goes back, one person after the other, if that is no worse."""
        for name in self._others():
            tried = self.live.tried
            live = self.live = Live(self.work, self.best)
            live.tried = tried
            gone = [task for task in live.of_course[name] if not _stays(live, task)]
            places = {(taken[0].day, taken[0].room) for taken in _taken(live, gone)}
            places |= {(task.piece.booking.date, task.piece.booking.room) for task in gone}
            out = [
                task
                for task in self.work.tasks
                if task.must and any(t in places for t in _places(live, task))
            ]
            for task in (*gone, *out):
                live.take(task)
            for task in gone:
                stay = stay_of(task.piece)
                if live.minutes(task, stay):
                    live.put(task, (stay, task.piece.booking.start))
            if any(live.chosen[task.piece.key] is None for task in gone):
                continue
            for task in out:
                self._settle(task, 0.9)
            value = self.work.value(live.chosen)
            if value < self.best_value:
                self.best, self.best_value = dict(live.chosen), value

    def _step(self, warm: float) -> None:
        """Take some out, put them back in another order, and keep that if it is not much worse."""
        live = self.live
        out = self._chosen_out()
        names = sorted({key[0] for key in out})
        before = sum(live.price(name) for name in names)
        old = {key: live.take(live.tasks[key]) for key in out}
        side = self.draw.random()
        for key in self._order(out):
            self._settle(live.tasks[key], side)
        live.tried += 1
        change = sum(live.price(name) for name in names) - before
        if change > warm * self.draw.random():
            for key in out:
                live.take(live.tasks[key])
            for key, taken in old.items():
                if taken is not None:
                    live.put(live.tasks[key], taken)
            return
        self.value += change
        if self.value < self.best_value:
            self.best, self.best_value = dict(live.chosen), self.value

    def _pick(self, number: int) -> int:
        return int(self.draw.integers(number))

    def _chosen_out(self) -> list[Key]:
        """One fraction, what stands on a day where it would like to be, and its own course."""
        live = self.live
        # The dearest of some: who is badly off is tried more often.
        some = [self.keys[self._pick(len(self.keys))] for _ in range(1 + self._pick(4))]
        first = max(some, key=lambda key: (self._cost(key), key))
        task, found = live.tasks[first], [first]
        option = task.options[min(self._pick(len(task.options)), self._pick(len(task.options)))]
        here = [key for key in live.on(option.day) if key != first]
        same = [key for key in here if self._room(key) == option.room]
        others = same if same and self.draw.random() < 0.7 else here
        number = 1 + self._pick(MOST_OUT)
        found += [others[int(index)] for index in self.draw.permutation(len(others))[:number]]
        if task.piece.asleep and self.draw.random() < 0.7:
            # One team, and an order of ages: they find places together or not at all.
            asleep = (key for key in here if live.tasks[key].piece.asleep)
            found += [key for key in asleep if key not in found]
        if self.draw.random() < 0.4:
            mine = [t.piece.key for t in live.of_course[first[0]] if t.piece.key not in found]
            found += mine[:MOST_OUT]
        return found

    def _room(self, key: Key) -> str:
        taken = self.live.chosen[key]
        return "" if taken is None else taken[0].room

    def _cost(self, key: Key) -> int:
        task, taken = self.live.tasks[key], self.live.chosen[key]
        if taken is None:
            return 1 << 60
        weight = self.work.ground.weight(key[0])
        late = PROLONGED * weight * taken[0].late
        broken = BROKEN_GAP[0] if self.work.broken(key[0], self.live.chosen) else 0
        return self.work.price(task, taken[0]) + late + broken

    def _order(self, out: list[Key]) -> list[Key]:
        """In which order they look for places: the first one first, by weight, or by chance."""
        if (mode := self.draw.random()) < 0.3:
            return out
        mixed = [out[int(index)] for index in self.draw.permutation(len(out))]
        if mode < 0.6:
            mixed.sort(key=lambda key: -self.work.ground.weight(key[0]))
        return mixed

    def _settle(self, task: Task, side: float) -> None:
        """Give a piece the best place that is left."""
        live, weight = self.live, self.work.ground.weight(task.piece.course)
        best: tuple[int, Taken] | None = None
        blinks = self.draw.random(len(task.options)) < BLINK
        for option, passed in zip(task.options, blinks, strict=True):
            price = weight * option.cost
            if passed or (best is not None and price >= best[0]):
                continue
            mask = live.minutes(task, option)
            if not mask:
                continue
            taken = (option, self._start(task, mask, side))
            price += live.rules_if(task, taken)
            if best is None or price < best[0]:
                best = (price, taken)
        if best is not None:
            live.put(task, best[1])

    @staticmethod
    def _start(task: Task, mask: int, side: float) -> int:
        """At the edge of a gap, so that the gap stays whole, or near the promise."""
        if side < 0.5:
            return (mask & -mask).bit_length() - 1
        if side < 0.7:
            return mask.bit_length() - 1
        booking = task.piece.booking
        return nearest(mask, booking.window or (booking.start, booking.start), booking.start)


def _taken(live: Live, tasks: list[Task]) -> list[Taken]:
    found = [live.chosen[task.piece.key] for task in tasks]
    return [taken for taken in found if taken is not None]


def _stays(live: Live, task: Task) -> bool:
    return all(taken[0].stays for taken in _taken(live, [task]))


def _places(live: Live, task: Task) -> list[tuple[date, str]]:
    return [(taken[0].day, taken[0].room) for taken in _taken(live, [task])]
