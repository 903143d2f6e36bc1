"""Years that could come: arrivals of patients and outages of resources, drawn by seed.

Each kind of draw has its own stream of random numbers for each kind of patient, so that two
policies (or two centres) meet the same patients and the same outages: common random numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.engine.scheduling.problem.demand import split
from sapar.proton.engine.scheduling.problem.minutes import bits, intervals

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from sapar.proton.engine.scheduling.problem.calendar import Calendar
    from sapar.proton.engine.scheduling.problem.course import Protocol
    from sapar.proton.engine.scheduling.problem.demand import Demand, Mix, Origin, Uptime

COUNT, KIND, AGE, VISA, REPLAN, NO_SHOW, OUTAGE = range(7)
"""The streams."""

ASLEEP_BY_AGE = tuple(
    1.0
    if age <= 3
    else 1.0 - 0.5 * (age - 3) / 4.5
    if age <= 7
    else max(0.1, 0.5 - 0.1 * (age - 8))
    for age in range(18)
)
"""How likely a child of each age is treated under anaesthesia: always up to 3 years, about half of
those of 7 to 8, about a tenth from 12 on (PMC4362639), straight lines between. Only how ages differ
with and without anaesthesia follows from it; how many children need it is said by the demand."""

MOST_FRACTIONS = 130


@dataclass(frozen=True, slots=True)
class Arrival:
    """One patient who is referred.

    Attributes:
        id: text; the same patient has the same id under each policy.
        referred: the day.
        fractions: a number for each phase.
        urgency: its id.
        arrival: the day on which a foreign patient can be there, None for others.
        replan_week: the week of treatment (1 the first) after which a new plan is needed; 0: none.
        comes: for each fraction, a number below `no_show_share` says that nobody comes.
    """

    id: str
    protocol: str
    referred: date
    fractions: tuple[int, ...]
    urgency: str
    age: int
    anaesthesia: bool
    country: str | None
    payer: str | None
    arrival: date | None
    replan_week: int
    comes: NDArray[np.float64]


def _stream(seed: int, *key: int) -> np.random.Generator:
    made = np.random.SeedSequence(entropy=seed, spawn_key=key)
    return np.random.Generator(np.random.PCG64(made))


def _pick(draws: NDArray[np.float64], shares: list[float]) -> NDArray[np.int64]:
    """For numbers from 0 to 1, the place in a list of shares with the sum 1."""
    edges = np.cumsum(shares)[:-1]
    return np.searchsorted(edges, draws, side="right").astype(np.int64)


def _ages(
    rng: np.random.Generator, child: NDArray[np.bool_], asleep: NDArray[np.bool_]
) -> list[int]:
    """Ages in years: adults 18 to 85; children by whether they are treated under anaesthesia."""
    with_it = np.array(ASLEEP_BY_AGE) / sum(ASLEEP_BY_AGE)
    without = 1.0 - np.array(ASLEEP_BY_AGE)
    without /= without.sum()
    draws = rng.random(len(child))
    young = np.where(asleep, _pick(draws, list(with_it)), _pick(draws, list(without)))
    return [int(age) for age in np.where(child, young, 18 + (draws * 68).astype(np.int64))]


def arrivals(
    demand: Demand,
    protocols: dict[str, Protocol],
    days: list[date],
    per_year: float,
    seed: int,
) -> list[Arrival]:
    """Draw who is referred on each of these days.

    Arrivals of each kind and origin are a Poisson process on working days.

    Args:
        demand: who comes.
        protocols: by id.
        days: the working days.
        per_year: working days of a year; the demand of a year is spread over so many.
        seed: any whole number; the same seed draws the same patients.

    Returns:
        In the order of their days.
    """
    found: list[tuple[int, int, int, int, Arrival]] = []
    for i, mix in enumerate(demand.mix):
        for j, origin in enumerate(demand.origin):
            rate = demand.courses_per_year * mix.share * origin.share / max(1.0, per_year)
            counts = _stream(seed, COUNT, i, j).poisson(rate, len(days))
            when = np.repeat(np.arange(len(days)), counts)
            referred = [days[index] for index in when]
            made = _some(mix, origin, protocols[mix.protocol], referred, (seed, i, j))
            found += [
                (int(index), i, j, k, each)
                for k, (index, each) in enumerate(zip(when, made, strict=True))
            ]
    return [made for *_, made in sorted(found, key=lambda each: each[:4])]


def _some(
    mix: Mix, origin: Origin, protocol: Protocol, referred: list[date], key: tuple[int, int, int]
) -> list[Arrival]:
    """The patients of one kind and origin; `key`: the seed and the numbers of kind and origin."""
    seed, i, j = key
    number = len(referred)
    kinds = _stream(seed, KIND, i, j).random((number, 4))
    urgency = _pick(kinds[:, 0], [share for _, share in mix.urgency])
    child = kinds[:, 1] < mix.child_share
    asleep = child & (kinds[:, 2] < mix.anaesthesia_share_of_children)
    sizes = mix.fractions or ((protocol.fractions, 1.0),)
    size = _pick(kinds[:, 3], [share for _, share in sizes])
    ages = _ages(_stream(seed, AGE, i, j), child, asleep)
    low, high = origin.visa_days
    visa = _stream(seed, VISA, i, j).integers(low, high + 1, number)
    weeks = np.array(protocol.replan_by_week)
    replan = np.searchsorted(weeks, _stream(seed, REPLAN, i, j).random(number), "right")
    comes = _stream(seed, NO_SHOW, i, j).random((number, MOST_FRACTIONS))
    usual = tuple(phase.fractions for phase in protocol.phases)
    return [
        Arrival(
            id=f"p{i:02d}-{j:02d}-{k:05d}",
            protocol=mix.protocol,
            referred=day,
            fractions=split(protocol, sizes[size[k]][0]) if mix.fractions else usual,
            urgency=mix.urgency[urgency[k]][0],
            age=ages[k],
            anaesthesia=bool(asleep[k]),
            country=origin.country,
            payer=origin.payer,
            arrival=day + timedelta(days=int(visa[k])) if high else None,
            replan_week=int(replan[k]) + 1 if replan[k] < len(weeks) else 0,
            comes=comes[k],
        )
        for k, day in enumerate(referred)
    ]


def outages(
    uptime: dict[str, Uptime], calendar: Calendar, days: list[date], seed: int
) -> dict[date, dict[str, int]]:
    """Draw the minutes (bits) in which resources are out of order on these working days.

    Exponential times in open minutes between outages and of outages, one stream for each resource.
    """
    found: dict[date, dict[str, int]] = {}
    for number, name in enumerate(sorted(uptime)):
        up = uptime[name]
        if up.share >= 1.0:
            continue
        key = sum(ord(letter) << (8 * place) for place, letter in enumerate(name[:12]))
        rng = _stream(seed, OUTAGE, number, key % (2**31))
        left, down = rng.exponential(up.mean_up_min), False
        for day in days:
            lost = 0
            for begin, end in intervals(open_minutes(calendar, name, day)):
                at = float(begin)
                while at < end:
                    until = min(float(end), at + left)
                    if down:
                        lost |= bits([(int(at), int(until))])
                    if at + left > end:
                        left -= end - at
                    else:
                        down = not down
                        left = rng.exponential(up.mean_outage_min if down else up.mean_up_min)
                    at = until
            if lost:
                found.setdefault(day, {})[name] = lost
    return found


def open_minutes(calendar: Calendar, resource: str, day: date) -> int:
    """The minutes of a day in which a resource should be there."""
    centre = calendar.centre
    whole = calendar.centre_open(day)
    if resource in {room.id for room in centre.rooms}:
        return calendar.room(resource, day)
    if resource in {beam.id for beam in centre.beams}:
        return whole & calendar.beam(resource, day)
    if resource == "anaesthesia":
        return calendar.team(day)
    return whole & ~calendar.closed(resource, day)
