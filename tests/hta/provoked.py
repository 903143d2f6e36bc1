"""For every test of the verification something that it must find: a broken engine, or an edit.

Faults of `faults.py` provoke most of the others; here are those that need more than a mistake in a
document, and those that no planted fault touches.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.cohort.trace import trace
from sapar.hta.engine.decision.frontier import DOMINATED, EXTENDED, ON, frontier
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.expressions.parse import Number
from sapar.hta.engine.model.model import Expression
from sapar.hta.engine.uncertainty.draws import draw
from sapar.hta.engine.uncertainty.sample import at_threshold, sample
from sapar.hta.engine.verification.subject import Engine
from tests.hta.faults import FAULTS, HIP, HIV, MIGRAINE, RESIDENCE, SICK

if TYPE_CHECKING:
    from collections.abc import Callable

Change = "Callable[[Any, dict[str, Any]], dict[str, Any]]"


@dataclass(frozen=True)
class Provoked:
    """What makes a test find something.

    Attributes:
        model: the document's name.
        edits: pairs of a text and what stands there instead.
        engine: what works the model out.
        patch: a name in the test's module and what stands there instead.
    """

    model: str = SICK
    edits: tuple[tuple[str, str], ...] = ()
    engine: Callable[[], Engine] = field(default=Engine)
    patch: tuple[str, Any] | None = None
    change: Callable[[Any], Any] = lambda model: model


def broken(
    discounted: Callable[[Any, Any], Any] | None = None,
    plain: Callable[[Any, Any], Any] | None = None,
) -> Callable[[], Engine]:
    """An engine whose totals are changed: a function of the model and the totals of a reward."""

    def wrong(model: Any, drawn: Any = None, **given: Any) -> Any:
        found = evaluate(model, drawn, **given)
        shape = (len(model.strategies), 1)

        def of(table: Any, change: Any) -> Any:
            if change is None:
                return table
            return {
                name: change(
                    model, np.broadcast_to(each, shape if each.shape[1] == 1 else each.shape)
                )
                for name, each in table.items()
            }

        return replace(
            found,
            discounted=of(found.discounted, discounted),
            undiscounted=of(found.undiscounted, plain),
        )

    return lambda: Engine(evaluate=wrong)


def traced(change: Callable[[Any], Any]) -> Callable[[], Engine]:
    """An engine whose shares are changed."""

    def wrong(model: Any) -> Any:
        found = trace(model)
        return replace(found, shares=change(found.shares))

    return lambda: Engine(trace=wrong)


def sampled(change: Callable[[Any, int], Any]) -> Callable[[], Engine]:
    """An engine whose costs of draws are changed: a function of them and of the run's number."""
    runs = count(1)

    def wrong(model: Any, number: int, seed: int) -> Any:
        found = sample(model, number, seed)
        return replace(found, costs=change(found.costs.copy(), next(runs)))

    return lambda: Engine(sample=wrong)


def edit(model: str, *edits: tuple[str, str]) -> Provoked:
    """A document with a change."""
    return Provoked(model, edits)


def _numbers(model: Any) -> Any:
    return np.arange(len(model.strategies), dtype=float)[:, None]


def _rate(model: Any) -> float:
    return next(iter(model.settings.discount.values()))[0][1]


def _first(model: Any) -> str:
    return model.states[0].name


def _zero_first(_model: Any, totals: Any) -> Any:
    totals = totals.copy()
    totals[0] = 0
    return totals


def _counting() -> Callable[[Any, Any], Any]:
    runs = count()
    return lambda _, totals: totals + next(runs)


def _stray(costs: Any, _run: int) -> Any:
    costs[:, 0] = 1e15
    return costs


def _at(change: dict[str, Any]) -> Any:
    return lambda found, threshold: replace(at_threshold(found, threshold), **change)


