"""Parameters drawn together: as stated, the same everywhere, and refused where they cannot be."""

from __future__ import annotations

import tracemalloc
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty import sample as sampling
from sapar.hta.engine.uncertainty.draws import draw
from sapar.hta.engine.uncertainty.pieces import BUDGET, bytes_a_draw, piece_of
from sapar.hta.engine.uncertainty.sample import at_threshold, pieces, sample, sweep
from sapar.hta.engine.uncertainty.uniforms import axes_of, from_points

if TYPE_CHECKING:
    from sapar.hta.engine.model.model import AnyModel

MODELS = Path(__file__).parents[2] / "data" / "hta"
NUMBER = 40_000
HEAD = """schema: sapar.hta.tree/1
id: small
strategies: {none: None, some: Something}
parameters:
  a: {value: 1}
  b: {value: 2}
  c: {value: 3, distribution: "gamma(mean=3, sd=1)"}
  d: {value: 0.4, distribution: "beta(a=4, b=6)"}
  e: {value: 0.2}
  f: {value: 0.3}
  g: {value: 0.5}
  on: {by_strategy: {none: 0, some: 1}}
tree: {pays: {cost: on * (a + b + c), qaly: d + on * (e + f + g)}}
rewards: {cost: {}, qaly: {}}
decision: {cost: cost, effect: qaly}
"""
LINE = HEAD.count("\n") + 1


def shelf(name: str) -> AnyModel:
    return read_model((MODELS / f"{name}.yaml").read_text(encoding="utf-8"))


def small(joint: str) -> AnyModel:
    return read_model(f"{HEAD}joint:\n{joint}")


HIP = shelf("hip-replacement")
HIV = shelf("hiv")
COEFFICIENTS = ("ln_shape", "b_constant", "b_age", "b_male", "b_np1")


def test_the_regression_of_the_hip_has_the_published_means_and_covariances() -> None:
    drawn = draw(HIP, NUMBER, 1)
    rows = np.stack([drawn[name] for name in COEFFICIENTS])
    # Briggs, Claxton and Sculpher 2006, chapter 4: written here a second time, by hand.
    errors = np.array([0.0474501, 0.207892, 0.0052112, 0.109066, 0.3825815])
    matrix = np.diag(errors**2)
    for k, j, value in (
        (0, 1, -0.005691), (0, 2, 2.8e-8), (0, 3, 5.1e-6), (0, 4, 0.000259), (1, 2, -0.000783),
        (1, 3, -0.007247), (1, 4, -0.000642), (2, 3, 3.3e-5), (2, 4, -0.000111), (3, 4, 0.000184),
    ):  # fmt: skip
        matrix[k, j] = matrix[j, k] = value
    means = np.array([0.3740968, -5.490935, -0.0367022, 0.768536, -1.344474])
    assert np.all(np.abs(rows.mean(axis=1) - means) < 4 * errors / np.sqrt(NUMBER))
    # The standard error of a covariance of normals: sqrt((s_kk s_jj + s_kj²) / n).
    spread = np.sqrt((np.outer(errors**2, errors**2) + matrix**2) / NUMBER)
    assert np.all(np.abs(np.cov(rows) - matrix) < 4.5 * spread)
    for row, mean, error in zip(rows, means, errors, strict=True):
        assert stats.kstest(row, stats.norm(mean, error).cdf).pvalue > 1e-4


def test_the_rows_of_hiv_are_dirichlet_and_sum_to_one() -> None:
    drawn = draw(HIV, NUMBER, 2)
    for names, counts in (
        (("p_AA", "p_AB", "p_AC", "p_AD"), (1251, 350, 116, 17)),
        (("p_BB", "p_BC", "p_BD"), (731, 512, 15)),
        (("p_CC", "p_CD"), (1312, 437)),
    ):
        rows = np.stack([drawn[name] for name in names])
        assert rows.sum(axis=0) == pytest.approx(1.0, abs=1e-12)
        law = stats.dirichlet(counts)
        error = np.sqrt(law.var() / NUMBER)
        assert np.all(np.abs(rows.mean(axis=1) - law.mean()) < 4 * error)
        assert np.cov(rows) == pytest.approx(law.cov(), abs=4.5 * float(law.var().max()) / 200)
        for row, own in zip(rows, counts, strict=True):
            margin = stats.beta(own, sum(counts) - own)
            assert stats.kstest(row, margin.cdf).pvalue > 1e-4


