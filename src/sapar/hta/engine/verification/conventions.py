"""Tests of what counts of a cycle, and of the length of cycles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.cohort.conventions import counted
from sapar.hta.engine.decision.frontier import ON, frontier
from sapar.hta.engine.model.model import WITHIN_CYCLE
from sapar.hta.engine.verification import change, reach
from sapar.hta.engine.verification.kinds import (
    Outcome,
    failed,
    gettext_noop,
    passed,
    skipped,
    test,
    warned,
)
from sapar.hta.engine.verification.subject import SAME, Subject, close, is_rate

if TYPE_CHECKING:
    from sapar.hta.engine.model.model import AnyModel

GROUP = "conventions"
MISSED = 0.8
"""Cycles: the rule of thirds of an even number of cycles misses two thirds."""
COARSE = 0.25
"""Difference of life years by counting at the beginnings or the ends, as a share of their mean."""
FEW = 1e-9
FOLLOWS = 1.5
"""A chance in half a cycle that is so many times what its rate says does not follow it."""
HALVED = 0.1
ALL_THE_RATE = 1e9


@test(GROUP, gettext_noop("The weights of the points are together as many as there are cycles."),
      "cohort")  # fmt: skip
def weights(subject: Subject) -> Outcome:
    """A rule that counts every point whole counts one cycle too many."""
    settings = subject.model.settings
    total = sum(
        float(each.weight.sum()) for each in counted(settings.within_cycle, settings.cycles)
    )
    if abs(total - settings.cycles) > MISSED:
        return warned(total, settings.cycles, (settings.within_cycle,))
    return passed(total, settings.cycles)


def _years(subject: Subject, rule: str) -> float:
    living = tuple(each.name for each in subject.model.states if not each.dead)
    model = change.settings(subject.counting(living), within_cycle=rule)
    return float(subject.totals(model, subject.model.effect, plain=True)[0])


@test(GROUP, gettext_noop("Life years by half-cycles lie midway between beginnings and ends."),
      "cohort")  # fmt: skip
def half_cycle_between(subject: Subject) -> Outcome:
    """Also those by the life table."""
    mean = (_years(subject, "begin") + _years(subject, "end")) / 2
    for rule in ("half-cycle", "life-table"):
        found = _years(subject, rule)
        if not close(found, mean, SAME):
            return failed(found, mean, (rule,))
    return passed(mean, mean)


@test(GROUP, gettext_noop("Life years counted at beginnings and at ends are near each other."),
      "cohort", "dead")  # fmt: skip
def cycle_short_enough(subject: Subject) -> Outcome:
    """Where they are far apart the cycle is too long for what happens in it."""
    begin, end = _years(subject, "begin"), _years(subject, "end")
    gap = (begin - end) / max((begin + end) / 2, 1e-300)
    if gap > COARSE:
        return warned(gap, COARSE)
    return passed(gap, COARSE)


@test(GROUP, gettext_noop("The frontier is the same under every rule of counting."),
      "cohort", "arms")  # fmt: skip
def same_frontier(subject: Subject) -> Outcome:
    """The frontier, and who is on it."""

    def on(rule: str) -> tuple[int, ...]:
        found = subject.run(change.settings(subject.model, within_cycle=rule)).discounted
        rows = frontier(
            subject.spread(found[subject.model.cost])[:, 0].tolist(),
            subject.spread(found[subject.model.effect])[:, 0].tolist(),
        )
        return tuple(sorted(each.number for each in rows if each.status == ON))

    rules = [
        rule for rule in WITHIN_CYCLE if rule != "simpson" or subject.model.settings.cycles % 2 == 0
    ]
    mine = on(subject.model.settings.within_cycle)
    names = [rule for rule in rules if on(rule) != mine]
    if names:
        return warned(names=names)
    return passed()


@test(GROUP, gettext_noop("What is paid once at the start counts whole."), "cohort")
def start_counts_whole(subject: Subject) -> Outcome:
    """A half-cycle rule halves what is paid in a state in which people are only at the start."""
    settings = subject.model.settings
    rules = counted(settings.within_cycle, settings.cycles)
    at_start = sum(float(each.weight[0]) for each in rules)
    in_first = sum(float(each.weight[each.row == 0].sum()) for each in rules)
    alone = [
        f"{reward}: {state}"
        for (reward, state), each in subject.pays.items()
        if np.abs(each[:, 0]).max() > 0
        and subject.shares[:, 0, subject.place(state)].max() > FEW
        and subject.shares[:, 1:, subject.place(state)].max() <= FEW
    ]
    once = _only_first(subject)
    if not alone and not once:
        return skipped(gettext_noop("Nothing is paid at the start alone."))
    names = [
        *(alone if abs(at_start - 1) > FEW else ()),
        *(once if abs(in_first - 1) > FEW else ()),
    ]
    counts = min(at_start if alone else 1.0, in_first if once else 1.0)
    if names:
        return warned(counts, 1, names)
    return passed(counts, 1)


def _only_first(subject: Subject) -> list[str]:
    """Rewards of which a part is paid in the first cycle and never again."""
    names = []
    for (reward, state), each in subject.pays.items():
        value = each[:, :, 0]
        once = (np.abs(value[:, 0] - value[:, 1]) > FEW) & np.isclose(
            value[:, 1:].min(axis=1), value[:, 1:].max(axis=1), rtol=SAME
        )
        by_time = {"cycle", "time"} & reach.names_below(
            subject.model.rewards[reward].states[state].node, subject.closure
        )
        if once.any() and by_time:
            names.append(f"{reward}: {state}")
    return names


@test(GROUP, gettext_noop("Chances that come from rates follow the length of the cycle."), "cohort")
def rates_follow_the_cycle(subject: Subject) -> Outcome:
    """In half a cycle, a chance from rates alone is 1 - sqrt(1 - p), or nearly."""
    edges = _from_rates(subject)
    if not edges:
        return skipped(gettext_noop("No chance comes from a rate by year, month, week or day."))
    half = subject.chances_of(_halved(subject))
    names = []
    for edge in edges:
        whole = subject.chances[edge][:, 0, 0]
        if 1e-12 < whole.max() < 1:
            wanted = 1 - np.sqrt(1 - whole)
            # Chances that exclude each other fall a little less than each alone.
            if (half[edge][:, 0, 0] > wanted * FOLLOWS).any():
                names.append(f"{edge[0]} -> {edge[1]}")
    if names:
        return failed(names=names)
    return passed()


def _halved(subject: Subject) -> AnyModel:
    settings = subject.model.settings
    return change.settings(
        subject.model, cycle_years=settings.cycle_years / 2, cycles=settings.cycles * 2
    )


def _rate_inputs(subject: Subject) -> set[str]:
    model = subject.model
    found = {name for name, each in model.parameters.items() if is_rate(each.unit)}
    return found | {name for name, each in model.tables.items() if is_rate(each.unit)}


def _from_rates(subject: Subject) -> list[tuple[str, str]]:
    """Transitions whose chance stands on a rate, and on no plain chance or time in the state."""
    rates = _rate_inputs(subject)
    alone = set(subject.chances_alone)
    found = []
    for edge, expression in subject.cohort.transitions.items():
        below = reach.names_below(expression.node, subject.closure)
        if below & rates and not below & (alone | {"sojourn", "cycle"}):
            found.append(edge)
    return found


@test(GROUP, gettext_noop("A rate that grows without end makes no chance larger than 1."), "cohort")
def rates_without_end(subject: Subject) -> Outcome:
    """Who multiplies a probability, or takes a rate for one, gets above 1."""
    model = subject.cohort
    rates = [name for name in _rate_inputs(subject) if name in model.parameters]
    tables = [name for name in _rate_inputs(subject) if name in model.tables]
    if not rates and not tables:
        return skipped(gettext_noop("No chance comes from a rate by year, month, week or day."))
    changed = [change.values(model, {name: ALL_THE_RATE}) for name in sorted(rates)]
    changed += [change.table(model, name, ALL_THE_RATE) for name in sorted(tables)]
    names = {
        f"{a} -> {b}"
        for each in changed
        for (a, b), chance in subject.chances_of(each).items()
        if chance.max() > 1 + FEW
    }
    if names:
        return failed(names=sorted(names))
    return passed()


@test(GROUP, gettext_noop("Cycles half as long change no total by more than a tenth."), "cohort")
def half_as_long(subject: Subject) -> Outcome:
    """Where every chance comes from rates and every reward is by year."""
    model = subject.cohort
    edges = _from_rates(subject)
    yearly = all(
        each.per_year for name, each in model.rewards.items() if name in {model.cost, model.effect}
    )
    if not yearly or any(
        each.max() > 0 and edge not in edges for edge, each in subject.chances.items()
    ):
        return skipped(gettext_noop("Some chances or rewards are those of a cycle."))
    found = subject.run(_halved(subject)).discounted
    names = [
        name
        for name in (model.cost, model.effect)
        if not close(
            subject.spread(found[name]), subject.spread(subject.base.discounted[name]), HALVED
        )
    ]
    if names:
        return warned(names=names)
    return passed()


@test(GROUP, gettext_noop("In cycles other than years, chances from tables follow the cycle."),
      "cohort")  # fmt: skip
def tables_by_year(subject: Subject) -> Outcome:
    """Life tables have yearly chances or rates."""
    if subject.model.settings.cycle_years == 1:
        return skipped(gettext_noop("A cycle is a year."))
    other = subject.chances_of(_halved(subject))
    names = []
    for (a, b), expression in subject.cohort.transitions.items():
        tables = reach.names_below(expression.node, subject.closure) & set(subject.model.tables)
        if tables and close(other[a, b][:, 0], subject.chances[a, b][:, 0], SAME):
            names.append(f"{a} -> {b}")
    return warned(names=names) if names else passed()
