"""Tests of states and branches: who can be where, and who leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.cohort.worth import worth_of
from sapar.hta.engine.expressions.parse import Number, Operation
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.verification import reach
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
    from sapar.hta.engine.expressions.parse import Node
    from sapar.hta.engine.model.model import Model, State

GROUP = "structure"
ROUNDING = 1e-9
FEW = 1e-9
"""A share of the cohort that is nobody."""
MEMORY_MATTERS = 1e-3
"""Relative change of a total that a longer memory may make."""


@test(GROUP, gettext_noop("The model can be worked out."))
def runs(subject: Subject) -> Outcome:
    """The base case gives totals."""
    try:
        subject.base  # noqa: B018 - asked for its refusal
    except BadModelError as error:
        first = error.problems[0]
        return failed(first.value, names=(f"{first.code} {first.where}",))
    return passed()


@test(GROUP, gettext_noop("All totals are finite numbers."))
def finite(subject: Subject) -> Outcome:
    """No total is infinite or undefined."""
    all_ = {**subject.base.discounted}
    names = [name for name, each in all_.items() if not np.isfinite(each).all()]
    if names:
        return failed(names=names)
    return passed()


@test(GROUP, gettext_noop("Every chance lies between 0 and 1, in all cycles."), "cohort")
def chances(subject: Subject) -> Outcome:
    """Each transition, strategy and cycle."""
    names = [
        f"{origin} -> {to}"
        for (origin, to), each in subject.chances.items()
        if each.min() < -ROUNDING or each.max() > 1 + ROUNDING
    ]
    if names:
        return failed(names=names)
    return passed()


@test(GROUP, gettext_noop("The chances of leaving a state are together at most 1."), "cohort")
def rows(subject: Subject) -> Outcome:
    """The row of each state, with those who stay, has the sum 1."""
    found = {}
    for state in subject.model.states:
        leaving = [each for key, each in subject.chances.items() if key[0] == state.name]
        if leaving:
            found[state.name] = float(np.asarray(sum(leaving)).max())
    names = [name for name, most in found.items() if most > 1 + ROUNDING]
    if names:
        return failed(max(found.values()), 1, names)
    return passed(max(found.values(), default=0), 1)


@test(
    GROUP, gettext_noop("A row with a chance written as what is left of 1 has the sum 1."), "cohort"
)
def complements(subject: Subject) -> Outcome:
    """Who writes `1 - a - b` means that a and b are in the row too, and that nobody stays."""
    model = subject.cohort
    names = []
    for state in model.states:
        row = {key: each for key, each in model.transitions.items() if key[0] == state.name}
        if any(_is_rest(each.node) for each in row.values()):
            total = np.asarray(sum(subject.chances[key] for key in row))
            if np.abs(total - 1).max() > ROUNDING:
                names.append(state.name)
    return warned(names=names) if names else passed()


def _is_rest(node: Node) -> bool:
    """Whether an expression is 1 less something, and then something."""
    while isinstance(node, Operation) and node.sign == "-" and len(node.args) == 2:
        node = node.args[0]
        if isinstance(node, Number):
            return node.value == 1
    return False


@test(GROUP, gettext_noop("The shares of all states have the sum 1 at every point."), "cohort")
def shares(subject: Subject) -> Outcome:
    """Nobody gets lost."""
    total = subject.shares.sum(axis=2)
    worst = float(np.abs(total - 1).max())
    if worst > ROUNDING:
        return failed(1 + worst, 1)
    return passed(1 + worst, 1)


@test(GROUP, gettext_noop("No share is below zero."), "cohort")
def no_negative_share(subject: Subject) -> Outcome:
    """Nobody owes people."""
    least = float(subject.shares.min())
    return passed(least, 0) if least >= -ROUNDING else failed(least, 0)


@test(GROUP, gettext_noop("The model says which states are those of the dead."), "cohort")
def dead_marked(subject: Subject) -> Outcome:
    """A state that nothing leaves is marked as dead, or somebody lives in it for ever."""
    leaving = {key[0] for key, each in subject.chances.items() if each.max() > 0}
    stuck = [
        each.name
        for k, each in enumerate(subject.model.states)
        if each.name not in leaving and not each.dead and subject.shares[:, :, k].max() > FEW
    ]
    if stuck:
        return failed(
            names=stuck,
            why=gettext_noop("Nothing leaves these states and nobody dies in them: {names}"),
        )
    if not subject.dead:
        return warned(why=gettext_noop("No state is marked with “dead: true”."))
    return passed()


@test(GROUP, gettext_noop("Nobody leaves a state of the dead."), "cohort", "dead")
def dead_stay(subject: Subject) -> Outcome:
    """The dead stay dead."""
    names = [
        f"{origin} -> {to}"
        for (origin, to), each in subject.chances.items()
        if origin in subject.dead and to not in subject.dead and each.max() > 0
    ]
    return failed(names=names) if names else passed()


@test(GROUP, gettext_noop("The share of the dead never falls."), "cohort", "dead")
def deaths_grow(subject: Subject) -> Outcome:
    """From point to point."""
    dead = subject.shares[:, :, [subject.place(each) for each in subject.dead]].sum(axis=2)
    fall = float(np.diff(dead, axis=1).min(initial=0))
    return passed() if fall >= -ROUNDING else failed(fall, 0)


@test(GROUP, gettext_noop("People can die in every state of the living, with every strategy."),
      "cohort", "dead")  # fmt: skip
def deaths_everywhere(subject: Subject) -> Outcome:
    """A state without deaths protects whoever is in it."""
    names = [
        f"{state} ({subject.strategies[s]})"
        for state in subject.living
        for s in range(len(subject.strategies))
        if subject.death(state)[s].max() <= 0
        and subject.shares[s, :-1, subject.place(state)].max() > FEW
    ]
    if names:
        return warned(names=names)
    return passed()


@test(GROUP, gettext_noop("Nobody is dead at the start."), "cohort", "dead")
def alive_at_start(subject: Subject) -> Outcome:
    """The cohort begins alive."""
    dead = float(subject.shares[:, 0, [subject.place(each) for each in subject.dead]].max())
    return passed(dead, 0) if dead <= FEW else warned(dead, 0)


@test(GROUP, gettext_noop("Somebody comes into every state."), "cohort")
def states_reached(subject: Subject) -> Outcome:
    """A state that nobody reaches says that a transition is missing."""
    most = subject.shares.max(axis=(0, 1))
    names = [
        each.name for each, share in zip(subject.model.states, most, strict=True) if share <= FEW
    ]
    return failed(names=names) if names else passed()


@test(GROUP, gettext_noop("Every transition happens with some strategy."), "cohort")
def transitions_happen(subject: Subject) -> Outcome:
    """A chance that is always 0 was meant to be something."""
    names = [f"{a} -> {b}" for (a, b), each in subject.chances.items() if each.max() <= 0]
    return warned(names=names) if names else passed()


@test(GROUP, gettext_noop("A state that keeps a memory has something that asks for it."), "cohort")
def memory_used(subject: Subject) -> Outcome:
    """A memory that nothing asks for costs time and hides a mistake."""
    remembers = [each.name for each in subject.model.states if each.memory > 1]
    if not remembers:
        return skipped(gettext_noop("No state keeps a memory."))
    asking = set()
    model = subject.cohort
    known = subject.closure
    for (origin, _), each in model.transitions.items():
        if "sojourn" in reach.names_below(each.node, known):
            asking.add(origin)
    for reward in model.rewards.values():
        for state, each in reward.states.items():
            if "sojourn" in reach.names_below(each.node, known):
                asking.add(state)
    idle = [name for name in remembers if name not in asking]
    return warned(names=idle) if idle else passed()


@test(GROUP, gettext_noop("A longer memory changes no total by more than 0.1 %."), "cohort")
def memory_long_enough(subject: Subject) -> Outcome:
    """Whoever stays longer than the memory keeps its last values."""
    model = subject.cohort
    states = tuple(_longer(each, model.settings.cycles) for each in model.states)
    if states == model.states:
        return skipped(gettext_noop("No memory is shorter than the horizon."))
    found = subject.run(replace(model, states=states)).discounted
    base = subject.base.discounted
    names = [
        name
        for name in (model.cost, model.effect)
        if not close(subject.spread(found[name]), subject.spread(base[name]), MEMORY_MATTERS)
    ]
    if names:
        return warned(names=names)
    return passed()


def _longer(state: State, cycles: int) -> State:
    longer = min(2 * state.memory, cycles + 1)
    return replace(state, memory=longer) if 1 < state.memory < longer else state


@test(GROUP, gettext_noop("The order of the states changes nothing."), "cohort")
def order_of_states(subject: Subject) -> Outcome:
    """The states from the last to the first."""
    return _alike(subject, replace(subject.cohort, states=subject.cohort.states[::-1]))


@test(GROUP, gettext_noop("Other names of the states change nothing."), "cohort")
def names_of_states(subject: Subject) -> Outcome:
    """Every state with another name."""

    def name(state: str) -> str:
        return state if state == "*" else f"x_{state}"

    model = subject.cohort
    rewards = {
        key: replace(
            each,
            states={name(state): value for state, value in each.states.items()},
            transitions={(name(a), name(b)): value for (a, b), value in each.transitions.items()},
        )
        for key, each in model.rewards.items()
    }
    changed = replace(
        model,
        states=tuple(replace(each, name=name(each.name)) for each in model.states),
        start={name(key): each for key, each in model.start.items()},
        transitions={(name(a), name(b)): each for (a, b), each in model.transitions.items()},
        rewards=rewards,
    )
    return _alike(subject, changed)


def _alike(subject: Subject, model: Model) -> Outcome:
    found = subject.run(model).discounted
    for name in (subject.model.cost, subject.model.effect):
        one, other = (
            subject.spread(found[name])[:, 0],
            subject.spread(subject.base.discounted[name])[:, 0],
        )
        if not close(one, other, SAME):
            return failed(one[0], other[0])
    return passed()


@test(GROUP, gettext_noop("Every chance of a branch lies between 0 and 1."), "tree")
def branch_chances(subject: Subject) -> Outcome:
    """Those that are the rest are looked at by the next test."""
    worth = worth_of(subject.model, {})
    names = []
    for branch in reach.branches(subject.tree.root):
        if branch.chance is not None:
            value = worth.of(branch.chance)
            if value.min() < -ROUNDING or value.max() > 1 + ROUNDING:
                names.append(branch.name)
    return failed(names=names) if names else passed()


@test(GROUP, gettext_noop("The chances of the branches of one place have the sum 1."), "tree")
def branch_sums(subject: Subject) -> Outcome:
    """With the rest, where a branch is the rest."""
    worth = worth_of(subject.model, {})
    names = []
    for branch in reach.branches(subject.tree.root):
        given = [worth.of(each.chance) for each in branch.branches if each.chance is not None]
        if not branch.branches:
            continue
        total = np.asarray(sum(given, start=np.zeros((1, 1, 1, 1))))
        whole = len(given) == len(branch.branches)
        if total.max() > 1 + ROUNDING or (whole and np.abs(total - 1).max() > ROUNDING):
            names.append(branch.name)
    return failed(names=names) if names else passed()


@test(GROUP, gettext_noop("Every branch happens with some strategy."), "tree")
def branches_happen(subject: Subject) -> Outcome:
    """A chance that is always 0 was meant to be something."""
    worth = worth_of(subject.model, {})
    names = [
        each.name
        for each in reach.branches(subject.tree.root)
        if each.chance is not None and worth.of(each.chance).max() <= 0
    ]
    return warned(names=names) if names else passed()
