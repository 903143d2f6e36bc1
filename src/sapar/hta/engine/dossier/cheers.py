"""The 28 reporting items of CHEERS 2022, filled from a model as far as it says them.

Husereau et al., Value in Health 2022;25:3-9. The items' short names are our own words and live in
the phrases `hta.cheers.<number>`; what is said of a model are the phrases `hta.said.<what>`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sapar.hta.engine.dossier.facts import Facts, behind, shown, sources, values
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sapar.hta.engine.model.model import AnyModel
    from sapar.values.statements import Param

    Said = list[Statement]
    Params = dict[str, Param]

COUNT = 28


@dataclass(frozen=True, slots=True)
class Item:
    """One item.

    Attributes:
        number: from 1 to 28.
        said: sentences that the model gives; none where a person must write.
    """

    number: int
    said: tuple[Statement, ...]

    @property
    def filled(self) -> bool:
        """Whether the model says it."""
        return bool(self.said)


def words(facts: Facts, *keys: str) -> Said:
    """The authors' own words under some keys."""
    return [Statement("hta.said.text", {"text": facts.about[k]}) for k in keys if k in facts.about]


def _title(facts: Facts) -> Said:
    compared = ", ".join(facts.labels.values())
    return [Statement("hta.said.title", {"title": facts.model.title, "compared": compared})]


def _abstract(facts: Facts) -> Said:
    rewards, model = facts.model.rewards, facts.model
    params: Params = {
        "count": len(model.strategies), "cost": rewards[model.cost].label,
        "effect": rewards[model.effect].label,
    }  # fmt: skip
    return [Statement("hta.said.abstract", params), *results(facts)]


def _question(facts: Facts) -> Said:
    model = facts.model
    params: Params = {
        "compared": ", ".join(facts.labels.values()),
        "effect": model.rewards[model.effect].label, "cost": model.rewards[model.cost].label,
    }  # fmt: skip
    return [*words(facts, "background", "question"), Statement("hta.said.question", params)]


def _population(facts: Facts) -> Said:
    found = words(facts, "population")
    if facts.timed and facts.model.settings.start_age > 0:
        age = shown(facts.model.settings.start_age)
        states = ", ".join(facts.living_states)
        found.append(Statement("hta.said.population", {"age": age, "states": states}))
    return found


def _comparators(facts: Facts) -> Said:
    compared = ", ".join(facts.labels.values())
    return [Statement("hta.said.compared", {"compared": compared}), *words(facts, "comparators")]


def _perspective(facts: Facts) -> Said:
    said = facts.model.settings.perspective
    return [Statement("hta.said.perspective", {"perspective": said})] if said else []


def _horizon(facts: Facts) -> Said:
    if not facts.timed:
        return [Statement("hta.said.no_time"), *words(facts, "horizon")]
    cycle = shown(facts.model.settings.cycle_years, 4)
    params: Params = {"years": facts.years, "cycles": facts.model.settings.cycles, "cycle": cycle}
    return [Statement("hta.said.horizon", params), *words(facts, "horizon")]


def _discount(facts: Facts) -> Said:
    if not facts.timed:
        return [Statement("hta.said.no_discount")]
    found = []
    for name, steps in facts.model.settings.discount.items():
        rates = ", ".join(f"{100 * rate:g} % ({since:g})" for since, rate in steps)
        found.append(Statement("hta.said.discount", {"what": name, "rates": rates}))
    return found


def _outcomes(facts: Facts) -> Said:
    return [
        Statement("hta.said.outcome", {"label": each.label, "unit": each.unit})
        for name, each in facts.model.rewards.items()
        if name != facts.model.cost
    ]


def _measured(facts: Facts) -> Said:
    found = behind(facts.model, facts.model.effect) or facts.inputs
    said = sources(found)
    params: Params = {"count": len(found), "sources": said}
    return [Statement("hta.said.measured", params)] if said else []


def _valued(facts: Facts) -> Said:
    found = behind(facts.model, facts.model.effect)
    effect = facts.model.rewards[facts.model.effect]
    if not found:
        return [Statement("hta.said.valued_itself", {"label": effect.label, "unit": effect.unit})]
    return [Statement("hta.said.valued", {"unit": effect.unit, "values": values(found)})]


def _resources(facts: Facts) -> Said:
    found = behind(facts.model, facts.model.cost)
    params: Params = {"count": len(found), "values": values(found), "sources": sources(found)}
    return [Statement("hta.said.resources", params)] if found else []


def _currency(facts: Facts) -> Said:
    settings = facts.model.settings
    if not settings.currency or settings.price_year is None:
        return []
    params: Params = {"currency": settings.currency, "year": str(settings.price_year)}
    return [Statement("hta.said.currency", params)]


