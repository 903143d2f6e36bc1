"""What models foretold of patients who were treated, beside what happened: for the calibration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.outcomes.calibration import Calibration, calibrate
from sapar.proton.engine.outcomes.observed import Foretold, Seen, observed
from sapar.proton.models import Course, Grade, Selection
from sapar.proton.queries.course_facts import TREATED, CourseFacts, facts_of
from sapar.proton.queries.outcome_data import library

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from uuid import UUID

    from sapar.proton.engine.outcomes.library import Endpoint


@dataclass(frozen=True, slots=True)
class Compared:
    """An endpoint with its calibration.

    Attributes:
        models: names of the models that foretold it.
        unknown: patients of whom it is not known whether it happened; None for who may see no
            small counts.
    """

    endpoint: Endpoint
    group: str
    models: tuple[str, ...]
    calibration: Calibration
    unknown: int | None


def foretold(centre: UUID | None = None) -> tuple[Foretold, ...]:
    """Each endpoint of each treated patient for whom there was a prediction.

    The newest answered comparison of a case counts, and of it the risk of what was given: of the
    proton plan where protons were given, else of the photon plan. An estimated proton dose is no
    plan and foretells nothing here. A course with both kinds of radiation, or without a number
    for what was given, says nothing.

    Args:
        centre: only its courses; None is all.
    """
    said = Selection.objects.filter(state=Selection.State.DONE).values("case_id")
    rows = Course.objects.filter(state__in=TREATED, case__in=said).select_related("case")
    courses = list(rows.filter(centre_id=centre) if centre is not None else rows)
    facts = facts_of(courses)
    answers = _answers([course.case_id for course in courses if course.case_id])
    seen = _seen(courses)
    found: list[Foretold] = []
    for course in courses:
        one = facts[course.pk]
        answer = answers.get((one.case, one.modality))
        if answer is not None:
            found += _of_one(one, answer, seen.get(course.pk, []))
    return tuple(found)


STAGES = {
    "proton": (Selection.Stage.PLAN, Selection.Stage.SUBMITTED),
    "photon": tuple(Selection.Stage),
}
"""Which comparisons have a number for a plan of this kind; the photon plan is always a real one."""


def _answers(cases: Iterable[UUID]) -> dict[tuple[UUID, str], Mapping[str, Any]]:
    """By case and kind of radiation the newest comparison that has a number for it."""
    rows = Selection.objects.filter(case_id__in=list(cases), state=Selection.State.DONE)
    found: dict[tuple[UUID, str], Mapping[str, Any]] = {}
    for row in rows.only("case_id", "number", "stage", "answer").order_by("number"):
        for modality, stages in STAGES.items():
            if row.answer and row.stage in stages:
                found[row.case_id, modality] = row.answer
    return found


def _seen(courses: Iterable[Course]) -> dict[UUID, list[Seen]]:
    rows = Grade.objects.filter(
        visit__outcome__course__in=list(courses), visit__withdrawn_at__isnull=True
    ).values_list("visit__outcome__course_id", "visit__on", "term", "grade")
    found: dict[UUID, list[Seen]] = {}
    for course, day, term, grade in rows:
        found.setdefault(course, []).append(Seen(day, term, grade))
    return found


def _of_one(
    facts: CourseFacts, answer: Mapping[str, Any], seen: Iterable[Seen]
) -> Iterator[Foretold]:
    grades = list(seen)
    for said in answer.get("endpoints", ()):
        risk = said.get(facts.modality)
        if risk is None:
            continue
        for endpoint in library().endpoints.values():
            if endpoint.of != said.get("endpoint"):
                continue
            if said.get("grade") in (None, endpoint.grade):
                yield Foretold(
                    endpoint=endpoint.id,
                    predicted=float(risk),
                    observed=observed(endpoint, grades, end=facts.end),
                    group=facts.group,
                    model=", ".join(said.get("models", ())),
                )


def compared(rows: Iterable[Foretold], *, shared: bool, group: str = "") -> tuple[Compared, ...]:
    """Calibration of each endpoint that has a prediction, in the order of the data file.

    Args:
        rows: as `foretold` gives them.
        shared: for readers who may not see small cells.
        group: only this group of sites; "" is all.
    """
    rows = list(rows)
    wanted = [row for row in rows if not group or row.group == group]
    found = []
    for endpoint in library().endpoints.values():
        own = [row for row in wanted if row.endpoint == endpoint.id]
        if not own:
            continue
        pairs = _pairs(own)
        if shared and group and _subtracts([r for r in rows if r.endpoint == endpoint.id]):
            pairs = []  # nothing is told of fewer than `calibrate` allows
        found.append(
            Compared(
                endpoint=endpoint,
                group=group,
                models=tuple(sorted({row.model for row in own if row.model})),
                calibration=calibrate(pairs, shared=shared),
                unknown=None if shared else len(own) - len(pairs),
            )
        )
    return tuple(found)


def _pairs(rows: Iterable[Foretold]) -> list[tuple[float, int]]:
    """Prediction and observation, where it is known whether it happened."""
    return [(row.predicted, row.observed) for row in rows if row.observed is not None]


def _subtracts(rows: Iterable[Foretold]) -> bool:
    """Whether a group is too small to be shown: it would be all sites less the other groups."""
    groups: dict[str, list[Foretold]] = {}
    for row in rows:
        if row.observed is not None:
            groups.setdefault(row.group, []).append(row)
    return any(calibrate(_pairs(each), shared=True).suppressed for each in groups.values())
