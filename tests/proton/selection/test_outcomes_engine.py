"""When patients are asked, how answers are graded, whether a complication happened."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.proton.engine.outcomes import scoring
from sapar.proton.engine.outcomes.forms import LANGUAGES, LibraryError, Symptom
from sapar.proton.engine.outcomes.library import FILES, Endpoint, read_library
from sapar.proton.engine.outcomes.observed import Seen, observed
from sapar.proton.engine.outcomes.schedule import dues, months_after, phase, standing
from sapar.proton.engine.outcomes.scoring import Grading, composite, next_question
from sapar.proton.queries.outcome_data import library

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
RULE = library().questionnaires.grading


def walked(day: date, months: int) -> date:
    """Independent: walk day by day to the month, and stop at the day's number or its last day."""
    found = day
    for _month in range(months):
        month = found.month
        found = found.replace(day=1)
        while found.month == month:
            found += timedelta(days=1)
    last = found
    while last.month == found.month and last.day <= day.day:
        found, last = last, last + timedelta(days=1)
    return found


@given(DAYS, st.integers(0, 130))
def test_months_are_calendar_months_and_end_with_shorter_ones(day: date, months: int) -> None:
    assert months_after(day, months) == walked(day, months)


def test_the_last_of_august_and_six_months_is_the_last_of_february() -> None:
    assert months_after(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_after(date(2027, 8, 31), 6) == date(2028, 2, 29)


def test_a_patient_is_asked_before_at_the_end_after_3_6_12_months_and_yearly() -> None:
    known = library()
    start, end = date(2026, 3, 2), date(2026, 4, 17)
    found = {d.occasion: d.due for d in dues(known.occasions, known.yearly, start=start, end=end)}
    assert list(found)[:5] == ["baseline", "end", "m3", "m6", "m12"]
    assert found["baseline"] == start
    assert found["m6"] == date(2026, 10, 17)
    assert [found[f"y{n}"].year for n in range(2, 11)] == list(range(2028, 2037))


def test_what_is_counted_from_the_end_waits_until_there_is_one() -> None:
    known = library()
    found = dues(known.occasions, known.yearly, start=date(2026, 3, 2), end=None)
    assert [d.occasion for d in found] == ["baseline"]


@given(DAYS, st.integers(7, 80))
def test_no_two_forms_counted_from_the_end_are_open_on_one_day(end: date, length: int) -> None:
    known = library()
    start = end - timedelta(days=length)
    after = [
        d
        for d in dues(known.occasions, known.yearly, start=start, end=end)
        if d.occasion != "baseline"
    ]
    for one, other in itertools.pairwise(after):
        assert one.opens <= one.due <= one.closes < other.opens


def test_a_form_is_ahead_open_missed_or_done_and_its_last_day_is_open() -> None:
    known = library()
    end = date(2026, 4, 17)
    due = next(
        d
        for d in dues(known.occasions, known.yearly, start=date(2026, 3, 2), end=end)
        if d.occasion == "m3"
    )
    assert standing(due, due.opens - timedelta(days=1), done=False) == "ahead"
    assert standing(due, due.opens, done=False) == "open"
    assert standing(due, due.closes, done=False) == "open"
    assert standing(due, due.closes + timedelta(days=1), done=False) == "missed"
    assert standing(due, due.closes + timedelta(days=1), done=True) == "done"


def test_acute_is_up_to_90_days_after_the_last_fraction() -> None:
    start, end = date(2026, 3, 2), date(2026, 4, 17)
    assert phase(start, start=start, end=end) == "baseline"
    assert phase(end, start=start, end=end) == "acute"
    assert phase(end + timedelta(days=90), start=start, end=end) == "acute"
    assert phase(end + timedelta(days=91), start=start, end=end) == "late"
    assert phase(end, start=start, end=None) == "acute"


THREE = Symptom(
    "pain", ("frequency", "severity", "interference"), dict.fromkeys(LANGUAGES, "x"), {}
)


def test_severity_is_asked_only_after_a_frequency_above_never() -> None:
    assert scoring.asked(THREE, {}) == ("frequency",)
    assert scoring.asked(THREE, {"pain.frequency": 0}) == ("frequency",)
    assert scoring.asked(THREE, {"pain.frequency": 2}) == ("frequency", "severity")
    both = {"pain.frequency": 2, "pain.severity": 1}
    assert scoring.asked(THREE, both) == ("frequency", "severity", "interference")


def test_an_answer_that_is_changed_to_never_drops_what_it_makes_needless() -> None:
    before = {"pain.frequency": 3, "pain.severity": 2, "pain.interference": 1}
    assert scoring.kept(THREE, {**before, "pain.frequency": 0}) == {"pain.frequency": 0}


@given(st.data())
def test_every_form_ends_whatever_is_answered_and_asks_nothing_twice(data: st.DataObject) -> None:
    forms = library().questionnaires.forms
    form = forms[data.draw(st.sampled_from(sorted(forms)))]
    answers: dict[str, int] = {}
    seen: list[str] = []
    while (question := next_question(form.symptoms, answers)) is not None:
        name = next(a for a in question.attributes if f"{question.symptom}.{a}" not in answers)
        answers[f"{question.symptom}.{name}"] = data.draw(st.integers(0, 4))
        seen.append(f"{question.symptom}.{name}")
    assert len(seen) == len(set(seen))
    assert len(form.symptoms) <= len(seen) <= sum(len(s.attributes) for s in form.symptoms)
    assert set(scoring.grades(RULE, form.symptoms, answers)) == {s.id for s in form.symptoms}


def by_hand(frequency: int | None, severity: int | None, interference: int | None) -> int | None:
    """Independent: the rule as its sentence reads, with the numbers of the data file."""
    if frequency is None and severity is None and interference is None:
        return None
    if severity is None:
        if frequency is None or frequency == 0:
            return 0 if frequency == 0 else max(0, [0, 0, 1, 2, 3][interference or 0])
        grade = [0, 1, 1, 2, 3][frequency]
    elif severity == 0:
        return 0
    else:
        grade = [0, 1, 2, 3, 3][severity]
        if frequency == 1 and grade > 1:
            grade -= 1
    return max(grade, [0, 0, 1, 2, 3][interference or 0])


def test_the_composite_grade_is_the_rule_of_the_data_file_for_every_answer() -> None:
    answers = (None, 0, 1, 2, 3, 4)
    for f, s, i in itertools.product(answers, repeat=3):
        found = composite(RULE, frequency=f, severity=s, interference=i)
        assert found == by_hand(f, s, i), (f, s, i)
        assert found is None or 0 <= found <= 3


def test_the_composite_grade_never_falls_where_an_answer_rises() -> None:
    for f, s, i in itertools.product(range(1, 5), repeat=3):
        here = composite(RULE, frequency=f, severity=s, interference=i)
        assert here is not None
        for worse in ((f + 1, s, i), (f, s + 1, i), (f, s, i + 1)):
            if max(worse) <= 4:
                a, b, c = worse
                found = composite(RULE, frequency=a, severity=b, interference=c)
                assert found is not None
                assert found >= here


@pytest.mark.parametrize("table", [(0, 1, 2, 3), (0, 2, 1, 3, 3), (1, 1, 2, 3, 3), (0, 1, 2, 3, 4)])
def test_a_rule_that_falls_or_leaves_0_to_3_is_refused(table: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="five rising grades"):
        Grading((0, 1, 1, 2, 3), table, (0, 0, 1, 2, 3), 1)


END = date(2026, 4, 17)
XEROSTOMIA = Endpoint("xerostomia-2", "xerostomia", "dry-mouth", 2, 6, 75)


def test_a_complication_happened_did_not_or_is_not_known() -> None:
    middle = date(2026, 10, 17)
    late = middle + timedelta(days=76)
    mild, bad = Seen(middle, "dry-mouth", 1), Seen(middle, "dry-mouth", 2)
    assert observed(XEROSTOMIA, [mild], end=END) == 0
    assert observed(XEROSTOMIA, [mild, bad], end=END) == 1
    assert observed(XEROSTOMIA, [], end=END) is None
    early = middle - timedelta(days=76)
    assert observed(XEROSTOMIA, [Seen(late, "dry-mouth", 3)], end=END) is None
    assert observed(XEROSTOMIA, [Seen(early, "dry-mouth", 3)], end=END) is None
    assert observed(XEROSTOMIA, [Seen(middle, "fatigue", 3)], end=END) is None
    assert observed(XEROSTOMIA, [bad], end=None) is None


def test_the_data_files_say_everything_in_five_languages_and_name_their_marks() -> None:
    known = library()
    for term in known.terms.terms.values():
        assert set(term.names) == set(LANGUAGES)
        assert all(name.strip() for name in term.names.values())
    marks = {item.source.mark.value for item in (*known.fields.course, *known.fields.paediatric)}
    assert marks == {"verified", "unverified"}
    assert known.questionnaires.source.mark.value == "unverified"
    assert "own" in known.questionnaires.source.title.lower()
    for form in known.questionnaires.forms.values():
        for symptom in form.symptoms:
            assert len(set(symptom.names.values())) >= 4  # no language copies another


def test_uzbek_is_written_with_its_own_letters() -> None:
    known = library()
    symptoms = [s for f in known.questionnaires.forms.values() for s in f.symptoms]
    names = [s.names["uz"] for s in symptoms]
    names += [t.names["uz"] for t in known.terms.terms.values()]
    names += [s.child_names["uz"] for s in symptoms if s.child_names]
    names += [known.questionnaires.child_intro["uz"]]
    for words in known.questionnaires.asked.values():
        for asked in words.values():
            names += [asked.question["uz"], *asked.options["uz"]]
    assert any("\u02bb" in name for name in names)
    assert any("\u02bc" in name for name in names)
    assert not any(sign in name for name in names for sign in "'`’‘")


def test_a_data_file_with_a_mistake_is_refused_with_its_place() -> None:
    from django.conf import settings

    folder = settings.DATA / "proton" / "outcomes"
    texts = {name: (folder / f"{name}.yaml").read_text(encoding="utf-8") for name in FILES}
    with pytest.raises(LibraryError, match="registry: no mapping"):
        read_library({**texts, "registry": "- 1\n"})
    with pytest.raises(LibraryError, match="no such term: dry-eyes"):
        read_library(
            {**texts, "endpoints": texts["endpoints"].replace("term: dry-mouth", "term: dry-eyes")}
        )
    with pytest.raises(LibraryError, match="no kind"):
        read_library({**texts, "registry": texts["registry"].replace("kind: site", "kind: sight")})
    with pytest.raises(LibraryError, match="uz"):
        read_library({**texts, "ctcae": texts["ctcae"].replace("uz: Holsizlik, ", "")})
