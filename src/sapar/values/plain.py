"""Frozen dataclasses to plain JSON values and back, by their annotations.

One codec for everything an engine takes and gives, so that a question, an answer or a draft can
be stored, compared byte for byte (with canonical JSON) and read again. No pickles.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import sys
import types
import typing
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin
from uuid import UUID

from sapar.values.money import Money
from sapar.values.statements import Param

T = TypeVar("T")
_skip_unknown: ContextVar[bool] = ContextVar("sapar_plain_skip_unknown", default=False)


class PlainError(ValueError):
    """The plain value does not fit the dataclass."""


def to_plain(value: Any) -> Any:  # noqa: PLR0911 - one return a kind
    """Turn dataclasses, enums, dates, decimals, sets and mappings into JSON values.

    Sets become sorted lists; decimals become strings; money becomes `{"amount", "currency"}`;
    fields that equal their default are left out, so that stored values stay short.

    Raises:
        PlainError: something has no plain form.
    """
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            f.name: _params(v) if f.name == "params" else to_plain(v)
            for f in dataclasses.fields(value)
            if not _is_default(f, v := getattr(value, f.name))
        }
    if isinstance(value, Mapping):
        return {str(k): to_plain(value[k]) for k in sorted(value)}
    if isinstance(value, frozenset | set):
        return sorted(to_plain(v) for v in value)
    if isinstance(value, tuple | list):
        return [to_plain(v) for v in value]
    message = f"{type(value).__name__} has no plain form"
    raise PlainError(message)


def _params(params: Mapping[str, Param]) -> dict[str, Any]:
    """Parameters may be of several kinds, so each but text and whole numbers is tagged."""
    return {name: _tagged(params[name]) for name in sorted(params)}


def _tagged(value: Param) -> Any:
    if value is None or isinstance(value, str | int):
        return value
    tag = next(k for k, kind in _TAGS if isinstance(value, kind))
    return {tag: to_plain(value)}


_TAGS: tuple[tuple[str, type], ...] = (
    ("moment", datetime),
    ("day", date),
    ("decimal", Decimal),
    ("money", Money),
)


def _untagged(plain: Any, path: str) -> Param:
    if plain is None or isinstance(plain, str | int):
        return plain
    if isinstance(plain, dict) and len(plain) == 1:
        tag, inner = next(iter(plain.items()))
        kind = dict(_TAGS).get(tag)
        if kind is not None:
            return typing.cast("Param", _read(kind, inner, path))
    raise _misfit(path, "a parameter of a phrase", plain)


def _is_default(field: dataclasses.Field[Any], value: Any) -> bool:
    if field.default is not dataclasses.MISSING:
        return bool(value == field.default)
    if field.default_factory is not dataclasses.MISSING:
        return bool(value == field.default_factory())
    return False


def from_plain(kind: type[T], plain: Any, *, skip_unknown: bool = False) -> T:
    """Read a value of `kind` from its plain form.

    Args:
        kind: the dataclass.
        plain: what `to_plain` made, perhaps long ago.
        skip_unknown: leave out fields that the dataclass no longer has, at any depth.

    Raises:
        PlainError: a field is unknown, missing or of another type; the message names the path.
    """
    token = _skip_unknown.set(skip_unknown)
    try:
        return typing.cast("T", _read(kind, plain, kind.__name__))
    finally:
        _skip_unknown.reset(token)


@cache
def _imported(module: str) -> dict[str, type]:
    """The classes that a module names in its import lines, those for type checking included.

    Two engines may each have a `Quota`: which one is meant, only the module's own lines say.
    """
    found: dict[str, type] = {}
    source = inspect.getsource(sys.modules[module])
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("sapar."):
            there = importlib.import_module(str(node.module))
            for name in node.names:
                value = getattr(there, name.name, None)
                if isinstance(value, type):
                    found[name.asname or name.name] = value
    return found


@cache
def _hints(kind: type) -> dict[str, Any]:
    """The resolved annotations; names imported only for type checking are found by import line."""
    known: dict[str, Any] = {"Mapping": Mapping, "date": date, "datetime": datetime}
    known |= {"Money": Money, "Param": Param}
    for parent in reversed(kind.__mro__):
        if parent.__module__ in sys.modules and dataclasses.is_dataclass(parent):
            own = vars(sys.modules[parent.__module__])
            known |= _imported(parent.__module__)
            known |= {name: value for name, value in own.items() if isinstance(value, type)}
    return typing.get_type_hints(kind, localns=known)


def _read(kind: Any, plain: Any, path: str) -> Any:  # noqa: C901, PLR0911 - one return a kind
    origin = get_origin(kind)
    if kind == Param:
        return _untagged(plain, path)
    if origin in (Union, types.UnionType):
        return _read_union(get_args(kind), plain, path)
    if origin is tuple:
        items = get_args(kind)
        if not isinstance(plain, list):
            raise _misfit(path, "a list", plain)
        if items[-1] is Ellipsis:
            return tuple(_read(items[0], v, f"{path}[{i}]") for i, v in enumerate(plain))
        if len(items) != len(plain):
            raise _misfit(path, f"a list of {len(items)}", plain)
        return tuple(_read(k, v, path) for k, v in zip(items, plain, strict=True))
    if origin is frozenset:
        if not isinstance(plain, list):
            raise _misfit(path, "a list", plain)
        return frozenset(_read(get_args(kind)[0], v, path) for v in plain)
    if origin is Mapping:
        if not isinstance(plain, dict):
            raise _misfit(path, "an object", plain)
        return {k: _read(get_args(kind)[1], v, f"{path}.{k}") for k, v in plain.items()}
    if dataclasses.is_dataclass(kind):
        return _read_dataclass(typing.cast("type", kind), plain, path)
    return _read_scalar(kind, plain, path)


def _read_union(kinds: tuple[Any, ...], plain: Any, path: str) -> Any:
    if plain is None and type(None) in kinds:
        return None
    for kind in (k for k in kinds if k is not type(None)):
        try:
            return _read(kind, plain, path)
        except PlainError:
            continue
    raise _misfit(path, " or ".join(getattr(k, "__name__", str(k)) for k in kinds), plain)


def _read_dataclass(kind: type, plain: Any, path: str) -> Any:
    if not isinstance(plain, dict):
        raise _misfit(path, f"an object ({kind.__name__})", plain)
    hints = _hints(kind)
    unknown = set(plain) - set(hints)
    if unknown and not _skip_unknown.get():
        message = f"{path}: unknown field {min(unknown)!r}"
        raise PlainError(message)
    values = {k: _read(hints[k], v, f"{path}.{k}") for k, v in plain.items() if k in hints}
    try:
        return kind(**values)
    except TypeError as error:
        message = f"{path}: {error}"
        raise PlainError(message) from error


def _read_scalar(kind: Any, plain: Any, path: str) -> Any:
    try:
        if kind in (str, bool, int):
            if type(plain) is not kind:
                raise _misfit(path, kind.__name__, plain)
            return plain
        if isinstance(plain, str) and isinstance(kind, type):
            if issubclass(kind, date):
                return kind.fromisoformat(plain)
            if issubclass(kind, Enum | Decimal | UUID):
                return kind(plain)
    except (ValueError, ArithmeticError) as error:
        raise _misfit(path, getattr(kind, "__name__", str(kind)), plain) from error
    raise _misfit(path, getattr(kind, "__name__", str(kind)), plain)


def _misfit(path: str, wanted: str, plain: Any) -> PlainError:
    return PlainError(f"{path}: {str(plain)[:60]!r} is not {wanted}")
