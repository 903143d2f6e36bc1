"""What a scan knows of a DICOM file."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Kind(StrEnum):
    """What a file is."""

    CT = "ct"
    STRUCTURES = "structures"
    DOSE = "dose"
    PLAN = "plan"
    RECORD = "record"
    SECONDARY = "secondary"
    ENHANCED = "enhanced"
    DIRECTORY = "directory"
    OTHER = "other"

    @property
    def phrase(self) -> str:
        """The code of its name."""
        return f"proton.study.what.{self.value}"


USED = frozenset({Kind.CT, Kind.STRUCTURES, Kind.DOSE, Kind.PLAN})


@dataclass(frozen=True, slots=True)
class Patient:
    """Who a file says it is of; never printed.

    Attributes:
        id, name, birth, sex, age: as sent.
    """

    id: str = field(repr=False)
    name: str = field(repr=False)
    birth: str = field(repr=False)
    sex: str = field(repr=False)
    age: str = field(repr=False, default="")

    @property
    def key(self) -> str:
        """What tells patients apart: the ID, else name and date of birth; "" where neither is."""
        if self.id:
            return f"id:{self.id.casefold()}"
        return f"name:{self.name.casefold()}/{self.birth}" if self.name else ""

    def differs(self, other: Patient) -> bool:
        """Whether two files are of different people, by what both of them say."""
        if self.id and other.id and self.id.casefold() == other.id.casefold():
            # Two hospitals may give one number: two names and two dates of birth are two people.
            names = self.name and other.name and self.name.casefold() != other.name.casefold()
            return bool(names and self.birth and other.birth and self.birth != other.birth)
        if self.id and other.id:
            return True
        return bool(self.name and other.name) and self.key_of_name != other.key_of_name

    @property
    def key_of_name(self) -> str:
        """Name and date of birth."""
        return f"{self.name.casefold()}/{self.birth}"


@dataclass(frozen=True, slots=True)
class Plane:
    """Where an image lies.

    Attributes:
        position: (x, y, z) mm of the first pixel; () where it does not say.
        orientation: six direction cosines; ().
        spacing: (between rows, between columns) mm; ().
        shape: (rows, columns, frames).
        tilt: gantry tilt, degrees.
        number: instance number.
        position_code: HFS, FFS ...
        localiser: an overview image.
    """

    position: tuple[float, ...]
    orientation: tuple[float, ...]
    spacing: tuple[float, ...]
    shape: tuple[int, int, int]
    tilt: float
    number: int | None
    position_code: str
    localiser: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A DICOM file by its header.

    Attributes:
        path: the file.
        name: its path within the folder.
        size: bytes.
        kind: what it is.
        sop, sop_class, series, study, frame: UIDs, "" where it does not say.
        syntax: transfer syntax UID, "" where it does not say.
        patient: of whom.
        refers: UIDs of instances, series and frames of reference that it refers to.
        images: (series, SOP instance) of the slices that a structure set was drawn on.
        plane: for CT and dose.
        date: of the plan, series or study, as sent.
        label: description of the series.
        scanner: manufacturer, model and kVp.
        summation: of a dose.
        burned: says that a person's data are in the pixels.
        body: where the data begin, in bytes.
        contradicted: names of files that give the same instance other content.
    """

    path: Path
    name: str
    size: int
    kind: Kind
    sop: str
    sop_class: str
    series: str
    study: str
    frame: str
    syntax: str
    patient: Patient
    refers: frozenset[str]
    images: frozenset[tuple[str, str]]
    plane: Plane
    date: str
    label: str
    scanner: str
    summation: str
    burned: bool
    body: int
    contradicted: str = ""
