"""Reading a JSON document with its place in hand, so that every mistake can be named.

A `Reader` stands at one place of a document. Its methods return a value of the asked kind; where
there is none they note a `Problem` and return a harmless value, so that one pass finds all
mistakes. Call `finish` before anything is used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.problem.minutes import Interval, day_of, intervals, minute_of
from sapar.proton.engine.scheduling.problem.minutes import bits as bits_of
from sapar.values.statements import Param, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    T = TypeVar("T")

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_ITEMS = 200_000
"""A list longer than that is a mistake or an attack."""

_MISSING: Any = object()


class BadProblemError(Exception):
    """A document that cannot be planned; `problems` names every mistake that was found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{p.code} at {p.where}" for p in problems[:20]))
        self.problems = problems


@dataclass(slots=True)
class Reader:
    """One place in a document.

    Attributes:
        value: what stands there.
        where: its path, for instance `rooms[2].open[0]`.
        problems: shared by all readers of a document; more are added while reading.
        asked: keys that were read here; `done` names the others.
    """

    value: Any
    where: str
    problems: list[Problem]
    asked: set[str]

    @classmethod
    def of(cls, document: Any, where: str = "") -> Reader:
        """Begin at the top of a document."""
        return cls(document, where, [], set())

    def note(self, code: str, *, at: str = "", value: Any = "", **params: Param) -> None:
        """Add a mistake at this place, or at `at` below it."""
        where = self.path(at) if at else self.where
        made = Problem.of(f"proton.input.{code}", where=where, value=value)
        self.problems.append(replace(made, params=MappingProxyType(params)))

    def path(self, key: str) -> str:
        """The path of something below this place."""
        return f"{self.where}.{key}" if self.where and not key.startswith("[") else self.where + key

    def __contains__(self, key: str) -> bool:
        """Whether the key is there and says something."""
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def _get(self, key: str, kind: type | tuple[type, ...], name: str, default: Any) -> Any:
        self.asked.add(key)
        if not isinstance(self.value, dict):
            return None
        found = self.value.get(key, _MISSING)
        if found is _MISSING or found is None:
            if default is _MISSING:
                self.note("missing", at=key)
            return _MISSING
        if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
            self.note("kind", at=key, value=found, wanted_phrase=f"proton.kind.{name}")
            return _MISSING
        return found

    def needs(self, key: str) -> None:
        """The key has to be there, though null may stand under it."""
        if isinstance(self.value, dict) and key not in self.value:
            self.note("missing", at=key)

    def is_object(self) -> bool:
        """Whether a JSON object stands here; notes it where not."""
        if not isinstance(self.value, dict):
            self.note("kind", value=self.value, wanted_phrase="proton.kind.object")
            return False
        return True

    def schema(self, wanted: str) -> None:
        """The document says which form it has."""
        found = self._get("schema", str, "text", "")
        if found != wanted:
            shown = "" if found is _MISSING else found
            self.note("schema", at="schema", value=shown, wanted=wanted)

    def text(self, key: str, default: Any = _MISSING) -> Any:
        """A text of 1 to 200 characters."""
        found = self._get(key, str, "text", default)
        if found in (_MISSING, None):
            return "" if default is _MISSING else default
        if not 1 <= len(found) <= 200:
            self.note("text_length", at=key, value=found)
        return found

    def whole(
        self, key: str, default: Any = _MISSING, *, least: int = 0, most: int = 10_000_000
    ) -> Any:
        """A whole number from `least` to `most`."""
        found = self._get(key, int, "whole", default)
        if found in (_MISSING, None):
            return least if default is _MISSING else default
        if not least <= found <= most:
            code = "negative" if found < 0 <= least else "range"
            self.note(code, at=key, value=found, least=least, most=most)
            return least
        return found

    def number(
        self, key: str, default: Any = _MISSING, *, least: float = 0.0, most: float = 1e9
    ) -> Any:
        """A number from `least` to `most`; not infinite and not NaN."""
        found = self._get(key, (int, float), "number", default)
        if found in (_MISSING, None):
            return least if default is _MISSING else default
        if not least <= found <= most:
            code = "negative" if found < 0 <= least else "range"
            self.note(code, at=key, value=found, least=str(least), most=str(most))
            return float(least)
        return float(found)

    def yes(self, key: str, *, default: bool = False) -> bool:
        """True or false."""
        found = self._get(key, bool, "yes", default)
        return default if found in (_MISSING, None) else bool(found)

    def day(self, key: str, default: Any = _MISSING) -> Any:
        """A date."""
        found = self._get(key, str, "date", default)
        if found in (_MISSING, None):
            return date(1970, 1, 1) if default is _MISSING else default
        read = day_of(found)
        if read is None:
            self.note("date", at=key, value=found)
            return date(1970, 1, 1)
        return read

    def moment(self, key: str, default: Any = _MISSING) -> Any:
        """A local date and time, without a zone."""
        found = self._get(key, str, "moment", default)
        if found in (_MISSING, None):
            return datetime(1970, 1, 1) if default is _MISSING else default  # noqa: DTZ001 - local
        before, _, after = found.partition("T")
        day, minute = day_of(before), minute_of(after)
        if day is None or minute is None:
            self.note("moment", at=key, value=found)
            return datetime(1970, 1, 1)  # noqa: DTZ001 - the centre's own clock
        return datetime.combine(day, time()) + timedelta(minutes=minute)

    def minute(self, key: str, default: Any = _MISSING) -> Any:
        """A time of day, in minutes after midnight."""
        found = self._get(key, str, "time", default)
        if found in (_MISSING, None):
            return 0 if default is _MISSING else default
        read = minute_of(found)
        if read is None:
            self.note("time", at=key, value=found)
            return 0
        return read

    def choice(self, key: str, among: tuple[str, ...], default: Any = _MISSING) -> Any:
        """One of a few words."""
        found = self._get(key, str, "text", default)
        if found in (_MISSING, None):
            return among[0] if default is _MISSING else default
        if found not in among:
            self.note("choice", at=key, value=found, among=", ".join(among))
            return among[0]
        return found

    def items(self, key: str, *, optional: bool = False) -> Iterator[Reader]:
        """The members of a list, each with its place."""
        found = self._get(key, list, "list", () if optional else _MISSING)
        if found in (_MISSING, None) and not isinstance(found, list):
            return
        if len(found) > MOST_ITEMS:
            self.note("too_many", at=key, value=len(found), most=MOST_ITEMS)
            return
        for index, member in enumerate(found):
            yield Reader(member, f"{self.path(key)}[{index}]", self.problems, set())

    def inside(self, key: str) -> Reader | None:
        """The object under a key, or None."""
        found = self._get(key, dict, "object", None)
        if found in (_MISSING, None):
            return None
        return Reader(found, self.path(key), self.problems, set())

    def words(self, key: str, *, optional: bool = True) -> tuple[str, ...]:
        """A list of texts."""
        found = []
        for member in self.items(key, optional=optional):
            if isinstance(member.value, str) and member.value:
                found.append(member.value)
            else:
                member.note("kind", value=member.value, wanted_phrase="proton.kind.text")
        return tuple(found)

    def wholes(self, key: str, *, least: int, most: int) -> tuple[int, ...]:
        """A list of whole numbers; empty where the key is missing."""
        found = []
        for member in self.items(key, optional=True):
            fits = isinstance(member.value, int) and not isinstance(member.value, bool)
            if fits and least <= member.value <= most:
                found.append(member.value)
            else:
                member.note("range", value=member.value, least=least, most=most)
        return tuple(found)

    def weekdays(self, key: str, *, optional: bool = True) -> tuple[int, ...]:
        """Weekdays as numbers, Monday is 0."""
        found = []
        for word in self.words(key, optional=optional):
            if word in WEEKDAYS:
                found.append(WEEKDAYS.index(word))
            else:
                self.note("choice", at=key, value=word, among=", ".join(WEEKDAYS))
        return tuple(sorted(set(found)))

    def interval(self) -> Interval | None:
        """A pair of times of day that stands here, the second later."""
        pair = self.value
        if not isinstance(pair, list) or len(pair) != 2:
            self.note("kind", value=pair, wanted_phrase="proton.kind.pair")
            return None
        found = [minute_of(each) if isinstance(each, str) else None for each in pair]
        if found[0] is None or found[1] is None:
            negative = any(isinstance(p, str) and p.startswith("-") for p in pair) or any(
                isinstance(p, int) and p < 0 for p in pair
            )
            self.note("negative_time" if negative else "time", value=pair)
            return None
        return found[0], found[1]

    def intervals(self, key: str, *, optional: bool = False) -> tuple[Interval, ...]:
        """Intervals of one day, put in order and joined where they touch."""
        found = []
        for member in self.items(key, optional=optional):
            pair = member.interval()
            if pair is None:
                continue
            if pair[0] >= pair[1]:
                member.note("order", value=member.value)
            else:
                found.append(pair)
        return intervals(bits_of(found))

    def window(self, key: str) -> Interval | None:
        """The two ends of a window, both included; None where it is missing."""
        found = self._get(key, list, "pair", None)
        if found in (_MISSING, None):
            return None
        below = Reader(found, self.path(key), self.problems, set())
        pair = below.interval()
        if pair is not None and pair[0] > pair[1]:
            below.note("order", value=found)
            return None
        return pair

    def done(self) -> None:
        """Name the keys that nobody asked for."""
        if isinstance(self.value, dict):
            for key in self.value:
                if key not in self.asked:
                    self.note("unknown_key", at=str(key)[:60], value=str(key))

    def finish(self) -> None:
        """Raise where the document has a mistake.

        Raises:
            BadProblemError: with every mistake.
        """
        if self.problems:
            raise BadProblemError(tuple(self.problems))


def unique(found: list[T], key: Callable[[T], str], reader: Reader, at: str) -> tuple[T, ...]:
    """Sorted by id; an id that stands twice is a mistake."""
    seen: dict[str, T] = {}
    for each in found:
        name = key(each)
        if name in seen:
            reader.note("duplicate", at=at, value=name)
        seen.setdefault(name, each)
    return tuple(seen[name] for name in sorted(seen))
