"""Published figures follow from published figures, and rounding explains what is left."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.hta.engine.anchors.check import check, printed, read_anchors
from sapar.hta.engine.decision.frontier import frontier
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError

SHELF = Path(__file__).parents[2] / "data" / "hta"
TEXT = (SHELF / "published" / "anchors.yaml").read_text(encoding="utf-8")


def test_every_anchor_of_the_shelf_is_reproduced_within_rounding() -> None:
    found = {name: check(each) for name, each in read_anchors(TEXT).items()}
    assert {name: each.verdict for name, each in found.items()} == {
        "ramaekers-efficient": "within rounding",
        "ramaekers-all": "not published",
        "organox": "within rounding",
        "hepatocellular": "within rounding",
        "peeters-combined": "within rounding",
        "peeters-proton": "exact",
        "peeters-photon": "exact",
        "peeters-combined-by-photon": "exact",
        "peeters-proton-by-photon": "exact",
    }
    values = {name: round(each.value) for name, each in found.items()}
    assert values["ramaekers-efficient"] == 60_744
    assert values["ramaekers-all"] == 128_754
    assert values["organox"] == 7_916
    assert values["hepatocellular"] == 213_757


def test_every_anchor_says_where_it_comes_from_and_how_sure_that_is() -> None:
    for each in read_anchors(TEXT).values():
        assert each.dated.source
        assert each.dated.read is not None
        assert each.dated.mark == "unverified"


def test_rounding_leaves_the_interval_that_it_leaves_by_hand() -> None:
    found = check(read_anchors(TEXT)["hepatocellular"])
    assert found.low == pytest.approx(557_906.5 / 2.615)
    assert found.high == pytest.approx(557_907.5 / 2.605)
    assert found.low <= 213_354.5
    found = check(read_anchors(TEXT)["ramaekers-efficient"])
    assert found.low == pytest.approx((2_612 - 1) / (0.043 + 0.001))
    assert found.high == pytest.approx((2_612 + 1) / (0.043 - 0.001))


def test_a_figure_that_rounding_cannot_explain_stands_apart() -> None:
    wrong = TEXT.replace('published: "213354"', 'published: "213300"')
    assert check(read_anchors(wrong)["hepatocellular"]).verdict == "apart"


def test_where_a_denominator_may_be_zero_there_is_no_bound() -> None:
    vague = TEXT.replace('"6.563", qaly_photon: "6.520"', '"6.6", qaly_photon: "6.5"')
    found = check(read_anchors(vague)["ramaekers-efficient"])
    assert (found.low, found.high) == (float("-inf"), float("inf"))


@given(st.integers(-(10**9), 10**9), st.integers(0, 6))
def test_a_printed_number_is_the_middle_of_all_that_round_to_it(digits: int, places: int) -> None:
    text = f"{digits / 10**places:.{places}f}"
    found = printed(text)
    assert found.half == pytest.approx(0.5 * 10.0**-places)
    low, high = found.ends
    assert float(f"{(3 * low + high) / 4:.{places}f}") == found.value
    assert float(f"{(low + 3 * high) / 4:.{places}f}") == found.value


def test_the_published_frontier_keeps_all_three_choices() -> None:
    """All, none and "if efficient" of Ramaekers et al.: no choice dominates another."""
    ranked = frontier([41_038, 43_650, 50_989], [6.520, 6.563, 6.620])
    assert [each.status for each in ranked] == ["frontier"] * 3
    assert [each.icer and round(each.icer) for each in ranked] == [None, 60_744, 128_754]


def test_the_centres_of_the_shelf_have_the_anchors_figures() -> None:
    text = (SHELF / "facility-peeters.yaml").read_text(encoding="utf-8")
    costs = evaluate(read_model(text)).discounted["cost"][:, 0]
    anchors = read_anchors(TEXT)
    for name, cost in zip(("combined", "proton", "photon"), costs, strict=True):
        assert cost == pytest.approx(check(anchors[f"peeters-{name}"]).value, rel=1e-12)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("sapar.hta.anchors/1", "other", "schema"),
        ("formula: more_cost / more_qaly", "formula: more_cost / qaly", "anchor_name"),
        ("formula: more_cost / more_qaly", "formula: exp(more_cost)", "anchor_name"),
        ('more_qaly: "2.61"', "more_qaly: 2.61", "anchor_figure"),
        ('more_qaly: "2.61"', 'more_qaly: "two"', "anchor_figure"),
        ("rounded: 100}", "round: 100}", "key"),
        ("mark: unverified", "mark: sure", "choice"),
    ],
)
def test_a_mistake_in_an_anchor_is_named(old: str, new: str, code: str) -> None:
    assert old in TEXT
    with pytest.raises(BadModelError) as found:
        read_anchors(TEXT.replace(old, new, 1))
    assert f"hta.input.{code}" in {each.code for each in found.value.problems}
