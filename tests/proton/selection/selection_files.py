"""The data files of selection, and questions for tests."""

from __future__ import annotations

import copy
import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from sapar.proton.engine.selection.assess.assess import assess
from sapar.proton.engine.selection.assess.problem import read_problem
from sapar.proton.engine.selection.assess.verify import check
from sapar.proton.engine.selection.models.library import Library, read_models
from sapar.proton.engine.selection.rules.protocol import Protocols, read_protocols

if TYPE_CHECKING:
    from sapar.proton.engine.selection.assess.answer import Assessment

FOLDER = Path(__file__).parents[3] / "data" / "proton" / "selection"
MODELS = (FOLDER / "models.yaml").read_text(encoding="utf-8")
PROTOCOLS = (FOLDER / "protocols.yaml").read_text(encoding="utf-8")
SCHEMAS = Path(__file__).parents[3] / "docs" / "reference" / "proton"
NAMES = (
    "Parotid_L",
    "Parotid_R",
    "Glnd_Submands",
    "Cavity_Oral",
    "Musc_Constrict_S",
    "Musc_Constrict_M",
    "Musc_Constrict_I",
)
PHOTON = (40.0, 25.0, 55.0, 45.0, 60.0, 55.0, 45.0)
PROTON = (30.0, 14.0, 45.0, 25.0, 52.0, 46.0, 36.0)


@functools.cache
def library() -> Library:
    """The models of the file."""
    return read_models(MODELS)


@functools.cache
def protocols() -> Protocols:
    """The protocols of the file."""
    return read_protocols(PROTOCOLS, library())


def organs(means: tuple[float, ...]) -> dict[str, Any]:
    """Mean doses of the head-and-neck organs."""
    return {name: {"mean_gy": mean} for name, mean in zip(NAMES, means, strict=True)}


WORKED: dict[str, Any] = {
    "schema": "sapar.selection/1",
    "site": "oropharynx",
    "protocol": "nipp-hnc",
    "age": 61,
    "patient": {
        "treatment": "primary",
        "baseline_xerostomia": "none",
        "baseline_dysphagia": "grade-0-1",
    },
    "fractions": 35,
    "prescription_gy": 70.0,
    "seed": 1,
    "draws": 1000,
    "stage": "submitted",
    "demonstration": True,
    "photon": {"organs": organs(PHOTON), "maximum_gy": 75.0},
    "proton": {
        "organs": organs(PROTON),
        "maximum_gy": 75.0,
        "source": "submitted",
        "mark": "demonstration",
    },
}
"""The published worked patient (reference 9.3)."""

BREAST: dict[str, Any] = {
    "schema": "sapar.selection/1",
    "site": "breast",
    "age": 48,
    "patient": {"baseline_coronary_risk": 0.08},
    "fractions": 15,
    "draws": 1000,
    "stage": "submitted",
    "demonstration": True,
    "photon": {"organs": {"Heart": {"mean_gy": 5.0}, "Lungs": {"mean_gy": 8.0}}},
    "proton": {
        "organs": {"Heart": {"mean_gy": 1.0}, "Lungs": {"mean_gy": 4.0}},
        "mark": "demonstration",
    },
}


def changed(document: dict[str, Any], **values: Any) -> dict[str, Any]:
    """A copy with other values; `a__b` is b inside a, None takes a key away."""
    made = copy.deepcopy(document)
    for path, value in values.items():
        *inside, last = path.split("__")
        place = made
        for key in inside:
            place = place[key]
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    return made


def answer(document: dict[str, Any]) -> Assessment:
    """The answer to a question document."""
    return assess(read_problem(document, library(), protocols()), library(), protocols())


@functools.cache
def validator(name: str) -> Draft202012Validator:
    """Of a published JSON schema."""
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema)


def checked(document: dict[str, Any]) -> dict[str, Any]:
    """The answer as it is kept; it fits its schema, and the independent checker agrees with it."""
    found: dict[str, Any] = json.loads(json.dumps(answer(document).as_json()))
    validator("selection").validate(document)
    validator("selection.answer").validate(found)
    wrong = check(document, found, MODELS, PROTOCOLS)
    assert not wrong, wrong
    return found


def by_id(document: dict[str, Any], what: str = "endpoints") -> dict[str, dict[str, Any]]:
    """The endpoints or thresholds of an answer by id."""
    return {each["id"]: each for each in document[what]}


def codes(document: dict[str, Any]) -> list[str]:
    """The codes of an answer's reasons."""
    return [each["code"].removeprefix("proton.selection.") for each in document["reasons"]]


def estimated(**values: Any) -> dict[str, Any]:
    """The worked patient with an estimated proton dose."""
    return changed(
        WORKED, stage="estimate", proton__source="estimate", proton__mark="unverified", **values
    )
