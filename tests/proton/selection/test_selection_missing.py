"""What is missing gives bounds, and an estimate never says that protons are indicated."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.proton.engine.selection.assess.answer import VERDICTS
from sapar.proton.engine.selection.assess.assess import verdict_of
from sapar.proton.engine.selection.assess.problem import read_problem
from tests.proton.selection.selection_files import (
    BREAST,
    NAMES,
    WORKED,
    answer,
    by_id,
    changed,
    checked,
    codes,
    estimated,
    library,
    organs,
    protocols,
)

# ---- what is missing -----------------------------------------------------------------------------


def test_a_missing_organ_gives_bounds_and_the_truth_lies_between_them() -> None:
    whole = checked(WORKED)
    for name in NAMES:
        photon = {n: d for n, d in WORKED["photon"]["organs"].items() if n != name}
        proton = {n: d for n, d in WORKED["proton"]["organs"].items() if n != name}
        found = checked(changed(WORKED, photon__organs=photon, proton__organs=proton, draws=0))
        assert name in found["missing"]["organs"]
        for each in found["endpoints"]:
            true = by_id(whole)[each["id"]]
            if not each["counts"]:
                continue
            low, high = each["difference_range"]
            assert low <= true["difference"] <= high
            assert (each["difference"] is None) == (name in each["missing_organs"])
            assert each["zero_dose_difference"] >= true["zero_dose_difference"] - 1e-12
    assert "missing_organ" in codes(found)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.floats(0, 75), min_size=7, max_size=7),
    st.lists(st.floats(0, 75), min_size=7, max_size=7),
    st.sets(st.sampled_from(NAMES), min_size=1, max_size=4),
    st.sets(st.sampled_from(["baseline_xerostomia", "baseline_dysphagia", "treatment"])),
)
def test_whatever_is_missing_the_truth_lies_within_the_bounds(
    photon: list[float], proton: list[float], organs_: set[str], facts: set[str]
) -> None:
    whole = changed(
        WORKED, draws=0, photon__organs=organs(tuple(photon)), proton__organs=organs(tuple(proton))
    )
    less = copy.deepcopy(whole)
    for plan in ("photon", "proton"):
        for name in organs_:
            del less[plan]["organs"][name]
    less["patient"] = {k: v for k, v in whole["patient"].items() if k not in facts}
    true, open_ = answer(whole), answer(less)
    for one, other in zip(true.as_json()["endpoints"], open_.as_json()["endpoints"], strict=True):
        if one["counts"]:
            for key in ("photon_range", "proton_range", "difference_range"):
                assert other[key][0] - 1e-12 <= one[key][0] <= other[key][1] + 1e-12
    # What could not be known was left open, or said right.
    allowed = {
        "indicated": {"indicated"},
        "not-indicated": {"not-indicated", "never-qualifies"},
        "never-qualifies": {"never-qualifies"},
    }
    assert true.verdict in allowed.get(open_.verdict, set(VERDICTS))


def test_what_is_missing_leaves_a_verdict_open_only_where_it_matters() -> None:
    photon = {n: d for n, d in WORKED["photon"]["organs"].items() if n != "Parotid_L"}
    proton = {n: d for n, d in WORKED["proton"]["organs"].items() if n != "Parotid_L"}
    found = checked(changed(WORKED, photon__organs=photon, proton__organs=proton))
    assert found["verdict"] == "indicated"  # by dysphagia, which needs no parotid gland
    assert found["confidence"] is None
    photon = {n: d for n, d in WORKED["photon"]["organs"].items() if n != "Cavity_Oral"}
    proton = {n: d for n, d in WORKED["proton"]["organs"].items() if n != "Cavity_Oral"}
    found = checked(changed(WORKED, photon__organs=photon, proton__organs=proton))
    assert (found["verdict"], found["points_to"]) == ("to-be-decided", None)
    assert "open" in codes(found)


@pytest.mark.parametrize("what", ["baseline_xerostomia", "baseline_dysphagia", "treatment"])
def test_a_missing_fact_gives_both_ends(what: str) -> None:
    patient = {k: v for k, v in WORKED["patient"].items() if k != what}
    open_ = checked(changed(WORKED, patient=patient, draws=0))
    assert what in open_["missing"]["patient"]
    ends: dict[str, list[float]] = {}
    for word in library().covariates[what].choices:
        known = checked(changed(WORKED, patient={**patient, what: word}, draws=0))
        for each in known["endpoints"]:
            if each["counts"]:
                ends.setdefault(each["id"], []).append(each["difference"])
    for each in open_["endpoints"]:
        if each["counts"]:
            wanted = [min(ends[each["id"]]), max(ends[each["id"]])]
            assert each["difference_range"] == pytest.approx(wanted, abs=1e-12)


def test_an_unknown_baseline_risk_leaves_it_open_and_says_so() -> None:
    found = checked(changed(BREAST, patient={}))
    assert found["verdict"] == "to-be-decided"
    assert found["missing"]["patient"] == ["baseline_coronary_risk"]
    assert by_id(found)["coronary-event"]["difference_range"] == pytest.approx(
        [0.0, 1 - 1.074 / 1.37]
    )


def test_an_organ_outside_the_dose_grid_counts_as_not_sent() -> None:
    outside = {"edges_gy": [0.0, 0.05], "volume_cc": [0.0], "mean_gy": 0.0, "covered": 0.0}
    found = checked(changed(WORKED, photon__organs__Cavity_Oral=outside))
    assert found["missing"]["organs"] == {"Cavity_Oral": "missing"}
    assert found["verdict"] == "to-be-decided"


def test_an_organ_of_two_parts_without_volumes_lies_between_them() -> None:
    parts = {"Glnd_Submand_L": {"mean_gy": 50.0}, "Glnd_Submand_R": {"mean_gy": 60.0}}
    rest = {n: d for n, d in WORKED["photon"]["organs"].items() if n != "Glnd_Submands"}
    found = checked(changed(WORKED, photon__organs={**rest, **parts}, draws=0))
    each = by_id(found)["xerostomia-2"]
    assert each["missing_organs"] == {"Glnd_Submands": "volumes-unknown"}
    assert each["photon_range"][0] < 0.45855 < each["photon_range"][1]
    volumes = {n: {**d, "total_cc": 8.0} for n, d in parts.items()}
    found = checked(changed(WORKED, photon__organs={**rest, **volumes}, draws=0))
    assert by_id(found)["xerostomia-2"]["photon"] == pytest.approx(0.458551, abs=1e-5)


# ---- an estimate ---------------------------------------------------------------------------------


def test_an_estimate_says_only_worth_a_plan_or_not() -> None:
    found = checked(estimated(proton__dose_sd_gy=dict.fromkeys(NAMES, 4.0)))
    assert found["verdict"] == "worth-a-plan"
    assert {"estimate_chance", "estimate_only"} <= set(codes(found))
    near = tuple(0.93 * gy for gy in (40.0, 25, 55, 45, 60, 55, 45))
    same = estimated(proton__organs=organs(near))
    assert checked(same)["verdict"] == "not-indicated"
    # The same estimate with a larger error: a plan might still be indicated, so it is worth making.
    wide = {**same, "proton": {**same["proton"], "dose_sd_gy": dict.fromkeys(NAMES, 8.0)}}
    found = checked(wide)
    assert found["chance"] > 0.05
    assert found["verdict"] == "worth-a-plan"


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(0, 70), min_size=7, max_size=7),
    st.lists(st.floats(0, 70), min_size=7, max_size=7),
    st.floats(0, 10),
    st.sampled_from(["verified", "demonstration", "unverified"]),
    st.sampled_from(["demonstration", "real"]),
)
def test_no_estimate_ever_says_indicated(
    photon: list[float],
    proton: list[float],
    sd: float,
    mark: str,
    where: str,
) -> None:
    document = changed(
        estimated(), photon__organs=organs(tuple(photon)), proton__organs=organs(tuple(proton)),
        proton__mark=mark, proton__dose_sd_gy=dict.fromkeys(NAMES, sd), draws=50,
        demonstration=where == "demonstration",
    )  # fmt: skip
    question = read_problem(document, library(), protocols())
    said = verdict_of(question, library(), protocols())
    allowed = {"to-be-decided"}
    if where == "demonstration":
        allowed |= {"worth-a-plan", "not-indicated", "never-qualifies"}
    assert said in allowed


def test_a_bias_is_taken_off() -> None:
    shifted = tuple(gy + 3.0 for gy in (30.0, 14, 45, 25, 52, 46, 36))
    document = changed(
        WORKED, proton__organs=organs(shifted), proton__bias_gy=dict.fromkeys(NAMES, 3.0)
    )
    found, plain = checked(document), checked(WORKED)
    for one, other in zip(found["endpoints"], plain["endpoints"], strict=True):
        assert one["difference_range"] == pytest.approx(other["difference_range"], abs=1e-12)
