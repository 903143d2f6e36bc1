"""The section `eligibility` of a model, once it was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.hta.engine.model.limits import Limit
    from sapar.hta.engine.model.model import Expression


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whom to treat.

    Attributes:
        law: `normal`, `beta` or `patients`.
        arguments: of the law, by name.
        patients: their differences, where the law is `patients`.
        cost, loss, threshold, saving: see `rule.Stakes`.
        number: patients a year, or None.
        error: standard deviation between prediction and truth, or None.
        kind: of predictions, see `rule.Prediction`.
        limits: of its numbers, once these are known.
    """

    law: str
    arguments: Mapping[str, Expression]
    patients: tuple[float, ...]
    cost: Expression
    loss: Expression
    threshold: Expression
    saving: Expression | None = None
    number: Expression | None = None
    error: Expression | None = None
    kind: str = "calibrated"
    where: str = field(default="eligibility")
    limits: tuple[Limit, ...] = ()
