"""What a study is worth: two methods that share no estimate, closed forms, and the best size."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import integrate, special, stats

from sapar.cli.main import sapar
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty import value
from sapar.hta.engine.uncertainty.controls import gains, independent
from sapar.hta.engine.uncertainty.evppi import evppi
from sapar.hta.engine.uncertainty.evsi import evsi, observe
from sapar.hta.engine.uncertainty.nested import Effort, nested
from sapar.hta.engine.uncertainty.sample import sample
from sapar.hta.engine.uncertainty.studies import Observed, Study, decided_after, population
from sapar.hta.engine.uncertainty.value import study_worth

if TYPE_CHECKING:
    from sapar.hta.engine.model.model import AnyModel

MODELS = Path(__file__).parents[2] / "data" / "hta"
TWO = """schema: sapar.hta.tree/1
id: two
strategies: {none: None, some: Something}
parameters:
  p1: {value: 1, distribution: "normal(mean=1, sd=1)"}
  p2: {value: 0, distribution: "normal(mean=0, sd=2)"}
  on: {by_strategy: {none: 0, some: 1}}
tree: {pays: {cost: on * (p2 - p1)}}
rewards: {cost: {}, qaly: {}}
decision: {cost: cost, effect: qaly}
"""


def shelf(name: str) -> AnyModel:
    return read_model((MODELS / f"{name}.yaml").read_text(encoding="utf-8"))


def one(pays: str, parameters: str, joint: str = "") -> AnyModel:
    text = TWO.replace("cost: on * (p2 - p1)", f"cost: on * ({pays})")
    start = text.index("  p1:")
    text = text[:start] + parameters + text[text.index("  on:") :]
    return read_model(text + joint)


def normal_gain(mean: float, sd: float) -> float:
    """E max(0, x) - max(0, mean) of a normal x."""
    return float(mean * special.ndtr(mean / sd) + sd * stats.norm.pdf(mean / sd) - max(0.0, mean))


# Net benefit (0, p1 - p2), p1 ~ N(1, 1), p2 ~ N(0, sd 2); n observations of p1 with an sd of 5:
# figures of the acceptance list.
CLOSED = {10: 0.0063718, 50: 0.0435306, 100: 0.0592183, 1_000: 0.0803648}
LINEAR = read_model(TWO)
DRAWN = sample(LINEAR, 300_000, 4)
FEW = sample(LINEAR, 30_000, 4)
P1 = Study("normal", "", (Observed("p1", "mean", sd=5.0),))


@pytest.mark.parametrize("people", CLOSED)
def test_both_methods_meet_the_closed_form_within_two_errors_and_three_percent(people: int) -> None:
    truth = CLOSED[people]
    assert normal_gain(1.0, np.sqrt(1 / (1 + 25 / people))) == pytest.approx(truth, abs=5e-8)
    for found in (
        evsi(DRAWN, P1, people, 0.0, seed=1),
        nested(LINEAR, P1, people, 0.0, effort=Effort(1024, 64, 8)),
    ):
        assert found is not None
        assert abs(found.value - truth) < 2 * found.error
        assert found.value == pytest.approx(truth, rel=0.03)


def test_perfect_information_meets_the_closed_form_too() -> None:
    for name, truth in (("p1", 0.0833154706), ("p2", 0.3955931148)):
        found = evppi(DRAWN, [name], 0.0)
        assert abs(found.value - truth) < 2 * found.error
        assert found.value == pytest.approx(truth, rel=0.02)
        assert found.adequate


def test_a_study_is_worth_less_than_knowing_and_a_larger_one_no_less() -> None:
    found = [evsi(FEW, P1, people, 0.0, seed=1) for people in (10, 40, 160, 640, 1_000_000)]
    for less, more in pairwise(found):
        assert less.value < more.value
    known = evppi(FEW, ["p1"], 0.0)
    assert found[-1].value == pytest.approx(known.value, rel=0.01)


def test_a_share_a_rate_and_a_logarithm_meet_sums_over_all_data() -> None:
    # Beta and binomial: the posterior mean is (a + x) / (a + b + n); all x are summed.
    a, b, n = 6, 14, 30
    model = one("0.3 - p", '  p: {value: 0.3, distribution: "beta(a=6, b=14)"}\n')
    x = np.arange(n + 1)
    chance = stats.betabinom(n, a, b).pmf(x)
    truth = float(chance @ np.maximum(0, (a + x) / (a + b + n) - 0.3))
    check(model, Study("s", "", (Observed("p", "proportion"),)), n, truth)
    # Gamma and Poisson: (shape + x) / (rate + time), x negative binomial.
    model = one("0.5 - p", '  p: {value: 0.5, distribution: "gamma(shape=5, rate=10)"}\n')
    x = np.arange(400)
    chance = stats.nbinom(5, 10 / (10 + 40)).pmf(x)
    truth = float(chance @ np.maximum(0, (5 + x) / (10 + 40) - 0.5))
    check(model, Study("s", "", (Observed("p", "events", time=2.0),)), 20, truth)
    # Log-normal: E(p | data) is log-normal, exp(m + (s² - v) + v / 2) with v left over.
    model = one("1 - p", '  p: {value: 1, distribution: "lognormal(meanlog=-0.05, sdlog=0.4)"}\n')
    left = 1 / (1 / 0.16 + 50 / 4)
    gone = np.sqrt(0.16 - left)
    truth, _ = integrate.quad(
        lambda z: max(0.0, np.exp(-0.05 + gone * z + left / 2) - 1) * stats.norm.pdf(z), -9, 9
    )
    truth -= max(0.0, np.exp(-0.05 + 0.08) - 1)
    check(model, Study("s", "", (Observed("p", "log-mean", sd=2.0),)), 50, float(truth))


def check(model: AnyModel, study: Study, people: int, truth: float) -> None:
    """Both methods against a known worth."""
    first = evsi(sample(model, 60_000, 1), study, people, 0.0, seed=1)
    second = nested(model, study, people, 0.0, effort=Effort(512, 64, 6))
    assert second is not None
    for found in (first, second):
        assert abs(found.value - truth) < 3 * found.error, (found, truth)
        assert found.value == pytest.approx(truth, rel=0.05)


def test_a_member_of_a_normal_group_tells_about_the_others() -> None:
    model = one(
        "- q",
        "  p: {value: 0}\n  q: {value: 0}\n",
        "joint:\n  pair: {kind: normal, of: [p, q], se: [1, 2], correlations: {'p, q': 0.8}}\n",
    )
    # E(q | data) is normal with the sd 0.8 · 2 · sqrt(1 / (1 + 4 / n)) for n observations of p.
    truth = normal_gain(0.0, 1.6 * np.sqrt(1 / (1 + 4 / 12)))
    check(model, Study("s", "", (Observed("p", "mean", sd=2.0),)), 12, truth)


def test_counts_of_a_dirichlet_row_are_two_methods_one_worth() -> None:
    model = one(
        "0.25 - q",
        "  p: {value: 0.5}\n  q: {value: 0.25}\n  r: {value: 0.25}\n",
        "joint:\n  row: {kind: dirichlet, of: [p, q, r], counts: [10, 5, 5]}\n",
    )
    # Of the row only q decides: it is beta(5, 15), its count beta-binomial.
    x = np.arange(41)
    truth = float(stats.betabinom(40, 5, 15).pmf(x) @ np.maximum(0, (5 + x) / 60 - 0.25))
    check(model, Study("s", "", (Observed("row", "row"),)), 40, truth)


SICK_STUDIES = [
    ("sick-sicker", 100_000.0, (Observed("u_S1", "proportion"),), 1_000),
    (
        "sick-sicker", 100_000.0,
        (
            Observed("u_S1", "proportion", share=0.5),
            Observed("hr_B", "log-mean", share=0.5, sd=1.0),
        ),
        1_000,
    ),
    (
        "hip-replacement", 2_200.0,
        (Observed("b_np1", "mean", sd=5.0), Observed("b_constant", "mean", sd=3.0)), 300,
    ),
    ("hiv", 6_300.0, (Observed("from_A", "row"), Observed("rr", "log-mean", sd=2.0)), 300),
]  # fmt: skip


@pytest.mark.parametrize(("name", "threshold", "observed", "people"), SICK_STUDIES)
def test_the_two_methods_agree_on_published_models(
    name: str, threshold: float, observed: tuple[Observed, ...], people: int
) -> None:
    model = shelf(name)
    first = evsi(sample(model, 30_000, 1), Study("s", "", observed), people, threshold, seed=1)
    effort = Effort(256, 32, 4)
    second = nested(model, Study("s", "", observed), people, threshold, effort=effort)
    assert second is not None
    apart = abs(first.value - second.value)
    assert apart < 3 * np.hypot(first.error, second.error)
    assert apart < 0.1 * max(first.value, second.value)
    assert first.adequate


def test_a_method_that_is_wrong_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    study = replace(P1, sizes=(100, 200))
    assert study_worth(FEW, study, 0.0).sizes[0].agree is True
    assert study_worth(FEW, study, 0.0).sizes[0].sure is True

    def wrong(*arguments: object, **named: object) -> object:
        found = nested(*arguments, **named)  # type: ignore[arg-type]
        return None if found is None else replace(found, value=found.value * 1.5)

    monkeypatch.setattr(value, "nested", wrong)
    assert study_worth(FEW, study, 0.0).sizes[0].agree is False


def test_a_value_above_that_of_knowing_or_below_that_of_a_smaller_study_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = evsi(FEW, P1, 100, 0.0)
    values = {100: 0.05, 200: 0.06, 400: 0.055, 800: 0.09}

    def stated(_found: object, _study: object, people: int, _at: float, *, seed: int) -> object:
        return replace(first, value=values.get(people, 0.06), error=0.0005 + 0 * seed)

    monkeypatch.setattr(value, "evsi", stated)
    monkeypatch.setattr(value, "nested", lambda *_arguments, **_named: None)
    found = study_worth(FEW, replace(P1, sizes=(100, 200, 400, 800)), 0.0)
    assert found.wrong == (400, 800)


def test_what_has_no_exact_update_is_worth_something_by_one_method_and_says_so() -> None:
    model = one("0.5 - p", '  p: {value: 0.5, distribution: "uniform(least=0, most=1)"}\n')
    study = Study("s", "", (Observed("p", "proportion"),), sizes=(20, 40, 80))
    assert nested(model, study, 20, 0.0) is None
    (row, *_rest) = study_worth(sample(model, 50_000, 1), study, 0.0).sizes
    assert row.nested is None
    assert row.agree is None
    # A uniform prior is beta(1, 1): the posterior mean is (1 + x) / (2 + n), all x alike.
    truth = float(np.mean(np.maximum(0, (1 + np.arange(21)) / 22 - 0.5)))
    assert row.value == pytest.approx(truth, rel=0.03)


def test_data_are_drawn_as_the_study_says() -> None:
    found = observe(DRAWN, P1, 100, 3)[:, 0] - DRAWN.parameters["p1"]
    assert found.std() == pytest.approx(0.5, rel=0.01)
    assert abs(found.mean()) < 4 * 0.5 / np.sqrt(len(found))
    half = Study("s", "", (Observed("p1", "mean", sd=5.0, share=0.25),))
    assert (observe(DRAWN, half, 100, 3)[:, 0] - DRAWN.parameters["p1"]).std() == pytest.approx(
        1.0, rel=0.01
    )


def test_taking_out_what_others_explain_changes_no_mean_and_most_of_the_noise() -> None:
    found = sample(shelf("sick-sicker"), 10_000, 1)
    benefit = found.benefit(100_000.0)
    best = int(benefit.mean(axis=1).argmax())
    plain = np.stack([each - benefit[best] for k, each in enumerate(benefit) if k != best], axis=1)
    clean = gains(found, ["u_S1"], 100_000.0)
    error = plain.std(axis=0) / np.sqrt(10_000)
    assert np.all(np.abs(clean.mean(axis=0) - plain.mean(axis=0)) < 4 * error)
    assert np.all(clean.std(axis=0) < 0.8 * plain.std(axis=0))
    slope = [np.cov(found.parameters["u_S1"], column)[0, 1] for column in (*plain.T, *clean.T)]
    assert slope[3:] == pytest.approx(slope[:3], rel=0.1)


def test_what_is_drawn_together_is_never_taken_out() -> None:
    hip = shelf("hip-replacement")
    assert "ln_shape" not in independent(hip, ["b_np1"])
    assert "c_revision" in independent(hip, ["b_np1"])


def test_people_are_counted_from_the_decision_to_the_horizon() -> None:
    study = Study("s", "", (), incidence={0.0: 100.0, 5.0: 200.0}, horizon=10.0)
    assert population(study) == pytest.approx(1_500)
    assert population(study, 4.0) == pytest.approx(1_100)
    assert population(study, 7.5) == pytest.approx(500)
    assert population(study, 11.0) == 0.0
    rate = replace(study, discount=0.03)
    by_hand, _ = integrate.quad(
        lambda t: (100 if t < 5 else 200) * 1.03**-t, 2, 10, points=[5], epsabs=1e-9
    )
    assert population(rate, 2.0) == pytest.approx(by_hand, rel=1e-9)
    timed = replace(study, start=1.0, recruited=50.0, follow_up=2.0)
    assert decided_after(timed, 100) == pytest.approx(5.0)


def test_the_best_size_is_that_of_the_closed_form() -> None:
    study = replace(
        P1, sizes=(10, 20, 50, 100, 200, 500, 1_000), fixed=500.0, per_person=20.0,
        recruited=200.0, incidence={0.0: 20_000.0}, horizon=10.0, discount=0.03,
    )  # fmt: skip
    found = study_worth(FEW, study, 0.0, effort=Effort(128, 64, 4))
    people = np.arange(10, 1_001)
    net = [
        normal_gain(1.0, np.sqrt(1 / (1 + 25 / n)))
        * population(study, decided_after(study, int(n)))
        - 500
        - 20 * n
        for n in people
    ]
    best = int(people[int(np.argmax(net))])
    assert found.best not in {10, 1_000}
    row = next(each for each in found.sizes if each.people == found.best)
    assert row.net == pytest.approx(max(net), rel=0.05)
    # Around its top the curve is flat: what counts is how little is lost by this size.
    assert net[found.best - 10] > 0.98 * max(net)
    assert found.best == pytest.approx(best, rel=0.35)
    assert found.wrong == ()
    assert abs(found.known.value - 0.0833154706) < 3 * found.known.error
    assert found.people == pytest.approx(population(study))
    dear = study_worth(FEW, replace(study, fixed=1e9), 0.0, effort=Effort(64, 16, 2))
    assert dear.best == 0


@pytest.mark.parametrize(
    ("old", "new", "code", "value"),
    [
        ("rule: proportion", "rule: guess", "choice", "guess"),
        ("u_S1: {", "u_S9: {", "joint_unknown", "u_S9"),
        ("rule: proportion", "rule: mean", "missing", "sd"),
        ("rule: proportion", "rule: events", "missing", "time"),
        ("share: 0.5", "share: 2", "range", "2"),
        ("sizes: [50, 500]", "sizes: [500, 50]", "study_sizes", "[500, 50]"),
        ("sizes: [50, 500]", "sizes: [0]", "range", "0"),
        ("{0: 1000}", "{1: 1000}", "steps", "1"),
        ("horizon: 10", "horizon: 1000", "range", "1000"),
    ],
)
def test_a_study_that_cannot_be_is_named_with_its_line(
    old: str, new: str, code: str, value: str
) -> None:
    text = (MODELS / "sick-sicker.yaml").read_text(encoding="utf-8") + STUDY
    assert old in STUDY
    with pytest.raises(BadModelError) as caught:
        read_model(text.replace(old, new))
    problem = next(each for each in caught.value.problems if each.code == f"hta.input.{code}")
    assert problem.value == value
    assert problem.where.startswith("studies.quality")


STUDY = """studies:
  quality:
    label: Quality of life in the sick
    observes:
      u_S1: {rule: proportion, share: 0.5}
    sizes: [50, 500]
    cost: {fixed: 100000, person: 1000}
    time: {start: 1, recruited: 500, follow_up: 1}
    population: {incidence: {0: 1000}, horizon: 10, discount: 0.03}
