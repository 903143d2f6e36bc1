"""What a sceptical reader of the issue found in answers and in what is said of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sapar.kernel.languages import phrases
from sapar.proton.engine.selection.assess.answer import digits_beside
from sapar.proton.engine.selection.assess.cohort import cohort
from sapar.proton.engine.selection.assess.organs import ends
from sapar.proton.engine.selection.assess.predict import candidates, predict
from sapar.proton.engine.selection.assess.problem import read_problem
from sapar.values.statements import Statement
from tests.proton.selection.selection_files import (
    BREAST,
    NAMES,
    PHOTON,
    WORKED,
    changed,
    checked,
    estimated,
    library,
    organs,
    protocols,
)
from tests.proton.selection.selection_files import codes as said_of

# ---- what is said of it --------------------------------------------------------------------------


def test_how_sure_an_estimate_is_says_of_what() -> None:
    """A plan is proposed though no threshold is reached: the share is of draws that reach none."""
    below = organs(tuple(0.93 * gy for gy in PHOTON))
    document = changed(
        estimated(), proton__organs=below, proton__dose_sd_gy=dict.fromkeys(NAMES, 4.0)
    )
    found = checked(document)
    assert found["verdict"] == "worth-a-plan"
    assert not any(each["met"] for each in found["thresholds"])
    said = [each for each in found["reasons"] if "confidence" in each["code"]]
    assert [each["code"] for each in said] == ["proton.selection.confidence_not_met"]
    text = phrases.text(Statement(said[0]["code"], said[0]["params"]))
    assert "no threshold is reached" in text
    assert f"{100 * found['confidence']:.0f} %" in text
    # Where one is reached the sentence is the usual one.
    assert "confidence" in said_of(checked(estimated()))


def test_a_plan_that_was_sent_without_errors_is_said_to_flatter_protons() -> None:
    assert "confidence_without_errors" in said_of(checked(WORKED))
    cases = [{"organs": {"Parotid_L": {"mean_gy": 31.0}}}]
    assert "confidence_without_errors" not in said_of(
        checked(changed(WORKED, proton__scenarios=cases))
    )
    assert "confidence_without_errors" not in said_of(checked(estimated()))


@pytest.mark.parametrize(
    ("risk", "verdict", "value"),
    [(0.0675, "not-indicated", "1.998"), (0.06757, "indicated", "2.0"), (0.09, "indicated", "2.7")],
)
def test_a_number_beside_a_limit_stands_on_its_own_side_of_it(
    risk: float, verdict: str, value: str
) -> None:
    """Not "2.0 points lower; 2 are needed: not indicated"."""
    found = checked(changed(BREAST, patient__baseline_coronary_risk=risk))
    assert found["verdict"] == verdict
    assert found["reasons"][0]["params"]["value"] == value


@pytest.mark.parametrize("share", [0.0, 0.004, 0.0449, 0.0496, 0.05, 0.0504, 0.5, 0.9996, 1.0])
def test_digits_are_as_many_as_a_limit_needs_and_no_more(share: float) -> None:
    digits = digits_beside(share, 0.05, 0)
    shown = round(100 * share, digits)
    assert (shown >= 5) == (share >= 0.05)
    assert digits == 0 or (round(100 * share, digits - 1) >= 5) != (share >= 0.05)


def _scores(document: dict[str, Any]) -> dict[str, tuple[str, np.ndarray, np.ndarray]]:
    """Complication to model and what its coefficients are multiplied by, photons and protons."""
    question = read_problem(document, library(), protocols())
    protocol = protocols().protocols[question.protocol]
    known = {**protocol.sites[question.site], **question.patient}
    found = {}
    for asked in protocol.asked:
        if not asked.decides:
            continue
        (model,) = candidates(asked, known, library())
        made = predict(model, question, known, library())
        rows = []
        for doses in made.doses:
            readings, _, _ = ends(model, doses, 75.0, question.fractions)
            units = np.eye(len(model.terms)).tolist()
            features = made.options.corners[0]
            rows.append(np.array([float(model.score(readings, features, unit)) for unit in units]))
        found[asked.id] = (model.id, rows[0], rows[1])
    return found


def _reached(people: Any, theta: dict[str, np.ndarray]) -> np.ndarray:
    """(people, draws): whether the verified thresholds of the protocol are reached."""
    found = []
    for person in people:
        gap = {}
        for name, (model, photon, proton) in person.items():
            s = theta[model]
            gap[name] = 1 / (1 + np.exp(-s @ photon)) - 1 / (1 + np.exp(-s @ proton))
        two, three = gap["xerostomia-2"] + gap["dysphagia-2"], gap["dysphagia-3"]
        one = np.maximum(gap["xerostomia-2"], gap["dysphagia-2"])
        worst = np.maximum(three, gap["xerostomia-3"])
        found.append((one >= 0.1) | (worst >= 0.05) | (two >= 0.15))
    return np.array(found)


def test_the_confidence_is_too_high_for_protons_and_too_low_against_them_as_documented() -> None:
    """With coefficients estimated anew; if this ends, docs/reference/proton-selection.md lies."""
    rng = np.random.Generator(np.random.PCG64(3))
    people = [_scores(each) for each in cohort(60, 12)]
    models = {name: library().models[name] for p in people for name, _, _ in p.values()}
    roots = {name: np.asarray(m.uncertainty.root) for name, m in models.items()}
    truth = _reached(people, {name: np.array([m.theta]) for name, m in models.items()})[:, 0]
    says, share = [], []
    for _ in range(25):
        hat = {
            n: np.array(m.theta) + roots[n] @ rng.standard_normal(len(m.theta))
            for n, m in models.items()
        }
        says.append(_reached(people, {n: v[None] for n, v in hat.items()})[:, 0])
        drawn = {
            n: hat[n] + rng.standard_normal((200, len(m.theta))) @ roots[n].T
            for n, m in models.items()
        }
        share.append(_reached(people, drawn).mean(axis=1))
    indicated, chance = np.array(says), np.array(share)
    stated = np.where(indicated, chance, 1 - chance)
    right = indicated == truth
    assert stated[indicated].mean() - right[indicated].mean() > 0.1
    assert right[~indicated].mean() - stated[~indicated].mean() > 0.05
    assert abs(stated.mean() - right.mean()) < 0.06
