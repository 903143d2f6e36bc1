"""A made cohort of adults with head-and-neck cancer: plans in pairs, all made up.

Nobody's data: organ doses are drawn around levels that we chose. Two numbers of it were set so
that the published funnel of the first Dutch experience comes out in expectation (227 referred,
141 with a plan, 80 selected; PubMed 32768508): the share with small fields, who cannot gain, and
how much protons spare. So it shows that the rules can give such a funnel; it predicts nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.proton.engine.selection.assess.organs import ends
from sapar.proton.engine.selection.assess.predict import predict
from sapar.proton.engine.selection.assess.problem import read_problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sapar.proton.engine.selection.models.doses import DoseInput
    from sapar.proton.engine.selection.models.library import Library
    from sapar.proton.engine.selection.models.model import Model, Numbers
    from sapar.proton.engine.selection.rules.protocol import Protocols

SMALL_FIELDS = 0.46
"""Share with small fields (early larynx, one side of the neck)."""
SPARING = 1.05
"""How much of `RATIO`'s sparing protons reach."""

ORGANS = (
    "Parotid_L",
    "Parotid_R",
    "Glnd_Submands",
    "Cavity_Oral",
    "Musc_Constrict_S",
    "Musc_Constrict_M",
    "Musc_Constrict_I",
)
LARGE = (
    (33.0, 9.0),
    (22.0, 7.0),
    (52.0, 9.0),
    (38.0, 11.0),
    (52.0, 9.0),
    (48.0, 10.0),
    (40.0, 11.0),
)
"""Mean and spread of photon mean doses with both sides of the neck, Gy."""
SMALL = ((5.0, 3.0), (3.0, 2.0), (12.0, 7.0), (6.0, 4.0), (10.0, 6.0), (25.0, 9.0), (40.0, 12.0))
RATIO = (
    (0.78, 0.12),
    (0.68, 0.14),
    (0.86, 0.08),
    (0.62, 0.15),
    (0.88, 0.08),
    (0.86, 0.09),
    (0.82, 0.12),
)
"""Mean and spread of proton over photon mean dose."""
MAXIMUM = 75.0
SITES = ("oral-cavity", "oropharynx", "hypopharynx", "larynx")


@dataclass(frozen=True, slots=True)
class Mix:
    """What the cohort is made of; see the constants."""

    small: float = SMALL_FIELDS
    sparing: float = SPARING


def cohort(number: int, seed: int, mix: Mix | None = None) -> list[dict[str, Any]]:
    """Question documents of so many made patients, stage `submitted`, without draws."""
    used = mix or Mix()
    rng = np.random.Generator(np.random.PCG64(seed))
    return [_patient(rng, used, index) for index in range(number)]


def _patient(rng: np.random.Generator, mix: Mix, index: int) -> dict[str, Any]:
    small = rng.random() < mix.small
    levels = SMALL if small else LARGE
    common = rng.standard_normal()
    photon, proton = {}, {}
    for organ, (mean, spread), (ratio, wide) in zip(ORGANS, levels, RATIO, strict=True):
        drawn = mean + spread * (0.6 * common + 0.8 * rng.standard_normal())
        gy = float(np.clip(drawn, 0.5, 70.0))
        part = 1.0 - mix.sparing * (1.0 - ratio) + wide * rng.standard_normal()
        photon[organ] = {"mean_gy": round(gy, 4)}
        proton[organ] = {"mean_gy": round(min(MAXIMUM, gy * float(np.clip(part, 0.05, 1.2))), 4)}
    odds = [0.0, 0.15, 0.05, 0.8] if small else [0.15, 0.5, 0.2, 0.15]
    return {
        "schema": "sapar.selection/1",
        "site": str(rng.choice(SITES, p=odds)),
        "protocol": "nipp-hnc",
        "age": int(rng.integers(40, 80)),
        "patient": {
            "treatment": str(rng.choice(["primary", "post-operative"], p=[0.8, 0.2])),
            "baseline_xerostomia": str(
                rng.choice(["none", "mild", "moderate"], p=[0.7, 0.24, 0.06])
            ),
            "baseline_dysphagia": str(
                rng.choice(["grade-0-1", "grade-2", "grade-3"], p=[0.8, 0.12, 0.08])
            ),
        },
        "stage": "submitted",
        "seed": index,
        "draws": 0,
        "demonstration": True,
        "photon": {"organs": photon, "maximum_gy": MAXIMUM},
        "proton": {
            "organs": proton,
            "maximum_gy": MAXIMUM,
            "source": "submitted",
            "mark": "demonstration",
        },
    }


def people(
    model: Model, documents: Sequence[dict[str, Any]], library: Library, protocols: Protocols
) -> list[tuple[Mapping[DoseInput, Numbers], Mapping[str, float]]]:
    """Readings of the photon plans and features of made patients, as `information` wants them."""
    found: list[tuple[Mapping[DoseInput, Numbers], Mapping[str, float]]] = []
    for document in documents:
        question = read_problem(document, library, protocols)
        protocol = protocols.protocols[question.protocol]
        known = {**protocol.sites[question.site], **question.patient}
        made = predict(model, question, known, library)
        readings, _, _ = ends(model, made.doses[0], question.photon.bound, question.fractions)
        found.append((readings, made.options.corners[0]))
    return found
