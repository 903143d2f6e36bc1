"""A case with a planning study that is read and whose structures are named, and its comparisons."""

from __future__ import annotations

import copy
import json
import shutil
from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from sapar.kernel import context
from sapar.proton import phantoms
from sapar.proton.actions import selection as actions
from sapar.proton.actions import structure_names
from sapar.proton.adapters.volumes import keep
from sapar.proton.engine.selection.plan import Modality
from sapar.proton.jobs import selection as jobs
from sapar.proton.models import Selection, Study
from sapar.proton.queries import structure_names as naming
from sapar.proton.queries import studies
from sapar.proton.queries.selection import dose_folder
from sapar.values.marks import Mark, Source
from tests import cast, factories

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from sapar.cases.models import Case

SOURCE = Source("a test", None, Mark.DEMONSTRATION)
PATIENT = {
    "treatment": "primary",
    "baseline_xerostomia": "none",
    "baseline_dysphagia": "grade-0-1",
}
ADULT = {"site": "oropharynx", "protocol": "nipp-hnc", "age": 61, "patient": PATIENT}


@cache
def phantom(site: str, seed: int = 1) -> Any:
    """A small study of the house's own; made once, it does not change."""
    return phantoms.MAKERS[site](seed, size=phantoms.Size.SMALL)


@cache
def with_protons(site: str) -> Any:
    """The same patient with a proton plan that was sent beside the photon plan."""
    photon, proton = phantom(site), phantoms.MAKERS[site](1, modality=Modality.PROTON)
    return replace(
        photon, doses=(*photon.doses, proton.doses[0]), plans=(*photon.plans, *proton.plans)
    )


def studied(
    case: Case, site: str = "head-and-neck", *, named: bool = True, protons: bool = False
) -> UUID:
    """A study of a case as the reading job leaves it, its structures named by a physicist."""
    with context.writing_as("fixture"):
        row = Study(
            case=case, centre=case.centre, organisation=case.referring_organisation,
            source="upload", state=Study.State.READY, number=1, sha256="5" * 64, count=90,
            size=1_000_000, read_at=timezone.now(),
        )  # fmt: skip
        row.save()
    keep(with_protons(site) if protons else phantom(site), studies.folder_of(row.pk))
    if named:
        name_all(row.pk)
    return row.pk


def name_all(study: UUID) -> None:
    """Let a physicist say that every proposed name is right."""
    proposed = naming.names_of(study).proposed
    structure_names.confirm_names(by=cast.actor("askhat"), study=study, names=proposed)


def a_case(site: str = "head-and-neck", *, protons: bool = False, **facts: Any) -> Case:
    """A case in the panel with its study."""
    today = timezone.localdate()
    person = factories.make_person(born=facts.pop("born", today.replace(year=today.year - 61)))
    case = factories.make_case(state="in-panel", person=person, **facts)
    studied(case, site, protons=protons)
    return case


def asked(case: Case, stage: str = "zero", by: str = "askhat", **given: Any) -> UUID:
    """A comparison that is asked for and not worked out."""
    study = studies.study_of(case.pk)
    assert study is not None
    return actions.ask_selection(
        by=cast.actor(by), case=case.pk, stage=stage, given={**ADULT, **given},
        names=naming.names_of(study.id).confirmed,
    )  # fmt: skip


def worked(selection: UUID) -> Selection:
    """Work a comparison out, as the worker does."""
    jobs.keep_assessed(jobs.assess(selection=str(selection)), selection=str(selection))
    return Selection.objects.get(pk=selection)


_known: dict[str, tuple[dict[str, Any], Path | None]] = {}


def _worked_once(selection: UUID) -> Selection:
    """As `worked`; the same question is worked out once for all tests of a process."""
    row = Selection.objects.get(pk=selection)
    sent = (studies.folder_of(row.study_id) / "study.json").read_bytes()
    key = json.dumps([row.stage, row.given, row.names, row.seed, sha256(sent).hexdigest()])
    folder = dose_folder(row.study_id, row.pk)
    if key not in _known:
        found = jobs.assess(selection=str(selection))
        _known[key] = (found, folder if folder.exists() else None)
    found, kept = _known[key]
    if kept is not None and not folder.exists():
        shutil.copytree(kept, folder)
    jobs.keep_assessed(copy.deepcopy(found), selection=str(selection))
    return Selection.objects.get(pk=selection)


def compared(case: Case, stage: str = "zero", **given: Any) -> Selection:
    """A comparison with its answer."""
    return _worked_once(asked(case, stage, **given))


__all__ = [
    "ADULT",
    "PATIENT",
    "SOURCE",
    "a_case",
    "actions",
    "asked",
    "compared",
    "name_all",
    "phantom",
    "phantoms",
    "replace",
    "studied",
    "worked",
]
