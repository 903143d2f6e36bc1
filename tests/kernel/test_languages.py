from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django import forms
from django.template import Context, Template
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from sapar.kernel.languages import formats, phrases
from sapar.values.money import Money
from sapar.values.statements import Problem

LANGUAGES = ["kk", "ky", "uz", "ru", "en"]
EVENING = datetime(2026, 3, 3, 18, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("kk", "2026 ж. 3 наурыз"),
        ("ky", "2026-ж., 3-март"),
        ("uz", "3-mart, 2026"),
        ("ru", "3 марта 2026 года"),
        ("en", "3 March 2026"),
    ],
)
def test_a_day_is_written_as_the_language_writes_it(language: str, expected: str) -> None:
    with translation.override(language):
        assert formats.day(date(2026, 3, 3)).replace("\xa0", " ") == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_money_names_its_currency_by_its_code(language: str) -> None:
    with translation.override(language):
        shown = formats.money(Money(Decimal("1234567.50"), "KZT"))
        whole = formats.money(Money(Decimal(1200), "USD"))
    assert shown.endswith("\xa0KZT")
    assert whole.endswith("200\xa0USD")
    assert ("1,234,567.50" if language == "en" else "1\xa0234\xa0567,50") in shown


@pytest.mark.parametrize(
    ("language", "code", "expected"),
    [
        ("kk", "UZ", "Өзбекстан"),
        ("ky", "KZ", "Казакстан"),
        ("uz", "UZ", "Oʻzbekiston"),
        ("ru", "KG", "Кыргызстан"),
        ("en", "TJ", "Tajikistan"),
        ("ru", "??", "??"),
    ],
)
def test_countries_bear_the_names_their_readers_use(
    language: str, code: str, expected: str
) -> None:
    with translation.override(language):
        assert formats.country(code) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_country_has_a_name_in_every_language(language: str) -> None:
    listed = formats.countries(language)
    assert len(listed) == 249
    assert all(name != code for code, name in listed)
    if language == "uz":
        assert not any("’" in name and name.split("’")[0][-1] in "oOgG" for _, name in listed)


@pytest.mark.parametrize(
    ("language", "ordered"),
    [
        ("kk", "алма әке бала ғалым гүл қала өмір тұз түн үй һ ірі эхо"),
        ("ky", "алма нан ңызы ой өмүр суу тоо уй үй эл"),
        ("uz", "daraxt hayot non tosh xalq yer zar oʻrik gʻalla shahar choy"),
        ("ru", "ель ёлка еще жук яма"),
        ("en", "apple Åland zebra"),
    ],
)
def test_words_sort_by_the_alphabet_of_the_language(language: str, ordered: str) -> None:
    words = ordered.split()
    if language == "kk":  # г stands before ғ
        words[3], words[4] = words[4], words[3]
    if language == "ru":  # ё counts as е
        words = ["ёлка", "ель", "еще", "жук", "яма"]
        words.sort(key=lambda word: word.replace("ё", "е"))
    if language == "en":
        words = ["Åland", "apple", "zebra"]
    shuffled = sorted(words, key=lambda word: word[::-1])
    assert sorted(shuffled, key=lambda word: formats.sort_key(word, language)) == words


def test_uzbek_letters_are_one_letter_whatever_apostrophe_is_typed() -> None:
    typed = ["o'rik", "oʻrik", "o‘rik", "o’rik"]
    assert len({formats.sort_key(word, "uz")[0] for word in typed}) == 1


@given(st.text(max_size=20), st.text(max_size=20), st.sampled_from(LANGUAGES))
def test_any_two_texts_can_be_sorted(a: str, b: str, language: str) -> None:
    first, second = formats.sort_key(a, language), formats.sort_key(b, language)
    assert (first < second) or (second < first) or a == b


def test_a_moment_is_shown_in_the_zone_of_the_reader() -> None:
    with translation.override("en"), timezone.override("Asia/Bishkek"):
        assert formats.moment(EVENING) == "4 March 2026, 00:05"
        assert formats.day(EVENING) == "4 March 2026"


@pytest.mark.parametrize(
    ("zones", "expected"),
    [
        (
            ("Asia/Almaty", "Asia/Bishkek"),
            "3 March 2026, 23:05 Almaty; 4 March 2026, 00:05 Bishkek",
        ),
        (("Asia/Almaty", "Asia/Tashkent"), "3 March 2026, 23:05 Almaty, Tashkent"),
        (("Asia/Almaty", "Asia/Almaty"), "3 March 2026, 23:05 Almaty"),
        (("Asia/Tashkent", "Europe/Istanbul"), "3 March 2026, 23:05 Tashkent, 21:05 Istanbul"),
    ],
)
def test_a_moment_is_shown_on_both_sides(zones: tuple[str, str], expected: str) -> None:
    with translation.override("en"):
        assert formats.both_zones(EVENING, *zones) == expected


def test_templates_show_values_by_filters() -> None:
    template = Template(
        "{% load languages %}{{ price|money }}; {{ none|day }}; {{ 'KG'|country }}; "
        "{{ problem|phrase }} {{ problem|remedy }} "
        "{% when due 'Asia/Almaty' 'Asia/Bishkek' %}"
    )
    context = Context(
        {
            "price": Money(Decimal(5), "KGS"),
            "none": None,
            "problem": Problem.of("kernel.not_allowed"),
            "due": EVENING,
        }
    )
    with translation.override("en"):
        shown = template.render(context)
    assert shown.startswith("5\xa0KGS; –; Kyrgyzstan; Your role does not allow this. Ask")
    assert '<time datetime="2026-03-03T18:05:00+00:00">3 March 2026, 23:05 Almaty;' in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_has_its_remedy(language: str) -> None:
    codes = set(phrases.codes())
    for code in codes:
        if code.endswith(".remedy"):
            assert code.removesuffix(".remedy") in codes


def test_an_unknown_code_is_a_bug_that_is_named() -> None:
    with pytest.raises(phrases.MissingPhraseError, match=r"room\.unheard"):
        phrases.text(Problem.of("room.unheard"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_forms_read_a_typed_date_day_first_and_with_a_full_year(language: str) -> None:
    with translation.override(language):
        field = forms.DateField()
        assert field.clean("03.04.2019") == date(2019, 4, 3)
        assert field.clean("2019-04-03") == date(2019, 4, 3)
        with pytest.raises(forms.ValidationError):
            field.clean("03.04.19")


@pytest.mark.parametrize(
    ("language", "expected"), [("ru", "−1 234,50"), ("uz", "−1 234,50"), ("en", "−1,234.50")]
)
def test_a_rounded_figure_keeps_its_digits_and_takes_the_readers_sign(
    language: str, expected: str
) -> None:
    with translation.override(language):
        assert formats.figure("-1234.50").replace("\xa0", " ") == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("proton", "17.9", "17,9"),
        ("proton", "5.0", "5,0"),
        ("proton", "12", "12"),
        ("dose", "0.000005 Gy", "0,000005\xa0Гр"),
        ("value", "70 Gy", "70\xa0Гр"),
        # What somebody typed, and what is no number, stays.
        ("value", "3.5", "3.5"),
        ("version", "2.2", "2.2"),
        ("series", "1.2.840.10008", "1.2.840.10008"),
        ("spread", "1.5 parsec", "1.5 parsec"),
        ("name", "", ""),
    ],
)
def test_figures_in_sentences_are_written_as_the_language_writes_them(
    name: str, value: str, expected: str
) -> None:
    with translation.override("ru"):
        assert phrases.shown(name, value) == expected
