"""When the steps of a process are due: days counted, stops, and what moves when."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.hta.engine.clocks.due import (
    Happened,
    NoEndError,
    Stop,
    add_days,
    days_of,
    schedule,
)
from sapar.hta.engine.clocks.process import Process, read_process
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.processes import processes

DATA = Path(__file__).parents[2] / "data" / "hta" / "processes"
MONDAY = date(2027, 3, 1)


def process(name: str) -> Process:
    return read_process((DATA / f"{name}.yaml").read_text("utf-8"))


def weekday(day: date) -> bool:
    return day.isoweekday() <= 5


def due(name: str, step: str, happened: Happened) -> date | None:
    found = {each.name: each for each in schedule(process(name), happened, weekday)}
    return found[step].due


@pytest.mark.parametrize(
    ("variant", "regulator_stop", "days"),
    [
        ("", None, 100),
        ("standard", None, 100),
        ("accelerated", None, 60),
        ("standard", 30, 65),
        ("accelerated", 30, 25),
        ("standard", 90, 100),
        ("accelerated", 90, 60),
    ],
)
def test_the_dossier_of_the_joint_assessment_has_the_days_of_the_reference(
    variant: str, regulator_stop: int | None, days: int
) -> None:
    settled = MONDAY
    happened = Happened(
        MONDAY, {"submission": MONDAY, "scope-proposal": MONDAY, "scope": settled},
        variant=variant, regulator_stop=regulator_stop,
    )  # fmt: skip
    assert days_of(process("eu-jca").step("dossier"), happened) == days
    assert due("eu-jca", "dossier", happened) == settled + timedelta(days=days)


def test_the_joint_report_is_due_30_days_after_authorisation_if_the_draft_is_there() -> None:
    done = dict.fromkeys(
        ("submission", "scope-proposal", "scope", "dossier", "confirmation"), MONDAY
    )
    assert due("eu-jca", "report", Happened(MONDAY, done)) is None
    done |= {"draft": MONDAY, "authorisation": date(2027, 6, 1)}
    assert due("eu-jca", "report", Happened(MONDAY, done)) == date(2027, 7, 1)


def test_a_stop_moves_every_later_date_and_none_before_it() -> None:
    plain = schedule(process("nice"), Happened(MONDAY, {"topic": MONDAY, "scope": MONDAY}), weekday)
    stop = Stop(date(2027, 5, 10), date(2027, 6, 9))
    happened = Happened(MONDAY, {"topic": MONDAY, "scope": MONDAY}, (stop,))
    moved = schedule(process("nice"), happened, weekday)
    before = {each.name: each.due for each in plain}
    after = {each.name: each.due for each in moved}
    assert after["dossier"] == before["dossier"] == date(2027, 4, 26)
    for name in ("review", "committee", "publication", "funding"):
        assert after[name] == before[name] + timedelta(days=30), name
    assert after["appeal"] > before["appeal"]


def test_while_the_clock_stands_nothing_after_has_a_date() -> None:
    stop = Stop(date(2027, 4, 1), None)
    happened = Happened(MONDAY, {"topic": MONDAY, "scope": MONDAY}, (stop,))
    found = {each.name: each for each in schedule(process("nice"), happened, weekday)}
    assert found["dossier"].stands
    assert [found[name].due for name in ("dossier", "review", "publication")] == [None, None, None]


def test_what_is_done_late_moves_what_follows_and_is_said_to_be_late() -> None:
    done = {"topic": MONDAY, "scope": MONDAY, "dossier": date(2027, 5, 6)}
    found = {e.name: e for e in schedule(process("nice"), Happened(MONDAY, done), weekday)}
    assert found["dossier"].late(date(2027, 6, 1)) == 10
    assert found["review"].begins == date(2027, 5, 6)
    assert found["review"].due == date(2027, 7, 1)
    assert found["review"].late(date(2027, 7, 4)) == 3
    assert found["review"].late(date(2027, 6, 4)) == 0


def test_working_days_leave_out_the_weekend_and_what_a_stop_takes() -> None:
    assert add_days(MONDAY, 5, weekday, ()) == date(2027, 3, 8)
    stop = Stop(date(2027, 3, 3), date(2027, 3, 5))
    assert add_days(MONDAY, 5, weekday, (stop,)) == date(2027, 3, 10)
    assert due("kz", "topic", Happened(MONDAY)) == date(2027, 3, 15)


def test_a_calendar_without_a_day_that_counts_is_refused() -> None:
    with pytest.raises(NoEndError):
        add_days(MONDAY, 1, lambda _day: False, ())


def counted(begins: date, end: date, stops: list[Stop]) -> int:
    """By hand: the weekdays after one day up to another that no stop takes."""
    days = [begins + timedelta(days=n) for n in range(1, (end - begins).days + 1)]
    return sum(
        weekday(day) and not any(s.begins <= day < s.ends for s in stops if s.ends) for day in days
    )


STOPS = st.lists(
    st.builds(
        lambda at, length: Stop(MONDAY + timedelta(days=at), MONDAY + timedelta(days=at + length)),
        st.integers(-20, 200),
        st.integers(1, 60),
    ),
    max_size=4,
)


@given(days=st.integers(1, 90), stops=STOPS)
def test_exactly_the_days_that_count_have_passed_when_a_step_is_due(
    days: int, stops: list[Stop]
) -> None:
    found = add_days(MONDAY, days, weekday, stops)
    assert found is not None
    assert counted(MONDAY, found, stops) == days
    assert counted(MONDAY, found - timedelta(days=1), stops) == days - 1


@given(days=st.integers(0, 90), stops=STOPS, more=st.integers(1, 40))
def test_a_longer_stop_never_makes_anything_due_earlier(
    days: int, stops: list[Stop], more: int
) -> None:
    longer = [Stop(s.begins, s.ends + timedelta(days=more)) for s in stops if s.ends]
    short, long = add_days(MONDAY, days, weekday, stops), add_days(MONDAY, days, weekday, longer)
    assert short is not None
    assert long is not None
    assert long >= short


@pytest.mark.parametrize("name", ["kz", "nice", "eu-jca"])
def test_every_process_says_where_its_days_stand(name: str) -> None:
    found = process(name)
    assert found.steps
    for step in found.steps:
        assert step.source
        assert step.mark in {"verified", "demonstration", "unverified"}
        assert step.count in {"calendar", "working"}


def test_a_process_with_mistakes_names_each_with_its_line() -> None:
    text = (
        "schema: sapar.hta.process/1\nid: x\ntitle: X\ncountry: KZ\nsteps:\n"
        "  a: {label: A, days: -1, mark: unverified}\n"
        "  b: {label: B, after: c, count: lunar, mark: unverified}\n"
        "appeal: {days: 5, mark: unverified}\n"
    )
    with pytest.raises(BadModelError) as caught:
        read_process(text)
    assert [(p.code, p.where.rpartition(":")[2]) for p in caught.value.problems] == [
        ("hta.input.range", "6"),
        ("hta.input.choice", "7"),
        ("hta.input.choice", "7"),
    ]


def test_the_days_of_an_answer_to_an_appeal_are_data_with_a_mark() -> None:
    for process in processes().values():
        assert process.appeal.days >= 1
        assert process.appeal.mark == "demonstration"
        assert process.appeal.source
