"""Two comparisons for the demonstration: an adult whom the rule judges, a child whom it does not.

The studies are phantoms: nobody's anatomy, invented beams. They go to two cases of the
demonstration whose diagnoses fit, and say of them nothing that is true.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from sapar.cases.models import Case
from sapar.kernel import policy
from sapar.kernel.accounts.models import Membership, actor_for
from sapar.kernel.actors import Actor
from sapar.kernel.demonstration import require_demonstration
from sapar.kernel.roles import Role
from sapar.people import queries as persons
from sapar.proton import phantoms
from sapar.proton.actions import selection as actions
from sapar.proton.actions import structure_names
from sapar.proton.actions import studies as sending
from sapar.proton.models import PanelOpinion, Selection, Study
from sapar.proton.policy import Permission
from sapar.proton.queries import structure_names as naming

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.demonstration import Tell

ADULT = 18
BY = Actor.machine("demo")


@dataclass(frozen=True, slots=True)
class Shown:
    """A comparison to be made.

    Attributes:
        phantom: of `phantoms.MAKERS`.
        codes: ICD-10 codes of cases that it suits, the best first.
        child: whether the patient is one.
        given: site and covariates; made up.
        chosen, reason: what the panel decides, or "".
    """

    phantom: str
    codes: tuple[str, ...]
    child: bool
    given: dict[str, Any]
    chosen: str = ""
    reason: str = ""


WANTED = (
    Shown(
        phantom="head-and-neck",
        codes=("C10", "C09", "C01", "C02", "C05", "C12", "C13", "C32", "C07", "C08"),
        child=False,
        given={
            "site": "oropharynx",
            "patient": {
                "treatment": "primary", "baseline_xerostomia": "none",
                "baseline_dysphagia": "grade-0-1", "imrt": True,
            },
        },
    ),
    Shown(
        phantom="brain-child",
        codes=("C71.6", "C71.7", "C71.5"),
        child=True,
        given={"site": "brain", "patient": {}},
        chosen=PanelOpinion.Chosen.PROTONS,
        reason="Ребёнок: показание по списку, модели для взрослых не применяются.",
    ),
)  # fmt: skip


def _silent(done: int, total: int) -> None:
    """Say nothing."""


def _case(shown: Shown) -> Case | None:
    """A case with such a diagnosis and age; one that the panel has before it is taken first."""
    rows = [
        row
        for code in shown.codes
        for row in Case.objects.filter(icd10__startswith=code, programme="protons").exclude(
            review__in=["draft", "discarded"]
        )
        if row.person_id is not None and (_age(row) < ADULT) is shown.child
    ]
    rows = [row for row in rows if _sender(row) is not None]
    rows.sort(key=lambda row: row.review != "in-panel")
    return rows[0] if rows else None


def _age(row: Case) -> int:
    assert row.person_id is not None  # noqa: S101 - the caller has looked
    age = persons.person(row.person_id).age(timezone.localdate())
    return ADULT if age is None else age


def load(tell: Tell = _silent) -> None:
    """Send the studies and work the comparisons out; a case that has a study is left as it is."""
    require_demonstration()
    for done, shown in enumerate(WANTED, start=1):
        case = _case(shown)
        if case is not None and not Study.objects.filter(case=case).exists():
            with transaction.atomic():
                _one(case, shown)
        tell(done, len(WANTED))


def _one(case: Case, shown: Shown) -> None:
    from sapar.proton.jobs.selection import assess, keep_assessed  # noqa: PLC0415 - heavy

    study = _delivered(case, shown)
    proposed = naming.names_of(study).proposed
    structure_names.confirm_names(by=BY, study=study, names=proposed)
    given = {**shown.given, "age": _age(case)}
    made = actions.ask_selection(
        by=BY, case=case.pk, stage=Selection.Stage.ESTIMATE, given=given, names=proposed
    )
    # Worked out at once: the worker finds it answered, and works it out to the same bits.
    keep_assessed(assess(selection=str(made)), selection=str(made))
    if shown.chosen:
        actions.decide(by=BY, selection=made, chosen=shown.chosen, reason=shown.reason)


def _sender(case: Case) -> Actor | None:
    """Who refers at the hospital of a case and may still send a study for it."""
    memberships = Membership.objects.filter(
        organisation=case.referring_organisation_id, role=Role.REFERRER
    ).select_related("user")
    for each in memberships.order_by("created_at"):
        found = actor_for(each.user, case.referring_organisation_id)
        if policy.can(found, Permission.SEND_STUDY, case):
            return found
    return None


def _delivered(case: Case, shown: Shown) -> UUID:
    """The phantom as DICOM files in a package, sent and read as any other; the study's id."""
    from sapar.proton.jobs.studies import keep_study, read_study  # noqa: PLC0415 - heavy

    by = _sender(case)
    assert by is not None  # noqa: S101 - `_case` has looked
    package = _package(shown)
    upload, _again = sending.begin_upload(
        by=by, case=case.pk, name=f"{shown.phantom}.zip", total=len(package)
    )
    sending.append(by=by, upload=upload, offset=0, source=io.BytesIO(package))
    study = sending.finish_upload(
        by=by, upload=upload, whole_sha256=hashlib.sha256(package).hexdigest()
    )
    # Read at once, for the same reason as above.
    keep_study(read_study(study=str(study)), study=str(study))
    return study


def _package(shown: Shown) -> bytes:
    from sapar.proton.adapters.dicom.writing import write_study  # noqa: PLC0415 - pydicom

    found = phantoms.MAKERS[shown.phantom](1, size=phantoms.Size.SMALL)
    out = io.BytesIO()
    with TemporaryDirectory() as name, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in write_study(found, Path(name)):
            archive.write(path, path.name)
    return out.getvalue()
