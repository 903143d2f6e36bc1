"""A question to the engine, answered: the one way in which runs, replays and checks count.

Only jobs and tests import this; a web process never loads the engine of a run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sapar.hta.engine import report
from sapar.hta.engine.budget.report import report as budget_report
from sapar.hta.engine.model.model import Model
from sapar.hta.engine.model.partitioned import Partitioned
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.pictures import cloud, occupancy
from sapar.hta.engine.uncertainty.sample import pieces, together
from sapar.hta.engine.verification.verify import as_document, verify
from sapar.kernel.rerun.canonical import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.engine.uncertainty.sample import Sample
    from sapar.values.statements import Problem

    Tell = Callable[[float, str], None]

Answer = dict[str, Any]
DRAWS = 1000
"""Draws of a probabilistic analysis where the question names no number: our default."""


def silent(_share: float, _phrase: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the engine is asked.

    Attributes:
        model: as it was read.
        options: draws, thresholds, threshold, sets, of, against: what the kind takes.
        seed: of everything drawn.
        tell: told how far it is: a share from 0 to 1 and the code of a phrase.
    """

    model: AnyModel
    options: Mapping[str, Any]
    seed: int
    tell: Tell

    @property
    def draws(self) -> int:
        """How many draws."""
        return int(self.options.get("draws", DRAWS))

    def sample(self) -> Sample:
        """All draws, piece after piece, telling how far they are."""
        parts: list[Sample] = []
        done = 0
        for part in pieces(self.model, self.draws, self.seed):
            parts.append(part)
            done += part.costs.shape[1]
            self.tell(0.1 + 0.4 * done / self.draws, "hta.job.drawing")
        return together(parts)


def _base(asked: Question) -> Answer:
    model = asked.model
    table = report.convention_diff(model) if isinstance(model, Model | Partitioned) else []
    return {**report.run(model), "occupancy": occupancy(model), "convention_diff": table}


def _psa(asked: Question) -> Answer:
    thresholds = asked.options.get("thresholds", [])
    drawn = asked.sample()
    found = report.uncertainty(drawn, thresholds)
    return {**report.run(asked.model), "psa": found, "cloud": cloud(drawn)}


def _voi(asked: Question) -> Answer:
    drawn = asked.sample()
    asked.tell(0.5, "hta.job.knowing")
    threshold = float(asked.options["threshold"])
    return report.information(drawn, threshold, asked.options.get("sets", []))


def _sensitivity(asked: Question) -> Answer:
    names = [each.name for each in asked.model.strategies]
    of, against = asked.options.get("of") or names[-1], asked.options.get("against") or names[0]
    threshold = float(asked.options["threshold"])
    rows = report.sensitivity(asked.model, threshold, of, against)
    benefit = {
        each["strategy"]: each["effect"] * threshold - each["cost"]
        for each in report.run(asked.model)["strategies"]
    }
    return {
        "of": of, "against": against, "threshold": threshold, "rows": rows,
        "net_benefit": benefit[of] - benefit[against],
    }  # fmt: skip


def _verify(asked: Question) -> Answer:
    return as_document(verify(asked.model))


def _budget(asked: Question) -> Answer:
    draws = int(asked.options.get("draws") or 0)
    return budget_report(asked.model, draws=draws, seed=asked.seed)


KINDS: dict[str, Callable[[Question], Answer]] = {
    "base": _base,
    "psa": _psa,
    "voi": _voi,
    "sensitivity": _sensitivity,
    "verify": _verify,
    "budget": _budget,
}


def answer(
    document: str,
    kind: str,
    options: Mapping[str, Any],
    seed: int,
    tell: Tell = silent,
) -> Answer:
    """Work a question out.

    Args:
        document: a model, as YAML.
        kind: a key of KINDS.
        options: draws, thresholds, threshold, sets, of, against: what the kind takes.
        seed: of everything drawn.
        tell: told how far it is.

    Returns:
        The answer as plain JSON, see `canonical.plain`.

    Raises:
        BadModelError: the model or an option is wrong; every mistake is named.
    """
    tell(0.0, "hta.job.reading")
    model = read_model(document)
    tell(0.1, "hta.job.counting")
    return dict(plain(KINDS[kind](Question(model, options, seed, tell))))


def as_json(problems: tuple[Problem, ...]) -> list[dict[str, Any]]:
    """Mistakes as they are kept: code, place, value, parameters."""
    return [
        {"code": p.code, "where": p.where, "value": str(p.value),
         "params": {name: str(value) for name, value in p.params.items()}}
        for p in problems
    ]  # fmt: skip
