"""What the reader of a section gets and gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sapar.hta.engine.model.limits import Limit
    from sapar.hta.engine.model.model import Expression, Parameter, Settings, Table, Use


@dataclass(frozen=True, slots=True)
class Known:
    """What a section may name.

    Attributes:
        strategies, states, rewards: their names.
    """

    settings: Settings
    strategies: tuple[str, ...]
    states: tuple[str, ...]
    rewards: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    tables: Mapping[str, Table]


@dataclass(frozen=True, slots=True)
class Found:
    """A section that was read.

    Attributes:
        value: what its engine takes.
        lets: named expressions that it adds to the document's.
        uses: expressions in it, to be checked for names and units.
        touches: parameters that it names outside of expressions.
        limits: of the numbers from which `lets` are made, checked wherever those are worked out.
    """

    value: Any
    lets: Mapping[str, Expression] = field(default_factory=dict)
    uses: tuple[Use, ...] = ()
    touches: Iterable[str] = ()
    limits: tuple[Limit, ...] = ()
