"""Reads the network's YAML files, remembering the line of every value."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from babel import Locale
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.scalarstring import ScalarString

from sapar.kernel.languages.formats import countries
from sapar.network.engine.check import Path as FieldPath
from sapar.network.engine.check import Raw
from sapar.network.engine.kinds import KINDS
from sapar.network.engine.vocabulary import Known
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from pathlib import Path

SHARED = "sources"
"""Besides the kinds, a file may hold this group: anchors for sources that entries share."""


def read(folder: Path) -> tuple[tuple[Raw, ...], list[Problem]]:
    """Read every *.yaml of a folder.

    Returns:
        The entries as written, and the problems of files that are no YAML or hold something else.
    """
    raws: list[Raw] = []
    problems: list[Problem] = []
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if not files:
        problems.append(Problem.of("network.no_files", where=str(folder), value=folder.name))
    for file in files:
        try:
            document = YAML().load(file.read_text(encoding="utf-8"))
        except (YAMLError, UnicodeDecodeError) as error:
            problems.append(_not_yaml(file.name, error))
            continue
        if not isinstance(document, CommentedMap):
            problems.append(Problem.of("network.not_yaml", where=file.name, value=document))
            continue
        for key, entries in document.items():
            if key == SHARED:
                continue
            where = f"{file.name}:{document.lc.key(key)[0] + 1}"
            if key not in KINDS:
                problems.append(
                    Problem.of(
                        "network.unknown_kind", where=where, value=key, known=", ".join(KINDS)
                    )
                )
            elif not isinstance(entries, CommentedSeq):
                problems.append(
                    Problem.of("network.wrong_type", where=where, value=entries, wanted="a list")
                )
            else:
                raws.extend(_raw(key, file.name, entries, at) for at in range(len(entries)))
    return tuple(raws), problems


def _not_yaml(name: str, error: Exception) -> Problem:
    mark = getattr(error, "problem_mark", None) if isinstance(error, MarkedYAMLError) else None
    where = f"{name}:{mark.line + 1}" if mark is not None else name
    return Problem.of("network.not_yaml", where=where, value=getattr(error, "problem", "") or error)


def _raw(kind: str, file: str, entries: CommentedSeq, at: int) -> Raw:
    lines: dict[FieldPath, int] = {(): entries.lc.item(at)[0] + 1}
    data = _plain(entries[at], (), lines)
    return Raw(kind, file, data, lines)


def _plain(value: Any, path: FieldPath, lines: dict[FieldPath, int]) -> Any:
    """Python's own types; `lines` gathers where each value stands."""
    if isinstance(value, CommentedMap):
        result = {}
        for key in value:
            inner = (*path, str(key))
            lines[inner] = value.lc.key(key)[0] + 1
            result[key] = _plain(value[key], inner, lines)
        return result
    if isinstance(value, CommentedSeq):
        for at in range(len(value)):
            lines[(*path, at)] = value.lc.item(at)[0] + 1
        return [_plain(inner, (*path, at), lines) for at, inner in enumerate(value)]
    if isinstance(value, ScalarString):
        return str(value)
    if isinstance(value, bool) or value is None:
        return value
    return int(value) if isinstance(value, int) else value


@cache
def _world() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    return (
        frozenset(code for code, _name in countries("en")),
        frozenset(map(str, Locale("en").currencies)),
        frozenset(available_timezones()),
    )


def known(codes: dict[str, frozenset[str]]) -> Known:
    """The world outside the files: countries, currencies, time zones, and stored codes."""
    return Known(*_world(), codes)
