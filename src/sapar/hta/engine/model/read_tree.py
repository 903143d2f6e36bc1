"""From a document to a decision tree."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sapar.hta.engine.model import parts
from sapar.hta.engine.model.model import Branch, Settings, Tree
from sapar.hta.engine.model.read_shared import SHARED_KEYS, finished, read_common
from sapar.hta.engine.model.yaml import BadModelError

if TYPE_CHECKING:
    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.engine.model.reader import Reader
    from sapar.hta.engine.model.yaml import Place

SCHEMA = "sapar.hta.tree/1"


def tree(r: Reader, place: Place) -> AnyModel:
    """A decision tree from its document."""
    needed = ("schema", "id", "strategies", "rewards", "tree")
    if not r.mapping(place, (*SHARED_KEYS, "tree"), needed):
        raise BadModelError(tuple(r.problems))
    inside = r.part(place, "settings")
    settings = Settings(0, 1.0, 0.0, "both", "discrete", {"none": ((0.0, 0.0),)})
    if inside is not None:
        settings = replace(parts.settings(r, inside, ()), cycles=0, discount=settings.discount)
    shared = read_common(r, place, (), settings)
    root = _branch(r, place.at("tree"), tuple(shared["rewards"]), "tree")
    return finished(r, Tree(root=root, **shared))


def _branch(r: Reader, place: Place, rewards: tuple[str, ...], name: str) -> Branch:
    root = name == "tree"
    keys = ("label", "pays", "branches") if root else ("label", "chance", "pays", "branches")
    r.mapping(place, keys, () if root else ("chance",))
    pays = r.part(place, "pays")
    if pays is not None:
        r.mapping(pays, rewards)
    chance = r.part(place, "chance")
    inside = r.part(place, "branches")
    branches = []
    if inside is not None and r.mapping(inside, None):
        branches = [_branch(r, each, rewards, key) for key, each in inside.items()]
        rests = [key for key, each in inside.items() if r.text(each, "chance") == "rest"]
        if len(rests) > 1:
            r.note("rest", inside, ", ".join(rests))
    return Branch(
        name=name,
        label=r.text(place, "label", name),
        chance=None if chance is None or chance.value == "rest" else r.expression(chance),
        pays=r.by_name(pays),
        branches=tuple(branches),
        where=place.where,
    )
