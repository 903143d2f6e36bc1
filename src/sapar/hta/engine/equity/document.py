"""The section `groups` of a model, once it was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sapar.hta.engine.model.dated import Dated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.hta.engine.model.limits import Limit
    from sapar.hta.engine.model.model import Expression


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the population.

    Attributes:
        share: of the population.
        baseline: health of one person without the new technology, such as quality-adjusted life
            expectancy at birth.
        eligible: share of the group that could have it; `uptake` how many of these do.
        effect, cost: by which the model's differences are multiplied here.
        inputs: values that inputs of the model have in this group: the model is run for it.
        bears: share of what is displaced elsewhere; None: its share of the population.
        region, income, distance: for people and for sums; `income` may be a number, a rank.
    """

    label: str
    share: Expression
    baseline: Expression
    eligible: Expression | None
    uptake: Expression | None
    effect: Expression | None
    cost: Expression | None
    bears: Expression | None
    inputs: Mapping[str, Expression]
    region: str = ""
    income: str = ""
    distance: str = ""


@dataclass(frozen=True, slots=True)
class Aversion:
    """How much inequality is disliked.

    Attributes:
        value: of the index's parameter.
        dated: where it comes from; without a source it is a placeholder.
    """

    value: Expression
    dated: Dated = field(default_factory=Dated)


@dataclass(frozen=True, slots=True)
class Groups:
    """Who gains and who loses.

    Attributes:
        of, against: strategies.
        threshold: money that displaces one unit of health elsewhere.
        population: people to whom the shares refer.
        index: `atkinson` or `kolm`.
        members: by name.
        where: the members stand in the document.
        limits: of its numbers, once these are known.
    """

    of: str
    against: str
    threshold: Expression
    population: Expression
    index: str
    aversion: Aversion
    members: Mapping[str, Group]
    where: str = "groups.members"
    limits: tuple[Limit, ...] = ()