def _ranked(status: str | None = None, icer: float | None = None) -> Any:
    """A frontier on which everything has one status or ratio."""

    def wrong(costs: Any, effects: Any) -> Any:
        return tuple(
            replace(
                each,
                status=status or each.status,
                icer=icer * (k + 1) if icer and each.icer is not None else each.icer,
            )
            for k, each in enumerate(frontier(costs, effects))
        )

    return wrong


def _shifting(model: Any, number: int, seed: int, *, since: int = 0) -> Any:
    return {name: each + number for name, each in draw(model, number, seed, since=since).items()}


def _input(name: str, **changed: Any) -> Callable[[Any], Any]:
    def change(model: Any) -> Any:
        made = replace(model.parameters[name], **changed)
        return replace(model, parameters={**model.parameters, name: made})

    return change


def _second_alone(costs: Any, effects: Any) -> Any:
    return tuple(
        replace(each, status=ON if each.number == 1 else EXTENDED)
        for each in frontier(costs, effects)
    )


def _by_place(costs: Any, effects: Any) -> Any:
    """A frontier whose ratios depend on which strategy was named first."""
    return tuple(
        each if each.icer is None else replace(each, icer=each.icer + costs[0])
        for each in frontier(costs, effects)
    )


def _said(price_year: int | None, perspective: str) -> Callable[[Any], Any]:
    def change(model: Any) -> Any:
        made = replace(model.settings, price_year=price_year, perspective=perspective)
        return replace(model, settings=made)

    return change


def _first_wins_at_ends(model: Any, totals: Any) -> Any:
    totals = totals.copy()
    totals[0] *= 100 if model.settings.within_cycle == "end" else 1
    return totals


def _risen(model: Any) -> Any:
    """Some of the dead come back: no document can say so, another program can."""
    back = Expression("0.01", Number(0.01), "")
    return replace(model, transitions={**model.transitions, ("D", "H"): back})


SOUND = {"sources.perspective": Provoked(change=_said(2026, "payer"))}
"""What a test passes, where the document of its `Provoked` does not do as it is."""

_STRUCTURE = {
    "structure.finite": Provoked(engine=broken(lambda _, x: x * np.inf)),
    "structure.shares": Provoked(engine=traced(lambda shares: shares * 1.01)),
    "structure.no_negative_share": Provoked(engine=traced(lambda shares: shares - 0.1)),
    "structure.deaths_grow": Provoked(engine=traced(lambda shares: shares[:, ::-1])),
    "structure.order_of_states": Provoked(engine=broken(lambda m, x: x + (_first(m) == "D"))),
    "structure.names_of_states": Provoked(engine=broken(lambda m, x: x + len(_first(m)))),
    "structure.branches_happen": edit(
        MIGRAINE, ("sumatriptan: 0.558, caffeine: 0.379", "sumatriptan: 0, caffeine: 0")
    ),
    "conventions.half_cycle_between": Provoked(
        engine=broken(plain=lambda m, x: x * (1 + (m.settings.within_cycle == "half-cycle")))
    ),
    "conventions.cycle_short_enough": edit(SICK, ("value: 0.002", "value: 2")),
    "conventions.half_as_long": edit(SICK, ("value: 0.002", "value: 2")),
}

_TIME = {
    "discounting.rate_of_zero": Provoked(engine=broken(plain=lambda _, x: x + 1)),
    "discounting.higher_rate": Provoked(engine=broken(lambda m, x: x + 1e9 * _rate(m))),
    "discounting.not_above_plain": Provoked(engine=broken(lambda _, x: x * 10)),
    "discounting.continuous": Provoked(
        engine=broken(lambda m, x: x * (1 + (m.settings.discounting == "continuous")))
    ),
    "discounting.continuous_below": Provoked(
        engine=broken(lambda m, x: x * (1 + (m.settings.discounting == "continuous")))
    ),
    "discounting.endless_rate": Provoked(engine=broken(lambda _, x: x + 1)),
    "discounting.rates_fall": edit(
        SICK, ("costs: 0.03, effects: 0.03", "costs: 0.03, effects: {0: 0.01, 30: 0.03}")
    ),
    "horizon.halved": Provoked(engine=broken(lambda m, x: x / m.settings.cycles**2)),
    "horizon.doubled": Provoked(HIV, engine=broken(lambda m, x: x / m.settings.cycles**2)),
    "horizon.one_cycle": Provoked(engine=broken(lambda m, x: x + (m.settings.cycles == 1))),
    "horizon.oldest": edit(SICK, ("cycles: 75", "cycles: 100")),
    "horizon.years_within": Provoked(engine=broken(plain=lambda _, x: x * 10)),
}

