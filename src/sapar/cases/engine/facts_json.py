"""What a referral says, to JSON and back without loss. Versioned.

The JSON is plain: dataclasses as objects of their fields, tuples as arrays, sets as sorted
arrays, days and moments in ISO 8601. A field that a later version of Sapar drops is ignored on
reading; one that it adds takes its default.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sapar.cases.engine import referral
from sapar.cases.engine.referral import ReferralFacts
from sapar.people.engine import facts as people_facts

VERSION = 1
_NAMES = {
    **{k: v for k, v in vars(people_facts).items() if isinstance(v, type)},
    **{k: v for k, v in vars(referral).items() if isinstance(v, type)},
    "date": date,
    "datetime": datetime,
}


class UnknownVersionError(ValueError):
    """The JSON was written by a later version of Sapar."""


@lru_cache(maxsize=64)
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls, globalns=dict(_NAMES))


def _is_default(field: dataclasses.Field[Any], value: Any) -> bool:
    if field.default is not dataclasses.MISSING:
        return bool(value == field.default)
    if field.default_factory is not dataclasses.MISSING:
        return bool(value == field.default_factory())
    return False


def _out(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {
            f.name: _out(getattr(value, f.name))
            for f in dataclasses.fields(value)
            if not _is_default(f, getattr(value, f.name))
        }
    if isinstance(value, tuple):
        return [_out(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def _into(hint: Any, value: Any) -> Any:  # noqa: PLR0911 - one return for each kind of field
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        if value is None:
            return None
        return _into(next(a for a in args if a is not type(None)), value)
    if origin is tuple:
        return tuple(_into(args[0], item) for item in value)
    if origin is frozenset:
        return frozenset(value)
    if hint is datetime:
        return datetime.fromisoformat(value)
    if hint is date:
        return date.fromisoformat(value)
    if dataclasses.is_dataclass(hint):
        return _object(hint, value)
    return value


def _object(cls: Any, value: dict[str, Any]) -> Any:
    hints = _hints(cls)
    return cls(**{name: _into(hints[name], item) for name, item in value.items() if name in hints})


def to_json(facts: ReferralFacts) -> dict[str, Any]:
    """The facts as plain JSON values; defaults are left out."""
    return {"version": VERSION, **_out(facts)}


def from_json(data: dict[str, Any]) -> ReferralFacts:
    """The facts that `to_json` wrote; an empty object is an empty referral.

    Raises:
        UnknownVersionError: written by a later version.
    """
    version = data.get("version", VERSION)
    if version > VERSION:
        message = f"facts of version {version}; this Sapar reads up to {VERSION}"
        raise UnknownVersionError(message)
    result: ReferralFacts = _object(ReferralFacts, data)
    return result
