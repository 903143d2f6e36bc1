"""The one form in which an answer is kept and compared: plain JSON, the same on every database."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import rfc8785

SAFE = 1 << 53
"""Whole numbers up to here are the same as floats and in JSON (RFC 8785)."""


def _number(value: float) -> float | str:
    if isinstance(value, int):
        return value if abs(value) < SAFE else float(value)
    # PostgreSQL keeps no sign of zero and no infinity in JSON.
    return (value + 0.0) if math.isfinite(value) else str(value)


def plain(value: Any, *, sort: bool = False) -> Any:
    """A value as JSON keeps it: not-finite numbers as words, large whole numbers as floats.

    Args:
        value: mappings, lists, texts, numbers, None; arrays' scalars as their numbers.
        sort: put keys in order, where a page lists them: PostgreSQL keeps no order of its own.
    """
    if isinstance(value, dict):
        keys = sorted(value, key=str) if sort else value
        return {str(key): plain(value[key], sort=sort) for key in keys}
    if isinstance(value, list | tuple):
        return [plain(each, sort=sort) for each in value]
    if value is None or isinstance(value, bool | str):
        return value
    number = value.item() if hasattr(value, "item") else value
    return _number(number) if isinstance(number, int | float) else str(number)


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON (RFC 8785) of a value, in hexadecimal digits.

    Equal for two values exactly if every number in them has the same bits.
    """
    return hashlib.sha256(rfc8785.dumps(plain(value))).hexdigest()


def text_digest(text: str) -> str:
    """SHA-256 of a document in UTF-8, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def numbers(value: Any, path: str = "") -> dict[str, float]:
    """Every number of an answer by its path, such as `strategies[0].cost`."""
    found: dict[str, float] = {}
    if isinstance(value, dict):
        for key, each in value.items():
            found |= numbers(each, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for place, each in enumerate(value):
            found |= numbers(each, f"{path}[{place}]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        found[path] = float(value)
    return found