def test_the_other_inputs_of_both_models_are_drawn_as_published() -> None:
    hip, hiv = draw(HIP, NUMBER, 3), draw(HIV, NUMBER, 3)
    laws = {
        "p_operative": (hip, stats.beta(2, 98)),
        "p_rerevision": (hip, stats.beta(4, 96)),
        "c_revision": (hip, stats.gamma((5294 / 1487) ** 2, scale=1487**2 / 5294)),
        "d_C": (hiv, stats.expon(scale=6948)),
        "rr": (hiv, stats.lognorm((np.log(0.710) - np.log(0.365)) / 3.92, scale=0.509)),
    }
    for name, (drawn, law) in laws.items():
        assert stats.kstest(drawn[name], law.cdf).pvalue > 1e-4
    for name, mean, sd in (("u_primary", 0.85, 0.03), ("u_revision", 0.3, 0.03)):
        assert hip[name].mean() == pytest.approx(mean, abs=4 * sd / np.sqrt(NUMBER))
        assert hip[name].std() == pytest.approx(sd, rel=0.02)


@pytest.mark.parametrize("found", [HIP, HIV], ids=["hip", "hiv"])
def test_the_means_of_the_draws_lie_near_the_base_case(found: AnyModel) -> None:
    base = evaluate(found).discounted
    drawn = sample(found, 10_000, 1)
    for name, values in ((found.cost, drawn.costs), (found.effect, drawn.effects)):
        assert values.mean(axis=1) == pytest.approx(base[name][:, 0], rel=0.02)


MIXED = small(
    "  pair: {kind: normal, of: [a, b], se: {a: 0.5, b: 0.2}, correlations: {'a, b': -0.6}}\n"
    "  row: {kind: dirichlet, of: [e, f, g], counts: [2, 3, 5], prior: 1}\n"
    "  ranks: {kind: copula, of: [c, d], correlations: {'c, d': 0.7}}\n"
)


def test_a_copula_keeps_the_margins_and_has_the_rank_correlation() -> None:
    drawn = draw(MIXED, NUMBER, 4)
    assert stats.kstest(drawn["c"], stats.gamma(9, scale=1 / 3).cdf).pvalue > 1e-4
    assert stats.kstest(drawn["d"], stats.beta(4, 6).cdf).pvalue > 1e-4
    found = stats.spearmanr(drawn["c"], drawn["d"]).statistic
    assert found == pytest.approx(0.7, abs=0.012)


@pytest.mark.parametrize("family", ["family: normal", "family: t, freedom: 3"])
def test_a_copula_by_kendalls_correlation_has_it_in_both_families(family: str) -> None:
    found = small(
        f"  ranks: {{kind: copula, of: [c, d], {family}, measure: kendall, "
        "correlation: [[1], [-0.4, 1]]}\n"
    )
    drawn = draw(found, 20_000, 5)
    assert stats.kendalltau(drawn["c"], drawn["d"]).statistic == pytest.approx(-0.4, abs=0.015)
    assert stats.kstest(drawn["c"], stats.gamma(9, scale=1 / 3).cdf).pvalue > 1e-4
    assert stats.kstest(drawn["d"], stats.beta(4, 6).cdf).pvalue > 1e-4


def test_a_t_copula_has_heavier_joint_tails() -> None:
    text = (
        "  ranks: {{kind: copula, of: [c, d], {}, measure: scores, correlation: [[1], [0.5, 1]]}}\n"
    )
    shares = []
    for family in ("family: normal", "family: t, freedom: 2"):
        drawn = draw(small(text.format(family)), NUMBER, 6)
        both = [drawn[name] > np.quantile(drawn[name], 0.99) for name in ("c", "d")]
        shares.append(float((both[0] & both[1]).mean()) / 0.01)
    assert shares[1] > 2 * shares[0]


def test_a_prior_is_added_to_every_count_of_a_row() -> None:
    drawn = draw(MIXED, NUMBER, 7)
    for name, own in (("e", 3), ("f", 4), ("g", 6)):
        assert stats.kstest(drawn[name], stats.beta(own, 13 - own).cdf).pvalue > 1e-4


