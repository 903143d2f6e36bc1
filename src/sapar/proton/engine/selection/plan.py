"""A patient's planning study as arrays: the image, the contours, the dose grids, the plans.

All lengths are mm in the patient coordinate system of DICOM (PS3.3 C.7.6.2.1.1: x to the patient's
left, y to the back, z to the head), doses Gy, volumes cm³ ("cc"). Reading DICOM is the work of
`proton.adapters.dicom`; what is here knows no file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A grid of voxel centres along the patient's axes; planes may be unevenly spaced.

    Attributes:
        x: (nx,) mm, ascending, evenly spaced.
        y: (ny,) mm, ascending, evenly spaced.
        z: (nz,) mm, ascending; the distance between planes may vary.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    z: NDArray[np.float64]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(nz, ny, nx), the order of every array on this grid."""
        return len(self.z), len(self.y), len(self.x)

    @property
    def spacing(self) -> tuple[float, float]:
        """(dx, dy) in mm; 0.0 along an axis of one voxel."""
        return (
            float(self.x[1] - self.x[0]) if len(self.x) > 1 else 0.0,
            float(self.y[1] - self.y[0]) if len(self.y) > 1 else 0.0,
        )


class DoseType(StrEnum):
    """Whether a relative biological effectiveness is already in the numbers (3004,0004)."""

    PHYSICAL = "PHYSICAL"
    EFFECTIVE = "EFFECTIVE"


class Summation(StrEnum):
    """What a dose grid is the sum of (3004,000A)."""

    PLAN = "PLAN"
    MULTI_PLAN = "MULTI_PLAN"
    PLAN_OVERVIEW = "PLAN_OVERVIEW"
    FRACTION = "FRACTION"
    BEAM = "BEAM"
    BRACHY = "BRACHY"
    FRACTION_SESSION = "FRACTION_SESSION"
    BEAM_SESSION = "BEAM_SESSION"
    CONTROL_POINT = "CONTROL_POINT"
    RECORD = "RECORD"
    OTHER = "OTHER"


class Modality(StrEnum):
    """What a plan or a dose was made for."""

    PHOTON = "photon"
    PROTON = "proton"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, eq=False)
class DoseGrid:
    """Absorbed dose of a whole course on a grid, unless `summation` says otherwise.

    Attributes:
        grid: where the voxel centres lie.
        gy: (nz, ny, nx) float32, Gy (Gy(RBE) where `dose_type` is EFFECTIVE).
        dose_type: whether an RBE is in the numbers.
        summation: what it is the sum of.
        modality: of the plan that it belongs to.
        uid: SOP instance UID, or a name for a computed grid.
        plan_uid: SOP instance UID of the plan that it refers to, or "".
        beam: number of the beam where `summation` is BEAM, else None.
    """

    grid: Grid
    gy: NDArray[np.float32]
    dose_type: DoseType = DoseType.PHYSICAL
    summation: Summation = Summation.PLAN
    modality: Modality = Modality.UNKNOWN
    uid: str = ""
    plan_uid: str = ""
    beam: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """A CT.

    Attributes:
        grid: where the voxel centres lie.
        hu: (nz, ny, nx) int16, Hounsfield units.
        scanner: manufacturer, model and kVp as sent, for the stopping-power curve.
    """

    grid: Grid
    hu: NDArray[np.int16]
    scanner: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Contour:
    """One closed planar polygon in a plane of constant z.

    Attributes:
        z: mm.
        points: (n, 2) mm, x and y; the last point is joined to the first.
    """

    z: float
    points: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """A region of interest. Contours in one plane combine by exclusive or: that is how holes come.

    Attributes:
        number: ROI number.
        name: as the sender named it.
        contours: by plane, in any order.
        role: RT ROI interpreted type (3006,00A4): PTV, CTV, GTV, ORGAN, EXTERNAL, AVOIDANCE, or "".
        colour: (r, g, b), or None.
    """

    number: int
    name: str
    contours: tuple[Contour, ...]
    role: str = ""
    colour: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is needed of an RT Plan or RT Ion Plan.

    Attributes:
        uid: SOP instance UID.
        label: as the sender named it.
        modality: photon, proton, other.
        fractions: planned fractions, or None where the plan does not say.
        prescription_gy: dose to the target over the course, or None.
        prescribed_to: name or number of what it is prescribed to, or "".
        beams: (number, name, gantry angle in degrees of the first control point or None).
        structures_uid: SOP instance UID of the structure set, or "".
        approved: approval status, or "".
    """

    uid: str
    label: str
    modality: Modality
    fractions: int | None = None
    prescription_gy: float | None = None
    prescribed_to: str = ""
    beams: tuple[tuple[int, str, float | None], ...] = ()
    structures_uid: str = ""
    approved: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """Everything about one patient's plan that selection looks at; nothing names the patient.

    Attributes:
        image: the planning CT, or None where it was not sent.
        structures: the structure set.
        doses: every dose grid, plan sums and beams.
        plans: the plans.
        frame: frame of reference UID.
        structures_uid: SOP instance UID of the structure set.
    """

    image: Image | None
    structures: tuple[Structure, ...]
    doses: tuple[DoseGrid, ...]
    plans: tuple[Plan, ...] = ()
    frame: str = ""
    structures_uid: str = ""
    notes: dict[str, str] = field(default_factory=dict)

    def structure(self, name: str) -> Structure | None:
        """The structure of that name as sent, or None."""
        return next((each for each in self.structures if each.name == name), None)

    def course_dose(self, modality: Modality | None = None) -> DoseGrid | None:
        """The plan sum of a modality (any, where None); None where no such grid was sent."""
        sums = [d for d in self.doses if d.summation in (Summation.PLAN, Summation.MULTI_PLAN)]
        if modality is not None:
            sums = [d for d in sums if d.modality is modality]
        return sums[0] if sums else None
