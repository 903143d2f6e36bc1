"""The proton side of a comparison: estimated from the photon plan, or planned.

Only jobs and the command line load it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sapar.proton import selecting
from sapar.proton.engine.selection.assess.spared import TARGETS
from sapar.values.marks import Mark
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sapar.proton.engine.scheduling.watch import Watch
    from sapar.proton.engine.selection.estimate.data import PlanningData
    from sapar.proton.engine.selection.estimate.wish import Wish
    from sapar.proton.engine.selection.plan import DoseGrid, Study


@dataclass(frozen=True, slots=True, eq=False)
class ProtonSide:
    """What stands beside the photon plan.

    Attributes:
        proton: the part `proton` of the question, or None where there is none.
        dose: the nominal dose, Gy(RBE), for the pictures.
        reasons: what was met on the way; why there is none.
        data: SHA-256 of each data file that it came from.
        lock: of the planning environment: its list of packages, their versions.
    """

    proton: dict[str, Any] | None
    dose: DoseGrid | None
    reasons: tuple[Problem, ...]
    data: dict[str, str] = field(default_factory=selecting.dose_digests)
    lock: dict[str, str] = field(default_factory=dict)


def planning_data() -> PlanningData:
    """The curves, the sites' rules and the calibration of this installation."""
    from sapar.proton.engine.selection.estimate.data import read_data  # noqa: PLC0415

    return read_data(
        curves=selecting.text_of("ct-curves"),
        sites=selecting.text_of("planning"),
        calibration=selecting.text_of("calibration"),
    )


def _wish(document: Mapping[str, Any]) -> Wish:
    from sapar.proton.engine.selection.estimate.wish import Wish  # noqa: PLC0415

    return Wish(document["site"], document["prescription_gy"], document["fractions"])


def estimated(study: Study, names: Mapping[str, str], document: Mapping[str, Any]) -> ProtonSide:
    """The estimate of the achievable proton dose (stage 1)."""
    from sapar.proton.engine.selection.estimate.estimate import estimate  # noqa: PLC0415 - heavy

    found = estimate(study, names, _wish(document), planning_data())
    if found.dose is None:
        return ProtonSide(None, None, found.reasons)
    # Targets and the body are read off the estimated dose, too.
    organs = selecting.histograms_of(study, names, found.dose)
    organs |= {organ.name: organ.as_json() for organ in found.organs if organ.measured_cc > 0}
    missed = (*uncovered(document, organs, OWN), *_missed(study, names, found.dose))
    if missed:
        return ProtonSide(None, None, (*found.reasons, *missed))
    proton = {
        "organs": organs,
        "scenarios": [
            {"name": name, "organs": selecting.scenario_of(study, names, dose)}
            for name, dose in found.scenarios
        ],
        "dose_sd_gy": dict(found.sd_gy),
        "bias_gy": dict(found.bias_gy),
        "maximum_gy": selecting.highest(found.dose),
        "source": "estimate",
        "mark": str(found.mark),
    }
    return ProtonSide(proton, found.dose, found.reasons)


COVERED = 0.95
"""The least share of its photon mean dose that a target must get from a proton plan that was sent.

Our default, no rule. A dose from which the RBE of 1.1 is missing lies below it (1 / 1.1 = 0.91).
"""
OWN = 0.9
"""As `COVERED`, of a dose that we made: its RBE is applied once by construction.

It covers the sender's CTV robustly, and of a PTV the part within its margin, so that the sender's
whole PTV gets less: 0.93 of its photon mean dose in the plan of our head-and-neck phantom.
"""
HOT = 1.05
"""The largest such share of the highest level: an RBE that was applied twice lies above."""


def uncovered(
    document: Mapping[str, Any], organs: Mapping[str, Any], least: float = COVERED
) -> tuple[Problem, ...]:
    """The targets that a proton dose leaves out: beside it, the spared organs would mean nothing.

    Args:
        document: the question, with the organs of the photon plan.
        organs: histograms of the proton dose.
        least: share of its photon mean dose that a target must get.
    """
    found = []
    for name, photon in document["photon"]["organs"].items():
        proton = organs.get(name)
        if not name.upper().startswith(TARGETS) or proton is None:
            continue
        if proton["mean_gy"] < least * photon["mean_gy"]:
            found.append(
                Problem.of(
                    "proton.selection.target_left_out", where=name, fatal=False,
                    value=f"{proton['mean_gy']:.1f}", photon=f"{photon['mean_gy']:.1f}",
                )
            )  # fmt: skip
    return tuple(found)


