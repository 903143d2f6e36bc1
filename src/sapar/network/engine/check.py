"""Checks raw entries, as a person wrote them, and gives their plain form or every problem."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from sapar.network.engine import vocabulary as words
from sapar.network.engine.kinds import KINDS, Kind
from sapar.network.engine.snapshot import Dated
from sapar.values.marks import Mark, Source
from sapar.values.money import Money
from sapar.values.plain import from_plain, to_plain
from sapar.values.statements import Problem

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Raw:
    """One entry as it was written.

    Attributes:
        kind: a key of KINDS.
        file: name of the file or form, for messages.
        data: mappings, lists and scalars.
        lines: path within the entry to its line, counted from 1; () is the entry's own.
    """

    kind: str
    file: str
    data: Any
    lines: Mapping[Path, int] = field(default_factory=dict)

    def where(self, path: Path) -> str:
        """File, line and field: "agreements.yaml:12 quotas[0].places"."""
        at = path
        while at and at not in self.lines:
            at = at[:-1]
        line = self.lines.get(at)
        name = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path).lstrip(".")
        return f"{self.file}{f':{line}' if line else ''}{f' {name}' if name else ''}"


@dataclass(frozen=True, slots=True)
class Checked:
    """A good entry: its plain form, and the owner the file names, or ""."""

    kind: str
    code: str
    data: dict[str, Any]
    owner: str = ""


def check(raws: tuple[Raw, ...], known: words.Known) -> tuple[tuple[Checked, ...], list[Problem]]:
    """Check all entries together, each against its kind and all against each other.

    Args:
        raws: what was read.
        known: what exists outside of it.

    Returns:
        The good entries, and every problem found; a load with any problem is refused whole.
    """
    codes: dict[str, set[str]] = {key: set(known.codes.get(key, ())) for key in KINDS}
    for raw in raws:
        if isinstance(raw.data, Mapping) and isinstance(raw.data.get("code"), str):
            codes[raw.kind].add(raw.data["code"])
    problems: list[Problem] = []
    good: list[tuple[Raw, Checked]] = []
    for raw in raws:
        walker = _Walker(raw, known, codes)
        checked = walker.entry(KINDS[raw.kind])
        problems.extend(walker.problems)
        if checked is not None and not walker.problems:
            good.append((raw, checked))
    problems.extend(_duplicates(good))
    problems.extend(_overlaps(good))
    return tuple(checked for _raw, checked in good), problems


def hints(kind: type) -> dict[str, Any]:
    """The resolved annotations of an entry's dataclass."""
    return _hints(kind)


@cache
def _hints(kind: type) -> dict[str, Any]:
    names = {"Mapping": Mapping, "date": date, "Source": Source, "Money": Money, "Mark": Mark}
    return typing.get_type_hints(kind, localns={**names, "Decimal": Decimal})


