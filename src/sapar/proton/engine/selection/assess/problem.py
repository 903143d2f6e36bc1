"""The question of one patient: a photon plan, perhaps a proton plan, and who the patient is.

A JSON document (docs/reference/proton-selection.md). `read_problem` names every mistake at once.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.problem.reading import Reader
from sapar.proton.engine.selection.assess.structures import (
    BODIES,
    MOST_GY,
    MOST_ORGANS,
    NAMED,
    Names,
    note,
    read_organs,
)
from sapar.values.marks import Mark

__all__ = ["NAMED", "PlanDoses", "Question", "document_digest", "read_problem"]

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from sapar.proton.engine.selection.models.doses import OrganDose
    from sapar.proton.engine.selection.models.library import Library
    from sapar.proton.engine.selection.models.model import Value
    from sapar.proton.engine.selection.rules.protocol import Protocols

    Floats = NDArray[np.float64]

SCHEMA = "sapar.selection/1"
STAGES = ("zero", "estimate", "plan", "submitted")
SOURCES = ("estimate", "plan", "submitted")
ADULT = 18
MOST_SCENARIOS = 50
MOST_DRAWS = 200_000


@dataclass(frozen=True, slots=True, eq=False)
class PlanDoses:
    """One plan.

    Attributes:
        organs: TG-263 name to dose.
        maximum_gy: the largest dose of the plan anywhere, or None where not said.
        scenarios: the same organs under errors of set-up and range; may leave organs out.
        sd_gy: standard error of an organ's mean dose, Gy.
        bias_gy: stated less true mean dose, Gy: it is taken off.
        source: one of `SOURCES`.
        mark: how far these doses may be trusted.
    """

    organs: Mapping[str, OrganDose]
    maximum_gy: float | None
    scenarios: tuple[Mapping[str, OrganDose], ...]
    sd_gy: Mapping[str, float]
    bias_gy: Mapping[str, float]
    source: str
    mark: Mark

    @property
    def highest(self) -> float:
        """The largest dose met: as stated, or else the largest of any structure, Gy."""
        if self.maximum_gy is not None:
            return self.maximum_gy
        tops = [each.maximum_gy or each.mean_gy for each in self.organs.values()]
        return max(tops, default=0.0)

    @property
    def bound(self) -> float:
        """What no dose of the plan is above, Gy: for what was not sent, or lies beyond the grid.

        The largest dose as stated, or else that of the body's outline, which holds every organ.
        Without either nothing bounds a structure that was not sent: the largest number that is read
        as Gy (a plan of some organs alone may have its target, and all its dose, elsewhere).
        """
        if self.maximum_gy is not None:
            return self.maximum_gy
        bodies = (self.organs[name] for name in BODIES if name in self.organs)
        whole = any(each.maximum_gy is not None for each in bodies)
        return self.highest if whole else MOST_GY


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is asked about one patient; see `read_problem`.

    Attributes:
        site: of the tumour; protocol: by which rule, "" for the site's own.
        child: below 18 or said to be one.
        age: years, as said at the top or among the covariates, or None.
        patient: covariates that are known.
        fractions, prescription_gy: of the photon plan, or None.
        seed, draws: of the sampling; correlation: of the dose errors of organs, 0 to 1.
        stage: one of `STAGES`.
        photon, proton: the plans.
        data: sha256 of the data files that it was made for, or empty.
        demonstration: whether the installation is one: there demonstration data decides.
        sha256: of the document.
    """

    site: str
    protocol: str
    child: bool
    age: float | None
    patient: Mapping[str, Value]
    fractions: int | None
    prescription_gy: float | None
    seed: int
    draws: int
    correlation: float
    stage: str
    photon: PlanDoses
    proton: PlanDoses | None
    data: Mapping[str, str]
    demonstration: bool
    sha256: str


