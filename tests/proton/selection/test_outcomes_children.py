"""Children from 8 to 17 answer for themselves, beside who cares for them, and are never mixed."""

from __future__ import annotations

import html
import itertools
import json
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from sapar.kernel import context
from sapar.kernel.errors import InvalidInputError, RefusedError
from sapar.people import actions as people
from sapar.people.models import Person
from sapar.proton.actions import questionnaires
from sapar.proton.actions.outcome_export import MANIFEST, export_outcomes
from sapar.proton.engine.outcomes.forms import LANGUAGES, VOICES, LibraryError
from sapar.proton.engine.outcomes.library import FILES, read_library
from sapar.proton.models import Course, Questionnaire
from sapar.proton.queries import registry
from sapar.proton.queries.outcome_data import library
from sapar.proton.queries.questionnaire_planning import to_plan
from sapar.proton.queries.questionnaires import form_of, forms_of_cases, trends
from tests import cast
from tests.proton.selection import outcome_worlds as worlds

if TYPE_CHECKING:
    from sapar.cases.models import Case
    from sapar.kernel.actors import Actor

DAY = timedelta(days=1)
KNOWN = library().questionnaires


def today() -> date:
    return timezone.localdate()


def born(years: int, days: int = 0) -> date:
    """Who has so many years today, and turned so `days` ago."""
    day = today() - days * DAY
    return date(day.year - years, day.month, min(day.day, 28))


def by_hand(group: str, age: int | None) -> list[str]:
    """Independent: the table of the documentation, written out."""
    tail = "-head-neck" if group == "head-neck" else ""
    if age is None or age >= 18:
        return ["head-neck" if tail else "general"]
    if age >= 8:
        return ["child" + tail, "caregiver" + tail]
    return ["caregiver" + tail]


@given(
    st.sampled_from(["head-neck", "cns", "breast", "chest", "prostate", "general"]),
    st.none() | st.integers(0, 110),
)
def test_the_age_says_who_is_asked(group: str, age: int | None) -> None:
    assert [form.id for form in KNOWN.forms_for(group, age)] == by_hand(group, age)


def test_a_child_and_who_cares_for_it_are_asked_the_same_symptoms_in_the_same_order() -> None:
    for tail in ("", "-head-neck"):
        child, caregiver = KNOWN.forms[f"child{tail}"], KNOWN.forms[f"caregiver{tail}"]
        assert [s.id for s in child.symptoms] == [s.id for s in caregiver.symptoms]
        assert len(child.symptoms) <= 13


def test_a_childs_words_are_its_own_in_five_languages_short_and_marked_as_our_own() -> None:
    assert KNOWN.child_source.mark.value == "unverified"
    assert "own wording" in KNOWN.child_source.title.lower()
    assert "seven days" in KNOWN.child_source.title
    seen = []
    for language in LANGUAGES:
        assert "7" in KNOWN.child_intro[language]
        for attribute, asked in KNOWN.asked["child"].items():
            assert len(set(asked.options[language])) == 5
            assert len(asked.question[language].split()) <= 13
            assert (
                asked.question[language] != KNOWN.asked["caregiver"][attribute].question[language]
            )
            seen.append(asked.question[language])
        for form in KNOWN.forms.values():
            for symptom in form.symptoms if form.voice == "child" else ():
                own = symptom.named(language, "child")
                assert own == symptom.child_names[language]
                assert len(own.split()) <= 11, own
                assert symptom.named(language, "caregiver") == symptom.names[language]
    assert len(set(seen)) == len(seen)  # no language copies another


def test_a_form_that_asks_a_child_in_words_for_adults_is_refused() -> None:
    folder = settings.DATA / "proton" / "outcomes"
    texts = {name: (folder / f"{name}.yaml").read_text(encoding="utf-8") for name in FILES}
    whole = texts["questionnaires"]
    without = re.sub(r"(?m)^  nausea: .*\n", "", whole)
    with pytest.raises(LibraryError, match="no words for a child: nausea"):
        read_library({**texts, "questionnaires": without})
    aunt = whole.replace("voice: caregiver", "voice: aunt", 1)
    with pytest.raises(LibraryError, match="no voice aunt"):
        read_library({**texts, "questionnaires": aunt})


