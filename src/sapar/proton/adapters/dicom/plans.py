"""RT Plan and RT Ion Plan: prescription, fractions, beams and what they refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydicom.uid import RTIonPlanStorage

from sapar.proton.adapters.dicom import opening, tags
from sapar.proton.engine.selection.plan import Modality, Plan
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from sapar.proton.adapters.dicom.kinds import Found

MOST_FRACTIONS = 200
MOST_GY = 200.0


def read_plan(
    each: Found, names: dict[int, str] | None = None
) -> tuple[Plan | None, list[Problem]]:
    """A plan, and what is wrong with it.

    Args:
        each: the file.
        names: of structures by their number, for what is prescribed to.
    """
    opened = opening.opened(each.path)
    if opened is None:
        return None, [Problem.of("proton.study.unreadable", where=each.name, fatal=False)]
    dataset = opened.dataset
    found: list[Problem] = []
    if opening.broken_off(dataset):
        found.append(Problem.of("proton.study.truncated", where=each.name, fatal=False))
    beams, kinds = _beams(dataset)
    fractions = _fractions(dataset)
    if fractions is None:
        found.append(Problem.of("proton.study.no_fractions", where=each.name, fatal=False))
    dose, target = _prescription(dataset, names or {})
    if dose is None:
        found.append(Problem.of("proton.study.no_prescription", where=each.name, fatal=False))
    structures = tags.first(dataset, "ReferencedStructureSetSequence")
    plan = Plan(
        each.sop,
        tags.text(dataset, "RTPlanLabel", 64) or tags.text(dataset, "RTPlanName", 64),
        _modality(kinds, ion=each.sop_class == RTIonPlanStorage),
        fractions,
        dose,
        target,
        beams,
        tags.text(structures, "ReferencedSOPInstanceUID") if structures is not None else "",
        tags.text(dataset, "ApprovalStatus", 16),
    )
    return plan, found


def _modality(kinds: set[str], *, ion: bool = False) -> Modality:
    """Of the radiation of all beams that treat; a plan of ions is never one of photons."""
    if ion and not kinds <= {"PROTON", "ION"}:
        return Modality.OTHER
    if not kinds:
        return Modality.OTHER if ion else Modality.UNKNOWN
    if kinds == {"PHOTON"}:
        return Modality.PHOTON
    return Modality.PROTON if kinds == {"PROTON"} else Modality.OTHER


def _beams(dataset: Dataset) -> tuple[tuple[tuple[int, str, float | None], ...], set[str]]:
    """The beams that treat, and their radiation (of ions that are carbon: ION)."""
    found, kinds = [], set()
    for prefix in ("", "Ion"):
        for beam in tags.items(dataset, f"{prefix}BeamSequence"):
            delivery = tags.text(beam, "TreatmentDeliveryType").upper()
            number = tags.whole(beam, "BeamNumber")
            if number is None or delivery in {"SETUP", "OPEN_PORTFILM", "TRMT_PORTFILM"}:
                continue
            point = tags.first(beam, f"{prefix}ControlPointSequence")
            angle = None if point is None else tags.number(point, "GantryAngle")
            found.append((number, tags.text(beam, "BeamName", 64), angle))
            kinds.add(tags.text(beam, "RadiationType").upper())
    return tuple(found), kinds - {""}


def _fractions(dataset: Dataset) -> int | None:
    """All fractions of all groups, or None where a group does not say."""
    groups = [
        tags.whole(group, "NumberOfFractionsPlanned")
        for group in tags.items(dataset, "FractionGroupSequence")
    ]
    if not groups:
        return None
    total = 0
    for group in groups:
        if group is None:
            return None
        total += group
    return total if 0 < total <= MOST_FRACTIONS else None


def _prescription(dataset: Dataset, names: dict[int, str]) -> tuple[float | None, str]:
    """The highest dose prescribed to a target, and to which."""
    best: tuple[float, str] | None = None
    for item in tags.items(dataset, "DoseReferenceSequence"):
        dose = tags.number(item, "TargetPrescriptionDose")
        if dose is None or not 0 < dose <= MOST_GY:
            continue
        if best is None or dose > best[0]:
            number = tags.whole(item, "ReferencedROINumber")
            named = names.get(number, "") if number is not None else ""
            best = (dose, named or tags.text(item, "DoseReferenceDescription", 64))
    return best if best is not None else (None, "")
