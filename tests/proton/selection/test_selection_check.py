"""The independent checker agrees with right answers and finds wrong ones."""

from __future__ import annotations

import copy
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.kernel.languages import phrases
from sapar.proton.engine.selection.assess.verify import check
from tests.proton.selection.selection_files import (
    MODELS,
    NAMES,
    PROTOCOLS,
    WORKED,
    answer,
    changed,
    checked,
    library,
    validator,
)

STRUCTURES = (*library().structures, "SpinalCord")


def put(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    made = copy.deepcopy(document)
    place: Any = made
    *inside, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    for key in inside:
        place = place[key]
    place[last] = value(place[last]) if callable(value) else value
    return made


@pytest.fixture(scope="module")
def right() -> dict[str, Any]:
    return checked(WORKED)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("endpoints.0.photon", lambda v: v + 0.01),
        ("endpoints.0.proton", lambda v: v - 0.01),
        ("organs.0.photon_mean_gy", lambda v: v + 0.1),
        ("organs.0.proton_mean_gy", lambda v: v + 0.1),
        ("organs.0.says", "not-spared"),
        ("organs", lambda v: v[1:]),
        ("verdict", "not-indicated"),
        ("verdict", "never-qualifies"),
        ("question_sha256", "0" * 64),
        ("data.models", "0" * 64),
        ("stage", "plan"),
        ("confidence", lambda v: v - 0.2),
        ("confidence", None),
        ("chance", 0.5),
        ("chance", 1.0),
        ("endpoints", []),
        ("endpoints.0.photon_range.1", lambda v: v + 2e-6),
        ("endpoints.1.difference", lambda v: v + 2e-6),
        ("endpoints.1.difference_range.0", lambda v: v - 2e-6),
        ("endpoints.2.zero_dose_difference", lambda v: v * 0.5),
        ("endpoints.0.interval_95", [0.094, 0.095]),
        ("endpoints.0.organs.0.share", lambda v: v + 0.01),
        ("thresholds.0.limit", 0.09),
        ("thresholds.0.met", False),
        ("thresholds.2.zero_dose_value", 0.1),
        ("thresholds.0.share_of_draws", 0.2),
        ("thresholds", []),
        ("changes.0.flips_at_gy", lambda v: v + 1.0),
        ("changes.0.to_met", True),
    ],
)
def test_an_answer_that_was_changed_is_found(right: dict[str, Any], path: str, value: Any) -> None:
    wrong = check(WORKED, put(right, path, value), MODELS, PROTOCOLS)
    assert wrong
    assert all(phrases.text(p) and phrases.remedy(p) for p in wrong)


def test_an_answer_to_another_question_or_no_answer_is_found(right: dict[str, Any]) -> None:
    assert check(changed(WORKED, seed=5), right, MODELS, PROTOCOLS)
    assert check(WORKED, {}, MODELS, PROTOCOLS)
    assert check(WORKED, right, MODELS.replace("0.0996", "0.0997"), PROTOCOLS)
    child = changed(WORKED, age=9)
    judged = put(
        put(right, "question_sha256", checked(child)["question_sha256"]), "demonstration", True
    )
    assert any(p.code.endswith("verdict") for p in check(child, judged, MODELS, PROTOCOLS))


@st.composite
def doses(draw: st.DrawFn) -> dict[str, Any]:
    """The dose of a structure: a mean alone, or a histogram, perhaps partly covered."""
    if draw(st.booleans()):
        made: dict[str, Any] = {"mean_gy": draw(st.floats(0, 70))}
        if draw(st.booleans()):
            made["total_cc"] = draw(st.floats(1, 50))
        return made
    steps = draw(st.lists(st.floats(0.5, 20), min_size=1, max_size=4))
    edges = [0.0]
    for step in steps:
        edges.append(min(edges[-1] + step, 74.0))
    edges = sorted(set(edges))
    volume = draw(st.lists(st.floats(0.1, 9), min_size=len(edges) - 1, max_size=len(edges) - 1))
    middle = [0.5 * (a + b) for a, b in pairwise(edges)]
    mean = sum(m * v for m, v in zip(middle, volume, strict=True)) / sum(volume)
    covered = draw(st.sampled_from([1.0, 1.0, 0.7]))
    return {
        "edges_gy": edges, "volume_cc": volume, "mean_gy": mean,
        "total_cc": sum(volume) / covered, "covered": covered,
    }  # fmt: skip


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    """Questions of every stage, with whatever missing."""
    site = draw(st.sampled_from(["oropharynx", "larynx", "breast", "brain", "lung"]))
    names = draw(st.lists(st.sampled_from(STRUCTURES), min_size=1, max_size=12, unique=True))
    if draw(st.booleans()):
        names = [*dict.fromkeys([*names, *NAMES, "Heart", "Lungs", "Hippocampi"])]
    photon = {name: draw(doses()) for name in names}
    proton = {name: draw(doses()) for name in names if draw(st.integers(0, 9)) > 0}
    facts: dict[str, Any] = {}
    for name, c in library().covariates.items():
        if name == "age" or draw(st.integers(0, 3)) == 0:
            continue
        facts[name] = draw(
            st.sampled_from(c.choices) if c.choices
            else st.booleans() if c.least is None
            else st.floats(max(c.low, 0.001), c.high)
        )  # fmt: skip
    stage = draw(st.sampled_from(["zero", "estimate", "plan", "submitted"]))
    made: dict[str, Any] = {
        "schema": "sapar.selection/1", "site": site, "patient": facts, "stage": stage,
        "draws": 1000, "seed": draw(st.integers(0, 5)), "demonstration": draw(st.booleans()),
        "photon": {"organs": photon, "maximum_gy": 75.0},
    }  # fmt: skip
    if draw(st.booleans()):
        made["age"] = draw(st.integers(10, 90))
    if draw(st.booleans()):
        made["fractions"] = draw(st.integers(1, 40))
    if stage != "zero":
        made["proton"] = {
            "organs": proton or photon, "maximum_gy": 75.0,
            "source": "estimate" if stage == "estimate" else "plan",
            "mark": draw(st.sampled_from(["unverified", "demonstration", "verified"])),
            "dose_sd_gy": {n: 2.0 for n in names if draw(st.booleans())},
            "bias_gy": dict.fromkeys(names[:2], 1.0),
        }  # fmt: skip
        if draw(st.booleans()):
            made["proton"]["scenarios"] = [
                {"organs": {n: {"mean_gy": 20.0} for n in list(proton)[:3]}}
            ]
    return made


@settings(max_examples=18, deadline=None, derandomize=True)
@given(questions())
def test_the_checker_agrees_with_every_answer(document: dict[str, Any]) -> None:
    validator("selection").validate(document)
    found = json.loads(json.dumps(answer(document).as_json(), allow_nan=False))
    validator("selection.answer").validate(found)
    assert check(document, found, MODELS, PROTOCOLS) == ()
