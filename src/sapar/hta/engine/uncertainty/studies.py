"""A study that is not done yet: what it would observe, of how many people, at what cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.hta.engine.model.model import AnyModel

MEAN, LOG_MEAN, SHARE, EVENTS, ROW = "mean", "log-mean", "proportion", "events", "row"
RULES = (MEAN, LOG_MEAN, SHARE, EVENTS, ROW)
"""What is observed: the mean of a normal quantity; the mean of the logarithm of one; how many of n
have it; events in a time; into which of the places of a row each of n falls."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What a study observes about one parameter.

    Attributes:
        name: the parameter; of a row its Dirichlet group.
        rule: one of `RULES`.
        share: of the study's people who tell about it: its arm.
        sd: of one observation, for `MEAN` (unit of the parameter) and `LOG_MEAN`.
        time: for `EVENTS`, how long each person is followed, in the time of the rate.
    """

    name: str
    rule: str
    share: float = 1.0
    sd: float = 1.0
    time: float = 1.0


@dataclass(frozen=True, slots=True)
class Study:
    """A design, whose size is left open.

    Attributes:
        observed: by arm or quantity; independent of each other, given the parameters.
        sizes: numbers of people that may be asked for, ascending.
        fixed, per_person: its cost in the model's money.
        start: years until the first person is in; `recruited` people a year; `follow_up` years
            after the last one until something is decided.
        incidence: people a year whom the decision touches, by the year from which it counts.
        horizon: years for which the decision stands, from now; `discount` yearly.
    """

    name: str
    label: str
    observed: tuple[Observed, ...]
    sizes: tuple[int, ...] = (10, 20, 50, 100, 200, 500, 1_000, 2_000)
    fixed: float = 0.0
    per_person: float = 0.0
    start: float = 0.0
    recruited: float = float("inf")
    follow_up: float = 0.0
    incidence: Mapping[float, float] = field(default_factory=dict)
    horizon: float = 0.0
    discount: float = 0.0
    where: str = ""


def study_of(model: AnyModel, name: str) -> Study | None:
    """A study of the model by its name, or None."""
    found = model.sections.get("studies")
    return None if found is None else found.value.get(name)


def decided_after(study: Study, people: int) -> float:
    """Years until a study of so many people can change the decision."""
    return study.start + people / study.recruited + study.follow_up


def population(study: Study, since: float = 0.0) -> float:
    """People whom a decision touches from a time until the horizon, discounted to now.

    Within a year people come evenly; each is discounted at the time of coming, continuously at
    ln(1 + rate).

    Args:
        study: its incidence by year, horizon and discount rate.
        since: years from now.
    """
    steps = sorted(study.incidence.items())
    force = float(np.log1p(study.discount))
    total = 0.0
    for k, (begins, people) in enumerate(steps):
        ends = steps[k + 1][0] if k + 1 < len(steps) else study.horizon
        low, high = max(begins, since), min(ends, study.horizon)
        if high <= low:
            continue
        if force:
            total += people * (np.exp(-force * low) - np.exp(-force * high)) / force
        else:
            total += people * (high - low)
    return float(total)
