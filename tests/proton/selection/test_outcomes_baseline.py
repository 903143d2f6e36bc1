"""Who has a complication before treatment does not count as harmed by it without being marked."""

from __future__ import annotations

import csv
import html
import io
import json
import random
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.proton.actions import outcomes
from sapar.proton.cli import proton
from sapar.proton.data_files import knowledge
from sapar.proton.engine.outcomes.library import Endpoint
from sapar.proton.engine.outcomes.observed import Foretold, Seen, at_baseline, baseline
from sapar.proton.queries.outcome_data import library
from sapar.proton.queries.predictions import AtBaseline, Counted, asks, compared, foretold
from tests import cast
from tests.proton.selection import outcome_worlds as worlds

DAY = timedelta(days=1)
START = date(2026, 3, 2)
LUNG = Endpoint("pneumonitis-2", "pneumonitis", "pneumonitis", 2, 6, 120)
SEEN = st.builds(
    Seen,
    st.integers(-40, 10).map(lambda n: START + n * DAY),
    st.sampled_from(["pneumonitis", "fatigue"]),
    st.integers(0, 5),
)


def looked_back(seen: list[Seen]) -> int | None:
    """Independent: walk back day by day from the first fraction until somebody looked."""
    for back in range(60):
        day = START - back * DAY
        of_day = [s.grade for s in seen if s.day == day and s.term == "pneumonitis"]
        if of_day:
            return max(of_day)
    return None


@given(st.lists(SEEN, max_size=12))
def test_baseline_is_the_worst_grade_of_the_last_day_up_to_the_first_fraction(
    seen: list[Seen],
) -> None:
    assert baseline(LUNG, seen, start=START) == looked_back(seen)


def test_what_was_there_long_ago_and_had_gone_is_not_there_at_baseline() -> None:
    seen = [Seen(START - 90 * DAY, "pneumonitis", 3), Seen(START, "pneumonitis", 0)]
    assert baseline(LUNG, seen, start=START) == 0
    assert baseline(LUNG, [*seen, Seen(START + DAY, "pneumonitis", 4)], start=START) == 0


TABLE = {
    # (had it before: yes, no, nobody looked; the model asks; it was told) to what becomes of them
    ("yes", False, False): "left-out",
    ("yes", False, True): "left-out",
    ("yes", True, False): "left-out",
    ("yes", True, True): "kept",
    ("no", False, False): "new",
    ("no", False, True): "new",
    ("no", True, False): "new",
    ("no", True, True): "new",
    ("nobody", False, False): "unknown",
    ("nobody", False, True): "unknown",
    ("nobody", True, False): "new",
    ("nobody", True, True): "new",
}


@pytest.mark.parametrize(("case", "becomes"), TABLE.items())
def test_a_patient_stands_in_the_comparison_as_the_table_says(
    case: tuple[str, bool, bool], becomes: str
) -> None:
    had, asked, told = case
    for grade in {"yes": (2, 3, 4), "no": (0, 1), "nobody": (None,)}[had]:
        one = Foretold("x", 0.4, 1, baseline=grade, asks=asked, told=told)
        assert at_baseline(one, 2) == becomes


ROWS = st.builds(
    Foretold,
    st.just("pneumonitis-2"),
    st.sampled_from([0.1, 0.25, 0.5, 0.8]),
    st.sampled_from([None, 0, 1]),
    baseline=st.sampled_from([None, 0, 1, 2, 3]),
    asks=st.booleans(),
    told=st.booleans(),
)


