"""The cases that have a planning study, and how far their comparison is: the work list of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.cases.models import Case
from sapar.kernel import policy
from sapar.kernel.jobs.models import JobEntry
from sapar.kernel.jobs.models import State as JobState
from sapar.proton.models import PanelOpinion, Selection, Study
from sapar.proton.policy import Permission

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from sapar.kernel.actors import Actor

MOST = 200


@dataclass(frozen=True, slots=True)
class Compared:
    """One case of the list.

    Attributes:
        case, number: of the case.
        referrer: the organisation that refers.
        came_at: when its study came: the one that counts, else the newest.
        state: "to-compare", "running", "failed", "done", or of the study "receiving", "checking",
            "refused". A study that came after the comparison makes it "to-compare" again.
        verdict: of the newest version of this study, or "".
        chosen, agreement: of the panel's last opinion on that version, or "".
    """

    case: UUID
    number: str
    referrer: UUID
    came_at: datetime
    state: str
    verdict: str = ""
    chosen: str = ""
    agreement: str = ""


def compared(by: Actor) -> list[Compared]:
    """The actor's cases with a study: those to be compared first, then the newest."""
    rows = (
        Study.objects.filter(
            case__in=policy.visible_to(by, Permission.SEE_SELECTION, Case.objects.all()),
            superseded_by=None,
        )
        .exclude(state=Study.State.ERASED)
        .select_related("case")
        .order_by("-created_at")[:MOST]
    )
    shown: dict[Case, Study] = {}
    for row in rows:
        if row.case is None:
            continue
        kept = shown.setdefault(row.case, row)
        if row.state == Study.State.READY and kept.state != Study.State.READY:
            shown[row.case] = row
    newest = _newest(shown)
    said, lost = _said(newest.values()), _lost(newest.values())
    found = [
        _line(case, row, newest.get((case.pk, row.sha256)), said, lost)
        for case, row in shown.items()
    ]
    return sorted(found, key=lambda each: each.state != "to-compare")


def _newest(cases: Iterable[Case]) -> dict[tuple[UUID, str], Selection]:
    """The newest version of each case and study; the same files sent again are the same study."""
    rows = Selection.objects.filter(case__in=cases).defer("question", "answer")
    return {(row.case_id, row.study_digest): row for row in rows.order_by("number")}


def _said(rows: Iterable[Selection]) -> dict[UUID, PanelOpinion]:
    """The panel's last word on each version."""
    said = PanelOpinion.objects.filter(selection__in=rows).order_by("at", "pk")
    return {each.selection_id: each for each in said}


def _lost(rows: Iterable[Selection]) -> set[UUID]:
    """The jobs of those asked for that will bring no answer any more."""
    jobs = [row.job for row in rows if row.state == Selection.State.ASKED]
    ended = JobEntry.objects.filter(pk__in=jobs, state__in=[JobState.FAILED, JobState.CANCELLED])
    return set(ended.values_list("pk", flat=True))


def _line(
    case: Case,
    row: Study,
    seen: Selection | None,
    said: dict[UUID, PanelOpinion],
    lost: set[UUID],
) -> Compared:
    state, verdict = str(row.state), ""
    if row.state == Study.State.READY:
        state = "to-compare" if seen is None else _state(seen, lost)
        verdict = seen.verdict if seen is not None and state == "done" else ""
    last = said.get(seen.pk) if seen is not None else None
    return Compared(
        case.pk, case.number, case.referring_organisation_id, row.created_at,
        state, verdict, last.chosen if last else "", last.agreement if last else "",
    )  # fmt: skip


def _state(seen: Selection, lost: set[UUID]) -> str:
    if seen.state != Selection.State.ASKED:
        return "done" if seen.state == Selection.State.DONE else "failed"
    return "failed" if seen.job in lost else "running"
