"""A decision worked out again from its record: the same documents, options and seeds.

The record is plain JSON and needs no database: `sapar hta replay FILE` does it on any machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sapar.hta.lock import engine_digest, lock
from sapar.kernel.errors import InvalidInputError
from sapar.kernel.rerun.canonical import numbers, text_digest
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.hta.models import Decision

SCHEMA = "sapar.hta.record/1"
NEEDED = ("number", "document", "digest", "runs")
NEEDED_OF_RUN = ("kind", "options", "seed", "engine", "lock", "numbers")
LAST_DIGITS, NOTHING = 1e-9, 1e-11
"""Numbers that differ by less than this share of their value, or by next to nothing, are published
alike: a page shows fewer digits. Another processor or library may round the last ones otherwise."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A number that is not the published one.

    Attributes:
        where: run and path, such as `base strategies[0].cost`.
        published: what was published.
        now: what is counted now; None where nothing is.
    """

    where: str
    published: float | None
    now: float | None

    @property
    def visible(self) -> bool:
        """Whether it differs in more than its last digits."""
        if self.published is None or self.now is None:
            return True
        largest = max(abs(self.published), abs(self.now))
        return abs(self.published - self.now) > max(LAST_DIGITS * largest, NOTHING)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay found.

    Attributes:
        compared: how many numbers were compared, bit for bit.
        differences: those that are not the same.
        same_engine: the engine's text is the one that counted then.
        same_lock: Python, machine and libraries are the same.
    """

    compared: int
    differences: tuple[Difference, ...]
    same_engine: bool
    same_lock: bool

    @property
    def visible(self) -> tuple[Difference, ...]:
        """The differences in more than the last digits."""
        return tuple(each for each in self.differences if each.visible)

    @property
    def as_published(self) -> bool:
        """Every number is the published one as far as it was published."""
        return not self.visible and self.compared > 0

    @property
    def same(self) -> bool:
        """Every number is as published."""
        return not self.differences and self.compared > 0


def record(decision: Decision) -> dict[str, Any]:
    """What is needed to work a decision out again, as plain JSON."""
    return {
        "schema": SCHEMA,
        "number": decision.number,
        "verdict": decision.verdict,
        "threshold": decision.threshold,
        "currency": decision.currency,
        "digest": decision.digest,
        "document": decision.model_version.document,
        "runs": [
            {
                "id": str(run.pk), "kind": run.kind, "options": run.options, "seed": run.seed,
                "engine": run.engine, "lock": run.lock, "digest": run.result_digest,
                "numbers": decision.numbers.get(str(run.pk), {}),
            }
            for run in decision.appraisal.runs.order_by("created_at", "pk")
        ],
    }  # fmt: skip


def _compare(run: Mapping[str, Any], now: Mapping[str, float]) -> list[Difference]:
    # What a later engine says beside the published numbers is no difference.
    then: Mapping[str, float] = run["numbers"]
    return [
        Difference(f"{run['kind']} {path}", value, now.get(path))
        for path, value in sorted(then.items())
        if path not in now or float(value) != float(now[path])
    ]


def _whole(runs: Any) -> bool:
    """Whether every run of a record says what is needed to ask it again."""
    from sapar.hta.work import KINDS  # noqa: PLC0415 - see `replay`

    return isinstance(runs, list) and all(
        isinstance(run, dict)
        and all(key in run for key in NEEDED_OF_RUN)
        and run["kind"] in KINDS
        and isinstance(run["numbers"], dict)
        and isinstance(run["options"], dict)
        for run in runs
    )


def replay(kept: Mapping[str, Any]) -> Replayed:
    """Work a record out again and compare every number, bit for bit.

    Args:
        kept: a record, see `record`.

    Raises:
        InvalidInputError: it is no record, or its document is not the one of its digest.
        BadModelError: the document cannot be read by this engine.
    """
    from sapar.hta.work import answer  # noqa: PLC0415 - a page that shows a replay runs none

    missing = [key for key in NEEDED if key not in kept]
    if kept.get("schema") != SCHEMA or missing:
        raise InvalidInputError(
            Problem.of("hta.record.schema", value=kept.get("schema"), wanted=SCHEMA)
        )
    if not _whole(kept["runs"]):
        raise InvalidInputError(Problem.of("hta.record.schema", value="runs", wanted=SCHEMA))
    if text_digest(str(kept["document"])) != kept["digest"]:
        raise InvalidInputError(Problem.of("hta.record.digest", value=kept["digest"]))
    found: list[Difference] = []
    compared = 0
    for run in kept["runs"]:
        now = numbers(answer(kept["document"], run["kind"], run["options"], run["seed"]))
        found += _compare(run, now)
        compared += len(run["numbers"])
    return Replayed(
        compared,
        tuple(found),
        all(run["engine"] == engine_digest() for run in kept["runs"]),
        all(run["lock"] == lock() for run in kept["runs"]),
    )