def unnamed(
    study: Study,
    names: Mapping[str, str],
    photon: DoseGrid,
    proton: DoseGrid,
    *,
    least: float = COVERED,
) -> tuple[Problem, ...]:
    """As `uncovered`, for targets by the sender's role whose names nobody has confirmed."""
    from sapar.proton.engine.selection.dvh.compute import histograms  # noqa: PLC0415 - heavy

    left = [
        each
        for each in study.structures
        if each.role.upper().startswith(TARGETS) and each.contours and not names.get(each.name)
    ]
    planes = study.image.grid.z if study.image is not None else None
    pairs = zip(
        histograms(left, photon, planes=planes), histograms(left, proton, planes=planes),
        strict=True,
    )  # fmt: skip
    both = [(a.name, {"mean_gy": a.mean_gy}, {"mean_gy": b.mean_gy}) for a, b in pairs]
    beside = {f"PTV {name}": a for name, a, _b in both}
    own = {f"PTV {name}": b for name, _a, b in both}
    found = uncovered({"photon": {"organs": beside}}, own, least)
    return tuple(replace(each, where=each.where.removeprefix("PTV ")) for each in found)


def _missed(study: Study, names: Mapping[str, str], proton: DoseGrid) -> tuple[Problem, ...]:
    photon = selecting.doses_of(study).photon
    return () if photon is None else unnamed(study, names, photon, proton, least=OWN)


def doubted(document: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The question with a proton plan that was sent, and why it may not decide, if it may not.

    A plan that misses a target, or doses the highest one far above the photon plan, is compared and
    told of; it is marked unverified.
    """
    organs = document["proton"]["organs"]
    told = list(uncovered(document, organs))
    targets = {
        name: photon["mean_gy"]
        for name, photon in document["photon"]["organs"].items()
        if name.upper().startswith(TARGETS) and name in organs
    }
    top = max(targets, key=lambda name: (targets[name], name), default="")
    if top and organs[top]["mean_gy"] > HOT * targets[top]:
        told.append(
            Problem.of(
                "proton.selection.target_hot", where=top, fatal=False,
                value=f"{organs[top]['mean_gy']:.1f}", photon=f"{targets[top]:.1f}",
            )
        )  # fmt: skip
    mark = str(Mark.UNVERIFIED) if told else document["proton"]["mark"]
    return {**document, "proton": {**document["proton"], "mark": mark}}, tuple(told)


def planned(
    study: Study,
    names: Mapping[str, str],
    document: Mapping[str, Any],
    folder: Path,
    watch: Watch | None = None,
) -> ProtonSide:
    """An automatic proton plan with its scenarios (stage 2), made in `folder`.

    One that was stopped, ran out of time or failed is no plan: the reasons say which.
    """
    from sapar.proton.adapters.planning.environment import available, lock_digest  # noqa: PLC0415
    from sapar.proton.adapters.planning.plan import plan_protons  # noqa: PLC0415
    from sapar.proton.adapters.planning.process import PlanningError  # noqa: PLC0415
    from sapar.proton.engine.scheduling.watch import Watch  # noqa: PLC0415

    if not available():
        missing = Problem.of("proton.selection.no_planning", where="planning", fatal=False)
        return ProtonSide(None, None, (missing,), {})
    lock = {selecting.ENVIRONMENT: lock_digest()}
    try:
        made = plan_protons(
            study, names, _wish(document), workdir=folder, watch=watch or Watch(),
            data=planning_data(),
        )  # fmt: skip
    except PlanningError as error:
        return ProtonSide(None, None, (error.problem,), lock=lock)
    # Not the digests of the dose: it is the patient's, and goes with what is erased.
    lock |= {
        f"{selecting.PLANNING}{name}": value
        for name, value in made.versions.items()
        if name not in {"answer", "weights"}
    }
    if not made.acceptable:
        return ProtonSide(None, None, made.reasons, lock=lock)
    organs = selecting.histograms_of(study, names, made.nominal)
    missed = (*uncovered(document, organs, OWN), *_missed(study, names, made.nominal))
    if missed:
        return ProtonSide(None, None, (*made.reasons, *missed), lock=lock)
    proton = {
        "organs": organs,
        "scenarios": [
            {"name": name, "organs": selecting.scenario_of(study, names, dose)}
            for name, dose in made.scenarios
        ],
        "dose_sd_gy": {},
        "bias_gy": {},
        "maximum_gy": selecting.highest(made.nominal),
        "source": "plan",
        "mark": str(made.mark),
    }
    return ProtonSide(proton, made.nominal, made.reasons, lock=lock)