class _Walker:
    """Walks one entry along its dataclass, collecting problems."""

    def __init__(self, raw: Raw, known: words.Known, codes: dict[str, set[str]]) -> None:
        self.raw = raw
        self.known = known
        self.codes = codes
        self.problems: list[Problem] = []

    def say(self, code: str, path: Path, value: object = "", **params: Any) -> None:
        where = self.raw.where(path)
        self.problems.append(Problem.of(f"network.{code}", where=where, value=value, **params))

    def entry(self, kind: Kind) -> Checked | None:
        data = self.raw.data
        if not isinstance(data, Mapping):
            self.say("wrong_type", (), data, wanted="an entry with code and source")
            return None
        owner = data.get("owner") or ""
        if owner and owner not in self.codes["organisations"]:
            self.say("unknown_code", ("owner",), owner, kind="organisations")
        rest = {k: v for k, v in data.items() if k != "owner"}
        plain = self.dataclass(kind.entry, rest, (), None)
        if self.problems or plain is None:
            return None
        # Through the dataclass and back, so that defaults are left out and sets sorted.
        data = to_plain(from_plain(kind.entry, plain))
        return Checked(kind.key, data["code"], data, str(owner))

    def dataclass(self, kind: type, value: Any, path: Path, outer: Any) -> dict[str, Any] | None:
        if kind is Money:
            return self.money(value, path)
        if not isinstance(value, Mapping):
            self.say("wrong_type", path, value, wanted="a group of fields")
            return None
        value = self.inherited(kind, value, outer)
        shapes = hints(kind)
        for key in value:
            if key not in shapes:
                self.say("unknown_key", (*path, str(key)), key, known=", ".join(shapes))
        result: dict[str, Any] = {}
        for f in fields(kind):
            if f.name not in value:
                if f.default is MISSING and f.default_factory is MISSING:
                    self.say("missing_field", path, f.name)
                continue
            inner = value if f.name != "source" else outer
            result[f.name] = self.value(
                shapes[f.name], value[f.name], (*path, f.name), f"{kind.__name__}.{f.name}", inner
            )
        if issubclass(kind, Dated):
            first, last = result.get("valid_from"), result.get("valid_to")
            if first and last and first > last:
                self.say("date_order", (*path, "valid_to"), last, first=first)
        return result

    def inherited(self, kind: type, value: Mapping[Any, Any], outer: Any) -> Mapping[Any, Any]:
        """Quotas and start windows take the entry's source, and a code made from the entry's."""
        if outer is None or not issubclass(kind, Dated):
            return value
        suffix = "-".join(str(value.get(k, "")) for k in ("urgency", "programme") if value.get(k))
        code = f"{outer.get('code', '')}-{suffix or 'any'}"
        return {"code": code, "source": outer.get("source"), **value}

    def money(self, value: Any, path: Path) -> dict[str, Any] | None:
        if not isinstance(value, Mapping) or set(value) != {"amount", "currency"}:
            self.say("wrong_type", path, value, wanted="{amount: '1500', currency: KZT}")
            return None
        amount, currency = value["amount"], value["currency"]
        if currency not in self.known.currencies:
            self.say("bad_currency", (*path, "currency"), currency)
        try:
            exact = Decimal(amount) if isinstance(amount, str | int) else None
        except InvalidOperation:
            exact = None
        if exact is None or not exact.is_finite() or exact < 0:
            self.say("wrong_type", (*path, "amount"), amount, wanted="an amount in quotes")
            return None
        return {"amount": str(amount), "currency": currency}

    def value(  # noqa: PLR0911 - one return for each shape
        self, kind: Any, value: Any, path: Path, name: str, outer: Any
    ) -> Any:
        origin, args = typing.get_origin(kind), typing.get_args(kind)
        if origin in (typing.Union, types.UnionType):
            if value is None:
                return None
            return self.value(args[0], value, path, name, outer)
        if origin in (tuple, frozenset):
            return self.sequence(args, value, path, name, outer)
        if origin is Mapping:
            return self.names(value, path)
        if is_dataclass(kind):
            return self.dataclass(typing.cast("type", kind), value, path, outer)
        if kind is date:
            return self.day(value, path)
        return self.scalar(str if kind is Mark else kind, value, path, name)

    def sequence(
        self, args: tuple[Any, ...], value: Any, path: Path, name: str, outer: Any
    ) -> list[Any] | None:
        if not isinstance(value, list | tuple):
            self.say("wrong_type", path, value, wanted="a list in brackets")
            return None
        fixed = len(args) > 1 and args[-1] is not Ellipsis
        if fixed and len(value) != len(args):
            self.say("wrong_type", path, value, wanted=f"a list of {len(args)} values")
            return None
        result = [self.value(args[0], v, (*path, i), name, outer) for i, v in enumerate(value)]
        if fixed and not self.problems and sorted(result) != result:
            self.say("wrong_type", path, value, wanted="the smaller value first")
        return result

    def names(self, value: Any, path: Path) -> dict[str, str] | None:
        if not isinstance(value, Mapping):
            self.say("wrong_type", path, value, wanted="names by language")
            return None
        for language in words.LANGUAGES:
            if not value.get(language):
                self.say("missing_language", path, language)
        for language, text in value.items():
            if language not in words.LANGUAGES:
                self.say("unknown_key", (*path, language), language, known="kk, ky, uz, ru, en")
            elif not isinstance(text, str):
                self.say("wrong_type", (*path, language), text, wanted="a text")
        return dict(value)

    def day(self, value: Any, path: Path) -> str | None:
        if type(value) is date:
            return value.isoformat()
        try:
            return date.fromisoformat(value).isoformat()
        except (TypeError, ValueError):
            self.say("bad_date", path, value)
            return None

    def scalar(self, kind: type, value: Any, path: Path, name: str) -> Any:
        if type(value) is not kind:
            said = {str: "a text", int: "a whole number", bool: "true or false"}
            self.say("wrong_type", path, value, wanted=said.get(kind, kind.__name__))
            return None
        least = 1 if name in words.AT_LEAST_ONE else 0
        if type(value) is int and value < least:
            self.say("too_small", path, value)
        if isinstance(value, str):
            self.text(value, path, name)
        return value

    def text(self, value: str, path: Path, name: str) -> None:
        last = name.rsplit(".", 1)[-1]
        if last == "code" and not words.CODE.fullmatch(value):
            self.say("bad_code", path, value)
        if name in words.WORDS and value not in words.WORDS[name]:
            self.say("not_in_list", path, value, known=", ".join(w for w in words.WORDS[name] if w))
        if name in words.REFERENCES and value and value not in self.codes[words.REFERENCES[name]]:
            self.say("unknown_code", path, value, kind=words.REFERENCES[name])
        if name in words.COUNTRIES and value not in self.known.countries:
            self.say("bad_country", path, value)
        if name == "Indication.icd10" and not words.ICD10.fullmatch(value):
            self.say("bad_icd10", path, value)
        if last in words.ZONES and value not in self.known.zones:
            self.say("bad_zone", path, value)
        if last in words.CLOCKS and not words.CLOCK.fullmatch(value):
            self.say("wrong_type", path, value, wanted='a time such as "09:00"')
        if name == "Source.title" and not value.strip():
            self.say("missing_field", path, "title")


