"""Words of a structure's name: one spelling for all scripts, and how alike two spellings are.

Everything here is our own rule, made for names of structures; no standard says it. The folding is
coarse on purpose: what it joins wrongly is caught by the reader of the table, which refuses two
names with the same key.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from sapar.values.names import APOSTROPHES

_CYRILLIC: Final = {
    **dict(zip("абвгдезиклмнопрстуф", "abvgdeziklmnoprstuf", strict=True)),
    "ц": "ts", "ы": "i", "э": "e", "ж": "j", "й": "i", "х": "h", "ч": "ch", "ш": "sh",
    "щ": "sh", "ъ": "", "ь": "", "ю": "iu", "я": "ia", "ә": "a", "ғ": "g", "қ": "k", "ң": "ng",
    "ө": "o", "ұ": "u", "ү": "u", "һ": "h", "і": "i", "ў": "o", "ҳ": "h",
}  # fmt: skip
_LATIN: Final = {"ş": "sh", "ç": "ch", "ŋ": "ng", "ñ": "ng", "ı": "i", "ə": "a", "æ": "e", "œ": "e"}
_LOOK_ALIKE: Final = str.maketrans("авеікмнорстухАВЕІКМНОРСТУХ", "abeikmhopctyxABEIKMHOPCTYX")
"""Cyrillic letters that are drawn as Latin ones: a clinic types РTV on a Russian keyboard."""
_FOLDS: Final = tuple(
    (re.compile(old), new)
    for old, new in (
        (r"oe|ae", "e"), (r"ph", "f"), (r"th", "t"), (r"kh", "h"), (r"sch|shch", "sh"),
        (r"ck", "k"), (r"c(?=[eiy])", "s"), (r"c(?!h)", "k"), (r"q", "k"), (r"x", "h"),
        (r"w", "v"), (r"y", "i"), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip
_CAMEL: Final = re.compile(r"(?<=[a-zа-я])(?=[A-ZА-Я][^A-ZА-Я_\W])|(?<=[a-zа-я]{3})(?=[A-ZА-Я])")
_FIRST_SIDE: Final = re.compile(r"^([LR])(?=[A-Z][a-z])")
_HELPER_Z: Final = re.compile(r"^([zZ])(?=[A-Z])")
_TOKEN: Final = re.compile(
    r"(?<![^\W_])[A-Za-z]\d{1,2}(?![^\W_])"  # one letter and a number: a vertebra
    r"|\d+(?:[.,p]\d+)?|[^\W\d_]+|[+~%]"
)
SHORTEST_FUZZY: Final = 5
"""Shorter words are compared letter by letter: "lens" and "lungs" are near by any distance."""


UNEXPLAINED: Final = 0.8
"""The most for a name of which a word has no partner: "Parotid_L_new" is another contour."""


def _one_script(word: str) -> str:
    """A word that mixes Cyrillic and Latin letters, read as it is seen, in Latin."""
    latin = any("a" <= sign.lower() <= "z" for sign in word)
    cyrillic = any("\u0400" <= sign <= "\u04ff" for sign in word)
    return word.translate(_LOOK_ALIKE) if latin and cyrillic else word


def tidy(sent: str) -> str:
    """The sent name in one form: composed letters, no signs that nobody sees, single blanks.

    This is the key under which a site's name is remembered; letter case and separators are kept,
    so that no two names that a planning system holds apart become one.
    """
    seen = unicodedata.normalize("NFC", sent)
    shown = "".join(" " if sign.isspace() else sign for sign in seen)
    return " ".join("".join(sign for sign in shown if unicodedata.category(sign)[0] != "C").split())


def tokens(sent: str) -> list[str]:
    """The words, numbers and signs (+ ~ %) of a name, lower case, each still in its own script."""
    text = unicodedata.normalize("NFKC", tidy(sent))
    for sign in APOSTROPHES:
        text = text.replace(sign, "")
    text = text.replace("cGy", "cgy")
    text = _HELPER_Z.sub(r"\1 ", _FIRST_SIDE.sub(r"\1 ", text))
    text = _CAMEL.sub(" ", text)
    found = [_one_script(each) for each in _TOKEN.findall(text)]
    return [each.lower().replace("ё", "е") for each in found]


@lru_cache(maxsize=8192)
def fold(word: str) -> str:
    """One coarse Latin spelling of a word in any of the alphabets in use."""
    text = word.lower().replace("ё", "е")
    text = "".join(_CYRILLIC.get(sign, _LATIN.get(sign, sign)) for sign in text)
    text = "".join(s for s in unicodedata.normalize("NFKD", text) if not unicodedata.combining(s))
    for pattern, new in _FOLDS:
        text = pattern.sub(new, text)
    return text


def distance(one: str, other: str) -> int:
    """Edits between two words: letters put in, left out, changed, or two neighbours swapped.

    Optimal string alignment (Damerau 1964, restricted): O(len x len).
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, sign in enumerate(one, 1):
        now = [i]
        for j, wanted in enumerate(other, 1):
            cost = min(last[j] + 1, now[j - 1] + 1, last[j - 1] + (sign != wanted))
            if i > 1 and j > 1 and sign == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            now.append(cost)
        before, last = last, now
    return last[-1]


@lru_cache(maxsize=65536)
def _alike(one: str, other: str) -> float:
    """How alike a sent word is to one of the table, 0 to 1; only long words may differ."""
    if one == other:
        return 1.0
    if other.startswith(one) and len(one) >= 4:  # "submand": a word cut short
        return 0.92
    short, long = sorted((one, other), key=len)
    if len(short) < SHORTEST_FUZZY or one[0] != other[0] or len(short) < 0.7 * len(long):
        return 0.0
    near = 1.0 - distance(one, other) / len(long)
    return near if near >= 0.7 else 0.0


@lru_cache(maxsize=8192)
def trigrams(text: str) -> frozenset[str]:
    """Three letters at a time, with the ends marked."""
    padded = f"  {text} "
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2))


def similarity(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """How alike a sent name is to one of the table, 0 to 1; 1 only for the same words or letters.

    The best of three: words aligned one to one, each weighing its letters, at most `UNEXPLAINED`
    where a sent word has no partner; edits of the letters run together, where the sent name has no
    more words; shared trigrams (Dice), at most `UNEXPLAINED`: they order alternatives.

    Args:
        one: folded words of the sent name.
        other: of the table.
    """
    if not one or not other:
        return 0.0
    a, b = "".join(one), "".join(other)
    if a == b or sorted(one) == sorted(other):
        return 1.0
    words = _aligned(one, other)
    if min(len(a), len(b)) < SHORTEST_FUZZY:
        return words
    together = 0.0
    if len(one) <= len(other) and a[0] == b[0] and abs(len(a) - len(b)) <= 0.3 * len(b):
        together = 1.0 - distance(a, b) / max(len(a), len(b))
    grams, others = trigrams(a), trigrams(b)
    dice = 2 * len(grams & others) / (len(grams) + len(others))
    return min(0.99, max(words, together, min(UNEXPLAINED, dice)))


def _aligned(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Words aligned one to one, the most alike first."""
    pairs = sorted(
        ((_alike(x, y), i, j) for i, x in enumerate(one) for j, y in enumerate(other)),
        key=lambda each: (-each[0], each[1], each[2]),
    )
    left, right, got = set(range(len(one))), set(range(len(other))), 0.0
    for near, i, j in pairs:
        if near and i in left and j in right:
            left.discard(i)
            right.discard(j)
            got += near * (len(one[i]) + len(other[j]))
    share = got / sum(map(len, (*one, *other)))
    return min(share, UNEXPLAINED if left else 0.99)