@given(
    st.integers(2, 5).flatmap(
        lambda n: st.tuples(
            st.lists(st.floats(-1, 1), min_size=n * n, max_size=n * n),
            st.lists(st.floats(0.1, 50), min_size=n, max_size=n),
        )
    )
)
@settings(max_examples=25, deadline=None)
def test_any_covariance_that_can_be_is_met(case: tuple[list[float], list[float]]) -> None:
    entries, spread = case
    size = len(spread)
    root = np.array(entries).reshape(size, size) + 1.5 * np.eye(size)
    matrix = root @ root.T
    scaled = matrix / np.sqrt(np.outer(np.diag(matrix), np.diag(matrix)))
    if np.linalg.eigvalsh(scaled)[0] < 1e-6:
        return
    matrix = scaled * np.outer(spread, spread)
    names = ["a", "b", "e", "f", "g"][:size]
    rows = ", ".join(f"[{', '.join(f'{value:.17g}' for value in row)}]" for row in matrix)
    found = small(f"  x: {{kind: normal, of: [{', '.join(names)}], covariance: [{rows}]}}\n")
    drawn = draw(found, 20_000, 8)
    met = np.cov([drawn[name] for name in names])
    error = np.sqrt((np.outer(np.diag(matrix), np.diag(matrix)) + matrix**2) / 20_000)
    assert np.all(np.abs(met - matrix) < 5 * error)


@pytest.mark.parametrize("found", [HIP, HIV, MIXED], ids=["hip", "hiv", "mixed"])
def test_a_joint_draw_is_the_same_in_a_sample_of_any_size_and_from_any_place(
    found: AnyModel,
) -> None:
    whole = draw(found, 3_500, 7)
    for since, number in ((0, 10), (990, 20), (1_000, 1_000), (2_345, 1_155)):
        for name, values in draw(found, number, 7, since=since).items():
            assert np.array_equal(values, whole[name][since : since + number])


def test_another_parameter_or_group_changes_no_other_draw() -> None:
    alone = small(
        "  pair: {kind: normal, of: [a, b], se: [0.5, 0.2], correlations: {'a, b': -0.6}}\n"
    )
    one, both = draw(alone, 500, 9), draw(MIXED, 500, 9)
    assert np.array_equal(one["a"], both["a"])
    assert np.array_equal(one["b"], both["b"])
    more = read_model(
        HEAD.replace("  on:", '  z: {value: 1, distribution: "normal(mean=0, sd=1)"}\n  on:')
    )
    for name, values in draw(read_model(HEAD), 500, 9).items():
        assert np.array_equal(values, draw(more, 500, 9)[name])


