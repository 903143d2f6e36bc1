"""Who gains and who loses as one JSON document: groups, indices, welfare, the equity plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.equity.impact import distribution, flips_at, groups_of, spread, sweep
from sapar.hta.engine.equity.welfare import ede, gini, inequality, mean, slope

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.hta.engine.equity.document import Groups
    from sapar.hta.engine.equity.impact import Distribution
    from sapar.hta.engine.model.model import AnyModel

    Numbers = NDArray[np.float64]

AVERSIONS = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0)
"""Aversions to inequality that every report shows; the document's own is added."""
INTERVAL = (0.025, 0.975)


def _positions(groups: Groups) -> Numbers | None:
    """Ranks of income, where every group has a number."""
    try:
        return np.array([float(each.income) for each in groups.members.values()])
    except ValueError:
        return None


def _indices(found: Distribution, groups: Groups) -> dict[str, dict[str, float | None]]:
    """Inequality before and after."""
    shares, aversion = found.shares[0], float(found.aversion[0])
    position = _positions(groups)
    rows = {}
    for key, health in (("before", found.before[0]), ("after", found.after[0])):
        rows[key] = {
            "mean": float(mean(health, shares)),
            "ede": float(ede(found.index, health, shares, aversion)),
            found.index: float(inequality(found.index, health, shares, aversion)),
            "gini": float(gini(health, shares)),
            "slope": None if position is None else float(slope(health, shares, position)),
        }
    return rows


def _members(found: Distribution, groups: Groups) -> list[dict[str, Any]]:
    return [
        {
            "group": name,
            "label": each.label,
            "region": each.region,
            "income": each.income,
            "distance": each.distance,
            "share": float(found.shares[0, k]),
            "before": float(found.before[0, k]),
            "after": float(found.after[0, k]),
            "gained": float(found.gained[0, k]),
            "displaced": float(found.displaced[0, k]),
            "net_health": float(found.net[0, k]),
        }
        for k, (name, each) in enumerate(groups.members.items())
    ]


def _sums(members: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Net health by region, by income and by distance."""
    found: dict[str, dict[str, float]] = {}
    for key in ("region", "income", "distance"):
        sums: dict[str, float] = {}
        for row in members:
            if row[key]:
                sums[row[key]] = sums.get(row[key], 0.0) + row["net_health"]
        if sums:
            found[key] = sums
    return found


def _spread(draws: list[Distribution]) -> dict[str, Any]:
    """Means, intervals and the quadrants of the equity plane."""
    health = np.concatenate([each.health for each in draws])
    equity = np.concatenate([each.equity for each in draws])
    welfare = health + equity
    quadrants = {
        "wins_both": (health >= 0) & (equity >= 0),
        "health_against_equity": (health >= 0) & (equity < 0),
        "equity_against_health": (health < 0) & (equity >= 0),
        "loses_both": (health < 0) & (equity < 0),
    }
    rows: dict[str, Any] = {
        name: {
            "mean": float(values.mean()),
            "error": float(values.std(ddof=1) / len(values) ** 0.5),
            "low": float(np.quantile(values, INTERVAL[0])),
            "high": float(np.quantile(values, INTERVAL[1])),
        }
        for name, values in (("health", health), ("equity", equity), ("welfare", welfare))
    }
    rows["plane"] = {name: float(each.mean()) for name, each in quadrants.items()}
    rows["chance_better"] = float((welfare > 0).mean())
    return rows


def report(model: AnyModel, *, draws: int = 0, seed: int = 0) -> dict[str, Any]:
    """Who gains and who loses.

    Args:
        model: with a section `groups`.
        draws: of the parameters, for intervals; 0 for none.
        seed: the same seed gives the same draws as other analyses of the model have.

    Returns:
        A `sapar.hta.equity/1` document. `welfare` = `health` + `equity`, each in health of the
        whole population; `flips_at` is the aversion at which the sign of welfare turns.
    """
    groups = groups_of(model)
    found = distribution(model)
    members = _members(found, groups)
    aversion = float(found.aversion[0])
    aversions = sorted({*AVERSIONS, aversion})
    dated = groups.aversion.dated
    answer: dict[str, Any] = {
        "schema": "sapar.hta.equity/1",
        "model": model.id,
        "version": model.version,
        "of": groups.of,
        "against": groups.against,
        "index": groups.index,
        "aversion": {
            "value": aversion,
            "source": dated.source,
            "date": None if dated.read is None else dated.read.isoformat(),
            "mark": dated.mark,
        },
        "population": float(found.population[0]),
        "groups": members,
        "sums": _sums(members),
        "indices": _indices(found, groups),
        "health": float(found.health[0]),
        "equity": float(found.equity[0]),
        "welfare": float(found.welfare()[0]),
        "sweep": [
            {"aversion": each, "welfare": value}
            for each, value in zip(aversions, sweep(found, aversions), strict=True)
        ],
        "flips_at": flips_at(found),
    }
    if draws:
        answer["uncertainty"] = {"draws": draws, "seed": seed} | _spread(spread(model, draws, seed))
    return answer
