"""From bytes to JSON values, with every trap of real files named: nothing here ever raises."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from sapar.values.statements import Problem

LIMIT_BYTES = 64 * 1024 * 1024
"""A larger file is refused; documents that large belong beside the referral, not inside it."""

LIMIT_DEPTH = 100
"""Levels of nesting. The deepest real summaries have about 20."""

LIMIT_DIGITS = 400
"""Digits of one whole number."""

UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
"""Control characters and lone surrogates: no database keeps them."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the bytes hold.

    Attributes:
        values: pairs of a place ("" or "line 3") and a JSON value.
        problems: what was wrong; when one is fatal there are no values.
        lines: whether it was newline-delimited JSON.
    """

    values: tuple[tuple[str, Any], ...] = ()
    problems: tuple[Problem, ...] = ()
    lines: bool = False


@dataclass(slots=True)
class _Notes:
    """What the JSON reader noticed on its way."""

    duplicates: list[str] = field(default_factory=list)
    constants: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    def pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """An object; of two values under one key the first is kept."""
        made = dict(pairs)
        if len(made) != len(pairs):
            made = {}
            for key, value in pairs:
                if key in made:
                    self.duplicates.append(key)
                else:
                    made[key] = value
        return made

    def constant(self, name: str) -> None:
        """NaN and Infinity are not JSON: no value."""
        self.constants.append(name)

    def whole(self, digits: str) -> int | None:
        """A whole number, unless it has absurdly many digits."""
        if len(digits) > LIMIT_DIGITS:
            self.numbers.append(digits)
            return None
        return int(digits)

    def decimal(self, digits: str) -> Decimal | None:
        """A decimal number with the precision that was sent."""
        try:
            made = Decimal(digits)
        except InvalidOperation:
            self.numbers.append(digits)
            return None
        if len(digits) > LIMIT_DIGITS or abs(made.adjusted()) > LIMIT_DIGITS:
            self.numbers.append(digits)
            return None
        return made

    def problems(self, where: str) -> list[Problem]:
        """One problem for each thing noticed."""
        return [
            *(Problem.of("fhir.duplicate_key", where=where, value=k, fatal=False)
              for k in dict.fromkeys(self.duplicates)),
            *(Problem.of("fhir.not_a_number", where=where, value=c, fatal=False)
              for c in dict.fromkeys(self.constants)),
            *(Problem.of("fhir.absurd_number", where=where, value=n, fatal=False)
              for n in self.numbers[:10]),
        ]  # fmt: skip


def _text(content: bytes) -> tuple[str, list[Problem]]:
    """The characters; UTF-16 and marks at the beginning are read and mentioned."""
    if content.startswith(b"\xef\xbb\xbf"):
        notice = Problem.of("fhir.byte_order_mark", value="UTF-8", fatal=False)
        return content[3:].decode("utf-8"), [notice]
    for mark, codec in ((b"\xff\xfe\x00\x00", "utf-32"), (b"\xff\xfe", "utf-16"),
                        (b"\xfe\xff", "utf-16")):  # fmt: skip
        if content.startswith(mark):
            notice = Problem.of("fhir.other_encoding", value=codec.upper(), fatal=False)
            return content.decode(codec), [notice]
    # JSON begins with an ASCII character, so the place of zero bytes tells the encoding.
    head = content[:2]
    for zero, codec in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(head) == 2 and head[zero] == 0 and head[1 - zero] != 0:
            notice = Problem.of("fhir.other_encoding", value=codec.upper(), fatal=False)
            return content.decode(codec), [notice]
    return content.decode("utf-8"), []


def _parse(text: str, where: str) -> tuple[Any, list[Problem]]:
    """One JSON value, or None and a fatal problem."""
    notes = _Notes()
    decoder = json.JSONDecoder(
        object_pairs_hook=notes.pairs,
        parse_constant=notes.constant,
        parse_int=notes.whole,
        parse_float=notes.decimal,
    )
    try:
        value = decoder.decode(text)
    except RecursionError:
        return None, [Problem.of("fhir.too_deep", where=where, limit=LIMIT_DEPTH)]
    except json.JSONDecodeError as error:
        unfinished = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        code = "fhir.truncated" if unfinished else "fhir.not_json"
        place = where or f"line {error.lineno}, column {error.colno}"
        near = text[error.pos : error.pos + 20]
        return None, [
            Problem.of(code, where=place, value=near, line=error.lineno, column=error.colno)
        ]
    if not _tidy(value):
        return None, [Problem.of("fhir.too_deep", where=where, limit=LIMIT_DEPTH)]
    return value, notes.problems(where)


def _tidy(value: Any) -> bool:
    """Replace characters that nothing can store; False when the nesting is too deep."""
    ahead: list[tuple[Any, int]] = [(value, 1)]
    while ahead:
        node, depth = ahead.pop()
        if depth > LIMIT_DEPTH:
            return False
        if isinstance(node, dict):
            if any(UNSAFE.search(key) for key in node):
                cleaned = {UNSAFE.sub(REPLACEMENT, key): inner for key, inner in node.items()}
                node.clear()
                node.update(cleaned)
            members: list[tuple[Any, Any]] = list(node.items())
        else:
            members = list(enumerate(node)) if isinstance(node, list) else []
        for key, inner in members:
            if isinstance(inner, str):
                if UNSAFE.search(inner):
                    node[key] = UNSAFE.sub(REPLACEMENT, inner)
            elif isinstance(inner, dict | list):
                ahead.append((inner, depth + 1))
    return True


def _lines(text: str, whole: list[Problem]) -> Decoded:
    """Newline-delimited JSON: a bad line is named, the others are read."""
    values: list[tuple[str, Any]] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"line {number}"
        value, found = _parse(line, where)
        if any(problem.fatal for problem in found):
            problems.append(Problem.of("fhir.bad_line", where=where, value=line[:40], fatal=False))
        else:
            values.append((where, value))
            problems.extend(found)
    if not values:
        return Decoded(problems=tuple(whole))
    return Decoded(tuple(values), tuple(problems), lines=True)


def decode(content: bytes) -> Decoded:
    """The JSON values in a file.

    Args:
        content: the bytes as received: JSON, a JSON list, or newline-delimited JSON.

    Returns:
        values and problems; never an exception, whatever the bytes are.
    """
    if len(content) > LIMIT_BYTES:
        megabytes = LIMIT_BYTES // (1024 * 1024)
        return Decoded(problems=(Problem.of("fhir.too_large", limit=megabytes),))
    try:
        text, notices = _text(content)
    except UnicodeDecodeError as error:
        return Decoded(problems=(Problem.of("fhir.not_text", where=f"byte {error.start}"),))
    text = text.removeprefix("\ufeff")
    if (problem := _no_json(text)) is not None:
        return Decoded(problems=(problem,))
    value, problems = _parse(text, "")
    if not any(problem.fatal for problem in problems):
        return Decoded((("", value),), (*notices, *problems))
    if "\n" in text.strip() and _is_value(text.lstrip().split("\n", 1)[0]):
        read = _lines(text, problems)
        return Decoded(read.values, (*notices, *read.problems), read.lines)
    return Decoded(problems=(*notices, *problems))


def _no_json(text: str) -> Problem | None:
    """What the first character gives away: nothing, XML, or something else."""
    head = text.lstrip()[:40]
    if not head:
        return Problem.of("fhir.empty_file")
    if head[0] == "<":
        return Problem.of("fhir.xml", value=head)
    if head[0] not in "{[":
        where = "line 1, column 1"
        return Problem.of("fhir.not_json", where=where, value=head, line=1, column=1)
    return None


def _is_value(line: str) -> bool:
    """Whether the first line alone is JSON: then the file is one value a line."""
    return not any(problem.fatal for problem in _parse(line, "")[1])
