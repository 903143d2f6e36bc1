"""What a run gives, as one JSON document."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from sapar.hta.engine.decision.frontier import frontier
from sapar.hta.engine.decision.sensitivity import one_way, turning
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.model.individual import Individual
from sapar.hta.engine.model.model import DISCOUNTING, WITHIN_CYCLE, Model
from sapar.hta.engine.model.partitioned import Partitioned
from sapar.hta.engine.model.placeholders import placeholders, verdict
from sapar.hta.engine.report_value import curves, grid, stability
from sapar.hta.engine.uncertainty.evppi import evppi
from sapar.hta.engine.uncertainty.sample import at_threshold, sample
from sapar.hta.engine.uncertainty.stable import Until, sample_until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sapar.hta.engine.decision.frontier import Ranked
    from sapar.hta.engine.evaluate import Totals
    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.engine.uncertainty.sample import Sample


def _errors(model: AnyModel, found: Totals, row: Ranked) -> dict[str, float | None]:
    """Monte-Carlo errors of a strategy's differences and of its ratio, by the delta method.

    All are None where no people were drawn, or where there is nothing to compare with.
    """
    names = ("more_cost_error", "more_effect_error", "icer_error")
    covariance, against = found.covariance, row.against
    if covariance is None or against is None:
        return dict.fromkeys(names)
    rewards = list(found.discounted)
    pair = [rewards.index(model.cost), rewards.index(model.effect)]
    one, other = row.number, against
    among = covariance[pair][:, :, pair][..., 0]
    differences = (
        among[:, one, :, one] + among[:, other, :, other]
        - among[:, one, :, other] - among[:, other, :, one]
    )  # fmt: skip
    cost, effect = float(differences[0, 0]), float(differences[1, 1])
    ratio = None
    if row.icer is not None and row.more_effect:
        twice = 2 * row.icer * float(differences[0, 1])
        ratio = max(cost + row.icer**2 * effect - twice, 0.0) ** 0.5 / abs(row.more_effect)
    return dict(zip(names, (max(cost, 0.0) ** 0.5, max(effect, 0.0) ** 0.5, ratio), strict=True))


def _strategies(model: AnyModel, found: Totals) -> list[dict[str, Any]]:
    costs = [float(each) for each in found.discounted[model.cost][:, 0]]
    effects = [float(each) for each in found.discounted[model.effect][:, 0]]
    names = [each.name for each in model.strategies]
    rows = []
    for each in frontier(costs, effects):
        strategy = model.strategies[each.number]
        rows.append(
            {
                "strategy": strategy.name,
                "label": strategy.label,
                "cost": each.cost,
                "effect": each.effect,
                "status": each.status,
                "against": None if each.against is None else names[each.against],
                "more_cost": each.more_cost,
                "more_effect": each.more_effect,
                "icer": each.icer,
                **_errors(model, found, each),
                "totals": {
                    name: float(all_[each.number, 0]) for name, all_ in found.discounted.items()
                },
                "error": {name: float(all_[each.number, 0]) for name, all_ in found.error.items()},
                "undiscounted": {
                    name: float(all_[each.number, 0]) for name, all_ in found.undiscounted.items()
                },
            }
        )
    return rows


def run(model: AnyModel) -> dict[str, Any]:
    """The base case: totals of each strategy, dominance and ratios.

    Returns:
        A `sapar.hta.answer/1` document. `unused` names inputs that move nothing; `conventions` is
        None where there are no cycles. `verdict` says whether anything may be concluded: with
        `placeholders`, inputs without a source, it may not. `error` of a strategy has the
        Monte-Carlo standard errors of its totals where people were followed one by one; else it
        is empty.
    """
    settings, found = model.settings, evaluate(model)
    conventions = None
    by_cycle = isinstance(model, Individual) and model.clock == "cycle"
    if by_cycle or isinstance(model, Model | Partitioned):
        conventions = {
            "within_cycle": settings.within_cycle,
            "discounting": settings.discounting,
            "discount": {
                name: [list(step) for step in each] for name, each in settings.discount.items()
            },
            "cycles": settings.cycles,
            "cycle_years": settings.cycle_years,
        }
    return {
        "schema": "sapar.hta.answer/1",
        "model": model.id,
        "version": model.version,
        "conventions": conventions,
        "cost": model.cost,
        "effect": model.effect,
        "strategies": _strategies(model, found),
        **found.more,
        "unused": list(model.unused),
        "placeholders": list(placeholders(model)),
        "verdict": verdict(model),
    }


def uncertainty(found: Sample, thresholds: Sequence[float]) -> dict[str, Any]:
    """What a sample says: means with their errors, and the decision at each threshold."""
    number = found.costs.shape[1]
    names = [each.name for each in found.model.strategies]

    def error(values: Any) -> float | None:
        return float(values.std(ddof=1) / number**0.5) if number > 1 else None

    return {
        "draws": number,
        "seed": found.seed,
        "means": [
            {
                "strategy": name,
                "cost": float(found.costs[k].mean()),
                "cost_error": error(found.costs[k]),
                "effect": float(found.effects[k].mean()),
                "effect_error": error(found.effects[k]),
            }
            for k, name in enumerate(names)
        ],
        "thresholds": [
            {
                "threshold": each.threshold,
                "best": names[each.best],
                "chances": dict(zip(names, each.chances, strict=True)),
                "chances_error": dict(zip(names, each.chances_error, strict=True)),
                "frontier": each.frontier,
                "loss": dict(zip(names, each.loss, strict=True)),
                "loss_error": dict(zip(names, each.loss_error, strict=True))
                if number > 1
                else None,
                "evpi": each.evpi,
                "evpi_error": each.evpi_error if number > 1 else None,
            }
            for each in (at_threshold(found, threshold) for threshold in thresholds)
        ],
        "curves": curves(found, grid(found, thresholds)),
    }


def run_with_draws(
    model: AnyModel, number: int, seed: int, thresholds: Sequence[float]
) -> dict[str, Any]:
    """The base case and a probabilistic analysis."""
    return {**run(model), "psa": uncertainty(sample(model, number, seed), thresholds)}


def run_until_stable(
    model: AnyModel, most: int, seed: int, thresholds: Sequence[float]
) -> dict[str, Any]:
    """The base case and as many draws, up to `most`, as the decision needs to be stable."""
    found = sample_until(model, thresholds, seed, Until(most=most))
    psa = {**uncertainty(found.sample, thresholds), "stability": stability(found)}
    return {**run(model), "psa": psa}


def convention_diff(model: Model | Partitioned) -> list[dict[str, Any]]:
    """One model under every convention: costs, effects and ratios, a row for each.

    A rule that cannot count so many cycles (Simpson's with an odd number) is left out.
    """
    rows = []
    for rule in WITHIN_CYCLE:
        if rule == "simpson" and model.settings.cycles % 2:
            continue
        for discounting in DISCOUNTING:
            settings = replace(model.settings, within_cycle=rule, discounting=discounting)
            other = replace(model, settings=settings)
            here = {
                each["strategy"]: {key: each[key] for key in ("cost", "effect", "status", "icer")}
                for each in _strategies(other, evaluate(other))
            }
            mine = (rule, discounting) == (
                model.settings.within_cycle,
                model.settings.discounting,
            )
            rows.append(
                {
                    "within_cycle": rule,
                    "discounting": discounting,
                    "of_the_model": mine,
                    "strategies": here,
                }
            )
    return rows


def sensitivity(model: AnyModel, threshold: float, of: str, against: str) -> list[dict[str, Any]]:
    """A tornado: every input, the ones that move most first.

    Args:
        model: any model.
        threshold: what one unit of effect is worth.
        of: a strategy.
        against: the one it is compared with.

    Returns:
        Net benefit of the one against the other at low and high, and where the decision turns.
    """
    names = [each.name for each in model.strategies]
    one, other = names.index(of), names.index(against)
    rows: list[dict[str, Any]] = []
    for swing in one_way(model):
        benefit = swing.benefit(threshold)
        more = benefit[one] - benefit[other]
        rows.append(
            {
                "parameter": swing.name,
                "label": model.parameters[swing.name].label,
                "base": swing.base,
                "low": swing.low,
                "high": swing.high,
                "assumed": swing.assumed,
                "net_benefit_low": float(more[0]),
                "net_benefit_high": float(more[1]),
                "best_low": names[int(benefit[:, 0].argmax())],
                "best_high": names[int(benefit[:, 1].argmax())],
                "turns_at": turning(model, swing, threshold),
                "moves": swing.moves,
            }
        )
    rows.sort(key=lambda row: -abs(row["net_benefit_high"] - row["net_benefit_low"]))
    return rows


def information(found: Sample, threshold: float, sets: Sequence[Sequence[str]]) -> dict[str, Any]:
    """What knowing is worth: everything, each parameter alone, and the sets that are asked for.

    Args:
        found: a sample.
        threshold: what one unit of effect is worth.
        sets: parameters that would be known together.

    Returns:
        EVPI, EVPPI in the order of worth, and `falling`: pairs of which the smaller set is worth
        more than the larger one by more than two standard errors. That cannot be; one of the two
        regressions is wrong.
    """
    everything = at_threshold(found, threshold)
    asked: dict[frozenset[str], tuple[str, ...]] = {}
    for names in ((name,) for name in found.parameters):
        asked[frozenset(names)] = names
    for each in sets:
        # Each set once, however it was written.
        asked.setdefault(frozenset(each), tuple(dict.fromkeys(each)))
    rows = [evppi(found, names, threshold) for names in asked.values()]
    falling = [
        {"less": list(less.names), "more": list(more.names)}
        for less in rows
        for more in rows
        if set(less.names) < set(more.names)
        and less.value > more.value + 2 * (less.error**2 + more.error**2) ** 0.5
    ]
    rows.sort(key=lambda each: -each.value)
    return {
        "draws": found.costs.shape[1],
        "seed": found.seed,
        "threshold": threshold,
        "evpi": everything.evpi,
        "evpi_error": everything.evpi_error,
        "evppi": [{**asdict(each), "names": list(each.names)} for each in rows],
        "falling": falling,
    }
