"""Tests of a probabilistic analysis."""

from __future__ import annotations

import numpy as np

from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.draws import draw
from sapar.hta.engine.uncertainty.sample import at_threshold
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
from sapar.hta.engine.verification.subject import FEW, SEED, Subject, close

GROUP = "draws"
FAR, FAR_SHARE = 4.0, 0.1
STRAY = 30.0
"""Widths of the middle half beyond which a draw is lost."""


@test(GROUP, gettext_noop("Every draw gives a model that can be worked out."), "draws")
def all_run(subject: Subject) -> Outcome:
    """No chance outside of 0 to 1, no row above 1, nothing undefined."""
    try:
        sample = subject.sample
    except BadModelError as error:
        first = error.problems[0]
        return failed(first.value, names=(f"{first.code} {first.where}",))
    if not (np.isfinite(sample.costs).all() and np.isfinite(sample.effects).all()):
        return failed()
    return passed(subject.number, subject.number)


@test(GROUP, gettext_noop("The same seed gives the same totals."), "draws")
def same_seed(subject: Subject) -> Outcome:
    """To the last bit."""
    one = subject.engine.sample(subject.model, subject.few, SEED)
    other = subject.engine.sample(subject.model, subject.few, SEED)
    if not (np.array_equal(one.costs, other.costs) and np.array_equal(one.effects, other.effects)):
        return failed()
    return passed()


@test(GROUP, gettext_noop("Another seed gives other totals."), "draws")
def other_seed(subject: Subject) -> Outcome:
    """Or nothing that is drawn is used."""
    one = subject.engine.sample(subject.model, subject.few, SEED)
    other = subject.engine.sample(subject.model, subject.few, SEED + 1)
    if np.array_equal(one.costs, other.costs) and np.array_equal(one.effects, other.effects):
        return failed()
    return passed()


@test(GROUP, gettext_noop("The first draws of a sample are those of a smaller one."), "draws")
def pieces(subject: Subject) -> Outcome:
    """So that a sample can grow, and be divided among workers."""
    few, more = draw(subject.model, FEW, SEED), draw(subject.model, 1_100, SEED)
    late = draw(subject.model, 100, SEED, since=1_000)
    names = [
        name
        for name in few
        if not np.array_equal(few[name], more[name][:FEW])
        or not np.array_equal(late[name], more[name][1_000:])
    ]
    return failed(names=names) if names else passed()


@test(
    GROUP,
    gettext_noop("A draw gives what the model gives with its values."),
    "draws",
    "sections",
    "plain",
)
def one_by_one(subject: Subject) -> Outcome:
    """Three draws, each with its values written into the model."""
    sample = subject.sample
    for k in (0, 1, subject.number - 1):
        given = {name: float(values[k]) for name, values in sample.parameters.items()}
        found = subject.run(change.values(subject.model, given)).discounted
        costs = subject.spread(found[subject.model.cost])[:, 0]
        effects = subject.spread(found[subject.model.effect])[:, 0]
        if not (close(costs, sample.costs[:, k]) and close(effects, sample.effects[:, k])):
            return failed(sample.costs[0, k], costs[0])
    return passed()


@test(GROUP, gettext_noop("The means of the draws are near the base case."), "draws")
def means_near(subject: Subject) -> Outcome:
    """Within 4 standard errors, or a tenth of the base case."""
    names = []
    for name, drawn, base in (
        (subject.model.cost, subject.sample.costs, subject.costs),
        (subject.model.effect, subject.sample.effects, subject.effects),
    ):
        error = drawn.std(axis=1, ddof=1) / np.sqrt(drawn.shape[1])
        gap = np.abs(drawn.mean(axis=1) - base)
        if ((gap > FAR * error) & (gap > FAR_SHARE * np.abs(base))).any():
            names.append(name)
    if names:
        return warned(names=names)
    return passed()


@test(GROUP, gettext_noop("No draw is far from all others."), "draws")
def no_strays(subject: Subject) -> Outcome:
    """Beyond 30 widths of the middle half."""
    worst = 0.0
    for drawn in (subject.sample.costs, subject.sample.effects):
        low, middle, high = np.quantile(drawn, (0.25, 0.5, 0.75), axis=1)
        width = np.maximum(high - low, 1e-12 * np.abs(middle) + 1e-300)
        worst = max(worst, float((np.abs(drawn - middle[:, None]) / width[:, None]).max()))
    if worst > STRAY:
        return warned(worst, STRAY)
    return passed(worst, STRAY)


def _thresholds(subject: Subject) -> list[float]:
    """Some that matter: around the ratios of the strategies."""
    costs, effects = np.ptp(subject.costs), np.ptp(subject.effects)
    middle = float(costs / effects) if effects > 0 and costs > 0 else 1.0
    return [0.0, middle / 4, middle, middle * 4]


@test(
    GROUP,
    gettext_noop("The chances of being best have the sum 1 at every threshold."),
    "draws",
    "arms",
)
def acceptability(subject: Subject) -> Outcome:
    """The acceptability curves."""
    for threshold in _thresholds(subject):
        total = sum(at_threshold(subject.sample, threshold).chances)
        if abs(total - 1) > 1e-9:
            return failed(total, 1)
    return passed(1, 1)


@test(GROUP, gettext_noop("Perfect information is worth the smallest expected loss."),
      "draws", "arms")  # fmt: skip
def information(subject: Subject) -> Outcome:
    """At every threshold."""
    for threshold in _thresholds(subject):
        at = at_threshold(subject.sample, threshold)
        size = max(abs(each) for each in at.loss)
        if at.evpi < 0 or abs(at.evpi - min(at.loss)) > 1e-9 * max(size, 1e-300):
            return failed(at.evpi, min(at.loss))
    return passed()


@test(GROUP, gettext_noop("At a threshold of 0 the cheapest strategy is the best."),
      "draws", "arms")  # fmt: skip
def cheapest_at_zero(subject: Subject) -> Outcome:
    """By mean costs."""
    best = at_threshold(subject.sample, 0.0).best
    cheapest = int(subject.sample.costs.mean(axis=1).argmin())
    if best != cheapest:
        return failed(subject.strategies[best], subject.strategies[cheapest])
    return passed()


@test(GROUP, gettext_noop("Draws and base case choose alike where the decision turns."),
      "draws", "arms")  # fmt: skip
def same_decision(subject: Subject) -> Outcome:
    """At thresholds around the ratios, apart from those where two are nearly equal."""
    if len(subject.strategies) < 2:
        return skipped(gettext_noop("There is nothing to rank."))
    names = []
    for threshold in _thresholds(subject):
        benefit = subject.effects * threshold - subject.costs
        mean = subject.sample.benefit(threshold).mean(axis=1)
        one, other = int(benefit.argmax()), int(mean.argmax())
        gap = benefit[one] - benefit[other]
        spread = subject.sample.benefit(threshold)
        error = (spread[one] - spread[other]).std() / np.sqrt(subject.number)
        if one != other and gap > FAR * error:
            names.append(f"{threshold:.6g}")
    return warned(names=names) if names else passed()