def document_digest(document: Any) -> str:
    """SHA-256 of a JSON document, whatever the order of its keys."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def read_problem(
    document: Any, library: Library | None = None, protocols: Protocols | None = None
) -> Question:
    """The question of a document.

    Args:
        document: as `json.loads` gives it.
        library: names of covariates and organs, and its hash under `data`, are checked.
        protocols: names of sites and protocols, and its hash, are checked.

    Raises:
        BadProblemError: with every mistake and its place.
    """
    top = Reader.of(document)
    if not top.is_object():
        top.finish()
    names = Names(library, protocols)
    top.schema(SCHEMA)
    stage = top.choice("stage", STAGES)
    age = top.number("age", None, most=130.0)
    patient = _patient(top, names)
    if age is None:  # an age among the covariates is a known age
        age = _age(patient)
    child = top.yes("child") or (age is not None and age < ADULT)
    if age is not None:
        if patient.setdefault("age", age) != age:
            note(top, "two_ages", "patient.age", patient["age"])
        if age >= ADULT and top.yes("child"):
            note(top, "child_or_adult", "child", age)
    photon = _plan(top, "photon", names, needed=True)
    proton = _plan(top, "proton", names, needed=stage != "zero")
    _check_site(top, names)
    made = Question(
        site=top.text("site"),
        protocol=top.text("protocol", ""),
        child=child,
        age=age,
        patient=patient,
        fractions=top.whole("fractions", None, least=1, most=100),
        prescription_gy=top.number("prescription_gy", None, most=MOST_GY),
        seed=top.whole("seed", 0, most=2**63 - 1),
        draws=top.whole("draws", 10_000, least=0, most=MOST_DRAWS),
        correlation=top.number("dose_correlation", 1.0, most=1.0),
        stage=stage,
        photon=photon or EMPTY,
        proton=None if stage == "zero" else proton,
        data=_data(top, names),
        demonstration=top.yes("demonstration"),
        sha256="" if top.problems else document_digest(document),
    )
    _check_stage(top, made)
    top.done()
    top.finish()
    return made


EMPTY = PlanDoses({}, None, (), {}, {}, "submitted", Mark.UNVERIFIED)


def _age(patient: Mapping[str, Value]) -> float | None:
    found = patient.get("age")
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def _patient(top: Reader, names: Names) -> dict[str, Value]:
    below = top.inside("patient")
    found: dict[str, Value] = {}
    if below is None or not isinstance(below.value, dict):
        return found
    for name, value in list(below.value.items())[:MOST_ORGANS]:
        plain = isinstance(value, str | bool | int | float)
        if value is None:
            continue
        if not plain or (isinstance(value, str) and len(value) > MOST_ORGANS):
            below.note("kind", at=str(name)[:60], value=value, wanted_phrase="proton.kind.number")
            continue
        if isinstance(value, float) and not math.isfinite(value):
            note(below, "not_finite", str(name)[:60], value)
            continue
        found[str(name)] = value
        if names.library is None:
            continue
        asked = names.library.covariates.get(str(name))
        if asked is None:
            known = ", ".join(names.library.covariates)
            note(below, "covariate", str(name)[:60], name, known=known)
        elif not asked.accepts(value):
            among = ", ".join(asked.choices) or _range(asked.least, asked.most)
            note(below, "covariate_value", str(name)[:60], value, among=among)
    return found


def _range(least: float | None, most: float | None) -> str:
    return "true, false" if least is None else f"{least:g} … {most:g}"


def _check_site(top: Reader, names: Names) -> None:
    """A site that no protocol is about is an honest question; a misspelt one is not."""
    if names.protocols is None or not isinstance(top.value, dict):
        return
    site, protocol = top.value.get("site"), top.value.get("protocol")
    if isinstance(site, str) and site and site not in names.protocols.sites:
        note(top, "site", "site", site, known=", ".join(names.protocols.sites))
    if isinstance(protocol, str) and protocol and protocol not in names.protocols.protocols:
        note(top, "protocol", "protocol", protocol, known=", ".join(names.protocols.protocols))


def _data(top: Reader, names: Names) -> dict[str, str]:
    below = top.inside("data")
    if below is None:
        return {}
    found = {}
    given = {"models": names.library, "protocols": names.protocols}
    for key, known in given.items():
        stated = below.text(key, "")
        if not stated:
            continue
        found[key] = stated
        if known is not None and stated != known.sha256:
            note(below, "other_data", key, stated, wanted=known.sha256)
    below.done()
    return found


def _check_stage(top: Reader, made: Question) -> None:
    if made.proton is None or made.stage == "zero":
        return
    if (made.stage == "estimate") != (made.proton.source == "estimate"):
        note(top, "stage_source", "proton.source", made.proton.source, stage=made.stage)


def _plan(top: Reader, key: str, names: Names, *, needed: bool) -> PlanDoses | None:
    below = top.inside(key)
    if below is None:
        if needed and not (isinstance(top.value, dict) and top.value.get(key) is not None):
            top.note("missing", at=key)
        return None
    before = len(top.problems)
    organs = read_organs(below, names)
    if needed and not organs and len(top.problems) == before:
        note(below, "no_organ", "organs")
    scenarios = []
    for number, each in enumerate(below.items("scenarios", optional=True)):
        if number >= MOST_SCENARIOS:
            below.note("too_many", at="scenarios", most=MOST_SCENARIOS)
            break
        if each.is_object():
            scenarios.append(read_organs(each, names))
            each.text("name", "")
            each.done()
    made = PlanDoses(
        organs=organs,
        maximum_gy=below.number("maximum_gy", None, most=MOST_GY),
        scenarios=tuple(scenarios),
        sd_gy=_numbers(below, "dose_sd_gy", 0.0),
        bias_gy=_numbers(below, "bias_gy", -MOST_GY),
        source=below.choice("source", SOURCES, "submitted"),
        mark=Mark(below.choice("mark", tuple(Mark), Mark.UNVERIFIED)),
    )
    _check_maximum(below, made)
    below.done()
    return made


def _check_maximum(below: Reader, made: PlanDoses) -> None:
    for name, organ in made.organs.items():
        top = organ.maximum_gy or organ.mean_gy
        if made.maximum_gy is not None and top > made.maximum_gy + 0.01:
            note(below, "above_maximum", f"organs.{name}", f"{top:g}", most=f"{made.maximum_gy:g}")


def _numbers(below: Reader, key: str, least: float) -> dict[str, float]:
    inside = below.inside(key)
    if inside is None or not isinstance(inside.value, dict):
        return {}
    return {
        str(name): inside.number(str(name), least=least, most=MOST_GY)
        for name in list(inside.value)[:MOST_ORGANS]
    }
