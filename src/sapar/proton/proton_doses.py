"""The proton side of a comparison: estimated from the photon plan, or planned.

Only jobs and the command line load it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sapar.proton import selecting
from sapar.proton.adapters.dicom.integrity import REACHED
from sapar.proton.data_files import dose_digests, text_of
from sapar.proton.engine.selection.assess.spared import TARGETS
from sapar.proton.engine.selection.plan import Summation
from sapar.proton.lock import ENVIRONMENT, PLANNING
from sapar.values.marks import Mark
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
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
    data: dict[str, str] = field(default_factory=dose_digests)
    lock: dict[str, str] = field(default_factory=dict)


def planning_data() -> PlanningData:
    """The curves, the sites' rules and the calibration of this installation."""
    from sapar.proton.engine.selection.estimate.data import read_data  # noqa: PLC0415

    return read_data(
        curves=text_of("ct-curves"),
        sites=text_of("planning"),
        calibration=text_of("calibration"),
    )


def _wish(document: Mapping[str, Any]) -> Wish:
    from sapar.proton.engine.selection.estimate.wish import Wish  # noqa: PLC0415

    return Wish(document["site"], document["prescription_gy"], document["fractions"])


def _scenarios(
    study: Study, names: Mapping[str, str], doses: Iterable[tuple[str, DoseGrid]]
) -> list[dict[str, Any]]:
    """The organs under each error of set-up and range, by its name."""
    return [
        {"name": name, "organs": selecting.scenario_of(study, names, dose)} for name, dose in doses
    ]


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
    proton = selecting.proton_part(
        organs, found.dose, "estimate", found.mark,
        scenarios=_scenarios(study, names, found.scenarios),
        dose_sd_gy=dict(found.sd_gy), bias_gy=dict(found.bias_gy),
    )  # fmt: skip
    return ProtonSide(proton, found.dose, found.reasons)


def refuse_part(document: Mapping[str, Any]) -> None:
    """Refuse a photon dose that nowhere reaches what is prescribed: one phase's, or a wrong number.

    The dose of half a course would say that protons can spare little. `integrity` refuses it where
    the plan says the prescription; here it may be a person's word.

    Raises:
        CannotCompareError: it is so.
    """
    top, wanted = document["photon"]["maximum_gy"], document["prescription_gy"]
    if top < REACHED * wanted:
        problem = Problem.of(
            "proton.selection.part_of_course", where="photon.maximum_gy", value=f"{top:.1f}",
            prescribed=f"{wanted:g}",
        )  # fmt: skip
        raise selecting.CannotCompareError([problem])


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
    return _left_out(
        (
            (name, photon["mean_gy"], organs[name]["mean_gy"])
            for name, photon in document["photon"]["organs"].items()
            if name.upper().startswith(TARGETS) and name in organs
        ),
        least,
    )


def _left_out(targets: Iterable[tuple[str, float, float]], least: float) -> tuple[Problem, ...]:
    """Those of the targets (name, mean dose of photons, of protons, in Gy) that get too little."""
    return tuple(
        Problem.of(
            "proton.selection.target_left_out", where=name, fatal=False,
            value=f"{proton:.1f}", photon=f"{photon:.1f}",
        )
        for name, photon, proton in targets
        if proton < least * photon
    )  # fmt: skip


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
    return _left_out(((a.name, a.mean_gy, b.mean_gy) for a, b in pairs), least)


def _missed(study: Study, names: Mapping[str, str], proton: DoseGrid) -> tuple[Problem, ...]:
    photon = selecting.doses_of(study).photon
    return () if photon is None else unnamed(study, names, photon, proton, least=OWN)


def proton_fractions(study: Study) -> int | None:
    """The fractions of the proton plan that was sent with a study; None where nobody knows.

    A sum over several plans has no one number of them.
    """
    dose = selecting.doses_of(study).submitted
    if dose is None or dose.summation is not Summation.PLAN:
        return None
    return next((plan.fractions for plan in study.plans if plan.uid == dose.plan_uid), None)


def doubted(
    document: Mapping[str, Any], fractions: int | None = None
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The question with a proton plan that was sent, and why it may not decide, if it may not.

    A plan that misses a target, doses the highest one far above the photon plan, or has another
    number of fractions (the models take doses as they are), is compared and told of; it is marked
    unverified. So is one beside which no target has a name: nothing shows whether it covers any.

    Args:
        document: the question.
        fractions: of the proton plan, or None where it does not say.
    """
    organs = document["proton"]["organs"]
    told = list(uncovered(document, organs))
    if fractions and fractions != document.get("fractions", fractions):
        told.append(
            Problem.of(
                "proton.selection.other_fractions", where="proton.fractions", fatal=False,
                value=fractions, photon=document["fractions"],
            )
        )  # fmt: skip
    targets = {
        name: photon["mean_gy"]
        for name, photon in document["photon"]["organs"].items()
        if name.upper().startswith(TARGETS) and name in organs
    }
    top = max(targets, key=lambda name: (targets[name], name), default="")
    if not top:
        told.append(Problem.of("proton.selection.no_target", where="proton.organs", fatal=False))
    elif organs[top]["mean_gy"] > HOT * targets[top]:
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
    lock = {ENVIRONMENT: lock_digest()}
    try:
        made = plan_protons(
            study, names, _wish(document), workdir=folder, watch=watch or Watch(),
            data=planning_data(),
        )  # fmt: skip
    except PlanningError as error:
        return ProtonSide(None, None, (error.problem,), lock=lock)
    # Not the digests of the dose: it is the patient's, and goes with what is erased.
    lock |= {
        f"{PLANNING}{name}": value
        for name, value in made.versions.items()
        if name not in {"answer", "weights"}
    }
    if not made.acceptable:
        return ProtonSide(None, None, made.reasons, lock=lock)
    organs = selecting.histograms_of(study, names, made.nominal)
    missed = (*uncovered(document, organs, OWN), *_missed(study, names, made.nominal))
    if missed:
        return ProtonSide(None, None, (*made.reasons, *missed), lock=lock)
    proton = selecting.proton_part(
        organs, made.nominal, "plan", made.mark,
        scenarios=_scenarios(study, names, made.scenarios),
    )  # fmt: skip
    return ProtonSide(proton, made.nominal, made.reasons, lock=lock)
