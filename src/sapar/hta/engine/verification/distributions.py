"""Tests of distributions: that they fit the value and what it is used for."""

from __future__ import annotations

import numpy as np

from sapar.hta.engine.verification import reach
from sapar.hta.engine.verification.kinds import Outcome, failed, gettext_noop, passed, test, warned
from sapar.hta.engine.verification.subject import Subject, is_rate

GROUP = "distributions"
FAR, FAR_SHARE = 2.0, 0.1
"""A mean so many standard deviations and such a share of the value away is a mistake."""
NEAR, NEAR_SHARE = 0.25, 0.01
SUPPORT = 1e-9
SELDOM = 1e-3
"""A share of draws outside of what is possible that is let pass."""
WIDE, NARROW = 2.0, 1e-3


def _miss(subject: Subject, name: str) -> tuple[float, float]:
    """How far the mean is from the value, in standard deviations and as a share of the value."""
    drawn, value = subject.drawn[name], float(subject.inputs[name].flat[0])
    gap = abs(float(drawn.mean()) - value)
    return gap / max(float(drawn.std()), 1e-300), gap / max(abs(value), 1e-300)


@test(GROUP, gettext_noop("The mean of each distribution is about its value."), "draws")
def means_about(subject: Subject) -> Outcome:
    """Within 2 standard deviations or 10 %."""
    names = [
        name
        for name in subject.drawn
        if _miss(subject, name)[0] > FAR and _miss(subject, name)[1] > FAR_SHARE
    ]
    return failed(names=names) if names else passed()


@test(GROUP, gettext_noop("The mean of each distribution is its value."), "draws")
def means_near(subject: Subject) -> Outcome:
    """Within a quarter of a standard deviation or 1 %."""
    names = [
        name
        for name in subject.drawn
        if _miss(subject, name)[0] > NEAR and _miss(subject, name)[1] > NEAR_SHARE
    ]
    return warned(names=names) if names else passed()


@test(GROUP, gettext_noop("Each value lies in the central 99.9 % of its distribution."), "draws")
def values_central(subject: Subject) -> Outcome:
    """By 20,000 draws."""
    names = []
    for name, drawn in subject.drawn.items():
        low, high = np.quantile(drawn, (0.0005, 0.9995))
        if not low <= float(subject.inputs[name].flat[0]) <= high:
            names.append(name)
    return warned(names=names) if names else passed()


@test(GROUP, gettext_noop("Each value is one that its distribution can give."), "draws")
def values_possible(subject: Subject) -> Outcome:
    """Not far beyond the smallest and the largest of 20,000 draws."""
    names = []
    for name, drawn in subject.drawn.items():
        low, high = float(drawn.min()), float(drawn.max())
        room = (high - low) / 2
        if not low - room <= float(subject.inputs[name].flat[0]) <= high + room:
            names.append(name)
    return failed(names=names) if names else passed()


def _outside(subject: Subject, name: str, low: float, high: float) -> float:
    drawn = subject.drawn[name]
    return float(((drawn < low - SUPPORT) | (drawn > high + SUPPORT)).mean())


@test(GROUP, gettext_noop("Draws of utilities are not above 1."), "draws", "utilities", "health")
def utilities_within(subject: Subject) -> Outcome:
    """Inputs that are plain numbers and go into the effect alone."""
    names = [
        name
        for name in subject.utilities
        if name in subject.drawn and _outside(subject, name, -np.inf, 1) > SELDOM
    ]
    return failed(names=names) if names else passed()


@test(GROUP, gettext_noop("Draws of chances lie between 0 and 1."), "draws")
def chances_within(subject: Subject) -> Outcome:
    """Inputs that a transition or branch takes as they are."""
    names = [
        name
        for name in subject.chances_alone
        if name in subject.drawn and _outside(subject, name, 0, 1) > 0
    ]
    return failed(names=names) if names else passed()


@test(GROUP, gettext_noop("Draws of prices and rates are not below 0."), "draws")
def not_negative(subject: Subject) -> Outcome:
    """By their units."""
    names = [
        name
        for name, each in subject.model.parameters.items()
        if name in subject.drawn
        and (name in subject.prices or is_rate(each.unit))
        and subject.inputs[name].min() >= 0
        and _outside(subject, name, 0, np.inf) > SELDOM
    ]
    return failed(names=names) if names else passed()


@test(GROUP, gettext_noop("Distributions are neither without width nor without end."), "draws")
def widths(subject: Subject) -> Outcome:
    """A standard deviation between a thousandth of the value and twice the value."""
    names = []
    for name, drawn in subject.drawn.items():
        size = abs(float(drawn.mean()))
        wide = float(drawn.std()) / max(size, 1e-300)
        if size > 0 and not NARROW <= wide <= WIDE:
            names.append(name)
    return warned(names=names) if names else passed()


@test(
    GROUP,
    gettext_noop("Where inputs have distributions, all that are uncertain have one."),
    "draws",
)
def none_forgotten(subject: Subject) -> Outcome:
    """Numbers that are the same for all strategies and are neither drawn nor 0 or 1."""
    names = [
        name
        for name, each in subject.model.parameters.items()
        if name not in subject.drawn
        and "" in each.values
        and len(subject.closure[name]) == 1
        and subject.roles[name]
        and float(subject.inputs[name].flat[0]) not in {0.0, 1.0}
    ]
    return warned(names=names) if names else passed()


@test(GROUP, gettext_noop("Inputs by strategy are 0 or 1, or stand on inputs that are drawn."),
      "draws", "own")  # fmt: skip
def arms_drawn(subject: Subject) -> Outcome:
    """A value for each strategy has no distribution of its own."""
    drawn = set(subject.drawn)
    names = [
        name
        for name, each in subject.model.parameters.items()
        if "" not in each.values
        and name not in subject.switches
        and not subject.closure[name] & drawn
        and subject.roles[name] & {reach.CHANCE, reach.EFFECT}
    ]
    return warned(names=names) if names else passed()
