"""Whether a study is worth its cost, and how large it should be.

The expected net benefit of sampling: the worth of a study's information for one person, times the
people whom the decision still touches once the study has reported, less its cost (Claxton and
Posnett, Health Economics 1996;5:513-24). EVSI comes from two methods that share no estimate; where
they disagree, the answer says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.interpolate import PchipInterpolator

from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.evppi import evppi
from sapar.hta.engine.uncertainty.evsi import evsi, touched
from sapar.hta.engine.uncertainty.joint import groups_of
from sapar.hta.engine.uncertainty.nested import nested
from sapar.hta.engine.uncertainty.studies import ROW, decided_after, population
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sapar.hta.engine.uncertainty.evppi import Evppi
    from sapar.hta.engine.uncertainty.nested import Effort, Nested
    from sapar.hta.engine.uncertainty.regression import Worth
    from sapar.hta.engine.uncertainty.sample import Sample
    from sapar.hta.engine.uncertainty.studies import Study

TOLERANCE = 0.05
"""The two methods may differ by this share of the larger one, beyond what their errors explain."""
SOUND = 3.0
"""Standard errors of their difference that chance explains."""


@dataclass(frozen=True, slots=True)
class Sized:
    """A study of one size.

    Attributes:
        people: of how many.
        regression, nested: EVSI for one person by the two methods; None where the second has no
            exact update.
        value: the one with the smaller standard error; `error` that one.
        agree: whether the two are alike; None where there is only one.
        sure: whether the errors are small enough for `agree` to mean that they are alike within
            `TOLERANCE`.
        decided: years until it can change the decision.
        reached: people whom the decision touches after that, discounted.
        cost: of the study.
        net: value × reached - cost; `net_error` its standard error.
    """

    people: int
    regression: Worth
    nested: Nested | None
    value: float
    error: float
    agree: bool | None
    sure: bool
    decided: float
    reached: float
    cost: float
    net: float
    net_error: float


@dataclass(frozen=True, slots=True)
class StudyWorth:
    """A study at every size that was asked for.

    Attributes:
        sizes: in ascending order; the best one among them.
        best: how many people give the most; 0 where no size is worth its cost.
        known: what it is worth to know the same parameters exactly: no study can be worth more.
        people: whom the decision touches from now to the horizon, discounted.
        wrong: sizes whose value is above `known`, or below that of a smaller size, by more than two
            standard errors of the difference. That cannot be.
    """

    study: Study
    threshold: float
    sizes: tuple[Sized, ...]
    best: int
    known: Evppi
    people: float
    wrong: tuple[int, ...]


def check_study(found: Sample, study: Study) -> None:
    """Refuse a study of what is not drawn.

    Raises:
        BadModelError: with the line of the study.
    """
    rows = {group.name for group in groups_of(found.model) if group.counts}
    problems = []
    for each in study.observed:
        known = rows if each.rule == ROW else found.parameters.keys()
        if each.name not in known:
            shown = ", ".join(known)
            problems.append(
                Problem.of("hta.input.study_name", where=study.where, value=each.name, known=shown)
            )
    if problems:
        raise BadModelError(tuple(problems))


def _agree(one: Worth, other: Nested | None) -> tuple[bool | None, bool]:
    if other is None:
        return None, False
    largest = max(one.value, other.value)
    error = float(np.hypot(one.error, other.error))
    apart = abs(one.value - other.value)
    return apart <= TOLERANCE * largest + SOUND * error, error <= TOLERANCE * largest


def sized(
    found: Sample, study: Study, people: int, threshold: float, effort: Effort | None = None
) -> Sized:
    """A study of one size, by both methods.

    Args:
        found: a sample of the model.
        study: what is observed.
        people: of how many people.
        threshold: what one unit of effect is worth.
        effort: of the second method.
    """
    one = evsi(found, study, people, threshold, seed=found.seed)
    other = nested(found.model, study, people, threshold, seed=found.seed, effort=effort)
    agree, sure = _agree(one, other)
    exact = other is not None and other.error < one.error
    value = other.value if other is not None and exact else one.value
    error = other.error if other is not None and exact else one.error
    decided = decided_after(study, people)
    reached = population(study, decided)
    cost = study.fixed + study.per_person * people
    return Sized(
        people=people,
        regression=one,
        nested=other,
        value=value,
        error=error,
        agree=agree,
        sure=sure,
        decided=decided,
        reached=reached,
        cost=cost,
        net=value * reached - cost,
        net_error=error * reached,
    )


def _best(study: Study, rows: Sequence[Sized]) -> int:
    """The number of people with the largest net benefit, between the smallest and largest size.

    EVSI between the sizes is interpolated over the logarithm of the number, monotone as its values
    are.
    """
    sizes = np.array([row.people for row in rows], dtype=np.float64)
    people = np.unique(np.round(np.geomspace(sizes[0], sizes[-1], 2_000)))
    values = np.interp(people, sizes, [row.value for row in rows])
    if len(rows) > 2:
        values = PchipInterpolator(np.log(sizes), [row.value for row in rows])(np.log(people))
    net = [
        value * population(study, decided_after(study, int(n))) - study.fixed - study.per_person * n
        for n, value in zip(people, values, strict=True)
    ]
    return int(people[int(np.argmax(net))])


def _wrong(rows: Sequence[Sized], known: Evppi) -> tuple[int, ...]:
    def above(one: float, other: float, errors: tuple[float, float]) -> bool:
        return one > other + 2 * float(np.hypot(*errors))

    return tuple(
        row.people
        for k, row in enumerate(rows)
        if above(row.value, known.value, (row.error, known.error))
        or any(above(less.value, row.value, (less.error, row.error)) for less in rows[:k])
    )


def study_worth(
    found: Sample, study: Study, threshold: float, *, effort: Effort | None = None
) -> StudyWorth:
    """What a study is worth at each of its sizes, and which size is best.

    Args:
        found: a sample of the model.
        study: what is observed, of whom, at what cost, for whom.
        threshold: what one unit of effect is worth.
        effort: of the second method.

    Raises:
        BadModelError: the study observes what is not drawn, or what cannot be observed so.
    """
    check_study(found, study)
    rows = [sized(found, study, people, threshold, effort) for people in study.sizes]
    best = _best(study, rows)
    if best not in study.sizes:
        rows.append(sized(found, study, best, threshold, effort))
        rows.sort(key=lambda row: row.people)
    top = max(rows, key=lambda row: row.net)
    known = evppi(found, touched(found.model, study), threshold)
    return StudyWorth(
        study=study,
        threshold=threshold,
        sizes=tuple(rows),
        best=top.people if top.net > 0 else 0,
        known=known,
        people=population(study),
        wrong=_wrong(rows, known),
    )
