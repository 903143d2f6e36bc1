"""What uncertainty says, as JSON documents: curves, stability, studies, scenarios, two inputs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.decision.frontier import ON, frontier
from sapar.hta.engine.decision.scenarios import scenarios_of, under
from sapar.hta.engine.decision.two_way import two_way
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.uncertainty.sample import at_threshold
from sapar.hta.engine.uncertainty.value import study_worth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.engine.uncertainty.nested import Effort
    from sapar.hta.engine.uncertainty.sample import Sample
    from sapar.hta.engine.uncertainty.stable import Stable
    from sapar.hta.engine.uncertainty.studies import Study

POINTS = 41
"""Thresholds of a curve."""


def grid(found: Sample, thresholds: Sequence[float] = ()) -> list[float]:
    """Thresholds for curves: from 0 to twice the largest of those given, or of the mean ratios."""
    ranked = frontier(found.costs.mean(axis=1).tolist(), found.effects.mean(axis=1).tolist())
    icers = [each.icer for each in ranked if each.icer is not None]
    top = 2 * max([*thresholds, *icers], default=0.0)
    return [float(each) for each in np.linspace(0, top, POINTS)] if top > 0 else [0.0]


def curves(found: Sample, thresholds: Sequence[float]) -> dict[str, Any]:
    """Acceptability (CEAC), its frontier (CEAF), expected loss and EVPI over thresholds."""
    names = [each.name for each in found.model.strategies]
    rows = [at_threshold(found, threshold) for threshold in thresholds]
    certain = found.costs.shape[1] > 1

    def by_name(of: str) -> dict[str, list[float]]:
        return {name: [getattr(row, of)[k] for row in rows] for k, name in enumerate(names)}

    return {
        "thresholds": list(thresholds),
        "chances": by_name("chances"),
        "chances_error": by_name("chances_error"),
        "best": [names[row.best] for row in rows],
        "frontier": [row.frontier for row in rows],
        "loss": by_name("loss"),
        "loss_error": by_name("loss_error") if certain else None,
        "evpi": [row.evpi for row in rows],
        "evpi_error": [row.evpi_error for row in rows] if certain else None,
    }


def stability(found: Stable) -> dict[str, Any]:
    """Why no more draws were added."""
    names = [each.name for each in found.sample.model.strategies]
    return {
        "draws": found.sample.costs.shape[1],
        "looks": found.looks,
        "stable": found.stable,
        "wrong_at_most": found.wrong_at_most,
        "leads": [
            {**asdict(each), "best": names[each.best], "next": names[each.next]}
            for each in found.leads
        ],
    }


def study(
    found: Sample, design: Study, threshold: float, *, effort: Effort | None = None
) -> dict[str, Any]:
    """What a study is worth at every size; `best` is 0 where none is worth its cost."""
    worth = study_worth(found, design, threshold, effort=effort)
    return {
        "study": design.name,
        "label": design.label,
        "threshold": threshold,
        "draws": found.costs.shape[1],
        "seed": found.seed,
        "best": worth.best,
        "sizes": [asdict(each) for each in worth.sizes],
        "agree": all(each.agree is not False for each in worth.sizes),
        "wrong": list(worth.wrong),
        "evppi": worth.known.value,
        "evppi_error": worth.known.error,
        "people": worth.people,
        "population_evpi": worth.people * at_threshold(found, threshold).evpi,
    }


def _case(model: AnyModel) -> dict[str, Any]:
    found = evaluate(model).discounted
    costs = [float(each) for each in found[model.cost][:, 0]]
    effects = [float(each) for each in found[model.effect][:, 0]]
    names = [each.name for each in model.strategies]
    return {
        names[each.number]: {
            "cost": each.cost,
            "effect": each.effect,
            "status": each.status,
            "icer": each.icer,
        }
        for each in frontier(costs, effects)
    }


def scenarios(model: AnyModel) -> list[dict[str, Any]]:
    """The base case and every scenario: costs, effects, ratios, and whether the frontier changes.

    The first row, without a name, is the base case.
    """
    rows = [
        {"scenario": name, "label": label, "strategies": _case(changed)}
        for name, label, changed in (
            ("", "", model),
            *((each.name, each.label, under(model, each)) for each in scenarios_of(model)),
        )
    ]

    def on(row: dict[str, Any]) -> list[str]:
        return sorted(name for name, each in row["strategies"].items() if each["status"] == ON)

    return [{**row, "same_frontier": on(row) == on(rows[0])} for row in rows]


def two_inputs(
    model: AnyModel, names: tuple[str, str], threshold: float, *, steps: int = 21
) -> dict[str, Any]:
    """The best strategy over a grid of two inputs, and by how much it is best."""
    found = two_way(model, names, threshold, steps=steps)
    strategies = [each.name for each in model.strategies]
    return {
        "inputs": list(names),
        "labels": [model.parameters[name].label for name in names],
        "threshold": threshold,
        "first": found.first.tolist(),
        "second": found.second.tolist(),
        "best": [[strategies[k] for k in row] for row in found.best.tolist()],
        "lead": found.lead.tolist(),
        "benefit": {
            name: found.benefit[k].tolist() for k, name in enumerate(strategies)
        },
    }  # fmt: skip
