"""Size, safety and completeness of what every page loads."""

from __future__ import annotations

import gzip
import hashlib
import json
import re

import pytest

from tests.design.sources import CSS, JS, PATIENT_CSS, STATIC, TEMPLATES

ALPHABETS = {
    "Kazakh": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "Kyrgyz": "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя",
    "Uzbek": "abcdefghijklmnopqrstuvwxyzʻʼ",
    "Russian": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "English": "abcdefghijklmnopqrstuvwxyz",
}


def squeezed(*names):
    return sum(len(gzip.compress((STATIC / name).read_bytes(), 6)) for name in names)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_asks_another_host_or_breaks_the_content_policy(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"(?:src|href|action)=[\"'](?:https?:)?//", text)
    assert not re.search(r"\s(?:style|on\w+|hx-on[\w:]*)=", text)
    assert "<style" not in text
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script or 'type="application/json"' in script


@pytest.mark.parametrize("css", [CSS, PATIENT_CSS], ids=["sapar", "patient"])
def test_no_style_asks_another_host(css):
    assert "//" not in re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    assert "@import" not in css


def test_our_script_is_short_and_needs_no_eval():
    assert len(JS.splitlines()) <= 200
    assert not re.search(r"\beval\(|new Function|innerHTML|https?://", JS)


def test_styles_and_scripts_leave_room_for_the_page():
    # 60 KB on the wire for a whole worklist, without fonts; at most 30 KB of them are ours.
    assert squeezed("sapar.css", "sapar.js", "vendor/htmx.min.js", "favicon.svg") <= 30 * 1024


def test_vendored_htmx_is_the_file_its_readme_names():
    digest = hashlib.sha256((STATIC / "vendor" / "htmx.min.js").read_bytes()).hexdigest()
    assert digest in (STATIC / "vendor" / "README.md").read_text(encoding="utf-8")


def test_the_font_is_small_and_is_the_one_whose_letters_are_listed():
    font = (STATIC / "fonts" / "sapar-sans.woff2").read_bytes()
    facts = json.loads((STATIC / "fonts" / "coverage.json").read_text(encoding="utf-8"))
    assert len(font) <= 45 * 1024
    assert hashlib.sha256(font).hexdigest() == facts["sha256"]
    assert (STATIC / "fonts" / "OFL.txt").read_text(encoding="utf-8").count("SIL Open Font")


@pytest.mark.parametrize("language", ALPHABETS)
def test_the_font_has_every_letter_of_the_language(language):
    facts = json.loads((STATIC / "fonts" / "coverage.json").read_text(encoding="utf-8"))
    alphabet = ALPHABETS[language]
    missing = (set(alphabet) | set(alphabet.upper())) - set(facts["characters"])
    assert not missing


def test_the_font_has_figures_money_and_punctuation():
    facts = json.loads((STATIC / "fonts" / "coverage.json").read_text(encoding="utf-8"))
    assert not set("0123456789₸₽$€%№«»“”‘’–—…·×±°\u00a0") - set(facts["characters"])


def test_every_class_that_the_style_uses_for_four_meanings_exists():
    for meaning in ("done", "waiting", "act", "stopped"):
        assert f".mark.{meaning}" in CSS
        assert f".callout.{meaning}" in CSS