_SUMS = {
    "costs.zero": Provoked(engine=broken(lambda _, x: x + 1)),
    "costs.doubled": Provoked(engine=broken(lambda _, x: x + 1)),
    "costs.hundred_more": Provoked(engine=broken(lambda _, x: x * x)),
    "costs.straight": edit(SICK, ("states: {H: c_H,", 'states: {H: "max(c_H, c_S1)",')),
    "costs.nobody_is_free": Provoked(engine=broken(_zero_first)),
    "effects.zero": Provoked(engine=broken(lambda _, x: x + 1)),
    "effects.doubled": Provoked(engine=broken(lambda _, x: x + 1)),
    "effects.at_least_minus_one": edit(SICK, ('value: 0.5, unit: "1"', 'value: -1.5, unit: "1"')),
    "effects.straight": edit(SICK, ("states: {H: u_H,", "states: {H: u_H * u_H,")),
    "effects.somebody_gains": Provoked(engine=broken(_zero_first)),
}

_BRANCHES = {
    "structure.ends_whole": edit(
        MIGRAINE, ("recurrence: {chance: rest", "recurrence: {chance: 0.1")
    ),
    "structure.order_of_branches": Provoked(
        MIGRAINE, engine=broken(lambda m, x: x + (m.root.branches[0].name == "no_relief"))
    ),
    "structure.names_of_branches": Provoked(
        MIGRAINE, engine=broken(lambda m, x: x + len(m.root.name))
    ),
    "structure.divided_branch": Provoked(
        MIGRAINE, engine=broken(lambda m, x: x + len(m.root.branches[0].branches[0].branches))
    ),
    "structure.rest_written_out": Provoked(
        MIGRAINE, engine=broken(lambda m, x: x + (m.root.branches[1].chance is None))
    ),
    "answer.counted_over_ends": Provoked(MIGRAINE, engine=broken(lambda _, x: x + 1)),
    "answer.between_ends": Provoked(MIGRAINE, engine=broken(lambda _, x: x + 1e6)),
    "costs.ends_not_negative": edit(MIGRAINE, ("value: 63.16", "value: -63.16")),
    "costs.hundred_at_root": Provoked(MIGRAINE, engine=broken(lambda _, x: x * 2)),
    "answer.ratios_follow_costs": Provoked(engine=broken(lambda _, x: x * x)),
    "answer.ratios_without_order": Provoked(patch=("frontier", _by_place)),
    "answer.there_twice": Provoked(engine=broken(lambda m, x: x + len(m.strategies))),
}

_ARMS = {
    "arms.no_effect": Provoked(engine=broken(lambda m, x: x + _numbers(m))),
    "arms.swapped": Provoked(engine=broken(lambda m, x: x + _numbers(m))),
    "arms.order": Provoked(engine=broken(lambda m, x: x + _numbers(m))),
    "arms.names": Provoked(engine=broken(lambda m, x: x + len(m.strategies[0].name))),
    "arms.alone": Provoked(engine=broken(lambda m, x: x + len(m.strategies))),
    "arms.not_for_nothing": edit(
        SICK, ("{H: c_H, S1: c_S1 + c_treatment, S2: c_S2 + c_treatment}", "{}")
    ),
    "arms.same_start": edit(SICK, ("start: {H: 1}", "start: {H: 1 - on_A / 2, S1: on_A / 2}")),
}

