"""The words of sources in the data files are in the catalogues, and no others are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.utils import translation
from ruamel.yaml import YAML

from sapar.proton import source_words

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTS = {
    "title": source_words.TITLES,
    "note": source_words.NOTES,
    "who_can_tell": source_words.WHO,
}


def sources(part: Any) -> Iterator[dict[str, Any]]:
    """Whatever carries a mark, at any depth."""
    if isinstance(part, dict):
        if "mark" in part:
            yield part
        for value in part.values():
            yield from sources(value)
    elif isinstance(part, list):
        for value in part:
            yield from sources(value)


@pytest.mark.parametrize("name", LISTS)
def test_each_word_of_a_source_is_in_the_catalogues_and_each_of_those_in_a_file(name: str) -> None:
    said = set()
    for folder in ("selection", "outcomes"):
        for file in (settings.DATA / "proton" / folder).glob("*.yaml"):
            text = file.read_text(encoding="utf-8")
            said |= {each[name] for each in sources(YAML(typ="safe").load(text)) if each.get(name)}
    assert said == set(LISTS[name])


@pytest.mark.parametrize("language", ["kk", "ky", "uz", "ru"])
def test_who_can_tell_is_named_in_the_readers_language(language: str) -> None:
    english = "The physicists of the centre"
    with translation.override(language):
        assert source_words.shown(english) != english
        assert (
            source_words.shown("a title of a centre's own file") == "a title of a centre's own file"
        )
        told = source_words.said(
            "proton.selection.may_not_decide", {"title": "Own", "who": english}
        )
    assert english not in told