def _model(facts: Facts) -> Said:
    count = len(facts.model.states)
    return [
        Statement(f"hta.said.model_{facts.kind}", {"count": count, "id": facts.model.id}),
        Statement("hta.said.public", {"version": facts.model.version}),
    ]


def _assumptions(facts: Facts) -> Said:
    settings = facts.model.settings
    if not facts.timed:
        return [Statement("hta.said.rolled", {"lets": len(facts.model.lets)})]
    params: Params = {
        "rule_phrase": f"hta.rule.{settings.within_cycle}",
        "discounting_phrase": f"hta.discounting.{settings.discounting}",
        "lets": len(facts.model.lets),
    }
    return [Statement("hta.said.conventions", params)]


def _heterogeneity(facts: Facts) -> Said:
    if "populations" in facts.model.sections:
        return [Statement("hta.said.populations"), *words(facts, "heterogeneity")]
    return words(facts, "heterogeneity") or [Statement("hta.said.no_subgroups")]


def _distribution(facts: Facts) -> Said:
    if {"equity", "distribution"} & set(facts.model.sections):
        return [Statement("hta.said.equity"), *words(facts, "distribution")]
    return words(facts, "distribution") or [Statement("hta.said.no_equity")]


def _uncertainty(facts: Facts) -> Said:
    drawn, fixed = len(facts.drawn), len(facts.inputs) - len(facts.drawn)
    return [Statement("hta.said.uncertainty", {"drawn": drawn, "fixed": max(0, fixed)})]


def _parameters(facts: Facts) -> Said:
    if not facts.inputs or facts.placeholders:
        return []
    params: Params = {
        "count": len(facts.inputs), "drawn": len(facts.drawn),
        "verified": facts.marked("verified"),
    }  # fmt: skip
    return [Statement("hta.said.parameters", params)]


def results(facts: Facts) -> Said:
    """The base case, a sentence for each strategy; nothing where it was not worked out."""
    found = []
    for row in facts.base.get("strategies", ()):
        params: Params = {
            "label": row["label"], "cost": shown(row["cost"]), "effect": shown(row["effect"], 4),
            "effect_label": facts.model.rewards[facts.model.effect].label,
        }  # fmt: skip
        what = "result" if row["icer"] is None else "result_icer"
        if row["status"] in {"dominated", "extended-dominated"}:
            what = "result_dominated"
        if row["icer"] is not None:
            params |= {"icer": shown(row["icer"]), "against": facts.labels[row["against"]]}
        found.append(Statement(f"hta.said.{what}", params))
    return found


def _effects_of_uncertainty(facts: Facts) -> Said:
    psa = facts.answers.get("psa", {}).get("psa", {})
    found = [
        Statement("hta.said.chance", {
            "threshold": shown(row["threshold"]), "best": facts.labels[row["best"]],
            "percent": shown(100 * row["chances"][row["best"]], 1), "draws": psa["draws"],
        })
        for row in psa.get("thresholds", ())
    ]  # fmt: skip
    rows = facts.answers.get("sensitivity", {}).get("rows", ())
    if rows:
        most = ", ".join(row["label"] or row["parameter"] for row in rows[:3])
        found.append(Statement("hta.said.moves_most", {"names": most}))
    return found


def _findings(facts: Facts) -> Said:
    if not facts.base.get("strategies"):
        return []
    params: Params = {
        "unverified": facts.marked("unverified"), "demonstration": facts.marked("demonstration"),
        "placeholders": len(facts.placeholders),
    }  # fmt: skip
    return [*words(facts, "limits"), Statement("hta.said.limits", params)]


def _own(*keys: str) -> Callable[[Facts], Said]:
    return lambda facts: words(facts, *keys)


ITEMS: tuple[Callable[[Facts], Said], ...] = (
    _title, _abstract, _question, _own("plan"), _population, _own("setting"), _comparators,
    _perspective, _horizon, _discount, _outcomes, _measured, _valued, _resources, _currency, _model,
    _assumptions, _heterogeneity, _distribution, _uncertainty, _own("engagement"), _parameters,
    results, _effects_of_uncertainty, _own("engagement_effect"), _findings, _own("funding"),
    _own("conflicts"),
)  # fmt: skip


def items(model: AnyModel, answers: Mapping[str, Any] | None = None) -> tuple[Item, ...]:
    """The 28 items as far as a model and its answers say them.

    Args:
        model: the model object.
        answers: by kind of run, as `work.answer` gives them; items 23, 24 and 26 need them.
    """
    facts = Facts(model, answers or {})
    return tuple(Item(n, tuple(make(facts))) for n, make in enumerate(ITEMS, start=1))