_INPUTS = {
    "parameters.one_direction": edit(
        SICK, ("p_HS1: probability(r_HS1)", "p_HS1: probability(abs(r_HS1 - 0.15) + 0.1)")
    ),
    "parameters.chances_within": edit(
        HIP, ("_operative:\n    {value: 0.02", "_operative:\n    {value: 1.2")
    ),
    "parameters.names_of_inputs": Provoked(
        engine=broken(lambda m, x: x + len(next(iter(m.parameters))))
    ),
    "parameters.own_labels": edit(SICK, ('"Cost, sicker"', '"Cost, sick"')),
    "parameters.by_strategy_differ": edit(
        SICK, ("{soc: 0, a: 1, b: 0, ab: 1}", "{soc: 0, a: 0, b: 0, ab: 0}")
    ),
    "distributions.chances_within": edit(HIP, ("beta(a=4, b=96)", "normal(mean=0.04, sd=0.02)")),
    "distributions.widths": edit(SICK, ("gamma(shape=100, scale=20)", "gamma(mean=2000, sd=9000)")),
    "distributions.arms_drawn": edit(
        MIGRAINE,
        ("value: 63.16,", 'value: 63.16, distribution: "gamma(mean=63.16, sd=6)",'),
    ),
    "sources.dates": Provoked(change=_input("c_S2", read=None)),
    "sources.marks": Provoked(change=_input("c_S2", mark="unverified")),
    "sources.labels": edit(SICK, ('"Cost, sicker"', "c_S2")),
    "sources.units": Provoked(change=_input("c_H", unit="USD/month")),
    "sources.one_currency": Provoked(change=_input("c_H", unit="EUR/year")),
}

_DRAWS = {
    "draws.same_seed": Provoked(engine=sampled(lambda costs, run: costs + run)),
    "draws.other_seed": Provoked(
        engine=lambda: Engine(sample=lambda model, number, _seed: sample(model, number, 1))
    ),
    "draws.pieces": Provoked(patch=("draw", _shifting)),
    "draws.one_by_one": Provoked(engine=sampled(lambda costs, _: costs + 1)),
    "draws.no_strays": Provoked(engine=sampled(_stray)),
    "draws.acceptability": Provoked(patch=("at_threshold", _at({"chances": (0.5, 0.4, 0.0, 0.0)}))),
    "draws.information": Provoked(patch=("at_threshold", _at({"evpi": -1.0}))),
    "draws.cheapest_at_zero": Provoked(patch=("at_threshold", _at({"best": 3}))),
    "answer.frontier_is_best": Provoked(patch=("frontier", _ranked(status=DOMINATED))),
    "answer.dominated_never_best": Provoked(patch=("frontier", _second_alone)),
    "answer.ratios": Provoked(patch=("frontier", _ranked(icer=5.0))),
    "answer.ratios_rise": Provoked(patch=("frontier", _ranked(icer=-5.0))),
    "answer.differences_matter": edit(
        SICK,
        (
            'value: 0.6, unit: "1", distribution: "lognormal(meanlog=ln(0.6), ',
            'value: 0.99999, unit: "1", distribution: "lognormal(meanlog=ln(0.99999), ',
        ),
    ),
    "structure.dead_stay": Provoked(change=_risen),
    "parameters.numbers_have_names": edit(SICK, ("S2: {D: p_S2D}", "S2: {D: p_S2D * 0.97}")),
    "answer.again": Provoked(engine=broken(_counting())),
    "answer.counted_again": Provoked(engine=broken(lambda _, x: x + 1)),
}