@settings(max_examples=40)
@given(st.lists(ROWS, min_size=1, max_size=25), st.randoms(use_true_random=False))
def test_counts_and_calibration_are_those_of_a_plain_loop_in_any_order(
    rows: list[Foretold], chance: random.Random
) -> None:
    """Independent: one loop over the patients with a table, instead of filters over lists."""
    count = events = not_known = 0
    sums: dict[str, list[float]] = {"left-out": [0, 0, 0], "kept": [0, 0, 0], "unknown": [0, 0, 0]}
    for row in rows:
        if row.observed is None:
            not_known += 1
            continue
        had = "nobody" if row.baseline is None else "yes" if row.baseline >= 2 else "no"
        how = TABLE[had, row.asks, row.told]
        if how in sums:
            sums[how][0] += 1
            sums[how][1] += row.observed
            sums[how][2] += row.predicted
        if how != "left-out":
            count += 1
            events += row.observed
    chance.shuffle(rows)
    (found,) = compared(rows, shared=False)
    assert (found.calibration.count, found.calibration.events) == (count, events)
    assert found.unknown == not_known
    for part, how in (("left_out", "left-out"), ("kept", "kept"), ("unknown", "unknown")):
        got: Counted = getattr(found.at_baseline, part)
        assert (got.count, got.events) == tuple(sums[how][:2])
        assert got.expected == pytest.approx(sums[how][2])
    (other,) = compared(rows, shared=True)
    assert other.at_baseline is None


def test_leaving_them_out_gives_a_made_cohort_its_right_calibration_back() -> None:
    """Risks that are true of those who are free of it; one in five had it before and keeps it."""
    chance = random.Random(5)  # noqa: S311 - no secret
    rows = []
    for _patient in range(4000):
        p = chance.uniform(0.05, 0.6)
        had = chance.random() < 0.2
        seen = 1 if had else int(chance.random() < p)
        rows.append(Foretold("pneumonitis-2", p, seen, baseline=2 if had else 0))
    (found,) = compared(rows, shared=False)
    naive = [Foretold("pneumonitis-2", row.predicted, row.observed, baseline=0) for row in rows]
    (wrong,) = compared(naive, shared=False)
    right, large = found.calibration.in_the_large, wrong.calibration.in_the_large
    assert right is not None
    assert large is not None
    assert right.low < 0 < right.high
    assert large.low > 0.5


def test_the_data_files_agree_on_which_models_take_the_baseline_as_a_predictor() -> None:
    models, _protocols = knowledge()
    covariates = {"baseline_xerostomia", "baseline_dysphagia"}
    for endpoint in library().endpoints.values():
        own = [m for m in models.models.values() if m.endpoint == endpoint.of]
        assert own, endpoint.id
        for model in own:
            taken = covariates & set(model.covariates)
            assert taken == ({endpoint.baseline} if endpoint.baseline else set()), model.id
            assert asks(endpoint, [model.id], models) == bool(endpoint.baseline)
        if endpoint.baseline:
            # The first choice is "has it not": only another one tells the model of it.
            assert models.covariates[endpoint.baseline].choices[0] in {"none", "grade-0-1"}
    assert not asks(library().endpoints["xerostomia-2"], ["a-model-of-last-year"], models)
    assert not asks(library().endpoints["xerostomia-2"], [], models)


pytestmark = pytest.mark.django_db
PNEUMONITIS = {"endpoint": "pneumonitis", "models": ["pneumonitis"]}


def patient(before: int | None, after: int, told: str = "none", **risks: object) -> None:
    """One with a visit before and one after half a year; `told` is what the comparison knew."""
    case, course = worlds.treated(ended=300)
    worlds.foretell(case, patient={"baseline_xerostomia": told}, **risks)
    term = "pneumonitis" if "endpoint" in risks else "dry_mouth"
    if before is not None:
        outcomes.record_visit(
            by=cast.actor("marat"), case=case.pk, on=course.first - 3 * DAY, occasion="baseline",
            grades={term.replace("_", "-"): (before, "")},
        )  # fmt: skip
    worlds.graded(case, 182, course, **{term: after})


def cohort() -> None:
    worlds.centre()
    patient(0, 2, proton=0.2)
    patient(2, 2, "moderate", proton=0.6)  # the model was told: counts
    patient(2, 2, "none", proton=0.3)  # it was told otherwise: left out
    patient(None, 0, "mild", proton=0.4)  # nobody graded, but the model asks: counts
    for before, after in ((0, 2), (1, 0), (2, 2), (3, 1), (None, 2)):
        patient(before, after, proton=0.1, **PNEUMONITIS)


