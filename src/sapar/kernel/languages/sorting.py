"""The alphabets of the five languages, as sort keys.

A database sorts by its own collation, which differs between SQLite and PostgreSQL and knows
no Kazakh; lists that people read are sorted with these keys. Kazakh, Kyrgyz and Russian share
one order of Cyrillic letters: each language's own alphabet is a part of it.
"""

from __future__ import annotations

import unicodedata
from functools import cache

CYRILLIC = "аәбвгғдеёжзийкқлмнңоөпрстуұүўфхҳһцчшщъыіьэюя"
LATIN = "abcdefghijklmnopqrstuvwxyz"
UZBEK = (
    *"abcdefghijklmnopqrstuvwxyz",
    "oʻ",
    "gʻ",
    "sh",
    "ch",
)
"""Uzbek in Latin letters (alphabet of 1995): oʻ gʻ sh ch after z; c and w are foreign letters."""

_APOSTROPHES = str.maketrans(dict.fromkeys("ʻʼ'’‘`´", "ʻ"))
_LONGEST = 2

SortKey = tuple[tuple[int, ...], tuple[int, ...], str]


@cache
def _order(language: str) -> dict[str, int]:
    """Letters (also of two signs) to their rank; those of the language stand first."""
    alphabets: dict[str, tuple[tuple[str, ...], ...]] = {
        "uz": (UZBEK, tuple(CYRILLIC)),
        "en": (tuple(LATIN), tuple(CYRILLIC)),
    }
    first, second = alphabets.get(language, (tuple(CYRILLIC), tuple(LATIN)))
    ranks = {letter: 1000 + number for number, letter in enumerate((*first, *second))}
    if language == "ru":
        ranks["ё"] = ranks["е"]
    return ranks


def _letters(text: str, ranks: dict[str, int]) -> list[tuple[int, int]]:
    """Rank and shade of each letter; the shade tells apart what has one rank."""
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(text):
        pair, letter = text[at : at + _LONGEST], text[at]
        if len(pair) == _LONGEST and pair in ranks:
            found.append((ranks[pair], 0))
            at += _LONGEST
            continue
        at += 1
        if letter in ranks:
            found.append((ranks[letter], ord(letter)))
        elif letter.isdigit():
            found.append((500 + int(unicodedata.digit(letter, 0)), ord(letter)))
        elif letter.isalpha():
            base = unicodedata.normalize("NFD", letter)[0]
            found.append((ranks.get(base, 10_000 + ord(letter)), ord(letter)))
        elif letter.isspace() or letter == "-":
            found.append((1, ord(letter)))
    return found


def sort_key(text: str, language: str) -> SortKey:
    """A key that puts texts in the order of a language's alphabet.

    Args:
        text: a name or title in any script.
        language: "kk", "ky", "uz", "ru" or "en".

    Returns:
        Comparable with keys of the same language only. Case and accents decide last; other
        scripts follow after the language's own.
    """
    ranks = _order(language)
    folded = unicodedata.normalize("NFC", text).casefold()
    if language == "uz":
        folded = folded.translate(_APOSTROPHES)
    letters = _letters(folded, ranks)
    return (tuple(rank for rank, _ in letters), tuple(shade for _, shade in letters), text)
