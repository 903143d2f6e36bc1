"""The files of one study chosen, read and put together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from sapar.proton.adapters.dicom import grouping, integrity
from sapar.proton.adapters.dicom.doses import MOST_VOXELS, read_dose
from sapar.proton.adapters.dicom.images import read_image
from sapar.proton.adapters.dicom.kinds import Kind
from sapar.proton.adapters.dicom.plans import read_plan
from sapar.proton.adapters.dicom.structures import read_structures
from sapar.proton.engine.selection.plan import Modality, Study, Summation
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sapar.proton.adapters.dicom.kinds import Found
    from sapar.proton.engine.selection.plan import DoseGrid, Image, Plan, Structure

LACKING, MISSING = "proton.study.slices_not_sent", "proton.study.missing_slice"
BETWEEN = 0.25
"""Of the distance of two slices: a contour farther from both was drawn on another one."""
MOST_DOSE_VOXELS = 150_000_000
"""Of all doses of a study together: 600 MB. Plan sums come first."""


@dataclass(slots=True)
class Made:
    """A study as it grows.

    Attributes:
        study: at the end.
        owner: key of its patient.
        findings: what is wrong.
        taken: SOP instances whose content is in the study.
    """

    study: Study
    owner: str
    findings: list[Problem] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)


def assemble(group: Sequence[Found]) -> Made:
    """Choose, read and check the files of one study."""
    made = Made(Study(None, (), ()), grouping.owner(group))
    own = _of_patient(group, made)
    chosen = _one_set(own, made.findings)
    image, frame = _image(own, chosen, made)
    if not frame and chosen is not None:
        frame = chosen.frame
    structures = _structures(chosen, frame, made)
    said = {each.code for each in made.findings}
    if image is not None and LACKING in said and MISSING not in said:
        made.findings.extend(_missing_between(structures, image))
    plans = _plans(own, structures, made)
    doses = _doses(own, plans, frame, made)
    made.study = Study(image, structures, doses, plans, frame, "" if chosen is None else chosen.sop)
    # What was refused was there: that it is missing would be said twice, and be misleading.
    refused = any(each.fatal for each in made.findings)
    hidden = {
        "proton.study.no_ct": refused and _has(group, Kind.CT),
        "proton.study.no_structures": refused and _has(group, Kind.STRUCTURES),
        "proton.study.no_dose": refused and _has(group, Kind.DOSE),
        "proton.study.proton_physical": any(
            each.code == "proton.study.proton_type" for each in made.findings
        ),
    }
    for each in integrity.check(made.study):
        if not hidden.get(each.code, False) and each not in made.findings:
            made.findings.append(each)
    return made


def _has(group: Sequence[Found], kind: Kind) -> bool:
    return any(each.kind is kind for each in group)


def _of_patient(group: Sequence[Found], made: Made) -> list[Found]:
    """The files of the study's patient; those of others are told and left out.

    A plan under another patient's ID is taken where a dose names it by its UID: edited plans are
    often exported under a test patient, and the dose was computed from that very instance.
    """
    if not made.owner:
        made.findings.append(Problem.of("proton.study.no_patient", fatal=False))
    patient = next(
        (each.patient for each in group if each.patient.key == made.owner), group[0].patient
    )
    named = {uid for each in group if each.kind is Kind.DOSE for uid in each.refers}
    own = []
    for each in group:
        if each.contradicted:
            made.findings.append(
                Problem.of("proton.study.conflict", where=each.contradicted, value=each.sop)
            )
        elif not each.patient.differs(patient):
            own.append(each)
        elif each.kind is Kind.PLAN:
            linked = each.sop in named
            if linked:
                own.append(each)
            made.findings.append(
                Problem.of("proton.study.plan_of_other_patient", where=each.name, fatal=False)
            )
        else:
            made.findings.append(
                Problem.of(
                    "proton.study.other_patient",
                    where=each.name,
                    what_phrase=each.kind.phrase,
                )
            )
    known = [each.patient for each in own if each.patient.key == made.owner]
    for what in ("birth", "sex"):
        if len({getattr(p, what) for p in known} - {""}) > 1:
            made.findings.append(
                Problem.of(
                    "proton.study.patient_differs",
                    what_phrase=f"proton.study.what.{what}",
                    fatal=False,
                )
            )
    burned = [each.name for each in own if each.burned]
    if burned:
        made.findings.append(
            Problem.of("proton.study.burned_in", where=burned[0], count=len(burned), fatal=False)
        )
    return own


def _one_set(own: Sequence[Found], found: list[Problem]) -> Found | None:
    """The structure set: the only one, or the one that the plans refer to."""
    sets = [each for each in own if each.kind is Kind.STRUCTURES]
    if len(sets) < 2:
        return sets[0] if sets else None
    wanted = {uid for each in own if each.kind is Kind.PLAN for uid in each.refers}
    named = [each for each in sets if each.sop in wanted]
    names = ", ".join(each.name for each in sets[:4])
    if len(named) == 1:
        found.append(
            Problem.of("proton.study.set_chosen", where=named[0].name, value=names, fatal=False)
        )
        return named[0]
    found.append(Problem.of("proton.study.two_sets", where=names, count=len(sets)))
    return None


def _structures(chosen: Found | None, frame: str, made: Made) -> tuple[Structure, ...]:
    """The structures that lie in the CT's frame of reference."""
    if chosen is None or not _same_frame(chosen, frame, made.findings):
        return ()
    structures, problems = read_structures(chosen, frame)
    made.findings.extend(problems)
    if structures:
        made.taken.add(chosen.sop)
    return structures


