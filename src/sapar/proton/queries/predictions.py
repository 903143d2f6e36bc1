"""What models foretold of patients who were treated, beside what happened: for the calibration."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from sapar.proton.data_files import knowledge
from sapar.proton.engine.outcomes.calibration import Calibration, calibrate
from sapar.proton.engine.outcomes.observed import (
    KEPT,
    LEFT_OUT,
    UNKNOWN,
    Foretold,
    Seen,
    at_baseline,
    baseline,
    observed,
)
from sapar.proton.models import Course, Grade, Selection
from sapar.proton.queries.course_facts import TREATED, CourseFacts, facts_of
from sapar.proton.queries.outcome_data import library

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from sapar.proton.engine.outcomes.library import Endpoint
    from sapar.proton.engine.selection.models.library import Library as Models


@dataclass(frozen=True, slots=True)
class Counted:
    """Some patients: how many, how many had the complication, and how many were foretold to."""

    count: int
    events: int
    expected: float


@dataclass(frozen=True, slots=True)
class AtBaseline:
    """Who had the complication before treatment, of those of whom it is known what came.

    Attributes:
        left_out: had it, and the models do not know of it: they are not in the calibration.
        kept: had it, and the models took it into account: they are in it.
        unknown: nobody looked before treatment, and the models do not ask: they are in it.
    """

    left_out: Counted
    kept: Counted
    unknown: Counted


@dataclass(frozen=True, slots=True)
class Compared:
    """An endpoint with its calibration.

    Attributes:
        models: names of the models that foretold it.
        unknown: patients of whom it is not known whether it happened; None for who may see no
            small counts.
        asks: whether every model that foretold takes the complication at baseline as a predictor.
        at_baseline: who had it before treatment; None for who may see no small counts.
    """

    endpoint: Endpoint
    group: str
    models: tuple[str, ...]
    calibration: Calibration
    unknown: int | None
    asks: bool
    at_baseline: AtBaseline | None


def foretold(centre: UUID | None = None) -> tuple[Foretold, ...]:
    """Each endpoint of each treated patient for whom there was a prediction.

    The newest answered comparison that was asked before the first fraction counts (where none was,
    as for patients entered afterwards, the newest), and of it the risk of what was given: of the
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
    answers = _answers({one.case: one.start for one in facts.values()})
    seen = _seen(courses)
    models = knowledge()[0]  # once: the file is looked at each time
    found: list[Foretold] = []
    for course in courses:
        one = facts[course.pk]
        answer = answers.get((one.case, one.modality))
        if answer is not None:
            found += _of_one(one, answer, seen.get(course.pk, []), models)
    return tuple(found)


STAGES = {
    "proton": (Selection.Stage.PLAN, Selection.Stage.SUBMITTED),
    "photon": tuple(Selection.Stage),
}
"""Which comparisons have a number for a plan of this kind; the photon plan is always a real one."""


