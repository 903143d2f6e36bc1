"""Tests of how the future counts."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from sapar.hta.engine.verification import change
from sapar.hta.engine.verification.kinds import (
    Outcome,
    failed,
    gettext_noop,
    passed,
    skipped,
    test,
    warned,
)
from sapar.hta.engine.verification.subject import SAME, Subject, close

GROUP = "discounting"
USUAL = 0.10
"""The largest yearly rate that guidelines know."""
ALL = 1e300
"""A rate at which only what happens at once counts."""


def _both(subject: Subject) -> tuple[str, str]:
    return subject.model.cost, subject.model.effect


@test(GROUP, gettext_noop("With a rate of 0 totals are the undiscounted ones."), "time")
def rate_of_zero(subject: Subject) -> Outcome:
    """Costs and effects."""
    found = subject.run(change.rates(subject.model, 0.0)).discounted
    for name in _both(subject):
        one, other = subject.spread(found[name]), subject.spread(subject.base.undiscounted[name])
        if not close(one, other, SAME):
            return failed(one[0, 0], other[0, 0], (name,))
    return passed()


@test(GROUP, gettext_noop("A higher rate makes totals smaller."), "cohort", "sure")
def higher_rate(subject: Subject) -> Outcome:
    """At 0, 2, 5 and 10 % a year."""
    totals = [
        subject.run(change.rates(subject.model, rate)).discounted for rate in (0, 0.02, 0.05, 0.1)
    ]
    names = [
        name
        for name in _both(subject)
        if (np.diff([subject.spread(each[name])[:, 0] for each in totals], axis=0) > 0).any()
    ]
    if names:
        return failed(names=names)
    return passed()


@test(
    GROUP,
    gettext_noop("No discounted total is larger than the undiscounted one."),
    "cohort",
    "sure",
)
def not_above_plain(subject: Subject) -> Outcome:
    """As the model says."""
    for name in _both(subject):
        one = subject.spread(subject.base.discounted[name])
        other = subject.spread(subject.base.undiscounted[name])
        if (one > other * (1 + SAME)).any():
            return failed(one.max(), other.max(), (name,))
    return passed()


@test(GROUP, gettext_noop("Discounting at ln(1 + r) without steps equals r a year."), "time")
def continuous(subject: Subject) -> Outcome:
    """exp(-t ln(1 + r)) is (1 + r)^-t."""
    steps = change.settings(change.rates(subject.model, 0.04), discounting="discrete")
    flow = change.settings(change.rates(subject.model, math.log1p(0.04)), discounting="continuous")
    for name in _both(subject):
        one, other = subject.totals(steps, name), subject.totals(flow, name)
        if not close(one, other, SAME):
            return failed(other[0], one[0], (name,))
    return passed()


@test(
    GROUP,
    gettext_noop("The same rate discounts more without steps than by the year."),
    "cohort",
    "sure",
)
def continuous_below(subject: Subject) -> Outcome:
    """exp(-rt) is below (1 + r)^-t."""
    at = change.rates(subject.model, 0.04)
    for name in _both(subject):
        one = subject.totals(change.settings(at, discounting="continuous"), name)
        other = subject.totals(change.settings(at, discounting="discrete"), name)
        if (one > other * (1 + SAME)).any():
            return failed(one[0], other[0], (name,))
    return passed()


@test(GROUP, gettext_noop("At an endless rate only what happens at the start counts."), "cohort")
def endless_rate(subject: Subject) -> Outcome:
    """Counted at the beginnings, that is who starts where, and what the first cycle pays."""
    at = change.settings(change.rates(subject.model, ALL), within_cycle="begin")
    plain = change.settings(subject.model, within_cycle="begin", cycles=1)
    for name in _both(subject):
        one, other = subject.totals(at, name), subject.totals(plain, name, plain=True)
        size = np.abs(subject.base.undiscounted[name]).max()
        if np.abs(one - other).max() > 1e-8 * size:
            return failed(one[0], other[0], (name,))
    return passed()


@test(GROUP, gettext_noop("Yearly rates lie between 0 and 10 %."), "time")
def usual_rates(subject: Subject) -> Outcome:
    """No guideline knows higher ones."""
    most = {
        name: max(rate for _, rate in steps)
        for name, steps in subject.model.settings.discount.items()
    }
    names = [name for name, rate in most.items() if rate > USUAL]
    if names:
        return warned(max(most.values()), USUAL, names)
    return passed(max(most.values(), default=0), USUAL)


@test(GROUP, gettext_noop("Costs and effects are both discounted, or neither."), "time")
def both_discounted(subject: Subject) -> Outcome:
    """One of them at 0 is a rule of some countries, and a slip in others."""
    settings = subject.model.settings
    if 0 < settings.cycles * settings.cycle_years <= 1:
        return skipped(gettext_noop("The model ends within a year."))
    zero = {
        name: not any(rate for _, rate in settings.discount[subject.model.rewards[name].discount])
        for name in _both(subject)
    }
    if len(set(zero.values())) > 1:
        names = [name for name, each in zero.items() if each]
        return warned(names=names)
    return passed()


@test(GROUP, gettext_noop("The cost takes the rate of costs, the effect that of effects."), "time")
def own_rates(subject: Subject) -> Outcome:
    """As the settings name them."""
    rewards, model = subject.model.rewards, subject.model
    wanted = {model.cost: "costs", model.effect: "effects"}
    names = [name for name, rate in wanted.items() if rewards[name].discount != rate]
    if names:
        return warned(names=names)
    return passed()


@test(GROUP, gettext_noop("Rates do not rise with the years."), "time", "rates")
def rates_fall(subject: Subject) -> Outcome:
    """Guidelines with rates by year let them fall."""
    names = [
        name
        for name, steps in subject.model.settings.discount.items()
        if any(after[1] > before[1] for before, after in pairwise(steps))
    ]
    return warned(names=names) if names else passed()
