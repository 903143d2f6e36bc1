"""Outlines of the nine domains of the HTA Core Model, from a model.

EUnetHTA HTA Core Model: four clinical domains and five others. Names and questions are our own
short words, in the phrases `hta.domain.<code>` and `hta.ask_for.<what>`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sapar.hta.engine.dossier import cheers
from sapar.hta.engine.dossier.facts import Facts, shown, sources
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sapar.hta.engine.model.model import AnyModel
    from sapar.values.statements import Param

    Said = list[Statement]
    Params = dict[str, Param]

DOMAINS = ("CUR", "TEC", "SAF", "EFF", "ECO", "ETH", "ORG", "SOC", "LEG")
CLINICAL = frozenset({"CUR", "TEC", "SAF", "EFF"})


@dataclass(frozen=True, slots=True)
class Outline:
    """One domain.

    Attributes:
        domain: its code.
        said: what the model says for it.
        asks: codes of phrases: what somebody has to write.
    """

    domain: str
    said: tuple[Statement, ...]
    asks: tuple[str, ...]


def _current(facts: Facts) -> Said:
    states = ", ".join(facts.living_states) or facts.model.title
    found = cheers.words(facts, "background", "population")
    return [*found, Statement("hta.said.course", {"states": states})]


def _technology(facts: Facts) -> Said:
    compared = ", ".join(facts.labels.values())
    return [
        Statement("hta.said.compared", {"compared": compared}),
        *cheers.words(facts, "technology", "comparators"),
    ]


def _safety(facts: Facts) -> Said:
    dead = sum(each.dead for each in facts.model.states)
    params: Params = {"states": len(facts.model.states), "dead": dead}
    return [Statement("hta.said.harms", params), *cheers.words(facts, "safety")]


def _effect(facts: Facts) -> Said:
    found = [
        Statement("hta.said.outcome", {"label": reward.label, "unit": reward.unit})
        for name, reward in facts.model.rewards.items()
        if name != facts.model.cost
    ]
    label = facts.model.rewards[facts.model.effect].label
    for row in facts.base.get("strategies", ()):
        params: Params = {"label": row["label"], "effect": shown(row["effect"], 4), "what": label}
        found.append(Statement("hta.said.gains", params))
    return found


def _economy(facts: Facts) -> Said:
    every = cheers.items(facts.model, facts.answers)
    wanted = (8, 9, 10, 15, 23, 24)
    return [said for item in every if item.number in wanted for said in item.said]


def _ethics(facts: Facts) -> Said:
    effect = facts.model.rewards[facts.model.effect]
    found: Said = [Statement("hta.said.everybody_alike", {"label": effect.label})]
    return [*found, *cheers.words(facts, "ethics", "distribution")]


def _organisation(facts: Facts) -> Said:
    parts = {"facility", "budget", "queue"} & set(facts.model.sections)
    what = "capacity" if parts else "no_capacity"
    return [Statement(f"hta.said.{what}"), *cheers.words(facts, "organisation", "setting")]


def _social(facts: Facts) -> Said:
    perspective = facts.model.settings.perspective
    found = (
        Statement("hta.said.perspective", {"perspective": perspective})
        if perspective
        else Statement("hta.said.no_perspective")
    )
    return [found, *cheers.words(facts, "social", "engagement")]


def _law(facts: Facts) -> Said:
    params: Params = {"sources": sources(facts.inputs), "unverified": facts.marked("unverified")}
    return [Statement("hta.said.stands_on", params), *cheers.words(facts, "legal")]


MAKE: dict[str, tuple[Callable[[Facts], Said], tuple[str, ...]]] = {
    "CUR": (_current, ("course", "burden", "practice")),
    "TEC": (_technology, ("features", "maturity", "training")),
    "SAF": (_safety, ("harms", "comparison")),
    "EFF": (_effect, ("evidence", "outcomes")),
    "ECO": (_economy, ("budget", "validity")),
    "ETH": (_ethics, ("losers", "autonomy")),
    "ORG": (_organisation, ("places", "staff")),
    "SOC": (_social, ("patients", "families")),
    "LEG": (_law, ("licence", "consent")),
}


def outlines(model: AnyModel, answers: Mapping[str, Any] | None = None) -> tuple[Outline, ...]:
    """The nine domains with what the model says for each, and what is left to write."""
    facts = Facts(model, answers or {})
    return tuple(
        Outline(code, tuple(make(facts)), tuple(f"hta.ask_for.{each}" for each in asks))
        for code, (make, asks) in MAKE.items()
    )