def test_in_the_records_who_had_it_before_is_left_out_or_kept_as_the_model_asks() -> None:
    cohort()
    dry, lung = compared(foretold(), shared=False)
    assert (dry.endpoint.id, lung.endpoint.id) == ("xerostomia-2", "pneumonitis-2")
    assert (dry.asks, lung.asks) == (True, False)
    assert (dry.calibration.count, dry.calibration.events) == (3, 2)
    assert dry.at_baseline == AtBaseline(Counted(1, 1, 0.3), Counted(1, 1, 0.6), Counted(0, 0, 0.0))
    assert (lung.calibration.count, lung.calibration.events) == (3, 2)
    assert lung.at_baseline is not None
    assert lung.at_baseline.left_out == Counted(2, 1, pytest.approx(0.2))
    assert lung.at_baseline.kept.count == 0
    assert lung.at_baseline.unknown == Counted(1, 1, 0.1)
    assert (dry.unknown, lung.unknown) == (0, 0)


def test_a_baseline_visit_that_is_withdrawn_leaves_nobody_out() -> None:
    case, course = worlds.treated(ended=300)
    worlds.foretell(case, **PNEUMONITIS)
    pk = outcomes.record_visit(
        by=cast.actor("marat"), case=case.pk, on=course.first, occasion="baseline",
        grades={"pneumonitis": (3, "")},
    )  # fmt: skip
    worlds.graded(case, 182, course, pneumonitis=2)
    (found,) = compared(foretold(), shared=False)
    assert found.calibration.count == 0
    outcomes.withdraw_visit(by=cast.actor("marat"), visit=pk, version=None, reason="wrong-patient")
    (found,) = compared(foretold(), shared=False)
    assert found.calibration.count == 1


def page(name: str) -> str:
    client = cast.client(name)
    client.cookies["django_language"] = "en"
    return html.unescape(client.get(reverse("proton:calibration")).content.decode())


def test_page_and_files_say_in_counts_who_is_left_out_and_a_ministry_sees_no_counts() -> None:
    cohort()
    found = page("marat")
    dry, lung = found.split("<h2>Pneumonitis, grade 2")
    assert "unknown to the model: left out" in dry
    assert "known to the model: counted" in dry
    assert "Not looked for before treatment" not in dry
    assert "ask what was there before treatment" in dry
    assert "do not ask what was there before treatment" in lung
    assert "Not looked for before treatment: counted" in lung
    assert "had it then: 1; foretold: 0.2" in lung
    assert "How many these are" not in found
    outside = page("kanat")
    assert "left out</dt>" not in outside
    assert "How many these are is not shown to you" in outside
    client = cast.client("marat")
    text = client.get(reverse("proton:calibration-table")).content.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    lung = next(row for row in rows if row["endpoint"] == "pneumonitis-2")
    assert (lung["left_out_at_baseline"], lung["baseline_not_known"]) == ("2", "1")
    run = CliRunner().invoke(proton, ["calibration", "--json"])
    assert run.exit_code == 0, run.output
    found = {each["endpoint"]: each for each in json.loads(run.output)}
    assert found["pneumonitis-2"]["at_baseline"]["left_out"]["count"] == 2
    assert found["xerostomia-2"]["models_ask_for_baseline"] is True
    hidden = CliRunner().invoke(proton, ["calibration", "--json", "--shared"])
    assert {each["at_baseline"] for each in json.loads(hidden.output)} == {None}
    shown = CliRunner().invoke(proton, ["calibration"])
    assert "\t2\t0" in shown.output


def test_where_everybody_had_it_before_the_page_says_so() -> None:
    worlds.centre()
    patient(2, 2, proton=0.1, **PNEUMONITIS)
    assert "Everybody of whom it is known had it before treatment" in page("marat")
