"""The question: every mistake is named at once, with its place and its remedy."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.kernel.languages import phrases
from sapar.proton.engine.scheduling.problem.reading import BadProblemError
from sapar.proton.engine.selection.assess.assess import assess
from sapar.proton.engine.selection.assess.problem import read_problem
from sapar.proton.engine.selection.assess.verify import check
from tests.proton.selection.selection_files import (
    MODELS,
    PROTOCOLS,
    WORKED,
    changed,
    library,
    protocols,
)

CURVE = {
    "edges_gy": [0.0, 10.0, 20.0],
    "volume_cc": [5.0, 5.0],
    "mean_gy": 10.0,
    "minimum_gy": 0.5,
    "maximum_gy": 19.5,
    "total_cc": 10.0,
    "covered": 1.0,
}


def mistakes(document: Any) -> dict[str, str]:
    """Place to code of every mistake; each has a sentence and a remedy."""
    with pytest.raises(BadProblemError) as found:
        read_problem(document, library(), protocols())
    for each in found.value.problems:
        assert phrases.text(each)
        assert phrases.remedy(each)
    return {p.where: p.code.removeprefix("proton.") for p in found.value.problems}


def organ(**values: Any) -> dict[str, Any]:
    return changed(WORKED, photon__organs__Heart={**CURVE, **values})


@pytest.mark.parametrize(
    ("document", "where", "code"),
    [
        (changed(WORKED, schema="sapar.selection/2"), "schema", "input.schema"),
        (changed(WORKED, stage="later"), "stage", "input.choice"),
        (changed(WORKED, site="throat"), "site", "selection.input.site"),
        (changed(WORKED, protocol="nipp"), "protocol", "selection.input.protocol"),
        (changed(WORKED, colour="red"), "colour", "input.unknown_key"),
        (changed(WORKED, age=-1), "age", "input.negative"),
        (changed(WORKED, child=True), "child", "selection.input.child_or_adult"),
        (changed(WORKED, patient__age=60), "patient.age", "selection.input.two_ages"),
        (changed(WORKED, patient__smokes=True), "patient.smokes", "selection.input.covariate"),
        (
            changed(WORKED, patient__baseline_xerostomia="a lot"),
            "patient.baseline_xerostomia",
            "selection.input.covariate_value",
        ),
        (changed(WORKED, patient__imrt=1), "patient.imrt", "selection.input.covariate_value"),
        (changed(WORKED, patient__gtv_cc=math.nan), "patient.gtv_cc", "selection.input.not_finite"),
        (changed(WORKED, patient__imrt=[1]), "patient.imrt", "input.kind"),
        (changed(WORKED, fractions=0), "fractions", "input.range"),
        (changed(WORKED, draws=10**9), "draws", "input.range"),
        (changed(WORKED, dose_correlation=1.5), "dose_correlation", "input.range"),
        (changed(WORKED, photon=None), "photon", "input.missing"),
        (changed(WORKED, photon={}), "photon.organs", "input.missing"),
        (changed(WORKED, photon__organs={}), "photon.organs", "selection.input.no_organ"),
        (changed(WORKED, proton=None), "proton", "input.missing"),
        (
            changed(WORKED, proton__source="estimate"),
            "proton.source",
            "selection.input.stage_source",
        ),
        (changed(WORKED, proton__mark="sure"), "proton.mark", "input.choice"),
        (
            changed(WORKED, proton__dose_sd_gy={"Heart": -1}),
            "proton.dose_sd_gy.Heart",
            "input.negative",
        ),
        (changed(WORKED, proton__scenarios=[3]), "proton.scenarios[0]", "input.kind"),
        (
            changed(WORKED, photon__maximum_gy=50),
            "photon.organs.Glnd_Submands",
            "selection.input.above_maximum",
        ),
        (
            changed(WORKED, photon__organs={"Parotid L": {"mean_gy": 1}}),
            "photon.organs.Parotid L",
            "selection.input.organ_name",
        ),
        (
            changed(WORKED, photon__organs={"parotid_l": {"mean_gy": 1}}),
            "photon.organs.parotid_l",
            "selection.input.organ_near",
        ),
        (organ(mean_gy=-3), "photon.organs.Heart.mean_gy", "input.negative"),
        (organ(mean_gy=math.nan), "photon.organs.Heart.mean_gy", "input.range"),
        (organ(mean_gy=math.inf), "photon.organs.Heart.mean_gy", "input.range"),
        (organ(mean_gy="10"), "photon.organs.Heart.mean_gy", "input.kind"),
        (organ(mean_gy=25.0), "photon.organs.Heart.mean_gy", "selection.input.mean_outside"),
        (organ(volume_cc=[5.0]), "photon.organs.Heart.volume_cc", "selection.input.bins"),
        (organ(volume_cc=None), "photon.organs.Heart.volume_cc", "selection.input.bins"),
        (organ(volume_cc=[0, 0]), "photon.organs.Heart.volume_cc", "selection.input.no_volume"),
        (organ(volume_cc=[5.0, -1]), "photon.organs.Heart.volume_cc[1]", "input.range"),
        (organ(edges_gy=[0, 20, 10]), "photon.organs.Heart.edges_gy", "selection.input.edges"),
        (organ(edges_gy=[0, math.nan, 9]), "photon.organs.Heart.edges_gy[1]", "input.range"),
        (organ(edges_gy="0 10"), "photon.organs.Heart.edges_gy", "selection.input.series"),
        (organ(name="Lung_L"), "photon.organs.Heart.name", "selection.input.two_names"),
        (organ(covered=2), "photon.organs.Heart.covered", "input.range"),
        (
            changed(WORKED, data={"models": "0"}),
            "data.models",
            "selection.input.other_data",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place_and_its_remedy(
    document: dict[str, Any], where: str, code: str
) -> None:
    assert mistakes(document).get(where) == code


def test_every_mistake_is_named_at_once() -> None:
    document = changed(
        organ(mean_gy=-3), age=-2, patient__smokes=True, site="throat", colour="red",
        proton__mark="sure",
    )  # fmt: skip
    found = mistakes(document)
    assert set(found) == {
        "photon.organs.Heart.mean_gy", "age", "patient.smokes", "site", "colour", "proton.mark",
    }  # fmt: skip


def test_too_much_is_refused() -> None:
    many = {f"Organ_{n}": {"mean_gy": 1.0} for n in range(201)}
    assert mistakes(changed(WORKED, photon__organs=many))["photon.organs"] == "input.too_many"
    long = organ(edges_gy=[float(n) / 1e4 for n in range(200_002)], volume_cc=[1.0] * 200_001)
    assert "photon.organs.Heart.edges_gy" in mistakes(long)
    cases = [{"organs": {}} for _ in range(51)]
    assert "proton.scenarios" in mistakes(changed(WORKED, proton__scenarios=cases))


@pytest.mark.parametrize("document", [None, [], "text", 3, {}, {"schema": 1}])
def test_what_is_no_question_is_refused(document: Any) -> None:
    assert mistakes(document)


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 200), st.floats(), st.text(max_size=5),
    st.sampled_from(["zero", "plan", "oropharynx", "primary", "verified"]),
)  # fmt: skip
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a document."""
    found = [path] if path else []
    keys = list(document) if isinstance(document, dict) else []
    if isinstance(document, list):
        keys = list(range(len(document)))
    for key in keys:
        found += places(document[key], (*path, key))
    return found


WHOLE = changed(
    WORKED, draws=20, photon__organs__Heart=CURVE, proton__organs__Heart=CURVE,
    proton__scenarios=[{"organs": {"Parotid_L": {"mean_gy": 31.0}}}],
    proton__dose_sd_gy={"Parotid_L": 1.0}, proton__bias_gy={"Heart": -0.5},
)  # fmt: skip
PLACES = places(WHOLE)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(PLACES), TREES)
def test_a_document_broken_anywhere_is_refused_by_name_or_answered(
    path: tuple[Any, ...], put: Any
) -> None:
    document = json.loads(json.dumps(WHOLE))
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = put
    refused: tuple[Any, ...] = ()
    try:
        question = read_problem(document, library(), protocols())
    except BadProblemError as mistake:
        refused = mistake.problems
    for each in refused:
        assert phrases.text(each)
        assert phrases.remedy(each)
    if not refused:
        made = assess(question, library(), protocols()).as_json()
        answer = json.loads(json.dumps(made, allow_nan=False))
        assert check(document, answer, MODELS, PROTOCOLS) == ()