def a_child(
    years: int = 10, *, ended: int = 95, **given: object
) -> tuple[Case, Course, dict[str, Questionnaire], Actor]:
    """A child of today, its forms that are open by voice, and its mother."""
    case, course = worlds.treated(ended=ended, born=born(years, 40), icd10="C71.6", **given)
    rows = [row for row in worlds.planned(course) if row.closes >= today()]
    return case, course, {form_of(row).voice: row for row in rows}, worlds.mother_of(case)


pytestmark = pytest.mark.django_db


def test_a_child_of_ten_has_its_own_form_and_its_mother_hers() -> None:
    _case, _course, forms, _mother = a_child()
    assert {voice: row.form for voice, row in forms.items()} == {
        "child": "child", "caregiver": "caregiver",
    }  # fmt: skip
    assert to_plan(today()) == ()


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (0, ["caregiver"]),
        (1, ["caregiver", "child"]),
    ],
)
def test_the_age_on_the_day_of_the_questionnaire_counts_and_not_that_at_the_start(
    after: int, expected: list[str]
) -> None:
    """Eight years on the day on which the form after three months is due, or the day after."""
    case, course = worlds.treated(ended=95, icd10="C71.6", born=date(2019, 1, 1))
    (row,) = [row for row in worlds.planned(course) if row.occasion == "m3"]
    birthday = row.due + (1 - after) * DAY
    with context.writing_as("fixture"):
        Person.objects.filter(pk=case.person_id).update(
            birth_date=birthday.replace(year=birthday.year - 8)
        )
    rows = worlds.planned(course)
    assert sorted(r.form for r in rows if r.occasion == "m3") == expected
    assert {r.form for r in rows if r.occasion == "baseline"} == {"caregiver"}


def test_at_eighteen_the_form_for_adults_comes_and_what_nobody_has_begun_is_dropped() -> None:
    case, course, forms, mother = a_child(17)
    questionnaires.answer(
        by=mother, form=forms["caregiver"].pk, symptom="pain", answers={"frequency": 0}
    )
    with context.writing_as("fixture"):
        Person.objects.filter(pk=case.person_id).update(birth_date=born(18, 40))
    assert to_plan(today()) == (course.pk,)
    rows = [row for row in worlds.planned(course) if row.closes >= today()]
    assert {row.form: row.state for row in rows} == {
        "general": "open", "child": "dropped", "caregiver": "open",
    }  # fmt: skip
    assert to_plan(today()) == ()
    with context.writing_as("fixture"):
        Person.objects.filter(pk=case.person_id).update(birth_date=born(17, 40))
    rows = [row for row in worlds.planned(course) if row.closes >= today()]
    assert {row.form: row.state for row in rows} == {
        "general": "dropped", "child": "open", "caregiver": "open",
    }  # fmt: skip


def test_another_diagnosis_changes_a_form_that_nobody_has_begun_and_no_other() -> None:
    case, course, forms, mother = a_child()
    questionnaires.answer(
        by=mother, form=forms["caregiver"].pk, symptom="pain", answers={"frequency": 1}
    )
    with context.writing_as("fixture"):
        type(case).objects.filter(pk=case.pk).update(icd10="C11.9")
    rows = worlds.planned(course)
    assert sorted(row.form for row in rows if row.closes >= today()) == [
        "caregiver", "child-head-neck",
    ]  # fmt: skip
    assert {row.form for row in rows if row.closes < today()} == {"child", "caregiver"}


