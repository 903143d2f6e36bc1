"""Reading a part of a document: every mistake is noted with its line, and reading goes on."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ruamel.yaml.comments import CommentedMap

from sapar.hta.engine.expressions.functions import FUNCTIONS
from sapar.hta.engine.expressions.parse import ExpressionError, parse
from sapar.hta.engine.model.model import BUILT_IN, Expression
from sapar.values.statements import Param, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sapar.hta.engine.model.yaml import Place

MOST = 1e300
"""Numbers of a document are smaller; NaN and infinity are none."""
NAME = re.compile(r"[^\W\d]\w{0,60}")


@dataclass(slots=True)
class Reader:
    """Notes mistakes while a document is read; what is wrong is replaced by something harmless."""

    problems: list[Problem] = field(default_factory=list)

    def note(self, code: str, place: Place, value: Any = "", **params: Param) -> None:
        """Add a mistake at a place."""
        made = Problem.of(f"hta.input.{code}", where=place.where, value=value)
        self.problems.append(replace(made, params=MappingProxyType(params)))

    def mapping(
        self, place: Place, known: Iterable[str] | None, needed: Iterable[str] = ()
    ) -> bool:
        """Whether a mapping stands here, with known keys and all that are needed."""
        if not isinstance(place.value, CommentedMap):
            self.note("mapping", place, place.value)
            return False
        names = tuple(known) if known is not None else None
        for key, inside in place.items():
            if names is not None and key not in names:
                self.note("key", inside, key, known=", ".join(names))
        for key in needed:
            if key not in place.value:
                self.note("missing", place, key)
        return all(key in place.value for key in needed)

    def part(self, place: Place, key: str) -> Place | None:
        """What stands under a key, or None."""
        if isinstance(place.value, CommentedMap) and place.value.get(key) is not None:
            return place.at(key)
        return None

    def text(self, place: Place, key: str, default: str = "") -> str:
        """A text or a number under a key."""
        found = self.part(place, key)
        if found is None:
            return default
        if not isinstance(found.value, str | int | float) or isinstance(found.value, bool):
            self.note("text", found, found.value)
            return default
        return str(found.value)

    def yes(self, place: Place, key: str) -> bool:
        """Whether a key says true."""
        found = self.part(place, key)
        if found is None:
            return False
        if not isinstance(found.value, bool):
            self.note("yes", found, found.value)
            return False
        return found.value

    def choice(self, place: Place, key: str, known: tuple[str, ...], default: str) -> str:
        """One of some words under a key."""
        found = self.text(place, key, default)
        if found not in known:
            self.note("choice", place.at(key), found, known=", ".join(known))
            return default
        return found

    def number(self, place: Place, least: float, most: float) -> float:
        """A number from `least` to `most`."""
        found = place.value
        if isinstance(found, bool) or not isinstance(found, int | float) or math.isnan(found):
            self.note("number", place, found)
            return least
        if not least <= found <= most:
            self.note("range", place, found, least=f"{least:g}", most=f"{most:g}")
            return least
        return float(found)

    def whole(self, place: Place, least: int, most: int) -> int:
        """A whole number from `least` to `most`."""
        if isinstance(place.value, bool) or not isinstance(place.value, int):
            self.note("whole", place, place.value)
            return least
        return int(self.number(place, least, most))

    def name(self, place: Place, text: str) -> None:
        """A name that the model may give to something."""
        if NAME.fullmatch(text) is None:
            self.note("name", place, text)
        elif text in FUNCTIONS or text in BUILT_IN or text in {"and", "or", "not"}:
            self.note("reserved", place, text)

    def expression(self, place: Place) -> Expression:
        """An expression, or a plain number."""
        value = place.value
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            self.note("expression", place, value)
            value = 0
        if isinstance(value, int | float) and not abs(value) < MOST:
            self.note("range", place, value, least=f"{-MOST:g}", most=f"{MOST:g}")
            value = 0
        text = repr(float(value)) if isinstance(value, int | float) else str(value)
        try:
            return Expression(str(value), parse(text), place.where)
        except ExpressionError as error:
            self.problems.append(
                Problem.of(
                    f"hta.input.expression_{error.code}",
                    where=place.where,
                    value=text,
                    column=error.at,
                    found=error.found,
                )
            )
            return Expression("0", parse("0"), place.where)

    def by_name(self, place: Place | None) -> dict[str, Expression]:
        """A mapping from names to expressions."""
        if place is None or not self.mapping(place, None):
            return {}
        return {key: self.expression(inside) for key, inside in place.items()}
