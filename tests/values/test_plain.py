"""Dataclasses become plain JSON and come back, or the place that does not fit is named."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.values.marks import Mark, Source
from sapar.values.money import Money
from sapar.values.plain import PlainError, from_plain, to_plain
from sapar.values.statements import Problem, Statement

params = st.one_of(
    st.none(),
    st.text(max_size=6),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.builds(
        Money, st.decimals(allow_nan=False, allow_infinity=False), st.sampled_from(["KZT", "USD"])
    ),
)


@given(st.dictionaries(st.text(max_size=5), params, max_size=4))
def test_a_statement_keeps_the_kind_of_each_parameter(given_params: dict[str, object]) -> None:
    said = Statement("a.b", given_params)  # type: ignore[arg-type]
    again = from_plain(Statement, json.loads(json.dumps(to_plain(said))))
    assert again == said
    assert {k: type(v) for k, v in again.params.items()} == {
        k: type(v) for k, v in given_params.items()
    }


@dataclass(frozen=True)
class Sample:
    name: str
    count: int | None = None
    days: tuple[date, ...] = ()
    marks: frozenset[Mark] = field(default_factory=frozenset)


def test_defaults_are_left_out_and_come_back() -> None:
    assert to_plain(Sample("a")) == {"name": "a"}
    assert from_plain(Sample, {"name": "a"}) == Sample("a")


@pytest.mark.parametrize(
    ("plain", "where"),
    [
        ({"name": 3}, "Sample.name"),
        ({"name": "a", "count": "three"}, "Sample.count"),
        ({"name": "a", "days": ["2023-02-30"]}, "Sample.days[0]"),
        ({"name": "a", "marks": ["perhaps"]}, "Sample.marks"),
        ({"count": 3}, "Sample"),
        ({"name": "a", "colour": "red"}, "colour"),
        ([], "Sample"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(plain: object, where: str) -> None:
    with pytest.raises(PlainError, match=where.replace("[", r"\[").replace("]", r"\]")):
        from_plain(Sample, plain)


def test_a_field_that_is_gone_can_be_skipped() -> None:
    assert from_plain(Sample, {"name": "a", "colour": "red"}, skip_unknown=True) == Sample("a")


def test_sources_and_problems_survive() -> None:
    source = Source("A law", date(2025, 1, 1), Mark.VERIFIED)
    assert from_plain(Source, to_plain(source)) == source
    problem = Problem.of("x.y", where="a", value=Decimal(3), fatal=False, day=datetime.now(UTC))
    assert from_plain(Problem, to_plain(problem)) == problem


def test_a_thing_without_a_plain_form_is_refused() -> None:
    with pytest.raises(PlainError):
        to_plain(object())


def test_two_engines_may_have_a_class_of_the_same_name() -> None:
    from sapar.network.engine.snapshot import Agreement
    from sapar.network.engine.snapshot import Quota as Places
    from sapar.proton.engine.scheduling.problem.course import Quota as Courses

    assert Places is not Courses
    source = Source("A law", date(2025, 1, 1), Mark.VERIFIED)
    quota = Places(code="q", source=source, programme="protons", places=3)
    agreement = Agreement(
        code="a", source=source, patient_country="KG", centre_country="KZ", payer="p",
        route="insurance", quotas=(quota,),
    )  # fmt: skip
    assert from_plain(Agreement, to_plain(agreement)) == agreement
    limit = Courses("q", "KG", None, date(2027, 1, 1), date(2027, 12, 31), 3)
    assert from_plain(Courses, to_plain(limit)) == limit
