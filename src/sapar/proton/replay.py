"""A comparison worked out again from its record: the same question, the engine of today.

The record is plain JSON: `sapar proton selection-replay FILE` does it on any machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sapar.kernel.rerun.canonical import digest
from sapar.proton import selecting
from sapar.proton.data_files import DOSE_FILES, data_digests, dose_digests
from sapar.proton.lock import ENVIRONMENT, PLANNING, engine_digest, lock
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_DIFFERENCES = 20


@dataclass(frozen=True, slots=True)
class Replayed:
    """What working a version out again found.

    Attributes:
        same: the answer has the same bits.
        answer: SHA-256 of the answer now.
        same_engine, same_data, same_lock: whether engine, data files and libraries are the same.
        same_dose: whether the data files and the planning environment are the same from which the
            proton dose came. A replay begins at the question, which holds that dose already: where
            they differ its answer is the same, but a new comparison may get another dose.
        differences: the first paths at which the answers differ.
    """

    same: bool
    answer: str
    same_engine: bool
    same_data: bool
    same_lock: bool
    same_dose: bool
    differences: tuple[str, ...]


def replay(record: Mapping[str, Any]) -> Replayed:
    """Work a version out again from its record (`queries.selection.record_of`).

    Raises:
        CannotCompareError: its question is not the one of its digest.
        BadProblemError: this engine cannot read the question.
    """
    question, digests = record["question"], record["digests"]
    if digest(question) != digests["question"]:
        changed = Problem.of("proton.selection.record_changed", where="question")
        raise selecting.CannotCompareError([changed])
    now = selecting.answer_to(question)
    found = digest(now)
    return Replayed(
        same=found == digests["answer"],
        answer=found,
        same_engine=digests["engine"] == engine_digest(),
        same_data=_same_data(record),
        same_lock=_same_lock(record),
        same_dose=_same_dose(record),
        differences=tuple(differences(record["answer"], now)[:MOST_DIFFERENCES]),
    )


def _same_data(record: Mapping[str, Any]) -> bool:
    kept = {name: value for name, value in record["data"].items() if name not in DOSE_FILES}
    return kept == data_digests()


def _same_lock(record: Mapping[str, Any]) -> bool:
    kept = {name: value for name, value in record["lock"].items() if not name.startswith(PLANNING)}
    return kept == lock()


def _same_dose(record: Mapping[str, Any]) -> bool:
    """Whether what the proton dose of a record came from is here, too; True where it has none."""
    from sapar.proton.adapters.planning.environment import lock_digest  # noqa: PLC0415

    now = dose_digests()
    if any(now[name] != record["data"].get(name, now[name]) for name in DOSE_FILES):
        return False
    planned = record["lock"].get(ENVIRONMENT)
    return planned is None or planned == lock_digest()


def differences(then: Any, now: Any, path: str = "") -> list[str]:
    """The paths at which two documents differ."""
    if isinstance(then, dict) and isinstance(now, dict):
        found = []
        for key in sorted({*then, *now}):
            below = f"{path}.{key}" if path else str(key)
            if key not in then or key not in now:
                found.append(below)
            else:
                found += differences(then[key], now[key], below)
        return found
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        pairs = enumerate(zip(then, now, strict=True))
        return [each for n, (a, b) in pairs for each in differences(a, b, f"{path}[{n}]")]
    return [] if then == now and type(then) is type(now) else [path]
