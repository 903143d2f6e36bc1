"""Payers share the whole of what they pay, as written and once it is worked out."""

from __future__ import annotations

import numpy as np
import pytest

from sapar.hta.engine.budget.impact import impact
from sapar.hta.engine.model.yaml import BadModelError
from tests.hta.test_budget import small

PAYERS = "\n  payers: {fund: {share: %s}, patient: {share: %s}}\n"


@pytest.mark.parametrize(
    ("payers", "code", "line"),
    [
        (PAYERS % (2, -1), "input.range", 26),
        (PAYERS % (0.5, 0.4), "input.budget_shares", 26),
        ("\n  payers: {fund: {share: 0.5}}\n", "input.budget_shares", 26),
        ("\n  payers: {fund: {share: 0.5}, patient: {}}\n", "input.budget_shares", 26),
        (PAYERS % ("people / 100", 0.5), "run.budget_shares", 26),
        (PAYERS % ("people / 1000", 0.5), "run.budget_shares", 26),
        ("\n  payers:\n    patient: {}\n    fund: {share: people}\n", "run.budget_shares", 28),
    ],
)
def test_payers_share_all_of_it_and_no_more(payers: str, code: str, line: int) -> None:
    with pytest.raises(BadModelError) as found:
        impact(small(more=payers))
    problems = [each for each in found.value.problems if each.code == f"hta.{code}"]
    assert problems, found.value.problems
    assert problems[0].where.endswith(f":{line}")


def test_shares_from_inputs_are_whole_in_the_base_case_and_refused_in_a_draw() -> None:
    right = small(more=PAYERS % ("people / 1000", "1 - people / 1000"))
    found = impact(right)
    assert found.difference.sum(axis=0) == pytest.approx(impact(small()).difference[0])
    with pytest.raises(BadModelError, match=r"hta\.run\.budget_shares"):
        impact(right, {"people": np.array([200.0, 1_001.0])})
    # Each reward is shared by its own payers.
    own = "\n  payers: {fund: {}, family: {reward: qaly}}\n"
    assert impact(small(more=own)).payers == ("fund", "family")
