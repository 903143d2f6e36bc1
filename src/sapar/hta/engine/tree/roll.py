"""A tree rolled back from its ends: the mean of every reward, for all draws and strategies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.cohort.worth import worth_of
from sapar.hta.engine.model.yaml import BadModelError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sapar.hta.engine.cohort.worth import Worth
    from sapar.hta.engine.model.model import Branch, Tree

    Numbers = NDArray[np.float64]

LEAST = 1e-9
"""Chances may miss the sum 1 by so much."""


def _refuse(
    tree: Tree, branch: Branch, code: str, wrong: NDArray[np.bool_], value: Numbers
) -> None:
    if not wrong.any():
        return
    s, k = (int(each[0]) for each in np.nonzero(wrong))
    problem = Problem.of(
        f"hta.run.{code}",
        where=branch.where,
        value=f"{float(value[s, k]):.6g}",
        state=branch.label,
        strategy=tree.strategies[s].name,
    )
    raise BadModelError((problem,))


def _chances(tree: Tree, branch: Branch, worth: Worth) -> list[Numbers]:
    """The chances of a branch's branches; of one at most it is the rest."""
    given = [
        None if each.chance is None else worth.of(each.chance)[:, :, 0, 0]
        for each in branch.branches
    ]
    for each, chance in zip(branch.branches, given, strict=True):
        if chance is not None:
            _refuse(tree, each, "chance", chance < -1e-12, chance)
    total = np.asarray(sum(chance for chance in given if chance is not None), dtype=np.float64)
    total = np.atleast_2d(total)
    if any(chance is None for chance in given):
        _refuse(tree, branch, "chances", total > 1 + 1e-12, total)
    else:
        _refuse(tree, branch, "chances", np.abs(total - 1) > LEAST, total)
    return [1 - total if chance is None else chance for chance in given]


def _mean(tree: Tree, branch: Branch, worth: Worth, reward: str) -> Numbers:
    found = np.zeros((1, 1))
    if reward in branch.pays:
        found = worth.of(branch.pays[reward])[:, :, 0, 0]
    if branch.branches:
        for each, chance in zip(branch.branches, _chances(tree, branch, worth), strict=True):
            found = found + chance * _mean(tree, each, worth, reward)
    return found


def roll(tree: Tree, drawn: Mapping[str, Numbers] | None = None) -> dict[str, Numbers]:
    """The mean of each reward of a tree.

    Args:
        tree: a decision tree.
        drawn: by parameter, the values of each draw, (K,); None: one draw, the base case.

    Returns:
        By reward, over (S, K).

    Raises:
        BadModelError: chances below 0, or whose sum is not 1: with line and strategy.
    """
    drawn = drawn or {}
    shape = (len(tree.strategies), max((len(each) for each in drawn.values()), default=1))
    worth = worth_of(tree, drawn)
    return {
        name: np.broadcast_to(_mean(tree, tree.root, worth, name), shape).copy()
        for name in tree.rewards
    }
