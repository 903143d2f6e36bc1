"""YAML with the line of every value, and without what can hurt: aliases, tags, depth, size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 2_000_000
"""Characters of a document."""
MOST_VALUES = 20_000
"""Keys and values of a document: reading takes a fraction of a millisecond for each."""
DEEPEST = 12
"""Lists and mappings inside each other."""


class BadModelError(Exception):
    """A model that cannot be run; `problems` names every mistake that was found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{p.code} at {p.where}" for p in problems[:20]))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Place:
    """A value of a document and where it stands.

    Attributes:
        value: a mapping, a list, or a plain value.
        path: for instance `parameters.c_H.value`.
        line: from 1; of the key where there is one.
    """

    value: Any
    path: str
    line: int

    @property
    def where(self) -> str:
        """What a mistake here names as its place."""
        return f"{self.path}:{self.line}"

    def items(self) -> Iterator[tuple[str, Place]]:
        """Keys and values of a mapping."""
        if isinstance(self.value, CommentedMap):
            for key in self.value:
                yield str(key), self.at(key)

    def at(self, key: Any) -> Place:
        """What stands under a key or number; a key that is no text may be asked for as one."""
        if isinstance(self.value, CommentedMap) and key not in self.value:
            key = next(each for each in self.value if str(each) == key)
        found = self.value[key]
        line = self.line
        if isinstance(self.value, CommentedMap):
            line = self.value.lc.key(key)[0] + 1
            path = f"{self.path}.{key}" if self.path else str(key)
        else:
            if isinstance(self.value, CommentedSeq):
                line = self.value.lc.item(key)[0] + 1
            path = f"{self.path}[{key + 1}]"
        return Place(found, path, line)


def _unshown(value: str) -> bool:
    """Whether a text has a sign that a terminal obeys or that is no letter of any script."""
    return any(
        (ord(sign) < 32 and sign not in "\n\t") or 0x7F <= ord(sign) < 0xA0
        or 0xD800 <= ord(sign) < 0xE000
        for sign in value
    )  # fmt: skip


def _wrong(event: ScalarEvent, where: str) -> Problem | None:
    """What is wrong with a single value."""
    if event.value == "<<" and not event.style:
        return Problem.of("hta.input.alias", where=where, value="<<")
    if _unshown(event.value):
        shown = event.value.encode("unicode_escape").decode("ascii")[:60]
        return Problem.of("hta.input.control", where=where, value=shown)
    return None


def _hurts(text: str) -> Problem | None:
    """The first thing in a document that may not stand there."""
    depth = values = 0
    for event in YAML().parse(text):
        where = f":{event.start_mark.line + 1}"
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            return Problem.of("hta.input.alias", where=where, value=event.anchor)
        if getattr(event, "tag", None):
            return Problem.of("hta.input.tag", where=where, value=event.tag)
        if isinstance(event, ScalarEvent):
            values += 1
            if values > MOST_VALUES:
                return Problem.of("hta.input.many", where=where, value=values, most=MOST_VALUES)
            wrong = _wrong(event, where)
            if wrong is not None:
                return wrong
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            depth += 1
            if depth > DEEPEST:
                return Problem.of("hta.input.deep", where=where, value=depth, most=DEEPEST)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            depth -= 1
    return None


def read_yaml(text: str) -> Place:
    """Read a document.

    Args:
        text: YAML 1.2, one mapping.

    Raises:
        BadModelError: with the line of what is no YAML, or may not stand in a model.
    """
    if len(text) > LARGEST:
        raise BadModelError((Problem.of("hta.input.large", value=len(text), most=LARGEST),))
    try:
        hurts = _hurts(text)
        if hurts is not None:
            raise BadModelError((hurts,))
        found = YAML().load(text)
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        where = f":{mark.line + 1}" if mark is not None else ""
        said = str(getattr(error, "problem", "") or error)
        raise BadModelError((Problem.of("hta.input.yaml", where=where, value=said),)) from error
    except (ValueError, KeyError, OverflowError) as error:
        # A day or a number that no machine has: ruamel makes it while it reads.
        raise BadModelError((Problem.of("hta.input.yaml", value=str(error)[:120]),)) from error
    except RecursionError as error:
        raise BadModelError((Problem.of("hta.input.deep", most=DEEPEST),)) from error
    if not isinstance(found, CommentedMap):
        raise BadModelError((Problem.of("hta.input.mapping", where=":1", value=found),))
    return Place(found, "", 1)
