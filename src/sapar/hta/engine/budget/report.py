"""A budget impact as one JSON document, beside the cost-effectiveness of the same model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.budget.impact import budget_of, impact, spread
from sapar.hta.engine.decision.frontier import frontier
from sapar.hta.engine.evaluate import evaluate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.hta.engine.budget.document import Prices, Stated
    from sapar.hta.engine.budget.impact import Impact, Spread
    from sapar.hta.engine.budget.plan import Started
    from sapar.hta.engine.model.model import AnyModel

    Numbers = NDArray[np.float64]

INTERVAL = (0.025, 0.975)


def _list(values: Numbers) -> list[float]:
    return [float(each) for each in values]


def _money(found: Impact, draws: Spread | None) -> list[dict[str, Any]]:
    """A row for each payer, and one for all together where there are several."""
    rows = []
    groups = [(name, [k]) for k, name in enumerate(found.payers)]
    if len(groups) > 1:
        groups.append(("", list(range(len(found.payers)))))
    for name, places in groups:
        row: dict[str, Any] = {
            "payer": name,
            "without": _list(found.without.total[places].sum(axis=0)[0]),
            "with": _list(found.with_new.total[places].sum(axis=0)[0]),
            "difference": _list(found.difference[places].sum(axis=0)[0]),
            "parts": {
                key: _list(
                    (getattr(found.with_new, key) - getattr(found.without, key))[places].sum(
                        axis=0
                    )[0]
                )
                for key in ("once", "waiting", "rebates")
            },
        }
        row["parts"]["treatment"] = _list(
            (found.with_new.treatment - found.without.treatment)[places].sum(axis=(0, 1))[0]
        )
        row["total"] = sum(row["difference"])
        if draws is not None:
            row["uncertainty"] = _uncertain(draws.difference[places].sum(axis=0))
        rows.append(row)
    return rows


def _uncertain(difference: Numbers) -> dict[str, Any]:
    """Mean, its error and 95 % interval of each year and of the sum; (K, Y)."""
    low, high = np.quantile(difference, INTERVAL, axis=0)
    total = difference.sum(axis=1)
    return {
        "mean": _list(difference.mean(axis=0)),
        "error": _list(difference.std(axis=0, ddof=1) / len(difference) ** 0.5),
        "low": _list(low),
        "high": _list(high),
        "total": {
            "mean": float(total.mean()),
            "low": float(np.quantile(total, INTERVAL[0])),
            "high": float(np.quantile(total, INTERVAL[1])),
        },
    }


def _people(found: Impact, who: Started) -> dict[str, Any]:
    names = [each.name for each in found.model.strategies]
    return {
        key: {name: _list(getattr(who, key)[k, 0]) for k, name in enumerate(names)}
        for key in ("starts", "waiting", "displaced")
    }


def _affordable(found: Impact, stated: Stated, draws: Spread | None) -> dict[str, Any]:
    """A stated budget: which share is needed, the first year that exceeds it, how sure that is."""
    payer = found.payers.index(stated.payer)
    budget = found.stated
    money = found.difference if stated.measure == "difference" else found.with_new.total
    amount = np.zeros(len(found.years)) if budget is None else budget[0]
    needed = money[payer, 0]
    over = [year for year, a, b in zip(found.years, needed, amount, strict=True) if a > b]
    row: dict[str, Any] = {
        "payer": stated.payer,
        "measure": stated.measure,
        "budget": _list(amount),
        "needed": _list(needed),
        "share": [float(a / b) if b else None for a, b in zip(needed, amount, strict=True)],
        "exceeded_in": over[0] if over else None,
        "source": stated.dated.source,
        "mark": stated.dated.mark,
    }
    if draws is not None and draws.stated is not None:
        money = draws.difference if stated.measure == "difference" else draws.with_new
        exceeded = money[payer] > draws.stated
        row["chance_exceeded"] = _list(exceeded.mean(axis=0))
        row["chance_exceeded_ever"] = float(exceeded.any(axis=1).mean())
    return row


def _prices(prices: Prices | None) -> dict[str, Any] | None:
    if prices is None:
        return None
    return {
        "year": prices.year,
        "indexed": prices.growth is not None,
        "source": prices.dated.source,
        "mark": prices.dated.mark,
    }


def _worth(model: AnyModel) -> list[dict[str, Any]]:
    """Cost-effectiveness, to stand beside the money."""
    totals = evaluate(model).discounted
    costs, effects = (_list(totals[name][:, 0]) for name in (model.cost, model.effect))
    names = [each.name for each in model.strategies]
    return [
        {"strategy": names[each.number], "status": each.status, "icer": each.icer}
        for each in frontier(costs, effects)
    ]


def report(model: AnyModel, *, draws: int = 0, seed: int = 0) -> dict[str, Any]:
    """Money by year and payer with and without the new technology.

    Args:
        model: with a section `budget`.
        draws: of the parameters, for intervals; 0 for none.
        seed: the same seed gives the same draws as other analyses of the model have.

    Returns:
        A `sapar.hta.budget/1` document. Money is nominal where prices have a growth, and never
        discounted.
    """
    budget = budget_of(model)
    found = impact(model)
    sampled = spread(model, draws, seed) if draws else None
    return {
        "schema": "sapar.hta.budget/1",
        "model": model.id,
        "version": model.version,
        "currency": model.settings.currency,
        "prices": _prices(budget.prices),
        "entry": budget.entry,
        "above": budget.above,
        "draws": draws,
        "seed": seed,
        "years": list(found.years),
        "payers": _money(found, sampled),
        "people": {
            "without": _people(found, found.without.started),
            "with": _people(found, found.with_new.started),
        },
        "stated": None if budget.stated is None else _affordable(found, budget.stated, sampled),
        "beside": _worth(model),
    }
