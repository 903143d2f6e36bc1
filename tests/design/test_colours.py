"""The contrast of every pair of colours that pages set on one another, in both themes."""

from __future__ import annotations

import re

import pytest

from tests.design.sources import CSS, PATIENT_CSS

TEXTS = ("ink", "quiet", "accent", "accent-deep", "done", "waiting", "act", "stopped")
GROUNDS = ("paper", "sunk", "field")
WASHES = ("accent-wash", "done-wash", "waiting-wash", "act-wash", "stopped-wash")
THEMES = (0, 1)


def colours(css, theme):
    found = re.findall(r"--([\w-]+):\s*light-dark\((#\w{6}),\s*(#\w{6})\)", css)
    return {name: pair[theme] for name, *pair in found}


def luminance(colour):
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_every_text_colour_can_be_read_on_every_ground(theme, text, ground):
    tokens = colours(CSS, theme)
    assert contrast(tokens[text], tokens[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("wash", WASHES)
@pytest.mark.parametrize("text", ["ink", "quiet", "accent"])
def test_text_can_be_read_on_every_wash(theme, wash, text):
    tokens = colours(CSS, theme)
    assert contrast(tokens[text], tokens[wash]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("meaning", ["done", "waiting", "act", "stopped", "accent"])
def test_each_meaning_can_be_read_on_its_own_wash(theme, meaning):
    tokens = colours(CSS, theme)
    assert contrast(tokens[meaning], tokens[f"{meaning}-wash"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_a_primary_button_can_be_read_also_under_the_mouse(theme):
    tokens = colours(CSS, theme)
    assert contrast(tokens["on-accent"], tokens["accent"]) >= 4.5
    assert contrast(tokens["on-accent"], tokens["accent-deep"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", GROUNDS)
def test_edges_of_controls_are_seen(theme, ground):
    tokens = colours(CSS, theme)
    assert contrast(tokens["edge"], tokens[ground]) >= 3


@pytest.mark.parametrize("css", [CSS, PATIENT_CSS], ids=["sapar", "patient"])
def test_old_browsers_get_the_same_light_colours(css):
    plain = dict(re.findall(r"--([\w-]+):\s*(#\w{6});", css))
    light = colours(css, 0)
    assert light
    assert {name: plain.get(name) for name in light} == light


def test_the_patients_page_has_the_same_colours():
    for theme in THEMES:
        ours, theirs = colours(CSS, theme), colours(PATIENT_CSS, theme)
        assert theirs == {name: ours[name] for name in theirs}