"""


def test_the_command_values_a_study_of_the_model() -> None:
    text = TWO + STUDY.replace("u_S1: {rule: proportion, share: 0.5}", "p1: {rule: mean, sd: 5}")
    start = ["--language", "en", "hta", "voi", "-", "--threshold", "1", "--draws", "20000"]
    found = CliRunner().invoke(sapar, [*start, "--study", "quality", "--json"], input=text)
    assert found.exit_code == 0, found.output
    document = json.loads(found.stdout)
    assert document["sizes"][0]["people"] == 50
    assert document["agree"] is True
    assert document["best"] == 0
    cheap = text.replace("fixed: 100000, person: 1000", "person: 0.01")
    shown = CliRunner().invoke(sapar, [*start, "--study", "quality"], input=cheap)
    assert "people gives the most for its cost" in shown.stdout
    shown = CliRunner().invoke(sapar, [*start, "--study", "quality"], input=text)
    assert "No size of this study is worth its cost." in shown.stdout
    wrong = CliRunner().invoke(sapar, [*start, "--study", "other"], input=text)
    assert wrong.exit_code == 2
    assert "quality" in wrong.stderr


def test_a_study_of_what_is_not_drawn_is_refused() -> None:
    study = Study("s", "", (Observed("on_A", "mean"),), where="studies.s:3")
    with pytest.raises(BadModelError, match=r"hta\.input\.study_name at studies\.s:3"):
        study_worth(sample(shelf("sick-sicker"), 200, 1), study, 1.0)
    rule = Study("s", "", (Observed("c_A", "proportion"),), where="studies.s:3")
    with pytest.raises(BadModelError, match=r"hta\.input\.study_rule at studies\.s:3"):
        study_worth(sample(shelf("sick-sicker"), 200, 1), rule, 1.0)
