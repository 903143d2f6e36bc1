"""What a structure's name says: the organ's words, the side, the level, a margin, a target's dose.

Sides and levels are taken out of a name before its words are compared, so that no likeness of
letters ever joins left with right or the upper with the lower part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from sapar.proton.engine.selection.names.words import fold, tokens

TARGETS: Final = ("igtv", "ictv", "gtv", "ctv", "itv", "ptv")
_TARGET: Final = re.compile(
    r"(?P<kind>igtv|ictv|gtv|ctv|itv|ptv)(?P<of>nd|p|n|t|sb|v)?(?P<number>\d{1,2})?"
)
_CLASSES: Final = {"p": "p", "n": "n", "nd": "n", "t": "p", "sb": "sb", "v": "v"}
MOST_MARGIN_MM: Final = 20.0
LEAST_DOSE_GY: Final = 20.0
MOST_DOSE_GY: Final = 100.0


@dataclass(frozen=True, slots=True)
class Form:
    """The part of a name that is compared.

    Attributes:
        words: folded, without sides, levels and what says nothing.
        side: "L", "R", "B" (both), "" (none said), "?" (left and right, or a side that only the
            plan knows: ipsilateral).
        level: "S", "M", "I" (upper, middle, lower) or "".
    """

    words: tuple[str, ...]
    side: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A target volume: GTV, CTV, ITV, PTV with what its name adds.

    Attributes:
        kind: upper case.
        of: "p" primary, "n" nodes, "sb", "v", or "".
        number: of several, or "".
        dose_gy: the dose that the name carries, Gy, or None.
        risk: "High", "Mid", "Low" or "".
    """

    kind: str
    of: str = ""
    number: str = ""
    dose_gy: float | None = None
    risk: str = ""

    @property
    def name(self) -> str:
        """The name by the report's pattern: kind, class, number, dose with its unit or risk."""
        shown = f"{self.kind}{self.of}{self.number}"
        if self.dose_gy is not None:
            shown += f"_{self.dose_gy:g}Gy"
        return f"{shown}_{self.risk}" if self.risk else shown


@dataclass(frozen=True, slots=True)
class Parsed:
    """A sent name, taken apart.

    Attributes:
        form: what is compared with the table.
        target: set where a target is named.
        margin: "" none; else "_PRV" or "_PRV05" (mm, two digits).
        helper: it serves planning only (ring, bolus, couch), by a word of its own.
        derived: a part or a difference of structures ("Brain-PTV", "Parotid~").
        left_over: numbers that nothing explains: a copy, a version.
    """

    form: Form
    target: Target | None = None
    margin: str = ""
    helper: bool = False
    derived: bool = False
    left_over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """The words that are no organ's, from the data file; a final * means any ending.

    Attributes:
        sides: "L", "R", "B", "?" to words as sent (not folded: one letter п is right, p is not).
        levels: "S", "M", "I" to words.
        risks: "High", "Mid", "Low" to words.
        helpers: words of structures that serve planning only.
        margins: words that say "with a margin".
        silent: words that say nothing ("gland", "organ").
        parts: words of a difference or a part ("minus", "without").
        target_words: folded words to the kind of target that they mean.
    """

    sides: dict[str, tuple[str, ...]]
    levels: dict[str, tuple[str, ...]]
    risks: dict[str, tuple[str, ...]]
    helpers: tuple[str, ...]
    margins: tuple[str, ...]
    silent: tuple[str, ...]
    parts: tuple[str, ...]
    target_words: dict[str, str] = field(default_factory=dict)


def _means(word: str, listed: tuple[str, ...]) -> bool:
    """Whether a word is one of a list, by itself or by its stem."""
    if word in listed:
        return True
    return any(each[-1:] == "*" and word.startswith(each[:-1]) for each in listed)


def _which(word: str, lists: dict[str, tuple[str, ...]]) -> str:
    """The key of the first list that has the word, or ""."""
    return next((key for key, listed in lists.items() if _means(word, listed)), "")


def peel(word: str, known: frozenset[str], rules: Rules) -> list[str]:
    """A word with a side or level grown onto it, taken apart where the rest is a known word.

    "lparotid" is "l", "parotid"; "lens" stays, because it is known whole.
    """
    if not known or len(word) < 4 or fold(word) in known:
        return [word]
    for lists in (rules.sides, rules.levels):
        for each in sorted({w for key in lists if key != "?" for w in lists[key]}, key=len)[::-1]:
            mark = each.rstrip("*")
            long_enough = lists is rules.sides or len(mark) >= 3
            if len(mark) < len(word) and each == mark and long_enough:
                if word.startswith(mark) and fold(word[len(mark) :]) in known:
                    return [mark, word[len(mark) :]]
                if word.endswith(mark) and fold(word[: -len(mark)]) in known:
                    return [word[: -len(mark)], mark]
    return [word]


