"""Make our subset of Noto Sans: one variable font for five alphabets, at most 45 KB.

Run with the `tools` group, on the npm package that carries Noto Sans in parts by script:

    npm pack @fontsource-variable/noto-sans@5.3.0
    python scripts/make_fonts.py fontsource-variable-noto-sans-5.3.0.tgz

It writes the font, its licence and the list of letters under
`src/sapar/design/static/design/fonts`.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.merge import Merger
from fontTools.ttLib import TTFont, newTable
from fontTools.varLib import instancer

FOLDER = Path(__file__).resolve().parent.parent / "src/sapar/design/static/design/fonts"
LIMIT = 45 * 1024
WEIGHTS = (400, 400, 600)  # lightest, default, heaviest
PARTS = ("latin", "latin-ext", "cyrillic", "cyrillic-ext")

ALPHABETS: dict[str, str] = {
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "ky": "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя",
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "uz": "abcdefghijklmnopqrstuvwxyz",
    "en": "abcdefghijklmnopqrstuvwxyz",
    # Names as passports write them: Turkish, German and Tajik ones are frequent in the region.
    "names": "çğıöşüäéáíñóúīūқғҳҷӣӯ",
}
FIGURES = "0123456789"
# In Uzbek oʻ and gʻ take U+02BB and the apostrophe U+02BC; people also type U+2018 and U+2019.
SIGNS = (
    " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\u00a0«»„“”‘’ʻʼ–—…·•§№°±×÷−µ©₸₽€£≤≥²³½\u2009\u202f\u2011İ"
)


def letters() -> str:
    """Every character the font should have, sorted, capitals included."""
    wanted = set(FIGURES + SIGNS)
    for alphabet in ALPHABETS.values():
        wanted |= set(alphabet) | {c for c in alphabet.upper() if c != "\u0307"}
    return "".join(sorted(wanted))


def open_part(package: Path, part: str) -> TTFont:
    """One part of the family from the npm package."""
    name = f"package/files/noto-sans-{part}-wght-normal.woff2"
    with tarfile.open(package) as archive:
        file = archive.extractfile(name)
        if file is None:
            message = f"{package} has no {name}"
            raise FileNotFoundError(message)
        return TTFont(io.BytesIO(file.read()))


def cut(font: TTFont, characters: set[str]) -> None:
    """Keep some characters; leave out hints and what only design tools read."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = ["kern", "mark", "ccmp", "locl", "tnum"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.glyph_names = True
    options.notdef_outline = False
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(characters))
    cutter.subset(font)


def split(font: TTFont) -> tuple[TTFont, list[Any], Any]:
    """The font at its default weight, the variations of its glyphs in order, and its axes.

    Kerning is that of the default weight: half a unit's difference at 600, and a quarter of
    the bytes.
    """
    limited = instancer.instantiateVariableFont(copy.deepcopy(font), {"wght": WEIGHTS})
    variations = [limited["gvar"].variations.get(name, []) for name in limited.getGlyphOrder()]
    plain = instancer.instantiateVariableFont(font, {"wght": WEIGHTS[1]})
    for tag in ("STAT", "MVAR", "HVAR", "avar", "DSIG"):
        if tag in plain:
            del plain[tag]
    if plain.getGlyphOrder() != limited.getGlyphOrder():
        message = "the order of glyphs changed between two instances"
        raise ValueError(message)
    return plain, variations, limited["fvar"]


def build(package: Path) -> tuple[bytes, str]:
    """The font as woff2, and the characters it has."""
    missing = set(letters())
    files: list[io.BytesIO] = []
    variations: list[Any] = []
    axes = None
    for part in PARTS:
        font = open_part(package, part)
        take = {c for c in missing if ord(c) in font.getBestCmap()}
        missing -= take
        cut(font, take)
        plain, deltas, axes = split(font)
        # The merger puts the glyphs of the parts one after the other, so positions are kept.
        variations += deltas
        plain.flavor = None
        buffer = io.BytesIO()
        plain.save(buffer)
        buffer.seek(0)
        files.append(buffer)
    merged = Merger().merge(files)
    order = merged.getGlyphOrder()
    if len(order) != len(variations):
        message = f"{len(order)} glyphs merged, {len(variations)} expected"
        raise ValueError(message)
    merged["fvar"] = axes
    gvar = newTable("gvar")
    gvar.version, gvar.reserved = 1, 0
    gvar.variations = dict(zip(order, variations, strict=True))
    merged["gvar"] = gvar
    for record in merged["name"].names:
        if record.nameID in {1, 4, 16}:
            record.string = "Sapar Sans"
        elif record.nameID == 6:
            record.string = "SaparSans-Regular"
    merged["post"].formatType = 3.0
    merged["head"].recalcTimestamp = False
    merged.flavor = "woff2"
    out = io.BytesIO()
    merged.save(out)
    if missing:
        print("not in Noto Sans as packaged, left to the reader's own fonts:", sorted(missing))
    return out.getvalue(), "".join(sorted(set(letters()) - missing))


def main() -> int:
    """Write the font, the licence and the list; 1 when the font is too large."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path, help="fontsource-variable-noto-sans-….tgz")
    package = parser.parse_args().package
    data, covered = build(package)
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "sapar-sans.woff2").write_bytes(data)
    with tarfile.open(package) as archive:
        licence = archive.extractfile("package/LICENSE")
        if licence is not None:
            (FOLDER / "OFL.txt").write_bytes(licence.read())
    facts = {
        "font": "sapar-sans.woff2",
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "made_from": package.name,
        "weights": [WEIGHTS[0], WEIGHTS[2]],
        "characters": covered,
    }
    text = json.dumps(facts, ensure_ascii=False, indent=2) + "\n"
    (FOLDER / "coverage.json").write_text(text, encoding="utf-8")
    print(f"{len(data)} bytes, {len(covered)} characters")
    return 0 if len(data) <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
