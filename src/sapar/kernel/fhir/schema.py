"""Validation against the official FHIR R4 schema (4.0.1), one resource type at a time.

The schema is the trimmed copy that `scripts/trim_fhir_schema.py` makes. A validator for one
type is some twenty times as quick as the official `oneOf` of all types, and its messages speak
of that type only.
"""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from jsonschema import Draft6Validator

from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jsonschema.exceptions import ValidationError

LIMIT_PROBLEMS = 25
"""Problems named for one resource; more would hide the rest."""

DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T.*)?", re.DOTALL)
FREE_TEXT = frozenset(
    {"value", "valueString", "text", "display", "id", "code", "url", "reference", "system", "div"}
)
"""Elements that may look like a date without being one."""


@cache
def _schema() -> dict[str, Any]:
    text = (files("sapar.kernel.fhir") / "schema" / "r4.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def read_types() -> frozenset[str]:
    """Resource types that can be validated and read."""
    return frozenset(_schema()["read"])


@cache
def written_types() -> frozenset[str]:
    """Resource types that can be validated and are only written."""
    return frozenset(_schema()["written"])


@cache
def known_types() -> frozenset[str]:
    """All resource types of FHIR R4."""
    return frozenset(_schema()["known"])


@cache
def validator(kind: str) -> Draft6Validator:
    """The validator of one resource type.

    Raises:
        KeyError: Sapar neither reads nor writes this type.
    """
    if kind not in read_types() | written_types():
        raise KeyError(kind)
    schema = _schema()
    return Draft6Validator(
        {
            "$schema": schema["$schema"],
            "definitions": schema["definitions"],
            "$ref": f"#/definitions/{kind}",
        }
    )


def path(where: str, parts: Iterable[str | int]) -> str:
    """A FHIRPath-like place: `Patient`, ("name", 0, "family") gives `Patient.name[0].family`."""
    text = where
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text


def _problems(error: ValidationError, where: str) -> Iterator[Problem]:
    """One error of the schema in our words."""
    place = path(where, error.absolute_path)
    rule, wanted = error.validator, cast("Any", error.validator_value)
    sent = cast("Any", error.instance)
    if rule == "additionalProperties" and isinstance(error.schema, dict):
        allowed = error.schema.get("properties", {})
        for name in sent:
            if name not in allowed:
                yield Problem.of(
                    "fhir.unknown_element", where=f"{place}.{name}", value=name, fatal=False
                )
    elif rule == "required":
        missing = [name for name in wanted if name not in sent]
        for name in missing[:1]:
            yield Problem.of("fhir.missing_element", where=place, value=name, fatal=False)
    elif rule == "enum":
        # The first members of a long list are enough to see what is meant.
        allowed_codes = ", ".join(str(code) for code in wanted[:12])
        yield Problem.of(
            "fhir.wrong_code", where=place, value=sent, fatal=False, allowed=allowed_codes
        )
    elif rule == "type":
        yield Problem.of(
            "fhir.wrong_type",
            where=place,
            value=sent,
            fatal=False,
            expected=str(wanted),
        )
    else:
        yield Problem.of("fhir.wrong_value", where=place, value=sent, fatal=False)


def check(resource: dict[str, Any], where: str) -> list[Problem]:
    """What the official schema says against a resource.

    Args:
        resource: a resource whose type is one of `read_types()` or `written_types()`.
        where: its place, the beginning of every problem's place.

    Returns:
        problems, none fatal: what is wrong is left out or taken as sent, the rest is imported.
    """
    found: list[Problem] = []
    for error in validator(resource["resourceType"].strip()).iter_errors(resource):
        found.extend(_problems(error, where))
        if len(found) >= LIMIT_PROBLEMS:
            break
    return found[:LIMIT_PROBLEMS]


def drop_impossible_dates(resource: dict[str, Any], where: str) -> list[Problem]:
    """Take out days that no calendar has, such as 30 February, and name them.

    The schema's patterns cannot see them. The resource is changed in place; the stored original
    is not.
    """
    problems: list[Problem] = []
    ahead: list[tuple[Any, str]] = [(resource, where)]
    while ahead:
        node, place = ahead.pop()
        if isinstance(node, list):
            ahead.extend((inner, f"{place}[{i}]") for i, inner in enumerate(node))
            continue
        for key in list(node) if isinstance(node, dict) else ():
            inner = node[key]
            if isinstance(inner, dict | list):
                ahead.append((inner, f"{place}.{key}"))
            elif isinstance(inner, str) and key not in FREE_TEXT and not _possible(inner):
                problems.append(
                    Problem.of(
                        "fhir.impossible_date", where=f"{place}.{key}", value=inner, fatal=False
                    )
                )
                del node[key]
    return problems


def _possible(text: str) -> bool:
    match = DAY.fullmatch(text)
    if match is None:
        return True
    try:
        date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return False
    return True