@dataclass(slots=True)
class _Reader:
    """What has been understood of a name so far."""

    rules: Rules
    words: list[str] = field(default_factory=list)
    sides: set[str] = field(default_factory=set)
    levels: set[str] = field(default_factory=set)
    numbers: list[tuple[float, str]] = field(default_factory=list)
    kind: str = ""
    of: str = ""
    index: str = ""
    risk: str = ""
    helper: bool = False
    derived: bool = False
    margin: bool = False

    def take(self, word: str, before: str, after: str) -> None:
        """One word, with its neighbours."""
        if word[0].isdigit():
            self.numbers.append((float(word.replace(",", ".").replace("p", ".")), after))
        elif word in "+~%":
            self.margin = self.margin or (word == "+" and after[:1].isdigit())
            self.derived = self.derived or word == "~"
            self.helper = self.helper or word == "%"
        elif not self._unit(word, before) and not self._target(word):
            self._word(word)

    def _unit(self, word: str, before: str) -> bool:
        return before[:1].isdigit() and word in {"gy", "cgy", "гр", "сгр", "mm", "мм", "cm", "см"}

    def _target(self, word: str) -> bool:
        found = _TARGET.fullmatch(word)
        kind = found["kind"] if found else self.rules.target_words.get(fold(word), "")
        if not kind:
            return False
        # "PTV-GTV": one less another; "Brain-PTV": an organ less a target
        self.derived = self.derived or bool(self.kind or self.words)
        self.kind = kind
        if found:
            self.of = _CLASSES.get(found["of"] or "", "")
            self.index = found["number"] or ""
        return True

    def _word(self, word: str) -> None:
        rules = self.rules
        if side := _which(word, rules.sides):
            self.sides.add(side)
        elif level := _which(word, rules.levels):
            self.levels.add(level)
        elif _means(word, rules.helpers):
            self.helper = True
        elif _means(word, rules.margins):
            self.margin = True
        elif _means(word, rules.parts):
            self.derived = True
        else:
            self.words.append(fold(word))

    def side(self) -> str:
        """The one side that was said; left and right together are both."""
        if "?" in self.sides:
            return "?"
        if self.sides >= {"L", "R"} or "B" in self.sides:
            return "B"
        return next(iter(self.sides), "")


def _margin(numbers: list[tuple[float, str]], *, said: bool) -> tuple[str, list[str]]:
    """The ending for a margin, and the numbers that it does not explain."""
    left = []
    margin = "_PRV" if said else ""
    for value, unit in numbers:
        mm = value * 10 if unit in {"cm", "см"} else value
        is_length = unit in {"mm", "мм", "cm", "см"}
        if (said or is_length) and margin in {"", "_PRV"} and 0 < mm <= MOST_MARGIN_MM:
            margin = f"_PRV{mm:02g}" if mm == int(mm) else f"_PRV{mm:g}"
        else:
            left.append(f"{value:g}")
    return margin, left


def _dose(numbers: list[tuple[float, str]]) -> tuple[float | None, str, list[str]]:
    """The dose (Gy) and the number of a target, and what neither explains."""
    dose: float | None = None
    index, left = "", []
    for value, unit in numbers:
        gy = value / 100 if unit in {"cgy", "сгр"} or value >= LEAST_DOSE_GY * 100 else value
        said = unit in {"gy", "гр", "cgy", "сгр"}
        if dose is None and (said or LEAST_DOSE_GY <= gy <= MOST_DOSE_GY):
            dose = gy
        elif not index and value == int(value) and 0 < value < 10:
            index = f"{value:g}"
        else:
            left.append(f"{value:g}")
    return dose, index, left


def _silent_left_out(words: list[str], rules: Rules, *, target: bool) -> tuple[str, ...]:
    """The words without those that say nothing, unless nothing of an organ would remain."""
    kept = tuple(each for each in words if not _means(each, rules.silent))
    return kept if kept or target else tuple(words)


def parse(sent: str, rules: Rules, known: frozenset[str] = frozenset()) -> Parsed:
    """Take a sent name apart.

    Args:
        sent: as the sender wrote it, in any script.
        rules: of the data file.
        known: folded words of the table, for sides that are grown onto a word.
    """
    found = [each for word in tokens(sent) for each in peel(word, known, rules)]
    reader = _Reader(rules)
    for i, word in enumerate(found):
        before = found[i - 1] if i else ""
        after = found[i + 1] if i + 1 < len(found) else ""
        if reader.kind and not word[0].isdigit() and (risk := _which(word, rules.risks)):
            reader.risk = risk
        else:
            reader.take(word, before, after)
    level = next(iter(reader.levels)) if len(reader.levels) == 1 else ""
    words = _silent_left_out(reader.words, rules, target=bool(reader.kind))
    if len(reader.levels) > 1:
        words = (*words, *sorted(reader.levels))
    form = Form(words, reader.side(), level)
    if reader.kind:
        dose, index, left = _dose(reader.numbers)
        target = Target(reader.kind.upper(), reader.of, reader.index or index, dose, reader.risk)
        return Parsed(form, target, "", reader.helper, reader.derived, tuple(left))
    margin, left = _margin(reader.numbers, said=reader.margin)
    return Parsed(form, None, margin, reader.helper, reader.derived, tuple(left))
