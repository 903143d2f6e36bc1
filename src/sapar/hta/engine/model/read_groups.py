"""The section `groups`: who gains and who loses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ruamel.yaml.comments import CommentedMap

from sapar.hta.engine.equity.document import Aversion, Group, Groups
from sapar.hta.engine.equity.welfare import INDICES
from sapar.hta.engine.model.dated import KEYS as DATED
from sapar.hta.engine.model.dated import read_dated
from sapar.hta.engine.model.limits import SHARE, Between, Limit, limited
from sapar.hta.engine.model.model import Use
from sapar.hta.engine.model.section import Found

if TYPE_CHECKING:
    from sapar.hta.engine.model.model import Expression
    from sapar.hta.engine.model.reader import Reader
    from sapar.hta.engine.model.section import Known
    from sapar.hta.engine.model.yaml import Place

KEYS = ("of", "against", "threshold", "population", "index", "aversion", "members")
NUMBERS = ("share", "baseline", "eligible", "uptake", "effect", "cost", "bears")
WORDS = ("region", "income", "distance")
MOST_GROUPS = 500
LIMITS = {
    "eligible": SHARE,
    "uptake": SHARE,
    "aversion": Between(0.0, 1e6),
    "threshold": Between(0.0, 1e18, above=True),
    "population": Between(0.0, 1e12, above=True),
}
"""What numbers of the section may be, by the key that says them; shares must have a sum, too."""


@dataclass(slots=True)
class _Section:
    """Reads the section and keeps its expressions."""

    r: Reader
    known: Known
    uses: list[Use] = field(default_factory=list)
    touches: set[str] = field(default_factory=set)
    limits: list[Limit] = field(default_factory=list)

    def expression(self, place: Place, key: str = "") -> Expression:
        """An expression of the model's inputs; under some keys its value must be possible."""
        found = self.r.expression(place)
        self.uses.append(Use(found, "", steady=True))
        if key in LIMITS:
            self.limits += limited(self.r, place, found, LIMITS[key], place.path.split(".", 1)[-1])
        return found

    def optional(self, place: Place, key: str) -> Expression | None:
        """An expression that may be missing."""
        inside = self.r.part(place, key)
        return None if inside is None else self.expression(inside, key)

    def group(self, place: Place, name: str) -> Group | None:
        """A group, or None where it lacks what it needs."""
        if not self.r.mapping(place, ("label", *NUMBERS, *WORDS, "inputs"), ("share", "baseline")):
            return None
        return Group(
            label=self.r.text(place, "label", name),
            share=self.expression(place.at("share")),
            baseline=self.expression(place.at("baseline")),
            eligible=self.optional(place, "eligible"),
            uptake=self.optional(place, "uptake"),
            effect=self.optional(place, "effect"),
            cost=self.optional(place, "cost"),
            bears=self.optional(place, "bears"),
            inputs=self.inputs(self.r.part(place, "inputs")),
            region=self.r.text(place, "region"),
            income=self.r.text(place, "income"),
            distance=self.r.text(place, "distance"),
        )

    def inputs(self, place: Place | None) -> dict[str, Expression]:
        """Values of inputs in a group; an input must have one value for all strategies."""
        if place is None or not self.r.mapping(place, None):
            return {}
        found = {}
        for key, each in place.items():
            parameter = self.known.parameters.get(key)
            if parameter is None or "" not in parameter.values:
                self.r.note("groups_input", each, key)
                continue
            self.touches.add(key)
            found[key] = self.expression(each)
        return found

    def aversion(self, place: Place) -> Aversion:
        """Aversion to inequality: a value, with where it comes from."""
        if isinstance(place.value, CommentedMap):
            if not self.r.mapping(place, ("value", *DATED), ("value",)):
                return Aversion(self.expression(place))
            value = self.expression(place.at("value"), "aversion")
            return Aversion(value, read_dated(self.r, place))
        return Aversion(self.expression(place, "aversion"))


def read_groups(r: Reader, place: Place, known: Known) -> Found:
    """Read who gains and who loses.

    Returns:
        An `equity.document.Groups`.
    """
    s = _Section(r, known)
    if not r.mapping(place, KEYS, ("threshold", "population", "aversion", "members")):
        return Found(None)
    inside = place.at("members")
    members: dict[str, Group] = {}
    if r.mapping(inside, None):
        for name, each in inside.items():
            group = s.group(each, name)
            if group is not None:
                members[name] = group
    if not 1 <= len(inside.value or ()) <= MOST_GROUPS:
        r.note("groups_number", inside, len(inside.value or ()), most=MOST_GROUPS)
    strategies = known.strategies or ("",)
    found = Groups(
        of=r.choice(place, "of", strategies, strategies[-1]),
        against=r.choice(place, "against", strategies, strategies[0]),
        threshold=s.expression(place.at("threshold"), "threshold"),
        population=s.expression(place.at("population"), "population"),
        index=r.choice(place, "index", INDICES, INDICES[0]),
        aversion=s.aversion(place.at("aversion")),
        members=members,
        where=inside.where,
        limits=tuple(s.limits),
    )
    return Found(found, uses=tuple(s.uses), touches=tuple(s.touches))
