"""Names of people: which script, and a key under which the same name is found again.

The key is coarse on purpose: one spelling of our region's names in Cyrillic or Latin, old or new
alphabets, with or without a patronymic, in any order. It proposes; people decide. Scoring and
matching across scripts by likeness come later and do not change this key's contract.

Folding follows the letter tables in use: Kazakh Cyrillic and the Latin alphabets of 2018 and 2021,
Kyrgyz Cyrillic with its passport transliteration, Uzbek Latin (1995) and Cyrillic, Russian in
ICAO Doc 9303 and common English spellings. Other scripts go through anyascii.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from anyascii import anyascii

APOSTROPHES: Final = "ʻʼ'`’‘´ʹʽ′＇"
"""Every sign that is used for the Uzbek oʻ and gʻ or the tutuq belgisi."""

_CYRILLIC = {
    **dict(zip("абвгдезиклмнопрстуф", "abvgdeziklmnoprstuf", strict=True)),
    "ц": "ts", "ы": "i", "э": "e", "ё": "e", "ж": "j", "й": "i", "х": "h", "ч": "ch",
    "ш": "sh", "щ": "sh", "ъ": "", "ь": "", "ю": "iu", "я": "ia",
    # Kazakh and Kyrgyz
    "ә": "a", "ғ": "g", "қ": "k", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h", "і": "i",
    # Uzbek and Tajik
    "ў": "o", "ҳ": "h", "ҷ": "j", "ӣ": "i", "ӯ": "u",
    # Ukrainian and Belarusian, which occur among the same families
    "є": "e", "ї": "i", "ґ": "g",
}  # fmt: skip
_LATIN = {
    "ş": "sh", "š": "sh", "ç": "ch", "č": "ch", "ž": "j", "ğ": "g", "ǵ": "g", "ñ": "n", "ń": "n",
    "ä": "a", "á": "a", "ə": "a", "ö": "o", "ó": "o", "ü": "u", "ú": "u", "ū": "u", "ý": "u",
    "ı": "i", "ț": "s", "ţ": "s",
}  # fmt: skip
# Applied in this order to the Latin text.
_FOLDS: tuple[tuple[str, str], ...] = (
    (r"alex", "aleks"), (r"maxim", "maksim"), (r"oxan", "oksan"), (r"xeni", "kseni"),
    (r"shch", "sh"), (r"dzh", "j"), (r"dj", "j"), (r"zh", "j"), (r"kh", "h"), (r"gh", "g"),
    (r"ph", "f"), (r"ck", "k"), (r"c(?!h)", "k"), (r"q", "k"), (r"x", "h"), (r"w", "v"),
    (r"y", "i"), (r"ts", "s"), (r"ng", "n"), (r"(.)\1+", r"\1"), (r"ie", "e"), (r"(.)\1+", r"\1"),
)  # fmt: skip
_FOLD_PATTERNS = tuple((re.compile(old), new) for old, new in _FOLDS)
_UNKNOWN = frozenset({"fnu", "lnu", "nmn", "nfn", "nln", "hh", "h"})
"""First, last or middle name unknown, as visas print it; XXX folds to "h"."""
_PARTICLES = frozenset({"uli", "ulu", "kizi", "ogli", "ugli", "oglu"})
"""уулу, ұлы, oʻgʻli, oğlu; кызы, қызы, qizi: after folding."""
_PATRONYMIC = re.compile(r".{2,}(?:ovich|evich|ovna|evna|ichna|[a-z]{2}uli|[a-z]{2}kizi)")
_SCRIPTS = {
    "LATIN": "Latn", "CYRILLIC": "Cyrl", "ARABIC": "Arab", "CJK": "Hani", "HANGUL": "Hang",
    "HIRAGANA": "Hira", "KATAKANA": "Kana", "GREEK": "Grek", "ARMENIAN": "Armn",
    "GEORGIAN": "Geor", "HEBREW": "Hebr", "DEVANAGARI": "Deva", "THAI": "Thai",
    "MONGOLIAN": "Mong",
}  # fmt: skip


def script_of(text: str) -> str:
    """The script that most letters belong to, by ISO 15924; "" if there are no letters."""
    counts: dict[str, int] = {}
    for sign in text:
        if sign.isalpha():
            script = _SCRIPTS.get(unicodedata.name(sign, "").partition(" ")[0], "Zyyy")
            counts[script] = counts.get(script, 0) + 1
    return max(counts, key=lambda script: counts[script]) if counts else ""


def tidy(text: str) -> str:
    """One blank between words, no signs that nobody sees, composed letters."""
    text = unicodedata.normalize("NFC", text)
    seen = "".join(" " if sign.isspace() else sign for sign in text)
    return " ".join("".join(s for s in seen if unicodedata.category(s)[0] != "C").split())


@lru_cache(maxsize=4096)
def fold(text: str) -> tuple[str, ...]:
    """The words of a name in one coarse Latin spelling.

    "Токтогулова", "Toktogulova" and "TOKTOĞULOVA" give the same; so do "Oʻgʻiloy", "O'g'iloy" and
    "Ўғилой".
    """
    text = unicodedata.normalize("NFC", text).lower()
    for sign in APOSTROPHES:
        text = text.replace(sign, "")
    words = re.split(r"[^\w]+|_", text)
    folded = []
    for word in words:
        latin = "".join(_CYRILLIC.get(sign, _LATIN.get(sign, sign)) for sign in word)
        latin = re.sub(r"[^a-z]", "", anyascii(latin).lower())
        for pattern, new in _FOLD_PATTERNS:
            latin = pattern.sub(new, latin)
        if latin:
            folded.append(latin)
    return tuple(folded)


def _without_patronymic(given: list[str], others: int) -> list[str]:
    """Drop patronymics from given names while two words of the whole name remain."""
    kept: list[str] = []
    for word in given:
        if word in _PARTICLES:
            if len(kept) + others > 2 and len(kept) > 1:
                kept.pop()
            continue
        if _PATRONYMIC.fullmatch(word) and kept and len(kept) + others >= 2:
            continue
        kept.append(word)
    return kept


def key(family: str, given: str) -> str:
    """The key of a name: its folded words without patronymics, in alphabetical order.

    Args:
        family: the family name, or "".
        given: the given names; may hold the whole name when it came in one field.

    Returns:
        Words joined by hyphens; "" when nothing of a name is left ("FNU LNU").
    """
    families = [w for w in fold(family) if w not in _UNKNOWN and w not in _PARTICLES]
    givens = [w for w in fold(given) if w not in _UNKNOWN]
    givens = _without_patronymic(givens, len(families))
    return "-".join(sorted({*families, *givens}))


def latin(text: str) -> str:
    """A Latin spelling for display where no other is known; never used for matching."""
    return str(anyascii(tidy(text)))
