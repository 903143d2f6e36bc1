"""What the dossier asks of a model, gathered once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sapar.hta.engine.model.model import Model, Tree
from sapar.hta.engine.model.placeholders import knowledge, placeholders
from sapar.hta.engine.uncertainty.draws import drawn_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sapar.hta.engine.model.model import AnyModel, Branch, Parameter

WORD = re.compile(r"[^\W\d]\w*")


def shown(value: Any, places: int = 2) -> Decimal:
    """A number as a phrase takes it."""
    return Decimal(str(round(float(value), places)))


def _pays(branch: Branch, reward: str) -> Iterator[str]:
    if reward in branch.pays:
        yield branch.pays[reward].text
    for inner in branch.branches:
        yield from _pays(inner, reward)


def _texts(model: AnyModel, reward: str) -> Iterator[str]:
    found = model.rewards[reward]
    for each in (*found.states.values(), *found.transitions.values()):
        yield each.text
    if isinstance(model, Tree):
        yield from _pays(model.root, reward)


def behind(model: AnyModel, reward: str) -> tuple[Parameter, ...]:
    """The parameters that a reward's values ask for, through named expressions too."""
    seen: set[str] = set()
    waiting = [word for text in _texts(model, reward) for word in WORD.findall(text)]
    while waiting:
        word = waiting.pop()
        if word in seen:
            continue
        seen.add(word)
        if word in model.lets:
            waiting += WORD.findall(model.lets[word].text)
        for each in model.parameters[word].values.values() if word in model.parameters else ():
            waiting += WORD.findall(each.text)
    return tuple(p for name, p in model.parameters.items() if name in seen)


def told(result: Mapping[str, Any], options: Mapping[str, Any]) -> Mapping[str, Any]:
    """An answer without the thresholds that only its curves need.

    Args:
        result: of a probabilistic analysis, or of another question: then it is left as it is.
        options: of the question; its `threshold` is the one that people decide by.
    """
    psa, worth = result.get("psa"), options.get("threshold")
    if not psa or worth is None:
        return result
    near = [row for row in psa["thresholds"] if abs(row["threshold"] - worth) <= 1e-9 * (1 + worth)]
    return {**result, "psa": {**psa, "thresholds": near}} if near else result


@dataclass(frozen=True)
class Facts:
    """A model with the answers that were worked out of it.

    Attributes:
        model: the model.
        answers: by kind of run ("base", "psa", "sensitivity", "voi"), as `work.answer` gives them.
        about: the authors' words by key.
    """

    model: AnyModel
    answers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def about(self) -> Mapping[str, str]:
        """The section `about`."""
        found = self.model.sections.get("about")
        return found.value if found is not None else {}

    @property
    def labels(self) -> dict[str, str]:
        """Strategies' labels by name."""
        return {each.name: each.label for each in self.model.strategies}

    @property
    def timed(self) -> bool:
        """Whether time passes in it: a tree has no time."""
        return not isinstance(self.model, Tree)

    @property
    def years(self) -> Decimal:
        """The horizon."""
        settings = self.model.settings
        return shown(settings.cycles * settings.cycle_years)

    @property
    def drawn(self) -> tuple[str, ...]:
        """Parameters that are drawn."""
        return drawn_names(self.model)

    @property
    def inputs(self) -> tuple[Parameter, ...]:
        """Parameters that are data: those that only tell strategies apart are not."""
        known = knowledge(self.model)
        return tuple(p for name, p in self.model.parameters.items() if name in known)

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Data without a source."""
        return placeholders(self.model)

    def marked(self, mark: str) -> int:
        """How many data bear a mark."""
        return sum(p.mark == mark for p in self.inputs)

    @property
    def base(self) -> Mapping[str, Any]:
        """The base case, or nothing."""
        found: Mapping[str, Any] = self.answers.get("base") or self.answers.get("psa") or {}
        return found

    @property
    def living_states(self) -> tuple[str, ...]:
        """Labels of the states in which people live."""
        return tuple(each.label for each in self.model.states if not each.dead)

    @property
    def kind(self) -> str:
        """The kind of model, as the end of a phrase's code."""
        if isinstance(self.model, Tree):
            return "tree"
        if isinstance(self.model, Model):
            return "sojourn" if any(s.memory > 1 for s in self.model.states) else "cohort"
        return "other"


def sources(parameters: Iterable[Parameter], most: int = 6) -> str:
    """The sources of some parameters, each once, the first ones by name."""
    found = list(dict.fromkeys(p.source for p in parameters if p.source))
    return "; ".join(found[:most]) + (" …" if len(found) > most else "")


def values(parameters: Iterable[Parameter], most: int = 12) -> str:
    """Names with values, the first ones."""
    found = [f"{p.label or p.name} {p.values[''].text}" for p in parameters if "" in p.values]
    return "; ".join(found[:most]) + (" …" if len(found) > most else "")