def answer(by: Actor, row: Questionnaire, hand: str = "", **given: int) -> None:
    questionnaires.answer(
        by=by, form=row.pk, symptom="pain", answers=given or {"frequency": 0}, hand=hand
    )
    row.refresh_from_db()


def test_on_a_guardians_phone_a_child_says_whether_it_answers_alone() -> None:
    _case, _course, forms, mother = a_child()
    child = forms["child"]
    for nobody in ("", "guardian", "self"):
        with pytest.raises(InvalidInputError) as refused:
            answer(mother, child, nobody)
        assert refused.value.problems[0].code == "proton.outcome.hand"
    answer(mother, child, "child")
    assert child.answered_by == "child"
    answer(mother, child)
    assert child.answered_by == "child"
    answer(mother, child, "child-help")
    assert child.answered_by == "child-help"
    answer(mother, forms["caregiver"])
    assert forms["caregiver"].answered_by == "guardian"


def own_account(case: Case) -> Actor:
    """The child has an account of its own."""
    assert case.person_id is not None
    user = cast.user("stranger")
    people.give_access(by=cast.actor("aigul"), person=case.person_id, user=user.pk, relation="self")
    return cast.actor("stranger")


def test_a_child_with_an_account_of_its_own_answers_alone_and_never_for_its_mother() -> None:
    case, _course, forms, mother = a_child(15)
    child = own_account(case)
    answer(child, forms["child"])
    assert forms["child"].answered_by == "self"
    with pytest.raises(RefusedError) as refused:
        answer(child, forms["caregiver"])
    assert refused.value.problems[0].code == "proton.outcome.not_theirs"
    voices = {line.voice for line in forms_of_cases([case.pk], today(), child)}
    assert voices == {"child"}
    assert {x.voice for x in forms_of_cases([case.pk], today(), mother)} == {"child", "caregiver"}
    answer(mother, forms["child"], "child-help")
    answer(child, forms["child"])
    assert forms["child"].answered_by == "child-help"  # help that was given is not forgotten


def test_two_hands_in_the_form_of_an_adult_are_said_to_be_two() -> None:
    case, course = worlds.treated(ended=95)
    row = worlds.planned(course)[-1]
    mother = worlds.mother_of(case)
    own = own_account(case)
    answer(own, row)
    assert row.answered_by == "self"
    answer(mother, row)
    assert row.answered_by == "both"
    answer(own, row)
    assert row.answered_by == "both"


def fill(by: Actor, row: Questionnaire, value: int, hand: str = "") -> None:
    symptoms = form_of(row).symptoms
    for symptom in symptoms:
        answers = dict.fromkeys(symptom.attributes[: 1 if value == 0 else None], value)
        questionnaires.answer(
            by=by, form=row.pk, symptom=symptom.id, answers=answers, hand=hand, language="kk"
        )
    questionnaires.send(by=by, form=row.pk)


def both_answer() -> tuple[Case, Course]:
    case, course, forms, mother = a_child(research=True)
    fill(mother, forms["child"], 3, "child")
    fill(mother, forms["caregiver"], 1)
    return case, course


def test_what_a_child_says_and_what_its_mother_says_stand_apart_over_time() -> None:
    case, _course = both_answer()
    lines = forms_of_cases([case.pk], today())
    child, caregiver = trends(lines)
    assert (child.voice, caregiver.voice) == ("child", "caregiver")
    assert set(itertools.chain(*child.grades.values())) == {3}
    assert set(itertools.chain(*caregiver.grades.values())) == {1}
    assert child.occasions == caregiver.occasions == ("m3",)
    assert list(child.grades) == list(caregiver.grades)


def test_one_of_two_who_answers_is_enough_and_nobody_counts_as_missed() -> None:
    case, course, forms, mother = a_child(12, ended=100)
    fill(mother, forms["caregiver"], 0)
    with context.writing_as("fixture"):
        Questionnaire.objects.filter(outcome__course=course).exclude(
            pk=forms["caregiver"].pk
        ).update(closes=today() - DAY)
    (line,) = registry.entries(cast.actor("marat"), today())
    missed = [x for x in forms_of_cases([case.pk], today()) if x.standing == "missed"]
    assert len(missed) == 5  # baseline and end of both, and the child's after three months
    assert (line.missed, line.open_forms) == (2, 0)


