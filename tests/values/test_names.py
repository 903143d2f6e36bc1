"""Names: one key for one name, however it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.values import names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Токтогулова", "Айзада"), ("TOKTOGULOVA", "Aizada")),
        (("Токтогулова", "Айзада"), ("Ayzada", "Toktogulova")),
        (("Жумабаев", "Нұрлан"), ("Zhumabayev", "Nurlan")),
        (("Жумабаев", "Нұрлан"), ("Jumabaev", "Nurlan")),
        (("Қасымов", "Ерлан"), ("Kassymov", "Yerlan")),
        (("Өмүралиева", "Гүлмира"), ("Omuralieva", "Gulmira")),
        (("Ўрмонов", "Ғайрат"), ("O'rmonov", "G‘ayrat")),
        (("Oʻrmonov", "Gʻayrat"), ("O`rmonov", "Gʼayrat")),
        (("Ҳакимова", "Хуршида"), ("Hakimova", "Xurshida")),
        (("Щербаков", "Дмитрий"), ("Shcherbakov", "Dmitry")),
        (("Şoqanov", "Şyñğys"), ("Шоқанов", "Шыңғыс")),
        (("Иванов", "Пётр Сергеевич"), ("Ivanov", "Petr")),
        (("Асанова", "Айгүл Бакыт кызы"), ("Asanova", "Aigul")),
        (("Асан уулу", "Бакыт"), ("Asan", "Bakyt")),
        (("Karimova", "Dilnoza Rustam qizi"), ("Каримова", "Дилноза")),
        (("Karimov", "Rustam Anvar oʻgʻli"), ("Karimov", "Rustam")),
        (("LNU", "Aizada"), ("", "Айзада FNU")),
    ],
)
def test_spellings_of_one_name_have_one_key(one, other):
    assert names.key(*one) == names.key(*other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Асанов", "Бакыт"), ("Асанова", "Бакыт")),
        (("Асанов", "Бакыт"), ("Асанов", "Болот")),
        (("Иванов", "Пётр"), ("Иванов", "Павел")),
    ],
)
def test_different_names_have_different_keys(one, other):
    assert names.key(*one) != names.key(*other)


def test_a_name_that_is_not_known_has_no_key():
    assert names.key("LNU", "FNU") == ""
    assert names.key("-", ".") == ""


def test_a_family_name_that_is_a_patronymic_is_kept():
    assert names.key("Нұрланұлы", "Ерлан") != names.key("", "Ерлан")


words = st.text(st.characters(categories=["L"]), min_size=1, max_size=12)


@given(st.lists(words, min_size=1, max_size=4), st.randoms())
def test_the_order_of_family_names_does_not_matter(parts, random):
    shuffled = parts[:]
    random.shuffle(shuffled)
    assert names.key(" ".join(parts), "") == names.key(" ".join(shuffled), "")


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_has_a_plain_key(family, given_names):
    key = names.key(family, given_names)
    assert key == "" or set(key) <= set("abcdefghijklmnopqrstuvwxyz-")


@pytest.mark.parametrize(
    ("text", "script"),
    [("Айзада", "Cyrl"), ("Aizada", "Latn"), ("王大明", "Hani"), ("عائشة", "Arab"), ("12", "")],
)
def test_the_script_is_known(text, script):
    assert names.script_of(text) == script


def test_signs_that_nobody_sees_are_taken_away():
    assert names.tidy(" Ай\u200bза\x00да \n К. ") == "Айзада К."
