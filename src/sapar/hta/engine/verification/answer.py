"""Tests of what a model answers: frontier, dominance, ratios."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from sapar.hta.engine.cohort.conventions import counted, discount_factors, flows
from sapar.hta.engine.decision.frontier import DOMINATED, EXTENDED, ON, Ranked, best, frontier
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

GROUP = "answer"
STEPS = 400
TINY = 1e-4
"""A difference in effect, as a share of the effect, at which a ratio says little."""


def _rows(subject: Subject) -> tuple[Ranked, ...]:
    return frontier(subject.costs.tolist(), subject.effects.tolist())


def _thresholds(subject: Subject) -> np.ndarray:
    ratios = [each.icer for each in _rows(subject) if each.icer]
    most = 4 * max(ratios, default=1.0)
    return np.linspace(0, most, STEPS) + most / STEPS / np.pi


@test(GROUP, gettext_noop("The frontier is what is best at some threshold."), "arms")
def frontier_is_best(subject: Subject) -> Outcome:
    """The strategy with the largest net benefit, at 400 thresholds."""
    on = {each.number for each in _rows(subject) if each.status == ON}
    found = {
        best(subject.costs.tolist(), subject.effects.tolist(), float(each))
        for each in _thresholds(subject)
    }
    if found - on:
        return failed(names=[subject.strategies[k] for k in sorted(found - on)])
    return passed(len(found), len(on))


@test(GROUP, gettext_noop("A dominated strategy is never the best."), "arms")
def dominated_never_best(subject: Subject) -> Outcome:
    """Whatever one unit of effect is worth, another strategy has a larger net benefit."""
    off = [each.number for each in _rows(subject) if each.status in {DOMINATED, EXTENDED}]
    if not off:
        return skipped(gettext_noop("No strategy is dominated."))
    thresholds = _thresholds(subject)
    benefit = subject.effects[:, None] * thresholds - subject.costs[:, None]
    others = np.delete(benefit, off, axis=0).max(axis=0)
    names = [subject.strategies[k] for k in off if (benefit[k] > others * (1 + SAME) + 1e-9).any()]
    return failed(names=names) if names else passed()


@test(
    GROUP,
    gettext_noop("Each ratio is the difference in cost over the difference in effect."),
    "arms",
)
def ratios(subject: Subject) -> Outcome:
    """Worked out again."""
    for each in _rows(subject):
        if each.icer is None or each.against is None:
            continue
        cost = subject.costs[each.number] - subject.costs[each.against]
        effect = subject.effects[each.number] - subject.effects[each.against]
        if not close(each.icer, float(cost / effect), SAME):
            return failed(each.icer, float(cost / effect))
    return passed()


@test(GROUP, gettext_noop("The ratios rise along the frontier."), "arms")
def ratios_rise(subject: Subject) -> Outcome:
    """Or a strategy between should have been dominated by two others."""
    found = [each.icer for each in _rows(subject) if each.icer is not None]
    if any(after < before for before, after in pairwise(found)):
        return failed()
    return passed()


@test(GROUP, gettext_noop("Differences in effect are large enough for a ratio."), "arms")
def differences_matter(subject: Subject) -> Outcome:
    """At least a ten-thousandth of the effect."""
    names = [
        subject.strategies[each.number]
        for each in _rows(subject)
        if each.more_effect is not None
        and abs(each.more_effect) < TINY * abs(subject.effects[each.number])
    ]
    return warned(names=names) if names else passed()


@test(GROUP, gettext_noop("Worked out again, the totals are the same to the last bit."))
def again(subject: Subject) -> Outcome:
    """Nothing is left over from a run."""
    found = subject.run(subject.model).discounted
    base = subject.base.discounted
    if not all(np.array_equal(found[name], base[name]) for name in base):
        return failed()
    return passed()


@test(GROUP, gettext_noop("Totals counted again from shares and values are the same."), "cohort")
def counted_again(subject: Subject) -> Outcome:
    """By another way: shares times values times weights times factors, summed at the end."""
    names = []
    for reward in (subject.model.cost, subject.model.effect):
        if any(each.shape[-1] > 1 for (name, _), each in subject.pays.items() if name == reward):
            used = [e for (n, _), e in subject.pays.items() if n == reward and e.shape[-1] > 1]
            if any(np.ptp(each, axis=-1).max() > 0 for each in used):
                return skipped(gettext_noop("Values depend on the time in a state."))
        found = _again(subject, reward)
        if found is None:
            return skipped(gettext_noop("What transitions pay depends on the time in a state."))
        base = subject.spread(subject.base.discounted[reward])[:, 0]
        if not close(found, base, 1e-8):
            names.append(reward)
    return failed(names=names) if names else passed()


def _again(subject: Subject, reward: str) -> np.ndarray | None:
    model, settings = subject.cohort, subject.model.settings
    made = model.rewards[reward]
    length = settings.cycle_years if made.per_year else 1.0
    steps = settings.discount[made.discount]
    total = np.zeros(len(subject.strategies))
    for rule in counted(settings.within_cycle, settings.cycles):
        factor = rule.weight * discount_factors(
            steps, rule.at * settings.cycle_years, settings.discounting
        )
        for (name, state), each in subject.pays.items():
            if name == reward:
                value = each[:, rule.row, 0] * length
                total += (subject.shares[:, :, subject.place(state)] * value * factor).sum(axis=1)
    paid = {key: each for key, each in subject.flows.items() if key[0] == reward}
    if not paid:
        return total
    if any(each.memory > 1 for each in model.states):
        return None
    rule = flows(settings.within_cycle, settings.cycles)
    factor = rule.weight * discount_factors(
        steps, rule.at * settings.cycle_years, settings.discounting
    )
    for (a, b), chance in subject.chances.items():
        moved = subject.shares[:, :-1, subject.place(a)] * chance[:, :, 0]
        for (_, origin, to), value in paid.items():
            if origin in {a, "*"} and to in {b, "*"}:
                total += (moved * value[:, rule.row[1:], 0] * factor[1:]).sum(axis=1)
    return total


@test(GROUP, gettext_noop("With all costs doubled each ratio is doubled."), "arms")
def ratios_follow_costs(subject: Subject) -> Outcome:
    """A currency of half the worth."""
    changed = change.reward(subject.model, subject.model.cost, change.times(2.0))
    costs = subject.totals(changed, subject.model.cost)
    found = {each.number: each.icer for each in frontier(costs.tolist(), subject.effects.tolist())}
    for each in _rows(subject):
        other = found[each.number]
        if each.icer is None or other is None:
            if each.icer is not other:
                return failed(names=(subject.strategies[each.number],))
        elif not close(other, 2 * each.icer, 1e-7):
            return failed(other, 2 * each.icer, (subject.strategies[each.number],))
    return passed()


@test(GROUP, gettext_noop("The order of the strategies changes no ratio."), "arms")
def ratios_without_order(subject: Subject) -> Outcome:
    """From the last to the first."""
    turned = frontier(subject.costs[::-1].tolist(), subject.effects[::-1].tolist())
    last = len(subject.strategies) - 1
    found = {last - each.number: each.icer for each in turned}
    same = {
        (round(c, 9), round(e, 12)) for c, e in zip(subject.costs, subject.effects, strict=True)
    }
    if len(same) <= last:
        return skipped(gettext_noop("Two strategies are alike."))
    for each in _rows(subject):
        if each.icer is not None and not close(each.icer, found[each.number] or 0.0, SAME):
            return failed(found[each.number] or 0.0, each.icer, (subject.strategies[each.number],))
    return passed()


@test(GROUP, gettext_noop("A strategy that is there twice has the same totals twice."))
def there_twice(subject: Subject) -> Outcome:
    """And changes nothing for the others."""
    model = change.twice(subject.model)
    found = subject.run(model).discounted
    for reward, base in (
        (subject.model.cost, subject.costs),
        (subject.model.effect, subject.effects),
    ):
        totals = np.broadcast_to(found[reward], (len(model.strategies), 1))[:, 0]
        if not close(totals, np.append(base, base[-1]), SAME):
            return failed(totals[-1], base[-1], (reward,))
    return passed()
