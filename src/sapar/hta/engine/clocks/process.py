"""A process as data: steps, what they wait for, how many days they have, and where that stands.

schema: sapar.hta.process/1
id: eu-jca
title: Joint clinical assessment
country: EU
variants: [standard, accelerated]
steps:
  dossier: {label: Dossier, after: scope, days: 100, count: calendar,
            unless: [{variant: accelerated, days: 60}], event: send_to_review,
            source: "…", mark: unverified}
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sapar.hta.engine.model.model import MARKS
from sapar.hta.engine.model.reader import Reader
from sapar.hta.engine.model.yaml import BadModelError, Place, read_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

SCHEMA = "sapar.hta.process/1"
COUNTS = ("calendar", "working")
MOST_DAYS = 3660
STEP_KEYS = (
    "label", "after", "days", "count", "unless", "event", "stoppable", "open", "source", "date",
    "mark",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """Other days under a condition; the first that fits is taken.

    Attributes:
        variant: only in this variant; "" in all.
        stop_at_most: only where the regulator's own clock stop is known and no longer than this.
        days: how many days instead.
    """

    variant: str
    stop_at_most: int | None
    days: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a process.

    Attributes:
        name: of the step.
        label: for people.
        after: the steps that must be done first; the latest of them begins the count.
        days: how many days it has; None: nothing says so, it has no date.
        count: "calendar" or "working" days.
        unless: other days under conditions.
        event: the event of the track that ends it, or "": it is ended by hand.
        stoppable: a stop of the clock stops it; False where a stop changes nothing.
        source, mark: where the days stand, and whether somebody checked.
    """

    name: str
    label: str
    after: tuple[str, ...]
    days: int | None
    count: str
    unless: tuple[Rule, ...]
    event: str
    stoppable: bool
    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class AppealRule:
    """How an appeal is answered.

    Attributes:
        days: calendar days from the appeal to its answer.
        source, mark: where the days stand, and whether somebody checked.
    """

    days: int
    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class Process:
    """A national or joint process.

    Attributes:
        id, title, country: of the process; the country's calendar has the working days.
        variants: the first is the usual one.
        steps: in order; each waits only for earlier ones.
        source, mark: of the process as a whole.
        appeal: how an appeal is answered.
    """

    id: str
    title: str
    country: str
    variants: tuple[str, ...]
    steps: tuple[Step, ...]
    source: str
    mark: str
    appeal: AppealRule

    def step(self, name: str) -> Step:
        """The step with this name.

        Raises:
            KeyError: there is none.
        """
        for each in self.steps:
            if each.name == name:
                return each
        raise KeyError(name)


def _rules(r: Reader, place: Place | None, variants: Sequence[str]) -> tuple[Rule, ...]:
    if place is None:
        return ()
    found = []
    for number in range(len(place.value)):
        inside = place.at(number)
        if not r.mapping(inside, ("variant", "stop_at_most", "days"), ("days",)):
            continue
        variant = r.choice(inside, "variant", ("", *variants), "")
        stop = r.part(inside, "stop_at_most")
        at_most = None if stop is None else r.whole(stop, 0, MOST_DAYS)
        found.append(Rule(variant, at_most, r.whole(inside.at("days"), 0, MOST_DAYS)))
    return tuple(found)


def _after(r: Reader, place: Place, known: Sequence[str]) -> tuple[str, ...]:
    part = r.part(place, "after")
    if part is None:
        return ()
    names = [part.value] if isinstance(part.value, str) else list(part.value)
    for name in names:
        if name not in known:
            r.note("choice", part, name, known=", ".join(known))
    return tuple(str(name) for name in names)


def _step(r: Reader, name: str, place: Place, before: Process) -> Step:
    r.mapping(place, STEP_KEYS, ("label", "mark"))
    days = r.part(place, "days")
    stoppable = r.part(place, "stoppable")
    return Step(
        name,
        r.text(place, "label", name),
        _after(r, place, [each.name for each in before.steps]),
        None if days is None else r.whole(days, 0, MOST_DAYS),
        r.choice(place, "count", COUNTS, "calendar"),
        _rules(r, r.part(place, "unless"), before.variants),
        r.text(place, "event"),
        stoppable is None or stoppable.value is not False,
        r.text(place, "source", before.source),
        r.choice(place, "mark", MARKS, "unverified"),
    )


def _appeal(r: Reader, place: Place | None) -> AppealRule:
    if place is None or not r.mapping(place, ("days", "source", "mark"), ("days", "mark")):
        return AppealRule(0, "", "unverified")
    days = r.whole(place.at("days"), 1, MOST_DAYS)
    return AppealRule(days, r.text(place, "source"), r.choice(place, "mark", MARKS, "unverified"))


def read_process(text: str) -> Process:
    """Read a process.

    Args:
        text: a YAML document as above.

    Raises:
        BadModelError: every mistake with its line.
    """
    root, r = read_yaml(text), Reader()
    keys = ("schema", "id", "title", "country", "variants", "source", "mark", "steps", "appeal")
    r.mapping(root, keys, ("schema", "id", "title", "country", "steps", "appeal"))
    r.choice(root, "schema", (SCHEMA,), SCHEMA)
    variants = r.part(root, "variants")
    made = Process(
        r.text(root, "id"), r.text(root, "title"), r.text(root, "country"),
        ("standard",) if variants is None else tuple(str(each) for each in variants.value),
        (), r.text(root, "source"), r.choice(root, "mark", MARKS, "unverified"),
        _appeal(r, r.part(root, "appeal")),
    )  # fmt: skip
    steps: list[Step] = []
    part = r.part(root, "steps")
    for name, inside in () if part is None else part.items():
        steps.append(_step(r, name, inside, replace(made, steps=tuple(steps))))
    if r.problems:
        raise BadModelError(tuple(r.problems))
    return replace(made, steps=tuple(steps))
