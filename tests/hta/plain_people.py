"""People followed by hand: the oracle of individual models, sharing no code with them.

Whole numbers instead of arrays of words, the textbook's formulas instead of standard times, and an
integral by many small steps instead of a closed form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

WORD = 2**64


def mixed(word: int) -> int:
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 % WORD
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB % WORD
    return word ^ (word >> 31)


def key(seed: int, draw: int, person: int) -> int:
    golden = 0x9E3779B97F4A7C15
    first = mixed((seed + golden) % WORD)
    of_draw = mixed((first + (draw + 1) * golden) % WORD)
    return mixed(mixed(of_draw) ^ mixed((person + 1) * golden % WORD))


def uniform(stream: int, place: int) -> float:
    word = mixed((stream + (place + 1) * 0x9E3779B97F4A7C15) % WORD)
    return ((word >> 12) + 0.5) / 2**52


def time_of(law: str, one: float, two: float, u: float) -> float:
    """The time at which the survival of a law is u."""
    if law == "gompertz":
        inner = 1 - one * math.log(u) / two
        return math.log(inner) / one if inner > 0 else math.inf
    found: dict[str, Callable[[], float]] = {
        "exponential": lambda: -math.log(u) / one if one else math.inf,
        "weibull_aft": lambda: float(two * (-math.log(u)) ** (1 / one)),
        "weibull_ph": lambda: float((-math.log(u) / two) ** (1 / one)),
        "lognormal": lambda: math.exp(one + two * NormalDist().inv_cdf(1 - u)),
        "loglogistic": lambda: float(two * ((1 - u) / u) ** (1 / one)),
    }
    return found[law]()


@dataclass
class World:
    """One strategy of numbers.

    Attributes:
        edges: from, to, law, its two arguments; those of a state together, in order of the states.
        rate: what a year in a state is worth; `once` what a transition is, by (from, to).
        until: years of following; `dies`: then everybody does, of age.
    """

    states: list[str]
    edges: list[tuple[str, str, str, float, float]]
    rate: dict[str, float]
    once: dict[tuple[str, str], float]
    discount: float
    until: float
    dies: bool
    dead: str
    path: list[tuple[str, float, float]] = field(default_factory=list)


def one_life(world: World, stream: int, start: str) -> float:
    """What one person is worth; his states with their times are left in `world.path`."""
    world.path = []
    state, now, worth, event = start, 0.0, 0.0, 0

    def factor(t: float) -> float:
        return math.exp(-world.discount * t)

    while True:
        times: list[tuple[float, Any]] = [(math.inf, None)]
        for number, (origin, to, law, one, two) in enumerate(world.edges):
            if origin == state:
                u = uniform(stream, event * len(world.edges) + number)
                times.append((now + time_of(law, one, two, u), to))
        until, to = min(times, key=lambda each: each[0])
        ends = until >= world.until
        until = min(until, world.until)
        length = until - now
        worth += world.rate.get(state, 0.0) * (
            length if world.discount == 0 else (factor(now) - factor(until)) / world.discount
        )
        world.path.append((state, now, until))
        if ends:
            if world.dies and state != world.dead:
                worth += world.once.get((state, world.dead), 0.0) * factor(until)
            return worth
        worth += world.once.get((state, to), 0.0) * factor(until)
        state, now, event = to, until, event + 1
