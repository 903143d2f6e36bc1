"""Shifts within a plan's own orders: everything as early as it can be, and less idle beam."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.day.arrays import whole
from sapar.proton.engine.scheduling.day.search import Plan, figures

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.day.arrays import Arrays

FAR = 1 << 40


class _Chains:
    """Who comes before whom in a plan, with the minutes from start to start.

    `links[j]` are pairs (k, minutes): the start of k is at least so many minutes after that of j.
    """

    def __init__(self, a: Arrays, plan: Plan) -> None:
        self.a = a
        self.room = [int(r) for r in plan.room]
        self.start = [int(s) for s in plan.start]
        self.links: list[list[tuple[int, int]]] = [[] for _ in range(a.n)]
        self.backs: list[list[tuple[int, int]]] = [[] for _ in range(a.n)]
        for room in range(a.rooms):
            here = sorted((j for j in range(a.n) if self.room[j] == room), key=self._key)
            for j, k in pairwise(here):
                self._link(j, k, int(a.total[j]))
        self._beams()
        self._teams()
        for j in range(a.n):
            if a.after[j] >= 0:
                self._link(int(a.after[j]), j, int(a.after_min[j]))

    def _key(self, j: int) -> tuple[int, int]:
        return self.start[j], j

    def _link(self, j: int, k: int, minutes: int) -> None:
        self.links[j].append((k, minutes))
        self.backs[k].append((j, minutes))

    def beam_of(self, j: int) -> int:
        """The beam of a job in its room; -1 where it uses none."""
        return int(self.a.beam_of[self.room[j]]) if self.a.beam[j] else -1

    def _beams(self) -> None:
        a = self.a
        for beam in range(a.beams):
            here = [j for j in range(a.n) if self.beam_of(j) == beam]
            here.sort(key=lambda j: (self.start[j] + int(a.setup[j]), j))
            for j, k in pairwise(here):
                pause = int(a.switch[beam]) if self.room[j] != self.room[k] else 0
                self._link(j, k, int(a.setup[j] + a.beam[j] - a.setup[k]) + pause)

    def _teams(self) -> None:
        a = self.a
        asleep = sorted((j for j in range(a.n) if a.asleep[j]), key=self._key)
        held = a.induction + a.recovery
        last: list[int] = []
        for j in asleep:
            free = [t for t, k in enumerate(last) if self.end_of(k) + held <= self.start[j]]
            if free:
                team = max(free, key=lambda t: self.end_of(last[t]))
                self._link(last[team], j, int(a.total[last[team]]) + held)
                last[team] = j
            else:
                last.append(j)
        for j in asleep:
            for k in asleep:
                if a.rank[j] < a.rank[k]:
                    self._link(j, k, 1)

    def end_of(self, j: int) -> int:
        """When a job leaves its room."""
        return self.start[j] + int(self.a.total[j])

    def left(self, floor: list[int]) -> None:
        """Everything as early as it can be, no beam use before its beam's minute in `floor`."""
        changed = True
        while changed:
            changed = False
            for j in sorted(range(self.a.n), key=self._key):
                least = max((self.start[k] + m for k, m in self.backs[j]), default=-FAR)
                if self.beam_of(j) >= 0:
                    least = max(least, floor[self.beam_of(j)] - int(self.a.setup[j]))
                for low, high in self.a.domain(j, self.room[j]):
                    if high >= least:
                        changed |= max(low, least) != self.start[j]
                        self.start[j] = max(low, least)
                        break

    def right(self, end: int, ceiling: list[int]) -> None:
        """Everything as late as it can be, no beam use after its beam's minute in `ceiling`."""
        changed = True
        while changed:
            changed = False
            for j in sorted(range(self.a.n), key=self._key, reverse=True):
                most = end - int(self.a.total[j])
                most = min([most, *(self.start[k] - m for k, m in self.links[j])])
                if self.beam_of(j) >= 0:
                    after = int(self.a.setup[j] + self.a.beam[j])
                    most = min(most, ceiling[self.beam_of(j)] - after)
                for low, high in reversed(self.a.domain(j, self.room[j])):
                    if low <= most:
                        changed |= min(high, most) != self.start[j]
                        self.start[j] = min(high, most)
                        break

    def uses(self) -> tuple[list[int], list[int]]:
        """The first beam start and the last beam end of each beam; far where there is none."""
        a = self.a
        first, last = [FAR] * a.beams, [-FAR] * a.beams
        for j in range(a.n):
            beam = self.beam_of(j)
            if beam >= 0:
                begin = self.start[j] + int(a.setup[j])
                first[beam] = min(first[beam], begin)
                last[beam] = max(last[beam], begin + int(a.beam[j]))
        return first, last


def compress(a: Arrays, plan: Plan) -> Plan:
    """The same orders with the same or an earlier end, and the least idle beam that they allow.

    First everything goes left, so that the beam's last use is as early as it can be; then right,
    with this last use held, so that its first use is as late as it can be; then left again from
    there.
    """
    chains = _Chains(a, plan)
    none = [-FAR] * a.beams
    chains.left(none)
    early = Plan(whole(chains.start), plan.room)
    end, _ = figures(a, early)
    chains.right(end, chains.uses()[1])
    chains.left([0 if minute == FAR else minute for minute in chains.uses()[0]])
    late = Plan(whole(chains.start), plan.room)
    return min((early, late), key=lambda each: figures(a, each))
