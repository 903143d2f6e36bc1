"""Tests of decision trees: what a place is worth is the mean of what follows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.cohort.worth import worth_of
from sapar.hta.engine.expressions.parse import Number, Operation
from sapar.hta.engine.model.model import Expression
from sapar.hta.engine.verification import change
from sapar.hta.engine.verification.kinds import Outcome, failed, gettext_noop, passed, test
from sapar.hta.engine.verification.subject import SAME, Subject, close

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.cohort.worth import Worth
    from sapar.hta.engine.expressions.parse import Node
    from sapar.hta.engine.model.model import Branch

    Numbers = NDArray[np.float64]

STRUCTURE, ANSWER, COSTS = "structure", "answer", "costs"
HUNDRED = 100.0


@dataclass(frozen=True, slots=True)
class _End:
    """An end of the tree: who comes there, and with what, by strategy."""

    name: str
    chance: Numbers
    paid: Mapping[str, Numbers]


def _ends(subject: Subject) -> list[_End]:
    strategies = len(subject.strategies)
    worth = worth_of(subject.model, {})
    start = {name: np.zeros(strategies) for name in subject.model.rewards}
    return list(_walk(subject.tree.root, _End("", np.ones(strategies), start), worth))


def _walk(branch: Branch, here: _End, worth: Worth) -> Iterator[_End]:
    paid = {
        name: each + (worth.of(branch.pays[name])[:, 0, 0, 0] if name in branch.pays else 0.0)
        for name, each in here.paid.items()
    }
    if not branch.branches:
        yield _End(branch.name, here.chance, paid)
        return
    given = [
        None if each.chance is None else worth.of(each.chance)[:, 0, 0, 0]
        for each in branch.branches
    ]
    rest = 1.0 - np.asarray(sum(each for each in given if each is not None), dtype=np.float64)
    for inner, chance in zip(branch.branches, given, strict=True):
        share = here.chance * (rest if chance is None else chance)
        yield from _walk(inner, _End(inner.name, share, paid), worth)


def _each(branch: Branch, made: Callable[[Branch], Branch]) -> Branch:
    """A tree with every branch made anew, from the ends to the root."""
    inner = tuple(_each(each, made) for each in branch.branches)
    return made(replace(branch, branches=inner))


def _alike(subject: Subject, root: Branch) -> Outcome:
    found = subject.run(replace(subject.tree, root=root)).discounted
    for name, base in (
        (subject.model.cost, subject.costs),
        (subject.model.effect, subject.effects),
    ):
        totals = subject.spread(found[name])[:, 0]
        if not close(totals, base, SAME):
            return failed(totals[0], base[0], (name,))
    return passed()


@test(STRUCTURE, gettext_noop("The chances of all ends of the tree have the sum 1."), "tree")
def ends_whole(subject: Subject) -> Outcome:
    """Nobody gets lost on the way."""
    total = np.asarray(sum(each.chance for each in _ends(subject)))
    worst = float(np.abs(total - 1).max())
    return passed(1 + worst, 1) if worst <= SAME else failed(1 + worst, 1)


@test(STRUCTURE, gettext_noop("The order of the branches changes nothing."), "tree")
def order_of_branches(subject: Subject) -> Outcome:
    """From the last to the first."""
    return _alike(
        subject,
        _each(subject.tree.root, lambda each: replace(each, branches=each.branches[::-1])),
    )


@test(STRUCTURE, gettext_noop("Other names of the branches change nothing."), "tree")
def names_of_branches(subject: Subject) -> Outcome:
    """Every branch with another name."""
    return _alike(
        subject, _each(subject.tree.root, lambda each: replace(each, name=f"x_{each.name}"))
    )


@test(STRUCTURE, gettext_noop("A branch divided into two alike changes nothing."), "tree")
def divided_branch(subject: Subject) -> Outcome:
    """Each end with a place after it from which two ways lead to the same."""
    half = Expression("1/2", Number(0.5), "")

    def divided(branch: Branch) -> Branch:
        if branch.branches:
            return branch
        twins = tuple(
            replace(branch, name=f"{branch.name}_{k}", chance=half, pays={}) for k in (1, 2)
        )
        return replace(branch, branches=twins)

    return _alike(subject, _each(subject.tree.root, divided))


@test(STRUCTURE, gettext_noop("The rest is what the other branches lack of 1."), "tree")
def rest_written_out(subject: Subject) -> Outcome:
    """Written out as an expression."""

    def written(branch: Branch) -> Branch:
        given = [each.chance for each in branch.branches if each.chance is not None]
        node: Node = Number(1.0)
        for chance in given:
            node = Operation("-", (node, chance.node), 1)
        rest = Expression("1 - …", node, branch.where)
        inner = tuple(
            replace(each, chance=rest) if each.chance is None else each for each in branch.branches
        )
        return replace(branch, branches=inner)

    return _alike(subject, _each(subject.tree.root, written))


@test(ANSWER, gettext_noop("Totals counted again over the ends of the tree are the same."), "tree")
def counted_over_ends(subject: Subject) -> Outcome:
    """Chances times what is paid on the whole way."""
    for name, base in (
        (subject.model.cost, subject.costs),
        (subject.model.effect, subject.effects),
    ):
        total = np.asarray(sum(each.chance * each.paid[name] for each in _ends(subject)))
        if not close(total, base, SAME):
            return failed(base[0], total[0], (name,))
    return passed()


@test(ANSWER, gettext_noop("Each total lies between the least and the most of any end."), "tree")
def between_ends(subject: Subject) -> Outcome:
    """A mean is not beyond what it is a mean of."""
    ends = _ends(subject)
    for name, base in (
        (subject.model.cost, subject.costs),
        (subject.model.effect, subject.effects),
    ):
        all_ = np.stack([each.paid[name] for each in ends])
        room = SAME * np.abs(all_).max()
        if (base < all_.min(axis=0) - room).any() or (base > all_.max(axis=0) + room).any():
            return failed(base[0], float(all_.max()), (name,))
    return passed()


@test(COSTS, gettext_noop("No end of the tree costs less than nothing."), "tree")
def ends_not_negative(subject: Subject) -> Outcome:
    """Savings belong into the difference of two strategies."""
    cost = subject.model.cost
    names = [each.name for each in _ends(subject) if each.paid[cost].min() < 0]
    return failed(names=names) if names else passed()


@test(COSTS, gettext_noop("A hundred more at the root costs a hundred more."), "tree")
def hundred_at_root(subject: Subject) -> Outcome:
    """Everybody pays it once."""
    root, cost = subject.tree.root, subject.model.cost
    paid = root.pays.get(cost, change.constant(0.0, root.where))
    changed = replace(root, pays={**root.pays, cost: change.plus(paid, HUNDRED)})
    found = subject.totals(replace(subject.tree, root=changed), cost) - subject.costs
    if not close(found, HUNDRED, 1e-8):
        return failed(found[0], HUNDRED)
    return passed(found[0], HUNDRED)
