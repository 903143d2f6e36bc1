"""Tests of how long a model looks ahead."""

from __future__ import annotations

import numpy as np

from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.verification import change
from sapar.hta.engine.verification.kinds import (
    Outcome,
    failed,
    gettext_noop,
    passed,
    skipped,
    test,
    warned,
)
from sapar.hta.engine.verification.subject import Subject, close

GROUP = "horizon"
ALIVE = 0.05
LATE, LITTLE = 0.1, 0.05
OLDEST, STILL_THERE = 110.0, 0.01


def _at(subject: Subject, cycles: int) -> tuple[np.ndarray, np.ndarray]:
    found = subject.run(change.settings(subject.model, cycles=cycles, within_cycle="begin"))
    return (
        subject.spread(found.discounted[subject.model.cost])[:, 0],
        subject.spread(found.discounted[subject.model.effect])[:, 0],
    )


@test(GROUP, gettext_noop("Half the horizon gives no more than the whole."), "cohort", "sure")
def halved(subject: Subject) -> Outcome:
    """Costs and effects only add up."""
    cycles = subject.model.settings.cycles
    half, whole = _at(subject, max(1, cycles // 2)), _at(subject, cycles)
    for name, one, other in zip(("cost", "effect"), half, whole, strict=True):
        if (one > other * (1 + 1e-12) + 1e-12).any():
            return failed(one[0], other[0], (name,))
    return passed()


@test(GROUP, gettext_noop("Twice the horizon gives no less."), "cohort", "sure")
def doubled(subject: Subject) -> Outcome:
    """Where tables go on so far."""
    cycles = subject.model.settings.cycles
    try:
        twice = _at(subject, 2 * cycles)
    except BadModelError as error:
        return skipped(
            gettext_noop("The model ends there: {problem}"), problem=error.problems[0].value
        )
    whole = _at(subject, cycles)
    for name, one, other in zip(("cost", "effect"), whole, twice, strict=True):
        if (one > other * (1 + 1e-12) + 1e-12).any():
            return failed(other[0], one[0], (name,))
    return passed()


@test(
    GROUP,
    gettext_noop("One cycle pays what the start pays, and what its transitions pay."),
    "cohort",
)
def one_cycle(subject: Subject) -> Outcome:
    """Counted by hand from the first row."""
    found = _at(subject, 1)
    for k, reward in enumerate((subject.model.cost, subject.model.effect)):
        length = (
            subject.model.settings.cycle_years if subject.model.rewards[reward].per_year else 1.0
        )
        hand = sum(
            subject.shares[:, 0, subject.place(state)] * each[:, 0, 0] * length
            for (name, state), each in subject.pays.items()
            if name == reward
        )
        for (a, b), chance in subject.chances.items():
            flow = subject.shares[:, 0, subject.place(a)] * chance[:, 0, 0]
            for (name, origin, to), value in subject.flows.items():
                if name == reward and origin in {a, "*"} and to in {b, "*"}:
                    hand = hand + flow * value[:, 0, 0]
        if not close(found[k], hand, 1e-9) and np.abs(found[k]).max() > 0:
            return failed(found[k][0], float(np.ravel(hand)[0]), (reward,))
    return passed()


@test(GROUP, gettext_noop("At the end of the horizon at most 5 % are alive."), "cohort", "dead")
def life_long(subject: Subject) -> Outcome:
    """Or the model says why it stops before."""
    dead = subject.shares[:, -1, [subject.place(each) for each in subject.dead]].sum(axis=1)
    alive = float((1 - dead).max())
    if alive > ALIVE:
        return warned(alive, ALIVE)
    return passed(alive, ALIVE)


@test(
    GROUP,
    gettext_noop("The last tenth of the cycles gives less than a twentieth of the totals."),
    "cohort",
)
def end_matters_little(subject: Subject) -> Outcome:
    """A longer horizon would change little."""
    cycles = subject.model.settings.cycles
    early = _at(subject, max(1, round(cycles * (1 - LATE))))
    whole = _at(subject, cycles)
    late = [
        float(((all_ - some) / np.maximum(np.abs(all_), 1e-300)).max())
        for some, all_ in zip(early, whole, strict=True)
    ]
    if max(late) > LITTLE:
        return warned(max(late), LITTLE)
    return passed(max(late), LITTLE)


@test(GROUP, gettext_noop("Less than 1 % are alive beyond the age of 110."), "cohort", "dead")
def oldest(subject: Subject) -> Outcome:
    """Or mortality is too low."""
    settings = subject.model.settings
    points = int(np.ceil((OLDEST - settings.start_age) / settings.cycle_years))
    if settings.start_age <= 0:
        return skipped(gettext_noop("The model does not say at which age it begins."))
    if points > settings.cycles:
        return skipped(gettext_noop("The horizon ends before."))
    dead = subject.shares[:, points, [subject.place(each) for each in subject.dead]].sum(axis=1)
    alive = float((1 - dead).max())
    if alive > STILL_THERE:
        return warned(alive, STILL_THERE)
    return passed(alive, STILL_THERE)


@test(GROUP, gettext_noop("Life years are not longer than the horizon."), "cohort")
def years_within(subject: Subject) -> Outcome:
    """Nobody lives longer than the model looks."""
    settings = subject.model.settings
    horizon = settings.cycles * settings.cycle_years
    most = float(subject.years.max())
    if most > horizon * (1 + 1e-9):
        return failed(most, horizon)
    return passed(most, horizon)