_BY_FAULT = {
    "ratio-times-ten": "structure.runs structure.chances structure.rows parameters.ends_run",
    "revision-without-risk": "structure.complements",
    "nobody-dies-in-s2": (
        "structure.dead_marked structure.deaths_everywhere structure.transitions_happen"
    ),
    "dead-at-the-start": "structure.alive_at_start",
    "state-never-reached": "structure.states_reached arms.paid_for_something",
    "memory-idle": "structure.memory_used",
    "memory-short": "structure.memory_long_enough",
    "chances-above-one": "structure.branch_chances structure.branch_sums",
    "every-point-whole": "conventions.weights",
    "half-a-prosthesis": "conventions.start_counts_whole",
    "rate-as-probability": "conventions.rates_without_end",
    "yearly-chances-by-month": "conventions.tables_by_year",
    "rate-times-ten": "discounting.usual_rates",
    "effects-undiscounted": "discounting.both_discounted horizon.end_matters_little",
    "effects-at-the-rate-of-costs": "discounting.own_rates",
    "effect-without-cost": "horizon.life_long arms.as_long_as_paid",
    "negative-cost": "costs.not_negative costs.prices_not_negative",
    "treated-when-dead": "costs.dead_cost_nothing",
    "dying-from-one-state": "costs.every_way_pays",
    "decision-swapped": ("costs.prices_in_costs_alone costs.all_is_priced sources.costs_are_money"),
    "utility-above-one": (
        "effects.at_most_one effects.utilities_within effects.below_years "
        "distributions.values_possible"
    ),
    "utility-of-the-dead": (
        "effects.dead_gain_nothing effects.ones_not_above effects.ones_are_years"
    ),
    "state-without-years": "effects.living_gain",
    "year-in-a-day": "effects.ends_alike",
    "ratio-inverted": "effects.sicker_not_better",
    "loss-is-a-gain": "effects.losses_fit",
    "arm-not-treated": "arms.all_differ",
    "treatment-harms": "arms.no_harm",
    "coefficient-sign": "arms.a_choice",
    "arms-swapped": "arms.comparator_off arms.switch_of_its_name",
    "prices-swapped": "arms.inputs_of_its_name",
    "late-effect": "arms.from_the_start",
    "wrong-ratio": "parameters.all_used",
    "table-typing-error": "parameters.mortality_rises parameters.tables_even",
    "table-one-year-on": "parameters.tables_asked_alike",
    "mean-off": "distributions.means_about draws.means_near",
    "utility-normal": "distributions.utilities_within",
    "cost-normal": "distributions.not_negative",
    "fixed-cost": "distributions.none_forgotten",
    "young-start": "draws.all_run",
    "beta-swapped": "draws.same_decision",
    "source-missing": "sources.sources",
}
_FAULT = {each.name: each for each in FAULTS}

_MORE = {
    "conventions.rates_follow_the_cycle": edit(
        SICK, ("p_HS1: probability(r_HS1)", "p_HS1: probability(r_HS1, 1)")
    ),
    "conventions.same_frontier": Provoked(engine=broken(_first_wins_at_ends)),
    "parameters.all_move": edit(SICK, ("c_A * on_A + c_B * on_B", "c_A * on_A + c_B * on_B * 0")),
    "parameters.tables_long_enough": edit(
        RESIDENCE, ("    until: 101\n", ""), ("cycles: 75", "cycles: 90")
    ),
    "distributions.means_near": edit(HIP, ("beta(mean=0.85, sd=0.03)", "beta(mean=0.87, sd=0.03)")),
    "distributions.values_central": edit(
        HIP, ("beta(mean=0.85, sd=0.03)", "beta(mean=0.7, sd=0.03)")
    ),
    "sources.perspective": Provoked(change=_said(None, "")),
}

PROVOKED: dict[str, Provoked] = {
    **{
        test: Provoked(_FAULT[fault].model, _FAULT[fault].edits)
        for fault, tests in _BY_FAULT.items()
        for test in tests.split()
    },
    **_STRUCTURE, **_TIME, **_SUMS, **_BRANCHES, **_ARMS, **_INPUTS, **_DRAWS, **_MORE,
}  # fmt: skip