def _answers(
    starts: Mapping[UUID, date],
) -> dict[tuple[UUID, str], tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """By case and kind of radiation the comparison that has a number for it.

    Args:
        starts: the day of the first fraction, by case: what is worked out later foretells nothing.

    Returns:
        The answer, and what was known of the patient when it was asked.
    """
    rows = Selection.objects.filter(case_id__in=list(starts), state=Selection.State.DONE)
    named = ("case_id", "number", "stage", "answer", "given", "created_at")
    found: dict[tuple[UUID, str], tuple[Mapping[str, Any], Mapping[str, Any]]] = {}
    late: dict[tuple[UUID, str], tuple[Mapping[str, Any], Mapping[str, Any]]] = {}
    for row in rows.only(*named).order_by("number"):
        before = timezone.localdate(row.created_at) <= starts[row.case_id]
        for modality, stages in STAGES.items():
            if row.answer and row.stage in stages:
                kept = found if before else late
                kept[row.case_id, modality] = row.answer, row.given.get("patient", {})
    return late | found


def _seen(courses: Iterable[Course]) -> dict[UUID, list[Seen]]:
    rows = Grade.objects.filter(
        visit__outcome__course__in=list(courses), visit__withdrawn_at__isnull=True
    ).values_list("visit__outcome__course_id", "visit__on", "term", "grade")
    found: dict[UUID, list[Seen]] = {}
    for course, day, term, grade in rows:
        found.setdefault(course, []).append(Seen(day, term, grade))
    return found


def _of_one(
    facts: CourseFacts,
    given: tuple[Mapping[str, Any], Mapping[str, Any]],
    grades: Sequence[Seen],
    models: Models,
) -> Iterator[Foretold]:
    answer, patient = given
    for said in answer.get("endpoints", ()):
        risk = said.get(facts.modality)
        if risk is None:
            continue
        for endpoint in library().endpoints.values():
            if endpoint.of != said.get("endpoint"):
                continue
            if said.get("grade") in (None, endpoint.grade):
                names = said.get("models", ())
                yield Foretold(
                    endpoint=endpoint.id,
                    predicted=float(risk),
                    observed=observed(endpoint, grades, end=facts.end),
                    group=facts.group,
                    model=", ".join(names),
                    baseline=baseline(endpoint, grades, start=facts.start),
                    asks=asks(endpoint, names, models),
                    told=_told(endpoint, patient, models),
                )


def asks(endpoint: Endpoint, names: Iterable[str], models: Models) -> bool:
    """Whether all of these models take the endpoint's baseline as a predictor."""
    known = models.models
    found = [known[name].covariates if name in known else () for name in names]
    return bool(endpoint.baseline) and bool(found) and all(endpoint.baseline in c for c in found)


def _told(endpoint: Endpoint, patient: Mapping[str, Any], models: Models) -> bool:
    """Whether the comparison was told that the patient has it before treatment."""
    covariate = models.covariates.get(endpoint.baseline)
    said = patient.get(endpoint.baseline)
    return covariate is not None and said is not None and said not in covariate.choices[:1]


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
        known = [row for row in own if row.observed is not None]
        stands = [(row, at_baseline(row, endpoint.grade)) for row in known]
        pairs = _pairs(row for row, how in stands if how != LEFT_OUT)
        if shared and group and _subtracts(endpoint, rows):
            pairs = []  # nothing is told of fewer than `calibrate` allows
        found.append(
            Compared(
                endpoint=endpoint,
                group=group,
                models=tuple(sorted({row.model for row in own if row.model})),
                calibration=calibrate(pairs, shared=shared),
                unknown=None if shared else len(own) - len(known),
                asks=all(row.asks for row in own),
                at_baseline=None if shared else _at_baseline(stands),
            )
        )
    return tuple(found)


def _pairs(rows: Iterable[Foretold]) -> list[tuple[float, int]]:
    """Prediction and observation, where it is known whether it happened."""
    return [(row.predicted, row.observed) for row in rows if row.observed is not None]


def _at_baseline(stands: Sequence[tuple[Foretold, str]]) -> AtBaseline:
    left_out, kept, unknown = (
        _counted(_pairs(row for row, how in stands if how == wanted))
        for wanted in (LEFT_OUT, KEPT, UNKNOWN)
    )
    return AtBaseline(left_out, kept, unknown)


def _counted(pairs: Sequence[tuple[float, int]]) -> Counted:
    return Counted(len(pairs), sum(y for _p, y in pairs), math.fsum(p for p, _y in pairs))


def _subtracts(endpoint: Endpoint, rows: Iterable[Foretold]) -> bool:
    """Whether a group is too small to be shown: it would be all sites less the other groups."""
    groups: dict[str, list[Foretold]] = {}
    for row in rows:
        if row.endpoint != endpoint.id or at_baseline(row, endpoint.grade) == LEFT_OUT:
            continue
        if row.observed is not None:
            groups.setdefault(row.group, []).append(row)
    return any(calibrate(_pairs(each), shared=True).suppressed for each in groups.values())