def test_both_arms_of_a_model_meet_the_same_draws() -> None:
    # Two strategies that differ in nothing have the same bits in every draw; and what both have
    # alike cancels out of their difference, so that its noise is far below that of either.
    text = (MODELS / "hip-replacement.yaml").read_text(encoding="utf-8")
    same = sample(
        read_model(text.replace("np1: 1}", "np1: 0}").replace("np1: c_np1", "np1: c_standard")),
        500,
        1,
    )
    assert np.array_equal(same.costs[0], same.costs[1])
    assert np.array_equal(same.effects[0], same.effects[1])
    found = sample(HIP, 5_000, 1)
    assert np.var(found.effects[1] - found.effects[0]) < 0.01 * np.var(found.effects[0])


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_the_same_bits_come_from_any_number_of_workers_and_pieces(
    workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = sample(HIP, 3_000, 5)
    swept = sweep(HIP, 3_000, 5, [2_200.0])
    monkeypatch.setattr(sampling, "PIECE", 370)
    with ThreadPoolExecutor(workers) as executor:
        found = sample(HIP, 3_000, 5, executor=executor)
        again = sweep(HIP, 3_000, 5, [2_200.0], executor=executor)
    assert np.array_equal(found.costs, alone.costs)
    assert np.array_equal(found.effects, alone.effects)
    for name, values in alone.parameters.items():
        assert np.array_equal(values, found.parameters[name])
    # Sums of a sweep depend on its pieces in the last digits, and never on its workers.
    assert again.at[0].chances == swept.at[0].chances
    assert again.costs == pytest.approx(swept.costs, rel=1e-13)
    alone_again = sweep(HIP, 3_000, 5, [2_200.0])
    assert np.array_equal(again.costs, alone_again.costs)
    assert again.at == alone_again.at


def test_the_same_bits_come_from_other_processes() -> None:
    alone = sample(HIV, 4_100, 5)
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as executor:
        found = sample(HIV, 4_100, 5, executor=executor)
    assert np.array_equal(found.costs, alone.costs)
    assert np.array_equal(found.effects, alone.effects)


def test_a_sweep_says_what_a_sample_says() -> None:
    found, swept = sample(HIP, 5_000, 3), sweep(HIP, 5_000, 3, [2_200.0])
    assert swept.number == 5_000
    assert swept.costs == pytest.approx(found.costs.mean(axis=1), rel=1e-12)
    assert swept.effects_error == pytest.approx(
        found.effects.std(axis=1, ddof=1) / np.sqrt(5_000), rel=1e-9
    )
    one, other = swept.at[0], at_threshold(found, 2_200.0)
    assert one.chances == other.chances
    assert one.best == other.best
    assert one.frontier == other.chances[other.best]
    assert one.loss == pytest.approx(other.loss, rel=1e-12)
    losses = (found.benefit(2_200.0).max(axis=0) - found.benefit(2_200.0)).std(axis=1, ddof=1)
    assert one.loss_error == pytest.approx(losses / np.sqrt(5_000), rel=1e-9)
    assert one.evpi_error == pytest.approx(other.evpi_error, rel=1e-9)


def test_the_memory_of_a_sweep_does_not_grow_with_its_length() -> None:
    peaks = []
    for number in (3_000, 12_000):
        tracemalloc.start()
        sweep(HIP, number, 1, [2_200.0])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


@pytest.mark.parametrize("name", ["sick-sicker-residence", "hip-replacement", "migraine"])
def test_a_piece_takes_no_more_memory_than_it_may(name: str) -> None:
    found = shelf(name)
    number = min(80, piece_of(found, 10_000))
    tracemalloc.start()
    evaluate(found, draw(found, number, 1))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < number * bytes_a_draw(found) + 30e6
    assert piece_of(found, 10**9) * bytes_a_draw(found) <= BUDGET


def test_pieces_come_in_order_and_lie_end_to_end() -> None:
    parts = list(pieces(HIV, 4_500, 2, since=700))
    whole = sample(HIV, 5_200, 2)
    assert np.array_equal(
        np.concatenate([each.costs for each in parts], axis=1), whole.costs[:, 700:]
    )


@pytest.mark.parametrize("found", [HIP, HIV, MIXED], ids=["hip", "hiv", "mixed"])
def test_even_points_give_the_same_distributions_as_draws(found: AnyModel) -> None:
    drawn = draw(found, 20_000, 11)
    points = np.random.default_rng(1).random((axes_of(found, drawn), 20_000))
    for name, values in from_points(found, drawn, points).items():
        assert stats.ks_2samp(values, drawn[name]).pvalue > 1e-4


WRONG = [
    ("x: {kind: normal, of: [a, q], se: [1, 1]}", "joint_unknown", "q"),
    ("x: {kind: normal, of: [a, on], se: [1, 1]}", "drawn_once", "on"),
    ("x: {kind: normal, of: [a, c], se: [1, 1]}", "joint_twice", "c"),
    ("x: {kind: normal, of: [a, a], se: [1, 1]}", "joint_twice", "a"),
    ("x: {kind: normal, of: [a], se: [1]}", "joint_names", "['a']"),
    ("x: {kind: normal, of: [a, b], se: [1, 1, 1]}", "joint_size", "[1, 1, 1]"),
    ("x: {kind: normal, of: [a, b], se: [1, 0]}", "joint_spread", "b"),
    ("x: {kind: normal, of: [a, b], se: [1, -1]}", "range", "-1"),
    ("x: {kind: normal, of: [a, b], se: [1, .inf]}", "range", "inf"),
    ("x: {kind: normal, of: [a, b]}", "joint_matrix", "joint.x"),
    (
        "x: {kind: normal, of: [a, b], se: [1, 1], covariance: [[1], [0, 1]]}",
        "joint_matrix", "joint.x",
    ),
    ("x: {kind: normal, of: [a, b], covariance: [[1, 0.5], [0.4, 1]]}", "joint_symmetric", "a, b"),
    ("x: {kind: normal, of: [a, b], covariance: [[1, 0.5]]}", "joint_size", "[[1, 0.5]]"),
    (
        "x: {kind: normal, of: [a, b], se: [1, 1], covariances: {'a, b': 3}}",
        "joint_correlation", "a, b: 3",
    ),
    ("x: {kind: normal, of: [a, b], se: [1, 1], correlations: {'a, c': 0}}", "joint_pair", "a, c"),
    (
        "x: {kind: normal, of: [a, b, e], covariance: [[1], [0.9, 1], [-0.9, 0.9, 1]]}",
        "joint_definite", "-0.8",
    ),
    ("x: {kind: dirichlet, of: [a, b], counts: [1, 0]}", "joint_count", "b"),
    ("x: {kind: dirichlet, of: [a, b]}", "missing", "counts"),
    ("x: {kind: dirichlet, of: [a, b], counts: [1]}", "joint_size", "[1]"),
    ("x: {kind: copula, of: [a, c], correlations: {'a, c': 0.5}}", "joint_margin", "a"),
    (
        "x: {kind: copula, of: [d, c], correlations: {'d, c': 1.5}}",
        "joint_correlation", "d, c: 1.5",
    ),
    ("x: {kind: copula, of: [d, c]}", "joint_matrix", "joint.x"),
    (
        "x: {kind: copula, of: [d, c], family: t, measure: kendall, correlations: {'d, c': 0.5}}",
        "joint_freedom", "t",
    ),
    (
        "x: {kind: copula, of: [d, c], family: t, freedom: 4, correlations: {'d, c': 0.5}}",
        "joint_measure", "spearman",
    ),
    ("x: {kind: wishart, of: [d, c]}", "choice", "wishart"),
    ("x: {kind: normal, of: [a, b], se: [1, 1], wrong: 2}", "key", "wrong"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "value"), WRONG, ids=[f"{c}-{v}" for _, c, v in WRONG])
def test_a_group_that_cannot_be_is_named_with_its_line_before_anything_runs(
    text: str, code: str, value: str
) -> None:
    with pytest.raises(BadModelError) as caught:
        small(f"  {text}\n")
    found = {each.code: each for each in caught.value.problems}
    assert f"hta.input.{code}" in found, caught.value.problems
    problem = found[f"hta.input.{code}"]
    assert problem.value.startswith(value)
    assert problem.where.endswith(f":{LINE + 1}")


def test_a_parameter_is_drawn_in_one_group_only() -> None:
    with pytest.raises(BadModelError) as caught:
        small(
            "  x: {kind: normal, of: [a, b], se: [1, 1]}\n"
            "  y: {kind: normal, of: [b, e], se: [1, 1]}\n"
        )
    problem = caught.value.problems[0]
    assert (problem.code, problem.value, problem.params["group"]) == (
        "hta.input.joint_twice",
        "b",
        "x",
    )


def test_values_of_a_row_that_do_not_sum_to_one_are_refused_before_a_draw() -> None:
    found = small("  x: {kind: dirichlet, of: [e, f], counts: [2, 3]}\n")
    with pytest.raises(BadModelError, match=r"hta\.input\.joint_sum") as caught:
        draw(found, 10, 1)
    assert caught.value.problems[0].value == "0.5"


def test_a_distribution_outside_its_support_is_named_though_nothing_is_drawn() -> None:
    with pytest.raises(BadModelError) as caught:
        read_model(HEAD.replace("gamma(mean=3, sd=1)", "gamma(shape=-1, scale=2)"))
    (problem,) = caught.value.problems
    assert problem.code == "hta.input.distribution_value"
    assert problem.params["name"] == "shape"
    with pytest.raises(BadModelError) as caught:
        read_model(HEAD.replace("gamma(mean=3, sd=1)", "gamma(mean=(3"))
    assert [each.code for each in caught.value.problems] == ["hta.input.expression_ends"]
