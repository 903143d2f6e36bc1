"""The modules of RT Plan and RT Ion Plan that readers need, and what PS3.3 demands beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydicom import uid as known
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from sapar.proton.engine.selection.plan import Modality

if TYPE_CHECKING:
    from datetime import datetime

    from sapar.proton.engine.selection.plan import Plan, Study


def fill(made: Dataset, plan: Plan, study: Study, when: datetime) -> None:
    """Add what a plan says to a data set that has the common modules.

    Args:
        made: changed in place.
        plan: what is said.
        study: for the number of the structure that is prescribed to.
        when: date and time of the plan.
    """
    made.RTPlanLabel = plan.label[:16] or "plan"
    made.RTPlanDate, made.RTPlanTime = f"{when:%Y%m%d}", f"{when:%H%M%S}"
    made.RTPlanGeometry = "PATIENT"
    if plan.structures_uid:
        reference = Dataset()
        reference.ReferencedSOPClassUID = known.RTStructureSetStorage
        reference.ReferencedSOPInstanceUID = plan.structures_uid
        made.ReferencedStructureSetSequence = Sequence([reference])
    if plan.prescription_gy is not None:
        made.DoseReferenceSequence = Sequence([_prescription(plan, study)])
    made.FractionGroupSequence = Sequence([_group(plan)])
    setup = Dataset()
    setup.PatientSetupNumber, setup.PatientPosition = "1", "HFS"
    made.PatientSetupSequence = Sequence([setup])
    if plan.modality is Modality.PROTON:
        made.IonBeamSequence = Sequence([_ion_beam(beam) for beam in plan.beams])
    else:
        made.BeamSequence = Sequence([_beam(plan, beam) for beam in plan.beams])
    made.ApprovalStatus = plan.approved or "UNAPPROVED"
    if made.ApprovalStatus != "UNAPPROVED":
        made.ReviewDate, made.ReviewTime = f"{when:%Y%m%d}", f"{when:%H%M%S}"
        made.ReviewerName = "Sapar^Made"


def _prescription(plan: Plan, study: Study) -> Dataset:
    found = Dataset()
    found.DoseReferenceNumber = "1"
    target = study.structure(plan.prescribed_to)
    found.DoseReferenceStructureType = "SITE" if target is None else "VOLUME"
    if target is not None:
        found.ReferencedROINumber = str(target.number)
    found.DoseReferenceDescription = plan.prescribed_to
    found.DoseReferenceType = "TARGET"
    found.TargetPrescriptionDose = f"{plan.prescription_gy:.10g}"
    return found


def _group(plan: Plan) -> Dataset:
    found = Dataset()
    found.FractionGroupNumber = "1"
    found.NumberOfFractionsPlanned = "" if plan.fractions is None else str(plan.fractions)
    found.NumberOfBeams, found.NumberOfBrachyApplicationSetups = str(len(plan.beams)), "0"
    beams = []
    for number, _name, _angle in plan.beams:
        beam = Dataset()
        beam.ReferencedBeamNumber = str(number)
        beams.append(beam)
    found.ReferencedBeamSequence = Sequence(beams)
    return found


def _common(beam: tuple[int, str, float | None]) -> Dataset:
    number, name, _ = beam
    found = Dataset()
    found.BeamNumber, found.BeamName = str(number), name
    found.BeamType, found.TreatmentMachineName = "STATIC", "PHANTOM"
    found.PrimaryDosimeterUnit, found.TreatmentDeliveryType = "MU", "TREATMENT"
    found.NumberOfWedges = found.NumberOfCompensators = found.NumberOfBoli = "0"
    found.NumberOfBlocks, found.NumberOfControlPoints = "0", "2"
    found.FinalCumulativeMetersetWeight = "1"
    return found


def _points(angle: float | None) -> list[Dataset]:
    """The first and the last control point."""
    first, last = Dataset(), Dataset()
    first.ControlPointIndex, last.ControlPointIndex = "0", "1"
    first.CumulativeMetersetWeight, last.CumulativeMetersetWeight = "0", "1"
    if angle is not None:
        first.GantryAngle, first.GantryRotationDirection = f"{angle:.10g}", "NONE"
    first.PatientSupportAngle, first.PatientSupportRotationDirection = "0", "NONE"
    first.IsocenterPosition = ["0", "0", "0"]
    return [first, last]


def _beam(plan: Plan, beam: tuple[int, str, float | None]) -> Dataset:
    found = _common(beam)
    found.RadiationType = "PHOTON" if plan.modality is not Modality.OTHER else "ELECTRON"
    jaw = Dataset()
    jaw.RTBeamLimitingDeviceType, jaw.NumberOfLeafJawPairs = "ASYMX", "1"
    found.BeamLimitingDeviceSequence = Sequence([jaw])
    points = _points(beam[2])
    points[0].NominalBeamEnergy = "6"
    points[0].BeamLimitingDeviceAngle = "0"
    points[0].BeamLimitingDeviceRotationDirection = "NONE"
    found.ControlPointSequence = Sequence(points)
    return found


def _ion_beam(beam: tuple[int, str, float | None]) -> Dataset:
    found = _common(beam)
    found.RadiationType, found.ScanMode = "PROTON", "MODULATED"
    found.ModulatedScanModeType = "STATIONARY"
    found.VirtualSourceAxisDistances = [2000.0, 2000.0]
    for kind in ("RangeShifters", "LateralSpreadingDevices", "RangeModulators"):
        setattr(found, f"NumberOf{kind}", "0")
    found.PatientSupportType = "TABLE"
    points = _points(beam[2])
    points[0].NominalBeamEnergy = "150"
    for point in points:
        # One spot, so that the file is whole; the plan itself is in its dose.
        point.ScanSpotTuneID, point.NumberOfScanSpotPositions = "1", 1
        point.ScanSpotPositionMap, point.NumberOfPaintings = [0.0, 0.0], 1
        point.ScanSpotMetersetWeights = 1.0 if point is points[0] else 0.0
        point.ScanningSpotSize = [10.0, 10.0]
    found.IonControlPointSequence = Sequence(points)
    return found
