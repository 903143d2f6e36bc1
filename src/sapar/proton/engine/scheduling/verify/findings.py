"""What the checker found, and the shape that an answer must have before its rules are looked at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.verify import clock
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from sapar.values.statements import Param

Shape = str | list[Any] | dict[str, Any]
"""What a value must be: a word of `WORDS` (with `?`: null is allowed), `[shape]` for a list of
these, or `{key: shape}` for an object, where a key ending in `?` may be left out."""


LARGEST = 10**15
"""No number of a document is larger; JSON could carry any."""


class Findings:
    """The list of faults, in the order in which they were found."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, code: str, where: str, value: object = "", **params: Param) -> None:
        """Note one fault: the code of its phrase, the path in the answer, the value and more."""
        self.problems.append(replace(Problem.of(code, where=where, value=value), params=params))

    def __bool__(self) -> bool:
        return bool(self.problems)


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and clock.is_time(value)


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and clock.is_date(value)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST


def _is_number(value: Any) -> bool:
    # Neither NaN nor an infinity: no comparison with them would find anything.
    return _is_integer(value) or (isinstance(value, float) and abs(value) < LARGEST)


def _is_window(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_time(end) for end in value)


WORDS: dict[str, Callable[[Any], bool]] = {
    "any": lambda _: True,
    "text": lambda value: isinstance(value, str),
    "flag": lambda value: isinstance(value, bool),
    "integer": _is_integer,
    "number": _is_number,
    "time": _is_time,
    "date": _is_date,
    "window": _is_window,
    "object": lambda value: isinstance(value, dict),
    "list": lambda value: isinstance(value, list),
}

ENDED: dict[str, Any] = {
    "seed?": "integer",
    "work?": {"unit": "text", "used": "number", "limit": "number?"},
    "stopped_by": "text",
}
"""What every answer says of its search."""

STOPPED_BY = {"proof", "work", "clock", "stop"}

REASON = {"code": "text", "params?": "object"}


def look(value: Any, shape: Shape, where: str, found: Findings) -> None:
    """Compare a value with its shape; each difference becomes `proton.verify.shape`."""
    if isinstance(shape, str):
        word, null = shape.removesuffix("?"), shape.endswith("?")
        if not (value is None and null) and not WORDS[word](value):
            found.add("proton.verify.shape", where, value, wanted=shape)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            found.add("proton.verify.shape", where, value, wanted="list")
            return
        for index, item in enumerate(value):
            look(item, shape[0], f"{where}[{index}]", found)
    elif not isinstance(value, dict):
        found.add("proton.verify.shape", where, value, wanted="object")
    else:
        for key, inner in shape.items():
            name = key.removesuffix("?")
            path = f"{where}.{name}" if where else name
            if name in value:
                look(value[name], inner, path, found)
            elif not key.endswith("?"):
                found.add("proton.verify.shape", path, None, wanted="given")


def near(stated: float, true: float, slack: float = 1e-3) -> bool:
    """Whether two numbers agree but for rounding: `slack`, and a millionth of the value."""
    return abs(stated - true) <= slack + 1e-6 * abs(true)


def shown(value: float) -> str:
    """A number as phrases take it: at most four decimals."""
    return f"{value:.4f}".rstrip("0").rstrip(".")