def test_the_page_of_the_entry_shows_two_tables_and_who_answered() -> None:
    worlds.centre()
    case, _course = both_answer()
    page = cast.client("marat")
    page.cookies["django_language"] = "en"
    text = html.unescape(page.get(reverse("proton:outcome", args=[case.pk])).content.decode())
    own, other = (
        text.index("The child's own answers</h3>"),
        text.index("The caregiver's answers</h3>"),
    )
    assert text.index("nothing is averaged") < own < other
    assert text[own:other].count("severe") >= 10
    assert "moderate" not in text[own:other]
    assert "by the child alone" in text
    assert "by the guardian" in text
    assert text.index("A severe answer") < own


def test_both_leave_the_house_apart_each_with_who_said_it() -> None:
    both_answer()
    made = export_outcomes(
        by=cast.actor("askhat"), centre=cast.organisation("proton-astana").pk, smallest=1
    )
    (bundle,) = [json.loads(c) for name, c in made.files.items() if name != MANIFEST]
    said: dict[tuple[str, str], list[int]] = {}
    for entry in bundle["entry"]:
        each = entry["resource"]
        if each["resourceType"] == "Observation" and "valueInteger" in each:
            form = each["category"][1]["coding"][0]["code"]
            hand = each["method"]["coding"][0]["code"]
            said.setdefault((form, hand), []).append(each["valueInteger"])
    assert said == {
        ("form-child", "said-by-child"): [3] * 10,
        ("form-caregiver", "said-by-guardian"): [1] * 10,
    }


def test_the_family_sees_two_forms_and_a_child_is_asked_in_its_own_words() -> None:
    case, _course, forms, _mother = a_child()
    mother = cast.client("aizada_mother")
    mother.cookies["django_language"] = "ru"
    listed = mother.get(reverse("proton:questions")).content.decode()
    for row in forms.values():
        assert reverse("proton:questionnaire", args=[row.pk]) in listed
        assert reverse("proton:questionnaire", args=[row.pk]) in mother.get("/my/").content.decode()
    address = reverse("proton:questionnaire", args=[forms["child"].pk])
    start = mother.get(address).content.decode()
    assert start.count('type="radio" name="hand"') == 2
    assert reverse("proton:questionnaire", args=[forms["caregiver"].pk]) in start
    assert "Что-то болит" not in start
    assert 'class="error"' not in start
    assert 'class="error"' in mother.get(address, {"hand": ""}).content.decode()
    page = mother.get(address, {"hand": "child"}).content.decode()
    for words in ("Что-то болит", KNOWN.child_intro["ru"], "Как часто это у тебя было?"):
        assert words in page
    given = {"symptom": "pain", "frequency": "0"}
    assert mother.post(address, given).status_code == 422  # nobody said whose hand it is
    assert mother.post(address, {**given, "hand": "child"}).status_code == 302
    following = mother.get(address).content.decode()
    assert "Болит голова" in following
    assert 'name="hand"' not in following
    again = mother.get(f"{address}?again").content.decode()
    assert re.search(r'value="child" checked', again)
    own_account(case)
    child = cast.client("stranger")
    assert (
        child.get(reverse("proton:questionnaire", args=[forms["caregiver"].pk])).status_code == 404
    )
    assert "Что-то болит" in child.get(f"{address}?at=pain").content.decode()
    forms["child"].refresh_from_db()
    assert forms["child"].answered_by == "child"


def test_every_voice_has_its_words_for_staff_and_family() -> None:
    assert set(KNOWN.asked) == set(VOICES) == {form.voice for form in KNOWN.forms.values()}
