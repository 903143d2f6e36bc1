"""Tests of strategies: that they differ by what the model says, and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.expressions.parse import Name, names_in
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

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

GROUP = "arms"
ALIKE = 1e-9
FEW = 1e-9


@test(GROUP, gettext_noop("With the same inputs in all strategies there is no difference."), "arms")
def no_effect(subject: Subject) -> Outcome:
    """Each strategy with the values of the first."""
    found = subject.run(change.alike(subject.model, subject.strategies[0])).discounted
    for reward in (subject.model.cost, subject.model.effect):
        totals = subject.spread(found[reward])[:, 0]
        if not close(totals, totals[0], SAME):
            return failed(totals.max(), totals.min(), (reward,))
    return passed(0, 0)


@test(
    GROUP,
    gettext_noop("Two strategies with each other's inputs have each other's totals."),
    "arms",
    "own",
)
def swapped(subject: Subject) -> Outcome:
    """So that every difference changes its sign."""
    first, last = subject.strategies[0], subject.strategies[-1]
    found = subject.run(change.swapped(subject.model, first, last)).discounted
    order = list(range(len(subject.strategies)))
    order[0], order[-1] = order[-1], order[0]
    for reward, base in (
        (subject.model.cost, subject.costs),
        (subject.model.effect, subject.effects),
    ):
        totals = subject.spread(found[reward])[:, 0]
        if not close(totals, base[order], SAME):
            return failed(totals[0], base[-1], (reward,))
    return passed()


@test(GROUP, gettext_noop("The order of the strategies changes nothing."), "arms")
def order(subject: Subject) -> Outcome:
    """From the last to the first."""
    model = replace(subject.model, strategies=subject.model.strategies[::-1])
    found = subject.run(model).discounted
    for reward, base in (
        (subject.model.cost, subject.costs),
        (subject.model.effect, subject.effects),
    ):
        totals = subject.spread(found[reward])[:, 0]
        if not close(totals[::-1], base, SAME):
            return failed(totals[-1], base[0], (reward,))
    return passed()


@test(GROUP, gettext_noop("Other names of the strategies change nothing."), "arms")
def names(subject: Subject) -> Outcome:
    """Every strategy with another name."""
    found = subject.run(change.renamed(subject.model, "x_")).discounted
    for reward, base in (
        (subject.model.cost, subject.costs),
        (subject.model.effect, subject.effects),
    ):
        totals = subject.spread(found[reward])[:, 0]
        if not close(totals, base, SAME):
            return failed(totals[0], base[0], (reward,))
    return passed()


@test(
    GROUP, gettext_noop("One strategy alone has the totals that it has beside the others."), "arms"
)
def alone(subject: Subject) -> Outcome:
    """Strategies do not know of each other."""
    for k, strategy in enumerate(subject.model.strategies):
        found = subject.run(replace(subject.model, strategies=(strategy,))).discounted
        for reward, base in (
            (subject.model.cost, subject.costs),
            (subject.model.effect, subject.effects),
        ):
            if not close(float(found[reward][0, 0]), base[k], SAME):
                return failed(found[reward][0, 0], base[k], (strategy.name,))
    return passed()


def _pairs(subject: Subject) -> list[tuple[int, int, bool, bool]]:
    """Two strategies each, with whether their costs and their effects are alike."""
    return [
        (
            a,
            b,
            close(subject.costs[a], subject.costs[b], ALIKE),
            close(subject.effects[a], subject.effects[b], ALIKE),
        )
        for a, b in combinations(range(len(subject.strategies)), 2)
    ]


def _named(subject: Subject, pairs: list[tuple[int, int]]) -> list[str]:
    return [f"{subject.strategies[a]}, {subject.strategies[b]}" for a, b in pairs]


@test(GROUP, gettext_noop("No two strategies have the same costs and effects."), "arms")
def all_differ(subject: Subject) -> Outcome:
    """Two names for one thing."""
    same = [(a, b) for a, b, cost, effect in _pairs(subject) if cost and effect]
    if same:
        return failed(names=_named(subject, same))
    return passed()


@test(GROUP, gettext_noop("Strategies that differ in costs differ in effects."), "arms")
def paid_for_something(subject: Subject) -> Outcome:
    """A treatment that costs and does nothing."""
    same = [(a, b) for a, b, cost, effect in _pairs(subject) if effect and not cost]
    if same:
        return warned(names=_named(subject, same))
    return passed()


@test(GROUP, gettext_noop("Strategies that differ in effects differ in costs."), "arms")
def not_for_nothing(subject: Subject) -> Outcome:
    """A treatment that works and costs nothing."""
    same = [(a, b) for a, b, cost, effect in _pairs(subject) if cost and not effect]
    if same:
        return warned(names=_named(subject, same))
    return passed()


@test(GROUP, gettext_noop("No strategy costs more and gains less than the first one."),
      "arms")  # fmt: skip
def no_harm(subject: Subject) -> Outcome:
    """Dominated by the comparator."""
    found = [
        subject.strategies[k]
        for k in range(1, len(subject.strategies))
        if subject.costs[k] > subject.costs[0] * (1 + ALIKE)
        and subject.effects[k] < subject.effects[0] - ALIKE * abs(subject.effects[0])
    ]
    return warned(names=found) if found else passed()


@test(
    GROUP,
    gettext_noop("Two strategies give a choice: none is better and cheaper than all others."),
    "arms",
)
def a_choice(subject: Subject) -> Outcome:
    """Where one wins outright there was no question, or there is a mistake."""
    for k, name in enumerate(subject.strategies):
        others = [j for j in range(len(subject.strategies)) if j != k]
        if all(
            subject.costs[k] < subject.costs[j] and subject.effects[k] > subject.effects[j]
            for j in others
        ):
            return warned(names=(name,))
    return passed()


@test(GROUP, gettext_noop("Switches of 0 or 1 are off in the first strategy."),
      "arms")  # fmt: skip
def comparator_off(subject: Subject) -> Outcome:
    """Inputs that are 0 for some strategies and 1 for others."""
    if not subject.switches:
        return skipped(gettext_noop("No input is a switch: 0 or 1 by strategy."))
    if all(
        any(subject.inputs[name][k] == 1 for name in subject.switches)
        for k in range(len(subject.strategies))
    ):
        return skipped(gettext_noop("Every strategy has a switch that is on."))
    on = [name for name in subject.switches if subject.inputs[name][0] == 1]
    return warned(names=on) if on else passed()


@test(GROUP, gettext_noop("A switch with the name of a strategy is on in that one."), "arms")
def switch_of_its_name(subject: Subject) -> Outcome:
    """By the names that the document gives."""
    mine = [name for name in subject.switches if name in subject.strategies]
    if not mine:
        return skipped(gettext_noop("No switch has the name of a strategy."))
    off = [name for name in mine if subject.inputs[name][subject.strategies.index(name)] != 1]
    return warned(names=off) if off else passed()


@test(
    GROUP,
    gettext_noop("No strategy takes an input that bears another strategy's name."),
    "arms",
    "own",
)
def inputs_of_its_name(subject: Subject) -> Outcome:
    """For instance `c_new` as the price of `old`."""
    found = []
    for name, each in subject.model.parameters.items():
        if "" in each.values:
            continue
        for strategy, value in each.values.items():
            words = {
                word
                for used in names_in(value.node)
                if isinstance(used, Name)
                for word in used.name.split("_")
            }
            if words & (set(subject.strategies) - {strategy}) and strategy not in words:
                found.append(f"{name}: {strategy}")
    return warned(names=found) if found else passed()


@test(GROUP, gettext_noop("All strategies begin with the same people."), "arms", "cohort")
def same_start(subject: Subject) -> Outcome:
    """Shares at the start."""
    start = subject.shares[:, 0]
    if np.abs(start - start[:1]).max() > FEW:
        return warned(np.abs(start - start[:1]).max(), 0)
    return passed()


def _acting(subject: Subject, k: int, *, costs: bool) -> NDArray[np.bool_]:
    """Cycles in which a strategy differs from the first: in costs, or in chances and effects."""
    cycles = subject.model.settings.cycles
    found = np.zeros(cycles, dtype=bool)
    cost = subject.model.cost
    tables: list[tuple[str, Numbers]] = [
        (state, each[:, :cycles])
        for (name, state), each in subject.pays.items()
        if (name == cost) == costs
    ]
    tables += [
        (a, each[:, :cycles])
        for (name, a, _), each in subject.flows.items()
        if (name == cost) == costs
    ]
    if not costs:
        tables += [(a, each) for (a, _), each in subject.chances.items()]
    for state, each in tables:
        there = np.ones(cycles, dtype=bool)
        if state != "*":
            there = subject.shares[k, :cycles, subject.place(state)] > FEW
        differs = ~np.isclose(each[k], each[0], rtol=SAME, atol=0).all(axis=-1)
        found |= differs & there
    return found


@test(GROUP, gettext_noop("A strategy acts from the first cycle with people to treat."),
      "arms", "cohort")  # fmt: skip
def from_the_start(subject: Subject) -> Outcome:
    """Its chances or utilities differ in the first cycle with somebody in such a state."""
    late = []
    for k in range(1, len(subject.strategies)):
        acting = _acting(subject, k, costs=False)
        wider = acting | _acting(subject, k, costs=True)
        if not wider.any():
            continue
        first = int(np.argmax(wider))
        possible = _possible(subject, k)
        if first > possible:
            late.append(subject.strategies[k])
    return warned(names=late) if late else passed()


def _possible(subject: Subject, k: int) -> int:
    """The first cycle with somebody in a state in which a strategy ever acts."""
    cycles = subject.model.settings.cycles
    first = cycles
    tables = [(a, each) for (a, _), each in subject.chances.items()]
    tables += [(state, each[:, :cycles]) for (_, state), each in subject.pays.items()]
    for state, each in tables:
        if not np.isclose(each[k], each[0], rtol=SAME, atol=0).all():
            there = subject.shares[k, :cycles, subject.place(state)] > FEW
            if there.any():
                first = min(first, int(np.argmax(there)))
    return first


@test(GROUP, gettext_noop("A strategy acts as long as it is paid for."), "arms", "cohort")
def as_long_as_paid(subject: Subject) -> Outcome:
    """The last cycle with another chance or utility, and the last with another cost."""
    longer = []
    for k in range(1, len(subject.strategies)):
        acts, pays = _acting(subject, k, costs=False), _acting(subject, k, costs=True)
        if acts.any() and pays.any() and _last(acts) != _last(pays):
            longer.append(f"{subject.strategies[k]} ({_last(acts)}, {_last(pays)})")
    if longer:
        return warned(
            names=longer, why=gettext_noop("Last cycles with an effect and with a cost: {names}")
        )
    return passed()


def _last(cycles: NDArray[np.bool_]) -> int:
    return int(np.nonzero(cycles)[0][-1]) + 1
