"""Tests of effects: what a year is worth, and that nobody gains more than the years lived."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.cohort.worth import worth_of
from sapar.hta.engine.model.model import Tree
from sapar.hta.engine.verification import change, reach
from sapar.hta.engine.verification.kinds import (
    Outcome,
    failed,
    gettext_noop,
    passed,
    skipped,
    test,
    warned,
)
from sapar.hta.engine.verification.subject import SAME, Subject, close, tokens

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.hta.engine.model.model import Branch

    Numbers = NDArray[np.float64]

GROUP = "effects"
ROUNDING = 1e-9
WORST = -1.0
"""Lower utilities than this are no utilities."""


@test(GROUP, gettext_noop("With all effects zero the total effect is zero."))
def zero(subject: Subject) -> Outcome:
    """Nothing else is counted as an effect."""
    effect = subject.model.effect
    found = subject.totals(change.reward(subject.model, effect, change.times(0.0)), effect)
    if np.abs(found).max() > 0:
        return failed(found[0], 0)
    return passed(0, 0)


@test(
    GROUP, gettext_noop("With all effects doubled the total effect is doubled, and the cost stays.")
)
def doubled(subject: Subject) -> Outcome:
    """Each effect once, and none in the cost."""
    found = subject.run(change.reward(subject.model, subject.model.effect, change.times(2.0)))
    effects = subject.spread(found.discounted[subject.model.effect])[:, 0]
    costs = subject.spread(found.discounted[subject.model.cost])[:, 0]
    if not close(effects, 2 * subject.effects, SAME):
        return failed(effects[0], 2 * subject.effects[0])
    if not close(costs, subject.costs, SAME):
        return failed(costs[0], subject.costs[0])
    return passed(effects[0], 2 * subject.effects[0])


@test(GROUP, gettext_noop("No year is worth more than 1."), "states", "health", "cohort")
def at_most_one(subject: Subject) -> Outcome:
    """Full health."""
    effect = subject.model.effect
    worth = {
        state: float(each.max()) * subject.yearly(effect)
        for (name, state), each in subject.pays.items()
        if name == effect
    }
    names = [state for state, each in worth.items() if each > 1 + ROUNDING]
    if names:
        return failed(max(worth.values()), 1, names)
    return passed(max(worth.values(), default=0), 1)


@test(GROUP, gettext_noop("No year is worth less than -1."), "states", "health", "cohort")
def at_least_minus_one(subject: Subject) -> Outcome:
    """Worse than death, but not as far."""
    effect = subject.model.effect
    worth = {
        state: float(each.min()) * subject.yearly(effect)
        for (name, state), each in subject.pays.items()
        if name == effect
    }
    names = [state for state, each in worth.items() if each < WORST - ROUNDING]
    return failed(names=names) if names else passed()


@test(GROUP, gettext_noop("Every utility lies between -1 and 1."), "utilities", "health")
def utilities_within(subject: Subject) -> Outcome:
    """Inputs that are plain numbers and go into the effect alone."""
    names = [
        name
        for name in subject.utilities
        if subject.inputs[name].max() > 1 + ROUNDING or subject.inputs[name].min() < WORST
    ]
    return failed(names=names) if names else passed()


@test(GROUP, gettext_noop("Nothing is gained in a state of the dead."), "cohort", "dead")
def dead_gain_nothing(subject: Subject) -> Outcome:
    """Neither QALYs nor life years."""
    names = [
        state
        for (name, state), each in subject.pays.items()
        if name == subject.model.effect and state in subject.dead and np.abs(each).max() > 0
    ]
    return failed(names=names) if names else passed()


@test(
    GROUP,
    gettext_noop("A year in every state of the living is worth something."),
    "cohort",
    "states",
    "health",
)
def living_gain(subject: Subject) -> Outcome:
    """A state that was forgotten in the effect."""
    effect = subject.model.effect
    paying = {
        state
        for (name, state), each in subject.pays.items()
        if name == effect and np.abs(each).max() > 0
    }
    names = [state for state in subject.living if state not in paying]
    return warned(names=names) if names else passed()


@test(
    GROUP,
    gettext_noop("Discounted effects are not above discounted life years."),
    "states",
    "health",
    "plain",
)
def below_years(subject: Subject) -> Outcome:
    """A QALY is at most a year."""
    living = tuple(each.name for each in subject.model.states if not each.dead)
    years = subject.totals(subject.counting(living), subject.model.effect)
    if (subject.effects > years * (1 + SAME)).any():
        return failed(subject.effects.max(), years.max())
    return passed(subject.effects.max(), years.max())


def _with_ones(subject: Subject) -> Numbers:
    """The effect with utilities of one and without one-off gains and losses."""
    model = subject.model
    given = dict(subject.perfect)
    for name, each in model.parameters.items():
        if tokens(each.unit) & {"QALY", "DALY", "LY"} and subject.roles[name] == {reach.EFFECT}:
            given[name] = 0.0
    return subject.totals(change.values(model, given), model.effect)


@test(GROUP, gettext_noop("With utilities of one the effect is not above the life years."),
      "states", "utilities", "health", "plain")  # fmt: skip
def ones_not_above(subject: Subject) -> Outcome:
    """Or something is counted twice, or in the dead."""
    living = tuple(each.name for each in subject.model.states if not each.dead)
    years = subject.totals(subject.counting(living), subject.model.effect)
    found = _with_ones(subject)
    if (found > years * (1 + SAME)).any():
        return failed(found.max(), years.max())
    return passed(found.max(), years.max())


@test(GROUP, gettext_noop("With utilities of one the effect is the life years."),
      "states", "utilities", "health", "plain")  # fmt: skip
def ones_are_years(subject: Subject) -> Outcome:
    """Or some time lived has no utility."""
    living = tuple(each.name for each in subject.model.states if not each.dead)
    years = subject.totals(subject.counting(living), subject.model.effect)
    found = _with_ones(subject)
    if not close(found, years, 1e-8):
        return warned(found[0], years[0])
    return passed(found[0], years[0])


@test(
    GROUP,
    gettext_noop("With utilities of one every end of the tree gains the same."),
    "tree",
    "utilities",
)
def ends_alike(subject: Subject) -> Outcome:
    """The same time passes on every way."""
    model = change.values(subject.model, subject.perfect)
    if not isinstance(model, Tree):
        return skipped(gettext_noop("It asks for a decision tree."))
    worth = worth_of(model, {})
    ends: dict[str, Numbers] = {}

    def walk(branch: Branch, gained: Numbers) -> None:
        here = branch.pays.get(model.effect)
        gained = gained + (worth.of(here)[:, 0, 0, 0] if here is not None else 0.0)
        for inner in branch.branches:
            walk(inner, gained)
        if not branch.branches:
            ends[branch.name] = gained

    walk(model.root, np.zeros(len(subject.strategies)))
    usual = float(np.median([each.max() for each in ends.values()]))
    names = [name for name, each in ends.items() if not close(each, usual, 1e-6)]
    return warned(names=names) if names else passed()


@test(
    GROUP, gettext_noop("Who dies more often is not in better health."), "cohort", "dead", "health"
)
def sicker_not_better(subject: Subject) -> Outcome:
    """States with a higher chance of death in every cycle and a higher utility."""
    effect = subject.model.effect
    worth = {
        state: each[:, :-1, :1]
        for (name, state), each in subject.pays.items()
        if name == effect and state in subject.living
    }
    deaths = {state: subject.death(state)[:, :, :1] for state in worth}
    names = []
    for (one, gain), (other, less) in permutations(worth.items(), 2):
        dies = (deaths[one] > deaths[other] * (1 + 1e-6) + 1e-12).all()
        if dies and (gain > less + 1e-9).all():
            names.append(f"{one} > {other}")
    return warned(names=names) if names else passed()


@test(
    GROUP,
    gettext_noop("A gain or loss on a transition points where the utilities point."),
    "cohort",
    "health",
)
def losses_fit(subject: Subject) -> Outcome:
    """Coming into a worse state gains nothing; coming into a better one loses nothing."""
    effect = subject.model.effect
    names = []
    for (name, origin, to), value in subject.flows.items():
        before, after = subject.pays.get((effect, origin)), subject.pays.get((effect, to))
        if name != effect or before is None or after is None:
            continue
        step = float((after[:, :, :1] - before[:, :, :1]).mean())
        if float(value.mean()) * step < 0:
            names.append(f"{origin} -> {to}")
    return warned(names=names) if names else passed()


@test(GROUP, gettext_noop("The total effect grows evenly with each utility."), "utilities", "plain")
def straight(subject: Subject) -> Outcome:
    """No utility multiplies another or itself."""
    single = [
        name
        for name in subject.utilities
        if "" in subject.model.parameters[name].values and len(subject.closure[name]) == 1
    ]
    names = subject.uneven(subject.model.effect, single, (0.0, 1.0))
    return warned(names=names) if names else passed()


@test(GROUP, gettext_noop("Every strategy gains something."), "arms")
def somebody_gains(subject: Subject) -> Outcome:
    """A total effect of zero."""
    names = [
        name
        for name, each in zip(subject.strategies, subject.effects, strict=True)
        if abs(each) <= 0
    ]
    if len(names) == len(subject.strategies):
        return skipped(gettext_noop("The model has no effect."))
    return warned(names=names) if names else passed()
