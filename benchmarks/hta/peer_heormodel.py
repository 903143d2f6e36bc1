"""Sick-Sicker by heormodel (MIT), in an environment of its own: `bench_hta.py` starts it.

    python peer_heormodel.py DRAWS.json     prints seconds, and costs and effects of each draw

The model is written as its documentation shows: a function of one draw and one strategy.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from heormodel.models.markov import CohortSpec, MarkovModel

STRATEGIES = ("soc", "a", "b", "ab")


def matrices(params: Any, strategy: str) -> CohortSpec:
    """Transitions and rewards of one draw and one strategy."""
    on_a, on_b = "a" in strategy, strategy in {"b", "ab"}
    rate = params["r_S1S2"] * (params["hr_B"] if on_b else 1.0)
    p_hd, p_hs1, p_s1h, p_s1s2 = (
        1 - np.exp(-each) for each in (params["r_HD"], params["r_HS1"], params["r_S1H"], rate)
    )
    p_s1d = 1 - np.exp(-params["r_HD"] * params["hr_S1"])
    p_s2d = 1 - np.exp(-params["r_HD"] * params["hr_S2"])
    transition = np.array(
        [
            [(1 - p_hd) * (1 - p_hs1), (1 - p_hd) * p_hs1, 0, p_hd],
            [
                (1 - p_s1d) * p_s1h,
                (1 - p_s1d) * (1 - p_s1h - p_s1s2),
                (1 - p_s1d) * p_s1s2,
                p_s1d,
            ],
            [0, 0, 1 - p_s2d, p_s2d],
            [0, 0, 0, 1],
        ]
    )
    drug = params["c_A"] * on_a + params["c_B"] * on_b
    cost = np.array([params["c_H"], params["c_S1"] + drug, params["c_S2"] + drug, 0])
    effect = np.array([params["u_H"], params["u_A"] if on_a else params["u_S1"], params["u_S2"], 0])
    return CohortSpec(transition, cost, effect)


def main() -> None:
    """Measure and print."""
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    draws = pd.DataFrame(given)
    draws.index = pd.RangeIndex(1, len(draws) + 1, name="iteration")
    engine = MarkovModel(
        states=("H", "S1", "S2", "D"),
        interventions=STRATEGIES,
        transitions_and_rewards=matrices,
        n_cycles=75,
        discount_rate=0.03,
        cycle_correction="simpson",
    )
    began = time.perf_counter()
    found = engine.evaluate(draws)
    seconds = time.perf_counter() - began
    costs = [found.data.loc[each, "cost"].tolist() for each in STRATEGIES]
    effects = [found.data.loc[each, "qaly"].tolist() for each in STRATEGIES]
    print(json.dumps({"seconds": seconds, "costs": costs, "effects": effects}))


if __name__ == "__main__":
    main()
