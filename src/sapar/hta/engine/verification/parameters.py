"""Tests of inputs and tables: that each is used, moves something, and can go to its ends."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.expressions.parse import Call, Number, Operation, names_in
from sapar.hta.engine.model.yaml import BadModelError
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
from sapar.hta.engine.verification.subject import SAME, Subject, close

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sapar.hta.engine.expressions.parse import Node
    from sapar.hta.engine.model.model import Table

GROUP = "parameters"
OWN = {0.0, 1.0, 2.0, 7.0, 12.0, 52.0, 100.0, 365.0, 365.25, 1000.0}
"""Numbers that need no name: none, one, days and months of a year, percent."""
GROWN_UP = 40.0
JUMP = 0.7
"""A lone row this far from the line between its neighbours, in logarithms: about twice as much."""
STEADY = 6.0
"""And so many times as far as rows of the table usually are."""


@test(GROUP, gettext_noop("Every input, table and named expression is used."))
def all_used(subject: Subject) -> Outcome:
    """What nothing uses was meant for something."""
    names = subject.model.unused
    return warned(names=names) if names else passed()


@test(GROUP, gettext_noop("Every input that is used moves some cost or effect."))
def all_move(subject: Subject) -> Outcome:
    """From its low to its high value."""
    names = [
        each.name
        for each in subject.swings
        if not each.moves and each.base != 0 and subject.roles[each.name] - {reach.OTHER}
    ]
    return warned(names=names) if names else passed()


@test(GROUP, gettext_noop("The model can be worked out with each input at its low and high value."))
def ends_run(subject: Subject) -> Outcome:
    """One after the other."""
    try:
        subject.swings  # noqa: B018 - asked for its refusal
    except BadModelError as error:
        return warned(names=(error.problems[0].value,))
    return passed()


@test(
    GROUP,
    gettext_noop("Each input moves costs and effects one way between its low and high value."),
    "plain",
)
def one_direction(subject: Subject) -> Outcome:
    """The base case lies between the two ends."""
    names = []
    for each in subject.swings:
        for ends, base in ((each.costs, subject.costs), (each.effects, subject.effects)):
            room = SAME * np.abs(base)
            low, high = ends.min(axis=1) - room, ends.max(axis=1) + room
            between = each.low <= each.base <= each.high
            if between and ((base < low) | (base > high)).any():
                names.append(each.name)
    return warned(names=names) if names else passed()


@test(GROUP, gettext_noop("An input that is a chance lies between 0 and 1."))
def chances_within(subject: Subject) -> Outcome:
    """Where a transition or branch takes it as it is, or what it lacks of 1."""
    names = [
        name
        for name in subject.chances_alone
        if subject.inputs[name].min() < 0 or subject.inputs[name].max() > 1
    ]
    if not subject.chances_alone:
        return skipped(gettext_noop("No input is a chance by itself."))
    return failed(names=names) if names else passed()


@test(
    GROUP,
    gettext_noop("The order and the names of the inputs change nothing."),
    "sections",
    "plain",
)
def names_of_inputs(subject: Subject) -> Outcome:
    """Each with another name, from the last to the first."""
    if not hasattr(subject.model, "transitions") and not hasattr(subject.model, "root"):
        return skipped(gettext_noop("It asks for a cohort or a tree."))
    found = subject.run(change.inputs_renamed(subject.model, "x_")).discounted
    for reward, base in (
        (subject.model.cost, subject.costs),
        (subject.model.effect, subject.effects),
    ):
        totals = subject.spread(found[reward])[:, 0]
        if not close(totals, base, SAME):
            return failed(totals[0], base[0], (reward,))
    return passed()


@test(GROUP, gettext_noop("No two inputs have the same label."))
def own_labels(subject: Subject) -> Outcome:
    """Readers tell them apart by it."""
    counted = Counter(each.label for each in subject.model.parameters.values() if each.label)
    names = [label for label, number in counted.items() if number > 1]
    return warned(names=names) if names else passed()


@test(GROUP, gettext_noop("Inputs that differ by strategy do differ."), "own", "arms")
def by_strategy_differ(subject: Subject) -> Outcome:
    """One value for all was copied."""
    names = [
        name
        for name, each in subject.model.parameters.items()
        if "" not in each.values and np.ptp(subject.inputs[name]) == 0
    ]
    return warned(names=names) if names else passed()


def _numbers(node: Node) -> Iterator[float]:
    if isinstance(node, Number):
        yield node.value
    elif isinstance(node, Call | Operation):
        for each in node.args:
            yield from _numbers(each)


@test(GROUP, gettext_noop("Numbers in expressions have names, sources and distributions."))
def numbers_have_names(subject: Subject) -> Outcome:
    """Numbers between names, apart from those of the calendar."""
    names = []
    made = {name for each in subject.model.sections.values() for name in each.lets}
    expressions = [(name, each) for name, each in subject.model.lets.items() if name not in made]
    expressions += [(place, each) for _, place, each in reach.used(subject.model)]
    for place, each in expressions:
        odd = [value for value in _numbers(each.node) if value not in OWN and -value not in OWN]
        if odd:
            names.append(f"{place} ({odd[0]:g})")
    return warned(names=names) if names else passed()


def _mortality(subject: Subject) -> list[Table]:
    """Tables on which a death stands."""
    model = subject.cohort
    below: set[str] = set()
    for (_, to), each in model.transitions.items():
        if to in subject.dead:
            below |= reach.names_below(each.node, subject.closure)
    return [table for name, table in model.tables.items() if name in below]


@test(GROUP, gettext_noop("Mortality by age does not fall after 40."), "cohort", "dead")
def mortality_rises(subject: Subject) -> Outcome:
    """Tables on which a death stands, where they go beyond that age."""
    tables = [each for each in _mortality(subject) if each.keys[-1] > GROWN_UP]
    if not tables:
        return skipped(gettext_noop("No table of deaths goes beyond the age of 40."))
    names = []
    for table in tables:
        late = [
            value for key, value in zip(table.keys, table.values, strict=True) if key >= GROWN_UP
        ]
        if (np.diff(late) < 0).any():
            names.append(table.name)
    return warned(names=names) if names else passed()


@test(GROUP, gettext_noop("No lone row of a table lies far from its neighbours."))
def tables_even(subject: Subject) -> Outcome:
    """Against the line between the rows before and after, in logarithms."""
    tables = [
        each
        for each in subject.model.tables.values()
        if len(each.values) >= 5 and min(each.values) > 0
    ]
    if not tables:
        return skipped(gettext_noop("No table has five positive rows."))
    names = []
    for table in tables:
        keys, logs = np.array(table.keys), np.log(table.values)
        share = (keys[1:-1] - keys[:-2]) / (keys[2:] - keys[:-2])
        off = np.abs(logs[1:-1] - (logs[:-2] * (1 - share) + logs[2:] * share))
        worst = int(off.argmax())
        if off[worst] > JUMP and off[worst] > STEADY * np.median(off):
            names.append(f"{table.name} ({keys[1 + worst]:g})")
    return warned(names=names) if names else passed()


@test(GROUP, gettext_noop("No table is asked far beyond its last row."), "cohort")
def tables_long_enough(subject: Subject) -> Outcome:
    """A last row that holds for ever is a guess; `until` says where it ends."""
    settings = subject.model.settings
    last = settings.start_age + settings.cycles * settings.cycle_years
    asked = {
        name: table
        for name, table in subject.model.tables.items()
        if np.isinf(table.until) and len(table.keys) > 1
    }
    names = [
        name
        for name, table in asked.items()
        if last > table.keys[-1] + 2 * (table.keys[-1] - table.keys[-2])
    ]
    return warned(names=names) if names else passed()


@test(GROUP, gettext_noop("A table is asked in the same way wherever it is asked."))
def tables_asked_alike(subject: Subject) -> Outcome:
    """For instance by `age` in one place and by `age + 1` in another."""
    model = subject.model
    if not model.tables:
        return skipped(gettext_noop("The model has no tables."))
    asked: dict[str, set[str]] = {name: set() for name in model.tables}
    expressions = [each.node for each in model.lets.values()]
    expressions += [each.node for _, _, each in reach.used(model)]
    for node in expressions:
        for call in names_in(node):
            if isinstance(call, Call) and call.name in asked:
                asked[call.name].add(_text(call.args[0]))
    names = [f"{name}: {', '.join(sorted(ways))}" for name, ways in asked.items() if len(ways) > 1]
    return warned(names=names) if names else passed()


def _text(node: Node) -> str:
    if isinstance(node, Number):
        return f"{node.value:g}"
    if isinstance(node, Operation) and len(node.args) == 2:
        return f"{_text(node.args[0])} {node.sign} {_text(node.args[1])}"
    if isinstance(node, Call | Operation):
        inner = ", ".join(_text(each) for each in node.args)
        return f"{node.name if isinstance(node, Call) else node.sign}({inner})"
    return node.name
