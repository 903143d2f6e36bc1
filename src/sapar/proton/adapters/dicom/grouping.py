"""Files that belong to one study of one patient, found by what they refer to.

Objects of one study share a study or a frame of reference, or name each other's UIDs. Planning
systems leave the study UID of a dose empty, or change it, so no one of these is enough.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sapar.proton.adapters.dicom.kinds import Found, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable


class _Forest:
    """Sets that grow together (Tarjan 1975)."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def top(self, key: str) -> str:
        self._above.setdefault(key, key)
        while self._above[key] != key:
            self._above[key] = self._above[self._above[key]]
            key = self._above[key]
        return key

    def join(self, one: str, other: str) -> None:
        self._above[self.top(one)] = self.top(other)


def _ties(each: Found) -> Iterable[str]:
    """What an instance may share with others."""
    if each.study:
        yield f"study:{each.study}"
    if each.frame:
        yield f"frame:{each.frame}"
    if each.series:
        yield f"uid:{each.series}"
    for reference in each.refers:
        yield f"uid:{reference}"


def groups(found: Iterable[Found]) -> list[tuple[Found, ...]]:
    """The files of each study, those with a CT first, then by name of the first file."""
    forest, files = _Forest(), list(found)
    for each in files:
        for tie in _ties(each):
            forest.join(f"uid:{each.sop}", tie)
    linked: dict[str, list[Found]] = {}
    for each in files:
        linked.setdefault(forest.top(f"uid:{each.sop}"), []).append(each)
    parted = [part for group in linked.values() for part in _by_patient(group)]
    joined = _with_orphans(parted)
    return sorted(
        (tuple(group) for group in joined), key=lambda g: (not _has(g, Kind.CT), g[0].name)
    )


def _has(group: Iterable[Found], kind: Kind) -> bool:
    return any(each.kind is kind for each in group)


def _by_patient(group: list[Found]) -> list[list[Found]]:
    """A group as it is, or parted where several patients of it have a CT of their own."""
    owners = {each.patient.key for each in group if each.kind is Kind.CT}
    if len(owners) < 2:
        return [group]
    parts: dict[str, list[Found]] = {}
    for each in group:
        parts.setdefault(each.patient.key, []).append(each)
    return list(parts.values())


def owner(group: Iterable[Found]) -> str:
    """Whose study it is: of the CT, else of the structures, else of most files; a patient's key."""
    counts: dict[Kind, Counter[str]] = {}
    for each in group:
        if each.patient.key:
            counts.setdefault(each.kind, Counter())[each.patient.key] += 1
    for kind in (Kind.CT, Kind.STRUCTURES):
        if counts.get(kind):
            return counts[kind].most_common(1)[0][0]
    every = sum(counts.values(), Counter[str]())
    return every.most_common(1)[0][0] if every else ""


def _with_orphans(parts: list[list[Found]]) -> list[list[Found]]:
    """Parts without a CT join the one study of the same patient that has one."""
    whole = [part for part in parts if _has(part, Kind.CT)]
    homes: dict[str, list[list[Found]]] = {}
    for part in whole:
        homes.setdefault(owner(part), []).append(part)
    left = []
    for part in parts:
        if _has(part, Kind.CT):
            continue
        near = homes.get(owner(part), []) if owner(part) else []
        if len(near) == 1:
            near[0].extend(part)
        else:
            left.append(part)
    return [*whole, *left]