def _image(own: Sequence[Found], chosen: Found | None, made: Made) -> tuple[Image | None, str]:
    """The CT and its frame of reference."""
    slices = [each for each in own if each.kind is Kind.CT]
    enhanced = next((each for each in own if each.kind is Kind.ENHANCED), None)
    if enhanced is not None:
        made.findings.append(
            Problem.of("proton.study.enhanced", where=enhanced.name, fatal=not slices)
        )
    overviews = [each for each in slices if each.plane.localiser]
    if overviews:
        made.findings.append(
            Problem.of(
                "proton.study.overview",
                where=overviews[0].name,
                count=len(overviews),
                fatal=False,
            )
        )
    series: dict[str, list[Found]] = {}
    for each in slices:
        if not each.plane.localiser:
            series.setdefault(each.series, []).append(each)
    if not series:
        return None, ""
    one = _one_series(series, chosen, made.findings)
    if one is None:
        return None, ""
    image, problems = read_image(one)
    made.findings.extend(problems)
    if chosen is not None:
        made.findings.extend(_slices_named(chosen, one))
    frame = _frame_of(one, made.findings)
    if image is not None:
        made.taken.update(each.sop for each in one)
    return image, frame


def _frame_of(slices: Sequence[Found], found: list[Problem]) -> str:
    """The frame of reference of a series; several are refused, and none is told."""
    frames = Counter(each.frame for each in slices)
    where, what = slices[0].name, Kind.CT.phrase
    if len(frames) > 1:
        found.append(Problem.of("proton.study.frame_differs", where=where, what_phrase=what))
    elif not slices[0].frame:
        found.append(
            Problem.of("proton.study.no_frame", where=where, what_phrase=what, fatal=False)
        )
    return frames.most_common(1)[0][0]


def _slices_named(chosen: Found, slices: Sequence[Found]) -> list[Problem]:
    """Whether the slices that the structures were drawn on were all sent.

    This finds what the distances of slices cannot show: a series that lacks its ends.
    """
    sent = {each.sop for each in slices}
    named = {sop for uid, sop in chosen.images if uid == slices[0].series}
    if chosen.images and not named and not sent & {sop for _, sop in chosen.images}:
        return [Problem.of("proton.study.set_of_other_ct", where=chosen.name, fatal=False)]
    lacking = len(named - sent)
    if not lacking:
        return []
    return [
        Problem.of(
            "proton.study.slices_not_sent",
            where=chosen.name,
            count=lacking,
            of=len(named),
            fatal=False,
        )
    ]


def _missing_between(structures: tuple[Structure, ...], image: Image) -> list[Problem]:
    """A slice that was named and not sent, where contours were drawn on it between two others.

    Where every second one is missing, the distances of slices show nothing.
    """
    drawn = np.unique([c.z for each in structures for c in each.contours])
    z = image.grid.z
    if len(z) < 2 or not len(drawn):
        return []
    above = np.clip(np.searchsorted(z, drawn), 1, len(z) - 1)
    low, high = z[above - 1], z[above]
    within = np.minimum(drawn - low, high - drawn) > BETWEEN * (high - low)
    if not within.any():
        return []
    at = int(np.argmax(within))
    return [Problem.of(MISSING, low=f"{low[at]:g}", high=f"{high[at]:g}")]


