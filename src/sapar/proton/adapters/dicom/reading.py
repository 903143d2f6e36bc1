"""Folders of DICOM files read as studies: what was taken, what was left and why.

Nothing is guessed and nothing raises for bad input: every mistake is a finding, and one bad file
loses nothing but itself. The order is: headers of all files, copies and contradictions, studies
and patients apart, then for each study its structure set, CT, plans and doses, then whether they
fit each other.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sapar.proton.adapters.dicom import grouping, opening, tags
from sapar.proton.adapters.dicom.assembling import Made, assemble
from sapar.proton.adapters.dicom.kinds import Kind
from sapar.proton.adapters.dicom.scan import scan
from sapar.proton.engine.selection.plan import Study
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sapar.proton.adapters.dicom.kinds import Found, Patient
    from sapar.proton.adapters.dicom.scan import Scan

MOST_YEARS = 130
AGES_APART = 2
"""Years: ages further apart are a contradiction, and not a CT older than its plan. Our choice."""
A_YEAR = {"Y": 1, "M": 12, "W": 52, "D": 365}


@dataclass(frozen=True, slots=True)
class Identity:
    """Of whom a study is, without saying it; not shown when printed.

    Attributes:
        patient_hash: BLAKE2 of the patient's key in hexadecimal, keyed by who asks; "" if none.
            Without a secret key a known ID can be tried, so do not publish it.
        sex: M, F, O or "".
        age: whole years at the plan, or None.
    """

    patient_hash: str = field(repr=False)
    sex: str = field(repr=False)
    age: int | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class File:
    """A file of a study.

    Attributes:
        name: its path within the folder.
        kind: ct, structures, dose, plan, enhanced.
        sop: SOP instance UID.
        taken: whether the study holds its content; if not, a finding says why.
    """

    name: str
    kind: str
    sop: str
    taken: bool


@dataclass(frozen=True, slots=True)
class ReadStudy:
    """One study of one patient.

    Attributes:
        study: what was taken.
        findings: what is wrong, and what was checked (`integrity.INFORMATION`).
        files: every file of it.
        identity: of whom.
    """

    study: Study
    findings: tuple[Problem, ...]
    files: tuple[File, ...]
    identity: Identity

    @property
    def fatal(self) -> bool:
        """Whether a finding forbids to use it."""
        return any(each.fatal for each in self.findings)


@dataclass(frozen=True, slots=True)
class Read:
    """What a folder held.

    Attributes:
        studies: those with a CT first.
        findings: of files that belong to no study.
        ignored: names of files by why they were left alone: "not_dicom", "record", "secondary",
            "directory", "other".
        files: how many files there were.
    """

    studies: tuple[ReadStudy, ...]
    findings: tuple[Problem, ...]
    ignored: dict[str, tuple[str, ...]]
    files: int

    @property
    def fatal(self) -> bool:
        """Whether nothing of it may be used."""
        return not self.studies or all(each.fatal for each in self.studies)


def read_study(folder: Path, *, key: bytes = b"") -> Read:
    """Read all studies below a folder; never raises for what the files hold.

    Args:
        folder: of files of any name and depth.
        key: secret for the hash of patients, at most 64 bytes.
    """
    with opening.quietly():
        seen = scan(folder)
        groups = grouping.groups(seen.found)
        studies = tuple(_study(group, key) for group in groups)
    return Read(
        _told_of_others(studies, groups), _folder(seen, len(groups)), seen.ignored, seen.files
    )


def _folder(seen: Scan, studies: int) -> tuple[Problem, ...]:
    """Findings of the folder as a whole."""
    found = list(seen.findings)
    for why, names in seen.ignored.items():
        found.append(
            Problem.of(
                "proton.study.ignored",
                where=names[0],
                value=why,
                count=len(names),
                kind_phrase=f"proton.study.kind.{why}",
                fatal=False,
            )
        )
    if not studies:
        found.append(Problem.of("proton.study.no_study", value=seen.files))
    elif studies > 1:
        found.append(Problem.of("proton.study.several_studies", count=studies, fatal=False))
    return tuple(found)


def _study(group: Sequence[Found], key: bytes) -> ReadStudy:
    try:
        made = assemble(group)
    except Exception as error:  # noqa: BLE001 - no file may stop a job; what was not foreseen is told
        # The type only: the text of an exception may hold what the file holds.
        kind = type(error).__name__
        made = Made(Study(None, (), ()), grouping.owner(group))
        made.findings.append(
            Problem.of("proton.study.not_understood", where=group[0].name, value=kind)
        )
    files = tuple(
        File(each.name, each.kind.value, each.sop, each.sop in made.taken) for each in group
    )
    identity, problems = _identity(group, made.owner, key)
    found = (*made.findings, *(each for each in problems if each not in made.findings))
    return ReadStudy(made.study, found, files, identity)


def _identity(
    group: Sequence[Found], owner: str, key: bytes
) -> tuple[Identity, tuple[Problem, ...]]:
    """Of whom, with the age at the plan (else at the structures, else at the CT).

    Where dates of birth and stated ages contradict each other the age is not known: models of
    adults decide for nobody who may be a child.
    """
    own = [each for each in group if each.patient.key == owner] or list(group)
    order = (Kind.PLAN, Kind.STRUCTURES, Kind.DOSE, Kind.CT)
    own.sort(key=lambda each: order.index(each.kind) if each.kind in order else len(order))
    hashed = hashlib.blake2b(owner.encode(), key=key[:64], digest_size=16).hexdigest()
    sex = next((each.patient.sex.upper() for each in own if each.patient.sex), "")
    said = [years for each in own for years in _ages(each.patient, each.date)]
    age = said[0] if said else None
    problems: tuple[Problem, ...] = ()
    if said and (max(said) - min(said) > AGES_APART or not 0 <= min(said) <= MOST_YEARS):
        age = None
        what = "proton.study.what.birth"
        problems = (Problem.of("proton.study.patient_differs", what_phrase=what, fatal=False),)
    return Identity(hashed if owner else "", sex if sex in {"M", "F", "O"} else "", age), problems


def _ages(patient: Patient, date: str) -> list[int]:
    """Whole years, from dates and as sent (PS3.5 6.2, AS: days, weeks, months or years)."""
    found = []
    born, at = tags.day(patient.birth), tags.day(date)
    if born is not None and at is not None:
        found.append(at.year - born.year - ((at.month, at.day) < (born.month, born.day)))
    number, unit = patient.age[:3], patient.age[3:].upper()
    if len(number) == 3 and number.isdecimal() and number.isascii() and unit in A_YEAR:
        found.append(int(number) // A_YEAR[unit])
    return found


def _told_of_others(
    studies: tuple[ReadStudy, ...], groups: list[tuple[Found, ...]]
) -> tuple[ReadStudy, ...]:
    """A study without structures or dose is told where the folder holds another patient's."""
    told = []
    for number, each in enumerate(studies):
        others = [g for n, g in enumerate(groups) if n != number]
        extra = []
        owner = grouping.owner(groups[number])
        for kind, lacking in (
            (Kind.STRUCTURES, not each.study.structures),
            (Kind.DOSE, not each.study.doses),
        ):
            strange = [
                f for g in others for f in g if f.kind is kind and f.patient.key not in ("", owner)
            ]
            if lacking and strange and each.study.image is not None:
                extra.append(
                    Problem.of(
                        "proton.study.other_patient",
                        where=strange[0].name,
                        what_phrase=kind.phrase,
                    )
                )
        told.append(ReadStudy(each.study, (*each.findings, *extra), each.files, each.identity))
    return tuple(told)
