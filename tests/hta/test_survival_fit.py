"""Fitted laws against lifelines, formulas and their own derivatives; rows that are wrong."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.cli.main import sapar
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.survival.data import Columns, Data, kaplan_meier, read_rows
from sapar.hta.engine.survival.fit import FAMILIES, fit, knots_of
from sapar.hta.engine.uncertainty.draws import draw
from sapar.hta.phrases import PHRASES

STORED = json.loads((Path(__file__).parent / "data" / "lifelines.json").read_text(encoding="utf-8"))
TIMES = np.array([0.5, 1.0, 2.0, 5.0, 10.0])
LAWS = (
    "exponential", "weibull_aft", "gompertz", "lognormal", "loglogistic", "gengamma",
    "spline_hazard", "spline_odds",
)  # fmt: skip


def stored(name: str) -> tuple[Data, dict[str, Any], list[float]]:
    each = STORED["sets"][name]
    data = Data.of(**{key: np.array(values, dtype=float) for key, values in each["data"].items()})
    return data, each["fitted"], each["knots"]


@pytest.mark.parametrize("name", ["plain", "late", "weighted"])
@pytest.mark.parametrize("law", LAWS)
def test_lifelines_finds_the_same_top_or_a_lower_one(name: str, law: str) -> None:
    data, fitted, knots = stored(name)
    theirs = fitted[law]
    ours = fit(law, data, knots=knots)
    assert ours.converged
    assert ours.log_likelihood > theirs["log_likelihood"] - 1e-6 * abs(theirs["log_likelihood"])
    assert ours.aic == pytest.approx(theirs["aic"], rel=1e-6)
    assert ours.law.survival(TIMES) == pytest.approx(theirs["survival"], abs=2e-4)


@pytest.mark.parametrize("name", ["plain", "late"])
def test_lifelines_has_the_same_standard_errors(name: str) -> None:
    data, fitted, knots = stored(name)
    for law, count in (("lognormal", 1), ("spline_hazard", 3)):
        errors = np.sqrt(np.diag(fit(law, data, knots=knots).covariance))
        assert errors[:count] == pytest.approx(fitted[law]["errors"][:count], rel=2e-3)
    # Its Weibull is estimated on the plain scale: the error of a logarithm is relative.
    found = fit("weibull_aft", data)
    scale, shape = fitted["weibull_aft"]["estimates"].values()
    wanted = [
        fitted["weibull_aft"]["errors"][1] / shape,
        fitted["weibull_aft"]["errors"][0] / scale,
    ]
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(wanted, rel=2e-3)


@pytest.mark.parametrize("name", ["plain", "late", "weighted"])
def test_lifelines_steps_down_as_kaplan_meier_does_here(name: str) -> None:
    data, fitted, _ = stored(name)
    steps = kaplan_meier(data)
    theirs = dict(zip(*(fitted["kaplan_meier"][key] for key in ("times", "survival")), strict=True))
    for time, survival in zip(steps.times, steps.survival, strict=True):
        assert survival == pytest.approx(theirs[time], abs=1e-9)


def test_the_exponential_law_is_events_over_time() -> None:
    data, _, _ = stored("late")
    found = fit("exponential", data)
    events, time = data.events.sum(), (data.times - data.entries).sum()
    assert found.arguments["rate"] == pytest.approx(events / time, rel=1e-9)
    assert found.covariance[0, 0] == pytest.approx(1 / events, rel=1e-6)
    assert found.log_likelihood == pytest.approx(events * math.log(events / time) - events)
    assert found.bic - found.aic == pytest.approx(math.log(len(data.times)) - 2)


def test_laws_that_contain_others_fit_no_worse_and_both_weibulls_are_one() -> None:
    data, _, _ = stored("plain")
    laws = (*FAMILIES, "spline_hazard", "spline_normal")
    top = {law: fit(law, data).log_likelihood for law in laws}
    assert top["weibull_ph"] == pytest.approx(top["weibull_aft"], abs=1e-8)
    for law in ("weibull_aft", "lognormal"):
        assert top["gengamma"] >= top[law] - 1e-8
    assert top["spline_hazard"] >= top["weibull_ph"] - 1e-8
    assert top["spline_normal"] >= top["lognormal"] - 1e-8
    assert top["gompertz"] >= top["exponential"] - 1e-8
    two = fit("spline_odds", data, knots=knots_of(data, 0))
    assert two.log_likelihood == pytest.approx(top["loglogistic"], abs=1e-8)


@settings(max_examples=15, deadline=None)
@given(law=st.sampled_from(sorted(FAMILIES)), unit=st.sampled_from([1 / 365.25, 12.0, 1000.0]))
def test_another_unit_of_time_gives_the_same_law(law: str, unit: float) -> None:
    data, _, _ = stored("late")
    one = fit(law, data)
    other = fit(law, Data(data.times * unit, data.events, data.entries * unit, data.weights))
    assert other.law.survival(TIMES * unit) == pytest.approx(one.law.survival(TIMES), abs=1e-6)
    shift = data.events.sum() * math.log(unit)
    assert other.log_likelihood == pytest.approx(one.log_likelihood - shift, abs=1e-6)


def test_many_times_give_back_the_law_that_made_them_and_weights_are_rows() -> None:
    rng = np.random.default_rng(5)
    times = 4 * rng.weibull(1.5, 40_000)
    ends = rng.uniform(0.5, 8, 40_000)
    data = Data.of(np.minimum(times, ends), (times <= ends) * 1.0)
    found = fit("weibull_aft", data)
    away = (found.estimates - np.log([1.5, 4])) / np.sqrt(np.diag(found.covariance))
    assert np.abs(away).max() < 4
    few = Data.of(data.times[:300], data.events[:300])
    twice = Data.of(np.tile(few.times, 2), np.tile(few.events, 2))
    double = Data.of(few.times, few.events, weights=np.full(300, 2.0))
    assert fit("gengamma", double).estimates == pytest.approx(fit("gengamma", twice).estimates)


def test_draws_are_normal_on_the_scale_of_estimation() -> None:
    data, _, _ = stored("plain")
    found = fit("gengamma", data)
    drawn = found.draw(50_000, np.random.default_rng(1))
    on_scale = np.stack([drawn["mu"], np.log(drawn["sigma"]), drawn["Q"]])
    spread = np.sqrt(np.diag(found.covariance))
    assert np.abs((on_scale.mean(axis=1) - found.estimates) / spread).max() < 0.03
    assert np.cov(on_scale) == pytest.approx(found.covariance, abs=0.03 * spread.max() ** 2)


def rows(text: str) -> Data:
    return read_rows(text, Columns("t", "d", "e"))


GOOD_ROWS = "t,d,e\n2,1,0\n3,0,1\n1.5,1,0.5\n"


def test_a_table_is_read_with_its_unit() -> None:
    found = read_rows(GOOD_ROWS, Columns("t", "d", "e"), 1 / 12)
    assert found.times == pytest.approx([2 / 12, 0.25, 0.125])
    assert found.entries == pytest.approx([0, 1 / 12, 0.5 / 12])


@pytest.mark.parametrize(
    ("old", "new", "code", "where", "value"),
    [
        ("t,d,e", "x,d,e", "fit_column", "line 1", "t"),
        ("3,0,1", "three,0,1", "fit_time", "line 3", "three"),
        ("3,0,1", ",0,1", "fit_time", "line 3", ""),
        ("3,0,1", "0,0,0", "fit_time", "line 3", "0"),
        ("3,0,1", "nan,0,1", "fit_time", "line 3", "nan"),
        ("3,0,1", "3,2,1", "fit_event", "line 3", "2"),
        ("3,0,1", "3,yes,1", "fit_event", "line 3", "yes"),
        ("3,0,1", "3,0,3", "fit_entry", "line 3", "3"),
        ("3,0,1", "3,0,-1", "fit_entry", "line 3", "-1"),
        ("3,0,1\n1.5,1", "3,0,1\n1.5,7", "fit_event", "line 4", "7"),
    ],
)
def test_a_wrong_row_is_named_with_its_line(
    old: str, new: str, code: str, where: str, value: str
) -> None:
    with pytest.raises(BadModelError) as found:
        rows(GOOD_ROWS.replace(old, new, 1))
    first = found.value.problems[0]
    assert (first.code, first.where, first.value) == (f"hta.input.{code}", where, value)
    assert f"hta.input.{code}.remedy" in PHRASES


def test_knots_need_different_times() -> None:
    data = Data.of(np.array([1.0, 2.0, 2.0, 2.0, 3.0]), np.array([0, 1, 1, 1, 0]))
    with pytest.raises(BadModelError, match="fit_knots"):
        fit("spline_hazard", data)


@pytest.mark.parametrize(
    "times", [[1.0], [2.0, 2.0, 2.0], [1e-5, 1e5, 3.0, 7.0], [1.0, 1.0, 1.0, 5.0]]
)
@pytest.mark.parametrize("law", sorted(FAMILIES))
def test_hopeless_data_end_in_a_fit_that_says_so_or_is_a_number(
    times: list[float], law: str
) -> None:
    found = fit(law, Data.of(np.array(times), np.ones(len(times))))
    assert np.isfinite(found.estimates).all()
    assert found.converged or not math.isnan(found.aic)


def test_no_event_and_wrong_arrays_are_refused() -> None:
    with pytest.raises(BadModelError, match="fit_events"):
        rows("t,d,e\n2,0,0\n")
    with pytest.raises(BadModelError, match="fit_weight"):
        Data.of(np.ones(3), np.ones(3), weights=np.array([1.0, 0.0, 1.0]))
    with pytest.raises(BadModelError, match="fit_time"):
        Data.of(np.array([1.0, np.inf]), np.ones(2))


def table() -> str:
    data, _, _ = stored("late")
    columns = (data.times.tolist(), data.events.tolist(), data.entries.tolist())
    lines = [f"{t!r},{int(d)},{e!r}" for t, d, e in zip(*columns, strict=True)]
    return "t,d,e\n" + "\n".join(lines) + "\n"


def test_the_command_prints_laws_and_parts_of_a_model_that_can_be_drawn() -> None:
    arguments = [
        "--language",
        "en",
        "hta",
        "fit",
        "-",
        "--time",
        "t",
        "--event",
        "d",
        "--entry",
        "e",
    ]
    found = CliRunner().invoke(sapar, [*arguments, "--json"], input=table())
    assert found.exit_code == 0, found.output
    answer = json.loads(found.stdout)
    assert answer["fits"] == sorted(answer["fits"], key=lambda row: row["aic"])
    for row in answer["fits"]:
        document = {
            "schema": "sapar.hta.partitioned/1",
            "id": "fitted",
            "settings": {"cycles": 10, "cycle": "1 year"},
            "strategies": {"one": "One"},
            **row["model"],
            "curves": ["os"],
            "states": ["alive", "dead"],
            "rewards": {
                "cost": {"discount": "costs"},
                "life": {"discount": "effects", "per": "year", "states": {"alive": 1}},
            },
        }
        model = read_model(json.dumps(document))
        drawn = draw(model, 200, 1)
        assert set(drawn) == set(row["model"]["parameters"])
        base = evaluate(model).discounted["life"][0, 0]
        many = evaluate(model, drawn).discounted["life"][0]
        assert many.mean() == pytest.approx(base, rel=0.05), row["law"]
        assert 0 < many.std() < 0.4
    shown = CliRunner().invoke(sapar, [*arguments, "--law", "lognormal"], input=table())
    assert shown.stdout.splitlines()[-1].startswith("lognormal(meanlog=")


def test_the_command_names_wrong_rows() -> None:
    arguments = ["--language", "en", "hta", "fit", "-", "--time", "t", "--event", "d"]
    found = CliRunner().invoke(sapar, arguments, input="t,d\n2,1\n-2,1\n")
    assert found.exit_code == 3
    assert "line 3" in found.stderr
    assert "-2" in found.stderr