def _duplicates(good: list[tuple[Raw, Checked]]) -> list[Problem]:
    seen: dict[tuple[str, str], Raw] = {}
    problems = []
    for raw, entry in good:
        key = (entry.kind, entry.code)
        if key in seen:
            first = seen[key].where(("code",))
            where = raw.where(("code",))
            problems.append(
                Problem.of("network.duplicate_code", where=where, value=entry.code, first=first)
            )
        seen.setdefault(key, raw)
    return problems


def _overlap(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    start = max(first.get("valid_from") or "0000", second.get("valid_from") or "0000")
    return start <= min(first.get("valid_to") or "9999", second.get("valid_to") or "9999")


def _overlaps(good: list[tuple[Raw, Checked]]) -> list[Problem]:
    """Two entries, or two quotas of one agreement, that claim the same thing for the same day."""
    problems = []
    groups: dict[tuple[Any, ...], list[tuple[Raw, Path, Mapping[str, Any]]]] = {}
    for raw, entry in good:
        once = KINDS[entry.kind].once
        if once:
            key = (entry.kind, *(str(entry.data.get(name, "")) for name in once))
            groups.setdefault(key, []).append((raw, (), entry.data))
        for at, quota in enumerate(entry.data.get("quotas", ())):
            key = ("quota", entry.code, quota["programme"])
            groups.setdefault(key, []).append((raw, ("quotas", at), quota))
    for members in groups.values():
        for at, (raw, path, data) in enumerate(members):
            for _raw, _path, other in members[:at]:
                if data["code"] != other["code"] and _overlap(data, other):
                    where = raw.where(path)
                    problems.append(
                        Problem.of(
                            "network.overlap", where=where, value=data["code"], other=other["code"]
                        )
                    )
    return problems
