"""Draws are added until the decision is stable, and it is said why they end."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from sapar.cli.main import sapar
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.uncertainty.sample import Sample, at_threshold, sample
from sapar.hta.engine.uncertainty.stable import CLEAR, MOST, SMALL, Until, lead, sample_until

MODELS = Path(__file__).parents[2] / "data" / "hta"
SICK = read_model((MODELS / "sick-sicker.yaml").read_text(encoding="utf-8"))
HIP = read_model((MODELS / "hip-replacement.yaml").read_text(encoding="utf-8"))


def test_a_clear_decision_ends_at_the_first_look() -> None:
    found = sample_until(SICK, [100_000.0], 1)
    assert found.looks == 1
    assert found.stable
    (here,) = found.leads
    assert here.reason == CLEAR
    assert here.difference > 4 * here.error
    assert here.best == at_threshold(found.sample, 100_000.0).best


def test_a_close_decision_takes_more_draws_and_they_are_those_of_a_sample() -> None:
    found = sample_until(HIP, [2_350.0], 1, Until(least=500, errors=4.0))
    number = found.sample.costs.shape[1]
    assert found.looks > 1
    assert number == 500 * 2 ** (found.looks - 1)
    assert found.leads[0].reason == CLEAR
    whole = sample(HIP, number, 1)
    assert np.array_equal(found.sample.costs, whole.costs)
    assert np.array_equal(found.sample.effects, whole.effects)
    # One look earlier it was not clear: that is why it went on.
    half = sample(HIP, number // 2, 1)
    assert lead(half, 2_350.0, Until(errors=4.0)).reason == MOST


def test_the_lead_is_that_of_paired_draws() -> None:
    found = sample(SICK, 4_000, 2)
    here = lead(found, 120_000.0, Until())
    benefit = found.benefit(120_000.0)
    order = benefit.mean(axis=1).argsort()[::-1]
    gap = benefit[order[0]] - benefit[order[1]]
    assert (here.best, here.next) == (order[0], order[1])
    assert here.difference == pytest.approx(gap.mean())
    assert here.error == pytest.approx(gap.std(ddof=1) / np.sqrt(4_000))
    # Common random numbers: the difference is surer than independent arms would make it.
    apart = np.sqrt(benefit[order[0]].var() / 4_000 + benefit[order[1]].var() / 4_000)
    assert here.error < 0.6 * apart


def test_where_two_are_worth_the_same_it_ends_because_it_does_not_matter() -> None:
    found = sample_until(HIP, [2_250.0], 1, Until(least=1_000, worth=50.0))
    assert found.leads[0].reason == SMALL
    assert found.leads[0].difference + 4 * found.leads[0].error < 50.0


def test_it_says_so_where_the_most_draws_are_not_enough() -> None:
    found = sample_until(HIP, [2_330.0], 1, Until(least=200, most=700))
    assert found.sample.costs.shape[1] == 700
    assert found.leads[0].reason == MOST
    assert not found.stable


def test_strategies_that_never_differ_do_not_go_on_for_ever() -> None:
    nothing = np.zeros((4, 100))
    found = lead(Sample(SICK, 0, {}, nothing, nothing), 1.0, Until())
    assert found.reason == SMALL
    assert found.difference == 0.0


def test_the_hardest_of_several_thresholds_decides() -> None:
    found = sample_until(HIP, [1_000.0, 2_350.0, 10_000.0], 1, Until(least=500))
    alone = sample_until(HIP, [2_350.0], 1, Until(least=500))
    assert found.looks == alone.looks
    assert [each.reason for each in found.leads] == [CLEAR] * 3
    assert found.leads[0].best != found.leads[2].best
    assert found.wrong_at_most == pytest.approx(3 * alone.wrong_at_most)
    assert found.wrong_at_most < 1e-3


def test_nothing_depends_on_the_workers() -> None:
    alone = sample_until(HIP, [2_350.0], 1, Until(least=500))
    with ThreadPoolExecutor(4) as executor:
        found = sample_until(HIP, [2_350.0], 1, Until(least=500), executor=executor)
    assert found.leads == alone.leads
    assert np.array_equal(found.sample.costs, alone.sample.costs)


def test_looking_often_misleads_less_often_than_the_bound_says() -> None:
    # Two strategies of equal worth: every clear lead is a mistake. With 2 errors mistakes are
    # frequent, with 4 the bound of Bonferroni holds.
    rng = np.random.default_rng(1)
    wrong = {2.0: 0, 4.0: 0}
    for _trial in range(400):
        gap = rng.standard_normal(8_000)
        for errors in wrong:
            for number in (1_000, 2_000, 4_000, 8_000):
                costs = np.stack([np.zeros(number), gap[:number]])
                here = Sample(SICK, 0, {}, costs, np.zeros_like(costs))
                if lead(here, 0.0, Until(errors=errors)).reason == CLEAR:
                    wrong[errors] += 1
                    break
    assert wrong[2.0] > 400 * 0.06
    assert wrong[4.0] <= 1


def test_the_command_says_why_it_ended() -> None:
    path = str(MODELS / "hip-replacement.yaml")
    arguments = ["--language", "en", "hta", "run", path, "--until-stable", "--seed", "1"]
    found = CliRunner().invoke(sapar, [*arguments, "--threshold", "10000"])
    assert found.exit_code == 0, found.output
    assert "NP1 prosthesis is ahead of Standard prosthesis by" in found.stdout
    close = CliRunner().invoke(sapar, [*arguments, "--threshold", "2330", "--psa", "1500"])
    assert "1,500 draws do not tell" in close.stderr
    document = json.loads(
        CliRunner().invoke(sapar, [*arguments, "--threshold", "10000", "--json"]).stdout
    )
    assert document["psa"]["stability"]["stable"] is True
    assert document["psa"]["draws"] == document["psa"]["stability"]["draws"]
    assert CliRunner().invoke(sapar, arguments).exit_code == 2