def _one_series(
    series: dict[str, list[Found]], chosen: Found | None, found: list[Problem]
) -> list[Found] | None:
    """The CT series: the only one, or the one whose slices the structure set refers to."""
    if len(series) == 1:
        return next(iter(series.values()))
    wanted = frozenset() if chosen is None else chosen.refers
    named = [
        uid
        for uid, each in series.items()
        if uid in wanted or any(one.sop in wanted for one in each)
    ]
    names = "; ".join(
        f"{each[0].label or each[0].name} ({len(each)})" for each in list(series.values())[:4]
    )
    if len(named) == 1:
        one = series[named[0]]
        found.append(
            Problem.of(
                "proton.study.ct_chosen",
                where=one[0].name,
                value=names,
                label=one[0].label or one[0].name,
                count=len(series),
                fatal=False,
            )
        )
        return one
    found.append(Problem.of("proton.study.two_ct", value=names, count=len(series)))
    return None


def _same_frame(each: Found, frame: str, found: list[Problem]) -> bool:
    """Whether a file is in the frame of reference of the CT; a problem where it is not."""
    if not frame or each.frame == frame or frame in each.refers:
        return True
    if not each.frame:
        found.append(
            Problem.of(
                "proton.study.no_frame",
                where=each.name,
                what_phrase=each.kind.phrase,
                fatal=False,
            )
        )
        return True
    found.append(
        Problem.of(
            "proton.study.frame_differs",
            where=each.name,
            what_phrase=each.kind.phrase,
        )
    )
    return False


def _plans(own: Sequence[Found], structures: tuple[Structure, ...], made: Made) -> tuple[Plan, ...]:
    names = {each.number: each.name for each in structures}
    plans = []
    for each in own:
        if each.kind is Kind.PLAN:
            plan, problems = read_plan(each, names)
            made.findings.extend(problems)
            if plan is not None:
                plans.append(plan)
                made.taken.add(each.sop)
    return tuple(plans)


def _modality(dose: DoseGrid, each: Found, plans: dict[str, Modality]) -> Modality:
    """Of the plan of a dose; of a sum of plans theirs, if they agree and all were sent."""
    if dose.summation is not Summation.MULTI_PLAN:
        return plans.get(dose.plan_uid, Modality.UNKNOWN)
    kinds = {plans[uid] for uid in each.refers if uid in plans}
    if len(kinds) > 1:
        return Modality.OTHER
    return kinds.pop() if kinds else Modality.UNKNOWN


def _rbe_unsaid(dose: DoseGrid, problems: list[Problem]) -> list[Problem]:
    """A proton dose of a course that does not say its type may have its RBE or not: refused.

    Of photons both types are one number, so that there it is only told (DoseType is of type 1 in
    PS3.3 C.8.8.3: a file without it is broken).
    """
    if dose.modality is not Modality.PROTON or dose.summation not in integrity.SUMS:
        return problems
    return [
        Problem.of("proton.study.proton_type", where=each.where, value=each.value)
        if each.code == "proton.study.dose_type"
        else each
        for each in problems
    ]


def _doses(
    own: Sequence[Found], plans: tuple[Plan, ...], frame: str, made: Made
) -> tuple[DoseGrid, ...]:
    """The doses in the CT's frame, sums of plans first, as many as memory allows."""
    modality = {plan.uid: plan.modality for plan in plans}
    files = sorted(
        (each for each in own if each.kind is Kind.DOSE),
        key=lambda each: (each.summation not in integrity.SUMS, each.name),
    )
    doses: list[DoseGrid] = []
    room = MOST_DOSE_VOXELS
    for each in files:
        if not _same_frame(each, frame, made.findings):
            continue
        rows, columns, frames = each.plane.shape
        size = rows * columns * frames
        if room < size <= MOST_VOXELS:
            needed = each.summation in integrity.SUMS
            made.findings.append(
                Problem.of("proton.study.too_many_doses", where=each.name, fatal=needed)
            )
            continue
        dose, problems = read_dose(each)
        if dose is not None:
            room -= size
            dose = replace(dose, modality=_modality(dose, each, modality))
            problems = _rbe_unsaid(dose, problems)
            doses.append(dose)
            made.taken.add(each.sop)
        made.findings.extend(problems)
    sums = [dose for dose in doses if dose.summation in integrity.SUMS]
    sums.sort(key=lambda dose: dose.summation.value)  # MULTI_PLAN holds what PLAN holds, and more
    parts = [dose for dose in doses if dose.summation not in integrity.SUMS]
    parts.sort(key=lambda dose: (dose.plan_uid, dose.beam or 0))
    return (*sums, *parts)
