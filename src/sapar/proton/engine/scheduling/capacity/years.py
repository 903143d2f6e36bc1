"""Random years: which courses come, how long things take, and what fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
from scipy.special import gammaincinv, pdtrik

from sapar.proton.engine.scheduling.problem.demand import split

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.capacity.supply import Supply
    from sapar.proton.engine.scheduling.problem.capacity import CapacityProblem
    from sapar.proton.engine.scheduling.problem.course import Phase, Protocol
    from sapar.proton.engine.scheduling.problem.demand import Mix, Uptime

    Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stream:
    """Fractions of one phase of one kind of course in one year, for one course of the whole mix.

    Attributes:
        share: courses of this kind among all.
        fractions: fractions of the phase for one of them, on average.
        asleep: under anaesthesia.
    """

    protocol: Protocol
    phase: Phase
    share: float
    fractions: float
    asleep: bool


@dataclass(frozen=True, slots=True)
class Year:
    """One year as it may come.

    Attributes:
        streams: what is to be treated, for one course of the mix.
        uses: minutes of each limited device or role for one course, in the order of the supply.
        up: the share of its minutes in which a resource is there; those not named are always.
        longer: the factor on all planned minutes.
        children: share of children; `asleep`: share of courses under anaesthesia.
    """

    streams: tuple[Stream, ...]
    uses: Numbers
    up: dict[str, float]
    longer: float
    children: float
    asleep: float


def replanned(protocol: Protocol, fractions: int) -> float:
    """The probability that a course of so many fractions is planned anew while it runs."""
    if not protocol.replan_by_week:
        return 0.0
    weeks = max(1, -(-fractions // protocol.max_per_week))
    return protocol.replan_by_week[min(weeks, len(protocol.replan_by_week)) - 1]


def _options(mix: Mix, protocol: Protocol) -> tuple[tuple[int, float], ...]:
    return mix.fractions or ((protocol.fractions, 1.0),)


def _minutes(supply: Supply, protocol: Protocol, fractions: int, replans: float) -> Numbers:
    """Minutes of devices and roles for one course."""
    found = np.zeros(len(supply.uses))
    at = {use: index for index, use in enumerate(supply.uses)}
    for step in protocol.preparation:
        if step.use in at:
            found[at[step.use]] += step.duration_min
    for step in protocol.during:
        if step.use in at:
            found[at[step.use]] += step.duration_min * (fractions // step.every_fractions)
    for step in protocol.replan_steps:
        if step.use in at:
            found[at[step.use]] += step.duration_min * replans
    return found


class Counts:
    """Turns numbers of courses, of each kind and length, into a year."""

    def __init__(self, problem: CapacityProblem, supply: Supply) -> None:
        self.problem, self.supply = problem, supply
        self.streams: list[Stream] = []
        self.uses = np.zeros(len(supply.uses))
        self.children = 0.0
        self.asleep = 0.0

    def add(
        self, mix: Mix, lengths: list[tuple[int, float]], replans: list[float], *, asleep: bool
    ) -> None:
        """Add courses: pairs of fractions and share of all courses, and their shares replanned."""
        protocol = self.problem.protocols[mix.protocol]
        share = sum(part for _, part in lengths)
        if share <= 0:
            return
        if asleep:
            self.asleep += share
        by_phase = np.zeros(len(protocol.phases))
        for (number, part), again in zip(lengths, replans, strict=True):
            by_phase += np.array(split(protocol, number), dtype=float) * part
            self.uses += _minutes(self.supply, protocol, number, again) * part
        for phase, whole in zip(protocol.phases, by_phase, strict=True):
            if whole > 0:
                made = Stream(protocol, phase, share, float(whole / share), asleep)
                self.streams.append(made)


def mean_year(problem: CapacityProblem, supply: Supply) -> Year:
    """The year in which every share is met exactly."""
    counts = Counts(problem, supply)
    for mix in problem.demand.mix:
        protocol = problem.protocols[mix.protocol]
        part = mix.child_share * mix.anaesthesia_share_of_children
        counts.children += mix.share * mix.child_share
        options = _options(mix, protocol)
        again = [replanned(protocol, number) for number, _ in options]
        for asleep, share in ((False, mix.share * (1 - part)), (True, mix.share * part)):
            lengths = [(number, each * share) for number, each in options]
            counts.add(mix, lengths, again, asleep=asleep)
    up = {name: each.share for name, each in problem.uptime.items()}
    return Year(tuple(counts.streams), counts.uses, up, 1.0, counts.children, counts.asleep)


def _up(uptime: Uptime, minutes: float, first: float, second: float) -> float:
    """The share of a year's open minutes in which something is there.

    The number of outages is a Poisson number, the sum of their lengths a gamma number; both are
    taken at given levels of probability, so that a slightly better uptime gives a slightly better
    year and not another one.
    """
    if uptime.share >= 1.0 or minutes <= 0:
        return 1.0
    number = np.ceil(pdtrik(first, minutes * (1 - uptime.share) / uptime.mean_outage_min))
    if not number > 0:
        return 1.0
    lost = float(gammaincinv(number, second)) * uptime.mean_outage_min
    return max(0.0, 1.0 - lost / minutes)


def draw(
    problem: CapacityProblem, supply: Supply, number: int, uptime: dict[str, Uptime] | None = None
) -> Year:
    """The random year of that number; the same for every change that is tried.

    Args:
        problem: the problem; its seed decides.
        supply: minutes and the order of uses.
        number: of the draw.
        uptime: other shares of uptime (a what-if).
    """
    generator = np.random.Generator(np.random.PCG64([problem.seed, number]))
    longer = 1.0
    noise = float(generator.standard_normal())
    if problem.duration_error:
        longer = float(np.exp(problem.duration_error * noise - problem.duration_error**2 / 2))
    open_min = float(supply.beam.sum()) or float(supply.rooms.sum())
    up = {}
    for name in sorted(problem.uptime):
        # A stream of its own for each resource: one more of them changes nobody's year.
        key = [problem.seed, number, crc32(name.encode())]
        first, second = np.random.Generator(np.random.PCG64(key)).random(2)
        up[name] = _up((uptime or problem.uptime)[name], open_min, float(first), float(second))
    whole = max(1, round(problem.demand.courses_per_year))
    counts = Counts(problem, supply)
    numbers = generator.multinomial(whole, [mix.share for mix in problem.demand.mix])
    for mix, courses in zip(problem.demand.mix, numbers, strict=True):
        protocol = problem.protocols[mix.protocol]
        options = _options(mix, protocol)
        children = generator.binomial(courses, mix.child_share)
        asleep = generator.binomial(children, mix.anaesthesia_share_of_children)
        counts.children += children / whole
        for kind, number_of in ((False, courses - asleep), (True, asleep)):
            by_length = generator.multinomial(number_of, [share for _, share in options])
            lengths, again = [], []
            for (fractions, _), these in zip(options, by_length, strict=True):
                replans = generator.binomial(these, replanned(protocol, fractions))
                lengths.append((fractions, float(these) / whole))
                again.append(float(replans) / max(1, int(these)))
            counts.add(mix, lengths, again, asleep=kind)
    return Year(tuple(counts.streams), counts.uses, up, longer, counts.children, counts.asleep)
